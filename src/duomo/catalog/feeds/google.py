"""Google Merchant Center feeds, written so that the reader gets the same products back."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from xml.sax.saxutils import escape

from duomo.catalog.feeds.feed import CURRENCY, Entry, Rating, availability_of, safe, teller
from duomo.catalog.feeds.formulas import defused
from duomo.catalog.formats.google import GOOGLE
from duomo.catalog.formats.xml import GOOGLE as NAMESPACE
from duomo.catalog.text import UNSEEN, one_line, plain_text
from duomo.errors import Problem
from duomo.product import Product, Variant, is_address

Cells = dict[str, tuple[str, ...]]  # name of a Google attribute -> its values

_RSS: Final = f'<rss version="2.0" xmlns:g="{NAMESPACE}">\n<channel>\n<title>Products</title>\n'
_ATOM: Final = f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="{NAMESPACE}">\n<title>Products</title>\n'
_REQUIRED: Final = ("title", "description", "link", "image_link", "availability", "price")
_FILL: Final = "Add it to the catalog and build again"
_REMEDIES: Final = {
    "link": "Add the address of its page to the catalog, or make one with --link",
    "image_link": "Name pictures by their addresses in the catalog, or make them with --pictures",
}

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


@dataclass(frozen=True, slots=True)
class GoogleFeed:
    """A feed with one row a variant: tab-separated text, RSS 2.0 or Atom.

    It carries ids, title, description, brand, category (as product_type), address, pictures, and of
    each variant its attributes, prices, stock (as Meta's ``inventory``, which Google passes over),
    availability (from the stock where the catalog says none), GTIN and MPN. Attributes that Google has no
    name for go as ``product_detail``. Read back, the products are equal where they stand as the reader
    itself would put them: text in plain form, attributes named by `attribute_name`, what all variants have
    in common with the product, an availability where there is a stock, a list price above a price that is
    not 0. In tab-separated text a cell that a spreadsheet would run as a formula is defused; the reader
    takes that back.
    """

    kind: Literal["tsv", "rss", "atom"]

    @property
    def begin(self) -> str:
        """The names of the columns, or what opens the document."""
        if self.kind == "tsv":
            return _line(_COLUMNS)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{_RSS if self.kind == "rss" else _ATOM}'

    @property
    def between(self) -> str:
        """Nothing."""
        return ""

    @property
    def end(self) -> str:
        """What closes the document."""
        return {"tsv": "", "rss": "</channel>\n</rss>\n", "atom": "</feed>\n"}[self.kind]

    def entry(self, product: Product, rating: Rating | None) -> Entry:
        """The rows of a product; what Google asks for and it lacks is a warning."""
        rows = [(variant, _cells(product, variant)) for variant in product.variants]
        if self.kind == "tsv":
            text = "".join(_row(cells) for _, cells in rows)
        else:
            element = "item" if self.kind == "rss" else "entry"
            text = "".join(f"<{element}>\n{''.join(_elements(cells))}</{element}>\n" for _, cells in rows)
        return Entry(text, len(rows), tuple(_lacks(product, rows)))


def _lacks(product: Product, rows: Sequence[tuple[Variant, Cells]]) -> Iterator[Problem]:
    """What Google refuses a row for (product data specification, required attributes)."""
    for variant, cells in rows:
        tell = teller(product, "Google", variant.id)
        for name in _REQUIRED:
            if name not in cells:
                problem = "is missing, and Google asks for it"
                yield tell(name, problem, _REMEDIES.get(name, _FILL), fatal=False)
        for name in ("link", "image_link"):
            if name in cells and not is_address(cells[name][0]):
                remedy = _REMEDIES[name]
                problem = "is no http or https address"
                yield tell(name, problem, remedy, value=cells[name][0], fatal=False)
        if variant.price is not None and not variant.price.currency:
            problem = "names no currency, and Google asks for it"
            yield tell("price", problem, CURRENCY, value=str(variant.price), fatal=False)


def _cells(product: Product, variant: Variant) -> Cells:
    pictures = [media.source for media in product.media_of(variant) if media.kind == "picture"]
    cells: Cells = {
        "id": (variant.id,),
        "item_group_id": (product.id,) if len(product.variants) > 1 or variant.id != product.id else (),
        "title": (safe(product.title, one_line),),
        "description": (safe(product.description, plain_text),),
        "link": (variant.url or product.url,),
        "image_link": tuple(pictures[:1]),
        "additional_image_link": tuple(pictures[1:]),
        "availability": (availability_of(variant),),
        "brand": (safe(product.brand, one_line),),
        "gtin": (variant.gtin,),
        "mpn": (variant.mpn,),
        "product_type": (safe(" > ".join(product.category), one_line),),
        "inventory": () if variant.stock is None else (str(variant.stock),),
    }
    if variant.price is not None:
        before = variant.list_price or variant.price
        # A sale price of 0 would be read as no sale, so what is free has no price before.
        reduced = before.currency == variant.price.currency and before > variant.price and variant.price.minor
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


def _row(cells: Cells) -> str:
    return _line([defused(_cell(name, cells.get(name, ()))) for name in _COLUMNS])


def _line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, delimiter="\t", lineterminator="\n").writerow(cells)
    return line.getvalue()


def _cell(name: str, values: tuple[str, ...]) -> str:
    """What stands in a cell; where Google lets an attribute repeat, commas part its values."""
    repeats = name in ("additional_image_link", "product_detail")
    if not repeats or not values or (len(values) == 1 and "," not in values[0]):
        return values[0] if values else ""
    plain = all(value.startswith(("http://", "https://")) and not {'"', ","} & set(value) for value in values)
    cell = io.StringIO()
    csv.writer(cell, lineterminator="", quoting=csv.QUOTE_MINIMAL if plain else csv.QUOTE_ALL).writerow(
        values
    )
    return cell.getvalue()


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
