"""Goods that are there twice by what is written of them: the same, nearly the same, or copied."""

import re
import unicodedata
from array import array
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import combinations
from typing import Final

import numpy as np
from rapidfuzz.distance import OSA

from duomo.catalog.health.findings import Both, Finding, Kind, found, named
from duomo.catalog.health.goods import Goods
from duomo.catalog.health.shingles import alike
from duomo.product import Product

LEAST: Final = 80  # characters of a description before it is held against others
ALIKE: Final = 0.85  # share of shingles that two descriptions have in common
_LETTERS: Final = 5  # of a word before one letter wrong in it is a slip and not another word
_CROWD: Final = 50  # of so many titles that differ in one word, that word is what tells them apart
_KNOWN: Final = 3  # titles that use a word: no slip

SAME: Final = Kind(
    name="same-product",
    weight=3,
    loss="trust",
    title=Both("The same product under several ids", "同一商品使用了多个编号"),
    says=Both("is, letter for letter, {n} products ({ids})", "有 {n} 件内容完全相同的商品（{ids}）"),
    remedy=Both("Keep one of them", "请只保留一件"),
)
TITLE: Final = Kind(
    name="same-title",
    weight=2,
    loss="trust",
    title=Both("Several products with one title", "多件商品标题相同"),
    says=Both("is the title of {n} products ({ids})", "是 {n} 件商品的标题（{ids}）"),
    remedy=Both("Say what sets them apart, or group them as variants", "请写明区别，或合并为同一商品的规格"),
)
NEAR: Final = Kind(
    name="near-title",
    weight=2,
    loss="trust",
    title=Both("Titles that differ in spelling or order alone", "标题只有写法或词序不同"),
    says=Both("is, but for {how}, the '{title}' of {ids}", "与 {ids} 的标题“{title}”只有{how}不同"),
    remedy=Both(
        "If it is the same product, keep one; else say what sets them apart",
        "若是同一商品请只保留一件，否则写明区别",
    ),
)
COPIED: Final = Kind(
    name="copied-description",
    weight=1,
    loss="words",
    title=Both("Products with one description", "多件商品描述相同"),
    says=Both(
        "is the description of {n} products, or nearly ({ids})",
        "与其他商品的描述（几乎）相同，共 {n} 件（{ids}）",
    ),
    remedy=Both(
        "Describe each: a copied text tells nobody what to choose", "请分别描述，复制的文字无法帮顾客选择"
    ),
)

# Words that sell and do not describe.
_FILLERS: Final = frozenset(
    (
        *("new", "hot", "sale", "best", "cheap", "free", "shipping", "original", "genuine", "official"),
        *("the", "a", "an", "of", "for", "and", "with", "by", "in"),
        *("新款", "热卖", "正品", "包邮", "爆款", "特价", "促销", "新品", "官方", "现货", "热销", "清仓"),
    )
)
_WORD: Final = re.compile(r"[\u3400-\u9fff\u3040-\u30ff]+|[^\W_\u3400-\u9fff\u3040-\u30ff]+")
_CJK_FILLER: Final = re.compile("|".join(word for word in sorted(_FILLERS) if not word.isascii()))


def doubles(goods: Goods) -> Iterator[Finding]:
    """The same product, the same title, nearly the same title, the same description."""
    same = _groups(goods.products, _content)
    in_one = {product.id for group in same for product in group[1:]}
    for group in same:
        yield _told(SAME, group, column="title", value=group[0].title)
    rest = [product for product in goods.products if product.id not in in_one]
    for group in _groups(rest, lambda product: product.title.casefold()):
        yield _told(TITLE, group, column="title", value=group[0].title)
    yield from _near(rest)
    yield from _copied(goods.products, in_one)


def words_of(title: str) -> tuple[str, ...]:
    """The words of a title that tell what it is, sorted; Chinese is kept in runs.

    >>> words_of("NEW! Puma Men's T-Shirt, Blue"), words_of("包邮 女鞋（红）")
    (('blue', 'men', 'puma', 'shirt', 't'), ('女鞋', '红'))
    """
    plain = unicodedata.normalize("NFKC", title).casefold().replace("'s ", " ").replace("’s ", " ")
    parts = _WORD.findall(_CJK_FILLER.sub(" ", plain))
    return tuple(sorted(part for part in parts if part not in _FILLERS))


def _content(product: Product) -> Hashable:
    """All that a product says, but for ids, pictures and addresses; None: it says too little."""
    if not product.title:
        return None
    variants = tuple(
        (variant.price, variant.list_price, _items(variant.attributes.items()))
        for variant in product.variants
    )
    return (
        product.title.casefold(),
        product.description,
        product.brand,
        product.category,
        _items(product.attributes.items()),
        variants,
        tuple(media.source for media in product.media),
    )


def _items(pairs: Iterable[tuple[str, tuple[str, ...]]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(sorted(pairs))


def _groups(products: Iterable[Product], key: Callable[[Product], Hashable]) -> list[list[Product]]:
    """Products with the same key, where there are several; those without one are left out."""
    found: defaultdict[Hashable, list[Product]] = defaultdict(list)
    for product in products:
        if of := key(product):
            found[of].append(product)
    return [group for group in found.values() if len(group) > 1]


def _told(kind: Kind, group: Sequence[Product], *, column: str, value: str) -> Finding:
    ids = [product.id for product in group]
    values = {"n": str(len(group)), "ids": named(ids)}
    return found(kind, group[0], column=column, value=value, others=ids, values=values)


def _near(products: Sequence[Product]) -> Iterator[Finding]:
    """Titles that are one but for order, signs and words that sell; then those with one letter wrong.

    Titles whose products say different things of themselves (color, size) are no doubles. Time and memory
    grow with the number of titles times their words.
    """
    fronts = {product.title.casefold(): product for product in reversed(products) if product.title}
    by_words: defaultdict[tuple[str, ...], list[Product]] = defaultdict(list)
    for product in reversed(fronts.values()):
        if words := words_of(product.title):
            by_words[words].append(product)
    for group in by_words.values():
        yield from _pairs(group, Both("order, signs or words that sell", "词序、标点或促销词"))
    often: defaultdict[str, int] = defaultdict(int)
    for words in by_words:
        for word in set(words):
            often[word] += 1
    # Nearly all gaps are in one title alone: so they are counted first, in eight bytes each, and not kept.
    counted = np.array(array("q", (hash(gap) for words in by_words for gap, _ in _gaps(words))))
    hashes, times = np.unique(counted, return_counts=True)
    shared = set(hashes[times > 1].tolist())
    gaps: defaultdict[tuple[str, ...], list[tuple[str, Product]]] = defaultdict(list)
    for words, (front, *_) in by_words.items():
        for gap, word in _gaps(words):
            if hash(gap) in shared:
                gaps[gap].append((word, front))
    seen: set[tuple[str, str]] = set()
    for alone in gaps.values():
        if not 1 < len(alone) <= _CROWD:
            continue
        for (word, one), (other_word, other) in combinations(alone, 2):
            rare = min(often[word], often[other_word]) < _KNOWN
            if (
                rare
                and (one.id, other.id) not in seen
                and OSA.distance(word, other_word, score_cutoff=1) == 1
            ):
                seen.add((one.id, other.id))
                how = Both(f"'{word}' and '{other_word}'", f"“{word}”与“{other_word}”")
                yield from _pairs([one, other], how)


def _gaps(words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """A title without each of its words in turn that may be misspelt, and that word."""
    for place, word in enumerate(words) if len(words) > 1 else ():
        if len(word) >= _LETTERS and word.isalpha() and word.isascii():
            yield words[:place] + words[place + 1 :], word


def _pairs(group: Sequence[Product], how: Both) -> Iterator[Finding]:
    first, *others = group
    like = [product for product in others if not _differ(first, product)]
    if like:
        ids = [product.id for product in like]
        values = {"how": how, "ids": named(ids), "title": like[0].title}
        yield found(NEAR, first, column="title", value=first.title, others=ids, values=values)


def _differ(one: Product, other: Product) -> bool:
    """Whether two products say different things of themselves."""
    if one.brand and other.brand and one.brand.casefold() != other.brand.casefold():
        return True
    names = one.attributes.keys() & other.attributes.keys()
    return any(one.attributes[name] != other.attributes[name] for name in names)


def _copied(products: Sequence[Product], skipped: set[str]) -> Iterator[Finding]:
    """Descriptions that are one, or nearly; of products that are not the same altogether."""
    long = [p for p in products if len(p.description) >= LEAST and p.id not in skipped]
    texts = list(dict.fromkeys(product.description for product in long))
    users: defaultdict[str, list[Product]] = defaultdict(list)
    for product in long:
        users[product.description].append(product)
    for group in alike(texts, ALIKE):
        using = [product for place in group for product in users[texts[place]]]
        if len(using) > 1:
            yield _told(COPIED, using, column="description", value=using[0].description)


KINDS: Final = (SAME, TITLE, NEAR, COPIED)
