"""Text that was laid over a single picture: banners, prices, telephone numbers; told from prints on goods.

A small convolutional net of our own says of every 8 by 8 pixels whether overlaid text stands there. It
learned from photos with drawn banners, against photos as they are and prints drawn onto goods
(`train.overlaid`). Its arrays are run by NumPy.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from duomo.arrays import Pixels
from duomo.catalog.health.findings import Both, Finding, Kind, found
from duomo.catalog.health.goods import Goods
from duomo.catalog.health.overlays import place_of
from duomo.catalog.health.sights import Sight
from duomo.errors import BadFile, DuomoError
from duomo.guard.pictures import open_picture
from duomo.product import Media
from duomo.understand.heads import load_head

SHIPPED: Final = Path(__file__).parent / "weights" / "overlaid"
FORM: Final = 1
SIDE: Final = 256  # pixels of the longest side that pictures are looked at with
CELL: Final = 8  # pixels of a side that one number is said of
# Of the layers: output channels, stride, dilation; each 3 by 3 with ReLU, and one number of the last.
LAYERS: Final = ((16, 2, 1), (24, 2, 1), (32, 1, 1), (48, 2, 1), (48, 1, 1), (48, 1, 2))
LEAST_SIDE: Final = 96  # smaller pictures show no text that could be told
RUN: Final = 4  # cells beside each other that text fills at least
_AGAIN: Final = "Install Duomo again"

Floats = NDArray[np.float32]
Box = tuple[float, float, float, float]  # left, top, right, bottom in shares of the picture

TEXT: Final = Kind(
    name="picture-text",
    weight=1,
    loss="trust",
    title=Both("Text laid over the picture", "图片上叠加了文字"),
    says=Both(
        "seems to have text laid over it ({place}); prints and labels are taken for it now and then",
        "上似乎叠加了文字（{place}）；衣服印花或商品标签偶尔会被误认",
    ),
    remedy=Both(
        "If it is no print on the goods, put the picture without it there: shopping feeds refuse such text",
        "如果不是商品本身的印花，请换成没有文字的图片：购物平台会拒绝叠加文字",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlaid:
    """Tells overlaid text; made by `duomo.train.overlaid`, served by NumPy alone."""

    kernels: tuple[Floats, ...]  # of each layer (out, in, height, width)
    biases: tuple[Floats, ...]
    cut: float  # score from which on text is told
    card: dict[str, Any]

    @classmethod
    @cache
    def shipped(cls) -> Self:
        """What Duomo brings along; raises BadFile or MissingFile where it is damaged or not there."""
        return cls.load(SHIPPED)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """What is in a folder.

        Raises:
            MissingFile: there is none.
            BadFile: it is damaged, or was made by another version.
        """
        card, arrays = load_head(folder, form=FORM, again=_AGAIN)
        count = len(LAYERS) + 1
        try:
            kernels, biases = (
                tuple(np.asarray(arrays[f"{name}.{place}"], np.float32) for place in range(count))
                for name in ("kernel", "bias")
            )
            return cls(kernels=kernels, biases=biases, cut=float(card["cut"]), card=card)
        except (KeyError, TypeError, ValueError) as error:
            raise BadFile(f"the head in {folder} cannot be used ({error})", remedy=_AGAIN) from error

    def heat(self, pixels: Pixels) -> Floats:
        """(height / CELL, width / CELL) log odds of overlaid text.

        Args:
            pixels: (height, width, 3), at most SIDE on a side.
        """
        plane = pixels.astype(np.float32) / np.float32(127.5) - 1
        for (_, stride, dilation), kernel, bias in zip(LAYERS, self.kernels, self.biases, strict=False):
            plane = np.maximum(convolved(plane, kernel, stride, dilation) + bias, 0)
        return np.asarray((plane @ self.kernels[-1][:, :, 0, 0].T + self.biases[-1])[:, :, 0], np.float32)

    def score(self, pixels: Pixels) -> float:
        """How surely text is laid over a picture: log odds of the RUN cells in a row that are surest."""
        return self.surest(pixels)[0]

    def surest(self, pixels: Pixels) -> tuple[float, Box]:
        """The score, and where those cells lie, in shares of the picture; small pictures score -inf."""
        if min(pixels.shape[:2]) < LEAST_SIDE:
            return -np.inf, (0.0, 0.0, 1.0, 1.0)
        runs = sliding_window_view(self.heat(pixels), RUN, axis=1).mean(axis=-1)
        row, column = (int(each) for each in np.unravel_index(int(runs.argmax()), runs.shape))
        high, wide = (CELL / each for each in pixels.shape[:2])
        box = (column * wide, row * high, (column + RUN) * wide, (row + 1) * high)
        return float(runs[row, column]), box


def texts_on_pictures(goods: Goods) -> Iterator[Finding]:
    """Pictures with text laid over them; a `findings.Check` that must be asked for."""
    net = Overlaid.shipped()

    def look(media: Media) -> tuple[float, Box]:
        return net.surest(open_picture(goods.read(media), side=SIDE, megapixels=goods.megapixels).pixels)

    seen = [key for key, sight in goods.sights.items() if isinstance(sight, Sight)]
    for key, result in goods.each({key: goods.placed[key][0].media for key in seen}, look):
        if isinstance(result, DuomoError) or result[0] < net.cut:
            continue
        places = goods.placed[key]
        first = places[0]
        yield found(
            TEXT, first.product, origin=first.origin, column="image", value=first.media.source,
            others=[place.product.id for place in places], media=[first.media],
            values={"place": place_of(result[1])},
        )  # fmt: skip


def convolved(plane: Floats, kernel: Floats, stride: int, dilation: int) -> Floats:
    """(h, w, in) with a kernel (out, in, 3, 3) -> (h / stride, w / stride, out), as torch pads and counts."""
    height, width = plane.shape[:2]
    around = np.pad(plane, [(dilation, dilation), (dilation, dilation), (0, 0)])
    rows, columns = -(-height // stride), -(-width // stride)
    made = np.zeros((rows * columns, len(kernel)), np.float32)
    for down in range(3):
        for right in range(3):
            part = around[down * dilation :: stride, right * dilation :: stride][:rows, :columns]
            made += part.reshape(rows * columns, -1) @ kernel[:, :, down, right].T
    return made.reshape(rows, columns, -1)
