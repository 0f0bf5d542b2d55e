"""Where on a picture the goods are: a box, the main object's box, boxes of several things, and the cut.

No model is asked; `striking` says what stands out. `benchmarks/regions.py` measures the boxes, and what
searching by them brings.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor, isfinite
from typing import Final

import numpy as np

from duomo.arrays import Pixels, Vectors, unit
from duomo.encode.base import Encoder
from duomo.encode.striking import (
    Cells,
    Map,
    before_plain,
    best_box,
    main_colors,
    plain_rim,
    shrunk_to_cells,
    striking_map,
    to_lab,
)
from duomo.errors import BadQuery

_LEAST_SIDE: Final = 16  # pixels: on less than that nothing is told apart
_ROOM: Final = 0.02  # of the longer side, left around what was found
_MOST_OF_IT: Final = 0.9  # of the picture: a cut that leaves so much is no cut
_KINDS: Final = 6  # colors that parts are told apart by
# Of a cell of another thing that a part's box takes in, where one of its own is 1 and the background -1; with
# _KINDS chosen on half of the street photos: benchmarks/regions.py reports on the other half.
_OTHERS: Final = -0.4
_SAME: Final = 0.6  # intersection over union of two boxes that are one region
_LEAST_REGION: Final = 0.01  # of the picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A part of a picture, in shares of its width and height, 0 to 1; never without area."""

    x: float  # of the left edge
    y: float  # of the upper edge
    w: float
    h: float

    def __post_init__(self) -> None:
        corners = (self.x, self.y, self.x + self.w, self.y + self.h)
        # Written out, because NaN is neither above nor below anything.
        if not (self.w > 0 and self.h > 0 and min(corners) >= 0 and max(corners) <= 1 + 1e-6):
            raise ValueError(f"a box lies on the picture and has an area, not {self}")

    @property
    def area(self) -> float:
        """Share of the picture, above 0 to 1."""
        return self.w * self.h

    def overlap(self, other: "Box") -> float:
        """Intersection over union, 0 to 1.

        >>> Box(x=0, y=0, w=1, h=0.5).overlap(WHOLE)
        0.5
        """
        across = min(self.x + self.w, other.x + other.w) - max(self.x, other.x)
        down = min(self.y + self.h, other.y + other.h) - max(self.y, other.y)
        both = max(across, 0.0) * max(down, 0.0)
        return both / (self.area + other.area - both)

    def __str__(self) -> str:
        return ",".join(f"{share:.4g}" for share in (self.x, self.y, self.w, self.h))


WHOLE: Final = Box(x=0.0, y=0.0, w=1.0, h=1.0)


def box_of(text: str, *, width: int, height: int) -> Box:
    """The box that a text names: left edge, upper edge, width, height.

    Shares of the picture, 0 to 1. Whole numbers of which one is above 1 are pixels.

    Args:
        text: four numbers, between commas or blanks.
        width: of the picture in pixels, as it was sent and upright (`guard.pictures.Picture.width`).
        height: likewise.

    Raises:
        BadQuery: these are not four numbers, or the box has no area or does not lie on the picture.

    >>> box_of("0.25, 0, 0.5, 1", width=80, height=60) == box_of("20,0,40,60", width=80, height=60)
    True
    >>> box_of("70,0,40,60", width=80, height=60)
    Traceback (most recent call last):
        ...
    duomo.errors.BadQuery: the box '70,0,40,60' reaches beyond the picture of 80 x 60 pixels. Name x,y,w,h ...
    """
    remedy = "Name x,y,w,h as shares of the picture, such as 0.25,0,0.5,1, or in pixels"
    shown = text if len(text) <= 60 else f"{text[:59]}…"
    words = text.replace(",", " ").replace("\N{FULLWIDTH COMMA}", " ").split()
    try:
        x, y, w, h = numbers = [float(word) for word in words]
    except ValueError as error:
        raise BadQuery(f"the box '{shown}' is not four numbers", remedy=remedy) from error
    if not all(map(isfinite, numbers)):
        raise BadQuery(f"the box '{shown}' has a number that is not finite", remedy=remedy)
    if w <= 0 or h <= 0:
        raise BadQuery(f"the box '{shown}' has no area", remedy=remedy)
    if max(numbers) > 1 and all(number == int(number) for number in numbers):
        x, y, w, h = x / width, y / height, w / width, h / height
    if min(x, y) < 0 or max(x + w, y + h) > 1 + 1e-6:  # 0.7 + 0.3 may be more than 1
        problem = f"the box '{shown}' reaches beyond the picture of {width} x {height} pixels"
        raise BadQuery(problem, remedy=remedy)
    return Box(x=x, y=y, w=w, h=h)


def cut(pixels: Pixels, box: Box) -> Pixels:
    """The part of the picture in the box, every pixel that it touches; at least one.

    Args:
        pixels: (height, width, 3).
        box: where.

    Returns:
        A view of (h, w, 3).

    >>> cut(np.zeros((60, 80, 3), np.uint8), Box(x=0.25, y=0, w=0.5, h=1)).shape
    (60, 40, 3)
    """
    height, width = pixels.shape[:2]
    top, bottom = _span(box.y, box.h, height)
    left, right = _span(box.x, box.w, width)
    return pixels[top:bottom, left:right]


def main_object(pixels: Pixels) -> Box:
    """The box of what the picture is of; the whole picture where nothing stands before its surroundings.

    Args:
        pixels: (height, width, 3) RGB of any size, at least one pixel.

    >>> picture = np.full((60, 80, 3), 240, np.uint8)
    >>> picture[20:40, 30:50] = [200, 30, 30]
    >>> print(main_object(picture))
    0.355,0.3067,0.29,0.3867
    >>> main_object(np.full((60, 80, 3), 240, np.uint8)) == WHOLE
    True
    """
    return regions(pixels, most=1)[0]


def regions(pixels: Pixels, most: int = 5) -> tuple[Box, ...]:
    """Boxes of what may be meant, best first: the main object, its parts by color, and what lies beside it.

    Args:
        pixels: (height, width, 3) RGB of any size, at least one pixel.
        most: how many boxes, at least 1.

    Returns:
        1 to `most`; no two of them are about the same.

    Raises:
        ValueError: most is below 1.
    """
    if most < 1:
        raise ValueError(f"most must be at least 1, not {most}")
    if min(pixels.shape[:2]) < _LEAST_SIDE:
        return (WHOLE,)
    small = shrunk_to_cells(pixels)
    colors = to_lab(small)
    striking = striking_map(colors)
    if striking is None:
        return (WHOLE,)
    first = _roomy(before_plain(small) or best_box(striking - striking.mean()), striking.shape)
    found = [first]
    if most > 1:
        for box in _parts(colors, striking):
            if box.area >= _LEAST_REGION and all(box.overlap(other) < _SAME for other in found):
                found.append(box)
            if len(found) == most:
                break
    return tuple(found)


def focus(pixels: Pixels) -> Box | None:
    """The main object's box if a search by picture gains by looking at it too; None: look at the whole alone.

    A picture before one plain color is a catalog's: it is cut like the catalog's own, and cutting it anew
    took from what it finds. Nor is there anything to gain where the object fills the picture.
    """
    if min(pixels.shape[:2]) < _LEAST_SIDE or plain_rim(shrunk_to_cells(pixels)) is not None:
        return None
    box = main_object(pixels)
    return box if box.area < _MOST_OF_IT else None


def focused(pixels: Pixels, encoder: Encoder[Pixels], whole: Vectors | None = None) -> Vectors:
    """The vector to search with for a photo: of the whole, or the mean of that and of its main object.

    Both together find more than either alone over all kinds of photos that were measured.

    Args:
        pixels: (height, width, 3) RGB of any size, at least one pixel.
        encoder: of the vectors that are searched.
        whole: (dim,) the vector of the whole picture, where it is known already.

    Returns:
        (dim,) length 1.
    """
    box = focus(pixels)
    seen: Vectors = encoder.encode([pixels])[0] if whole is None else whole
    return seen if box is None else unit(seen + encoder.encode([cut(pixels, box)])[0])


def _span(start: float, length: float, side: int) -> tuple[int, int]:
    """First pixel and the one after the last."""
    # Rounded first: 0.1 + 0.2 of 10 pixels ends with the third, not with the fourth.
    first = min(floor(round(start * side, 6)), side - 1)
    return first, min(max(ceil(round((start + length) * side, 6)), first + 1), side)


def _roomy(cells: Cells, shape: tuple[int, ...]) -> Box:
    """The box of some cells with a little room around it."""
    height, width = shape[:2]
    top, bottom, left, right = cells
    room = _ROOM * max(height, width)
    x, y = max(left - room, 0) / width, max(top - room, 0) / height
    return Box(x=x, y=y, w=min((right + room) / width, 1) - x, h=min((bottom + room) / height, 1) - y)


def _parts(colors: Map, striking: Map) -> Iterator[Box]:
    """Boxes of what stands out and has about one color, the largest first."""
    out = striking > striking.mean() / 2
    kinds = main_colors(colors, out, _KINDS)
    found = []
    for kind in range(_KINDS):
        own = out & (kinds == kind)
        if not own.any():
            continue
        cells = best_box(np.where(own, np.float32(1), np.where(out, np.float32(_OTHERS), np.float32(-1))))
        top, bottom, left, right = cells
        found.append((float(striking[top:bottom, left:right][own[top:bottom, left:right]].sum()), cells))
    for _, cells in sorted(found, key=lambda each: (-each[0], each[1])):
        yield _roomy(cells, striking.shape)
