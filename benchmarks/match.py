"""How well contradictions of words and picture are found, planted into real goods not learned from.

    python benchmarks/match.py                           # planted on fashion_products, test; recorded
    python benchmarks/match.py --split val --print       # what everything was chosen on
    python benchmarks/match.py --seeds 0 1 2 --keep DIR  # keep what was seen of the pictures

A matcher is learned from some goods of the training split (no contradiction of it is marked by anybody). Into
the split a contradiction of each kind is planted at every product whose title names the label: another color,
type or gender in the title, and another product's picture. AUC: how often a planted one has the higher score
than the same goods as they are, with the interval of a bootstrap over titles. Named: of the contradictions
that are flagged, those whose part is named rightly. Baselines: the cosine of `pocket`, how odd the words are
by themselves, how unsure the picture, and the odds of agreement before the regression.
"""

import argparse
import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from duomo.arrays import Pixels
from duomo.encode.colors import COLORS
from duomo.encode.models import load_encoder
from duomo.encode.onnx_towers import OnnxPicture
from duomo.encode.regions import Box
from duomo.guard.pictures import open_picture
from duomo.measure.labels import area_under_curve, calibration_error
from duomo.understand.category import covered, log_odds
from duomo.understand.gate import Floats
from duomo.understand.grams import word_spans
from duomo.understand.match import Matcher, signs
from duomo.understand.match_fitting import fit_matcher
from duomo.understand.match_goods import TOLD
from duomo.understand.match_reading import MatchReader
from duomo.understand.planted import Swaps
from duomo.understand.sight import Sight
from provenance import data_dir, packs_or_end, record

PACK: Final = "fashion_products"
LABELS: Final = ("color", "article_type", "gender")
LEARNED: Final = 5000  # goods of the training split
DRAWS: Final = 200  # of the bootstrap
EXPLAINED: Final = 40  # contradictions whose evidence is tested
TIMED: Final = 256
SIDE: Final = 256

Rows = list[dict[str, str]]


def rows_of(split: str, most: int = 0) -> Rows:
    """Goods of a split, with their attributes beside their columns; of more than `most` the first by hash."""
    with (data_dir() / PACK / "products.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == split]
    for row in rows:
        row.update({name: str(value) for name, value in json.loads(row["attributes_json"] or "{}").items()})
    if most and len(rows) > most:
        order = np.random.default_rng(0).permutation(len(rows))[:most]
        rows = [rows[place] for place in np.sort(order)]
    return rows


def picture(row: Mapping[str, str]) -> Pixels:
    """Its photo."""
    return open_picture((data_dir() / PACK / row["image"]).read_bytes(), side=SIDE).pixels


def seen_of(rows: Rows, keep: Path | None, name: str) -> Floats:
    """(n, dim) what `Sight` sees, kept in a file where there is a folder for it."""
    sight = Sight.shipped()
    file = keep / f"{PACK}-{name}-{len(rows)}-{sight.version[-12:]}.npy" if keep else None
    if file and file.is_file():
        return np.asarray(np.load(file), np.float32)
    parts = [sight.see([picture(row) for row in rows[at : at + 64]]) for at in range(0, len(rows), 64)]
    seen = np.concatenate(parts)
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.save(file, seen)
    return seen


class Planted:
    """Contradictions of each kind: which words stand beside which picture."""

    def __init__(self, matcher: Matcher, learned: Rows, rows: Rows, seed: int) -> None:
        rng = np.random.default_rng([seed, 99])
        every = np.arange(len(rows))
        self.kinds: dict[str, tuple[list[str], NDArray[np.int64], NDArray[np.int64]]] = {}
        for side in matcher.sides:
            place_of = {node: place for place, node in enumerate(side.names.classes)}
            known = [row for row in learned if (row[side.label],) in place_of]
            right = [place_of[(row[side.label],)] for row in known]
            swaps = Swaps.of(side.names, [row["title"] for row in known], right)
            texts, places = [], []
            for place, row in enumerate(rows):
                own = place_of.get((row.get(side.label, ""),))
                made = swaps.swap(row["title"], own, rng) if own is not None else None
                if made:
                    texts.append(made[0])
                    places.append(place)
            at = np.array(places, np.int64)
            self.kinds[side.label] = (texts, at, at)
        other = rng.permutation(len(rows))
        titles = [row["title"].lower() for row in rows]
        apart = np.array([titles[one] != titles[two] for one, two in zip(every, other, strict=True)])
        self.kinds["picture"] = ([rows[n]["title"] for n in every[apart]], every[apart], other[apart])


def scores_of(matcher: Matcher, texts: Sequence[str], seen: Floats, cosine: Floats) -> dict[str, Floats]:
    """(n,) how much each way of scoring takes words and pictures for a contradiction."""
    heard = matcher.heard(texts, seen)
    by_side = [
        signs(each.words, each.picture, side.prior, each.outright)
        for side, each in zip(matcher.sides, heard, strict=True)
    ]
    return {
        "duomo": 1 - matcher.shares_of(heard)[:, 0],
        "odds alone": np.sum([-each[:, 0] for each in by_side], axis=0),
        "words alone": np.max([-each[:, 13] for each in by_side], axis=0),
        "picture alone": np.max([-each[:, 9] for each in by_side], axis=0),
        "pocket cosine": -cosine,
    }


def auc_between(whole: Floats, wrong: Floats, titles: Sequence[str]) -> dict[str, float]:
    """The area, and its interval by a bootstrap that draws titles; whole and wrong are paired."""

    def area(rows: NDArray[np.int64]) -> float:
        joined = np.concatenate([whole[rows], wrong[rows]])
        return area_under_curve(joined, np.repeat([False, True], len(rows)))

    _, place = np.unique(np.asarray(titles), return_inverse=True)
    order = np.argsort(place, kind="stable")
    groups = np.split(order, np.cumsum(np.bincount(place))[:-1])
    rng = np.random.default_rng(7)
    drawn = [
        area(np.concatenate([groups[n] for n in rng.integers(0, len(groups), len(groups))]))
        for _ in range(DRAWS)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return {"auc": area(np.arange(len(whole))), "low": float(low), "high": float(high)}


def measure(seed: int, args: argparse.Namespace) -> tuple[dict[str, Any], MatchReader, Planted, Rows]:
    """All figures of one seed."""
    learned, rows = rows_of("train", args.learned), rows_of(args.split)
    seen_learned, seen = seen_of(learned, args.keep, "train"), seen_of(rows, args.keep, args.split)
    labels = {n: [(row[n],) if row.get(n) else None for row in learned] for n in LABELS}
    titles = [row["title"] for row in rows]
    started = perf_counter()
    fitted = fit_matcher(
        [row["title"] for row in learned],
        seen_learned,
        np.ones(len(learned), bool),
        labels,
        tower=Sight.shipped().version,
        groups=[row["title"].lower() for row in learned],
        seed=seed,
    )
    took_s = perf_counter() - started
    matcher = fitted.matcher
    planted = Planted(matcher, learned, rows, seed)
    tower = load_encoder("pocket")
    if not isinstance(tower.picture, OnnxPicture) or not tower.picture.heads or not tower.text:
        raise TypeError("the shipped tower has heads, which make its vectors of what is seen")
    pictures = tower.picture.heads.pictures(seen[:, :-COLORS], seen[:, -COLORS:])
    encode = tower.text.encode
    whole = scores_of(matcher, titles, seen, (encode(titles) * pictures).sum(axis=1))
    shares = matcher.shares(titles, seen)
    kinds: dict[str, Any] = {}
    mixed, right = [shares], [np.zeros(len(rows), np.int64)]
    rng = np.random.default_rng([seed, 5])
    for number, (kind, (texts, at, shown)) in enumerate(planted.kinds.items(), start=1):
        wrong = scores_of(matcher, texts, seen[shown], (encode(texts) * pictures[shown]).sum(axis=1))
        of = [titles[place].lower() for place in at]
        said = matcher.shares(texts, seen[shown])
        doubt = 1 - said[:, 0]
        column = matcher.card.parts.index(kind)
        hits = doubt >= 0.5
        kinds[kind] = {
            "planted": len(texts),
            **{name: auc_between(whole[name][at], wrong[name], of) for name in wrong},
            "flagged": float(hits.mean()),
            "flagged_sure": float((doubt >= TOLD).mean()),
            "named": float((said[hits, 1:].argmax(axis=1) + 1 == column).mean()),
            "named_n": int(hits.sum()),
        }
        some = rng.permutation(len(texts))[: round(len(rows) * 0.05 / 0.95 / len(planted.kinds))]
        mixed.append(said[some])
        right.append(np.full(len(some), number))
    doubt = 1 - np.concatenate(mixed)[:, 0]
    binary = np.stack([1 - doubt, doubt], axis=1)
    flagged = sum(kind["named_n"] for kind in kinds.values())
    line = {
        "pack": PACK,
        "split": args.split,
        "seed": seed,
        "learned_from": len(learned),
        "goods": len(rows),
        "mean_auc": {name: float(np.mean([kind[name]["auc"] for kind in kinds.values()])) for name in whole},
        "named": sum(kind["named"] * kind["named_n"] for kind in kinds.values()) / flagged,
        "named_by_kind": float(np.mean([kind["named"] for kind in kinds.values()])),
        "false_alarms_per_thousand": 1000 * float((whole["duomo"] >= 0.5).mean()),
        "false_alarms_sure_per_thousand": 1000 * float((whole["duomo"] >= TOLD).mean()),
        "calibration_error": calibration_error(binary, (np.concatenate(right) > 0).astype(np.int64)),
        "calibration_n": len(binary),
        "kinds": kinds,
        "learning_s": took_s,
    }
    return line, MatchReader(matcher, Sight.shipped()), planted, rows


def explained(reader: MatchReader, planted: Planted, rows: Rows) -> dict[str, Any]:
    """What the named words and region are worth, against others of the same size: log odds that are lost."""
    rng = np.random.default_rng(3)
    lost: dict[str, list[float]] = {"words": [], "other words": [], "region": [], "other region": []}
    for kind, (texts, _, shown) in planted.kinds.items():
        column = reader.matcher.card.parts.index(kind)
        tried = 0
        for place in rng.permutation(len(texts)):
            text, pixels = texts[place], picture(rows[shown[place]])
            before = _shares(reader, text, pixels)
            if 1 - before[0] < 0.5 or before[1:].argmax() + 1 != column:
                continue
            why = reader.why(text, pixels)
            words = [piece for piece in why if piece.part == "words"][:1]
            boxes = [piece.box for piece in why if piece.box]
            others = (
                [span for span in word_spans(text) if span != (words[0].start, words[0].end)] if words else []
            )
            if others:
                start, end = others[int(rng.integers(len(others)))]
                lost["words"].append(_lost(reader, before, _cut(text, words[0].start, words[0].end), pixels))
                lost["other words"].append(_lost(reader, before, _cut(text, start, end), pixels))
            if boxes and boxes[0].w * boxes[0].h < 0.8:
                box = boxes[0]
                moved = Box(
                    x=float(rng.uniform(0, 1 - box.w)), y=float(rng.uniform(0, 1 - box.h)), w=box.w, h=box.h
                )
                lost["region"].append(_lost(reader, before, text, covered(pixels, box)))
                lost["other region"].append(_lost(reader, before, text, covered(pixels, moved)))
            tried += 1
            if tried >= EXPLAINED // len(planted.kinds):
                break
    return {
        name: {"n": len(each), "mean": float(np.mean(each)) if each else None} for name, each in lost.items()
    }


def _lost(reader: MatchReader, before: Floats, text: str, pixels: Pixels) -> float:
    return log_odds(1 - float(before[0])) - log_odds(1 - float(_shares(reader, text, pixels)[0]))


def _shares(reader: MatchReader, text: str, pixels: Pixels) -> Floats:
    return np.asarray(reader.matcher.shares([text], reader.sight.see([pixels]))[0])


def _cut(text: str, start: int, end: int) -> str:
    return text[:start] + text[end:]


def speed(reader: MatchReader, rows: Rows) -> dict[str, float]:
    """Goods a second, pictures opened already: seeing and comparing, and comparing alone."""
    some = rows[:TIMED]
    texts, pictures = [row["title"] for row in some], [picture(row) for row in some]
    started = perf_counter()
    seen = reader.sight.see(pictures)
    saw = perf_counter()
    reader.judge(texts, seen, np.ones(len(some), bool))
    done = perf_counter()
    return {"goods_per_s": len(some) / (done - started), "compared_per_s": len(some) / (done - saw)}


def main() -> None:
    """Print and record the figures of each seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=("val", "test"), default="test")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--learned", type=int, default=LEARNED)
    parser.add_argument("--keep", type=Path, help="folder for what was seen of the pictures")
    parser.add_argument("--print", action="store_true", help="record nothing")
    args = parser.parse_args()
    packs_or_end(PACK)
    for seed in args.seeds:
        line, reader, planted, rows = measure(seed, args)
        if seed == args.seeds[0]:
            line["evidence"] = explained(reader, planted, rows)
            line["speed"] = speed(reader, rows)
        if args.print:
            print(json.dumps(line, indent=1))
        else:
            record("match", line)


if __name__ == "__main__":
    main()
