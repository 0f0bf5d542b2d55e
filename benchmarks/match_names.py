"""How well contradictions are told by names alone, where a shop has nothing that could be learned from.

    python benchmarks/match_names.py                      # planted on fashion_products, test; recorded
    python benchmarks/match_names.py --split val --print
    python benchmarks/match_names.py --learn --most 300   # the weights, from goods of val

The contradictions of `match.py`: another color, type or gender in the title, another product's picture.
Besides, what is flagged of `luma_shop` as it is, which nothing was learned from.
"""

import argparse
import csv
import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from duomo.guard.pictures import open_picture
from duomo.measure.labels import area_under_curve, calibration_error
from duomo.understand.match_goods import TOLD
from duomo.understand.match_names import PARTS, SHARE, NamesReader, Said, shares_of, signs
from duomo.understand.planted import planted_in
from match import picture, rows_of
from provenance import data_dir, packs_or_end, record

LABELS: Final = {"color": "color", "article_type": "type", "gender": "gender"}
SIDE: Final = 256


def picked(said: Said, rows: np.ndarray) -> Said:
    """Of some goods."""
    return Said(
        [said.types[row] for row in rows],
        [said.colors[row] for row in rows],
        said.near[rows],
        said.whole[rows],
        said.share[rows],
    )


def blocks_of(
    reader: NamesReader, split: str, most: int, seed: int = 0
) -> dict[str, tuple[Said, np.ndarray]]:
    """Goods as they are ("match"), and each kind of contradiction: what is said, and of which rows."""
    rows = rows_of(split, most)
    titles, pictures = [row["title"] for row in rows], [picture(row) for row in rows]
    rng = np.random.default_rng(seed)
    labels = {name: [(row[name],) if row.get(name) else None for row in rows] for name in LABELS}
    every = np.arange(len(rows))
    found = {"match": (reader.said(titles, pictures), every)}
    for name, plan in planted_in(titles, labels, rng).items():
        at = plan.planted.rows
        found[LABELS[name]] = (reader.said(plan.planted.texts, [pictures[row] for row in at]), at)
    other = rng.permutation(len(rows))
    apart = np.array([titles[a].lower() != titles[b].lower() for a, b in zip(every, other, strict=True)])
    exchanged = reader.said([titles[row] for row in every[apart]], [pictures[row] for row in other[apart]])
    found["picture"] = (exchanged, every[apart])
    return found


def learned(blocks: dict[str, tuple[Said, np.ndarray]]) -> np.ndarray:
    """(parts, 1 + signs): every kind of contradiction counts alike, and SHARE of the goods have one."""
    from sklearn.linear_model import LogisticRegression

    table = [signs(blocks[part][0]) for part in PARTS]
    right = np.repeat(np.arange(len(PARTS)), [len(each) for each in table])
    weight = np.concatenate(
        [
            np.full(len(each), (SHARE / (len(PARTS) - 1) if n else 1 - SHARE) / len(each))
            for n, each in enumerate(table)
        ]
    )
    model = LogisticRegression(C=10.0, max_iter=1000)
    model.fit(np.concatenate(table), right, sample_weight=weight * len(right))
    return np.concatenate([model.intercept_[:, None], model.coef_], axis=1)


def figures(blocks: dict[str, tuple[Said, np.ndarray]]) -> dict[str, Any]:
    """Of each kind: how well it is told, flagged and named; false alarms; calibration."""
    whole, _ = blocks["match"]
    known = np.array([bool(t or c) for t, c in zip(whole.types, whole.colors, strict=True)])
    shares = shares_of(whole)
    wrong = np.where(known, 1 - shares[:, 0], 0.05)
    kinds: dict[str, Any] = {}
    mixed, right = [wrong], [np.zeros(len(wrong))]
    rng = np.random.default_rng(1)
    for kind, (said, at) in blocks.items():
        if kind == "match":
            continue
        those = shares_of(said)
        doubt = np.where(
            [bool(t or c) for t, c in zip(said.types, said.colors, strict=True)], 1 - those[:, 0], 0.05
        )
        scores = np.concatenate([wrong[at], doubt])
        hits = doubt >= 0.5
        named = [PARTS[1 + int(row[1:].argmax())] == kind for row in those[hits]]
        kinds[kind] = {
            "planted": len(at),
            "auc": area_under_curve(scores, np.arange(len(scores)) >= len(at)),
            "pocket cosine": area_under_curve(
                -np.concatenate([whole.whole[at], said.whole]), np.arange(len(scores)) >= len(at)
            ),
            "flagged": float(hits.mean()),
            "flagged_sure": float((doubt >= TOLD).mean()),
            "named": float(np.mean(named)) if named else None,
        }
        some = rng.permutation(len(doubt))[: round(len(wrong) * 0.05 / 0.95 / 4)]
        mixed.append(doubt[some])
        right.append(np.ones(len(some)))
    every = np.concatenate(mixed)
    return {
        "goods": len(wrong),
        "known": float(known.mean()),
        "mean_auc": float(np.mean([kind["auc"] for kind in kinds.values()])),
        "mean_auc_cosine": float(np.mean([kind["pocket cosine"] for kind in kinds.values()])),
        "false_alarms_per_thousand": 1000 * float((wrong >= 0.5).mean()),
        "false_alarms_sure_per_thousand": 1000 * float((wrong >= TOLD).mean()),
        "calibration_error": calibration_error(
            np.stack([1 - every, every], axis=1), np.concatenate(right).astype(np.int64)
        ),
        "kinds": kinds,
    }


def elsewhere(reader: NamesReader) -> dict[str, float]:
    """What is flagged of a shop as it is."""
    folder = data_dir() / "luma_shop"
    with (folder / "products.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["image"]]
    pictures = [open_picture(Path(folder / row["image"]).read_bytes(), side=SIDE).pixels for row in rows]
    found = list(reader.read([row["title"] for row in rows], pictures))
    return {
        "goods": len(found),
        "known": sum(each.doubt != "unknown" for each in found),
        "flagged": sum(each.label == "contradiction" for each in found),
        "flagged_sure": sum(each.probability >= TOLD for each in found),
    }


def main() -> None:
    """Learn the weights, or print or record the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=("train", "val", "test"), default="test")
    parser.add_argument("--most", type=int, default=450, help="goods of the split")
    parser.add_argument("--learn", action="store_true")
    parser.add_argument("--print", action="store_true", help="record nothing")
    args = parser.parse_args()
    packs_or_end("fashion_products", "luma_shop")
    reader = NamesReader()
    if args.learn:
        print(np.round(learned(blocks_of(reader, "val", args.most)), 2).tolist())
        return
    line = {"pack": "fashion_products", "split": args.split, "way": "names alone"}
    line |= {**figures(blocks_of(reader, args.split, args.most)), "luma_shop": elsewhere(reader)}
    if args.print:
        print(json.dumps(line, indent=1))
    else:
        record("match", line)


if __name__ == "__main__":
    main()
