"""Sequences too long for memory: the first things are held, further ones lie in a nameless file on disk."""

import marshal
import os
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from tempfile import TemporaryFile
from typing import Any, Final, Generic, TypeVar, overload
from weakref import finalize

from duomo.product import Media, Origin, Price, Product, Variant

HELD: Final = 20_000  # things that are kept in memory: most catalogs have no more products
_AT_ONCE: Final = 1 << 20  # bytes that are read ahead where all things are read in order

Thing = TypeVar("Thing")


class Spilled(Sequence[Thing], Generic[Thing]):
    """Things in order, as many as the disk holds; those beyond the first 20,000 are made anew when read.

    The file has no name: it is gone with the object, or with the process.

    >>> goods = Spilled(packed_product, unpacked_product, held=1)
    >>> goods.extend(Product(id=id, title="Mug", variants=(Variant(id=id),)) for id in "abc")
    >>> len(goods), goods[2].id, [each.id for each in goods]
    (3, 'c', ['a', 'b', 'c'])
    """

    def __init__(
        self, pack: Callable[[Thing], Any], unpack: Callable[[Any], Thing], *, held: int = HELD
    ) -> None:
        """An empty sequence.

        Args:
            pack: a thing as plain tuples, lists, dicts, texts and numbers.
            unpack: the way back.
            held: how many things stay in memory as they are.
        """
        self._pack, self._unpack, self._most = pack, unpack, held
        self._held: list[Thing] = []
        self._ends = array("q", [0])  # of those on disk: where each begins, and where the last one ends
        self._waiting: list[bytes] = []  # to be written
        self._written = 0
        self._file: Any = None

    def append(self, thing: Thing) -> None:
        """Add one."""
        if len(self._held) < self._most:
            self._held.append(thing)
            return
        body = marshal.dumps(self._pack(thing))
        self._waiting.append(body)
        self._ends.append(self._ends[-1] + len(body))
        if self._ends[-1] - self._written > _AT_ONCE:
            self._write()

    def extend(self, things: Iterable[Thing]) -> None:
        """Add several."""
        for thing in things:
            self.append(thing)

    def __len__(self) -> int:
        return len(self._held) + len(self._ends) - 1

    def __iter__(self) -> Iterator[Thing]:
        yield from self._held
        for start in range(0, len(self._ends) - 1, 1000):
            yield from self._read(start, min(start + 1000, len(self._ends) - 1))

    def __eq__(self, other: object) -> bool:
        """Whether another sequence, of any type, has equal things in the same order."""
        return (
            isinstance(other, Sequence)
            and len(self) == len(other)
            and all(own == theirs for own, theirs in zip(self, other, strict=True))
        )

    __hash__ = None  # type: ignore[assignment]  # it changes

    @overload
    def __getitem__(self, place: int) -> Thing: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Thing]: ...
    def __getitem__(self, place: int | slice) -> Thing | Sequence[Thing]:
        """One thing, or a list of several."""
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        place = range(len(self))[place]
        if place < len(self._held):
            return self._held[place]
        (thing,) = self._read(place - len(self._held), place - len(self._held) + 1)
        return thing

    def _read(self, start: int, end: int) -> Iterator[Thing]:
        """Those on disk from one place to another."""
        self._write()
        first = self._ends[start]
        self._file.seek(first)
        view = memoryview(self._file.read(self._ends[end] - first))
        for place in range(start, end):
            packed = view[self._ends[place] - first : self._ends[place + 1] - first]
            yield self._unpack(marshal.loads(packed))  # noqa: S302 (it reads what this object wrote)

    def _write(self) -> None:
        if not self._waiting:
            return
        if self._file is None:
            self._file = TemporaryFile(prefix="duomo-spill-")  # noqa: SIM115 (it lives as long as self)
            finalize(self, self._file.close)
        self._file.seek(0, os.SEEK_END)
        self._file.write(b"".join(self._waiting))
        self._waiting.clear()
        self._written = self._ends[-1]


def packed_product(product: Product) -> tuple[Any, ...]:
    """A product as plain values."""
    return (
        product.id,
        product.title,
        product.description,
        product.brand,
        product.category,
        dict(product.attributes),
        [_packed_variant(variant) for variant in product.variants],
        [_MEDIA(each) for each in product.media],
        product.url,
        _ORIGIN(product.origin),
    )


def unpacked_product(packed: tuple[Any, ...]) -> Product:
    """The product of `packed_product`."""
    id, title, description, brand, category, attributes, variants, media, url, origin = packed
    return Product(
        id=id,
        title=title,
        description=description,
        brand=brand,
        category=category,
        attributes=attributes,
        variants=tuple([_variant(each) for each in variants]),
        media=_media(media),
        url=url,
        origin=Origin(file=origin[0], line=origin[1]),
    )


def packed_price(price: Price | None) -> tuple[int, str] | None:
    """A price as plain values."""
    return None if price is None else (price.minor, price.currency)


def unpacked_price(packed: tuple[int, str] | None) -> Price | None:
    """The price of `packed_price`."""
    return None if packed is None else Price(*packed)


_MEDIA: Final = attrgetter("source", "kind", "role", "hash")
_ORIGIN: Final = attrgetter("file", "line")


def _media(packed: Iterable[Any]) -> tuple[Media, ...]:
    return tuple([Media(source=s, kind=kind, role=role, hash=hash) for s, kind, role, hash in packed])


def _packed_variant(variant: Variant) -> tuple[Any, ...]:
    return (
        variant.id,
        dict(variant.attributes),
        packed_price(variant.price),
        packed_price(variant.list_price),
        variant.stock,
        variant.availability,
        variant.gtin,
        variant.mpn,
        variant.url,
        [_MEDIA(each) for each in variant.media],
        _ORIGIN(variant.origin),
    )


def _variant(packed: tuple[Any, ...]) -> Variant:
    id, attributes, price, list_price, stock, availability, gtin, mpn, url, media, origin = packed
    return Variant(
        id=id,
        attributes=attributes,
        price=unpacked_price(price),
        list_price=unpacked_price(list_price),
        stock=stock,
        availability=availability,
        gtin=gtin,
        mpn=mpn,
        url=url,
        media=_media(media),
        origin=Origin(file=origin[0], line=origin[1]),
    )
