"""Pictures that are not there, cannot be opened, show nothing, are too small, or are there twice."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import PurePath
from typing import Final

from duomo.arrays import Pixels
from duomo.catalog.health.altered import altered
from duomo.catalog.health.blur import BLURRED
from duomo.catalog.health.copies import copies
from duomo.catalog.health.findings import Both, Finding, Kind, found, named
from duomo.catalog.health.goods import Goods, Placed
from duomo.catalog.health.sights import SIDE, Sight
from duomo.errors import DuomoError, MissingFile
from duomo.guard.pictures import open_picture
from duomo.product import is_address

SMALL: Final = 100  # pixels: what Google Merchant Center asks for, at least, on both sides (250 for clothes)
_FAINT: Final = 10.0  # levels of contrast: a picture of nothing
_OPEN: Final = 64  # pictures that are kept open while copies are looked for

DEAD: Final = Kind(
    name="picture-dead",
    weight=3,
    loss="pictures",
    title=Both("Picture file is not there", "图片文件不存在"),
    says=Both("is not there", "不存在"),
    remedy=Both(
        "Put the file there, correct the name, or say where pictures lie with --images",
        "请放入文件、改正文件名，或用 --images 指明图片目录",
    ),
)
ALL_DEAD: Final = Kind(
    name="picture-dead",
    weight=3,
    loss="pictures",
    title=DEAD.title,
    says=Both(
        "and the other {n} picture files are not there, none of them", "和另外 {n} 个图片文件全都不存在"
    ),
    remedy=DEAD.remedy,
)
BROKEN: Final = Kind(
    name="picture-broken",
    weight=3,
    loss="pictures",
    title=Both("Picture cannot be opened", "图片无法打开"),
    says=Both("cannot be used: {why}", "无法使用：{why}"),
    remedy=Both("Save it again as JPEG or PNG", "请重新保存为 JPEG 或 PNG"),
)
BLANK_PICTURE: Final = Kind(
    name="picture-blank",
    weight=3,
    loss="pictures",
    title=Both("Picture shows nothing", "图片空白"),
    says=Both("shows nothing: all of it is nearly one color", "几乎只有一种颜色"),
    remedy=Both("Take another one", "请换一张图片"),
)
TINY: Final = Kind(
    name="picture-tiny",
    weight=1,
    loss="trust",
    title=Both("Picture too small", "图片太小"),
    says=Both(
        "has {width} x {height} pixels, less than {least} on a side",
        "只有 {width} x {height} 像素，边长不足 {least}",
    ),
    remedy=Both(
        "Put a larger one there: shopping feeds refuse these", "请换更大的图片，购物平台会拒绝这样的图片"
    ),
)
BLUR: Final = Kind(
    name="picture-blurred",
    weight=1,
    loss="trust",
    title=Both("Blurred picture", "图片模糊"),
    says=Both("is blurred: even its sharpest edges are soft", "不清晰：最锐利的边缘也是模糊的"),
    remedy=Both("Take it again, or put the original there", "请重新拍摄，或换成原图"),
)
MOVING: Final = Kind(
    name="picture-animated",
    weight=1,
    loss="trust",
    title=Both("Animated picture", "动态图片"),
    says=Both("moves; only its first frame counts", "是动图，只使用第一帧"),
    remedy=Both("Save the best frame as JPEG", "请把最好的一帧另存为 JPEG"),
)
MISNAMED: Final = Kind(
    name="picture-misnamed",
    weight=1,
    loss="trust",
    title=Both("Picture of another kind than its name says", "图片格式与扩展名不符"),
    says=Both("is {format} by its content", "实际格式是 {format}"),
    remedy=Both(
        "Correct the ending of its name: some shops and feeds go by it", "请改正扩展名，有些平台按扩展名识别"
    ),
)
SAME: Final = Kind(
    name="same-picture",
    weight=2,
    loss="pictures",
    title=Both("Several products with one picture", "多件商品使用同一张图片"),
    says=Both("shows {n} products ({ids})", "用于 {n} 件商品（{ids}）"),
    remedy=Both(
        "Show each as it is; if it is one product, keep one",
        "请为每件商品配上自己的图片；若是同一商品请只保留一件",
    ),
)
COPY: Final = Kind(
    name="near-picture",
    weight=1,
    loss="pictures",
    title=Both("Copies of one picture on several products", "多件商品的图片几乎相同"),
    says=Both("is a copy of the picture of {ids}", "与 {ids} 的图片是同一张的副本"),
    remedy=Both(
        "Show each as it is; if it is one product, keep one",
        "请为每件商品配上自己的图片；若是同一商品请只保留一件",
    ),
)
ALTERED: Final = Kind(
    name="picture-altered",
    weight=1,
    loss="pictures",
    title=Both("One photo, altered for several products", "同一张照片改动后用于多件商品"),
    says=Both(
        "is the photo of {ids}, in other colors or light, mirrored, or with something laid on it",
        "与 {ids} 是同一张照片，只是改了颜色或明暗、左右翻转或加了标记",
    ),
    remedy=Both("Show each product as it is", "请为每件商品配上自己的照片"),
)

_ENDINGS: Final = {
    **dict.fromkeys((".jpg", ".jpeg", ".jpe", ".jfif"), "JPEG"),
    **dict.fromkeys((".tif", ".tiff"), "TIFF"),
    **{".png": "PNG", ".webp": "WEBP", ".gif": "GIF", ".bmp": "BMP"},
}


def pictures(goods: Goods) -> Iterator[Finding]:
    """Pictures that are not there, cannot be opened, show nothing, are small, move, or are misnamed."""
    dead = [key for key, sight in goods.sights.items() if isinstance(sight, MissingFile)]
    if len(dead) == len(goods.sights) > 1:
        place = goods.placed[dead[0]][0]
        every = [product for key in dead for product in _ids(goods.placed[key])]
        yield _of(ALL_DEAD, place, others=every, n=str(len(dead) - 1))
        return
    for key, sight in goods.sights.items():
        places = goods.placed[key]
        if isinstance(sight, MissingFile):
            yield _of(DEAD, places[0], others=_ids(places))
        elif isinstance(sight, DuomoError):
            yield _of(BROKEN, places[0], others=_ids(places), why=sight.args[0])
        else:
            yield from _looked_at(sight, places)


def _looked_at(sight: Sight, places: Sequence[Placed]) -> Iterator[Finding]:
    first, ids = places[0], _ids(places)
    source = first.media.source
    if sight.contrast < _FAINT:
        yield _of(BLANK_PICTURE, first, others=ids)
    if min(sight.width, sight.height) < SMALL:
        values = {"width": str(sight.width), "height": str(sight.height), "least": str(SMALL)}
        yield found(
            TINY, first.product, origin=first.origin, column="image", value=source, others=ids,
            media=[first.media], values=values,
        )  # fmt: skip
    if sight.sharpness is not None and sight.sharpness < BLURRED:
        yield _of(BLUR, first, others=ids)
    if sight.frames > 1:
        yield _of(MOVING, first, others=ids)
    said = _ENDINGS.get(PurePath(source).suffix.lower(), "") if not is_address(source) else ""
    if said and said != sight.format:
        yield _of(MISNAMED, first, others=ids, format=sight.format)


def same_pictures(goods: Goods) -> Iterator[Finding]:
    """Products with the very same picture, and with copies of one; one of them at least shows it first.

    Pictures that several variants or pages of one product share are meant so.
    """
    by_file: defaultdict[str, list[Placed]] = defaultdict(list)
    for key, places in goods.placed.items():
        sight = goods.sights.get(key)
        by_file[sight.hash if isinstance(sight, Sight) else key] += places
    for shown in by_file.values():
        ids = _ids(shown)
        if len(ids) > 1 and any(place.main for place in shown):
            yield _of(SAME, shown[0], others=ids, n=str(len(ids)), ids=named(ids))
    yield from _copies(goods)


def _copies(goods: Goods) -> Iterator[Finding]:
    files: dict[str, tuple[Sight, str, list[Placed]]] = {}
    for key, sight in goods.sights.items():
        if isinstance(sight, Sight):
            files.setdefault(sight.hash, (sight, key, []))[2].extend(goods.placed[key])
    several = [each for each in files.values() if any(place.main for place in each[2])]

    @lru_cache(maxsize=_OPEN)
    def pixels(number: int) -> Pixels:
        media = several[number][2][0].media
        return open_picture(goods.read(media), side=SIDE, megapixels=goods.megapixels).pixels

    sights = [sight for sight, _, _ in several]
    same = set(copies(sights, pixels))
    yield from _of_pairs(COPY, same, several)
    yield from _of_pairs(ALTERED, set(altered(sights, pixels)) - same, several)


def _of_pairs(
    kind: Kind, pairs: Iterable[tuple[int, int]], several: Sequence[tuple[Sight, str, list[Placed]]]
) -> Iterator[Finding]:
    """One finding for each picture that others go back to."""
    like: defaultdict[int, list[int]] = defaultdict(list)
    heads: dict[int, int] = {}
    for one, other in sorted(pairs):
        head = heads.get(one, one)
        if heads.setdefault(other, head) == head and other not in like[head]:
            like[head].append(other)
    for head, others in like.items():
        places = [place for number in (head, *others) for place in several[number][2]]
        first = places[0]
        rest = [id for id in _ids(places) if id != first.product.id]
        if rest:
            values = {"ids": named(rest)}
            shown = [several[number][2][0].media for number in (head, *others)]
            yield found(
                kind, first.product, origin=first.origin, column="image", value=first.media.source,
                others=rest, media=shown, values=values,
            )  # fmt: skip


def _ids(places: Sequence[Placed]) -> list[str]:
    return list(dict.fromkeys(place.product.id for place in places))


def _of(kind: Kind, place: Placed, *, others: Sequence[str] = (), **values: Both | str) -> Finding:
    return found(
        kind,
        place.product,
        origin=place.origin,
        column="image",
        value=place.media.source,
        others=others,
        media=[place.media],
        values=dict(values),
    )


KINDS: Final = (DEAD, BROKEN, BLANK_PICTURE, TINY, BLUR, MOVING, MISNAMED, SAME, COPY, ALTERED)
