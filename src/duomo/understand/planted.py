"""Contradictions made on purpose: another value of a label written into the words of goods.

What stands in the words is found by the names of the shop's own labels, and what the lexicon calls them in
either language. Contradictions of which the truth is known are what `match` learns from and is measured by.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from duomo.lexicon import Concept, Kind, concept_of
from duomo.shelf.han import HAN
from duomo.understand.facets import basic_color
from duomo.understand.taxonomy import Node

_KINDS: Final[tuple[Kind, ...]] = (
    "type",
    "color",
    "person",
    "pattern",
    "material",
    "style",
    "season",
    "occasion",
)
LEAST: Final = 60  # goods, and contradictions of a label, that are needed
_LEAST_EACH: Final = 3  # goods of a class
_LABELS: Final = 4
_ANY: Final = frozenset({"unisex", "multicolour"})  # values that every other agrees with
_HAN: Final = re.compile(f"[{HAN}]")


class Named(NamedTuple):
    """A value where the words of goods name it."""

    start: int  # code points before it
    end: int
    class_: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the classes of a label are called in words."""

    classes: tuple[Node, ...]
    pattern: re.Pattern[str]
    class_of: Mapping[str, int]  # folded name -> class

    @classmethod
    def of(cls, classes: Sequence[Node]) -> Self:
        """The names of classes: their own, and the lexicon's; a name of two classes is the first one's.

        >>> names = Names.of([("Shirts",), ("连衣裙",)])
        >>> [(found.start, found.end, found.class_) for found in names.find("Red shirt dress")]
        [(4, 9, 0), (10, 15, 1)]
        """
        class_of: dict[str, int] = {}
        for place, node in enumerate(classes):
            class_of.setdefault(_form(node[-1]), place)
        for place, node in enumerate(classes):
            concept = _concept(node)
            for name in (*concept.en, *concept.zh) if concept else ():
                class_of.setdefault(_form(name), place)
        class_of.pop("", None)
        forms = sorted(class_of, key=lambda form: (-len(form), form))
        return cls(
            classes=tuple(classes),
            pattern=re.compile("|".join(map(_pattern, forms)) or r"(?!)", re.IGNORECASE),
            class_of=class_of,
        )

    def find(self, text: str) -> list[Named]:
        """The values that a text names, in order; of overlapping names the longest."""
        found = []
        for match in self.pattern.finditer(text):
            place = self.class_of.get(_form(match[0]))
            if place is not None:
                found.append(Named(match.start(), match.end(), place))
        return found

    def unsaid(self, text: str) -> str:
        """The text without the values that it names.

        >>> Names.of([("Red",), ("Blue",)]).unsaid("Red mug, 蓝色")
        ' mug, '
        """
        for each in reversed(self.find(text)):
            text = text[: each.start] + text[each.end :]
        return text

    def apart(self, one: int, other: int) -> bool:
        """Whether goods cannot well be of both classes: shades of one color are not apart, nor is unisex.

        >>> names = Names.of([("Navy Blue",), ("Blue",), ("Red",)])
        >>> names.apart(0, 1), names.apart(0, 2)
        (False, True)
        """
        meant = [_meaning(self.classes[place]) for place in (one, other)]
        return meant[0] != meant[1] and not _ANY & set(meant)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swaps:
    """Writes another class of a label into words, as a shop writes it and as often as it has it."""

    names: Names
    written: Mapping[int, tuple[tuple[str, ...], np.ndarray]]  # class -> how it is written, and how often
    shares: np.ndarray  # (classes,) of the goods

    @classmethod
    def of(cls, names: Names, texts: Iterable[str], right: Iterable[int]) -> Self:
        """Learned from the words of goods and their classes."""
        counts: defaultdict[int, Counter[str]] = defaultdict(Counter)
        shares = np.zeros(len(names.classes))
        for text, class_ in zip(texts, right, strict=True):
            shares[class_] += 1
            counts[class_].update(
                text[found.start : found.end].lower() for found in names.find(text) if found.class_ == class_
            )
        written = {
            class_: (tuple(times), np.array([*times.values()], float) / times.total())
            for class_, times in counts.items()
            if times
        }
        return cls(names=names, written=written, shares=shares)

    def swap(self, text: str, class_: int, rng: np.random.Generator) -> tuple[str, int] | None:
        """The text with another class in the place of its own, and which; None where that is not named.

        Args:
            text: words of goods.
            class_: what they are.
            rng: chooses the other class, by how often the shop has it, and how it is written.
        """
        found = self.names.find(text)
        own = [each for each in found if each.class_ == class_]
        said = {each.class_ for each in found}
        others = [each for each in self.written if each not in said and self.names.apart(class_, each)]
        if not own or not others:
            return None
        weights = self.shares[others]
        other = others[int(rng.choice(len(others), p=weights / weights.sum()))]
        forms, often = self.written[other]
        word = forms[int(rng.choice(len(forms), p=often))]
        for each in reversed(own):
            old = text[each.start : each.end]
            text = text[: each.start] + (_capital(word) if old[:1].isupper() else word) + text[each.end :]
        return text, other


class Planted(NamedTuple):
    """Rows whose words were changed in one label."""

    rows: NDArray[np.int64]  # (k,) whose words
    texts: list[str]  # (k,) as they are now


class Plan(NamedTuple):
    """A label that words name, with the classes that are common enough, and contradictions of it."""

    names: Names
    right: NDArray[np.int64]  # (n,) classes; -1: none
    planted: Planted
    unsaid: Planted  # words that name no value: no contradiction


def planted_in(
    texts: Sequence[str], labels: Mapping[str, Sequence[Node | None]], rng: np.random.Generator
) -> dict[str, Plan]:
    """The labels that contradictions can be planted of most often."""
    plans: dict[str, Plan] = {}
    for name, given in labels.items():
        counts = Counter(node for node in given if node)
        classes = sorted(node for node, times in counts.items() if times >= _LEAST_EACH)
        if len(classes) < 2:
            continue
        place_of = {node: place for place, node in enumerate(classes)}
        right = np.array([place_of.get(node, -1) if node else -1 for node in given], np.int64)
        names, some = Names.of(classes), np.flatnonzero(right >= 0)
        swaps = Swaps.of(names, [texts[row] for row in some.tolist()], right[some].tolist())
        made = {row: swaps.swap(texts[row], int(right[row]), rng) for row in some.tolist()}
        rows = np.array([row for row, each in made.items() if each], np.int64)
        if len(rows) >= LEAST:
            planted = Planted(rows, [each[0] for each in made.values() if each])
            unsaid = Planted(rows, [names.unsaid(texts[row]) for row in rows.tolist()])
            plans[name] = Plan(names, right, planted, unsaid)
    best = sorted(plans, key=lambda name: (-len(plans[name].planted.rows), name))[:_LABELS]
    return {name: plans[name] for name in best}


def _capital(words: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in words.split(" "))


def _concept(node: Node) -> Concept | None:
    return next((found for kind in _KINDS if (found := concept_of(kind, node[-1]))), None)


def _meaning(node: Node) -> str:
    concept = _concept(node)
    return basic_color(concept.en[0]) if concept else node[-1].casefold()


def _form(name: str) -> str:
    """A name folded: small letters, single, one blank between words."""
    return " ".join(map(_single, re.split(r"[\s_\-]+", name.casefold().strip())))


def _single(word: str) -> str:
    if len(word) > 4 and word.endswith(("shes", "ches", "sses", "xes")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _pattern(form: str) -> str:
    """A form in a text: with any ending for several, and blanks or hyphens between its words."""
    words = r"[\s\-]+".join(re.escape(word) + "(?:e?s)?" for word in form.split())
    return words if _HAN.search(form) else rf"(?<![^\W_]){words}(?![^\W_])"
