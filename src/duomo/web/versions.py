"""Which version of the shop a server answers from: a new one is loaded and warmed while the old answers."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from threading import Lock, Thread
from time import monotonic, sleep, time
from typing import Final
from weakref import WeakSet

import numpy as np

from duomo.errors import BadQuery, DuomoError
from duomo.shelf.manifest import Manifest, stamp_of
from duomo.shop import Shop
from duomo.stock.served import MOST_CHANGES, table_in

log = logging.getLogger(__name__)

_LOOKED_EVERY_S: Final = 0.25  # so that what was put is found within a second in every process
_SETTLED_EVERY_S: Final = 60.0  # small changes are loaded as a whole, if that takes no time; else
_SETTLED_SHARE: Final = 20.0  # times as long as it takes is waited, since it takes a core
_MANY: Final = MOST_CHANGES // 5  # changes are loaded sooner: who writes would wait for more
_MANY_SHARE: Final = 2.0  # times as long as it takes is waited then
_AGAIN_AFTER_S: Final = 60.0  # a version that could not be loaded: perhaps it was memory that was short


@dataclass(frozen=True, slots=True)
class _Held:
    """A version in memory."""

    shop: Shop  # pinned
    stamp: tuple[int, int]  # of the manifest, as it was before it was loaded
    manifest: Manifest  # at that time, but for the builds that had begun
    table: tuple[int, int]  # `table_in` the shop's folder: another one after a restore
    since_s: float = field(default_factory=time)  # when it was loaded, in seconds since 1970


class Versions:
    """The versions of one shop, one after the other, for all who answer at the same time.

    Only the first one is waited for. Later ones are loaded by a thread beside those that answer; one that
    cannot be loaded is logged once, tried again from time to time, and the old one stays.
    """

    def __init__(
        self,
        shop: Shop,
        warm: Callable[[Shop], None],
        loading: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """Of a shop.

        Args:
            shop: loads a new version within the call that meets it.
            warm: makes what the first question to a version would wait for.
            loading: entered while a version is loaded, to count it.
        """
        self._shop, self._warm, self._counted = shop, warm, loading
        self._held: _Held | None = None
        self._warmed: WeakSet[Shop] = WeakSet()
        self._loading, self._warming = Lock(), Lock()
        self._beside = Lock()  # taken while a thread loads beside those that answer
        self._failed: tuple[int, int] | None = None  # the stamp that could not be loaded
        self._why = ""  # it could not be
        self._again_at_s = 0.0

    def held(self) -> Shop | None:
        """The version to answer from, at once; None before the first. A newer one is begun to be loaded."""
        if (held := self._held) is None:
            return None
        if (newer := self._newer_than(held)) and self._beside.acquire(blocking=False):
            Thread(target=self._load_beside, args=(newer,), name="duomo-load", daemon=True).start()
        return held.shop

    def now(self) -> Shop:
        """The version to answer from; the first one is loaded by whoever comes first, others wait for it.

        Raises:
            DuomoError: there is no version yet that can be loaded.
        """
        if (shop := self.held()) is not None:  # an empty shop counts as false
            return shop
        with self._loading:
            if self._held is None:
                state = self._state()
                with self._counted():
                    self._held = _Held(self._shop.pinned(), *state)
            return self._held.shop

    def newest(self) -> Shop:
        """The version that the last build made, loaded and warm; raises DuomoError, and the old one stays."""
        with self._loading:
            stamp, manifest, table = self._state()
            held = self._held
            if held and (held.manifest, held.table) == (manifest, table):
                self._make_warm(held.shop)
                self._held = replace(held, stamp=stamp)
            else:
                with self._counted():
                    shop = self._shop.pinned()
                    self._make_warm(shop)
                self._held = _Held(shop, stamp, manifest, table)
            self._failed, self._why = None, ""
            return self._held.shop

    def ready(self) -> Shop:
        """The version to answer from, warm; of several threads the others wait. Raises DuomoError."""
        shop = self.now()
        self._make_warm(shop)
        return shop

    def try_to_be_ready(self) -> None:
        """The same before anybody asks; what is wrong is logged, and told to whoever asks."""
        try:
            self.ready()
        except DuomoError as error:
            log.error("the shop cannot be searched: %s", error)

    @property
    def is_behind(self) -> bool:
        """Whether there is a newer version that could not be loaded."""
        return self._failed is not None

    @property
    def why_behind(self) -> str:
        """Why the newer version could not be loaded; "": there is none such."""
        return self._why

    @property
    def answering(self) -> tuple[int, float]:
        """Number of the version that answers, 0: none yet; and when it was loaded, in seconds since 1970."""
        held = self._held
        return (held.manifest.served, held.since_s) if held else (0, 0.0)

    def follow(self) -> None:
        """Look for a new version several times a second, for as long as the process lives.

        Small changes lie over the version that was loaded last: found at once, but what is suggested, and
        what typos are mended by, is that of before. From time to time all is loaded anew, beside.
        """
        ended_s, took_s, least_s = monotonic(), 0.0, 0.0
        while True:
            sleep(_LOOKED_EVERY_S)
            held = self.held()
            if held is None or not held.changes:
                continue
            many = held.changes >= _MANY
            wait_s = _MANY_SHARE * took_s if many else max(_SETTLED_EVERY_S, _SETTLED_SHARE * took_s)
            if monotonic() < ended_s + max(wait_s, least_s):
                continue
            started, least_s = monotonic(), 0.0
            try:
                self.settle()
            except Exception as error:  # noqa: BLE001 (whatever it is, the version that is held answers)
                log.error("the shop's changes cannot be loaded as a whole: %s", error)
                least_s = _AGAIN_AFTER_S
            ended_s = monotonic()
            took_s = ended_s - started

    def settle(self) -> None:
        """Load as a whole what lies as changes over an earlier version; what comes meanwhile lies over it.

        Raises:
            DuomoError: it cannot be loaded; the version that is held stays.
        """
        with self._counted():
            whole = self._shop.pinned(whole=True)
            self._warm(whole)  # nobody else has it: no need to let those wait who make another one warm
        with self._loading:
            self._shop.rest_on(whole)
            state = self._state()
            shop = self._shop.pinned()
            self._make_warm(shop)
            self._held = _Held(shop, *state)
            self._failed, self._why = None, ""

    def _newer_than(self, held: _Held) -> tuple[int, int] | None:
        """The stamp of another version that is to be tried now; None: there is none."""
        with suppress(OSError):  # the old version needs no folder to answer
            stamp = stamp_of(self._shop.folder)
            if stamp != held.stamp and (stamp != self._failed or monotonic() >= self._again_at_s):
                return stamp
        return None

    def _state(self) -> tuple[tuple[int, int], Manifest, tuple[int, int]]:
        """The stamp of the manifest, what it says, and of which table; a build that has begun is no news."""
        stamp = stamp_of(self._shop.folder)  # first: what is written in between is loaded once more
        return stamp, replace(self._shop.manifest, building=()), table_in(self._shop.folder)

    def _load_beside(self, stamp: tuple[int, int]) -> None:
        try:
            self.newest()
        except Exception as error:  # noqa: BLE001 (whatever it is, the old version must go on answering)
            if stamp != self._failed:
                log.error("the shop's new version cannot be loaded, the old one stays: %s", error)
            self._failed, self._again_at_s = stamp, monotonic() + _AGAIN_AFTER_S
            self._why = str(error)
        finally:
            self._beside.release()

    def _make_warm(self, shop: Shop) -> None:
        with self._warming:
            if shop not in self._warmed:
                self._warm(shop)
                self._warmed.add(shop)


def ask_once(shop: Shop) -> None:
    """Ask one question of each kind, so that no shopper waits for what the first of them needs.

    Raises:
        DuomoError: the shop cannot be searched.
    """
    shop.search("a1", k=1)  # a digit: codes are looked up, too
    with suppress(BadQuery):  # the encoder reads no pictures
        shop.search(image=np.zeros((16, 16, 3), np.uint8), k=1)
    shop.suggest("a")
