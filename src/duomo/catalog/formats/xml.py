"""Product feeds in XML: RSS 2.0 and Atom with the elements of Google's namespace g:."""

import codecs
import re
from pathlib import Path
from typing import Any, Final
from xml.parsers import expat

from duomo.catalog.formats.ampersands import Ampersands
from duomo.catalog.formats.encoding import MOST_LINE, TextFile, text_file
from duomo.catalog.rows import Cell, Row, Table
from duomo.errors import BadFile, Problem

GOOGLE: Final = "http://base.google.com/ns/1.0"
_ROOTS: Final = frozenset({"rss", "feed", "RDF"})
_ITEMS: Final = frozenset({"item", "entry"})
_TEXTS: Final = frozenset({"title", "description", "summary", "content"})  # HTML may stand in them unescaped
_FEED_ONLY: Final = frozenset({"guid", "pubdate", "updated", "published", "author", "comments", "source"})
_DECLARED: Final = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_REPEATED: Final = frozenset({"additional_image_link", "product_detail"})  # their commas mean nothing here
_ILLEGAL: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
    r"|&#0*(?:[0-8]|1[124-9]|2\d|3[01]);|&#x0*(?:[0-8bcefBCEF]|1[0-9a-fA-F]|[dD][89a-fA-F][0-9a-fA-F]{2}|[fF]{3}[eEfF]);"
)
_CHUNK: Final = 1 << 16  # characters
_MOST_PARTS: Final = 16  # chunks that one tag or comment may fill; parsers look at all of it with each more
_DEEPEST: Final = 1000  # elements inside one another
_LONGEST: Final = 40  # characters of a reference, leading zeros included
_AMPERSANDS: Final = frozenset(  # what expat says of an ampersand that it cannot read
    expat.errors.codes[message]
    for message in (expat.errors.XML_ERROR_INVALID_TOKEN, expat.errors.XML_ERROR_UNDEFINED_ENTITY)
)
_DETAIL: Final = ("section_name", "attribute_name", "attribute_value")


def read_xml(path: Path) -> Table:
    """Open an RSS or Atom feed; it is parsed as a stream, and only the rows are kept.

    Elements of the namespace g: go before plain ones of the same name. An element that repeats is a cell
    with several values; one with elements inside (``g:shipping``) is their texts joined by colons.

    Characters that XML does not allow (form feeds and the like, as they are or as ``&#12;``) are left out
    with a warning, since they are nothing that a shopper could see. Ampersands that are not written as
    ``&amp;``, and names of HTML as ``&nbsp;``, are read as they were meant, with a warning.

    Raises:
        BadFile: not well-formed, no feed, nested too deeply, or it declares a document type or entities,
            which are refused.
    """
    text = _text_file(path)
    mend = Ampersands()
    try:
        try:
            feed, legal = _parsed(path, text, None)
        except expat.ExpatError as error:
            if error.code not in _AMPERSANDS:
                raise
            feed, legal = _parsed(path, text, mend)
    except expat.ExpatError as error:
        problem = f"{path} line {error.lineno} is not well-formed XML ({expat.ErrorString(error.code)})"
        raise BadFile(problem, remedy="Export the feed again") from error
    except UnicodeError as error:
        raise BadFile(f"{path} is not {text.encoding} text as it says", remedy="Save it as UTF-8") from error
    rows = (row for row in feed.rows if isinstance(row, Row))
    columns = tuple(dict.fromkeys(name for row in rows for name in row.cells))
    warnings = (
        *text.warnings,
        *_told(path, "a character that XML does not allow was left out", legal.first, legal.count),
        *_told(path, "an & that is not written as &amp; was read as it was meant", mend.first, mend.count),
    )
    return Table(path=path, columns=columns, rows=feed.rows, warnings=warnings)


def _parsed(path: Path, text: TextFile, mend: Ampersands | None) -> "tuple[_Feed, _Legal]":
    """The rows of a feed, its ampersands mended or as they are; raises ExpatError, UnicodeError, BadFile."""
    feed, legal = _Feed(path), _Legal()
    with text.open() as file:
        while chunk := file.read(_CHUNK):
            part = legal.part_of(chunk)
            feed.parse(mend.part_of(part) if mend else part)
    feed.parser.Parse(mend.part_of(legal.rest, is_last=True) if mend else legal.rest, True)
    return feed, legal


def _told(path: Path, problem: str, line: int, count: int) -> tuple[Problem, ...]:
    """What was mended, as one problem that names the first line."""
    if not count:
        return ()
    if count > 1:
        problem += f", and {count - 1:,} more after it"
    remedy = "Look at the texts there, or export the feed again"
    return (Problem(file=str(path), line=line, problem=problem, remedy=remedy, severity="warning"),)


def _text_file(path: Path) -> TextFile:
    """The declared encoding where Python knows it; otherwise what the bytes look like."""
    with path.open("rb") as file:
        declared = _DECLARED.search(file.read(400))
    name = declared[1].decode() if declared else "utf-8"
    try:
        "x".encode(name)  # LookupError, too, where it is an encoding of something else than text
        if codecs.lookup(name).name not in ("utf-8", "utf-16"):
            return TextFile(path=path, encoding=name)
    except (LookupError, UnicodeError):
        pass
    return text_file(path)


class _Legal:
    """Leaves out what XML 1.0 allows nowhere (section 2.2, Char), chunk by chunk, and counts it."""

    def __init__(self) -> None:
        self.rest = ""  # the start of what may be a reference, until its end comes
        self._line = 1  # that the next chunk begins on
        self.first = 0  # line of the first one
        self.count = 0

    def part_of(self, chunk: str) -> str:
        """The chunk, after what was kept back, without illegal characters or a reference cut in two."""
        text = self.rest + chunk
        cut = text.rfind("&", max(0, len(text) - _LONGEST))
        cut = len(text) if cut < 0 or ";" in text[cut:] else cut
        text, self.rest = text[:cut], text[cut:]
        if found := [m for m in _ILLEGAL.finditer(text) if m[0] != "\0"]:  # of NUL the file is warned anyway
            self.first = self.first or self._line + text.count("\n", 0, found[0].start())
            self.count += len(found)
        self._line += text.count("\n")
        return _ILLEGAL.sub("", text)


class _Feed:
    """What expat calls while it reads; an item becomes a row when it ends."""

    def __init__(self, path: Path) -> None:
        self.rows: list[Row | Problem] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self._path = path
        self._open: list[str] = []  # elements from the root down
        self._item = 0  # how many elements are open outside the item; 0: no item is open
        self._line = 0
        self._size = 0  # characters of the item
        self._stuck = (0, 0)  # where the parser stood, and for how many chunks
        self._plain: dict[str, list[str]] = {}
        self._google: dict[str, list[str]] = {}
        self._words: list[str] = []  # of the innermost element
        self._field: list[str] = []  # all words of the field, inner elements included
        self._parts: list[tuple[str, str]] = []  # inner elements of the field
        self._href = ""

    def parse(self, text: str) -> None:
        """Parse the next chunk; raises BadFile where nothing has come to its end for too long."""
        self.parser.Parse(text, False)
        place, chunks = self._stuck
        here = self.parser.CurrentByteIndex
        self._stuck = (here, chunks + 1 if here == place else 0)
        if self._stuck[1] > _MOST_PARTS:
            line = self.parser.CurrentLineNumber
            problem = f"{self._path} line {line} has a tag or comment of more than a million characters"
            raise BadFile(problem, remedy="Export the feed again")

    def _refuse(self, *_: Any) -> None:
        problem = f"{self._path} declares a document type or entities, which a product feed does not need"
        raise BadFile(problem, remedy="Remove the DOCTYPE and try again")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if not self._open and local not in _ROOTS:
            problem = (
                f"{self._path} is XML, but no product feed: it begins with <{local}>, not <rss> or <feed>"
            )
            raise BadFile(problem, remedy="Export it as RSS, Atom, TSV or CSV")
        if len(self._open) == _DEEPEST:
            problem = f"{self._path} has more than {_DEEPEST:,} elements inside one another"
            raise BadFile(problem, remedy="Export the feed again")
        if not self._item and local in _ITEMS:
            self._item = len(self._open) + 1
            self._line = self.parser.CurrentLineNumber
            self._size = 0
            self._plain, self._google = {}, {}
        elif self._item and len(self._open) == self._item:
            self._field, self._parts = [], []
            self._href = (
                attributes.get("href", "") if attributes.get("rel", "alternate") == "alternate" else ""
            )
        self._words = []
        self._open.append(name)

    def _text(self, text: str) -> None:
        if self._item:
            self._size += len(text)
            if self._size <= MOST_LINE:
                self._words.append(text)
                self._field.append(text)

    def _end(self, name: str) -> None:
        self._open.pop()
        if not self._item:
            return
        space, _, local = name.rpartition(" ")
        depth = len(self._open) - self._item
        if depth < 0:
            cells: dict[str, Cell] = {
                name: tuple(texts) if len(texts) > 1 or name in _REPEATED else texts[0]
                for name, texts in {**self._plain, **self._google}.items()
            }
            if self._size > MOST_LINE:
                problem = f"is longer than {MOST_LINE:,} characters"
                self.rows.append(
                    Problem(file=str(self._path), line=self._line, problem=problem, remedy="Shorten it")
                )
            elif any(cells.values()):
                self.rows.append(Row(self._line, cells))
            self._item = 0
        elif depth == 0:
            self._keep(space, local)
        elif depth == 1:
            self._parts.append((local, "".join(self._words).strip()))
        self._words = []

    def _keep(self, space: str, local: str) -> None:
        text = "".join(self._field).strip() or self._href
        if self._parts and local not in _TEXTS:
            named = dict(self._parts)
            detail = [named.get(part, "") for part in _DETAIL]
            text = ":".join(detail if local == "product_detail" else [text for _, text in self._parts])
        if space == GOOGLE:
            cells = self._google
        elif local.lower() in _FEED_ONLY:
            return
        else:
            cells = self._plain
            local = "description" if local in ("summary", "content") and "description" not in cells else local
        if text:
            cells.setdefault(local, []).append(text)
