"""Google Merchant Center feeds, written so that the reader gets the same products back."""

import csv
import html
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, Literal
from xml.sax.saxutils import escape

from duomo.catalog.formats.google import GOOGLE
from duomo.catalog.formats.xml import GOOGLE as NAMESPACE
from duomo.catalog.text import UNSEEN, one_line, plain_text
from duomo.files import write_atomic
from duomo.product import Product, Variant

Cells = dict[str, tuple[str, ...]]  # name of a Google attribute -> its values

_NATIVE: Final = (
    *("color", "size", "material", "pattern", "gender", "age_group"),
    *("condition", "size_type", "size_system"),
)
_COLUMNS: Final = (
    *("id", "item_group_id", "title", "description", "link", "image_link", "additional_image_link"),
    *(
        "availability",
        "price",
        "sale_price",
        "brand",
        "gtin",
        "mpn",
        "product_type",
        "google_product_category",
    ),
    *_NATIVE,
    *("inventory", "product_detail"),
)


def write_google(products: Iterable[Product], path: Path, *, format: Literal["tsv", "rss", "atom"]) -> int:
    """Write a feed with one row a variant, in one atomic step; return how many rows.

    A feed carries: ids, title, description, brand, category (as product_type), address, pictures, and of
    each variant its attributes, prices, stock (as Meta's ``inventory``, which Google passes over),
    availability, GTIN and MPN. Attributes that Google has no name for go as ``product_detail``. Read back,
    the products are equal where they stand as the reader itself would put them: text in plain form,
    attributes named by `attribute_name`, what all variants have in common with the product, a list price
    above the price.

    Args:
        products: what to write.
        path: the file.
        format: tab-separated text, RSS 2.0 or Atom.
    """
    rows = [_cells(product, variant) for product in products for variant in product.variants]
    writers: dict[str, Callable[[Sequence[Cells]], str]] = {"tsv": _tsv, "rss": _rss, "atom": _atom}
    write_atomic(path, writers[format](rows))
    return len(rows)


def _cells(product: Product, variant: Variant) -> Cells:
    pictures = [media.source for media in product.media_of(variant) if media.kind == "picture"]
    cells: Cells = {
        "id": (variant.id,),
        "item_group_id": (product.id,) if len(product.variants) > 1 or variant.id != product.id else (),
        "title": (_safe(product.title, one_line),),
        "description": (_safe(product.description, plain_text),),
        "link": (variant.url or product.url,),
        "image_link": tuple(pictures[:1]),
        "additional_image_link": tuple(pictures[1:]),
        "availability": (variant.availability,),
        "brand": (_safe(product.brand, one_line),),
        "gtin": (variant.gtin,),
        "mpn": (variant.mpn,),
        "product_type": (_safe(" > ".join(product.category), one_line),),
        "inventory": () if variant.stock is None else (str(variant.stock),),
    }
    if variant.price is not None:
        before = variant.list_price or variant.price
        reduced = before.currency == variant.price.currency and before > variant.price
        cells["price"] = (str(before if reduced else variant.price),)
        cells["sale_price"] = (str(variant.price),) if reduced else ()
    details: list[str] = []
    for name, values in product.attributes_of(variant).items():
        separator = GOOGLE.values_of.get(name, "")
        joins = bool(separator) and not any(separator in value for value in values)
        if name in _NATIVE and (joins or (len(values) == 1 and not separator)):
            cells[name] = (separator.join(values),)
        elif name == "google_product_category" and product.category and len(values) == 1:
            cells[name] = values
        else:
            details += [f":{name}:{value}" for value in values]
    cells["product_detail"] = tuple(details)
    return {name: tuple(filter(None, values)) for name, values in cells.items() if any(values)}


def _safe(text: str, read: Callable[[str], str]) -> str:
    """The text so that it reads back as it is: what looks like HTML in it is escaped."""
    return text if read(text) == text else html.escape(text, quote=False)


def _tsv(rows: Sequence[Cells]) -> str:
    columns = [name for name in _COLUMNS if any(name in cells for cells in rows)] or ["id", "title"]
    page = io.StringIO()
    writer = csv.writer(page, delimiter="\t", lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(name, cells.get(name, ())) for name in columns] for cells in rows)
    return page.getvalue()


def _cell(name: str, values: tuple[str, ...]) -> str:
    """What stands in a cell; where Google lets an attribute repeat, commas part its values."""
    if name not in ("additional_image_link", "product_detail") or not values:
        return values[0] if values else ""
    plain = all(value.startswith(("http://", "https://")) and not {'"', ","} & set(value) for value in values)
    cell = io.StringIO()
    csv.writer(cell, lineterminator="", quoting=csv.QUOTE_MINIMAL if plain else csv.QUOTE_ALL).writerow(
        values
    )
    return cell.getvalue()


def _rss(rows: Sequence[Cells]) -> str:
    head = f'<rss version="2.0" xmlns:g="{NAMESPACE}">\n<channel>\n<title>Products</title>\n'
    return _xml(head, "item", rows, "</channel>\n</rss>\n")


def _atom(rows: Sequence[Cells]) -> str:
    head = f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="{NAMESPACE}">\n<title>Products</title>\n'
    return _xml(head, "entry", rows, "</feed>\n")


def _xml(head: str, element: str, rows: Sequence[Cells], foot: str) -> str:
    items = (f"<{element}>\n{''.join(_elements(cells))}</{element}>\n" for cells in rows)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}{"".join(items)}{foot}'


def _elements(cells: Cells) -> Iterator[str]:
    for name in _COLUMNS:
        for value in cells.get(name, ()):
            if name == "product_detail":
                attribute, _, text = value[1:].partition(":")
                inner = (
                    f"<g:attribute_name>{_text(attribute)}</g:attribute_name>"
                    f"<g:attribute_value>{_text(text)}</g:attribute_value>"
                )
                yield f"<g:{name}>{inner}</g:{name}>\n"
            else:
                yield f"<g:{name}>{_text(value)}</g:{name}>\n"


def _text(text: str) -> str:
    return escape(UNSEEN.sub("", text))
