"""Texts that are damaged, hold HTML, stand for others that were to come, or shout."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Final

from duomo.catalog.health.damage import damaged, mended
from duomo.catalog.health.findings import Both, Finding, Kind, found
from duomo.catalog.health.goods import Goods
from duomo.catalog.text import plain_text
from duomo.product import Origin, Product

_LONG: Final = 150  # characters: what Google Merchant Center takes of a title
_LONG_HAN: Final = 60  # Chinese characters count twice and more: Taobao takes 30
_CAPITALS: Final = 12  # letters, at least, and in words, at least:
_WORDS: Final = 3
_STUFFED: Final = 3  # times the same word
_USUAL: Final = 0.5  # share of titles in capitals from which on they are the shop's style

DAMAGED: Final = Kind(
    name="text-damaged",
    weight=3,
    loss="words",
    title=Both("Damaged characters", "乱码"),
    says=Both("holds '{piece}', which is damaged{meant}", "含有乱码“{piece}”{meant}"),
    remedy=Both("Export the file again as UTF-8, or restore the text", "请以 UTF-8 重新导出文件，或改正文字"),
)
HTML: Final = Kind(
    name="html-left",
    weight=1,
    loss="trust",
    title=Both("HTML left in the text", "文字中残留 HTML"),
    says=Both("holds '{piece}'", "含有“{piece}”"),
    remedy=Both(
        "Take the markup out: it was escaped twice, or is not closed", "请去掉标记：它被重复转义或没有闭合"
    ),
)
PLACEHOLDER: Final = Kind(
    name="placeholder",
    weight=3,
    loss="trust",
    title=Both("Placeholder instead of a text", "占位文字"),
    says=Both("is a placeholder", "是占位文字"),
    remedy=Both("Write the text that was meant, or take the product out", "请写上正式内容，或删除该商品"),
)
CAPITALS: Final = Kind(
    name="title-capitals",
    weight=1,
    loss="trust",
    title=Both("Title in capitals", "标题全为大写"),
    says=Both("is in capitals", "全为大写字母"),
    remedy=Both(
        "Write it as one writes: shopping feeds refuse shouting",
        "请按正常大小写书写，购物平台会拒绝全大写标题",
    ),
)
STUFFED: Final = Kind(
    name="title-stuffed",
    weight=1,
    loss="trust",
    title=Both("Title stuffed with words or signs", "标题堆砌关键词或符号"),
    says=Both("says '{piece}' {times} times", "“{piece}”出现 {times} 次"),
    remedy=Both("Say each word once: search does not count them", "每个词写一次即可，重复不会提高排名"),
)
LONG: Final = Kind(
    name="title-long",
    weight=1,
    loss="trust",
    title=Both("Title too long", "标题过长"),
    says=Both("has {n} characters", "有 {n} 个字符"),
    remedy=Both(
        "Cut it to what it is; the rest belongs into the description", "请只写商品名称，其余放进描述"
    ),
)

_TAG: Final = re.compile(
    r"</?(?:p|br|div|span|b|i|u|ul|ol|li|h[1-6]|strong|em|a|img|font|table|tr|td|script|style)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_ENTITY: Final = re.compile(
    r"&(?:amp|nbsp|lt|gt|quot|apos|reg|trade|eacute|[A-Za-z]{2,8}|#\d{2,6}|#[xX][0-9a-fA-F]{2,5});"
)
_PLACEHOLDER: Final = re.compile(
    r"(?:test(?:ing)?(?: product| item)?\W*\d*|todo|tbd|tba|n/?a|none|null|nan|undefined|unknown|untitled"
    r"|no (?:title|name)|(?:sample|example|dummy|new) (?:product|item|title|text)|placeholder"
    r"|product (?:name|title)|title|description|asdf\w*|qwerty|foo(?:\W?bar)?|x{3,}|\W*|copy of .*"
    r"|[\[<{(]+[\w .-]+[\]>})]+|测试(?:商品|产品|数据)?\d*|待补充|待定|待完善|待填写|暂无(?:描述|标题|内容)?"
    r"|无标题|未命名(?:商品)?|示例(?:商品)?|新商品|商品名称|占位符?)",
    re.IGNORECASE,
)
_ANYWHERE: Final = re.compile(
    r"(?i:lorem ipsum)|\bTODO\b|\bFIXME\b|待补充|请填写|\{\{[^}]*\}\}|\[object Object\]|%[sd](?!\w)"
)
_SIGNS: Final = re.compile(r"([!！★☆🔥❤✨💥♥])\1{2,}|(?:[★☆🔥❤✨💥♥]\s*){3,}")


def texts(goods: Goods) -> Iterator[Finding]:
    """Damage, HTML and placeholders in titles, descriptions, brands, categories and attributes."""
    for product in goods.products:
        told: set[tuple[str, str]] = set()
        for origin, column, text in _texts_of(product):
            for each in _of(product, origin, column, text):
                if (each.kind.name, column) not in told:  # once for a list of values, or for many variants
                    told.add((each.kind.name, column))
                    yield each


def titles(goods: Goods) -> Iterator[Finding]:
    """Titles in capitals, stuffed with one word or sign, or too long."""
    loud = [product for product in goods.products if is_loud(product.title)]
    if len(loud) <= _USUAL * len(goods.products):
        for product in loud:
            yield found(CAPITALS, product, column="title", value=product.title)
    for product in goods.products:
        title = product.title
        if stuffed := stuffing(title):
            piece, times = stuffed
            values = {"piece": piece, "times": str(times)}
            yield found(STUFFED, product, column="title", value=title, values=values)
        han = sum("\u3400" <= char <= "\u9fff" for char in title)
        if len(title) > _LONG or han > _LONG_HAN:
            yield found(LONG, product, column="title", value=title, values={"n": str(len(title))})


def is_loud(title: str) -> bool:
    """Whether a title is in capitals throughout.

    >>> is_loud("BUY THE BEST RED MUG"), is_loud("USB-C HDMI"), is_loud("Red MUG by ACME")
    (True, False, False)
    """
    letters = [char for char in title if char.isalpha() and char.isascii()]
    words = re.findall(r"[A-Z]{2,}", title)
    return len(letters) >= _CAPITALS and len(words) >= _WORDS and all(char.isupper() for char in letters)


def stuffing(title: str) -> tuple[str, int] | None:
    """What a title says too often, and how often.

    >>> stuffing("Mug red mug cheap mug"), stuffing("Mug!!! Buy"), stuffing("New York New Jersey")
    (('mug', 3), ('!', 3), None)
    """
    if signs := _SIGNS.search(title):
        return signs[0].strip()[0], len(re.sub(r"\s", "", signs[0]))
    words = Counter(re.findall(r"[^\W\d_]{3,}", title.casefold()))
    word, times = max(words.items(), key=lambda counted: counted[1], default=("", 0))
    return (word, times) if times >= _STUFFED else None


def is_placeholder(text: str, column: str) -> bool:
    """Whether a text stands for one that was to come.

    >>> [is_placeholder(title, "title") for title in ("Test product 2", "待补充", "Test tube")]
    [True, True, False]
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if column in ("title", "description") and _ANYWHERE.search(text):
        return True
    return bool(plain) and len(plain) <= 60 and bool(_PLACEHOLDER.fullmatch(plain))


def _texts_of(product: Product) -> Iterator[tuple[Origin, str, str]]:
    """Where it stands, column, text."""
    here = product.origin
    yield here, "title", product.title
    yield here, "description", product.description
    yield here, "brand", product.brand
    for node in product.category:
        yield here, "category", node
    for name, values in product.attributes.items():
        for value in values:
            yield here, name, value
    for variant in product.variants:
        for name, values in variant.attributes.items():
            for value in values:
                yield variant.origin, name, value


def _of(product: Product, origin: Origin, column: str, text: str) -> Iterator[Finding]:
    if not text:
        return

    def of(kind: Kind, **values: Both | str) -> Finding:
        return found(kind, product, origin=origin, column=column, value=text, values=dict(values))

    if piece := damaged(text):
        meant = mended(piece)
        yield of(
            DAMAGED,
            piece=piece[:40],
            meant=Both(f" and was '{meant[:40]}'", f"，原为“{meant[:40]}”") if meant else "",
        )
    if ("<" in text and (tag := _TAG.search(text))) or ("&" in text and (tag := _entity(text))):
        yield of(HTML, piece=tag[0][:40])
    if column in ("title", "description", "brand", "category") and is_placeholder(text, column):
        yield of(PLACEHOLDER)


def _entity(text: str) -> re.Match[str] | None:
    """An entity that really is one: "A&B;" is none."""
    return next((each for each in _ENTITY.finditer(text) if plain_text(each[0]) != each[0]), None)


KINDS: Final = (DAMAGED, HTML, PLACEHOLDER, CAPITALS, STUFFED, LONG)
