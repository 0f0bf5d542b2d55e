"""Reads a question by the goods of a shop: into limits, words to search, and a text to encode."""

import logging
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Final, Self

from duomo.errors import BadFile
from duomo.once import once
from duomo.search.codes import Codes
from duomo.search.parse import Known, Meaning, Reading, known_of, read, says_more
from duomo.search.repair import Alternative, Group, Speller
from duomo.search.suggest import Suggester
from duomo.search.synonyms import Synonyms
from duomo.search.vocabulary import Vocabulary
from duomo.shelf.base import Snapshot
from duomo.shelf.keywords import Spelling, Word, question, tokens
from duomo.shelf.layered import LayeredSnapshot

log = logging.getLogger(__name__)

MOST_CODES: Final = 5  # words with a digit that are looked up as mistyped codes: each costs milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A question as it is searched."""

    text: str = ""  # for the encoder: without limits and refusals, its words as the shop writes them
    words: tuple[Word, ...] = ()  # for the keywords
    reading: Reading = field(default_factory=lambda: Reading(""))
    repaired: tuple[tuple[str, str], ...] = ()  # (as it was asked, as it was read), where the two differ


class Reader:
    """What it takes to read questions to one version of a shop; each part is made when it is first needed.

    >>> import pyarrow as pa
    >>> from duomo.shelf.exact import ExactShelf
    >>> from duomo.shelf.layout import FIXED
    >>> row = {"id": "1", "product_id": "1", "title": "Yellow windbreaker", "price": 9.5}
    >>> shelf = ExactShelf()
    >>> shelf.upsert(pa.Table.from_pylist([row], schema=pa.schema(FIXED)))
    >>> asked = Reader(shelf.snapshot()).read("yelow wind breaker under 50")
    >>> asked.text, [word.said for word in asked.words], [each.where for each in asked.reading.meanings]
    ('yellow windbreaker', ['yelow', 'wind', 'breaker'], ['price < 50'])
    """

    def __init__(self, snapshot: Snapshot, folder: Path | None = None) -> None:
        """Of the variants table.

        Args:
            snapshot: its version.
            folder: of the shop, where its file of synonyms may lie; None: it has none.
        """
        self._snapshot, self._folder = snapshot, folder
        self._lock = Lock()
        self._ready = False
        self._before: Reader | None = None
        # What changes over this one said last that it does not say, and what was known with them.
        self._changed: tuple[frozenset[tuple[str, str | float]], Known] = (frozenset(), Known())
        self.codes = Codes(snapshot)

    def over(self, snapshot: LayeredSnapshot) -> "Reader":
        """A reader of changes over the snapshot that this one is of; it is ready in no time.

        The words, codes and values of the newer rows are known. What is suggested, what typos are mended by
        and which synonyms are used stays as it was before the changes.
        """
        grown = Reader(snapshot, self._folder)
        grown._before = self.ready()
        grown.codes = Codes(snapshot.newer, self.codes)
        return grown

    @once
    def known(self) -> Known:
        """The columns and values that a question may mean."""
        if self._before and isinstance(self._snapshot, LayeredSnapshot):
            return self._before._known_over(self._snapshot)
        return known_of(self._snapshot)

    def _known_over(self, snapshot: LayeredSnapshot) -> Known:
        """What is known with some changes; of those before it is used on where they say nothing else."""
        more = says_more(snapshot, self.known)
        with self._lock:
            if more != self._changed[0]:
                self._changed = (more, known_of(snapshot))
            return self._changed[1] if more else self.known

    @once
    def speller(self) -> Speller:
        """The words of the shop."""
        if self._before and isinstance(self._snapshot, LayeredSnapshot):
            grown = copy(self._before.speller)  # what it looks words up by is not made anew
            grown.vocabulary = grown.vocabulary.over(self._snapshot.newer)
            return grown
        return Speller(Vocabulary.of(self._snapshot))

    @once
    def synonyms(self) -> Synonyms:
        """Other words for the same thing that the shop has; those of a file that is not right are left out.

        Shoppers must not suffer from it: it is logged here, and a build or `duomo suggest` refuses it.
        """
        if self._before:
            return self._before.synonyms
        vocabulary = self.speller.vocabulary
        try:
            return Synonyms.of_shop(self._folder, vocabulary) if self._folder else Synonyms.of(vocabulary)
        except BadFile as error:
            log.warning("searching without the shop's synonyms: %s", error)
            return Synonyms.of(vocabulary)

    @once
    def suggester(self) -> Suggester:
        """How questions go on that somebody has begun to type."""
        if self._before:
            return self._before.suggester
        return Suggester(self.ready().speller.vocabulary).warm()

    def ready(self) -> Self:
        """The reader with all that a question needs; of several threads one makes it, the others wait."""
        if not self._ready:
            with self._lock:
                _ = self.known, self.synonyms
                self.speller.repair("abcdefgh 一二三")  # so that no shopper waits for what it looks up
                self.codes.warm()
                self._ready = True
        return self

    def read(self, text: str, *, literal: bool = False) -> Wording:
        """A question as the shop understands it.

        Args:
            text: as it was asked.
            literal: take it at its word: nothing is understood, repaired or translated.
        """
        if literal:
            return literally(text)
        return self.word(read(text, self.ready().known))

    def word(self, reading: Reading) -> Wording:
        """What is searched of a reading: of its words those that are left."""
        groups = self.speller.repair(reading.text)
        written = "".join(f"{'' if group.glued else ' '}{group.best}" for group in groups).strip()
        changed = tuple((group.said, group.best) for group in groups if group.best != group.said)
        words = tuple({word.spellings: word for word in self._words(groups)}.values())
        # Folding case and width is no repair: the encoder reads what was written.
        text = written if changed else reading.text
        return Wording(text=text, words=words, reading=reading, repaired=changed)

    def _words(self, groups: Sequence[Group]) -> Iterator[Word]:
        """A word for every group, or for several that are one code or have a synonym together."""
        place = 0
        pieces = self.codes.pieces([group.said for group in groups])
        coded = [group.said for group in groups if any(letter.isdigit() for letter in group.said)]
        near = {said: self.codes.near(said) for said in coded[:MOST_CODES]}
        for start, end, code in (*pieces, (len(groups), len(groups), None)):
            for group in self.synonyms.alternatives(groups[place:start]):
                yield from self._word(group, near.get(group.said, ()))
            place = end
            if code:
                yield code

    def _word(self, group: Group, near: Sequence[Spelling]) -> Iterator[Word]:
        """The words of one group, each with all that may be searched for it.

        What may be searched for several words together is so for each of them, and counts once: a row that
        has one of the words alone still holds that one.
        """
        own = question(group.said)
        others = [*near]
        kept = 1.0
        for each in group.alternatives:
            if each.text == group.said:
                kept = each.weight
            else:
                others += _spelt(each)
        for word in own:
            size = _size(word.spellings[0]) / len(own)
            # What is written in more pieces must not count more for it: a mug is no less than a 马克杯.
            fair = [replace(one, weight=one.weight * min(1.0, size / _size(one))) for one in others]
            spellings = [replace(one, weight=one.weight * kept) for one in word.spellings] + fair
            yield Word(word.said, tuple({each.tokens: each for each in reversed(spellings)}.values())[::-1])


def literally(text: str) -> Wording:
    """A question taken at its word."""
    return Wording(text=text, words=question(text), reading=Reading(text, (), text))


def hard(reading: Reading) -> tuple[Meaning, ...]:
    """What a reading leaves out: its limits and refusals."""
    return tuple(meaning for meaning in reading.meanings if meaning.hard)


def unwanted(meaning: Meaning) -> Iterator[Word]:
    """What a product must not have, as words; any of them is enough."""
    for said in (meaning.unwanted, *meaning.spellings) if meaning.unwanted else ():
        yield Word(said, tuple(_spelt(Alternative(said, 1.0))))


def _size(spelling: Spelling) -> int:
    """How many tokens add to its score."""
    return len(set(spelling.scored or spelling.tokens))


def _spelt(alternative: Alternative) -> list[Spelling]:
    """A row holds a phrase if it holds all its words."""
    needed = [token for word in question(alternative.text) for token in word.spellings[0].tokens]
    if not needed:
        return []
    return [Spelling(tuple(dict.fromkeys(needed)), tuple(tokens(alternative.text)), alternative.weight)]
