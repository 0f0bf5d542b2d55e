"""Offers of one file put together into products."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any, Final, NamedTuple

from duomo.catalog.offers import Offer
from duomo.catalog.rows import Notes
from duomo.catalog.spill import HELD, Spilled, packed_price, packed_product, unpacked_price, unpacked_product
from duomo.product import Link, Media, Origin, Product, Review, Variant


class Goods(NamedTuple):
    """What a reader finds in one file."""

    products: Sequence[Product]
    reviews: tuple[Review, ...] = ()
    links: tuple[Link, ...] = ()


def assemble(offers: Iterable[Offer], notes: Notes, *, held: int = HELD) -> Sequence[Product]:
    """Products in the order in which the file first names them.

    Offers that name one product are its variants. What all of them say alike belongs to the product;
    attributes, pictures and addresses in which they differ belong to the variants. Of an id that
    comes again the first row stands; later ones are skipped with a note. Beyond the first `held` offers
    and products only ids stay in memory.
    """
    kept = Spilled(_packed, _unpacked, held=held)
    places: dict[str, int] = {}  # id -> which of the kept offers it is
    groups: dict[str, list[int]] = {}  # product -> offers that name it and are not called so themselves
    for offer in offers:
        if (before := places.get(offer.id)) is not None:
            problem = f"was already on line {kept[before].line}, which stands"
            notes.skip(
                offer.line, problem, "Give every row an id of its own", value=offer.id, product_id=offer.id
            )
            continue
        places[offer.id] = len(kept)
        if offer.product_id not in ("", offer.id):
            groups.setdefault(offer.product_id, []).append(len(kept))
        kept.append(offer)
    products = Spilled(packed_product, unpacked_product, held=held)
    later: set[int] = set()  # offers that are variants of a product that is there already
    for place, offer in enumerate(kept):
        if place in later:
            later.discard(place)
            continue
        key = offer.product_id or offer.id
        others = groups.get(key, [])
        own = places.get(key)
        if others and own is not None and kept[own].product_id in ("", key):
            others = sorted((*others, own))
        later.update(others[1:])
        group = [kept[other] for other in others]
        products.append(_alone(offer, notes.file) if len(group) < 2 else _together(key, group, notes))
    return products


def media_of(sources: Iterable[str]) -> tuple[Media, ...]:
    """Pictures in order, each once; the first is the main one."""
    return tuple(
        [
            Media(source=source, role="alt" if place else "main")
            for place, source in enumerate(dict.fromkeys(sources))
        ]
    )


def _alone(offer: Offer, file: str) -> Product:
    origin = Origin(file=file, line=offer.line)
    return Product(
        id=offer.product_id or offer.id,
        title=offer.title,
        description=offer.description,
        brand=offer.brand,
        category=offer.category,
        attributes=offer.attributes,
        variants=(variant_of(offer, origin),),
        media=media_of(offer.pictures),
        url=offer.url,
        origin=origin,
    )


def _together(key: str, group: Sequence[Offer], notes: Notes) -> Product:
    file = notes.file
    title = _the_first("title", [(offer.line, offer.title) for offer in group], key, notes)
    brand = _the_first("brand", [(offer.line, offer.brand) for offer in group], key, notes)
    _the_first("category", [(offer.line, " > ".join(offer.category)) for offer in group], key, notes)
    shared = {
        name: values
        for name, values in group[0].attributes.items()
        if all(offer.attributes.get(name) == values for offer in group)
    }
    everywhere = set(group[0].pictures).intersection(*(offer.pictures for offer in group))
    url = next((offer.url for offer in group if offer.url), "")
    variants = [
        variant_of(
            offer,
            Origin(file=file, line=offer.line),
            attributes={name: values for name, values in offer.attributes.items() if name not in shared},
            media=media_of(source for source in offer.pictures if source not in everywhere),
            url="" if offer.url == url else offer.url,
        )
        for offer in group
    ]
    return Product(
        id=key,
        title=title,
        description=next((offer.description for offer in group if offer.description), ""),
        brand=brand,
        category=next((offer.category for offer in group if offer.category), ()),
        attributes=shared,
        variants=tuple(variants),
        media=media_of(source for source in group[0].pictures if source in everywhere),
        url=url,
        origin=Origin(file=file, line=group[0].line),
    )


def _the_first(column: str, said: Sequence[tuple[int, str]], key: str, notes: Notes) -> str:
    """What the first row says that says anything; a row that says something else is noted."""
    first = next((text for _, text in said if text), "")
    line, other = next(((line, text) for line, text in said if text not in ("", first)), (0, ""))
    if other:
        problem = f"is another {column} than '{_short(first)}', which product '{key}' has from its first row"
        remedy = f"Give the rows of a product one {column}, and say in attributes what sets them apart"
        notes.often(line, problem, remedy, column=column, value=other, product_id=key)
    return first


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def variant_of(
    offer: Offer,
    origin: Origin,
    *,
    attributes: dict[str, tuple[str, ...]] | None = None,
    media: tuple[Media, ...] = (),
    url: str = "",
) -> Variant:
    """The variant an offer describes, with what is its own and not its product's."""
    return Variant(
        id=offer.id,
        attributes=attributes or {},
        price=offer.price,
        list_price=offer.list_price,
        stock=offer.stock,
        availability=offer.availability,
        gtin=offer.gtin,
        mpn=offer.mpn,
        url=url,
        media=media,
        origin=origin,
    )


_REST: Final = tuple(f.name for f in fields(Offer) if f.name not in ("price", "list_price", "attributes"))
_REST_OF: Final = attrgetter(*_REST)


def _packed(offer: Offer) -> tuple[Any, ...]:
    prices = packed_price(offer.price), packed_price(offer.list_price)
    return (*prices, dict(offer.attributes), _REST_OF(offer))


def _unpacked(packed: tuple[Any, ...]) -> Offer:
    price, list_price, attributes, rest = packed
    return Offer(
        price=unpacked_price(price),
        list_price=unpacked_price(list_price),
        attributes=attributes,
        **dict(zip(_REST, rest, strict=True)),
    )
