"""Slips of the finger are what they are called."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from duomo.measure.typos import Slip, one_typo, slip


@given(st.text(max_size=80), st.integers(0, 1000))
def test_a_text_differs_by_one_slip_or_not_at_all(text: str, seed: int) -> None:
    assert OSA.distance(text, one_typo(text, np.random.default_rng(seed))) <= 1


@given(st.from_regex(r"[a-z]{5,12}( [a-z]{5,12}){0,3}", fullmatch=True), st.integers(0, 1000))
def test_a_text_with_a_longer_word_is_always_hit(text: str, seed: int) -> None:
    assert OSA.distance(text, one_typo(text, np.random.default_rng(seed))) == 1


def test_short_words_codes_and_chinese_are_left_alone() -> None:
    for text in ("", "red mug", "dv7-1211ea abcde1", "红色连衣裙", "ABCDE12345"):
        assert one_typo(text, np.random.default_rng(1)) == text


def test_the_same_seed_gives_the_same_typo() -> None:
    texts = {one_typo("wireless headphones", np.random.default_rng(5)) for _ in range(5)}
    assert len(texts) == 1


@pytest.mark.parametrize(
    ("kind", "longer"), [("deletion", -1), ("insertion", 1), ("substitution", 0), ("transposition", 0)]
)
def test_each_slip_changes_the_length_as_its_name_says(kind: Slip, longer: int) -> None:
    word = slip("sneaker", kind, np.random.default_rng(2))
    assert len(word) - len("sneaker") == longer
    assert (sorted(word) == sorted("sneaker")) is (kind == "transposition")


def test_a_word_whose_letters_cannot_change_places_is_refused() -> None:
    with pytest.raises(ValueError, match="'aaaa' leaves no room for a transposition"):
        slip("aaaa", "transposition", np.random.default_rng(1))
    with pytest.raises(ValueError, match="'a' leaves no room for a deletion"):
        slip("a", "deletion", np.random.default_rng(1))
