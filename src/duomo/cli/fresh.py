"""A first build that is refused leaves nothing behind: no folder, no half-made shop."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from duomo.errors import DuomoError, ShopBusy, ShopExists
from duomo.shelf.lock import writing
from duomo.shelf.manifest import NAME, Manifest


@contextmanager
def or_nothing(shop: Path) -> Iterator[None]:
    """Take back what the body made in a shop folder if it fails before anything was put on the shelf.

    A build that fails later, on a full disk say, leaves what it committed: the next one goes on from there.

    Args:
        shop: the folder; only what is not there yet when the body begins is taken back.
    """
    made = [folder for folder in (shop, *shop.parents) if not folder.exists()]
    before = set(shop.iterdir()) if shop.is_dir() else set()
    try:
        yield
    except (DuomoError, OSError) as error:
        if not isinstance(error, ShopBusy | ShopExists):  # then it is another's shop by now
            with suppress(DuomoError, OSError):  # what went wrong first is what must be told
                _take_back(shop, before, made)
        raise


def _take_back(shop: Path, before: set[Path], made: list[Path]) -> None:
    """Remove what was made, unless a build has begun in it."""
    if (shop / NAME).exists():
        with writing(shop):
            manifest = Manifest.load(shop)
            if manifest.building or manifest.served:
                return
            _empty(shop, before)
    elif shop.is_dir():
        _empty(shop, before)
    for folder in made:  # the innermost first
        if folder.is_dir():
            folder.rmdir()


def _empty(shop: Path, before: set[Path]) -> None:
    for path in set(shop.iterdir()) - before:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
