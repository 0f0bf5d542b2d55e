"""A page of hits is a sequence of hits."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.hits import Hit, Hits, Query
from duomo.product import Product, Variant


def page(count: int) -> tuple[Hit, ...]:
    variants = [Variant(id=f"P{n}") for n in range(count)]
    return tuple(
        Hit(product=Product(id=v.id, title=f"Product {v.id}", variants=(v,)), variant=v, score=1 / (n + 1))
        for n, v in enumerate(variants)
    )


@given(st.integers(0, 6), st.integers(-8, 8), st.integers(-8, 8))
def test_hits_behave_like_the_tuple_of_their_page(count: int, start: int, stop: int) -> None:
    shown = page(count)
    hits = Hits(page=shown, total=count)
    assert isinstance(hits, Sequence)
    assert (len(hits), tuple(hits), bool(hits)) == (count, shown, count > 0)
    assert hits[start:stop] == shown[start:stop]
    assert all(hit in hits and hits.index(hit) == n for n, hit in enumerate(shown))


def test_a_hit_beyond_the_page_is_an_index_error() -> None:
    with pytest.raises(IndexError):
        Hits(page=page(2), total=90)[2]


def test_the_total_counts_every_page() -> None:
    hits = Hits(page=page(2), total=90)
    assert (len(hits), hits.total) == (2, 90)


def test_a_query_of_nothing_asks_for_every_product_from_the_first() -> None:
    query = Query()
    assert (query.text, query.picture, query.where, query.skip, query.k) == ("", None, "", 0, 10)
