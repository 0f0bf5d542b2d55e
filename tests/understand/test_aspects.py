"""What texts say of aspects: with the reader that is shipped, in both languages."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.errors import BadFile, MissingFile
from duomo.understand.aspects import AspectReader, Opinion
from duomo.understand.aspects_groups import GROUP, Groups, WordList
from duomo.understand.aspects_polarity import POLARITIES
from duomo.understand.aspects_shipped import CARD, FOLDER, WEIGHTS, open_aspects, shipped_aspects

PRAISED = [
    ("The battery life is great.", "battery"),
    ("The waiters were very friendly.", "service"),
    ("屏幕非常清晰。", "screen"),
    ("服务员态度很好。", "service"),
]
BLAMED = [
    ("The battery life is terrible.", "battery"),
    ("The waiters were very rude.", "service"),
    ("服务员态度很差。", "service"),
    ("价格太贵了。", "price"),
]


@pytest.fixture(scope="module")
def reader() -> AspectReader:
    return shipped_aspects()


def of_group(reader: AspectReader, text: str, group: str) -> list[Opinion]:
    (said,) = reader.read([text])
    return [opinion for opinion in said.opinions if opinion.group == group]


@pytest.mark.parametrize(("text", "group"), PRAISED)
def test_praise_is_praise_of_its_aspect(reader: AspectReader, text: str, group: str) -> None:
    assert [opinion.polarity for opinion in of_group(reader, text, group)][:1] == ["positive"]


@pytest.mark.parametrize(("text", "group"), BLAMED)
def test_blame_is_blame_of_its_aspect(reader: AspectReader, text: str, group: str) -> None:
    assert [opinion.polarity for opinion in of_group(reader, text, group)][:1] == ["negative"]


@pytest.mark.parametrize(
    ("text", "good", "bad"),
    [
        ("The food was delicious but the service was terrible.", "taste", "service"),
        ("味道很好，但是服务太差了。", "taste", "service"),
    ],
)
def test_each_aspect_of_a_mixed_sentence_is_judged_by_itself(
    reader: AspectReader, text: str, good: str, bad: str
) -> None:
    assert {opinion.polarity for opinion in of_group(reader, text, good)} == {"positive"}
    assert {opinion.polarity for opinion in of_group(reader, text, bad)} == {"negative"}


def test_a_clause_that_names_its_own_aspect_speaks_of_that(reader: AspectReader) -> None:
    (slow,) = of_group(reader, "面料舒服，就是物流太慢", "delivery")
    assert (slow.polarity, slow.aspect) in (("negative", ""), ("negative", "物流"))
    (soft,) = of_group(reader, "面料舒服，就是物流太慢", "fabric")
    assert soft.polarity == "positive"


@given(text=st.text(st.sampled_from("好差味道屏幕服务很不，。 agodbt.<b>&amp;👍\n"), max_size=60))
def test_spans_hold_for_the_text_as_it_was_given(text: str) -> None:
    (said,) = shipped_aspects().read([text])
    for opinion in said.opinions:
        for span, piece in (
            (opinion.aspect_span, opinion.aspect),
            (opinion.opinion_span, opinion.opinion),
        ):
            assert (span is None) == (piece == "")
            if span and "&" not in text and "<" not in text:  # markup is read as blanks
                assert text[slice(*span)] == piece
        assert opinion.polarity in (*POLARITIES, None)
        assert opinion.aspect_span or opinion.opinion_span


def test_what_is_said_of_a_text_does_not_depend_on_the_others(reader: AspectReader) -> None:
    texts = [text for text, _ in (*PRAISED, *BLAMED)]
    alone = [reader.read([text])[0] for text in texts]
    assert [each.as_dict() for each in reader.read(texts)] == [each.as_dict() for each in alone]


def test_opinions_stand_in_the_order_of_the_text(reader: AspectReader) -> None:
    (said,) = reader.read(["The screen is great. The keyboard is awful. 物流很快。"])
    starts = [min(filter(None, (each.aspect_span, each.opinion_span))) for each in said.opinions]
    assert starts == sorted(starts)


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("", "empty"),
        ("   \n", "empty"),
        ("👍👍", "empty"),
        ("12345", "empty"),
        ("とても良い商品です", "language"),
    ],
)
def test_what_cannot_be_read_has_a_doubt(reader: AspectReader, text: str, doubt: str) -> None:
    (said,) = reader.read([text])
    assert (said.opinions, said.doubt) == ((), doubt)


def test_markup_is_not_read(reader: AspectReader) -> None:
    text = "<p class='great'>The <b>screen</b> is terrible.</p>"
    (opinion,) = of_group(reader, text, "screen")
    assert (opinion.aspect, text[slice(*(opinion.aspect_span or (0, 0)))]) == ("screen", "screen")
    assert opinion.polarity == "negative"


def test_a_text_of_fifty_thousand_characters_is_read_to_its_end(reader: AspectReader) -> None:
    text = "一般般 " * 12_500 + "。屏幕非常清晰。"
    found = of_group(reader, text, "screen")
    assert found
    assert found[-1].aspect_span
    assert found[-1].aspect_span[0] > 50_000


def test_groups_of_a_shop_take_the_place_of_the_shipped_ones(reader: AspectReader) -> None:
    own = reader.within(Groups([WordList(GROUP, ("power pack", "battery"), ("电池",))]))
    (said,) = own.read(["The battery is terrible."])
    assert [opinion.group for opinion in said.opinions] == ["power pack"]


def test_probabilities_of_a_given_aspect_sum_to_one(reader: AspectReader) -> None:
    text = "The food was delicious but the service was terrible."
    shares = reader.judge(text, [(4, 8), (31, 38)])
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)
    assert [POLARITIES[n] for n in shares.argmax(axis=1)] == ["positive", "negative"]
    assert reader.judge(text, []).shape == (0, len(POLARITIES))


def test_a_polarity_that_is_not_sure_is_none_and_says_so(reader: AspectReader) -> None:
    flat = replace(reader, factor=1e-6)
    (said,) = flat.read(["The battery life is great."])
    assert [opinion.polarity for opinion in said.opinions] == [None]
    assert said.opinions[0].as_dict()["doubt"] == "unsure"
    assert len(said.opinions[0].alternatives) == len(POLARITIES)


def test_a_folder_without_a_reader_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match=r"there is no .*card\.json"):
        open_aspects(tmp_path)


def test_weights_that_are_not_what_the_card_says_are_refused(tmp_path: Path) -> None:
    (tmp_path / CARD).write_bytes((FOLDER / CARD).read_bytes())
    (tmp_path / WEIGHTS).write_bytes((FOLDER / WEIGHTS).read_bytes()[:-1] + b"x")
    with pytest.raises(BadFile, match="is not what"):
        open_aspects(tmp_path)


def test_the_shipped_reader_is_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= 1_100_000
