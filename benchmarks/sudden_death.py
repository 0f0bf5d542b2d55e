"""Sudden death: work on a shop is killed at moments drawn by chance, and what was promised is checked.

    python benchmarks/sudden_death.py --what update --rounds 100      # every kind of work: build, update, ...
    python benchmarks/sudden_death.py --what update --only 37 --print # round 37 again
    python benchmarks/sudden_death.py --what prune --full --rounds 25 # its disk runs full instead; takes root

A round copies a small shop (drawn goods, the hashed encoder), works on it in a process of its own, and ends
that process and its workers by SIGKILL: after a time, at the n-th step that Python takes on the shop's files,
at the n-th change of those files (most are Lance's own), or only one worker is killed. After each death: all
that was acknowledged is there, once; what is served is the old or the new shop, rows, cuts and answers alike.
A process that asks all the while may see those two and no error. Then the work goes on to its end, which must
be that of a twin that nobody disturbed: the same rows, vectors, pictures, reviews, cuts, problems, answers,
and no file that nobody needs. A full disk must be told in one sentence. See docs/guide/durability.md.
"""

import argparse
import json
import os
import sys
from collections import Counter
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final, get_args

from deaths.copying import Copy, Copying, play_copying
from deaths.disk import small_disk
from deaths.folding import Folding, play_folding
from deaths.processes import Nursery, Reader
from deaths.rounds import Outcome, Stage, What, play
from provenance import provenance, record

_ON_DISK: Final = ("optimize", "tend")  # what is there only for shops that are searched on disk
WHAT: Final = (*get_args(What), "fold", *get_args(Copy))


def main() -> None:
    """Play the rounds, and write one line a kind of work."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--what", choices=[*WHAT, "all"], default="all")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="play this round alone")
    parser.add_argument("--products", type=int, default=40)
    parser.add_argument("--indexed", action="store_true", help="the shop is searched on disk, by its indexes")
    parser.add_argument("--full", action="store_true", help="its disk runs full instead; takes root")
    parser.add_argument("--print", action="store_true", help="print the result and do not record it")
    asked = parser.parse_args()
    numbers = range(asked.rounds) if asked.only is None else [asked.only]
    if asked.full and asked.what not in get_args(What):
        parser.error(f"a disk runs full under one of {', '.join(get_args(What))}")
    failed = 0
    for what in WHAT if asked.what == "all" else [asked.what]:
        started, indexed = perf_counter(), asked.indexed or what in _ON_DISK
        how = {"seed": asked.seed, "products": asked.products, "indexed": indexed, "full": asked.full}
        outcomes = rounds(what, numbers, **how)
        line = {
            "what": what,
            **how,
            **told(outcomes),
            "took_s": round(perf_counter() - started, 1),
            "load_average": round(os.getloadavg()[0], 2),
        }
        failed += int(bool(line["failures"]))
        if asked.print:
            print(json.dumps({**line, **provenance()}, ensure_ascii=False))
        else:
            record("sudden_death", line)
    raise SystemExit(bool(failed))


def rounds(
    what: str, numbers: "range | list[int]", *, seed: int, products: int, indexed: bool, full: bool = False
) -> list[Outcome]:
    """Play the rounds with these numbers; full: nobody is killed, but the shop's disk has no room left."""
    outcomes = []
    with TemporaryDirectory(prefix="duomo-deaths-") as name, ExitStack() as processes:
        folder = Path(name)
        nursery = processes.enter_context(closing(Nursery(folder)))
        if what == "fold":
            one = partial(play_folding, Folding(folder, nursery), seed=seed)
        elif what in get_args(Copy):
            copying = Copying(_kind(what, Copy), folder, nursery, products=products)
            one = partial(play_copying, copying, processes.enter_context(closing(Reader())), seed=seed)
        else:
            disk = processes.enter_context(small_disk(folder)) if full else None
            kind = _kind(what, What)
            stage = Stage(kind, folder, nursery, products=products, indexed=indexed, disk=disk)
            one = partial(play, stage, processes.enter_context(closing(Reader())), seed=seed)
        for number in numbers:
            outcome = one(number=number)
            outcomes.append(outcome)
            state = "; ".join(outcome.failures) or "held"
            print(f"{what} {number}: {', '.join(outcome.deaths)}: {state}", file=sys.stderr, flush=True)
    return outcomes


def _kind(what: str, kinds: Any) -> Any:
    return next(kind for kind in get_args(kinds) if kind == what)


def told(outcomes: list[Outcome]) -> dict[str, object]:
    """What came of some rounds, as fields of a result line."""
    kinds = Counter(death.split()[0] for outcome in outcomes for death in outcome.deaths)
    return {
        "rounds": len(outcomes),
        "deaths": sum(outcome.killed for outcome in outcomes),
        "refused": sum(outcome.refused for outcome in outcomes),
        "workers_killed": sum(outcome.workers_killed for outcome in outcomes),
        "moments": dict(kinds),
        "asked": sum(outcome.asked for outcome in outcomes),
        "failed_rounds": sum(bool(outcome.failures) for outcome in outcomes),
        "failures": {str(outcome.number): outcome.failures for outcome in outcomes if outcome.failures},
    }


if __name__ == "__main__":
    main()
