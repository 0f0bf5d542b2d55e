"""What a build has to do: which products are new, changed, the same, or gone."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from duomo.shelf.base import ID, Snapshot
from duomo.shelf.rows import Good


@dataclass(slots=True)
class Held:
    """A product as the shop holds it."""

    hash: str
    source: str
    ids: list[str] = field(default_factory=list)  # of its variants


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The work of one build; every product of the catalogs is in exactly one of the first three."""

    added: tuple[Good, ...]
    updated: tuple[Good, ...]
    unchanged: tuple[Good, ...]
    vanished: tuple[str, ...]  # products on the shelf that their catalog no longer names
    stale: tuple[str, ...]  # variants on the shelf that their product no longer has

    @property
    def work(self) -> tuple[Good, ...]:
        """The products that must be put on the shelf."""
        return self.added + self.updated


def held_of(snapshot: Snapshot) -> dict[str, Held]:
    """Every product that a snapshot of the variants table holds, by id."""
    held: dict[str, Held] = {}
    if not len(snapshot):
        return held
    names = [ID, "product_id", "product_hash", "source"]
    table = snapshot.take(snapshot.search().rows, names)
    for row_id, product_id, hashed, source in zip(*(table[n].to_pylist() for n in names), strict=True):
        held.setdefault(product_id, Held(hashed, source)).ids.append(row_id)
    return held


def plan(goods: Iterable[Good], held: Mapping[str, Held], sources: Collection[str]) -> Plan:
    """Compare catalogs with what the shop holds.

    Args:
        goods: every product of the catalogs, each id once.
        held: what the newest version of the variants table holds, an unfinished build included.
        sources: the catalogs that were read: only what came from them can have vanished.
    """
    added, updated, unchanged, stale, named = [], [], [], [], set()
    for good in goods:
        named.add(good.product.id)
        before = held.get(good.product.id)
        if before is None:
            added.append(good)
        elif before.hash == good.hash and len(before.ids) == len(good.product.variants):
            unchanged.append(good)
        else:
            updated.append(good)
            stale += sorted(set(before.ids) - {variant.id for variant in good.product.variants})
    vanished = (name for name, one in held.items() if name not in named and one.source in sources)
    return Plan(
        added=tuple(added),
        updated=tuple(updated),
        unchanged=tuple(unchanged),
        vanished=tuple(vanished),
        stale=tuple(stale),
    )
