"""A watermark: the same thin strokes at the same place of many pictures.

One picture does not tell its watermark from a print on the goods; many do (Dekel, Rubinstein, Liu and
Freeman, CVPR 2017). Two things are asked of a place. Its strokes are lighter or darker than their ground in
most pictures, or always towards grey. And they are blended in one way: a share `a` of the color W laid over
a ground G rises by a (W - G), a line through all pictures. Seams of shoes that stand alike have the first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from duomo.arrays import Pixels

SIDE: Final = 256  # pixels that pictures are looked at with, longest side
LEAST_SIDE: Final = 128
LEAST: Final = 30  # pictures of one shape that are needed
MOST: Final = 150  # that are looked at to find a mark
MARKED: Final = 0.4  # of a mark that shows in a picture which has it
_STEP: Final = 16  # pixels that shapes are rounded to
_STROKE: Final = 7  # pixels: strokes are thinner
_CLEAR: Final = 12.0  # levels: what rises more counts no more
_ALIKE: Final = 5.0  # standard errors that a place is off zero by
_BLENDED: Final = 0.75  # share of the squares of the rises that the line explains
_PIXELS: Final = 64  # of a mark; of shoes that stand alike up to 55 had all this in common
_RIM: Final = 4  # pixels at the rim that do not count: pictures have frames
_LIGHT: Final = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601

Floats = NDArray[np.float32]
Shape = tuple[int, int]  # height, width


class Strokes(NamedTuple):
    """Thin strokes of pictures: (..., height, width) each."""

    rise: Floats  # levels that they are lighter than what is around them, or darker: below 0
    ground: Floats  # levels of what is around them

    @classmethod
    def of(cls, pixels: Pixels, shape: Shape) -> Self:
        """Those of one picture: its white and its black top-hat (Serra, 1982), whichever is more."""
        if pixels.shape[:2] != shape:
            pixels = np.asarray(Image.fromarray(pixels).resize(shape[::-1], Image.Resampling.BILINEAR))
        grey = (pixels @ _LIGHT).round().clip(0, 255).astype(np.uint8)
        opened = squares(squares(grey, np.minimum), np.maximum)
        closed = squares(squares(grey, np.maximum), np.minimum)
        lighter, darker = grey - opened, closed - grey
        rise = lighter.astype(np.float32) - darker
        return cls(rise, np.where(lighter > darker, opened, closed).astype(np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """What pictures of one shape have in common."""

    shape: Shape
    places: NDArray[np.int64]  # (pixels,) of its strokes, in a picture as one row
    toward: Floats  # (pixels,) 1: lighter, -1: darker than the ground
    grey: bool  # lighter on dark ground and darker on light

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of its strokes, in shares of the picture."""
        rows, columns = np.divmod(self.places, self.shape[1])
        height, width = self.shape
        left, right = np.quantile(columns, (0.02, 0.98)) / width
        top, bottom = np.quantile(rows, (0.02, 0.98)) / height
        return float(left), float(top), float(right), float(bottom)

    def shown(self, strokes: Strokes) -> Floats:
        """(...) how much of it shows in pictures: about 0 where it is not, up to 1."""
        rise = _direction(strokes, self.grey).reshape(*strokes.rise.shape[:-2], -1)[..., self.places]
        return np.asarray((rise * self.toward).mean(axis=-1) / _CLEAR, np.float32)


def shape_of(width: int, height: int) -> Shape | None:
    """The shape that a picture of this size is looked at in, rounded; None: it is too small."""
    if max(width, height) < LEAST_SIDE:
        return None
    scale = min(1.0, SIDE / max(width, height)) / _STEP
    return max(1, round(height * scale)) * _STEP, max(1, round(width * scale)) * _STEP


def mark_in(pictures: Sequence[Pixels], shape: Shape) -> Mark | None:
    """The mark that some of the pictures share; None: there is none, or they are too few.

    Args:
        pictures: of different goods, at most SIDE on a side; LEAST of them at least.
        shape: that `shape_of` gives for them.
    """
    if len(pictures) < LEAST:
        return None
    every = [Strokes.of(pixels, shape) for pixels in pictures]
    strokes = Strokes(np.stack([each.rise for each in every]), np.stack([each.ground for each in every]))
    marks = [mark for grey in (False, True) if (mark := _common(strokes, shape, grey))]
    return max(marks, key=lambda mark: len(mark.places), default=None)


def _common(strokes: Strokes, shape: Shape, grey: bool) -> Mark | None:
    rise = _direction(strokes, grey)
    total = rise.sum(axis=0)
    off = total / np.sqrt((rise**2).sum(axis=0) + 4 * len(rise))
    off[:_RIM] = off[-_RIM:] = off[:, :_RIM] = off[:, -_RIM:] = 0
    places = np.flatnonzero(np.abs(off) > _ALIKE)
    if len(places) < _PIXELS:
        return None
    found = Mark(shape, places, np.sign(total.ravel()[places]), grey)
    shown = found.shown(strokes)
    having = shown >= max(MARKED, float(np.quantile(shown, 0.9)) / 2)
    if having.sum() < LEAST / 2:
        return None
    blended = _blended(*(each[having].reshape(int(having.sum()), -1)[:, places] for each in strokes))
    kept = blended > _BLENDED
    return Mark(shape, places[kept], found.toward[kept], grey) if kept.sum() >= _PIXELS else None


def _direction(strokes: Strokes, grey: bool) -> Floats:
    """Rises, clipped; where they go toward grey, those that do above 0."""
    rise = strokes.rise.clip(-_CLEAR, _CLEAR)
    return rise * ((128 - strokes.ground) / 40).clip(-1, 1) if grey else rise


def _blended(rise: Floats, ground: Floats) -> Floats:
    """(pixels,) how well a line explains rises, as large as they are, 0 to 1; (pictures, pixels) each."""
    apart, lift = ground - ground.mean(axis=0), rise - rise.mean(axis=0)
    slope = ((apart * lift).sum(axis=0) / ((apart**2).sum(axis=0) + 100 * len(rise))).clip(-1, 1)
    left = ((lift - slope * apart) ** 2).sum(axis=0)
    return np.asarray(1 - (left + 16 * len(rise)) / ((rise**2).sum(axis=0) + 16 * len(rise)), np.float32)


def squares(
    levels: NDArray[np.uint8], take: Callable[..., NDArray[np.uint8]], side: int = _STROKE
) -> NDArray[np.uint8]:
    """The least or the most (np.minimum, np.maximum) of the square around each pixel.

    >>> squares(np.array([[0, 0, 9, 0, 0]], np.uint8), np.maximum, side=3).tolist()
    [[0, 9, 9, 9, 0]]
    """
    for _ in range(2):
        levels = _columns(levels, take, side).T
    return levels


def _columns(
    levels: NDArray[np.uint8], take: Callable[..., NDArray[np.uint8]], side: int
) -> NDArray[np.uint8]:
    """Of `side` pixels below each other; the reach is doubled until it is wide enough."""
    padded, reach = np.pad(levels, [(side // 2, side // 2), (0, 0)], mode="edge"), 1
    while reach * 2 <= side:
        padded, reach = take(padded[:-reach], padded[reach:]), reach * 2
    rest = side - reach
    return take(padded[: len(padded) - rest], padded[rest:])
