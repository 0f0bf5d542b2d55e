"""How reviews are meant: what the shipped reader says of texts that were written for this test."""

import math
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.errors import BadFile, MissingFile
from duomo.understand.heads import CARD, WEIGHTS
from duomo.understand.reading import Reading
from duomo.understand.sentiment import Sentiment
from duomo.understand.sentiment_shipped import FOLDER, open_reader, shipped_reader

GOOD = [
    "质量很好，穿着舒服，物流也快，推荐购买",
    "手机很流畅，拍照清晰，电池也耐用，非常满意",
    "味道不错，送餐很快，下次还点",
    "酒店干净，服务热情，位置方便",
    "I love this dress, it fits perfectly and the fabric is soft",
    "Excellent product, works exactly as described. Highly recommended!",
    "Best headphones I have ever owned, great sound",
]
BAD = [
    "质量太差了，穿一次就破了，再也不买了",
    "手机经常死机，客服态度恶劣，要求退货",
    "送餐太慢，菜都凉了，难吃",
    "房间又小又脏，隔音很差，不会再来",
    "Terrible quality, it broke after two days. Waste of money.",
    "Very disappointed. It does not fit and the fabric is cheap, returning it",
    "The worst book I have ever read, boring and poorly written",
]
READERS = [pytest.param(False, id="full"), pytest.param(True, id="fast")]


def labels(texts: Sequence[str], *, fast: bool = False, abstain: bool = False) -> list[str | None]:
    return [said.label for said in shipped_reader(fast=fast).read(texts, abstain=abstain)]


@pytest.mark.parametrize("fast", READERS)
def test_plain_praise_and_plain_blame_are_told_apart_in_both_languages(fast: bool) -> None:
    assert labels(GOOD, fast=fast) == ["positive"] * len(GOOD)
    assert labels(BAD, fast=fast) == ["negative"] * len(BAD)


@pytest.mark.parametrize("fast", READERS)
@pytest.mark.parametrize(
    ("said", "denied"),
    [
        ("质量好", "质量不好"),
        ("推荐购买", "不推荐购买"),
        ("很满意", "很不满意"),
        ("I recommend it", "I do not recommend it"),
        ("it works well", "it doesn't work well"),
    ],
)
def test_a_word_that_is_denied_counts_against_it(said: str, denied: str, fast: bool) -> None:
    praise, blame = shipped_reader(fast=fast).read([said, denied])
    assert praise.positive > blame.positive + 0.2


def test_stars_rise_with_praise_and_are_a_distribution() -> None:
    good, bad = (shipped_reader().read(texts) for texts in (GOOD, BAD))
    for said in (*good, *bad):
        assert len(said.star_shares) == 5
        assert sum(said.star_shares) == pytest.approx(1, abs=1e-5)
        assert said.stars is not None
        assert 1 <= said.stars <= 5
        assert said.strength == pytest.approx(abs(said.stars - 3) / 2)
    assert min(each.stars or 0 for each in good) > 3 > max(each.stars or 9 for each in bad)


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("<br/><p></p>", "empty"),
        ("12345", "unknown"),
        ("🗿", "unknown"),
        ("とても良い商品です", "language"),
        ("Sehr gutes Produkt, aber leider nicht für mich", "language"),
        ("Очень плохо", "language"),
    ],
)
def test_what_cannot_be_read_has_no_label_but_a_reason(text: str, doubt: str) -> None:
    (said,) = shipped_reader().read([text])
    assert (said.label, said.reading.doubt, said.positive, said.stars) == (None, doubt, 0.5, None)


@pytest.mark.parametrize(
    ("text", "label"), [("👍", "positive"), ("😡😡", "negative"), (":-(", "negative"), ("[大哭]", "negative")]
)
def test_one_emoji_is_enough_where_it_is_known(text: str, label: str) -> None:
    (said,) = shipped_reader().read([text], evidence=True)
    assert said.label == label
    assert [piece.text for piece in said.reading.evidence] == [text]


@pytest.mark.parametrize("text", ["快递今天到的", "it arrived today"])
def test_an_emoji_beside_words_moves_them(text: str) -> None:
    blame, plain, praise = shipped_reader().read([f"{text} 😡", text, f"{text} 😍"])
    assert blame.positive < plain.positive < praise.positive


def test_markup_changes_nothing() -> None:
    plain, marked = shipped_reader().read(
        ["Terrible quality.  It broke", "<div class='great love'>Terrible quality.<br>It broke</div>"]
    )
    assert marked.label == plain.label == "negative"
    assert marked.positive == pytest.approx(plain.positive, abs=0.1)


def test_a_very_long_text_is_read_from_both_ends() -> None:
    (said,) = shipped_reader().read(["质量太差了，用了两天就坏了。" * 3_600], evidence=True)
    assert said.label == "negative"
    assert said.reading.evidence


def test_long_texts_that_are_not_read_at_once_have_their_answers_in_their_order() -> None:
    reader = shipped_reader(fast=True)
    texts = ["I love it, excellent " * 12_000, "good", "terrible, it broke " * 12_000, "", "bad"]  # in parts
    alone = [reader.read([text])[0] for text in texts]
    together = reader.read(texts)
    assert [each.label for each in together] == ["positive", "positive", "negative", None, "negative"]
    assert [each.positive for each in together] == pytest.approx([each.positive for each in alone], abs=1e-4)


@given(st.lists(st.sampled_from([*GOOD, *BAD, "", "👍", "とても良い"]), max_size=6), st.booleans())
def test_what_is_said_of_a_text_does_not_depend_on_the_others(texts: list[str], fast: bool) -> None:
    reader = shipped_reader(fast=fast)
    together = [said.positive for said in reader.read(texts)]
    assert together == pytest.approx([reader.read([text])[0].positive for text in texts], abs=1e-4)


@given(st.text(max_size=200))
def test_any_text_has_an_answer_that_can_be_written_as_json(text: str) -> None:
    for said in shipped_reader(fast=True).read([text], evidence=True):
        told = said.as_dict()
        assert (told["label"] is None) == ("doubt" in told)
        assert 0 <= said.positive <= 1
        assert math.isfinite(said.strength)


@pytest.mark.parametrize("fast", READERS)
@pytest.mark.parametrize("text", [GOOD[0], BAD[0], GOOD[4], BAD[4]])
def test_named_words_stand_in_the_text_and_speak_for_the_label(text: str, fast: bool) -> None:
    (said,) = shipped_reader(fast=fast).read([text], evidence=True)
    pieces = said.reading.evidence
    assert pieces[0].weight > 0
    assert all(text[piece.start : piece.end] == piece.text for piece in pieces)


def test_without_the_word_that_is_named_first_the_label_is_less_sure_by_what_was_said() -> None:
    text = "The zip is broken and the seller is rude, but it came in time"
    reader = shipped_reader()
    (said,) = reader.read([text], evidence=True)
    first = said.reading.evidence[0]
    (left,) = reader.read([text[: first.start] + " " * (first.end - first.start) + text[first.end :]])

    def odds(positive: float) -> float:
        return math.log(positive / (1 - positive))

    assert abs(odds(said.positive) - odds(left.positive)) == pytest.approx(first.weight, abs=0.01)


def test_an_unsure_label_is_flagged_and_left_out_where_that_is_asked_for() -> None:
    text = "尺码"
    reader = shipped_reader()
    (said,) = reader.read([text])
    assert said.flags == ("unsure",)
    assert said.label in ("positive", "negative")
    (left,) = reader.read([text], abstain=True)
    assert (left.label, left.reading.doubt) == (None, "unsure")
    assert left.positive == said.positive
    assert labels(["质量非常好，很喜欢，强烈推荐"], abstain=True) == ["positive"]


@pytest.mark.parametrize(
    "text",
    [
        "房间干净，服务态度好，早餐难吃，隔音很差",
        "I love the color and the fabric is soft, but the zipper broke and it runs small",
    ],
)
def test_a_text_of_praise_and_blame_is_flagged_as_mixed(text: str) -> None:
    reader = shipped_reader()
    (said,) = reader.read([text])
    assert "mixed" in said.flags
    assert said.label in ("positive", "negative")
    assert reader.read([text], abstain=True)[0].label == "mixed"


def test_a_rating_that_contradicts_its_text_is_flagged() -> None:
    bad, good = (shipped_reader().read([text])[0] for text in (BAD[4], GOOD[4]))
    assert [bad.beside(stars).flags for stars in (1, 2, 3, 5)] == [(), (), (), ("rating",)]
    assert [good.beside(stars).flags for stars in (1, 3, 4, 5)] == [("rating",), (), (), ()]


def test_what_has_no_label_contradicts_nothing() -> None:
    unread = Sentiment(
        reading=Reading(label=None, probability=0.5, doubt="empty"), positive=0.5, language="none"
    )
    assert unread.beside(1).flags == ()


def test_the_shipped_files_are_what_their_card_says_and_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 5_000_000


def test_a_reader_whose_weights_were_changed_is_refused(tmp_path: Path) -> None:
    for path in FOLDER.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / WEIGHTS).write_bytes(b"others")
    with pytest.raises(BadFile, match="its weights are not those of its card"):
        open_reader(tmp_path)
    (tmp_path / CARD).unlink()
    with pytest.raises(MissingFile, match="make sentiment"):
        open_reader(tmp_path)
