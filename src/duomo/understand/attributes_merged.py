"""One answer a facet, from what words name and what the picture shows; contradictions are told."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import exp, log
from typing import Final

from duomo.encode.regions import Box
from duomo.understand.facets import FACETS, Facet, basic_color
from duomo.understand.reading import Choice, Evidence, Reading
from duomo.understand.seen import SHIPPED
from duomo.understand.spotted import Spot

TRUST: Final = "trust.json"  # beside the heads that Duomo brings along
_OTHERS: Final = 3  # alternatives that are told
_PIECES: Final = 8  # places in the words that are told: a text may name a value a thousand times
_TOLD: Final = 0.005  # probability from which on they are
_LEAST: Final = 1e-4  # what no probability is below, before log odds are taken of it
_UNNAMED: Final = 0.01  # of a value, where nothing is known
_AGAINST: Final = 0.75  # probability of other values that a picture needs to contradict the words
_HARDLY: Final = 0.05  # what it then leaves to those that the words name


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """How often what words name is right; counted on goods whose values are given."""

    alone: float = 0.9  # one value in the title, and no picture that shows the facet
    several: float = 0.6  # the first of several values, likewise
    described: float = 0.7  # named in the description alone
    bias: float = 0.0  # with a picture: the log odds that it is right, where the picture gives it one half
    slope: float = 0.0  # and how much the log odds that the picture gives add; 0: nothing was counted

    def beside(self, alone: float, shown: float) -> float:
        """How probable the value is that words name, which alone are right with `alone`, beside a picture.

        >>> trust = Trust(alone=0.9, bias=3.0, slope=0.5)
        >>> trust.beside(0.9, 0.01) < 0.9 < trust.beside(0.9, 0.8)
        True
        """
        if not self.slope:
            return alone
        odds = self.bias + self.slope * log_odds(shown) + log_odds(alone) - log_odds(self.alone)
        return 1 / (1 + exp(-odds))


@cache
def shipped_trust() -> Mapping[Facet, Trust]:
    """What was counted with the heads that Duomo brings along, for the facets that goods are given of."""
    path = SHIPPED / TRUST
    held = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return {facet: Trust(**held[facet]) for facet in FACETS if facet in held}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What words say of a facet."""

    spots: Sequence[Spot]  # of the facet, in the order of the text
    text: str
    title: int  # where the title ends

    @property
    def denied(self) -> frozenset[str]:
        """The values that it is not."""
        return frozenset(spot.value for spot in self.spots if spot.denied)

    @property
    def named(self) -> list[Spot]:
        """The values that it is: those of the title, or else those of the description."""
        kept = [spot for spot in self.spots if spot.value not in self.denied]
        return [spot for spot in kept if spot.end <= self.title] or kept

    def evidence(self, spot: Spot, weight: float) -> Evidence:
        """A place in the words that speaks for or against something."""
        piece = self.text[spot.start : spot.end]
        return Evidence(part="words", weight=weight, text=piece, start=spot.start, end=spot.end)

    def pieces(self, best: str, gain: float) -> list[Evidence]:
        """The first places that name a value, those of the best before others, which speak against it."""
        first = sorted(self.named, key=lambda spot: spot.value != best)[:_PIECES]
        return [self.evidence(spot, gain if spot.value == best else -gain) for spot in first]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a picture says of a facet."""

    shares: Mapping[str, float]  # probability of each value
    usual: Mapping[str, float] = field(default_factory=dict)  # before anything was seen
    box: Box | None = None  # of what is looked at

    @property
    def best(self) -> str:
        """The likeliest value."""
        return max(self.shares, key=lambda value: (self.shares[value], value))

    def without(self, denied: frozenset[str]) -> "Shown":
        """The same where some values cannot be."""
        kept = {value: share for value, share in self.shares.items() if value not in denied}
        whole = sum(kept.values())
        if not denied or not whole:
            return self
        return Shown(shares={v: s / whole for v, s in kept.items()}, usual=self.usual, box=self.box)

    def evidence(self, weight: float) -> Evidence:
        """The part of the picture that speaks for or against something."""
        return Evidence(part="picture", weight=weight, box=self.box)


def merged(facet: Facet, said: Said, shown: Shown | None, trust: Trust, sure: float) -> Reading | None:
    """The value of a facet, or "don't know"; None where neither words nor picture speak of it.

    Args:
        facet: which.
        said: by the words.
        shown: by the picture; None: there is none, or it is not looked at for this facet.
        trust: how far the words go.
        sure: the probability that an answer needs.
    """
    shown = shown.without(said.denied) if shown else None
    named = said.named
    values = tuple(dict.fromkeys(spot.value for spot in named))
    if not values:
        return _seen_alone(said, shown, sure) if shown else None
    alone = trust.alone if len(values) == 1 else trust.several
    if named[0].end > said.title:
        alone = min(alone, trust.described)
    if shown is None:
        rest = (1 - alone) / len(values)
        shares = {value: alone if value == values[0] else rest for value in values}
        gain = log_odds(alone) - log_odds(_UNNAMED)
        pieces = said.pieces(values[0], gain)
        return _answered(values[0], shares, sure, pieces)
    best = max(values, key=lambda value: (of_family(facet, value, shown.shares), -values.index(value)))
    seen = of_family(facet, best, shown.shares)
    probability = trust.beside(alone, seen)
    left = sum(share for value, share in shown.shares.items() if value != best) or 1.0
    shares = {value: (1 - probability) * share / left for value, share in shown.shares.items()}
    shares |= {value: shares.get(value, 0.0) for value in values} | {best: probability}
    gain = log_odds(probability) - log_odds(shown.shares.get(best, _UNNAMED))
    pieces = said.pieces(best, gain)
    pieces.append(shown.evidence(log_odds(probability) - log_odds(alone)))
    against = of_family(facet, shown.best, shown.shares)
    if against >= _AGAINST and seen <= _HARDLY and all(_apart(facet, v, shown.best) for v in values):
        both = (Choice(best, probability), Choice(shown.best, shares[shown.best]))
        return Reading(
            label=None, probability=probability, alternatives=both, evidence=tuple(pieces), doubt="conflict"
        )
    return _answered(best, shares, sure, pieces)


def _seen_alone(said: Said, shown: Shown, sure: float) -> Reading:
    """What the picture shows, where words name nothing; what they deny stands beside it."""
    best = shown.best
    gain = log_odds(shown.shares[best]) - log_odds(shown.usual.get(best, _UNNAMED))
    denials = [said.evidence(spot, 0.0) for spot in said.spots if spot.denied][:_PIECES]
    return _answered(best, shown.shares, sure, [shown.evidence(gain), *denials])


def _answered(best: str, shares: Mapping[str, float], sure: float, evidence: Sequence[Evidence]) -> Reading:
    """The best value where it is sure enough; the likeliest others are alternatives."""
    known = shares[best] >= sure
    order = sorted(shares, key=lambda value: (value != best, -shares[value], value))
    listed = [value for value in order[known:] if shares[value] >= _TOLD]
    return Reading(
        label=best if known else None,
        probability=min(shares[best], 1.0),
        alternatives=tuple(Choice(value, shares[value]) for value in listed[:_OTHERS]),
        evidence=tuple(sorted(evidence, key=lambda piece: -piece.weight)),
        doubt=None if known else "unsure",
    )


def of_family(facet: Facet, value: str, shares: Mapping[str, float]) -> float:
    """What shares give to a value and to all that do not contradict it.

    >>> round(of_family("color", "navy blue", {"blue": 0.5, "teal": 0.2, "red": 0.3}), 2)
    0.7
    """
    return sum(share for other, share in shares.items() if not _apart(facet, value, other))


def _apart(facet: Facet, one: str, other: str) -> bool:
    """Whether two values contradict each other: navy does not contradict blue, nor unisex men."""
    if facet == "color":
        basics = {basic_color(one), basic_color(other)}
        return len(basics) > 1 and "multicolour" not in basics
    return one != other and not (facet == "gender" and "unisex" in (one, other))


def log_odds(probability: float) -> float:
    """Of a probability that is neither 0 nor 1, nor nearly."""
    bounded = min(max(probability, _LEAST), 1 - _LEAST)
    return log(bounded / (1 - bounded))
