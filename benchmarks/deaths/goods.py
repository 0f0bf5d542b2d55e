"""Small shops whose every row says which delivery it came from, and all that can be read of one."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from duomo import Shop
from duomo.files import hash_bytes
from duomo.settings import Settings
from duomo.shelf.base import Snapshot
from duomo.shelf.lance import LanceShelf
from duomo.shelf.manifest import PICTURES, TABLES, VARIANTS, Manifest
from duomo.shelf.tables import Tables

FACETS: Final = ("delivery", "color")
# Every product is a lamp in both languages: the first and the second find all of them.
QUESTIONS: Final = ("lamp", "灯", "red lamp", "蓝色 灯 7", "lamp 11")
_COLORS: Final = {
    "red": ("红色", (200, 30, 30)),
    "green": ("绿色", (30, 160, 40)),
    "blue": ("蓝色", (30, 40, 190)),
}

Row = dict[str, str]
Contents = Mapping[str, object]


class Goods:
    """A catalog on disk: a folder with products.csv, reviews.csv and drawn pictures."""

    def __init__(self, folder: Path, products: int) -> None:
        """Use a folder that is empty or not there yet; nothing is delivered yet."""
        self.folder = folder
        self.products = products
        folder.mkdir(parents=True, exist_ok=True)

    def deliver(self, number: int, *, without: int = 0) -> list[Row]:
        """Write delivery 1, 2, ...: all goods in it bear its number, and its price.

        From the second on some pictures and titles are others than before, and a tenth of the goods is new.

        Args:
            number: of the delivery.
            without: leaves out so many of the goods.
        """
        rows = [self._row(n, number) for n in range(self.products + (number - 1) * self.products // 10)]
        rows = rows[without:]
        for name, records in (("products", rows), ("reviews", [_review(row) for row in rows[::10]])):
            with (self.folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(records[0]))
                writer.writeheader()
                writer.writerows(records)
        return rows

    def _row(self, n: int, delivery: int) -> Row:
        color, (chinese, rgb) = list(_COLORS.items())[n % 3]
        picture = f"{n}.jpg" if n % 10 or delivery == 1 else f"{n}-{delivery}.jpg"
        if not (self.folder / picture).exists():
            pixels = np.full((32, 24, 3), rgb, np.uint8)
            pixels[n % 32, :, :] = (n * 7 % 256, delivery * 80 % 256, n // 32)
            Image.fromarray(pixels).save(self.folder / picture, quality=95)
        if n % 20 == 13:
            picture += f"|missing-{delivery}.jpg"
        changed = f" mark {delivery}" if n % 7 == 0 and delivery > 1 else ""
        return {
            "sku": f"L{n:04d}",
            "title": f"{color.title()} lamp {n}{changed} {chinese} 灯 {n}",
            "color": color,
            "delivery": f"d{delivery}",
            "price": f"{10 + n % 50}.{delivery:02d}",
            "currency": "EUR",
            "stock": str(n % 9),
            "image": picture,
        }


def _review(row: Row) -> Row:
    return {"sku": row["sku"], "review": f"{row['sku']} {row['delivery']} 很好", "rating": "5"}


def settings(*, workers: int = 0, indexed: bool = False) -> Settings:
    """Of a small shop that still commits several times; indexed: it is searched on disk, with indexes."""
    return Settings(encoder="hashed", workers=workers, batch_rows=2, exact_rows=0 if indexed else 200_000)


def contents(folder: Path) -> Contents:
    """All that readers can be shown of a shop: rows with vectors, pictures, reviews, cuts, catalogs."""
    manifest = Manifest.load(folder)
    sources = {
        name: {**asdict(source), "built": "", "problems": sorted(map(str, source.problems))}
        for name, source in manifest.sources.items()
    }
    said = asdict(manifest) | {"sources": sources, "served": bool(manifest.served)}
    pictures = LanceShelf(folder / PICTURES).snapshot(latest=True)
    reviews = Tables(folder / TABLES).scan("reviews").to_pylist()
    return {
        "manifest": said,
        "rows": _rows(LanceShelf(folder / VARIANTS).snapshot(version=manifest.served)),
        "pictures": _rows(pictures),
        "reviews": sorted(json.dumps(review, sort_keys=True) for review in reviews),
    }


def _rows(snapshot: Snapshot, names: Sequence[str] = ()) -> list[dict[str, object]]:
    """In the order of the ids, all columns or those named; fails where an id is there twice."""
    if not len(snapshot):
        return []
    table = snapshot.take(snapshot.search().rows, names or snapshot.schema.names)
    rows: list[dict[str, object]] = sorted(table.to_pylist(), key=lambda row: str(row["id"]))
    ids = [row["id"] for row in rows]
    assert len(set(ids)) == len(ids), "an id is there twice"
    return rows


def newest_ids(folder: Path) -> dict[str, str]:
    """Id -> hash of the product, of every row that is committed, served or not."""
    snapshot = LanceShelf(folder / VARIANTS).snapshot(latest=True)
    return {str(row["id"]): str(row["product_hash"]) for row in _rows(snapshot, ["id", "product_hash"])}


def answers(shop: Shop) -> list[str]:
    """What one version of a shop answers to every question."""
    shop = shop.pinned()
    return [answer(shop, text) for text in QUESTIONS]


def answer(shop: Shop, text: str) -> str:
    """What one version of a shop answers to a question, with the pictures of its first hits."""
    hits = shop.search(text, k=8, facets=FACETS)
    shown = [(hit.product.id, hit.variant.id, round(hit.score, 5)) for hit in hits]
    counts = {name: [(v.value, v.count) for v in facet.values] for name, facet in hits.facets.items()}
    kept = [media.hash for hit in hits[:2] for media in hit.product.media_of(hit.variant)]
    bodies = hash_bytes(*(shop.picture(name) for name in kept))
    return json.dumps([text, hits.total, shown, counts, bodies], ensure_ascii=False, sort_keys=True)


def difference(found: Contents, expected: Contents) -> str:
    """Where two shops differ, in words; "" where they are alike."""
    for name, one in found.items():
        other = expected[name]
        if one == other:
            continue
        if isinstance(one, list) and isinstance(other, list):
            return f"{name}: {len(one)} instead of {len(other)}, {_first(one, other)}"
        return f"{name}: {_first(one, other)}"
    return ""


def _first(one: object, other: object) -> str:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        names = [name for name in {**one, **other} if one.get(name) != other.get(name)]
        return f"'{names[0]}': {_first(one.get(names[0]), other.get(names[0]))}"
    if isinstance(one, Sequence) and isinstance(other, Sequence) and not isinstance(one, str):
        for a, b in zip(one, other, strict=False):
            if a != b:
                return _first(a, b)
    return f"{str(one)[:200]} instead of {str(other)[:200]}"
