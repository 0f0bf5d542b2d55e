"""Counts and times for Prometheus, one registry a server, or one folder for several processes."""

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from duomo.errors import DuomoError
from duomo.web.versions import Versions

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)


class Metrics:
    """What the server counts; of several processes each tells what all have counted."""

    def __init__(self, versions: Versions, *, counts: Path | None = None) -> None:
        """Of a shop.

        Args:
            versions: of the shop whose variants are told.
            counts: the folder that several processes count in together: the one that
                PROMETHEUS_MULTIPROC_DIR named when they started; None: this process counts alone.
        """
        self._counts = counts
        self._shelf = _Shelf(versions)
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "duomo_http_requests", "Requests answered", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "duomo_http_request_seconds",
            "From the request's head to the answer's end",
            ["method", "route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.search_seconds = Histogram(
            "duomo_search_seconds", "Searching alone, as took_ms", buckets=_SECONDS, registry=self.registry
        )
        self.registry.register(self._shelf)

    def page(self) -> bytes:
        """All of it in Prometheus's text format."""
        if self._counts is None:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together, str(self._counts))  # type: ignore[no-untyped-call]  # it has no types
        together.register(self._shelf)
        return generate_latest(together)


class _Shelf(Collector):
    """How many variants are on the shelf, and whether it is the newest; looked up when it is asked."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily(
            "duomo_shelf_variants", "Variants on the shelf", value=_variants(self._versions)
        )
        told = "1 while a newer version of the shop could not be loaded and the old one answers"
        yield GaugeMetricFamily("duomo_shelf_behind", told, value=float(self._versions.is_behind))


def _variants(versions: Versions) -> float:
    """Rows on the shelf; NaN while there is no shop to count in."""
    try:
        return float(len(versions.now()))
    except DuomoError:
        return float("nan")


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
            await self.app(scope, receive, noted)
        finally:
            method, route = _method(scope), _route(scope)
            self.metrics.requests.labels(method, route, str(status)).inc()
            self.metrics.seconds.labels(method, route).observe(perf_counter() - started)


# Labels come from short lists of our own: a client that invents paths and methods must not fill the memory.


def _route(scope: Scope) -> str:
    path = getattr(scope.get("route"), "path", "")
    if path:
        return str(path).replace(":path", "")
    return "/static" if scope["path"].startswith("/static/") else "none"


def _method(scope: Scope) -> str:
    return (
        scope["method"] if scope["method"] in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS") else "other"
    )
