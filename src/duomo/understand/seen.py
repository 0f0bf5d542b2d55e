"""Values of facets on a picture: of the main object, not of what stands around it.

Heads on what the picture tower sees answer where there are some: those that Duomo brings along, or a shop's
own. Without them a color is still named, by CIELAB alone.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from duomo.arrays import Pixels
from duomo.encode.colors import COLORS, color_histogram
from duomo.encode.regions import Box, cut, main_object
from duomo.encode.striking import before_plain, plain_rim, shrunk_to_cells
from duomo.understand.category import Trained, trained_in
from duomo.understand.classify import HEADS, Head
from duomo.understand.facets import Facet, value_called
from duomo.understand.heads import CARD
from duomo.understand.seen_colors import COLORS_NAMED, named_colors
from duomo.understand.sight import LEAST_SIDE, Sight

Floats = NDArray[np.float32]

SHIPPED: Final = Path(__file__).parent / "weights" / "attributes"
SEEN: Final[tuple[Facet, ...]] = ("color", "pattern", "sleeve", "gender", "season", "usage")  # on pictures
CLEARED: Final = "pocket-cleared"  # the encoder of shops that take nothing of unverified licence
_WHITE: Final = 225  # of 255, in every channel: such a background is white enough
_NEAR: Final = 20  # levels that a background may differ from its rim
_NAMED_POWER: Final = 3.0  # of CIELAB's shares: what makes them probabilities, fitted on luma_shop


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """What pictures say of one facet."""

    labels: tuple[str, ...]
    probabilities: Floats  # (n, labels); of goods without a picture anything
    usual: Floats  # (labels,) how often each is right, before anything is seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What the pictures of n goods say, and where on each the object is."""

    boxes: tuple[Box | None, ...]  # None: there is no picture, or too small a one
    said: Mapping[Facet, Shares]


@dataclass(frozen=True, slots=True, kw_only=True)
class Eyes:
    """Reads facets off pictures."""

    heads: Mapping[Facet, Trained] = field(default_factory=dict)

    @classmethod
    def of(
        cls, shop: Path | None = None, encoders: Sequence[str] = (), facets: Collection[str] = SEEN
    ) -> Self:
        """The eyes for a shop: its own heads, and those that Duomo brings along for the other facets.

        Args:
            shop: its folder; None: there is none.
            encoders: of the shop. With `pocket-cleared` no head of data with an unverified licence is used.
            facets: the ones that are asked for.

        Raises:
            BadFile: a head of the shop is damaged, or was trained with another tower.
        """
        places = [] if CLEARED in encoders else [SHIPPED]
        places += [shop / HEADS] if shop else []
        heads: dict[Facet, Trained] = {}
        for place in places:
            for facet in (facet for facet in SEEN if facet in facets):
                if (place / facet / CARD).is_file():
                    trained = trained_in(place / facet)
                    if trained.head.picture is not None:
                        heads[facet] = trained
        return cls(heads=heads)

    def look(self, pictures: Sequence[Pixels | None], texts: Sequence[str] = ()) -> Looked:
        """What pictures show.

        Args:
            pictures: (n,) of any size, (height, width, 3) uint8 RGB; None: the goods have none.
            texts: (n,) words of the goods, which heads that a shop has trained may read too; () : none.
        """
        there = [
            place
            for place, each in enumerate(pictures)
            if each is not None and min(each.shape[:2]) >= LEAST_SIDE
        ]
        opened = [each for place in there if (each := pictures[place]) is not None]
        boxes = [object_box(each) for each in opened]
        said: dict[Facet, Shares] = {}
        if self.heads and opened:
            seen: dict[str, Floats] = {}  # by each tower, which mostly is one for all heads
            words = [texts[place] for place in there] if texts else [""] * len(there)
            for facet, trained in self.heads.items():
                head, sight = trained.head, trained.sight
                if head.picture is None:
                    continue
                if sight.version not in seen:
                    seen[sight.version] = features(sight, opened, boxes)
                part = seen[sight.version][:, : len(head.picture.mean)]
                shares = head.probabilities(words, part, np.ones(len(part), np.bool_))
                said[facet] = _spread(labels_of(head, facet), shares, head.gate.prior, there, len(pictures))
        if "color" not in said and opened:
            powers = named_colors(opened, boxes) ** _NAMED_POWER
            shares = powers / powers.sum(axis=1, keepdims=True)
            usual = np.full(len(COLORS_NAMED), 1 / len(COLORS_NAMED), np.float32)
            said["color"] = _spread(COLORS_NAMED, shares, usual, there, len(pictures))
        where: list[Box | None] = [None] * len(pictures)
        for place, box in zip(there, boxes, strict=True):
            where[place] = box
        return Looked(boxes=tuple(where), said=said)


def object_box(pixels: Pixels) -> Box:
    """Where the main object is; before a plain background all that is not background.

    >>> picture = np.full((60, 80, 3), 240, np.uint8)
    >>> picture[20:40, 30:50] = [200, 30, 30]
    >>> print(object_box(picture))
    0.375,0.3333,0.25,0.3333
    """
    small = shrunk_to_cells(pixels)
    cells = before_plain(small)
    if cells is None:
        return main_object(pixels)
    height, width = small.shape[:2]
    top, bottom, left, right = cells
    return Box(x=left / width, y=top / height, w=(right - left) / width, h=(bottom - top) / height)


def features(sight: Sight, pictures: Sequence[Pixels], boxes: Sequence[Box]) -> Floats:
    """What heads are made of: what the tower sees, and the colors of the object alone.

    A picture before a plain background is seen whole, as the tower knows goods; else the object is cut out.

    Returns:
        (n, sight.dim + COLORS)
    """
    if not pictures:
        return np.zeros((0, sight.dim + COLORS), np.float32)
    pictures = [before_white(pixels) for pixels in pictures]
    objects = [cut(pixels, box) for pixels, box in zip(pictures, boxes, strict=True)]
    plain = [before_plain(shrunk_to_cells(pixels)) is not None for pixels in pictures]
    shown = [pixels if whole else part for pixels, part, whole in zip(pictures, objects, plain, strict=True)]
    return np.concatenate([sight.see(shown), color_histogram(objects)], axis=1)


def before_white(pixels: Pixels) -> Pixels:
    """Goods before another plain color as before white: the heads have hardly seen any other background."""
    rim = plain_rim(shrunk_to_cells(pixels))
    if rim is None or rim.min() >= _WHITE:
        return pixels
    behind = np.abs(pixels.astype(np.float32) - rim).max(axis=2) <= _NEAR
    return np.where(behind[:, :, None], np.uint8(255), pixels)


def labels_of(head: Head, facet: Facet) -> tuple[str, ...]:
    """The classes of a head as values of the facet, where they are some; else as the head calls them."""
    return tuple(value_called(facet, name) or name for name in head.taxonomy.labels)


def _spread(
    labels: tuple[str, ...], shares: Floats, usual: Floats, there: Sequence[int], count: int
) -> Shares:
    """Shares of the goods with a picture in the rows of all goods; two classes of one value together."""
    names = tuple(dict.fromkeys(labels))
    column = np.array([names.index(label) for label in labels])
    rows = np.zeros((count, len(names)), np.float32)
    together = np.zeros(len(names), np.float32)
    np.add.at(together, column, usual)
    for place, name in enumerate(column):
        rows[there, name] += shares[:, place]
    return Shares(labels=names, probabilities=rows, usual=together)
