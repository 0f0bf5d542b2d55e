"""What comes with the goods and is not goods: reviews and links, kept once each."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

from duomo.catalog.read import Catalog
from duomo.files import hash_bytes
from duomo.product import Link, Review
from duomo.shelf.base import ID
from duomo.shelf.manifest import TABLES
from duomo.shelf.tables import Tables


def keep_words(folder: Path, catalogs: Iterable[Catalog]) -> None:
    """Add the reviews and links that the shop does not hold yet; one that it holds is never doubled."""
    tables = Tables(folder / TABLES)
    for name in ("reviews", "links"):
        records = [_record(said) for catalog in catalogs for said in getattr(catalog, name)]
        if not records:
            continue
        before = tables.scan(name)
        held = set(before[ID].to_pylist() if ID in before.column_names else ())
        fresh = {record[ID]: record for record in records if record[ID] not in held}
        if fresh:
            tables.append(name, list(fresh.values()))
            tables.fold(name)


def _record(said: Review | Link) -> Mapping[str, object]:
    """The record with an id made of all it says: equal records are one."""
    fields = asdict(said)
    return {ID: hash_bytes(repr(sorted(fields.items())).encode()), **fields}
