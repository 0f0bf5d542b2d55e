"""Amounts and currencies as shoppers write them."""

import re
from decimal import Decimal
from typing import Final

_DOLLARS: Final = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP"})
# 元 is the yuan, and what the names of these currencies end in, too (美元, 欧元, 日元): who says it alone in
# a shop with prices in one of them means that one. 块 is said for it in speech.
_UNITS: Final = frozenset({"CNY", "USD", "EUR", "HKD", "TWD", "JPY", "CAD", "AUD", "NZD", "SGD", "MOP"})
_MEANT: Final[dict[str, frozenset[str]]] = {
    **dict.fromkeys(("$", "dollar", "dollars", "buck", "bucks"), _DOLLARS),
    **dict.fromkeys(("us$", "usd", "us dollars", "美元", "美金", "美刀"), frozenset({"USD"})),
    **dict.fromkeys(("ca$", "c$", "cad", "加元"), frozenset({"CAD"})),
    **dict.fromkeys(("au$", "a$", "aud", "澳元"), frozenset({"AUD"})),
    **dict.fromkeys(("nz$", "nzd"), frozenset({"NZD"})),
    **dict.fromkeys(("s$", "sgd", "新币"), frozenset({"SGD"})),
    **dict.fromkeys(("hk$", "hkd", "港币", "港元"), frozenset({"HKD"})),
    **dict.fromkeys(("nt$", "twd", "台币", "新台币"), frozenset({"TWD"})),
    **dict.fromkeys(("€", "eur", "euro", "euros", "欧元"), frozenset({"EUR"})),
    **dict.fromkeys(("£", "gbp", "pound", "pounds", "quid", "英镑"), frozenset({"GBP"})),
    **dict.fromkeys(("yuan", "rmb", "cny", "人民币"), frozenset({"CNY"})),
    **dict.fromkeys(("yen", "jpy", "日元", "円"), frozenset({"JPY"})),
    **dict.fromkeys(("₹", "inr", "rs", "rs.", "rupee", "rupees", "卢比"), frozenset({"INR"})),
    **dict.fromkeys(("元", "元钱", "块", "块钱", "圆"), _UNITS),
    "¥": frozenset({"CNY", "JPY"}),
}
_TIMES: Final = {"十": 10, "百": 100, "千": 1000, "k": 1000, "万": 10_000, "w": 10_000}
_DIGITS: Final = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "俩": 2,
}
_WRITTEN: Final = re.compile(r"(\d{1,3}(?:,\d{3})+|\d{1,12})(\.\d{1,6})?([百千万kw])?")

# Numbers in English words, as who speaks says them: fifty, a hundred and twenty, two thousand five hundred.
_BELOW_20: Final = re.findall(
    r"\S+",
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen",
)
_ONES: Final = {word: value for value, word in enumerate(_BELOW_20, 1)}
_EVEN: Final = re.findall(r"\S+", "twenty thirty forty fifty sixty seventy eighty ninety")
_TENS: Final = {word: 10 * value for value, word in enumerate(_EVEN, 2)}
_SMALL: Final = "|".join(_BELOW_20[:9])
_BELOW_100: Final = rf"(?:(?:{'|'.join(_EVEN)})(?:[ -](?:{_SMALL}))?|{'|'.join(_BELOW_20[9:])})"
_HUNDREDS: Final = rf"(?:(?:a|{_SMALL}) hundred(?:(?: and)? (?:{_BELOW_100}|{_SMALL}))?)"
_IN_WORDS: Final = (
    rf"(?:(?:a|{_SMALL}|{_BELOW_100}) thousand(?:(?: and)? (?:{_HUNDREDS}|{_BELOW_100}))?"
    rf"|{_HUNDREDS}|{_BELOW_100}|(?:{_SMALL})(?= (?:dollar|buck|euro|pound|quid|yuan)))(?![a-z-])"
)
NUMERALS: Final = "零〇一二两俩三四五六七八九十百千万"
# An amount in digits or Chinese numerals: no part of a code, a date, a fraction or a longer number.
_AMOUNT: Final = (
    rf"(?:(?:\d{{1,3}}(?:,\d{{3}})+|\d{{1,9}})(?:\.\d{{1,2}})?(?:[kw](?![a-z0-9])|[百千万])?"
    rf"(?![\d_a-z]|[.,]\d)|[{NUMERALS}]+(?![{NUMERALS}\d])|{_IN_WORDS})"
)
NUMBER: Final = rf"(?<![\d/\"'+#_a-z{NUMERALS}第-])(?<!\d[.,]){_AMOUNT}"
SECOND: Final = _AMOUNT  # after what joins two amounts
_CODES: Final = "usd|eur|gbp|cny|rmb|jpy|hkd|cad|aud|sgd|inr"
BEFORE: Final = rf"(?:us|hk|nt|ca|au|nz|c|a|s)?\$|€|£|¥|₹|(?<![a-z])(?:{_CODES}|rs\.?)(?![a-z])"
AFTER: Final = (
    rf"(?:{_CODES}|dollars?|bucks?|us dollars|euros?|pounds?|quid|yuan|yen|rupees?|rs)(?![a-z])"
    r"|€|£|¥|\$|美元|美金|美刀|欧元|英镑|港币|港元|日元|加元|澳元|新币|新?台币|卢比|人民币|円"
    r"|元钱?(?![素宝件旦气老年子装])|圆(?=$|[\s,.以左的])|块钱|块(?=$|[\s,.以左上的到至~-])"
)


def currency_fits(said: str, currencies: frozenset[str]) -> frozenset[str] | None:
    """Which of a shop's currencies a sign or word may mean; None where it means none of them.

    Args:
        said: folded; "" where none was said.
        currencies: ISO 4217, of the shop's prices; none where it says nothing: then every word fits.

    >>> currency_fits("元", frozenset({"USD"})), currency_fits("£", frozenset({"USD"}))
    (frozenset({'USD'}), None)
    >>> currency_fits("元", frozenset({"USD", "CNY"}))
    frozenset({'CNY'})
    """
    if not said or not currencies:
        return currencies
    meant = _MEANT.get(" ".join(said.split()), frozenset())
    if meant == _UNITS and "CNY" in currencies:
        return frozenset({"CNY"})
    return meant & currencies or None


def number_of(said: str) -> int | float | None:
    """The number that digits or Chinese numerals say; None where they say none.

    >>> [number_of(said) for said in ("1,299.00", "1.5k", "2万", "五百", "一千五", "两百零五", "百")]
    [1299, 1500, 20000, 500, 1500, 205, 100]
    >>> [number_of(said) for said in ("fifty", "a hundred and twenty", "two thousand five hundred")]
    [50, 120, 2500]
    """
    if found := _WRITTEN.fullmatch(said):
        exact = Decimal(found[1].replace(",", "") + (found[2] or "")) * _TIMES.get(found[3] or "", 1)
        return int(exact) if exact == exact.to_integral_value() else float(exact)
    return _in_words(said) if said.isascii() else _numeral(said)


def _in_words(said: str) -> int | None:
    total = section = 0
    for word in said.replace("-", " ").split():
        if word == "hundred":
            section = (section or 1) * 100
        elif word == "thousand":
            total, section = (section or 1) * 1000, 0
        elif (value := _ONES.get(word, _TENS.get(word))) is not None:
            section += value
        elif word not in ("a", "and"):
            return None
    return total + section or None


def _numeral(said: str) -> int | None:
    total, section, digit, unit = 0, 0, None, 0
    for letter in said:
        if (value := _DIGITS.get(letter)) is not None:
            if digit:
                return None  # two digits side by side say no number: 两三百, 一二
            digit = value
            unit = 0 if value == 0 else unit
        elif letter == "万":
            total, section, digit, unit = (total + section + (digit or 0) or 1) * 10_000, 0, None, 10_000
        elif letter in _TIMES:
            unit = _TIMES[letter]
            section, digit = section + (digit if digit is not None else 1) * unit, None
        else:
            return None
    return total + section + (digit or 0) * (unit // 10 if unit >= 100 else 1)


def about_hundreds(said: str) -> tuple[int, int] | None:
    """The least, and the first number beyond, of an amount like 两三百: 200, 400.

    >>> about_hundreds("两三百"), about_hundreds("三五千"), about_hundreds("五百")
    ((200, 400), (3000, 6000), None)
    """
    if len(said) != 3 or said[2] not in _TIMES or not (said[0] in _DIGITS and said[1] in _DIGITS):
        return None
    low, high, unit = _DIGITS[said[0]], _DIGITS[said[1]], _TIMES[said[2]]
    return (low * unit, (high + 1) * unit) if 0 < low < high <= low + 2 else None
