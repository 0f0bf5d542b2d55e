"""What a build has to do: which products are new, changed, the same, or gone."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.errors import Problem
from duomo.product import Product
from duomo.shelf.base import ID, Snapshot
from duomo.shelf.filters import OneOf, Or
from duomo.shelf.rows import Good
from duomo.stock.intake import twice

_HASH: Final = 16  # bytes of a product's hash


@dataclass(slots=True)
class Held:
    """A product as the shop holds it."""

    hash: str
    source: str
    ids: list[str] = field(default_factory=list)  # of its variants
    met: bool = False  # a catalog names it
    same: bool = False  # just as it is held


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The work of one build; every product of the catalogs is counted in one of the first three.

    Products are named by their places among those of the catalogs, since all of them may not fit in memory.
    """

    added: int
    updated: int
    unchanged: int
    vanished: tuple[str, ...]  # products on the shelf that their catalog no longer names
    stale: tuple[str, ...]  # variants on the shelf that their product no longer has
    moved: tuple[Problem, ...]  # variants that are taken from products of other catalogs
    overtaken: frozenset[str]  # those catalogs
    changed: bytes  # (places,) 1: the product must be put on the shelf
    hashes: bytes  # of those, one after the other

    def work(self, goods: Iterable[tuple[Product, str]]) -> Iterator[Good]:
        """Of the products with their catalogs, as the plan was made of, those to be put on the shelf."""
        start = 0
        for (product, source), changed in zip(goods, self.changed, strict=True):
            if changed:
                yield Good(product, source, self.hashes[start : start + _HASH].hex())
                start += _HASH


def held_of(snapshot: Snapshot, among: Iterable[tuple[Product, str]] | None = None) -> dict[str, Held]:
    """Every product that a snapshot of the variants table holds, by id.

    Args:
        snapshot: of the table.
        among: products with the names of their catalogs; only those, and the ones that have a variant of
            theirs, are looked up.
    """
    held: dict[str, Held] = {}
    if not len(snapshot):
        return held
    names = [ID, "product_id", "product_hash", "source"]
    rows = snapshot.search().rows if among is None else _named(snapshot, [product for product, _ in among])
    table = snapshot.take(rows, names)
    sources: dict[str, str] = {}  # each once in memory
    for batch in table.to_batches(max_chunksize=10_000):
        for row_id, product_id, hashed, source in zip(*(batch[n].to_pylist() for n in names), strict=True):
            if (before := held.get(product_id)) is None:
                before = held[product_id] = Held(hashed, sources.setdefault(source, source))
            before.ids.append(product_id if row_id == product_id else row_id)
    return held


def _named(snapshot: Snapshot, products: Sequence[Product]) -> NDArray[np.int64]:
    """The rows of all products that some products name, by their own ids or by those of their variants."""
    ids = tuple(product.id for product in products)
    variants = tuple(variant.id for product in products for variant in product.variants)
    met = snapshot.search(filter=Or((OneOf("product_id", ids), OneOf(ID, variants)))).rows
    owners = snapshot.take(met, ["product_id"])["product_id"].to_pylist()
    return snapshot.search(filter=OneOf("product_id", tuple(dict.fromkeys(owners)))).rows


def owners_of(held: Mapping[str, Held]) -> dict[str, str]:
    """Variant -> its product, of all that is held."""
    return {row_id: name for name, each in held.items() for row_id in each.ids}


def plan(
    goods: Iterable[Good], held: Mapping[str, Held], owners: Mapping[str, str], sources: Collection[str]
) -> Plan:
    """Compare catalogs with what the shop holds; what is held is marked with what was found.

    Args:
        goods: every product of the catalogs, each id once.
        held: what the newest version of the variants table holds, an unfinished build included.
        owners: `owners_of` it.
        sources: the catalogs that were read: only what came from them can have vanished.
    """
    added, updated, unchanged = 0, 0, 0
    changed, hashes = bytearray(), bytearray()
    stale: list[str] = []
    overtaken: set[str] = set()
    moving: list[tuple[str, Problem]] = []  # product that has lost a variant, and what to say of it
    for good in goods:
        before = held.get(good.product.id)
        if before is not None:
            before.met = True
            before.same = before.hash == good.hash and len(before.ids) == len(good.product.variants)
        changed.append(before is None or not before.same)
        if before is None:
            added += 1
        elif before.same:
            unchanged += 1
            continue
        else:
            updated += 1
            stale += sorted(set(before.ids) - {variant.id for variant in good.product.variants})
            if before.source != good.source:
                overtaken.add(before.source)
        hashes += bytes.fromhex(good.hash)
        for variant in good.product.variants:
            other = owners.get(variant.id, good.product.id)
            if other != good.product.id and held[other].source != good.source:
                problem = f"was a variant of product '{other}' and is one of this product now"
                moving.append((other, twice(good.product, "sku", variant.id, problem)))
    taken = [(other, problem) for other, problem in moving if not held[other].met or held[other].same]
    return Plan(
        added=added,
        updated=updated,
        unchanged=unchanged,
        vanished=tuple(name for name, each in held.items() if not each.met and each.source in sources),
        stale=tuple(stale),
        moved=tuple(problem for _, problem in taken),
        overtaken=frozenset(chain(overtaken, (held[other].source for other, _ in taken))),
        changed=bytes(changed),
        hashes=bytes(hashes),
    )
