"""Parquet files, as data warehouses and data frames write them."""

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from duomo.catalog.formats.delimited import MOST_CELL
from duomo.catalog.formats.jsonlines import cell_of
from duomo.catalog.rows import Cell, Row, Table
from duomo.errors import BadFile, Problem

_BATCH_BYTES: Final = 32_000_000  # that are unpacked at once, as far as the file tells the truth of itself
_BATCH_ROWS: Final = 2000
_RATIO: Final = 200  # how many times its size a file may unpack to, as an archive may
_SMALL: Final = 200_000_000  # characters that any file may unpack to


def read_parquet(path: Path, *, blanks: bool = False) -> Table:
    """Open a Parquet file, read in batches; lines are row numbers from 1.

    A row with a cell longer than MOST_CELL is a problem. Rows without a value are no rows, unless they are
    asked for. Texts that repeat are unpacked row by row.

    Raises:
        BadFile: it is broken, or a bomb: it unpacks to hundreds of times its size.
    """
    try:
        names = pq.ParquetFile(path).schema_arrow.names
    except (pa.ArrowException, OSError, ValueError) as error:  # ValueError: broken UTF-8 in a name
        raise _broken(path, error) from error
    columns = tuple(name for name in dict.fromkeys(names) if name.strip())
    warnings = tuple(_doubled(path, name, count) for name, count in Counter(names).items() if count > 1)
    return Table(path=path, columns=columns, rows=_rows(path, blanks), warnings=warnings)


def _rows(path: Path, blanks: bool) -> Iterator[Row | Problem]:
    number = size = 0
    most = max(_SMALL, _RATIO * path.stat().st_size)
    try:
        for batch in _batches(path):
            for record in _printable(batch).to_pylist():
                number += 1
                cells = {name: _cell(value) for name, value in record.items() if name.strip("\0 ")}
                longest = max(map(_length, cells.values()), default=0)
                size += longest  # the longest text of a row is most of it
                if size > most:
                    problem = f"{path} unpacks to more than {_RATIO} times its size"
                    raise BadFile(problem, remedy="Export it as CSV")
                if longest > MOST_CELL:
                    yield Problem(
                        file=str(path),
                        line=number,
                        problem=f"has a cell of more than {MOST_CELL:,} characters",
                        remedy="Shorten it; a picture belongs into a file of its own",
                    )
                elif blanks or any(cells.values()):
                    yield Row(number, cells)
    except RecursionError as error:
        raise BadFile(f"{path} is nested too deeply", remedy="Export it with plain columns") from error
    except (pa.ArrowException, MemoryError, OSError, ValueError) as error:  # ValueError: broken UTF-8
        raise _broken(path, error) from error


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    """The rows in batches of some megabytes, texts not repeated in memory that are not in the file."""
    schema = pq.ParquetFile(path).schema_arrow
    texts = [
        field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_binary(field.type)
    ]
    file = pq.ParquetFile(path, read_dictionary=texts)
    groups = [file.metadata.row_group(number) for number in range(file.metadata.num_row_groups)]
    each = sum(group.total_byte_size for group in groups) / max(1, sum(group.num_rows for group in groups))
    for batch in file.iter_batches(batch_size=_fitting(each)):
        longest = sum(map(_longest, batch.columns))
        step = _fitting(longest)
        yield from (batch.slice(start, step) for start in range(0, batch.num_rows, step))


def _longest(column: pa.Array) -> int:
    """Bytes of the longest text of a column that keeps each text once."""
    if not pa.types.is_dictionary(column.type) or not len(texts := column.dictionary):
        return 0
    if not (pa.types.is_string(texts.type) or pa.types.is_binary(texts.type)):
        return 0
    return pc.max(pc.binary_length(texts)).as_py() or 0


def _fitting(row_bytes: float) -> int:
    """How many rows of this size are taken at once."""
    return int(min(_BATCH_ROWS, max(1.0, _BATCH_BYTES / max(1.0, row_bytes))))


def _length(cell: Cell) -> int:
    return len(cell) if isinstance(cell, str) else sum(map(len, cell))


def _doubled(path: Path, name: str, count: int) -> Problem:
    return Problem(
        file=str(path),
        column=name,
        problem=f"stands there {count} times; the last counts",
        remedy="Give each column a name of its own",
        severity="warning",
    )


def _printable(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with times as text: Python has no type for nanoseconds, which data frames use."""
    texts = [
        column.cast(pa.string()) if pa.types.is_temporal(column.type) else column for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(texts, names=batch.schema.names)


def _cell(value: object) -> Cell:
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return (
            str(int(value)) if value.is_integer() else repr(value)
        )  # data frames keep whole numbers as floats
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return cell_of(value)


def _broken(path: Path, error: Exception) -> BadFile:
    reason = str(error).partition("\n")[0]
    return BadFile(f"{path} is a broken Parquet file ({reason})", remedy="Export it again")
