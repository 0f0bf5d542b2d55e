"""Reviews with what they say, good or bad, and how many stars: what the reader of sentiment learns from.

No text that a reporting split holds is ever given out to learn from, whichever pack it came by. A tenth of
every pack, told by the hash of the text, is held back for choosing and calibrating.
"""

import csv
import gzip
import hashlib
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

Role = Literal["learn", "hold", "report"]
Language = Literal["zh", "en"]

AMAZON: Final = "en_reviews_amazon_polarity"
CLOTHING: Final = "en_reviews_clothing"
TEN: Final = "zh_reviews_10cats"
WAIMAI: Final = "zh_reviews_waimai"
REVIEWS: Final = (TEN, WAIMAI, AMAZON, CLOTHING)  # packs of whole reviews; the others have sentences, too
_PARTS: Final = 10
_HELD: Final = 0  # which tenth is held back
_HELD_AMAZON: Final = 1  # of that pack the tenth 0 is a reporting split
_MIDDLE: Final = 3  # stars that are neither good nor bad
_POLAR: Final = {frozenset({"positive"}): True, frozenset({"negative"}): False}
_DOMAINS: Final = ("camera", "car", "notebook", "phone", "shampoo")
_NOT_WORDS: Final = re.compile(r"\W+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """One review, and what is known of it."""

    text: str
    pack: str
    language: Language
    role: Role
    positive: bool | None = None  # None: neither, both, or not said
    stars: int | None = None  # 1 to 5
    mixed: bool = False  # it praises one thing and blames another


def tenth(text: str) -> int:
    """Which tenth a text belongs to, 0 to 9, by its MD5.

    >>> tenth("good"), tenth("很好")
    (8, 8)
    """
    digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return int(digest, 16) % _PARTS


def same(text: str) -> str:
    """What is equal in texts that differ by case, width, blanks and marks alone.

    >>> same("Very good!") == same("very  GOOD")
    True
    """
    return _NOT_WORDS.sub("", unicodedata.normalize("NFKC", text).lower())


def read_opinions(data: Path) -> list[Opinion]:
    """The reviews of all packs that are there, each text to learn from once.

    A text that stands in a reporting split of any pack is to learn from in none.

    Args:
        data: the folder of packs.
    """
    found = [opinion for read in (_polar, _rated, _aspects) for opinion in read(data)]
    barred = {same(opinion.text) for opinion in found if opinion.role == "report"}
    kept = []
    for opinion in found:
        if opinion.role != "report":
            key = same(opinion.text)
            if key in barred:
                continue
            barred.add(key)
        kept.append(opinion)
    return kept


def _polar(data: Path) -> Iterator[Opinion]:
    """The packs that say of each review whether it is good."""
    for pack in (TEN, WAIMAI, AMAZON):
        for row in _rows(data / pack / "reviews.csv.gz"):
            yield Opinion(
                text=row["text"],
                pack=pack,
                language="en" if pack == AMAZON else "zh",
                role=_role(row["split"], row["text"], pack),
                positive=row["label"] == "1",
            )


def _rated(data: Path) -> Iterator[Opinion]:
    """The packs with stars: four and five are good, one and two bad."""
    for place, pack, text, stars, language in (
        (f"{CLOTHING}/reviews.csv.gz", CLOTHING, "text", "rating", "en"),
        ("zh_absa/asap_sample.csv.gz", "asap", "reviewbody", "star", "zh"),
    ):
        for row in _rows(data / place):
            given = round(float(row[stars]))
            yield Opinion(
                text=row[text],
                pack=pack,
                language="en" if language == "en" else "zh",
                role=_role(row["split"], row[text], pack),
                positive=None if given == _MIDDLE else given > _MIDDLE,
                stars=given,
            )


def _aspects(data: Path) -> Iterator[Opinion]:
    """The packs that judge aspects: a text is good or bad where all of its aspects are."""
    chinese, english = data / "zh_absa", data / "en_absa_semeval14"
    files: list[tuple[Path, str, Language]] = [
        *((chinese / f"{name}_{split}.jsonl.gz", name, "zh") for name in _DOMAINS for split in _SPLITS),
        *((chinese / f"restaurant_triplets_{split}.jsonl.gz", "triplets", "zh") for split in _SPLITS),
        *((english / f"{name}_{split}.jsonl.gz", name, "en") for name in _SEMEVAL for split in _SPLITS),
        (english / "laptop_acos_quads.jsonl.gz", "laptop_acos", "en"),
    ]
    for path, pack, language in files:
        said: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for record in _objects(path):
            split = str(record.get("split") or path.name.removesuffix(".jsonl.gz").rpartition("_")[2])
            said[str(record["text"]), split] |= set(_polarities(record))
        for (text, split), polarities in said.items():
            yield Opinion(
                text=text,
                pack=pack,
                language=language,
                role=_role(split, text, pack),
                positive=_POLAR.get(frozenset(polarities)),
                mixed=polarities >= {"positive", "negative"},
            )


_SPLITS: Final = ("train", "dev", "test")
_SEMEVAL: Final = ("laptops", "restaurants")


def _polarities(record: Mapping[str, object]) -> Iterator[str]:
    """What a record of any of these packs says of its aspects."""
    if "polarity" in record:
        yield str(record["polarity"])
    for key in ("triplets", "aspects", "categories", "labels"):
        listed = record.get(key)
        for aspect in listed if isinstance(listed, list) else []:
            yield str(aspect["polarity"])


def _role(split: str, text: str, pack: str) -> Role:
    part = tenth(text)
    if split != "train" or (pack == AMAZON and part == _HELD):
        return "report"
    return "hold" if part == (_HELD_AMAZON if pack == AMAZON else _HELD) else "learn"


def _rows(path: Path) -> Iterable[dict[str, str]]:
    if not path.is_file():
        return
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _objects(path: Path) -> Iterable[dict[str, object]]:
    if not path.is_file():
        return
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)
