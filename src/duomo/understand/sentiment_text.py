"""What a review is before it is read: markup taken out in its place, and the language told."""

import html
import re
import unicodedata
from typing import Final, Literal

from duomo.shelf.han import HAN

Language = Literal["zh", "en", "other", "none"]

_TAG: Final = re.compile(r"<(?:[a-zA-Z/!?][^<>]{0,2000})>")
_SCRIPT: Final = re.compile(r"<(script|style)\b.{0,5000}?</\1\s*>", re.DOTALL | re.IGNORECASE)
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,31});")
_HAN: Final = re.compile(f"[{HAN}]")
_LATIN: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_KANA_OR_HANGUL: Final = re.compile("[\u3041-\u30ff\u1100-\u11ff\uac00-\ud7af]")
_EUROPEAN: Final = re.compile("[A-Za-z\u00c0-\u024f]")
_LETTERS_OF_A_WORD: Final = 4  # so that letters of words weigh as Chinese characters do
# Small words that one language has and English has not; words that both have are left out.
_ABROAD: Final = frozenset(
    re.findall(
        r"\S+",
        """
    el los las que es muy pero una por para con como este esta está bueno buena todo más sin también fue
    le les est très mais pas une des pour avec dans cette je il elle sont bien ce qui
    und der das ist nicht sehr ein eine mit für aber auch auf ich wie sind schlecht gut
    di che non molto sono questo questa della nel anche troppo
    não muito uma com mas mais isso foi ele os bom
    het een niet zeer maar voor van goed ook
    och inte det är jag att som på ikke og
    i nie jest na się bardzo ale to
    çok bir ve bu için değil
    """,
    )
)
_HOME: Final = frozenset(
    re.findall(
        r"\S+",
        """
    the and is it this to of for was that with my but not you are have in on they be so very as at an if
    its i'm don't it's these would great good like love one all no nice bad
    """,
    )
)
_BOTH: Final = frozenset({"i", "to", "no", "so", "on", "in", "an", "as", "bu", "ve", "na"})


def plain(text: str) -> str:
    """The text without markup, of the same length, so that places in it hold for the text as it was given.

    Tags, scripts and styles become blanks, an entity the character it stands for and blanks.

    >>> plain("Bad<br>zip &amp; seam")
    'Bad    zip &     seam'
    """
    if "<" in text:
        text = _TAG.sub(_blank, _SCRIPT.sub(_blank, text))
    return _ENTITY.sub(_character, text) if "&" in text else text


def language_of(text: str) -> Language:
    """Chinese, English, another language, or none at all; of a mixed text the one that has more of it.

    Languages in Latin letters are told by their small words, so one or two words are taken for English.

    >>> [language_of(text) for text in ("质量很好", "works well", "muy bien pero caro", "とても", "👍 1")]
    ['zh', 'en', 'other', 'other', 'none']
    """
    text = unicodedata.normalize("NFKC", text)  # full-width letters are letters
    letters = [char for char in text if char.isalpha()]
    if not letters:
        return "none"
    joined = "".join(letters)
    han = len(_HAN.findall(joined))
    latin = len(_EUROPEAN.findall(joined))
    if len(_KANA_OR_HANGUL.findall(joined)) * 2 > han or len(letters) - han - latin > han + latin:
        return "other"
    if han * _LETTERS_OF_A_WORD >= latin:
        return "zh"
    words = [word.lower() for word in _LATIN.findall(text)]
    abroad, home = (sum(word in known for word in words) for known in (_ABROAD - _HOME - _BOTH, _HOME))
    return "other" if abroad > max(1, home) else "en"


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _character(match: re.Match[str]) -> str:
    char = html.unescape(match[0])
    return (char if len(char) == 1 and char.isprintable() else " ").ljust(len(match[0]))
