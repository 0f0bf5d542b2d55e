"""Reviews, events, links and whatever else comes in small pieces: a journal, folded into Lance in batches.

A table `reviews` of a folder is three things: `reviews.columns.json` (the type of every column seen so far),
`reviews.<n>.jsonl` (the journals, one record a line; the highest number is written to) and `reviews.lance`.
Folding begins the next journal, writes the older ones into Lance, each in one commit with every row
marked with the journal's number, and then removes their files. Whoever finds a journal whose number Lance
has already knows that a fold was cut short between the two, and passes it over.
"""

import json
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Literal

import pyarrow as pa
import pyarrow.compute as pc

from duomo.extras import needs
from duomo.files import json_line, sync_folder, write_atomic
from duomo.shelf.base import column as make_column
from duomo.shelf.commits import committing, reading
from duomo.shelf.filter_sql import render_sql
from duomo.shelf.filters import Compare
from duomo.shelf.lock import writing

_JOURNAL: Final = "_journal"  # column: number of the journal that brought the row
_SMALL_FRAGMENTS: Final = 30  # files of a few rows each that a table may have before they are merged
_KEPT: Final = timedelta(hours=6)  # older versions go when files are merged
_AT_ONCE: Final = timedelta(milliseconds=1)  # nought would be warned of
_TYPES: Final[Mapping[str, pa.DataType]] = {
    "text": pa.string(),
    "number": pa.float64(),
    "truth": pa.bool_(),
    "texts": pa.list_(pa.string()),
}


class Tables:
    """The tables of one folder. Any number of processes may append and read."""

    def __init__(self, folder: Path, *, wait_s: float = 30.0) -> None:
        """Use the tables of a folder; it is made by the first append.

        Args:
            folder: holds nothing else.
            wait_s: how long a write waits for another writer; appends are short and folds take seconds.
        """
        self._folder = folder
        self._wait_s = wait_s

    def append(self, table: str, records: Sequence[Mapping[str, object]]) -> None:
        """Add records; they are on disk (fsync) when this returns, and none of them is if it raises.

        Args:
            table: its name, of small letters and underscores.
            records: values are text, numbers (kept as float64), truth values, lists of texts, or None.
                A column takes the type of its first value.

        Raises:
            ValueError: a value is of another kind, or of another type than its column.
            ShopBusy: another process has been writing to these tables all the while.
            BadSetup: the disk is full, or the folder cannot be written.
        """
        with committing(self._folder), writing(self._folder, self._wait_s):
            known = self._columns(table)
            columns = dict(known)
            lines = [json_line(_checked(record, columns, table)) for record in records]
            if not lines:
                return
            if columns != known:
                write_atomic(self._file(table, "columns.json"), json_line(columns))
            journals = self._journals(table)
            number = max(journals) if journals else self._folded(table) + 1
            self._write(self._file(table, f"{number}.jsonl"), "".join(lines).encode())

    def scan(self, table: str) -> pa.Table:
        """All records in the order they came in, those in the journals included; at first without columns."""
        while True:
            try:
                # The journal first: what is folded meanwhile is then in both, and is taken once.
                journals = {number: self._read(path) for number, path in self._journals(table).items()}
            except FileNotFoundError:  # folded between listing and reading
                continue
            break
        columns = self._columns(table)
        schema = pa.schema([pa.field(name, _TYPES[kind]) for name, kind in columns.items()])
        with self._reading(table):
            rows = self._rows(table)
        folded = schema.empty_table()
        last = 0
        if rows is not None:
            last = pc.max(rows[_JOURNAL]).as_py() or 0
            folded = pa.table(
                [
                    rows[f.name] if f.name in rows.column_names else pa.nulls(len(rows), f.type)
                    for f in schema
                ],
                schema=schema,
            )
        records = [record for n in sorted(journals) if n > last for record in journals[n]]
        return pa.concat_tables([folded, pa.Table.from_pylist(records, schema=schema)])

    def fold(self, table: str) -> int:
        """Move the journal into Lance; return how many records that were. Safe to be killed at any point."""
        with committing(self._folder), writing(self._folder, self._wait_s):
            return self._fold(table)

    def delete(self, table: str, column: str, value: str | float) -> int:
        """Remove the records whose column is this value; return how many there were.

        They are gone from the disk when this returns, for they may be a person's: what stays is written
        anew and every older version of the table is removed, which takes as long as reading the table. A
        call that was cut short is finished by the next one, whatever that deletes.

        Raises:
            ShopBusy: another process has been writing to these tables all the while.
            BadSetup: the disk has no room for what stays; nothing has been deleted then.
        """
        with committing(self._folder), writing(self._folder, self._wait_s):
            self._fold(table)
            lance = self._open(table)
            if lance is None:
                return 0
            gone = 0
            kind: Literal["text", "number"] = "text" if isinstance(value, str) else "number"
            if self._columns(table).get(column) == kind:
                schema = pa.schema([make_column(column, _TYPES[kind], kind)])
                condition = render_sql(Compare(column, "=", value), schema)
                gone = int(lance.count_rows(condition))
            if gone:
                # Lance's own delete marks rows and leaves their bytes where they are.
                rest = lance.search().where(f"({condition}) IS NOT TRUE").to_batches()
                connect(self._folder).create_table(table, data=rest, mode="overwrite")
                lance = self._open(table)
            lance.optimize(cleanup_older_than=_AT_ONCE, delete_unverified=True)
            return gone

    def _rows(self, table: str) -> pa.Table | None:
        """What Lance holds of a table, None if there is no table yet."""
        while True:
            lance = self._open(table)
            try:
                return None if lance is None else lance.search().to_arrow()
            except (RuntimeError, OSError, ValueError):
                if lance.version == self._open(table).version:
                    raise
                # A deletion has removed the version that was being read: read the one that took its place.

    def _fold(self, table: str) -> int:
        folded, journals = self._folded(table), self._journals(table)
        waiting = {number: self._read(path) for number, path in journals.items() if number > folded}
        active = max(waiting, default=0)
        if waiting.get(active):
            self._file(table, f"{active + 1}.jsonl").touch()
            sync_folder(self._folder)
        elif active:
            journals.pop(active)  # an empty one stays, to be written to
        for number, path in sorted(journals.items()):
            if waiting.get(number):
                self._commit(table, waiting[number], number)
            path.unlink()
        return sum(map(len, waiting.values()))

    def _commit(self, table: str, records: list[dict[str, Any]], number: int) -> None:
        """One atomic commit of one journal to Lance."""
        fields = [pa.field(name, _TYPES[kind]) for name, kind in self._columns(table).items()]
        schema = pa.schema([*fields, pa.field(_JOURNAL, pa.int64())])
        rows = pa.Table.from_pylist([{**record, _JOURNAL: number} for record in records], schema=schema)
        lance = self._open(table)
        if lance is None:
            # Made empty first, so that a kill leaves a table that lacks the rows, not one that is torn.
            lance = connect(self._folder).create_table(table, schema=schema, exist_ok=True)
        if added := [field for field in schema if field.name not in lance.schema.names]:
            lance.add_columns(added)
        lance.add(rows)
        if lance.stats()["fragment_stats"]["num_small_fragments"] > _SMALL_FRAGMENTS:
            lance.optimize(cleanup_older_than=_KEPT, delete_unverified=True)  # the writer lock is ours

    def _write(self, path: Path, lines: bytes) -> None:
        """Append to a journal, after whole lines only; a failed write is taken back."""
        is_new = not path.exists()
        with path.open("ab", buffering=0) as file:  # no buffer that would be written on closing after all
            end = _whole_lines(path)
            file.truncate(end)
            try:
                rest = memoryview(lines)
                while rest:
                    rest = rest[file.write(rest) :]
                os.fsync(file.fileno())
            except OSError:  # the disk is full, say
                file.truncate(end)
                raise
        if is_new:
            sync_folder(self._folder)

    def _read(self, path: Path) -> list[dict[str, Any]]:
        """The records of a journal; a torn last line was never acknowledged and is passed over."""
        content = path.read_bytes()
        return [json.loads(line) for line in content[: content.rfind(b"\n") + 1].splitlines()]

    def _journals(self, table: str) -> dict[int, Path]:
        """Number and file of every journal that is there."""
        pattern = re.compile(rf"{re.escape(table)}\.(\d+)\.jsonl")
        found = {path: pattern.fullmatch(path.name) for path in self._folder.glob(f"{table}.*.jsonl")}
        return {int(match[1]): path for path, match in found.items() if match}

    def _folded(self, table: str) -> int:
        """The number of the last journal that Lance holds, 0 if none."""
        with self._reading(table):
            lance = self._open(table)
            if lance is None:
                return 0
            last: int | None = pc.max(lance.search().select([_JOURNAL]).to_arrow()[_JOURNAL]).as_py()
            return last or 0

    def _reading(self, table: str) -> AbstractContextManager[None]:
        return reading(self._file(table, "lance"), "Restore the shop from a backup")

    def _columns(self, table: str) -> dict[str, str]:
        try:
            columns: dict[str, str] = json.loads(self._file(table, "columns.json").read_text("utf-8"))
        except FileNotFoundError:
            return {}
        return columns

    def _file(self, table: str, ending: str) -> Path:
        if not re.fullmatch("[a-z_]+", table):
            raise ValueError(f"'{table}' is not the name of a table: use small letters and underscores")
        return self._folder / f"{table}.{ending}"

    def _open(self, table: str) -> Any:
        """The newest version of the Lance table, or None where there is none."""
        versions = self._file(table, "lance") / "_versions"
        if not any(versions.glob("*.manifest")):  # or a writer is just making it, or died over that
            return None
        return connect(self._folder).open_table(table)


def connect(folder: Path) -> Any:
    """A LanceDB connection that sees at once what other processes commit."""
    # Here, as it takes a second to import, and a build that has nothing to do needs none of it.
    with needs("", to="keep a shop on disk"):
        import lancedb
    return lancedb.connect(folder, read_consistency_interval=timedelta(0))


def _whole_lines(path: Path) -> int:
    """Where the last whole line of a file ends."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - 1, 0))
        if file.read(1) in (b"\n", b""):
            return size
        file.seek(0)
        return file.read().rfind(b"\n") + 1


def _checked(record: Mapping[str, object], columns: dict[str, str], table: str) -> Mapping[str, object]:
    """The record without empty values; adds its new columns to the known ones. Raises ValueError."""
    given = {name: value for name, value in record.items() if value is not None}
    for name, value in given.items():
        kind = _kind(value)
        if kind is None or name == _JOURNAL or "." in name or "`" in name:
            raise ValueError(f"{table}: column '{name}' cannot hold {value!r}")
        if columns.setdefault(name, kind) != kind:
            raise ValueError(f"{table}: column '{name}' holds {columns[name]}, not {value!r}")
    return given


def _kind(value: object) -> str | None:
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return "texts"
    return None
