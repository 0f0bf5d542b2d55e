"""A build that goes on where a dead one was cut short: what that one knew and took with it."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np

from duomo.product import Product
from duomo.shelf.base import ID, Snapshot
from duomo.shelf.lance import LanceShelf
from duomo.shelf.manifest import Manifest
from duomo.shelf.rows import Good
from duomo.stock.plan import Held

_ROWS_AT_ONCE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Unserved:
    """What a dead build has put on the shelf that no reader sees yet."""

    pictures: Mapping[str, int] = field(default_factory=dict)  # product -> pictures of it that could be used
    overtaken: frozenset[str] = frozenset()  # catalogs that it took rows from

    @classmethod
    def of(cls, variants: LanceShelf, manifest: Manifest) -> Self:
        """Compare the newest version of the variants table with the one that is served.

        Args:
            variants: the table.
            manifest: of the shop; a build has begun and not ended.
        """
        seen: dict[str, tuple[str, str]] = {}
        if manifest.served:
            served = variants.snapshot(version=manifest.served)
            seen = {id: (hashed, source) for _, id, hashed, source in _rows(served)}
        newest = variants.snapshot(latest=True)
        done, overtaken = [], set()
        for row, id, hashed, source in _rows(newest):
            was_hashed, was_source = seen.get(id, ("", ""))
            if was_hashed != hashed:
                done.append(row)
            if id in seen and was_source != source:
                overtaken.add(was_source)
        pictures: defaultdict[str, set[str]] = defaultdict(set)
        rows = newest.search().rows[np.array(done, np.int64)]
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            table = newest.take(rows[start : start + _ROWS_AT_ONCE], ["product_id", "shown"])
            for product_id, shown in zip(*(column.to_pylist() for column in table.columns), strict=True):
                record = json.loads(shown)
                media = [*record["media"], *record["variant"]["media"]]
                pictures[product_id].update(each["source"] for each in media if each["kind"] == "picture")
        return cls({name: len(sources) for name, sources in pictures.items()}, frozenset(overtaken))

    def looked_at_again(self, goods: Iterable[Good], held: Mapping[str, Held]) -> Iterator[Good]:
        """The products as they come; those with pictures that the dead build could not use count as changed.

        What it had to say of them died with it.

        Args:
            goods: products on their way into a plan.
            held: what the plan compares them with; marked.
        """
        for good in goods:
            used = self.pictures.get(good.product.id)
            if used is not None and used < len(_pictures(good.product)):
                held[good.product.id].hash = ""
            yield good


def _rows(snapshot: Snapshot) -> Iterator[tuple[int, str, str, str]]:
    """Place, id, hash of the product and catalog of every row."""
    if not len(snapshot):
        return
    table = snapshot.take(snapshot.search().rows, [ID, "product_hash", "source"])
    place = 0
    for batch in table.to_batches(max_chunksize=_ROWS_AT_ONCE):
        for id, hashed, source in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            yield place, id, hashed, source
            place += 1


def _pictures(product: Product) -> set[str]:
    media = [*product.media, *(each for variant in product.variants for each in variant.media)]
    return {each.source for each in media if each.kind == "picture"}
