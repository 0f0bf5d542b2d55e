"""Some rows over what the shelf holds: what they name is changed, what they leave out stays as it was."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from duomo.catalog.assemble import media_of
from duomo.catalog.read import Catalog
from duomo.errors import Problem
from duomo.product import Attributes, Price, Product, Variant
from duomo.search.goods import products_of
from duomo.shelf.base import ID, Snapshot
from duomo.shelf.filters import OneOf
from duomo.shelf.lance import LanceShelf
from duomo.shelf.manifest import VARIANTS
from duomo.stock.cleared import NOTHING, Cleared

_IDS_AT_ONCE: Final = 5_000  # products that one filter names
_NONE: Final[Mapping[int, Cleared]] = {}
# What a variant has of a field that was cleared.
_EMPTY: Final[Mapping[str, Any]] = {
    "list_price": None,
    "stock": None,
    "availability": "",
    "gtin": "",
    "mpn": "",
}


@dataclass(frozen=True, slots=True)
class _Form:
    """A variant with all it has, its own and its product's alike."""

    variant: Variant
    attributes: Attributes
    pictures: tuple[str, ...]
    url: str


def amended(catalog: Catalog, folder: Path, cleared: Mapping[int, Cleared] = _NONE) -> tuple[Catalog, int]:
    """The catalog's products completed by what a shop holds of them.

    A variant that is not named stays; a named one keeps what its row leaves out, and so does the product.
    A row that bears the id of a product with variants of other ids is about the product as a whole.

    Args:
        catalog: some rows, read.
        folder: of the shop; its newest rows count, so the caller holds the writer lock.
        cleared: what rows say is no more, by their lines.

    Returns:
        the catalog, and how many variants stayed without being named.
    """
    newest = LanceShelf(folder / VARIANTS).snapshot(latest=True)
    sent = _under_their_products(catalog.products, newest)
    held = _held(newest, [product.id for product in sent])
    named = {variant.id for product in sent for variant in product.variants}
    products: list[Product] = []
    problems: list[Problem] = []
    kept, skipped = 0, 0
    for product in sent:
        before = held.get(product.id)
        if before is None and not product.title:
            problems.append(_unknown(product))
            skipped += len(product.variants)
            continue
        if before is not None:
            problems += [*_unheard(product, before, cleared), *_uncleared(product, cleared)]
            product, stayed = over(product, before, named, cleared)
            kept += stayed
        products.append(product)
    whole = replace(
        catalog,
        products=tuple(products),
        problems=(*catalog.problems, *problems),
        skipped=catalog.skipped + skipped,
    )
    return whole, kept


def _under_their_products(products: Sequence[Product], newest: Snapshot) -> list[Product]:
    """The products, each once; a row whose id is a held variant's, and no product's, goes to its product.

    What it says of a product is said of that one: its title, say.
    """
    owner = _owners(newest, [product.id for product in products])
    found: dict[str, Product] = {}
    for product in products:
        alone = not product.title or [variant.id for variant in product.variants] == [product.id]
        name = owner.get(product.id, product.id) if alone else product.id
        first = found.get(name)
        found[name] = replace(product, id=name) if first is None else _together(first, product)
    return list(found.values())


def _together(first: Product, second: Product) -> Product:
    """Two products as one: each variant has what it had, and what both say of the product is the first's."""
    every = [_form(product, variant) for product in (first, second) for variant in product.variants]
    variants = tuple(
        replace(f.variant, attributes=f.attributes, media=media_of(f.pictures), url=f.url) for f in every
    )
    return replace(
        first,
        title=first.title or second.title,
        description=first.description or second.description,
        brand=first.brand or second.brand,
        category=first.category or second.category,
        attributes={},
        variants=variants,
        media=(),
        url="",
    )


def _unknown(product: Product) -> Problem:
    return Problem(
        file=product.origin.file,
        line=product.origin.line,
        column="sku",
        value=product.id,
        problem="the shop has no product or variant of this id, and the row has no title",
        remedy="Correct the id, or give the row a title to add a product",
        severity="error",
        product_id=product.id,
    )


def over(
    product: Product, held: Product, named: Collection[str], cleared: Mapping[int, Cleared] = _NONE
) -> tuple[Product, int]:
    """One product as rows describe it, over the same product as the shelf holds it.

    Args:
        product: from the rows.
        held: from the shelf.
        named: ids of all variants that rows name; one of another product does not stay with this one.
        cleared: what rows say is no more, by their lines.

    Returns:
        the product, and how many of its variants no row names.

    >>> held = Product(id="A", title="Mug", variants=(Variant(id="A-S", stock=1), Variant(id="A-L", stock=2)))
    >>> sent = Product(id="A", title="", variants=(Variant(id="A-L", stock=0),))
    >>> changed, kept = over(sent, held, {"A-L"})
    >>> changed.title, [(variant.id, variant.stock) for variant in changed.variants], kept
    ('Mug', [('A-S', 1), ('A-L', 0)], 1)
    """
    gone = {variant.id: _cleared(variant, cleared) for variant in product.variants}
    lost = frozenset(field for each in gone.values() for field in each.fields)
    said: dict[str, Any] = {
        "title": product.title or held.title,
        "description": product.description or ("" if "description" in lost else held.description),
        "brand": product.brand or ("" if "brand" in lost else held.brand),
        "category": product.category or (() if "category" in lost else held.category),
        "origin": product.origin,
    }
    if _is_about_all(product, held):
        attributes = {**gone[product.id].left_of(held.attributes), **product.attributes}
        media = product.media or held.media[: _pictures_left(lost)]
        url = product.url or ("" if "url" in lost else held.url)
        changed = replace(held, **said, attributes=attributes, media=media, url=url)
        return changed, len(held.variants)
    sent = {variant.id: _form(product, variant) for variant in product.variants}
    stay = {v.id: _form(held, v) for v in held.variants if v.id in sent or v.id not in named}
    both = {id: _changed(form, sent[id], gone[id]) if id in sent else form for id, form in stay.items()}
    forms = [*both.values(), *(form for id, form in sent.items() if id not in stay)]
    return _shared(replace(held, **said), forms), len(stay.keys() - sent.keys())


def _is_about_all(product: Product, held: Product) -> bool:
    """Whether a row describes a product as a whole, and none of its variants."""
    bears_its_id = [variant.id for variant in product.variants] == [product.id]
    return bears_its_id and all(variant.id != product.id for variant in held.variants)


def _cleared(variant: Variant, cleared: Mapping[int, Cleared]) -> Cleared:
    return cleared.get(variant.origin.line or 0, NOTHING)


def _pictures_left(lost: Collection[str]) -> int | None:
    """How many of the pictures stay where these fields are cleared; None: all."""
    return 0 if "image" in lost else 1 if "more_images" in lost else None


def _uncleared(product: Product, cleared: Mapping[int, Cleared]) -> Iterator[Problem]:
    """What rows say is no more, and every product must have."""
    for row in product.variants:
        lost = _cleared(row, cleared).fields
        for field, another in (("title", product.title), ("price", row.price), ("sale_price", row.price)):
            if field in lost and not another:
                yield Problem(
                    file=row.origin.file,
                    line=row.origin.line,
                    column=field,
                    problem="cannot be cleared; it was left as it was",
                    remedy="Send another title" if field == "title" else "Send the price that holds now",
                    severity="warning",
                    product_id=product.id,
                )


def _unheard(product: Product, held: Product, cleared: Mapping[int, Cleared]) -> list[Problem]:
    """What a row about a whole product says that only its variants can have."""
    row = product.variants[0]
    names = ("price", "list_price", "stock", "availability", "gtin", "mpn")
    gone = _cleared(row, cleared).fields - {"price"}
    lost = [name for name in names if name in gone or getattr(row, name) not in (None, "")]
    if not _is_about_all(product, held) or not lost:
        return []
    return [
        Problem(
            file=row.origin.file,
            line=row.origin.line,
            column=lost[0],
            problem=f"belongs to variants, of which '{product.id}' has {len(held.variants)}; it was left out",
            remedy="Send the row of a variant: its own 'sku', and the product's id as 'product_id'",
            severity="warning",
            product_id=product.id,
        )
    ]


def _form(product: Product, variant: Variant) -> _Form:
    pictures = tuple(media.source for media in product.media_of(variant))
    return _Form(variant, product.attributes_of(variant), pictures, variant.url or product.url)


def _changed(held: _Form, sent: _Form, gone: Cleared) -> _Form:
    """What is sent of a variant, and what it leaves out as it is held; a price comes with its list price."""
    old, new = replace(held.variant, **{n: v for n, v in _EMPTY.items() if n in gone.fields}), sent.variant
    currency = old.price.currency if old.price else ""
    variant = replace(
        new,
        price=_in(currency, new.price) or old.price,
        list_price=old.list_price if new.price is None else _in(currency, new.list_price),
        stock=old.stock if new.stock is None else new.stock,
        availability=new.availability or old.availability,
        gtin=new.gtin or old.gtin,
        mpn=new.mpn or old.mpn,
    )
    pictures = sent.pictures or held.pictures[: _pictures_left(gone.fields)]
    url = sent.url or ("" if "url" in gone.fields else held.url)
    return _Form(variant, {**gone.left_of(held.attributes), **sent.attributes}, pictures, url)


def _in(currency: str, price: Price | None) -> Price | None:
    """The price in a currency, if it names none itself."""
    if price is None or price.currency or not currency:
        return price
    return Price.of(Decimal(price.minor).scaleb(-2), currency)  # without a currency it was read to two places


def _shared(base: Product, forms: Sequence[_Form]) -> Product:
    """The product with these variants: what all of them have alike is the product's, as in `assemble`."""
    attributes = {
        name: values
        for name, values in forms[0].attributes.items()
        if all(form.attributes.get(name) == values for form in forms)
    }
    shown = [form.pictures for form in forms if form.pictures]  # one without any has those of the product
    common = [source for source in shown[0] if all(source in each for each in shown)] if shown else []
    url = next((form.url for form in forms if form.url), "")
    variants = tuple(
        replace(
            form.variant,
            attributes={name: v for name, v in form.attributes.items() if name not in attributes},
            media=media_of(source for source in form.pictures if source not in common),
            url="" if form.url == url else form.url,
        )
        for form in forms
    )
    return replace(base, attributes=attributes, variants=variants, media=media_of(common), url=url)


def _owners(newest: Snapshot, ids: Sequence[str]) -> dict[str, str]:
    """The product of every held variant among the ids that is not the product's namesake."""
    owner: dict[str, str] = {}
    for start in range(0, len(ids) if len(newest) else 0, _IDS_AT_ONCE):
        rows = newest.search(filter=OneOf(ID, tuple(ids[start : start + _IDS_AT_ONCE]))).rows
        table = newest.take(rows, [ID, "product_id"])
        owner |= dict(zip(table[ID].to_pylist(), table["product_id"].to_pylist(), strict=True))
    return {variant: product for variant, product in owner.items() if variant != product}


def _held(newest: Snapshot, ids: Sequence[str]) -> dict[str, Product]:
    found: dict[str, Product] = {}
    for start in range(0, len(ids) if len(newest) else 0, _IDS_AT_ONCE):
        found |= products_of(newest, ids[start : start + _IDS_AT_ONCE])
    return found
