"""The files that may lie beside products.csv: variants, images, reviews, links."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from duomo.catalog.assemble import media_of, variant_of
from duomo.catalog.columns import VARIANT_FIELDS, pick, plan
from duomo.catalog.formats.own import OWN
from duomo.catalog.offers import key_of, offer_of
from duomo.catalog.pictures import Place
from duomo.catalog.rows import Notes, Row, Table, one
from duomo.catalog.text import one_line, plain_text, value_text
from duomo.errors import BadFile
from duomo.product import Link, Origin, Product, Review, Variant

_PRODUCT: Final = ("product_id", "id", "product_sku", "parent_sku", "商品编号")
_IMAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "sku": _PRODUCT,
    "image": ("image_url", "image_link", "picture", "图片"),
    "color": ("colour", "颜色"),
    "kind": ("role", "type"),
}
_REVIEWS: Final[Mapping[str, tuple[str, ...]]] = {
    "sku": _PRODUCT,
    "rating": ("stars", "score", "评分"),
    "title": ("summary", "标题"),
    "review": ("text", "body", "content", "comment", "评论", "评价"),
    "user": ("author", "reviewer", "user_id", "用户"),
    "time": ("date", "timestamp", "created_at", "时间", "日期"),
}
_LINKS: Final[Mapping[str, tuple[str, ...]]] = {
    "sku": _PRODUCT,
    "linked_sku": ("linked_id", "linked_product_id"),
    "link_type": ("type", "kind"),
}


def with_variants(products: Sequence[Product], table: Table, *, place: Place, notes: Notes) -> list[Product]:
    """The products with the variants of variants.csv, in place of the one they had for want of others.

    The columns are ``variant_sku, sku, size, color, price, currency, image`` and what an offer may have;
    any other is an attribute. A variant that names no price has its product's.

    Raises:
        BadFile: no column names the variant, or none the product.
    """
    names = pick(
        table.columns,
        path=table.path,
        wanted={"variant_sku": ("variant_id",), "sku": ("product_sku", "parent_sku", "product_id", "id")},
        needed=("variant_sku", "sku"),
    )
    fixed = {"id": names["variant_sku"], "product_id": names["sku"]}
    columns = plan(table.columns, path=table.path, fields=VARIANT_FIELDS, fixed=fixed)
    notes.doubt(columns.doubts)
    known = {product.id: product for product in products}
    taken = {variant.id: variant.origin for product in products for variant in product.variants}
    replaceable = {product.id for product in products if product.id == product.variants[0].id}
    found: defaultdict[str, list[Variant]] = defaultdict(list)
    for row in notes.read(table):
        if not (key := key_of(row, columns, notes)):
            continue
        offer = offer_of(row, key=key, plan=columns, dialect=OWN, place=place, notes=notes)
        product = known.get(offer.product_id)
        if product is None:
            _unknown(row, fixed["product_id"], offer.product_id, notes)
        elif key in taken and not (key == product.id and key in replaceable):
            problem = f"was already on line {taken[key].line} of {taken[key].file}, which stands"
            remedy = "Give every variant an id of its own"
            notes.skip(row.line, problem, remedy, column=fixed["id"], value=key, product_id=product.id)
        else:
            taken[key] = Origin(file=notes.file, line=row.line)
            replaceable.discard(key)
            media = media_of(offer.pictures)
            variant = variant_of(offer, taken[key], attributes=offer.attributes, media=media, url=offer.url)
            base = product.variants[0]
            if variant.price is None:
                variant = replace(variant, price=base.price, list_price=base.list_price)
            found[product.id].append(variant)
    return [_joined(product, found[product.id]) if product.id in found else product for product in products]


def _joined(product: Product, variants: list[Variant]) -> Product:
    own = [variant for variant in product.variants if variant.id != product.id]
    return replace(product, variants=(*own, *variants))


def with_images(products: Sequence[Product], table: Table, *, place: Place, notes: Notes) -> list[Product]:
    """The products with the pictures of images.csv: ``sku, image, color, kind``.

    A row with a color belongs to the variants of that color, a row whose sku is a variant's to that
    variant, every other to the product. Pictures of kind ``main`` and ``variant`` come first.

    Raises:
        BadFile: there is no column of product ids or of pictures.
    """
    columns = pick(table.columns, path=table.path, wanted=_IMAGES, needed=("sku", "image"))
    known = {product.id: product for product in products}
    variants = {variant.id for product in products for variant in product.variants}
    of_product: defaultdict[str, list[tuple[bool, str]]] = defaultdict(list)
    of_variant: defaultdict[str, list[tuple[bool, str]]] = defaultdict(list)
    for row in notes.read(table):
        cell = {name: value_text(one(row.cells.get(column, ""))) for name, column in columns.items()}
        sku = cell["sku"]
        if sku not in known and sku not in variants:
            _unknown(row, columns["sku"], sku, notes)
            continue
        try:
            if not cell["image"]:
                raise BadFile("names no picture", remedy="Fill the cell, or remove the row")
            source = place(cell["image"])
        except BadFile as error:
            problem, remedy = f"is left out: {error.args[0]}", error.remedy
            notes.skip(
                row.line, problem, remedy, column=columns["image"], value=cell["image"], product_id=sku
            )
            continue
        picture = (cell.get("kind", "").lower() not in ("main", "variant"), source)
        if sku not in known:
            of_variant[sku].append(picture)
        elif colored := _of_color(known[sku], cell.get("color", "")):
            for variant in colored:
                of_variant[variant.id].append(picture)
        else:
            of_product[sku].append(picture)
    return [_pictured(product, of_product.get(product.id, []), of_variant) for product in products]


def _of_color(product: Product, color: str) -> list[Variant]:
    wanted = color.casefold()
    return [
        variant
        for variant in product.variants
        if wanted and wanted in (value.casefold() for value in variant.attributes.get("color", ()))
    ]


def _pictured(
    product: Product,
    more: list[tuple[bool, str]],
    of_variant: Mapping[str, list[tuple[bool, str]]],
) -> Product:
    variants = tuple(
        replace(
            variant,
            media=media_of([*(media.source for media in variant.media), *_in_order(of_variant[variant.id])]),
        )
        if variant.id in of_variant
        else variant
        for variant in product.variants
    )
    media = media_of([*(media.source for media in product.media), *_in_order(more)])
    return replace(product, variants=variants, media=media)


def _in_order(pictures: list[tuple[bool, str]]) -> list[str]:
    return [source for _, source in sorted(pictures, key=lambda picture: picture[0])]


def reviews_of(products: Iterable[Product], table: Table, *, notes: Notes) -> tuple[Review, ...]:
    """The reviews of reviews.csv: ``sku, rating, title, review, user, time``.

    Those of unknown products are kept, with a warning.

    Raises:
        BadFile: there is no column of product ids.
    """
    columns = pick(table.columns, path=table.path, wanted=_REVIEWS, needed=("sku",))
    known = {product.id for product in products}
    found: list[Review] = []
    for row in notes.read(table):
        cell = {name: one(row.cells.get(column, "")) for name, column in columns.items()}
        product_id = value_text(cell["sku"])
        title, text = one_line(cell.get("title", "")), plain_text(cell.get("review", ""))
        rating = _rating(row, cell.get("rating", ""), columns, notes, product_id)
        if not product_id or not (title or text or rating is not None):
            notes.skip(row.line, "says nothing about a product", "Fill in sku and review")
            continue
        time = _time(row, cell.get("time", ""), columns, notes, product_id)
        user = value_text(cell.get("user", ""))
        found.append(
            Review(product_id=product_id, text=text, title=title, rating=rating, user=user, time=time)
        )
        known = _note_stranger(row, columns["sku"], product_id, known, notes)
    return tuple(found)


def links_of(products: Iterable[Product], table: Table, *, notes: Notes) -> tuple[Link, ...]:
    """The links of links.csv: ``sku, linked_sku, link_type``.

    Those of unknown products are kept, with a warning.

    Raises:
        BadFile: there is no column of the one product or of the other.
    """
    columns = pick(table.columns, path=table.path, wanted=_LINKS, needed=("sku", "linked_sku"))
    known = {product.id for product in products}
    found: list[Link] = []
    for row in notes.read(table):
        cell = {name: value_text(one(row.cells.get(column, ""))) for name, column in columns.items()}
        if not cell["sku"] or not cell["linked_sku"]:
            notes.skip(row.line, "links nothing", "Fill in sku and linked_sku")
            continue
        found.append(
            Link(
                product_id=cell["sku"], linked_id=cell["linked_sku"], type=cell.get("link_type") or "related"
            )
        )
        for name in ("sku", "linked_sku"):
            known = _note_stranger(row, columns[name], cell[name], known, notes)
    return tuple(found)


def _unknown(row: Row, column: str, sku: str, notes: Notes) -> None:
    problem, remedy = "is no product of this catalog", "Add the product, or correct the id"
    notes.skip(row.line, problem, remedy, column=column, value=sku, product_id=sku)


def _note_stranger(row: Row, column: str, sku: str, known: set[str], notes: Notes) -> set[str]:
    """Warn of a product that the catalog does not have, once, and know it from then on."""
    if sku in known:
        return known
    problem, remedy = "is no product of this catalog; its rows are kept", "Add the product, or correct the id"
    notes.add("warning", row.line, problem, remedy, column=column, value=sku, product_id=sku)
    return known | {sku}


def _rating(
    row: Row, written: str, columns: Mapping[str, str], notes: Notes, product_id: str
) -> float | None:
    if not written:
        return None
    if re.fullmatch(r"\d{1,4}([.,]\d{1,6})?", written):
        return float(written.replace(",", "."))
    column = columns["rating"]
    notes.add(
        "warning",
        row.line,
        "is not a number",
        "Write it like 4.5",
        column=column,
        value=written,
        product_id=product_id,
    )
    return None


def _time(row: Row, written: str, columns: Mapping[str, str], notes: Notes, product_id: str) -> str:
    if not written:
        return ""
    try:
        datetime.fromisoformat(written)
    except ValueError:
        column, remedy = columns["time"], "Write it like 2026-03-31T12:00:00"
        notes.add(
            "warning", row.line, "is not a time", remedy, column=column, value=written, product_id=product_id
        )
        return ""
    return written
