"""Delimited text: CSV, TSV and their relatives, as spreadsheets and programs write them."""

import csv
import re
from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

from duomo.catalog.columns import normal, recognized
from duomo.catalog.formats.encoding import MOST_LINE, CutLine, text_file
from duomo.catalog.rows import Cell, Row, Severity, Table
from duomo.errors import BadFile, Problem

_DELIMITERS: Final = (",", ";", "\t", "|")
MOST_CELL: Final = 1_000_000  # characters: more than any text of a product, less than what would fill memory
MOST_COLUMNS: Final = 10_000  # nothing that is sold has so many properties
_NAMED: Final = 10  # columns that one problem names
# Meta's template has a line above the names that says what each is for: "# Required | The price."
_REMARKS: Final = re.compile(r'\ufeff?"?#\s*[^",;|\t]{1,40}\|')
_TOO_LONG: Final = "Shorten it; a picture belongs into a file of its own"
_CUT: Final = "is the last, ends in the middle and has no line end: the file seems to be cut off there"
_AGAIN: Final = "Export or copy the file again; if the row is whole, end it with a line break"
_QUOTES: Final = "Close the quote; a quote inside a cell is written twice"


def read_delimited(path: Path, *, wanted: Collection[str] = (), blanks: bool = False) -> Table:
    """Open delimited text; the delimiter is the one that gives the header the most names we know.

    A row with fewer cells than the header is kept with a warning (spreadsheets drop blank cells at the
    end), unless it is the last and has no line end: the file was cut off there. One with more is not kept,
    since its cells stand in the wrong columns. A quote that is never closed costs one row, not the rest of
    the file. Rows of blank cells are no rows, unless they are asked for; blank lines never are.

    Args:
        path: the file.
        wanted: columns the merchant named.
        blanks: keep rows of blank cells.

    Raises:
        BadFile: the file is empty, no text, or has a first line that cannot be one of names.
    """
    # The module's own limit (131,072) is less than some descriptions have. It holds for the whole process.
    csv.field_size_limit(max(csv.field_size_limit(), MOST_CELL))
    text = text_file(path)
    warnings = text.warnings
    lines = _Lines(text.lines())
    delimiter = _delimiter(lines, wanted)
    reader = csv.reader(lines, delimiter=delimiter)
    header: list[str] = []
    while not header:
        try:
            header = [cell.strip() for cell in next(reader)]
        except StopIteration:
            raise BadFile(
                f"{path} is empty", remedy="Write a first line with the names of the columns"
            ) from None
        except csv.Error as error:
            problem = f"{path} line 1: the names of the columns cannot be read ({error})"
            raise BadFile(problem, remedy="Write short names into the first line") from None
    if any(isinstance(line, CutLine) for line in lines.row):
        problem = f"{path}: the line with the names of the columns is longer than {MOST_LINE:,} characters"
        raise BadFile(problem, remedy="Write short names into the first line")
    too_many(len(header), path)
    if nameless := [str(place) for place, name in enumerate(header, start=1) if not name]:
        more = f" and {len(nameless) - _NAMED:,} more" if len(nameless) > _NAMED else ""
        problem = f"column {', '.join(nameless[:_NAMED])}{more} has no name and is not read"
        warnings = (*warnings, _problem(path, 1, problem, "Give it a name in the first line", "warning"))
    for name, times in Counter(filter(None, header)).items():
        if times > 1:
            problem = f"column '{_short(name)}' stands there {times:,} times"
            remedy = "The first counts; values of an attribute are kept together. Give each a name of its own"
            warnings = (*warnings, _problem(path, 1, problem, remedy, "warning"))
    columns = tuple(dict.fromkeys(name for name in header if name))
    rows = _rows(path, lines, reader, delimiter, header, blanks)
    return Table(path=path, columns=columns, rows=rows, warnings=warnings, delimiter=delimiter)


def too_many(columns: int, path: Path) -> None:
    """Raise BadFile where a file has more columns than anything that is sold has properties."""
    if columns > MOST_COLUMNS:
        problem = f"{path} has {columns:,} columns, more than {MOST_COLUMNS:,}"
        raise BadFile(problem, remedy="Keep those that describe the goods")


def _short(name: str) -> str:
    return name if len(name) <= 60 else f"{name[:59]}…"


class _Lines:
    """The lines of a file, with the way back to the lines of the row that was read last."""

    def __init__(self, source: Iterator[str]) -> None:
        self._source = source
        self._again: deque[str] = deque()
        self.row: list[str] = []  # lines since the last call of begin_row
        self.number = 0  # of the line read last

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._source)
        self.number += 1
        self.row.append(line)
        return line

    def begin_row(self) -> int:
        """Forget the lines of the last row; return the number of the line that comes now."""
        self.row.clear()
        return self.number + 1

    def go_back(self, keep: int) -> None:
        """Read the lines of this row once more, except the first ones."""
        self._again.extendleft(reversed(self.row[keep:]))
        self.number -= len(self.row) - keep
        del self.row[keep:]


def _delimiter(lines: _Lines, wanted: Collection[str]) -> str:
    """What separates the cells of the header; Excel's line "sep=;" says it outright and is passed over.

    So is a line of remarks above the names.
    """
    names = {normal(name) for name in wanted}

    def known(delimiter: str) -> tuple[int, int]:
        try:
            cells = next(csv.reader([first], delimiter=delimiter), [])
        except csv.Error:  # without it the line is one cell that is too long
            return -1, 0
        looked_at = cells[:MOST_COLUMNS]
        return recognized(looked_at) + sum(normal(cell) in names for cell in looked_at), len(cells)

    for first in lines:
        if first.lower().startswith("sep=") and first[4:5] in _DELIMITERS:
            return first[4]
        if first.strip() and not _REMARKS.match(first):
            lines.go_back(0)
            return max(_DELIMITERS, key=known)
        lines.begin_row()
    return ","


def _rows(
    path: Path,
    lines: _Lines,
    reader: Iterable[list[str]],
    delimiter: str,
    header: list[str],
    blanks: bool,
) -> Iterator[Row | Problem]:
    rows = iter(reader)
    width = len(header)
    plain = all(header) and len(set(header)) == width
    repeated = {name for name, times in Counter(header).items() if times > 1}
    after_break = False  # until a whole row comes, short rows are pieces of the broken one
    while True:
        start = lines.begin_row()
        broken = remedy = ""
        cells: list[str] = []
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            broken, remedy = f"cannot be read ({error})", _QUOTES
            if "field limit" in str(error):
                broken, remedy = f"has a cell of more than {csv.field_size_limit():,} characters", _TOO_LONG
        if any(isinstance(line, CutLine) for line in lines.row):
            broken, remedy = f"is longer than {MOST_LINE:,} characters", _TOO_LONG
        if len(lines.row) > 1 and (broken or not _closed(lines.row, delimiter)):
            lines.go_back(1)
            broken = "has a quote that is not closed"
            if remedy == _TOO_LONG:
                broken += f" within {csv.field_size_limit():,} characters"
            remedy = _QUOTES
        if broken:
            after_break = remedy == _QUOTES
            yield _problem(path, start, broken, remedy, "error", lines.row[0])
            continue
        if not any(cell.strip() for cell in cells) and not (blanks and lines.row[0].strip()):
            continue
        open_quote = lines.row[0].count('"') % 2 == 1 and not _closed(lines.row, delimiter)
        if (len(cells) < width or open_quote) and lines.row[-1][-1] not in "\r\n":
            yield _problem(path, start, _CUT, _AGAIN, "error", lines.row[0])
            continue
        if len(cells) != width:
            count = f"has {len(cells)} cells where the first line has {width}"
            if after_break or any(cell.strip() for cell in cells[width:]):
                remedy = "Put a cell that holds the delimiter or a line end in quotes"
                yield _problem(path, start, count, remedy, "error", lines.row[0])
                continue
            if len(cells) < width:
                problem = f"{count}; the missing ones count as blank"
                yield _problem(path, start, problem, "Fill the row up", "warning")
        if after_break := open_quote:
            problem = "has a quote in the wrong place; what stands there may be cut"
            yield _problem(path, start, problem, _QUOTES, "warning", lines.row[0])
        yield Row(
            start, dict(zip(header, cells, strict=False)) if plain else _merged(header, cells, repeated)
        )


def _closed(row: list[str], delimiter: str) -> bool:
    """Whether lines that were read as one row are one by the letter: every quote begins or ends a cell."""
    try:
        return len(list(csv.reader(row, delimiter=delimiter, strict=True))) == 1
    except csv.Error:
        return False


def _merged(header: list[str], cells: list[str], repeated: Collection[str]) -> dict[str, Cell]:
    """Cells by column where columns repeat (their values are kept together) or have no name."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, cell in zip(header, cells, strict=False):
        if name:
            found[name].append(cell)
    return {name: tuple(values) if name in repeated else values[0] for name, values in found.items()}


def _problem(
    path: Path, line: int | None, problem: str, remedy: str, severity: Severity, value: str = ""
) -> Problem:
    value = value.rstrip("\r\n")
    return Problem(file=str(path), line=line, value=value, problem=problem, remedy=remedy, severity=severity)
