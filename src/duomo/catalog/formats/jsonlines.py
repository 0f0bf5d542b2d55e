"""JSON lines: one object a line."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

from duomo.catalog.formats.encoding import MOST_LINE, CutLine, text_file
from duomo.catalog.rows import Cell, Row, Table
from duomo.errors import BadFile, Problem

_REMEDY: Final = "Write one JSON object a line"
_BLANK: Final = "\0 \t\r\n\ufeff"


def read_json_lines(path: Path, *, blanks: bool = False) -> Table:
    """Open JSON lines; a line that is no object is a problem, not the end.

    Numbers keep the digits they are written with; lists are several values; objects stay JSON text.
    Objects of blank values are no rows, unless they are asked for.

    Raises:
        BadFile: the file is not text, or no line of it is an object.
    """
    text = text_file(path)
    rows: list[Row | Problem] = []
    columns: dict[str, None] = {}
    doubled: dict[str, list[int]] = {}  # key -> lines where an object has it twice
    for number, line in enumerate(text.lines(), start=1):
        if not line.strip(_BLANK):
            continue
        reason, remedy = "", _REMEDY
        cells: dict[str, Cell] = {}
        try:
            record, twice = parse_json(line)
            if isinstance(record, dict):
                cells = {_whole(name): cell_of(value) for name, value in record.items() if name.strip(_BLANK)}
            else:
                reason = "is not a JSON object"
        except ValueError as error:
            reason = f"is not JSON ({error})"
        except RecursionError:
            reason = "is nested too deeply"
        if isinstance(line, CutLine):
            reason, remedy = f"is longer than {MOST_LINE:,} characters", "Shorten it"
        if reason:
            value = line.strip()
            rows.append(Problem(file=str(path), line=number, value=value, problem=reason, remedy=remedy))
            continue
        for name in twice:
            doubled.setdefault(name, []).append(number)
        columns.update(dict.fromkeys(cells))
        if blanks or any(cells.values()):
            rows.append(Row(number, cells))
    if not columns:
        raise BadFile(f"{path} holds no JSON object", remedy=_REMEDY)
    warnings = (_doubled(path, name, lines) for name, lines in doubled.items())
    return Table(path=path, columns=tuple(columns), rows=rows, warnings=(*text.warnings, *warnings))


def parse_json(
    text: str, *, constant: Callable[[str], object] | None = None
) -> tuple[object, tuple[str, ...]]:
    """A JSON text as Python values, numbers as they are written; and the keys an object of it has twice.

    Args:
        text: one JSON value.
        constant: what NaN and Infinity become, which JSON does not have; None: nothing.

    Raises:
        ValueError, RecursionError: the text is not JSON, or nested too deeply.

    >>> parse_json('{"a": 1.50, "b": {"c": 1, "c": 2}}')
    ({'a': '1.50', 'b': {'c': '2'}}, ('c',))
    """
    twice: dict[str, None] = {}

    def as_object(pairs: list[tuple[str, object]]) -> dict[str, object]:
        record = dict(pairs)
        if len(record) < len(pairs):
            counts = Counter(name for name, _ in pairs)
            twice.update((_whole(name), None) for name, count in counts.items() if count > 1)
        return record

    value = json.loads(
        text,
        parse_int=str,
        parse_float=str,
        parse_constant=constant or _no_number,
        object_pairs_hook=as_object,
    )
    return value, tuple(twice)


def _doubled(path: Path, name: str, lines: list[int]) -> Problem:
    more = f" (and in {len(lines) - 1:,} lines more)" if len(lines) > 1 else ""
    return Problem(
        file=str(path),
        line=lines[0],
        column=name,
        problem=f"stands there twice in one object; the last counts{more}",
        remedy="Give each value a name of its own, or write them as a list",
        severity="warning",
    )


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
