"""Text as merchants write it, made plain: HTML, entities, control characters, blanks."""

import html
import re
import unicodedata
from html.parser import HTMLParser
from typing import Final

# Only what really is HTML counts as a tag, so that "for sizes <XL>" and "a < b" stay as they are.
_BLOCKS: Final = (
    "address|article|aside|blockquote|br|dd|div|dl|dt|fieldset|figcaption|figure|footer|h[1-6]|header|hr|li|main|nav|"
    "ol|p|pre|section|table|tbody|tfoot|thead|tr|ul"
)
_INLINE: Final = (
    "a|abbr|b|bdi|big|body|center|cite|code|del|em|font|form|head|html|i|iframe|img|input|ins|kbd|label|link|mark|"
    "meta|noscript|object|option|q|s|script|select|small|span|strike|strong|style|sub|sup|svg|td|template|th|title|"
    "tt|u|var|video"
)
_TAG: Final = re.compile(rf"<!--|<!doctype\b|</?(?:{_BLOCKS}|{_INLINE})(?=[\s/>])", re.IGNORECASE)
_BLOCK: Final = re.compile(_BLOCKS)
_DROPPED: Final = frozenset({"script", "style", "template", "noscript", "head"})
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# Control characters, lone surrogates, zero-width blanks and noncharacters: nothing a shopper can see or
# a file can carry. U+200D stays: it joins emoji.
UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u2060\ufeff\ufffe\uffff\ud800-\udfff]"
)
_LINE_END: Final = re.compile(r"\r\n?|[\x85\u2028\u2029]")
_BLANKS: Final = re.compile(r"[^\S\n]+")


def plain_text(text: str) -> str:
    r"""What a person reads of a text that may be HTML: lines without tags, entities or doubled blanks.

    Block elements begin a new line, list items begin with "- ", scripts and styles are dropped; empty
    lines go. A text without HTML keeps its lines. The result is Unicode NFC, and stays as it is when it is
    made plain again, unless it holds entities or tags of its own.

    >>> plain_text("<p>Red&nbsp;mug &amp; lid</p><ul><li>350 ml</li><li>for <b>two</b></li></ul>")
    'Red mug & lid\n- 350 ml\n- for two'
    >>> plain_text("for sizes <XL>, a < b")
    'for sizes <XL>, a < b'
    """
    if "<" in text and _TAG.search(text):
        reader = _Words()
        reader.feed(text)
        reader.close()
        text = "".join(reader.parts)
    elif "&" in text:
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    return _tidy(text)


def one_line(text: str) -> str:
    r"""Plain text on a single line: for titles, names and values.

    >>> one_line(" Tom &amp; Jerry\n mug ")
    'Tom & Jerry mug'
    """
    return " ".join(plain_text(text).split("\n"))


def value_text(text: str) -> str:
    r"""A value as it stands, on a single line, without unseen characters; HTML is not looked for.

    >>> value_text(" dark\t red\x00 ")
    'dark red'
    """
    return " ".join(_tidy(text).split("\n"))


def _tidy(text: str) -> str:
    if not text:
        return text
    if text.isascii() and text.isprintable():  # the usual case, and the fast one
        return " ".join(text.split()) if "  " in text else text.strip()
    text = unicodedata.normalize("NFC", UNSEEN.sub("", _LINE_END.sub("\n", text)))
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


class _Words(HTMLParser):
    """Collects the readable parts of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._dropping = ""  # the element whose content is being dropped

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._dropping:
            return
        if tag in _DROPPED:
            self._dropping = tag
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag in ("td", "th"):
            self.parts.append(" ")
        elif _BLOCK.fullmatch(tag):
            self.parts.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _DROPPED:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._dropping == tag:
            self._dropping = ""
        elif not self._dropping and tag != "br" and _BLOCK.fullmatch(tag):
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._dropping:
            self.parts.append(re.sub(r"\s+", " ", data))
