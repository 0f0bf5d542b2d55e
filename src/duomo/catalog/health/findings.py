"""Kinds of findings, one finding, and the promise that every check keeps."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Protocol

from duomo.errors import Problem
from duomo.product import Media, Origin, Product

if TYPE_CHECKING:
    from duomo.catalog.health.goods import Goods

Loss = Literal["bought", "words", "pictures", "trust"]

# What a shopper loses, the dearest first: it cannot be bought (or at a wrong price), cannot be found by
# words, cannot be found by a picture, does not look as if it could be trusted.
LOSSES: Final[Mapping[Loss, int]] = MappingProxyType({"bought": 4, "words": 3, "pictures": 2, "trust": 1})

SHOWN: Final = 5  # how many ids a sentence names


class Both(NamedTuple):
    """A text in English and Chinese."""

    en: str
    zh: str

    def filled(self, values: Mapping[str, object]) -> "Both":
        """The text with its {names} filled in, by plain values or by texts in both languages."""
        said = [{name: v[n] if isinstance(v, Both) else v for name, v in values.items()} for n in (0, 1)]
        return Both(self.en.format_map(said[0]), self.zh.format_map(said[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of finding, with what it says and what it costs."""

    name: str
    weight: Literal[1, 2, 3]  # 1: a blemish, 2: does harm, 3: makes the product useless for what is lost
    loss: Loss
    title: Both
    says: Both  # the end of a sentence about a column and its value; {names} are filled in
    remedy: Both


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a check found."""

    kind: Kind
    problem: Problem
    said: Both  # the problem in both languages
    products: tuple[str, ...] = ()  # ids of the products concerned; none: of rows that became no product
    media: tuple[Media, ...] = ()  # pictures that show it


class Check(Protocol):
    """Looks for something in goods; whoever has more to look for hands in one of these, too."""

    def __call__(self, goods: "Goods") -> Iterable[Finding]:
        """What was found, in any order."""


def found(
    kind: Kind,
    product: Product,
    *,
    origin: Origin | None = None,
    column: str = "",
    value: str = "",
    others: Sequence[str] = (),
    media: Sequence[Media] = (),
    values: Mapping[str, object] = MappingProxyType({}),
) -> Finding:
    """A finding about one product, and perhaps about others as well.

    Args:
        kind: what was found.
        product: the one it is told at.
        origin: the place in the file; None: the product's.
        column: of the file.
        value: what stands there.
        others: ids of the further products concerned.
        media: pictures that show it; none: the product's first.
        values: for the {names} in what the kind says.
    """
    at, said = origin or product.origin, kind.says.filled(values)
    problem = Problem(
        file=at.file,
        line=at.line,
        column=column,
        value=value,
        problem=said.en,
        remedy=kind.remedy.en,
        severity="warning",
        product_id=product.id,
    )
    ids = tuple(dict.fromkeys((product.id, *others)))
    return Finding(kind=kind, problem=problem, said=said, products=ids, media=tuple(media))


def named(ids: Sequence[str]) -> Both:
    """The first ids, and how many more there are.

    >>> named(list("ABCDEFG"))
    Both(en='A, B, C, D, E and 2 more', zh='A、B、C、D、E 等 7 个')
    """
    some, more = ids[:SHOWN], len(ids) - SHOWN
    return Both(
        ", ".join(some) + (f" and {more} more" if more > 0 else ""),
        "、".join(some) + (f" 等 {len(ids)} 个" if more > 0 else ""),
    )
