"""Reads a question: what it limits, what it refuses, what it prefers."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from duomo.search.parse.folded import Folded, folded
from duomo.search.parse.known import Known
from duomo.search.parse.meaning import Kind, Meaning, Reading, any_of, expression, text_left
from duomo.search.parse.measures import measures_in
from duomo.search.parse.names import Named, find, overlaps
from duomo.search.parse.negation import Refused, refusals_in
from duomo.search.parse.prices import prices_in
from duomo.search.parse.sizes import sizes_in
from duomo.search.parse.unwanted import spellings_of
from duomo.shelf.filters import Filter, Not

MOST_ROUNDS: Final = 20  # more is no question
_WALL: Final = ","  # what stands for the characters of a stretch that was taken out


def read(text: str, known: Known) -> Reading:
    """What a question means to a catalog, and what is left of it to be searched by words.

    Price limits, sizes the catalog has and refusals are hard: their words are taken out. A price named
    without a limit, and colors, persons, brands, categories and other values of the catalog only prefer;
    so does "around 50" (a fifth less to a fifth more), whose words are taken out as well. 两三百 is from 200
    to below 400. Currencies are not converted: an amount in one that the shop does not have stays words.

    >>> from duomo.search.parse.known import know
    >>> shop = know({"color": "texts", "price": "number"}, {"color": ["Red", "Blue"]}, priced=True)
    >>> reading = read("dress under 50, not red", shop)
    >>> reading.text, [meaning.where for meaning in reading.meanings]
    ('dress', ['price < 50', "not color = 'Red'"])
    """
    question = folded(text)
    names = find(question, known.names)
    hard = list(_hard_once(question, names, text, known))
    left = text_left(text, hard)
    if hard and _says_more(left, known):
        # Words that were apart make new sense side by side: a comma keeps them apart.
        hard = _hard(question, hard, text, known)
        left = text_left(text, hard, ", ")
    soft = _soft(question, names, text, known, [each.at for each in hard])
    found = sorted([*hard, *soft], key=lambda meaning: meaning.at)
    return Reading(left, tuple(found), text)


def _says_more(left: str, known: Known) -> bool:
    """Whether there is more to take out of what is left."""
    question = folded(left)
    return any(True for _ in _hard_once(question, find(question, known.names), left, known))


def _hard(question: Folded, first: Sequence[Meaning], text: str, known: Known) -> list[Meaning]:
    """What limits and refuses, looked for again beside what was found, as long as there is more."""
    found: list[Meaning] = []
    letters, more = list(question.text), list(first)
    for _ in range(MOST_ROUNDS):
        found += more
        for start, end in (question.folded_span(*meaning.at) for meaning in more):
            letters[start:end] = _WALL * (end - start)
        behind = replace(question, text="".join(letters))
        more = list(_hard_once(behind, find(behind, known.names), text, known))
        if not more:
            break
    return found


def _hard_once(question: Folded, names: Sequence[Named], text: str, known: Known) -> Iterator[Meaning]:
    held = [(n.start, n.end) for n in names if n.name.places]
    starts = {n.start for n in names if n.name.places}
    taken: list[tuple[int, int]] = []
    for price in prices_in(question.text, known.price, known.currencies, held, starts.__contains__):
        if price.taken:
            taken.append((price.start, price.end))
            yield _meaning("price", question, text, price.start, price.end, price.filter, price.hard)
    written = text if text.isascii() else "".join(text[at] for at in question.at[:-1])
    for size in sizes_in(question.text, written, known.sizes):
        # A brand or a title that holds "42" or "XL" is asked for by name.
        longer = [span for span in held if span[1] - span[0] > size.end - size.start]
        if not overlaps(size.start, size.end, [*taken, *longer]):
            taken.append((size.start, size.end))
            yield _meaning("size", question, text, size.start, size.end, any_of(size.places), True)
    for refused in refusals_in(question, known.names, names, taken):
        yield from dict.fromkeys(_refusal(refused, question, text))


def _refusal(refused: Refused, question: Folded, text: str) -> Iterator[Meaning]:
    """The meanings of one refusal: one for all that columns settle, one for each that none does."""
    start, end = refused.start, refused.end
    if refused.names:
        places: dict[str, dict[str, None]] = {}
        for name in refused.names:
            for column, values in name.places:
                places.setdefault(column, {}).update(dict.fromkeys(values))
        tree = Not(any_of([(column, tuple(values)) for column, values in places.items()]))
        yield _meaning("without", question, text, start, end, tree, True)
    for first, last in refused.unwanted:
        at = question.span(first, last)
        unwanted = text[at[0] : at[1]].strip()
        meaning = _meaning("without", question, text, start, end, None, True)
        yield replace(meaning, unwanted=unwanted, spellings=spellings_of(unwanted))


def _soft(
    question: Folded, names: Sequence[Named], text: str, known: Known, taken: Sequence[tuple[int, int]]
) -> Iterator[Meaning]:
    """What only prefers, outside of what was taken out."""
    held = [(n.start, n.end) for n in names if n.name.places]
    for price in prices_in(question.text, known.price, known.currencies, held, lambda _: False):
        if not price.taken and not overlaps(*question.span(price.start, price.end), taken):
            yield replace(
                _meaning("price", question, text, price.start, price.end, price.filter, False), taken=False
            )
    for measure in measures_in(question.text):
        at = question.span(measure.start, measure.end)
        if not overlaps(*at, taken):
            yield Meaning(kind="measure", said=text[at[0] : at[1]], at=at, spellings=measure.spellings)
    for named in names:
        if named.name.places and not overlaps(*question.span(named.start, named.end), taken):
            yield _named(named, question, text)


def _named(named: Named, question: Folded, text: str) -> Meaning:
    tree = any_of(named.name.places)
    at = question.span(named.start, named.end)
    kind = named.name.kind
    return Meaning(kind=kind, said=text[at[0] : at[1]], at=at, where=expression(tree), filter=tree)


def _meaning(
    kind: Kind, question: Folded, text: str, start: int, end: int, tree: Filter | None, hard: bool
) -> Meaning:
    """A meaning whose words are taken out, blanks at its ends left out of what is said."""
    while start < end and question.text[start].isspace():
        start += 1
    while end > start and question.text[end - 1].isspace():
        end -= 1
    at = question.span(start, end)
    where = expression(tree) if tree is not None else ""
    return Meaning(
        kind=kind,
        said=text[at[0] : at[1]],
        at=at,
        where=where,
        filter=tree,
        hard=hard,
        taken=True,
    )
