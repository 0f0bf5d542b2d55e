"""What was laid over pictures: watermarks that many of them share."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from duomo.arrays import Pixels
from duomo.catalog.health.findings import Both, Finding, Kind, found
from duomo.catalog.health.goods import Goods
from duomo.catalog.health.marks import LEAST, MARKED, MOST, SIDE, Mark, Shape, Strokes, mark_in, shape_of
from duomo.catalog.health.sights import Sight
from duomo.errors import DuomoError
from duomo.guard.pictures import open_picture
from duomo.product import Media

_TRIED: Final = 4 * MOST  # pictures of a shape that those to look at are chosen from
_ALIKE: Final = 12  # bits of 64 that fingerprints of one photo in another color may differ in

WATERMARK: Final = Kind(
    name="picture-watermark",
    weight=1,
    loss="trust",
    title=Both("Watermark on the picture", "图片带有水印"),
    says=Both(
        "bears a mark that {n} pictures have at the same place ({place})",
        "带有 {n} 张图片在同一位置共有的水印（{place}）",
    ),
    remedy=Both(
        "Put the picture without it there: shopping feeds refuse watermarks and overlaid text",
        "请换成没有水印的图片，购物平台会拒绝水印和叠加文字",
    ),
)
_ACROSS: Final = (Both("left", "左"), Both("middle", "中"), Both("right", "右"))
_DOWN: Final = (Both("top", "上"), Both("middle", "中"), Both("bottom", "下"))
_EVERYWHERE: Final = 0.6  # of both sides


def watermarks(goods: Goods) -> Iterator[Finding]:
    """Pictures with a mark that pictures of other goods have at the same place.

    Pictures of one shape are held against each other, LEAST of different goods at least. Up to MOST are
    looked at to find a mark, and all of them only where there is one.
    """
    groups: defaultdict[Shape, list[str]] = defaultdict(list)
    for key, sight in goods.sights.items():
        if isinstance(sight, Sight) and (shape := shape_of(sight.width, sight.height)):
            groups[shape].append(key)
    for shape, keys in groups.items():
        several = _different(goods, keys)
        if len(several) < LEAST:
            continue
        opened = goods.each(several, lambda media: _opened(goods, media))
        mark = mark_in([each for _, each in opened if not isinstance(each, DuomoError)], shape)
        if mark:
            yield from _marked(goods, keys, mark)


def _different(goods: Goods, keys: Sequence[str]) -> dict[str, Media]:
    """The pictures to look at: each of another product, and none the photo of another in other colors."""
    kept: dict[str, Media] = {}
    products: set[str] = set()
    prints = np.zeros(0, np.uint64)
    for key in keys[:: max(1, len(keys) // _TRIED)]:
        sight, place = goods.sights[key], goods.placed[key][0]
        if not isinstance(sight, Sight) or place.product.id in products:
            continue
        if len(prints) and np.bitwise_count(prints ^ sight.prints[0]).min() <= _ALIKE:
            continue
        kept[key], prints = place.media, np.append(prints, sight.prints[0])
        products.add(place.product.id)
        if len(kept) == MOST:
            break
    return kept


def _marked(goods: Goods, keys: Sequence[str], mark: Mark) -> Iterator[Finding]:
    def shown(media: Media) -> float:
        return float(mark.shown(Strokes.of(_opened(goods, media), mark.shape)))

    every = goods.each({key: goods.placed[key][0].media for key in keys}, shown)
    having = [key for key, share in every if not isinstance(share, DuomoError) and share > MARKED]
    values = {"n": str(len(having)), "place": place_of(mark.box)}
    for key in having:
        places = goods.placed[key]
        first = places[0]
        yield found(
            WATERMARK, first.product, origin=first.origin, column="image", value=first.media.source,
            others=[place.product.id for place in places], media=[first.media], values=values,
        )  # fmt: skip


def place_of(box: tuple[float, float, float, float]) -> Both:
    """Where on a picture a box is, in words.

    >>> place_of((0.7, 0.9, 1, 1)), place_of((0, 0.1, 1, 0.9)).en
    (Both(en='bottom right', zh='右下'), 'all over')
    """
    left, top, right, bottom = box
    if right - left > _EVERYWHERE and bottom - top > _EVERYWHERE:
        return Both("all over", "整张图片")
    across, down = (names[min(2, int(middle * 3))] for names, middle in
                    ((_ACROSS, (left + right) / 2), (_DOWN, (top + bottom) / 2)))  # fmt: skip
    if across.en == down.en:
        return across
    return Both(f"{down.en} {across.en}", f"{across.zh}{down.zh}")


def _opened(goods: Goods, media: Media) -> Pixels:
    return open_picture(goods.read(media), side=SIDE, megapixels=goods.megapixels).pixels


KINDS: Final = (WATERMARK,)
