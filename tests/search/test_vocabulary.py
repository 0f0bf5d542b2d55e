"""The words and phrases of a shop, against what a slow and obvious count gives; on every shelf."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from duomo.search.vocabulary import Vocabulary
from duomo.shelf.base import column
from duomo.shelf.exact import ExactShelf
from duomo.shelf.filters import fold
from duomo.shelf.keywords import tokens, words
from duomo.shelf.lance import LanceShelf
from duomo.shelf.layout import FIXED, PATH_BREAK

SCHEMA = pa.schema([*FIXED, column("color", pa.list_(pa.string()), "texts")])
Row = dict[str, object]

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "product_id": st.sampled_from("ABCD"),
            "title": st.sampled_from(["Red Mug", "red mug", "Navy Blue Shirt, blue", "红色连衣裙"]),
            "brand": st.sampled_from([None, "Alba", "ALBA", "Borea"]),
            "category_path": st.sampled_from([None, "Home", PATH_BREAK.join(["Home", "Mugs"]), "Mugs"]),
            "color": st.sampled_from([None, [], ["Red"], ["Navy Blue", "red"], ["navyblue"]]),
            "description": st.sampled_from(["", "马克杯 kettle"]),
        }
    ),
    max_size=12,
)


def filled(rows: Sequence[Mapping[str, object]]) -> pa.Table:
    """Rows with ids and tokens."""
    said = [tokens(f"{row['title']} {row.get('description')}") for row in rows]
    whole = [{"id": f"{n:02}", "tokens": " ".join(said[n]), **row} for n, row in enumerate(rows)]
    return pa.Table.from_pylist(whole, schema=SCHEMA)


def vocabulary_of(*rows: Mapping[str, object]) -> Vocabulary:
    shelf = ExactShelf()
    shelf.upsert(filled(rows))
    return Vocabulary.of(shelf.snapshot())


def values_of(row: Row) -> list[tuple[str, str]]:
    """(column, value) of one row, as plainly as it can be said."""
    path, color = row["category_path"], row["color"] or []
    assert isinstance(color, list)
    found = [("title", row["title"]), ("brand", row["brand"])]
    found += [("category_path", node) for node in str(path).split(PATH_BREAK) if path]
    found += [("color", value) for value in color]
    return [(name, str(value)) for name, value in found if value]


@given(ROWS)
def test_a_word_counts_the_rows_it_stands_in(rows: list[Row]) -> None:
    slow = Counter(word for row in rows for word in {w for _, value in values_of(row) for w in words(value)})
    vocabulary = vocabulary_of(*rows)
    assert vocabulary.words == slow
    assert list(vocabulary.words) == sorted(slow)
    for word in slow:
        holding = [
            n for n, row in enumerate(rows) if any(word in words(value) for _, value in values_of(row))
        ]
        assert vocabulary.rows_of(word).tolist() == holding


@given(ROWS)
def test_a_phrase_counts_the_products_that_say_it(rows: list[Row]) -> None:
    slow: defaultdict[tuple[str, str], set[object]] = defaultdict(set)
    for row in rows:
        for name, value in values_of(row):
            slow[name, fold(value)].add(row["product_id"])
    phrases = vocabulary_of(*rows).phrases
    assert {(p.column, fold(p.text)): p.count for p in phrases} == {k: len(v) for k, v in slow.items()}
    assert [p.count for p in phrases] == sorted((p.count for p in phrases), reverse=True)


@given(ROWS)
@settings(max_examples=5)
def test_every_shelf_has_the_same_words_and_phrases(rows: list[Row]) -> None:
    memory = vocabulary_of(*rows)
    with TemporaryDirectory() as folder:
        shelf = LanceShelf(Path(folder) / "variants.lance")
        shelf.upsert(filled(rows))
        disk = Vocabulary.of(shelf.snapshot())
        assert disk.words == memory.words
        assert disk.phrases == memory.phrases
        assert disk.knows("kettle") == memory.knows("kettle")


@given(
    ROWS,
    st.sampled_from(["red", "mug", "blue", "alba", "zeppelin"]),
    st.sampled_from(["navy", "home", "red"]),
)
def test_words_meet_in_as_many_rows_as_hold_both(rows: list[Row], first: str, second: str) -> None:
    said = [{w for _, value in values_of(row) for w in words(value)} for row in rows]
    assert vocabulary_of(*rows).meet(first, second) == sum({first, second} <= each for each in said)


def test_what_stands_in_descriptions_or_is_inflected_is_known() -> None:
    vocabulary = vocabulary_of({"product_id": "1", "title": "Red Mug", "description": "马克杯 for kettles"})
    for word in ("mug", "mugs", "kettle", "马克杯"):
        assert vocabulary.knows(word), word
    assert not vocabulary.knows("zeppelin")
    assert "kettles" not in vocabulary.words


def test_values_that_differ_in_case_and_blanks_are_one_phrase_in_the_commonest_spelling() -> None:
    brands = ["Nike", "NIKE", "Nike", "ＮＩＫＥ", "Navy Blue", "navyblue"]
    vocabulary = vocabulary_of(
        *({"product_id": str(n), "title": "x", "brand": b} for n, b in enumerate(brands))
    )
    found = {p.text: p.count for p in vocabulary.phrases if p.kind == "brand"}
    assert found == {"Nike": 4, "Navy Blue": 2}


def test_flags_numbers_and_descriptions_are_not_phrases() -> None:
    brands = ["yes", "12.5", "是", "A" * 200, "4711"]
    vocabulary = vocabulary_of(
        *({"product_id": str(n), "title": "x", "brand": b} for n, b in enumerate(brands))
    )
    assert [p for p in vocabulary.phrases if p.kind == "brand"] == []


def test_an_empty_shop_has_no_words() -> None:
    for vocabulary in (vocabulary_of(), Vocabulary.of(ExactShelf().snapshot())):
        assert dict(vocabulary.words) == {}
        assert vocabulary.phrases == ()
        assert not vocabulary.knows("red")
        assert vocabulary.meet("red", "mug") == 0
