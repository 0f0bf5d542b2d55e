"""Whether the picture of goods shows what their words say, and which part contradicts.

For each label of a shop (type, color, gender ...) one head reads the words and another the picture. If both
speak of one product, the share of the class that they agree on is high: sum over classes of words x picture /
prior is the odds of "same product" against "any two" (Bayes' factor, the parts being independent given the
class). These odds, how sure each part is and what the words name outright are weighed by a small logistic
regression, learned from contradictions planted into the shop's own goods (`match_fitting`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Final, Literal, Self

import numpy as np
from numpy.typing import NDArray

from duomo.arrays import Pixels
from duomo.errors import BadFile
from duomo.understand.category import evidence_of
from duomo.understand.classify import LinearPicture, two_sided
from duomo.understand.gate import Flags, Floats
from duomo.understand.grams import grams
from duomo.understand.heads import load_head, save_head
from duomo.understand.linear import LinearWords
from duomo.understand.planted import Names
from duomo.understand.reading import Doubt, Evidence, softmax
from duomo.understand.sight import Sight
from duomo.understand.taxonomy import Node, Taxonomy, label

NAME: Final = "match"  # of the folder among the heads of a shop
PICTURE: Final = "picture"  # the part that is wrong where the picture is another product's
MATCH: Final = "match"
SIGNS: Final = 14  # numbers of a row for each label; see `Side.signs`
SURE: Final = 0.5  # probability from which on something is a contradiction
UNSURE: Final = 0.2  # and from which on it is not said that all agree
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

    def of_words(self, texts: Sequence[str]) -> Floats:
        """(n, classes) what words say; where nothing in them is known, the prior."""
        found = grams(texts)
        shares = softmax(two_sided(self.words.scores(found)) * self.words_heat)
        return np.where(self.words.known(found)[:, None] > 0, shares, self.prior)

    def of_pictures(self, seen: Floats) -> Floats:
        """(n, classes) what pictures say, from what `Sight` sees of them."""
        return softmax(self.picture.scores(seen) * self.picture_heat)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchCard:
    """What a matcher compares, what it learned from, and how good it is on contradictions it has not seen."""

    labels: tuple[str, ...]
    classes: tuple[tuple[Node, ...], ...]  # of each label
    heats: tuple[tuple[float, float], ...]  # of each label, for words and for pictures
    tower: str  # version of the sight
    share: float  # of goods that contradict themselves, as probabilities take it
    figures: Mapping[str, object] = field(default_factory=dict)
    lineage: Mapping[str, object] = field(default_factory=dict)

    @property
    def parts(self) -> tuple[str, ...]:
        """What a product can be: a match, wrong in one label, or with the picture of another product."""
        return (MATCH, *self.labels, PICTURE)


@dataclass(frozen=True, kw_only=True)
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
        return self.weigh(
            np.concatenate(
                [
                    signs(side.of_words(texts), side.of_pictures(seen), side.prior, named(side.names, texts))
                    for side in self.sides
                ],
                axis=1,
            )
        )

    def weigh(self, rows: Floats) -> Floats:
        """(n, signs of all labels) -> (n, parts) probabilities."""
        return softmax((rows - self.mean) / self.spread @ self.weights.T + self.bias)

    def save(self, folder: Path) -> None:
        """Write it as a folder of two files, which appears whole in the place of an older one."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Whether words and picture of one product agree."""

    label: Literal["match", "contradiction"] | None  # None: don't know, and `doubt` says why
    probability: float  # that they contradict each other
    part: str = ""  # the label that contradicts, or "picture": it is another product's
    says: str = ""  # the words
    shows: str = ""  # the picture
    of: str = ""  # the label that both speak of
    evidence: tuple[Evidence, ...] = ()
    doubt: Doubt | None = None

    def as_dict(self) -> dict[str, object]:
        """With the field names of the machine contract; what there is none of is left out."""
        said: dict[str, object] = {"label": self.label, "probability": round(self.probability, 4)}
        if self.part:
            said |= {"part": self.part, "of": self.of, "says": self.says, "shows": self.shows}
        if self.evidence:
            said["evidence"] = [piece.as_dict() for piece in self.evidence]
        if self.doubt:
            said["doubt"] = self.doubt
        return said


@dataclass(frozen=True)
class MatchReader:
    """Reads whether goods contradict themselves."""

    matcher: Matcher
    sight: Sight

    @cached_property
    def taxonomy(self) -> Taxonomy:
        """The parts, as classes of a `Classifier`."""
        return Taxonomy(tuple((part,) for part in self.matcher.card.parts))

    def probabilities(self, texts: Sequence[str], pictures: Sequence[Pixels | None]) -> Floats:
        """(n, parts); see `category.Classifier`. Goods without a picture are compared with an empty one."""
        return self.matcher.shares(texts, self._seen(pictures))

    def read(
        self, texts: Sequence[str], pictures: Sequence[Pixels | None], *, evidence: bool = False
    ) -> Iterator[Matched]:
        """What is to be said of goods, one after the other.

        Args:
            texts: n, as `classify.words_of` gives them.
            pictures: n; None: there is none, and nothing can be said.
            evidence: name the words and the region of the picture that speak for a contradiction: each is
                left out in turn.
        """
        shown = np.array([each is not None for each in pictures], bool)
        seen = self._seen(pictures)
        found = self.judge(texts, seen, shown)
        if not evidence:
            yield from found
            return
        for text, pixels, each in zip(texts, pictures, found, strict=True):
            if each.label != "contradiction" or pixels is None:
                yield each
                continue
            yield replace(each, evidence=self.why(text, pixels, each.part))

    def why(self, text: str, pixels: Pixels, part: str) -> tuple[Evidence, ...]:
        """The words and the region of a picture without which a part would contradict less."""
        shares = self.probabilities([text], [pixels])[0]
        return evidence_of(self, text, pixels, shares, class_=self.matcher.card.parts.index(part))

    def judge(self, texts: Sequence[str], seen: Floats, shown: Flags) -> list[Matched]:
        """The same from what was seen of pictures: (n, dim), and (n,) whether there is one."""
        return judged(self.matcher, texts, seen, shown, self.matcher.shares(texts, seen))

    def _seen(self, pictures: Sequence[Pixels | None]) -> Floats:
        """(n, dim) what is seen; a picture that is there several times is looked at once."""
        distinct = {id(each): each for each in pictures if each is not None}
        place_of = {key: place for place, key in enumerate(distinct)}
        rows = self.sight.see([*distinct.values()])
        seen = np.zeros((len(pictures), self.sight.dim), np.float32)
        for row, each in enumerate(pictures):
            if each is not None:
                seen[row] = rows[place_of[id(each)]]
        return seen


def judged(
    matcher: Matcher, texts: Sequence[str], seen: Floats, shown: Flags, shares: Floats
) -> list[Matched]:
    """What probabilities of the parts mean for goods, with what words say and pictures show.

    Args:
        matcher: that knows the labels.
        texts: n.
        seen: (n, dim).
        shown: (n,) whether there is a picture.
        shares: (n, parts), perhaps of heads that have not seen these goods.
    """
    told = [
        (side, side.of_words(texts), side.of_pictures(seen), named(side.names, texts))
        for side in matcher.sides
    ]
    known = np.max([side.words.known(grams(texts)) for side in matcher.sides], axis=0) if texts else []
    found = []
    for row, text in enumerate(texts):
        wrong = 1 - float(shares[row, 0])
        if not text.strip() or not shown[row] or not known[row]:
            doubt: Doubt = "empty" if not text.strip() or not shown[row] else "unknown"
            found.append(Matched(label=None, probability=matcher.card.share, doubt=doubt))
            continue
        if wrong < UNSURE:
            found.append(Matched(label="match", probability=wrong))
            continue
        part = 1 + int(shares[row, 1:].argmax())
        place = part - 1 if part <= len(told) else int(shares[row, 1:-1].argmax())
        side, words, picture, outright = told[place]
        says, shows = _both(words[row], picture[row], outright[row])
        found.append(
            Matched(
                label="contradiction" if wrong >= SURE else None,
                probability=wrong,
                part=matcher.card.parts[part],
                of=side.label,
                says=label(side.names.classes[says]),
                shows=label(side.names.classes[shows]),
                doubt=None if wrong >= SURE else "unsure",
            )
        )
    return found


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


def _both(words: Floats, picture: Floats, outright: Sequence[int]) -> tuple[int, int]:
    """The class that words say, and the likeliest other one that the picture shows."""
    says = max(outright, key=lambda each: (words[each], -each)) if outright else int(words.argmax())
    order = np.argsort(-picture, kind="stable")
    return says, int(order[0] if order[0] != says else order[1])


def _tuples(held: object) -> object:
    return tuple(map(_tuples, held)) if isinstance(held, list) else held
