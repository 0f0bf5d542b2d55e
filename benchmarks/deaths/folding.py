"""Rounds of sudden death over a journal: a process appends, folds and dies, while others append and read."""

import json
import shutil
import signal
import threading
from collections import Counter
from pathlib import Path
from typing import Final

import numpy as np

from deaths.left import age_halves, left_behind
from deaths.processes import Nursery, die
from deaths.rounds import Outcome
from deaths.work import TABLE
from duomo.shelf.lock import writing
from duomo.shelf.manifest import TABLES
from duomo.shelf.tables import Tables

BATCHES: Final = 12  # that the dying process appends
PARTS: Final = 3  # records of a batch


class Folding:
    """Appends and folds, in a folder that is there from the beginning; what it takes undisturbed."""

    def __init__(self, folder: Path, nursery: Nursery) -> None:
        """Measure the work."""
        self.folder, self.nursery = folder, nursery
        shop, more = folder / "measured", ("--batches", str(BATCHES))
        self.takes = nursery.measured("fold", shop, folder / "measured.jsonl", *more, within=shop)


def play_folding(stage: Folding, *, seed: int, number: int) -> Outcome:
    """One round: two to four deaths in a row over the same tables."""
    rng = np.random.default_rng([seed, number])
    outcome = Outcome(number)
    shop = stage.folder / "round"
    shutil.rmtree(shop, ignore_errors=True)
    (shop / TABLES).mkdir(parents=True)
    tables = Tables(shop / TABLES)
    beside = _Beside(tables)
    told: Counter[str] = Counter()
    for attempt in range(int(rng.integers(2, 5))):
        death = stage.takes.draw(rng)
        outcome.deaths.append(str(death))
        acknowledged = stage.folder / f"acknowledged-{number}-{attempt}.jsonl"
        acknowledged.unlink(missing_ok=True)
        more = ["--batches", str(BATCHES), "--writer", f"w{attempt}"]
        more += ["--dies-at", str(int(death.at))] if death.kind == "step" else []
        end = die(
            stage.nursery, stage.nursery.start("fold", shop, acknowledged, *more), death, shop, acknowledged
        )
        outcome.killed += end.code == -signal.SIGKILL
        if end.code not in (0, -signal.SIGKILL):
            outcome.failures.append(f"the work ended with {end.code}: {end.said}")
        lines = acknowledged.read_text("utf-8").split("\n")[:-1] if acknowledged.exists() else []
        told.update(f"w{attempt}.{json.loads(line)['batch']}" for line in lines)
        outcome.failures += _held(tables, told + beside.told())
        age_halves(shop)
    told += beside.close()
    outcome.asked = beside.scans
    outcome.failures += beside.failures
    before = tables.scan(TABLE).to_pylist()
    tables.fold(TABLE)
    if tables.scan(TABLE).to_pylist() != before:
        outcome.failures.append("the last fold has changed what is read")
    outcome.failures += _held(tables, told)
    tables.delete(TABLE, "text", "nobody")  # it tidies up, as every thirtieth fold does
    with writing(shop / TABLES):
        pass
    journals = [path for path in (shop / TABLES).glob("*.jsonl") if path.stat().st_size]
    outcome.left = left_behind(shop) | ({"journal": len(journals)} if journals else {})
    outcome.failures += [f"{n} files are left behind: {kind}" for kind, n in outcome.left.items()]
    return outcome


class _Beside:
    """Two threads that append and read all the while."""

    def __init__(self, tables: Tables) -> None:
        """Start them."""
        self._tables, self._done = tables, threading.Event()
        self._told: list[str] = []
        self.scans = 0
        self.failures: list[str] = []
        self._threads = [threading.Thread(target=run) for run in (self._append, self._read)]
        for thread in self._threads:
            thread.start()

    def told(self) -> Counter[str]:
        """The batches that were acknowledged so far."""
        return Counter(list(self._told))

    def close(self) -> Counter[str]:
        """Stop them."""
        self._done.set()
        for thread in self._threads:
            thread.join()
        return self.told()

    def _append(self) -> None:
        n = 0
        while not self._done.wait(0.1):
            self._tables.append(TABLE, [{"text": f"beside.{n}.{part}"} for part in range(PARTS)])
            self._told.append(f"beside.{n}")
            n += 1

    def _read(self) -> None:
        most = 0
        while not self._done.wait(0.05):
            try:
                rows = len(self._tables.scan(TABLE))
            except Exception as error:  # noqa: BLE001 (whatever a reader meets is a failure of the round)
                self.failures.append(f"a reader met {type(error).__name__}: {error}")
                continue
            self.scans += 1
            if rows < most:
                self.failures.append(f"a reader saw {rows} records after {most}")
            most = rows


def _held(tables: Tables, told: Counter[str]) -> list[str]:
    """What is wrong with the records: one that is not there, twice, out of order, or part of a batch."""
    table = tables.scan(TABLE)
    texts = [str(text) for text in table["text"].to_pylist()] if "text" in table.column_names else []
    failures = [f"{text} is there {n} times" for text, n in Counter(texts).items() if n > 1]
    batches = Counter(text.rpartition(".")[0] for text in texts)
    failures += [
        f"acknowledged batch {name} has {batches[name]} records" for name in told if batches[name] != PARTS
    ]
    failures += [f"half of batch {name} is there" for name, n in batches.items() if n != PARTS]
    for writer in {text.split(".")[0] for text in texts}:
        places = [tuple(map(int, text.split(".")[1:])) for text in texts if text.split(".")[0] == writer]
        if places != sorted(places):
            failures.append(f"the records of {writer} are out of order")
    return failures[:5]
