"""Pictures to vectors without weights: where the edges run, and which colors stand before the background."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.arrays import Pixels, Vectors, unit
from duomo.encode.base import EncoderCard
from duomo.encode.colors import SIDE, product_weights, small_planes

Floats = NDArray[np.float32]

# Chosen on training rows of the fashion_products pack by the share of the 10 nearest that have the same
# article type and color (benchmarks/hashed_picture.py): finer grids, more bins, colors by cell, a silhouette,
# a thumbnail and padding to a square added less than 0.01 to it.
_CELLS: Final = 6  # edges are summed in a grid of so many cells each way
_ORIENTATIONS: Final = 6  # directions of an edge, over half a turn
_HUES: Final = 12
_GREYS: Final = 5
_COLORS: Final = 2 * _HUES + _GREYS  # each hue dark and bright, then black to white
_COLOR_WEIGHT: Final = 0.7  # length of the color part where the edge part has 1
_DIM: Final = _CELLS * _CELLS * _ORIENTATIONS + _COLORS
_BATCH: Final = 64  # pictures computed together: their planes stay in the cache of a core


def _cell_weights() -> Floats:
    """(cells, side) share of each pixel row in each cell's mean; it ends at the next cell's centre."""
    centres = (np.arange(_CELLS) + 0.5) * SIDE / _CELLS - 0.5
    away = np.abs(np.arange(SIDE) - centres[:, None]) * _CELLS / SIDE
    weights = np.clip(1 - away, 0, None)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float32)


_POOL: Final = _cell_weights()


@dataclass(frozen=True, slots=True)
class HashedPicture:
    """Edge directions in a grid of cells (Dalal and Triggs, CVPR 2005) and soft color bins, 245 numbers.

    The picture is averaged down to 32 by 32 pixels. Edges: gradients of its brightness, shared out over
    6 directions and 6 by 6 cells. Colors: 12 hues dark and bright and 5 greys, every pixel weighing more
    the nearer it is to the middle and the less it looks like the rim, which is background on most
    product pictures. Square roots tame single strong bins (Arandjelović and Zisserman, CVPR 2012). A picture
    of one color has no edges: only its color speaks.

    >>> tower = HashedPicture()
    >>> colors = [200, 10, 10], [170, 5, 0], [0, 0, 200]
    >>> red, darker_red, blue = tower.encode([np.full((9, 7, 3), color, np.uint8) for color in colors])
    >>> bool(red @ darker_red > 0.8 > 0.2 > red @ blue)
    True
    """

    @property
    def card(self) -> EncoderCard:
        """Who made it: nobody trained anything; version changes with the method."""
        return EncoderCard(
            name="hashed-picture",
            modality="picture",
            dim=_DIM,
            space="hashed-picture",
            licence="Apache-2.0",
            source="edge histograms after Dalal and Triggs, CVPR 2005, with soft color bins",
        )

    def encode(self, inputs: Sequence[Pixels]) -> Vectors:
        """(n,) pictures of any size, (height, width, 3) uint8 RGB -> (n, 245) float32 rows of length 1.

        Raises:
            ValueError: an input is no such array, or has no pixels.
        """
        rows = np.zeros((len(inputs), _DIM), dtype=np.float32)
        for start in range(0, len(inputs), _BATCH):
            rgb = small_planes(inputs[start : start + _BATCH])
            parts = (_edges(rgb), _COLOR_WEIGHT * _colors(rgb))
            rows[start : start + _BATCH] = unit(np.concatenate(parts, axis=1))
        return rows


def _edges(rgb: Floats) -> Floats:
    """(n, 3, side, side) -> (n, cells * cells * orientations) rows of length 1, or zeros without an edge."""
    bright = np.pad(rgb.mean(axis=1), ((0, 0), (1, 1), (1, 1)), mode="edge")
    across = bright[:, 1:-1, 2:] - bright[:, 1:-1, :-2]
    down = bright[:, 2:, 1:-1] - bright[:, :-2, 1:-1]
    strength = np.hypot(across, down)
    # An edge from dark to light and one from light to dark are the same edge: half a turn.
    angle = np.arctan2(down, across) * (_ORIENTATIONS / np.pi) % _ORIENTATIONS
    planes = np.empty((len(rgb), _ORIENTATIONS, SIDE, SIDE), dtype=np.float32)
    for orientation in range(_ORIENTATIONS):
        away = np.abs(angle - orientation)
        planes[:, orientation] = strength * np.clip(1 - np.minimum(away, _ORIENTATIONS - away), 0, None)
    cells = _POOL @ planes @ _POOL.T
    return unit(np.sqrt(cells.reshape(len(rgb), -1)))


def _colors(rgb: Floats) -> Floats:
    """(n, 3, side, side) -> (n, colors) square roots of shares that add up to 1: rows of length 1."""
    weight = product_weights(rgb)
    top, chroma, hue = _hue(rgb / np.float32(255))
    vivid = np.clip((chroma - 0.04) / 0.16, 0, 1) * weight  # what counts as a color and not as a grey
    grey = weight - vivid
    bright = np.clip((top - 0.35) / 0.3, 0, 1)

    first, toward = _split(hue * (_HUES / 6), _HUES - 1)
    second = (first + 1) % _HUES
    shade, above = _split(rgb.mean(axis=1) * ((_GREYS - 1) / 255), _GREYS - 2)
    shade += 2 * _HUES

    shares = (
        (first, vivid * (1 - toward) * (1 - bright)),
        (second, vivid * toward * (1 - bright)),
        (first + _HUES, vivid * (1 - toward) * bright),
        (second + _HUES, vivid * toward * bright),
        (shade, grey * (1 - above)),
        (shade + 1, grey * above),
    )
    shape = (len(rgb), _COLORS)
    base = np.arange(len(rgb))[:, None, None] * _COLORS
    sums = np.zeros(shape)
    for bins, share in shares:
        cells = np.bincount((base + bins).ravel(), weights=share.ravel(), minlength=sums.size)
        sums += cells.reshape(shape)
    return np.asarray(np.sqrt(sums / sums.sum(axis=1, keepdims=True)), dtype=np.float32)


def _split(values: Floats, last: int) -> tuple[NDArray[np.int64], Floats]:
    """The bin below each value, at most `last`, and how far the value is on its way to the next, 0 to 1."""
    below = np.minimum(np.floor(values), last)
    return below.astype(np.int64), np.clip(values - below, 0, 1)


def _hue(rgb: Floats) -> tuple[Floats, Floats, Floats]:
    """Of (n, 3, side, side) from 0 to 1: value, chroma, and hue in sixths of a turn (Smith, SIGGRAPH 1978).

    Hue runs from 0 (red) to 6, and is 0 where there is no chroma.
    """
    red, green, blue = rgb[:, 0], rgb[:, 1], rgb[:, 2]
    top = rgb.max(axis=1)
    chroma = top - rgb.min(axis=1)
    spread = np.where(chroma > 0, chroma, np.float32(1))
    around_red = ((green - blue) / spread) % 6
    others = np.where(top == green, (blue - red) / spread + 2, (red - green) / spread + 4)
    return top, chroma, np.where(top == red, around_red, others)
