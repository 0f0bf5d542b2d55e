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

    kind: (
        str  # "time", in seconds; "step" of its own; "change" of its files; "worker": one of its, in seconds
    )
    at: float
    workers: int = 0

    def __str__(self) -> str:
        return f"{self.kind} {self.at:.4g}" + (f" with {self.workers} workers" if self.workers else "")


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


def kill_worker(process: "subprocess.Popen[str]") -> bool:
    """SIGKILL for one of its workers, where it has any."""
    try:
        children = psutil.Process(process.pid).children()
        workers = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
    except psutil.Error:
        return False
    for worker in workers[:1]:
        worker.kill()
    return bool(workers)


def die(process: "subprocess.Popen[str]", death: Death, shop: Path) -> tuple[int, str]:
    """See to the death of a process; return its exit code and the end of what it said."""
    changes = None
    if death.kind == "change":
        changes = Changes(shop, int(death.at), lambda: kill_group(process))
    elif death.kind in ("time", "worker"):
        time.sleep(death.at)
        if death.kind == "time":
            kill_group(process)
        else:
            kill_worker(process)
    _, said = process.communicate(timeout=OVERDUE_S)
    if changes:
        changes.close()
    return process.returncode, said[-600:]
