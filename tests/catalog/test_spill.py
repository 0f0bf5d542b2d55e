"""Sequences that lie on disk beyond the first things."""

from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from duomo.catalog.assemble import assemble
from duomo.catalog.offers import Offer
from duomo.catalog.rows import Notes
from duomo.catalog.spill import Spilled, packed_product, unpacked_product
from duomo.product import Media, Origin, Price, Product, Variant

texts = st.text(max_size=6)
attributes = st.dictionaries(texts, st.lists(texts, max_size=3).map(tuple), max_size=3)
prices = st.none() | st.builds(Price, st.integers(), texts)
media = st.builds(
    Media, source=texts, kind=st.sampled_from(["picture", "clip"]), role=st.just("alt"), hash=texts
)
origins = st.builds(Origin, file=texts, line=st.none() | st.integers(0))
variants = st.builds(
    Variant,
    id=texts,
    attributes=attributes,
    price=prices,
    list_price=prices,
    stock=st.none() | st.integers(),
    availability=st.sampled_from(["", "in_stock"]),
    gtin=texts,
    mpn=texts,
    url=texts,
    media=st.lists(media, max_size=2).map(tuple),
    origin=origins,
)
products = st.builds(
    Product,
    id=texts,
    title=texts,
    description=texts,
    brand=texts,
    category=st.lists(texts, max_size=3).map(tuple),
    attributes=attributes,
    variants=st.lists(variants, min_size=1, max_size=3).map(tuple),
    media=st.lists(media, max_size=2).map(tuple),
    url=texts,
    origin=origins,
)


def spilled(things: Iterable[Product], held: int) -> Spilled[Product]:
    kept = Spilled(packed_product, unpacked_product, held=held)
    kept.extend(things)
    return kept


@given(st.lists(products, max_size=6), st.integers(0, 4))
def test_what_is_read_back_is_what_was_put_in(goods: list[Product], held: int) -> None:
    kept = spilled(goods, held)
    assert kept == goods
    assert [everything(product) for product in kept] == [everything(product) for product in goods]
    assert [kept[place] for place in range(-len(goods), len(goods))] == goods + goods
    assert kept[1:3] == goods[1:3]


def everything(thing: object) -> object:
    """All fields, those as well that do not count when products are compared."""
    if isinstance(thing, tuple):
        return [everything(each) for each in thing]
    if isinstance(thing, Product | Variant | Media | Origin | Price):
        return [everything(getattr(thing, field.name)) for field in fields(thing)]
    return thing


def test_more_can_be_added_after_reading() -> None:
    kept = spilled([], 1)
    for size in range(1, 5):
        kept.append(Product(id=str(size), title="Mug", variants=(Variant(id=str(size)),)))
        assert [product.id for product in kept] == [str(number) for number in range(1, size + 1)]


@given(
    st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from(["", "a", "b", "x"])), max_size=12),
    st.integers(0, 3),
)
def test_offers_become_products_wherever_those_of_one_stand(named: list[tuple[str, str]], held: int) -> None:
    offers = [Offer(id=id, product_id=of, title=id, line=line) for line, (id, of) in enumerate(named)]
    first = list({offer.id: offer for offer in reversed(offers)}.values())
    groups: dict[str, list[int | None]] = {}
    for offer in sorted(first, key=lambda offer: offer.line):
        groups.setdefault(offer.product_id or offer.id, []).append(offer.line)
    found = assemble(offers, Notes(Path("goods.csv")), held=held)
    assert {p.id: [v.origin.line for v in p.variants] for p in found} == groups
    assert [product.id for product in found] == list(groups)
