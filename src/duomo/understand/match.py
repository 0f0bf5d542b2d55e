"""Whether the picture of goods shows what their words say, and which part contradicts.

For each label of a shop (type, color, gender ...) one head reads the words and another the picture. If both
speak of one product, the share of the class that they agree on is high: sum over classes of words x picture /
prior is the odds of "same product" against "any two" (Bayes' factor, the parts being independent given the
class). These odds, how sure each part is and what the words name outright are weighed by a small logistic
regression, learned from contradictions planted into the shop's own goods (`match_fitting`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from duomo.errors import BadFile
from duomo.understand.classify import LinearPicture, two_sided
from duomo.understand.gate import Floats
from duomo.understand.grams import Grams, grams
from duomo.understand.heads import load_head, save_head
from duomo.understand.linear import LinearWords
from duomo.understand.planted import Names
from duomo.understand.reading import softmax
from duomo.understand.taxonomy import Node

NAME: Final = "match"  # of the folder among the heads of a shop
PICTURE: Final = "picture"  # the part that is wrong where the picture is another product's
MATCH: Final = "match"
SIGNS: Final = 14  # numbers of a row for each label; see `Side.signs`
FORM: Final = 1
_AGAIN: Final = "Train it again: duomo train match"
_PICTURE: Final = tuple(each.name for each in fields(LinearPicture))
_LEAST: Final = 1e-4  # probability that a part gives to what it does not expect
_MOST: Final = 7.0  # of the logarithm of the odds


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One label, read off words and off pictures, each by itself."""

    label: str
    names: Names
    words: LinearWords
    picture: LinearPicture
    words_heat: float
    picture_heat: float
    prior: Floats  # (classes,)

    def heard(self, texts: Sequence[str], found: Grams, seen: Floats) -> "Heard":
        """What words say, where nothing in them is known the prior, and what is seen of pictures says."""
        known = self.words.known(found)
        words = softmax(two_sided(self.words.scores(found)) * self.words_heat)
        return Heard(
            words=np.where(known[:, None] > 0, words, self.prior),
            picture=softmax(self.picture.scores(seen) * self.picture_heat),
            outright=named(self.names, texts),
            known=known,
        )


class Heard(NamedTuple):
    """What words and pictures of n goods say of one label."""

    words: Floats  # (n, classes)
    picture: Floats  # (n, classes)
    outright: list[list[int]]  # the classes that the words name
    known: Floats  # (n,) share of the words' grams that were learned from


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchCard:
    """What a matcher compares, what it learned from, and how good it is on contradictions it has not seen."""

    labels: tuple[str, ...]
    classes: tuple[tuple[Node, ...], ...]  # of each label
    heats: tuple[tuple[float, float], ...]  # of each label, for words and for pictures
    tower: str  # version of the sight
    share: float  # of goods that contradict themselves, as probabilities take it
    least_known: float = 0.0  # share of the grams of words that must be known, for anything to be said
    figures: Mapping[str, object] = field(default_factory=dict)
    lineage: Mapping[str, object] = field(default_factory=dict)

    @property
    def parts(self) -> tuple[str, ...]:
        """What a product can be: a match, wrong in one label, or with the picture of another product."""
        return (MATCH, *self.labels, PICTURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """Compares words and pictures; made by `match_fitting`, served by NumPy alone."""

    card: MatchCard
    sides: tuple[Side, ...]
    mean: Floats  # (signs,) of all labels
    spread: Floats
    weights: Floats  # (parts, signs)
    bias: Floats  # (parts,)

    def shares(self, texts: Sequence[str], seen: Floats) -> Floats:
        """(n,) texts and (n, dim) of `Sight.see` -> (n, parts) probabilities, calibrated."""
        return self.shares_of(self.heard(texts, seen))

    def heard(self, texts: Sequence[str], seen: Floats) -> list[Heard]:
        """What they say of each label."""
        found = grams(texts)
        return [side.heard(texts, found, seen) for side in self.sides]

    def shares_of(self, heard: Sequence[Heard]) -> Floats:
        """(n, parts) from what was heard of each label."""
        rows = [
            signs(each.words, each.picture, side.prior, each.outright)
            for side, each in zip(self.sides, heard, strict=True)
        ]
        return self.weigh(np.concatenate(rows, axis=1))

    def weigh(self, rows: Floats) -> Floats:
        """(n, signs of all labels) -> (n, parts) probabilities."""
        return softmax((rows - self.mean) / self.spread @ self.weights.T + self.bias)

    def save(self, folder: Path) -> None:
        """Write it as a folder of two files, which appears whole in the place of an older one.

        Raises:
            BadQuery: something else lies there, and would be lost.
        """
        arrays: dict[str, NDArray[np.generic]] = {
            "mean": self.mean, "spread": self.spread, "weights": self.weights, "bias": self.bias,
        }  # fmt: skip
        for place, side in enumerate(self.sides):
            arrays |= side.words.as_arrays(f"{place}.words.")
            arrays |= {f"{place}.picture.{each}": getattr(side.picture, each) for each in _PICTURE}
            arrays[f"{place}.prior"] = side.prior
        save_head(folder, {**asdict(self.card), "form": FORM}, arrays)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The matcher in a folder.

        Raises:
            MissingFile: there is none.
            BadFile: it is damaged, or was made by another version.
        """
        held, arrays = load_head(folder, form=FORM, again=_AGAIN)
        try:
            for name in ("labels", "classes", "heats"):
                held[name] = _tuples(held[name])
            card = MatchCard(**held)
            sides = tuple(
                Side(
                    label=name,
                    names=Names.of(card.classes[place]),
                    words=LinearWords.from_arrays(arrays, prefix=f"{place}.words.", file=str(folder)),
                    picture=LinearPicture(
                        **{
                            each: np.asarray(arrays[f"{place}.picture.{each}"], np.float32)
                            for each in _PICTURE
                        }
                    ),
                    words_heat=card.heats[place][0],
                    picture_heat=card.heats[place][1],
                    prior=np.asarray(arrays[f"{place}.prior"], np.float32),
                )
                for place, name in enumerate(card.labels)
            )
            mean, spread, weights, bias = (
                np.asarray(arrays[name], np.float32) for name in ("mean", "spread", "weights", "bias")
            )
            if weights.shape != (len(card.parts), SIGNS * len(sides)):
                raise ValueError("its weights are for other labels")
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise BadFile(f"the head in {folder} cannot be used ({error})", remedy=_AGAIN) from error
        return cls(card=card, sides=sides, mean=mean, spread=spread, weights=weights, bias=bias)


def named(names: Names, texts: Sequence[str]) -> list[list[int]]:
    """The classes that each text names outright, each once."""
    return [list(dict.fromkeys(found.class_ for found in names.find(text))) for text in texts]


def signs(words: Floats, picture: Floats, prior: Floats, outright: Sequence[Sequence[int]]) -> Floats:
    """(n, SIGNS) of one label: how far words and picture agree, and how sure each is.

    Args:
        words: (n, classes) what words say.
        picture: (n, classes) what pictures say.
        prior: (classes,) how frequent they are.
        outright: n lists of the classes that the words name.
    """
    rows = np.arange(len(words))
    by_words, by_picture = np.log(np.maximum(words, _LEAST)), np.log(np.maximum(picture, _LEAST))
    odds = np.log(np.maximum((words * picture / np.maximum(prior, _LEAST)).sum(axis=1), 1e-6))
    odds = np.clip(odds, -_MOST, _MOST)
    said, seen = words.argmax(axis=1), picture.argmax(axis=1)
    sure_words, sure_picture = words.max(axis=1), picture.max(axis=1)
    said_seen = by_picture[rows, said] - by_picture.max(axis=1)
    seen_said = by_words[rows, seen] - by_words.max(axis=1)
    names = np.array([bool(each) for each in outright], np.float32)
    seen_named, said_named = (
        np.array(
            [max(part[row, each]) - part[row].max() if each else 0.0 for row, each in enumerate(outright)],
            np.float32,
        )
        for part in (by_picture, by_words)
    )
    columns = [
        odds, np.minimum(odds, 0), odds * sure_words, odds * sure_picture,
        said_seen, said_seen * sure_words, said_seen * sure_picture,
        seen_said, sure_words, sure_picture,
        names, seen_named, seen_named * sure_picture, said_named,
    ]  # fmt: skip
    return np.stack(columns, axis=1).astype(np.float32)


def _tuples(held: object) -> object:
    return tuple(map(_tuples, held)) if isinstance(held, list) else held
