"""Fitting a head for a label: words, picture and gate, each judged on rows that it did not learn from."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.errors import BadSetting
from duomo.files import hash_bytes
from duomo.measure.compare import DRAWS, SURE, Interval
from duomo.measure.labels import calibration_error
from duomo.progress import Tick, silent
from duomo.understand.classify import Head, HeadCard, LinearPicture, two_sided, warmed
from duomo.understand.classify_parts import (
    MANY,
    Places,
    Rows,
    fit_parts,
    frequent,
    picked,
    strength_for,
)
from duomo.understand.fitting import temperature
from duomo.understand.gate import Flags, Floats, Said
from duomo.understand.gate_fitting import fit_gate
from duomo.understand.grams import grams
from duomo.understand.reading import softmax
from duomo.understand.taxonomy import Node, Taxonomy, label

LEAST_ROWS: Final = 10  # that teach anything
LEAST_EACH: Final = 2  # of a class: one to learn from, one to be judged by
MOST_CLASSES: Final = 2000
_WEIGHTS: Final = 30_000_000  # of words, for all classes together: the commonest grams are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A head, and what it says of each row that it learned from, as if it had not."""

    head: Head
    rows: Places  # (m,) which of the rows given were learned from
    right: Places  # (m,) their classes
    unseen: Floats  # (m, classes) probabilities


def fit_head(
    name: str,
    texts: Sequence[str],
    seen: Floats,
    shown: Flags,
    labels: Sequence[Node | None],
    *,
    tower: str = "",
    given: tuple[LinearPicture, Flags] | None = None,
    groups: Sequence[str] | None = None,
    lineage: Mapping[str, object] | None = None,
    seed: int = 0,
    tick: Tick = silent,
) -> Fitted:
    """A head that tells the label of goods by their words and their picture.

    Its figures come from cross-validation in which goods of one group stay together: parts, their
    temperatures and the gate are learned without the rows that they are judged by.

    Args:
        name: of the label, as "category".
        texts: n, blank where there are no words.
        seen: (n, dim) of `Sight.see`; any numbers where there is no picture. dim 0: there are no pictures.
        shown: (n,) whether there is a picture.
        labels: n; None, or a class of fewer than two rows: the row is left out.
        tower: version of the sight.
        given: a head on pictures, and (n,) the rows that it has not learned from, which alone are judged;
            None: one is learned.
        groups: n; None: goods of one text are a group.
        lineage: what the card says of where the rows come from.
        seed: of everything random.
        tick: told about the stage "learning".

    Raises:
        BadSetting: fewer than ten rows or two classes are left to learn from.
    """
    counts = Counter(node for node in labels if node)
    kept = learnable(name, counts)
    place_of = {node: place for place, node in enumerate(kept)}
    some = np.array([place for place, node in enumerate(labels) if node in place_of], np.int64)
    right = np.array([place_of[node] for node in labels if node in place_of], np.int64)
    rows = Rows(
        found=frequent(grams([texts[place] for place in some]), _WEIGHTS // len(kept)),
        seen=seen[some],
        shown=shown[some] & (seen.shape[1] > 0),
        right=right,
        prior=(np.bincount(right) / len(right)).astype(np.float32),
    )
    named = [(groups[place] if groups else texts[place].casefold()) or f"#{place}" for place in some]
    parts = folds_of(named, 3 if len(some) > MANY else 5)
    strength = strength_for(rows, parts) if given is None else 0.0
    judged = np.ones(len(some), bool) if given is None else given[1][some]
    if given:
        parts = np.where(judged, 0, 1)
    said, heats = _unseen(rows, parts, judged, given[0] if given else None, strength, seed, tick)
    right, named = right[judged], [group for group, here in zip(named, judged, strict=True) if here]
    folds = folds_of(named, 5) if given else parts
    unseen = np.empty_like(said.words)
    for part in np.unique(folds):
        asked = folds == part
        gate = fit_gate(said.rows(~asked), right[~asked], rows.prior, seed=seed)
        unseen[asked] = gate.probabilities(said.rows(asked))
    heat = min(1.0, temperature(np.log(np.maximum(unseen, np.float32(1e-9))), right))
    unseen = warmed(unseen, heat)
    words, picture = fit_parts(rows, np.arange(len(some)), strength, seed, given[0] if given else None)
    card = HeadCard(
        label=name,
        classes=tuple(kept),
        counts=tuple(counts[node] for node in kept),
        tower=tower if picture else "",
        words_heat=heats[0],
        picture_heat=heats[1],
        both_heat=heat,
        figures=_figures(said, unseen, right, named),
        left_out={label(node): times for node, times in counts.items() if times < LEAST_EACH},
        lineage={
            **(lineage or {}),
            "seed": seed,
            "strength": strength,
            "trained": datetime.now(UTC).isoformat(timespec="seconds"),
        },
    )
    gate = fit_gate(said, right, rows.prior, seed=seed)
    head = Head(card=card, taxonomy=Taxonomy(card.classes), words=words, picture=picture, gate=gate)
    tick("learning", 1, 1)
    return Fitted(head=head, rows=some[judged], right=right, unseen=unseen)


def by_groups(values: NDArray[np.floating] | Flags, groups: Sequence[str], *, seed: int = 7) -> Interval:
    """The mean of values, with the interval of a bootstrap that draws whole groups.

    Goods of one title are right or wrong together; drawn one by one they would seem surer than they are.

    >>> by_groups(np.array([1.0, 1.0, 0.0]), ["a", "a", "b"]).low
    0.0
    """
    _, place = np.unique(np.asarray(groups), return_inverse=True)
    sums, sizes = np.bincount(place, values), np.bincount(place)
    rng = np.random.default_rng(seed)
    means = []
    for _ in range(DRAWS):
        drawn = rng.integers(0, len(sums), len(sums))
        means.append(sums[drawn].sum() / sizes[drawn].sum())
    low, high = np.quantile(means, [(1 - SURE) / 2, (1 + SURE) / 2])
    return Interval(float(np.mean(values)), float(low), float(high))


def learnable(name: str, counts: Counter[Node]) -> list[Node]:
    """The classes with rows enough, in order; raises BadSetting where that is too little, or too much."""
    kept = sorted(node for node, times in counts.items() if times >= LEAST_EACH)
    goods = sum(counts[node] for node in kept)
    if len(kept) < 2 or goods < LEAST_ROWS:
        problem = (
            f"there is too little to learn '{name}' from: {goods} goods in {len(kept)} classes of "
            f"{LEAST_EACH} or more, and {LEAST_ROWS} goods in 2 classes are needed"
        )
        raise BadSetting(problem, remedy="Label more goods")
    if len(kept) > MOST_CLASSES:
        problem = f"'{name}' has {len(kept):,} classes, more than the {MOST_CLASSES:,} that can be learned"
        raise BadSetting(problem, remedy="Name a label that many goods share")
    return kept


def _unseen(
    rows: Rows,
    parts: Places,
    judged: Flags,
    given: LinearPicture | None,
    strength: float,
    seed: int,
    tick: Tick,
) -> tuple[Said, tuple[float, float]]:
    """What words and picture say of each judged row without having learned from its fold; temperatures."""
    shape = (len(rows.right), len(rows.prior))
    words, picture = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    known = np.zeros(len(rows.right), np.float32)
    has_picture = np.zeros(len(rows.right), bool)
    every = np.unique(parts[judged])
    for step, part in enumerate(every):
        asked = np.flatnonzero(parts == part)
        by_words, by_picture = fit_parts(rows, np.flatnonzero(parts != part), strength, seed, given)
        if by_words:
            found = picked(rows.found, asked)
            words[asked], known[asked] = two_sided(by_words.scores(found)), by_words.known(found)
        if by_picture:
            picture[asked], has_picture[asked] = by_picture.scores(rows.seen[asked]), rows.shown[asked]
        tick("learning", step + 1, len(every) + 1)
    words, picture, known, right = words[judged], picture[judged], known[judged], rows.right[judged]
    there = (known > 0, has_picture[judged])
    heats = [
        temperature(scores[here], right[here]) if here.any() else 1.0
        for scores, here in zip((words, picture), there, strict=True)
    ]
    shares = [
        np.where(here[:, None], softmax(scores * heat), rows.prior).astype(np.float32)
        for scores, here, heat in zip((words, picture), there, heats, strict=True)
    ]
    said = Said(words=shares[0], picture=shares[1], has_words=there[0], has_picture=there[1], known=known)
    return said, (heats[0], heats[1])


def folds_of(groups: Sequence[str], count: int) -> Places:
    """(n,) folds of about as many groups each; a group lies in one."""
    distinct = sorted(set(groups), key=lambda group: hash_bytes(group.encode("utf-8", "replace")))
    if len(distinct) < 2:
        raise BadSetting("all goods say the same, so nothing tells them apart", remedy="Label other goods")
    fold_of = {group: place % count for place, group in enumerate(distinct)}
    return np.array([fold_of[group] for group in groups], np.int64)


def _figures(said: Said, unseen: Floats, right: Places, groups: Sequence[str]) -> dict[str, object]:
    """How good it is on rows that it had not learned from, and each part by itself where it is there."""

    def told(shares: Floats, there: Flags) -> dict[str, object] | None:
        if not there.any():
            return None
        hit = (shares.argmax(axis=1) == right)[there]
        found = by_groups(hit, [group for group, here in zip(groups, there, strict=True) if here])
        return {"n": int(there.sum()), **{name: round(value, 4) for name, value in found._asdict().items()}}

    return {
        "n": len(right),
        "groups": len(set(groups)),
        "accuracy": told(unseen, np.ones(len(right), bool)),
        "words_alone": told(said.words, said.has_words),
        "picture_alone": told(said.picture, said.has_picture),
        "majority": round(float(np.bincount(right).max() / len(right)), 4),
        "calibration_error": round(calibration_error(unseen, right), 4),
    }
