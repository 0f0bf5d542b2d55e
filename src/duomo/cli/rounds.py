"""duomo build --every: the same build again and again, until the process is told to stop."""

import random
import re
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

from duomo.cli.show import described, escape, notes, show_json
from duomo.errors import BadFile, BadQuery, BlockedUrl, MissingFile, ShopBusy

if TYPE_CHECKING:
    from duomo.stock.report import BuildReport

_UNITS: Final[Mapping[str, float]] = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_LONGEST_S: Final = 30 * 86_400.0
_JITTER: Final = 0.1  # shops that were started together do not ask one server together for ever
_LOOK_S: Final = 0.2  # how often a pause looks whether it is to end
_HOUR_S: Final = 3600.0  # failures make a pause longer up to here, unless it is longer by itself
# What may be over the next time; whatever else goes wrong ends the rounds.
_PASSING: Final = (BlockedUrl, BadFile, MissingFile, ShopBusy)


def seconds(text: str) -> float:
    """How long "15m" is, in seconds; raises BadQuery.

    >>> seconds("90s"), seconds("1.5h")
    (90.0, 5400.0)
    """
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,6})?)([smhd])", text.strip().lower())
    found = float(match[1]) * _UNITS[match[2]] if match else 0.0
    if not 1 <= found <= _LONGEST_S:
        problem = f"--every {text} is not a time from 1s to 30d"
        raise BadQuery(problem, remedy="Write a number and s, m, h or d: --every 15m")
    return found


def pause(every_s: float, failures: int, retry_after_s: float, chance: float) -> float:
    """How long to wait after a round, in seconds.

    Args:
        every_s: the pause that was asked for.
        failures: rounds that failed, the last one included; each doubles the pause, up to an hour.
        retry_after_s: how long the server asked to be left alone.
        chance: 0 to 1; makes a pause up to a tenth longer or shorter.

    >>> [pause(900, failures, 0, 0.5) for failures in range(4)], pause(900, 1, 7200.0, 0.5)
    ([900.0, 1800.0, 3600.0, 3600.0], 7200.0)
    """
    longest = max(every_s, _HOUR_S)
    wait = min(every_s * 2.0 ** min(failures, 30), longest)
    return max(wait * (1 + _JITTER * (2 * chance - 1)), retry_after_s)


def run_rounds(every_s: float, build: "Callable[[], BuildReport]", *, as_json: bool) -> None:
    """Build, say in one line how it went, wait, and again; SIGTERM ends it after the build that is going on.

    Args:
        every_s: the pause between two builds, in seconds.
        build: one round.
        as_json: one JSON document a line and round on stdout.

    Raises:
        DuomoError: one that another round would not make good.
    """
    failures = 0
    with _stopping() as stop:
        while not stop.heard:
            asked_s = 0.0
            document: dict[str, object]
            try:
                report = build()
            except _PASSING as error:
                failures += 1
                asked_s = error.retry_after_s if isinstance(error, BlockedUrl) else 0.0
                told, document = f"failed: {error}".rstrip("."), {"error": described(error)}
            else:
                failures = 0
                told, document = f"{report}", report.as_dict()
            wait_s = pause(every_s, failures, asked_s, random.random())  # noqa: S311 (no secret hangs on it)
            at = datetime.now(UTC).isoformat(timespec="seconds")
            then = "stopped" if stop.heard else f"again in {wait_s:,.0f} s"
            notes.print(f"{at} {escape(told)}; {then}", soft_wrap=True, highlight=False)
            if as_json:
                show_json({"at": at, "next_s": None if stop.heard else round(wait_s, 1), **document})
            stop.wait(wait_s)


class _Stop:
    """Whether SIGTERM has come. No lock is in it: a handler may run while the main thread holds any."""

    def __init__(self) -> None:
        self.heard = False

    def hear(self, *_: object) -> None:
        """Take note of the signal."""
        self.heard = True

    def wait(self, wait_s: float) -> None:
        """Wait so long, or until the signal comes."""
        end = monotonic() + wait_s
        while not self.heard and (left := end - monotonic()) > 0:
            sleep(min(left, _LOOK_S))


@contextmanager
def _stopping() -> Iterator[_Stop]:
    """Hears SIGTERM in the body; what stood for it before stands for it again afterwards."""
    stop = _Stop()
    before = signal.signal(signal.SIGTERM, stop.hear)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGTERM, before)
