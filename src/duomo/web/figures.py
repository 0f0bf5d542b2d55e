"""What the shop on disk is like, for Prometheus: looked up when it is asked for, and not at every scrape."""

import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Final

from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector

from duomo.errors import DuomoError
from duomo.shelf.health import TableHealth, health_of, is_table
from duomo.shelf.manifest import PICTURES, TABLES, VARIANTS, Manifest
from duomo.stock.outcome import Failure
from duomo.web.versions import Versions

log = logging.getLogger(__name__)

_LookedUp = tuple[list[TableHealth], Manifest | None, Failure | None]
_GOOD_FOR_S: Final = 10.0  # seconds that what was looked up is told; scrapers come every 15


class ShopFigures(Collector):
    """The version that answers, and the tables and the last build of a shop's folder."""

    def __init__(self, folder: Path, versions: Versions) -> None:
        self._folder, self._versions = folder, versions
        self._lock = Lock()
        self._held: tuple[float, _LookedUp] = (-_GOOD_FOR_S, ([], None, None))

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Of what was never loaded, and of a folder that cannot be read, there is nothing to tell."""
        version, since_s = self._versions.answering
        behind = "1 while a newer version of the shop could not be loaded and the old one answers"
        yield GaugeMetricFamily("duomo_shelf_behind", behind, value=float(self._versions.is_behind))
        yield GaugeMetricFamily("duomo_shelf_variants", "Variants on the shelf", value=self._variants())
        yield _gauge("duomo_version_answering", "Number of the version that answers", version or None)
        told = "When the version that answers was loaded"
        yield _gauge("duomo_version_loaded_timestamp_seconds", told, since_s or None)
        tables, manifest, failure = self._looked_up()
        served = manifest.served if manifest else None
        yield _gauge("duomo_version_served", "Number of the version that the last build made", served)
        told = "When the last build ended that changed the shop"
        yield _gauge("duomo_build_last_success_timestamp_seconds", told, _built(manifest))
        told = "1 while the last build is one that failed; one that was cut short could not say so"
        yield _gauge("duomo_build_failed", told, None if manifest is None else bool(failure))
        told = "When it failed"
        yield _gauge(
            "duomo_build_last_failure_timestamp_seconds", told, _seconds(failure.when) if failure else None
        )
        told = "1 while a build has begun and not ended: it is running, or was cut short"
        yield _gauge("duomo_build_unfinished", told, None if manifest is None else bool(manifest.building))
        for name, told, field in (
            ("duomo_table_rows", "Rows of a table", "rows"),
            ("duomo_table_fragments", "Pieces that the rows of a table lie in", "fragments"),
            ("duomo_table_unindexed_rows", "Rows that an index of a table does not know yet", "unindexed"),
            ("duomo_table_bytes", "Bytes of a table on disk, older versions included", "bytes"),
        ):
            family = GaugeMetricFamily(name, told, labels=["table"])
            for table in tables:
                family.add_metric([table.name], getattr(table, field))
            yield family

    def _variants(self) -> float:
        """Rows on the shelf; NaN while there is no shop to count in."""
        try:
            return float(len(self._versions.now()))
        except DuomoError:
            return float("nan")

    def _looked_up(self) -> _LookedUp:
        with self._lock:
            when, looked_up = self._held
            if monotonic() - when >= _GOOD_FOR_S:
                looked_up = self._tables(), self._manifest(), Failure.of(self._folder)
                self._held = (monotonic(), looked_up)
            return looked_up

    def _manifest(self) -> Manifest | None:
        try:
            return Manifest.load(self._folder)
        except DuomoError:
            return None

    def _tables(self) -> list[TableHealth]:
        try:
            paths = [self._folder / VARIANTS, self._folder / PICTURES]
            paths += sorted((self._folder / TABLES).glob("*.lance"))
            return [health_of(path) for path in paths if is_table(path)]
        except (RuntimeError, OSError, ValueError) as error:
            log.warning("the tables of the shop cannot be counted: %s", error)
            return []


def _gauge(name: str, told: str, value: float | None) -> GaugeMetricFamily:
    """A gauge of one value; of None it tells nothing."""
    family = GaugeMetricFamily(name, told)
    if value is not None:
        family.add_metric([], float(value))
    return family


def _built(manifest: Manifest | None) -> float | None:
    """When the newest of the builds ended, in seconds since 1970."""
    if manifest is None:
        return None
    return max((_seconds(s.built) for s in manifest.sources.values() if s.built), default=None)


def _seconds(when: str) -> float:
    return datetime.fromisoformat(when).timestamp()
