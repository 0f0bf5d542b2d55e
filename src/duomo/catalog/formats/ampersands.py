"""Ampersands in XML that are not written as ``&amp;``, the most frequent fault of handmade feeds."""

import re
from html.entities import html5
from typing import Final

# What XML allows an ampersand to begin (section 4.1); the second half is a name that only HTML knows.
_BARE: Final = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,40}|#x[0-9a-fA-F]{1,40});)(?:([A-Za-z][A-Za-z0-9]{1,31});)?"
)
# In what begins so an ampersand stands for itself, up to its end; one of them within another is none.
_ENDS: Final = {"<![CDATA[": "]]>", "<!--": "-->", "<?": "?>"}
_BEGUN: Final = re.compile("|".join(map(re.escape, _ENDS)))
_KEPT: Final = 64  # characters at the end of a chunk that may be half of something


class Ampersands:
    r"""Writes ampersands as XML wants them, chunk by chunk, and counts those that were not.

    CDATA, comments and processing instructions stay as they are.

    >>> mend = Ampersands()
    >>> mend.part_of("<t>Tom & Jerry&nbsp;&amp; <![CDATA[A & B]]></t>", is_last=True)
    '<t>Tom &amp; Jerry\xa0&amp; <![CDATA[A & B]]></t>'
    >>> mend.count
    2
    """

    def __init__(self) -> None:
        self.count = 0
        self.first = 0  # line of the first one
        self._rest = ""
        self._line = 1
        self._end = ""  # of the CDATA, comment or instruction that the text is in

    def part_of(self, chunk: str, *, is_last: bool = False) -> str:
        """The chunk after what was kept back of the ones before, as far as it is known what it is."""
        text = self._rest + chunk
        cut = len(text) if is_last else self._cut(text)
        self._rest = text[cut:]
        text, parts = text[:cut], []
        while (past := self._past(text)) >= 0:
            parts.append(self._mended(text[:past]))
            self._end = "" if self._end else _ENDS[_BEGUN.findall(text[:past])[-1]]
            text = text[past:]
        return "".join((*parts, self._mended(text)))

    def _past(self, text: str) -> int:
        """Where it goes on behind the mark that ends, or begins, what stays as it is; -1: there is none."""
        if self._end:
            place = text.find(self._end)
            return place if place < 0 else place + len(self._end)
        found = _BEGUN.search(text)
        return found.end() if found else -1

    def _cut(self, text: str) -> int:
        """Where a chunk ends that has no half of a reference, or of a mark in `_ENDS`."""
        begun = max(text.rfind("&"), text.rfind("<"))
        if len(text) - begun <= _KEPT:
            return max(0, begun)
        tail = text[-2:]
        return len(text) - len(tail) + len(tail.rstrip("]-?"))

    def _mended(self, text: str) -> str:
        mended = text
        if not self._end and "&" in text:
            if not self.first and (found := _BARE.search(text)):
                self.first = self._line + text.count("\n", 0, found.start())
            mended, count = _BARE.subn(_written, text)
            self.count += count
        self._line += text.count("\n")
        return mended


def _written(found: re.Match[str]) -> str:
    """What XML has for a bare ampersand or an entity of HTML."""
    if known := html5.get(f"{found[1]};"):
        return known.replace("&", "&amp;").replace("<", "&lt;")
    return f"&amp;{found[0][1:]}"
