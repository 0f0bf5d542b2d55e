"""How a text file is encoded, told by reading it once through."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from duomo.catalog.formats.east_asian import DAMAGE, NAMES, east_asian
from duomo.catalog.rows import Notes
from duomo.errors import BadFile, Problem

MOST_LINE: Final = 20_000_000  # characters: more than any row of goods, less than what would fill memory
_CHUNK: Final = 1 << 20
_HEAD: Final = 4096
_ZEROS: Final = (
    0.05  # share of the bytes that are zero where UTF-16 holds Latin letters, digits or delimiters
)
_BEYOND: Final = re.compile(rb"[\x80-\xff]+")
_KEPT: Final = 1000  # characters of a line that is too long
_WESTERN: Final = "cp1252"
_LONG: Final = 4  # bytes beyond ASCII in a row, which are two Chinese characters, and hardly four accents
_FEW: Final = 0.1  # share of the bytes beyond ASCII, in a Western text, that stand in such rows or are rare
# What Western languages write beyond ASCII; other bytes are letters and signs that hardly any text has.
_COMMON: Final = (
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýŒœŠšŽžŸ\xa0¡¿ªº«»·°²³½¼¾±×µ§©®™€£¥–—‘’‚“”„…•"
).encode(_WESTERN)
_TRIED: Final = "GB18030, Big5, Shift JIS or Windows-1252"


class CutLine(str):
    """The first characters of a line that has more than MOST_LINE, and its end; the rest was passed over."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFile:
    """A file that can be opened as text without an error in the middle."""

    path: Path
    encoding: str
    errors: str = "strict"
    warnings: tuple[Problem, ...] = ()

    def open(self) -> TextIO:
        """The text, with the line ends of the file."""
        return self.path.open(encoding=self.encoding, errors=self.errors, newline="")

    def lines(self) -> Iterator[str]:
        """The lines with their ends, without NULs; one that is too long to be held comes as a CutLine."""
        with self.open() as file:
            while line := file.readline(MOST_LINE):
                if len(line) < MOST_LINE or line[-1] in "\r\n":
                    yield line.replace("\0", "") if "\0" in line else line
                    continue
                kept = line[:_KEPT].replace("\0", "")
                while line and line[-1] not in "\r\n":
                    line = file.readline(_CHUNK)
                yield CutLine(f"{kept}\n")


def text_file(path: Path) -> TextFile:
    """Find the encoding: UTF-8 or UTF-16, or where both fail GB18030, Big5, Shift JIS or Windows-1252.

    UTF-16 is known by its mark, or by the zeros of its Latin letters. A file that is UTF-8 but for some
    broken characters (a database cut a text in the middle of one) stays UTF-8; so does one in another
    encoding, if it can be read in none without. Chinese characters are two or more bytes beyond ASCII in a
    row; where most of those stand alone, they are accented letters of a Western language; which encoding of
    East Asia it is, common characters tell. Whatever is not plain UTF-8 is warned of.

    Raises:
        BadFile: it is none of these.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    notes = Notes(path)
    marked = _utf16(head)
    wanted = marked or "utf-8-sig"
    found = _scan(path, wanted)
    errors = "strict"
    if found is None and not marked:
        for wanted, errors in _likely(path):
            found = _scan(path, wanted, errors)
            if found and (errors == "strict" or found.broken <= DAMAGE * found.beyond_ascii):
                break
            found = None
        called = NAMES.get(wanted, "UTF-8" if wanted == "utf-8-sig" else "Windows-1252")
        if wanted != "utf-8-sig":
            problem = f"is not UTF-8 and was read as {called}"
            notes.add("warning", None, problem, "Look whether the text is right, or save it as UTF-8")
        if found and errors != "strict":
            problem = f"holds {found.broken} characters that are not {called} and were replaced"
            remedy = "Look for \ufffd, from this line on, or export the file again"
            notes.add("warning", found.broken_line, problem, remedy)
    if found is None:
        what = "broken UTF-16 text" if marked else f"neither UTF-8 nor text in {_TRIED}"
        raise BadFile(f"{path} is {what}", remedy="Save it as UTF-8")
    if found.nuls:
        problem = f"holds {found.nuls} NUL characters, which were left out"
        notes.add("warning", None, problem, "Export the file again")
    return TextFile(path=path, encoding=wanted, errors=errors, warnings=tuple(notes.problems))


def _likely(path: Path) -> Iterator[tuple[str, str]]:
    """What a text may be in that is no plain UTF-8, the likeliest first, and what to do with errors."""
    yield "utf-8-sig", "replace"
    rows = _rows(path)
    western = rows.alone > rows.together
    likely = east_asian(path, western=western) or _WESTERN
    yield likely, "strict"
    if not western:
        yield "gb18030", "strict"
    if max(rows.long, rows.rare) <= _FEW * (rows.alone + rows.together):
        yield _WESTERN, "strict"
    yield likely, "replace"


def _utf16(head: bytes) -> str:
    """The name of the UTF-16 that a file begins in; "" where it is none."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    first, second = head[::2].count(0), head[1::2].count(0)
    if first + second < _ZEROS * len(head) or min(first, second) > _ZEROS * max(first, second):
        return ""
    return "utf-16-le" if second > first else "utf-16-be"


class _Rows(NamedTuple):
    """How the bytes beyond ASCII stand in a file: how many of them in rows of what length."""

    alone: int  # between ASCII letters
    together: int  # two or more
    long: int  # `_LONG` or more
    rare: int  # bytes that are none of `_COMMON`


def _rows(path: Path) -> _Rows:
    alone = together = long = rare = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            for run in _BEYOND.findall(chunk):
                alone += len(run) == 1
                together += len(run) > 1 and len(run)
                long += len(run) >= _LONG and len(run)
                rare += len(run.translate(None, _COMMON))
    return _Rows(alone, together, long, rare)


@dataclass(frozen=True, slots=True)
class _Scan:
    """What a file holds beside good text."""

    nuls: int
    beyond_ascii: int
    broken: int
    broken_line: int  # of the first of them; 0: none is


def _scan(path: Path, encoding: str, errors: str = "strict") -> _Scan | None:
    """Read the whole file in this encoding; None where that fails."""
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    nuls = beyond = broken = first = 0
    line = 1
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError:
                return None
            nuls += text.count("\0")
            if not text.isascii():
                beyond += len(text) - len(text.encode("ascii", "ignore"))
                if more := text.count("\ufffd"):
                    first = first or line + text.count("\n", 0, text.find("\ufffd"))
                    broken += more
            line += text.count("\n")
            if not chunk:
                return _Scan(nuls, beyond, broken, first)
