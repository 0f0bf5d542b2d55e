"""The n-gram heads of the reader of sentiment: what its fast mode has alone.

Two support vector machines learn good or bad from the same grams: one sees each gram by its idf, the other by
the log of how much oftener good reviews have it (Wang and Manning, ACL 2012). Both are linear in the same
rows, so their sum is one head. A first machine chooses the grams that matter.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from duomo.train.opinion_texts import Opinion
from duomo.understand.fitting import idf, rows_of
from duomo.understand.grams import Grams, Ids, grams
from duomo.understand.linear import Floats, LinearWords

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_COST: Final = 1.0
_ITERATIONS: Final = 300
_LEAST: Final = 0.5  # added to what is counted


def fit_opinion_words(opinions: Sequence[Opinion], *, most: int, seed: int = 0) -> LinearWords:
    """A head of one column, good, from reviews of one language.

    Args:
        opinions: both good and bad ones among them; those that are neither are left out.
        most: grams that it keeps.
        seed: of the order in which the machines go through the rows.
    """
    known = [opinion for opinion in opinions if opinion.positive is not None]
    good = np.array([opinion.positive for opinion in known], bool)
    found, kept, gain = _chosen([opinion.text for opinion in known], good, most, seed)
    rows = rows_of(found, kept, gain)
    plain, bias = _machine(rows, good, seed)
    ratio = _log_ratio(rows, good)
    scaled = rows.multiply(ratio[None, :]).tocsr()
    size = np.float32(np.sqrt(scaled.multiply(scaled).sum() / max(len(known), 1)))
    tilted, tilt = _machine(scaled / size, good, seed)
    tilted = tilted * ratio / size
    share = np.float32(np.std(rows @ plain) / max(np.std(rows @ tilted), 1e-12))
    weights = (plain + share * tilted)[:, None]
    return LinearWords.of(kept, gain, weights, np.array([bias + share * tilt], np.float32))


def _chosen(texts: Sequence[str], good: NDArray[np.bool_], most: int, seed: int) -> tuple[Grams, Ids, Floats]:
    """The grams of texts that matter most to a machine on all of them, those alone, and their idf.

    A gram matters by its weight in a text times the texts that have it.
    """
    found = grams(texts)
    ids, _ = found.distinct()
    kept, gain = idf(ids, len(found))
    rows = rows_of(found, kept, gain)
    weights, _ = _machine(rows, good, seed)
    often = np.bincount(rows.indices, minlength=len(kept))
    matters = np.abs(weights) * gain * often
    chosen = np.sort(np.argsort(-matters, kind="stable")[:most])
    return _only(found, kept[chosen]), kept[chosen], gain[chosen]


def _only(found: Grams, kept: Ids) -> Grams:
    """The grams whose ids are among those kept, which rise."""
    places = np.minimum(np.searchsorted(kept, found.ids), max(len(kept) - 1, 0))
    there = kept[places] == found.ids if len(kept) else np.zeros(len(found.ids), bool)
    ptr = np.concatenate([[0], np.cumsum(there)])[found.ptr]
    return Grams(found.ids[there], found.starts[there], found.ends[there], ptr)


def _machine(rows: "csr_matrix", good: NDArray[np.bool_], seed: int) -> tuple[Floats, float]:
    from sklearn.svm import LinearSVC

    model = LinearSVC(C=_COST, max_iter=_ITERATIONS, random_state=seed).fit(rows, good)
    return model.coef_[0].astype(np.float32), float(model.intercept_[0])


def _log_ratio(rows: "csr_matrix", good: NDArray[np.bool_]) -> Floats:
    """(grams,) log of the share of each among the grams of good reviews, over that among bad ones."""
    there = rows.astype(bool).astype(np.float32)
    often = [np.asarray(there[side].sum(axis=0)).ravel() + _LEAST for side in (good, ~good)]
    return np.asarray(np.log(often[0] / often[0].sum()) - np.log(often[1] / often[1].sum()), np.float32)
