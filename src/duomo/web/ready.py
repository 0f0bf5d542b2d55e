"""Whether the shop can be searched at once: what the first question would wait for is made before."""

import logging
from contextlib import suppress
from threading import Lock

import numpy as np

from duomo.errors import BadQuery, DuomoError
from duomo.shop import Shop
from duomo.web.offered import OfferedFacets

log = logging.getLogger(__name__)


class Readiness:
    """Makes a version of the shop ready, once."""

    def __init__(self, shop: Shop, offered: OfferedFacets) -> None:
        self._shop, self._offered = shop, offered
        self._lock = Lock()
        self._version = -1

    def make(self) -> int:
        """Ask the version that is served one question of each kind; of several threads the others wait.

        Returns:
            How many variants it has.

        Raises:
            DuomoError: the shop cannot be searched.
        """
        with self._lock:
            version = self._shop.manifest.served
            if version != self._version:
                self._shop.search("a1", k=1)  # a digit: codes are looked up, too
                with suppress(BadQuery):  # the encoder reads no pictures
                    self._shop.search(image=np.zeros((16, 16, 3), np.uint8), k=1)
                self._shop.suggest("a")
                self._offered.names()
                self._version = version
            return len(self._shop)

    def try_to_make(self) -> None:
        """The same before anybody asks; what is wrong is logged, and told to whoever asks."""
        try:
            self.make()
        except DuomoError as error:
            log.error("the shop cannot be searched: %s", error)
