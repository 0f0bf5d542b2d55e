"""What rows say is no more: a null in JSON, where a blank cell or a missing name says nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from duomo.catalog.columns import attribute_name, plan
from duomo.catalog.formats.encoding import text_file
from duomo.catalog.formats.jsonlines import parse_json

_ENDINGS: Final = (".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class Cleared:
    """What one row clears; "attributes_json" among the fields: every attribute."""

    fields: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()

    def left_of(self, attributes: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        """The attributes that stay."""
        if "attributes_json" in self.fields:
            return {}
        return {name: values for name, values in attributes.items() if name not in self.attributes}


NOTHING: Final = Cleared()


def cleared_in(path: Path, mapping: Mapping[str, str]) -> dict[int, Cleared]:
    """What the rows of a file in Duomo's own format clear, by their lines; only JSON lines can say so.

    Args:
        path: a file that has been read without an error.
        mapping: field or attribute -> column, as it was read with.
    """
    if path.suffix.lower() not in _ENDINGS or not any("null" in line for line in text_file(path).lines()):
        return {}
    columns: dict[str, None] = {}
    nulls: dict[int, list[str]] = {}
    nested: dict[int, dict[str, list[str]]] = {}
    for number, line in enumerate(text_file(path).lines(), start=1):
        try:
            record, _ = parse_json(line)
        except (ValueError, RecursionError):  # told when it was read
            continue
        if isinstance(record, dict):
            columns.update(dict.fromkeys(name for name in record if name.strip()))
            if "null" not in line:
                continue
            nulls[number] = [name for name, value in record.items() if value is None]
            nested[number] = {
                name: [inner for inner, each in value.items() if each is None]
                for name, value in record.items()
                if isinstance(value, dict)
            }
    meant = plan(columns, path=path, mapping=mapping)
    fields = {column: field for field, column in meant.fields.items()}
    inside = meant.fields.get("attributes_json", "")
    cleared = {}
    for number, names in nulls.items():
        own = {meant.attributes[name] for name in names if name in meant.attributes}
        own |= {attribute_name(name) for name in nested[number].get(inside, ())}
        row = Cleared(frozenset(fields[name] for name in names if name in fields), frozenset(own))
        if row != NOTHING:
            cleared[number] = row
    return cleared
