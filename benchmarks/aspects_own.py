r"""What a shop's own labelled opinions are worth, on goods that the reader beneath has never seen.

    python -m duomo.train.aspects --data ../shared/data --work build/aspects-without --out build/without \
        --without camera --without car --without notebook --without phone --without shampoo
    python benchmarks/aspects_own.py --reader build/without

The reader is made without all Chinese goods (its table of words has seen their reviews). What is learned from
some sentences of a train split is judged on its test split; three draws of the sentences.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Final

import numpy as np

from aspects_scores import f1
from duomo.errors import DuomoError
from duomo.train.aspects_corpora import MarkedText, corpora
from duomo.train.aspects_own import Labelled, learn_own
from duomo.understand.aspects import AspectReader, asked_of
from duomo.understand.aspects_polarity import POLARITIES
from duomo.understand.aspects_shipped import open_aspects
from provenance import data_dir, packs_or_end, record

GOODS: Final = ("camera", "car", "notebook")
SIZES: Final = (100, 300, 1_000)  # sentences
SEEDS: Final = (0, 1, 2)


def main() -> None:
    """Print figures and append them to results/aspects.jsonl."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reader", type=Path, help="the folder of a reader without these goods; needed")
    given = parser.parse_args()
    packs_or_end("zh_absa")
    if given.reader is None:
        parser.error("--reader is needed: see above how one is made")
    shipped = open_aspects(given.reader)
    train, test = corpora(data_dir(), "train"), corpora(data_dir(), "test")
    for corpus in GOODS:
        known, asked = ([each for each in some if each.corpus == corpus] for some in (train, test))
        majority = max(
            np.bincount([POLARITIES.index(one.polarity) for each in asked for one in each.marked])
        ) / sum(len(each.marked) for each in asked)
        line = {"part": "own", "corpus": corpus, "n": len(asked), "majority": round(float(majority), 4)}
        record("aspects", {**line, "learned": 0, **judged(shipped, asked)})
        for size in SIZES:
            if size > len(known):
                continue
            told = [learned(shipped, known, asked, size, seed) for seed in SEEDS]
            mean = {name: round(float(np.mean([each[name] for each in told])), 4) for name in told[0]}
            record("aspects", {**line, "learned": size, "seeds": len(SEEDS), **mean})


def learned(
    shipped: AspectReader, known: Sequence[MarkedText], asked: Sequence[MarkedText], size: int, seed: int
) -> dict[str, float]:
    """Figures of the reader that has learned from so many sentences; of the shipped one where it refuses."""
    chosen = np.random.default_rng(seed).permutation(len(known))[:size]
    rows = [
        Labelled(known[n].text, known[n].text[slice(*one.aspect)] if one.aspect else "", "", one.polarity)
        for n in chosen
        for one in known[n].marked
    ]
    start = perf_counter()
    try:
        taught = learn_own(rows, shipped).own.taught(shipped)
    except DuomoError as error:
        print(error)
        taught = shipped
    return {"seconds": round(perf_counter() - start, 1), **judged(taught, asked)}


def judged(reader: AspectReader, asked: Sequence[MarkedText]) -> dict[str, float]:
    """Accuracy of polarities of given aspects, of the two that these corpora have, and F1 of names."""
    style = reader.styles["zh"]
    hits = []
    for each in asked:
        spans = [one.aspect for one in each.marked if one.aspect]
        focuses = [replace(one, style="") for one in asked_of(reader, each.text, spans, style)]
        guessed = reader.shares(focuses)[:, :2].argmax(axis=1)
        hits += [POLARITIES[guess] == one.polarity for guess, one in zip(guessed, each.marked, strict=True)]
    _, marks = reader.marks([each.text for each in asked], style)
    wanted = [{one.aspect for one in each.marked if one.aspect} for each in asked]
    return {
        "accuracy": round(float(np.mean(hits)), 4),
        "names_f1": f1(wanted, [set(each.aspects) for each in marks])["f1"],
    }


if __name__ == "__main__":
    main()
