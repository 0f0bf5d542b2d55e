"""Offers of one file put together into products."""

from collections.abc import Iterable, Sequence

from duomo.catalog.offers import Offer
from duomo.catalog.rows import Notes
from duomo.product import Media, Origin, Product, Variant


def assemble(offers: Iterable[Offer], notes: Notes) -> list[Product]:
    """Products in the order in which the file first names them.

    Offers that name one product are its variants. What all of them say alike belongs to the product;
    attributes, pictures and addresses in which they differ belong to the variants. Of an id that
    comes again the first row stands; later ones are skipped with a note.
    """
    groups: dict[str, list[Offer]] = {}
    lines: dict[str, int] = {}
    for offer in offers:
        if (before := lines.setdefault(offer.id, offer.line)) != offer.line:
            problem = f"was already on line {before}, which stands"
            notes.skip(
                offer.line, problem, "Give every row an id of its own", value=offer.id, product_id=offer.id
            )
        else:
            groups.setdefault(offer.product_id or offer.id, []).append(offer)
    return [
        _alone(group[0], notes.file) if len(group) == 1 else _together(key, group, notes)
        for key, group in groups.items()
    ]


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
    title = next((offer.title for offer in group if offer.title), "")
    if other := next((offer for offer in group if offer.title not in ("", title)), None):
        problem = f"is another title than '{_short(title)}', which product '{key}' has from its first row"
        remedy = "Give the rows of a product one title, and say in attributes what sets them apart"
        notes.often(other.line, problem, remedy, column="title", value=other.title, product_id=key)
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
        brand=next((offer.brand for offer in group if offer.brand), ""),
        category=next((offer.category for offer in group if offer.category), ()),
        attributes=shared,
        variants=tuple(variants),
        media=media_of(source for source in group[0].pictures if source in everywhere),
        url=url,
        origin=Origin(file=file, line=group[0].line),
    )


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
