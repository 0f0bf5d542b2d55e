"""How well pictures find their like without weights: HashedPicture against a thumbnail and chance.

    python benchmarks/hashed_picture.py ../shared/data/fashion_products

Takes training rows only. For every queried picture: the share of its 10 nearest that have the same article
type, the same color, and both. Prints one JSON line.
"""

import argparse
import csv
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from duomo.arrays import Pixels, Vectors, unit
from duomo.encode.hashed_picture import HashedPicture
from duomo.files import hash_file, json_line

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


def shares(same: Mapping[str, NDArray[np.bool_]], nearest: NDArray[np.int64]) -> dict[str, float]:
    """Of each kind of likeness the mean share among the nearest of every query."""
    return {name: round(float(np.take_along_axis(like, nearest, 1).mean()), 4) for name, like in same.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="the fashion_products pack")
    parser.add_argument("--products", type=int, default=4000)
    parser.add_argument("--queries", type=int, default=1500)
    given = parser.parse_args()

    rows = read_rows(given.folder, given.products)
    pictures = [np.asarray(Image.open(given.folder / row["image"]).convert("RGB")) for row in rows]
    types = np.array([json.loads(row["attributes_json"]).get("article_type", "") for row in rows])
    colors = np.array([row["color"] for row in rows])
    queries = slice(0, given.queries)
    same = {"type": types[queries, None] == types, "color": colors[queries, None] == colors}
    same["both"] = same["type"] & same["color"]

    found: dict[str, dict[str, float]] = {
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

    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)  # noqa: S607
    line = {
        "claim": "hashed_picture",
        "products": len(rows),
        "queries": min(given.queries, len(rows)),
        **found,
        "data_hash": hash_file(given.folder / "products.csv"),
        "seed": SEED,
        "commit": commit.stdout.strip(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    }
    sys.stdout.write(json_line(line))


if __name__ == "__main__":
    main()
