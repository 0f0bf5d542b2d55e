"""How well pictures find their like without weights: HashedPicture against a thumbnail and chance.

    python benchmarks/hashed_picture.py         # fashion_products: 4,000 training rows, 1,500 queries

Takes training rows only. For every queried picture: the share of its 10 nearest that have the same article
type, the same color, and both; the mean over all queries, and with it the middle half of them.
"""

import argparse
import csv
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from duomo.arrays import Pixels, Vectors, unit
from duomo.encode.hashed_picture import HashedPicture
from duomo.files import hash_file
from provenance import pack_or_end, record

NEAREST = 10
SEED = 1


def read_rows(folder: Path, count: int) -> list[dict[str, str]]:
    """So many training rows of the pack, drawn at random without repetition."""
    with (folder / "products.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == "train"]
    chosen = np.random.default_rng(SEED).permutation(len(rows))[:count]
    return [rows[number] for number in chosen]


def thumbnails(pictures: Sequence[Pixels]) -> Vectors:
    """The obvious thing to do: darkness of 8 by 8 pixels in three channels."""
    small = [np.asarray(Image.fromarray(one).resize((8, 8), Image.Resampling.BOX)) for one in pictures]
    return unit(255.0 - np.stack(small).reshape(len(small), -1))


def shares(same: Mapping[str, NDArray[np.bool_]], nearest: NDArray[np.int64]) -> dict[str, object]:
    """Of each kind of likeness the share among the nearest of every query: the mean, and the quartiles."""
    found: dict[str, object] = {}
    for name, like in same.items():
        each = np.take_along_axis(like, nearest, 1).mean(axis=1)
        found[name] = round(float(each.mean()), 4)
        found[f"{name}_p25_p75"] = [round(float(cut), 4) for cut in np.percentile(each, (25, 75))]
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, help="the fashion_products pack; default: in TEST_DATA_DIR")
    parser.add_argument("--products", type=int, default=4000)
    parser.add_argument("--queries", type=int, default=1500)
    given = parser.parse_args()

    folder = pack_or_end(given.folder, "fashion_products")
    rows = read_rows(folder, given.products)
    pictures = [np.asarray(Image.open(folder / row["image"]).convert("RGB")) for row in rows]
    types = np.array([json.loads(row["attributes_json"]).get("article_type", "") for row in rows])
    colors = np.array([row["color"] for row in rows])
    queries = slice(0, given.queries)
    same = {"type": types[queries, None] == types, "color": colors[queries, None] == colors}
    same["both"] = same["type"] & same["color"]

    found: dict[str, dict[str, object]] = {
        "chance": {name: round(float(like.mean()), 4) for name, like in same.items()}
    }
    for name, encode in {"thumbnail": thumbnails, "hashed": HashedPicture().encode}.items():
        started = time.process_time()
        vectors = encode(pictures)
        cpu_ms = 1000 * (time.process_time() - started) / len(pictures)
        scores = vectors[queries] @ vectors.T
        np.fill_diagonal(scores, -np.inf)  # a picture is not its own neighbour
        nearest = np.argsort(-scores, axis=1, kind="stable")[:, :NEAREST]
        found[name] = {**shares(same, nearest), "cpu_ms_per_picture": round(cpu_ms, 3)}

    record(
        "hashed_picture",
        {
            "catalog": folder.name,
            "data": hash_file(folder / "products.csv"),
            "seed": SEED,
            "products": len(rows),
            "n": min(given.queries, len(rows)),
            **found,
        },
    )


if __name__ == "__main__":
    main()
