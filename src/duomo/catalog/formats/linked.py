"""Where schema.org's JSON-LD stands: in a JSON file, in JSON lines, or in the scripts of a saved web page."""

import codecs
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urljoin

from duomo.catalog.formats.encoding import TextFile, text_file
from duomo.catalog.formats.jsonlines import parse_json
from duomo.catalog.rows import Table
from duomo.errors import BadFile, Problem

_DEEPEST: Final = 64  # values within values: more than any description of a product has
_KEYWORD: Final = re.compile(r'"@(?:context|type|graph)"\s*:')
_PAGE: Final = ("<!doctype html", "<html", "<head", "<body", "<script", "<meta")
_FEED: Final = ("<rss", "<feed", "<rdf:rdf")
_HEAD: Final = (
    2048  # bytes in which a page says what it is, and must name its encoding (HTML standard, 4.2.5.4)
)
_SCRIPT: Final = "application/ld+json"
_BROKEN: Final = "Export it again; the other documents of the file were read"


class Document(NamedTuple):
    """One JSON value of a file."""

    line: int  # where it begins
    value: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked(Table):
    """A file of linked data. Its rows are the products in its documents, so it has none of its own."""

    documents: tuple[Document, ...]
    broken: tuple[Problem, ...]  # documents that could not be read
    base: str = ""  # the address that relative ones begin from; "" where the file names none


def is_linked(head: str) -> bool:
    """Whether the beginning of a JSON file is that of linked data.

    >>> is_linked('{"@context": "https://schema.org"'), is_linked('{"sku": "A1"')
    (True, False)
    """
    return _KEYWORD.search(head) is not None


def is_page(head: str) -> bool:
    """Whether the beginning of a file in angle brackets is that of a web page, not of a feed.

    >>> is_page('<!DOCTYPE html><html lang="zh">'), is_page('<?xml version="1.0"?><rss version="2.0">')
    (True, False)
    """
    small = head[:_HEAD].lower()
    return any(sign in small for sign in _PAGE) and not any(sign in small for sign in _FEED)


def read_linked(path: Path) -> Linked:
    """Open a JSON file of linked data, or one that holds a document a line.

    Raises:
        BadFile: it is not text, or no JSON at all.
    """
    text = text_file(path)
    lines = text.lines()
    first = next((line for line in lines if line.strip(" \t\r\n\ufeff")), "")
    document = _parsed(first)
    if isinstance(document, str):  # not whole: the document goes over several lines
        with text.open() as file:
            whole = _parsed(file.read().replace("\0", ""))
        if isinstance(whole, str):
            raise BadFile(f"{path} {whole}", remedy="Export it again, or write one JSON object a line")
        return _table(path, [(1, whole)], text)
    found: list[tuple[int, _Read | str]] = []
    for number, line in enumerate(text.lines(), start=1):
        if line.strip(" \t\r\n\ufeff"):
            found.append((number, _parsed(line)))
    return _table(path, found, text)


def read_page(path: Path) -> Linked:
    """Open a saved web page: every script of type ``application/ld+json`` is a document.

    A script that is no JSON is one problem, the others are read. The page is read as a stream by the standard
    library's parser; nothing of it is run or fetched.

    Raises:
        BadFile: it is not text, or has no such script.
    """
    text = _encoded(path)
    page = _Page()
    with text.open() as file:
        while chunk := file.read(1 << 16):
            page.feed(chunk.replace("\0", ""))
    page.close()
    if not page.scripts:
        problem = f"{path} is a web page without JSON-LD"
        raise BadFile(problem, remedy=f"Save a page that has a <script type='{_SCRIPT}'> with the product")
    found = [(line, _parsed(_unwrapped(script))) for line, script in page.scripts]
    return _table(path, found, text, base=page.address)


class _Read(NamedTuple):
    value: object
    twice: tuple[str, ...]  # keys that one object has twice


def _parsed(text: str) -> _Read | str:
    """The JSON in a text, or what is wrong with it."""
    try:
        value, twice = parse_json(text)
        if _depth(value) > _DEEPEST:
            return f"is nested more than {_DEEPEST} deep"
    except (ValueError, RecursionError) as error:
        return f"is not JSON ({error})"
    return _Read(value, twice)


def _depth(value: object) -> int:
    """How many objects and lists lie within each other, counted without recursion."""
    deepest, level = 0, [value]
    while level := [each for each in level if isinstance(each, dict | list)]:
        deepest += 1
        if deepest > _DEEPEST:
            return deepest
        level = [child for each in level for child in (each.values() if isinstance(each, dict) else each)]
    return deepest


def _table(path: Path, found: list[tuple[int, _Read | str]], text: TextFile, *, base: str = "") -> Linked:
    documents: list[Document] = []
    broken: list[Problem] = []
    warnings = list(text.warnings)
    for line, read in found:
        if isinstance(read, str):
            broken.append(Problem(file=str(path), line=line, problem=read, remedy=_BROKEN))
            continue
        documents.append(Document(line, read.value))
        for key in read.twice:
            problem = "stands there twice in one object; the last counts"
            remedy = "Give each value a name of its own, or write them as a list"
            warnings.append(
                Problem(
                    file=str(path), line=line, column=key, problem=problem, remedy=remedy, severity="warning"
                )
            )
    return Linked(
        path=path,
        columns=("@type",),
        rows=(),
        warnings=tuple(warnings),
        documents=tuple(documents),
        broken=tuple(broken),
        base=base,
    )


def _encoded(path: Path) -> TextFile:
    """The page in the encoding it declares, where that is another than those told by looking."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    page = _Page()
    page.feed(head.decode("latin-1"))
    try:
        name = codecs.lookup(page.charset).name if page.charset else "utf-8"
    except LookupError:
        name = "utf-8"
    if name in ("utf-8", "gb2312", "gbk", "gb18030") or name.startswith("utf-16"):
        return text_file(path)
    return TextFile(path=path, encoding=name, errors="replace")


def _unwrapped(script: str) -> str:
    """A script without what old pages wrap around it: an HTML comment, or a CDATA section."""
    plain = script.strip().removesuffix(";").strip()
    for opening, closing in (("<!--", "-->"), ("//<![CDATA[", "//]]>"), ("<![CDATA[", "]]>")):
        if plain.startswith(opening):
            plain = plain.removeprefix(opening).strip().removesuffix(closing).strip()
    return plain


class _Page(HTMLParser):
    """Collects the scripts of a page that hold JSON-LD, and what it says of its own address and encoding."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.scripts: list[tuple[int, str]] = []  # line, text
        self.charset = ""
        self._parts: list[str] | None = None  # of the script that is open
        self._line = 0
        self._base = self._canonical = self._shared = ""

    @property
    def address(self) -> str:
        """Where the page says it is from."""
        page = self._canonical or self._shared
        base = urljoin(page, self._base) if self._base else page
        return base if base.lower().startswith(("http://", "https://")) else ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "script":
            kind = given.get("type", "").partition(";")[0].strip().lower()
            self._parts = [] if kind == _SCRIPT else None
            self._line = self.getpos()[0]
        elif tag == "base":
            self._base = self._base or given.get("href", "").strip()
        elif tag == "link" and "canonical" in given.get("rel", "").lower().split():
            self._canonical = self._canonical or given.get("href", "").strip()
        elif tag == "meta":
            self._read_meta(given)

    def _read_meta(self, given: dict[str, str]) -> None:
        content = given.get("content", "").strip()
        if given.get("property", "").lower() == "og:url":
            self._shared = self._shared or content
        declared = given.get("charset", "").strip()
        if given.get("http-equiv", "").lower() == "content-type":
            declared = declared or content.lower().partition("charset=")[2].strip()
        self.charset = self.charset or declared

    def handle_data(self, data: str) -> None:
        if self._parts is not None:
            self._parts.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._keep()

    def close(self) -> None:
        super().close()
        self._keep()  # a page that was cut off

    def _keep(self) -> None:
        if self._parts is not None and (text := "".join(self._parts)).strip():
            self.scripts.append((self._line, text))
        self._parts = None
