"""Heads for the labels of a shop: which class goods belong to, by their words and their picture together."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Final, Self

import numpy as np

from duomo.errors import BadFile
from duomo.product import Product
from duomo.understand.gate import Flags, Floats, Gate, Said
from duomo.understand.grams import grams
from duomo.understand.heads import TOWER_FILE, WEIGHTS, load_head, save_head
from duomo.understand.linear import LinearWords
from duomo.understand.reading import softmax
from duomo.understand.taxonomy import Node, Taxonomy

HEADS: Final = "heads"  # the folder inside a shop
FORM: Final = 1  # of the files; raised when older ones cannot be read
_AGAIN: Final = "Train it again: duomo train classify"
_MOST_WORDS: Final = 4000  # characters of a product that are read


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearPicture:
    """Scores of classes from what the tower sees of a picture, standardised."""

    mean: Floats  # (seen,)
    spread: Floats  # (seen,)
    weights: Floats  # (classes, seen)
    bias: Floats  # (classes,)

    def scores(self, seen: Floats) -> Floats:
        """(n, seen) -> (n, classes)."""
        return np.asarray((seen - self.mean) / self.spread @ self.weights.T + self.bias, np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadCard:
    """What a head answers, what it learned from, and how good it is on rows that it had not learned from."""

    label: str  # the column, as "category" or "color"
    classes: tuple[Node, ...]
    counts: tuple[int, ...]  # rows of each class
    tower: str  # the version of what saw the pictures; "": there were none
    words_heat: float = 1.0  # what scores are multiplied by before they are probabilities
    picture_heat: float = 1.0
    both_heat: float = 1.0  # below 1 where the gate was too sure of goods that it had not seen
    figures: Mapping[str, object] = field(default_factory=dict)  # cross-validated
    left_out: Mapping[str, int] = field(default_factory=dict)  # class -> rows, where those were too few
    lineage: Mapping[str, object] = field(default_factory=dict)  # sources, seed, commit, time
    form: int = FORM


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Answers one label of goods; made by `classify_fitting`, served by NumPy alone."""

    card: HeadCard
    taxonomy: Taxonomy
    words: LinearWords | None
    picture: LinearPicture | None
    gate: Gate

    def said(self, texts: Sequence[str], seen: Floats, shown: Flags) -> Said:
        """What words and picture say of n goods, each by itself.

        Args:
            texts: n, as `words_of` gives them; a blank one says nothing.
            seen: (n, dim) of `Sight.see`; of goods without a picture anything.
            shown: (n,) whether there is a picture.
        """
        prior = np.broadcast_to(self.gate.prior, (len(texts), len(self.card.classes)))
        found = grams(texts)
        words, known = prior, np.zeros(len(texts), np.float32)
        if self.words:
            words = softmax(two_sided(self.words.scores(found)) * self.card.words_heat)
            known = self.words.known(found)
        picture = softmax(self.picture.scores(seen) * self.card.picture_heat) if self.picture else prior
        return Said(
            words=words,
            picture=picture,
            has_words=known > 0,
            has_picture=shown & (self.picture is not None),
            known=known,
        )

    def probabilities(self, texts: Sequence[str], seen: Floats, shown: Flags) -> Floats:
        """(n, classes) calibrated; the shares of the classes for goods of which nothing is known."""
        return self.together(self.said(texts, seen, shown))

    def together(self, said: Said) -> Floats:
        """(n, classes) what the parts come to together."""
        return warmed(self.gate.probabilities(said), self.card.both_heat)

    def save(self, folder: Path, tower: Path | None = None) -> None:
        """Write it as a folder, which appears whole in the place of an older one.

        Args:
            folder: where to.
            tower: a picture tower of its own, which is moved into it; None: it sees by the shipped one.

        Raises:
            BadQuery: something else lies there, and would be lost.
        """
        arrays = self.gate.as_arrays("gate.")
        if self.words:
            arrays |= self.words.as_arrays("words.")
        if self.picture:
            arrays |= {f"picture.{f.name}": getattr(self.picture, f.name) for f in fields(LinearPicture)}
            arrays["picture.weights"] = self.picture.weights.astype(np.float16)
        save_head(folder, asdict(self.card), arrays, moved={TOWER_FILE: tower} if tower else None)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The head in a folder.

        Raises:
            MissingFile: there is none.
            BadFile: it is damaged, or was made by another version.
        """
        card, arrays = load_head(folder, form=FORM, again=_AGAIN)
        try:
            card["classes"] = tuple(tuple(node) for node in card["classes"])
            card["counts"] = tuple(card["counts"])
            read = HeadCard(**card)
            taxonomy = Taxonomy(read.classes)
            gate = Gate.of_arrays(arrays, "gate.")
            if gate.prior.shape != (len(read.classes),):
                raise ValueError("its gate has other classes")
        except (ValueError, KeyError, TypeError) as error:
            raise BadFile(f"the head in {folder} cannot be used ({error})", remedy=_AGAIN) from error
        words = (
            LinearWords.from_arrays(arrays, prefix="words.", file=str(folder / WEIGHTS))
            if "words.ids" in arrays
            else None
        )
        picture = None
        if "picture.mean" in arrays:
            names = [f.name for f in fields(LinearPicture)]
            picture = LinearPicture(**{n: np.asarray(arrays[f"picture.{n}"], np.float32) for n in names})
        return cls(card=read, taxonomy=taxonomy, words=words, picture=picture, gate=gate)


def warmed(shares: Floats, heat: float) -> Floats:
    """Probabilities whose logarithms are multiplied by a heat: 1 leaves them, 0 makes all alike."""
    return shares if heat == 1 else softmax(np.log(np.maximum(shares, np.float32(1e-9))) * np.float32(heat))


def two_sided(scores: Floats) -> Floats:
    """(n, 1) scores of the second of two classes -> (n, 2) of both; others as they are."""
    if scores.shape[1] > 1:
        return scores
    return np.asarray(np.concatenate([-scores, scores], axis=1) / 2, np.float32)


def words_of(product: Product, *, without: str = "") -> str:
    r"""What a product says of itself, a line each: title, brand, description; never the label itself.

    >>> from duomo.product import Variant
    >>> words_of(Product(id="1", title="Red mug", brand="Acme", variants=(Variant(id="1"),)))
    'Red mug\nAcme'
    """
    brand = "" if without == "brand" or product.brand in product.title else product.brand
    lines = (product.title, brand, product.description)
    return "\n".join(line.strip() for line in lines if line.strip())[:_MOST_WORDS]
