"""Which encoding of East Asia a text is in that is no UTF-8: GB18030, Big5 or Shift JIS.

Nearly every text in one of them can be read in another, as rare characters. So the text is read in each, and
the one counts in which most characters are of the common ones: those that the standards themselves put first,
the first level of GB 2312 (3,755 characters), of Big5 (5,401) and of JIS X 0208 (2,965), and kana.
"""

import codecs
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, Literal

Legacy = Literal["gb18030", "cp950", "big5hkscs", "cp932"]
NAMES: Final[dict[str, str]] = {
    "gb18030": "GB18030",
    "cp950": "Big5",
    "big5hkscs": "Big5",
    "cp932": "Shift JIS",
}
DAMAGE: Final = 0.05  # so many of the characters beyond ASCII may be broken in what still is a text
_SAMPLE: Final = 1_000_000  # bytes of lines that are not plain ASCII
_SURE: Final = 0.85  # share of characters that are common, at least, in what is read as another than GB18030
_AHEAD: Final = 0.25  # and so much more than as GB18030, which most files are in
_HARDLY: Final = (
    0.15  # with fewer common characters it is no GB18030 either, but accented letters in a row: "ção"
)
_UNREADABLE: Final = -1.0
_KANA_SHARE: Final = 0.1  # of the characters of Japanese that looks like accented letters, at least
# What stands in texts of every language says nothing: marks, fullwidth letters and digits, emoji.
_SILENT: Final = re.compile(
    r"[\x00-\x7f\u00a0-\u00bf\u00d7\u2000-\u206f\u2100-\u27bf\u3000-\u303f\uff00-\uff65\U0001f000-\U0001faff]"
)
_KANA: Final = re.compile("[\u3041-\u3096\u30a1-\u30fc]")
_LEVELS: Final[dict[Legacy, tuple[int, int]]] = {  # first and last code of the common characters
    "gb18030": (0xB0A1, 0xD7F9),
    "cp950": (0xA440, 0xC67E),
    "big5hkscs": (0xA440, 0xC67E),
    "cp932": (0x889F, 0x9872),
}


def east_asian(path: Path, *, western: bool) -> Legacy | None:
    """The encoding that the text of a file is most likely in; None where it is none of East Asia.

    Args:
        path: a text that is no UTF-8; of its characters as many as `DAMAGE` may be broken.
        western: most characters beyond ASCII stand alone, as accented letters do: Japanese may look so, too,
            as most katakana are one byte beyond ASCII and a letter.
    """
    sample = b"".join(_sample(path))
    if western:
        return "cp932" if _common(sample, "cp932", kana_share=_KANA_SHARE) >= _SURE else None
    shares = {encoding: _common(sample, encoding) for encoding in _LEVELS}
    usual = shares.pop("gb18030")
    best = max(shares, key=lambda encoding: shares[encoding])  # the first of equals
    if shares[best] >= max(_SURE, usual + _AHEAD):
        return best
    return None if 0.0 <= usual < _HARDLY else "gb18030"


def _sample(path: Path) -> Iterator[bytes]:
    """Lines with bytes beyond ASCII; a line end is never a part of another character in these encodings."""
    left = _SAMPLE
    with path.open("rb") as file:
        while left > 0 and (line := file.readline(_SAMPLE)):
            if not line.isascii():
                yield line
                left -= len(line)


def _common(sample: bytes, encoding: Legacy, *, kana_share: float = 0.0) -> float:
    """Share of the characters of words that are common, 0 to 1; _UNREADABLE where there is no such text.

    The sample may end in the middle of a character. Those that are broken are none of the common ones.
    """
    decoded = codecs.getincrementaldecoder(encoding)("replace").decode(sample)
    broken = decoded.count("\ufffd")
    if broken and broken > DAMAGE * (len(decoded) - len(decoded.encode("ascii", "ignore"))):
        return _UNREADABLE
    text = _SILENT.sub("", decoded)
    kana = len(_KANA.findall(text)) if encoding in ("cp932", "gb18030") else 0
    if not text and encoding == "gb18030":
        return 1.0  # signs alone, which GB18030 has more of than the others
    if not text or kana < kana_share * len(text):
        return _UNREADABLE
    common = _level(encoding)
    return (kana + sum(character in common for character in text)) / len(text)


@cache
def _level(encoding: Legacy) -> frozenset[str]:
    """The common characters of an encoding."""
    first, last = _LEVELS[encoding]
    codec = "gb2312" if encoding == "gb18030" else encoding  # GBK has rare ones between the common ones
    codes = (code.to_bytes(2) for code in range(first, last + 1))
    return frozenset("".join(code.decode(codec, "ignore") for code in codes))
