"""What a catalog holds, made ready for reading questions against it; once per snapshot."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import numpy as np
import pyarrow.compute as pc

from duomo.lexicon import Concept
from duomo.lexicon import Kind as Subject
from duomo.search.parse.meaning import Kind
from duomo.search.parse.names import (
    Name,
    Names,
    Places,
    key_of,
    lexicon_names,
    names_in_goods,
    names_of,
    wider,
)
from duomo.search.parse.roles import MOST_WORDS, Role, can_be_said, grouped, looks_like_sizes, role_of
from duomo.search.parse.sizes import size_keys
from duomo.shelf.base import ColumnKind, Snapshot, kind_of
from duomo.shelf.filters import IsNull, Not
from duomo.shelf.layered import LayeredSnapshot

PRICE: Final = "price"
_ORDER: Final[tuple[Role, ...]] = ("color", "gender", "category", "brand", "attribute")
# Where the values of a concept are looked for: the first of these roles that has any.
_WHERE: Final[Mapping[Subject, tuple[Role, ...]]] = {
    "color": ("color",),
    "person": ("gender", "category", "attribute"),
    "type": ("category", "attribute"),
}
_ELSEWHERE: Final[tuple[Role, ...]] = ("attribute", "category")
MOST_VALUES: Final = 16_000  # values of one column beyond which they are texts, not names, unless brands


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What questions to one catalog are read by; `know` and `known_of` make it."""

    kinds: Mapping[str, ColumnKind] = field(default_factory=dict)  # of every column there is
    price: str = ""  # the column of prices, in main units; "": there are none
    currencies: frozenset[str] = frozenset()  # ISO 4217, those that prices are in; none where nothing says
    names: Names = field(default_factory=Names)
    # What a size is asked by -> the columns that have it, each with its value there.
    sizes: Mapping[str, tuple[tuple[str, str | float], ...]] = field(default_factory=dict)


def know(
    kinds: Mapping[str, ColumnKind],
    values: Mapping[str, Sequence[str]],
    *,
    priced: bool = False,
    currencies: Collection[str] = (),
    numbers: Mapping[str, Collection[float]] | None = None,
) -> Known:
    """The knowledge of a catalog with these columns and values.

    Args:
        kinds: of every column.
        values: the distinct values of columns of text, texts and paths; a column may be left out.
        priced: whether the column `price` holds anything.
        currencies: ISO 4217, of the prices.
        numbers: the distinct values of those columns of numbers that may hold sizes.

    >>> known = know({"color": "texts"}, {"color": ["Red", "Navy Blue"]})
    >>> known.names.spaced["navy blue"].places
    (('color', ('Navy Blue',)),)
    """
    roles = {name: role for name, kind in kinds.items() if (role := role_of(name, kind))}
    roles |= {
        name: "size"
        for name, role in roles.items()
        if role == "attribute" and looks_like_sizes(values.get(name, ()))
    }
    columns = grouped(roles)
    held = {name: _keys(values.get(name, ()), brand=role == "brand") for name, role in roles.items()}
    size_columns = columns.get("size", ())
    sizes = _sizes({name: values.get(name, ()) for name in size_columns} | dict(numbers or {}))
    return Known(
        kinds=dict(kinds),
        price=PRICE if priced and kinds.get(PRICE) == "number" else "",
        currencies=frozenset(filter(None, currencies)),
        names=names_of(_names(columns, held)),
        sizes=sizes,
    )


def known_of(snapshot: Snapshot) -> Known:
    """What questions to a snapshot of the variants table are read by."""
    kinds = {each.name: kind_of(each) for each in snapshot.schema}
    if not len(snapshot):
        return know(kinds, {})
    said = [name for name, kind in kinds.items() if role_of(name, kind)]
    priced = kinds.get(PRICE) == "number" and snapshot.search(filter=Not(IsNull(PRICE)), k=1).rows.size > 0
    counted = [name for name, kind in kinds.items() if kind == "number" and role_of(name, "text") == "size"]
    return know(
        kinds,
        {name: snapshot.values(name) for name in said},
        priced=priced,
        currencies=snapshot.values("currency") if "currency" in kinds else (),
        numbers={name: _distinct(snapshot, name) for name in counted},
    )


def says_more(snapshot: LayeredSnapshot, known: Known) -> frozenset[tuple[str, str | float]]:
    """What newer rows say that questions are read by and the version below them does not: columns and values.

    Args:
        snapshot: both.
        known: of the version below.
    """
    base, newer = snapshot.base, snapshot.newer
    kinds = {field.name: kind_of(field) for field in snapshot.schema} if len(newer) else {}
    more: set[tuple[str, str | float]] = set()
    if not known.price and kinds.get(PRICE) == "number" and _distinct(newer, PRICE):
        more.add((PRICE, ""))
    for name, kind in kinds.items():
        if role_of(name, kind) or name == "currency":
            more.update((name, value) for value in set(newer.values(name)).difference(base.values(name)))
        elif kind == "number" and role_of(name, "text") == "size":
            more.update(
                (name, size) for size in set(_distinct(newer, name)).difference(_distinct(base, name))
            )
    return frozenset(more)


def _distinct(snapshot: Snapshot, column: str) -> list[float]:
    """The distinct values of a column of numbers."""
    rows: np.ndarray[tuple[int, ...], np.dtype[np.int64]] = snapshot.search().rows
    return [
        value for value in pc.unique(snapshot.take(rows, [column])[column]).to_pylist() if value is not None
    ]


def _keys(values: Sequence[str], *, brand: bool) -> dict[str, tuple[str, ...]]:
    """Key -> the values of a column that are looked up by it."""
    if len(values) > MOST_VALUES and not brand:
        return {}
    keyed: defaultdict[str, list[str]] = defaultdict(list)
    for value in values:
        if can_be_said(value):
            key = key_of(value)
            # A single letter is a size or a model, and digits are amounts, whatever a brand is called.
            if (len(key) > 1 or not key.isascii()) and key.count(" ") < MOST_WORDS:
                keyed[key].append(value)
    return {key: tuple(each) for key, each in keyed.items()}


def _names(
    columns: Mapping[Role, Sequence[str]], held: Mapping[str, Mapping[str, tuple[str, ...]]]
) -> dict[str, Name]:
    """Every name of the catalog and of the lexicon by its key."""
    by_role: dict[Role, defaultdict[str, list[tuple[str, tuple[str, ...]]]]] = {}
    for role in (*_ORDER, "size"):
        by_role[role] = defaultdict(list)
        for column in columns.get(role, ()):
            for key, values in held[column].items():
                by_role[role][key].append((column, values))
    meant: dict[Concept, tuple[Role, Places]] = {}
    lexicon = lexicon_names()
    for concept in {c for several in lexicon.values() for c in several}:
        if found := _places(concept, by_role):
            meant[concept] = found
    named: dict[str, Name] = {}
    for key, several in lexicon.items():
        known = [c for c in several if c in meant]
        named[key] = _name(*meant[known[0]], several) if known else Name("attribute", (), _subjects(several))
    for role in reversed(_ORDER):
        for key, places in by_role[role].items():
            several = lexicon.get(key, ())
            alike = [meant[c][1] for c in several if c in meant and meant[c][0] == role]
            named[key] = _name(role, _merged([places, *alike]), several)
    return named


def _places(
    concept: Concept, by_role: Mapping[Role, Mapping[str, list[tuple[str, tuple[str, ...]]]]]
) -> tuple[Role, Places] | None:
    """Where a catalog holds what a concept means; the parts of a wide one where it does not hold itself."""
    roles = ("size",) if concept.kind == "size" else _WHERE.get(concept.kind, _ELSEWHERE)
    if concept.kind == "color" and not by_role["color"]:
        roles = ("attribute",)
    for keys in _keys_of(concept):
        for role in roles:
            if found := [by_role[role][key] for key in keys if key in by_role[role]]:
                return role, _merged(found)
    return None


@cache
def _keys_of(concept: Concept) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a concept is looked up by in any catalog, and what the parts of a wide one are."""
    own, wide = (
        tuple(dict.fromkeys(key for each in meant for key in map(key_of, names_in_goods(each))))
        for meant in ((concept,), wider(concept))
    )
    return own, wide


def _name(role: Role, places: Places, several: Iterable[Concept]) -> Name:
    kind: Kind = "attribute" if role == "" else role
    # Of the columns of colors, the plainest that knows the color: others tell of cables and prints.
    return Name(kind, places[:1] if role in ("color", "size") else places, _subjects(several))


def _subjects(several: Iterable[Concept]) -> frozenset[Subject]:
    return frozenset(concept.kind for concept in several)


def _merged(lists: Iterable[Iterable[tuple[str, tuple[str, ...]]]]) -> Places:
    """Places put together: each column once, each value once."""
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for places in lists:
        for column, values in places:
            found[column] |= dict.fromkeys(values)
    return tuple((name, tuple(found[name])) for name in sorted(found, key=lambda name: (len(name), name)))


def _sizes(columns: Mapping[str, Iterable[str | float]]) -> dict[str, tuple[tuple[str, str | float], ...]]:
    """What a size is asked by -> where it is; a size of another scale only where the plain one is not."""
    exact: defaultdict[str, list[tuple[str, str | float]]] = defaultdict(list)
    loose: defaultdict[str, list[tuple[str, str | float]]] = defaultdict(list)
    for column, values in columns.items():
        for value in values:
            for rank, key in enumerate(size_keys(value)):
                (loose if rank else exact)[key].append((column, value))
    return {key: tuple(exact.get(key) or loose[key]) for key in (*loose, *exact)}
