"""Contradictions by names alone: what words name and pictures show, in both languages, nothing learned."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.understand.test_match import drawn

from duomo.understand.match_names import PARTS, SHARE, SIGNS, WEIGHTS, NamesReader, Said, shares_of


@pytest.fixture(scope="module")
def reader() -> NamesReader:
    return NamesReader()


@pytest.mark.parametrize(("right", "wrong"), [("Red mug", "Blue mug"), ("红色马克杯", "蓝色马克杯")])
def test_another_color_is_likelier_a_contradiction(reader: NamesReader, right: str, wrong: str) -> None:
    pixels = drawn("red", "mug", np.random.default_rng(2))
    one, other = reader.read([right, wrong], [pixels, pixels])
    assert one.zero_shot
    assert one.probability < other.probability


def test_without_words_picture_or_a_name_nothing_is_said(reader: NamesReader) -> None:
    pixels = drawn("red", "mug", np.random.default_rng(2))
    found = list(reader.read(["", "Red mug", "Qxzzy 12", "<p></p>"], [pixels, None, pixels, pixels]))
    assert [each.label for each in found] == [None] * 4
    assert [each.doubt for each in found] == ["empty", "empty", "unknown", "unknown"]
    assert {each.probability for each in found} == {SHARE}
    assert list(reader.read([], [])) == []


def test_goods_are_answered_in_order_whatever_stands_between(reader: NamesReader) -> None:
    pixels = drawn("red", "mug", np.random.default_rng(2))
    texts = ["Blue mug", ""] * 40
    found = list(reader.read(texts, [pixels] * 80))
    assert [each.doubt == "empty" for each in found] == [False, True] * 40


@given(st.floats(-3, 8), st.floats(0, 1), st.floats(-3, 8))
def test_probabilities_sum_to_one_and_a_nearer_picture_is_likelier_right(
    near: float, share: float, whole: float
) -> None:
    def said(whole: float) -> Said:
        return Said([[0]], [[0]], *(np.array(each, np.float32) for each in ([[near]], [whole], [[share]])))

    shares = shares_of(said(whole))
    assert shares.shape == (1, len(PARTS))
    assert shares.sum() == pytest.approx(1, abs=1e-5)
    assert WEIGHTS.shape == (len(PARTS), 1 + SIGNS)
    assert shares_of(said(whole + 1))[0, 0] >= shares[0, 0] - 1e-6
