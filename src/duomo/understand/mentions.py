"""Which goods and brands of a shop a post speaks of: by brand, model number, words of a title, tag.

No learning, and nothing but the shop's own names: what a post says is held against the titles, each word
weighing by how few titles have it. A brand is named where its name stands; a product where enough of its
title does, and no other product fits as well.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log
from typing import Final, NamedTuple, Self

from duomo.lexicon import concepts
from duomo.product import Product
from duomo.shelf.han import HAN
from duomo.understand.sentiment_text import plain

LEAST: Final = 0.6  # share of a title's weight that a post must name
_BRANDED: Final = 0.5  # where the brand is named, too
_MARGIN: Final = 0.08  # share by which the product must be ahead of the next
_LONGEST_BRAND: Final = 5  # words
_SHORTEST_BRAND: Final = 4  # letters of a brand that is known in small letters, too
_PIECE: Final = re.compile(rf"(?P<tag>[#＃@]?)(?P<word>[{HAN}]+|[^\W_{HAN}]+(?:[-'’.&][^\W_{HAN}]+)*)")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Za-z])(?=[0-9])")
_CODE: Final = re.compile(r"(?=[^\W_]*[0-9])(?=[^\W_]*[a-z])[a-z0-9]{4,}")
_OTHERS: Final = frozenset(
    {"and", "only", "next", "life", "free", "guess", "fossil", "mango", "force", "chase"}
)
_NOT_WORDS: Final = re.compile(r"[\W_]+")


class Word(NamedTuple):
    """A word of a post or a title, folded."""

    text: str  # small and singular
    start: int
    end: int
    written: str  # as it stands
    tagged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A product or a brand that a post speaks of."""

    brand: str  # "" where the shop names none
    product_id: str | None  # None: the brand alone
    share: float  # of the weight of the title that the post names, 0 to 1; of a brand alone 1
    text: str  # what stands there, from the first word to the last
    start: int
    end: int

    def as_dict(self) -> dict[str, object]:
        """With the field names of the machine contract."""
        place = {"text": self.text, "start": self.start, "end": self.end}
        return {"product_id": self.product_id, "brand": self.brand, "share": round(self.share, 4), **place}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    """The names of a shop's goods, ready to be found."""

    brands: Mapping[str, str]  # folded and joined -> as the shop writes it
    titles: Mapping[
        str, tuple[str, frozenset[str]]
    ]  # product id -> its brand, folded, and words of its title
    weights: Mapping[str, float]  # of a word
    holders: Mapping[str, tuple[str, ...]]  # word -> products whose titles have it

    @classmethod
    def of(cls, products: Iterable[Product]) -> Self:
        """Learn the names of products: titles and brands."""
        titles: dict[str, tuple[str, frozenset[str]]] = {}
        brands: dict[str, str] = {}
        holders: defaultdict[str, list[str]] = defaultdict(list)
        for product in products:
            brand = _joined(product.brand)
            if brand:
                brands.setdefault(brand, product.brand)
            own = {word.text for word in words_of(product.brand)}
            named = frozenset(word.text for word in words_of(product.title)) - own
            titles[product.id] = brand, named
            for word in named:
                holders[word].append(product.id)
        count = len(titles)
        return cls(
            brands=brands,
            titles=titles,
            weights={word: log((count + 1) / len(ids)) for word, ids in holders.items()},
            holders={word: tuple(ids) for word, ids in holders.items()},
        )

    def find(self, post: str) -> list[Mention]:
        """What a post speaks of, in the order in which it stands there: products, and brands without one.

        >>> cup = Product(id="C1", title="Acme Aurora Travel Mug", brand="Acme", variants=())
        >>> [(m.product_id, m.text) for m in Mentions.of([cup]).find("My Aurora travel mug leaks. #acme")]
        [('C1', 'Aurora travel mug')]
        """
        words = words_of(plain(post))
        brands = self._brands(words)
        product = self._product(words, {brand for brand, _, _ in brands})
        found = [product] if product else []
        for brand, start, end in brands:
            if all(_joined(mention.brand) != brand for mention in found):
                piece = post[start:end]
                name = self.brands[brand]
                found.append(
                    Mention(brand=name, product_id=None, share=1.0, text=piece, start=start, end=end)
                )
        return [
            mention if mention.text else _with_text(mention, post)
            for mention in sorted(found, key=lambda mention: mention.start)
        ]

    def _brands(self, words: Sequence[Word]) -> list[tuple[str, int, int]]:
        """Brands by the words that stand side by side, each with its place."""
        found: list[tuple[str, int, int]] = []
        for first in range(len(words)):
            for last in range(min(first + _LONGEST_BRAND, len(words)) - 1, first - 1, -1):
                part = words[first : last + 1]
                brand = _joined("".join(word.written for word in part))
                inside = found and part[-1].end <= found[-1][2]
                if brand in self.brands and not inside and self._is_meant(brand, part):
                    found.append((brand, part[0].start, part[-1].end))
                    break
        return found

    def _is_meant(self, brand: str, part: Sequence[Word]) -> bool:
        """Whether words that spell a brand mean it: a short or ordinary one is written as the shop does."""
        if any(word.tagged for word in part) or not brand.isascii():
            return True
        if len(brand) >= _SHORTEST_BRAND and brand not in _ordinary():
            return True
        return "".join(word.written for word in part) == "".join(self.brands[brand].split())

    def _product(self, words: Sequence[Word], brands: set[str]) -> Mention | None:
        """The product whose title is named best, if it is named well enough and before all others."""
        said = {word.text for word in words} & self.holders.keys()
        ranked = []
        for product_id in {product_id for word in said for product_id in self.holders[word]}:
            brand, named = self.titles[product_id]
            if brands and brand not in brands:
                continue
            hit = named & said
            coded = any(_CODE.fullmatch(word) and len(self.holders[word]) == 1 for word in hit)
            share = self._share(named, hit)
            least = _BRANDED if brand in brands else LEAST
            if coded or (share >= least and (len(hit) > 1 or brand in brands)):
                ranked.append((share + coded, product_id))
        ranked.sort(key=lambda pair: (-pair[0], pair[1]))
        if not ranked or (len(ranked) > 1 and ranked[0][0] - ranked[1][0] < _MARGIN):
            return None
        share, product_id = ranked[0]
        brand, named = self.titles[product_id]
        places = [word for word in words if word.text in named]
        return Mention(
            brand=self.brands.get(brand, ""),
            product_id=product_id,
            share=min(share, 1.0),
            text="",
            start=min(word.start for word in places),
            end=max(word.end for word in places),
        )

    def _share(self, named: frozenset[str], hit: frozenset[str]) -> float:
        """Share of the weight of a title's words that were hit: in the script in which that is more."""
        shares = [0.0]
        for latin in (True, False):
            whole = sum(self.weights[word] for word in named if word.isascii() is latin)
            if whole:
                shares.append(sum(self.weights[word] for word in hit if word.isascii() is latin) / whole)
        return max(shares)


def words_of(text: str) -> list[Word]:
    """Words to be compared: Latin ones small and singular, Chinese characters in overlapping pairs.

    A tag is taken apart where its capitals stand.

    >>> [word.text for word in words_of("#NikeShoes 蓝色衬衫")]
    ['nike', 'shoe', '蓝色', '色衬', '衬衫']
    """
    found = []
    for match in _PIECE.finditer(text):
        start, word, tagged = match.start("word"), match["word"], bool(match["tag"])
        if re.match(f"[{HAN}]", word):
            for at in range(max(len(word) - 1, 1)):
                pair = word[at : at + 2]
                found.append(Word(pair, start + at, start + at + len(pair), pair, tagged))
            continue
        for part in _CAMEL.split(word) if tagged else [word]:
            found.append(Word(_singular(part.lower()), start, start + len(part), part, tagged))
            start += len(part)
    return found


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _joined(text: str) -> str:
    """A name without blanks and marks, so that one that is written in two ways is one.

    >>> _joined("U.S. Polo Assn.") == _joined("us polo assn")
    True
    """
    return _NOT_WORDS.sub("", text.lower())


def _with_text(mention: Mention, post: str) -> Mention:
    return Mention(
        brand=mention.brand,
        product_id=mention.product_id,
        share=mention.share,
        text=post[mention.start : mention.end],
        start=mention.start,
        end=mention.end,
    )


@cache
def _ordinary() -> frozenset[str]:
    """Words that the lexicon knows, as colours and kinds, and some others that brands are called by, too."""
    return _OTHERS | {_joined(word) for concept in concepts() for word in concept.en}
