"""The words training learns from and is examined on: shop concepts, ImageNet's classes and four exams.

All of them were written for Duomo and lie beside this module in `words/`. Training may use `concepts` and
`class_names`; it must never read `exam`, whose words the lexicon leaves out.
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
Domain = Literal[
    "apparel",
    "bag",
    "shoe",
    "accessory",
    "home",
    "furniture",
    "kitchen",
    "electronics",
    "food",
    "animal",
    "plant",
    "vehicle",
    "place",
    "tool",
    "sport",
    "toy",
    "music",
    "other",
]
Exam = Literal["synonym", "translation", "attribute_words", "type_synonym"]

_REMEDY: Final = "Correct the row, or install Duomo again if you did not edit it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """One idea a shop has words for, with its names in both languages, the commonest first."""

    kind: Kind
    en: tuple[str, ...]
    zh: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassName:
    """One of the 1,000 classes of ImageNet-1k, at the place it has in a classifier's output."""

    index: int
    en: tuple[str, ...]
    zh: tuple[str, ...]
    kind: Domain


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamPair:
    """A question and its one right answer."""

    a: str
    b: str


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
        raise BadFile(f"{name}: the first line must be {', '.join(columns)}, tab-separated", remedy=_REMEDY)
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if len(cells) != len(columns) or not all(cell.strip() for cell in cells):
            problem = f"{name} line {number}: {len(columns)} filled cells are wanted, this is {line!r}"
            raise BadFile(problem, remedy=_REMEDY)
        rows.append((number, dict(zip(columns, cells, strict=True))))
    return rows


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
        kind = cast(Kind, _one_of(get_args(Kind), row["kind"], place))
        concept = Concept(kind=kind, en=_names(row["en"], place), zh=_names(row["zh"], place))
        for word in concept.en:
            if (kind, word.casefold()) in seen:
                raise BadFile(f"{place}: {kind} '{word}' came before", remedy="Merge the two rows.")
            seen.add((kind, word.casefold()))
        found.append(concept)
    return tuple(found)


def read_class_names(text: str, name: str = "imagenet.tsv") -> tuple[ClassName, ...]:
    r"""Class names with the columns index, en, zh, kind, in the order of the classifier's output.

    Raises:
        BadFile: a row is malformed, its kind is unknown, or the indices do not count up from 0.

    >>> read_class_names("index\ten\tzh\tkind\n0\ttench\t丁鱥\tanimal\n")[0].zh
    ('丁鱥',)
    """
    found: list[ClassName] = []
    for number, row in read_words(text, ("index", "en", "zh", "kind"), name):
        place = f"{name} line {number}"
        if row["index"] != str(len(found)):
            raise BadFile(f"{place}: index {len(found)} is wanted, not '{row['index']}'", remedy=_REMEDY)
        kind = cast(Domain, _one_of(get_args(Domain), row["kind"], place))
        names_en, names_zh = _names(row["en"], place), _names(row["zh"], place)
        found.append(ClassName(index=len(found), en=names_en, zh=names_zh, kind=kind))
    return tuple(found)


@cache
def concepts() -> tuple[Concept, ...]:
    """Every concept of the lexicon Duomo ships, in the order of the file.

    >>> concepts()[0].zh[0]
    'T恤'
    """
    return read_concepts(word_list("lexicon.tsv"))


@cache
def class_names() -> tuple[ClassName, ...]:
    """The 1,000 class names of ImageNet-1k; the row's place is the class's place in the output.

    >>> class_names()[504].en[0], class_names()[504].zh[0]
    ('coffee mug', '马克杯')
    """
    return read_class_names(word_list("imagenet.tsv"))


@cache
def exam(name: Exam) -> tuple[ExamPair, ...]:
    """The pairs of one exam; training must never read them.

    `synonym`: two English words for one thing. `translation`: English and Chinese. `attribute_words`: an
    attribute value of the fashion catalog and a Chinese wording. `type_synonym`: an article type and an
    English wording.

    Raises:
        ValueError: there is no exam of this name.

    >>> exam("translation")[0]
    ExamPair(a='toothbrush', b='牙刷')
    """
    if name not in get_args(Exam):
        raise ValueError(f"no exam is called {name!r}; there are {', '.join(get_args(Exam))}")
    rows = read_words(word_list("exams.tsv"), ("exam", "a", "b"), "exams.tsv")
    return tuple(ExamPair(a=row["a"], b=row["b"]) for _, row in rows if row["exam"] == name)


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


@cache
def _by_word() -> Mapping[tuple[str, str], Concept]:
    index: dict[tuple[str, str], Concept] = {}
    for concept in concepts():
        for word in (*concept.en, *concept.zh):
            index.setdefault((concept.kind, word.casefold()), concept)
    return index


def _one_of(known: tuple[str, ...], value: str, place: str) -> str:
    if value not in known:
        raise BadFile(f"{place}: there is no kind '{value}'", remedy=f"Known: {', '.join(known)}.")
    return value


def _names(cell: str, place: str) -> tuple[str, ...]:
    names = tuple(cell.split("|"))
    folded = [name.casefold() for name in names]
    if any(not name or name != name.strip() for name in names) or len(set(folded)) < len(names):
        raise BadFile(f"{place}: '{cell}' has an empty, padded or repeated name", remedy=_REMEDY)
    return names


def word_list(name: str) -> str:
    """The text of one of the files in `words/`.

    >>> word_list("exams.tsv").splitlines()[0].split()
    ['exam', 'a', 'b']
    """
    return files("duomo.train").joinpath("words", name).read_text(encoding="utf-8")
