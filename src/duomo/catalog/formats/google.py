"""Google Merchant Center feeds: tab-separated, RSS or Atom. Meta's feeds use nearly the same names."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final

from duomo.catalog.assemble import Goods, assemble
from duomo.catalog.columns import listed, normal, plan
from duomo.catalog.feeds.formulas import armed_rows
from duomo.catalog.formats.meta import as_google
from duomo.catalog.offers import Dialect, key_of, offer_of
from duomo.catalog.pictures import Place
from duomo.catalog.pricing import learned
from duomo.catalog.rows import Notes, Table
from duomo.errors import BadFile

# A slash parts colors and materials, a comma what may repeat (Google's product data specification).
GOOGLE: Final = Dialect(values_of={"color": "/", "material": "/"}, more_images=",")
_TELLING: Final = frozenset(
    {
        "link",
        "image_link",
        "additional_image_link",
        "google_product_category",
        "item_group_id",
        "fb_product_category",
        "quantity_to_sell_on_facebook",
    }
)


def is_google(columns: Collection[str]) -> bool:
    """Whether columns are those of a Google or Meta feed: an id, and at least one name that only they use."""
    names = {normal(column) for column in columns}
    return "id" in names and bool(names & _TELLING)


def read_google(table: Table, *, mapping: Mapping[str, str], place: Place, notes: Notes) -> Goods:
    """The products of a feed, Google's or Meta's; rows with one item_group_id are variants of one product.

    Raises:
        BadFile: there is no column of ids.
    """
    table = as_google(table)
    if table.delimiter:
        table = replace(table, rows=armed_rows(table.rows))
    details = {
        column: "product_detail" for column in table.columns if normal(column).startswith("product_detail")
    }
    fixed = {field: column for column, field in details.items()}
    columns = plan(table.columns, path=table.path, mapping=mapping, fixed=fixed)
    if "id" not in columns.fields and table.columns:
        problem = (
            f"{table.path}: a product feed needs a column 'id'; its columns are: {listed(table.columns)}"
        )
        raise BadFile(problem, remedy="Say which it is with --map id=COLUMN")
    notes.doubt(columns.doubts)
    rows, columns = learned(notes.read(table), columns, delimiter=table.delimiter)
    offers = (
        offer_of(row, key=key, plan=columns, dialect=GOOGLE, place=place, notes=notes)
        for row in rows
        if (key := key_of(row, columns, notes))
    )
    return Goods(assemble(offers, notes))
