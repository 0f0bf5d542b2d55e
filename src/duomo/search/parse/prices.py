"""Price limits in a question: under 50, $20-30, 200元以下, 两三百."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from duomo.search.parse.folded import is_han
from duomo.search.parse.measures import is_unit
from duomo.search.parse.money import AFTER, BEFORE, NUMBER, SECOND, about_hundreds, currency_fits, number_of
from duomo.search.parse.names import overlaps
from duomo.shelf.filters import And, Compare, Filter, Not, OneOf, Operator

NEAR: Final = 0.2  # "around 50" is 40 to 60
MOST: Final = 10**12  # an amount beyond that is no price

_UPPER: Final[Sequence[tuple[Operator, str]]] = (
    ("<=", r"no more than|not more than|not over|not above|not exceeding|at most|up ?to|max(?:imum)?(?: of)?"
     r"|within|<=|≤|不(?:能|要|可)?超过|别超过|不高于|不大于|不多于|最多|至多|最高|封顶|顶多|控制在|上限"),
    ("<", r"for under|under|below|less than|lower than|cheaper than|<|低于|少于|小于|不到|不足|便宜[过于]"),
    (">=", r"at least|no less than|not less than|min(?:imum)?(?: of)?|starting (?:at|from)|from|>=|≥"
     r"|不低于|不少于|不小于|至少|最少|最低|起码"),
    (">", r"over|above|more than|higher than|greater than|costlier than|>|高于|大于|多于|超过|高过|贵过"),
)  # fmt: skip
_LEAD: Final = (
    r"(?:(?:but|and|that (?:is|are|costs?)|which (?:is|are|costs?)|cost(?:s|ing)?|priced?(?: at)?|for|at"
    r"|with a|budget(?: of| is)?|price[sd]?(?: range)?(?: is)?"
    r"|(?:预算|价格|价位|价钱|售价|单价)(?:范围)?(?:控制)?[在是为要:]?|从)\s*)*"
)
_CUR: Final = rf"(?:(?P<{{0}}>{BEFORE})\s*)?"
_PRE: Final = re.compile(
    r"(?:"
    + "|".join(rf"(?P<p{i}>{words})" for i, (_, words) in enumerate(_UPPER))
    + rf")\s*{_CUR.format('c')}$"
)
_AROUND: Final = re.compile(
    r"(?:\b(?:around|about|approx(?:imately|\.)?|roughly|circa|near|close to)|~|大约|大概|约|差不多)"
    rf"\s*{_CUR.format('c')}$"
)
_SPAN: Final = re.compile(
    rf"(?:\b(?P<between>between)|\b(?P<from>from)|(?P<zh>从|介于))\s*{_CUR.format('c')}$"
)
_SIGN: Final = re.compile(rf"(?P<c>{BEFORE})\s*$")
_WORDED: Final = re.compile(
    r"(?:\b(?:budget|price[sd]?|cost(?:s|ing)?)\b|预算|价格|价位|价钱|售价|单价)[^\d,;、]{0,12}$"
)
_BUDGET: Final = re.compile(r"(?:\bbudget\b(?: of| is|:)?|预算[在是为:]?)\s*$")
_POST: Final[Sequence[tuple[Operator, re.Pattern[str]]]] = (
    ("<=", re.compile(r"\s*(?:(?:or|and|&) (?:less|under|below|cheaper|lower)\b|max(?:imum)?\b|tops\b"
                      r"|以下|以内|之内|之下|以里|封顶)")),
    (">=", re.compile(r"\s*(?:(?:or|and|&) (?:more|over|above|up)\b|以上|之上|往上|起步)")),
)  # fmt: skip
_OPEN_POST: Final = re.compile(r"\s*(?:\+|起|min(?:imum)?\b)")  # these need a currency
_NEAR_POST: Final = re.compile(r"\s*(?:左右|上下|or so\b)")
_TO: Final = re.compile(rf"\s*(?P<to>-|~|\bto\b|\band\b|到|至)\s*{_CUR.format('c')}(?P<n>{SECOND})")
_UNIT_AFTER: Final = re.compile(rf"\s*(?P<c>{AFTER})")
_INSIDE: Final = re.compile(r"\s*(?:之间|以内|区间)")
_NUMBER: Final = re.compile(NUMBER)
_CLOSED: Final = re.compile(
    r"\s*(?:$|[,;、!?)]|\.(?!\d)|(?:for|with|but|please|pls|made|that|which|without|not|no|size|price|only|and|or|under|over|below|above)\b)"
)
_LOOKS_IN: Final = re.compile(r"\s*in (?!\.|x\b|by\b|\d|$)[a-z]{3}")
_NO_PRICE_BEFORE: Final = re.compile(
    r"(?:\b(?:sizes?|sz|ages?|aged|model|no\.?|number|version|height|weight|width|length|capacity|part"
    r"|pack(?: of)?|set of)"
    r"|身高|体重|尺码|码数|年龄|适合|高度|宽度|长度|直径|厚度|内存|容量|功率|腰围|胸围|尺寸|型号|净含量|面积|深度|水深|承重|[宽高长深厚重粗径])\s*(?:在|是|为|:|of)?\s*$"
)
_NOT_AFTER: Final = re.compile(r"[%\"'°/×*#+]|x\d|\s*x\s*\d|-\s*[a-z\d]|\s*(?:%|percent|off\b|折)")


@dataclass(frozen=True, slots=True)
class Priced:
    """A price limit where it stands in a folded text."""

    start: int
    end: int
    filter: Filter
    hard: bool
    taken: bool


@dataclass(frozen=True, slots=True)
class _Amount:
    """A number, or two with "to" between them, with the currency said beside it."""

    start: int  # of the digits, or of the sign before them
    end: int  # after the word for the currency
    low: float
    high: float  # the same as low where there is one number
    joint: str  # what stands between two numbers
    currency: str
    loose: bool  # 两三百, 一百多: below high, which is not meant itself


def prices_in(
    text: str,
    column: str,
    currencies: frozenset[str],
    names: Sequence[tuple[int, int]],
    goods_at: Callable[[int], bool],
) -> Iterator[Priced]:
    """The price limits that a folded text sets.

    A number alone is no price. It needs a word that limits it, a currency or a word for price; and where no
    currency and no such word is said, nothing may follow that it could count.

    Args:
        text: folded.
        column: that holds prices; "": there is none.
        currencies: of the shop, ISO 4217; a currency that is none of them leaves the words alone.
        names: stretches that are names of the catalog: no limit begins in them.
        goods_at: whether the catalog has a name that begins at a place.
    """
    if not column:
        return
    place = 0
    while found := _NUMBER.search(text, place):
        place = found.end()
        amount = _amount(text, found)
        if amount is None or overlaps(*found.span(), names):
            continue
        fitting = currency_fits(amount.currency, currencies)
        limit = _limit(text, amount, goods_at) if fitting is not None else None
        if limit is None or fitting is None:
            continue
        start, end, tests, hard, taken = limit
        if overlaps(start, end, names):
            continue
        place = end
        denied = _DENIED.search(text, max(0, start - 20), start)
        if denied and not hard:
            continue  # "not around 50" says little
        parts: list[Filter] = [Compare(column, operator, value) for operator, value in tests]
        if denied and len(parts) > 1:
            start, parts = denied.start(), [Not(And(tuple(parts)))]
        elif denied:
            start, parts = denied.start(), [Compare(column, _OPPOSITE[op], value) for op, value in tests]
        if amount.currency and len(currencies) > len(fitting):
            parts.append(OneOf("currency", tuple(sorted(fitting))))
        yield Priced(start, end, parts[0] if len(parts) == 1 else And(tuple(parts)), hard, taken)


# What turns the limit after it round: nothing over 100, 不要100以上的.
_DENIED: Final = re.compile(
    r"(?:\b(?:no|not|nothing|none|never|except|without|don't want)(?: (?:anything|going|goes|those|ones))?"
    r"|不想?要|别要|别|除了)\s*$"
)
_OPPOSITE: Final[Mapping[Operator, Operator]] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_Limit = tuple[int, int, list[tuple[Operator, float]], bool, bool]


def _limit(text: str, amount: _Amount, goods_at: Callable[[int], bool]) -> _Limit | None:
    """Start, end, comparisons, hard and taken of what an amount limits; None: it limits nothing."""
    before, end = text[max(0, amount.start - 60) : amount.start], amount.end
    offset = amount.start - len(before)
    worded = bool(_WORDED.search(before))
    told = bool(amount.currency) or worded
    low, high = amount.low, amount.high
    if _NOT_AFTER.match(text, end) and not (amount.currency and text[end] == "+"):
        return None
    if amount.joint:
        span = _SPAN.search(before)
        inside = _INSIDE.match(text, end)
        if amount.joint == "and" and not (span and span["between"]):
            return None
        if not (
            told
            or inside
            or (
                span
                and not span["zh"]
                and amount.joint != "-"
                and _alone(text, before, span.start(), end, goods_at)
            )
        ):
            return None
        start = _led(text, offset + span.start() if span else amount.start)
        return start, inside.end() if inside else end, [(">=", low), ("<=", high)], True, True
    if amount.loose:
        if post := _POST[0][1].match(text, end):
            return _led(text, amount.start), post.end(), [("<", high)], True, True
        if not told and (
            before.rstrip().endswith(("到", "至", "-", "~"))
            or is_unit(text, end)
            or not re.match(r"\s*(?:$|[,;、.的以左])", text[end:])
        ):
            return None
        near = _NEAR_POST.match(text, end)
        return _led(text, amount.start), near.end() if near else end, [(">=", low), ("<", high)], True, True
    if pre := _PRE.search(before):
        operator = next(each for i, (each, _) in enumerate(_UPPER) if pre[f"p{i}"])
        bare = not _OF_ANYTHING.match(before, pre.start()) or re.search(
            r"(?:^|[,;、])\s*$", before[: pre.start()]
        )
        if not _in_word(before, pre.start(), sign=not told) and (
            told or (bare and _alone(text, before, pre.start(), end, goods_at))
        ):
            if post := _POST[operator in (">", ">=")][1].match(text, end):
                end = post.end()
            return _led(text, offset + pre.start()), end, [(operator, low)], True, True
    for operator, pattern in _POST:
        if (post := pattern.match(text, end)) and (
            told or (low > 10 and not _NO_PRICE_BEFORE.search(before))
        ):
            return _led(text, amount.start), post.end(), [(operator, low)], True, True
    if told and (post := _OPEN_POST.match(text, end)):
        return _led(text, amount.start), post.end(), [(">=", low)], True, True
    around = [(">=", _rounded(low * (1 - NEAR))), ("<=", _rounded(low * (1 + NEAR)))]
    near, about = _NEAR_POST.match(text, end), _AROUND.search(before)
    if near and not _NO_PRICE_BEFORE.search(before):
        return _led(text, amount.start), near.end(), around, False, True  # type: ignore[return-value]  # literals
    if about and (told or _alone(text, before, about.start(), end, goods_at)):
        return _led(text, offset + about.start()), end, around, False, True  # type: ignore[return-value]  # literals
    if _BUDGET.search(before):
        return _led(text, amount.start), end, [("<=", low)], True, True
    if told and not is_unit(text, end):
        return amount.start, end, around, False, False  # type: ignore[return-value]  # literals
    return None


def _amount(text: str, found: re.Match[str]) -> _Amount | None:
    """The amount that begins with a number; None where it is none."""
    start, end = found.span()
    sign = _SIGN.search(text, max(0, start - 8), start)
    start, said = (sign.start(), sign["c"].strip()) if sign else (start, "")
    if hundreds := about_hundreds(found[0]):
        low, high, loose = float(hundreds[0]), float(hundreds[1]), True
    elif (value := number_of(found[0])) is None:
        return None
    else:
        low, high, loose = value, value, False
        if text[end : end + 1] == "多" and value >= 10:
            end, high, loose = end + 1, value + 10 ** (len(f"{value:.0f}") - 1), True
    end, unit = _unit(text, end)
    joint = ""
    if not loose and (to := _TO.match(text, end)) and (value := number_of(to["n"])) is not None:
        stop, second = _unit(text, to.end())
        if to["n"][-1] in "万千百k" and found[0].isdigit() and low < value:
            # 5-6万 is 50,000 to 60,000.
            scaled = number_of(found[0] + to["n"][-1])
            low = scaled if scaled is not None and scaled < value else low
        if value > low and not is_unit(text, stop):
            high, joint, end = value, to["to"], stop
            unit = unit or second or (to["c"] or "").strip()
    if max(low, high) >= MOST or (not said and not unit and is_unit(text, end)):
        return None
    return _Amount(start, end, low, high, joint, said or unit, loose)


def _unit(text: str, end: int) -> tuple[int, str]:
    """Where the word for a currency after a number ends, and the word; (end, "") where there is none."""
    found = _UNIT_AFTER.match(text, end)
    return (found.end(), found["c"]) if found else (end, "")


def _alone(text: str, before: str, start: int, end: int, goods_at: Callable[[int], bool]) -> bool:
    """Whether nothing beside a bare number makes it anything else than a price."""
    if _NO_PRICE_BEFORE.search(before[:start]) or is_unit(text, end):
        return False
    rest = text[end:]
    if _CLOSED.match(rest) or _LOOKS_IN.match(rest) or is_han(rest[0]):
        return True
    return goods_at(end + len(rest) - len(rest.lstrip()))


def _in_word(before: str, start: int, *, sign: bool) -> bool:
    """Whether the place lies inside a word of a script with blanks; sign: or < and > in a formula."""
    if not 0 < start < len(before) or is_han(before[start]) or not (before[start].isalpha() or sign):
        return False
    return before[start - 1].isalnum() and not is_han(before[start - 1])


# Without a currency these are said of anything ("from 20", "pro max 256"), unless nothing stands before them.
_OF_ANYTHING: Final = re.compile(r"from|max|min|within|上限|最高|最低|控制在|不足")


_LED: Final = re.compile(rf"(?:(?<=^)|(?<=[\s,;])|(?<=[^a-z0-9\s])){_LEAD}$")


def _led(text: str, start: int) -> int:
    """Where the words begin that lead to a limit, and say nothing else: "priced at", 价格."""
    window = max(0, start - 40)
    found = _LED.search(text[window:start])
    return window + found.start() if found else start


def _rounded(value: float) -> float:
    """Without what binary fractions leave behind; whole where it is."""
    exact = round(value, 2)
    return int(exact) if exact == int(exact) else exact
