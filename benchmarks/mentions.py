"""How well posts are linked to the goods they speak of, on posts that were planted.

    python benchmarks/mentions.py

Posts are written by templates around real titles, as people write: a word of the title left out, small
letters, a tag, Chinese sentences around English names. A third speaks of goods of brands that the shop does
not sell, a sixth of nothing. A link is right where it names the product, or another with the same title; a
brand where it names the brand. Baseline: the title that shares the most words, if it shares two.
"""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from duomo.product import Product
from duomo.understand.mentions import Mentions
from provenance import data_dir, packs_or_end, record

Named = tuple[set[str], set[str]]  # titles and brands

POSTS: Final = 3_000
SHOP: Final = 8_000  # goods
_WEARER: Final = re.compile(r"\b(Men|Women|Boys|Girls|Kids|Unisex|Boy|Girl)'?s?\b")
AROUND: Final = (
    "Just got the {} and I love it!",
    "{} fell apart after two washes :(",
    "has anyone tried the {}? thinking of buying one",
    "My new {} is so comfortable 😍",
    "新买的{}质量太差了",
    "{}真的很好看，推荐！",
    "终于收到我的{}啦",
)
NOTHING: Final = (
    "What a lovely day for a run in my blue shoes",
    "the weather is great, going to the beach",
    "我今天好累，不想上班",
    "周末去哪里玩？",
    "Anyone watching the game tonight?",
    "This watch is nice but the strap is too short",
)


class Post(NamedTuple):
    """What is said, and of what."""

    text: str
    title: str  # "" where it speaks of no product of the shop
    brand: str  # "" where it speaks of no brand of the shop


def brand_of(title: str) -> str:
    """The words before whom it is for; "" where that is not said, or they are many."""
    found = _WEARER.search(title)
    brand = title[: found.start()].strip() if found else ""
    return brand if 0 < len(brand.split()) <= 3 else ""


def posts(sold: Sequence[Product], other: Sequence[Product], rng: np.random.Generator) -> Iterator[Post]:
    """Posts on goods that are sold, on brands, on goods that are not, and on nothing."""
    brands = {product.brand.split()[0].casefold() for product in sold}
    foreign = [product for product in other if product.brand.split()[0].casefold() not in brands]
    for number in range(POSTS):
        around = AROUND[rng.integers(len(AROUND))]
        product = sold[int(rng.integers(len(sold)))]
        match number % 6:
            case 0 | 1:
                yield Post(around.format(loosely(product, rng)), product.title, product.brand)
            case 2:
                tag = f"#{product.brand.title().replace(' ', '')}"
                yield Post(f"{around.format(tag)}", "", product.brand)
            case 3 | 4:
                yield Post(around.format(loosely(foreign[int(rng.integers(len(foreign)))], rng)), "", "")
            case _:
                yield Post(NOTHING[rng.integers(len(NOTHING))], "", "")


def loosely(product: Product, rng: np.random.Generator) -> str:
    """A title as somebody says it: not whom it is for, perhaps a word less, perhaps in small letters."""
    words = _WEARER.sub("", product.title).split()
    first = len(product.brand.split())
    if len(words) > first + 3 and rng.random() < 0.5:
        del words[rng.integers(first, len(words))]
    return " ".join(words).lower() if rng.random() < 0.3 else " ".join(words)


def main() -> None:
    """Measure and record."""
    packs_or_end("fashion_products")
    with (data_dir() / "fashion_products" / "products.csv").open(encoding="utf-8", newline="") as file:
        rows = [*csv.DictReader(file)]
    goods = [
        Product(id=row["sku"], title=row["title"], brand=brand_of(row["title"]), variants=()) for row in rows
    ]
    goods = [product for product in goods if product.brand]
    rng = np.random.default_rng(7)
    order = rng.permutation(len(goods))
    sold, other = ([goods[number] for number in part] for part in (order[:SHOP], order[SHOP:]))
    asked = [*posts(sold, other, rng)]
    mentions = Mentions.of(sold)
    titles = {product.id: product.title for product in sold}
    holders: defaultdict[str, set[str]] = defaultdict(set)
    for product in sold:
        for word in product.title.casefold().split():
            holders[word].add(product.title)

    def linked(post: str) -> Named:
        found = mentions.find(post)
        named = {titles[each.product_id] for each in found if each.product_id}
        return named, {each.brand for each in found}

    def most_words(post: str) -> Named:
        shared = Counter(title for word in {*post.casefold().split()} for title in holders.get(word, ()))
        named = {title for title, count in shared.most_common(1) if count > 1}
        return named, {product.brand for product in sold if product.title in named}

    figures: dict[str, object] = {"pack": "fashion_products", "goods": len(sold), "posts": len(asked)}
    figures |= shares("mentions", asked, linked)
    figures |= shares("most_words", asked, most_words)
    record("mentions", figures)


def shares(name: str, asked: Sequence[Post], find: Callable[[str], Named]) -> dict[str, object]:
    """Precision and recall of products and of brands."""
    said = [find(post.text) for post in asked]
    told: dict[str, object] = {}
    for kind, part in (("product", 0), ("brand", 1)):
        wanted = [post.title if kind == "product" else post.brand for post in asked]
        right = sum(want in found[part] for want, found in zip(wanted, said, strict=True) if want)
        named = sum(len(found[part]) for found in said)
        told[f"{name}_{kind}_precision"] = round(right / named, 4) if named else None
        told[f"{name}_{kind}_recall"] = round(right / sum(map(bool, wanted)), 4)
    return told


if __name__ == "__main__":
    main()
