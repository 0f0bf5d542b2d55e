"""Parquet files, as data warehouses and data frames write them."""

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from duomo.catalog.formats.jsonlines import cell_of
from duomo.catalog.rows import Cell, Row, Table
from duomo.errors import BadFile, Problem


def read_parquet(path: Path) -> Table:
    """Open a Parquet file, read in batches; lines are row numbers from 1; raises BadFile."""
    try:
        names = pq.ParquetFile(path).schema_arrow.names
    except (pa.ArrowException, OSError, ValueError) as error:  # ValueError: broken UTF-8 in a name
        raise _broken(path, error) from error
    columns = tuple(name for name in dict.fromkeys(names) if name.strip())
    warnings = tuple(_doubled(path, name, count) for name, count in Counter(names).items() if count > 1)
    return Table(path=path, columns=columns, rows=_rows(path), warnings=warnings)


def _rows(path: Path) -> Iterator[Row]:
    number = 0
    try:
        for batch in pq.ParquetFile(path).iter_batches(batch_size=2000):
            for record in _printable(batch).to_pylist():
                number += 1
                cells = {name: _cell(value) for name, value in record.items() if name.strip()}
                if any(cells.values()):
                    yield Row(number, cells)
    except (pa.ArrowException, OSError, ValueError) as error:  # ValueError: broken UTF-8 in a text
        raise _broken(path, error) from error


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
