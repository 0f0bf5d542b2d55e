"""How well the pictures of posts are linked to the goods they show, and tell that another thing was sent.

    python benchmarks/mentions_pictures.py --choose       # on val: prints weights for `mentions_pictures`
    python benchmarks/mentions_pictures.py                # on test, once

Goods are those of `fashion_products_224`; of each split half of the goods are sold by the shop, whose shelf
holds the train split, too. Their pictures are taken anew by a program: another background, slanted, cut off,
in other light, blurred, and saved as a phone does (`photo`). A link is right where it names the product, or
another with the same title. Wrong items: the reader of matches, taught on the train split, is shown such a
photo of the product itself, of another one, or of one of the same type in another color.
"""

import argparse
import csv
from collections import defaultdict
from collections.abc import Sequence
from io import BytesIO
from time import perf_counter
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from duomo.arrays import Pixels
from duomo.catalog.read import read_catalog
from duomo.encode.models import load_encoder
from duomo.encode.regions import focused
from duomo.guard.pictures import open_picture
from duomo.product import Product
from duomo.settings import Settings
from duomo.train.augment import altered
from duomo.understand.classify import words_of
from duomo.understand.classify_goods import Opener
from duomo.understand.match_goods import learn_match
from duomo.understand.match_reading import MatchReader
from duomo.understand.mentions_pictures import NEAR, TOWER, Near, pictured, probability
from duomo.understand.sight import Sight
from provenance import data_dir, packs_or_end, record

PACK: Final = "fashion_products_224"
SEED: Final = 7
CUTS: Final = (0.5, 0.7, 0.8, 0.9, 0.95)  # probabilities from which a contradiction might be told
Floats = NDArray[np.float32]


def photo(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """A picture as a phone takes it of the goods."""
    image = Image.fromarray(altered(pixels, rng))
    image = image.filter(ImageFilter.GaussianBlur(float(rng.uniform(0, 1.5))))
    body = BytesIO()
    image.save(body, "JPEG", quality=int(rng.integers(40, 81)))
    return open_picture(body.getvalue()).pixels


def main() -> None:
    """Measure and record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--choose", action="store_true", help="on val, for choosing")
    parser.add_argument("--part", choices=["links", "wrong_items"], default="", help="only this")
    given = parser.parse_args()
    packs_or_end(PACK)
    path = data_dir() / PACK / "products.csv"
    goods = {product.id: product for product in read_catalog(path).products}
    with path.open(encoding="utf-8", newline="") as file:
        split_of = {row["sku"]: row["split"] for row in csv.DictReader(file)}
    split = "val" if given.choose else "test"
    held = [goods[id] for id in sorted(goods) if split_of[id] == split]
    rng = np.random.default_rng(SEED)
    order = rng.permutation(len(held))
    sold = [held[n] for n in order[: len(held) // 2]]
    other = [held[n] for n in order[len(held) // 2 :]]
    shelf = [*(goods[id] for id in sorted(goods) if split_of[id] == "train"), *sold]
    line = {"part": "links", "pack": PACK, "split": split, "goods": len(shelf)}
    if given.part != "wrong_items":
        record("mentions", {**line, **links(shelf, sold, other, rng, choose=given.choose)})
    if given.part != "links":
        train = [goods[id] for id in sorted(goods) if split_of[id] == "train"]
        record(
            "mentions", {"part": "wrong_items", "pack": PACK, "split": split, **wrong_items(train, held, rng)}
        )


def links(
    shelf: Sequence[Product],
    sold: Sequence[Product],
    other: Sequence[Product],
    rng: np.random.Generator,
    *,
    choose: bool,
) -> dict[str, object]:
    """Precision and recall of links; the baseline links to the nearest above the best cut of its cosine."""
    tower, opener = load_encoder(TOWER).picture, Opener(Settings())
    assert tower
    known = np.concatenate(
        [
            tower.encode([_shown(opener, each) for each in shelf[at : at + 64]])
            for at in range(0, len(shelf), 64)
        ]
    )
    start, near = perf_counter(), []
    for product in [*sold, *other]:
        vector = focused(photo(_shown(opener, product), rng), tower)
        cosines = known @ vector
        near.append([Near(shelf[n].id, float(cosines[n])) for n in np.argsort(-cosines)[:NEAR]])
    seconds = perf_counter() - start
    title_of = {product.id: product.title for product in shelf}
    right = np.array(
        [title_of[some[0].product_id] == each.title for some, each in zip(near, sold, strict=False)]
        + [
            some[0].product_id in title_of and title_of[some[0].product_id] == each.title
            for some, each in zip(near[len(sold) :], other, strict=True)
        ]
    )
    rows = np.array([_row(some, title_of) for some in near])
    told: dict[str, object] = {
        "sold": len(sold),
        "not_sold": len(other),
        "nearest_right": _round(right[: len(sold)].mean()),
    }
    if choose:
        model = LogisticRegression(C=100, max_iter=1000).fit(rows, right)
        print("weights", model.coef_[0].round(2).tolist(), model.intercept_.round(2).tolist())
    shares = np.array([probability(*row) for row in rows])
    linked = np.array([pictured(some) is not None for some in near])
    told |= {
        "precision": _round(right[linked].mean()) if linked.any() else None,
        "recall": _round((right & linked)[: len(sold)].sum() / len(sold)),
        "linked_of_not_sold": _round(linked[len(sold) :].mean()),
        "probability_gap": _round(abs(shares.mean() - right.mean())),
        "photos_a_second": round(len(near) / seconds, 1),
    }
    for cut in (0.6, 0.7, 0.8):
        above = rows[:, 0] >= cut
        told[f"cosine_{cut}"] = [
            _round(right[above].mean()),
            _round((right & above)[: len(sold)].sum() / len(sold)),
        ]
    return told


def wrong_items(
    train: Sequence[Product], held: Sequence[Product], rng: np.random.Generator
) -> dict[str, object]:
    """How often a photo of another product, or of another color, is told; and one of the right product."""
    opener = Opener(Settings())
    reader = MatchReader(learn_match(train, opener).fitted.matcher, Sight.shipped())
    by_type: defaultdict[str, list[Product]] = defaultdict(list)
    for product in held:
        by_type[_value(product, "article_type")].append(product)
    pairs: dict[str, list[tuple[Product, Product]]] = {"right": [], "other": [], "color": []}
    for product in held:
        pairs["right"].append((product, product))
        pairs["other"].append((product, held[int(rng.integers(len(held)))]))
        alike = [
            each
            for each in by_type[_value(product, "article_type")]
            if _value(each, "color") != _value(product, "color")
        ]
        if alike:
            pairs["color"].append((product, alike[int(rng.integers(len(alike)))]))
    pairs["other"] = [pair for pair in pairs["other"] if pair[0].title != pair[1].title]
    odds: dict[str, list[float]] = {}
    told: dict[str, object] = {}
    for name, some in pairs.items():
        found = []
        for at in range(0, len(some), 64):
            part = some[at : at + 64]
            photos = [photo(_shown(opener, shown), rng) for _, shown in part]
            found += [*reader.read([words_of(bought) for bought, _ in part], photos)]
        odds[name] = [each.probability for each in found]
        told[f"{name}_n"] = len(found)
        told[f"{name}_told"] = {cut: _round(np.mean([each >= cut for each in odds[name]])) for cut in CUTS}
    for name in ("other", "color"):
        wanted = [0] * len(odds["right"]) + [1] * len(odds[name])
        told[f"{name}_auc"] = _round(roc_auc_score(wanted, [*odds["right"], *odds[name]]))
    return told


def _row(near: Sequence[Near], title_of: dict[str, str]) -> tuple[float, float]:
    best = near[0]
    others = [each.cosine for each in near if each.product_id != best.product_id]
    return best.cosine, best.cosine - max(others, default=0.0)


def _value(product: Product, name: str) -> str:
    return next(iter(product.attributes.get(name, ())), "")


def _shown(opener: Opener, product: Product) -> Pixels:
    (pixels,) = opener.open([product])
    assert pixels is not None
    return pixels


def _round(value: float | np.floating) -> float:
    return round(float(value), 4)


if __name__ == "__main__":
    main()
