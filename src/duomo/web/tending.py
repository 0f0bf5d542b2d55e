"""Keeps a served shop in shape: of all processes that serve it one looks after it."""

import logging
from pathlib import Path
from time import sleep
from typing import Final

from filelock import FileLock, Timeout

from duomo.errors import DuomoError, ShopBusy
from duomo.settings import Settings
from duomo.stock.tend import need_of, tend
from duomo.web.metrics import Metrics

log = logging.getLogger(__name__)

_EVERY_S: Final = 5.0
_AGAIN_AFTER_S: Final = 300.0  # after it went wrong
LOCK: Final = ".tending.lock"


class Tender:
    """Does for a shop what it needs, when nobody is writing."""

    def __init__(self, folder: Path, settings: Settings, metrics: Metrics) -> None:
        """Of a shop folder."""
        self._folder, self._settings, self._metrics = folder, settings, metrics

    def run(self) -> None:
        """Look after the shop for as long as the process lives, or until another one does already."""
        lock = FileLock(self._folder / LOCK)
        while True:
            try:
                with lock.acquire(timeout=0):
                    while True:
                        sleep(_EVERY_S if self.look() else _AGAIN_AFTER_S)
            except Timeout:
                sleep(_EVERY_S)  # the other one may end
            except OSError as error:  # the folder is read-only, or gone
                log.warning("the shop is not looked after: %s", error)
                sleep(_AGAIN_AFTER_S)

    def look(self) -> bool:
        """Do what is needed now; return False where it went wrong, which is logged."""
        need = ""
        try:
            if need := need_of(self._folder, self._settings):
                with self._metrics.tending(need):
                    tend(self._folder, self._settings, need)
        except ShopBusy:
            return True  # a build is at work: it is tried again
        except (DuomoError, OSError, RuntimeError, ValueError) as error:
            log.warning("the shop cannot be looked after (%s): %s", need or "what it needs", error)
            return False
        return True
