"""Global trade item numbers: EAN, UPC and ISBN-13 as one key."""

import re
import unicodedata


def check_digit(digits: str) -> int:
    """The last digit that a GTIN with these digits before it must have (GS1 General Specifications, 7.9).

    >>> check_digit("400638133393")
    1
    """
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(digits)))
    return -total % 10


def gtin14(text: str) -> str:
    """A GTIN of 8, 12, 13 or 14 digits as 14, so that the same article has one key; blanks and dashes go.

    Raises:
        ValueError: it is no GTIN; the message says why, as the end of a sentence about it.

    >>> gtin14("4 006381-333931")
    '04006381333931'
    """
    digits = re.sub(r"[\s'’-]", "", unicodedata.normalize("NFKC", text))
    if not re.fullmatch(r"[0-9]+", digits):
        raise ValueError("is not a number of digits")
    if len(digits) not in (8, 12, 13, 14):
        raise ValueError(f"has {len(digits)} digits, not 8, 12, 13 or 14")
    if check_digit(digits[:-1]) != int(digits[-1]):
        raise ValueError(f"has the wrong check digit: {check_digit(digits[:-1])} would be right")
    return digits.zfill(14)
