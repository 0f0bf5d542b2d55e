"""How well ads are read: winners of real tests of headlines, and what was planted in drawn ones.

    python benchmarks/ads.py headlines                 # learned on train, dev asked once, recorded
    python benchmarks/ads.py headlines --split val     # nine tenths of train learned: not recorded
    python benchmarks/ads.py planted                   # intervals, false claims, peeking, fatigue
    python benchmarks/ads.py speed

`headlines` is `ad_headlines_ab`: news headlines in English, tests with random assignment. A pair counts where
the click rates of both differ with p < 0.05. Two creatives with the same words (they differ in their picture,
which the pack does not have) count a half for whoever guesses by words.
"""

import argparse
import csv
import gzip
import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from duomo.catalog.rows import Row
from duomo.catalog.sample.creatives import COLUMNS, EFFECTS, NOTHING, Effects, ad_rows
from duomo.catalog.sample.creatives import ads as drawn_ads
from duomo.catalog.sample.plan import plan_product
from duomo.files import hash_file
from duomo.measure.compare import interval
from duomo.measure.labels import calibration_error
from duomo.measure.ranking import ndcg
from duomo.understand.ads import Ads, Creative
from duomo.understand.ads_compare import compare
from duomo.understand.ads_drivers import drivers
from duomo.understand.ads_fatigue import FLOOR, fatigue
from duomo.understand.ads_features import COPY, features_of
from duomo.understand.ads_file import ads_of
from duomo.understand.ads_fitting import Told, fit_ads, sure_pairs, tell
from duomo.understand.ads_report import read_report
from provenance import data_dir, packs_or_end, record

PACK = "ad_headlines_ab"
Floats = NDArray[np.float64]
Table = Sequence[Mapping[str, str]]


def main() -> None:
    """Measure, print and record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", choices=("headlines", "planted", "speed"), nargs="?", default="headlines")
    parser.add_argument("--split", choices=("val", "dev"), default="dev")
    parser.add_argument("--seeds", type=int, default=60, help="drawn shops")
    given = parser.parse_args()
    if given.part == "headlines":
        packs_or_end(PACK)
        line = {"part": "headlines", "split": given.split, **headlines(given.split)}
        if given.split == "val":
            print(line)
            return
        record("ads", line)
    elif given.part == "planted":
        record("ads", {"part": "planted", "seeds": given.seeds, **planted(given.seeds)})
    else:
        record("ads", {"part": "speed", **speed()})


def headlines(split: str) -> dict[str, object]:
    """Learn on one part, answer pairs of the other; baselines the same way."""
    path = data_dir() / PACK / "packages.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(io.StringIO(file.read())))
    train = [row for row in rows if row["split"] == "train"]
    learned = train if split == "dev" else [row for row in train if not _tenth(row)]
    asked = [
        row
        for row in (rows if split == "dev" else train)
        if row["split"] == split or (split == "val" and _tenth(row))
    ]
    started = perf_counter()
    table = _table(learned)
    head = fit_ads(table)
    took_s = perf_counter() - started
    told, used = tell(_table(asked))
    creatives = [_table(asked).creatives[n] for n in used]
    pairs = sure_pairs(told)
    copies = [creative.copy for creative in creatives]
    tfidf = _tfidf(table)
    systems = {
        "learned": head.scores(creatives),
        "length": np.array([COPY["length"](copy) for copy in copies]),
        "characters": np.array([float(len(copy)) for copy in copies]),
        "tfidf": tfidf(copies),
    }
    differ = np.array([copies[a] != copies[b] for a, b in pairs])
    seen = {creative.copy for creative in table.creatives}
    fresh = np.array([copies[a] not in seen and copies[b] not in seen for a, b in pairs])
    figures: dict[str, object] = {
        "hash": hash_file(path),
        "learned_from": head.card.counts,
        "took_s": round(took_s, 1),
        "tests": len(np.unique(told.test)),
        "pairs": len(pairs),
        "pairs_words_differ": int(differ.sum()),
        "pairs_never_seen": int((differ & fresh).sum()),
    }
    groups = told.test[pairs[:, 0]]
    for name, scores in systems.items():
        won = _won(scores, pairs)
        figures[name] = {
            "won": _by_test(won, groups),
            "won_words_differ": _by_test(won[differ], groups[differ]),
            "won_never_seen": _by_test(won[differ & fresh], groups[differ & fresh]),
            "ndcg": _ndcg(scores, told),
        }
    better = np.array([head.better(systems["learned"][a], systems["learned"][b]) for a, b in pairs])
    # Every second pair is asked the other way round, so that a half said is right half of the time.
    turned = np.arange(len(pairs)) % 2
    first = np.where(turned == 1, 1 - better, better)
    sides = np.stack([first, 1 - first], axis=1)
    for name, part in (("", np.ones(len(pairs), bool)), ("_words_differ", differ)):
        figures[f"calibration_error{name}"] = round(calibration_error(sides[part], turned[part]), 4)
    guesses = head.predict(creatives)
    rates = told.events / told.exposure
    inside = np.array([g.low <= rate <= g.high for g, rate in zip(guesses, rates, strict=True)])
    figures["rate_in_interval"] = _by_test(inside.astype(np.float64), told.test)
    figures["rate_interval_factor"] = round(float(np.median([g.high / g.low for g in guesses])), 1)
    return figures


def _tenth(row: Mapping[str, str]) -> bool:
    return int(hashlib.md5(row["clickability_test_id"].encode()).hexdigest(), 16) % 10 == 0  # noqa: S324  # no secret


def _table(rows: Table) -> Ads:
    """Rows of the pack as a table of ads."""
    wanted = ("clickability_test_id", "headline", "impressions", "clicks")
    cells = ({name: row[name] for name in wanted} for row in rows)
    return ads_of((Row(line, dict(row)) for line, row in enumerate(cells, 2)), wanted, file=Path(PACK))


def _tfidf(table: Ads) -> Callable[[Sequence[str]], Floats]:
    """Logistic regression on differences of TF-IDF of the clear pairs, scikit-learn as it comes."""
    told, used = tell(table)
    copies = [table.creatives[n].copy for n in used]
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    rows = words.fit_transform(copies)
    pairs = sure_pairs(told)
    flips = np.where(np.arange(len(pairs)) % 2 == 0, 1.0, -1.0)
    steps = (rows[pairs[:, 0]] - rows[pairs[:, 1]]).multiply(flips[:, None]).tocsr()
    model = LogisticRegression(fit_intercept=False, max_iter=1000).fit(steps, flips > 0)
    return lambda asked: np.asarray(words.transform(asked) @ model.coef_[0])


def _won(scores: Floats, pairs: NDArray[np.int64]) -> Floats:
    ahead = scores[pairs[:, 0]] - scores[pairs[:, 1]]
    return np.where(np.abs(ahead) < 1e-9, 0.5, (ahead > 0).astype(np.float64))


def _by_test(values: Floats, tests: NDArray[np.int64]) -> str:
    """Mean over values with its interval, by drawing whole tests."""
    rng = np.random.default_rng(7)
    sums, sizes = np.bincount(tests, values), np.bincount(tests)
    sums, sizes = sums[sizes > 0], sizes[sizes > 0]
    drawn = rng.integers(0, len(sums), (2000, len(sums)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return f"{values.mean():.3f} [{low:.3f}, {high:.3f}]"


def _ndcg(scores: Floats, told: Told) -> str:
    """NDCG of each test; a grade is the click rate over the best of the test."""
    found = []
    for test in np.unique(told.test):
        members = np.flatnonzero(told.test == test)
        rates = told.events[members] / told.exposure[members]
        grades = (rates / rates.max()).tolist()
        order = np.argsort(-scores[members], kind="stable")
        found.append(ndcg([grades[n] for n in order], grades, len(members)))
    return str(interval(np.array(found)))


def _drawn(seed: int, effects: Effects) -> tuple[Ads, dict[str, bool]]:
    """The ads of a drawn shop without its pictures, and which creatives tire."""
    plans = [plan_product(index, 7) for index in range(240)]
    made = drawn_ads(plans, seed, effects)
    rows = ad_rows(made, seed, effects)
    cells = (Row(line, dict(zip(COLUMNS, map(str, row), strict=True))) for line, row in enumerate(rows, 2))
    return ads_of(cells, COLUMNS, file=Path("ads.csv")), {ad.id: ad.tires for ad in made}


def planted(seeds: int) -> dict[str, object]:
    """Effects in their intervals, and what is claimed where nothing is planted."""
    truth = {
        ("copy", "question"): EFFECTS.question,
        ("copy", "urgency"): EFFECTS.urgency,
        ("style", "close-up"): EFFECTS.close_up,
        **{("offer", name): factor for name, factor in EFFECTS.offers.items()},
    }
    held: dict[str, list[bool]] = {}
    found: dict[str, list[bool]] = {}
    claims, winners, tests, worn_wrong, fresh, worn_right, worn = [], 0, 0, 0, 0, 0, 0
    bends, floors = [], []
    for seed in range(seeds):
        ads, tires = _drawn(seed, EFFECTS)
        for one in drivers(ads, features_of(ads.creatives)):
            key = (one.feature.part, one.feature.name)
            if key in truth:
                held.setdefault(key[1], []).append(one.low <= truth[key] <= one.high)
                found.setdefault(key[1], []).append(one.sure)
        for curve in fatigue(ads):
            tired = tires[curve.creative.id]
            worn, fresh = worn + tired, fresh + (not tired)
            worn_right, worn_wrong = (
                worn_right + (curve.tired and tired),
                worn_wrong + (curve.tired and not tired),
            )
            if curve.tired and tired and curve.falls_from and curve.replace_at:
                floor = EFFECTS.falls_from - EFFECTS.half_life * np.log2(FLOOR)
                bends.append(curve.falls_from[1] <= EFFECTS.falls_from <= curve.falls_from[2])
                floors.append(curve.replace_at[1] <= floor <= curve.replace_at[2])
        ads, _ = _drawn(seed, NOTHING)
        claims.append(any(one.sure for one in drivers(ads, features_of(ads.creatives))))
        verdicts = [one.verdict for one in compare(ads)]
        tests, winners = tests + len(verdicts), winners + verdicts.count("sure")
    every = [held_one for some in held.values() for held_one in some]
    return {
        "in_interval": str(interval(np.array(every))),
        "in_interval_each": {name: round(float(np.mean(some)), 3) for name, some in held.items()},
        "called_sure": {name: round(float(np.mean(some)), 3) for name, some in found.items()},
        "nothing_planted_any_driver": round(float(np.mean(claims)), 3),
        "nothing_planted_sure_winners": f"{winners} of {tests} tests, looked at on 28 days",
        "tired_found": f"{worn_right} of {worn}",
        "fresh_called_tired": f"{worn_wrong} of {fresh}",
        "falls_from_in_interval": round(float(np.mean(bends)), 3),
        "replace_at_in_interval": round(float(np.mean(floors)), 3),
    }


def speed() -> dict[str, object]:
    """Seconds to read a table of 40 tests by day, and to learn from it; the middle of three."""
    ads, _ = _drawn(0, EFFECTS)
    reads, fits = [], []
    for _ in range(3):
        started = perf_counter()
        read_report(ads)
        reads.append(perf_counter() - started)
        started = perf_counter()
        head = fit_ads(ads)
        fits.append(perf_counter() - started)
    new = [
        Creative(id=str(n), test="", copy=creative.copy, offer="free shipping")
        for n, creative in enumerate(ads.creatives)
    ]
    started = perf_counter()
    head.predict(new)
    return {
        "rows": len(ads.creative),
        "creatives": len(ads.creatives),
        "read_s": round(sorted(reads)[1], 2),
        "learn_s": round(sorted(fits)[1], 2),
        "predictions_a_second": round(len(new) / (perf_counter() - started)),
    }


if __name__ == "__main__":
    main()
