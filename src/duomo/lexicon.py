"""What goods are called in a shop, in both languages: the words of the lexicon that Duomo ships.

It was written for Duomo and lies beside this module in `words/lexicon.tsv`. Search translates by it, the
workshop learns from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal, cast, get_args

from duomo.errors import BadFile

Kind = Literal[
    "type",
    "color",
    "pattern",
    "material",
    "style",
    "season",
    "occasion",
    "part",
    "size",
    "person",
    "feature",
    "room",
    "verb",
    "unit",
]

REMEDY: Final = "Correct the row, or install Duomo again if you did not edit it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """One idea a shop has words for, with its names in both languages, the commonest first."""

    kind: Kind
    en: tuple[str, ...]
    zh: tuple[str, ...]


@cache
def concepts() -> tuple[Concept, ...]:
    """Every concept of the lexicon Duomo ships, in the order of the file.

    >>> concepts()[0].zh[0]
    'T恤'
    """
    return read_concepts(files("duomo").joinpath("words", "lexicon.tsv").read_text(encoding="utf-8"))


def concept_of(kind: Kind, word: str) -> Concept | None:
    """The concept of this kind that one of the languages calls word, upper and lower case alike.

    A Chinese word that two concepts share belongs to the first. None: the lexicon does not know the word.

    >>> found = concept_of("color", "藏青色")
    >>> found.en[0] if found else "unknown"
    'navy blue'
    """
    return _by_word().get((kind, word.strip().casefold()))


def zh_of(kind: Kind, english_value: str) -> str:
    """The commonest Chinese name of an English value.

    Raises:
        ValueError: the lexicon has no such value of this kind.

    >>> zh_of("type", "Tshirts"), zh_of("season", "Fall")
    ('T恤', '秋季')
    """
    if (concept := concept_of(kind, english_value)) is None:
        raise ValueError(f"the lexicon has no {kind} called {english_value!r}")
    return concept.zh[0]


def read_concepts(text: str, name: str = "lexicon.tsv") -> tuple[Concept, ...]:
    r"""Concepts of a lexicon with the columns kind, en, zh; names are separated by a bar.

    Raises:
        BadFile: a row is malformed, its kind is unknown, or an English name of the same kind came before (it
            would then have two translations).

    >>> read_concepts("kind\ten\tzh\ncolor\tred|crimson\t红色|红\n")
    (Concept(kind='color', en=('red', 'crimson'), zh=('红色', '红')),)
    """
    found: list[Concept] = []
    seen: set[tuple[str, str]] = set()
    for number, row in read_words(text, ("kind", "en", "zh"), name):
        place = f"{name} line {number}"
        kind = cast(Kind, one_of(get_args(Kind), row["kind"], place))
        concept = Concept(kind=kind, en=names_in(row["en"], place), zh=names_in(row["zh"], place))
        for word in concept.en:
            if (kind, word.casefold()) in seen:
                raise BadFile(f"{place}: {kind} '{word}' came before", remedy="Merge the two rows.")
            seen.add((kind, word.casefold()))
        found.append(concept)
    return tuple(found)


def read_words(text: str, columns: tuple[str, ...], name: str) -> list[tuple[int, dict[str, str]]]:
    r"""Rows of a tab-separated word list as (line number, cells by column).

    Args:
        text: the file's content; its first line names the columns.
        columns: the columns the file must have, in order.
        name: what the file is called in an error.

    Raises:
        BadFile: the columns differ, a row has too few or too many cells, or a cell is empty.

    >>> read_words("en\tzh\ncup\t杯子\n", ("en", "zh"), "cups.tsv")
    [(2, {'en': 'cup', 'zh': '杯子'})]
    """
    lines = text.splitlines()
    if not lines or tuple(lines[0].split("\t")) != columns:
        raise BadFile(f"{name}: the first line must be {', '.join(columns)}, tab-separated", remedy=REMEDY)
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if len(cells) != len(columns) or not all(cell.strip() for cell in cells):
            problem = f"{name} line {number}: {len(columns)} filled cells are wanted, this is {line!r}"
            raise BadFile(problem, remedy=REMEDY)
        rows.append((number, dict(zip(columns, cells, strict=True))))
    return rows


@cache
def _by_word() -> Mapping[tuple[str, str], Concept]:
    index: dict[tuple[str, str], Concept] = {}
    for concept in concepts():
        for word in (*concept.en, *concept.zh):
            index.setdefault((concept.kind, word.casefold()), concept)
    return index


def one_of(known: tuple[str, ...], value: str, place: str) -> str:
    """The value, if it is a known one; raises BadFile, which names the place."""
    if value not in known:
        raise BadFile(f"{place}: there is no kind '{value}'", remedy=f"Known: {', '.join(known)}.")
    return value


def names_in(cell: str, place: str) -> tuple[str, ...]:
    """The names in a cell, separated by bars; raises BadFile where one is empty, padded or repeated."""
    names = tuple(cell.split("|"))
    folded = [name.casefold() for name in names]
    if any(not name or name != name.strip() for name in names) or len(set(folded)) < len(names):
        raise BadFile(f"{place}: '{cell}' has an empty, padded or repeated name", remedy=REMEDY)
    return names
