"""How sharp a picture is: out of focus, or small and blown up, it has no steep edge."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.arrays import Pixels

SIDE: Final = 256  # pixels that it is looked at with, longest side
LEAST_SIDE: Final = 128  # smaller pictures have no edges to judge by
# Of the rise across four pixels, the share that the steepest single pixel has: 1 a clean edge, 0.25 an even
# slope. Of real pictures the least was 0.52, of ones blurred by 1.5 pixels in 256 the most 0.51.
BLURRED: Final = 0.45
_REACH: Final = 4  # pixels
_RISE: Final = 40  # levels that make an edge
_EDGES: Final = 20  # pixels of edges, fewer say nothing
_SHARPEST: Final = 0.75  # quantile of the edges: what lies out of focus behind a product does not count
_LIGHT: Final = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601


def sharpness(pixels: Pixels) -> float | None:
    """How steep the edges of a picture are: about 0.25 (soft) to 1 (sharp); None: it has hardly any.

    Args:
        pixels: (height, width, 3), at most SIDE on a side.

    >>> picture = np.full((128, 128, 3), 250, np.uint8)
    >>> picture[30:90, 40:80] = 20
    >>> sharpness(picture)
    1.0
    """
    if max(pixels.shape[:2]) < LEAST_SIDE:
        return None
    grey = pixels @ _LIGHT
    steep = [each for each in (_steepness(grey), _steepness(grey.T)) if len(each) > _EDGES]
    if not steep:
        return None
    return float(np.mean([np.quantile(each, _SHARPEST) for each in steep]))


def _steepness(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """(edges,) the steepest step of each rise down the rows, as a share of the rise."""
    rise = np.abs(grey[_REACH:] - grey[:-_REACH])
    step = np.abs(np.diff(grey, axis=0))
    steepest = np.max([step[at : at + len(rise)] for at in range(_REACH)], axis=0)
    edges = rise > _RISE
    return np.asarray(np.minimum(steepest[edges] / rise[edges], 1), np.float32)
