"""Reading, checking and resolving filter expressions; what they let through is tested on the shelves."""

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duomo.errors import BadFilter
from duomo.shelf.base import column
from duomo.shelf.exact import ExactSnapshot
from duomo.shelf.filter_sql import render_sql
from duomo.shelf.filter_text import parse
from duomo.shelf.filters import (
    And,
    Compare,
    Filter,
    IsNull,
    Not,
    OneOf,
    Or,
    category_nodes,
    check,
    columns_of,
    evaluate,
    fold,
    resolve,
)

NAMES = st.text(min_size=1, max_size=8) | st.sampled_from(("price", "颜色", "and", "NOT", "a b", "12", "é"))
VALUES = (
    st.text(max_size=8)
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False, width=32)
)
LEAVES = st.one_of(
    st.builds(Compare, NAMES, st.sampled_from(("=", "!=", "<", "<=", ">", ">=")), VALUES),
    st.builds(OneOf, NAMES, st.lists(VALUES, min_size=1, max_size=3).map(tuple)),
    st.builds(IsNull, NAMES),
)
TREES = st.recursive(
    LEAVES,
    lambda part: st.one_of(
        st.builds(Not, part),
        st.builds(And, st.lists(part, min_size=2, max_size=3).map(tuple)),
        st.builds(Or, st.lists(part, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)


def written(tree: Filter) -> str:
    """The expression of a tree, with every bracket."""

    def name(text: str) -> str:
        return "`" + text.replace("`", "``") + "`"

    def value(literal: str | float) -> str:
        return "'" + literal.replace("'", "''") + "'" if isinstance(literal, str) else repr(literal)

    match tree:
        case Not(part):
            return f"not ({written(part)})"
        case And(parts):
            return " AND ".join(f"({written(part)})" for part in parts)
        case Or(parts):
            return " or ".join(f"({written(part)})" for part in parts)
        case IsNull(column):
            return f"{name(column)} is Null"
        case OneOf(column, values):
            return f"{name(column)} In ({', '.join(map(value, values))})"
        case Compare(column, operator, literal):
            return f"{name(column)}{operator}{value(literal)}"


@settings(max_examples=settings().max_examples // 2)
@given(TREES)
def test_a_written_filter_reads_back_the_same(tree: Filter) -> None:
    assert parse(written(tree)) == tree


@given(st.text(max_size=30) | st.text("()'\"`=<>!,and or not in 1.5e-", max_size=40))
def test_any_text_is_a_filter_or_an_error_that_says_where(expression: str) -> None:
    problem = ""
    try:
        parse(expression)
    except BadFilter as error:
        problem = str(error)
    assert not problem or problem.startswith("filter, place ")


@pytest.mark.parametrize(
    ("expression", "tree"),
    [
        ("a=1 or b=2 and c=3", Or((Compare("a", "=", 1), And((Compare("b", "=", 2), Compare("c", "=", 3)))))),
        ("not a=1 and b=2", And((Not(Compare("a", "=", 1)), Compare("b", "=", 2)))),
        ("a NOT in (1, 'x')", Not(OneOf("a", (1, "x")))),
        ("a is not null", Not(IsNull("a"))),
        ("price between -1.5 and 2", And((Compare("price", ">=", -1.5), Compare("price", "<=", 2)))),
        ("a not between 1 and 2", Not(And((Compare("a", ">=", 1), Compare("a", "<=", 2))))),
        ("""颜色 = "深 'x' 蓝" """, Compare("颜色", "=", "深 'x' 蓝")),
        ('"sleeve length" <> 3', Compare("sleeve length", "!=", 3)),
        ("gtin = 0812345 and size == 42", And((Compare("gtin", "=", "0812345"), Compare("size", "=", 42)))),
    ],
)
def test_expressions_read_as_people_mean_them(expression: str, tree: Filter) -> None:
    assert parse(expression) == tree


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("", "place 1: expected the name of a column, found the end"),
        ("price <", "place 8: expected a number, or text in single quotes, found the end"),
        ("color = red", "text in single quotes, found 'red'. Put quotes around it: 'red'."),
        ("color = 'red", "place 9: ''' opens a text that is not closed. Close it with '."),
        ("price < 5 color = 'x'", "place 11: expected 'and', 'or' or the end, found 'color'"),
        ("(price < 5", "place 11: expected ')', found the end"),
        ("color like 'r%'", "expected =, !=, <, <=, >, >=, 'in', 'between' or 'is null', found 'like'"),
        ("color in ()", "place 11: expected a number, or text in single quotes, found ')'"),
        ("price < 5; drop table", "place 10: ';' means nothing here"),
        ("(" * 60 + "a=1" + ")" * 60, "more than 50 brackets and nots inside one another"),
        ("not " * 2000 + "a=1", "more than 50 brackets and nots inside one another"),
        ("a=1 or " * 2000 + "a=1", "the filter is 14003 characters long. Write at most 10000 characters."),
    ],
)  # fmt: skip
def test_what_does_not_read_is_answered_with_the_place_and_what_was_expected(
    expression: str, words: str
) -> None:
    with pytest.raises(BadFilter) as caught:
        parse(expression)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("colour = 'red'", "there is no column 'colour'. Did you mean 'color'? Columns: id, color, tags,"),
        ("Price < 5", "there is no column 'Price'. Did you mean 'price'?"),
        ("xyzzy = 1", "there is no column 'xyzzy'. Columns: id, color"),
        ("note = 'x'", "column 'note' cannot be filtered."),
        ("vector is null", "column 'vector' cannot be filtered."),
        ("id < 5", "but column 'id' holds text. Use = or in; columns of numbers: price, stock."),
        ("price = 'cheap'", "column 'price' holds numbers, and 'cheap' is not one. Write it like 12.50."),
        ("price in (1, 'nan')", "column 'price' holds numbers, and 'nan' is not one"),
        ("price < 1e999", "column 'price': the number is too large"),
    ],
)  # fmt: skip
def test_a_filter_that_does_not_fit_the_shop_says_what_would(goods: Any, expression: str, words: str) -> None:
    with pytest.raises(BadFilter) as caught:
        check(parse(expression), goods.schema)
    assert words in str(caught.value)


def test_literals_become_what_the_column_holds(goods: Any) -> None:
    def checked(expression: str) -> Filter:
        return check(parse(expression), goods.schema)

    assert checked("price < '50'") == Compare("price", "<", 50.0)
    assert checked("stock in ('3', 4.0, 4.5)") == OneOf("stock", (3, 4))
    assert checked("color = 42") == Compare("color", "=", "42")
    assert checked("color in (42.5, 7)") == OneOf("color", ("42.5", "7"))


def test_a_literal_stands_for_every_spelling_that_the_shop_uses(goods: Any) -> None:
    snapshot = ExactSnapshot(goods.some(), 1)
    both = ("Navy Blue", "navy blue")
    assert resolve(Compare("color", "=", "ＮＡＶＹ blue "), snapshot) == OneOf("color", both)
    assert resolve(OneOf("category", ("boots", "x")), snapshot) == OneOf("category", ("Boots", "x"))
    assert resolve(Compare("color", "=", "mauve"), snapshot) == Compare("color", "=", "mauve")
    assert resolve(Compare("price", "=", 5.0), snapshot) == Compare("price", "=", 5.0)


@given(st.text("aBÉ红９_", max_size=6), st.sampled_from((" ", "\t", "　", "")))
def test_folding_ignores_blanks_and_is_done_once(text: str, blank: str) -> None:
    assert fold(blank + blank.join(text)) == fold(text) == fold(fold(text))


def test_columns_are_named_once_in_order() -> None:
    assert columns_of(parse("b=1 and (a in (1) or not b is null)")) == ("b", "a")


def test_a_category_is_found_by_every_path_and_every_name() -> None:
    assert category_nodes(()) == []
    assert category_nodes(("A", "B", "A")) == ["A", "A > B", "B", "A > B > A"]


def test_names_and_texts_are_escaped_in_sql() -> None:
    schema = pa.schema([column("a b", pa.string(), "text"), column("a`b", pa.string(), "text")])
    assert render_sql(Compare("a b", "=", "'; DROP--"), schema) == "`a b` = '''; DROP--'"
    with pytest.raises(ValueError, match="backtick"):
        render_sql(IsNull("a`b"), schema)


def test_sliced_and_chunked_tables_are_evaluated_like_whole_ones(goods: Any) -> None:
    whole = goods.some()
    tree = Or((OneOf("tags", ("sale",)), Compare("price", ">", 40.0)))
    chunked = pa.concat_tables([whole.slice(0, 1), whole.slice(1, 2), whole.slice(3)])
    assert evaluate(tree, chunked).tolist() == [True, True, True, False]
    assert evaluate(tree, whole.slice(1, 3)).tolist() == [True, True, False]
    assert evaluate(tree, whole.slice(0, 0)).tolist() == []
