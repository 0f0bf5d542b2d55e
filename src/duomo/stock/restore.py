"""A shop from a backup: unpacked beside its place, checked file by file, then put there in one step."""

import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp
from time import perf_counter
from typing import BinaryIO, Final

from duomo.errors import BadFile, BadSetup, MissingFile, ShopExists
from duomo.files import beside, drop_dead, sync_folder, take_place
from duomo.progress import Tick, silent
from duomo.shelf.lance import LanceShelf
from duomo.shelf.lock import writing
from duomo.shelf.manifest import NAME, VARIANTS, Manifest
from duomo.stock.backup import AGAIN, CARD, MB, Card, Moved, check_room, write_hashed

_LARGEST_CARD: Final = 256 * MB
_MOST_FILES: Final = 1_000_000


def restore(source: Path, folder: Path, *, replace: bool = False, tick: Tick = silent) -> Moved:
    """Make a shop of a backup; the folder is there when all of it has been checked, and not before.

    Args:
        source: the file or folder that `backup.back_up` wrote.
        folder: of the shop; not there yet, or empty.
        replace: let the backup take the place of a shop that is there.
        tick: told how many megabytes are read.

    Raises:
        MissingFile: there is no such backup.
        BadFile: it is none, is damaged, or holds what no backup holds; the folder stays as it was.
        ShopExists: the folder holds something, and is not to be replaced, or is no shop.
        ShopBusy: another process is writing to the shop that is to be replaced.
        BadSetup: the disk has no room, or another Duomo built the shop.
    """
    started = perf_counter()
    if not source.exists():
        raise MissingFile(f"there is no backup {source}", remedy="Correct the path")
    folder = folder.resolve()
    held = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    if held and not (folder / NAME).is_file():
        raise ShopExists(f"{folder} is no shop and not empty", remedy="Name an empty or a new folder")
    if held and not replace:
        remedy = "Name another folder, or say --replace"
        raise ShopExists(f"there is a shop in {folder} already", remedy=remedy)
    folder.parent.mkdir(parents=True, exist_ok=True)
    drop_dead(folder)
    work = Path(mkdtemp(dir=folder.parent, prefix=beside(folder)))
    try:
        with _refused(source):
            files = _files_of(source) if source.is_dir() else _members_of(source)
            card = _unpack(files, source, work, tick)
        if (work / VARIANTS).is_dir() and len(LanceShelf(work / VARIANTS).snapshot()) != card.variants:
            raise BadFile(f"{source} does not hold the {card.variants} variants that it names", remedy=AGAIN)
        Manifest.load(work)
        _put_in_place(work, folder, held=held)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Moved(place=folder, card=card, took_s=perf_counter() - started)


@contextmanager
def _refused(source: Path) -> Iterator[None]:
    """Turn what tarfile says of a file that is no archive into BadFile."""
    try:
        yield
    except (tarfile.TarError, EOFError, UnicodeError, OverflowError, ValueError) as error:
        raise BadFile(f"{source} is no whole backup ({error})", remedy=AGAIN) from error


def _unpack(files: Iterator[tuple[str, int, BinaryIO]], source: Path, work: Path, tick: Tick) -> Card:
    """Write the files into the work folder; return the card, which names all of them and nothing else.

    Raises BadFile: a file is not what the card says, is missing, or none that a backup may hold.
    """
    total, done = source.stat().st_size // MB, 0
    found: dict[str, tuple[int, str]] = {}
    card: Card | None = None
    for name, size, content in files:
        if card is not None:
            raise BadFile(f"{source} goes on after its {CARD}", remedy=AGAIN)
        if name == CARD:
            if size > _LARGEST_CARD:
                raise BadFile(f"{source}: its {CARD} is too large", remedy=AGAIN)
            card = Card.read(content.read(size), source)
            continue
        if len(found) >= _MOST_FILES:
            raise BadFile(f"{source} holds more than {_MOST_FILES} files", remedy=AGAIN)
        check_room(work, size)
        found[_checked(name, source)] = write_hashed(content, work / name)
        done += size
        tick("reading", done // MB, max(total, done // MB))
    if card is None:
        raise BadFile(f"{source} is no backup, or was cut short: it has no {CARD}", remedy=AGAIN)
    for name in sorted(found.keys() | card.files.keys()):
        if found.get(name) != card.files.get(name):
            raise BadFile(f"{source}: {name} is not as it was when the backup was taken", remedy=AGAIN)
    if NAME not in found:
        raise BadFile(f"{source} holds no {NAME}", remedy=AGAIN)
    return card


def _checked(name: str, source: Path) -> str:
    """The name, if it stays inside the folder and is one that a shop's file may have; raises BadFile."""
    parts = PurePosixPath(name).parts
    plain = "/".join(parts) == name and name.isprintable() and "\\" not in name and ":" not in name
    if not plain or not parts or any(part.startswith(".") for part in parts):
        raise BadFile(f"{source} holds a file {name[:200]!r}, which no backup has", remedy=AGAIN)
    return name


def _members_of(source: Path) -> Iterator[tuple[str, int, BinaryIO]]:
    """Name, size and content of the files of an archive, in their order."""
    with tarfile.open(source, "r:") as tar:
        for member in tar:
            if not member.isreg() or member.issparse():
                raise BadFile(f"{source} holds {member.name[:200]!r}, which is no plain file", remedy=AGAIN)
            tarfile.data_filter(member, _checked(member.name, source))  # what Python itself refuses
            content = tar.extractfile(member)
            if content is not None:
                yield member.name, member.size, content  # type: ignore[misc]  # reads bytes, which is all it has to


def _files_of(source: Path) -> Iterator[tuple[str, int, BinaryIO]]:
    """The same of a folder; the card comes last."""
    paths = sorted(path for path in source.rglob("*") if not path.is_dir() or path.is_symlink())
    for path in [*(path for path in paths if path != source / CARD), source / CARD]:
        if path.is_symlink() or not path.is_file():
            if path == source / CARD:
                return
            raise BadFile(f"{path} is no plain file", remedy=AGAIN)
        with path.open("rb") as file:
            yield path.relative_to(source).as_posix(), path.stat().st_size, file


def _put_in_place(work: Path, folder: Path, *, held: bool) -> None:
    """Give the work folder the place of the shop; what was there goes when the new one stands."""
    mask = os.umask(0)
    os.umask(mask)
    work.chmod(0o777 & ~mask)
    for inner in (work, *(path for path in work.rglob("*") if path.is_dir())):
        sync_folder(inner)
    if not held:
        if folder.exists():
            folder.rmdir()
        work.replace(folder)
        sync_folder(folder.parent)
        return
    with writing(folder):
        try:
            take_place(work, folder)
        except OSError as error:
            raise BadSetup(
                f"the backup cannot be put in the place of {folder} ({error})", remedy="Try again"
            ) from error
    sync_folder(folder.parent)
