"""`exact` is the truth, `lance` must say the same: whatever rows, filters, words and vectors there are."""

import operator
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from duomo.arrays import unit
from duomo.shelf.base import ID, Found, Snapshot
from duomo.shelf.exact import ExactShelf, load_exact
from duomo.shelf.filter_sql import render_sql
from duomo.shelf.filters import And, Compare, Filter, IsNull, Not, OneOf, Or, check, evaluate
from duomo.shelf.lance import LanceShelf
from duomo.shelf.vectors import similarities

Row = dict[str, Any]
SOME = settings(max_examples=settings().max_examples // 5)  # every example writes a table to disk
COMPARE = {"=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
TEXTS = ("Red", "red", "it's", "a\\b", '"q"', "%_", "", "红 色", "null", "line\nbreak", "`tick`")
TOKEN = st.sampled_from(("red", "shoe", "红色", "1.5l", "dv7", "the", "it"))
VECTOR = st.tuples(*[st.sampled_from((-1.0, 0.0, 0.25, 2.0))] * 3).map(list)
ROW = st.fixed_dictionaries(
    {
        "color": st.none() | st.sampled_from(TEXTS),
        "tags": st.none() | st.lists(st.sampled_from(TEXTS), max_size=3),
        "category": st.none() | st.lists(st.sampled_from(("A", "A > B", "B")), max_size=3),
        "price": st.none() | st.sampled_from((0.0, -1.5, 0.1, 9.99, 1e300, float("nan"))),
        "stock": st.none() | st.sampled_from((0, 1, -7, 2**53 + 1)),
        "tokens": st.none() | st.lists(TOKEN, max_size=6).map(" ".join),
        "vector": st.none() | VECTOR,
        "vectors": st.none() | st.lists(VECTOR, max_size=4),
    }
)
ROWS = st.lists(ROW, max_size=12)
TEXT_LEAF = st.one_of(
    st.builds(Compare, st.sampled_from(("color", "tags", "category")), st.sampled_from(("=", "!=")),
              st.sampled_from((*TEXTS, "A", "A > B"))),
    st.builds(OneOf, st.sampled_from(("color", "tags")),
              st.lists(st.sampled_from(TEXTS), max_size=3).map(tuple)),
)  # fmt: skip
NUMBER_LEAF = st.builds(
    Compare,
    st.sampled_from(("price", "stock")),
    st.sampled_from(("=", "!=", "<", "<=", ">", ">=")),
    st.sampled_from((0, 0.1, 1, -1.5, 9.99, 2**53 + 1, 1e300, -1e300, 2**63)),
)
NULL_LEAF = st.builds(IsNull, st.sampled_from(("color", "tags", "category", "price", "stock")))
TREES = st.recursive(
    TEXT_LEAF | NUMBER_LEAF | NULL_LEAF,
    lambda part: st.one_of(
        st.builds(Not, part),
        st.builds(And, st.lists(part, min_size=1, max_size=3).map(tuple)),
        st.builds(Or, st.lists(part, min_size=1, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)


def holds(tree: Filter, row: dict[str, Any]) -> bool:
    """The slow and obvious reading of a filter."""
    if isinstance(tree, Not):
        return not holds(tree.part, row)
    if isinstance(tree, And):
        return all(holds(part, row) for part in tree.parts)
    if isinstance(tree, Or):
        return any(holds(part, row) for part in tree.parts)
    value = row[tree.column]
    listed = tree.column in ("tags", "category")
    missing = not value if listed else value is None
    if isinstance(tree, IsNull):
        return missing
    values = (value or []) if listed else [] if missing else [value]
    if isinstance(tree, OneOf):
        return any(value in tree.values for value in values)
    if tree.operator == "!=":
        return tree.value not in values and (listed or not missing)
    compare: Callable[[Any, Any], bool] = COMPARE[tree.operator]
    return any(compare(value, tree.value) for value in values)


def filled(goods: Any, rows: list[Row], folder: str, *, indexed: bool) -> tuple[Snapshot, Snapshot]:
    """The same rows on both shelves, in two batches; perhaps with indexes that know only the first batch."""
    exact, lance = ExactShelf(), LanceShelf(Path(folder) / "variants.lance")
    named = [{**row, "id": f"{n:02}"} for n, row in enumerate(rows)]
    for shelf in (exact, lance):
        shelf.upsert(goods.table(*named[1:], {"id": "00", "color": "to be replaced", "tokens": "red"}))
        if indexed and isinstance(shelf, LanceShelf):
            shelf.build_indexes()
        shelf.upsert(goods.table(*named[:2], {"id": "zz", "tokens": "red", "vector": [1, 0, 0]}))
        shelf.delete(["zz"])
    return exact.snapshot(), lance.snapshot()


def by_id(goods: Any, snapshot: Snapshot, found: Found) -> dict[str, float]:
    return dict(zip(goods.ids(snapshot, found.rows), found.scores.tolist(), strict=True))


@SOME
@given(rows=ROWS, trees=st.lists(TREES, min_size=8, max_size=8), indexed=st.booleans())
def test_a_filter_lets_through_the_same_rows_on_every_shelf(
    goods: Any, rows: list[Row], trees: list[Filter], indexed: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        exact, lance = filled(goods, rows, folder, indexed=indexed)
        plain = exact.take(exact.search().rows, goods.schema.names).cast(goods.schema)
        for tree in trees:
            checked = check(tree, goods.schema)
            obvious = [row["id"] for row in plain.to_pylist() if holds(tree, row)]
            assert plain["id"].filter(pa.array(evaluate(checked, plain))).to_pylist() == obvious
            assert goods.ids(exact, exact.search(filter=checked).rows) == obvious
            sql = render_sql(checked, goods.schema)
            assert goods.ids(lance, lance.search(filter=checked).rows) == obvious, sql
            for each in (exact, lance):
                every = each.search().rows[::-1]
                assert goods.ids(each, every[each.passes(every, checked)]) == obvious[::-1]


@SOME
@given(
    rows=ROWS,
    questions=st.lists(st.lists(TOKEN, min_size=1, max_size=4), min_size=4, max_size=4),
    tree=st.none() | TREES,
    k=st.none() | st.integers(0, 5),
    indexed=st.booleans(),
)
@example(rows=[], questions=[["red"]], tree=None, k=None, indexed=True)
def test_words_find_the_same_rows_with_the_same_scores_on_every_shelf(
    goods: Any, rows: list[Row], questions: list[list[str]], tree: Filter | None, k: int | None,
    indexed: bool,
) -> None:  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        exact, lance = filled(goods, rows, folder, indexed=indexed)
        checked = tree and check(tree, goods.schema)
        for words in questions:
            here = by_id(goods, exact, exact.search(keywords=goods.asking(*words), filter=checked, k=k))
            there = by_id(goods, lance, lance.search(keywords=goods.asking(*words), filter=checked, k=k))
            assert list(here.items()) == list(there.items())
            # Rows that do not match have scores as well, and a match the one it was found with.
            mine, theirs = (
                each.relevance(each.search().rows, goods.asking(*words)) for each in (exact, lance)
            )
            assert mine.tolist() == theirs.tolist()
            found = exact.search(keywords=goods.asking(*words))
            assert mine[np.searchsorted(exact.search().rows, found.rows)].tolist() == found.scores.tolist()


@SOME
@given(
    rows=ROWS,
    queries=st.lists(st.tuples(*[st.floats(-1, 1, width=32)] * 3), min_size=4, max_size=4),
    tree=st.none() | TREES,
    k=st.integers(0, 8),
    name=st.sampled_from(("vector", "vectors")),
)
def test_vectors_find_the_same_rows_with_nearly_the_same_scores_on_every_shelf(
    goods: Any, rows: list[Row], queries: list[tuple[float, ...]], tree: Filter | None, k: int, name: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        exact, lance = filled(goods, rows, folder, indexed=False)
        checked = tree and check(tree, goods.schema)
        for query in queries:
            vector = np.array(query, np.float32)
            asked: Row = {"vector": vector, "column": name, "filter": checked}
            here = by_id(goods, exact, exact.search(**asked))
            there = by_id(goods, lance, lance.search(**asked))
            assert there == pytest.approx(here, abs=1e-5)
            best = lance.search(**asked, k=k).scores
            assert best == pytest.approx(exact.search(**asked, k=k).scores, abs=1e-5)
            assert best.tolist() == sorted(best.tolist(), reverse=True)
            for each in (exact, lance):
                if vector.any():
                    found, every = each.search(vector=vector, column=name), each.search().rows
                    said = dict(zip(found.rows.tolist(), found.scores.tolist(), strict=True))
                    near = each.similarity(every, vector, name).tolist()
                    assert near == [said.get(row, float("-inf")) for row in every.tolist()]


@SOME
@given(rows=ROWS, query=VECTOR.filter(any), indexed=st.booleans(), k=st.none() | st.integers(0, 5))
def test_a_row_scores_what_the_best_of_its_vectors_scores_alone(
    goods: Any, rows: list[Row], query: list[float], indexed: bool, k: int | None
) -> None:
    vectors = {f"{n:02}": [v for v in row["vectors"] or () if any(v)] for n, row in enumerate(rows)}
    obvious = {
        id: max(np.dot(v, query) / np.linalg.norm(v) / np.linalg.norm(query) for v in each)
        for id, each in vectors.items()
        if each
    }
    with tempfile.TemporaryDirectory() as folder:
        for snapshot in filled(goods, rows, folder, indexed=indexed):
            asked: Row = {"vector": np.array(query, np.float32), "column": "vectors"}
            assert by_id(goods, snapshot, snapshot.search(**asked)) == pytest.approx(obvious, abs=1e-6)
            best = snapshot.search(**asked, k=k).scores
            assert best == pytest.approx(sorted(obvious.values(), reverse=True)[:k], abs=1e-6)


@given(seed=st.integers(0, 2**32 - 1), dim=st.sampled_from((3, 64, 256, 500)), count=st.integers(1, 300))
def test_a_similarity_is_the_same_to_the_last_bit_whatever_rows_stand_beside_it(
    seed: int, dim: int, count: int
) -> None:
    rng = np.random.default_rng(seed)
    rows = unit(rng.normal(size=(300, dim)))
    some = np.sort(rng.choice(300, count, replace=False))
    assert np.array_equal(similarities(rows[some], rows[7]), similarities(rows, rows[7])[some])


@SOME
@given(seed=st.integers(0, 2**32 - 1), k=st.integers(1, 40), unit_length=st.booleans(), several=st.booleans())
def test_near_ties_stand_in_the_same_order_on_every_shelf(
    goods: Any, seed: int, k: int, unit_length: bool, several: bool
) -> None:
    rng = np.random.default_rng(seed)
    vectors = 1 + rng.integers(-3, 4, (40, 3)) * 10.0 ** -rng.integers(6, 9, (40, 1))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) if unit_length else 1
    name, held = (
        ("vectors", [vectors[n : n + 1 + n % 3] for n in range(40)]) if several else ("vector", vectors)
    )
    rows: list[Row] = [{"id": f"{n:02}", name: list(each)} for n, each in enumerate(held)]
    with tempfile.TemporaryDirectory() as folder:
        exact, lance = ExactShelf(), LanceShelf(Path(folder) / "variants.lance")
        for shelf in (exact, lance):
            shelf.upsert(goods.table(*rows))
        asked: Row = {"vector": rng.normal(size=3).astype(np.float32), "column": name, "k": k}
        here = by_id(goods, exact.snapshot(), exact.snapshot().search(**asked))
        there = by_id(goods, lance.snapshot(), lance.snapshot().search(**asked))
        assert list(here.items()) == list(there.items())


def kept(row: Row) -> Row:
    """A row as a shelf keeps it: among several vectors no zeros."""
    return {**row, "vectors": row["vectors"] and [vector for vector in row["vectors"] if any(vector)]}


ID_LISTS = st.lists(st.sampled_from("ABCDEF"), max_size=4)
STEP = st.one_of(
    st.tuples(st.just("upsert"), st.lists(st.tuples(st.sampled_from("ABCDEF"), ROW), max_size=4)),
    st.tuples(st.just("fill"), st.dictionaries(st.sampled_from("ABCDEF"), st.floats(0, 9), max_size=4)),
    st.tuples(st.just("delete"), ID_LISTS),
    st.tuples(st.sampled_from(("optimize", "index")), st.none()),
)


@SOME
@given(steps=st.lists(STEP, max_size=8))
def test_after_any_writes_every_shelf_holds_what_a_dictionary_would(goods: Any, steps: list[Any]) -> None:
    price = pa.schema([goods.schema.field(ID), goods.schema.field("price")])
    with tempfile.TemporaryDirectory() as folder:
        exact, lance = ExactShelf(), LanceShelf(Path(folder) / "variants.lance")
        truth: dict[str, dict[str, Any]] = {}
        for shelf in (exact, lance):
            shelf.upsert(goods.some().slice(0, 0))
        for step, content in steps:
            gone = truth.keys() & set(content) if step == "delete" else set()
            for shelf in (exact, lance):
                if step == "upsert":
                    shelf.upsert(goods.table(*({**row, "id": i} for i, row in content)))
                elif step == "fill":
                    shelf.fill(pa.table([list(content), list(content.values())], schema=price))
                elif step == "delete":
                    assert shelf.delete(content) == len(gone)
                elif step == "optimize":
                    shelf.optimize()
                elif isinstance(shelf, LanceShelf):
                    shelf.build_indexes()
            if step == "upsert":
                truth |= {i: kept(goods.table({**row, "id": i}).to_pylist()[0]) for i, row in content}
            elif step == "fill":
                for i in content.keys() & truth.keys():
                    truth[i]["price"] = content[i]
            truth = {i: row for i, row in truth.items() if i not in gone}
        expected = [
            {**row, "price": None if row["price"] != row["price"] else row["price"]}
            for _, row in sorted(truth.items())
        ]
        for snapshot in (exact.snapshot(), lance.snapshot(), load_exact(lance.snapshot())):
            rows = snapshot.search().rows
            assert snapshot.take(rows, goods.schema.names).to_pylist() == expected
