"""Where a figure comes from: commit, data, machine; every result line carries it."""

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"


def data_dir() -> Path:
    """The folder of real data packs: TEST_DATA_DIR, by default ../shared/data beside the repository."""
    return Path(os.environ.get("TEST_DATA_DIR") or ROOT.parent / "shared" / "data").resolve()


def pack_or_end(folder: Path | None, pack: str) -> Path:
    """The folder given, or that of a real data pack; where it is not there, say so and end in peace."""
    place = folder or data_dir() / pack
    if not (place / "products.csv").is_file():
        sentence = f"There is no {place / 'products.csv'}: set TEST_DATA_DIR to the folder of data packs."
        print(sentence, file=sys.stderr)
        raise SystemExit(0)
    return place


def packs_or_end(*packs: str) -> None:
    """Where none of the real data packs is there, say so and end in peace."""
    if not any((data_dir() / pack).is_dir() for pack in packs):
        sentence = f"There is no {data_dir() / packs[0]}: set TEST_DATA_DIR to the folder of data packs."
        print(sentence, file=sys.stderr)
        raise SystemExit(0)


def provenance() -> dict[str, object]:
    """Commit, date and machine, for a result line."""
    git = ["git", "-C", str(ROOT)]
    commit = subprocess.run(
        [*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True
    ).stdout.strip()
    changed = subprocess.run(
        [*git, "status", "--porcelain", "src"], capture_output=True, text=True
    ).stdout.strip()
    return {
        "commit": commit + ("+" if changed else ""),
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


def record(name: str, line: dict[str, object]) -> None:
    """Print a result and append it to results/<name>.jsonl."""
    whole = {**line, **provenance()}
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / f"{name}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(whole, ensure_ascii=False) + "\n")
    print(json.dumps(whole, ensure_ascii=False, indent=1))
