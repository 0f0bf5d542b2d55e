"""What strangers' bytes reach first, as functions of bytes: nothing but a refusal may come out of them."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from duomo.catalog.formats.readers import FORMATS
from duomo.catalog.read import read_catalog
from duomo.errors import DuomoError
from duomo.guard.archives import Limits, unpack
from duomo.guard.pictures import open_picture, shown
from duomo.guard.sounds import open_sound
from expressions import keep_the_laws

MEMORY: Final = Path("/dev/shm")  # noqa: S108  # where there is one: millions of files need no disk
PLACE: Final = MEMORY if MEMORY.is_dir() else None


def files(body: bytes) -> None:
    """A merchant's file, as each format in turn."""
    formats = ("auto", *FORMATS)
    path = _path()
    path.write_bytes(body)
    try:
        found = read_catalog(path, format=formats[len(body) % len(formats)])
    except DuomoError:
        return
    assert sum(problem.severity == "error" for problem in found.problems) >= found.skipped
    repr((found.products, found.problems)).encode()


def filters(body: bytes) -> None:
    """A filter: it reads back as it was written, and nothing of it gets out of its quotes in SQL."""
    try:
        keep_the_laws(body.decode("utf-8", "surrogatepass" if body[:1] == b"\xed" else "replace"))
    except (DuomoError, UnicodeDecodeError):
        return


def pictures(body: bytes) -> None:
    """A picture: opened, and made small for the shelf."""
    try:
        picture = open_picture(body, side=64, megapixels=1)
    except DuomoError:
        return
    assert shown(body, picture, side=32).startswith(b"\xff\xd8\xff")


def archives(body: bytes) -> None:
    """An archive of a catalog."""
    path = _path()
    path.write_bytes(body)
    with TemporaryDirectory(dir=PLACE) as folder:
        home = Path(folder) / "home"
        with suppress(DuomoError):
            unpack(path, home / "unpacked", Limits(members=100, member_mb=1, total_mb=4))
        assert set(Path(folder).iterdir()) <= {home}
        assert not [link for link in home.rglob("*") if link.is_symlink()]


def sounds(body: bytes) -> None:
    """A sound that is a plain WAV."""
    try:
        open_sound(b"RIFF\0\0\0\0WAVE" + body)
    except DuomoError:
        return


def _path() -> Path:
    return (PLACE or Path.cwd()) / f"duomo-fuzz-{os.getpid()}.csv"


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    each.__name__: each for each in (files, filters, pictures, archives, sounds)
}
