"""Learning to tell contradictions: heads for the labels of a shop, and what their disagreement is worth.

Nobody has to mark contradictions: other values are written into the words of goods, pictures are exchanged,
and a logistic regression learns which disagreement of words and picture is one. Every row is judged by heads
that have not learned from it, or a wrong label would teach its own head.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, NamedTuple

import numpy as np

from duomo.errors import BadSetting
from duomo.measure.labels import area_under_curve
from duomo.progress import Tick, silent
from duomo.understand.classify import two_sided
from duomo.understand.classify_fitting import folds_of
from duomo.understand.classify_parts import Places, Rows, fit_parts, frequent, picked
from duomo.understand.fitting import temperature
from duomo.understand.gate import Flags, Floats
from duomo.understand.grams import grams
from duomo.understand.match import MATCH, PICTURE, MatchCard, Matcher, Side, named, signs
from duomo.understand.planted import LEAST, Plan, Planted, planted_in
from duomo.understand.reading import softmax
from duomo.understand.taxonomy import Node

SHARE: Final = 0.05  # of goods that contradict themselves, before anything is seen
MOST: Final = 12_000  # goods that are learned from
FOLDS: Final = 3
_TELLS: Final = 0.7  # area under the curve that a label's own odds need
_STRENGTH: Final = 0.01  # of the regression on pictures, scikit-learn's C
_STRANGE: Final = 0.002  # share of goods whose words are taken for those of things that a shop does not sell
_WEIGHTS: Final = 30_000_000  # of words, for all classes of a label together: the commonest grams are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedMatch:
    """A matcher, and what it says of each row that it learned from, as if it had not."""

    matcher: Matcher
    rows: Places  # (m,) which of the rows given were learned from
    unseen: Floats  # (m, parts) probabilities


Change = tuple[str, bool]  # a label, and whether another value of it is said; else none is


class _Heard(NamedTuple):
    """What heads that had not seen them say of the rows, in one label."""

    side: Side
    names: list[list[int]]  # (n,) what words name outright
    words: Floats  # (n, classes)
    picture: Floats  # (n, classes)
    changed: Mapping[Change, tuple[Floats, list[list[int]]]]  # of the changed words
    known: Floats  # (n,) share of the grams of a row's words that the heads had learned from

    def signs(self, rows: Places, shown: Places, changed: Change | None = None) -> Floats:
        """Of the words of some rows (or the changed words) beside the pictures of others."""
        words, names = (
            self.changed[changed] if changed else (self.words[rows], [self.names[row] for row in rows])
        )
        return signs(words, self.picture[shown], self.side.prior, names)


def fit_matcher(
    texts: Sequence[str],
    seen: Floats,
    shown: Flags,
    labels: Mapping[str, Sequence[Node | None]],
    *,
    tower: str = "",
    groups: Sequence[str] | None = None,
    lineage: Mapping[str, object] | None = None,
    most: int = MOST,
    seed: int = 0,
    tick: Tick = silent,
) -> FittedMatch:
    """A matcher for the goods of a shop.

    Labels are taken that words name often enough to plant contradictions, and of which pictures show enough
    to find them; at most four.

    Args:
        texts: n, as `classify.words_of` gives them.
        seen: (n, dim) of `Sight.see`.
        shown: (n,) whether there is a picture.
        labels: name -> n labels of goods; None: it has none.
        tower: version of the sight.
        groups: n; goods of one group are judged together. None: goods of one text are a group.
        lineage: what the card says of where the goods come from.
        most: goods that are learned from; of more, some by chance.
        seed: of everything random.
        tick: told about the stage "learning".

    Raises:
        BadSetting: there are too few goods with words and picture, or no label that both tell of.
    """
    rng = np.random.default_rng(seed)
    able = np.flatnonzero(
        [bool(text.strip()) and bool(there) for text, there in zip(texts, shown, strict=True)]
    )
    if len(able) < LEAST:
        problem = (
            f"{len(able)} goods have words and a picture, and {LEAST} are needed to learn what contradicts"
        )
        raise BadSetting(problem, remedy="Add goods with pictures")
    rows = np.sort(rng.permutation(able)[:most])
    words, pictures = [texts[row] for row in rows], seen[rows]
    of = [(groups[row] if groups else texts[row].casefold()) for row in rows]
    parts = folds_of(of, FOLDS)
    plans = planted_in(
        words,
        {name: [each[row] for row in rows] for name, each in labels.items() if name not in (MATCH, PICTURE)},
        rng,
    )
    if not plans:
        problem = "no label of the goods stands in their words, so what they claim cannot be told"
        raise BadSetting(
            problem, remedy="Give goods a category, a type, a color or the like, 60 of them at least"
        )
    changed = {(name, True): plan.planted for name, plan in plans.items()}
    changed |= {(name, False): plan.unsaid for name, plan in plans.items()}
    heard: dict[str, _Heard] = {}
    for step, (name, plan) in enumerate(plans.items()):
        if each := _hear(name, plan, words, pictures, parts, changed, seed):
            heard[name] = each
        tick("learning", step + 1, len(plans) + 1)
    told = {name: _tells(each, changed[name, True]) for name, each in heard.items()}
    kept = [name for name in heard if told[name] >= _TELLS]
    if not kept:
        problem = f"pictures of these goods tell nothing of {', '.join(heard)}"
        raise BadSetting(problem, remedy="Give goods labels that can be seen: a type, a color")
    every = np.arange(len(rows))
    others = _exchanged(of, rng)
    blocks = [_Block(0, every, every)]
    for place, name in enumerate(kept, start=1):
        rows_of = changed[name, True].rows
        blocks.append(_Block(place, rows_of, rows_of, (name, True)))
    blocks.append(_Block(len(kept) + 1, every[others >= 0], others[others >= 0]))
    for name in kept:
        rows_of = changed[name, False].rows
        blocks.append(_Block(0, rows_of, rows_of, (name, False)))
    table = [
        np.concatenate([heard[name].signs(each.rows, each.shown, each.change) for name in kept], axis=1)
        for each in blocks
    ]
    of_parts = [each.part for each in blocks]
    matcher = _weighed(table, of_parts, [heard[name].side for name in kept])
    unseen = _unseen(matcher, table, blocks, parts)
    card = MatchCard(
        labels=tuple(kept),
        classes=tuple(heard[name].side.names.classes for name in kept),
        heats=tuple((heard[name].side.words_heat, heard[name].side.picture_heat) for name in kept),
        tower=tower,
        share=SHARE,
        least_known=float(np.quantile(np.max([heard[name].known for name in kept], axis=0), _STRANGE)),
        figures=_figures(matcher.card.parts, unseen, [each.rows for each in blocks]),
        lineage={
            **(lineage or {}),
            "goods": len(rows),
            "seed": seed,
            "tells": {name: round(value, 4) for name, value in told.items()},
            "trained": datetime.now(UTC).isoformat(timespec="seconds"),
        },
    )
    tick("learning", len(plans) + 1, len(plans) + 1)
    return FittedMatch(matcher=replace(matcher, card=card), rows=rows, unseen=unseen[0])


class _Block(NamedTuple):
    """Words of some rows beside pictures of some, and which part of them is wrong; 0: none."""

    part: int
    rows: Places
    shown: Places
    change: Change | None = None


def _hear(
    name: str,
    plan: Plan,
    texts: Sequence[str],
    seen: Floats,
    parts: Places,
    changed: Mapping[Change, Planted],
    seed: int,
) -> _Heard | None:
    """Fit the heads of one label, and hear of each row those that have not seen it; None: all is one."""
    right, shape = plan.right, (len(plan.names.classes),)
    lines = [*texts, *(text for each in changed.values() for text in each.texts)]
    of = np.concatenate([np.arange(len(texts)), *(each.rows for each in changed.values())])
    some = np.flatnonzero(right >= 0)
    prior = (np.bincount(right[some], minlength=shape[0]) / len(some)).astype(np.float32)
    found = grams(lines)
    rows = Rows(
        found=frequent(picked(found, np.arange(len(texts))), _WEIGHTS // shape[0]),
        seen=seen,
        shown=np.ones(len(texts), bool),
        right=right,
        prior=prior,
    )
    words, picture = np.zeros((len(lines), *shape), np.float32), np.zeros((len(texts), *shape), np.float32)
    known = np.zeros(len(lines), np.float32)
    for part in np.unique(parts):
        by_words, by_picture = fit_parts(rows, some[parts[some] != part], _STRENGTH, seed)
        asked = np.flatnonzero(parts[of] == part)
        if by_words:
            those = picked(found, asked)
            words[asked], known[asked] = two_sided(by_words.scores(those)), by_words.known(those)
        if by_picture:
            picture[parts == part] = by_picture.scores(seen[parts == part])
    by_words, by_picture = fit_parts(rows, some, _STRENGTH, seed)
    if not by_words or not by_picture:
        return None
    side = Side(
        label=name,
        names=plan.names,
        words=by_words,
        picture=by_picture,
        words_heat=temperature(words[some], right[some]),
        picture_heat=temperature(picture[some], right[some]),
        prior=prior,
    )
    said = np.where(known[:, None] > 0, softmax(words * side.words_heat), prior)
    ends = np.cumsum([len(texts), *(len(each.texts) for each in changed.values())])
    return _Heard(
        side=side,
        names=named(plan.names, texts),
        words=said[: len(texts)],
        picture=softmax(picture * side.picture_heat),
        changed={
            each: (said[start:end], named(plan.names, lines[start:end]))
            for each, start, end in zip(changed, ends[:-1], ends[1:], strict=True)
        },
        known=known[: len(texts)],
    )


def _tells(heard: _Heard, planted: Planted) -> float:
    """How well the odds of a label alone tell its planted contradictions from the goods as they are."""
    whole = heard.signs(planted.rows, planted.rows)[:, 0]
    changed = heard.signs(planted.rows, planted.rows, (heard.side.label, True))[:, 0]
    wrong = np.repeat([False, True], len(planted.rows))
    return area_under_curve(-np.concatenate([whole, changed]), wrong)


def _exchanged(groups: Sequence[str], rng: np.random.Generator) -> Places:
    """(n,) the row whose picture each gets; -1 where that is of its own group."""
    other = rng.permutation(len(groups))
    return np.array([-1 if groups[row] == groups[each] else each for row, each in enumerate(other)], np.int64)


def _weighed(table: Sequence[Floats], of_parts: Sequence[int], sides: Sequence[Side]) -> Matcher:
    """The logistic regression: goods as they are and with values unsaid, and each kind of contradiction.

    Every kind counts alike, and half of what it learns from, by weight, are goods that do not contradict
    themselves; the bias is then set for the share that do.
    """
    from sklearn.linear_model import LogisticRegression

    rows = np.concatenate(table)
    right = np.repeat(of_parts, [len(each) for each in table])
    kinds, unsaid = max(of_parts), of_parts.count(0) - 1
    shares = [0.5 / kinds if part else 0.1 / unsaid for part in of_parts]
    shares[0] = 0.4
    weight = np.concatenate(
        [
            np.full(len(each), share * len(rows) / max(len(each), 1))
            for share, each in zip(shares, table, strict=True)
        ]
    )
    mean, spread = rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-6)
    model = LogisticRegression(C=1.0, max_iter=300).fit((rows - mean) / spread, right, sample_weight=weight)
    bias = model.intercept_.astype(np.float32)
    bias[0] += np.float32(np.log((1 - SHARE) / SHARE))
    card = MatchCard(labels=tuple(side.label for side in sides), classes=(), heats=(), tower="", share=SHARE)
    return Matcher(
        card=card,
        sides=tuple(sides),
        mean=mean,
        spread=spread,
        weights=model.coef_.astype(np.float32),
        bias=bias,
    )


def _unseen(
    matcher: Matcher, table: Sequence[Floats], blocks: Sequence[_Block], parts: Places
) -> list[Floats]:
    """What regressions of the other folds say of each block."""
    said = [np.zeros((len(each), len(matcher.card.parts)), np.float32) for each in table]
    for part in np.unique(parts):
        others = [each[parts[block.rows] != part] for each, block in zip(table, blocks, strict=True)]
        weighed = _weighed(others, [block.part for block in blocks], matcher.sides)
        for rows, each, block in zip(said, table, blocks, strict=True):
            asked = parts[block.rows] == part
            rows[asked] = weighed.weigh(each[asked])
    return said


def _figures(parts: Sequence[str], unseen: Sequence[Floats], rows: Sequence[Places]) -> dict[str, object]:
    """Of each kind of contradiction: how well it is told, flagged and named; and false alarms."""
    wrong = [1 - each[:, 0] for each in unseen]
    flagged = [each >= 0.5 for each in wrong]
    kinds: dict[str, object] = {}
    for block, part in enumerate(parts[1:], start=1):
        whole = wrong[0][np.isin(rows[0], rows[block])]
        scores = np.concatenate([whole, wrong[block]])
        right = unseen[block][:, 1:].argmax(axis=1) == block - 1
        hits = flagged[block]
        kinds[part] = {
            "planted": len(wrong[block]),
            "auc": round(area_under_curve(scores, np.arange(len(scores)) >= len(whole)), 4),
            "flagged": round(float(hits.mean()), 4),
            "named": round(float(right[hits].mean()), 4) if hits.any() else None,
        }
    return {
        "goods": len(wrong[0]),
        "false_alarms_per_thousand": round(1000 * float(flagged[0].mean()), 2),
        "kinds": kinds,
    }
