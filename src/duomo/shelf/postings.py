"""Which rows hold which token, and how well they answer a question (BM25 over weighted fields)."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from duomo.ranking import union
from duomo.shelf.keywords import BREAK, Spelling, Word

K1: Final = 1.2  # how soon further mentions of a token stop counting
B: Final = 0.75  # how much a long text is held against a row
# What a mention counts in each field of a row: title; brand, category and codes; description; attributes.
# Measured on graded judgments: benchmarks/search_judged.py.
FIELDS: Final = (3.0, 2.0, 1.0, 0.5)
# Of the rarity that the best row holds of a question's words, what a row must hold to be a match.
HELD: Final = 0.7
_SLACK: Final = 1e-9  # sums in another order are not the same to the last bit

Rows = NDArray[np.int64]


def weights(
    mentions: NDArray[np.number],
    lengths: NDArray[np.number],
    *,
    rows_with: NDArray[np.integer] | int,
    rows: int,
    mean_length: float,
) -> NDArray[np.float64]:
    """BM25 of tokens in rows: ln(1 + (N - df + .5) / (df + .5)) * tf / (tf + k1 (1 - b + b len / mean len)).

    Source: Robertson and Zaragoza 2009, as Lucene computes it (without the constant factor k1 + 1); mentions
    weighted by field before they saturate, as in their BM25F.

    Args:
        mentions: (n,) how often the token stands in the row (tf), by the weights of its fields.
        lengths: (n,) how many tokens the row has, by the same weights.
        rows_with: (n,) or one number: in how many rows the token stands (df).
        rows: how many rows there are (N).
        mean_length: weighted tokens a row, on average.
    """
    return np.asarray(
        rarity(rows_with, rows) * mentions / (mentions + K1 * (1 - B + B * lengths / mean_length))
    )


def rarity(rows_with: NDArray[np.integer] | int, rows: int) -> NDArray[np.float64]:
    """How much it says that a row holds something: ln(1 + (N - df + .5) / (df + .5)).

    >>> float(rarity(1, 1000).round(2)), float(rarity(1000, 1000).round(4))
    (6.5, 0.0005)
    """
    return np.asarray(np.log1p((rows - rows_with + 0.5) / (np.asarray(rows_with) + 0.5)))


def matching(held: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of (n,) rows are matches, by the rarity of the words that each holds: 0.7 of the best, or more.

    So a row that lacks a common word is a match, one that lacks what the question is about is not; and where
    no row holds everything, those that hold most are. Words that the shop does not know count nowhere.

    >>> matching(np.array([5.0, 3.4, 3.6, 0.0])).tolist()
    [True, False, True, False]
    """
    best = float(held.max(initial=0.0))
    return np.asarray(held >= max(HELD * best - _SLACK, _SLACK))


class Counted:
    """A column of tokens, cut: which token stands where, and what its field makes it count."""

    def __init__(self, tokens: pa.Array) -> None:
        """Cut (rows,) strings of `keywords.row_tokens`; null is a row without any."""
        self.rows = len(tokens)
        lists = pc.split_pattern(tokens.cast(pa.string()), " ")
        parents = pc.list_parent_indices(lists).to_numpy()
        coded = lists.flatten().dictionary_encode()
        words, codes = coded.dictionary.to_pylist(), coded.indices.to_numpy().astype(np.int64)
        place = {word: code for code, word in enumerate(words)}
        breaks = codes == place.get(BREAK, -1)
        # The field of a token: how many bars stand before it in its row.
        passed = np.cumsum(breaks)
        starts = np.searchsorted(parents, np.arange(self.rows))
        before = np.concatenate([np.zeros(1, np.int64), passed])[starts]
        field = np.minimum(passed - before[parents] if self.rows else passed, len(FIELDS) - 1)
        real = ~breaks & (codes != place.get("", -1))  # an empty string splits into one empty token
        self.words: list[str] = words
        self.codes, self.parents = codes[real], parents[real]
        self.counts = np.array(FIELDS)[field[real]]
        self.lengths: NDArray[np.float64] = np.bincount(
            self.parents, self.counts, minlength=self.rows
        ).astype(np.float64)

    def mentions(self) -> tuple[NDArray[np.int64], Rows, NDArray[np.float64]]:
        """(n,) tokens as codes, the rows that hold them and how often, in order of the codes and the rows."""
        # One number a token and row, so that one sort groups by token and adds up mentions.
        pairs, place = np.unique(self.codes * max(self.rows, 1) + self.parents, return_inverse=True)
        codes, rows = np.divmod(pairs, max(self.rows, 1))
        return codes, rows, np.bincount(place, self.counts, minlength=pairs.size).astype(np.float64)


def _scores(
    words: Sequence[Word], of_token: Callable[[str], tuple[Rows, NDArray[np.float64]]], rows: int
) -> NDArray[np.float64]:
    """(rows,) the sum over the words of what their best spelling scores."""
    total = np.zeros(rows)
    for word in words:
        if len(word.spellings) == 1:
            for there, found in _parts(word.spellings[0], of_token):
                total[there] += found
            continue
        best = np.zeros(rows)
        for spelling in word.spellings:
            parts = list(_parts(spelling, of_token))
            if len(parts) == 1:
                ((there, found),) = parts
            else:
                whole = np.zeros(rows)
                for there, found in parts:
                    whole[there] += found
                there = np.flatnonzero(whole)
                found = whole[there]
            best[there] = np.maximum(best[there], found)
        total += best
    return total


def _parts(
    spelling: Spelling, of_token: Callable[[str], tuple[Rows, NDArray[np.float64]]]
) -> Iterator[tuple[Rows, NDArray[np.float64]]]:
    """For each token of a spelling the rows that hold it, and what it adds to their scores."""
    for token in dict.fromkeys(spelling.scored or spelling.tokens):
        rows, found = of_token(token)
        if rows.size:
            yield rows, spelling.weight * found


class Postings:
    """An inverted index over a column of tokens, in memory."""

    def __init__(self, tokens: pa.Array) -> None:
        """Index (rows,) strings of `keywords.row_tokens`; null is a row without any."""
        counted = Counted(tokens)
        codes, rows, mentions = counted.mentions()
        self._code = {word: code for code, word in enumerate(counted.words)}
        self._fill(codes, rows, mentions, counted.lengths, counted.rows)

    def _fill(
        self,
        codes: NDArray[np.int64],
        rows: Rows,
        mentions: NDArray[np.float64],
        lengths: NDArray[np.float64],
        count: int,
    ) -> None:
        """Take over what stands where, in order of the codes and then of the rows, and weigh it.

        Args:
            codes: (n,) of tokens.
            rows: (n,) that hold them.
            mentions: (n,) how often, by the weights of the fields.
            lengths: (places,) weighted tokens of each row.
            count: how many of the places are rows; what is left has none and counts nowhere.
        """
        rows_with = np.bincount(codes, minlength=len(self._code))
        self._rows, self._row, self._mentions, self._lengths = count, rows, mentions, lengths
        self._ends = np.concatenate(([0], np.cumsum(rows_with)))
        self._weight = weights(
            mentions,
            lengths[rows],
            rows_with=rows_with[codes],
            rows=count,
            mean_length=(float(lengths.sum()) / count if count else 0.0) or 1.0,
        )
        # One reference, so that threads see a question and its scores together.
        self._last: tuple[tuple[Word, ...], NDArray[np.float32]] = ((), np.zeros(lengths.size, np.float32))

    def over(self, alive: NDArray[np.bool_], tokens: pa.Array) -> "Postings":
        """The same index with some rows taken out and others put behind them; costs a copy, no cutting.

        Args:
            alive: (places,) which rows stay; the others keep their places, empty.
            tokens: (m,) of the new rows.

        >>> before = Postings(pa.array(["red mug", "blue mug"]))
        >>> after = before.over(np.array([False, True]), pa.array(["green jug"]))
        >>> [after.search([Word(said, (Spelling((said,)),))])[0].tolist() for said in ("mug", "red", "jug")]
        [[1], [], [2]]
        """
        counted = Counted(tokens)
        changed = Postings.__new__(Postings)
        changed._code = self._code
        if any(word not in self._code for word in counted.words):
            changed._code = dict(self._code)
            for word in counted.words:
                changed._code.setdefault(word, len(changed._code))
        place = np.array([changed._code[word] for word in counted.words], np.int64)
        fresh, rows, mentions = counted.mentions()
        order = np.argsort(place[fresh], kind="stable") if fresh.size else fresh
        stays = alive[self._row]
        old = np.repeat(np.arange(self._ends.size - 1), np.diff(self._ends))[stays]
        new = place[fresh[order]] if fresh.size else fresh
        at = np.searchsorted(old, new, side="right")
        changed._fill(
            np.insert(old, at, new),
            np.insert(self._row[stays], at, rows[order] + alive.size),
            np.insert(self._mentions[stays], at, mentions[order]),
            np.concatenate([np.where(alive, self._lengths, 0.0), counted.lengths]),
            int(np.count_nonzero(alive)) + counted.rows,
        )
        return changed

    def search(self, question: Sequence[Word]) -> tuple[Rows, NDArray[np.float32]]:
        """The rows that hold enough of the question's words, in order, and their scores."""
        held = np.zeros(self._lengths.size)
        for word in question:
            there = self.holding(word)
            held[there] += rarity(there.size, self._rows)
        found = np.flatnonzero(matching(held))
        return found, self.scores(question)[found]

    def holding(self, word: Word) -> Rows:
        """The rows that hold the word, ascending."""
        found = [self._holding(spelling) for spelling in word.spellings]
        return found[0] if len(found) == 1 else union(found)

    def scores(self, question: Sequence[Word]) -> NDArray[np.float32]:
        """(rows,) the score of every row, 0 where it holds nothing of the question; not to be written to.

        Those of the last question are kept: who searches by it asks then for rows that it did not find.
        """
        words = tuple(question)
        known, scores = self._last
        if known != words:
            scores = _scores(words, self._of_token, self._lengths.size).astype(np.float32)
            scores.flags.writeable = False
            self._last = (words, scores)
        return scores

    def _holding(self, spelling: Spelling) -> Rows:
        first, *others = sorted((self._of_token(token)[0] for token in spelling.tokens), key=len)
        for other in others:
            if not first.size:
                break
            places = np.minimum(np.searchsorted(other, first), other.size - 1)
            first = first[other[places] == first]
        return first

    def _of_token(self, token: str) -> tuple[Rows, NDArray[np.float64]]:
        if (code := self._code.get(token)) is None:
            return np.zeros(0, np.int64), np.zeros(0)
        span = slice(self._ends[code], self._ends[code + 1])
        return self._row[span], self._weight[span]
