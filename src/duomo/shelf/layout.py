"""Which columns the variants table has: fixed ones, one per attribute, one vector per encoder and part."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

import pyarrow as pa

from duomo.product import INFERRED, Product
from duomo.shelf.base import ID, TOKENS, column, kind_of

MOST_ATTRIBUTES: Final = 100  # further ones stay on the product and in its words, but get no column

PATH_BREAK: Final = "\x1f"
FIXED: Final[tuple[pa.Field, ...]] = (
    column(ID, pa.string(), "text"),
    column("product_id", pa.string(), "text"),
    column("names", pa.list_(pa.string()), "names"),  # folded: ids, GTIN, MPN, title
    column("title", pa.string(), "text"),
    column("description", pa.string(), "hidden"),
    column("brand", pa.string(), "text"),
    column("category", pa.list_(pa.string()), "path"),
    column("category_path", pa.string(), "hidden"),  # the nodes from the root, joined by PATH_BREAK
    column("price", pa.float64(), "number"),  # in the main unit, so that one filter fits every currency
    column("price_minor", pa.int64(), "hidden"),
    column("currency", pa.string(), "text"),
    column("list_price", pa.float64(), "number"),
    column("list_price_minor", pa.int64(), "hidden"),
    column("stock", pa.int64(), "number"),
    column("availability", pa.string(), "text"),
    column("gtin", pa.string(), "text"),
    column("mpn", pa.string(), "text"),
    # JSON of the product and the variant, but for the description: one text, because reading it is part
    # of every answer.
    column("shown", pa.string(), "hidden"),
    column(TOKENS, pa.string(), "hidden"),
    column("source", pa.string(), "hidden"),  # the catalog that brought the row
    column("product_hash", pa.string(), "hidden"),
)
INFERRED_COLUMN: Final = INFERRED.replace(".", "_")  # what the columns of inferred attributes begin with
RESERVED: Final = frozenset(field.name for field in FIXED)

# A number that reads back as it was written: 007 and 1e5 are names, not amounts.
_NUMBER: Final = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,6})?")


@dataclass(frozen=True, slots=True)
class AttributeColumn:
    """An attribute that can be filtered and counted."""

    attribute: str
    column: str
    kind: Literal["texts", "number"]


@dataclass(frozen=True, slots=True)
class VectorColumn:
    """The vectors of one encoder for one part of a product."""

    encoder: str
    part: Literal["text", "picture", "fused"]
    column: str
    dim: int
    card: str  # hash of the card; of fused vectors that of both cards

    @property
    def fields(self) -> tuple[pa.Field, ...]:
        """The column as Arrow has it; that of pictures holds several a row, and beside it which they are."""
        kind, notes = pa.list_(pa.float32(), self.dim), {"encoder": self.encoder, "card": self.card}
        if self.part != "picture":
            return (column(self.column, kind, "vector", **notes),)
        return (
            column(self.column, pa.list_(kind), "vector", **notes),
            column(hashes_column(self.column), pa.list_(pa.string()), "hidden"),
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a shop's variants table."""

    attributes: tuple[AttributeColumn, ...]
    vectors: tuple[VectorColumn, ...]

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema; every field knows its kind."""
        types = {"texts": pa.list_(pa.string()), "number": pa.float64()}
        return pa.schema(
            [
                *FIXED,
                *(column(a.column, types[a.kind], a.kind, attribute=a.attribute) for a in self.attributes),
                *(field for v in self.vectors for field in v.fields),
            ]
        )


def vector_column(encoder: str, part: str) -> str:
    """The name of the column that holds an encoder's vectors of a part: 'vector_picture_hashed'."""
    return f"vector_{part}_{_plain(encoder)}"


def hashes_column(vectors: str) -> str:
    """The name of the column that says which picture each vector of a row's pictures belongs to."""
    return f"{vectors}_hashes"


class Attributed:
    """Counts the attributes of products, to decide which of them get a column."""

    def __init__(self) -> None:
        self._rows: Counter[str] = Counter()
        self._worded: set[str] = set()  # those with a value that is no number, or with several values

    def count(self, product: Product) -> None:
        """Count those of one more product."""
        for attributes, count in (
            (product.attributes, len(product.variants)),
            *((v.attributes, 1) for v in product.variants),
        ):
            for name, values in attributes.items():
                self._rows[name] += count
                if name not in self._worded and (len(values) != 1 or not _NUMBER.fullmatch(values[0])):
                    self._worded.add(name)

    def layout(self, vectors: tuple[VectorColumn, ...], held: pa.Schema | None = None) -> Layout:
        """The layout that holds the counted products beside what a shop holds already.

        An attribute becomes a number column if every value of it, over all variants, is one number; otherwise
        a column of texts. What the shop has decided once stays. The 100 most frequent attributes get columns.
        """
        known = {a.attribute: a for a in _held_attributes(held)}
        taken = RESERVED | {a.column for a in known.values()}
        for name, _ in sorted(self._rows.items(), key=lambda counted: (-counted[1], counted[0])):
            if name in known or len(known) >= MOST_ATTRIBUTES or not _plain(name):
                continue
            plain = _plain(name)
            names = (plain, f"attribute_{plain}", *(f"{plain}_{n}" for n in range(2, MOST_ATTRIBUTES + 3)))
            free = next(name for name in names if name not in taken)
            taken |= {free}
            known[name] = AttributeColumn(name, free, "texts" if name in self._worded else "number")
        return Layout(tuple(known.values()), vectors)


def layout_of(products: Iterable[Product], vectors: tuple[VectorColumn, ...]) -> Layout:
    """The layout of an empty shop that holds these products; see `Attributed.layout`."""
    counted = Attributed()
    for product in products:
        counted.count(product)
    return counted.layout(vectors)


def numbers_of(held: pa.Schema) -> dict[str, str]:
    """Attribute -> its column, of the number columns that a table has already."""
    return {a.attribute: a.column for a in _held_attributes(held) if a.kind == "number"}


def _held_attributes(schema: pa.Schema | None) -> list[AttributeColumn]:
    """The attribute columns that a table has already."""
    return [
        AttributeColumn(field.metadata[b"duomo.attribute"].decode(), field.name, kind)
        for field in schema or ()
        if b"duomo.attribute" in (field.metadata or {}) and (kind := kind_of(field)) in ("texts", "number")
    ]


def as_number(value: str) -> float | None:
    """The value as a number, if it is written like one."""
    return float(value) if _NUMBER.fullmatch(value) else None


def _plain(name: str) -> str:
    """Letters of any script, digits and underscores, small: 'Sleeve Length' -> 'sleeve_length'."""
    return re.sub(r"\W+", "_", name.lower()).strip("_")
