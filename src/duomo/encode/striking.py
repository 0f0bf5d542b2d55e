"""What stands out on a picture: maps of a few thousand cells, without a model.

Two maps agree on it: how far a cell is from the rim along the best path (the minimum barrier distance, Zhang
et al., ICCV 2015), and how far its color is from those at the rim; times a bell around the middle, where
people hold what they photograph.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from duomo.arrays import Pixels

Map = NDArray[np.float32]
Cells = tuple[int, int, int, int]  # top, bottom, left, right; bottom and right are the first outside

GRID: Final = 48  # cells along the longer side

_LEAST_CONTRAST: Final = 4.0  # CIELAB units between rim and goods: less is a picture of nothing
_FARTHEST: Final = 40.0  # CIELAB units; a color farther from the rim's is no more striking
_MIDDLE: Final = 0.5  # how steep the bell is
_PLAIN: Final = 0.85  # share of the rim that must have one color to be a studio's background
_NEAR: Final = 14  # levels that a pixel of such a background may be off, of 255
_STRAY: Final = 0.01  # share of a row or column: fewer cells that are not background are dust


def shrunk_to_cells(pixels: Pixels) -> Pixels:
    """The picture averaged down to GRID cells along its longer side, (h, w, 3)."""
    height, width = pixels.shape[:2]
    scale = GRID / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BOX))


def to_lab(rgb: Pixels) -> Map:
    """(h, w, 3) sRGB in CIELAB under D65 (IEC 61966-2-1; CIE 15), where equal steps look equal."""
    stored = rgb.astype(np.float32) / 255
    light = np.where(stored > 0.04045, ((stored + 0.055) / 1.055) ** 2.4, stored / 12.92)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = light @ np.array(to_xyz).T / np.array([0.9505, 1.0, 1.089])
    x, y, z = np.moveaxis(np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1).astype(np.float32)


def striking_map(colors: Map) -> Map | None:
    """(h, w) 0 to 1, how much each cell stands before its surroundings; None: nothing does."""
    far, strange = _barriers(colors), np.minimum(_strangeness(colors), _FARTHEST)
    if min(far.max(), strange.max()) < _LEAST_CONTRAST:
        return None
    height, width = far.shape
    down, across = ((np.arange(n) - (n - 1) / 2) / (n / 2) for n in (height, width))
    bell = np.exp(-_MIDDLE * (down[:, None] ** 2 + across**2))
    striking = _stretched(far) * _stretched(strange) * bell
    return np.asarray(striking / striking.max(), np.float32) if striking.any() else None


def plain_rim(small: Pixels) -> Map | None:
    """(3,) the one color of the rim; None: it has several."""
    rim = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]]).astype(np.float32)
    color = np.asarray(np.median(rim, axis=0), np.float32)
    return color if (np.abs(rim - color).max(axis=1) <= _NEAR).mean() >= _PLAIN else None


def before_plain(small: Pixels) -> Cells | None:
    """Everything that is not a plain background; None: there is no such background, or nothing before it."""
    color = plain_rim(small)
    if color is None:
        return None
    away = np.abs(small.astype(np.float32) - color).max(axis=2) > _NEAR
    rows, columns = (np.flatnonzero(away.mean(axis=axis) > _STRAY) for axis in (1, 0))
    if not rows.size or not columns.size:
        return None
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def best_box(worth: Map) -> Cells:
    """The box with the largest sum (Bentley 1984, over every pair of rows)."""
    height, width = worth.shape
    sums = np.vstack([np.zeros((1, width)), np.cumsum(worth, axis=0, dtype=np.float64)])
    tops, bottoms = np.triu_indices(height + 1, 1)
    strips = sums[bottoms] - sums[tops]
    running, best = np.full(len(tops), -np.inf), np.full(len(tops), -np.inf)
    begin, left, right = (np.zeros(len(tops), np.int64) for _ in range(3))
    for column in range(width):
        fresh = running <= 0
        running = np.where(fresh, strips[:, column], running + strips[:, column])
        begin = np.where(fresh, column, begin)
        better = running > best
        best = np.where(better, running, best)
        left, right = np.where(better, begin, left), np.where(better, column + 1, right)
    place = int(best.argmax())
    return int(tops[place]), int(bottoms[place]), int(left[place]), int(right[place])


def main_colors(colors: Map, where: NDArray[np.bool_], kinds: int, rounds: int = 8) -> NDArray[np.int64]:
    """Which of the main colors of some cells each cell is nearest to (k-means, begun far apart).

    Args:
        colors: (h, w, 3) CIELAB.
        where: (h, w) the cells that the colors are sought in, at least one.
        kinds: how many colors.
        rounds: of k-means.

    Returns:
        (h, w) 0 to kinds - 1.
    """
    points = colors[where]
    centres = [points.mean(axis=0)]
    while len(centres) < kinds:  # the farthest each time (Gonzalez 1985): the same start every time
        gaps = np.min([((points - centre) ** 2).sum(-1) for centre in centres], axis=0)
        centres.append(points[int(gaps.argmax())])
    means = np.stack(centres)
    for _ in range(rounds):
        nearest = ((points[:, None] - means) ** 2).sum(-1).argmin(1)
        means = np.stack(
            [points[nearest == k].mean(0) if (nearest == k).any() else means[k] for k in range(kinds)]
        )
    return np.asarray(((colors[:, :, None] - means) ** 2).sum(-1).argmin(-1), np.int64)


def _stretched(plane: Map) -> Map:
    low, high = plane.min(), plane.max()
    return np.asarray((plane - low) / (high - low), np.float32)


def _barriers(colors: Map, sweeps: int = 2) -> Map:
    """(h, w) the least range of values on a way to the rim, mean of the channels (FastMBD).

    Whole rows and columns are swept at once, which NumPy can, in place of pixels in raster order.
    """
    highest, lowest = colors.copy(), colors.copy()
    barrier = np.full_like(colors, np.inf)
    barrier[[0, -1]] = barrier[:, [0, -1]] = 0
    for _ in range(sweeps):
        # The same sweeps down and up, then, on the transposed, right and left.
        for turn in (False, True):
            planes = [p.swapaxes(0, 1) if turn else p for p in (colors, highest, lowest, barrier)]
            length = len(planes[0])
            for order in (range(1, length), range(length - 2, -1, -1)):
                step = order.step
                for here in order:
                    _relax(*planes, here=here, there=here - step)
    return np.asarray(barrier.mean(axis=-1), np.float32)


def _relax(colors: Map, highest: Map, lowest: Map, barrier: Map, *, here: int, there: int) -> None:
    """Let a row take the ways of its neighbour where they are better than its own; in place."""
    high, low = np.maximum(highest[there], colors[here]), np.minimum(lowest[there], colors[here])
    better = high - low < barrier[here]
    highest[here] = np.where(better, high, highest[here])
    lowest[here] = np.where(better, low, lowest[here])
    barrier[here] = np.where(better, high - low, barrier[here])


def _strangeness(colors: Map, band: float = 0.08, most: int = 300) -> Map:
    """(h, w) CIELAB distance of each cell to the nearest few colors of the rim."""
    height, width = colors.shape[:2]
    rim = np.ones((height, width), np.bool_)
    thick = max(1, round(band * max(height, width)))
    rim[thick : height - thick, thick : width - thick] = False
    known = colors[rim]
    known = known[:: max(1, len(known) // most)]
    squares = (colors**2).sum(-1)[..., None] + (known**2).sum(-1) - 2 * colors @ known.T
    few = max(1, len(known) * 3 // 100)  # one cell alone may be a speck
    near = np.partition(squares, few - 1, axis=-1)[..., :few]
    return np.asarray(np.sqrt(np.maximum(near, 0)).mean(-1), np.float32)
