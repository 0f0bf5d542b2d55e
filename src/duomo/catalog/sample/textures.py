"""Surfaces from close up: smooth noise and the relief of cloth, leather and wood, in tiles that repeat."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]

TILE = 256  # pixels along a side of every relief tile


@cache
def noise(index: int, roughness: float = 1.0) -> Field:
    """A tile (512, 512) of smooth noise that repeats, mean 0 and deviation 1.

    Args:
        index: which of the endless tiles; the same index is always the same tile.
        roughness: fall-off of the spectrum; 0.5 is grainy, 2 is soft hills.
    """
    white = np.random.default_rng(9000 + index).standard_normal((512, 512))
    fx, fy = np.fft.fftfreq(512)[None, :], np.fft.fftfreq(512)[:, None]
    power = np.maximum(np.hypot(fx, fy), 1 / 512) ** -(1.0 + roughness)
    power[0, 0] = 0.0
    field = np.fft.ifft2(np.fft.fft2(white) * power).real
    return np.asarray((field - field.mean()) / field.std(), dtype=np.float32)


@cache
def relief(name: str) -> tuple[Field, Field]:
    """The slopes (along x, along y) of a surface's relief, two tiles (TILE, TILE), steepest about 1."""
    height = _HEIGHTS[name]()
    gx = np.roll(height, -1, 1) - np.roll(height, 1, 1)
    gy = np.roll(height, -1, 0) - np.roll(height, 1, 0)
    peak = float(np.quantile(np.hypot(gx, gy), 0.98)) or 1.0
    return np.asarray(gx / peak, dtype=np.float32), np.asarray(gy / peak, dtype=np.float32)


def _grid(across: int, down: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Angles of waves that fit the tile the given number of times."""
    turn = 2 * np.pi * np.arange(TILE) / TILE
    return turn[None, :] * across, turn[:, None] * down


def _grain(index: int, roughness: float = 0.3) -> NDArray[np.float64]:
    return noise(index, roughness)[::2, ::2].astype(np.float64)


def _weave() -> NDArray[np.float64]:
    x, y = _grid(32, 32)
    return np.asarray(np.sin(x) * np.cos(y) + 0.8 * _grain(1))


def _twill() -> NDArray[np.float64]:
    x, y = _grid(24, 24)
    return np.asarray(np.sin(x + y) + 0.6 * _grain(2))


def _knit() -> NDArray[np.float64]:
    x, y = _grid(10, 12)
    lean = np.abs(np.sin(x / 2)) * 1.6  # the two legs of each stitch form a V
    return np.asarray(0.9 * np.abs(np.sin(x / 2)) + 0.7 * np.sin(y + lean * 2) + 0.25 * _grain(3))


def _rib() -> NDArray[np.float64]:
    x, _ = _grid(12, 1)
    return np.asarray(np.sin(x) ** 3 + 0.15 * _grain(4) + np.zeros((TILE, 1)))


def _cord() -> NDArray[np.float64]:
    x, _ = _grid(18, 1)
    return np.asarray(np.abs(np.sin(x / 2)) ** 0.6 + 0.1 * _grain(5) + np.zeros((TILE, 1)))


def _fleece() -> NDArray[np.float64]:
    return _grain(6, 0.6) + 0.8 * _grain(7, 0.1)


def _leather() -> NDArray[np.float64]:
    """Cells between creases: the distance to the second nearest of many points less that to the nearest."""
    random = np.random.default_rng(77)
    side = 26
    cell = TILE / side
    spots = (
        np.stack(np.meshgrid(np.arange(side), np.arange(side)), -1) + random.uniform(0, 1, (side, side, 2))
    ) * cell
    y, x = np.mgrid[0:TILE, 0:TILE].astype(np.float64)
    column, row = (x / cell).astype(int), (y / cell).astype(int)
    found = []
    for down in (-1, 0, 1):
        for across in (-1, 0, 1):
            spot = spots[(row + down) % side, (column + across) % side]
            gap_x = np.abs(spot[..., 0] - x)
            gap_y = np.abs(spot[..., 1] - y)
            found.append(np.hypot(np.minimum(gap_x, TILE - gap_x), np.minimum(gap_y, TILE - gap_y)))
    nearest = np.sort(np.stack(found), axis=0)
    return np.asarray(np.minimum(nearest[1] - nearest[0], 3.0) + 0.3 * _grain(8))


def _brushed() -> NDArray[np.float64]:
    white = np.random.default_rng(55).standard_normal((TILE, 1))
    return np.asarray(white + 0.2 * _grain(9, 0.0))


def _wood() -> NDArray[np.float64]:
    x, _ = _grid(9, 1)
    bend = 1.6 * noise(10, 1.6)[::2, ::2]
    return np.asarray(np.sin(x + bend) + 0.4 * np.sin(3 * x + 2 * bend) + 0.2 * _grain(11))


def _clay() -> NDArray[np.float64]:
    return 0.7 * _grain(12, 0.4) + 0.5 * _grain(13, 1.2)


_HEIGHTS = {
    "weave": _weave,
    "twill": _twill,
    "knit": _knit,
    "rib": _rib,
    "cord": _cord,
    "fleece": _fleece,
    "leather": _leather,
    "brushed": _brushed,
    "wood": _wood,
    "clay": _clay,
}
