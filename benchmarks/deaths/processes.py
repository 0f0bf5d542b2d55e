"""The processes of a round: a reader that asks all the while, a nursery, and work that is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import psutil

from deaths.disk import fill
from deaths.moments import Changes

BENCHMARKS: Final = Path(__file__).resolve().parent.parent
OVERDUE_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Death:
    """When a process is to die."""

    # "time", in seconds; "step" of its own; "change" of its files; "worker": one of its workers alone,
    # once it has acknowledged so many lines; "full": at a change of its files its disk has no room any more.
    kind: str
    at: float
    workers: int = 0
    free_kb: int = 0  # on a full disk

    def __str__(self) -> str:
        more = f" with {self.workers} workers" if self.workers else ""
        return f"{self.kind} {self.at:.4g}{more}" + (f" but {self.free_kb} kB" if self.kind == "full" else "")


@dataclass(frozen=True, slots=True)
class Measured:
    """What work takes that nobody disturbs."""

    took_s: float
    steps: int
    changes: int
    told: int  # lines that it acknowledged

    def draw(self, rng: np.random.Generator) -> Death:
        """A moment to die."""
        kind = str(rng.choice(["time", "step", "change"]))
        if kind == "time":
            return Death(kind, float(rng.uniform(0, self.took_s)))
        return Death(kind, int(rng.integers(1, max(2, self.steps if kind == "step" else self.changes))))


@dataclass(frozen=True, slots=True)
class End:
    """How a process ended."""

    code: int
    said: str  # the end of what it wrote to stderr
    worker: bool = False  # one of its workers was killed
    by_then: int = 0  # what it had acknowledged when that one was dead, in lines


class Reader:
    """The process that asks all the while."""

    def __init__(self) -> None:
        """Start it."""
        self._process = _Told("asking")

    def watch(self, folder: Path, *, indexed: bool) -> None:
        """Have it ask this shop; it is about to when this returns."""
        self._process.say({"watch": str(folder), "indexed": indexed})
        self._process.hear()

    def report(self) -> dict[str, dict[str, int]]:
        """What it saw since, and the errors; it stops asking."""
        self._process.say({"report": True})
        said: dict[str, dict[str, int]] = self._process.hear()
        return said

    def close(self) -> None:
        """End it."""
        self._process.close()


class Nursery:
    """The process that those who work are forked from, each when it is wanted."""

    def __init__(self, folder: Path) -> None:
        """Start it; what those who work print is kept in the folder."""
        self._process = _Told("nursery")
        self._out, self._err = folder / "out.txt", folder / "err.txt"

    def start(self, what: str, shop: Path, acknowledged: Path, *more: str) -> int:
        """Work in a process group of its own; returns the process id when it is about to begin."""
        work = [what, "--shop", str(shop), "--acknowledged", str(acknowledged), *more]
        self._process.say({"work": work, "out": str(self._out), "err": str(self._err)})
        return int(self._process.hear()["pid"])

    def end(self, pid: int) -> tuple[int, str, str]:
        """Wait for a process; return its exit code and what it wrote to stdout and stderr."""
        self._process.say({"wait": pid, "most_s": OVERDUE_S})
        code = self._process.hear()["code"]
        said, problem = self._out.read_text("utf-8"), self._err.read_text("utf-8")
        if code is None:
            kill_group(pid)
            raise TimeoutError(f"the work has not ended after {OVERDUE_S} s: {problem[-600:]}")
        return code, said, problem

    def measured(self, what: str, shop: Path, acknowledged: Path, *more: str, within: Path) -> Measured:
        """The work, undisturbed; its changes are counted in a folder."""
        acknowledged.unlink(missing_ok=True)
        changes = Changes(within)
        code, said, problem = self.end(self.start(what, shop, acknowledged, *more))
        assert code == 0, problem
        took = json.loads(said)
        return Measured(took["took_s"], took["steps"], changes.close(), lines_of(acknowledged))

    def close(self) -> None:
        """End it."""
        self._process.close()


class _Told:
    """A process of this package that is told in lines of JSON what to do, and answers so."""

    def __init__(self, part: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "deaths", part],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
        )

    def say(self, asked: Mapping[str, object]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()

    def hear(self) -> Any:
        assert self._process.stdout
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


def environment() -> dict[str, str]:
    """In which the parts run as modules, each with one thread."""
    paths = os.pathsep.join([str(BENCHMARKS), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}


def kill_group(pid: int) -> None:
    """SIGKILL for a process and its workers."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def kill_worker(pid: int, acknowledged: Path, after: int) -> bool:
    """SIGKILL for one of its workers, once so many lines are acknowledged; False: it had none by then."""
    while psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        if lines_of(acknowledged) >= after and (workers := _workers(pid)):
            workers[after % len(workers)].kill()
            return True
        time.sleep(0.002)
    return False


def _workers(parent: int) -> list[psutil.Process]:
    try:
        children = psutil.Process(parent).children()
        return [child for child in children if "spawn_main" in " ".join(child.cmdline())]
    except psutil.Error:  # one has gone meanwhile
        return []


def lines_of(path: Path) -> int:
    """How many whole lines a file has; 0: there is none."""
    return path.read_bytes().count(b"\n") if path.exists() else 0


def die(nursery: Nursery, pid: int, death: Death, shop: Path, acknowledged: Path) -> End:
    """See to the death of a process or of one of its workers."""
    changes, worker, by_then = None, False, 0
    if death.kind == "full":
        changes = Changes(shop, int(death.at), lambda: fill(shop.parents[1], death.free_kb))
    elif death.kind == "change":
        changes = Changes(shop, int(death.at), lambda: kill_group(pid))
    elif death.kind == "time":
        time.sleep(death.at)
        kill_group(pid)
    elif death.kind == "worker":
        worker = kill_worker(pid, acknowledged, int(death.at))
        by_then = lines_of(acknowledged)
    code, _, said = nursery.end(pid)
    if changes:
        changes.close()
    return End(code, said[-600:], worker, by_then)
