"""Make the heads that `duomo read attributes` looks at pictures with; count how far words are to be trusted.

    python benchmarks/attribute_heads.py                   # writes src/duomo/understand/weights/attributes
    python benchmarks/attribute_heads.py --out FOLDER --most 3000

Color, gender, season and usage are learned from the train split of `fashion_products` as they are given
there, pattern from what its titles name, short and long sleeves from that of `clothing_photos`, and
nothing else. Figures in the cards are cross-validated, goods of one title together. How often a value that a
title names is the given one, alone and beside the picture, is counted on the same rows, with what heads say
of pictures that they have not seen. Takes about a quarter of an hour on two cores.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import numpy as np
from sklearn.linear_model import LogisticRegression

from duomo.catalog.read import read_catalog
from duomo.files import hash_file, write_atomic
from duomo.guard.pictures import open_picture
from duomo.product import Product
from duomo.understand.attributes_merged import TRUST, Trust, of_family
from duomo.understand.classify_fitting import Fitted, fit_head
from duomo.understand.facets import Facet, value_called
from duomo.understand.seen import SHIPPED, Floats, features, labels_of, object_box
from duomo.understand.sight import Sight
from duomo.understand.spotted import Spotter, of_goods
from provenance import pack_or_end, provenance

GIVEN: Final[tuple[Facet, ...]] = ("color", "gender", "season", "usage")
LEAST: Final = 4  # goods of a value that is learned
LEAST_NAMED: Final = 40  # titles that name a pattern that is learned
LEAST_COUNTED: Final = 200  # titles that name a value, to say how often they are right
SLEEVES: Final = {"t-shirt": "short-sleeved", "longsleeve": "long-sleeved"}
LICENCE: Final = "Apache-2.0; whether the fashion photos that it learned from may be used is not verified"
_AT_ONCE: Final = 64


def goods_of(pack: str, split: str) -> list[Product]:
    """The products of a split of a pack."""
    products = read_catalog(pack_or_end(None, pack) / "products.csv").products
    return [product for product in products if product.attributes.get("split", ("",))[0] == split]


def seen_of(products: Sequence[Product]) -> Floats:
    """(n, dim) what heads are made of, of the first picture of each."""
    sight = Sight.shipped()
    rows = []
    for start in range(0, len(products), _AT_ONCE):
        some = products[start : start + _AT_ONCE]
        pictures = [open_picture(Path(each.media[0].source).read_bytes()).pixels for each in some]
        rows.append(features(sight, pictures, [object_box(pixels) for pixels in pictures]).astype(np.float16))
        if start % (_AT_ONCE * 40) == 0:
            print(f"seen {start:,} of {len(products):,}", flush=True)
    return np.concatenate(rows).astype(np.float32)


def right_of(product: Product, facet: Facet) -> str:
    """The given value as Duomo calls it; "" where none is given."""
    return value_called(facet, next(iter(product.attributes.get(facet, ())), ""))


def fit_trust(facet: Facet, products: Sequence[Product], fitted: Fitted, spotter: Spotter) -> Trust | None:
    """How often a value that a title names is the given one, alone and by what the picture gives to it.

    None: too few titles name one.
    """
    labels = labels_of(fitted.head, facet)
    ones, several, seen = [], [], []
    for row, shares in zip(fitted.rows, fitted.unseen, strict=True):
        product = products[row]
        spots = spotter.spots(product.title)
        named = list(dict.fromkeys(s.value for s in of_goods(spots, facet) if not s.denied))
        if not named or not (right := right_of(product, facet)):
            continue
        if len(named) > 1:
            several.append(named[0] == right)
            continue
        share = of_family(facet, named[0], dict(zip(labels, shares.tolist(), strict=True)))
        ones.append(named[0] == right)
        seen.append(np.log(max(share, 1e-4) / max(1 - share, 1e-4)))
    if len(ones) < LEAST_COUNTED:
        return None
    model = LogisticRegression(C=1.0).fit(np.array(seen)[:, None], ones)
    return Trust(
        alone=round(float(np.mean(ones)), 4),
        several=round(float(np.mean(several)), 4) if len(several) >= 30 else Trust().several,
        bias=round(float(model.intercept_[0]), 4),
        slope=round(float(model.coef_[0, 0]), 4),
    )


def main() -> None:
    """Learn, count and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--most", type=int, default=1_000_000, help="products of a pack at most")
    asked = parser.parse_args()
    sight, spotter = Sight.shipped(), Spotter.of()
    products = goods_of("fashion_products", "train")[: asked.most]
    seen, titles = seen_of(products), [product.title for product in products]
    from_fashion = {"pack": "fashion_products, train", "licence": LICENCE, **provenance()}
    trusted: dict[Facet, Trust] = {}
    for facet in (*GIVEN, "pattern"):
        if facet == "pattern":
            found = [[s.value for s in spotter.spots(t) if s.facet == facet and not s.denied] for t in titles]
            named = [values[0] if len(set(values)) == 1 else "" for values in found]
        else:
            named = [right_of(product, facet) for product in products]
        least = LEAST_NAMED if facet == "pattern" else LEAST
        often = {value for value in set(named) if value and named.count(value) >= least}
        fitted = fit_head(
            facet,
            [""] * len(products),
            seen,
            np.ones(len(products), np.bool_),
            [(value,) if value in often else None for value in named],
            tower=sight.version,
            groups=titles,
            lineage=from_fashion,
        )
        fitted.head.save(asked.out / facet)
        trust = fit_trust(facet, products, fitted, spotter) if facet != "pattern" else None
        if trust:
            trusted[facet] = trust
        print(facet, fitted.head.card.figures, trusted.get(facet), flush=True)
    photos = [p for p in goods_of("clothing_photos", "train") if p.title in SLEEVES][: asked.most]
    fitted = fit_head(
        "sleeve",
        [""] * len(photos),
        seen_of(photos),
        np.ones(len(photos), np.bool_),
        [(SLEEVES[photo.title],) for photo in photos],
        tower=sight.version,
        groups=[photo.attributes["contributor_group"][0] for photo in photos],
        lineage={"pack": "clothing_photos, train", "licence": "Apache-2.0; photos CC0", **provenance()},
    )
    fitted.head.save(asked.out / "sleeve")
    print("sleeve", fitted.head.card.figures)
    counted = {facet: asdict(trust) for facet, trust in trusted.items()}
    write_atomic(asked.out / TRUST, json.dumps(counted, indent=1) + "\n")
    size = sum(path.stat().st_size for path in asked.out.rglob("*") if path.is_file())
    print(f"{size / 1e6:.2f} MB in {asked.out}, {hash_file(asked.out / 'color' / 'card.json')}")


if __name__ == "__main__":
    main()
