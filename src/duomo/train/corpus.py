"""The plain text that the student of `distill` learns from: real lines of shops, in Chinese and English.

Every line names its pack, so that a card can say what a model was trained on. Lines of the splits that
measure something (`val`, `test`, `heldout`) are never read, nor is any line that is a word of an exam.
"""

import csv
import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal, TextIO, cast

import rjieba

from duomo.train.lexicon import exam

Language = Literal["zh", "en"]

WORDS: Final = "lexicon"  # the pack of lines that the project wrote itself
CLEARED: Final = frozenset({"clothing_photos", "demo_shops", "luma_shop", "search_icecat", WORDS})

_HAN: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_SENTENCE: Final = re.compile(r"(?<=[.!?;。！？；~])\s*|\n+|<[^>]*>")
_CLAUSE: Final = re.compile(r"[,.!?;，。！？；、~…\s]+")
_LATIN: Final = re.compile(r"[a-z][a-z'-]*[a-z]|[a-z]")
_HIDDEN: Final = re.compile(r"\[(?:PHONE|EMAIL)\]")
_SHORTEST, _LONGEST = 1, 200  # characters of a line


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """One line of text and the pack it comes from."""

    text: str
    pack: str

    @property
    def language(self) -> Language:
        """Chinese if there is a Han character in it, else English.

        >>> Line("T恤", "lexicon").language, Line("t-shirt", "lexicon").language
        ('zh', 'en')
        """
        return "zh" if _HAN.search(self.text) else "en"


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of line of one pack: how it is read, and how many are taken at most."""

    pack: str
    at_most: int
    read: Callable[[Path], Iterable[str]]  # from the pack's folder


def read_lines(
    data: Path, *, seed: int = 0, cleared: bool = False, without: Collection[str] | None = None
) -> list[Line]:
    """The corpus: every text once, in an order mixed by the seed.

    Args:
        data: the folder of packs; a pack that is not there is left out.
        seed: chooses which lines are taken where there are more than a source gives, and their order.
        cleared: only packs with a clear licence (`CLEARED`).
        without: texts that must not be in it, whatever their case; by default the words of the exams.

    Returns:
        Lines of 1 to 200 characters, no two alike but for case.
    """
    barred = {text.casefold() for text in (exam_words() if without is None else without)}
    chance = random.Random(seed)  # noqa: S311 - a choice of lines, not a secret
    lines: list[Line] = []
    for source in SOURCES:
        folder = data / source.pack
        if not folder.is_dir() or (cleared and source.pack not in CLEARED):
            continue
        found = []
        for text in map(tidy, source.read(folder)):
            if _SHORTEST <= len(text) <= _LONGEST and text.casefold() not in barred:
                barred.add(text.casefold())
                found.append(text)
        lines += [Line(text, source.pack) for text in chance.sample(found, min(source.at_most, len(found)))]
    chance.shuffle(lines)
    return lines


def tidy(text: str) -> str:
    """The text with single blanks and without the marks that stand for hidden numbers and addresses.

    >>> tidy("  red  dress, call [PHONE] ")
    'red dress, call'
    """
    return " ".join(_HIDDEN.sub(" ", text).split())


def exam_words() -> frozenset[str]:
    """Every word that an exam asks for, in lower case; training never sees one as a line.

    The attribute values that two of the exams ask from are names that training may know: only their unseen
    wordings are left out.

    >>> {"couch", "sofa"} <= exam_words(), "brown" in exam_words()
    (True, False)
    """
    both = {word for name in ("synonym", "translation") for pair in exam(name) for word in (pair.a, pair.b)}
    unseen = {pair.b for name in ("attribute_words", "type_synonym") for pair in exam(name)}
    return frozenset(word.casefold() for word in both | unseen)


def count_words(lines: Iterable[str]) -> Counter[str]:
    """How often each word occurs: English ones in lower case, Chinese ones of two characters and more.

    >>> count_words(["Red dress", "红色连衣裙 red"])
    Counter({'red': 2, 'dress': 1, '红色': 1, '连衣裙': 1})
    """
    counts: Counter[str] = Counter()
    for line in lines:
        counts.update(_LATIN.findall(line.lower()))
        if _HAN.search(line):
            counts.update(word for word in rjieba.cut(line) if len(word) > 1 and _HAN.fullmatch(word[0]))
    return counts


def frequent(lines: Iterable[str], *, at_most: int, least: int = 3) -> list[str]:
    """The words and pairs of neighbouring English words that occur most, commonest first.

    Args:
        lines: English and Chinese.
        at_most: how many.
        least: how often one must occur.

    >>> frequent(["red dress"] * 3 + ["红色连衣裙"] * 3, at_most=9)
    ['dress', 'red', 'red dress', '红色', '连衣裙']
    """
    lines = [*lines]
    counts = count_words(lines)
    for line in lines:
        counts.update(" ".join(pair) for pair in pairwise(_LATIN.findall(line.lower())))
    common = sorted(counts.items(), key=lambda counted: (-counted[1], counted[0]))
    return [word for word, count in common[:at_most] if count >= least]


def _table(path: Path, splits: Collection[str] = ()) -> Iterator[dict[str, str]]:
    """Rows of a CSV file, zipped or not; only those of the splits, if any are named."""
    with _opened(path) as file:
        for row in csv.DictReader(file):
            if not splits or row["split"] in splits:
                yield row


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return cast(TextIO, gzip.open(path, "rt", encoding="utf-8", newline=""))
    return path.open(encoding="utf-8", newline="")


def _objects(path: Path) -> Iterator[dict[str, object]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _column(file: str, *columns: str, splits: Collection[str] = ()) -> Callable[[Path], Iterator[str]]:
    """Reads the cells of some columns as they are."""
    return lambda folder: (row[column] for row in _table(folder / file, splits) for column in columns)


def _sentences(file: str, column: str, splits: Collection[str] = ()) -> Callable[[Path], Iterator[str]]:
    """Reads the sentences of a column that have some words."""
    return lambda folder: (
        sentence
        for row in _table(folder / file, splits)
        for sentence in _SENTENCE.split(row[column])
        if sentence and sentence.count(" ") >= 2
    )


def _clauses(file: str, column: str, splits: Collection[str] = ()) -> Callable[[Path], Iterator[str]]:
    """Reads what stands between the punctuation of Chinese texts, 4 to 30 characters."""
    return lambda folder: (
        clause
        for row in _table(folder / file, splits)
        for clause in _CLAUSE.split(row[column])
        if 4 <= len(clause) <= 30
    )


def _fashion_titles(folder: Path) -> Iterator[str]:
    """Titles of the training split that no other split has too.

    The pack's splits tell "Grey  Bra" from "Grey Bra": 19 titles of val and test differ from one of train by
    their blanks alone.
    """
    rows = [*_table(folder / "products.csv")]
    measured = {tidy(row["title"]).casefold() for row in rows if row["split"] not in _TRAIN}
    yield from (row["title"] for row in rows if tidy(row["title"]).casefold() not in measured)


def _fashion_phrases(folder: Path) -> Iterator[str]:
    """Colour, kind and wearer of real products, as a shopper would put them, and the values alone."""
    for row in _table(folder / "products.csv", {"train"}):
        more = json.loads(row["attributes_json"])
        color, kind, gender = (
            row["color"].lower(),
            more.get("article_type", "").lower(),
            more.get("gender", "").lower(),
        )
        yield from (kind, color, row["subcategory"].lower(), more.get("usage", "").lower())
        yield f"{color} {kind}"
        yield f"{gender} {kind}"
        yield f"{kind} for {gender}"
        yield f"{color} {kind} for {gender}"


def _shop_titles(folder: Path) -> Iterator[str]:
    """Chinese titles, and the attribute values that stand behind some of them."""
    yield from (row["title"] for row in _table(folder / "query_item_match.csv"))
    yield from (row["query"] for row in _table(folder / "query_item_match.csv"))
    for name in ("item_coarse_classify", "item_fine_classify"):
        for record in _objects(folder / f"{name}.jsonl.gz"):
            title, _, attributes = str(record["input"]).partition("\t")
            yield title
            yield from (
                value for value in attributes.split("#") if len(value) > 1 and value not in (":", ";")
            )
            labels = record["labels"]
            if isinstance(labels, dict):
                yield from map(str, labels.get("mix", []))
    for record in _objects(folder / "attribute_value_extraction.jsonl.gz"):
        yield str(record["input"])
    for record in _objects(folder / "title_generate.jsonl.gz"):
        spans = record["spans"]
        if isinstance(spans, list):
            yield from (str(span["term"]) for span in spans)


def _aspect_texts(folder: Path) -> Iterator[str]:
    for name in ("camera_train", "car_train", "notebook_train", "phone_train", "shampoo_train"):
        for record in _objects(folder / f"{name}.jsonl.gz"):
            yield from (clause for clause in _CLAUSE.split(str(record["text"])) if 4 <= len(clause) <= 30)
            yield str(record["aspect"])


def _icecat(folder: Path) -> Iterator[str]:
    for record in _objects(folder / "products.jsonl.gz"):
        yield str(record["title"])


def _common_words(*readers: Callable[[Path], Iterable[str]], at_most: int) -> Callable[[Path], list[str]]:
    return lambda folder: frequent((line for read in readers for line in read(folder)), at_most=at_most)


_TRAIN: Final = frozenset({"train"})
_OPEN: Final = frozenset({"train", "dev"})
_SEARCHES = _column("search_queries.csv.gz", "query")
_DEPOT = _column("judgments.csv.gz", "title", "query", splits=_OPEN)
_DRESSES = _sentences("reviews.csv.gz", "text", _TRAIN)

# The first source to bring a text keeps it, so words and phrases stand before the lines they are taken from.
SOURCES: Final[tuple[Source, ...]] = (
    Source("fashion_products", 6_000, _fashion_phrases),
    Source("fashion_products", 25_000, _fashion_titles),
    Source("fashion_products", 3_000, _common_words(_fashion_titles, at_most=3_000)),
    Source("luma_shop", 200, _column("products.csv", "title", "subcategory")),
    Source("luma_shop", 2_000, _sentences("products.csv", "description")),
    Source("luma_shop", 1_000, _sentences("reviews.csv", "review")),
    Source("demo_shops", 400, _column("products.csv", "title", "subcategory", "category")),
    Source("demo_shops", 400, _sentences("products.csv", "description")),
    Source("search_homedepot", 6_000, _common_words(_DEPOT, at_most=6_000)),
    Source("search_homedepot", 9_000, _column("judgments.csv.gz", "query", splits=_OPEN)),
    Source("search_homedepot", 16_000, _column("judgments.csv.gz", "title", splits=_OPEN)),
    Source("search_icecat", 200, _column("judgments.csv", "query", splits=_OPEN)),
    Source("search_icecat", 5_000, _icecat),
    Source("zh_ecom_tasks", 10_000, _common_words(_SEARCHES, at_most=10_000)),
    Source("zh_ecom_tasks", 45_000, _SEARCHES),
    Source("zh_ecom_tasks", 6_000, _shop_titles),
    Source("zh_search_qbqtc", 4_000, _column("dev.csv.gz", "query")),
    Source("zh_reviews_10cats", 12_000, _clauses("reviews.csv.gz", "text", _TRAIN)),
    Source("zh_reviews_waimai", 1_000, _clauses("reviews.csv.gz", "text", _TRAIN)),
    Source("zh_absa", 4_000, _aspect_texts),
    Source("en_reviews_clothing", 3_000, _common_words(_DRESSES, at_most=3_000)),
    Source("en_reviews_clothing", 10_000, _DRESSES),
    Source("en_reviews_amazon_polarity", 4_000, _sentences("reviews.csv.gz", "text", _TRAIN)),
    Source("en_product_qa", 1_500, _column("electronics_train.csv.gz", "question", splits=_TRAIN)),
    Source("en_cs_intents", 1_500, _column("utterances.csv.gz", "utterance", splits=_TRAIN)),
)
