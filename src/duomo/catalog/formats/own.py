"""Duomo's own columns, in CSV, TSV, JSON lines or Parquet."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from duomo.catalog.assemble import Goods, assemble
from duomo.catalog.columns import listed, plan
from duomo.catalog.offers import Dialect, key_of, offer_of
from duomo.catalog.pictures import Place
from duomo.catalog.pricing import learned
from duomo.catalog.rows import Notes, Table
from duomo.errors import BadFile

OWN: Final = Dialect(values="|", image="|", more_images="|")  # Black|Blue


def read_own(table: Table, *, mapping: Mapping[str, str], place: Place, notes: Notes) -> Goods:
    """The products of a file with Duomo's own columns or names like them.

    A bar separates several values of an attribute and several pictures; a list of categories, in JSON or
    Parquet, is a path from the root. Without a column of ids, an id is made of title and picture. Raises
    BadFile where there is neither an id nor a title.
    """
    columns = plan(table.columns, path=table.path, mapping=mapping)
    if not columns.fields.keys() & {"id", "product_id", "title"}:
        problem = f"{table.path}: no column holds ids or titles; its columns are: {listed(table.columns)}"
        raise BadFile(problem, remedy="Say which does with --map title=COLUMN, or name one 'title'")
    if "id" not in columns.fields and "product_id" in columns.fields:
        column = columns.fields["product_id"]
        columns = plan(table.columns, path=table.path, mapping=mapping, fixed={"id": column})
    if "id" not in columns.fields:
        remedy = "Add a column 'sku', or say which it is with --map sku=COLUMN"
        notes.add("warning", None, "has no column of ids; they were made of titles and pictures", remedy)
    notes.doubt(columns.doubts)
    rows, columns = learned(notes.read(table), columns, delimiter=table.delimiter)
    dialect = replace(OWN, is_typed=not table.delimiter)  # of two columns of a CSV the first counts
    offers = (
        offer_of(row, key=key, plan=columns, dialect=dialect, place=place, notes=notes)
        for row in rows
        if (key := key_of(row, columns, notes))
    )
    return Goods(assemble(offers, notes))
