"""Fuzzes what strangers' bytes reach first, guided by coverage; ends with 1 where something was found.

    python fuzz/fuzz.py                                  # all targets, 6 seconds each
    python fuzz/fuzz.py files --seconds 600 --record    # one of them; figures go into benchmarks/results
    python fuzz/fuzz.py files --again build/fuzz/files/crash-...

A finding is any exception but a refusal (DuomoError), more than 20 s for one input, or more than 2 GB of
memory. Seeds are the small ones among the tables of tests/hostile, and what earlier runs kept in build/fuzz.
"""

import argparse
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
KEPT: Final = ROOT / "build" / "fuzz"
NAMES: Final = ("files", "filters", "pictures", "archives", "sounds")
SEEDS: Final = {  # target -> the tables of tests/hostile that its seeds are from
    "files": ("tables", "json", "xml", "parquet", "values"),
    "filters": ("filters",),
    "pictures": ("pictures",),
    "archives": ("archives",),
    "sounds": (),
}
MOST_SEED: Final = 8_000  # bytes
sys.path[:0] = [str(ROOT / "tests" / "hostile"), str(ROOT / "benchmarks"), str(ROOT / "fuzz")]


def seeds(target: str, folder: Path) -> int:
    """Write the seeds of a target into a folder; return how many."""
    count = 0
    for table in SEEDS[target]:
        for case in importlib.import_module(f"of_{table}").CASES:
            if case.slow:
                continue
            with tempfile.TemporaryDirectory() as scratch:
                try:
                    made = case.make(Path(scratch))
                    path = made if isinstance(made, Path) else None
                    if path is not None and (not path.is_file() or path.stat().st_size > MOST_SEED):
                        continue
                    body = path.read_bytes() if path else made.encode() if isinstance(made, str) else made
                except (OSError, ValueError):  # a name that no file can have, half a surrogate pair
                    continue
            if isinstance(body, bytes) and len(body) <= MOST_SEED:
                (folder / f"seed-{table}-{count:04}").write_bytes(body)
                count += 1
    return count


def fuzz(target: str, arguments: list[str]) -> None:
    """Fuzz a target in this process, which this ends."""
    import atheris

    with atheris.instrument_imports(include=["duomo", "PIL", "zipfile", "csv"], enable_loader_override=False):
        import targets
    atheris.Setup([sys.argv[0], *arguments], targets.TARGETS[target])
    atheris.Fuzz()


def watch(target: str, seconds: int) -> dict[str, object]:
    """Fuzz a target in a process of its own; return its figures."""
    corpus, found = KEPT / target / "corpus", KEPT / target
    corpus.mkdir(parents=True, exist_ok=True)
    begun = seeds(target, corpus)
    flags = {
        "max_total_time": seconds,
        "timeout": 20,
        "rss_limit_mb": 2048,
        "max_len": 16_000,
        "print_final_stats": 1,
    }
    command = [sys.executable, __file__, target, "--here", str(corpus), f"-artifact_prefix={found}/"]
    command += [f"-{name}={value}" for name, value in flags.items()]
    started = perf_counter()
    run = subprocess.run(
        command, capture_output=True, text=True, errors="replace", check=False, preexec_fn=lambda: os.nice(10)
    )
    said = run.stderr + run.stdout
    (found / "log").write_text(said)
    covered = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)", said)
    executed = re.search(r"stat::number_of_executed_units:\s+(\d+)", said)
    peak = re.search(r"stat::peak_rss_mb:\s+(\d+)", said)
    return {
        "target": target,
        "seconds": round(perf_counter() - started, 1),
        "seeds": begun,
        "executions": int(executed[1]) if executed else None,
        "covered": int(covered[-1][0]) if covered else None,
        "corpus": int(covered[-1][2]) if covered else None,
        "peak_mb": int(peak[1]) if peak else None,
        "finding": "" if run.returncode == 0 else _finding(said),
    }


def _finding(said: str) -> str:
    """What a run has come upon, in a line or two."""
    what = re.search(r"Uncaught Python exception: ===\n(.*?)\n(?:==|MS:)", said, re.DOTALL)
    where = re.search(r"Test unit written to (\S+)", said)
    tail = what[1] if what else "\n".join(said.splitlines()[-5:])
    return f"{tail[-1500:]}\n{where[1] if where else ''}"


def main() -> None:
    """Fuzz what is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("targets", nargs="*", choices=[[], *NAMES], help="default: all")
    parser.add_argument("--seconds", type=int, default=6, help="for each")
    parser.add_argument(
        "--record", action="store_true", help="add the figures to benchmarks/results/fuzz.jsonl"
    )
    parser.add_argument("--again", type=Path, help="an input that was found; it is met once")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given, flags = parser.parse_known_args()
    names = given.targets or NAMES
    if given.here:
        fuzz(names[0], flags)
    if given.again:
        import targets

        targets.TARGETS[names[0]](given.again.read_bytes())
        return
    if importlib.util.find_spec("atheris") is None:
        print(
            "Nothing is fuzzed: atheris is not here; it has wheels for Linux on x86-64 alone.",
            file=sys.stderr,
        )
        return
    found = False
    for name in names:
        line = watch(name, given.seconds)
        found |= bool(line["finding"])
        if given.record:
            from provenance import record

            record("fuzz", line)
        else:
            print(json.dumps(line, ensure_ascii=False))
        if line["finding"]:
            print(line["finding"], file=sys.stderr)
    sys.exit(found)


if __name__ == "__main__":
    main()
