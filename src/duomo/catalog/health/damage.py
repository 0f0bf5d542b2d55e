"""Text that was read in the wrong encoding somewhere on its way: found, and undone where it can be.

What was UTF-8 and was read as Windows-1252 or Latin-1 shows "Ã©" for "é"; read as GBK it shows "绾㈣壊" for
"红色". What was GBK and was read as Latin-1 shows "ºìÉ«". Each is told by undoing it: only what becomes plain
text again is called damaged.
"""

import re
from typing import Final

# Where a decoder gave up, and what two of those marks become when they are read as GBK once more; what
# uninitialised memory shows as under GBK.
_LOST: Final = re.compile("\ufffd|锟斤拷|锟斤|斤拷|烫烫烫|屯屯屯|ï¿½|\\?{3,}(?=\\w)|(?<!\\S)\\?{3,}(?!\\S)")

# The characters that Windows-1252 has for the bytes 0x80 to 0x9f, and those of Latin-1 itself.
_HIGH: Final = "\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_LATIN: Final = re.compile(
    f"(?:[\u00c2-\u00df][{_HIGH}]|[\u00e0-\u00ef][{_HIGH}]{{2}}|[\u00f0-\u00f4][{_HIGH}]{{3}})+"
)
_AS_LATIN: Final = re.compile("[\u00a1-\u00ff]{4,}")
_BEYOND: Final = re.compile(r"[^\x00-\x7f\s]{3,}")  # what GBK makes of bytes above 0x7f, signs among them
_HAN: Final = re.compile("[\u4e00-\u9fff]")
_COMMON: Final = 0.5  # share of Han characters, once undone, that GB 2312 has on its first level


def damaged(text: str) -> str:
    """The first piece of a text that is damaged; "": none is.

    >>> damaged("CafÃ© table"), damaged("绾㈣壊姣涜。"), damaged("Café 红色毛衣")
    ('Ã©', '绾㈣壊姣涜。', '')
    """
    if text.isascii() and "???" not in text:
        return ""
    if lost := _LOST.search(text):
        return lost[0]
    for piece in _LATIN.finditer(text):
        if _undone(piece[0], "cp1252") or _undone(piece[0], "latin-1"):
            return piece[0]
    for piece in _AS_LATIN.finditer(text):
        if _is_chinese(_undone(piece[0], "latin-1", "gb18030")):
            return piece[0]
    for piece in _BEYOND.finditer(text):
        if _is_utf8_as_gbk(piece[0]):
            return piece[0]
    return ""


def mended(text: str) -> str:
    """What stood there before it was damaged; "" where it cannot be told.

    >>> mended("Ã©"), mended("绾㈣壊姣涜。"), mended("ºìÉ«")
    ('é', '红色毛衣', '红色')
    """
    for wrong, right in (
        ("cp1252", "utf-8"),
        ("latin-1", "utf-8"),
        ("gb18030", "utf-8"),
        ("latin-1", "gb18030"),
    ):
        if made := _undone(text, wrong, right):
            return made
    return ""


def _undone(text: str, wrong: str, right: str = "utf-8") -> str:
    """The text as it was before its bytes were read as `wrong` instead of `right`; "": they were not."""
    try:
        made = _bytes(text, wrong).decode(right)
    except (UnicodeError, ValueError):
        return ""
    return made if made != text and made.isprintable() else ""


def _bytes(text: str, encoding: str) -> bytes:
    """The bytes of a text; Windows-1252 leaves five undefined, which programs let through as they are."""
    if encoding != "cp1252":
        return text.encode(encoding)
    return b"".join(
        char.encode("latin-1") if "\x80" <= char <= "\x9f" else char.encode("cp1252") for char in text
    )


def _is_utf8_as_gbk(text: str) -> bool:
    """Whether Chinese characters are the bytes of others: three bytes each became two, so ends may be cut."""
    body = text.encode("gb18030", "ignore")
    for skip in range(3):
        made = body[skip:].decode("utf-8", "ignore")
        if len(made) >= 2 and 3 * len(made) >= len(body) - skip - 2 and _is_chinese(made):
            return True
    return False


def _is_chinese(text: str) -> bool:
    """Whether a text is Chinese characters in everyday use, and hardly anything else.

    GB 2312 orders its 3,755 everyday characters first: 0xb0 to 0xd7 is their first byte.
    """
    han = _HAN.findall(text)
    if not text or len(han) < 2 or len(han) < 0.6 * len(text):
        return False
    everyday = [char for char in han if b"\xb0\xa1" <= char.encode("gb18030")[:2] <= b"\xd7\xf9"]
    return len(everyday) > _COMMON * len(han)
