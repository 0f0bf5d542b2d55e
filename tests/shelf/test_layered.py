"""A version with changes over it answers to the last bit as the whole version does."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from duomo.shelf.base import ID, Found, Snapshot
from duomo.shelf.exact import ExactShelf, ExactSnapshot, load_exact
from duomo.shelf.filters import Filter, OneOf, check
from duomo.shelf.lance import LanceShelf
from duomo.shelf.layered import LayeredSnapshot, changes
from duomo.shelf.upkeep import fold

from .test_shelves_agree import ROW, TOKEN, TREES, VECTOR, Row

IDS = ("A", "a", "B", "é", "红", "zz", "A1", "A10")
HELD = st.dictionaries(st.sampled_from(IDS), ROW)
CHANGES = st.dictionaries(st.sampled_from(IDS), ROW)


def both(goods: Any, held: dict[str, Row], changes: dict[str, Row], gone: set[str]) -> tuple[Snapshot, ...]:
    """The same version whole and layered."""
    shelf = ExactShelf()
    shelf.upsert(goods.table(*({**row, "id": id} for id, row in held.items())))
    base = shelf.snapshot()
    shelf.upsert(goods.table(*({**row, "id": id} for id, row in changes.items())))
    shelf.delete(sorted(gone))
    whole = shelf.snapshot()
    rows = whole.search(filter=OneOf(ID, tuple(changes.keys() - gone))).rows
    newer = whole.take(rows, whole.schema.names).cast(whole.schema)
    return whole, LayeredSnapshot(base, newer, sorted(held.keys() & gone), 7)


def named(goods: Any, snapshot: Snapshot, found: Found) -> list[tuple[str, float]]:
    return list(zip(goods.ids(snapshot, found.rows), found.scores.tolist(), strict=True))


@given(
    held=HELD, changes=CHANGES, gone=st.sets(st.sampled_from(IDS)), tree=st.none() | TREES,
    words=st.lists(TOKEN, min_size=1, max_size=3), query=VECTOR, k=st.none() | st.integers(0, 6),
    name=st.sampled_from(("vector", "vectors")),
)  # fmt: skip
def test_a_layered_version_answers_like_the_whole_one(
    goods: Any, held: dict[str, Row], changes: dict[str, Row], gone: set[str], tree: Filter | None,
    words: list[str], query: list[float], k: int | None, name: str,
) -> None:  # fmt: skip
    whole, layered = both(goods, held, changes, gone)
    assert len(whole) == len(layered)
    filter = tree and check(tree, goods.schema)
    asked = goods.asking(*words)
    vector: Row = {"vector": np.array(query, np.float32), "column": name}
    for question in ({"filter": filter}, {"keywords": asked, "filter": filter}, {**vector, "filter": filter}):
        found = [named(goods, each, each.search(**question, k=k)) for each in (whole, layered)]
        assert found[0] == found[1]
    told = []
    for each in (whole, layered):
        rows = each.search().rows
        told.append(
            {
                "rows": each.take(rows[::-1], goods.schema.names).to_pylist(),
                "relevance": each.relevance(rows, asked).tolist(),
                "similarity": each.similarity(rows, vector["vector"], name).tolist(),
                "passes": filter and each.passes(rows, filter).tolist(),
                "values": {column: each.values(column) for column in ("color", "tags", "category")},
                "spellings": dict(each.spellings("color")),
            }
        )
    assert told[0] == told[1]


def test_what_is_taken_from_both_layers_stands_in_the_order_it_was_asked_for(goods: Any) -> None:
    shelf = ExactShelf()
    shelf.upsert(goods.some())
    base = shelf.snapshot()
    newer = goods.table({"id": "B", "color": "green", "tags": ["new"]}, {"id": "E", "color": "Red"})
    layered = LayeredSnapshot(base, newer, ["C"], 2)
    rows = layered.search().rows
    assert goods.ids(layered, rows) == ["A", "B", "D", "E"]
    taken = layered.take(rows[[3, 0, 0, 1]], ["color", "tags"])
    assert taken.schema.field("color").type == pa.string()
    assert taken.to_pylist() == [
        {"color": "Red", "tags": None},
        {"color": "Red", "tags": ["new", "sale"]},
        {"color": "Red", "tags": ["new", "sale"]},
        {"color": "green", "tags": ["new"]},
    ]


def test_the_base_is_not_copied(goods: Any) -> None:
    shelf = ExactShelf()
    shelf.upsert(goods.some())
    base: ExactSnapshot = shelf.snapshot()
    layered = LayeredSnapshot(base, goods.table({"id": "B"}), [], 2)
    assert layered.base is base
    assert layered.newer.take(layered.newer.search().rows, ["id"])["id"].to_pylist() == ["B"]


Step = tuple[Literal["put", "delete", "fold", "optimize"], list[int], int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("put", "put", "put", "delete", "fold", "optimize")),
        st.lists(st.integers(0, 29), min_size=1, max_size=4, unique=True),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=8,
)


def numbered(goods: Any, places: list[int], said: int) -> pa.Table:
    return goods.table(*({"id": f"N{place:02}", "note": f"{place} says {said}"} for place in places))


@settings(max_examples=25)
@given(steps=STEPS, base_after=st.integers(0, 3))
def test_what_has_changed_on_disk_is_found_whatever_was_put_deleted_and_moved(
    goods: Any, steps: list[Step], base_after: int
) -> None:
    with TemporaryDirectory() as folder:
        shelf = LanceShelf(Path(folder) / "goods.lance")
        shelf.upsert(numbered(goods, list(range(20)), 0))
        base: ExactSnapshot | None = None
        for number, (step, places, said) in enumerate(steps):
            if number == min(base_after, len(steps) - 1):
                base = load_exact(shelf.snapshot())
            if step == "put":
                shelf.upsert(numbered(goods, places, said))
            elif step == "delete":
                shelf.delete([f"N{place:02}" for place in places])
            elif step == "fold":
                fold(Path(folder) / "goods.lance")
            else:
                shelf.optimize()
        assert base
        newest = shelf.snapshot()
        layered = changes(base, newest, "note", 100)
        assert (layered is None) == (len(base) == 0)
        if layered:
            rows = layered.search().rows
            whole = newest.take(newest.search().rows, newest.schema.names)
            assert layered.take(rows, newest.schema.names).to_pylist() == whole.to_pylist()
