"""Contradictions in goods of a shop or a product file: learned from them, and told as findings of a check."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Final

from duomo.catalog.health.findings import Both, Finding, Kind, found
from duomo.catalog.health.goods import Goods
from duomo.errors import BadSetting
from duomo.product import INFERRED, Media, Product
from duomo.progress import Tick, silent
from duomo.understand.classify import words_of
from duomo.understand.classify_goods import CATEGORY, Opener, features_of, pictures_of
from duomo.understand.gate import Flags, Floats
from duomo.understand.match_fitting import FittedMatch, fit_matcher
from duomo.understand.match_main import better_pictures, shown_in
from duomo.understand.match_names import NamesReader
from duomo.understand.match_reading import Matched, judged
from duomo.understand.sight import Sight
from duomo.understand.taxonomy import Node, node_of

MOST_CLASSES: Final = 300  # of a label; what has more tells goods apart, not kinds of them
TOLD: Final = 0.8  # probability of a contradiction that a check tells
_AT_ONCE: Final = 64

CONTRADICTS: Final = Kind(
    name="picture-contradicts",
    weight=2,
    loss="pictures",
    title=Both("Picture shows something else than the words say", "图片与文字不符"),
    says=Both(
        "shows {shows}, and the words say {says} ({of})", "显示的是{shows}，而文字写的是{says}（{of}）"
    ),
    remedy=Both("Correct the words, or take the right picture", "请改正文字，或换成正确的图片"),
)
MAIN_WRONG: Final = Kind(
    name="picture-main-wrong",
    weight=2,
    loss="pictures",
    title=Both("Another picture fits the words far better than the first", "主图不如后面的图片符合文字"),
    says=Both(
        "is unlike the other pictures, and picture {number} ({picture}) fits the words better",
        "与其他图片不同，第 {number} 张图片（{picture}）更符合文字",
    ),
    remedy=Both("Put the picture that fits first", "请把相符的图片放在第一位"),
)
KINDS: Final = (CONTRADICTS, MAIN_WRONG)


@dataclass(slots=True)
class MatchCheck:
    """Looks for goods whose picture shows something else than their words say; a `findings.Check`.

    Args:
        opener: of the pictures.
        sight: what sees them; None: the shipped one.
        cache: a file of a shop that keeps what was seen.
        tick: told how far it is.
        told: probability from which on a contradiction is told.
    """

    opener: Opener
    sight: Sight | None = None
    cache: Path | None = None
    tick: Tick = silent
    told: float = TOLD
    figures: Mapping[str, object] = field(default_factory=dict)  # how well planted contradictions were found
    left_out: str = ""  # why nothing could be learned, and names alone were held against pictures

    def __call__(self, goods: Goods) -> Iterator[Finding]:
        """The contradictions, in the order of the goods; by names alone where too little can be learned."""
        sight = self.sight or Sight.shipped()
        products = goods.products
        better = better_pictures(products, self.opener, sight=sight, cache=self.cache, tick=self.tick)
        matched = self._matched(products, sight)
        for place, (product, each) in enumerate(zip(products, matched, strict=True)):
            if place in better:
                yield _main_wrong(product, better[place])
            elif each.part and each.probability >= self.told:
                yield _contradicts(product, each)

    def as_dict(self) -> dict[str, object]:
        """How well planted contradictions were found, or why nothing could be learned."""
        return {"left_out": self.left_out} if self.left_out else {"figures": dict(self.figures)}

    def _matched(self, products: Sequence[Product], sight: Sight) -> Sequence[Matched]:
        try:
            learned = learn_match(products, self.opener, sight=sight, cache=self.cache, tick=self.tick)
        except BadSetting as error:
            self.left_out = str(error)
            return self._by_names(products)
        self.figures = learned.fitted.matcher.card.figures
        return learned.judged(products)

    def _by_names(self, products: Sequence[Product]) -> list[Matched]:
        reader, matched = NamesReader(), list[Matched]()
        for at in range(0, len(products), _AT_ONCE):
            some = products[at : at + _AT_ONCE]
            matched += reader.read([words_of(each) for each in some], self.opener.open(some))
            self.tick("reading", min(at + _AT_ONCE, len(products)), len(products))
        return matched


def _contradicts(product: Product, each: Matched) -> Finding:
    pictures = pictures_of(product)[:1]
    values = {"says": each.says, "shows": each.shows, "of": each.of}
    return _told(CONTRADICTS, product, pictures, values)


def _main_wrong(product: Product, better: int) -> Finding:
    pictures = shown_in(product)
    values = {"number": str(better + 1), "picture": PurePath(pictures[better].source.partition("?")[0]).name}
    return _told(MAIN_WRONG, product, (pictures[0], pictures[better]), values)


def _told(kind: Kind, product: Product, pictures: Sequence[Media], values: Mapping[str, str]) -> Finding:
    source = pictures[0].source if pictures else ""
    return found(kind, product, column="image", value=source, media=pictures, values=values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What was learned from goods, and what was seen of them."""

    fitted: FittedMatch
    seen: Floats
    shown: Flags

    def judged(self, products: Sequence[Product]) -> list[Matched]:
        """What is to be said of each of the goods, by heads that had not learned from it."""
        matcher, texts = self.fitted.matcher, [words_of(product) for product in products]
        heard = matcher.heard(texts, self.seen)
        shares = matcher.shares_of(heard)
        shares[self.fitted.rows] = self.fitted.unseen
        return judged(matcher, texts, self.shown, heard, shares)


def learn_match(
    products: Sequence[Product],
    opener: Opener,
    *,
    sight: Sight | None = None,
    cache: Path | None = None,
    lineage: Mapping[str, object] | None = None,
    seed: int = 0,
    tick: Tick = silent,
) -> Learned:
    """A matcher for goods, learned from them: see `fit_matcher`.

    Args:
        products: the goods.
        opener: of their pictures.
        sight: what sees them; None: the shipped one.
        cache: a file of a shop that keeps what was seen.
        lineage: what the card says of where the goods come from.
        seed: of everything random.
        tick: told about the stages "seeing" and "learning".

    Raises:
        BadSetting: there is too little to learn from.
    """
    sight = sight or Sight.shipped()
    seen, shown = features_of(products, opener, sight, cache, tick)
    fitted = fit_matcher(
        [words_of(product) for product in products],
        seen,
        shown,
        labels_in(products),
        tower=sight.version,
        groups=[product.title.casefold() for product in products],
        lineage=lineage,
        seed=seed,
        tick=tick,
    )
    return Learned(fitted=fitted, seen=seen, shown=shown)


def labels_in(products: Sequence[Product]) -> dict[str, list[Node | None]]:
    """Every label of goods that may be seen on a picture: the category, and attributes with a few values.

    >>> from duomo.product import Variant
    >>> def mug(id: str, color: str) -> Product:
    ...     return Product(id=id, title="Mug", attributes={"color": (color,)}, variants=(Variant(id=id),))
    >>> labels_in([mug("1", "red"), mug("2", "blue")])
    {'color': [('red',), ('blue',)]}
    """
    names = Counter(
        name
        for product in products
        for name in {
            *product.attributes,
            *(name for variant in product.variants for name in variant.attributes),
        }
        if not name.startswith(INFERRED)
    )
    labels: dict[str, list[Node | None]] = {CATEGORY: [product.category or None for product in products]}
    for name in sorted(names, key=lambda name: (-names[name], name)):
        labels[name] = [_value(product, name) for product in products]
    return {name: nodes for name, nodes in labels.items() if 1 < len({*nodes} - {None}) <= MOST_CLASSES}


def _value(product: Product, name: str) -> Node | None:
    """The only value that a product and its variants have of an attribute."""
    every = (product.attributes, *(variant.attributes for variant in product.variants))
    values = {value for held in every for value in held.get(name, ())}
    return (node_of(values.pop()) or None) if len(values) == 1 else None
