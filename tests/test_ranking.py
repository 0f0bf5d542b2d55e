"""Rank fusion and the order of scores, against the slow and obvious way."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from duomo.ranking import best, blend, reciprocal

SCORES = arrays.arrays(
    np.float32,
    st.integers(0, 30),
    elements=st.sampled_from((0.0, -0.0, 0.25, -0.25, 1e-30, -1e-30, -np.inf)) | st.floats(-2, 2, width=32),
)


@given(SCORES, st.none() | st.integers(0, 35))
def test_the_best_are_a_full_sort_cut_short_without_what_is_barred(
    scores: NDArray[np.float32], k: int | None
) -> None:
    ordered = sorted(range(scores.size), key=lambda place: (-scores[place], place))
    assert best(scores, k).tolist() == [place for place in ordered if scores[place] > -np.inf][:k]


@pytest.mark.parametrize("step", [1, 2**33])  # a shelf on disk counts its rows in large numbers
@given(lists=st.lists(st.lists(st.integers(0, 20), unique=True), max_size=4))
def test_a_row_scores_what_its_ranks_give_together(step: int, lists: list[list[int]]) -> None:
    sums: defaultdict[int, float] = defaultdict(float)
    for ranked in lists:
        for rank, row in enumerate(ranked, start=1):
            sums[row * step] += 1 / (60 + rank)
    rankings = [(np.array(ranked, np.int64) * step, reciprocal(len(ranked))) for ranked in lists]
    rows, scores = blend(rankings)
    assert rows.tolist() == sorted(sums)
    assert scores.tolist() == pytest.approx([sums[row] for row in sorted(sums)])
