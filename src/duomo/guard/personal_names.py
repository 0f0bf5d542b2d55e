"""Names of persons in two languages: by what is said before and behind them, and by how they are made."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final

import rjieba


@cache
def _lists() -> Mapping[str, frozenset[str]]:
    """The lists of `words/persons.tsv`: surnames, given names, what is none of them, what stands beside."""
    lists: defaultdict[str, set[str]] = defaultdict(set)
    text = files("duomo").joinpath("words", "persons.tsv").read_text(encoding="utf-8")
    for line in text.splitlines()[1:]:
        kind, words = line.split("\t")
        lists[kind].update(words.split("|"))
    return {kind: frozenset(words) for kind, words in lists.items()}


def _any(kind: str) -> str:
    """One of a list, the longest first, as a part of a pattern."""
    return "|".join(map(re.escape, sorted(_lists()[kind], key=lambda word: (-len(word), word))))


_HAN: Final = "[\u4e00-\u9fff]"
_TWO_CN: Final = f"(?:{_any('surname_of_two')}){_HAN}{{1,2}}"
_SURE_CN: Final = f"(?:{_any('surname')})"
_ANY_CN: Final = f"(?:{_any('surname')}|{_any('surname_like_words')})"
_BEFORE_CN: Final = re.compile(
    rf"(?:{_any('before_zh')})(?:是|为|叫|[:：])?\s*({_TWO_CN}|{_ANY_CN}{_HAN}{{1,2}}?|[老小]{_SURE_CN})"
    rf"(?=[\s,，。.!！?？;；:：、()（）\]】/\d]|$|{_any('after_zh')})"
)
_BEHIND_CN: Final = re.compile(
    rf"({_TWO_CN}|{_ANY_CN}{_HAN}{{1,2}}?(?=先生|女士|小姐)|{_SURE_CN}{_HAN}{{0,2}}?|[老小]{_SURE_CN})"
    rf"(?:{_any('title_zh')})"
)
_SAYS_CN: Final = re.compile(
    rf"(?:^|[\s，,。.！!？?；;]|{_any('beside_zh')})({_SURE_CN}{_HAN}{{1,2}}?)(?={_any('says_zh')})"
)
_COUNTED: Final = "一两三四五六七八九十几这那每半整各哪"  # before 张 and 段, which count things then
_THANKED: Final = ("谢谢", "辛苦", "谢送", "谢快", "谢配", "谢外")  # no persons: 谢 and 辛 are surnames

_CAP: Final = r"[A-Z][a-z]+(?:['’\-][A-Z]?[a-z]+)?"
_LAST: Final = rf"(?:Mc|Mac|O['’]|[Vv]an |[Dd]e |[Vv]on )?{_CAP}"
_REST: Final = rf"(?:(?: [A-Z]\.?(?= ))? {_LAST}| [A-Z]\.)?"
_SAID_EN: Final = re.compile(
    rf"(?:\b(?i:{_any('before_en')}|(?:the|an|your|my|our) (?:{_any('person_en')}))\b[,:]?\s*(?:[-–—]\s*)?"
    rf"|\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof)\b\.? )({_CAP}{_REST})"
)
_I_AM: Final = re.compile(rf"\b(?i:i am|i'm|this is|it's) ({_CAP}(?: {_LAST})?)")
_FROM_EN: Final = re.compile(
    rf"\b({_CAP} {_LAST})"
    r"(?= (?i:from|at|in|of) (?i:the |your )?(?i:customer|support|sales|service|store|returns))"
)
_SIGNED: Final = re.compile(rf"(?:^|[.!?]\s*|\n)\s*[-–—~]{{1,2}}\s*({_CAP}{_REST}\.?)\s*$")
_GIVEN_EN: Final = re.compile(rf"\b(?=(({_CAP}){_REST}))")  # from every word, for "Call Jane Porter"


def names_in(text: str, *, keep: Collection[str] = ()) -> Iterator[tuple[int, int]]:
    """Where names of persons stand; places may overlap.

    Args:
        text: what is read.
        keep: words that are none, such as brands, in whatever case.
    """
    kept = _lists()["brands"] | {word.casefold() for word in keep}
    if not text.isascii():
        yield from _chinese(text, kept)
    yield from _english(text, kept)


def _chinese(text: str, kept: Collection[str]) -> Iterator[tuple[int, int]]:
    for pattern in (_BEFORE_CN, _BEHIND_CN, _SAYS_CN):
        for match in pattern.finditer(text):
            if not _is_word(match[1], kept):
                yield match.span(1)
    at = 0
    for word, tag in rjieba.tag(text):
        start, at = at, at + len(word)
        counted = word[0] in "张段" and text[start - 1 : start] in _COUNTED and start
        if tag.startswith("nr") and not counted and not _is_word(word, kept) and _made_like_a_name(word):
            yield start, at


def _is_word(word: str, kept: Collection[str]) -> bool:
    """Whether what is made like a name is a word or a brand."""
    return word in _lists()["words"] or word in kept or word[:2] in _THANKED


def _made_like_a_name(word: str) -> bool:
    """Whether a word is a surname with one or two characters behind it."""
    if word[:2] in _lists()["surname_of_two"]:
        return len(word) in (3, 4)
    if word[0] in _lists()["surname"]:
        return len(word) in (2, 3)
    return len(word) == 3 and word[0] in _lists()["surname_like_words"]


def _english(text: str, kept: Collection[str]) -> Iterator[tuple[int, int]]:
    for match in _SAID_EN.finditer(text):
        yield from _trimmed(match, kept)
    for pattern in (_I_AM, _SIGNED, _FROM_EN):
        for match in pattern.finditer(text):
            first, *more = match[1].split()
            if more or first.casefold().rstrip(".") in _lists()["given"]:
                yield from _trimmed(match, kept)
    for match in _GIVEN_EN.finditer(text):
        if match[2].casefold() in _lists()["given"]:
            yield from _trimmed(match, kept)


def _trimmed(match: re.Match[str], kept: Collection[str]) -> Iterator[tuple[int, int]]:
    """A name without words behind it that are none; nothing where it is a brand."""
    start, end = match.span(1)
    words = list(re.finditer(r"\S+", match[1]))
    plain = [word[0].strip(".,'’").casefold() for word in words]
    no_name = _lists()["no_name"]
    if match[1].casefold() in kept or plain[0] in no_name or all(word in kept for word in plain[:2]):
        return
    for word, low in zip(words[1:], plain[1:], strict=True):
        if low in no_name:
            end = start + word.start()
            break
    yield start, start + len(match.string[start:end].rstrip())
