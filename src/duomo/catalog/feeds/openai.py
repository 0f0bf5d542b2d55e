"""The product feed of OpenAI and the Agentic Commerce Protocol, one row a variant, checked field by field.

Source: developers.openai.com/commerce/specs/file-upload/products, the flat product feed for file uploads.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from duomo.catalog.feeds.feed import CURRENCY, Entry, Rating, Tell, availability_of, teller
from duomo.catalog.feeds.formulas import defused
from duomo.errors import BadQuery, Problem
from duomo.product import PLACES, Product, Variant, is_address

Row = dict[str, Any]  # field -> text, True or False, a number, or the object of variant_dict

_REQUIRED: Final = (
    *("is_eligible_search", "is_eligible_checkout", "item_id", "title", "description", "url", "brand"),
    *("image_url", "price", "availability", "seller_name", "seller_url", "target_countries"),
)
_CHECKOUT: Final = ("seller_privacy_policy", "seller_tos")  # asked for where is_eligible_checkout is true
_FIELDS: Final = (
    *_REQUIRED,
    *("gtin", "mpn", "condition", "product_category", "material", "age_group", "weight"),
    *("additional_image_urls", "sale_price", "availability_date", "group_id", "listing_has_variations"),
    *("variant_dict", "color", "size", "size_system", "gender", *_CHECKOUT, "return_policy"),
    *("return_deadline_in_days", "accepts_returns", "accepts_exchanges", "store_country", "shipping"),
    *("review_count", "star_rating"),
)
_ATTRIBUTES: Final = (
    *("condition", "material", "age_group", "weight", "availability_date"),
    *("color", "size", "size_system", "gender"),
)
_LONGEST: Final = {  # characters
    **{"item_id": 100, "title": 150, "description": 5000, "brand": 70, "mpn": 70, "group_id": 70},
    **{"color": 40, "size": 20, "material": 100, "seller_name": 70},
}
_CUT: Final = ("title", "description")  # what is too long of these says the same when it is cut
_ENUMS: Final[Mapping[str, tuple[str, ...]]] = {
    "availability": ("in_stock", "out_of_stock", "pre_order", "backorder", "unknown"),
    "condition": ("new", "refurbished", "used"),
    "gender": ("male", "female", "unisex"),
    "age_group": ("newborn", "infant", "toddler", "kids", "adult"),
}
_URLS: Final = ("url", "image_url", "seller_url", "seller_privacy_policy", "seller_tos", "return_policy")
_BOOLEANS: Final = (
    *("is_eligible_search", "is_eligible_checkout", "listing_has_variations"),
    *("accepts_returns", "accepts_exchanges"),
)
_LONGEST_URL: Final = 2048
_COUNTRY: Final = re.compile(r"[A-Z]{2}")  # ISO 3166-1 alpha-2
_CURRENCY: Final = re.compile(r"[A-Z]{3}")  # ISO 4217
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}(T[0-9:.+Z-]{5,20})?")  # ISO 8601
_FILL: Final = "Add it to the catalog and build again"
_REMEDIES: Final = {
    "url": "Add the address of its page to the catalog, or make one with --link",
    "image_url": "Name pictures by their addresses in the catalog, or make them with --pictures",
    "price": "Add a price above 0 with its currency to the catalog",
    **{
        name: f"Say it for all products: --set {name}=VALUE"
        for name in ("seller_name", "seller_url", "target_countries", "brand", *_CHECKOUT)
    },
}


@dataclass(frozen=True, slots=True)
class OpenAiFeed:
    """A feed as JSON lines, CSV or TSV; a row that OpenAI would refuse is left out, with what is wrong.

    Args:
        kind: of the file.
        fixed: field -> value where the catalog says nothing: the seller, countries, policies; flags always.
    """

    kind: Literal["jsonl", "csv", "tsv"]
    fixed: Mapping[str, str]

    def __post_init__(self) -> None:
        """Raise BadQuery where a fixed field is none of the feed."""
        for name in self.fixed:
            if name not in _FIELDS:
                problem = f"the feed has no field '{name}'"
                raise BadQuery(problem, remedy=f"It has: {', '.join(_FIELDS)}")

    @property
    def begin(self) -> str:
        """The names of the columns."""
        return "" if self.kind == "jsonl" else self._line(_FIELDS)

    @property
    def between(self) -> str:
        """Nothing."""
        return ""

    @property
    def end(self) -> str:
        """Nothing."""
        return ""

    def entry(self, product: Product, rating: Rating | None) -> Entry:
        """The rows of a product that can be said."""
        texts: list[str] = []
        problems: list[Problem] = []
        for variant in product.variants:
            said = _row(product, variant, rating, self.fixed)
            row = {name: value for name, value in said.items() if value not in ("", None)}
            found = list(check_row(row, teller(product, "OpenAI", variant.id)))
            problems += found
            if not any(problem.severity == "error" for problem in found):
                texts.append(self._text(row))
        return Entry("".join(texts), len(texts), tuple(problems))

    def _text(self, row: Row) -> str:
        if self.kind == "jsonl":
            return json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"
        return self._line([defused(_cell(row.get(name, ""))) for name in _FIELDS])

    def _line(self, cells: "list[str] | tuple[str, ...]") -> str:
        line = io.StringIO()
        csv.writer(line, delimiter="," if self.kind == "csv" else "\t", lineterminator="\n").writerow(cells)
        return line.getvalue()


def check_row(row: Row, tell: Tell) -> Iterator[Problem]:
    """What OpenAI would refuse a row for; titles and descriptions that are too long are cut in the row.

    Args:
        row: field -> value, blank ones left out.
        tell: from `feed.teller`.
    """
    checkout = row.get("is_eligible_checkout") is True
    for name in (*_REQUIRED, *(_CHECKOUT if checkout else ())):
        if name not in row:
            yield tell(name, "is missing, and OpenAI asks for it", _REMEDIES.get(name, _FILL))
    if checkout and row.get("is_eligible_search") is not True:
        problem = "is true where is_eligible_search is not"
        yield tell("is_eligible_checkout", problem, "Say --set is_eligible_search=true, too")
    for name, most in _LONGEST.items():
        if len(text := str(row.get(name, ""))) > most:
            cut = name in _CUT
            problem = f"has {len(text)} characters, and {most} are allowed" + ("; it was cut" if cut else "")
            yield tell(name, problem, "Shorten it in the catalog", value=text, fatal=not cut)
            row[name] = text[:most]
    for name, values in _ENUMS.items():
        if name in row and row[name] not in values:
            problem = f"is none of {', '.join(values)}"
            fatal = name in _REQUIRED
            said = problem if fatal else f"{problem}; it was left out"
            yield tell(name, said, "Correct it in the catalog", value=str(row[name]), fatal=fatal)
            if not fatal:
                del row[name]
    for name in _URLS:
        if name in row and (not is_address(row[name]) or len(row[name]) > _LONGEST_URL):
            problem = f"is no http or https address of at most {_LONGEST_URL} characters"
            yield tell(name, problem, _REMEDIES.get(name, "Correct it"), value=row[name])
    for name in _BOOLEANS:
        if name in row and not isinstance(row[name], bool):
            yield tell(name, "is neither true nor false", "Correct it", value=str(row[name]))
    yield from _check_prices(row, tell)
    yield from _check_rest(row, tell)


def _check_prices(row: Row, tell: Tell) -> Iterator[Problem]:
    for name in ("price", "sale_price"):
        amount, _, currency = str(row.get(name, "")).partition(" ")
        if amount and not _CURRENCY.fullmatch(currency):
            yield tell(name, "names no currency", CURRENCY, value=row[name])
        elif amount and float(amount) <= 0:
            yield tell(name, "is not above 0", _REMEDIES["price"], value=row[name])
        elif amount and PLACES.get(currency, 2) > 2:
            problem = "has more decimal places than the two that OpenAI reads"
            yield tell(name, problem, "Round it in the catalog", value=row[name], fatal=False)


def _check_rest(row: Row, tell: Tell) -> Iterator[Problem]:
    countries = [each.strip() for each in str(row.get("target_countries", "")).split(",") if each.strip()]
    for name, codes in (("target_countries", countries), ("store_country", [row.get("store_country")])):
        for code in codes:
            if code is not None and not _COUNTRY.fullmatch(str(code)):
                problem = "is no country code of two capital letters"
                yield tell(name, problem, f"Write it like --set {name}=US", value=str(code))
    if row.get("availability") == "pre_order" and "availability_date" not in row:
        problem = "is missing, and OpenAI asks for it where a product can be ordered in advance"
        yield tell("availability_date", problem, "Add a column availability_date, like 2026-12-01")
    day = str(row.get("availability_date", ""))
    if day and not _DATE.fullmatch(day):
        yield tell("availability_date", "is no date like 2026-12-01", "Correct it in the catalog", value=day)
    if row.get("group_id") == row.get("item_id") and "group_id" in row:
        yield tell("group_id", "is the id of a variant, too", "Give products and variants ids of their own")


def _row(product: Product, variant: Variant, rating: Rating | None, fixed: Mapping[str, str]) -> Row:
    """Everything that a feed can say of a variant; blanks are still in it."""
    pictures = [m.source for m in product.media_of(variant) if m.kind == "picture" and is_address(m.source)]
    attributes = product.attributes_of(variant)
    grouped = len(product.variants) > 1
    price, before = variant.price, variant.list_price
    reduced = price and before and before.currency == price.currency and before > price
    row: Row = {
        "is_eligible_search": True,
        "is_eligible_checkout": False,
        "item_id": variant.id,
        "title": product.title,
        "description": product.description,
        "url": variant.url or product.url,
        "brand": product.brand,
        "image_url": pictures[0] if pictures else "",
        "price": str(before if reduced else price) if price else "",
        "availability": _availability(variant),
        "gtin": variant.gtin,
        "mpn": variant.mpn,
        "product_category": " > ".join(product.category),
        "additional_image_urls": ",".join(each for each in pictures[1:] if "," not in each),
        "sale_price": str(price) if reduced else "",
        "group_id": product.id if grouped else "",
        "listing_has_variations": grouped,
        "variant_dict": {n: ", ".join(v) for n, v in variant.attributes.items()} if grouped else None,
        "review_count": rating.count if rating else None,
        "star_rating": round(rating.mean, 2) if rating else None,
    }
    for name in _ATTRIBUTES:
        row[name] = ", ".join(attributes.get(name, ()))
    for name in ("condition", "age_group", "gender"):
        row[name] = row[name].lower()
    for name, value in fixed.items():
        if name in _BOOLEANS:
            row[name] = _boolean(value)
        elif not row.get(name):
            row[name] = value
    return {name: row[name] for name in _FIELDS if name in row}


def _availability(variant: Variant) -> str:
    known = availability_of(variant)
    return "pre_order" if known == "preorder" else known or "unknown"


def _boolean(value: str) -> bool | str:
    return {"true": True, "false": False}.get(value.strip().lower(), value)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
