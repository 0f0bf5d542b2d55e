"""What only the shelf on disk does: versions, the served tag, indexes, other processes."""

import resource
import subprocess
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import sleep
from typing import Any

import lancedb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.arrays import unit
from duomo.errors import BadSetup
from duomo.shelf.base import ID, TOKENS, column
from duomo.shelf.commits import committing
from duomo.shelf.exact import load_exact
from duomo.shelf.filters import And, Compare, Not, OneOf
from duomo.shelf.health import health_of
from duomo.shelf.indexes import INDEX_FROM, LADDER, RECALL, fewest_probes, usual_probes
from duomo.shelf.lance import LanceShelf, LanceSnapshot


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shop" / "variants.lance"


def test_readers_see_the_served_version_until_the_next_is_served(path: Path, goods: Any) -> None:
    shelf = LanceShelf(path)
    assert shelf.serve() == 0
    shelf.upsert(goods.some())
    first = shelf.serve()
    shelf.delete(["A", "B"])
    assert (len(shelf.snapshot()), shelf.snapshot().version) == (4, first)
    assert len(LanceShelf(path).snapshot(latest=True)) == 2
    second = shelf.serve()
    assert second > first
    assert (len(shelf.snapshot()), shelf.snapshot().version) == (2, second)


def test_cleaning_up_removes_old_versions(path: Path, goods: Any) -> None:
    shelf = LanceShelf(path)
    for n in range(5):
        shelf.upsert(goods.table({"id": f"{n}"}))
    sleep(0.05)
    shelf.optimize(kept=timedelta(milliseconds=1))
    assert len(lancedb.connect(path.parent).open_table("variants").list_versions()) <= 2
    assert len(shelf.snapshot()) == 5


def test_the_served_version_outlives_every_cleaning_up(path: Path, goods: Any) -> None:
    shelf = LanceShelf(path)
    shelf.upsert(goods.some())
    served = shelf.serve()
    for n in range(5):
        shelf.upsert(goods.table({"id": f"new {n}"}))
    sleep(0.05)
    shelf.optimize(kept=timedelta(milliseconds=1))
    snapshot = shelf.snapshot()
    assert snapshot.version == served
    assert goods.ids(snapshot, snapshot.search().rows) == ["A", "B", "C", "D"]
    assert len(shelf.snapshot(latest=True)) == 9


def test_optimizing_merges_small_pieces(path: Path, goods: Any) -> None:
    shelf = LanceShelf(path)
    for n in range(10):
        shelf.upsert(goods.table({"id": f"{n}"}))

    def pieces() -> int:
        stats: Any = lancedb.connect(path.parent).open_table("variants").stats()
        return int(stats["fragment_stats"]["num_fragments"])

    assert pieces() == 10
    shelf.optimize()
    assert pieces() == 1


def test_adding_an_encoder_writes_its_column_and_nothing_else(path: Path, goods: Any) -> None:
    shelf = LanceShelf(path)
    rng = np.random.default_rng(5)
    ids = [f"{n:05}" for n in range(3000)]
    wide, narrow = (
        pa.FixedSizeListArray.from_arrays(pa.array(rng.random(3000 * dim, dtype=np.float32)), dim)
        for dim in (256, 32)
    )
    key = goods.schema.field(ID)
    old = pa.table([ids, wide], schema=pa.schema([key, column("vector_old", wide.type, "vector")]))
    shelf.upsert(old)
    shelf.build_indexes()
    shelf.upsert(old.slice(0, 100))  # the index on the key does not know these yet

    def bytes_on_disk() -> int:
        return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())

    before = bytes_on_disk()
    shelf.fill(pa.table([ids, narrow], schema=pa.schema([key, column("vector_new", narrow.type, "vector")])))
    written = bytes_on_disk() - before
    assert 3000 * 32 * 4 <= written < 2 * 3000 * 32 * 4 < 3000 * 256 * 4
    assert shelf.snapshot().schema.names == [ID, "vector_old", "vector_new"]


def test_a_table_that_a_writer_is_just_making_has_no_rows_yet(path: Path, goods: Any) -> None:
    (path / "data").mkdir(parents=True)  # what a reader finds before the first commit
    (path / "_versions").mkdir()
    shelf = LanceShelf(path)
    assert len(shelf.snapshot()) == 0
    shelf.upsert(goods.some())
    assert len(shelf.snapshot()) == 4


def test_a_folder_that_is_no_lance_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"ends in \.lance, variants does not"):
        LanceShelf(tmp_path / "variants")


READ = """
import sys
from pathlib import Path
from time import sleep
from duomo.shelf.indexes import INDEX_FROM, LADDER, RECALL, fewest_probes, usual_probes
from duomo.shelf.lance import LanceShelf, LanceSnapshot
shelf = LanceShelf(Path(sys.argv[1]))
print("ready", flush=True)
counts = []
while not Path(sys.argv[2]).exists() or len(counts) < 3:
    snapshot = shelf.snapshot()
    rows = snapshot.search().rows
    prices = set(snapshot.take(rows, ["price"])["price"].to_pylist())
    assert len(prices) == 1 and len(rows) == len(snapshot), (prices, len(rows))
    counts.append(len(rows))
assert counts == sorted(counts)
print("read", len(counts))
"""


@pytest.mark.slow
def test_readers_in_other_processes_see_whole_versions_while_one_writes(
    path: Path, goods: Any, tmp_path: Path
) -> None:
    shelf = LanceShelf(path)
    done = tmp_path / "done"

    def write(version: int) -> None:
        rows = ({"id": f"{n:04}", "price": float(version)} for n in range(20 + version))
        shelf.upsert(goods.table(*rows))
        shelf.serve()

    write(0)
    command = [sys.executable, "-c", READ, str(path), str(done)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout
        assert reader.stdout.readline() == "ready\n"
        for version in range(1, 40):
            write(version)
            if version % 10 == 0:
                shelf.optimize()
        done.touch()
        assert reader.stdout.read().startswith("read ")
    assert reader.returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("each", [1, 3], ids=["one vector a row", "up to three"])
def test_with_indexes_a_large_shelf_finds_nearly_the_same_neighbours_and_exactly_the_same_words(
    path: Path, goods: Any, each: int
) -> None:
    rng = np.random.default_rng(7)
    rows, dim = 30_000, 32
    centres = rng.standard_normal((200, dim))
    vectors = unit(centres[rng.integers(0, 200, rows)] + 0.4 * rng.standard_normal((rows, dim)))
    words = np.array([f"w{n}" for n in range(2000)])
    rarity = 1 / np.arange(1, 2001)
    texts = [" ".join(row) for row in rng.choice(words, (rows, 6), p=rarity / rarity.sum())]
    one = pa.list_(pa.float32(), dim)
    schema = pa.schema(
        [
            goods.schema.field(ID),
            goods.schema.field("price"),
            goods.schema.field("tags"),
            goods.schema.field(TOKENS),
            column("v", one if each == 1 else pa.list_(one), "vector"),
        ]
    )
    held = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), dim)
    if each > 1:  # every third row has vectors of the next rows, too
        held = pa.array(
            [list(vectors[n : n + (each if n % 3 == 0 else 1)]) for n in range(rows)], pa.list_(one)
        )
    table = pa.table(
        [
            [f"{n:06}" for n in range(rows)],
            rng.random(rows).round(2),
            [[f"t{n % 7}"] if n % 5 else None for n in range(rows)],
            texts,
            held,
        ],
        schema=schema,
    )
    shelf = LanceShelf(path)
    shelf.upsert(table.slice(0, 29_000))
    shelf.build_indexes()
    shelf.upsert(table.slice(28_500))  # some replaced, some new: the indexes do not know them yet
    for _ in range(2):
        snapshot = shelf.snapshot()
        truth = load_exact(snapshot)
        narrow = And((Compare("price", "<", 0.1), Not(OneOf("tags", ("t1", "t2")))))
        for filter in (None, narrow):
            hits = 0
            for query in vectors[:: rows // 20]:
                found = snapshot.search(vector=query, column="v", filter=filter, k=10)
                best = truth.search(vector=query, column="v", filter=filter, k=10)
                hits += len(set(goods.ids(snapshot, found.rows)) & set(goods.ids(truth, best.rows)))
            assert hits >= 0.95 * 10 * 20
            for question in (["w0"], ["w1", "w5"], ["w0", "w3", "w9", "w1999"], ["unheard"]):
                there = snapshot.search(keywords=goods.asking(*question), filter=filter)
                here = truth.search(keywords=goods.asking(*question), filter=filter)
                assert goods.ids(snapshot, there.rows) == goods.ids(truth, here.rows)
                assert there.scores.tolist() == here.scores.tolist()
        shelf.optimize()
        told = health_of(path)  # whatever was moved, every index is there and knows every row
        assert (told.fragments, told.indexes, told.unindexed) == (1, 3 + 1, 0)


def test_a_disk_that_is_full_in_the_middle_of_a_commit_is_told_and_takes_nothing(tmp_path: Path) -> None:
    shelf = LanceShelf(tmp_path / "variants.lance")
    shelf.upsert(pa.table({"id": ["a"], "title": ["Red mug"]}))
    shelf.serve()
    letters = np.random.default_rng(3).integers(97, 123, (2000, 200), dtype=np.uint8)
    many = pa.table(
        {"id": [f"b{n}" for n in range(2000)], "title": [row.tobytes().decode() for row in letters]}
    )
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))  # a full disk takes another errno
    try:
        with pytest.raises(
            BadSetup, match=r"variants\.lance cannot be read or written \(File too large\)\. Raise"
        ):
            shelf.upsert(many)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert shelf.snapshot(latest=True).take(shelf.snapshot().search().rows, ["id"])["id"].to_pylist() == ["a"]
    shelf.upsert(many)
    assert len(shelf.snapshot(latest=True)) == 2001


def test_an_error_of_lance_that_is_none_of_the_system_passes_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="not of the system"), committing(tmp_path):
        raise RuntimeError("lance error: not of the system")
    full = "lance error: LanceError(IO): No space left on device (os error 28), lance-file/writer.rs:258:9"
    with (
        pytest.raises(BadSetup, match=r"No space left on device.. Make room on the disk"),
        committing(tmp_path),
    ):
        raise RuntimeError(full)


@given(
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=30),
    recall=st.floats(0, 1),
    queries=st.integers(1, 4),
)
def test_as_few_probes_are_taken_as_find_so_much(sizes: list[int], recall: float, queries: int) -> None:
    ends = np.cumsum(sizes)  # an index of so many parts, the nearest first

    def found(query: Any, probes: int) -> Any:
        return np.arange(ends[min(probes or len(ends), len(ends)) - 1])

    few = fewest_probes(found, np.ones((queries, 2), np.float32), recall=recall)
    shares = [found(None, probes).size / ends[-1] for probes in LADDER]
    assert few == next((p for p, share in zip(LADDER, shares, strict=True) if share >= recall), LADDER[-1])


def test_nobody_asks_an_index_in_vain() -> None:
    assert fewest_probes(lambda query, probes: np.arange(5), np.zeros((3, 2), np.float32)) == 0
    assert fewest_probes(lambda query, probes: np.arange(0), np.ones((3, 2), np.float32)) == 0


@pytest.mark.slow
def test_an_index_is_looked_at_as_far_as_it_takes_and_columns_of_no_vectors_have_none(
    path: Path, goods: Any
) -> None:
    rng = np.random.default_rng(3)
    rows = INDEX_FROM + 1000
    middles = rng.normal(size=(50, 16))
    vectors = unit(middles[rng.integers(50, size=rows)] + 0.7 * rng.normal(size=(rows, 16)))
    kind = pa.list_(pa.float32(), 16)
    schema = pa.schema(
        [
            goods.schema.field(ID),
            column("held", kind, "vector"),
            column("none", kind, "vector"),
            column("no lists", pa.list_(kind), "vector"),
        ]
    )
    held = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), 16)
    columns = [[f"{n:05}" for n in range(rows)], held, pa.nulls(rows, kind)]
    shelf = LanceShelf(path)
    shelf.upsert(pa.table([*columns, pa.array([[]] * rows, pa.list_(kind))], schema=schema))
    shelf.build_indexes()
    snapshot = shelf.snapshot()
    assert isinstance(snapshot, LanceSnapshot)
    assert [snapshot.probes_of(name) for name in ("held", "none", "no lists")] == [usual_probes(rows), 0, 0]
    near = partial(snapshot.neighbours, "held", 1000)
    probes = fewest_probes(near, vectors[:40])
    tuned = shelf.snapshot(probes={"held": probes})
    assert isinstance(tuned, LanceSnapshot)
    assert tuned.probes_of("held") == probes
    truth = load_exact(snapshot)
    shares = []
    for query in unit(middles + 0.7 * rng.normal(size=middles.shape)):  # others than it was chosen by
        asked: dict[str, Any] = {"vector": query, "column": "held", "k": 1000}
        best = set(goods.ids(truth, truth.search(**asked).rows))
        shares.append(len(best & set(goods.ids(tuned, tuned.search(**asked).rows))) / 1000)
    assert np.mean(shares) >= RECALL - 0.02


def test_what_readers_saw_not_long_ago_stays_however_old_it_is(path: Path, goods: Any) -> None:
    shelf = LanceShelf(path)
    shelf.upsert(goods.table({"id": "A", "price": 1.0}))
    shelf.serve()
    reader = shelf.snapshot()
    sleep(6)  # nobody wrote for long, and all the while it was served
    shelf.upsert(goods.table({"id": "B", "price": 2.0}))
    shelf.serve()
    for _ in range(2):  # the first merges, the second has nothing to wait for
        shelf.optimize(kept=timedelta(seconds=4))
        shelf.serve()
    rows = reader.search().rows
    assert reader.take(rows, ["id", "price"]).to_pylist() == [{"id": "A", "price": 1.0}]
