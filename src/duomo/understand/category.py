"""The category of goods, or another label: by the names of the labels alone, or by what a shop taught.

Nothing has to be learned for a list of names: words and pictures of goods are held against them in the space
of `pocket`, in either language, and names that stand in the words count besides. A trained head (`classify`)
knows the shop's own way of sorting.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from duomo.arrays import Pixels, Vectors, unit
from duomo.encode.base import Towers
from duomo.encode.models import load_encoder
from duomo.encode.regions import Box, cut, regions
from duomo.errors import BadFile, BadSetup
from duomo.lexicon import concept_of
from duomo.progress import Tick, silent
from duomo.shelf.keywords import tokens
from duomo.understand.classify import Head
from duomo.understand.gate import Floats
from duomo.understand.grams import grams, word_spans
from duomo.understand.heads import TOWER_FILE
from duomo.understand.reading import Doubt, Evidence, Reading, softmax
from duomo.understand.sight import LEAST_SIDE, Sight
from duomo.understand.taxonomy import Node, Taxonomy

# What a name that stands in the words adds to a similarity, and what similarities are multiplied by before
# they are probabilities. Chosen on training rows of fashion_products (141 types from words and pictures) and
# of clothing_photos (10 classes from pictures alone, names in both languages).
_NAMED: Final = 0.2
_LATER: Final = 0.5  # of a name at the end of a title: "shirt dress" is a dress
_HEAT_BOTH: Final = 14.0
_HEAT_WORDS: Final = 19.0
_HEAT_PICTURE: Final = 18.0
# How far from home names are taken to be at least where they are held against pictures: phone photos are,
# also where the names are not. On the rows named above it is 0.55 of the photos instead of 0.46, and 0.867 of
# the catalog's pictures instead of 0.872.
_LEAN: Final = 0.3
_LABELS_AT_ONCE: Final = 500
_MOST_WORDS: Final = 60  # of a text that are taken away one by one, to see what each is worth
_MOST_REGIONS: Final = 4
_LETTER: Final = re.compile(r"[^\W\d_]")
_READ: Final = re.compile("[A-Za-z\u00c0-\u024f\u3400-\u9fff]")  # letters of languages that are read
_MOST_LETTERS: Final = 2000  # characters of a text that tell its language


class Classifier(Protocol):
    """Says how probable each class is for goods."""

    @property
    def taxonomy(self) -> Taxonomy:
        """The classes."""

    def probabilities(self, texts: Sequence[str], pictures: Sequence[Pixels | None]) -> Floats:
        """(n,) texts, "" where there is none, and pictures of goods -> (n, classes), rows that sum to 1."""

    def unread(self, text: str) -> Doubt | None:
        """Why these words say nothing to it; None: they say something."""


class ByNames:
    """Tells classes by their names alone (zero-shot), in Chinese and English.

    Args:
        taxonomy: the classes.
        towers: an encoder whose words and pictures share a space; None: `pocket`.
        tick: told of the names that are encoded, as stage "labels".

    Raises:
        BadSetup: the encoder cannot hold words against pictures.

    >>> reader = ByNames(Taxonomy((("Shoes",), ("连衣裙",))))
    >>> [reading.label for reading in read(reader, ["Red summer dress", "黑色跑鞋"], [None, None])]
    ['连衣裙', 'Shoes']
    """

    def __init__(self, taxonomy: Taxonomy, towers: Towers | None = None, *, tick: Tick = silent) -> None:
        self._taxonomy = taxonomy
        towers = towers or load_encoder("pocket")
        if not (towers.shared and towers.text and towers.picture):
            problem = f"the encoder '{towers.name}' cannot hold pictures against names"
            raise BadSetup(problem, remedy="Take one that can: pocket")
        self._words, self._picture = towers.goods or towers.text, towers.picture
        asking, crossing = towers.asks_goods or towers.text, towers.leaning(_LEAN).text or towers.text
        names = [names_of(node) for node in taxonomy.classes]
        seen: list[Vectors] = []
        said: list[Vectors] = []
        for at in range(0, len(names), _LABELS_AT_ONCE):
            some = names[at : at + _LABELS_AT_ONCE]
            flat = [name for each in some for name in each]
            own = np.cumsum([0, *map(len, some)])
            seen.append(crossing.encode(flat)[own[:-1]])
            vectors = asking.encode(flat)  # of the same texts, so that the model is asked once
            said.append(
                unit(
                    np.stack(
                        [
                            vectors[first] + unit(vectors[first:last].mean(axis=0))
                            for first, last in pairwise(own)
                        ]
                    )
                )
            )
            tick("labels", min(at + _LABELS_AT_ONCE, len(names)), len(names))
        self._seen, self._said = np.concatenate(seen), np.concatenate(said)
        self._by_token: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
        for place, each in enumerate(names):
            for form in {tuple(tokens(name)) for name in each}:
                if form:
                    self._by_token.setdefault(form[-1], []).append((place, form))

    @property
    def taxonomy(self) -> Taxonomy:
        """The classes."""
        return self._taxonomy

    def probabilities(self, texts: Sequence[str], pictures: Sequence[Pixels | None]) -> Floats:
        """See `Classifier`; goods without words and picture are anything."""
        shape = (len(texts), len(self._taxonomy.classes))
        scores, worded = (
            np.zeros(shape, np.float32),
            np.array([not self.unread(text) for text in texts], bool),
        )
        shown = np.array([pixels is not None for pixels in pictures], bool)
        if worded.any():
            some = [text for text, here in zip(texts, worded, strict=True) if here]
            scores[worded] = self._words.encode(some) @ self._said.T + _NAMED * self._named(some)
        if shown.any():
            scores[shown] += (
                self._picture.encode([each for each in pictures if each is not None]) @ self._seen.T
            )
        heat = np.where(worded & shown, _HEAT_BOTH, np.where(worded, _HEAT_WORDS, _HEAT_PICTURE))
        return softmax(scores * heat[:, None])

    def unread(self, text: str) -> Doubt | None:
        """No letters, or most of them of another script, and no name of a class; see `Classifier`."""
        return doubt if (doubt := unread(text)) and not self._named([text]).any() else None

    def _named(self, texts: Sequence[str]) -> Floats:
        """(n, classes) how much of a name of a class stands in each text: more for more and later words."""
        found = np.zeros((len(texts), len(self._taxonomy.classes)), np.float32)
        for row, text in enumerate(texts):
            said = tokens(text)
            place_of = {token: place for place, token in enumerate(said, start=1)}
            for token, last in place_of.items():
                for class_, form in self._by_token.get(token, ()):
                    if all(each in place_of for each in form):
                        worth = len(form) + _LATER * last / len(said)
                        found[row, class_] = max(found[row, class_], worth)
        return found


@dataclass(frozen=True, slots=True)
class Trained:
    """Tells the classes of a head by what it learned."""

    head: Head
    sight: Sight

    @property
    def taxonomy(self) -> Taxonomy:
        """The classes."""
        return self.head.taxonomy

    def probabilities(self, texts: Sequence[str], pictures: Sequence[Pixels | None]) -> Floats:
        """See `Classifier`; of goods of which nothing is known, the shares of the classes in the shop."""
        shown = np.array([pixels is not None for pixels in pictures], bool)
        seen = np.zeros((len(texts), self.sight.dim), np.float32)
        if self.head.picture and shown.any():
            seen[shown] = self.sight.see([pixels for pixels in pictures if pixels is not None])
        return self.head.probabilities(texts, seen, shown)

    def unread(self, text: str) -> Doubt | None:
        """Nothing of it was ever learned; see `Classifier`."""
        return None if self.head.words and self.head.words.known(grams([text]))[0] > 0 else "unknown"


def trained_in(folder: Path) -> Trained:
    """The head in a folder with what it sees pictures by: a tower of its own, or the shipped one.

    Raises:
        MissingFile: there is no head.
        BadFile: it is damaged, or was trained with another tower.
    """
    head, own = Head.load(folder), folder / TOWER_FILE
    sight = Sight.of(own) if own.is_file() else Sight.shipped()
    if head.card.tower not in ("", sight.version):
        problem = f"the head in {folder} was trained with another picture tower"
        raise BadFile(problem, remedy="Train it again: duomo train classify")
    return Trained(head, sight)


def read(
    classifier: Classifier,
    texts: Sequence[str],
    pictures: Sequence[Pixels | None],
    *,
    sure: float = 0.0,
    others: int = 4,
    evidence: bool = False,
) -> Iterator[Reading]:
    """The label of goods, one after the other.

    Args:
        classifier: by names, or trained.
        texts: n, blank where there are no words.
        pictures: n; None: there is none; one of fewer than 16 pixels a side counts as none.
        sure: probability that an answer needs; below it a node above is the answer, or none
            (`Taxonomy.read`). Goods without a picture whose words are none, or say nothing, have none.
        others: how many other classes are named.
        evidence: name the words and the region of the picture that decide, which takes as many readings as
            there are words.
    """
    shown = [None if each is None or min(each.shape[:2]) < LEAST_SIDE else each for each in pictures]
    shares = classifier.probabilities(texts, shown)
    for text, pixels, row in zip(texts, shown, shares, strict=True):
        doubt = None if pixels is not None else classifier.unread(text) if text.strip() else "empty"
        if doubt:
            yield Reading(label=None, probability=float(row.max()), doubt=doubt)
            continue
        why = evidence_of(classifier, text, pixels, row) if evidence else ()
        yield classifier.taxonomy.read(row, sure=sure, others=others, evidence=why)


def evidence_of(
    classifier: Classifier,
    text: str,
    pixels: Pixels | None,
    shares: Floats,
    *,
    class_: int | None = None,
    most: int = 4,
) -> tuple[Evidence, ...]:
    """What decides for a class: each word is left out in turn, and each region is painted over.

    The weight is the log odds that the class loses by it (Li et al., 2016, "erasure"; Zeiler and Fergus, ECCV
    2014, for pictures).

    Args:
        classifier: that was asked.
        text: of the goods.
        pixels: likewise.
        shares: (classes,) what it said.
        class_: which; None: the best.
        most: how many words are named, besides the region of the picture that weighs most.
    """
    best = int(shares.argmax()) if class_ is None else class_
    spans = word_spans(text)[:_MOST_WORDS]
    boxes = [] if pixels is None else [*regions(pixels, most=_MOST_REGIONS)]
    without = [text[:start] + text[end:] for start, end in spans]
    texts = [*without, *([text] * len(boxes))]
    painted = [] if pixels is None else [covered(pixels, box) for box in boxes]
    if not texts:
        return ()
    left = classifier.probabilities(texts, [*([pixels] * len(spans)), *painted])[:, best]
    lost = log_odds(float(shares[best])) - np.array([log_odds(float(each)) for each in left])
    words = [
        Evidence(part="words", weight=float(weight), text=text[start:end], start=start, end=end)
        for (start, end), weight in zip(spans, lost, strict=False)
        if weight > 0
    ]
    shown = [
        Evidence(part="picture", weight=float(weight), box=box)
        for box, weight in zip(boxes, lost[len(spans) :], strict=True)
        if weight > 0
    ]
    strongest = sorted(words, key=lambda each: (-each.weight, each.start))[:most]
    region = sorted(shown, key=lambda each: -each.weight)[:1]
    return tuple(sorted([*strongest, *region], key=lambda each: -each.weight))


def covered(pixels: Pixels, box: Box) -> Pixels:
    """The picture with a box painted over in the mean color of its rim, (height, width, 3)."""
    rim = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    painted = pixels.copy()
    cut(painted, box)[:] = np.median(rim, axis=0).astype(np.uint8)
    return painted


def names_of(node: Node) -> tuple[str, ...]:
    """What a class is called: its name, that with the name above it, and the lexicon's names for it.

    >>> names_of(("服装", "连衣裙"))[:2], "dress" in names_of(("连衣裙",))
    (('连衣裙', '服装 连衣裙'), True)
    """
    own = [node[-1], *([" ".join(node[-2:])] if len(node) > 1 else [])]
    concept = concept_of("type", node[-1])
    return tuple(dict.fromkeys([*own, *((*concept.en, *concept.zh) if concept else ())]))


def unread(text: str) -> Doubt | None:
    """Whether a text has no letters ("unknown"), or most are neither Latin nor Chinese ("language").

    >>> unread("Red mug 红杯子"), unread("👗 2026"), unread("платье red")
    (None, 'unknown', 'language')
    """
    letters = _LETTER.findall(text[:_MOST_LETTERS])
    read = sum(_READ.match(letter) is not None for letter in letters)
    return "unknown" if not letters else "language" if 2 * read < len(letters) else None


def log_odds(share: float) -> float:
    """Of a probability, kept within what can be told apart from 0 and 1."""
    inside = min(max(share, 1e-6), 1 - 1e-6)
    return float(np.log(inside / (1 - inside)))
