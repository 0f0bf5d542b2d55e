"""Products to rows of the variants table and back."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

import pyarrow as pa

from duomo.errors import Problem
from duomo.files import hash_bytes
from duomo.product import INFERRED, Attributes, Media, Origin, Price, Product, Variant, is_address
from duomo.shelf.base import ID, TOKENS
from duomo.shelf.filters import category_nodes, fold, squeeze
from duomo.shelf.keywords import row_tokens, tokens
from duomo.shelf.layout import FIXED, PATH_BREAK, Layout, as_number
from duomo.shelf.manifest import file_stamp

NameKind = Literal["id", "gtin", "mpn", "title"]

_JSON: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))  # making one a row takes longer
PRODUCT_COLUMNS = ("description", "shown")  # what product_of needs; the rest is for filters and search


@dataclass(frozen=True, slots=True)
class Good:
    """A product on its way to the shelf."""

    product: Product
    source: str  # the catalog that brought it
    hash: str  # changes with anything that changes its rows


def good_of(product: Product, source: str, rules: str = "") -> Good:
    """The product with its hash; rules are settings that its pictures depend on."""
    return Good(product, source, hash_product(product, f"{source} {rules}"))


def text_of(product: Product, variant: Variant) -> str:
    """What an encoder reads of a variant: title, brand, category, start of the description, attributes.

    An encoder cuts a long text, and of a long list of attributes the description is the better summary.
    """
    parts = (product.title, product.brand, *product.category, product.description[:300])
    parts = (*parts, *_given(product, variant))
    return " ".join(dict.fromkeys(part for part in parts if part))


def tokens_of(product: Product, variant: Variant) -> str:
    """The keyword column of a variant: search tokens by field, in the order of `postings.FIELDS`."""
    codes = " ".join((product.id, variant.id, variant.gtin, variant.mpn))
    return row_tokens(
        tokens(product.title),
        [*_names_tokens((product.brand, *product.category)), *tokens(codes)],
        tokens(product.description),
        _names_tokens(_given(product, variant)),
    )


def _given(product: Product, variant: Variant) -> list[str]:
    """The values of all attributes but those that were inferred: what was not given is not searched by."""
    attributes = product.attributes_of(variant)
    return [v for name, values in attributes.items() if not name.startswith(INFERRED) for v in values]


def _names_tokens(names: Sequence[str]) -> list[str]:
    return [token for name in names for token in _name_tokens(name)]


@lru_cache(maxsize=20_000)  # a catalog says "Men" and "Casual" thousands of times
def _name_tokens(name: str) -> tuple[str, ...]:
    return tuple(tokens(name))


def hash_product(product: Product, depends: str) -> str:
    """Changes with anything that changes the product's rows, the files of its pictures included.

    Args:
        product: the product as the catalog gives it.
        depends: what the rows depend on besides: the catalog, the settings of pictures.
    """
    said = [depends, product.id, product.title, product.description, product.brand, product.url]
    said += [*product.category, "\x1e", *_flat(product.attributes), "\x1e", *map(_media_said, product.media)]
    for variant in product.variants:
        said += ["\x1e", variant.id, str(variant.price), str(variant.list_price), str(variant.stock)]
        said += [variant.availability, variant.gtin, variant.mpn, variant.url, *_flat(variant.attributes)]
        said += map(_media_said, variant.media)
    return hash_bytes("\x1f".join(said).encode())


def _media_said(media: Media) -> str:
    stamp = "" if is_address(media.source) else file_stamp(media.source)
    return f"{media.kind}\x1d{media.role}\x1d{media.source}\x1d{stamp}"


def _flat(attributes: Attributes) -> list[str]:
    return [part for name, values in attributes.items() for part in ("\x1d", name, *values)]


def table_of(
    goods: Sequence[Good],
    layout: Layout,
    *,
    opened: Mapping[str, str],
    vectors: Mapping[str, pa.Array],
) -> pa.Table:
    """One row a variant, in the order of the products.

    Args:
        goods: products with their hashes and sources.
        layout: the columns.
        opened: source of a picture -> content hash, for those that could be opened; the others are left out.
        vectors: every column of the layout's vectors -> (rows,), null where there is nothing to encode.
    """
    rows = [
        _row(good, position, variant, opened)
        for good in goods
        for position, variant in enumerate(good.product.variants)
    ]
    schema = layout.schema
    arrays = {
        name: pa.array([row[name] for row in rows], schema.field(name).type)
        for name in (f.name for f in FIXED)
    }
    merged = [good.product.attributes_of(variant) for good in goods for variant in good.product.variants]
    for column in layout.attributes:
        values = [attributes.get(column.attribute) for attributes in merged]
        if column.kind == "number":
            found = [as_number(v[0]) if v and len(v) == 1 else None for v in values]
            arrays[column.column] = pa.array(found, pa.float64())
        else:
            arrays[column.column] = pa.array(values, pa.list_(pa.string()))
    return pa.table([{**arrays, **vectors}[field.name] for field in schema], schema=schema)


def _row(good: Good, position: int, variant: Variant, opened: Mapping[str, str]) -> dict[str, Any]:
    """The fixed columns of one variant."""
    product, price, list_price = good.product, variant.price, variant.list_price
    shown = {
        "id": product.id,
        "title": product.title,
        "brand": product.brand,
        "category": product.category,
        "url": product.url,
        "line": product.origin.line,
        "attributes": product.attributes,
        "media": _shown_media(product.media, opened),
        "position": position,
        "variant": {
            "id": variant.id,
            "attributes": variant.attributes,
            "price": price and [price.minor, price.currency],
            "list_price": list_price and [list_price.minor, list_price.currency],
            "stock": variant.stock,
            "availability": variant.availability,
            "gtin": variant.gtin,
            "mpn": variant.mpn,
            "url": variant.url,
            "line": variant.origin.line,
            "media": _shown_media(variant.media, opened),
        },
    }
    return {
        ID: variant.id,
        "product_id": product.id,
        "names": folded_names(product, variant),
        "title": product.title,
        "description": product.description,
        "brand": product.brand or None,
        "category": category_nodes(product.category) or None,
        "category_path": PATH_BREAK.join(product.category) or None,
        "price": price.major if price else None,
        "price_minor": price.minor if price else None,
        "currency": (price.currency or None) if price else None,
        "list_price": list_price.major if list_price else None,
        "list_price_minor": list_price.minor if list_price else None,
        "stock": variant.stock,
        "availability": variant.availability or None,
        "gtin": variant.gtin or None,
        "mpn": variant.mpn or None,
        "shown": _JSON.encode(shown),
        TOKENS: tokens_of(product, variant),
        "source": good.source,
        "product_hash": good.hash,
    }


def names_of(product: Product, variant: Variant) -> tuple[tuple[NameKind, str], ...]:
    """What a shopper may ask a variant for by, letter for letter; empty where it has no such name."""
    ids: tuple[tuple[NameKind, str], ...] = (("id", variant.id), ("id", product.id))
    return (
        *ids,
        ("gtin", variant.gtin),
        ("gtin", variant.gtin.lstrip("0")),
        ("mpn", variant.mpn),
        ("title", product.title),
    )


def folded_names(product: Product, variant: Variant) -> list[str]:
    """The names of a variant as they are looked up: folded, codes also without what stands between."""
    named = [(kind, name) for kind, name in names_of(product, variant) if name]
    squeezed = (squeeze(name) for kind, name in named if kind != "title")
    return [name for name in dict.fromkeys((*(fold(name) for _, name in named), *squeezed)) if name]


def _shown_media(media: Sequence[Media], opened: Mapping[str, str]) -> list[dict[str, str]]:
    """Media as records, without the pictures that could not be opened."""
    return [
        {"source": m.source, "kind": m.kind, "role": m.role, "hash": opened.get(m.source, "")}
        for m in media
        if m.kind != "picture" or m.source in opened
    ]


def product_of(rows: Sequence[Mapping[str, str]]) -> Product:
    """The product whose rows these are, PRODUCT_COLUMNS each, in any order."""
    shown = sorted((json.loads(row["shown"]) for row in rows), key=lambda record: record["position"])
    first = shown[0]
    return Product(
        id=first["id"],
        title=first["title"],
        description=rows[0]["description"] or "",
        brand=first["brand"],
        category=tuple(first["category"]),
        attributes=_attributes(first["attributes"]),
        variants=tuple(_variant(record["variant"]) for record in shown),
        media=tuple(Media(**record) for record in first["media"]),
        url=first["url"],
        origin=Origin(line=first["line"]),
    )


def pictures_shown(shown: str) -> set[str]:
    """The content hashes of the pictures that a row names in its column "shown"."""
    record = json.loads(shown)
    return {media["hash"] for media in (*record["media"], *record["variant"]["media"]) if media["hash"]}


def _variant(shown: Mapping[str, Any]) -> Variant:
    price, list_price = shown["price"], shown["list_price"]
    return Variant(
        id=shown["id"],
        attributes=_attributes(shown["attributes"]),
        price=Price(*price) if price else None,
        list_price=Price(*list_price) if list_price else None,
        stock=shown["stock"],
        availability=shown["availability"],
        gtin=shown["gtin"],
        mpn=shown["mpn"],
        url=shown["url"],
        media=tuple(Media(**record) for record in shown["media"]),
        origin=Origin(line=shown["line"]),
    )


def _attributes(record: Mapping[str, list[str]]) -> Attributes:
    return {name: tuple(values) for name, values in record.items()}


def misfits(product: Product, numbers: Mapping[str, str]) -> Iterator[Problem]:
    """Values that a number column cannot take: they stay on the product, but no filter finds them.

    Args:
        product: any.
        numbers: attribute -> its column, of the number columns that the shop has already: what becomes one
            now fits.
    """
    for variant in product.variants if numbers else ():
        for name, values in product.attributes_of(variant).items():
            if name in numbers and (len(values) != 1 or as_number(values[0]) is None):
                yield Problem(
                    file=product.origin.file,
                    line=variant.origin.line or product.origin.line,
                    column=name,
                    value="|".join(values),
                    problem=f"is not one number, but column {numbers[name]} of this shop holds numbers",
                    remedy="It is shown but cannot be filtered. "
                    "Mend it, or build the shop anew in another folder",
                    severity="warning",
                    product_id=product.id,
                )
