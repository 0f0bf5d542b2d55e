"""What a review is before it is read: markup, languages, marks of feeling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.understand.sentiment_marks import MARKS, marks_in, mood_of
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
