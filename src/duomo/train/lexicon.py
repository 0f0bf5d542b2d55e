"""What training uses beside `duomo.lexicon`: the names of ImageNet's classes, and the words of four exams.

All of them were written for Duomo and lie beside this module in `words/`. Training may use `class_names`; it
must never read `exam`, whose words the lexicon leaves out.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast, get_args

from duomo.errors import BadFile
from duomo.lexicon import REMEDY, names_in, one_of, read_words

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
            raise BadFile(f"{place}: index {len(found)} is wanted, not '{row['index']}'", remedy=REMEDY)
        kind = cast(Domain, one_of(get_args(Domain), row["kind"], place))
        names_en, names_zh = names_in(row["en"], place), names_in(row["zh"], place)
        found.append(ClassName(index=len(found), en=names_en, zh=names_zh, kind=kind))
    return tuple(found)


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


def word_list(name: str) -> str:
    """The text of one of the files in `words/`.

    >>> word_list("exams.tsv").splitlines()[0].split()
    ['exam', 'a', 'b']
    """
    return files("duomo.train").joinpath("words", name).read_text(encoding="utf-8")
