"""The laws of the order: one unit for all parts, between 0 and 1, whatever is asked together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.hits import PartName
from duomo.search.members import Chance, Question
from duomo.search.order import NARROWEST, WEIGHTS, Scale, weights_of
from duomo.search.ways import Way
from duomo.shelf.base import Found

PARTS = st.lists(st.sampled_from(sorted(WEIGHTS)), min_size=1, unique=True)


@given(PARTS, st.dictionaries(st.sampled_from(sorted(WEIGHTS)), st.floats(0.1, 50)))
def test_the_weights_of_what_is_asked_add_up_to_one(
    parts: list[PartName], factors: dict[PartName, float]
) -> None:
    weights = weights_of(Scale(dict.fromkeys(parts, (0.0, 1.0))), factors)
    assert sum(weights.values()) == pytest.approx(1)
    assert weights.keys() == set(parts)


def asked(nearest: list[float], middle: float, cut: float) -> tuple[float, float]:
    way = Way("picture", "picture", "v")
    question = Question(
        vectors={"picture": np.ones(2, np.float32)}, ways=(way,), chances={"picture:v": Chance(middle, cut)}
    )
    found = Found(np.arange(len(nearest)), np.array(nearest, np.float32))
    return Scale.of(question, {"picture": found}).ends["picture"]


def test_the_nearest_is_one_and_the_median_chance_pair_zero() -> None:
    assert asked([0.9, 0.5], 0.2, 0.4) == pytest.approx((0.2, 0.9))


def test_where_nothing_is_near_not_even_the_best_is_one() -> None:
    assert asked([], 0.2, 0.4) == pytest.approx((0.2, 0.4))
    assert asked([0.3], 0.2, 0.4) == pytest.approx((0.2, 0.4))


def test_similarities_that_cannot_be_told_apart_are_not_stretched() -> None:
    low, high = asked([0.2001], 0.2, 0.2)
    assert high - low == pytest.approx(NARROWEST)
