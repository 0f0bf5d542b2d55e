"""Which colors the product in a picture has: a small picture, the weight of its pixels, a soft histogram."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from duomo.arrays import Pixels, Vectors

Planes = NDArray[np.float32]  # (n, 3, SIDE, SIDE), 0 to 255: one plane a channel

SIDE: Final = 32  # every picture is brought to this many pixels each way
LEVELS: Final = 6  # of each channel
COLORS: Final = LEVELS**3

_FLOOR: Final = 0.1  # weight that a pixel of the background keeps: a white shirt on white is white


def _centre_weights() -> NDArray[np.float32]:
    """(SIDE, SIDE) weights that fall off from the middle, where the goods are."""
    away = (np.arange(SIDE) - (SIDE - 1) / 2) / (SIDE / 2)
    bell = np.exp(-2 * away**2)
    return np.asarray(np.outer(bell, bell), dtype=np.float32)


_CENTRE: Final = _centre_weights()


def _level_shares() -> NDArray[np.float32]:
    """(LEVELS, 256) share of a byte in each level: all of it in the two nearest."""
    away = np.abs(np.arange(256) * ((LEVELS - 1) / 255) - np.arange(LEVELS)[:, None])
    return np.asarray(np.clip(1 - away, 0, 1), dtype=np.float32)


_SHARES: Final = _level_shares()


def color_histogram(pictures: Sequence[Pixels]) -> Vectors:
    """How much of the product has each color, on a grid of 6 by 6 by 6 colors; square roots of the shares.

    A pixel counts for the two nearest levels of each channel, more for the nearer one, so that a little more
    light moves the histogram only a little. A linear probe on the validation rows of fashion_products_224
    (38 colors) is right for 0.61 with this, 0.57 with the 29 bins of `HashedPicture`, 0.60 where every pixel
    counts alike, and no more with grids of up to 1,352 colors in CIELAB or opponent axes. It takes about
    0.4 ms a picture, so it needs no place in a model's graph.

    Args:
        pictures: (n,) pictures of any size, (height, width, 3) uint8 RGB.

    Returns:
        (n, COLORS), rows of length 1.

    Raises:
        ValueError: an input is no such array, or has no pixels.

    >>> red, pale_red, blue = color_histogram(
    ...     [np.full((9, 7, 3), color, np.uint8) for color in ([200, 10, 10], [215, 40, 35], [0, 0, 200])])
    >>> bool(red @ pale_red > 0.5 > 0.3 > red @ blue)
    True
    """
    rows = np.zeros((len(pictures), COLORS), dtype=np.float32)
    for number, picture in enumerate(pictures):
        rgb = small_planes([picture])
        # Levels before pixels, so that products run along the pixels; the other way took half as long again.
        red, green, blue = (_SHARES.take(plane, axis=1) for plane in rgb.reshape(3, -1).astype(np.uint8))
        both = (green[:, None] * blue).reshape(LEVELS * LEVELS, -1)
        sums = (red * product_weights(rgb).ravel()) @ both.T
        rows[number] = np.sqrt(sums / sums.sum()).ravel()
    return rows


def small_planes(pictures: Sequence[Pixels]) -> Planes:
    """(n,) pictures of any size -> (n, 3, SIDE, SIDE), each number the mean of what it covers.

    Raises:
        ValueError: an input is no (height, width, 3) uint8 array, or has no pixels.
    """
    small = np.stack([_shrink(pixels) for pixels in pictures])
    # One plane a channel: reductions over a last axis of 3 took a third of the time.
    return np.ascontiguousarray(small.transpose(0, 3, 1, 2), dtype=np.float32)


def product_weights(rgb: Planes) -> NDArray[np.float32]:
    """(n, SIDE, SIDE) above 0: more the nearer a pixel is to the middle and the less it looks like the rim.

    The rim of a product picture is background on most. Never are all weights 0.
    """
    rim = np.concatenate([rgb[:, :, 0], rgb[:, :, -1], rgb[:, :, :, 0], rgb[:, :, :, -1]], axis=2)
    background: NDArray[np.float32] = np.median(rim, axis=2)
    difference = np.abs(rgb - background[:, :, None, None]).max(axis=1)
    foreground = np.asarray(np.clip((difference - 4) / 16, 0, 1), dtype=np.float32)
    return (foreground + _FLOOR) * _CENTRE


def _shrink(pixels: Pixels) -> Pixels:
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or not pixels.size:
        raise ValueError(
            f"a picture is (height, width, 3) uint8 with a pixel or more, not {pixels.shape} {pixels.dtype}"
        )
    image = Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BOX)
    return np.asarray(image, dtype=np.uint8)
