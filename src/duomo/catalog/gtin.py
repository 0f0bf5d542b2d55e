"""Global trade item numbers: EAN, UPC and ISBN-13 as one key."""

import re
import unicodedata
from typing import Final

_LENGTHS: Final = (8, 12, 13, 14)
_LINK: Final = re.compile(r"https?://[^\s?#]+?/(?:01|gtin)/(\d{14}|\d{12,13}|\d{8})(?![^/?#])", re.IGNORECASE)
_SCIENTIFIC: Final = re.compile(r"(\d)(?:[.,](\d+))?[eE]\+?(\d{1,2})")


def check_digit(digits: str) -> int:
    """The last digit that a GTIN with these digits before it must have (GS1 General Specifications, 7.9).

    >>> check_digit("400638133393")
    1
    """
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(digits)))
    return -total % 10


def gtin14(text: str) -> str:
    """A GTIN of 8, 12, 13 or 14 digits as 14, so that the same article has one key; blanks and dashes go.

    A GS1 Digital Link stands for the GTIN in it, eight digits of a UPC-E symbol for the GTIN-12 that they
    shorten. What a spreadsheet made of a number ("4006381333931.0", "4.006381333931E+12") is taken back
    where no digit is lost.

    Raises:
        ValueError: it is no GTIN; the message says why, as the end of a sentence about it.

    >>> gtin14("4 006381-333931"), gtin14("https://example.com/01/04006381333931/10/A1")
    ('04006381333931', '04006381333931')
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    digits = in_link(plain) or re.sub(r"[\s'’-]", "", _as_typed(plain))
    if not re.fullmatch(r"[0-9]+", digits):
        raise ValueError("is not a number of digits")
    if len(digits) not in _LENGTHS:
        raise ValueError(f"has {len(digits)} digits, not 8, 12, 13 or 14{_zero_lost(digits)}")
    if not digits.strip("0"):
        raise ValueError("is all zeros, which no article has")
    if check_digit(digits[:-1]) != int(digits[-1]):
        longer = _expanded(digits)
        if longer and check_digit(longer[:-1]) == int(longer[-1]):
            return longer.zfill(14)
        raise ValueError(f"has the wrong check digit: {check_digit(digits[:-1])} would be right")
    return digits.zfill(14)


def in_link(text: str) -> str:
    """The GTIN in a GS1 Digital Link; "" where there is none (GS1 Digital Link Standard: URI Syntax, 4.3).

    >>> in_link("https://id.gs1.org/01/09506000134352/10/ABC?17=271231"), in_link("https://x.cn/01/about")
    ('09506000134352', '')
    """
    found = _LINK.match(text)
    return found[1] if found else ""


def _as_typed(text: str) -> str:
    """A number as it was before a spreadsheet or a data frame took it for an amount."""
    if found := _SCIENTIFIC.fullmatch(text):
        digits, rest = found[1] + (found[2] or ""), int(found[3]) - len(found[2] or "")
        if rest > 0:
            whole = len(digits) + rest
            problem = f"was shortened by a spreadsheet: {rest} of its {whole} digits are lost"
            raise ValueError(f"{problem}; export the column as text")
        return digits if rest == 0 else text
    return re.sub(r"(?<=\d)\.0+$", "", text)


def _zero_lost(digits: str) -> str:
    """What to add where a spreadsheet has dropped the zeros in front."""
    longer = next((length for length in _LENGTHS if len(digits) < length <= len(digits) + 2), 0)
    if longer and check_digit(digits[:-1]) == int(digits[-1]):
        return f"; as {digits.zfill(longer)}, with the zeros that spreadsheets drop, it would be right"
    return ""


def _expanded(digits: str) -> str:
    """The GTIN-12 that the eight digits of a UPC-E symbol shorten; "" where they are none.

    Source: GS1 General Specifications, "UPC-E barcodes": the last of the six digits says where zeros were.

    >>> _expanded("04252614")
    '042100005264'
    """
    if len(digits) != 8 or digits[0] != "0":
        return ""
    body, rule, check = digits[1:6], digits[6], digits[7]
    if rule in "012":
        return f"0{body[:2]}{rule}0000{body[2:]}{check}"
    if rule == "3":
        return f"0{body[:3]}00000{body[3:]}{check}"
    if rule == "4":
        return f"0{body[:4]}00000{body[4]}{check}"
    return f"0{body}0000{rule}{check}"
