"""A small disk that runs full: a mounted file, and another file on it that takes up all its room."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

DISK_MB: Final = 48
_BALLAST: Final = "ballast"
_BLOCK: Final = 4096


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of its own in a folder, as long as the body runs; takes root, and a loop device or a tmpfs."""
    image, place = folder / "disk.image", folder / "disk"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(DISK_MB << 20)
    try:
        _run("mkfs.ext4", "-q", "-m", "0", str(image))
        _run("mount", "-o", "loop", str(image), str(place))
    except (OSError, subprocess.CalledProcessError):
        _run("mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "none", str(place))
    try:
        yield place
    finally:
        _run("umount", "-l", str(place))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def fill(disk: Path, free_kb: int) -> None:
    """Leave so much free, to the block."""
    with (disk / _BALLAST).open("wb", buffering=0) as file:
        there = os.statvfs(disk)
        size, done = there.f_bavail * there.f_frsize - free_kb * 1024, 0
        while size >= _BLOCK:
            try:
                os.posix_fallocate(file.fileno(), done, size)
            except OSError:  # others write, and what lists the blocks takes some
                size //= 2
            else:
                done += size
                if free_kb:
                    return


def make_room(disk: Path) -> None:
    """Take away what fills the disk."""
    with suppress(FileNotFoundError):
        (disk / _BALLAST).unlink()
