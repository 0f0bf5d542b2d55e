"""Whether `duomo check` tells what was laid over pictures, planted into real ones, and what it wrongly tells.

    python benchmarks/overlays.py                 # the pictures that are for reporting; recorded
    python benchmarks/overlays.py --split train   # those that thresholds were chosen on, printed

*Watermarks*: a name in one of several fonts, Latin or Chinese, white, grey or black, at 25 to 60 % opacity,
in a corner, in the middle or all over, laid over all pictures of a shop or over half of them; *text* is in a
corner and hides what is under it. Pictures are those of the most frequent shape of a pack. Untouched, each
kind of goods of a pack is a shop of its own besides: goods that stand alike have seams at the same places.
"""

import argparse
import csv
import hashlib
import io
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from duomo.arrays import Pixels
from duomo.catalog.health.goods import Goods
from duomo.catalog.health.marks import LEAST, MARKED, SIDE, Strokes, mark_in, shape_of
from duomo.catalog.health.overlays import watermarks
from duomo.guard.pictures import open_picture
from duomo.product import Media, Product, Variant
from provenance import data_dir, packs_or_end, record

PACKS: Final = ("luma_shop", "fashion_products_224", "clothing_photos", "grocery_store")
MOST: Final = 60  # pictures of a shop
UNTOUCHED: Final = 300  # pictures of a shop as it is
SHOPS: Final = 3  # of each placing and share
LATIN: Final = (
    *("DejaVuSans.ttf", "DejaVuSerif-Bold.ttf"),
    *("LiberationSans-Bold.ttf", "LiberationSerif-Italic.ttf"),
)
HAN: Final = (
    *("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc"),
    *("NotoSerifCJK-Regular.ttc", "NotoSerifCJK-Bold.ttc"),
)
NAMES: Final = ("my-shop.com", "© STUDIO LANE", "Sample", "ACME STORE", "shop24", "Do not copy")
NAMES_HAN: Final = ("小店专用", "盗图必究", "官方旗舰店", "正品保证", "云上生活馆")

Layer = Callable[
    [tuple[int, int]], Image.Image
]  # (width, height) -> what is laid over a picture of that size


def pictures_of(pack: str, split: str) -> dict[str, list[Path]]:
    """Kind of goods -> its pictures; where a pack has no split, half of them by the hash of their names."""
    folder, kinds = data_dir() / pack, defaultdict(list)
    if pack == "luma_shop":
        for path in sorted(folder.rglob("*.jpg")):
            half = int(hashlib.md5(path.name.encode(), usedforsecurity=False).hexdigest(), 16) % 2
            if half == (split == "train"):
                kinds["goods"].append(path)
        return kinds
    name, of = ("photos.csv", "coarse_class_name") if pack == "grocery_store" else ("products.csv", "")
    reported = "val" if pack == "grocery_store" else "test"
    with (folder / name).open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if (row["split"] == reported) == (split != "train"):
                kind = row[of] if of else json.loads(row["attributes_json"] or "{}").get("article_type")
                kinds[kind or row["subcategory"]].append(folder / row["image"])
    return kinds


@cache
def fonts(han: bool) -> tuple[str, ...]:
    """Those of the fonts that are there."""

    def there(name: str) -> bool:
        try:
            ImageFont.truetype(name, 20)
        except OSError:
            return False
        return True

    return tuple(name for name in (HAN if han else LATIN) if there(name))


def watermark(placing: str, rng: np.random.Generator) -> Layer:
    """A watermark as a shop lays it over each of its pictures."""
    han = bool(rng.integers(2)) and bool(fonts(True))
    font, text = (str(rng.choice(each)) for each in (fonts(han), NAMES_HAN if han else NAMES))
    level, opacity = int(rng.choice([255, 128, 0])), round(255 * rng.uniform(0.25, 0.6))
    if placing == "text":
        opacity = round(255 * rng.uniform(0.85, 1))
    share, corner = rng.uniform(0.05, 0.09), int(rng.integers(4))

    def layer(size: tuple[int, int]) -> Image.Image:
        drawn = ImageFont.truetype(font, max(8, round(share * max(size))))
        left, top, right, bottom = (round(each) for each in drawn.getbbox(text))
        name = Image.new("RGBA", (right - left + 4, bottom - top + 4), (level, level, level, 0))
        ImageDraw.Draw(name).text((2 - left, 2 - top), text, font=drawn, fill=(level,) * 3 + (opacity,))
        if placing == "all over" or (placing == "middle" and corner % 2):
            name = name.rotate(30, expand=True, resample=Image.Resampling.BICUBIC)
        over, margin = Image.new("RGBA", size, (0, 0, 0, 0)), round(0.03 * max(size))
        room = (size[0] - name.width, size[1] - name.height)
        places = [(room[0] // 2, room[1] // 2)]
        if placing in ("corner", "text"):
            places = [
                (room[0] - margin if corner % 2 else margin, room[1] - margin if corner > 1 else margin)
            ]
        elif placing == "all over":
            across = range(-name.width // 2, size[0], round(name.width * 1.15))
            places = [
                (x, y) for y in range(-name.height // 2, size[1], round(name.height * 1.15)) for x in across
            ]
        for place in places:
            over.paste(name, place)
        return over

    return layer


def laid(image: Image.Image, layer: Image.Image | None, rng: np.random.Generator) -> Pixels:
    """A picture with a layer over it, saved as a shop does and opened as a check does."""
    if layer:
        image = Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")
    file = io.BytesIO()
    image.save(file, "JPEG", quality=int(rng.integers(80, 96)))
    return open_picture(file.getvalue(), side=SIDE).pixels


def planted(pack: str, split: str) -> dict[str, Any]:
    """How many of the planted are found, in shops of which all or half of the pictures bear one."""
    rng = np.random.default_rng(17)
    kinds = pictures_of(pack, split)
    files = [path for each in kinds.values() for path in each]
    images = [Image.open(files[place]).convert("RGB") for place in rng.permutation(len(files))]
    often = Counter(image.size for image in images).most_common(1)[0][0]
    images = [image for image in images if image.size == often][:MOST]
    line: dict[str, Any] = {"pictures": len(images)}
    plain = clean = 0
    for placing in ("corner", "middle", "all over", "text"):
        for share in (1.0, 0.5):
            found: list[float] = []
            for _ in range(SHOPS):
                layer, having = watermark(placing, rng), rng.random(len(images)) < share
                opened = [
                    laid(i, layer(i.size) if h else None, rng) for i, h in zip(images, having, strict=True)
                ]
                told = _told(opened)
                found.append(float(told[having].mean()))
                plain, clean = plain + int(told[~having].sum()), clean + int((~having).sum())
            line[f"{placing}, {share:.0%}"] = {
                "shops_found": sum(each > 0 for each in found),
                "shops": SHOPS,
                "recall": float(np.mean(found)),
            }
    line["unmarked_beside_marked"] = {"pictures": clean, "told": plain}
    line["untouched"] = _untouched({**kinds, "": files}, rng)
    return line


def _told(opened: Sequence[Pixels]) -> NDArray[np.bool_]:
    shape = shape_of(opened[0].shape[1], opened[0].shape[0])
    mark = mark_in(opened, shape) if shape else None
    if not mark:
        return np.zeros(len(opened), bool)
    return np.array([float(mark.shown(Strokes.of(each, mark.shape))) > MARKED for each in opened])


def _untouched(kinds: dict[str, list[Path]], rng: np.random.Generator) -> dict[str, int]:
    """What the check itself tells of shops of one kind of goods, and of all of a pack, as they are."""
    shops = pictures = told = 0
    for files in kinds.values():
        some = [files[place] for place in rng.permutation(len(files))[:UNTOUCHED]]
        if len(some) < LEAST:
            continue
        products = [
            Product(
                id=str(number),
                title="",
                media=(Media(source=str(path)),),
                variants=(Variant(id=str(number)),),
            )
            for number, path in enumerate(some)
        ]
        goods = Goods(products, body=lambda media: Path(media.source).read_bytes(), workers=0)
        shops, pictures = shops + 1, pictures + len(some)
        told += len(list(watermarks(goods)))
    return {"shops": shops, "pictures": pictures, "told": told}


def main() -> None:
    """Measure each pack and record a line for it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=("train", "reported"), default="reported")
    args = parser.parse_args()
    packs_or_end(*PACKS)
    if not fonts(False):
        raise SystemExit("None of the fonts is there. Install DejaVu or Liberation fonts")
    for pack in PACKS:
        line = {
            "pack": pack,
            "what": "watermark",
            "chinese": bool(fonts(True)),
            **planted(pack, args.split),
        }
        if args.split == "train":
            print(json.dumps(line), flush=True)
        else:
            record("overlays", line)


if __name__ == "__main__":
    main()
