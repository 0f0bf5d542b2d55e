"""How well `duomo check --match` tells goods whose first picture is another product's, a later one their own.

    python benchmarks/main_picture.py                  # the goods for reporting; recorded
    python benchmarks/main_picture.py --part chosen    # those that thresholds were chosen on, printed

Goods are those of `luma_shop` with the pictures of their variants, and products of `fashion_products` (test;
chosen on: val) of which the pack has several of one title, color and type: the first as it is, the pictures
of the others behind its own. One in twenty of those with several pictures gets the first picture of another
product in front: of the same kind, of another kind of the same department, or of another department. Goods
are learned from with these among them, as a shop has them. Recall: `picture-main-wrong` is told (either: or
`picture-contradicts`). False alarms are those at goods that were left as they are. Goods of `luma_shop` are
halved by the hash of their id for choosing and reporting; all of them are learned from.
"""

import argparse
import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np

from duomo.catalog.health.goods import Goods
from duomo.catalog.read import read_catalog
from duomo.files import hash_file
from duomo.product import Media, Product
from duomo.settings import Settings
from duomo.understand.classify_goods import Opener
from duomo.understand.match_goods import CONTRADICTS, MAIN_WRONG, MatchCheck
from duomo.understand.sight import Sight
from provenance import data_dir, packs_or_end, record

SHARE: Final = 0.05  # of goods with several pictures that get a wrong one in front
PICTURES: Final = 6  # of a product
DRAWS: Final = {"luma_shop": 12, "fashion_products": 2}
KINDS: Final = ("same kind", "same department", "another department")


def luma() -> list[Product]:
    """The goods of the pack, with the pictures of their variants behind their own."""
    goods = []
    for product in read_catalog(data_dir() / "luma_shop").products:
        every = (*product.media, *(media for variant in product.variants for media in variant.media))
        sources = [media.source for media in every if media.kind == "picture"]
        goods.append(_with(product, list(dict.fromkeys(sources))))
    return [product for product in goods if product.media]


def fashion(part: str) -> list[Product]:
    """Goods of a split; of one title, color and type the first, with the pictures of all."""
    split = "val" if part == "chosen" else "test"
    alike: defaultdict[object, list[Product]] = defaultdict(list)
    for product in read_catalog(data_dir() / "fashion_products" / "products.csv").products:
        if product.attributes.get("split") == (split,) and product.media:
            seen = (product.attributes.get("color"), product.attributes.get("article_type"))
            alike[(product.title.casefold(), *seen)].append(product)
    return [_with(some[0], [each.media[0].source for each in some]) for some in alike.values()]


def _with(product: Product, sources: Sequence[str]) -> Product:
    """The product with these pictures, known by their content so that each is looked at once."""
    media = tuple(Media(source=each, hash=hash_file(Path(each))) for each in sources[:PICTURES])
    without = {name: held for name, held in product.attributes.items() if name != "split"}
    return replace(product, media=media, attributes=without)


def kind_of(product: Product) -> tuple[str, ...]:
    """What products of one kind have in common."""
    return (*product.category, *product.attributes.get("article_type", ()))


def planted(goods: Sequence[Product], rng: np.random.Generator) -> tuple[list[Product], dict[int, str]]:
    """The goods, some with the first picture of another in front of theirs, and how far that lies off."""
    made, where = list(goods), {}
    several = [place for place, product in enumerate(goods) if len(product.media) > 1]
    count = max(len(KINDS), round(SHARE * len(several)))
    for number, place in enumerate(rng.permutation(several)[:count]):
        product, kind = goods[place], KINDS[number % len(KINDS)]
        others = [each for each in goods if each.title != product.title and _far(product, each) == kind]
        if not others:
            continue
        wrong = others[int(rng.integers(len(others)))].media[0]
        made[place] = replace(product, media=(wrong, *product.media[:1], *product.media[1 : PICTURES - 1]))
        where[int(place)] = kind
    return made, where


def _far(one: Product, other: Product) -> str:
    if kind_of(one) == kind_of(other):
        return KINDS[0]
    return KINDS[1] if one.category[:1] == other.category[:1] else KINDS[2]


def reported(product: Product, part: str) -> bool:
    """Whether a product of a pack without splits is of the half asked for."""
    half = int(hashlib.md5(product.id.encode(), usedforsecurity=False).hexdigest(), 16) % 2
    return bool(half) == (part == "chosen")


def measure(pack: str, part: str) -> dict[str, Any]:
    """What is told of planted goods and of those left as they are, over several draws."""
    goods = luma() if pack == "luma_shop" else fashion(part)
    counted = [pack != "luma_shop" or reported(product, part) for product in goods]
    hits: defaultdict[str, list[tuple[bool, bool]]] = defaultdict(list)
    whole: list[tuple[bool, bool]] = []
    sight = Sight.shipped()
    with TemporaryDirectory() as folder:
        for draw in range(DRAWS[pack]):
            made, where = planted(goods, np.random.default_rng([11, draw]))
            matching = MatchCheck(Opener(Settings()), sight=sight, cache=Path(folder) / "seen.sqlite")
            told = {each.products[0]: each.kind.name for each in matching(Goods(made, body=None))}
            for place, product in enumerate(made):
                if not counted[place]:
                    continue
                kind = told.get(product.id)
                found = (kind == MAIN_WRONG.name, kind in (MAIN_WRONG.name, CONTRADICTS.name))
                if place in where:
                    hits[where[place]].append(found)
                elif len(product.media) > 1:
                    whole.append(found)
    return {
        "pack": pack,
        "part": part,
        "goods": len(goods),
        "several_pictures": sum(len(product.media) > 1 for product in goods),
        "draws": DRAWS[pack],
        "planted": {kind: _shares(hits[kind]) for kind in KINDS},
        "untouched": len(whole),
        "false_alarms_per_thousand": 1000 * sum(main for main, _ in whole) / len(whole),
        "either_per_thousand": 1000 * sum(either for _, either in whole) / len(whole),
    }


def _shares(found: Sequence[tuple[bool, bool]]) -> dict[str, float]:
    main, either = np.mean(found, axis=0) if found else (0.0, 0.0)
    return {"n": len(found), "recall": float(main), "either": float(either)}


def main() -> None:
    """Measure each pack and record a line for it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=("chosen", "reported"), default="reported")
    parser.add_argument("--packs", nargs="+", choices=tuple(DRAWS), default=tuple(DRAWS))
    args = parser.parse_args()
    packs_or_end(*DRAWS)
    for pack in args.packs:
        line = measure(pack, args.part)
        if args.part == "chosen":
            print(json.dumps(line), flush=True)
        else:
            record("main_picture", line)


if __name__ == "__main__":
    main()
