"""WooCommerce's product CSV, with headers in the languages that it is exported in."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from duomo.catalog.assemble import Goods, media_of, variant_of
from duomo.catalog.columns import Plan, attribute_name, normal, pick
from duomo.catalog.formats.woocommerce_names import (
    attribute_columns,
    field_named,
    further_columns,
    unread,
    wanted_columns,
)
from duomo.catalog.offers import Dialect, Offer, category_path, offer_of
from duomo.catalog.pictures import Place
from duomo.catalog.pricing import learned
from duomo.catalog.rows import Notes, Row, Table, one
from duomo.catalog.text import plain_text, value_text
from duomo.product import Link, Origin, Product

_KINDS: Final = frozenset({"simple", "variable", "variation", "grouped", "external", "subscription"})
_OFFERED: Final = (
    *("price", "sale_price", "sale_from", "sale_until", "stock", "availability", "gtin", "image", "url"),
)
_BREAK: Final = re.compile(r"\\?\\n")
_WOO: Final = Dialect(image=",")
_COMMA: Final = re.compile(r"(?<!\\),")  # WooCommerce writes a comma that parts nothing as "\,"
_UNPUBLISHED: Final = frozenset({"0", "-1", "false", "no", "draft", "private", "pending", "future", "trash"})
# The columns that keep a product from shoppers, and what they say of it.
_HIDES: Final = {
    "published": "which products are published",
    "visibility": "which are hidden from the catalog",
}
_BY_NUMBER: Final = re.compile(r"id: ?\d+", re.IGNORECASE)


def read_woocommerce(table: Table, *, mapping: Mapping[str, str], place: Place, notes: Notes) -> Goods:
    """The products of a WooCommerce export; the rows of type ``variation`` are variants of their ``Parent``.

    A product is known by its SKU, by its number (ID) where it has none, or by "id:123" where that number is
    the SKU of another. Drafts, private products and others that are not published are left out, and so is
    what is hidden from catalog and search; one problem of each column counts them. Of several categories the
    deepest is its category; all of them are kept as the attribute ``categories``. A sale price counts while
    its dates hold. Upsells, cross-sells and the products of a group become links. The file names no currency.
    One warning names the columns that are not read, and one tells where no column says what is published.

    Raises:
        BadFile: there is no column of names, or a mapped column is not there.
    """
    wanted = wanted_columns(table.columns, mapping)
    needed = ("title", *map(field_named, mapping))
    columns = pick(table.columns, path=table.path, wanted=wanted, needed=needed)
    pairs = attribute_columns(table.columns)
    read = {*columns.values(), *(column for pair in pairs for column in pair)}
    notes.unread(unread(table.columns, read))
    if unknown := [_HIDES[name] for name in _HIDES if name not in columns]:
        problem = f"has no column that Duomo knows to say {' or '.join(unknown)}; all are taken as shown"
        remedy = "If one says it, name it: --map published=COLUMN, --map visibility=COLUMN"
        notes.add("warning", None, problem, remedy)
    shelf = _Shelf(columns, further_columns(columns, mapping), pairs, place, notes)
    rows, shelf.variant_plan = learned(
        notes.read(table), shelf.variant_plan, title=columns["title"], delimiter=table.delimiter
    )
    for row in rows:
        shelf.take(row)
    shelf.settle()
    return Goods(shelf.products(), links=tuple(shelf.links()))


@dataclass(slots=True)
class _Entry:
    """A product row, and the rows of its variations."""

    key: str
    row: Row
    is_orphan: bool = False  # made of a variation whose parent is not in the file
    variations: list[tuple[str, Row]] = field(default_factory=list)


class _Shelf:
    """The rows of an export, put together as they come; a variation may stand before its parent."""

    def __init__(
        self,
        columns: Mapping[str, str],
        more: Mapping[str, str],
        pairs: Sequence[tuple[str, str]],
        place: Place,
        notes: Notes,
    ) -> None:
        fields = {name: columns[name] for name in ("title", "description") if name in columns}
        self.product_plan = Plan(fields, more)
        self.variant_plan = Plan({name: columns[name] for name in _OFFERED if name in columns}, {})
        self._columns, self._place, self._notes = columns, place, notes
        self._pairs = pairs  # columns of numbered attributes: name and values
        self._entries: dict[str, _Entry] = {}
        self._numbers: dict[str, str] = {}  # "id:123" -> key of a product
        self._lines: dict[str, int] = {}  # key of a product or variant -> its line
        self._rows: list[Row] = []  # of products, until all SKUs are known
        self._waiting: list[Row] = []  # variations
        self._skus: dict[str, int] = {}  # of all rows, each with its first line: none names another row
        self._withheld: set[str] = set()  # what cells may call the products that are left out
        self._thinned: set[str] = set()  # what parents are called of which a variation is left out

    def _text(self, row: Row, name: str) -> str:
        column = self._columns.get(name)
        return value_text(one(row.cells.get(column, ""))) if column is not None else ""

    def take(self, row: Row) -> None:
        """Keep a row until all are known, unless shoppers are not to see it."""
        kinds = {kind.strip() for kind in self._text(row, "type").lower().split(",")}
        sku, number, parent = (self._text(row, name) for name in ("sku", "number", "parent"))
        is_variation = "variation" in kinds or (not kinds & _KINDS and bool(parent))
        if sku:
            self._skus.setdefault(sku, row.line)
        is_published = self._text(row, "published").lower() not in _UNPUBLISHED
        if not is_published or (self._text(row, "visibility").lower() == "hidden" and not is_variation):
            name = "visibility" if is_published else "published"
            column, value = self._columns[name], self._text(row, name)
            self._notes.withhold(row.line, column=column, value=value, product_id=sku or number)
            if is_variation:
                self._thinned.add(parent)
            else:
                self._withheld.update(filter(None, (sku, number, _by_number(number))))
            return
        (self._waiting if is_variation else self._rows).append(row)

    def settle(self) -> None:
        """Name the products, and give the variations to their parents.

        Those of one parent that is not there are one product; those of one that is left out are left out.
        """
        for row in self._rows:
            number, title = self._text(row, "number"), self._text(row, "title")
            sku = self._text(row, "sku")
            made = "" if sku or number else "-".join(normal(title).split("_"))
            if key := self._free((sku, number, made, _by_number(number)), row):
                self._entries[key] = _Entry(key, row)
                if number:
                    self._numbers.setdefault(_by_number(number), key)
        for row in self._waiting:
            named = self._text(row, "parent")
            entry = self._entries.get(self._known(named))
            if entry is None and self._is_withheld(named):
                self._notes.withhold(row.line, column=self._columns["parent"], value=named, product_id=named)
                continue
            if entry is None:
                self._tell_lost(row, named)
                entry = _Entry(named, row, is_orphan=True)
            choice = (normal(value).replace("_", "-") for value in self._choice(row))
            made = "-".join(filter(None, (entry.key, *choice)))
            number = self._text(row, "number")
            if key := self._free((self._text(row, "sku"), number, made, _by_number(number)), row):
                entry.key = entry.key or key
                self._entries.setdefault(entry.key, entry).variations.append((key, row))
        for key in {self._known(named) for named in self._thinned} & self._entries.keys():
            if not (entry := self._entries[key]).variations:
                column, value = self._columns.get("type", ""), self._text(entry.row, "type")
                problem = "has variations, but none that shoppers are to see; left out"
                remedy = "Publish them and export again, if they are to be sold"
                self._notes.often(entry.row.line, problem, remedy, column=column, value=value, product_id=key)
                del self._entries[key]
        self._rows.clear()
        self._waiting.clear()

    def _tell_lost(self, row: Row, named: str) -> None:
        problem = "is the parent of no product in this file; its variations are kept as one product"
        self._notes.often(
            row.line,
            problem if named else "names no parent; the variation is kept as a product",
            "Export variable products together with their variations",
            column=self._columns.get("parent", ""),
            value=named,
        )

    def _known(self, named: str) -> str:
        """The key of the product that a cell names by its SKU, by "id:123", or by the number alone."""
        if _BY_NUMBER.fullmatch(named) and (key := self._numbers.get(named.lower().replace(" ", ""))):
            return key
        if named in self._skus or named in self._entries:
            return named if named in self._entries else ""
        return self._numbers.get(_by_number(named), "")

    def _is_withheld(self, named: str) -> bool:
        return named in self._withheld or named.lower().replace(" ", "") in self._withheld

    def _free(self, wanted: Sequence[str], row: Row) -> str:
        """The first of these ids that no row has; "" where there is none: the row is skipped, with a note.

        The first of them is the row's SKU; the others are none where they are the SKU of another row, be it
        one that comes later.
        """
        given = [key for key in wanted if key]
        free = (key for key in given if key == wanted[0] or key not in self._skus)
        key = next((key for key in free if key not in self._lines), "")
        if not given:
            problem = "has neither a SKU, nor a number, nor a name, so it cannot become a product"
            self._notes.skip(row.line, problem, "Give every row a SKU of its own")
        elif not key:
            line = self._lines.get(given[0]) or self._skus[given[0]]
            problem = f"is already the id of line {line}, which stands"
            self._notes.skip(
                row.line, problem, "Remove one of the two rows", value=given[0], product_id=given[0]
            )
        else:
            if wanted[0] and key != wanted[0]:
                problem = f"is already the SKU of line {self._lines[wanted[0]]}; this row is called '{key}'"
                remedy = "Give it a SKU of its own"
                self._notes.add(
                    "warning", row.line, problem, remedy, column=self._columns.get("sku", ""), value=wanted[0]
                )
            self._lines[key] = row.line
        return key

    def _numbered(self, row: Row) -> dict[str, tuple[str, ...]]:
        """The numbered attributes of a row: name -> values."""
        found: dict[str, tuple[str, ...]] = {}
        for name, values in self._pairs:
            known = attribute_name(value_text(one(row.cells.get(name, ""))))
            if known and (listed := tuple(dict.fromkeys(_listed(one(row.cells.get(values, "")))))):
                found[known] = listed
        return found

    def _choice(self, row: Row) -> list[str]:
        return [value for values in self._numbered(row).values() for value in values]

    def products(self) -> list[Product]:
        """The products, in the order of the file."""
        return [self._product(entry) for entry in self._entries.values()]

    def _product(self, entry: _Entry) -> Product:
        row, notes = entry.row, self._notes
        whole = offer_of(
            row, key=entry.key, plan=self.product_plan, dialect=_WOO, place=self._place, notes=notes
        )
        own = self._offer(entry.key, row) if not entry.is_orphan else None
        offers = [(self._offer(key, each), self._numbered(each)) for key, each in entry.variations]
        attributes = self._attributes(row, whole)
        chosen = [numbered for _, numbered in offers]
        for name in set(attributes).intersection(*chosen) if chosen else ():
            del attributes[name]  # each variant says its own
        categories = [path for text in _listed(self._raw(row, "categories")) if (path := category_path(text))]
        if len(categories) > 1:
            attributes["categories"] = tuple(dict.fromkeys(" > ".join(path) for path in categories))
        variants = [
            variant_of(
                offer,
                Origin(file=notes.file, line=offer.line),
                attributes=numbered,
                media=media_of(offer.pictures),
                url=offer.url,
            )
            for offer, numbered in offers
        ]
        if not variants and own:
            variants = [variant_of(own, Origin(file=notes.file, line=own.line))]
        brands = _listed(self._raw(row, "brand"))
        return Product(
            id=entry.key,
            title=whole.title,
            description=self._description(row, whole),
            brand=category_path(brands[0])[-1] if brands and category_path(brands[0]) else "",
            category=max(categories, key=len, default=()),
            attributes=attributes,
            variants=tuple(variants),
            media=media_of(own.pictures) if own else (),
            url=own.url if own else "",
            origin=Origin(file=notes.file, line=row.line),
        )

    def _offer(self, key: str, row: Row) -> Offer:
        column = self._columns.get("stock")
        if column and self._text(row, "stock").lower() == "parent":  # what the whole product has
            row = row._replace(cells={**row.cells, column: ""})
        return offer_of(
            row, key=key, plan=self.variant_plan, dialect=_WOO, place=self._place, notes=self._notes
        )

    def _raw(self, row: Row, name: str) -> str:
        return one(row.cells.get(self._columns.get(name, ""), ""))

    def _attributes(self, row: Row, whole: Offer) -> dict[str, tuple[str, ...]]:
        found = {**whole.attributes, **self._numbered(row)}
        if tags := _listed(self._raw(row, "tags")):
            found["tags"] = tuple(dict.fromkeys(tags))
        shown = self._text(row, "visibility").lower()
        if shown not in ("", "visible"):
            found["visibility"] = (shown,)
        return found

    def _description(self, row: Row, whole: Offer) -> str:
        short, long = _with_breaks(plain_text(self._raw(row, "short"))), _with_breaks(whole.description)
        return "\n".join(text for text in (short if short not in long else "", long) if text)

    def links(self) -> Iterator[Link]:
        """What the merchant placed beside each product; what is not in the file is told."""
        for entry in self._entries.values():
            for column, kind in (("upsell", "upsell"), ("crosssell", "crosssell"), ("grouped", "related")):
                for named in _listed(self._raw(entry.row, column)):
                    if other := self._known(named):
                        yield Link(product_id=entry.key, linked_id=other, type=kind)
                    elif not self._is_withheld(named):
                        problem, remedy = "is no product of this file; the link is left out", "Correct the id"
                        name = self._columns[column]
                        self._notes.often(
                            entry.row.line, problem, remedy, column=name, value=named, product_id=entry.key
                        )


def _with_breaks(text: str) -> str:
    r"""A text with its line breaks, which the exporter writes as \n, and a \n of the text's own as \\n."""
    return _BREAK.sub(lambda found: "\n" if len(found[0]) == 2 else found[0][1:], text)


def _by_number(number: str) -> str:
    """How a cell names a product by its number."""
    return f"id:{number}" if number else ""


def _listed(cell: str) -> list[str]:
    r"""The values of a cell; commas part them, except those written "\,".

    >>> _listed(r"Red, Blue\, dark")
    ['Red', 'Blue, dark']
    """
    return [text for part in _COMMA.split(cell) if (text := value_text(part.replace("\\,", ",")))]
