"""What hostile input costs: the most memory and time that one case of each kind takes, and how many hold.

    python benchmarks/hostile.py                    # all kinds; the slow cases write files of a gigabyte
    python benchmarks/hostile.py pictures xml

The cases are the tables of tests/hostile, each met in a process of its own kind: memory is what a case takes
beyond what the process held before it. The batch is as large as the goods around it: with the pack luma_shop,
the real photos of it are cut short, bent and mislabelled besides.
"""

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from duomo.errors import BadPicture
from duomo.guard.pictures import open_picture
from provenance import ROOT, pack_or_end, record

RUN = ROOT / "tests" / "hostile" / "run.py"
PHOTOS = 40  # real ones
HARMS = 25  # done to each


def met(kinds: list[str]) -> list[dict[str, Any]]:
    """The outcomes of all cases."""
    listed = subprocess.run([sys.executable, str(RUN), *kinds, "--list"], capture_output=True, check=True)
    found: list[dict[str, Any]] = []
    for kind in dict.fromkeys(json.loads(line)["kind"] for line in listed.stdout.splitlines()):
        run = subprocess.run([sys.executable, str(RUN), kind], stdout=subprocess.PIPE, check=True)
        found += [json.loads(line) for line in run.stdout.splitlines()]
    return found


def harmed(folder: Path) -> dict[str, int]:
    """Real photos, each harmed in ways left to chance: how many are refused, and how many still open."""
    chance = np.random.default_rng(5)
    photos = sorted(folder.rglob("*.jpg"))
    counts = {"photos": 0, "harmed": 0, "refused": 0, "opened": 0}
    for path in photos[:: max(1, len(photos) // PHOTOS)][:PHOTOS]:
        whole = path.read_bytes()
        counts["photos"] += 1
        for _ in range(HARMS):
            body = bytearray(whole)
            at = int(chance.integers(len(body)))
            size = int(chance.integers(1, 40))
            body[at : at + size] = chance.bytes(size if chance.random() < 0.7 else 0)
            counts["harmed"] += 1
            try:
                open_picture(bytes(body), side=320)
            except BadPicture:
                counts["refused"] += 1
            else:
                counts["opened"] += 1
    return counts


def main() -> None:
    """Measure, print a table, and record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kinds", nargs="*", help="default: all")
    given = parser.parse_args()
    photos = harmed(pack_or_end(None, "luma_shop"))
    by_kind: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for outcome in met(given.kinds):
        by_kind[outcome["kind"]].append(outcome)
    table = {}
    print(f"{'kind':<12}{'cases':>6}{'held':>6}{'most MB':>9}{'median s':>10}{'most s':>8}  what took most")
    for kind, outcomes in by_kind.items():
        largest = max(outcomes, key=lambda each: each["peak_mb"])
        table[kind] = {
            "cases": len(outcomes),
            "held": sum(each["held"] for each in outcomes),
            "most_mb": round(largest["peak_mb"], 1),
            "most_mb_name": largest["name"],
            "median_cpu_s": round(median(each["cpu_s"] for each in outcomes), 4),
            "most_cpu_s": round(max(each["cpu_s"] for each in outcomes), 2),
            "most_wall_s": round(max(each["wall_s"] for each in outcomes), 2),
        }
        line = table[kind]
        print(
            f"{kind:<12}{line['cases']:>6}{line['held']:>6}{line['most_mb']:>9}{line['median_cpu_s']:>10}"
            f"{line['most_cpu_s']:>8}  {largest['name']}"
        )
    record(
        "hostile",
        {
            "seed": 5,
            "cases": sum(len(outcomes) for outcomes in by_kind.values()),
            "held": sum(each["held"] for outcomes in by_kind.values() for each in outcomes),
            "real_photos": photos,
            "kinds": table,
            "failed": [
                each["name"] for outcomes in by_kind.values() for each in outcomes if not each["held"]
            ],
        },
    )


if __name__ == "__main__":
    main()
