"""Values that were read and not given: kept in a file of the shop, put on products under names of their own.

`inferred.color` is an attribute like any other, but that it stands in no word and no vector that is searched,
and is offered as a facet, suggested or understood in a question only where somebody names it (decision 24).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Self

from duomo.errors import BadFile
from duomo.files import hash_bytes, read_json_lines, write_json_lines
from duomo.product import INFERRED, Attributes, Product, is_address
from duomo.shelf.manifest import file_stamp
from duomo.understand.facets import FACETS, given

FILE: Final = "inferred.jsonl"  # in the folder of a shop
CONFIDENCE: Final = ".confidence"  # behind the name of a value, for its probability


@dataclass(frozen=True, slots=True, kw_only=True)
class Inferred:
    """What was read of one product, and from what."""

    product_id: str
    words: str  # hash of title and description
    picture: str = ""  # the one that was looked at, with its size and time of change; "": none
    values: Mapping[str, tuple[str, float]] = field(default_factory=dict)  # facet -> value, probability

    @classmethod
    def of(cls, product: Product, picture: str, values: Mapping[str, tuple[str, float]]) -> Self:
        """What was read of a product as it is now.

        Args:
            product: as the shop holds it.
            picture: source of the picture that was looked at; "": none.
            values: facet -> its value and the probability of that.
        """
        seen = _stamped(picture) if picture else ""
        return cls(product_id=product.id, words=_words(product), picture=seen, values=dict(values))

    def holds_for(self, product: Product) -> bool:
        """Whether a product still says and shows what this was read from."""
        sources = {media.source for variant in product.variants for media in product.media_of(variant)}
        seen = not self.picture or any(_stamped(source) == self.picture for source in sources)
        return seen and _words(product) == self.words

    def attributes(self, product: Product) -> dict[str, tuple[str, ...]]:
        """The attributes of the facets that nobody gives a value of."""
        told: dict[str, tuple[str, ...]] = {}
        for facet, (value, probability) in self.values.items():
            if facet in FACETS and not given(product, facet):
                told[INFERRED + facet] = (value,)
                told[f"{INFERRED}{facet}{CONFIDENCE}"] = (f"{probability:.2f}",)
        return told


def read_inferred(folder: Path) -> dict[str, Inferred]:
    """What was read of the products of a shop, by their ids; nothing where nothing was filled in.

    Raises:
        BadFile: the file is damaged.
    """
    path = folder / FILE
    if not path.is_file():
        return {}
    found: dict[str, Inferred] = {}
    try:
        for _, record in read_json_lines(path):
            id, words, picture, held = (record[name] for name in ("product_id", "words", "picture", "values"))
            if not isinstance(held, dict):
                raise ValueError("values are no object")
            values = {str(facet): (str(value), float(sure)) for facet, (value, sure) in held.items()}
            found[str(id)] = Inferred(
                product_id=str(id), words=str(words), picture=str(picture), values=values
            )
    except (KeyError, TypeError, ValueError) as error:
        remedy = "Fill it again: duomo read attributes --shop DIR --fill"
        raise BadFile(f"{path} is damaged ({error})", remedy=remedy) from error
    return found


def write_inferred(folder: Path, records: Iterable[Inferred]) -> None:
    """Keep what was read of a shop's products in the place of what was read before; none: nothing is kept."""
    kept = [
        {"product_id": r.product_id, "words": r.words, "picture": r.picture, "values": dict(r.values)}
        for r in records
    ]
    if kept:
        write_json_lines(folder / FILE, kept)
    else:
        (folder / FILE).unlink(missing_ok=True)


def with_inferred(product: Product, held: Mapping[str, Inferred]) -> Product:
    """A product with what was read of it, if that still holds, and with nothing else under those names.

    >>> from duomo.product import Variant
    >>> mug = Product(id="A", title="Mug", variants=(Variant(id="A"),))
    >>> red = Inferred.of(mug, "", {"color": ("red", 0.914)})
    >>> with_inferred(mug, {"A": red}).attributes
    {'inferred.color': ('red',), 'inferred.color.confidence': ('0.91',)}
    >>> with_inferred(replace(mug, title="Cup"), {"A": red}).attributes
    {}
    """
    own = held.get(product.id)
    told = own.attributes(product) if own and own.holds_for(product) else {}
    if not told and not any(map(_some, (product.attributes, *(v.attributes for v in product.variants)))):
        return product
    variants = tuple(
        replace(variant, attributes=_given(variant.attributes)) if _some(variant.attributes) else variant
        for variant in product.variants
    )
    return replace(product, attributes={**_given(product.attributes), **told}, variants=variants)


def _some(attributes: Attributes) -> bool:
    return any(name.startswith(INFERRED) for name in attributes)


def _given(attributes: Attributes) -> dict[str, tuple[str, ...]]:
    return {name: values for name, values in attributes.items() if not name.startswith(INFERRED)}


def _words(product: Product) -> str:
    return hash_bytes(product.title.encode(), product.description.encode())


def _stamped(source: str) -> str:
    return source if is_address(source) else f"{source}\x1d{file_stamp(source)}"
