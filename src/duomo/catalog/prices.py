"""Prices as merchants write them, made exact."""

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal

from duomo.product import PLACES, Price
from duomo.settings import CURRENCIES

Mark = Literal[".", ",", ""]  # what begins the decimals; "": not known

# What stands for a currency beside its code. The first is meant, unless the catalog names one of the others.
_SIGNS: Final[dict[str, tuple[str, ...]]] = {
    "US$": ("USD",),
    "HK$": ("HKD",),
    "NT$": ("TWD",),
    "CA$": ("CAD",),
    "AU$": ("AUD",),
    "NZ$": ("NZD",),
    "C$": ("CAD",),
    "A$": ("AUD",),
    "S$": ("SGD",),
    "R$": ("BRL",),
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP"),
    "€": ("EUR",),
    "£": ("GBP", "EGP", "LBP"),
    "¥": ("CNY", "JPY"),
    "円": ("JPY",),
    "日元": ("JPY",),
    "美元": ("USD",),
    "欧元": ("EUR",),
    "港币": ("HKD",),
    "人民币": ("CNY",),
    "元": ("CNY", "TWD", "HKD"),
    "块": ("CNY",),
    "RMB": ("CNY",),
    "RS.": ("INR", "PKR", "LKR", "NPR", "MUR"),
    "RS": ("INR", "PKR", "LKR", "NPR", "MUR"),
    "₹": ("INR",),
    "₩": ("KRW",),
    "원": ("KRW",),
    "₽": ("RUB",),
    "₫": ("VND",),
    "Đ": ("VND",),
    "฿": ("THB",),
    "₺": ("TRY",),
    "TL": ("TRY",),
    "₴": ("UAH",),
    "₪": ("ILS",),
    "₱": ("PHP",),
    "RM": ("MYR",),
    "RP": ("IDR",),
    "RP.": ("IDR",),
    "ZŁ": ("PLN",),
    "KČ": ("CZK",),
    "FR.": ("CHF",),
    "KR": ("SEK", "NOK", "DKK", "ISK"),
    "KR.": ("DKK", "SEK", "NOK", "ISK"),
}
# Where these are paid in, a point groups (Unicode CLDR); others like them have no decimals anyway.
_POINTS_GROUP: Final = frozenset(re.findall("...", "ARSAZNBAMBOBBRLCOPDKKIDRMDLMKDRONRSDTRYUYUVES"))
_DASHES: Final = str.maketrans("−–—﹣", "----")
_WRITTEN: Final = re.compile(
    r"(?P<minus>[+-]?)\s*(?P<before>[^\d.,+-]*[^\W\d_]\.|[^\d.,+-]*)\s*(?P<sign>[+-]?)\s*"
    r"(?P<amount>\d[\d.,' ]*|[.,]\d+)(?P<times>[千万萬亿億]?)(?P<after>.*)"
)
_COUNT: Final = re.compile(r"(?P<sign>[+-]?) ?(?P<amount>\d[\d.,' ]*)")
_TIMES: Final = {"": 0, "千": 3, "万": 4, "萬": 4, "亿": 8, "億": 8}  # powers of ten
_OPEN: Final = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")  # one mark before exactly three digits
_RANGE: Final = re.compile(r"\d\s*[^\d.,]{0,6}\s*(?:-|~|to|至)\s*[^\d.,]{0,6}\s*\d", re.IGNORECASE)
_NOISE: Final = Decimal("1e-7")  # part of an amount: what a float of 32 bits cannot hold
_MOST_COUNTED: Final = 12  # digits of a number of pieces
_MOST_DIGITS: Final = 15  # minor units beyond that do not survive a float, and no price has them


def currency_code(text: str, hint: str = "") -> str:
    """The ISO 4217 code that a code, sign or word stands for; "" for nothing.

    Args:
        text: "usd", "US$", "¥", "元" ...
        hint: the code the catalog names elsewhere; decides where a sign serves several currencies.

    Raises:
        ValueError: no currency is written so.

    >>> currency_code("¥"), currency_code("¥", "JPY"), currency_code("eur")
    ('CNY', 'JPY', 'EUR')
    """
    word = unicodedata.normalize("NFKC", text).strip().upper()
    if not word:
        return ""
    if word in CURRENCIES:
        return word
    if word == "CNH":
        return "CNY"
    if known := _SIGNS.get(word):
        return hint if hint in known else known[0]
    raise ValueError(f"'{text.strip()}' is not a currency")


def parse_price(text: str, currency: str = "") -> Price:
    """The price that a text names.

    Full-width digits and signs count as plain ones. ``¥`` is CNY unless the catalog says JPY. Where a
    point and a comma both stand, the last one begins the decimals. A separator that repeats groups. A lone
    comma before exactly three digits groups ("1,299" is 1299), otherwise it begins the decimals ("1,29" is
    1.29). A lone point begins the decimals ("1.299" is 1.299, as programs write it), except before exactly
    three digits where the currency has no decimals, where it is one that groups with points ("Rp 129.000"
    is 129000), or where the sign € stands by, since who writes it for people does so ("1.299 €" is 1299).

    Args:
        text: one amount, with or without a currency.
        currency: the ISO 4217 code that holds where the text names none.

    Raises:
        ValueError: the text is no price; the message says why, as the end of a sentence about it.

    >>> print(parse_price("¥1,299.00"), parse_price("1.299,00 €"), parse_price("￥９９"))
    1299.00 CNY 1299.00 EUR 99.00 CNY
    """
    return read_price(text, currency)[0]


def read_price(text: str, currency: str = "", mark: Mark = "") -> tuple[Price, bool]:
    """The price that a text names as `parse_price` reads it, and whether nothing of it was rounded away.

    What binary numbers leave behind (19.990000000000002) is no rounding.

    Args:
        text: one amount, with or without a currency.
        currency: the ISO 4217 code that holds where the text names none.
        mark: what begins the decimals in the other prices of the column; it decides where the text alone
            does not. Without it `parse_price` says what is meant.

    >>> read_price("12.5"), read_price("0.0049")
    ((Price(minor=1250, currency=''), True), (Price(minor=0, currency=''), False))
    >>> read_price("1.299", "EUR", ",")[0].minor, read_price("1.2万元")[0].minor
    (129900, 1200000)
    """
    plain = _plain(text)
    found = _WRITTEN.fullmatch(plain)
    if not found:
        raise ValueError("is not a number")
    signs = [found["before"].strip(), found["after"].strip()]
    if "-" in (found["minus"], found["sign"]) or (plain.startswith("(") and plain.endswith(")")):
        raise ValueError("is negative")
    if _RANGE.search(plain):
        raise ValueError("is a range, not one price")
    try:
        codes = list(dict.fromkeys(code for sign in signs if (code := currency_code(sign, currency))))
    except ValueError:
        raise ValueError("is not a number") from None
    if len(codes) == 2 and "¥" in signs and set(codes) <= {"CNY", "JPY"}:  # "¥1200 JPY"
        codes = [code for code in codes if code != "CNY"]
    if len(codes) == 2 and "$" in signs:  # "$15 CAD"
        codes = [code for code, sign in zip(codes, signs, strict=True) if sign != "$"]
    if len(codes) > 1:
        raise ValueError("names two currencies")
    code = codes[0] if codes else currency
    if PLACES.get(code, 2) == 0:
        mark = ""  # without decimals there is nothing that a mark could begin
    grouped = PLACES.get(code, 2) == 0 or code in _POINTS_GROUP or "€" in signs
    amount = _amount(found["amount"], grouped=grouped, mark=mark)
    if len(amount.split(".")[0].lstrip("0")) > _MOST_DIGITS:  # before it is a number: it may have a million
        raise ValueError("is too large for a price")
    amount = f"{Decimal(amount).scaleb(_TIMES[found['times']]):f}"
    if len(amount.split(".")[0].lstrip("0")) > _MOST_DIGITS - PLACES.get(code, 2):
        raise ValueError("is too large for a price")
    price = Price.of(Decimal(amount), code)
    lost = Decimal(amount).scaleb(PLACES.get(code, 2)) - price.minor
    return price, abs(lost) <= _NOISE * (1 + price.minor)


def whole_number(text: str, mark: Mark = "") -> int:
    """How many a text names, with marks read as in a price; decimals that are zero do not count.

    Args:
        text: like "12", "1,000", "5,00" or "-3".
        mark: what begins the decimals in the other numbers of the column.

    Raises:
        ValueError: it is none, or has more than 12 digits; the message says so, as the end of a sentence.

    >>> whole_number("5,00"), whole_number("1,000"), whole_number("1.000"), whole_number("1.000", ",")
    (5, 1000, 1, 1000)
    """
    found = _COUNT.fullmatch(_plain(text))
    try:
        amount = _amount(found["amount"], grouped=False, mark=mark) if found else ""
    except ValueError:
        amount = ""
    whole, _, fraction = amount.partition(".")
    if not found or not whole or len(whole) > _MOST_COUNTED or fraction.strip("0"):
        raise ValueError("is not a whole number")
    return -int(whole) if found["sign"] == "-" else int(whole)


def decimal_mark(text: str) -> Mark:
    """What begins the decimals in this price, as far as it shows; "" where it does not, or is no price.

    >>> decimal_mark("1.299,00 €"), decimal_mark("12.50"), decimal_mark("1,299,000"), decimal_mark("1,299")
    (',', '.', '.', '')
    """
    found = _WRITTEN.fullmatch(_plain(text))
    digits = re.sub(r"[' ]", "", found["amount"]).rstrip(".,") if found else ""
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        return "." if digits.rfind(".") > digits.rfind(",") else ","
    if (not points and not commas) or is_open(text):
        return ""
    return "." if (points == 1 or commas > 1) else ","


@lru_cache(maxsize=20_000)
def is_open(text: str) -> bool:
    """Whether a price has one mark, before exactly three digits: it may group them or begin the decimals.

    >>> is_open("1,299"), is_open("$1.299"), is_open("0.299"), is_open("1,299.00")
    (True, True, False, False)
    """
    found = _WRITTEN.fullmatch(_plain(text))
    return bool(found and _OPEN.fullmatch(re.sub(r"[' ]", "", found["amount"]).rstrip(".,")))


def _plain(text: str) -> str:
    """The text with plain digits, signs, dashes and blanks."""
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES).replace("’", "'").strip()
    return re.sub(r"(?<=\d[.,])-{1,2}(?!\d)", "", plain)  # "15,-" is how print writes whole amounts


def _amount(written: str, *, grouped: bool, mark: Mark) -> str:
    """The digits with a point before the decimals; grouped: a lone point before three digits groups."""
    digits = re.sub(r"[' ]", "", written).rstrip(".,")
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        decimal = max(".", ",", key=digits.rfind)
        if digits.count(decimal) > 1:
            raise ValueError("is not a number")
    elif points + commas == 1:
        lone = "." if points else ","
        groups = commas or grouped if not mark else lone != mark
        decimal = "" if groups and _OPEN.fullmatch(digits) else lone
    else:
        decimal = ""
    whole, _, fraction = digits.partition(decimal) if decimal else (digits, "", "")
    if re.search(r"[.,]", whole) and not re.fullmatch(r"\d{1,3}(?:[.,]\d{2,4})*[.,]\d{3}", whole):
        raise ValueError(
            "is not a number"
        )  # groups of two (lakh) to four (万) digits occur; the last has three
    return f"{re.sub('[.,]', '', whole) or '0'}.{fraction or '0'}"
