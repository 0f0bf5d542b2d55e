"""JSON lines: one object a line."""

import json
from pathlib import Path
from typing import Final

from duomo.catalog.formats.encoding import text_file
from duomo.catalog.rows import Cell, Row, Table
from duomo.errors import BadFile, Problem

_REMEDY: Final = "Write one JSON object a line"


def read_json_lines(path: Path) -> Table:
    """Open JSON lines; a line that is no object is a problem, not the end.

    Numbers keep the digits they are written with; lists are several values; objects stay JSON text.

    Raises:
        BadFile: the file is not text, or no line of it is an object.
    """
    text = text_file(path)
    rows: list[Row | Problem] = []
    columns: dict[str, None] = {}
    with text.open() as file:
        for number, line in enumerate(file, start=1):
            if not line.strip("\0 \t\r\n\ufeff"):
                continue
            try:
                record = json.loads(
                    line.replace("\0", ""), parse_int=str, parse_float=str, parse_constant=_no_number
                )
            except (ValueError, RecursionError) as error:
                reason = f"is not JSON ({error})"
                rows.append(
                    Problem(file=str(path), line=number, value=line.strip(), problem=reason, remedy=_REMEDY)
                )
                continue
            if not isinstance(record, dict):
                reason = "is not a JSON object"
                rows.append(
                    Problem(file=str(path), line=number, value=line.strip(), problem=reason, remedy=_REMEDY)
                )
                continue
            cells = {_whole(name): cell_of(value) for name, value in record.items() if name.strip()}
            columns.update(dict.fromkeys(cells))
            if any(cells.values()):
                rows.append(Row(number, cells))
    if not columns:
        raise BadFile(f"{path} holds no JSON object", remedy=_REMEDY)
    return Table(path=path, columns=tuple(columns), rows=rows, warnings=text.warnings)


def cell_of(value: object) -> Cell:
    """A JSON value as a cell: nothing is blank, a list is several values, an object stays JSON.

    >>> cell_of(None), cell_of(True), cell_of(["S", "M", None]), cell_of({"w": 3})
    ('', 'true', ('S', 'M'), '{"w": 3}')
    """
    if isinstance(value, str):
        return _whole(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, list | tuple):
        parts = (cell_of(part) for part in value)
        return tuple(part if isinstance(part, str) else " ".join(part) for part in parts if part)
    return str(value)


def _whole(text: str) -> str:
    """The text without halves of surrogate pairs, which JSON can name and UTF-8 cannot write."""
    return text if text.isprintable() else text.encode("utf-8", "replace").decode()


def _no_number(name: str) -> None:
    """NaN and Infinity, which some programs write for a missing number, count as nothing."""
