"""Chinese characters: which they are, traditional ones written as simplified, and how they are read aloud."""

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from opencc import OpenCC

# The inside of a character class: the blocks of ideographs, and the two marks that stand for one.
HAN: Final = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_HAN: Final = re.compile(f"[{HAN}]")


def has_han(text: str) -> bool:
    """Whether a Chinese character stands in the text.

    >>> has_han("T恤"), has_han("T-shirt")
    (True, False)
    """
    return not text.isascii() and _HAN.search(text) is not None


def fold_traditional(text: str) -> str:
    """The text with its traditional characters in their simplified form; whatever else stays as it is.

    One traditional character can stand for one simplified only in some words, so whole words are looked up
    (OpenCC, Apache-2.0). Words are not exchanged: Taiwan's 滑鼠 becomes 滑鼠, not the mainland's 鼠标.

    >>> fold_traditional("紅色連衣裙, 不帶後袋"), fold_traditional("乾燥 乾隆")
    ('红色连衣裙, 不带后袋', '干燥 乾隆')
    """
    if not has_han(text):
        return text
    if not text.isprintable():  # half a surrogate pair cannot go through C++
        text = text.encode("utf-8", "ignore").decode("utf-8")
    return str(_simplify().convert(text))


@cache
def _simplify() -> "OpenCC":
    from opencc import OpenCC  # here, as most shops never meet a traditional character: 20 ms and 7 MB

    return OpenCC("t2s")


@lru_cache(maxsize=100_000)  # a catalog repeats its words, and reading one takes 50 microseconds
def pinyin(text: str) -> tuple[str, ...]:
    """How a text is read, a syllable for each Chinese character, without tones, ü as v.

    What is not Chinese stands as it is, in one piece. Source of the readings: pypinyin (MIT), which knows
    words, so that 长 is read differently in 长袖 and in 长大.

    >>> pinyin("长袖T恤"), pinyin("绿色")
    (('chang', 'xiu', 'T', 'xu'), ('lv', 'se'))
    """
    from pypinyin import lazy_pinyin  # here, as its words take 60 MB and only Chinese shops need them

    return tuple(lazy_pinyin(text))
