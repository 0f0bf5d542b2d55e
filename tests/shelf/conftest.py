"""A small shelf of goods for every test here, on each kind of shelf."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from duomo.shelf.base import ID, TOKENS, Shelf, column
from duomo.shelf.exact import ExactShelf, ExactSnapshot
from duomo.shelf.keywords import Spelling, Word
from duomo.shelf.lance import LanceShelf
from duomo.shelf.layered import LayeredSnapshot

SCHEMA = pa.schema(
    [
        column(ID, pa.string(), "text"),
        column("color", pa.string(), "text", attribute="Colour"),
        column("tags", pa.list_(pa.string()), "texts"),
        column("category", pa.list_(pa.string()), "path"),
        column("price", pa.float64(), "number"),
        column("stock", pa.int64(), "number"),
        column("note", pa.string(), "hidden"),
        column(TOKENS, pa.string(), "hidden"),
        column("vector", pa.list_(pa.float32(), 3), "vector", encoder="hashed"),
        column("vectors", pa.list_(pa.list_(pa.float32(), 3)), "vector", encoder="hashed"),
    ]
)


class Goods:
    """Makes tables of goods from short rows."""

    @staticmethod
    def asking(*tokens: str) -> list[Word]:
        """A question of words that are one token each."""
        return [Word(token, (Spelling((token,)),)) for token in dict.fromkeys(tokens)]

    schema = SCHEMA

    def table(self, *rows: dict[str, Any]) -> pa.Table:
        """Rows with every column of the schema; what a row does not name is null."""
        return pa.table(
            [pa.array([row.get(field.name) for row in rows], field.type) for field in SCHEMA],
            schema=SCHEMA,
        )

    def some(self) -> pa.Table:
        """Four rows, of which the last says nothing but its id."""
        return self.table(
            {
                "id": "A",
                "color": "Red",
                "tags": ["new", "sale"],
                "category": ["Shoes", "Shoes > Boots", "Boots"],
                "price": 9.5,
                "stock": 3,
                "tokens": "red boot boot",
                "vector": [1, 0, 0],
                "vectors": [[0, 1, 0], [1, 0, 0], [0, 0, 1]],
            },
            {
                "id": "B",
                "color": "navy blue",
                "tags": [],
                "category": ["Shoes"],
                "price": 50.0,
                "stock": 0,
                "tokens": "navy blue shoe",
                "vector": [0.6, 0.8, 0],
                "vectors": [[0.6, 0.8, 0]],
            },
            {
                "id": "C",
                "color": "Navy Blue",
                "tags": ["sale"],
                "category": ["Bags"],
                "price": 120.0,
                "tokens": "navy blue bag",
                "vector": [0, 0, 0],
                "vectors": [],
            },
            {"id": "D"},
        )

    def ids(self, snapshot: Any, rows: Any) -> list[str]:
        """The ids of found rows."""
        ids: list[str] = snapshot.take(np.asarray(rows), [ID])[ID].to_pylist()
        return ids


@pytest.fixture(scope="session")
def goods() -> Goods:
    return Goods()


class Layering(ExactShelf):
    """Shows every version as what has changed since the first one with the same columns."""

    _base: ExactSnapshot | None = None

    def snapshot(self) -> Any:
        """The newest version, over an older one."""
        whole = super().snapshot()
        if self._base is None or not self._base.schema.equals(whole.schema, check_metadata=True):
            self._base = whole
        if whole is self._base or ID not in whole.schema.names:
            return whole
        old = self._base.take(self._base.search().rows, whole.schema.names)
        before = {row[ID]: row for row in old.to_pylist()}
        rows = whole.search().rows
        now = whole.take(rows, whole.schema.names).cast(whole.schema)
        changed = [before.pop(row[ID], None) != row for row in now.to_pylist()]
        return LayeredSnapshot(self._base, now.filter(pa.array(changed)), [*before], whole.version)

    def upsert(self, rows: pa.Table) -> None:
        """See `Shelf.upsert`; what was there before is the base."""
        super().upsert(rows)
        self.snapshot()


@pytest.fixture(params=["exact", "layered", "lance"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    made = {"exact": ExactShelf, "layered": Layering}.get(request.param)
    return made() if made else LanceShelf(tmp_path / "variants.lance")
