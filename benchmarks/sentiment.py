"""What the reader of sentiment knows and costs, beside the majority and a bag of n-grams from scikit-learn.

    python benchmarks/sentiment.py                            # the shipped reader
    python benchmarks/sentiment.py --reader DIR --only waimai # another one: what packs teach each other
    python benchmarks/sentiment.py --no-baselines             # quicker
    python benchmarks/sentiment.py --speed                    # speed alone

Reviews are those of the reporting splits, which no part of the reader has seen: `dev` of the packs that have
one, a tenth of `train` by hash of amazon_polarity. Beside them stand sentences that were written for this,
without a look at the packs: `planted_sentiment.tsv`. Intervals are bootstraps of 95 %. A text that gets no
label counts as wrong. Speed of a pack is of one core: texts a second of processor time; `--speed` takes the
clock on the wall, with all cores there are, and says how busy they were with other work.
"""

import argparse
import csv
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter, process_time
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.measure.compare import difference, interval
from duomo.measure.labels import calibration_error
from duomo.train.opinion_texts import REVIEWS, Opinion, read_opinions
from duomo.understand.grams import word_spans
from duomo.understand.sentiment import NEGATIVE, POSITIVE, Sentiment, SentimentReader
from duomo.understand.sentiment_shipped import FOLDER, open_reader
from provenance import data_dir, packs_or_end, record

PACKS: Final = (*REVIEWS, "asap", "triplets")  # of the last two: stars in Chinese; praise and blame at once
WRITTEN: Final = ("written_zh", "written_en")
ENOUGH: Final = 1_000  # reviews for a baseline to learn from
AT_ONCE: Final = 512  # texts, as the command reads them
EXPLAINED: Final = 200  # texts of each pack whose evidence is tested
REMOVED: Final = 3  # pieces
TIMED: Final = 60  # texts of each pack of reviews whose reading is timed
RUNS: Final = 3


def main() -> None:
    """Measure and record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reader", type=Path, default=FOLDER, help="the folder of a reader")
    parser.add_argument("--only", default="", help="packs whose name holds this")
    parser.add_argument("--baselines", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--speed", action="store_true", help="measure speed alone")
    given = parser.parse_args()
    packs_or_end(*REVIEWS)
    opinions = [*read_opinions(data_dir()), *written()]
    name = "shipped" if given.reader == FOLDER else given.reader.name
    readers = {
        "full": open_reader(given.reader),
        "fast": open_reader(given.reader, fast=True),
    }
    if given.speed:
        record("sentiment", {"reader": name, "part": "speed", **speed(readers, opinions)})
        return
    for pack in (*PACKS, *WRITTEN):
        asked = [each for each in opinions if each.pack == pack and each.role == "report"]
        if given.only not in pack or not asked or asked[0].language not in readers["full"].words:
            continue
        line: dict[str, object] = {"reader": name, "pack": pack}
        known = [each for each in asked if each.positive is not None]
        right = np.array([bool(each.positive) for each in known])
        line |= {"n": len(known), "majority": round(float(max(right.mean(), 1 - right.mean())), 4)}
        hits: dict[str, NDArray[np.bool_]] = {}
        for mode, reader in readers.items():
            started = process_time()
            said = read(reader, [each.text for each in known])
            line[f"{mode}_texts_per_core_s"] = round(len(known) / (process_time() - started))
            positive = np.array([each.positive for each in said])
            hits[mode] = np.array([each.label for each in said]) == np.where(right, POSITIVE, NEGATIVE)
            line[mode] = told(hits[mode])
            shares = np.stack([1 - positive, positive], axis=1)
            line[f"{mode}_calibration_error"] = round(calibration_error(shares, right.astype(int)), 4)
            line[f"{mode}_without_label"] = sum(each.label is None for each in said)
            if mode == "full":
                line |= sureness(said, hits[mode])
        learned = [each for each in opinions if each.pack == pack and each.role != "report"]
        if given.baselines and len(learned) >= ENOUGH:
            hits["tfidf"] = tfidf(learned, known) == right
            line["tfidf"] = told(hits["tfidf"])
            gain = difference(hits["tfidf"].astype(float), hits["full"].astype(float))
            line["gain_on_tfidf"] = [round(each, 4) for each in gain]
        if asked[0].stars:
            line |= stars(readers["full"], asked) | contradictions(readers["full"], known)
        if any(each.mixed for each in asked):
            line |= mixed(readers["full"], asked)
        line |= deletion(readers["full"], [each.text for each in known[:EXPLAINED]])
        record("sentiment", line)


def written() -> list[Opinion]:
    """Sentences on phones, furniture and pet food: plain, denied, compared, ironic; half of them good."""
    with Path(__file__).with_name("planted_sentiment.tsv").open(encoding="utf-8", newline="") as file:
        return [
            Opinion(
                text=row["text"],
                pack=f"written_{row['language']}",
                language="zh" if row["language"] == "zh" else "en",
                role="report",
                positive=row["good"] == "1",
            )
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


def read(reader: SentimentReader, texts: Sequence[str]) -> list[Sentiment]:
    """What a reader says of texts, so many at once as the command reads."""
    parts = [texts[at : at + AT_ONCE] for at in range(0, len(texts), AT_ONCE)]
    return [said for part in parts for said in reader.read(part)]


def speed(readers: Mapping[str, SentimentReader], opinions: Sequence[Opinion]) -> dict[str, object]:
    """Texts a second by the clock, the median of runs, as many of each pack of reviews; and the load."""
    rng = np.random.default_rng(7)
    texts: list[str] = []
    for pack in REVIEWS:
        its = [each.text for each in opinions if each.pack == pack and each.role == "report"]
        texts += [its[n] for n in rng.permutation(len(its))[:TIMED]]
    line: dict[str, object] = {"n": len(texts), "characters": round(float(np.mean([*map(len, texts)])), 1)}
    for mode, reader in readers.items():
        reader.read(texts[:64])
        rates = []
        for _ in range(RUNS):
            start = perf_counter()
            read(reader, texts)
            rates.append(len(texts) / (perf_counter() - start))
        line[f"{mode}_texts_a_second"] = round(float(np.median(rates)))
        line[f"{mode}_spread"] = [round(min(rates)), round(max(rates))]
    return {**line, "load": [round(each, 1) for each in os.getloadavg()[:2]]}


def told(hits: NDArray[np.bool_]) -> list[float]:
    """Share of hits with its interval."""
    return [round(each, 4) for each in interval(hits)]


def sureness(said: Sequence[Sentiment], hits: NDArray[np.bool_]) -> dict[str, object]:
    """How many labels are not flagged as unsure, and how many of those are right."""
    sure = np.array(["unsure" not in each.flags for each in said])
    return {"sure": round(float(sure.mean()), 4), "right_if_sure": round(float(hits[sure].mean()), 4)}


def tfidf(learned: Sequence[Opinion], asked: Sequence[Opinion]) -> NDArray[np.bool_]:
    """What TF-IDF and logistic regression say: characters in Chinese, words in English, in ones and twos."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    known = [each for each in learned if each.positive is not None]
    kind = "char" if known[0].language == "zh" else "word"
    bag = TfidfVectorizer(analyzer=kind, ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    model = make_pipeline(bag, LogisticRegression(C=10, max_iter=500))
    model.fit([each.text for each in known], [bool(each.positive) for each in known])
    return np.asarray(model.predict([each.text for each in asked]), bool)


def stars(reader: SentimentReader, asked: Sequence[Opinion]) -> dict[str, object]:
    """How often the likeliest number of stars is right, and how far the expected one is off."""
    said = read(reader, [each.text for each in asked])
    right = np.array([each.stars or 0 for each in asked])
    shares = np.array([each.star_shares for each in said if each.star_shares])
    if len(shares) != len(asked):
        return {}
    middle = (shares.cumsum(axis=1) < 0.5).sum(axis=1) + 1  # the median is what the mean error asks for
    return {
        "stars_n": len(asked),
        "stars_majority": round(float(np.bincount(right).max() / len(right)), 4),
        "stars_accuracy": told(shares.argmax(axis=1) + 1 == right),
        "stars_off_by": [round(each, 4) for each in interval(np.abs(middle - right).astype(float))],
        "stars_calibration_error": round(calibration_error(shares, right - 1), 4),
    }


def contradictions(reader: SentimentReader, known: Sequence[Opinion]) -> dict[str, object]:
    """How many ratings are flagged as contradicted: of those that were turned round, and of the others."""
    said = read(reader, [each.text for each in known])
    ratings = [each.stars or 3 for each in known]
    turned = [one.beside(6 - stars).flags for one, stars in zip(said, ratings, strict=True)]
    given = [one.beside(stars).flags for one, stars in zip(said, ratings, strict=True)]
    return {
        "flagged_if_turned": round(float(np.mean(["rating" in flags for flags in turned])), 4),
        "flagged_as_given": round(float(np.mean(["rating" in flags for flags in given])), 4),
    }


def mixed(reader: SentimentReader, asked: Sequence[Opinion]) -> dict[str, object]:
    """How well texts that praise one thing and blame another are flagged."""
    flagged = np.array(["mixed" in each.flags for each in read(reader, [each.text for each in asked])])
    right = np.array([each.mixed for each in asked])
    return {
        "mixed": round(float(right.mean()), 4),
        "mixed_precision": round(float(right[flagged].mean()), 4),
        "mixed_recall": round(float(flagged[right].mean()), 4),
    }


def deletion(reader: SentimentReader, texts: Sequence[str]) -> dict[str, object]:
    """Mean log odds that a label loses without the named words, and without as many random ones."""
    chance = np.random.default_rng(7)
    before, named, random = [], [], []
    for said, text in zip(reader.read(texts, evidence=True), texts, strict=True):
        pieces = [each for each in said.reading.evidence if each.weight > 0][:REMOVED]
        if pieces:
            before.append(said)
            named.append(without(text, [(each.start, each.end) for each in pieces]))
            size = sum(each.end - each.start for each in pieces)
            random.append(without(text, some_words(text, size, chance)))
    start = odds(before)
    sign = np.where(start >= 0, 1, -1)
    lost = [sign * (start - odds(read(reader, kind))) for kind in (named, random)]
    gain = difference(lost[1], lost[0])
    return {
        "explained": len(before),
        "lost_without_named": round(float(lost[0].mean()), 3),
        "lost_without_random": round(float(lost[1].mean()), 3),
        "named_less_random": [round(each, 3) for each in gain],
    }


def without(text: str, places: Sequence[tuple[int, int]]) -> str:
    """The text with blanks in these places."""
    letters = list(text)
    for start, end in places:
        letters[start:end] = " " * (end - start)
    return "".join(letters)


def some_words(text: str, size: int, chance: np.random.Generator) -> list[tuple[int, int]]:
    """Words chosen by chance that have together about so many characters."""
    words = word_spans(text)
    chosen: list[tuple[int, int]] = []
    for number in chance.permutation(len(words)).tolist():
        if sum(end - start for start, end in chosen) >= size:
            break
        chosen.append(words[number])
    return chosen


def odds(said: Sequence[Sentiment]) -> NDArray[np.float64]:
    """Log odds of good."""
    positive = np.clip([each.positive for each in said], 1e-6, 1 - 1e-6)
    return np.asarray(np.log(positive / (1 - positive)), np.float64)


if __name__ == "__main__":
    main()
