"""Nodes of schema.org's vocabulary: finding products in linked data, and reading their properties."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from duomo.catalog.formats.linked import Document

PRODUCTS: Final = frozenset(
    (
        *("Product", "ProductGroup", "ProductModel", "IndividualProduct", "SomeProducts"),
        *("ProductCollection", "DietarySupplement", "Drug", "Vehicle", "Car", "Motorcycle"),
        *("MotorizedBicycle", "BusOrCoach"),
    )
)
_OFFERS: Final = frozenset({"Offer", "AggregateOffer", "OfferForPurchase", "OfferForLease"})
# Products behind these properties are others than the one at hand, which the page only mentions.
_BESIDE: Final = frozenset(
    (
        *("isRelatedTo", "isSimilarTo", "isAccessoryOrSparePartFor", "isConsumableFor"),
        *("itemReviewed", "predecessorOf", "successorOf", "isVariantOf", "hasVariant", "model"),
    )
)
_PREFIX: Final = re.compile(r"(?:https?://schema\.org/|schema:)")
# UN/CEFACT Recommendation 20, the codes that measures of goods have.
_UNITS: Final = {
    **{"GRM": "g", "KGM": "kg", "MGM": "mg", "ONZ": "oz", "LBR": "lb"},
    **{"MMT": "mm", "CMT": "cm", "MTR": "m", "INH": "in", "FOT": "ft"},
    **{"MLT": "ml", "CLT": "cl", "LTR": "l", "C62": "", "H87": ""},
}
Properties = dict[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One object of the data, and where it stands."""

    value: Properties
    path: str  # in its document: "@graph[3].offers"
    line: int
    graph: "Graph"

    @property
    def types(self) -> frozenset[str]:
        """Its types without the address of the vocabulary."""
        return _types(self.value)

    def each(self, key: str) -> Iterator[tuple[str, object]]:
        """The values of a property, one by one, each with its path."""
        value = self.value.get(key)
        if value is None:
            return
        path = f"{self.path}.{key}" if self.path else key
        if isinstance(value, list):
            for place, part in enumerate(value):
                yield f"{path}[{place}]", part
        else:
            yield path, value

    def nodes(self, *keys: str) -> Iterator["Node"]:
        """The objects among the values of these properties; what they refer to in their place."""
        for key in keys:
            if key not in self.value:
                continue
            for path, value in self.each(key):
                if isinstance(value, dict):
                    yield self.graph.resolved(Node(value, path, self.line, self.graph))

    def text(self, *keys: str) -> tuple[str, str]:
        """The first text of the first of these properties that has one, with its path; "" where none has."""
        for key in keys:
            value = self.value.get(key)
            if isinstance(value, str):  # nearly always, and this is most of the time that a file takes
                if text := value.strip():
                    return (f"{self.path}.{key}" if self.path else key), text
            elif value is not None and (found := next(self.texts(key), None)):
                return found
        return "", ""

    def texts(self, *keys: str) -> Iterator[tuple[str, str]]:
        """The texts of these properties; of an object its name, or its value with the unit."""
        for key in keys:
            if key not in self.value:
                continue
            for path, value in self.each(key):
                if isinstance(value, dict):
                    value = self.graph.resolved(Node(value, path, self.line, self.graph)).value
                if text := text_of(value):
                    yield path, text


class Graph:
    """The documents of a file: what has the same ``@id`` is the same thing."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._known: dict[str, Node] = {}
        roots: list[Node] = []
        for document in documents:
            value = _plain(document.value)
            several = isinstance(value, list)
            for place, each in enumerate(value if isinstance(value, list) else [value]):
                if isinstance(each, dict):
                    roots.append(Node(each, f"[{place}]" if several else "", document.line, self))
        self._nodes = list(_walked(roots))  # every object, and whether another product only mentions it
        for node, _ in self._nodes:
            name = node.value.get("@id")
            if isinstance(name, str) and not _is_reference(node.value):
                known = self._known.setdefault(name, node)
                for key, value in node.value.items():
                    known.value.setdefault(key, value)

    def resolved(self, node: Node) -> Node:
        """The node that this one refers to, or is a further part of."""
        name = node.value.get("@id")
        return self._known.get(name, node) if isinstance(name, str) else node

    def find(self, types: frozenset[str]) -> list[Node]:
        """The nodes of these types that no product only mentions, each once, in the file's order."""
        found = [self.resolved(node) for node, beside in self._nodes if not beside and node.types & types]
        once = {id(node.value): node for node in found if not _is_reference(node.value)}
        return list(once.values())

    def products(self) -> list[Node]:
        """The products that stand for themselves; those of an offer have that offer."""
        for offer in self.find(_OFFERS):
            for product in offer.nodes("itemOffered"):
                product.value.setdefault("offers", offer.value)
        return self.find(PRODUCTS)


def _walked(roots: Sequence[Node]) -> Iterator[tuple[Node, bool]]:
    """Every object, those that stand first before the others, without recursion."""
    waiting = [(node, False) for node in reversed(roots)]
    while waiting:
        node, beside = waiting.pop()
        yield node, beside
        inner = [
            (Node(value, path, node.line, node.graph), beside or key in _BESIDE)
            for key, values in node.value.items()
            if isinstance(values, dict | list)
            for path, value in _spread(node, key)
            if isinstance(value, dict)
        ]
        waiting.extend(reversed(inner))


def _spread(node: Node, key: str) -> Iterator[tuple[str, object]]:
    """The values of a property; lists within lists are spread as well."""
    for path, value in node.each(key):
        if isinstance(value, list):
            for place, part in enumerate(value):
                yield f"{path}[{place}]", part
        else:
            yield path, value


def text_of(value: object) -> str:
    """A value as text: of an object its name or its value with the unit, of a list the first text.

    >>> text_of({"@type": "QuantitativeValue", "value": "350", "unitCode": "GRM"}), text_of(["", "wool"])
    ('350 g', 'wool')
    """
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return next((text for part in value if (text := text_of(part))), "")
    if isinstance(value, dict):
        if "value" in value or "minValue" in value:
            return _quantity(value)
        return next(
            (text for key in ("name", "@value", "url", "@id") if (text := text_of(value.get(key)))), ""
        )
    return ""


def _quantity(value: Properties) -> str:
    amount = text_of(value.get("value"))
    if not amount:
        ends = [text for key in ("minValue", "maxValue") if (text := text_of(value.get(key)))]
        amount = "-".join(dict.fromkeys(ends))
    code = text_of(value.get("unitCode"))
    unit = text_of(value.get("unitText")) or _UNITS.get(code.upper(), code)
    return f"{amount} {unit}".strip() if amount else ""


@lru_cache(maxsize=10_000)
def term(text: str) -> str:
    """A term of the vocabulary without its address.

    >>> term("https://schema.org/InStock"), term("InStock")
    ('InStock', 'InStock')
    """
    return _PREFIX.sub("", text.strip()).strip("/")


def _types(value: Properties) -> frozenset[str]:
    named = value.get("@type")
    several = named if isinstance(named, list) else [named]
    return frozenset(term(name) for name in several if isinstance(name, str))


def _is_reference(value: Properties) -> bool:
    """Whether an object only points to another one."""
    return value.keys() <= {"@id", "@type", "@context"}


@lru_cache(maxsize=10_000)
def _key(name: str) -> str:
    return _PREFIX.sub("", name)


def _plain(value: object) -> object:
    """Keys without the address of the vocabulary, and ``@value`` objects as what they hold."""
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        if "@value" in value:
            return value["@value"]
        return {_key(key): _plain(part) for key, part in value.items()}
    return value
