"""What Meta's catalog feeds write otherwise than Google's, put as Google's feeds put it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from duomo.catalog.columns import normal
from duomo.catalog.formats.jsonlines import parse_json
from duomo.catalog.pictures import repeated, split_pictures
from duomo.catalog.rows import Cell, Row, Table, one
from duomo.errors import Problem

# Nested fields in flat columns, "image[0].url" (Meta, Catalog Reference, "Supported Feed Formats").
_FLAT: Final = re.compile(r"(\w+)\[\d+\](?:\.(\w+)(?:\[\d+\])?)?")
_CLIPS: Final = "video"
_MORE: Final = "additional_image_link"
_DETAIL: Final = "product_detail"
_VARIANT: Final = "additional_variant_attribute"  # "Scent:Fruity,Flavor:Apple"
_LABELS: Final = "internal_label"  # "['summer','trending']"
_SPECIAL: Final = frozenset({_VARIANT, _LABELS, "image", _CLIPS, "rich_text_description"})
_QUOTED: Final = re.compile(r"'([^']*)'|\"([^\"]*)\"")


def as_google(table: Table) -> Table:
    """The table with the columns that a Google feed would have.

    ``product_tags[0]``, ``product_tags[1]`` become one column of several values; ``image[0].url`` and
    pictures in JSON join the additional pictures; additional variant attributes become product details.
    Clips and the tags of pictures are left out.
    """
    flat = {column: found for column in table.columns if (found := _FLAT.fullmatch(column.strip()))}
    special = {column for column in table.columns if normal(column) in _SPECIAL}
    if not flat and not special:
        return table
    names = {normal(column): column for column in table.columns if column not in flat}
    targets = {column: _target(found, names) for column, found in flat.items()}
    rows = _rows(table, targets, names)
    kept = (column for column in table.columns if column not in flat and column not in special)
    added = (name for name in targets.values() if name)
    always = (
        *((names.get(_MORE, _MORE),) if "image" in names else ()),
        *((names.get(_DETAIL, _DETAIL),) if _VARIANT in names else ()),
        *((names[_LABELS],) if _LABELS in names else ()),
        *(
            (names["rich_text_description"],)
            if "description" not in names and "rich_text_description" in names
            else ()
        ),
    )
    return replace(table, columns=tuple(dict.fromkeys((*kept, *added, *always))), rows=rows)


def _target(found: re.Match[str], names: Mapping[str, str]) -> str:
    """The column that a flat one goes into; "" for what is left out."""
    base, inner = found[1].lower(), (found[2] or "").lower()
    if base == "image":
        return names.get(_MORE, _MORE) if inner in ("", "url") else ""
    return "" if base == _CLIPS or inner else names.get(base, base)


def _rows(table: Table, targets: Mapping[str, str], names: Mapping[str, str]) -> Iterator[Row | Problem]:
    for row in table.rows:
        if not isinstance(row, Row):
            yield row
            continue
        cells = {column: cell for column, cell in row.cells.items() if column not in targets}
        more = names.get(_MORE, _MORE)
        if pictures := _in_json(one(cells.get(names.get("image", ""), ""))):
            cells[more] = (*split_pictures(cells.get(more, ""), ","), *pictures)
        for column, target in targets.items():
            if target and (text := one(row.cells.get(column, ""))):
                before = cells.get(target, "")
                parts = split_pictures(before, ",") if target == more else _parts(before)
                cells[target] = (*parts, text)
        if said := one(cells.get(names.get(_VARIANT, ""), "")):
            detail = names.get(_DETAIL, _DETAIL)
            cells[detail] = (
                *repeated(cells.get(detail, "")),
                *(f":{part.strip()}" for part in said.split(",")),
            )
        if labels := _QUOTED.findall(one(cells.get(names.get(_LABELS, ""), ""))):
            cells[names[_LABELS]] = tuple(single or double for single, double in labels)
        yield Row(row.line, cells)


def _parts(cell: Cell) -> tuple[str, ...]:
    return cell if isinstance(cell, tuple) else (cell,) if cell else ()


def _in_json(text: str) -> list[str]:
    """The addresses in a cell of pictures in JSON; none where it is something else."""
    if not text.startswith(("[", "{")):
        return [text] if text else []
    try:
        value, _ = parse_json(text)
    except (ValueError, RecursionError):
        return []
    several = value if isinstance(value, list) else [value]
    return [each["url"] for each in several if isinstance(each, dict) and isinstance(each.get("url"), str)]
