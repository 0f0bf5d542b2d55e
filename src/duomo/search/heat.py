"""Which part of a picture made it match: the fall of the similarity where a part is hidden, shown and boxed.

Occlusion (Zeiler and Fergus, ECCV 2014) asks the encoder itself and nothing about its insides, so it holds
for every encoder. It shows what the encoder looks at, which may be the model's hair and not the shirt.
`benchmarks/heat_maps.py` measures that hiding the peak costs more than hiding another part.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from duomo.arrays import Pixels, Vectors, unit
from duomo.encode.base import Encoder
from duomo.encode.regions import WHOLE, Box
from duomo.guard.pixels import shrunk

Heat = NDArray[np.float32]  # (grid, grid), rows from above; cosine similarity lost where a cell is hidden

_SIDE: Final = 224  # pixels of the longer side: no encoder sees more
_SHOWN: Final = (
    0.05  # of similarity: below that at the peak the colors are weaker, so that noise looks like noise
)
_PAPER: Final = (250, 248, 245)  # Duomo's own, as in page.css
_ACCENT: Final = (168, 64, 31)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeatMap:
    """What each part of a picture adds to a match, in cosine similarity."""

    cells: Heat  # above 0 where hiding makes the match worse, below 0 where it makes it better; -2 to 2
    peak: Box  # the window that is missed most; the whole picture where none is missed
    fall: float  # of the similarity with the peak hidden; 0 where none is missed
    similarity: float  # of the picture with nothing hidden
    picture: str = ""  # content hash of the picture, where a shop drew the map


def heat(
    pixels: Pixels, encoder: Encoder[Pixels], against: Vectors, *, grid: int = 7, window: int = 2
) -> HeatMap:
    """How much each part of a picture adds to its similarity to a vector.

    Windows of some cells are painted over with the color of the picture's rim, one after the other. What a
    window costs is shared among its cells by how much was painted over in each, so that bare background gets
    nothing; a cell has its mean share over the windows that hold it, times the cells of a window.
    (grid - window + 1)² + 1 pictures are encoded in one call: 37 unless told otherwise, a third of a second
    with `pocket` on one idle core. The same input gives the same map.

    Args:
        pixels: (height, width, 3) RGB of any size, at least one pixel.
        encoder: made the vector that the hit was found by, or one in the same space.
        against: (dim,) of the other side: a photo, a text, a product.
        grid: cells each way, at least 1; they have the picture's shape, not a square's.
        window: cells each way of what is hidden at once, 1 to grid. One hides too little to be missed: what
            is beside it says the same.

    Returns:
        The map, all 0 where the vector is zeros.

    Raises:
        ValueError: grid or window is out of range.

    >>> from duomo.encode.hashed_picture import HashedPicture
    >>> picture = np.full((70, 70, 3), 255, np.uint8)
    >>> picture[40:60, 10:30] = [200, 30, 30]
    >>> tower = HashedPicture()
    >>> found = heat(picture, tower, tower.encode([picture])[0])
    >>> print(found.cells.shape, found.peak)
    (7, 7) 0.1429,0.5714,0.2857,0.2857
    """
    if grid < 1 or not 1 <= window <= grid:
        raise ValueError(f"grid must be at least 1 and window 1 to grid, not {grid} and {window}")
    pixels = shrunk(pixels, _SIDE)
    places = grid - window + 1
    side = window / grid
    boxes = [
        Box(x=column / grid, y=row / grid, w=side, h=side)
        for row in range(places)
        for column in range(places)
    ]
    near = encoder.encode([pixels, *(hidden(pixels, box) for box in boxes)]) @ unit(against)
    lost = np.asarray(near[0] - near[1:], np.float64).reshape(places, places)
    painted = _painted(pixels, grid)
    within = np.lib.stride_tricks.sliding_window_view(painted, (window, window)).sum(axis=(2, 3))
    each = window * window * lost / np.where(within > 0, within, 1)
    sums, holders = np.zeros((grid, grid)), np.zeros((grid, grid))
    for row, column in np.ndindex(window, window):  # every window's first cell, then every second one, ...
        sums[row : row + places, column : column + places] += each
        holders[row : row + places, column : column + places] += 1
    # The peak is a window that was hidden, not the hottest cells: means over windows blur, and two halves of
    # a product that say the same are not missed one by one.
    top = int(lost.argmax())
    fall = max(float(lost.flat[top]), 0.0)
    return HeatMap(
        cells=np.asarray(painted * sums / holders, np.float32),
        peak=boxes[top] if fall > 0 else WHOLE,
        fall=fall,
        similarity=float(near[0]),
    )


def hidden(pixels: Pixels, box: Box) -> Pixels:
    """The picture with a box painted over in the color of its rim; pixels half in the box half.

    Args:
        pixels: (height, width, 3).
        box: what is hidden.

    Returns:
        (height, width, 3)
    """
    height, width = pixels.shape[:2]
    cover = np.outer(_covered(box.y, box.h, height), _covered(box.x, box.w, width))[..., None]
    painted = pixels + (_rim_color(pixels) - pixels) * cover
    return np.asarray(np.rint(painted), np.uint8)


def overlay(pixels: Pixels, map: HeatMap) -> Pixels:
    """The picture with its hot parts as they are, the rest faded to grey paper, and a line around the peak.

    Light and dark say it, not hue: it can be read by everyone who sees no red or green.

    Args:
        pixels: (height, width, 3) RGB.
        map: of this picture, at whatever size.

    Returns:
        (height, width, 3)
    """
    height, width = pixels.shape[:2]
    warm = np.clip(map.cells, 0, None)
    spread = Image.fromarray(warm.astype(np.float32)).resize((width, height), Image.Resampling.BICUBIC)
    share = np.clip(np.asarray(spread) / max(float(warm.max()), _SHOWN), 0, 1)[..., None]
    grey = pixels @ np.array([0.299, 0.587, 0.114], np.float32)
    faded = 0.3 * grey[..., None] + 0.7 * np.array(_PAPER, np.float32)
    shown = faded + (pixels - faded) * np.sqrt(share)
    hot = share[..., 0] > 0.5
    shown[_outline(hot, max(1, round(max(height, width) / 120)))] = _ACCENT
    return np.asarray(np.rint(shown), np.uint8)


def _rim_color(pixels: Pixels) -> NDArray[np.float64]:
    rim = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    return np.asarray(np.median(rim, axis=0), np.float64)


def _painted(pixels: Pixels, grid: int) -> NDArray[np.float64]:
    """(grid, grid) how much painting over would change in each cell, in levels."""
    change = np.abs(pixels - _rim_color(pixels)).mean(axis=2)
    rows, columns = (
        np.stack([_covered(cell / grid, 1 / grid, side) for cell in range(grid)]) for side in change.shape
    )
    sums = rows @ change @ columns.T
    return np.asarray(sums * grid**2 / change.size, np.float64)


def _covered(start: float, length: float, side: int) -> Heat:
    """(side,) the share of each pixel that lies in a span."""
    edges = np.arange(side + 1, dtype=np.float64) / side
    inside = np.clip(edges, start, start + length)
    return np.asarray(np.diff(inside) * side, np.float32)


def _outline(hot: NDArray[np.bool_], thick: int) -> NDArray[np.bool_]:
    """(h, w) what is hot and within so many pixels of what is not; the picture's rim is no edge."""
    inner = hot.copy()
    for _ in range(thick):
        padded = np.pad(inner, 1, mode="edge")
        inner &= padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return hot & ~inner
