"""Mails, phones, numbers of cards and papers, and handles, as people write them in two languages."""

import re
from collections.abc import Callable, Iterator
from typing import Final, Literal

NumberKind = Literal["phone", "mail", "id", "card", "account"]

# Digits may be written in full width, and groups of them apart.
_D: Final = "[0-9０-９]"
_GAP: Final = r"[ \u00a0\-–.·]?"
_MAIL: Final = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}\s?[@＠]\s?[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}"
    r"|[A-Za-z0-9._%+\-]{2,64} ?[(\[]?\bat\b[)\]]? ?[A-Za-z0-9\-]{2,}"
    r"(?: ?[(\[]?\bdot\b[)\]]? ?[A-Za-z0-9\-]{2,})+"
)
_MOBILE_CN: Final = re.compile(
    rf"(?<![0-9０-９.])(?:(?:\+|00)?86{_GAP})?[1１][3-9３-９]{_D}(?:{_GAP}{_D}{{4}}){{2}}(?![0-9０-９])"
)
_FIXED_CN: Final = re.compile(
    rf"(?<!{_D})[(（]?[0０]{_D}{{2,3}}[)）]?[ \-–]{_D}{{7,8}}(?:[ \-转]{_D}{{1,5}})?(?!{_D})"
    rf"|(?<!{_D})[48]00[ \-]?{_D}{{3,4}}[ \-]?{_D}{{3,4}}(?!{_D})"
)
_SPOKEN_CN: Final = re.compile(r"[一幺1１][三四五六七八九3-9](?:[ \-]?[零〇一二三四五六七八九幺0-9０-９]){9}")
_ABROAD: Final = re.compile(r"(?<![\w+.])(?:\+|00)[1-9]\d{0,2}(?:[ \-.()]{0,2}\d{2,4}){2,5}(?![\w.]*\d)")
_NORTH_AMERICA: Final = re.compile(
    r"(?<![\w.\-])(?:1[ \-.])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[ \-.])\d{3}[ \-.]\d{4}(?![\w\-])"
)
_BRITISH: Final = re.compile(r"(?<![\w.\-])(?:0[1-37]\d{2,3} ?\d{3} ?\d{3,4}|02\d ?\d{4} ?\d{4})(?![\w\-])")
_SAID_PHONE: Final = re.compile(
    r"(?i:\b(?:phone|tel|telephone|mobile|cell|(?:call|text|reach) me (?:at|on)|whatsapp|fax)"
    r"|电话|手机号?|联系方式|热线|座机|来电)\W{0,4}(?:number|no\.?|is|号码?|是|为|[:：#])*\W{0,3}"
    rf"(\+?{_D}(?:[ \-.()]{{0,2}}{_D}){{6,14}})"
)
_IDENTITY_CN: Final = re.compile(rf"(?<!{_D})[1-8１-８](?: ?{_D}){{16}} ?[0-9０-９Xx](?![0-9０-９A-Za-z])")
_SOCIAL: Final = re.compile(r"(?<![\w\-])(?!000|666|9\d\d)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?![\w\-])")
_INSURANCE: Final = re.compile(r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?(?:\d\d ?){3}[A-D]\b")
_IBAN: Final = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_CARD: Final = re.compile(rf"(?<![0-9０-９.])[3-6３-６](?:[ \-]?{_D}){{12,18}}(?![0-9０-９])")
_ID_EN: Final = (
    r"\b(?:order|tracking|parcel|shipment|invoice|ticket|case|passport|licen[cs]e|membership|customer|account|"
    r"booking|reference|ssn|confirmation)"
)
_ID_CN: Final = (
    r"(?:订单(?:编?号)?|单号|快递单?号?|运单号?|物流单?号|身份证号?码?|护照号?码?|会员号|客户号|发票号?码?|工单号?|"
    r"取件码|证件号码?|驾驶证号?)"
)
_WRITTEN: Final = r"((?=[A-Za-z\-]{0,6}[0-9])[A-Za-z0-9][A-Za-z0-9\-]{3,28}[A-Za-z0-9])(?![A-Za-z0-9])"
_SAID_ID: Final = re.compile(
    rf"(?i:{_ID_EN}\s*(?:(?:number|no\b\.?|id|code|[#:])\s*)+(?:is\s*|was\s*)?[:#]?|{_ID_CN}\s*(?:[是为:：#＃]\s*)*){_WRITTEN}"
)
_LONG_ID: Final = re.compile(rf"(?i:{_ID_EN})\s+([A-Z]{{0,4}}[0-9\-]{{8,28}}[0-9])(?![A-Za-z0-9])")
_HANDLE: Final = re.compile(
    r"(?i:微信号?|v信|薇信|威信|(?<![a-z])(?:vx|wx|wechat|qq群?)(?![a-z])|企鹅号?|抖音号|小红书号|快手号|旺旺号?|支付宝账?号?|\btelegram\b|\binstagram\b|"
    r"\binsta\b|\big\b|\bskype\b|\bline id\b|\bsnapchat\b|\btwitter\b)"
    r"(?i:\s*(?:id\b|号码?|账号|帐号|加我|是|为|is\b|handle|[:：]))*\s*"
    r"(@?(?=[A-Za-z_.\-]{0,20}[0-9_.])[A-Za-z0-9][A-Za-z0-9_.\-]{3,29}[A-Za-z0-9_])"
)
_HANDLE_CN: Final = re.compile(
    r"(?i:微信|v信|薇信|抖音|小红书|快手|旺旺|支付宝)(?:号|账号|帐号)(?:是|为|[:：])?\s*([A-Za-z][A-Za-z0-9_.\-]{4,29})"
)
_AT_HANDLE: Final = re.compile(r"(?<![\w.@])@[A-Za-z][A-Za-z0-9_.]{2,29}\b")

_FACTORS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def numbers_in(text: str) -> Iterator[tuple[NumberKind, int, int]]:
    """Candidates with where they stand; they may overlap."""
    for kind, pattern, holds in _WAYS:
        for match in pattern.finditer(text):
            group = match.re.groups  # the last group is what is meant, the words before it say so
            if holds(match[group]):
                yield kind, *match.span(group)


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1).

    >>> luhn("4539148803436467"), luhn("4539148803436468")
    (True, False)
    """
    total = 0
    for place, char in enumerate(reversed(digits)):
        digit = int(char) * (1 + place % 2)
        total += digit - 9 * (digit > 9)
    return total % 10 == 0


def is_identity_cn(number: str) -> bool:
    """Whether the last of 18 characters is the check digit of a Chinese identity card (GB 11643-1999).

    >>> is_identity_cn("11010519491231002X")
    True
    """
    plain = _plain(number).upper()
    if len(plain) != 18 or not plain[:17].isdigit():
        return False
    if not ("01" <= plain[10:12] <= "12" and "01" <= plain[12:14] <= "31"):
        return False
    total = sum(int(digit) * factor for digit, factor in zip(plain[:17], _FACTORS, strict=True))
    return "10X98765432"[total % 11] == plain[17]


def is_iban(number: str) -> bool:
    """Whether the check digits of an international bank account number hold (ISO 13616).

    >>> is_iban("GB82 WEST 1234 5698 7654 32")
    True
    """
    plain = _plain(number)
    turned = plain[4:] + plain[:4]
    return 15 <= len(plain) <= 34 and int("".join(str(int(char, 36)) for char in turned)) % 97 == 1


def _plain(number: str) -> str:
    """Digits and Latin letters alone, of usual width."""
    return "".join(str(int(char)) if char.isdecimal() else char for char in number if char.isalnum())


def _is_card(number: str) -> bool:
    digits = _plain(number)
    return 13 <= len(digits) <= 19 and luhn(digits) and len(set(digits)) > 1


def _is_phone(number: str) -> bool:
    return 7 <= sum(char.isdecimal() for char in number) <= 15


def _always(number: str) -> bool:
    return True


_WAYS: Final[tuple[tuple[NumberKind, re.Pattern[str], Callable[[str], bool]], ...]] = (
    ("mail", _MAIL, _always),
    ("id", _IDENTITY_CN, is_identity_cn),
    ("id", _SOCIAL, _always),
    ("id", _INSURANCE, _always),
    ("card", _IBAN, is_iban),
    ("card", _CARD, _is_card),
    ("phone", _MOBILE_CN, _always),
    ("phone", _FIXED_CN, _always),
    ("phone", _SPOKEN_CN, _always),
    ("phone", _ABROAD, _is_phone),
    ("phone", _NORTH_AMERICA, _always),
    ("phone", _BRITISH, _always),
    ("phone", _SAID_PHONE, _is_phone),
    ("id", _SAID_ID, _always),
    ("id", _LONG_ID, _always),
    ("account", _HANDLE, _always),
    ("account", _HANDLE_CN, _always),
    ("account", _AT_HANDLE, _always),
)
