"""One row of a file as an offer: every cell read as what it means, what cannot be read noted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from typing import Final, NamedTuple

from duomo.catalog.columns import Plan, attribute_name, normal
from duomo.catalog.formats.jsonlines import cell_of, parse_json
from duomo.catalog.gtin import gtin14, in_link
from duomo.catalog.pictures import Place, pictures_of, repeated
from duomo.catalog.prices import whole_number
from duomo.catalog.pricing import mark_of, prices_of
from duomo.catalog.rows import Cell, Notes, Row, one
from duomo.catalog.text import one_line, plain_text, value_text
from duomo.files import hash_bytes
from duomo.product import Availability, Price

_SINGLE: Final = frozenset(  # fields of which a list says nothing
    (
        "title",
        "brand",
        "price",
        "list_price",
        "sale_price",
        "currency",
        "stock",
        "availability",
        "gtin",
        "mpn",
        "url",
    )
)
_MOST_CACHED: Final = 1000  # characters of a cell of JSON that is remembered
_AVAILABILITY: Final[Mapping[str, Availability]] = {
    **dict.fromkeys(
        ("in_stock", "instock", "available", "available_for_order", "yes", "true", "1", "有货", "现货"),
        "in_stock",
    ),
    **dict.fromkeys(
        (
            "out_of_stock",
            "outofstock",
            "sold_out",
            "unavailable",
            "discontinued",
            "mark_as_sold",
            "no",
            "false",
            "0",
            "缺货",
            "无货",
            "售罄",
        ),
        "out_of_stock",
    ),
    **dict.fromkeys(("preorder", "pre_order", "预售", "预订"), "preorder"),
    **dict.fromkeys(("backorder", "back_order", "onbackorder"), "backorder"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One row that sells something: a variant, and what it says of its product."""

    id: str
    product_id: str = ""  # "": the offer is a product of its own
    title: str = ""
    description: str = ""
    brand: str = ""
    category: tuple[str, ...] = ()
    attributes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    price: Price | None = None
    list_price: Price | None = None
    stock: int | None = None
    availability: Availability = ""
    gtin: str = ""
    mpn: str = ""
    url: str = ""
    pictures: tuple[str, ...] = ()  # absolute paths or addresses, the main one first
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a format writes several values in one cell; "" where it does not."""

    values: str = ""  # between the values of an attribute
    values_of: Mapping[str, str] = field(default_factory=dict)  # the same for single attributes
    image: str = ""  # between the pictures of the main column
    more_images: str = ""  # between those of the column of further ones
    is_typed: bool = False  # lists and objects are told from texts: the list of a category is its path


def offer_of(row: Row, *, key: str, plan: Plan, dialect: Dialect, place: Place, notes: Notes) -> Offer:
    """The offer that a row makes under this id; cells that cannot be read count as blank, with a note."""
    columns, cells = plan.fields, row.cells
    given: dict[str, str] = {}
    for name, column in columns.items():
        if (cell := cells.get(column)) and (text := cell.strip() if isinstance(cell, str) else one(cell)):
            odd = dialect.is_typed and (text[0] == "{" or not isinstance(cell, str))
            if odd and (shape := _shape(name, cell, text)):
                remedy = "Send one value" if name != "category" else "Send its path, or the list of its nodes"
                value = cell if isinstance(cell, str) else ", ".join(cell)
                told = {"column": column, "value": value, "product_id": key}
                notes.often(row.line, f"is {shape}; it was left out", remedy, **told)
            else:
                given[name] = text
    attributes = _attributes(row, plan, dialect, notes, key)
    brand = one_line(given.get("brand", ""))
    if not brand and "other_brand" in attributes:
        brand = " ".join(attributes.pop("other_brand"))
    if dialect.is_typed and isinstance(nodes := cells.get(columns.get("category", ""), ""), tuple):
        given["category"] = _path_of(nodes)
    category = category_path(given.get("category", "")) + category_path(given.get("subcategory", ""))
    if google := given.get("google_product_category"):
        if category or google.isdecimal():  # a number of Google's taxonomy is no name
            attributes["google_product_category"] = (value_text(google),)
        else:
            category = category_path(google)
    price, list_price = prices_of(row, given, plan, notes, product_id=key)
    separators = (("image", dialect.image), ("more_images", dialect.more_images))
    pictures = {columns[name]: separator for name, separator in separators if name in given}
    return Offer(
        id=key,
        product_id=value_text(given.get("product_id", "")),
        title=one_line(given.get("title", "")),
        description=plain_text(given.get("description", "")),
        brand=brand,
        category=category,
        attributes=attributes,
        price=price,
        list_price=list_price,
        stock=_stock(row, given, plan, notes, key),
        availability=_availability(row, given, plan, notes, key),
        gtin=_gtin(given.get("gtin", "") or in_link(given.get("url", ""))),
        mpn=value_text(given.get("mpn", "")),
        url=value_text(given.get("url", "")),
        pictures=tuple(pictures_of(row, pictures, place, notes, product_id=key)),
        line=row.line,
    )


def _shape(name: str, cell: Cell, text: str) -> str:
    """What a cell is in JSON where it should be one value; "": it is one."""
    if name in _SINGLE and isinstance(cell, tuple) and len(set(filter(None, map(str.strip, cell)))) > 1:
        return "a list"
    return "an object" if text.startswith(('{"', "{}")) and (name in _SINGLE or name == "category") else ""


def key_of(row: Row, plan: Plan, notes: Notes) -> str:
    """The id of a row; "" where it names none: the row is skipped then, with a note.

    In a file without ids, rows with the same title and picture are the same product, wherever they stand.
    """
    if column := plan.fields.get("id"):
        key = value_text(one(row.cells.get(column, "")))
        if not key:
            problem, remedy = "has no id, so it cannot become a product", "Give every row an id of its own"
            notes.skip(row.line, problem, remedy, column=column)
        return key
    title, image = (one(row.cells.get(plan.fields.get(name, ""), "")) for name in ("title", "image"))
    return hash_bytes(title.encode(), image.encode())[:12]


@lru_cache(maxsize=20_000)
def category_path(text: str) -> tuple[str, ...]:
    """The nodes of a category from the root: they are parted by ">" (Google, Shopify, own files alike).

    >>> category_path("Home &amp; Garden > Chairs")
    ('Home & Garden', 'Chairs')
    """
    return tuple(node for part in one_line(text).split(">") if (node := part.strip()))


def _path_of(values: tuple[str, ...]) -> str:
    """A list of categories as one path: its nodes, or the deepest of several paths.

    >>> _path_of(("Home", "Kitchen")), _path_of(("Home", "Home > Kitchen", "Sale"))
    ('Home > Kitchen', 'Home > Kitchen')
    """
    deepest = max(values, key=lambda value: value.count(">"), default="")
    return deepest if ">" in deepest else " > ".join(filter(None, map(str.strip, values)))


def _attributes(row: Row, plan: Plan, dialect: Dialect, notes: Notes, key: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    cells = row.cells
    for column, name in plan.attributes.items():
        if (cell := cells.get(column)) and (
            values := _values(cell, dialect.values_of.get(name, dialect.values))
        ):
            found[name] = _both(found[name], values) if name in found else values
    if "product_detail" in plan.fields:
        for detail in repeated(cells.get(plan.fields["product_detail"], "")):
            _, _, rest = detail.partition(":")
            name, _, value = rest.partition(":")
            if (own := attribute_name(name)) and (values := _values(value, "")):
                found[own] = _both(found.get(own, ()), values)
    known = plan.fields.get("attributes_json", "")
    if text := one(cells.get(known, "")):
        read = _json_attributes if len(text) < _MOST_CACHED else _json_attributes.__wrapped__
        record = read(text)
        if isinstance(record, str):
            problem, remedy = f"{record}; its attributes are missing", 'Write it like {"material": "wool"}'
            notes.add("warning", row.line, problem, remedy, column=known, value=text, product_id=key)
            return found
        for name, values in record.values.items():
            found[name] = _both(found[name], values) if name in found else values
        if record.twice:
            problem = f"names '{record.twice[0]}' twice in one object; the last counts"
            remedy = "Give each attribute a name of its own, or write its values as a list"
            notes.often(row.line, problem, remedy, column=known, value=text, product_id=key)
    return found


class _Attributes(NamedTuple):
    """What a cell of attributes in JSON says."""

    values: Mapping[str, tuple[str, ...]]
    twice: tuple[str, ...]  # keys that an object of it has twice


# Many products have the same; where none has, a larger cache would only cost memory.
@lru_cache(maxsize=10_000)
def _json_attributes(text: str) -> _Attributes | str:
    """The attributes in a cell, or what is wrong with it: a cache remembers no exceptions."""
    try:
        record, twice = parse_json(text, constant=str)
        if not isinstance(record, dict):
            raise ValueError("not an object")
        cells = [(attribute_name(name), cell_of(value)) for name, value in record.items()]
    except ValueError as error:
        return f"is not a JSON object ({error})"
    except RecursionError:
        return "is nested too deeply"
    found: dict[str, tuple[str, ...]] = {}
    for known, cell in cells:
        if known and cell:
            # Shops that export JSON export it from their pages: "Cocona&reg;".
            plain = unescape(cell) if isinstance(cell, str) else tuple(map(unescape, cell))
            if values := _values(plain, ""):
                found[known] = _both(found.get(known, ()), values)
    return _Attributes(found, twice)


@lru_cache(maxsize=50_000)
def _values(cell: Cell, separator: str) -> tuple[str, ...]:
    """The values of an attribute's cell, each once."""
    written = (cell,) if isinstance(cell, str) else cell
    parts = written[0].split(separator) if separator and isinstance(cell, str) else written
    return tuple(dict.fromkeys(value for part in parts if (value := value_text(part))))


def _both(before: tuple[str, ...], values: tuple[str, ...]) -> tuple[str, ...]:
    """The values of both, each once."""
    return tuple(dict.fromkeys((*before, *values)))


def _stock(row: Row, given: Mapping[str, str], plan: Plan, notes: Notes, key: str) -> int | None:
    if not (written := given.get("stock")):
        return None
    column, remedy = plan.fields["stock"], "Write it like 12"
    mark, is_guess = mark_of(written, column, plan)
    try:
        count = whole_number(written, mark)
    except ValueError as error:
        notes.add("warning", row.line, str(error), remedy, column=column, value=written, product_id=key)
        return None
    if is_guess:
        problem = f"has a mark that groups or begins decimals, and nothing tells which; read as {count}"
        notes.often(row.line, problem, remedy, column=column, value=written, product_id=key)
    return count


def _availability(row: Row, given: Mapping[str, str], plan: Plan, notes: Notes, key: str) -> Availability:
    if not (written := given.get("availability")):
        return ""
    if known := _AVAILABILITY.get(normal(written)):
        return known
    remedy = "Write in_stock, out_of_stock, preorder or backorder"
    column = plan.fields["availability"]
    notes.add("warning", row.line, "is not known", remedy, column=column, value=written, product_id=key)
    return ""


def _gtin(written: str) -> str:
    """The number as 14 digits; as it stands where it is wrong, which `check` complains of."""
    if not written:
        return ""
    try:
        return gtin14(written)
    except ValueError:
        return value_text(written)
