"""The pictures of creatives, from files beside their table."""

from pathlib import Path
from typing import Final

from duomo.arrays import Pixels
from duomo.catalog.pictures import placer
from duomo.errors import DuomoError
from duomo.guard.pictures import open_picture
from duomo.product import is_address
from duomo.understand.ads import Creative

SIDE: Final = 144  # pixels of the longest side: enough to be measured, and sharp when shown small


class AdPictures:
    """Opens the picture of a creative; addresses are not fetched, what cannot be opened is in `missing`."""

    def __init__(self, folder: Path, *, megapixels: float = 100.0, picture_mb: float = 50.0) -> None:
        self.missing: set[str] = set()
        self._place = placer(folder)
        self._megapixels = megapixels
        self._most = picture_mb * 1e6
        self._opened: dict[str, Pixels | None] = {}

    def __call__(self, creative: Creative) -> Pixels | None:
        """(height, width, 3), at most SIDE each way; None: it has none, or it cannot be opened."""
        source = creative.picture
        if not source or is_address(source):
            return None
        if source not in self._opened:
            self._opened[source] = self._open(source)
        return self._opened[source]

    def _open(self, source: str) -> Pixels | None:
        try:
            path = Path(self._place(source))
            if not path.is_file() or path.stat().st_size > self._most:
                raise FileNotFoundError(source)
            return open_picture(path.read_bytes(), side=SIDE, megapixels=self._megapixels).pixels
        except (DuomoError, OSError):
            self.missing.add(source)
            return None
