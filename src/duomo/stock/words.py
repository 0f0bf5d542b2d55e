"""What comes with the goods and is not goods: reviews and links, as their catalogs say them now."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from duomo.files import hash_bytes
from duomo.shelf.base import ID
from duomo.shelf.manifest import TABLES
from duomo.shelf.tables import Tables
from duomo.stock.intake import Delivery

SOURCE = "source"  # column: the catalog that said it


def keep_words(folder: Path, deliveries: Sequence[Delivery]) -> None:
    """Add the reviews and links that the shop does not hold yet, and drop what their catalog says no more.

    Equal ones are kept as often as they stand in the catalog.
    """
    tables = Tables(folder / TABLES)
    for name in ("reviews", "links"):
        for delivery in deliveries:
            said = getattr(delivery.catalog, name)
            if said:
                _replace(tables, name, delivery.intake.name, [asdict(each) for each in said])


def _replace(tables: Tables, name: str, source: str, said: Sequence[Mapping[str, object]]) -> None:
    """Make what one catalog says the whole of what the table holds of it."""
    times: Counter[str] = Counter()
    records: dict[str, Mapping[str, object]] = {}
    for fields in said:
        content = repr((source, sorted(fields.items())))
        times[content] += 1
        key = hash_bytes(content.encode(), str(times[content]).encode())
        records[key] = {ID: key, SOURCE: source, **fields}
    before = tables.scan(name)
    held = (
        {row[ID] for row in before.select([ID, SOURCE]).to_pylist() if row[SOURCE] == source}
        if ID in before.column_names
        else set()
    )
    if fresh := [record for key, record in records.items() if key not in held]:
        tables.append(name, fresh)
    for key in sorted(held - records.keys()):
        tables.delete(name, ID, key)
    if fresh:
        tables.fold(name)
