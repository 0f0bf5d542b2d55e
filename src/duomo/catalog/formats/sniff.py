"""What a file holds, told by looking inside: its name may say anything."""

from collections.abc import Collection
from pathlib import Path
from typing import Final

from duomo.catalog.formats.delimited import read_delimited, too_many
from duomo.catalog.formats.jsonlines import read_json_lines
from duomo.catalog.formats.linked import is_linked, is_page, read_linked, read_page
from duomo.catalog.formats.parquet import read_parquet
from duomo.catalog.formats.xml import read_xml
from duomo.catalog.rows import Table
from duomo.errors import BadFile

_HEAD: Final = 1 << 16  # bytes that are looked at
_REMEDY: Final = "Export the catalog as CSV, TSV, JSON lines, JSON-LD, Parquet, RSS or Atom"
# What people hand in by mistake, by its first bytes.
_OTHERS: Final = (
    (b"PK\x03\x04", "a spreadsheet or a ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"%PDF", "a PDF document"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x89PNG", "a PNG picture"),
    (b"SQLite format 3", "a SQLite database"),
)


def open_table(path: Path, *, wanted: Collection[str] = (), blanks: bool = False) -> Table:
    """The rows of a file, whatever it is called.

    Args:
        path: an existing file.
        wanted: columns the merchant named; they help to find the delimiter.
        blanks: keep the rows of tables, JSON lines and Parquet in which nothing stands.

    Raises:
        BadFile: it is none of the formats Duomo reads, broken, or has thousands of columns.
    """
    table = _table(path, wanted, blanks)
    too_many(len(table.columns), path)
    return table


def _table(path: Path, wanted: Collection[str], blanks: bool) -> Table:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(b"PAR1"):
        return read_parquet(path, blanks=blanks)
    for magic, what in _OTHERS:
        if head.startswith(magic):
            raise BadFile(f"{path} is {what}, not a catalog", remedy=_REMEDY)
    plain = (
        head.replace(b"\0", b"")
        .removeprefix(b"\xef\xbb\xbf")
        .removeprefix(b"\xff\xfe")
        .removeprefix(b"\xfe\xff")
    )
    first, words = plain.lstrip()[:1], plain.decode("utf-8", "replace")
    if first == b"<":
        return read_page(path) if is_page(words) else read_xml(path)
    if first in (b"{", b"[") and is_linked(words):
        return read_linked(path)
    if first == b"{":
        return read_json_lines(path, blanks=blanks)
    if first == b"[":
        raise BadFile(
            f"{path} is one JSON array", remedy="Write one object a line, without the brackets around them"
        )
    if not first:
        raise BadFile(f"{path} is empty", remedy=_REMEDY)
    return read_delimited(path, wanted=wanted, blanks=blanks)
