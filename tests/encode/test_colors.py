import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from duomo.arrays import Pixels
from duomo.encode.colors import COLORS, LEVELS, SIDE, color_histogram, product_weights, small_planes

WHITE, RED, BLUE = [255, 255, 255], [200, 20, 30], [20, 30, 200]


def on_white(color: list[int], *, side: int = 64, product: int = 20) -> Pixels:
    """A square product of one color in the middle of a white picture."""
    pixels = np.full((side, side, 3), WHITE, np.uint8)
    start = (side - product) // 2
    pixels[start : start + product, start : start + product] = color
    return pixels


@given(
    st.lists(
        arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=40).map(lambda size: (*size, 3))),
        max_size=4,
    )
)
def test_rows_have_length_one_and_depend_on_their_picture_alone(
    pictures: list[Pixels],
) -> None:
    rows = color_histogram(pictures)
    assert rows.shape == (len(pictures), COLORS)
    assert rows.dtype == np.float32
    assert np.all(rows >= 0)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    for picture, row in zip(pictures, rows, strict=True):
        np.testing.assert_array_equal(color_histogram([picture])[0], row)


def test_a_histogram_is_what_a_slow_and_obvious_one_would_be() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    weights = product_weights(small_planes([picture]))[0]
    sums = np.zeros((LEVELS,) * 3)
    for y in range(SIDE):
        for x in range(SIDE):
            below = [min(int(c) * (LEVELS - 1) // 255, LEVELS - 2) for c in picture[y, x]]
            above = [int(c) * (LEVELS - 1) / 255 - b for c, b in zip(picture[y, x], below, strict=True)]
            for corner in np.ndindex(2, 2, 2):
                share = np.prod([a if up else 1 - a for a, up in zip(above, corner, strict=True)])
                sums[tuple(np.add(below, corner))] += weights[y, x] * share
    np.testing.assert_allclose(color_histogram([picture])[0], np.sqrt(sums / sums.sum()).ravel(), atol=1e-4)


def test_the_product_counts_for_more_than_the_white_around_it() -> None:
    red_product, blue_product, red, white = color_histogram(
        [
            on_white(RED),
            on_white(BLUE),
            np.full((8, 8, 3), RED, np.uint8),
            np.full((8, 8, 3), WHITE, np.uint8),
        ]
    )
    assert red_product @ red > red_product @ white
    assert red_product @ red > 2 * (red_product @ blue_product)


def test_a_white_product_on_white_is_white() -> None:
    (row,) = color_histogram([np.full((30, 20, 3), WHITE, np.uint8)])
    assert row.argmax() == COLORS - 1
    assert row.max() == pytest.approx(1)


def test_the_size_of_a_picture_hardly_matters() -> None:
    small, large = color_histogram([on_white(RED, side=64, product=20), on_white(RED, side=320, product=100)])
    assert small @ large > 0.99


@pytest.mark.parametrize("shape", [(0, 4, 3), (4, 4), (4, 4, 4)])
def test_what_is_no_picture_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="a picture is"):
        color_histogram([np.zeros(shape, np.uint8)])
