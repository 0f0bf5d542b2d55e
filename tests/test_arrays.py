"""Unit length and the check of what encoders give."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from duomo.arrays import check_vectors, unit

finite = st.floats(-1e6, 1e6, width=32)


@given(arrays(np.float32, array_shapes(min_dims=1, max_dims=2, max_side=8), elements=finite))
def test_rows_get_length_one_and_keep_their_direction(rows: NDArray[np.float32]) -> None:
    lengths = np.linalg.norm(rows.astype(np.float64), axis=-1, keepdims=True)
    units = unit(rows)
    assert units.dtype == np.float32
    usual = (lengths > 1e-12)[..., 0]  # shorter rows lose their length to float32 before it can be measured
    assert np.linalg.norm(units, axis=-1)[usual] == pytest.approx(1.0, abs=1e-5)
    assert (units * lengths)[usual] == pytest.approx(rows[usual], rel=1e-4, abs=1e-3)


def test_rows_of_zeros_stay_zero() -> None:
    assert unit(np.zeros((2, 3))).tolist() == [[0.0] * 3] * 2
    assert unit(np.zeros((0, 3))).shape == (0, 3)


def test_vectors_of_the_right_shape_pass_as_float32() -> None:
    assert check_vectors(np.ones((2, 3)), count=2, dim=3, made_by="hashed").dtype == np.float32


def test_vectors_of_a_wrong_shape_name_their_maker() -> None:
    with pytest.raises(ValueError, match=r"hashed gave vectors of shape \(2, 3\), expected \(2, 4\)"):
        check_vectors(np.ones((2, 3)), count=2, dim=4, made_by="hashed")


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_vectors_that_are_not_finite_name_their_maker(wrong: float) -> None:
    with pytest.raises(ValueError, match="hashed gave vectors that are not finite"):
        check_vectors(np.full((1, 2), wrong), count=1, dim=2, made_by="hashed")
