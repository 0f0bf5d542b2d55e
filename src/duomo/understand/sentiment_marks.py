"""Emoji, emoticons and the bracketed faces of Chinese pages: what each says of the mood, written for Duomo.

Reviews to learn from hold few of them, so the table is by hand: log odds of good, two for plain joy or anger,
one for what is also meant otherwise. Faces of mere surprise or thought are not in it.
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


def marks_in(text: str) -> list[Evidence]:
    """The marks of a text, in their order, with the log odds of good that each adds.

    Letters that look like a mark are none within a word. A mark that is repeated counts once more for each
    doubling.

    >>> [(mark.text, mark.weight) for mark in marks_in("not for me :( 👎👎")]
    [(':(', -2.0), ('👎👎', -3.0)]
    """
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
