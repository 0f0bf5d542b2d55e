"""Whether the main object is found on a picture, and whether searching by it finds more.

    python benchmarks/regions.py                       # what was not looked at while choosing; recorded
    python benchmarks/regions.py --dev                 # what the method was chosen on; printed

Boxes: intersection over union with people on the street (the odd half of the pixel-labelled photos; the even
half was chosen on) and with drawn goods pasted on those streets, their people left out; garments that one of
five regions meets by half, against five fixed slices of the main object. Search: a photo's vector against
vectors of whole catalog pictures, by the whole photo, by its cut alone, and by `focused`; a figure is the
mean reciprocal rank of the right product, or the share of the five nearest that are of the right class.
"""

import argparse
import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from duomo.arrays import Pixels, Vectors
from duomo.catalog.sample.write import draw_shop
from duomo.encode.base import Encoder
from duomo.encode.models import load_encoder
from duomo.encode.regions import WHOLE, Box, cut, focused, main_object, regions
from duomo.files import hash_file
from duomo.measure.compare import difference, interval
from duomo.train.augment import goods_mask
from provenance import data_dir, pack_or_end, record

SEED: Final = 7
SIDE: Final = 256  # of a pasted picture
NO_GARMENT: Final = (0, 19, 41)  # labels: nothing, hair, skin
SLICES: Final = (
    (0.0, 1.0),
    (0.0, 0.5),
    (0.5, 0.5),
    (0.15, 0.45),
    (0.4, 0.45),
)  # from, how much of the height

Labels = NDArray[np.uint8]
Score = Callable[[Vectors, Vectors], NDArray[np.float64]]  # of questions and of what is sold


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Pictures that are asked, pictures that are sold, and what is right."""

    asked: Sequence[Pixels]
    sold: Sequence[Pixels]
    score: Score


def rows_of(file: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def opened(path: Path) -> Pixels:
    """The pixels of a picture file."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def around(mask: NDArray[np.bool_]) -> Box:
    """The box of what is true."""
    height, width = mask.shape
    down, across = np.nonzero(mask)
    x, y = across.min() / width, down.min() / height
    return Box(x=x, y=y, w=(across.max() + 1) / width - x, h=(down.max() + 1) / height - y)


def streets(dev: bool) -> list[tuple[Pixels, Labels]]:
    """Street photos of one half, and the label of each pixel."""
    folder = data_dir() / "street_fashion_ccp"
    labelled = [row for row in rows_of(folder / "products.csv") if "masks/" in row["attributes_json"]]
    found = []
    for row in labelled[0 if dev else 1 :: 2]:
        with Image.open(folder / json.loads(row["attributes_json"])["mask"]) as mask:
            labels = np.asarray(mask)
        if labels.any():  # one is empty
            found.append((opened(folder / row["image"]), labels))
    return found


def emptied(photo: Pixels, labels: Labels) -> Pixels | None:
    """The street without the columns in which someone stands; None: too little is left."""
    box, width = around(labels > 0), photo.shape[1]
    left, right = int(box.x * width), int(np.ceil((box.x + box.w) * width))
    rest = np.concatenate([photo[:, :left], photo[:, right:]], axis=1)
    return np.asarray(Image.fromarray(rest).resize((SIDE, SIDE))) if rest.shape[1] >= 60 else None


def pasted(
    goods: Pixels, street: Pixels, share: float, rng: np.random.Generator
) -> tuple[Pixels, Box] | None:
    """Goods on a street, their longer side so much of the picture's; None: they cannot be told from white."""
    mask = goods_mask(goods.astype(np.float32))
    if mask is None:
        return None
    own = around(mask > 0.5)
    thing, shape = cut(goods, own), cut((mask * 255).astype(np.uint8)[..., None].repeat(3, axis=2), own)
    scale = share * SIDE / max(thing.shape[:2])
    wide, high = (max(4, int(side * scale)) for side in (thing.shape[1], thing.shape[0]))
    small, cover = (
        np.asarray(Image.fromarray(each).resize((wide, high), Image.Resampling.BOX), np.float32)
        for each in (thing, shape)
    )
    x, y = int(rng.integers(8, SIDE - 7 - wide)), int(rng.integers(8, SIDE - 7 - high))
    whole = street.astype(np.float32)
    place = whole[y : y + high, x : x + wide]
    whole[y : y + high, x : x + wide] = (small * cover + place * (255 - cover)) / 255
    box = Box(x=x / SIDE, y=y / SIDE, w=wide / SIDE, h=high / SIDE)
    return whole.astype(np.uint8), box


def reciprocal_ranks(
    asked: Vectors, sold: Vectors, *, wanted: Sequence[str], names: Sequence[str]
) -> NDArray[np.float64]:
    """1 / the place of the right product, one a question."""
    order = np.argsort(-(asked @ sold.T), axis=1, kind="stable")
    right = np.array(names)[order] == np.array(wanted)[:, None]
    return np.asarray(1 / (1 + right.argmax(axis=1)), np.float64)


def like_neighbours(
    asked: Vectors, sold: Vectors, *, wanted: Sequence[str], names: Sequence[str]
) -> NDArray[np.float64]:
    """Share of the five nearest that are of the right class, one a question."""
    order = np.argsort(-(asked @ sold.T), axis=1, kind="stable")[:, :5]
    return np.asarray((np.array(names)[order] == np.array(wanted)[:, None]).mean(axis=1), np.float64)


def boxes(photos: Sequence[Pixels], true: Sequence[Box]) -> dict[str, object]:
    """How well the main object's box fits, and how well the whole picture would."""
    fits = np.array([main_object(photo).overlap(box) for photo, box in zip(photos, true, strict=True)])
    return {
        "n": len(true),
        "iou": str(interval(fits)),
        "half": round(float((fits > 0.5).mean()), 3),
        "iou_of_the_whole": round(float(np.mean([WHOLE.overlap(box) for box in true])), 3),
    }


def garments(photos: Sequence[tuple[Pixels, Labels]]) -> dict[str, object]:
    """Share of the garments of 3 % of a photo and more that a region meets by half; and that a slice does."""
    met: list[tuple[bool, bool]] = []
    for photo, labels in photos:
        main = main_object(photo)
        slices = [Box(x=main.x, y=main.y + a * main.h, w=main.w, h=b * main.h) for a, b in SLICES]
        for label in np.unique(labels):
            if label not in NO_GARMENT and (labels == label).mean() > 0.03:
                box = around(labels == label)
                met.append(
                    tuple(max(map(box.overlap, of)) > 0.5 for of in (regions(photo), slices))  # type: ignore[arg-type]  # two
                )
    found, sliced = np.array(met, np.float64).T
    return {
        "n": len(met),
        "five_regions": str(interval(found)),
        "five_slices": str(interval(sliced)),
        "gain": str(difference(sliced, found)),
    }


def found(search: Search, encoder: Encoder[Pixels]) -> dict[str, object]:
    """What the three ways of asking find."""
    sold = encoder.encode(search.sold)
    ways = {
        "whole": encoder.encode(search.asked),
        "cut": encoder.encode([cut(photo, main_object(photo)) for photo in search.asked]),
        "focused": np.stack([focused(photo, encoder) for photo in search.asked]),
    }
    scores = {name: search.score(vectors, sold) for name, vectors in ways.items()}
    return {
        "n": len(search.asked),
        **{name: str(interval(each)) for name, each in scores.items()},
        "cut_gain": str(difference(scores["whole"], scores["cut"])),
        "focused_gain": str(difference(scores["whole"], scores["focused"])),
    }


def real_searches(dev: bool) -> Iterator[tuple[str, Search]]:
    """Photos of groceries and of clothes, and clean pictures, which should not suffer."""
    folder = data_dir() / "grocery_store"
    sold = rows_of(folder / "products.csv")
    photos = [r for r in rows_of(folder / "photos.csv") if r["split"] == ("train" if dev else "val")]
    photos = photos[::8] if dev else photos
    yield (
        "grocery photo to its product",
        Search(
            asked=[opened(folder / row["image"]) for row in photos],
            sold=[opened(folder / row["image"]) for row in sold],
            score=partial(
                reciprocal_ranks, wanted=[r["sku"] for r in photos], names=[r["sku"] for r in sold]
            ),
        ),
    )
    for pack, kind in (("clothing_photos", "photo of clothes"), ("fashion_products_224", "clean fashion")):
        folder = data_dir() / pack
        every = rows_of(folder / "products.csv")
        asked = [row for row in every if row["split"] == ("val" if dev else "test")]
        known = [row for row in every if row["split"] == "train"]
        classes = [
            [str(json.loads(r["attributes_json"]).get("article_type", r["subcategory"])) for r in rows]
            for rows in (asked, known)
        ]
        yield (
            f"{kind} to its class",
            Search(
                asked=[opened(folder / row["image"]) for row in asked],
                sold=[opened(folder / row["image"]) for row in known],
                score=partial(like_neighbours, wanted=classes[0], names=classes[1]),
            ),
        )
    folder = data_dir() / "luma_shop"
    yield "clean picture of Luma to its product", others(folder, rows_of(folder / "images.csv"), dev)


def others(folder: Path, pictures: Sequence[dict[str, str]], dev: bool) -> Search:
    """Every other picture of a product is asked among the first ones; half of them for choosing."""
    first: dict[str, dict[str, str]] = {}
    for row in pictures:
        first.setdefault(row["sku"], row)
    asked = [row for row in pictures if row is not first[row["sku"]]][0 if dev else 1 :: 2]
    return Search(
        asked=[opened(folder / row["image"]) for row in asked],
        sold=[opened(folder / row["image"]) for row in first.values()],
        score=partial(reciprocal_ranks, wanted=[row["sku"] for row in asked], names=list(first)),
    )


def main() -> None:
    """Measure everything, and record it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dev", action="store_true", help="what the method was chosen on")
    parser.add_argument("--encoder", default="pocket")
    given = parser.parse_args()
    packs = ("street_fashion_ccp", "grocery_store", "clothing_photos", "fashion_products_224", "luma_shop")
    folders = [pack_or_end(None, pack) for pack in packs]
    tower = load_encoder(given.encoder).picture
    assert tower
    photos = streets(given.dev)
    line: dict[str, object] = {
        "encoder": given.encoder,
        "seed": SEED,
        "data": {folder.name: hash_file(folder / "products.csv") for folder in folders},
        "people": boxes([photo for photo, _ in photos], [around(labels > 0) for _, labels in photos]),
        "garments": garments(photos),
    }
    grounds = [street for each in photos if (street := emptied(*each)) is not None]
    rng = np.random.default_rng(SEED)
    with TemporaryDirectory(prefix="duomo-regions-") as place:
        folder = Path(place)
        draw_shop(folder, products=200, seed=11 if given.dev else 12)
        pictures = rows_of(folder / "images.csv")
        clean = others(folder, pictures, given.dev)
        names = list(dict.fromkeys(row["sku"] for row in pictures))
        for share in (0.3, 0.45, 0.65):
            made = [
                pasted(goods, grounds[n % len(grounds)], share, rng) for n, goods in enumerate(clean.sold)
            ]
            there = [(name, *each) for name, each in zip(names, made, strict=True) if each]
            asked = [photo for _, photo, _ in there]
            search = Search(
                asked=asked,
                sold=clean.sold,
                score=partial(reciprocal_ranks, wanted=[name for name, _, _ in there], names=names),
            )
            line[f"drawn goods at {share} on a street"] = {
                "boxes": boxes(asked, [box for _, _, box in there]),
                **found(search, tower),
            }
        line["clean drawn picture to its product"] = found(clean, tower)
    for name, search in real_searches(given.dev):
        line[name] = found(search, tower)
    if given.dev:
        print(json.dumps(line, indent=1))
    else:
        record("regions", line)


if __name__ == "__main__":
    main()
