"""Whether pictures show what words say, by names alone (zero-shot), for shops with too little to learn from.

Types and colors of the lexicon are looked for in the words, in both languages. How near the picture lies to
the names of the types, in the space of `pocket`, is held against all other types; how much of the product has
the colors is seen in CIELAB (`seen_colors`). Four numbers, weighed by a logistic regression.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple

import numpy as np

from duomo.arrays import Pixels
from duomo.encode.models import load_encoder
from duomo.encode.regions import main_object
from duomo.errors import BadSetup
from duomo.lexicon import Kind, concepts
from duomo.understand.facets import basic_color
from duomo.understand.gate import Floats
from duomo.understand.match import MATCH, PICTURE
from duomo.understand.match_reading import SURE, UNSURE, Matched
from duomo.understand.planted import Names
from duomo.understand.reading import softmax
from duomo.understand.seen_colors import COLORS_NAMED, named_colors

PARTS: Final = (MATCH, "color", "type", PICTURE)
SHARE: Final = 0.05  # of goods that contradict themselves, before anything is seen
SIGNS: Final = 4
# (parts, 1 + signs), the bias first, for goods of which SHARE contradict themselves; see `signs`. Learned by
# benchmarks/match_names.py --learn from contradictions planted into goods that `pocket` had not seen.
WEIGHTS: Final = np.array(
    [
        [-0.50, 0.28, 0.13, 1.07, -0.35],
        [-3.45, 0.80, -0.86, 0.05, -2.00],
        [0.98, -0.57, 0.47, -0.22, 2.00],
        [2.98, -0.51, 0.26, -0.90, 0.35],
    ],
    np.float32,
)
_LEAST: Final = 0.02  # of a product that a color has
_LEAN: Final = 0.3  # as far abroad as `category.ByNames` takes names to be
_AT_ONCE: Final = 64


class Said(NamedTuple):
    """What words name, and what is seen of the picture, for n goods."""

    types: list[list[int]]  # classes of `_names("type")`
    colors: list[list[int]]
    near: Floats  # (n, types) standard deviations that a picture is nearer to a name than to others
    whole: Floats  # (n,) and to all the words
    share: Floats  # (n, colors) of the product


class NamesReader:
    """Reads whether goods contradict themselves, with nothing learned from the shop.

    Raises:
        BadSetup: the shipped encoder cannot hold pictures against words.
    """

    def __init__(self) -> None:
        towers = load_encoder("pocket").leaning(_LEAN)
        if not (towers.shared and towers.text and towers.picture):
            raise BadSetup("the encoder cannot hold pictures against words", remedy="Install Duomo again")
        self._words, self._picture = towers.text, towers.picture
        self._types = self._words.encode([node[0] for node in _names("type").classes])

    def read(self, texts: Sequence[str], pictures: Sequence[Pixels | None]) -> Iterator[Matched]:
        """What is to be said of goods, one after the other.

        Args:
            texts: n, as `classify.words_of` gives them.
            pictures: n; None: there is none, and nothing can be said.
        """
        for at in range(0, len(texts), _AT_ONCE):
            some, shown = texts[at : at + _AT_ONCE], pictures[at : at + _AT_ONCE]
            able = [place for place, text in enumerate(some) if text.strip() and shown[place] is not None]
            said = self.said(
                [some[place] for place in able],
                [each for place in able if (each := shown[place]) is not None],
            )
            rows = iter(judged(said))
            for place in range(len(some)):
                if place in able:
                    yield next(rows)
                else:
                    yield Matched(label=None, probability=SHARE, doubt="empty", zero_shot=True)

    def said(self, texts: Sequence[str], pictures: Sequence[Pixels]) -> Said:
        """(n,) words and pictures -> what they say."""
        types, colors = ([_named(kind, text) for text in texts] for kind in ("type", "color"))
        seen = self._picture.encode(list(pictures))
        cosines = seen @ self._types.T
        mean, spread = cosines.mean(axis=1, keepdims=True), cosines.std(axis=1, keepdims=True) + 1e-6
        own = (seen * self._words.encode(list(texts))).sum(axis=1)
        shares = named_colors(pictures, [main_object(each) for each in pictures])
        share = np.zeros((len(texts), len(_names("color").classes)), np.float32)
        for name, column in zip(COLORS_NAMED, shares.T, strict=True):
            share[:, _names("color").classes.index((basic_color(name),))] += column
        return Said(types, colors, (cosines - mean) / spread, (own - mean[:, 0]) / spread[:, 0], share)


def signs(said: Said) -> Floats:
    """(n, SIGNS) what speaks for and against a contradiction.

    How near the picture is to the best type that is named, the logarithm of the share of the colors named
    (each 0 where none is), how near it is to all words, and whether a type is named.
    """
    rows = []
    for row, (types, colors) in enumerate(zip(said.types, said.colors, strict=True)):
        near = max((float(said.near[row, each]) for each in types), default=0.0)
        share = max((float(said.share[row, each]) for each in colors), default=1.0)
        rows.append([near, np.log(max(share, _LEAST)), float(said.whole[row]), float(bool(types))])
    return np.array(rows, np.float32).reshape(-1, SIGNS)


def shares_of(said: Said) -> Floats:
    """(n, parts) probabilities, of goods of which SHARE contradict themselves."""
    return softmax(WEIGHTS[:, 0] + signs(said) @ WEIGHTS[:, 1:].T)


def judged(said: Said) -> list[Matched]:
    """What the probabilities mean; goods whose words name neither a type nor a color are not known."""
    found = []
    for row, shares in enumerate(shares_of(said)):
        wrong = 1 - float(shares[0])
        if not said.types[row] and not said.colors[row]:
            found.append(Matched(label=None, probability=SHARE, doubt="unknown", zero_shot=True))
            continue
        if wrong < UNSURE:
            found.append(Matched(label="match", probability=wrong, zero_shot=True))
            continue
        part = PARTS[1 + int(shares[1:].argmax())]
        by_color = (part == "color" and said.colors[row]) or not said.types[row]
        kind: Kind = "color" if by_color else "type"
        of, scores = (said.colors, said.share) if kind == "color" else (said.types, said.near)
        best = max(of[row], key=lambda each: float(scores[row, each]))
        others = np.where(np.isin(np.arange(scores.shape[1]), of[row]), -np.inf, scores[row])
        classes = _names(kind).classes
        found.append(
            Matched(
                label="contradiction" if wrong >= SURE else None,
                probability=wrong,
                part=part,
                of=kind,
                says=classes[best][0],
                shows=classes[int(others.argmax())][0],
                doubt=None if wrong >= SURE else "unsure",
                zero_shot=True,
            )
        )
    return found


@cache
def _names(kind: Kind) -> Names:
    """Every type of the lexicon, or its basic colors."""
    own = [each.en[0] for each in concepts() if each.kind == kind]
    return Names.of([(name,) for name in (dict.fromkeys(map(basic_color, own)) if kind == "color" else own)])


def _named(kind: Kind, text: str) -> list[int]:
    """The classes that a text names, each once; shades count as their basic color."""
    if kind != "color":
        return list(dict.fromkeys(found.class_ for found in _names(kind).find(text)))
    shades = _shades()
    basics = [basic_color(shades.classes[found.class_][0]) for found in shades.find(text)]
    known = _names("color").classes
    if "multicolour" in basics:
        return []
    return list(dict.fromkeys(known.index((basic,)) for basic in basics))


@cache
def _shades() -> Names:
    return Names.of([(each.en[0],) for each in concepts() if each.kind == "color"])
