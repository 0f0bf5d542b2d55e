"""The product CSV of Magento and Adobe Commerce."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from duomo.catalog.assemble import Goods, media_of, variant_of
from duomo.catalog.columns import Plan, attribute_name, normal, pick
from duomo.catalog.formats.magento_cells import (
    american,
    category_paths,
    last_day,
    listed,
    named_values,
    pairs,
    variations,
)
from duomo.catalog.formats.magento_names import COLUMNS, field_named, unread, wanted_columns
from duomo.catalog.offers import Dialect, Offer, offer_of
from duomo.catalog.pictures import Place, split_pictures
from duomo.catalog.pricing import learned
from duomo.catalog.rows import Notes, Row, Table, one
from duomo.catalog.text import plain_text, value_text
from duomo.product import Link, Origin, Product, Variant

_OFFERED: Final = ("price", "sale_price", "sale_from", "sale_until", "list_price", "stock", "availability")
_LINKS: Final = ("related", "crosssell", "upsell")
_BRANDS: Final = ("other_brand", "manufacturer")
_GTINS: Final = ("other_gtin", "ean", "upc", "barcode", "isbn")
_SYSTEM: Final = frozenset(
    (
        *("has_options", "required_options", "quantity_and_stock_status", "options_container"),
        *("page_layout", "gift_message_available", "msrp_display_actual_price_type", "tax_class_id"),
    )
)
_OFF: Final = frozenset({"2", "0", "disabled"})
_INVISIBLE: Final = frozenset({"not visible individually", "1"})  # the number is Magento 1's
_MAGENTO: Final = Dialect(image=",", more_images=",")


def read_magento(table: Table, *, mapping: Mapping[str, str], place: Place, notes: Notes) -> Goods:
    """The products of an export; those that a configurable product lists are its variants.

    What is switched off is left out, and so is what is not visible individually and no variant of a product
    that is shown; one problem of each column counts them. A row with a ``store_view_code`` belongs to the
    product with its SKU: a name it has there becomes the attribute ``title_<code>``. Of several categories
    the deepest counts, without the root that all have in common; all are kept as ``categories``. Pictures
    are named from the shop's folder of pictures, so a slash in front does not count. A special price that
    ends at midnight counts through that day. Related, cross-sell and up-sell products, and parts of groups
    and bundles, become links. The file names no currency. One warning names the columns that are not read.

    Raises:
        BadFile: there is no column of SKUs, or a mapped column is not there.
    """
    wanted = wanted_columns(mapping)
    needed = ("sku", *map(field_named, mapping))
    columns = pick(table.columns, path=table.path, wanted=wanted, needed=needed)
    more = {columns[field_named(to)]: attribute_name(to) for to in mapping if field_named(to) not in COLUMNS}
    notes.unread(unread(table.columns, columns.values()))
    direct = (*_OFFERED, "title", "description", "image", "more_images")
    fields: dict[str, str] = {name: columns[name] for name in direct if name in columns}
    if "image" not in fields and "small" in columns:
        fields["image"] = columns["small"]
    rows, plan = learned(notes.read(table), Plan(fields, more), delimiter=table.delimiter)
    export = _Export(columns, plan, place, notes)
    for row in rows:
        export.take(row)
    return Goods(export.products(), links=tuple(export.links()))


@dataclass(slots=True)
class _Entry:
    """The row of a SKU, and what it is called in other views of the store."""

    row: Row
    titles: dict[str, str] = field(default_factory=dict)  # code of a view -> name


class _Export:
    """The rows of an export by their SKUs; a variant may stand before the product that lists it."""

    def __init__(self, columns: Mapping[str, str], plan: Plan, place: Place, notes: Notes) -> None:
        self._columns, self._plan, self._place, self._notes = columns, plan, place, notes
        self._entries: dict[str, _Entry] = {}
        self._waiting: list[tuple[str, Row]] = []  # rows of views
        self._parents: dict[str, str] = {}  # SKU of a variant -> SKU of its product
        self._withheld: set[str] = set()  # SKUs that shoppers are not to see
        self._root = ""

    def _text(self, row: Row, name: str) -> str:
        return value_text(self._raw(row, name))

    def _raw(self, row: Row, name: str) -> str:
        return one(row.cells.get(self._columns.get(name, ""), ""))

    def take(self, row: Row) -> None:
        """Keep a row under its SKU."""
        sku = self._text(row, "sku")
        if not sku:
            problem, remedy = "has no sku, so it cannot become a product", "Give every row a sku"
            self._notes.skip(row.line, problem, remedy, column=self._columns["sku"])
        elif self._text(row, "store"):
            self._waiting.append((sku, row))
        elif sku in self._entries:
            problem = f"was already on line {self._entries[sku].row.line}, which stands"
            remedy = "Give every row a sku of its own, or say in store_view_code which view it is of"
            self._notes.skip(
                row.line, problem, remedy, column=self._columns["sku"], value=sku, product_id=sku
            )
        else:
            self._entries[sku] = _Entry(row)

    def _settle(self) -> None:
        """Give the rows of views to their SKUs, and find out which SKUs are variants or unseen."""
        for sku, row in self._waiting:
            entry = self._entries.setdefault(sku, _Entry(row))
            title = self._text(row, "title")
            if entry.row is not row and title and title != self._text(entry.row, "title"):
                entry.titles.setdefault(normal(self._text(row, "store")), title)
        roots: set[str] = set()
        unseen = {sku for sku, each in self._entries.items() if self._said(each, "visibility", _INVISIBLE)}
        self._withhold("online", [s for s, each in self._entries.items() if self._said(each, "online", _OFF)])
        for sku, entry in self._entries.items():
            roots |= {path[0] for path in category_paths(self._raw(entry.row, "categories"))}
            if sku in unseen or sku in self._withheld:
                continue
            for child, _ in variations(self._raw(entry.row, "variations")):
                known = self._entries.get(child)
                if known and variations(self._raw(known.row, "variations")):
                    continue  # it has variants itself, so it is none
                if (other := self._parents.setdefault(child, sku)) != sku:
                    problem, remedy = f"is a variant of '{other}' already", "List a variant in one product"
                    self._often(entry.row, "variations", problem, remedy, child, sku)
        self._withhold("visibility", sorted(unseen - self._parents.keys() - self._withheld, key=self._line))
        self._root = next(iter(roots)) if len(roots) == 1 else "Default Category"

    def _said(self, entry: _Entry, name: str, values: Collection[str]) -> bool:
        return self._text(entry.row, name).lower() in values

    def _line(self, sku: str) -> int:
        return self._entries[sku].row.line

    def _withhold(self, name: str, skus: Iterable[str]) -> None:
        """Leave these out, as a column says."""
        for sku in skus:
            row = self._entries[sku].row
            self._withheld.add(sku)
            column, value = self._columns[name], self._text(row, name)
            self._notes.withhold(row.line, column=column, value=value, product_id=sku)

    def products(self) -> list[Product]:
        """The products, in the order of the file."""
        self._settle()
        found = []
        for sku, entry in self._entries.items():
            if sku in self._parents or sku in self._withheld:
                continue
            if self._is_emptied(sku, entry.row):
                self._withheld.add(sku)
                problem = "lists variants, but none that shoppers are to see; left out"
                remedy = "Switch them on and export again, if they are to be sold"
                self._often(entry.row, "variations", problem, remedy, "", sku)
            else:
                found.append(self._product(sku, entry))
        return found

    def _is_emptied(self, sku: str, row: Row) -> bool:
        own = [v for v, _ in variations(self._raw(row, "variations")) if self._parents.get(v) == sku]
        return bool(own) and self._withheld.issuperset(own)

    def _product(self, sku: str, entry: _Entry) -> Product:
        row = entry.row
        own, attributes = self._offer(sku, row), self._attributes(entry)
        variants = list(self._variants(sku, row))
        chosen = [set(variant.attributes) for variant in variants]
        for name in set(attributes).intersection(*chosen) if chosen else ():
            del attributes[name]  # each variant says its own
        brand = next((values[0] for name in _BRANDS if (values := attributes.get(name))), "")
        for name in (*_BRANDS, *_GTINS):
            attributes.pop(name, None)
        named = category_paths(self._raw(row, "categories"))
        paths = [inner for path in named if (inner := path[path[0] == self._root :])]
        if len(paths) > 1:
            attributes["categories"] = tuple(dict.fromkeys(" > ".join(path) for path in paths))
        short = plain_text(self._raw(row, "short"))
        texts = (short if short not in own.description else "", own.description)
        origin = Origin(file=self._notes.file, line=row.line)
        return Product(
            id=sku,
            title=own.title,
            description="\n".join(filter(None, texts)),
            brand=brand,
            category=max(paths, key=len, default=()),
            attributes=attributes,
            variants=tuple(variants) or (variant_of(own, origin),),
            media=media_of(own.pictures),
            origin=origin,
        )

    def _variants(self, sku: str, row: Row) -> Iterator[Variant]:
        listed_once = dict(reversed(variations(self._raw(row, "variations"))))
        for child in reversed(listed_once):
            if self._parents.get(child) != sku or child in self._withheld:
                continue
            attributes: dict[str, tuple[str, ...]] = {
                known: (value,) for name, value in listed_once[child] if (known := attribute_name(name))
            }
            if entry := self._entries.get(child):
                offer, line = self._offer(child, entry.row), entry.row.line
            else:
                problem = "is a variant without a row of its own; nothing but its options is known"
                remedy = "Export the variants together with their product"
                self._often(row, "variations", problem, remedy, child, sku)
                offer, line = Offer(id=child, line=row.line), row.line
            origin = Origin(file=self._notes.file, line=line)
            yield variant_of(offer, origin, attributes=attributes, media=media_of(offer.pictures))

    def _offer(self, sku: str, row: Row) -> Offer:
        """What a row sells; its pictures and its trade number are put where an offer has them."""
        cells = dict(row.cells)
        main = next((found for name in ("image", "small") if (found := self._pictures(row, name))), ())
        more = self._pictures(row, "more_images")
        for name, pictures in (("image", main), ("more_images", more)):
            if column := self._plan.fields.get(name):
                cells[column] = pictures
        for name in ("sale_from", "sale_until"):
            if column := self._plan.fields.get(name):
                written = american(one(cells.get(column, "")))
                cells[column] = written if name == "sale_from" else last_day(written)
        named = self._named(row)
        cells["gtin"] = next((named[name][0] for name in _GTINS if name in named), "")
        plan = replace(self._plan, fields={**self._plan.fields, "gtin": "gtin"})
        return offer_of(
            Row(row.line, cells), key=sku, plan=plan, dialect=_MAGENTO, place=self._place, notes=self._notes
        )

    def _pictures(self, row: Row, name: str) -> tuple[str, ...]:
        """The pictures of a cell, as paths from the shop's folder of pictures."""
        sources = split_pictures(self._raw(row, name), ",")
        plain = (source if source.startswith("//") else source.lstrip("/") for source in sources)
        return tuple(source for source in plain if source and source != "no_selection")

    def _named(self, row: Row) -> dict[str, tuple[str, ...]]:
        """The additional attributes of a row by the names they have in Duomo."""
        found: dict[str, tuple[str, ...]] = {}
        for code, values in named_values(self._raw(row, "attributes")):
            name = attribute_name(code)
            if name and code not in _SYSTEM and values:
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), *values)))
        for column, name in self._plan.attributes.items():
            if mapped := listed(one(row.cells.get(column, "")), "|"):
                found[name] = tuple(mapped)
        return found

    def _attributes(self, entry: _Entry) -> dict[str, tuple[str, ...]]:
        found = self._named(entry.row)
        if weight := self._text(entry.row, "weight"):
            found["weight"] = (weight,)
        shown = self._text(entry.row, "visibility").lower()
        if shown not in ("", "catalog, search"):
            found["visibility"] = (shown,)
        return {**found, **{f"title_{code}": (title,) for code, title in entry.titles.items()}}

    def links(self) -> Iterator[Link]:
        """What the merchant placed beside each product; what is not in the file is told."""
        for sku, entry in self._entries.items():
            row, product = entry.row, self._parents.get(sku, sku)
            if self._withheld & {sku, product}:
                continue
            linked = [(kind, other) for kind in _LINKS for other in listed(self._raw(row, kind))]
            linked += [("associated", part) for part, _ in pairs(self._raw(row, "associated"))]
            linked += [
                ("bundled", value)
                for option in listed(self._raw(row, "bundled"), "|")
                for name, value in pairs(option)
                if name == "sku"
            ]
            for kind, other in dict.fromkeys(linked):
                target = self._parents.get(other, other)
                if target in self._withheld:
                    continue
                if target in self._entries and product in self._entries:
                    yield Link(
                        product_id=product, linked_id=target, type=kind if kind in _LINKS else "related"
                    )
                else:
                    problem, remedy = "is no product of this file; the link is left out", "Correct the sku"
                    self._often(row, kind, problem, remedy, other, sku)

    def _often(self, row: Row, name: str, problem: str, remedy: str, value: str, sku: str) -> None:
        column = self._columns[name]
        self._notes.often(row.line, problem, remedy, column=column, value=value, product_id=sku)
