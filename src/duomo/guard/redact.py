"""Personal data out of texts, before they are kept: names, phones, mails, addresses, ids, in two languages.

Rules and short lists, no model: what was taken out can be explained, and nothing leaves the machine. Where it
is doubtful, it is taken out; brands and goods of a shop are kept by naming them.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final, Literal, get_args

from duomo.guard.personal_names import names_in
from duomo.guard.personal_numbers import numbers_in
from duomo.guard.personal_places import places_in

Kind = Literal["name", "phone", "mail", "address", "id", "card", "account"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
# Where two overlap, the one further ahead wins: the digits of a card may look like a phone.
_FIRST: Final[tuple[Kind, ...]] = ("mail", "id", "card", "phone", "account", "address", "name")


@dataclass(frozen=True, slots=True)
class Personal:
    """A piece of personal data in a text."""

    kind: Kind
    start: int  # code points before it
    end: int


def personal_in(text: str, *, keep: Collection[str] = ()) -> list[Personal]:
    """The personal data in a text, in order, never overlapping.

    Found are mails (also written "name at shop dot com"), phones, numbers of identity cards, passports,
    social security, bank cards and accounts (checked by their check digits where they have any) and of orders
    and parcels, handles of WeChat, QQ and the like, postal addresses, and names of persons.

    Args:
        text: of any length.
        keep: names that are none of a person, as the brands of a shop; upper and lower case alike.

    >>> text = "我叫张伟，电话 138 0013 8000, write to zhang@mail.example"
    >>> [(found.kind, text[found.start:found.end]) for found in personal_in(text)]
    [('name', '张伟'), ('phone', '138 0013 8000'), ('mail', 'zhang@mail.example')]
    """
    found = [Personal(kind, start, end) for kind, start, end in _candidates(text, keep)]
    taken: list[Personal] = []
    for one in sorted(found, key=lambda each: (_FIRST.index(each.kind), each.start - each.end, each.start)):
        if all(one.end <= other.start or other.end <= one.start for other in taken):
            taken.append(one)
    return sorted(taken, key=lambda each: each.start)


def redact(text: str, *, keep: Collection[str] = ()) -> str:
    """The text with what `personal_in` finds replaced by its kind: [PHONE], [NAME].

    What was redacted stays as it is when it is redacted again.

    >>> redact("Mrs Jane Porter, 12 Elm Street, Springfield: it leaks. 请联系微信号 wx_zhang88")
    'Mrs [NAME], [ADDRESS]: it leaks. 请联系微信号 [ACCOUNT]'
    """
    parts, at = [], 0
    for found in personal_in(text, keep=keep):
        parts += [text[at : found.start], f"[{found.kind.upper()}]"]
        at = found.end
    return "".join([*parts, text[at:]])


def _candidates(text: str, keep: Collection[str]) -> Iterator[tuple[Kind, int, int]]:
    sources: Iterable[Iterable[tuple[Kind, int, int]]] = (
        numbers_in(text),
        places_in(text),
        (("name", start, end) for start, end in names_in(text, keep=keep)),
    )
    return chain.from_iterable(sources)
