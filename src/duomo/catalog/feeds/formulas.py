"""Cells that a spreadsheet would run as formulas: disarmed when written, and back again when read."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from duomo.catalog.rows import Cell, Row
from duomo.errors import Problem

# What a spreadsheet runs when it opens a table, or passes over before what it runs, after any apostrophes
# that were put before it already. Signs of full width count as the plain ones, as input methods write them.
_RUN: Final = r"(?:[\t\r\n]|\s*[=+\-@＝＋－＠])"
_FORMULA: Final = re.compile(rf"'*{_RUN}")
_DEFUSED: Final = re.compile(rf"'+{_RUN}")
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?")


def defused(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula: an apostrophe stands before what would be one.

    >>> defused("=1+1"), defused(" ＝1+1"), defused("-5"), defused("red"), armed(defused("'@a"))
    ("'=1+1", "' ＝1+1", '-5', 'red', "'@a")
    """
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def armed(cell: str) -> str:
    """The cell as it was before `defused`."""
    return cell[1:] if _DEFUSED.match(cell) else cell


def armed_rows(rows: Iterable[Row | Problem]) -> Iterator[Row | Problem]:
    """The rows of a table with their cells as they were before `defused`."""
    for row in rows:
        if isinstance(row, Row) and any(cell[:1] == "'" for cell in row.cells.values()):
            cells: dict[str, Cell] = {
                name: armed(cell) if isinstance(cell, str) else cell for name, cell in row.cells.items()
            }
            yield Row(row.line, cells)
        else:
            yield row
