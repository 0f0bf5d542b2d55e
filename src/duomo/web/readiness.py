"""Whether the server can answer a shopper now, found out by asking; and what is not as it should be."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Final

from duomo.encode.models import OWN, folder_of
from duomo.errors import BadSetup, DuomoError
from duomo.shelf.health import is_table
from duomo.shelf.manifest import NAME, VARIANTS, Manifest
from duomo.web.versions import Versions

_GOOD_FOR_S: Final = (
    1.0  # whoever asks oftener is told the same again: a question of their own costs shoppers time
)


@dataclass(frozen=True, slots=True)
class Ready:
    """The shop can be searched."""

    variants: int
    version: int
    behind: bool  # a newer version could not be loaded
    reasons: tuple[str, ...] = field(default=())  # what will be missed when the server starts again


class Readiness:
    """Asks the version that answers a question, and looks whether what it was read from is still there."""

    def __init__(self, folder: Path, versions: Versions) -> None:
        self._folder, self._versions = folder, versions
        self._lock = Lock()
        self._held: tuple[float, Ready | BadSetup] | None = None

    def check(self) -> Ready:
        """The first time this waits until a version is loaded and warm.

        Raises:
            BadSetup: no version can be loaded, the one that is does not answer, or the shop's folder has gone
                or cannot be read.
        """
        with self._lock:
            if self._held is None or monotonic() >= self._held[0] + _GOOD_FOR_S:
                self._held = (monotonic(), self._found())
            found = self._held[1]
        if isinstance(found, BadSetup):
            raise BadSetup(found.args[0], remedy=found.remedy)
        return found

    def _found(self) -> Ready | BadSetup:
        remedy = f"Run: duomo doctor --shop {self._folder}"
        try:
            shop = self._versions.ready()
            if len(shop):
                shop.search("a1", k=1, literal=True)
        except Exception as error:  # noqa: BLE001 (whatever it is, the answer is that the shop is not ready)
            why = error.args[0] if isinstance(error, DuomoError) else type(error).__name__
            return BadSetup(f"the shop cannot be searched ({why})", remedy=remedy)
        if gone := self._gone():  # what is in memory may answer all the same, but not for long
            return BadSetup(f"the shop's folder cannot be read ({gone})", remedy=remedy)
        behind = self._versions.is_behind
        missed = (reason.replace(str(self._folder), self._folder.name) for reason in self._missed())
        return Ready(len(shop), self._versions.answering[0], behind, tuple(missed))

    def _gone(self) -> str:
        """What of the shop's folder is not there or cannot be read; "": nothing."""
        manifest = self._folder / NAME
        try:
            with manifest.open("rb") as file:
                file.read(1)
            os.listdir(self._folder / VARIANTS)  # noqa: PTH208 (raises what keeps it from being read)
        except FileNotFoundError as error:
            return f"{error.filename} is not there"
        except OSError as error:
            return f"{error.filename} cannot be read: {error.strerror}"
        return "" if is_table(self._folder / VARIANTS) else f"{self._folder / VARIANTS} holds no table"

    def _missed(self) -> list[str]:
        """What this process has in memory, and another that starts now would not find."""
        reasons = []
        if why := self._versions.why_behind:
            reasons.append(f"a newer version could not be loaded: {why}")
        try:
            names = Manifest.load(self._folder).encoders
        except DuomoError as error:
            return reasons or [error.args[0]]
        for name in names:
            if name.startswith(f"{OWN}/") and folder_of(name, home=self._folder) is None:
                reasons.append(f"the encoder {name} is gone from {self._folder}")
        return reasons
