"""Languages that are mixed up: a Japanese description in an English catalog, English in a column title_zh.

Told by script, and for Latin letters by short words that nearly every sentence has; that is enough for
descriptions, and for titles it is the script alone.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from duomo.catalog.health.findings import Both, Finding, Kind, found
from duomo.catalog.health.goods import Goods
from duomo.product import Product

MOST: Final = 0.9  # share of products in one language from which on another one is a slip
FEW: Final = 10  # products with a text that can be told, at least
_HITS: Final = 3  # short words of a language, at least, and in all words at least a share of:
_SHARE: Final = 0.12

FOREIGN: Final = Kind(
    name="language-foreign",
    weight=2,
    loss="words",
    title=Both("Text in another language than the rest", "语言与其他商品不同"),
    says=Both("is in {language}, nearly all others are in {usual}", "是{language}，其他几乎都是{usual}"),
    remedy=Both(
        "Translate it: who searches in the shop's language misses it",
        "请翻译，否则用本店语言搜索的顾客找不到它",
    ),
)
COLUMN: Final = Kind(
    name="language-column",
    weight=2,
    loss="words",
    title=Both("Language column with another language in it", "语言列内容不是该语言"),
    says=Both("should be {usual} by its name and is not", "按列名应为{usual}，实际不是"),
    remedy=Both("Put each language into its own column", "请把各语言放入对应的列"),
)

NAMES: Final[Mapping[str, Both]] = MappingProxyType(
    {
        "zh": Both("Chinese", "中文"),
        "ja": Both("Japanese", "日文"),
        "ko": Both("Korean", "韩文"),
        "latin": Both("Latin letters", "拉丁字母"),
        "cyrillic": Both("Cyrillic letters", "西里尔字母"),
        "arabic": Both("Arabic letters", "阿拉伯字母"),
        "en": Both("English", "英文"),
        "de": Both("German", "德文"),
        "fr": Both("French", "法文"),
        "es": Both("Spanish", "西班牙文"),
        "it": Both("Italian", "意大利文"),
        "pt": Both("Portuguese", "葡萄牙文"),
        "nl": Both("Dutch", "荷兰文"),
    }
)
_SHORT: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        language: frozenset(words.split())
        for language, words in {
            "en": "the and of to is with for your this that you from are it on by at or be has",
            "de": "der die das und ist mit für ein eine den dem nicht auf sie sich auch im von zu",
            "fr": "le la les et des est une un pour avec dans vous du ce cette sur votre au qui",
            "es": "el la los las y de es una un para con en que su por del se tu al lo",
            "it": "il la le e di è una un per con che del della in nel sono dei gli al lo",
            "pt": "o a os as e de é uma um para com em que seu por do da no na se",
            "nl": "de het een en van is met voor op te zijn dit dat niet je in of ook",
        }.items()
    }
)
_SCRIPTS: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        "ja": re.compile("[\u3041-\u3096\u30a1-\u30fa]"),
        "ko": re.compile("[\uac00-\ud7a3\u1100-\u11ff]"),
        "zh": re.compile("[\u3400-\u9fff]"),
        "cyrillic": re.compile("[\u0400-\u04ff]"),
        "arabic": re.compile("[\u0600-\u06ff]"),
        "latin": re.compile("[A-Za-z\u00c0-\u024f]"),
    }
)
_WORD: Final = re.compile(r"[^\W\d_]+")
_NAMED: Final = re.compile(r".+_(zh|cn|en|ja|jp|ko|ru)(_[a-z]{2,4})?")
_OF_NAME: Final[Mapping[str, str]] = MappingProxyType(
    {"zh": "zh", "cn": "zh", "en": "latin", "ja": "ja", "jp": "ja", "ko": "ko", "ru": "cyrillic"}
)


def script_of(text: str) -> str:
    """The script that nearly all letters of a text are in: a key of `NAMES`; "": several, or too few.

    >>> script_of("红色连衣裙"), script_of("赤いドレス"), script_of("Red dress"), script_of("Nike 男鞋")
    ('zh', 'ja', 'latin', '')
    """
    if text.isascii():
        counts = {"latin": sum(map(str.isalpha, text))}
    else:
        counts = {name: len(letters.findall(text)) for name, letters in _SCRIPTS.items()}
    if counts.get("ja", 0) >= 2:
        counts["ja"] += counts.pop("zh")
    total = sum(counts.values())
    script, most = max(counts.items(), key=lambda counted: counted[1])
    return script if most >= 2 and most >= MOST * total else ""


def language_of(text: str) -> str:
    """The language of a text, a key of `NAMES`; "": it cannot be told.

    >>> language_of("The jacket is warm and comes with a hood for the rain.")
    'en'
    >>> language_of("Die Jacke ist warm und hat eine Kapuze, die sich auch im Regen bewährt.")
    'de'
    """
    script = script_of(text)
    if script != "latin":
        return script
    words = _WORD.findall(text.casefold())
    hits = {language: sum(word in short for word in words) for language, short in _SHORT.items()}
    (language, most), (_, next_most) = Counter(hits).most_common(2)
    return language if most >= _HITS and most >= _SHARE * len(words) and most > next_most else ""


def languages(goods: Goods) -> Iterator[Finding]:
    """Titles in another script, descriptions in another language, language columns that hold another."""
    yield from _foreign(goods, "title", lambda product: (product.title, script_of(product.title)))
    yield from _foreign(
        goods, "description", lambda product: (product.description, language_of(product.description[:1000]))
    )
    for product in goods.products:
        for name, values in product.attributes.items():
            if (part := _NAMED.fullmatch(name)) and not _fits(usual := _OF_NAME[part[1]], " ".join(values)):
                told = {"usual": NAMES[usual]}
                yield found(COLUMN, product, column=name, value=" ".join(values), values=told)


def _foreign(goods: Goods, column: str, of: Callable[[Product], tuple[str, str]]) -> Iterator[Finding]:
    told = [(product, *of(product)) for product in goods.products]
    counts = Counter(language for _, _, language in told if language)
    if len(counts) < 2 or counts.total() < FEW:
        return
    usual, most = counts.most_common(1)[0]
    if most < MOST * counts.total():
        return
    for product, text, language in told:
        if language not in ("", usual):
            values = {"language": NAMES[language], "usual": NAMES[usual]}
            yield found(FOREIGN, product, column=column, value=text, values=values)


def _fits(script: str, text: str) -> bool:
    """Whether a text may be in a script: it has letters of it, or is too short to tell (a brand, a size)."""
    if _SCRIPTS[script].search(text) or (script == "ja" and _SCRIPTS["zh"].search(text)):
        return True
    return len(_WORD.findall(text)) < 2 and not _SCRIPTS["zh"].search(text)


KINDS: Final = (FOREIGN, COLUMN)
