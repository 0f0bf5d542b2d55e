"""Products: one with all it has, those like it, and new ones from whoever holds the key."""

import tempfile
from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query
from pydantic_core import from_json
from starlette.responses import Response

from duomo.catalog.columns import FIELDS, normal
from duomo.errors import BadFile, of_system
from duomo.files import write_json_lines
from duomo.web.body import SentBody
from duomo.web.face import LinesOf, ShopOf, VersionOf, VersionsOf, may_write
from duomo.web.problems import PROBLEMS, Refused
from duomo.web.schemas.answered import ProductOut, SearchOut
from duomo.web.schemas.reported import BuildOut

router = APIRouter(prefix="/v1", tags=["products"], responses=PROBLEMS)

_PICTURES: Final = {normal(name) for field in ("image", "more_images") for name in (field, *FIELDS[field])}
_ASKED: Final = {normal(name) for name in ("price", *FIELDS["price"])}
_REDUCED: Final = {normal(n) for field in ("list_price", "sale_price") for n in (field, *FIELDS[field])}
_ROWS: Final = {"type": "array", "items": {"type": "object"}, "minItems": 1}
_EXAMPLE: Final = [
    {
        "id": "A1",
        "title": "Red mug",
        "price": "9.50 USD",
        "image": "https://example.com/a1.jpg",
        "color": "red",
    }
]
_ROWS_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "oneOf": [
                        _ROWS,
                        {
                            "type": "object",
                            "properties": {
                                "products": _ROWS,
                                "replace": {"type": "boolean", "default": False},
                            },
                            "required": ["products"],
                            "additionalProperties": False,
                        },
                    ],
                    "description": "rows in Duomo's own format, or an object with them under 'products' and "
                    "'replace': whether the products named are to be what the rows say and nothing else; "
                    "a null in a row clears, what it leaves out or has as an empty text stays",
                },
                "example": _EXAMPLE,
            }
        },
    }
}

# {id:path}: a merchant's id may hold a slash. The shorter route stands last, as it matches both.


@router.get("/products/{id:path}/similar", summary="Products like one", response_model=SearchOut)
async def similar(
    shop: VersionOf,
    lines: LinesOf,
    id: str,
    k: Annotated[int, Query(description="products a page, 1 to 1000")] = 10,
    where: Annotated[str, Query(description="a filter", examples=["price < 50"])] = "",
    encoder: Annotated[str, Query(description="which of the shop's encoders; empty: its first")] = "",
) -> Response:
    """Products that are like this one in what they are called and how they look."""

    def answer() -> Response:
        found = SearchOut.of(shop.similar(id, k=k, where=where, encoder=encoder))
        return Response(found.model_dump_json(), media_type="application/json")

    return await lines.quick.take(answer)


@router.get("/products/{id:path}", summary="One product")
def product(shop: VersionOf, id: str) -> ProductOut:
    """The product with this id, or with a variant of this id: all variants, pictures and reviews."""
    found = shop.product(id)
    return ProductOut.of(found, shop.reviews(found.id))


@router.put(
    "/products",
    summary="Add or change products",
    dependencies=[Depends(may_write)],  # before the body is read
    openapi_extra=_ROWS_BODY,
)
def put_products(shop: ShopOf, versions: VersionsOf, sent: SentBody) -> BuildOut:
    """Puts rows on the shelf. Needs the write key.

    What no row names stays as it is: other products, other variants of the same product, and whatever a row
    leaves out or has as an empty text; `kept` counts such variants. With `"replace": true` the products named
    are what the rows say and nothing else.

    A `null` clears: description, brand, category, list price, stock, availability, GTIN, MPN, address,
    pictures, an attribute, or all `attributes`; not title and price, which is told in `problems`.

    Rows are as in Duomo's own files; pictures are http(s) addresses. A row that cannot become a product stops
    nothing: it is counted in `skipped` and told in `problems`. Answers when all of it can be searched.
    """
    rows, replace = _asked(sent.json or b"")
    try:
        with tempfile.TemporaryDirectory(prefix="duomo-") as folder:
            path = Path(folder) / "products.jsonl"
            write_json_lines(path, rows)
            # Read as Duomo's own rows whatever they look like, and never a file of this machine.
            report = shop.build(path, format="own", partial=True, replace=replace, trusted=False)
    except BadFile as error:  # calls the rows by a file that the client never saw
        problem = error.args[0].replace(str(path), "the rows")
        raise _wrong(problem, "Give every row a 'sku' and a 'title'") from error
    except OSError as error:  # without the file's name, which is none of the client's
        raise of_system(OSError(error.errno, error.strerror or str(error))) from error
    versions.newest()
    return BuildOut.of(report)


def _asked(body: bytes) -> tuple[list[dict[str, Any]], bool]:
    """The rows in the body, and whether they replace; raises Refused (400), naming the row that is wrong."""
    try:
        # Refuses what no file could hold: NaN, half a surrogate pair.
        parsed = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise _wrong(f"the body is not JSON ({error})", "Send a list of rows") from error
    around = parsed if isinstance(parsed, dict) else {}
    rows, replace = (around.get("products"), around.get("replace", False)) if around else (parsed, False)
    if not isinstance(rows, list) or not rows:
        raise _wrong("the body holds no rows", 'Send a list of rows, or {"products": [...]}')
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise _wrong(f"row {number} is not an object", "Write every row as an object")
        for column, value in row.items():
            if not _is_finite(value):  # 1e400, which no file could hold either
                problem = f"row {number}: {column[:60]} has a number that is too large"
                raise _wrong(problem, "Send a smaller one, or leave it out")
            if normal(column) in _PICTURES and not all(map(_is_address, _texts(value))):
                problem = f"row {number}: {column[:60]} is not an http address"
                raise _wrong(problem, "Name pictures by addresses that begin with https://")
        said = {normal(column) for column, value in row.items() if value not in (None, "")}
        if not replace and said & _REDUCED and not said & _ASKED:  # which of the held prices would it change?
            problem = f"row {number} names a price before or after a reduction without the price"
            raise _wrong(problem, "Send the price with it")
    if unknown := sorted(around.keys() - {"products", "replace"}):
        raise _wrong(f"there is no field '{unknown[0][:60]}'", "Known: products, replace")
    if not isinstance(replace, bool):
        raise _wrong("field 'replace' is neither true nor false", "Leave it out to keep what no row names")
    return rows, replace


def _is_finite(value: object) -> bool:
    """Whether every number in a value is one; JSON's own may be too large for a computer's."""
    if isinstance(value, dict):
        return all(map(_is_finite, value.values()))
    if isinstance(value, list):
        return all(map(_is_finite, value))
    return not isinstance(value, float) or isfinite(value)


def _texts(value: object) -> Iterator[object]:
    """The single pictures that a value may name; a bar separates several in one text."""
    if isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, str):
        yield from (part for part in value.split("|") if part.strip())
    elif value is not None:
        yield value


def _is_address(text: object) -> bool:
    return isinstance(text, str) and text.strip().lower().startswith(("https://", "http://"))


def _wrong(problem: str, remedy: str) -> Refused:
    return Refused(400, "bad-request", problem, remedy=remedy)
