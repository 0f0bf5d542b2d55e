"""What goods are sorted into: names, a tree of paths as Google writes it, or the shop's own tree."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from duomo.catalog.formats.encoding import text_file
from duomo.errors import BadFile, BadSetting, MissingFile, Problem
from duomo.understand.reading import Choice, Doubt, Evidence, Reading

BETWEEN: Final = " > "  # the names of a path
MOST_MB: Final = 20.0  # of a file of labels: the largest taxonomies have one
_PARTS: Final = re.compile(r"\s*[>＞›»]\s*")
_NUMBER: Final = re.compile(r"\d+\s+-\s+")  # before the path, as in Google's taxonomy with ids

Node = tuple[str, ...]  # names from the root


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The classes that goods are put into, and the nodes above them.

    A class is a path; a flat list of names has paths of one name. What stands above is as probable as the
    classes below it together, so answers on all levels agree.

    Raises:
        BadSetting: there are fewer than two classes, one has no name, or one is there twice.
    """

    classes: tuple[Node, ...]
    nodes: tuple[Node, ...] = field(init=False)  # every class and all above, sorted by depth, then by name
    _under: tuple[NDArray[np.int64], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.classes) < 2:
            problem = f"there is {len(self.classes)} label to choose from, and two are needed"
            raise BadSetting(problem, remedy="Name two labels or more, one a line")
        if not all(node and all(node) for node in self.classes):
            raise BadSetting("a label has no name", remedy="Name each of them")
        if twice := [node for node, times in Counter(self.classes).items() if times > 1]:
            raise BadSetting(f"the label '{label(twice[0])}' is there twice", remedy="Name it once")
        under: dict[Node, list[int]] = {}
        for place, node in enumerate(self.classes):
            for depth in range(1, len(node) + 1):
                under.setdefault(node[:depth], []).append(place)
        nodes = sorted(under, key=lambda node: (len(node), node))
        object.__setattr__(self, "nodes", tuple(nodes))
        object.__setattr__(self, "_under", tuple(np.array(under[node], np.int64) for node in nodes))

    @classmethod
    def of(cls, paths: Iterable[Node]) -> Self:
        """The tree of these paths, each once; one that others go on from is a node above them, no class.

        Upper and lower case are alike, and the first spelling counts.

        >>> Taxonomy.of([("Clothes",), ("Clothes", "Shirts"), ("Shoes",), ("shoes",)]).classes
        (('Clothes', 'Shirts'), ('Shoes',))
        """
        first: dict[Node, Node] = {}
        for path in paths:
            first.setdefault(folded(path), path)
        above = {path[:depth] for path in first for depth in range(1, len(path))}
        return cls(tuple(path for plain, path in first.items() if plain not in above))

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes as they are written: names with " > " between."""
        return tuple(map(label, self.classes))

    def sums(self, shares: NDArray[np.floating]) -> NDArray[np.float32]:
        """(n, classes) probabilities -> (n, nodes): of each node, of all classes at or below it together.

        >>> tree = Taxonomy((("A", "B"), ("A", "C"), ("D",)))
        >>> dict(zip(map(label, tree.nodes), tree.sums(np.array([[0.25, 0.5, 0.25]]))[0].tolist()))
        {'A': 0.75, 'D': 0.25, 'A > B': 0.25, 'A > C': 0.5}
        """
        return np.stack([shares[:, places].sum(axis=1) for places in self._under], axis=1).astype(np.float32)

    def read(
        self,
        shares: NDArray[np.floating],
        *,
        sure: float = 0.0,
        others: int = 4,
        evidence: Sequence[Evidence] = (),
        doubt: Doubt = "unsure",
    ) -> Reading:
        """What the probabilities of the classes say: the best class, the surest node above, or "don't know".

        Args:
            shares: (classes,) calibrated probabilities.
            sure: the probability that an answer needs. Where no class has it, the deepest node that has is
                the answer, of several the likeliest.
            others: how many other classes are named.
            evidence: for the best class.
            doubt: why there is no answer, where there is none.

        >>> tree = Taxonomy((("A", "B"), ("A", "C"), ("D",)))
        >>> [tree.read(np.array([0.4, 0.5, 0.1]), sure=sure).label for sure in (0.5, 0.8, 0.95)]
        ['A > C', 'A', None]
        """
        order = np.argsort(-shares, kind="stable")
        best = int(order[0])
        answer, probability = self.classes[best], float(shares[best])
        if probability < sure:
            sums = self.sums(shares[None])[0]
            able = [place for place in range(len(self.nodes)) if sums[place] >= sure]
            if not able:
                return Reading(
                    label=None,
                    probability=probability,
                    alternatives=self._choices(order[:others], shares),
                    doubt=doubt,
                    evidence=tuple(evidence),
                )
            place = max(able, key=lambda each: (len(self.nodes[each]), sums[each]))
            answer, probability = self.nodes[place], float(sums[place])
        rest = np.array([place for place in order if self.classes[place] != answer], np.int64)
        return Reading(
            label=label(answer),
            probability=min(probability, 1.0),
            alternatives=self._choices(rest[:others], shares),
            evidence=tuple(evidence),
        )

    def _choices(self, order: NDArray[np.int64], shares: NDArray[np.floating]) -> tuple[Choice, ...]:
        return tuple(Choice(label(self.classes[place]), float(shares[place])) for place in order)


def label(node: Node) -> str:
    """A path as it is written.

    >>> label(("Apparel", "Shoes"))
    'Apparel > Shoes'
    """
    return BETWEEN.join(node)


def folded(node: Node) -> Node:
    """A path without what tells upper from lower case.

    >>> folded(("Apparel", "T-Shirts"))
    ('apparel', 't-shirts')
    """
    return tuple(name.casefold() for name in node)


def node_of(text: str) -> Node:
    """The path that a text writes, with any of the signs that are usual between its names.

    >>> node_of("服装＞鞋"), node_of("1604 - Apparel > Shoes"), node_of(" ")
    (('服装', '鞋'), ('Apparel', 'Shoes'), ())
    """
    return tuple(
        name for part in _PARTS.split(_NUMBER.sub("", text.strip(), count=1)) if (name := part.strip())
    )


def read_taxonomy(path: Path) -> tuple[Taxonomy, tuple[Problem, ...]]:
    """The labels of a text file, one a line: names, or paths such as "Apparel > Shoes"; # begins a comment.

    Numbers before a path, as in Google's taxonomy with ids, are left out. A label that is there again, upper
    and lower case alike, is a problem and counts once.

    Raises:
        MissingFile: there is no such file.
        BadFile: it is no text, is larger than 20 MB, or holds fewer than two labels.
    """
    if not path.is_file():
        raise MissingFile(f"there is no file {path}", remedy="Check the path of the labels")
    if path.stat().st_size > MOST_MB * 1e6:
        raise BadFile(f"{path} is larger than {MOST_MB:g} MB", remedy="Name a file with one label a line")
    file = text_file(path)
    first: dict[Node, int] = {}
    problems = list(file.warnings)
    found: list[Node] = []
    for number, line in enumerate(file.lines(), start=1):
        node = () if line.lstrip().startswith("#") else node_of(line)
        if not node:
            continue
        if (plain := folded(node)) in first:
            problem = f"is the same label as in line {first[plain]} and counts once"
            problems.append(
                Problem(file=str(path), line=number, value=label(node), problem=problem, severity="warning")
            )
            continue
        first[plain] = number
        found.append(node)
    try:
        return Taxonomy.of(found), tuple(problems)
    except BadSetting as error:
        raise BadFile(f"{path}: {error.args[0]}", remedy=error.remedy) from error
