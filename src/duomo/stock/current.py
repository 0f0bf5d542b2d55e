"""The version of a shop that is served now, in the memory of whoever asks it."""

from pathlib import Path
from threading import Lock

from duomo.settings import Settings
from duomo.shelf.layered import LayeredSnapshot
from duomo.shelf.manifest import stamp_of
from duomo.stock.served import Served


class Current:
    """Loads a version when it is first asked for, and what has changed since when it is asked again."""

    def __init__(self, folder: Path, settings: Settings, pinned: Served | None = None) -> None:
        """Of a shop folder; `pinned`: the version that it is and stays, whatever is built later."""
        self._folder, self._settings, self._pinned = folder, settings, pinned
        self._held = pinned
        self._lock = Lock()

    def now(self) -> Served:
        """The version that is served now; raises MissingShop, BadSetup."""
        if self._pinned is not None:
            return self._pinned
        stamp = stamp_of(self._folder)
        if self._held is None or self._held.stamp != stamp:
            with self._lock:
                if self._held is None or self._held.stamp != stamp:
                    self._held = Served.load(self._folder, self._settings, stamp, self._held)
        return self._held

    def whole(self) -> Served:
        """The version that is served now, loaded as a whole beside the one that is held."""
        return Served.load(self._folder, self._settings, stamp_of(self._folder))

    def rest_on(self, served: Served) -> None:
        """Have what changes from now on lie over this version."""
        with self._lock:
            if self._pinned is None:
                self._held = served

    @property
    def changes(self) -> int:
        """How many rows lie as changes over a version that was loaded as a whole."""
        snapshot = self._held.snapshot if self._held else None
        return snapshot.changed if isinstance(snapshot, LayeredSnapshot) else 0
