"""What every shelf promises, on each of them."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from duomo.shelf.base import ID, Shelf, column, kind_of
from duomo.shelf.exact import ExactSnapshot, load_exact
from duomo.shelf.filter_text import parse
from duomo.shelf.filters import Compare, OneOf, check, resolve


def red() -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.array([1, 0, 0], dtype=np.float32)


# --- writing -------------------------------------------------------------------------------------


def test_an_empty_shelf_has_no_rows_and_no_columns(shelf: Shelf, goods: Any) -> None:
    snapshot = shelf.snapshot()
    assert len(snapshot) == 0
    assert snapshot.schema.names == []
    assert snapshot.search().rows.size == 0
    assert snapshot.search(keywords=goods.asking("red")).rows.size == 0
    assert shelf.delete(["A"]) == 0


def test_what_was_put_on_comes_back_with_its_columns_and_their_kinds(shelf: Shelf, goods: Any) -> None:
    shelf.upsert(goods.some())
    snapshot = shelf.snapshot()
    assert snapshot.schema.equals(goods.schema, check_metadata=True)
    rows = snapshot.search().rows
    assert goods.ids(snapshot, rows) == ["A", "B", "C", "D"]
    assert snapshot.take(rows, goods.schema.names).to_pylist() == goods.some().to_pylist()


def test_rows_come_in_the_order_they_are_asked_for_even_twice(shelf: Shelf, goods: Any) -> None:
    shelf.upsert(goods.table(*({"id": f"{n:03}", "price": float(n)} for n in range(50))))
    snapshot = shelf.snapshot()
    rows = snapshot.search().rows
    for places in ([7, 3, 3, 49], list(range(49, -1, -1)), []):
        chosen = rows[np.array(places, dtype=np.int64)]
        assert snapshot.take(chosen, ["price"])["price"].to_pylist() == [float(n) for n in places]


def test_putting_a_row_on_again_replaces_it_and_the_last_of_a_batch_counts(shelf: Shelf, goods: Any) -> None:
    shelf.upsert(goods.some())
    shelf.upsert(goods.table({"id": "B", "price": 1.0}, {"id": "E", "price": 2.0}, {"id": "B", "price": 3.0}))
    snapshot = shelf.snapshot()
    rows = snapshot.search().rows
    assert goods.ids(snapshot, rows) == ["A", "B", "C", "D", "E"]
    assert snapshot.take(rows, ["price"])["price"].to_pylist() == [9.5, 3.0, 120.0, None, 2.0]
    assert snapshot.take(rows, ["color"])["color"].to_pylist() == ["Red", None, "Navy Blue", None, None]


def test_new_columns_are_null_in_older_rows_and_left_out_columns_null_in_new_ones(
    shelf: Shelf, goods: Any
) -> None:
    shelf.upsert(goods.some())
    size = column("size", pa.list_(pa.string()), "texts")
    shelf.upsert(pa.table([["E"], [["M"]]], schema=pa.schema([goods.schema.field(ID), size])))
    snapshot = shelf.snapshot()
    rows = snapshot.search().rows
    assert snapshot.take(rows, ["size"])["size"].to_pylist() == [None, None, None, None, ["M"]]
    assert snapshot.take(rows[-1:], ["price", "vector"]).to_pylist() == [{"price": None, "vector": None}]
    assert snapshot.schema.equals(pa.schema([*goods.schema, size]), check_metadata=True)


def test_filling_a_new_vector_column_leaves_everything_else_alone(shelf: Shelf, goods: Any) -> None:
    shelf.upsert(goods.some())
    new = column("vector_new", pa.list_(pa.float32(), 2), "vector", encoder="new")
    schema = pa.schema([goods.schema.field(ID), new])
    shelf.fill(pa.table([["C", "A", "nobody"], [[0, 1], [1, 0], [1, 1]]], schema=schema))
    snapshot = shelf.snapshot()
    rows = snapshot.search().rows
    assert snapshot.take(rows, goods.schema.names).to_pylist() == goods.some().to_pylist()
    assert snapshot.take(rows, ["vector_new"])["vector_new"].to_pylist() == [[1, 0], None, [0, 1], None]
    found = snapshot.search(vector=np.array([0, 1], np.float32), column="vector_new")
    assert goods.ids(snapshot, found.rows) == ["C", "A"]


def test_a_fresh_note_on_a_column_replaces_the_old_one(shelf: Shelf, goods: Any) -> None:
    shelf.upsert(goods.some())
    newer = column("vector", pa.list_(pa.float32(), 3), "vector", encoder="hashed-2")
    shelf.fill(pa.table([["A"], [[0, 0, 1]]], schema=pa.schema([goods.schema.field(ID), newer])))
    field = shelf.snapshot().schema.field("vector")
    assert (field.metadata[b"duomo.encoder"], kind_of(field)) == (b"hashed-2", "vector")


def test_removing_counts_only_rows_that_were_there(shelf: Shelf, goods: Any) -> None:
    shelf.upsert(goods.some())
    assert shelf.delete(["B", "it's not there", "D", "B"]) == 2
    snapshot = shelf.snapshot()
    assert goods.ids(snapshot, snapshot.search().rows) == ["A", "C"]
    assert shelf.delete(["B"]) == 0


def test_a_snapshot_never_changes_and_versions_grow(shelf: Shelf, goods: Any) -> None:
    shelf.upsert(goods.some())
    before = shelf.snapshot()
    expected = before.take(before.search().rows, goods.schema.names).to_pylist()
    shelf.delete(["A"])
    shelf.upsert(goods.table({"id": "B", "price": 1.0}, {"id": "Z"}))
    shelf.optimize()
    after = shelf.snapshot()
    assert after.version > before.version
    assert len(before) == 4
    assert before.take(before.search().rows, goods.schema.names).to_pylist() == expected
    assert goods.ids(after, after.search().rows) == ["B", "C", "D", "Z"]


def test_dictionary_encoded_and_large_strings_are_kept_as_plain_ones(shelf: Shelf, goods: Any) -> None:
    rows = goods.some().select([ID, "color", "note"])
    rows = rows.set_column(1, rows.schema.field("color"), rows["color"].cast(pa.string()))
    coded = pa.table(
        [rows[ID].cast(pa.large_string()), rows["color"].dictionary_encode(), rows["note"]],
        schema=pa.schema(
            [
                pa.field(ID, pa.large_string(), False, goods.schema.field(ID).metadata),
                goods.schema.field("color").with_type(pa.dictionary(pa.int32(), pa.string())),
                goods.schema.field("note"),
            ]
        ),
    )
    shelf.upsert(coded)
    assert shelf.snapshot().schema.field("color").type == pa.string()
    assert shelf.snapshot().values("color") == ("Navy Blue", "Red", "navy blue")
    spelt = shelf.snapshot().spellings("color")
    assert spelt == {"navyblue": ("Navy Blue", "navy blue"), "red": ("Red",)}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"color": ["Red"]}, "rows without a column 'id'"),
        ({"id": ["A", None]}, "1 rows have no id"),
        ({"id": ["A"], "price": ["cheap"]}, "column 'price' is double on this shelf, not string"),
        ({"id": ["A"], "vector": [[1.0, 2.0]]}, "column 'vector' is fixed_size_list"),
        ({"id": ["A"], "vectors": [[1.0, 2.0, 3.0]]}, "column 'vectors' is list<item: fixed_size_list"),
    ],
)
def test_rows_that_do_not_fit_are_refused_and_change_nothing(
    shelf: Shelf, goods: Any, rows: dict[str, Any], words: str
) -> None:
    shelf.upsert(goods.some())
    before = shelf.snapshot().version
    with pytest.raises(ValueError, match=words):
        shelf.upsert(pa.table(rows))
    assert shelf.snapshot().version == before


def test_a_vector_that_is_not_finite_is_refused(shelf: Shelf, goods: Any) -> None:
    with pytest.raises(ValueError, match="column 'vector' holds a vector that is not finite"):
        shelf.upsert(goods.table({"id": "A", "vector": [0, float("nan"), 1]}))
    with pytest.raises(ValueError, match="column 'vectors' holds a vector that is not finite"):
        shelf.upsert(goods.table({"id": "A", "vectors": [[1, 0, 0], [0, float("inf"), 1]]}))


# --- finding -------------------------------------------------------------------------------------


def test_neighbours_are_scored_by_cosine_and_rows_without_direction_are_left_out(
    shelf: Shelf, goods: Any
) -> None:
    shelf.upsert(goods.some())
    snapshot = shelf.snapshot()
    found = snapshot.search(vector=5 * red(), column="vector")
    assert goods.ids(snapshot, found.rows) == ["A", "B"]
    assert found.scores == pytest.approx([1.0, 0.6], abs=1e-6)
    assert snapshot.search(vector=0 * red(), column="vector").rows.size == 0


def test_a_row_of_several_vectors_is_as_near_as_the_nearest_of_them(shelf: Shelf, goods: Any) -> None:
    shelf.upsert(goods.some())
    snapshot = shelf.snapshot()
    found = snapshot.search(vector=5 * red(), column="vectors")
    assert goods.ids(snapshot, found.rows) == ["A", "B"]
    assert found.scores == pytest.approx([1.0, 0.6], abs=1e-6)
    for axis in np.eye(3, dtype=np.float32):  # whichever of the three of A is meant
        first = snapshot.search(vector=axis, column="vectors", k=1)
        assert goods.ids(snapshot, first.rows) == ["A"]
        assert first.scores.tolist() == [1.0]


def test_zeros_among_several_vectors_are_not_kept_and_hide_none_of_the_others(
    shelf: Shelf, goods: Any
) -> None:
    zeros, back = [0, 0, 0], [-1, 0, 0]
    shelf.upsert(goods.table(*({"id": i, "vectors": v} for i, v in
                               {"A": [zeros, back], "B": [zeros], "C": [], "D": None}.items())))  # fmt: skip
    snapshot = shelf.snapshot()
    every = snapshot.take(snapshot.search().rows, ["vectors"])["vectors"].to_pylist()
    assert every == [[back], [], [], None]
    found = snapshot.search(vector=red(), column="vectors")
    assert (goods.ids(snapshot, found.rows), found.scores.tolist()) == (["A"], [-1.0])


def test_several_vectors_are_filled_in_and_taken_away_again(shelf: Shelf, goods: Any) -> None:
    shelf.upsert(goods.some())
    schema = pa.schema([goods.schema.field(ID), goods.schema.field("vectors")])
    shelf.fill(pa.table([["A", "B", "D"], [None, [[0, 0, 1], [0, 1, 0]], [[1, 0, 0]]]], schema=schema))
    snapshot = shelf.snapshot()
    found = snapshot.search(vector=red(), column="vectors")
    assert goods.ids(snapshot, found.rows) == ["D", "B"]
    assert goods.ids(snapshot, snapshot.search(vector=red(), column="vector").rows) == ["A", "B"]


def test_equal_neighbours_stand_in_order_of_id_whatever_k_is(shelf: Shelf, goods: Any) -> None:
    ids = [f"{n:02}" for n in range(60)]
    shelf.upsert(goods.table(*({"id": i, "vector": [0, 0.6, 0.8]} for i in reversed(ids))))
    snapshot = shelf.snapshot()
    for k in (1, 5, 40, 60, None):
        found = snapshot.search(vector=np.array([0, 1, 0], np.float32), column="vector", k=k)
        assert goods.ids(snapshot, found.rows) == ids[:k]


def test_a_filter_comes_before_the_best_k_are_taken(shelf: Shelf, goods: Any) -> None:
    shelf.upsert(goods.table(*({"id": f"{n:02}", "price": n, "vector": [1, n, 0]} for n in range(40))))
    snapshot = shelf.snapshot()
    dear = Compare("price", ">=", 37.0)
    found = snapshot.search(vector=red(), column="vector", filter=dear, k=2)
    assert goods.ids(snapshot, found.rows) == ["37", "38"]
    assert goods.ids(snapshot, snapshot.search(filter=dear).rows) == ["37", "38", "39"]


def test_a_row_is_found_when_it_holds_enough_of_the_words(shelf: Shelf, goods: Any) -> None:
    shelf.upsert(goods.some())
    snapshot = shelf.snapshot()

    def found(*words: str) -> set[str]:
        return set(goods.ids(snapshot, snapshot.search(keywords=goods.asking(*words)).rows))

    assert found("boot") == {"A"}
    assert found("navy", "navy") == {"B", "C"}
    assert found("navy", "boot") == {"A"}  # boots are rarer, and nothing holds both
    assert found("navy", "bag") == {"C"}
    assert found("navy", "blue", "unheard") == {"B", "C"}
    assert found("unheard") == set()


def test_the_score_of_words_does_not_depend_on_the_filter(shelf: Shelf, goods: Any) -> None:
    shelf.upsert(goods.some())
    snapshot = shelf.snapshot()
    everywhere = snapshot.search(keywords=goods.asking("navy", "bag"))
    bags = snapshot.search(keywords=goods.asking("navy", "bag"), filter=OneOf("category", ("Bags",)))
    assert goods.ids(snapshot, bags.rows) == ["C"]
    assert bags.scores.tolist() == everywhere.scores.tolist()
    # By hand: N = 4, 9 tokens, mean 2.25; navy in 2 rows, bag in 1; row C has 3; in titles each counts 3.
    norm = 1.2 * (0.25 + 0.75 * 3 / 2.25)
    by_hand = (np.log(1 + 2.5 / 2.5) + np.log(1 + 3.5 / 1.5)) * 3 / (3 + norm)
    assert bags.scores == pytest.approx([by_hand], rel=1e-6)


def test_distinct_values_come_in_order_without_null(shelf: Shelf, goods: Any) -> None:
    shelf.upsert(goods.some())
    snapshot = shelf.snapshot()
    assert snapshot.values("color") == ("Navy Blue", "Red", "navy blue")
    assert snapshot.values("tags") == ("new", "sale")
    assert snapshot.values("category") == ("Bags", "Boots", "Shoes", "Shoes > Boots")


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ({"vector": red(), "column": "vector", "keywords": ["a"]}, "not by both"),
        ({"vector": red()}, "'' is not a vector column"),
        ({"vector": red(), "column": "price"}, "'price' is not a vector column"),
        ({"vector": red()[:2], "column": "vector"}, r"has shape \(2,\), column 'vector' needs \(3,\)"),
        ({"vector": red()[:2], "column": "vectors"}, r"has shape \(2,\), column 'vectors' needs \(3,\)"),
        ({"vector": np.full(3, np.inf, np.float32), "column": "vector"}, "not finite"),
    ],
)
def test_a_question_without_an_answer_is_refused(
    shelf: Shelf, goods: Any, question: dict[str, Any], words: str
) -> None:
    shelf.upsert(goods.some())
    with pytest.raises(ValueError, match=words):
        shelf.snapshot().search(**question)


@pytest.mark.parametrize(
    ("expression", "ids"),
    [
        ("color = 'NAVY  BLUE'", "BC"),
        ("color != 'navyblue'", "A"),
        ("not color = 'navy blue'", "AD"),
        ("tags = 'SALE'", "AC"),
        ("tags != 'sale'", "BD"),
        ("tags is null", "BD"),
        ("category = 'shoes>boots'", "A"),
        ("category = 'Boots'", "A"),
        ("category in ('Bags', 'Boots')", "AC"),
        ("price < '50'", "A"),
        ("price between 9.5 and 50", "AB"),
        ("stock < 2.5", "B"),
        ("stock > -0.5", "AB"),
        ("stock = 2.5", ""),
        ("stock != 2.5", "AB"),
        ("stock < 1e30", "AB"),
        ("not (price > 10 or color is null)", "A"),
        ("color = 'mauve'", ""),
        ("color != 'mauve'", "ABC"),
    ],
)
def test_filters_mean_what_they_say(shelf: Shelf, goods: Any, expression: str, ids: str) -> None:
    shelf.upsert(goods.some())
    snapshot = shelf.snapshot()
    tree = resolve(check(parse(expression), snapshot.schema), snapshot)
    assert "".join(goods.ids(snapshot, snapshot.search(filter=tree).rows)) == ids


def test_a_copy_in_memory_says_what_the_snapshot_says(shelf: Shelf, goods: Any) -> None:
    shelf.upsert(goods.some())
    snapshot = shelf.snapshot()
    copy = load_exact(snapshot)
    assert isinstance(copy, ExactSnapshot)
    assert (copy.version, len(copy)) == (snapshot.version, 4)
    assert copy.schema.equals(snapshot.schema, check_metadata=True)
    found = copy.search(vector=red(), column="vector")
    assert goods.ids(copy, found.rows) == ["A", "B"]
