"""Laws of filters: what is written reads back, and nothing gets out of its quotes in SQL."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from duomo.errors import BadFilter
from duomo.shelf.filter_text import parse
from duomo.shelf.filters import And, Compare, Filter, IsNull, Not, OneOf, Or
from expressions import SCHEMA, keep_the_laws, written

NAMES = st.sampled_from(SCHEMA.names) | st.text(min_size=1, max_size=8)
TEXTS = st.text(max_size=12) | st.sampled_from(
    ["'", "''", '"', "`", "\\'", "--", "/*", ";", "\0", "x' or '1'='1"]
)
NUMBERS = st.integers(-(10**16), 10**16) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = TEXTS | NUMBERS
LEAVES: st.SearchStrategy[Filter] = st.one_of(
    st.builds(Compare, NAMES, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), VALUES),
    st.builds(OneOf, NAMES, st.lists(VALUES, min_size=1, max_size=4).map(tuple)),
    st.builds(IsNull, NAMES),
)


def _joined(parts: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.builds(Not, parts) | st.builds(And, several) | st.builds(Or, several)


TREES = st.recursive(LEAVES, _joined, max_leaves=8)
WORDS = [
    "price",
    "颜色",
    "title",
    "category",
    " and ",
    " or ",
    "not ",
    " in ",
    " is null",
    " between ",
    "null",
]
SIGNS = ["`", "'", '"', "''", "(", ")", ",", "=", "!=", "<", ">=", "--", "/*", ";", "\\", "\0", "＇", "’"]
VALUED = ["5", "-1.5e3", "'x'", '"price"']
PIECES = st.sampled_from([*WORDS, *SIGNS, *VALUED])


@given(TREES)
def test_a_filter_that_is_written_reads_back_as_the_same(tree: Filter) -> None:
    assert parse(written(tree)) == tree
    with suppress(BadFilter):  # a column that there is not, text where a number should be
        keep_the_laws(written(tree))


@given(st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=60))
def test_whatever_is_typed_keeps_the_laws_or_is_refused(expression: str) -> None:
    with suppress(BadFilter):
        keep_the_laws(expression)
