"""The color of the product on a picture, named by CIELAB alone: no weights, no learning.

Each pixel of the main object votes for the named colors nearest to it (CIE 1976; the names' places were
written for Duomo from sRGB); pixels like the background count little, those in the middle most.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.arrays import Pixels
from duomo.encode.colors import SIDE, product_weights, small_planes
from duomo.encode.regions import Box, cut
from duomo.encode.striking import to_lab

Floats = NDArray[np.float32]

# Where each color lies, in sRGB; several places where it has a wide range.
_PLACES: Final = {
    "black": "141414 2b2b2b 0a0a14",
    "white": "fcfcfc f0f0f0 e8eaee",
    "grey": "808080 a3a5a8 5c5e62 c4c6ca",
    "red": "c81e28 e0342c a81420",
    "maroon": "5e1a22 741c2c",
    "pink": "f29cb8 e8509a f8c4d0",
    "orange": "f07a1e e8602a",
    "yellow": "f4d42a f8e878",
    "gold": "c8a450",
    "green": "2f8a46 7cb850 1e5a34 a8d8a0",
    "olive": "6c6c34 56583a",
    "blue": "2a5cb8 4a90d8 86b4e4 1c3c96 6a86ac",
    "navy blue": "1a2244 222a4c",
    "teal": "1e8088 4ab8b8",
    "purple": "6c2c84 8e5cb0 b494cc",
    "brown": "6a4024 8c5c34 4a2e20",
    "beige": "d8c4a4 e4d8c4",
    "khaki": "a89468",
}
COLORS_NAMED: Final = tuple(_PLACES)
_NEAR: Final = 12.0  # CIELAB units: how far a vote reaches
_ROOM: Final = 0.05  # of the sides of the picture
_DARK: Final = 0.7  # what a step of lightness counts beside one of hue: folds and shadows are of one cloth


def named_colors(pictures: Sequence[Pixels], boxes: Sequence[Box]) -> Floats:
    """How much of each picture's main object has each of COLORS_NAMED.

    Args:
        pictures: (n,) of any size, (height, width, 3) uint8 RGB.
        boxes: (n,) where the object is on each (`encode.regions.main_object`).

    Returns:
        (n, len(COLORS_NAMED)) shares that sum to 1.

    >>> from duomo.encode.regions import WHOLE
    >>> red = np.full((20, 20, 3), [200, 30, 40], np.uint8)
    >>> COLORS_NAMED[int(named_colors([red], [WHOLE])[0].argmax())]
    'red'
    """
    places, owner = _places()
    shares = np.zeros((len(pictures), len(COLORS_NAMED)), np.float32)
    for row, (pixels, box) in enumerate(zip(pictures, boxes, strict=True)):
        planes = small_planes([cut(pixels, _roomy(box))])
        points = to_lab(planes[0].transpose(1, 2, 0).astype(np.uint8)).reshape(SIDE * SIDE, 3)
        steps = (points[:, None] - places) * np.array([_DARK, 1, 1], np.float32)
        away = (steps**2).sum(-1) / (2 * _NEAR**2)
        votes = np.exp(away.min(axis=1, keepdims=True) - away)
        votes /= votes.sum(axis=1, keepdims=True)
        sums = product_weights(planes).ravel() @ votes
        shares[row] = np.bincount(owner, sums, len(COLORS_NAMED)) / sums.sum()
    return shares


def _roomy(box: Box) -> Box:
    """The box with a rim of what is around it, since what stands at the rim of a cut counts as background."""
    x, y = max(box.x - _ROOM, 0.0), max(box.y - _ROOM, 0.0)
    return Box(x=x, y=y, w=min(box.x + box.w + _ROOM, 1.0) - x, h=min(box.y + box.h + _ROOM, 1.0) - y)


@cache
def _places() -> tuple[Floats, NDArray[np.int64]]:
    """(p, 3) CIELAB of every place, and (p,) whose it is."""
    written = [(name, place) for name, places in enumerate(_PLACES.values()) for place in places.split()]
    rgb = np.array([list(bytes.fromhex(place)) for _, place in written], np.uint8)
    return to_lab(rgb[None])[0], np.array([name for name, _ in written])
