"""How a text file is encoded, told by reading it once through."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from duomo.catalog.formats.east_asian import NAMES, east_asian
from duomo.catalog.rows import Notes
from duomo.errors import BadFile, Problem

MOST_LINE: Final = 20_000_000  # characters: more than any row of goods, less than what would fill memory
_CHUNK: Final = 1 << 20
_HEAD: Final = 4096
_ZEROS: Final = (
    0.05  # share of the bytes that are zero where UTF-16 holds Latin letters, digits or delimiters
)
_BEYOND: Final = re.compile(rb"[\x80-\xff]+")
_WESTERN: Final = "cp1252"
_KEPT: Final = 1000  # characters of a line that is too long
_DAMAGE: Final = 0.05  # so many of the characters beyond ASCII may be broken in what still is UTF-8


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
    broken characters (a database cut a text in the middle of one) stays UTF-8. Chinese characters are two
    or more bytes beyond ASCII in a row; where most of those stand alone, they are accented letters of a
    Western language; which encoding of East Asia it is, common characters tell. Whatever is not plain
    UTF-8 is warned of.

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
        damaged = _scan(path, wanted, "replace")
        if damaged and damaged.broken <= _DAMAGE * damaged.beyond_ascii:
            problem = f"holds {damaged.broken} characters that are not UTF-8 and were replaced"
            notes.add("warning", None, problem, "Look for \ufffd, or export the file again")
            found, errors = damaged, "replace"
        else:
            western = _is_western(path)
            likely = east_asian(path, western=western) or _WESTERN
            for wanted in dict.fromkeys((likely, likely if western else "gb18030")):
                if found := _scan(path, wanted):
                    break
            problem = f"is not UTF-8 and was read as {NAMES.get(wanted, 'Windows-1252')}"
            notes.add("warning", None, problem, "Look whether the text is right, or save it as UTF-8")
    if found is None:
        what = "broken UTF-16 text" if marked else "neither UTF-8 nor GB18030 text"
        raise BadFile(f"{path} is {what}", remedy="Save it as UTF-8")
    if found.nuls:
        problem = f"holds {found.nuls} NUL characters, which were left out"
        notes.add("warning", None, problem, "Export the file again")
    return TextFile(path=path, encoding=wanted, errors=errors, warnings=tuple(notes.problems))


def _utf16(head: bytes) -> str:
    """The name of the UTF-16 that a file begins in; "" where it is none."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    first, second = head[::2].count(0), head[1::2].count(0)
    if first + second < _ZEROS * len(head) or min(first, second) > _ZEROS * max(first, second):
        return ""
    return "utf-16-le" if second > first else "utf-16-be"


def _is_western(path: Path) -> bool:
    """Whether most of the bytes beyond ASCII stand alone between ASCII letters."""
    alone = together = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            for run in _BEYOND.findall(chunk):
                alone += len(run) == 1
                together += len(run) > 1 and len(run)
    return alone > together


@dataclass(frozen=True, slots=True)
class _Scan:
    """What a file holds beside good text."""

    nuls: int
    beyond_ascii: int
    broken: int


def _scan(path: Path, encoding: str, errors: str = "strict") -> _Scan | None:
    """Read the whole file in this encoding; None where that fails."""
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    nuls = beyond = broken = 0
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
                broken += text.count("\ufffd")
            if not chunk:
                return _Scan(nuls, beyond, broken)
