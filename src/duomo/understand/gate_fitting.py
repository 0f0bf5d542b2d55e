"""Learning a gate from what words and picture said of rows that neither had learned from."""

from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from duomo.understand.gate import SIGNS, Floats, Gate, Said, _log, signs
from duomo.understand.reading import softmax

HIDDEN: Final = 8
_NUMBERS: Final = 1_000_000  # of rows times classes that are learned from at most
_STEPS: Final = 100
_STIFF: Final = 1e-3  # times the squares of the net's weights; more where there are few rows
_FEW: Final = 2000  # rows


class Blend(NamedTuple):
    """How often each kind of row is learned from, in shares of the rows."""

    whole: float = 1.0
    no_words: float = 0.15
    no_picture: float = 0.15
    other_picture: float = 0.25  # the picture of another row: the words are right
    other_words: float = 0.05

    @classmethod
    def beside(cls, said: Said, right: NDArray[np.integer]) -> Self:
        """With no more pictures exchanged than are wrong by themselves, and half as many words.

        With more, the gate would learn to doubt a part that is hardly ever wrong. And fewer the less the
        other part knows, which has to tell: beside words that know nothing they would teach mere doubt.
        """
        usual, often = cls(), float(np.bincount(right).max() / max(len(right), 1))
        words, picture = (float((part.argmax(axis=1) == right).mean()) for part in (said.words, said.picture))
        by_words, by_picture = (max(each - often, 0) / max(1 - often, 1e-9) for each in (words, picture))
        return usual._replace(
            other_picture=min(usual.other_picture, (1 - picture) * by_words),
            other_words=min(usual.other_words, (1 - words) / 2 * by_picture),
        )


def fit_gate(
    said: Said, right: NDArray[np.integer], prior: Floats, *, blend: Blend | None = None, seed: int = 0
) -> Gate:
    """The gate with the least log loss over rows as they are and rows with parts taken away or exchanged.

    Args:
        said: what the parts say of n rows that they have not learned from, calibrated.
        right: (n,) classes.
        prior: (classes,) their shares.
        blend: how many rows of each kind; None: as suits how often the parts are wrong.
        seed: of what is taken away and exchanged.
    """
    from scipy.optimize import minimize

    rng = np.random.default_rng(seed)
    some = rng.permutation(len(right))[: max(500, _NUMBERS // max(len(prior), 1))]
    said, right = said.rows(some), right[some]
    mixed, answers = spoiled(said, right, blend or Blend.beside(said, right), rng)
    seen = signs(mixed)
    logs = np.stack([_log(mixed.words), _log(mixed.picture), np.broadcast_to(_log(prior), mixed.words.shape)])
    there = np.stack([mixed.has_words, mixed.has_picture, np.ones(len(answers), bool)], axis=1)
    rows = np.arange(len(answers))
    stiff = _STIFF * max(1.0, _FEW / max(len(right), 1))
    sizes = [HIDDEN * SIGNS, HIDDEN, 3 * HIDDEN, 3]
    start = np.concatenate([rng.normal(0, 0.3, sizes[0]), np.zeros(HIDDEN + 3 * HIDDEN), [0.5, 0.5, 0.0]])

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        inner, inner_bias, outer, outer_bias = _parts(flat, sizes)
        bent = np.tanh(seen @ inner.T + inner_bias)
        raw = bent @ outer.T + outer_bias
        weights = np.concatenate([np.logaddexp(0, raw[:, :2]), raw[:, 2:]], axis=1) * there
        scores = np.einsum("nw,wnc->nc", weights.astype(np.float32), logs)
        shares = softmax(scores)
        lost = -np.log(np.maximum(shares[rows, answers], 1e-12)).mean()
        shares[rows, answers] -= 1
        by_weight = np.einsum("nc,wnc->nw", shares, logs) / len(rows) * there
        by_raw = by_weight * np.concatenate([1 / (1 + np.exp(-raw[:, :2])), np.ones((len(rows), 1))], axis=1)
        by_bent = (by_raw @ outer) * (1 - bent**2)
        slope = [by_bent.T @ seen, by_bent.sum(axis=0), by_raw.T @ bent, by_raw.sum(axis=0)]
        held = flat.copy()
        held[-3:] = 0
        return float(lost + stiff * held @ held), np.concatenate(
            [s.ravel() for s in slope]
        ) + 2 * stiff * held

    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x
    inner, inner_bias, outer, outer_bias = (part.astype(np.float32) for part in _parts(found, sizes))
    return Gate(inner=inner, inner_bias=inner_bias, outer=outer, outer_bias=outer_bias, prior=prior)


def spoiled(
    said: Said, right: NDArray[np.integer], blend: Blend, rng: np.random.Generator
) -> tuple[Said, NDArray[np.integer]]:
    """Rows as they are, and some of them again with a part taken away, or with one of another row."""
    count, both = len(right), said.has_words & said.has_picture
    parts, answers = [], []
    for kind, share in blend._asdict().items():
        # A part can be told to be wrong only by the other: where that is missing, it would teach mere doubt.
        able = np.flatnonzero(both) if kind.startswith("other") else np.arange(count)
        chosen = rng.permutation(able)[: round(share * len(able))] if share < 1 else able
        other = rng.choice(able, len(chosen)) if len(able) else chosen
        words, picture = (other if kind == f"other_{part}" else chosen for part in ("words", "picture"))
        parts.append(
            Said(
                words=said.words[words],
                picture=said.picture[picture],
                has_words=said.has_words[words] & (kind != "no_words"),
                has_picture=said.has_picture[picture] & (kind != "no_picture"),
                known=said.known[words],
            )
        )
        answers.append(right[chosen])
    whole = Said(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in Said.__slots__})
    return whole, np.concatenate(answers)


def _parts(flat: NDArray[np.float64], sizes: list[int]) -> list[NDArray[np.float64]]:
    inner, inner_bias, outer, outer_bias = np.split(flat, np.cumsum(sizes)[:-1])
    return [inner.reshape(HIDDEN, SIGNS), inner_bias, outer.reshape(3, HIDDEN), outer_bias]
