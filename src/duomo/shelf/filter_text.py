"""Reads a filter expression, as shoppers' pages and merchants' scripts write it, into the filter tree."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, get_args

from duomo.errors import BadFilter
from duomo.shelf.filters import And, Compare, Filter, IsNull, Not, OneOf, Operator, Or

LONGEST: Final = 10_000  # characters of an expression
DEEPEST: Final = 50  # brackets and nots inside one another
EXAMPLE: Final = "Write it like: price < 50 and color in ('red', 'navy')."

WordKind = Literal["number", "text", "quoted", "name", "sign", "end"]

_WORDS: Final = re.compile(
    r"""\s*(?:
      (?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?!\w))
    | '(?P<text>(?:[^']|'')*)'
    | "(?P<quoted>(?:[^"]|"")*)"
    | `(?P<ticked>(?:[^`]|``)*)`
    | (?P<name>\w+)
    | (?P<sign><=|>=|!=|<>|==|[=<>(),])
    )""",
    re.VERBOSE,
)
_KEYWORDS: Final = frozenset({"and", "or", "not", "in", "is", "null", "between"})
_SAME: Final = {"==": "=", "<>": "!="}


@dataclass(frozen=True, slots=True)
class _Word:
    """One piece of an expression; a name in backticks comes as a name that is no keyword."""

    kind: WordKind
    text: str
    at: int  # place of its first character, from 1
    keyword: str = ""  # in small letters, where a bare name is one

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else f"'{self.text}'"


def parse(expression: str) -> Filter:
    """The tree of an expression.

    Comparisons (= != < <= > >=), ``in (...)``, ``between a and b``, ``is null``, joined by ``and``, ``or``,
    ``not`` and brackets; keywords in any case. A column is a plain name of any script, or stands in double
    quotes or backticks; text stands in single or double quotes, with the quote doubled inside. ``not``
    binds closest, then ``and``.

    Raises:
        BadFilter: the expression does not read; names the place and what was expected there.

    >>> parse("price < 50 and 颜色 in ('red', 'navy')")
    And(parts=(Compare(column='price', operator='<', value=50), OneOf(column='颜色', values=('red', 'navy'))))
    """
    if len(expression) > LONGEST:
        raise BadFilter(
            f"the filter is {len(expression)} characters long", remedy=f"Write at most {LONGEST} characters."
        )
    reader = _Reader(list(_words(expression)))
    tree = reader.any_of(0)
    reader.expect_end()
    return tree


def _words(expression: str) -> Iterator[_Word]:
    place = 0
    while expression[place:].strip():
        found = _WORDS.match(expression, place)
        start = place + len(expression[place:]) - len(expression[place:].lstrip())
        if not found or found.lastgroup is None:
            bad = expression[start]
            problem = f"filter, place {start + 1}: '{bad}' "
            if bad in "'\"`":
                raise BadFilter(problem + "opens a text that is not closed", remedy=f"Close it with {bad}.")
            raise BadFilter(problem + "means nothing here", remedy="Put text in single quotes.")
        group, text, at = found.lastgroup, found[found.lastgroup], start + 1
        place = found.end()
        if group == "ticked":
            yield _Word("name", text.replace("``", "`"), at)
        elif group == "name":
            yield _Word("name", text, at, text.lower() if text.lower() in _KEYWORDS else "")
        elif group == "text":
            yield _Word("text", text.replace("''", "'"), at)
        elif group == "quoted":
            yield _Word("quoted", text.replace('""', '"'), at)
        elif group == "number":
            yield _Word("number", text, at)
        else:
            yield _Word("sign", _SAME.get(text, text), at)
    yield _Word("end", "", len(expression) + 1)


class _Reader:
    """Reads the words from left to right; every method takes what it is named after."""

    def __init__(self, words: list[_Word]) -> None:
        self._words = words
        self._next = 0

    @property
    def _here(self) -> _Word:
        return self._words[self._next]

    def _step(self) -> _Word:
        word = self._here
        self._next += word.kind != "end"
        return word

    def _took(self, sign_or_keyword: str) -> bool:
        """Step over the sign or keyword if it stands here."""
        word = self._here
        here = word.text if word.kind == "sign" else word.keyword
        if here != sign_or_keyword:
            return False
        self._step()
        return True

    def _need(self, sign_or_keyword: str) -> None:
        if not self._took(sign_or_keyword):
            raise self._wrong(f"'{sign_or_keyword}'")

    def _wrong(self, expected: str, remedy: str = EXAMPLE) -> BadFilter:
        problem = f"filter, place {self._here.at}: expected {expected}, found {self._here}"
        return BadFilter(problem, remedy=remedy)

    def expect_end(self) -> None:
        if self._here.kind != "end":
            raise self._wrong("'and', 'or' or the end")

    def any_of(self, depth: int) -> Filter:
        parts = [self._all_of(depth)]
        while self._took("or"):
            parts.append(self._all_of(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all_of(self, depth: int) -> Filter:
        parts = [self._one(depth)]
        while self._took("and"):
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self, depth: int) -> Filter:
        if depth > DEEPEST:
            raise BadFilter(
                f"filter, place {self._here.at}: more than {DEEPEST} brackets and nots inside one another",
                remedy="Write it with fewer brackets.",
            )
        if self._took("not"):
            return Not(self._one(depth + 1))
        if self._took("("):
            tree = self.any_of(depth + 1)
            self._need(")")
            return tree
        return self._condition()

    def _condition(self) -> Filter:
        if self._here.kind not in ("name", "quoted") or self._here.keyword:
            raise self._wrong("the name of a column")
        column = self._step().text
        if self._took("is"):
            negated = self._took("not")
            self._need("null")
            return Not(IsNull(column)) if negated else IsNull(column)
        negated = self._took("not")
        if self._took("in"):
            chosen = OneOf(column, self._values())
            return Not(chosen) if negated else chosen
        if self._took("between"):
            low = self._value()
            self._need("and")
            between = And((Compare(column, ">=", low), Compare(column, "<=", self._value())))
            return Not(between) if negated else between
        if negated:
            raise self._wrong("'in' or 'between'")
        for operator in get_args(Operator):
            if self._took(operator):
                return Compare(column, operator, self._value())
        raise self._wrong("=, !=, <, <=, >, >=, 'in', 'between' or 'is null'")

    def _values(self) -> tuple[str | float, ...]:
        self._need("(")
        values = [self._value()]
        while self._took(","):
            values.append(self._value())
        self._need(")")
        return tuple(values)

    def _value(self) -> str | float:
        if self._here.kind == "number":
            return _number(self._step().text)
        if self._here.kind in ("text", "quoted"):
            return self._step().text
        name = self._here.text if self._here.kind == "name" else ""
        remedy = f"Put quotes around it: '{name}'." if name else EXAMPLE
        raise self._wrong("a number, or text in single quotes", remedy)


def _number(text: str) -> str | float:
    """The number, whole if it is written so; digits that would not read back the same (007) stay text."""
    if re.fullmatch(r"[+-]?\d+", text):
        return int(text) if len(text) <= 18 and str(int(text)) == text else text
    return float(text)
