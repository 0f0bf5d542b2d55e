"""What labels are worth that active learning asks for, against as many random ones: learning curves.

    python benchmarks/labelling.py                 # every task
    python benchmarks/labelling.py --tasks color   # one
    python benchmarks/labelling.py --split train   # as the method was chosen: printed, not recorded

A labeller who always gives the right label is asked by `labelling_choice.choose`, ten things at a time, out
of 5,000 that are drawn anew for each seed; or is asked ten at random. What the ridge classifier that chooses
has learned from them is asked of the rows of the reporting split. Tasks: subcategories, types and colors of
fashion_products, the shelf of zh_reviews_10cats, and whether its reviews are good.
"""

import argparse
import csv
import gzip
import json
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from duomo.arrays import Vectors
from duomo.catalog.read import read_catalog
from duomo.measure.compare import difference, interval
from duomo.settings import Settings
from duomo.understand.classify_goods import Opener
from duomo.understand.labelling_choice import Places, choose, guess_of
from duomo.understand.labelling_things import of_goods, of_texts
from provenance import data_dir, packs_or_end, record

TASKS: Final = ("subcategory", "article_type", "color", "shelf", "good")
STEPS: Final = (20, 50, 100, 200)
POOL: Final = 5000
ASKED: Final = 2000  # rows of the reporting split that are asked
TEXTS: Final = 12_000  # reviews that are drawn
AT_ONCE: Final = 10


class Pack(NamedTuple):
    """Things with vectors, splits and labels."""

    vectors: Vectors
    split: list[str]
    labels: dict[str, list[str]]


def goods(work: Path | None) -> Pack:
    """fashion_products; the vectors are kept in the folder `work`, if there is one."""
    folder = data_dir() / "fashion_products"
    with (folder / "products.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    kept = work / "labelling-fashion.npy" if work else None
    if kept and kept.is_file():
        vectors = np.load(kept)
    else:
        found = {product.id: product for product in read_catalog(folder).products}
        products = [found[row["sku"]] for row in rows]
        vectors = of_goods(products, "category", Opener(Settings()), most=len(rows), tick=_tick).vectors
        if kept:
            np.save(kept, vectors)
    told = [{**row, **json.loads(row["attributes_json"])} for row in rows]
    names = ("subcategory", "article_type", "color")
    return Pack(
        vectors,
        [row["split"] for row in rows],
        {name: [str(row.get(name) or "") for row in told] for name in names},
    )


def reviews(work: Path) -> Pack:
    """A draw of zh_reviews_10cats: the rows of dev that are asked, and some of train."""
    with gzip.open(data_dir() / "zh_reviews_10cats" / "reviews.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    rng = np.random.default_rng(0)
    train = [row for row in rows if row["split"] == "train"]
    dev = [row for row in rows if row["split"] == "dev"]
    some = [train[place] for place in rng.choice(len(train), TEXTS, replace=False)]
    some += [dev[place] for place in rng.choice(len(dev), min(ASKED, len(dev)), replace=False)]
    by_text = {row["text"].strip(): row for row in some}
    table = work / "drawn.jsonl"
    table.write_text("".join(json.dumps({"text": text}) + "\n" for text in by_text), encoding="utf-8")
    found = of_texts(table, "label", settings=Settings(), tick=_tick)
    every = [*by_text.values()]
    rows = [every[int(thing.id) - 1] for thing in found.things]  # their lines
    labels = {"shelf": [row["category"] for row in rows], "good": [row["label"] for row in rows]}
    return Pack(found.vectors, [row["split"] for row in rows], labels)


def curve(pack: Pack, name: str, asked: Places, pool: Places, way: str, seed: int) -> list[float]:
    """The share of `asked` that is right after each of STEPS labels."""
    labels = pack.labels[name]
    rng = np.random.default_rng(seed)
    vectors, known = pack.vectors, dict[int, str]()
    drawn = rng.choice(pool, min(POOL, len(pool)), replace=False)
    right: list[float] = []
    while len(known) < STEPS[-1]:
        free = np.sort(drawn[~np.isin(drawn, [*known])])
        new = (
            choose(vectors, known, free, AT_ONCE, seed=seed)
            if way == "chosen"
            else rng.choice(free, AT_ONCE, replace=False).tolist()
        )
        known |= {place: labels[place] for place in new}
        if len(known) in STEPS:
            guess = guess_of(vectors, known)
            best = guess.best(vectors[asked]) if guess else [next(iter(known.values()))] * len(asked)
            right.append(
                float(
                    np.mean([said == labels[place] for said, place in zip(best, asked.tolist(), strict=True)])
                )
            )
    return right


def measure(pack: Pack, name: str, seeds: int, split: str) -> None:
    """Both ways to ask, over draws of the pool, paired by seed."""
    there = np.array([bool(label) for label in pack.labels[name]])
    of = np.array(pack.split)
    reporting = "dev" if "dev" in of else "test"
    rng = np.random.default_rng(5)
    pool = rng.permutation(np.flatnonzero(there & (of == "train")))
    asked = np.flatnonzero(there & (of == reporting))
    if split == "train":
        asked, pool = pool[:ASKED], pool[ASKED:]
    asked = rng.permutation(asked)[:ASKED]
    curves = {
        way: np.array([curve(pack, name, asked, pool, way, seed) for seed in range(seeds)])
        for way in ("random", "chosen")
    }
    line: dict[str, object] = {"task": name, "labels": len({*pack.labels[name]} - {""}), "n": len(asked)}
    line |= {"split": reporting, "seeds": seeds}
    for place, step in enumerate(STEPS):
        for way, found in curves.items():
            line[f"{way}_{step}"] = round(float(found[:, place].mean()), 4)
        line[f"gain_{step}"] = str(difference(curves["random"][:, place], curves["chosen"][:, place]))
    line["random_100"] = str(interval(curves["random"][:, STEPS.index(100)]))
    line["chosen_100"] = str(interval(curves["chosen"][:, STEPS.index(100)]))
    if split == "train":
        print(json.dumps(line, ensure_ascii=False, indent=1), flush=True)
    else:
        record("labelling", line)


def _tick(stage: str, done: int, total: int | None = None) -> None:
    if done % 6400 == 0:
        print(stage, done, "of", total, flush=True)


def main() -> None:
    """Measure the tasks that are asked for."""
    import tempfile

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=TASKS)
    parser.add_argument("--seeds", type=int, default=20, help="draws of the pool")
    parser.add_argument("--split", choices=("report", "train"), default="report")
    parser.add_argument("--work", type=Path, help="keeps the vectors of goods; default: nowhere")
    given = parser.parse_args()
    packs_or_end("fashion_products", "zh_reviews_10cats")
    of_words = [name for name in given.tasks if name in ("shelf", "good")]
    of_goods_ = [name for name in given.tasks if name not in of_words]
    if of_goods_:
        pack = goods(given.work)
        for name in of_goods_:
            measure(pack, name, given.seeds, given.split)
    if of_words:
        with tempfile.TemporaryDirectory() as place:
            pack = reviews(Path(place))
        for name in of_words:
            measure(pack, name, given.seeds, given.split)


if __name__ == "__main__":
    main()
