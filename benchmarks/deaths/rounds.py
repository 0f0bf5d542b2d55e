"""Rounds of sudden death: a shop, one to three deaths at moments drawn by chance, what must hold after."""

import json
import shutil
import signal
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from deaths.disk import make_room
from deaths.goods import Contents, Goods, answers, contents, difference, newest_ids, settings
from deaths.left import age_halves, left_behind
from deaths.processes import Death, End, Measured, Nursery, Reader, die, lines_of
from deaths.work import OTHER_MODEL, optimize, swap, tend_to
from duomo import Shop
from duomo.errors import MissingShop
from duomo.shelf.lock import writing
from duomo.shelf.manifest import NAME, TABLES
from duomo.stock.encoders import prefer_encoder

What = Literal["build", "update", "prune", "put", "optimize", "tend", "swap"]
_WITH_WORKERS: Final = 0.3  # share of the deaths that are of a build with worker processes, or of one of them
_ALONE: Final = 0.6  # share of these that are of a worker alone
_SOME_ROOM: Final = 0.3  # share of the full disks that have some left
_IN_HAND: Final = 8  # batches that two workers may have before the parent speaks to them again


_NO_ROOM: Final = ("No space left on device", "disk is full")
_WORKER_DIED: Final = "a worker process of the build has died"


@dataclass(frozen=True, slots=True)
class State:
    """What readers may see of a shop."""

    contents: Contents
    answers: list[str]

    @classmethod
    def of(cls, folder: Path, indexed: bool) -> "State":
        """As a shop in a folder is now."""
        return cls(contents(folder), answers(Shop.open(folder, settings=settings(indexed=indexed))))


@dataclass(slots=True)
class Outcome:
    """What came of one round."""

    number: int
    deaths: list[str] = field(default_factory=list)
    killed: int = 0  # deaths that came before the work had ended
    workers_killed: int = 0  # of workers alone
    refused: int = 0  # the work was for want of room, and said so
    failures: list[str] = field(default_factory=list)
    asked: int = 0  # by the reader
    left: dict[str, int] = field(default_factory=dict)  # files that nobody needs any more


class Stage:
    """One kind of work: the shop before it, and what it looks like when nobody dies."""

    def __init__(
        self,
        what: What,
        folder: Path,
        nursery: Nursery,
        *,
        products: int,
        indexed: bool,
        disk: Path | None = None,
    ) -> None:
        """Make the goods, the shop before and the shop after, in a folder; measure the work.

        `disk`: in the rounds the work does not die, but this disk runs full, which is there for nothing else.
        """
        self.what, self.folder, self.nursery, self.indexed = what, folder, nursery, indexed
        self.disk = disk
        self.base, self.twin, self.rows = folder / "base", folder / "twin", folder / "rows.jsonl"
        self.one = folder / "one.jsonl"
        goods = Goods(folder / "goods", products)
        self.goods = goods.folder
        first = goods.deliver(1)
        before: list[State] = []
        if what != "build":
            self._shop(self.base).build(self.goods)
            if what in ("optimize", "tend"):  # of many small pieces
                for n in range(6):
                    self._put(self.base, first[n::20], stock=n)
            else:
                second = goods.deliver(2, without=products // 8 if what == "prune" else 0)
                write_rows(self.rows, second)
                write_rows(self.one, [{**first[-1], "stock": "77"}])
            before = [State.of(self.base, indexed)]
        self.copy(self.twin)
        self.finish(self.twin)
        self.end = State.of(self.twin, indexed)
        self.states = [*before, self.end]  # that readers may see
        self.between: list[State] = []  # put: with one more product changed
        if what == "swap":  # with the vectors of the other model, and when that one is asked first
            self.copy(self.twin)
            shop = self._shop(self.twin)
            for step in (shop.add_encoder, partial(prefer_encoder, shop.folder)):
                step(OTHER_MODEL)
                self.states.append(State.of(self.twin, indexed))
            self.finish(self.twin)
        if what == "put":
            self._put(self.twin, [], one=True)
            self.between = [State.of(self.twin, indexed)]
            self.finish(self.twin)
            self.end = State.of(self.twin, indexed)
            self.copy(self.twin)
            self._put(self.twin, [], one=True)
            self.between.insert(0, State.of(self.twin, indexed))
            self.finish(self.twin)
        self.usual_left = left_behind(self.twin)
        self.takes = self._measured(workers=0)
        has_workers = what in ("build", "update", "prune")
        self.took_with_workers_s = self._measured(workers=2).took_s if has_workers else 0.0

    def _shop(self, folder: Path) -> Shop:
        exists = (folder / NAME).exists()
        return (Shop.open if exists else Shop.create)(folder, settings=settings(indexed=self.indexed))

    def copy(self, folder: Path) -> None:
        """The shop before the work, in a folder."""
        shutil.rmtree(folder, ignore_errors=True)
        if self.base.exists():
            shutil.copytree(self.base, folder)

    def finish(self, folder: Path) -> None:
        """The work, to its end."""
        if self.what == "optimize":
            optimize(folder)
        elif self.what == "tend":
            tend_to(folder, indexed=self.indexed)
        elif self.what == "swap":
            swap(folder, self.goods, indexed=self.indexed)
        elif self.what == "put":
            self._put(folder, [])
        else:
            self._shop(folder).build(self.goods, prune=self.what == "prune")

    def put_one(self, folder: Path) -> None:
        """Other rows than those of the work are put."""
        self._put(folder, [], one=True)

    def _put(
        self, folder: Path, rows: Sequence[Mapping[str, str]], *, stock: int = 0, one: bool = False
    ) -> None:
        path = self.one if one else self.rows
        if rows:
            path = self.folder / "some.jsonl"
            write_rows(path, [{**row, "stock": str(100 + stock)} for row in rows])
        self._shop(folder).build(path, format="own", partial=True, trusted=False)

    def command(self, death: Death) -> list[str]:
        """The arguments of the work."""
        goods = self.rows if self.what == "put" else self.goods
        more = ["--goods", str(goods), "--workers", str(death.workers)]
        more += ["--indexed"] if self.indexed else []
        return more + (["--dies-at", str(int(death.at))] if death.kind == "step" else [])

    def _measured(self, workers: int) -> Measured:
        folder, acknowledged = self.folder / "measured", self.folder / "measured.jsonl"
        self.copy(folder)
        command = self.command(Death("none", 0, workers))
        takes = self.nursery.measured(self.what, folder, acknowledged, *command, within=folder)
        shutil.rmtree(folder)
        return takes

    def draw(self, rng: np.random.Generator) -> Death:
        """A moment to die."""
        if self.disk:
            free_kb = int(rng.integers(1, 200)) if rng.random() < _SOME_ROOM else 0
            return Death("full", int(rng.integers(1, self.takes.changes)), free_kb=free_kb)
        if self.took_with_workers_s and rng.random() < _WITH_WORKERS:
            if rng.random() < _ALONE:
                return Death("worker", int(rng.integers(0, self.takes.told)), 2)
            return Death("time", float(rng.uniform(0, self.took_with_workers_s)), 2)
        return self.takes.draw(rng)


def write_rows(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Rows as PUT /v1/products gets them: without pictures."""
    kept = [{name: value for name, value in row.items() if name != "image"} for row in rows]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in kept), encoding="utf-8")


def play(stage: Stage, reader: Reader, *, seed: int, number: int) -> Outcome:
    """One round."""
    rng = np.random.default_rng([seed, number])
    outcome = Outcome(number)
    shop = (stage.disk or stage.folder) / "round" / "shop"
    shutil.rmtree(shop.parent, ignore_errors=True)
    shop.parent.mkdir()
    stage.copy(shop)
    reader.watch(shop, indexed=stage.indexed)
    try:
        for attempt in range(int(rng.choice([1, 2, 3], p=[0.7, 0.2, 0.1]))):
            death = stage.draw(rng)
            outcome.deaths.append(str(death))
            acknowledged = stage.folder / f"acknowledged-{number}-{attempt}.jsonl"
            acknowledged.unlink(missing_ok=True)
            pid = stage.nursery.start(stage.what, shop, acknowledged, *stage.command(death))
            end = die(stage.nursery, pid, death, shop, acknowledged)
            outcome.killed += end.code == -signal.SIGKILL
            outcome.workers_killed += end.worker
            outcome.refused += end.code == 1 and death.kind == "full"
            outcome.failures += ended(end, death, lines_of(acknowledged))
            outcome.failures += held(stage, shop, acknowledged)
            if stage.disk:
                make_room(stage.disk)
            age_halves(shop)
        if stage.between:
            stage.put_one(shop)
            now = State.of(shop, stage.indexed)
            if now not in stage.between:
                outcome.failures.append("a later put serves part of one that died")
        stage.finish(shop)
        now = State.of(shop, stage.indexed)
        if differs := difference(now.contents, stage.end.contents):
            outcome.failures.append(f"the end is not that of undisturbed work: {differs}")
        if now.answers != stage.end.answers:
            outcome.failures.append("answers at the end are not those of undisturbed work")
    except Exception as error:  # noqa: BLE001 (the driver opens the shop as anybody would: no error is right)
        outcome.failures.append(f"{type(error).__name__}: {error}"[:900])
    for folder in (shop, shop / TABLES):  # the next that writes there
        with writing(folder):
            pass
    outcome.failures += overheard(stage, reader.report(), outcome)
    outcome.left = {k: n for k, n in left_behind(shop).items() if n > stage.usual_left.get(k, 0)}
    outcome.failures += [f"{n} files are left behind: {kind}" for kind, n in outcome.left.items()]
    return outcome


def ended(end: End, death: Death, acknowledged: int) -> list[str]:
    """What is wrong with how a process ended: who loses a worker says so in one sentence, and goes on."""
    if death.kind == "full" and end.code == 1:
        last = end.said.strip().rpartition("\n")[2]
        told = last.startswith("duomo.errors.BadSetup: ") and any(words in last for words in _NO_ROOM)
        return [] if told else [f"on a full disk it said: {end.said}"]
    if end.code not in ((0,) if death.kind == "worker" else (0, -signal.SIGKILL)):
        return [f"the work ended with {end.code}: {end.said}"]
    # The last line says that all is served; of a worker that had nothing to do any more nobody need speak.
    if end.worker and end.by_then + _IN_HAND < acknowledged and _WORKER_DIED not in end.said:
        return [f"nobody said that a worker had died, but: {end.said}"]
    return []


def held(stage: Stage, shop: Path, acknowledged: Path) -> list[str]:
    """What does not hold right after a death."""
    lines = acknowledged.read_text("utf-8").split("\n")[:-1] if acknowledged.exists() else []
    said = [json.loads(line) for line in lines]
    try:
        now = State.of(shop, stage.indexed)
    except MissingShop:
        if any("served" in each for each in said) or stage.what != "build":
            return ["a shop that was served is gone"]
        now = None
    failures = []
    allowed = [stage.end] if any("served" in each for each in said) else [*stage.states, *stage.between]
    if now and not any(alike(now, state) for state in allowed):
        differs = [difference(seen(now), seen(state)) for state in allowed]
        failures.append(f"what is served is neither the old nor the new shop: {differs}")
    told: dict[str, str] = next((each["rows"] for each in reversed(said) if "rows" in each), {})
    rows = newest_ids(shop) if (shop / "variants.lance").exists() else {}
    final = {str(row["id"]): str(row["product_hash"]) for row in _rows_of(stage.end)}
    for name, hashed in told.items():
        if rows.get(name) not in (hashed, final.get(name)) and (name in final or stage.what != "prune"):
            failures.append(f"acknowledged row {name} is {rows.get(name)} and not {hashed}")
    return failures[:5]


def overheard(stage: Stage, report: dict[str, dict[str, int]], outcome: Outcome) -> list[str]:
    """What the reader should not have seen."""
    allowed = {said for state in (*stage.states, *stage.between, stage.end) for said in state.answers}
    allowed |= {"no shop"} if stage.what == "build" else set()
    return overheard_of(report, allowed, outcome)


def overheard_of(report: dict[str, dict[str, int]], allowed: Collection[str], outcome: Outcome) -> list[str]:
    """The same, where these answers are allowed; the outcome is told how often it asked."""
    outcome.asked = sum(report["seen"].values())
    strange = [said for said in report["seen"] if said not in allowed]
    failures = [f"a reader saw {said[:200]}" for said in strange]
    return failures[:3] + [f"a reader met {n} times {error}" for error, n in report["errors"].items()]


def alike(one: State, other: State) -> bool:
    """Whether readers are shown the same."""
    return seen(one) == seen(other) and one.answers == other.answers


def seen(state: State) -> Contents:
    """What readers are shown: not what is noted of a build that goes on."""
    manifest: Any = state.contents["manifest"]
    return {"rows": state.contents["rows"], "cuts": manifest["chances"], "cards": manifest["cards"]}


def _rows_of(state: State) -> list[dict[str, object]]:
    rows: Any = state.contents["rows"]
    return list(rows)
