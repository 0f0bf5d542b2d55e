"""A file as rows of named cells, whatever its format, and the notes taken while reading it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from duomo.catalog.columns import listed
from duomo.errors import Problem

Severity = Literal["error", "warning"]
_PLACE = re.compile(r"\[\d+\]")  # in the path of a JSON value: the same column for every element of a list
Cell = str | tuple[str, ...]  # a tuple where the file itself says that there are several values


class Row(NamedTuple):
    """One row of a file."""

    line: int  # where it begins; for Parquet its number, from 1
    cells: dict[str, Cell]  # column of the file -> what stands there; a missing one is blank


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file that can be read row by row, once; a row that cannot be read comes as its problem."""

    path: Path
    columns: tuple[str, ...]  # as the file names them, each once, none blank
    rows: Iterable[Row | Problem]
    warnings: tuple[Problem, ...] = ()  # about the file as a whole
    delimiter: str = ""  # between the cells of delimited text: it hints at how numbers are written


def one(cell: Cell) -> str:
    """The cell as one text; of several values the first that is not blank."""
    if isinstance(cell, str):
        return cell.strip()
    return next((text for value in cell if (text := value.strip())), "")


class Notes:
    """Collects what is wrong in one file while it is read, and counts its rows."""

    def __init__(self, path: Path | str, currency: str = "") -> None:
        self.file = str(path)
        self.currency = currency  # ISO 4217, of the prices whose row names none
        self.problems: list[Problem] = []
        self.rows = 0
        self.skipped = 0
        self.now = datetime.now(UTC)  # when the file is read: whether a sale runs depends on it
        self._often: dict[
            tuple[str, str], list[int]
        ] = {}  # what stands where in problems, and how often more

    def read(self, table: Table) -> Iterator[Row]:
        """The rows of a table that can be read; the others are noted. Both are counted."""
        self.problems.extend(table.warnings)
        for row in table.rows:
            if isinstance(row, Row):
                self.rows += 1
                yield row
            else:  # a warning belongs to a row that comes as well
                self.problems.append(row)
                if row.severity == "error":
                    self.rows += 1
                    self.skipped += 1

    def add(
        self,
        severity: Severity,
        line: int | None,
        problem: str,
        remedy: str = "",
        *,
        column: str = "",
        value: str = "",
        product_id: str = "",
    ) -> None:
        """Note a problem of this file."""
        self.problems.append(
            Problem(
                file=self.file,
                line=line,
                column=column,
                value=value,
                problem=problem,
                remedy=remedy,
                severity=severity,
                product_id=product_id,
            )
        )

    def doubt(self, doubts: Iterable[tuple[str, str, str]]) -> None:
        """Note what is doubtful about columns: column, problem, remedy."""
        for column, problem, remedy in doubts:
            self.add("warning", None, problem, remedy, column=column)

    def unread(self, columns: Sequence[str]) -> None:
        """Note the columns that hold something, and that the format of the file gives no meaning."""
        if columns:
            some = f"{len(columns):,} columns whose names" if len(columns) > 1 else "a column whose name"
            problem = f"has {some} Duomo does not know and does not read: {listed(columns)}"
            self.add(
                "warning", None, problem, "Say what they are with --map price=COLUMN or --map color=COLUMN"
            )

    def often(
        self,
        line: int,
        problem: str,
        remedy: str,
        *,
        column: str = "",
        value: str = "",
        product_id: str = "",
    ) -> None:
        """Note a warning that many rows may give: the first stands for its column, `told` counts the rest."""
        key = (_PLACE.sub("[]", column), remedy)
        if seen := self._often.get(key):
            seen[1] += 1
            return
        self._often[key] = [len(self.problems), 0]
        self.add("warning", line, problem, remedy, column=column, value=value, product_id=product_id)

    def withhold(self, line: int, *, column: str, value: str, product_id: str) -> None:
        """Note a row that is left out because it is not published; one warning a column counts them."""
        problem = "says that shoppers are not to see it; left out"
        remedy = "Publish it where it is sold and export again, if it is to be found"
        self.often(line, problem, remedy, column=column, value=value, product_id=product_id)

    def told(self) -> list[Problem]:
        """All problems; those that came often once, with how many more there were."""
        found = list(self.problems)
        for place, more in self._often.values():
            if more:
                once = found[place]
                found[place] = replace(once, problem=f"{once.problem} (and {more:,} more like this)")
        return found

    def skip(
        self,
        line: int,
        problem: str,
        remedy: str = "",
        *,
        column: str = "",
        value: str = "",
        product_id: str = "",
    ) -> None:
        """Note a row that is left out, and count it."""
        self.skipped += 1
        self.add("error", line, problem, remedy, column=column, value=value, product_id=product_id)
