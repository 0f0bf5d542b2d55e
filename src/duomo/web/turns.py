"""Whose turn it is: so many questions are answered at once, the rest wait in a line that has an end.

Two processors that work at forty questions finish all of them late; one after the other, half of them are
done in half the time. Words and pictures stand in lines of their own, so that nobody who types waits for
somebody's photo.
"""

from collections.abc import Callable
from os import sched_getaffinity
from typing import Final, TypeVar

from anyio import CapacityLimiter, to_thread

from duomo.web.problems import Refused

T = TypeVar("T")

MOST_QUICK: Final = 200  # that may wait: some milliseconds each
MOST_SLOW: Final = 16  # some tenths of a second each


class Turns:
    """One line of work in threads, so that nothing of it holds up the event loop."""

    def __init__(self, at_once: int, most_waiting: int) -> None:
        """How many are worked at together, at least 1, and how many more may wait."""
        self._limiter = CapacityLimiter(at_once)
        self._most_waiting = most_waiting

    async def take(self, work: Callable[[], T]) -> T:
        """What the work gives when its turn has come; raises Refused (503) where the line is full."""
        if self._limiter.statistics().tasks_waiting >= self._most_waiting:
            remedy = "Try again in a moment"
            problem = "more is asked than this server can answer now"
            raise Refused(503, "busy", problem, remedy=remedy, headers={"Retry-After": "1"})
        return await to_thread.run_sync(work, limiter=self._limiter)


class Lines:
    """The lines of one server."""

    def __init__(self) -> None:
        cores = len(sched_getaffinity(0))
        self.quick = Turns(max(2, cores), MOST_QUICK)  # words, suggestions; never one long question alone
        self.slow = Turns(max(1, cores // 2), MOST_SLOW)  # what is decoded and looked at
