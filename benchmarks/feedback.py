"""Whether feedback finds what was planted into tables of reviews, claims nothing by chance, and holds.

    python benchmarks/feedback.py                    # planted tables, then real reviews
    python benchmarks/feedback.py --part planted     # or: chance, real

Planted: two years of reviews of forty products in two countries, eight themes of known shares. One theme
rises, one begins on a day, one is of three products, one of one country; the others are everywhere alike.
Themes are found in the mentions themselves, so this is about the statistics, not about how texts are read.
Chance: the same tables with their dates, products and countries shuffled: what is still claimed is false.
Real: reviews as shops have them, read from end to end: speed, memory, and how far the themes of two random
halves are the same.
"""

import argparse
import csv
import gzip
import resource
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Final

import numpy as np
from scipy.stats import spearmanr

from duomo.understand.aspects_shipped import shipped_aspects
from duomo.understand.feedback import Feedback, Theme, feedback_of
from duomo.understand.feedback_file import Remark, Remarks
from duomo.understand.feedback_mentions import hear
from duomo.understand.feedback_quotes import Mention
from duomo.understand.sentiment_shipped import shipped_reader
from provenance import data_dir, packs_or_end, record

SEEDS: Final = range(10)
BY_CHANCE: Final = range(100, 140)  # seeds of the shuffled tables
REMARKS: Final = 2_000
DAYS: Final = 730
START: Final = datetime(2024, 1, 1, tzinfo=UTC)
PRODUCTS: Final = 40
# Theme -> its share where nothing is planted, and stars that it takes.
SHARES: Final = {
    "size": 0.06,
    "fabric": 0.05,
    "delivery": 0.04,
    "color": 0.06,
    "zipper": 0.03,
    "price": 0.05,
    "smell": 0.02,
    "service": 0.04,
}
COSTS: Final = {"size": 0.8, "fabric": 1.0, "delivery": 0.6, "zipper": 2.0, "smell": 1.5}
RISING: Final = "delivery"  # odds x 1.08 a month
BEGINS: Final = "smell"  # from 0.02 to 0.10 on day 400
BEGINS_ON: Final = 400
DRIVEN: Final = "zipper"  # 0.20 of three products
ABROAD: Final = "size"  # 0.14 in one country
REAL: Final = 2_000  # reviews of each pack


def main() -> None:
    """Print figures and append them to results/feedback.jsonl."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", choices=["planted", "chance", "real"], default="")
    given = parser.parse_args()
    if given.part in ("", "real"):
        packs_or_end("zh_reviews_waimai", "en_reviews_clothing")
    if given.part in ("", "planted"):
        record("feedback", {"part": "planted", "seeds": len(SEEDS), "remarks": REMARKS, **planted()})
    if given.part in ("", "chance"):
        record("feedback", {"part": "chance", "seeds": len(BY_CHANCE), "remarks": REMARKS, **chance()})
    if given.part in ("", "real"):
        for pack in ("zh_reviews_waimai", "en_reviews_clothing"):
            record("feedback", {"part": "real", "pack": pack, **real(pack)})


def table(rng: np.random.Generator) -> tuple[Remarks, list[Mention], list[float]]:
    """Remarks, what they blame, and how well each is meant."""
    days = np.sort(rng.integers(0, DAYS, REMARKS))
    remarks, mentions, good = [], [], []
    for place, day in enumerate(days.tolist()):
        product, country = f"P{rng.integers(PRODUCTS):02}", ("CN", "DE")[int(rng.random() < 0.4)]
        stars = 4.6
        for theme, share in SHARES.items():
            odds = share / (1 - share)
            if theme == RISING:
                odds *= 1.08 ** (day / 30 - 12)
            if theme == BEGINS and day >= BEGINS_ON:
                odds = 0.1 / 0.9
            if theme == DRIVEN and product in ("P03", "P11", "P27"):
                odds = 0.25
            if theme == ABROAD and country == "DE":
                odds = 0.14 / 0.86
            if rng.random() < odds / (1 + odds):
                mentions.append(Mention(place, theme, "negative", theme, 0, len(theme)))
                stars -= COSTS.get(theme, 0.0)
        rating = float(np.clip(round(stars + rng.normal(0, 0.6)), 1, 5))
        time = START + timedelta(days=day, seconds=int(rng.integers(86_400)))
        remarks.append(
            Remark(text=str(place), rating=rating, time=time, product=product, segments={"country": country})
        )
        good.append(rating / 5)
    return _remarks(remarks), mentions, good


def _remarks(remarks: Sequence[Remark]) -> Remarks:
    return Remarks(remarks=tuple(remarks), columns={}, segments=("country",), outcome={}, problems=())


def planted() -> dict[str, object]:
    """What was found of what was planted, and what was claimed of themes in which nothing was."""
    told: dict[str, list[float]] = {}

    def add(name: str, value: float | np.floating) -> None:
        told.setdefault(name, []).append(float(value))

    for seed in SEEDS:
        read, mentions, good = table(np.random.default_rng(seed))
        themes = {
            theme.topic: theme for theme in feedback_of(read, mentions, np.array(good), seed=seed).themes
        }
        counted = {name: len({m.remark for m in mentions if m.topic == name}) for name in SHARES}
        add("themes_found", np.mean([themes[name].remarks == counted[name] for name in SHARES]))
        add("trend_found", themes[RISING].rising)
        factor = themes[RISING].trend
        add("trend_covered", bool(factor and factor.low <= 1.08 <= factor.high))
        moments = [(change.at - START).days - BEGINS_ON for change in themes[BEGINS].changes]
        add("change_found", any(abs(days) <= 60 for days in moments))
        if moments:
            add("change_days_off", min(map(abs, moments)))
        still = [name for name in SHARES if name not in (RISING, BEGINS)]
        add("trend_false", np.mean([themes[name].rising or themes[name].falling for name in still]))
        add("change_false", np.mean([bool(themes[name].changes) for name in still]))
        named = {driver.name for driver in themes[DRIVEN].drivers}
        add("drivers_recall", len(named & {"P03", "P11", "P27"}) / 3)
        add("drivers_precision", len(named & {"P03", "P11", "P27"}) / max(len(named), 1))
        undriven = [name for name in SHARES if name != DRIVEN]
        add("drivers_false_a_theme", np.mean([len(themes[name].drivers) for name in undriven]))
        add("segments_found", any(each.value == "DE" for each in themes[ABROAD].segments))
        add("segments_false", np.mean([bool(themes[name].segments) for name in SHARES if name != ABROAD]))
        cost = themes["zipper"].cost
        right = counted["zipper"] / REMARKS * COSTS["zipper"]
        add("cost_covered", cost.low <= right <= cost.high)
        first = max(SHARES, key=lambda name: counted[name] * COSTS.get(name, 0))
        blamed = max(themes.values(), key=lambda theme: theme.cost.value)
        add("first_is_right", blamed.topic == first)
    return {name: round(float(np.mean(values)), 4) for name, values in told.items()}


def chance() -> dict[str, object]:
    """How often something is claimed of a theme where dates, products and countries mean nothing."""
    themes: list[Theme] = []
    for seed in BY_CHANCE:
        rng = np.random.default_rng(seed)
        read, mentions, good = table(rng)
        order = rng.permutation(REMARKS)
        labels = [read.remarks[n] for n in order]
        mixed = [
            replace(own, time=other.time, product=other.product, segments=other.segments)
            for own, other in zip(read.remarks, labels, strict=True)
        ]
        themes += feedback_of(_remarks(mixed), mentions, np.array(good), seed=seed).themes
    return {
        "themes": len(themes),
        "trend_false": _share(theme.rising or theme.falling for theme in themes),  # nominal: 0.05
        "change_false": _share(bool(theme.changes) for theme in themes),  # nominal: 0.01
        "segments_false": _share(bool(theme.segments) for theme in themes),  # nominal: 0.05
        "drivers_false": _share(bool(theme.drivers) for theme in themes),
        "drivers_false_a_product": round(
            float(np.mean([len(theme.drivers) for theme in themes])) / PRODUCTS, 4
        ),  # nominal: 0.025
    }


def _share(claims: Iterator[bool]) -> float:
    return round(float(np.mean([*claims])), 4)


def real(pack: str) -> dict[str, object]:
    """Speed and memory, and the themes of two random halves: how many are in both, and their order."""
    rng = np.random.default_rng(7)
    texts = [*_texts(pack)]
    texts = [texts[n] for n in sorted(rng.permutation(len(texts))[:REAL].tolist())]
    remarks = [Remark(text=text) for text in texts]
    aspects, sentiment = shipped_aspects(), shipped_reader(fast=True)
    hear(remarks[:50], aspects=aspects, sentiment=sentiment)  # so that opening is not counted
    start = perf_counter()
    heard = hear(remarks, aspects=aspects, sentiment=sentiment)
    reading = perf_counter() - start
    whole = feedback_of(_remarks(remarks), heard.mentions, heard.positive)
    seconds = perf_counter() - start
    half = rng.random(len(remarks)) < 0.5
    parts = [_some(remarks, heard.mentions, heard.positive, chosen) for chosen in (half, ~half)]
    shares = [{(t.topic, t.polarity): t.share.value for t in part.themes} for part in parts]
    largest = [(theme.topic, theme.polarity) for theme in sorted(whole.themes, key=lambda t: -t.remarks)[:20]]
    order = spearmanr(*([some.get(key, 0.0) for key in largest] for some in shares)).statistic
    return {
        "reviews": len(remarks),
        "characters": round(float(np.mean([*map(len, texts)])), 1),
        "reviews_a_second": round(len(remarks) / seconds, 1),
        "of_which_reading": round(reading / seconds, 3),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "themes": len(whole.themes),
        "in_both_halves_of_the_20_largest": sum(all(key in some for some in shares) for key in largest),
        "rank_correlation": round(float(order), 3),
        "largest": [f"{topic} {polarity}" for topic, polarity in largest[:5]],
    }


def _some(
    remarks: Sequence[Remark],
    mentions: Sequence[Mention],
    positive: np.ndarray[tuple[int], np.dtype[np.float32]],
    chosen: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> Feedback:
    places = {int(place): number for number, place in enumerate(np.flatnonzero(chosen))}
    kept = [each._replace(remark=places[each.remark]) for each in mentions if each.remark in places]
    return feedback_of(_remarks([remarks[n] for n in places]), kept, positive[chosen])


def _texts(pack: str) -> Iterator[str]:
    with gzip.open(data_dir() / pack / "reviews.csv.gz", "rt", encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            if row["text"].strip():
                yield row["text"]


if __name__ == "__main__":
    main()
