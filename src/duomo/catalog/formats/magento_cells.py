"""The cells of a Magento export that hold several things, as attributes and variations, and its dates."""

import re
from datetime import time
from typing import Final

from duomo.catalog.pricing import period
from duomo.catalog.text import value_text

_WRAPPED: Final = re.compile(
    r'([A-Za-z0-9_]+)="((?:[^"]|"")*)"(?=,|$)'
)  # with "fields enclosure" switched on
_MONTH_FIRST: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})((?: \d{1,2}:[\d:]+)?)")
_SLASH: Final = re.compile(r"(?<!\\)/")  # a slash within a name is written "\/"


def pairs(cell: str) -> list[tuple[str, str]]:
    """Names and values: "a=1,b=2". What has no equals sign belongs to the value before it, comma included.

    With the fields enclosure that an export can be given, values stand in quotes, and quotes in them twice.

    >>> pairs("color=Red,note=soft, warm,size=M")
    [('color', 'Red'), ('note', 'soft, warm'), ('size', 'M')]
    >>> pairs('note="5"" wide, flat",size="M"')
    [('note', '5" wide, flat'), ('size', 'M')]
    """
    if '="' in cell and (wrapped := _WRAPPED.findall(cell)):
        return [(name, text.replace('""', '"')) for name, text in wrapped]
    found: list[tuple[str, str]] = []
    for part in cell.split(","):
        name, equals, value = part.partition("=")
        if equals and name.strip():
            found.append((name.strip(), value))
        elif found:
            found[-1] = (found[-1][0], f"{found[-1][1]},{part}")
    return found


def named_values(cell: str) -> list[tuple[str, list[str]]]:
    """The attributes of a cell in lower case, each with its values, which bars part.

    >>> named_values("climate=Cool|Indoor,erin_recommends=No")
    [('climate', ['Cool', 'Indoor']), ('erin_recommends', ['No'])]
    """
    return [
        (name.lower(), [text for part in listed(value, "|") if (text := part.strip('"').strip())])
        for name, value in pairs(cell)
    ]


def variations(cell: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The variants that a configurable product lists: SKU, and names and values of its options.

    >>> variations("sku=A-S,size=S,color=Red|sku=A-M,size=M,color=Red")
    [('A-S', [('size', 'S'), ('color', 'Red')]), ('A-M', [('size', 'M'), ('color', 'Red')])]
    """
    found: list[tuple[str, list[tuple[str, str]]]] = []
    for part in cell.split("|"):
        named = [(name, value_text(value)) for name, value in pairs(part)]
        if sku := next((value for name, value in named if name.lower() == "sku"), ""):
            found.append((sku, [(name, value) for name, value in named if name.lower() != "sku" and value]))
    return found


def listed(cell: str, separator: str = ",") -> list[str]:
    """The values of a cell that are not blank."""
    return [text for part in cell.split(separator) if (text := value_text(part))]


def category_paths(cell: str) -> list[tuple[str, ...]]:
    r"""The categories of a cell from the root; a comma that no root follows is one within a name.

    >>> category_paths("Default Category/Men/Tops,Default Category/Gear, small,Default Category/A\\/V")
    [('Default Category', 'Men', 'Tops'), ('Default Category', 'Gear, small'), ('Default Category', 'A/V')]
    """
    whole: list[str] = []
    root = _SLASH.split(cell.split(",")[0])[0].strip()
    for part in cell.split(","):
        if whole and "/" not in part and part.strip() != root and "/" in whole[-1]:
            whole[-1] += f",{part}"
        else:
            whole.append(part)
    paths = (
        tuple(name for node in _SLASH.split(path) if (name := value_text(node.replace("\\/", "/"))))
        for path in whole
    )
    return [path for path in paths if path]


def american(written: str) -> str:
    """A date as programs write it where it may be one of the United States: Magento exports those alone.

    >>> american("1/2/26"), american("31/12/2026")
    ('2026-01-02', '31/12/2026')
    """
    found = _MONTH_FIRST.fullmatch(written.strip())
    if not found or int(found[1]) > 12:
        return written
    return f"{f'20{found[3]}'[-4:]}-{int(found[1]):02}-{int(found[2]):02}{found[4]}"


def last_day(written: str) -> str:
    """The end of a sale as the day it is on where it is a midnight: Magento counts that day as well.

    >>> last_day("11/29/26, 12:00 AM"), last_day("2026-11-29 18:30:00")
    ('2026-11-29', '2026-11-29 18:30:00')
    """
    moments = period(written.strip())
    is_midnight = moments is not None and moments[0].time() == time.min
    return moments[0].date().isoformat() if moments and is_midnight else written
