"""A column of texts out of any table: reviews, questions, posts, with the row that each stands in."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from duomo.catalog.columns import listed, normal
from duomo.catalog.formats.encoding import text_file
from duomo.catalog.rows import Cell, one
from duomo.errors import BadFile, MissingFile, Problem
from duomo.guard.archives import Limits, gunzip

# What a column of texts goes by where none is named, the likeliest first.
TEXT_COLUMNS: Final = (
    *("text", "review", "review_text", "content", "comment", "body", "message", "post"),
    *("评论", "评价", "评论内容", "评价内容", "内容", "正文", "文本", "review_body", "reviewbody"),
)
_GZIP: Final = b"\x1f\x8b"


class TextRow(NamedTuple):
    """One row of a table of texts; every row that stands in the file is one."""

    line: int  # where it begins; for Parquet its number, from 1
    text: str  # "" where it is blank, or where the row cannot be read
    cells: Mapping[str, Cell]  # all columns of the row
    problem: Problem | None = None  # why it cannot be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """A table of texts; its rows can be gone through once."""

    column: str  # that the texts stand in; "" for a plain list of lines
    columns: tuple[str, ...]
    rows: Iterator[TextRow]
    warnings: list[Problem]  # grows while the rows are gone through


@contextmanager
def open_texts(path: Path, column: str = "", *, limits: Limits | None = None) -> Iterator[Texts]:
    """Open a table whose rows hold texts: CSV, TSV, JSON lines or Parquet, or .txt with a text a line.

    Any of them may be packed with gzip. Blank cells and broken rows are rows, too, so that answers can be
    written row by row; blank lines of a table are none, those of .txt are.

    Args:
        path: the file.
        column: where the texts stand; "": the one that is called like texts, or the only one there is.
        limits: of what is packed and of the file's size; None: the usual ones.

    Raises:
        MissingFile: there is no such file.
        BadFile: it is no table, is too large, or has no such column.
    """
    with unpacked(path, limits) as plain:
        yield _listed(plain) if plain.suffix.lower() == ".txt" and not column else _table(plain, column)


@contextmanager
def unpacked(path: Path, limits: Limits | None = None) -> Iterator[Path]:
    """A table as a plain file: itself, or what a gzip holds; errors that are raised within name the gzip.

    Args:
        path: the file.
        limits: of what is packed and of the file's size; None: the usual ones.

    Raises:
        MissingFile: there is no such file.
        BadFile: it is too large.
    """
    if not path.is_file():
        raise MissingFile(f"there is no file {path}", remedy="Name a CSV, TSV, JSON lines or Parquet file")
    limits = limits or Limits()
    with TemporaryDirectory(prefix="duomo-") as folder:
        plain = path
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP
        if packed:
            plain = Path(folder) / path.name.removesuffix(".gz")
            gunzip(path, plain, limits)
        if (size_mb := plain.stat().st_size / 1e6) > limits.member_mb:
            problem = f"{path} has {size_mb:,.1f} MB, more than the limit of {limits.member_mb:g} MB"
            raise BadFile(problem, remedy="Split the file, or raise the setting file_mb")
        try:
            yield plain
        except BadFile as error:
            if not packed:
                raise
            raise BadFile(error.args[0].replace(str(plain), str(path)), remedy=error.remedy) from error


def _listed(path: Path) -> Texts:
    text = text_file(path)
    rows = (TextRow(number, line.rstrip("\r\n"), {}) for number, line in enumerate(text.lines(), start=1))
    return Texts(column="", columns=(), rows=rows, warnings=list(text.warnings))


def _table(path: Path, column: str) -> Texts:
    from duomo.catalog.formats.sniff import open_table  # here, as it loads the readers of every format

    table = open_table(path, wanted=(column,) if column else TEXT_COLUMNS, blanks=True)
    found = _column(path, table.columns, column)
    warnings = list(table.warnings)

    def rows() -> Iterator[TextRow]:
        for row in table.rows:
            if not isinstance(row, Problem):
                yield TextRow(row.line, one(row.cells.get(found, "")), row.cells)
            elif row.severity == "warning" or row.line is None:
                warnings.append(row)
            else:
                yield TextRow(row.line, "", {}, row)

    return Texts(column=found, columns=table.columns, rows=rows(), warnings=warnings)


def _column(path: Path, columns: Sequence[str], asked: str) -> str:
    """The column that is meant; raises BadFile where there is none."""
    by_name = {normal(name): name for name in reversed(columns)}
    if asked:
        if asked in columns:
            return asked
        if normal(asked) in by_name:
            return by_name[normal(asked)]
        problem = f"{path} has no column '{asked}'"
        raise BadFile(problem, remedy=f"It has: {listed(columns)}")
    for name in TEXT_COLUMNS:
        if name in by_name:
            return by_name[name]
    if len(columns) == 1:
        return columns[0]
    problem = f"{path} has no column that is called like texts ({', '.join(TEXT_COLUMNS[:4])})"
    raise BadFile(problem, remedy=f"Name it with --column; it has: {listed(columns)}")
