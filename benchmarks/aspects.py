"""How well aspects are read: polarity, names, phrases, triplets, groups, evidence, speed; and baselines.

    python benchmarks/aspects.py                      # all of it, the shipped reader
    python benchmarks/aspects.py --held               # on the tenth of train that choices are made on
    python benchmarks/aspects.py --part polarity --part speed
    python benchmarks/aspects.py --data FOLDER        # packs that lie elsewhere

Polarity: the aspect is given, `conflict` is dropped, three classes. Baselines learn from the whole train
split of each corpus: the commonest class; TF-IDF and logistic regression of the sentence, and of the words
around the aspect; a dictionary of the names or phrases that train has. Spans and triplets count where they
are exact.
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time
from typing import Final

import numpy as np
from numpy.typing import NDArray

from aspects_baselines import (
    by_dictionary,
    dictionary_triplets,
    piece,
    sentence,
    tfidf,
    wanted_spans,
    window,
)
from aspects_scores import f1, f1_interval, interval
from duomo.measure.labels import accuracy, calibration_error, macro_f1
from duomo.train.aspects_corpora import QUADS, TRIPLETS, Marked, MarkedText, corpora, held_out, lines_of
from duomo.train.opinion_texts import read_opinions
from duomo.understand.aspects import AspectReader, asked_of
from duomo.understand.aspects_polarity import POLARITIES, Focus
from duomo.understand.aspects_shipped import FOLDER, open_aspects
from duomo.understand.aspects_tokens import words_of
from provenance import data_dir, packs_or_end, record

ENOUGH: Final = 2_000  # rows from which a calibration error is told
SPEED_TEXTS: Final = 1_000
RUNS: Final = 3
CUT: Final = 1_000  # characters of a text that is timed
# What ACOS calls entities and attributes, and which of the shipped groups that is.
ENTITIES: Final = {
    "BATTERY": "battery",
    "POWER_SUPPLY": "battery",
    "DISPLAY": "screen",
    "KEYBOARD": "keyboard",
    "MOUSE": "keyboard",
    "SUPPORT": "service",
    "SHIPPING": "delivery",
    "OS": "software",
    "SOFTWARE": "software",
    "CPU": "speed",
    "MEMORY": "speed",
    "HARD_DISC": "speed",
    "PORTS": "connection",
    "FANS&COOLING": "heat",
}


def main() -> None:
    """Print figures and append them to results/aspects.jsonl."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=data_dir())
    parser.add_argument("--reader", type=Path, default=FOLDER, help="the folder of another reader")
    parser.add_argument("--held", action="store_true", help="ask the tenth of train, for choosing")
    parser.add_argument("--part", action="append", choices=list(PARTS), help="only this; several: repeat it")
    given = parser.parse_args()
    if given.data == data_dir():
        packs_or_end("en_absa_semeval14", "zh_absa")
    reader = open_aspects(given.reader)
    train = corpora(given.data, "train")
    if given.held:
        asked = [each for each in train if held_out(each.text)]
        train = [each for each in train if not held_out(each.text)]
    else:
        asked = [*corpora(given.data, "test"), *corpora(given.data, "dev")]
    split = "held" if given.held else "reported"
    for part in given.part or PARTS:
        for line in PARTS[part](reader, train, asked, given.data):
            record("aspects", {"part": part, "split": split, **line})


def polarity(
    reader: AspectReader, train: Sequence[MarkedText], asked: Sequence[MarkedText], data: Path
) -> Iterable[dict[str, object]]:
    """Accuracy and macro F1 for aspects that are given; in triplets and quads the phrase is given, too."""
    for corpus, texts in by_corpus(asked).items():
        known, wanted = _rows(by_corpus(train).get(corpus, [])), _rows(texts)
        if not known or not wanted:
            continue
        right = np.array([POLARITIES.index(one.polarity) for _, one in wanted])
        shares = np.concatenate([shares_of(reader, each) for each in texts if _kept(each)])
        taught = np.array([POLARITIES.index(one.polarity) for _, one in known])
        shares[:, [n for n in range(len(POLARITIES)) if n not in taught]] = 0  # some corpora have two
        shares /= shares.sum(axis=1, keepdims=True)
        guessed = shares.argmax(axis=1)
        line: dict[str, object] = {
            "corpus": corpus,
            "n": len(right),
            "accuracy": round(accuracy(shares, right), 4),
            "interval": interval((guessed == right).astype(float)),
            "macro_f1": round(macro_f1(guessed, right), 4),
        }
        if len(right) >= ENOUGH:
            line["calibration_error"] = round(calibration_error(shares, right), 4)
        common = np.full(len(right), np.bincount(taught).argmax())
        line["majority"] = _both(common, right)
        for name, view in (("tfidf_sentence", sentence), ("tfidf_window", window)):
            model = tfidf().fit([view(*row) for row in known], taught)
            line[name] = _both(model.predict([view(*row) for row in wanted]), right)
        yield line


def names(
    reader: AspectReader, train: Sequence[MarkedText], asked: Sequence[MarkedText], data: Path
) -> Iterable[dict[str, object]]:
    """F1 of the names of aspects."""
    return _spans(reader, train, asked, "aspect")


def phrases(
    reader: AspectReader, train: Sequence[MarkedText], asked: Sequence[MarkedText], data: Path
) -> Iterable[dict[str, object]]:
    """F1 of the phrases of opinion."""
    return _spans(reader, train, asked, "opinion")


def triplets(
    reader: AspectReader, train: Sequence[MarkedText], asked: Sequence[MarkedText], data: Path
) -> Iterable[dict[str, object]]:
    """F1 of aspect, phrase and polarity together, where a phrase is marked; an aspect may be implied."""
    for corpus, texts in by_corpus(asked).items():
        if corpus not in (QUADS, TRIPLETS):
            continue
        as_marked = replace(reader, styles={"en": QUADS, "zh": TRIPLETS})
        said = as_marked.read([each.text for each in texts])
        found = [
            {(one.aspect, one.opinion, one.polarity or "") for one in each.opinions if one.opinion}
            for each in said
        ]
        wanted = [
            {
                (piece(each, one.aspect), piece(each, one.opinion), one.polarity)
                for one in each.marked
                if one.opinion
            }
            for each in texts
        ]
        plain = dictionary_triplets(by_corpus(train)[corpus])
        yield {
            "corpus": corpus,
            "n": sum(map(len, wanted)),
            **f1(wanted, found),
            "without_polarity": f1(
                *([{each[:2] for each in some} for some in several] for several in (wanted, found))
            )["f1"],
            "dictionary": f1(wanted, [plain(each) for each in texts])["f1"],
        }


def groups(
    reader: AspectReader, train: Sequence[MarkedText], asked: Sequence[MarkedText], data: Path
) -> Iterable[dict[str, object]]:
    """How often a name of the quads comes to the group of its category; of those that map to one."""
    path = data / "en_absa_semeval14" / "laptop_acos_quads.jsonl.gz"
    chosen = {each.text for each in asked if each.corpus == QUADS}
    rows = [*lines_of(path)]
    pairs = {
        (label["aspect"], ENTITIES[label["category"].partition("#")[0]])
        for row in rows
        if row["text"] in chosen
        for label in row["labels"]
        if label["aspect"] != "NULL" and label["category"].partition("#")[0] in ENTITIES
    }
    listed = sorted(pairs)
    found = reader.groups.of([term for term, _ in listed], [""] * len(listed))
    hits = [each.group == group for each, (_, group) in zip(found, listed, strict=True)]
    by: defaultdict[str, list[bool]] = defaultdict(list)
    for each, hit in zip(found, hits, strict=True):
        by[each.by].append(hit)
    yield {
        "corpus": QUADS,
        "n": len(listed),
        "accuracy": round(float(np.mean(hits)), 4),
        "interval": interval(np.array(hits, float)),
        "by": {how: {"n": len(each), "right": round(float(np.mean(each)), 4)} for how, each in by.items()},
    }


def evidence(
    reader: AspectReader, train: Sequence[MarkedText], asked: Sequence[MarkedText], data: Path
) -> Iterable[dict[str, object]]:
    """What polarity loses without the phrase that is named, and without as many characters elsewhere."""
    rng = np.random.default_rng(0)
    for corpus, texts in by_corpus(asked).items():
        if corpus not in (QUADS, TRIPLETS):
            continue
        lost: list[tuple[float, float]] = []
        as_marked = replace(reader, styles={"en": QUADS, "zh": TRIPLETS})
        for text, said in zip(texts, as_marked.read([each.text for each in texts]), strict=True):
            for one in said.opinions:
                if not one.aspect_span or not one.opinion_span or one.polarity is None:
                    continue
                start, end = one.opinion_span
                away = _elsewhere(rng, len(text.text), end - start, one.aspect_span)
                if away is None or (one.aspect_span[0] < end and start < one.aspect_span[1]):
                    continue
                column = POLARITIES.index(one.polarity)
                whole, named, drawn = (
                    float(reader.judge(each, [one.aspect_span])[0, column])
                    for each in (text.text, _blank(text.text, (start, end)), _blank(text.text, away))
                )
                lost.append((whole - named, whole - drawn))
            if len(lost) >= 500:
                break
        array = np.array(lost)
        yield {
            "corpus": corpus,
            "n": len(lost),
            "lost_without_phrase": round(float(array[:, 0].mean()), 4),
            "lost_without_random": round(float(array[:, 1].mean()), 4),
            "difference_interval": interval(array[:, 0] - array[:, 1]),
        }


def speed(
    reader: AspectReader, train: Sequence[MarkedText], asked: Sequence[MarkedText], data: Path
) -> Iterable[dict[str, object]]:
    """Texts a second, reviews of both languages, one process."""
    reviews = [
        each for each in read_opinions(data) if each.role == "hold" and each.pack.startswith(("zh_r", "en_r"))
    ]
    texts = [each.text[:CUT] for each in reviews[:: max(1, len(reviews) // SPEED_TEXTS)]][:SPEED_TEXTS]
    reader.read(texts[:50])
    rates, busy = [], process_time()
    for _ in range(RUNS):
        start = perf_counter()
        found = reader.read(texts)
        rates.append(len(texts) / (perf_counter() - start))
    busy = process_time() - busy
    yield {
        "n": len(texts),
        "characters": round(float(np.mean([len(text) for text in texts])), 1),
        "texts_a_second": round(float(np.median(rates)), 1),
        "texts_a_second_of_cpu": round(RUNS * len(texts) / busy, 1),  # where others share the machine
        "spread": [round(min(rates), 1), round(max(rates), 1)],
        "opinions_a_text": round(float(np.mean([len(each.opinions) for each in found])), 2),
    }


PARTS: Final[dict[str, Callable[..., Iterable[dict[str, object]]]]] = {
    "polarity": polarity,
    "names": names,
    "phrases": phrases,
    "triplets": triplets,
    "groups": groups,
    "evidence": evidence,
    "speed": speed,
}


def by_corpus(texts: Iterable[MarkedText]) -> dict[str, list[MarkedText]]:
    """The texts of each corpus."""
    found: defaultdict[str, list[MarkedText]] = defaultdict(list)
    for each in texts:
        found[each.corpus].append(each)
    return dict(found)


def shares_of(reader: AspectReader, each: MarkedText) -> NDArray[np.float32]:
    """(n, POLARITIES) of the aspects of a text that count."""
    kept = _kept(each)
    if each.has_opinions:
        words = words_of(each.text)
        phrased = [((one.opinion,) if one.opinion else ()) for one in kept]
        return reader.shares(
            [Focus(words, one.aspect, own, (), each.corpus) for one, own in zip(kept, phrased, strict=True)]
        )
    return reader.shares(asked_of(reader, each.text, [one.aspect for one in kept if one.aspect], each.corpus))


def _kept(each: MarkedText) -> list[Marked]:
    return [one for one in each.marked if one.polarity in POLARITIES and (one.aspect or one.opinion)]


def _rows(texts: Sequence[MarkedText]) -> list[tuple[MarkedText, Marked]]:
    return [(each, one) for each in texts for one in _kept(each)]


def _both(guessed: NDArray[np.integer], right: NDArray[np.integer]) -> dict[str, float]:
    return {
        "accuracy": round(float((guessed == right).mean()), 4),
        "macro_f1": round(macro_f1(guessed, right), 4),
    }


def _spans(
    reader: AspectReader, train: Sequence[MarkedText], asked: Sequence[MarkedText], layer: str
) -> Iterable[dict[str, object]]:
    for corpus, texts in by_corpus(asked).items():
        if not (texts[0].has_aspects if layer == "aspect" else texts[0].has_opinions):
            continue
        _, marks = reader.marks([each.text for each in texts], texts[0].style)
        found = [set(each.aspects if layer == "aspect" else each.opinions) for each in marks]
        wanted = [wanted_spans(each, layer) for each in texts]
        listed = Counter(
            each.text[slice(*span)].lower()
            for each in by_corpus(train).get(corpus, [])
            for span in wanted_spans(each, layer)
        )
        plain = [by_dictionary(each.text, listed) for each in texts]
        yield {
            "corpus": corpus,
            "sentences": len(texts),
            "n": sum(map(len, wanted)),
            **f1(wanted, found),
            "interval": f1_interval(wanted, found),
            "dictionary": f1(wanted, plain)["f1"],
        }


def _elsewhere(
    rng: np.random.Generator, length: int, size: int, spared: tuple[int, int]
) -> tuple[int, int] | None:
    """A span of a size that leaves another alone; None: there is no room."""
    starts = [start for start in range(length - size + 1) if start + size <= spared[0] or start >= spared[1]]
    if not starts:
        return None
    start = int(rng.choice(starts))
    return start, start + size


def _blank(text: str, span: tuple[int, int]) -> str:
    return text[: span[0]] + " " * (span[1] - span[0]) + text[span[1] :]


if __name__ == "__main__":
    main()
