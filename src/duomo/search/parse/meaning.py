"""What was understood of a question: meanings, and the reading that they make up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from duomo.shelf.filters import And, Compare, Filter, Not, OneOf, Or

Kind = Literal["price", "size", "color", "gender", "brand", "category", "attribute", "without", "measure"]

_KEYWORDS: Final = frozenset({"and", "or", "not", "in", "is", "null", "between"})
_EDGE: Final = " \t\r\n,，、;；"  # what is dropped beside a stretch that was taken out


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """One thing that was understood."""

    kind: Kind
    said: str  # the stretch of the question, as it was written
    at: tuple[int, int]  # where it stands in the question: its first character, and the one after its last
    where: str = ""  # as an expression of the filter language; "" where it is no filter
    filter: Filter | None = None
    hard: bool = False  # hits that break it are left out; a soft one only prefers
    taken: bool = False  # its words are no words to search by: they are not in the text that is left
    unwanted: str = ""  # kind "without", settled by no column: the words a product must not have, as written
    spellings: tuple[str, ...] = ()  # other ways to write a measure ("16 oz"), or what is unwanted ("帽")


@dataclass(frozen=True, slots=True)
class Reading:
    """A question that was read."""

    text: str  # what is left to be searched by words; the question itself where nothing was taken out
    meanings: tuple[Meaning, ...] = ()  # in the order they stand in the question
    question: str = ""  # as it was written

    def without(self, meaning: Meaning) -> "Reading":
        """The reading that does not understand this one; its words come back into the text.

        Words that another meaning takes too ("no red or buttons" makes two) come back with the last of them.

        Raises:
            ValueError: the meaning is not one of this reading.
        """
        if meaning not in self.meanings:
            raise ValueError(f"the reading has no such meaning: {meaning.said!r}")
        kept = tuple(each for each in self.meanings if each != meaning)
        return replace(self, text=text_left(self.question, kept), meanings=kept)


def text_left(question: str, meanings: Iterable[Meaning], joint: str = " ") -> str:
    """The question without the stretches that meanings take; as it was written if they take none.

    Args:
        question: as it was written.
        meanings: in any order; they may take the same stretch.
        joint: what stands where something was taken out of the middle.
    """
    taken = sorted({meaning.at for meaning in meanings if meaning.taken})
    if not taken:
        return question
    pieces, place = [], 0
    for start, end in taken:
        pieces.append(question[place : max(start, place)])
        place = max(place, end)
    rest = [*pieces, question[place:]]
    cut = [
        piece.strip(_EDGE).removeprefix("的").lstrip() if number else piece.rstrip(_EDGE).lstrip()
        for number, piece in enumerate(rest)
    ]
    return joint.join(
        piece.rstrip(_EDGE) if piece is not cut[-1] else piece.rstrip() for piece in cut if piece
    )


def expression(tree: Filter) -> str:
    """A filter as `shelf.filter_text.parse` reads it.

    >>> expression(Not(OneOf("color", ("Red", "Levi's"))))
    "not color in ('Red', 'Levi''s')"
    """
    match tree:
        case Compare(name, operator, value):
            return f"{_column(name)} {operator} {_literal(value)}"
        case OneOf(name, values):
            return f"{_column(name)} in ({', '.join(map(_literal, values))})"
        case Not(part):
            return f"not {_bracketed(part)}"
        case And(parts):
            return " and ".join(map(_bracketed, parts))
        case Or(parts):
            return " or ".join(map(_bracketed, parts))
        case _:
            return f"{_column(tree.column)} is null"


def _bracketed(part: Filter) -> str:
    return f"({expression(part)})" if isinstance(part, And | Or) else expression(part)


def _column(name: str) -> str:
    bare = name.isidentifier() and name.lower() not in _KEYWORDS
    return name if bare else "`" + name.replace("`", "``") + "`"


def _literal(value: str | float) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else f"{value:.15g}"


def any_of(places: Sequence[tuple[str, tuple[str | float, ...]]]) -> Filter:
    """Whether one of the columns holds one of its values.

    >>> expression(any_of((("color", ("Red",)), ("shade", ("Red", "Rose")))))
    "color = 'Red' or shade in ('Red', 'Rose')"
    """
    parts: list[Filter] = [
        Compare(column, "=", values[0]) if len(values) == 1 else OneOf(column, values)
        for column, values in places
    ]
    return parts[0] if len(parts) == 1 else Or(tuple(parts))
