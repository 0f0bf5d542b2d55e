"""How a new creative will do, before it is paid for: a rate with an interval, and which of two is better.

What is learned from a shop's own tests (`ads_fitting`) is served with NumPy and the text tower of `pocket`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from math import sqrt
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from duomo.arrays import Pixels
from duomo.encode.base import Encoder
from duomo.encode.models import load_encoder
from duomo.errors import BadFile
from duomo.understand.ads import Creative
from duomo.understand.ads_features import Feature, filled, measured
from duomo.understand.grams import grams, word_spans
from duomo.understand.heads import WEIGHTS, load_head, save_head
from duomo.understand.linear import LinearWords, spans
from duomo.understand.reading import Evidence

Floats = NDArray[np.float64]
TOWER: Final = "pocket"
FOLDER: Final = Path("heads") / "ads"  # inside a shop
FORM: Final = 1  # of the files; raised when older ones cannot be read
_AGAIN: Final = "Train it again: duomo train ads FILE --shop DIR"
_KNOWN: Final = 0.3  # share of a copy's grams that must have been seen before
_AT_ONCE: Final = 256
_REASONS: Final = 3  # features that are named
_LARGEST: Final = 3.0  # log rate: a rate is not predicted to be more than 20 times another


@dataclass(frozen=True, slots=True, kw_only=True)
class AdsCard:
    """What a predictor learned from, and how good it is on tests that it had not learned from."""

    features: tuple[Feature, ...]
    usual: tuple[float, ...]  # of each feature: what is assumed where a picture cannot be seen
    rate: float  # log of the usual click rate of a test
    between: float  # standard deviation of the log rates of tests
    within: float  # of what stays unexplained of creatives of one test
    reach: float  # standard deviations to either side that held 95 % of unseen creatives
    heat: float  # what a difference of scores is multiplied by to be the log odds of being better
    counts: Mapping[str, int] = field(default_factory=dict)  # tests, creatives
    figures: Mapping[str, float] = field(default_factory=dict)  # cross-validated by test
    form: int = FORM


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted:
    """What is to be expected of one creative."""

    creative: Creative
    score: float  # log of its rate over that of the average creative
    rate: float  # clicks of impressions
    low: float  # 95 % interval, for a test of which nothing is known yet
    high: float
    known: float  # share of its copy that was seen in learning, 0 to 1
    evidence: tuple[Evidence, ...]  # words that raise or lower the score
    reasons: tuple[
        tuple[Feature, float], ...
    ]  # features that do, with the log of their factor; the most first
    doubt: str  # "": none; "empty": there is no copy; "unknown": its words were hardly seen in learning


@dataclass(frozen=True, slots=True, kw_only=True)
class AdsHead:
    """Scores creatives; made by `ads_fitting.fit_ads`."""

    card: AdsCard
    words: LinearWords  # of one column
    vector: NDArray[np.float32]  # (dim,) for the vector of the copy
    traits: Floats  # (features,)
    centre: float  # score of the average creative

    def scores(
        self, creatives: Sequence[Creative], *, picture: Callable[[Creative], Pixels | None] | None = None
    ) -> Floats:
        """(n,) log of each one's rate over that of the average creative."""
        copies = [creative.words for creative in creatives]
        of_words = self.words.scores(grams(copies))[:, 0].astype(np.float64)
        of_traits = self._traits(creatives, picture).sum(axis=1)
        total = of_words + vectors_of(copies) @ self.vector + of_traits - self.centre
        return np.asarray(np.clip(total, -_LARGEST, _LARGEST), np.float64)

    def _traits(
        self, creatives: Sequence[Creative], picture: Callable[[Creative], Pixels | None] | None
    ) -> Floats:
        """(n, features) what each feature adds."""
        seen = measured(creatives, self.card.features, picture=picture)
        return np.asarray(filled(seen, np.array(self.card.usual)) * self.traits, np.float64)

    def predict(
        self, creatives: Sequence[Creative], *, picture: Callable[[Creative], Pixels | None] | None = None
    ) -> list[Predicted]:
        """What is to be expected of each creative."""
        card = self.card
        spread = card.reach * sqrt(card.between**2 + card.within**2)
        out = []
        adds = self._traits(creatives, picture)
        for creative, score, added in zip(
            creatives, self.scores(creatives, picture=picture), adds, strict=True
        ):
            copy = creative.words
            found = grams([copy])
            known = float(self.words.known(found)[0])
            pieces = spans(copy, word_spans(copy), self.words.credits(found, copy, 0), most=4)
            out.append(
                Predicted(
                    creative=creative,
                    score=float(score),
                    rate=_rate(card.rate + score),
                    low=_rate(card.rate + score - spread),
                    high=_rate(card.rate + score + spread),
                    known=known,
                    evidence=tuple(pieces),
                    reasons=tuple(
                        (card.features[n], float(added[n]))
                        for n in np.argsort(-np.abs(added))[:_REASONS]
                        if added[n]
                    ),
                    doubt="empty" if not copy else "unknown" if known < _KNOWN else "",
                )
            )
        return out

    def better(self, first: float, second: float) -> float:
        """Chance that the creative with the first score is better, if a test tells both apart."""
        return 1 / (1 + float(np.exp(-self.card.heat * (first - second))))

    def save(self, folder: Path) -> None:
        """Write it as a folder of two files, which appears whole in the place of an older one."""
        arrays = {
            **self.words.as_arrays("words."),
            "vector": self.vector.astype(np.float16),
            "traits": self.traits,
            "centre": np.array([self.centre]),
        }
        save_head(folder, asdict(self.card), arrays)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The predictor in a folder.

        Raises:
            MissingFile: there is none.
            BadFile: it is damaged, or was made by another version.
        """
        card, arrays = load_head(folder, form=FORM, again=_AGAIN)
        try:
            card["usual"] = tuple(card["usual"])
            card["features"] = tuple(Feature(*feature) for feature in card["features"])
            head = cls(
                card=AdsCard(**card),
                words=LinearWords.from_arrays(arrays, prefix="words.", file=str(folder / WEIGHTS)),
                vector=arrays["vector"].astype(np.float32),
                traits=arrays["traits"].astype(np.float64),
                centre=float(arrays["centre"].astype(np.float64)[0]),
            )
            if not len(head.traits) == len(head.card.features) == len(head.card.usual):
                raise ValueError("its parts do not fit together")
        except (ValueError, KeyError, TypeError) as error:
            raise BadFile(f"the predictor in {folder} cannot be used ({error})", remedy=_AGAIN) from error
        return head


def vectors_of(copies: Sequence[str]) -> NDArray[np.float32]:
    """(n, dim) vectors of copies by the text tower of `pocket`, each different copy encoded once."""
    each = sorted(set(copies))
    parts = [_tower().encode(each[at : at + _AT_ONCE]) for at in range(0, len(each), _AT_ONCE)]
    places = {copy: number for number, copy in enumerate(each)}
    return np.concatenate(parts)[[places[copy] for copy in copies]] if parts else _tower().encode([])


@cache
def _tower() -> Encoder[str]:
    text = load_encoder(TOWER).text
    if text is None:
        raise ValueError(f"{TOWER} has no tower for words")
    return text


def _rate(log_rate: float) -> float:
    """A share from its log, never above 1."""
    return float(min(np.exp(log_rate), 1.0))
