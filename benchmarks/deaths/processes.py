"""The processes of a round: a reader that asks all the while, and work that is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from deaths.moments import Changes

BENCHMARKS: Final = Path(__file__).resolve().parent.parent
OVERDUE_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Death:
    """When a process is to die."""

    # "time", in seconds; "step" of its own; "change" of its files; "worker": one of its workers alone,
    # once it has acknowledged so many lines.
    kind: str
    at: float
    workers: int = 0

    def __str__(self) -> str:
        return f"{self.kind} {self.at:.4g}" + (f" with {self.workers} workers" if self.workers else "")


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
        self._process = subprocess.Popen(
            [sys.executable, "-m", "deaths", "asking"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
        )

    def watch(self, folder: Path, *, indexed: bool) -> None:
        """Have it ask this shop."""
        self._say({"watch": str(folder), "indexed": indexed})

    def report(self) -> dict[str, dict[str, int]]:
        """What it saw since, and the errors; it stops asking."""
        self._say({"report": True})
        assert self._process.stdout
        said: dict[str, dict[str, int]] = json.loads(self._process.stdout.readline())
        return said

    def close(self) -> None:
        """End it."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()

    def _say(self, asked: Mapping[str, object]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()


def environment() -> dict[str, str]:
    """In which the parts run as modules, each with one thread."""
    paths = os.pathsep.join([str(BENCHMARKS), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}


def start(what: str, shop: Path, acknowledged: Path, *more: str) -> "subprocess.Popen[str]":
    """Work in a process group of its own; returns when it is about to begin."""
    command = [sys.executable, "-m", "deaths", "work", what, "--shop", str(shop)]
    command += ["--acknowledged", str(acknowledged), *more]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        start_new_session=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n", process.stderr and process.stderr.read()
    return process


def kill_group(process: "subprocess.Popen[str]") -> None:
    """SIGKILL for the process and its workers."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def kill_worker(process: "subprocess.Popen[str]", acknowledged: Path, after: int) -> bool:
    """SIGKILL for one of its workers, once so many lines are acknowledged; False: it had none by then."""
    while process.poll() is None:
        if lines_of(acknowledged) >= after and (workers := _workers(process.pid)):
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


def die(process: "subprocess.Popen[str]", death: Death, shop: Path, acknowledged: Path) -> End:
    """See to the death of a process or of one of its workers."""
    changes, worker, by_then = None, False, 0
    if death.kind == "change":
        changes = Changes(shop, int(death.at), lambda: kill_group(process))
    elif death.kind == "time":
        time.sleep(death.at)
        kill_group(process)
    elif death.kind == "worker":
        worker = kill_worker(process, acknowledged, int(death.at))
        by_then = lines_of(acknowledged)
    _, said = process.communicate(timeout=OVERDUE_S)
    if changes:
        changes.close()
    return End(process.returncode, said[-600:], worker, by_then)
