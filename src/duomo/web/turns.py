"""Whose turn it is: so many questions are answered at once, the rest wait in a line, but not for ever.

Two processors that work at forty questions finish all of them late; one after the other, half of them are
done in half the time. Words and pictures stand in lines of their own, so that nobody who types waits for
somebody's photo.
"""

from collections.abc import Callable
from os import sched_getaffinity
from typing import Final, TypeVar

from anyio import CapacityLimiter, fail_after, to_thread

from duomo.web.metrics import LineCounts, Metrics
from duomo.web.problems import Refused

T = TypeVar("T")

# How long anybody waits for a turn. By time and not by number: how many that is depends on what else the
# machine has to do.
QUICK_S: Final = 2.0  # for what takes milliseconds
SLOW_S: Final = 10.0  # for what takes tenths of a second


class Turns:
    """One line of work in threads, so that nothing of it holds up the event loop."""

    def __init__(self, at_once: int, patience_s: float, counts: LineCounts | None = None) -> None:
        """How many are worked at together, at least 1; how long one waits for a turn; what is counted."""
        self._counts = counts or Metrics().line("")
        self._places = CapacityLimiter(at_once)
        self._threads = CapacityLimiter(at_once)  # as many, so that whoever has a place has a thread
        self._patience_s = patience_s

    async def take(self, work: Callable[[], T]) -> T:
        """What the work gives when its turn has come; raises Refused (503) where it did not come in time."""
        place, counts = object(), self._counts
        try:
            with (
                counts.waiting.track_inprogress(),
                counts.waited_seconds.time(),
                fail_after(self._patience_s),
            ):
                await self._places.acquire_on_behalf_of(place)
        except TimeoutError as error:
            counts.refusals.inc()
            problem, remedy = "more is asked than this server can answer now", "Try again in a moment"
            raise Refused(503, "busy", problem, remedy=remedy, headers={"Retry-After": "1"}) from error
        try:
            with counts.working.track_inprogress():
                return await to_thread.run_sync(work, limiter=self._threads)
        finally:
            self._places.release_on_behalf_of(place)


class Lines:
    """The lines of one server."""

    def __init__(self, metrics: Metrics) -> None:
        """How long they are is told by the metrics."""
        cores = len(sched_getaffinity(0))
        # Words, suggestions; never one long question alone.
        self.quick = Turns(max(2, cores), QUICK_S, metrics.line("quick"))
        # What is decoded and looked at.
        self.slow = Turns(max(1, cores // 2), SLOW_S, metrics.line("slow"))
