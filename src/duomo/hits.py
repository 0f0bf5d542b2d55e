"""What a shopper asked and what came back: Query, Hit, Hits, Facet, Why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, overload

from duomo.arrays import Pixels
from duomo.product import Product, Variant

if TYPE_CHECKING:
    from duomo.encode.audio import Heard
    from duomo.encode.regions import Box
    from duomo.guard.clips import Clip

Mode = Literal["hybrid", "keywords", "vector"]
AskedWith = Literal["words", "picture", "like"]  # what a question is made of, and weighed by
# Ways of looking: the words themselves; the values of the catalog that they mean; vectors of what was asked
# against vectors of what is sold; then what a learned order gives, what the merchant wants (stock to
# novelty), and what a hit loses to others like it before it.
PartName = Literal[
    "exact",
    "keywords",
    "meant",
    "text",
    "picture",
    "text to picture",
    "picture to text",
    "product",
    "learned text",
    "learned vision",
    "learned attributes",
    "learned behaviour",
    "stock",
    "margin",
    "novelty",
    "repeated",
    "unlike",
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Query:
    """One question to the shop. No words, no picture, no example: every product, in order of id."""

    text: str = ""
    picture: Pixels | None = None  # (height, width, 3) RGB
    box: "Box | None" = None  # the region of the picture that is meant; None: all of it
    clip: "Clip | None" = None  # in the place of a picture
    heard: "Heard | None" = None  # what was said; searched together with the text; None: no sound was sent
    like: tuple[str, ...] = ()  # ids of products or variants as examples; they are not found themselves
    unlike: tuple[str, ...] = ()  # the same of what is not wanted: not found, and `like` turns away from it
    unwanted: str = ""  # words for what a product must not have or be
    where: str = ""  # a filter expression: price < 50 and color in ('red', 'navy')
    # Column -> values ticked in its facet: any of them. Limits like `where`, but for that facet itself, which
    # goes on counting what may be ticked as well.
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    weights: Mapping[AskedWith, float] = field(default_factory=dict)  # what each counts beside the others; 1
    as_words: tuple[str, ...] = ()  # what is not to be understood, as `understood` says what was said
    literal: bool = False  # take the words as they are: no limit, refusal, typo or translation is understood
    mode: Mode = "hybrid"
    k: int = 10  # how many products a page holds, 1 to 1000
    skip: int = 0  # how many products come before this page
    facets: tuple[str, ...] = ()  # columns to count
    encoder: str = ""  # which of the shop's encoders; "": its first


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one way of looking gave to a hit's score."""

    name: PartName
    rank: int  # place in that way's own list over the whole shop, from 1; 0: it is not in the list
    raw: float  # BM25 for keywords, cosine similarity for vectors, 1 for exact, else from 0 to 1
    share: float  # of the score; the shares of a hit add up to its score


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What put a hit where it stands."""

    parts: tuple[Part, ...] = ()
    words: tuple[str, ...] = ()  # words of the question found in the variant
    exact: Literal["id", "gtin", "mpn", "title", ""] = (
        ""  # the question is this very id, ...: always in front
    )
    encoder: str = ""  # which model the vector parts come from
    picture: str = ""  # content hash of the picture nearest to what was asked; "": not found by a picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One product that was found, with the variant that fits best in front."""

    product: Product
    variant: Variant
    score: float
    why: Why = field(default_factory=Why)
    widened: bool = False  # fills the page from outside the result set: not in total, not in facets


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetValue:
    """One value and how many products of the result set have it: exactly what choosing it gives."""

    value: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """The values of one column over the result set, most frequent first."""

    column: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits(Sequence[Hit]):
    """One page of products, best first, with what is true of the whole result set."""

    page: tuple[Hit, ...]
    total: int  # products in the result set, all pages
    facets: Mapping[str, Facet] = field(default_factory=dict)
    understood: Mapping[str, object] = field(
        default_factory=dict
    )  # words, filter and encoder as they were used
    took_ms: float = 0.0
    stages_ms: Mapping[str, float] = field(default_factory=dict, repr=False)  # of it, by stage of the search
    query: Query = field(default_factory=Query, repr=False)  # what was asked

    @overload
    def __getitem__(self, index: int) -> Hit: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Hit, ...]: ...
    def __getitem__(self, index: int | slice) -> Hit | tuple[Hit, ...]:
        return self.page[index]

    def __len__(self) -> int:
        return len(self.page)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.page)
