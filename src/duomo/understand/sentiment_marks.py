"""Emoji, emoticons, bracketed faces, scores and praise by a denial: what each says of the mood.

Reviews to learn from hold few of them, so the tables are by hand: log odds of good, two for plain joy or
anger, one for what is also meant otherwise, or what n-grams mostly know. Faces of surprise or thought are
not in them, nor are denials that stand in blame as often ("no problem", 没毛病): of the reviews to learn from
that hold one of those in the table more than eight in ten are good, where there are ten at all.
"""

import math
import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from duomo.understand.reading import Evidence

_MOST: Final = 3.0  # log odds that all marks of a text together can add
_STRONG: Final = 2.0
_WEAK: Final = 1.0
_GOOD: Final = (
    *(
        "😀",
        "😃",
        "😄",
        "😁",
        "😊",
        "🥰",
        "😍",
        "🤩",
        "😘",
        "😻",
        "🎉",
        "🥳",
        "👍",
        "👏",
        "💯",
        "❤",
        "💖",
        "💕",
    ),
    *("🌹", "💗", "💓", "😋", "🤗", "🌟", "⭐", "✅", "🏆", "💪", "🙌", "👌", "😎", "☺", "🆒", "💝", "♥"),
    *("<3", ":)", ":-)", ":d", ":-d", "=)", "^_^", "^^", "\\o/", "(^_^)", "(^o^)"),
    *(
        "[赞]",
        "[强]",
        "[鼓掌]",
        "[爱心]",
        "[心]",
        "[玫瑰]",
        "[鲜花]",
        "[给力]",
        "[呲牙]",
        "[色]",
        "[耶]",
        "[ok]",
    ),
    *("[太开心]", "[爱你]", "[good]", "[憧憬]", "[馋嘴]", "[哈哈]", "[可爱]", "[亲亲]", "[愉快]", "[胜利]"),
)
_RATHER_GOOD: Final = (
    "🙂",
    "😉",
    "😂",
    "🤣",
    "😆",
    "🔥",
    "✨",
    "🙏",
    ";)",
    ";-)",
    "xd",
    "[微笑]",
    "[偷笑]",
    "[笑哭]",
)
_RATHER_BAD: Final = (
    "😕",
    "😐",
    "😑",
    "🙄",
    "😒",
    "😓",
    "🤔",
    "😅",
    ":/",
    ":-/",
    ":|",
    "-_-",
    "orz",
    "[汗]",
    "[囧]",
)
_BAD: Final = (
    *(
        "😞",
        "😔",
        "😟",
        "🙁",
        "☹",
        "😣",
        "😖",
        "😫",
        "😩",
        "😢",
        "😭",
        "😤",
        "😠",
        "😡",
        "🤬",
        "🤮",
        "🤢",
        "👎",
    ),
    *("💔", "🤡", "💩", "😾", "😿", "🚫", "❌", "😰", "😨", "🥵", "🤦", "🖕", "👿"),
    *(":(", ":-(", ":'(", "=(", "</3", "t_t", "t.t", "qaq", ">:(", "(╯°□°)╯"),
    *(
        "[大哭]",
        "[泪]",
        "[流泪]",
        "[怒]",
        "[发怒]",
        "[怒骂]",
        "[弱]",
        "[心碎]",
        "[吐]",
        "[衰]",
        "[抓狂]",
        "[失望]",
    ),
    *("[差]", "[鄙视]", "[悲伤]", "[生病]", "[难过]", "[委屈]", "[哼]", "[打脸]"),
)
MARKS: Final = {
    **dict.fromkeys(_GOOD, _STRONG),
    **dict.fromkeys(_RATHER_GOOD, _WEAK),
    **dict.fromkeys(_RATHER_BAD, -_WEAK),
    **dict.fromkeys(_BAD, -_STRONG),
}


_CANNOT: Final = r"\b(?:can(?:'|’)?t|can ?not|couldn(?:'|’)?t|could not)"
_DENIED: Final = (
    r"\bno (?:real |major )?complaints?\b(?! (?:were|was|have|has)\b)",
    rf"{_CANNOT} (?:be|have been) (?:any )?(?:better|happier|nicer|more (?:pleased|satisfied|comfortable))\b",
    rf"{_CANNOT} (?:ask|have asked|wish) for (?:a |any(?:thing)? )?(?:better|more)\b",
    rf"{_CANNOT} (?:really )?go wrong\b",
    r"(?:\b(?:never|not)|n['’]t) (?:be |been |at all )?disappoint(?:s|ed|ing)?\b",
    r"(?:\bno regrets?\b|(?:\b(?:never|not)|n['’]t) regret)",
)
_RATHER_DENIED: Final = (
    r"\bno (?:flaws?|faults?|defects?)\b",
    rf"{_CANNOT} (?:really )?(?:fault|find (?:any |a )?faults?)\b",
    r"\bnothing (?:bad |negative )?to (?:complain about|say against)\b",
    r"没[得的]挑|无可挑剔|无懈可击",
    r"(?<!能)(?<!怎)(?:没有?|从不|从未|不会|不)(?:让(?:我们?|人|你|您|大家))?失望",
    r"(?<!能)(?<!怎)不(?:会)?后悔|从没后悔|没有后悔",
    r"挑不出(?:任何|什么|半点)?(?:毛病|缺点)",
)
_SCORE: Final = re.compile(
    r"(?<![A-Za-z\d/.])(?P<given>\d{1,3}(?:\.\d)?)\s?/\s?(?P<most>5|10|100)(?![A-Za-z\d/]|\.\d| of\b)"
)
_GOOD_SCORE: Final = 0.9
_STARS: Final = re.compile("(?<![★☆])(?=[★☆]{5}(?![★☆]))(?P<given>★*)☆*")
_WEIGHT_OF_STARS: Final = (-_STRONG, -_STRONG, -_WEAK, 0.0, _WEAK, _STRONG)  # of none to five


def marks_in(text: str) -> list[Evidence]:
    """The marks of a text, in their order, with the log odds of good that each adds.

    Letters that look like a mark are none within a word. A mark that is repeated counts once more for each
    doubling. Scores count where they are nearly full: "3/5" is as often a size or a share.

    >>> [(mark.text, mark.weight) for mark in marks_in("not for me :( 👎👎")]
    [(':(', -2.0), ('👎👎', -3.0)]
    >>> [(mark.text, mark.weight) for mark in marks_in("★☆☆☆☆ at first, now 10/10, no complaints")]
    [('★☆☆☆☆', -2.0), ('10/10', 2.0), ('no complaints', 2.0)]
    """
    found = _faces_in(text) + _phrases_in(text) + _scores_in(text)
    return sorted(found, key=lambda mark: (mark.start, mark.end))


def _phrases_in(text: str) -> list[Evidence]:
    return [
        _mark(text, match, weight)
        for pattern, weight in ((_phrases(_DENIED), _STRONG), (_phrases(_RATHER_DENIED), _WEAK))
        for match in pattern.finditer(text)
    ]


def _scores_in(text: str) -> list[Evidence]:
    full = (
        _mark(text, match, _STRONG)
        for match in _SCORE.finditer(text)
        if _GOOD_SCORE <= float(match["given"]) / float(match["most"]) <= 1
    )
    drawn = (_mark(text, match, _WEIGHT_OF_STARS[len(match["given"])]) for match in _STARS.finditer(text))
    return [*full, *(mark for mark in drawn if mark.weight)]


def _mark(text: str, match: re.Match[str], weight: float) -> Evidence:
    start, end = match.span()
    return Evidence(part="words", weight=weight, text=text[start:end], start=start, end=end)


@cache
def _phrases(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


def _faces_in(text: str) -> list[Evidence]:
    found = []
    for match in _pattern().finditer(text.lower() if len(text.lower()) == len(text) else text):
        mark = match["mark"]
        times = 1 + math.log2(len(match[0]) / len(mark)) / 2
        piece = text[match.start() : match.end()]
        found.append(
            Evidence(
                part="words", weight=MARKS[mark] * times, text=piece, start=match.start(), end=match.end()
            )
        )
    return found


def mood_of(marks: Sequence[Evidence]) -> float:
    """Log odds of good that all marks of a text add together, bounded; 0 where there are none."""
    total = sum(mark.weight for mark in marks)
    return _MOST * math.tanh(total / _MOST)


@cache
def _pattern() -> re.Pattern[str]:
    """Any mark, once or several times; the longest first."""
    ordered = sorted(MARKS, key=lambda mark: (-len(mark), mark))
    each = "|".join(
        rf"(?<!\w){re.escape(mark)}(?!\w)" if re.search(r"\w", mark) and mark[0] != "[" else re.escape(mark)
        for mark in ordered
    )
    return re.compile(rf"(?P<mark>{each})(?P=mark)*")
