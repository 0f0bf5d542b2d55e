"""One hostile thing, what must come of it, and what it may take: a row of the tables beside this file."""

import ctypes
import faulthandler
import gc
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any, Final

MOST_S: Final = 180  # seconds after which a case is ended with all of its process
MOST_MB: Final = 100.0  # that a case may take beyond what its process holds, where it does not say more


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One hostile thing."""

    name: str
    make: Callable[[Path], Any]  # an empty folder to work in -> the thing; this is not measured
    meet: Callable[[Any], str]  # the thing -> what a person would be told of it
    says: str  # a regular expression that all of it must match
    most_mb: float = MOST_MB
    slow: bool = False  # takes seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a case."""

    name: str
    said: str
    held: bool  # it said what it must, and took no more than it may
    peak_mb: float  # resident memory, beyond what the process held before
    wall_s: float
    cpu_s: float


def outcome(case: Case) -> Outcome:
    """Meet a case, in a folder of its own, and measure it."""
    with TemporaryDirectory(prefix="duomo-hostile-") as folder:
        thing = case.make(Path(folder))
        gc.collect()
        with suppress(OSError, AttributeError):  # so that what an earlier case gave back hides nothing
            ctypes.CDLL(None).malloc_trim(0)
        _forget_peak()
        before = _status("VmRSS")
        faulthandler.dump_traceback_later(MOST_S, exit=True)
        wall, cpu = perf_counter(), process_time()
        try:
            said = case.meet(thing)
        except Exception as error:  # noqa: BLE001  # whatever it is: it belongs into the report
            said = f"{type(error).__name__} came through: {error}"
        wall, cpu = perf_counter() - wall, process_time() - cpu
        faulthandler.cancel_dump_traceback_later()
        peak_mb = max(0.0, _status("VmHWM") - before)
        said = said.replace(folder, "FOLDER")
    held = re.fullmatch(case.says, said, re.DOTALL) is not None and peak_mb <= case.most_mb
    return Outcome(name=case.name, said=said, held=held, peak_mb=peak_mb, wall_s=wall, cpu_s=cpu)


def _forget_peak() -> None:
    """Have the kernel count the most memory of this process anew (proc(5), clear_refs)."""
    Path("/proc/self/clear_refs").write_text("5")


def _status(name: str) -> float:
    """A line of /proc/self/status, in MB."""
    text = Path("/proc/self/status").read_text()
    found = re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)
    assert found
    return int(found[1]) / 1000
