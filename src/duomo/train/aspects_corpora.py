"""Sentences whose aspects and opinions people marked: SemEval-2014, ACOS, Chinese goods and restaurants."""

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from duomo.files import hash_bytes
from duomo.understand.aspects_polarity import POLARITIES

_SHORTEST: Final = 2  # characters of an opinion that is guessed
_LONGEST: Final = 10
Span = tuple[int, int]
Split = Literal["train", "dev", "test"]
# How a corpus marks one: SemEval parts of the thing, ACOS the thing, too; Chinese clauses have one each.
TERMS: Final = "terms"
QUADS: Final = "quads"
TRIPLETS: Final = "triplets"
CLAUSES: Final = "clauses"
GOODS: Final = ("camera", "car", "notebook", "phone", "shampoo")


@dataclass(frozen=True, slots=True)
class Marked:
    """One aspect that a person marked: where it is named, where the opinion stands, and what it is."""

    aspect: Span | None  # None: it is implied
    opinion: Span | None  # None: it is not marked
    polarity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedText:
    """A sentence with all that was marked in it."""

    text: str
    corpus: str  # "restaurants", "laptops", "quads", "triplets", "camera", ...
    style: str  # how aspects are marked
    marked: tuple[Marked, ...]
    has_aspects: bool = True  # False: what is marked are no names of aspects
    has_opinions: bool = False


def lines_of(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a packed file of JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def corpora(data: Path, split: Split) -> list[MarkedText]:
    """All corpora of a split that are there, in `data/en_absa_semeval14` and `data/zh_absa`."""
    english, chinese = data / "en_absa_semeval14", data / "zh_absa"
    found: list[MarkedText] = []
    for domain in ("restaurants", "laptops"):
        if (path := english / f"{domain}_{split}.jsonl.gz").is_file():
            found += semeval(lines_of(path), domain)
    if (path := english / "laptop_acos_quads.jsonl.gz").is_file():
        found += quads(row for row in lines_of(path) if row["split"] == split)
    if (path := chinese / f"restaurant_triplets_{split}.jsonl.gz").is_file():
        found += triplets(lines_of(path))
    for domain in GOODS:
        if (path := chinese / f"{domain}_{split}.jsonl.gz").is_file():
            found += clauses(lines_of(path), domain)
    return found


def held_out(text: str) -> bool:
    """Whether a sentence of train is one of the tenth that choices are made on."""
    return int(hash_bytes(text.encode())[:8], 16) % 10 == 0


def semeval(rows: Iterable[Mapping[str, Any]], domain: str) -> list[MarkedText]:
    """Sentences of SemEval-2014 task 4; terms in conflict stay, as they are named all the same."""
    return [
        MarkedText(
            text=row["text"],
            corpus=domain,
            style=TERMS,
            marked=tuple(
                Marked((term["start"], term["end"]), None, term["polarity"]) for term in row["aspects"]
            ),
        )
        for row in rows
    ]


def quads(rows: Iterable[Mapping[str, Any]]) -> list[MarkedText]:
    """Sentences of laptop ACOS (Cai et al., ACL 2021); NULL is what is implied."""
    found = []
    for row in rows:
        marked = tuple(
            _marked(row["text"], _named(label["aspect"]), _named(label["opinion"]), label["polarity"])
            for label in row["labels"]
        )
        found.append(
            MarkedText(text=row["text"], corpus=QUADS, style=QUADS, marked=marked, has_opinions=True)
        )
    return found


def triplets(rows: Iterable[Mapping[str, Any]]) -> list[MarkedText]:
    """Sentences on Chinese restaurants with aspect, opinion and polarity."""
    found = []
    for row in rows:
        marked = tuple(
            _marked(row["text"], each["aspect"], each["opinion"], each["polarity"])
            for each in row["triplets"]
        )
        found.append(
            MarkedText(text=row["text"], corpus=TRIPLETS, style=TRIPLETS, marked=marked, has_opinions=True)
        )
    return found


def clauses(rows: Iterable[Mapping[str, Any]], domain: str) -> list[MarkedText]:
    """Texts on Chinese goods; those on shampoo have opinions marked instead of aspects."""
    by_text: dict[str, list[Marked]] = {}
    for row in rows:
        span = (row["start"], row["start"] + len(row["aspect"]))
        by_text.setdefault(row["text"], []).append(Marked(span, None, row["polarity"]))
    return [
        MarkedText(
            text=text, corpus=domain, style=CLAUSES, marked=tuple(marked), has_aspects=domain != "shampoo"
        )
        for text, marked in by_text.items()
    ]


def silver_opinions(marked: MarkedText) -> list[Span]:
    """What is likely the opinion in a short Chinese clause on one aspect: the rest of it, behind or ahead.

    Of texts on shampoo it is what was marked. None: there is no telling.
    """
    if marked.style != CLAUSES:
        return []
    if not marked.has_aspects:
        return [each.aspect for each in marked.marked if each.aspect]
    text, aspects = marked.text, {each.aspect for each in marked.marked if each.aspect}
    if len(aspects) != 1 or any(mark in text for mark in "，。,;；"):
        return []
    ((start, end),) = aspects
    rest = len(text) - len(text[end:].lstrip("的是"))
    if _SHORTEST <= len(text) - rest <= _LONGEST:
        return [(rest, len(text))]
    ahead = text[:start].removesuffix("的")
    return [(0, len(ahead))] if end == len(text) and _SHORTEST <= len(ahead) <= _LONGEST else []


def _named(piece: str) -> str:
    return "" if piece == "NULL" else piece


def _marked(text: str, aspect: str, opinion: str, polarity: str) -> Marked:
    """With the places that lie nearest to one another, as the corpus tells none."""
    if polarity not in (*POLARITIES, "conflict"):
        raise ValueError(f"no polarity is called {polarity!r}")
    aspects, opinions = _places(text, aspect), _places(text, opinion)
    pairs = [
        (abs(first[0] + first[1] - second[0] - second[1]), first, second)
        for first in aspects
        for second in opinions
    ]
    if pairs:
        _, near, beside = min(pairs)
        return Marked(near, beside, polarity)
    return Marked(aspects[0] if aspects else None, opinions[0] if opinions else None, polarity)


def _places(text: str, piece: str) -> list[Span]:
    if not piece:
        return []
    found = []
    at = text.find(piece)
    while at >= 0:
        end = at + len(piece)
        whole = not piece.isascii() or not (
            (at and text[at - 1].isalnum()) or (end < len(text) and text[end].isalnum())
        )
        if whole:
            found.append((at, end))
        at = text.find(piece, at + 1)
    return found or ([(text.find(piece), text.find(piece) + len(piece))] if piece in text else [])
