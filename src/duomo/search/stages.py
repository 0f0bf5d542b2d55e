"""How long each stage of a search took."""

from collections.abc import Callable
from time import perf_counter
from typing import Final, Literal, get_args

Stage = Literal["understand", "encode", "retrieve", "order", "explain", "facets"]
STAGES: Final[tuple[Stage, ...]] = get_args(Stage)


class Stages:
    """The stages of one search, timed in laps: what has passed belongs to the stage that has just ended.

    So nothing is timed twice or left out, and the times add up to that of the whole search.

    >>> clock = iter([0.0, 0.25, 1.0, 1.5]).__next__
    >>> stages = Stages(clock)
    >>> for stage in ("understand", "retrieve", "understand"):
    ...     stages.ended(stage)
    >>> stages.ms
    {'understand': 750.0, 'retrieve': 750.0}
    >>> stages.took_ms
    1500.0
    """

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        """Begin the first lap.

        Args:
            clock: tells the seconds since any moment.
        """
        self._clock = clock
        self._since_s = clock()
        self.ms: dict[str, float] = {}  # milliseconds, of the stages that there were

    def ended(self, stage: Stage) -> None:
        """A stage has ended, and the next one begins; one that comes again is added up."""
        now_s = self._clock()
        self.ms[stage] = self.ms.get(stage, 0.0) + (now_s - self._since_s) * 1000
        self._since_s = now_s

    @property
    def took_ms(self) -> float:
        """All of it up to the end of the last stage, to the microsecond."""
        return round(sum(self.ms.values()), 3)
