"""Counts and times for Prometheus, one registry a server, or one folder for several processes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from duomo.hits import Hits
from duomo.search.stages import STAGES
from duomo.web.requests import method_of, route_of

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
_STAGE_SECONDS: Final = (0.0001, 0.00025, 0.0005, *_SECONDS)
_LOAD_SECONDS: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)


class Metrics:
    """What the server counts; of several processes each tells what all have counted."""

    def __init__(self, *, counts: Path | None = None) -> None:
        """Of a server.

        Args:
            counts: the folder that several processes count in together: the one that
                PROMETHEUS_MULTIPROC_DIR named when they started; None: this process counts alone.
        """
        self._counts = counts
        self._looked_up: list[Collector] = []
        self.registry = CollectorRegistry()
        into = self.registry
        self.requests = Counter(
            "duomo_http_requests", "Requests answered", ["method", "route", "status"], registry=into
        )
        self.seconds = Histogram(
            "duomo_http_request_seconds",
            "From the request's head to the answer's end",
            ["method", "route"],
            buckets=_SECONDS,
            registry=into,
        )
        # "livesum": over the processes that live; one that has died answers nothing any more.
        self.in_flight = Gauge(
            "duomo_http_requests_in_flight",
            "Requests that are being answered now",
            multiprocess_mode="livesum",
            registry=into,
        )
        self.search_seconds = Histogram(
            "duomo_search_seconds", "Searching alone, as took_ms", buckets=_SECONDS, registry=into
        )
        self.stage_seconds = Histogram(
            "duomo_search_stage_seconds",
            "Stages of searching, which add up to it",
            ["stage"],
            buckets=_STAGE_SECONDS,
            registry=into,
        )
        self._stages = {stage: self.stage_seconds.labels(stage) for stage in STAGES}  # told from the start
        self.waiting = Gauge(
            "duomo_line_waiting",
            "Requests that wait for their turn now",
            ["line"],
            multiprocess_mode="livesum",
            registry=into,
        )
        self.working = Gauge(
            "duomo_line_working",
            "Requests that have their turn now",
            ["line"],
            multiprocess_mode="livesum",
            registry=into,
        )
        self.waited_seconds = Histogram(
            "duomo_line_waited_seconds",
            "How long requests waited for their turn",
            ["line"],
            buckets=_SECONDS,
            registry=into,
        )
        self.refusals = Counter(
            "duomo_line_refusals", "Requests whose turn did not come in time", ["line"], registry=into
        )
        self.loads = Counter(
            "duomo_version_loads", "Versions of the shop loaded, by outcome", ["outcome"], registry=into
        )
        self.load_seconds = Histogram(
            "duomo_version_load_seconds",
            "Loading a version of the shop and making it warm",
            buckets=_LOAD_SECONDS,
            registry=into,
        )

        self.tended = Counter(
            "duomo_tended", "What a shop needed that changes, by outcome", ["need", "outcome"], registry=into
        )
        self.tend_seconds = Histogram(
            "duomo_tend_seconds", "Doing it", ["need"], buckets=_LOAD_SECONDS, registry=into
        )

    def tell(self, *looked_up: Collector) -> None:
        """Tell on the page also what is looked up when it is asked for."""
        for each in looked_up:
            self.registry.register(each)
        self._looked_up += looked_up

    def page(self) -> bytes:
        """All of it in Prometheus's text format."""
        if self._counts is None:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together, str(self._counts))  # type: ignore[no-untyped-call]  # it has no types
        for each in self._looked_up:
            together.register(each)
        return generate_latest(together)

    def searched(self, hits: Hits) -> None:
        """Count a search by what it took, as a whole and stage by stage."""
        self.search_seconds.observe(hits.took_ms / 1000)
        for stage, seconds in self._stages.items():
            if (took_ms := hits.stages_ms.get(stage)) is not None:
                seconds.observe(took_ms / 1000)

    def line(self, name: str) -> "LineCounts":
        """The counts of one line of those who wait."""
        return LineCounts(
            waiting=self.waiting.labels(name),
            working=self.working.labels(name),
            waited_seconds=self.waited_seconds.labels(name),
            refusals=self.refusals.labels(name),
        )

    @contextmanager
    def tending(self, need: str) -> Iterator[None]:
        """Time and count what is done for the shop."""
        started = perf_counter()
        outcome = "failed"
        try:
            yield
            outcome = "done"
        finally:
            self.tended.labels(need, outcome).inc()
            self.tend_seconds.labels(need).observe(perf_counter() - started)

    @contextmanager
    def loading(self) -> Iterator[None]:
        """Time and count the loading of a version."""
        started = perf_counter()
        try:
            yield
        except BaseException:
            self.loads.labels("failed").inc()
            raise
        self.loads.labels("loaded").inc()
        self.load_seconds.observe(perf_counter() - started)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCounts:
    """What is counted of one line."""

    waiting: Gauge
    working: Gauge
    waited_seconds: Histogram
    refusals: Counter


class Counted:
    """ASGI middleware: counts every request by route and status, and times it."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            with self.metrics.in_flight.track_inprogress():
                await self.app(scope, receive, noted)
        finally:
            method, route = method_of(scope), route_of(scope)
            self.metrics.requests.labels(method, route, str(status)).inc()
            self.metrics.seconds.labels(method, route).observe(perf_counter() - started)
