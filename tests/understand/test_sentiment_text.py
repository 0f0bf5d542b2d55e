"""What a review is before it is read: markup, languages, marks of feeling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.understand.sentiment_marks import MARKS, marks_in, mood_of
from duomo.understand.sentiment_shipped import shipped_reader
from duomo.understand.sentiment_text import language_of, plain

LANGUAGES = [
    ("这件衣服质量很好", "zh"),
    ("衣服 nice", "zh"),
    ("iPhone 很好用", "zh"),
    ("好用", "zh"),
    ("Fits perfectly", "en"),
    ("it does not work", "en"),
    ("Great", "en"),
    ("ＶＥＲＹ　ＧＯＯＤ", "en"),
    ("Très bon produit mais la taille est petite", "other"),
    ("Sehr gutes Produkt, aber leider nicht für mich", "other"),
    ("No funciona y es muy caro", "other"),
    ("Il prodotto non è molto buono", "other"),
    ("Очень хороший товар", "other"),
    ("とても良い商品です", "other"),
    ("정말 좋아요", "other"),
    ("", "none"),
    ("  \n", "none"),
    ("12345 !!!", "none"),
    ("👍", "none"),
]


@pytest.mark.parametrize(("text", "language"), LANGUAGES)
def test_a_language_is_told_by_the_text_alone(text: str, language: str) -> None:
    assert language_of(text) == language


@given(st.text(st.sampled_from("ab <>/&amp;#39;!-\n好'\""), max_size=60))
def test_markup_is_taken_out_without_moving_what_is_left(text: str) -> None:
    bare = plain(text)
    assert len(bare) == len(text)
    assert all(after in (before, " ") or before == "&" for before, after in zip(text, bare, strict=True))


def test_tags_scripts_and_entities_are_not_read() -> None:
    given_ = '<p class="good">bad</p><script>good()</script>&lt;3 &eacute;'
    assert plain(given_).split() == ["bad", "<", "3", "é"]


def test_what_only_looks_like_markup_stays() -> None:
    assert plain("size < 10 and > 5, I <3 it & more") == "size < 10 and > 5, I <3 it & more"


@given(st.lists(st.sampled_from([*"a b好", *MARKS]), max_size=40).map("".join))
def test_marks_stand_where_they_are_said_to_stand(text: str) -> None:
    for mark in marks_in(text):
        assert text[mark.start : mark.end] == mark.text
    assert abs(mood_of(marks_in(text))) <= 3


@pytest.mark.parametrize("mark", MARKS)
def test_every_mark_is_found_alone_and_says_what_the_table_says(mark: str) -> None:
    (found,) = marks_in(f"a {mark} b")
    assert found.weight == MARKS[mark]


def test_letters_within_a_word_are_no_mark() -> None:
    assert not marks_in("boxd: qaqs xdr")


def test_a_mark_that_is_repeated_says_more_but_not_without_end() -> None:
    once, thrice, often = (mood_of(marks_in("👍" * times)) for times in (1, 3, 300))
    assert 0 < once < thrice < often <= 3


@pytest.mark.parametrize(
    ("text", "mark", "weight"),
    [
        ("Bought it in May, no complaints so far", "no complaints", 2.0),
        ("honestly couldn't be happier with the lamp", "couldn't be happier", 2.0),
        ("You can’t go wrong with this kettle", "can’t go wrong", 2.0),
        ("I was not disappointed", "not disappointed", 2.0),
        ("can't really fault it", "can't really fault", 1.0),
        ("这把椅子没得挑", "没得挑", 1.0),
        ("这次也没让我失望", "没让我失望", 1.0),
        ("买了两年,不后悔", "不后悔", 1.0),
        ("挑不出毛病", "挑不出毛病", 1.0),
        ("10/10 from me", "10/10", 2.0),
        ("给9.5/10", "9.5/10", 2.0),
        ("★★★★★", "★★★★★", 2.0),
        ("★★★★☆ for the bag", "★★★★☆", 1.0),
        ("★☆☆☆☆", "★☆☆☆☆", -2.0),
    ],
)
def test_praise_by_a_denial_and_scores_are_marks(text: str, mark: str, weight: float) -> None:
    assert [(found.text, found.weight) for found in marks_in(text)] == [(mark, weight)]


@pytest.mark.parametrize(
    "text",
    [
        "delivered on 10/10/2025",
        "5/5 of them broke",
        "open 24/7",
        "about 3/5 full",
        "no complaints were answered",
        "能不失望吗",
        "怎不后悔",
        "★★ new ★★",
        "★★★☆☆",
        "没问题",
        "no problem",
    ],
)
def test_what_only_looks_like_a_score_or_a_denial_is_no_mark(text: str) -> None:
    assert not marks_in(text)


def test_a_score_alone_is_enough_for_a_label() -> None:
    good, bad, none = shipped_reader().read(["10/10", "★☆☆☆☆", "10/2025"])
    assert (good.label, bad.label, none.label) == ("positive", "negative", None)
