"""Values ticked in facets: exact counts of what may be ticked as well, on every shelf."""

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from duomo.errors import BadQuery

if TYPE_CHECKING:
    from tests.search.conftest import Asked

COLUMNS = {
    "color": ("Red", "navy blue", "Green", "BLACK"),
    "size": ("S", "M", "L"),
    "brand": ("Alba", "Borea", "Cima"),
    "category": ("Clothing", "Home", "Clothing > Shirts", "Home > Mugs"),
    "year": ("2020", "2021", "2022", "2023"),
}
some = st.dictionaries(st.sampled_from(list(COLUMNS)), st.just(()), max_size=3).flatmap(
    lambda names: st.fixed_dictionaries(
        {name: st.lists(st.sampled_from(COLUMNS[name]), max_size=2, unique=True).map(tuple) for name in names}
    )
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some, st.sampled_from(["", "shirt", "红色", "navy mug", "P07"]), st.sampled_from(["", "price < 40"]))
def test_a_facet_says_what_each_of_its_values_alone_would_give(
    ask: "Asked", chosen: dict[str, tuple[str, ...]], text: str, where: str
) -> None:
    hits = ask(text, where=where, chosen=chosen, facets=tuple(COLUMNS))
    assert list(hits.facets) == list(COLUMNS)
    for column, facet in hits.facets.items():
        for each in facet.values:
            alone = ask(text, where=where, chosen={**chosen, column: (each.value,)})
            assert each.count == alone.total, (column, each)


def test_ticking_another_value_widens_the_answer(ask: "Asked") -> None:
    red = ask("shirt", chosen={"color": ("red",)}, facets=("color", "brand"))
    both = ask("shirt", chosen={"color": ("red", "green")}, facets=("color", "brand"))
    assert red.total == 3
    assert both.total == 6
    assert {v.value: v.count for v in red.facets["color"].values} == {
        "Red": 3,
        "Green": 3,
        "Black": 3,
        "Navy Blue": 3,
    }
    assert {v.value: v.count for v in both.facets["brand"].values} == {"Alba": 2, "Borea": 2, "Cima": 2}


def test_choices_hold_on_one_variant_and_limit_like_a_filter(ask: "Asked") -> None:
    chosen = ask("shirt", chosen={"size": ("M",), "color": ("Red", "Black")}, k=48)
    filtered = ask("shirt", where="size = 'M' and color in ('Red', 'Black')", k=48)
    assert [(h.product.id, h.variant.id, h.score) for h in chosen] == [
        (h.product.id, h.variant.id, h.score) for h in filtered
    ]
    assert chosen.total == filtered.total


def test_a_page_that_choices_leave_short_is_widened_within_them(ask: "Asked") -> None:
    hits = ask("Alba Red Shirt", chosen={"brand": ("Cima",)}, k=20)
    assert {hit.product.brand for hit in hits} == {"Cima"}
    assert any(hit.widened for hit in hits)


def test_bad_choices_say_what_to_do(ask: "Asked") -> None:
    with pytest.raises(BadQuery, match="there is no column 'colour' to count"):
        ask("shirt", chosen={"colour": ("red",)})
    with pytest.raises(BadQuery, match="'soon' was chosen of year, a column of numbers"):
        ask("shirt", chosen={"year": ("soon",)})
    assert ask("shirt", chosen={"color": ()}).total == ask("shirt").total
    assert ask("shirt", chosen={"color": ("no such color",)}).total == 0
