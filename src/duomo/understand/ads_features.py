"""What is to be seen in a creative, as numbers that a shop has words for: copy, picture, color, offer."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from duomo.arrays import Pixels
from duomo.understand.ads import Creative
from duomo.understand.grams import word_spans

Floats = NDArray[np.float64]
_SHOWN: Final = 3  # tests in which a feature must differ between creatives
_VALUES: Final = 30  # of a column that are told apart, the commonest
_REGEX: Final = re.IGNORECASE
_SIDE: Final = 64  # pixels that a picture is looked at with
_RIM: Final = 3  # pixels of its border


def _has(pattern: str, *, case: bool = False) -> Callable[[str], float]:
    found = re.compile(pattern, 0 if case else _REGEX)
    return lambda text: float(bool(found.search(text)))


def _length(text: str) -> float:
    """Words and Chinese words, in fives."""
    return sum(text[start].isalnum() for start, _ in word_spans(text)) / 5


# Feature -> its number for a copy; most are 1 where the copy has such a thing, and 0 where it has not.
COPY: Final[Mapping[str, Callable[[str], float]]] = {
    "length": _length,
    "number": _has(r"\d|[一二两三四五六七八九十百千万]+(?=[个件款天种大步元块折])"),
    "question": _has(r"[?？]|吗\b|呢\b"),
    "exclamation": _has(r"[!！]"),
    "quotes": _has(r"[\"“”「」『』]|(?<!\w)['‘][^'’]+['’](?!\w)"),
    "ellipsis": _has(r"\.\.\.|…|\.\s+\S.*\.\s"),
    "you": _has(r"\b(?:you|your|yours|you're|you'll)\b|你|您"),
    "we": _has(r"\b(?:we|us|our|ours|i|my|me)\b|我"),
    "he_she": _has(r"\b(?:he|she|his|her|him|hers)\b|他|她"),
    "this": _has(r"\b(?:this|these|here|here's)\b|这[个款件种些]?"),
    "not": _has(r"\b(?:no|not|never|without|\w+n['’]t)\b|不|没|别|无需"),
    "how": _has(r"\b(?:how|why|what|when|who)\b|如何|怎么|怎样|为什么|什么"),
    "urgency": _has(
        r"\b(?:today|now|tonight|hurry|limited|ends (?:soon|today|on)|(?:only|last) (?:today|until|till|"
        r"this|\d+|days?|chance|pieces|few|call))\b|限时|今天|今日|仅剩|最后|立即|马上|速来|截止|抢"
    ),
    "discount": _has(r"%|\b(?:off|sale|save|discount|deal|half price)\b|折|优惠|立减|特价|降价|省"),
    "free": _has(r"\b(?:free|complimentary)\b|免费|包邮|免邮"),
    "gift": _has(r"\b(?:gift|bonus)s?\b|赠|送|礼"),
    "new": _has(r"\b(?:new|launch|arrivals?|introducing)\b|新品|新款|上新|全新|首发"),
    "proof": _has(
        r"\b(?:best[- ]?sell\w*|loved|rated|reviews?|stars?|trusted|favou?rites?)\b"
        r"|热卖|好评|爆款|销量|口碑|回头客"
    ),
    "price": _has(r"[$€£¥￥]\s?\d|\d\s?(?:元|块|usd|eur|dollars?|yuan)"),
    "capitals": _has(r"\b[A-Z]{3,}\b", case=True),
    "emoji": _has("[\U0001f300-\U0001faff\u2600-\u27bf]"),
}


def _looks(pixels: Pixels) -> dict[str, float]:
    """Numbers of a picture, most of them 0 to 1 or thereabouts.

    Colorfulness is that of Hasler and Süsstrunk (2003), in hundreds.
    """
    from PIL import Image

    small = np.asarray(Image.fromarray(pixels).resize((_SIDE, _SIDE)), np.float64) / 255
    red, green, blue = np.moveaxis(small, -1, 0)
    gray = small @ np.array([0.299, 0.587, 0.114])
    axes = red - green, (red + green) / 2 - blue
    spread = np.hypot(*(axis.std() for axis in axes))
    mean = np.hypot(*(axis.mean() for axis in axes))
    inner = np.s_[_RIM:-_RIM, _RIM:-_RIM]
    rim = np.ones(gray.shape, bool)
    rim[inner] = False
    steps = np.abs(np.diff(gray, axis=0)[:, :-1]) + np.abs(np.diff(gray, axis=1)[:-1])
    return {
        "bright": float(gray.mean() * 5),
        "colorful": float((spread + 0.3 * mean) * 2.55),
        "busy": float((steps > 0.1).mean() * 5),
        "plain": float(small[rim].std(axis=0).mean() < 0.05),
    }


PICTURE: Final = ("bright", "colorful", "busy", "plain")
VALUES: Final = ("color", "style", "offer")  # columns whose values are compared with each other


class Feature(NamedTuple):
    """One thing that creatives may differ in."""

    part: str  # "copy", "picture", or one of VALUES
    name: str  # of COPY or PICTURE, or the value itself
    against: str = ""  # the value that it is compared with, where it is one


@dataclass(frozen=True, slots=True)
class Features:
    """What n creatives have, by feature."""

    names: tuple[Feature, ...]
    values: Floats  # (n, f)


def features_of(
    creatives: Sequence[Creative], *, picture: Callable[[Creative], Pixels | None] | None = None
) -> Features:
    """The features in which creatives of enough tests differ.

    Args:
        creatives: of any number of tests.
        picture: opens that of a creative; None: they are not looked at.
    """
    names = [Feature("copy", name) for name in COPY]
    names += [Feature("picture", name) for name in PICTURE] if picture else []
    for part in VALUES:
        names += _against([_value(creative, part) for creative in creatives], part)
    table = filled(measured(creatives, names, picture=picture))
    tests = np.unique([creative.test for creative in creatives], return_inverse=True)[1]
    kept = [n for n in range(len(names)) if _differs(table[:, n], tests) >= _SHOWN]
    return Features(tuple(names[n] for n in kept), table[:, kept])


def measured(
    creatives: Sequence[Creative],
    names: Sequence[Feature],
    *,
    picture: Callable[[Creative], Pixels | None] | None = None,
) -> Floats:
    """(n, f) what creatives have of named features; NaN for a picture that cannot be seen."""
    table = np.zeros((len(creatives), len(names)))
    words = [creative.words for creative in creatives]
    looks: list[dict[str, float]] = []
    if picture and any(name.part == "picture" for name in names):
        opened = (picture(creative) for creative in creatives)
        looks = [_looks(pixels) if pixels is not None else {} for pixels in opened]
    for column, feature in enumerate(names):
        if feature.part == "copy":
            table[:, column] = [COPY[feature.name](text) for text in words]
        elif feature.part == "picture":
            table[:, column] = [one.get(feature.name, np.nan) for one in looks] or np.nan
        else:
            table[:, column] = [_value(creative, feature.part) == feature.name for creative in creatives]
    return table


def filled(table: Floats, usual: Floats | None = None) -> Floats:
    """The same with what is not known as usual: `usual` of each column, or the mean of what is known."""
    if usual is None:
        known = np.isfinite(table)
        usual = np.where(known, table, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return np.where(np.isfinite(table), table, usual)


def _value(creative: Creative, part: str) -> str:
    given = {"color": creative.color, "style": creative.style, "offer": creative.offer}
    return given[part].casefold()


def _against(given: Sequence[str], part: str) -> list[Feature]:
    """A feature for each common value but the usual one, which others are compared with; a blank is usual."""
    counts = Counter(given)
    usual = max(counts, key=lambda value: (value == "", counts[value], value), default="")
    often = [value for value in counts if value != usual and counts[value] >= _SHOWN]
    common = sorted(often, key=lambda value: (-counts[value], value))[:_VALUES]
    return [Feature(part, value, usual) for value in sorted(common)]


def _differs(values: Floats, tests: NDArray[np.integer]) -> int:
    """In how many tests there are creatives that differ in this."""
    low, high = np.full(tests.max(initial=-1) + 1, np.inf), np.full(tests.max(initial=-1) + 1, -np.inf)
    np.minimum.at(low, tests, values)
    np.maximum.at(high, tests, values)
    return int((high - low > 1e-9).sum())
