"""A shop as one file or one folder, taken while others write to it."""

import dataclasses
import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath
from tempfile import mkdtemp, mkstemp
from time import perf_counter
from typing import IO, BinaryIO, Final, cast

from filelock import FileLock

import duomo
from duomo.encode.models import ENCODERS, OWN
from duomo.errors import BadFile, BadSetup, BadUsage, ShopBusy
from duomo.files import beside, drop_dead, sync_folder, take_place
from duomo.guard.archives import PART
from duomo.progress import Tick, silent
from duomo.shelf.frozen import Frozen, freeze
from duomo.shelf.health import is_table
from duomo.shelf.lock import writing
from duomo.shelf.manifest import NAME, PICTURES, TABLES, VARIANTS, Manifest
from duomo.stock.feeds import FEEDS, NEW
from duomo.stock.intake import UNPACKED
from duomo.stock.outcome import FAILED

CARD: Final = "backup.json"  # the last file of a backup: what is in it, and the hash of every file
FORMAT: Final = 1
CACHE: Final = "cache"  # what a build can make again
WORK: Final = ".backup-"  # begins the name of the folder that a backup is gathered in
_TRIES: Final = 50  # to take one version while builds end one after the other
_CHUNK: Final = 1 << 20
MB: Final = 1_000_000
AGAIN: Final = "Take another backup"

Put = Callable[[str, BinaryIO], tuple[int, str]]  # name, content -> its bytes and its hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a backup says of itself."""

    format: int
    duomo: str  # the version that wrote it
    made: str  # ISO 8601, UTC
    served: int  # version of the variants table
    variants: int
    outside: tuple[str, ...]  # encoders that the shop needs and that do not lie in its folder
    files: Mapping[str, tuple[int, str]]  # path -> bytes and BLAKE2b of it

    @classmethod
    def read(cls, body: bytes, where: Path) -> "Card":
        """Raises BadFile: it is none, or another Duomo wrote it in a form that this one does not know."""
        try:
            record = json.loads(body)
            format = record["format"]
            if format == FORMAT:
                files = {str(name): (int(size), str(hash)) for name, (size, hash) in record["files"].items()}
                return cls(**{**record, "files": files, "outside": tuple(record["outside"])})
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise BadFile(f"{where}: its {CARD} cannot be understood ({error})", remedy=AGAIN) from error
        problem = f"{where} is a backup of format {format}, and this Duomo knows format {FORMAT}"
        raise BadFile(problem, remedy="Use the Duomo version that wrote it, or a newer one")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What was backed up, or restored."""

    place: Path
    card: Card
    took_s: float

    @property
    def bytes(self) -> int:
        """Of all files together."""
        return sum(size for size, _ in self.card.files.values())


def back_up(
    folder: Path, to: Path, *, cache: bool = False, replace: bool = False, tick: Tick = silent
) -> Moved:
    """Write a shop as readers see it now into one file; builds and events go on meanwhile.

    Taken are the served version of its tables, all reviews and events that were acknowledged, its models,
    settings and synonyms. A build that is at work is not in it.

    Args:
        folder: of the shop.
        to: the file, NAME.tar; any other name: a folder. It is there when all of it is on disk.
        cache: take the vectors and downloads, too, that the next build would otherwise make again; no build
            can begin while they are copied.
        replace: let it take the place of an older backup.
        tick: told how many megabytes are written.

    Raises:
        MissingShop: there is no shop.
        BadUsage: something is there already.
        ShopBusy: builds ended so fast that no version could be taken; or one is at work, and the cache was
            asked for.
        BadSetup: the shop cannot be read, or the disk has no room.
    """
    started = perf_counter()
    Manifest.load(folder)
    folder, to = folder.resolve(), to.absolute()
    if (to.exists() or to.is_symlink()) and not replace:
        raise BadUsage(f"{to} is there already", remedy="Name another file, or say --replace")
    if to.is_relative_to(folder):
        raise BadUsage(f"{to} lies in the shop itself", remedy="Name a place outside of it")
    if to.is_dir() and any(to.iterdir()) and not (to / CARD).is_file():
        raise BadUsage(f"{to} is a folder with other things in it", remedy="Name another place")
    to.parent.mkdir(parents=True, exist_ok=True)
    drop_dead(to)
    with _gathered(folder, to) as work:
        card = _gather(folder, work, cache)
        names = [path.relative_to(work).as_posix() for path in sorted(work.rglob("*")) if path.is_file()]
        total = sum((work / name).stat().st_size for name in names)
        check_room(to.parent, total)
        files: dict[str, tuple[int, str]] = {}
        with _archive(to) if to.suffix == ".tar" else _folder(to) as put:
            for name in names:
                with (work / name).open("rb") as file:
                    files[name] = put(name, file)
                tick("writing", sum(size for size, _ in files.values()) // MB, total // MB)
            card = dataclasses.replace(card, files=files)
            body = json.dumps(asdict(card), ensure_ascii=False, indent=1).encode()
            put(CARD, io.BytesIO(body))
    return Moved(place=to, card=card, took_s=perf_counter() - started)


# Taking


@contextmanager
def _gathered(folder: Path, to: Path) -> Iterator[Path]:
    """A folder to gather the files in: in the shop, where links take no room, or beside the backup."""
    with ExitStack() as stack:
        try:
            stack.enter_context(FileLock(folder / ".backup.lock", timeout=600))  # one at a time
            for left in folder.glob(f"{WORK}*"):
                shutil.rmtree(left, ignore_errors=True)  # of one that was killed
            work = Path(mkdtemp(dir=folder, prefix=WORK))
        except OSError:
            work = Path(mkdtemp(dir=to.parent, prefix=beside(to)))
        stack.callback(shutil.rmtree, work, ignore_errors=True)
        yield work


def _gather(folder: Path, work: Path, cache: bool) -> Card:
    """Bring one version of the shop together; return its card, without the files."""
    manifest, variants = _one_version(folder, work)
    if (folder / TABLES).is_dir():
        with _writing_tables(folder / TABLES):
            for path in sorted((folder / TABLES).iterdir()):
                if is_table(path):
                    freeze(path, work / TABLES / path.name)
                elif path.is_file() and not path.name.startswith("."):
                    _copy(path, work / TABLES / path.name)
    for path in sorted(folder.iterdir()):
        own = (NAME, VARIANTS, PICTURES, TABLES, CACHE, FAILED)
        if path.name not in own and not path.name.startswith("."):
            _copy(path, work / path.name, fleeting_in=folder if path.name in (FEEDS, UNPACKED) else None)
    if cache and (folder / CACHE).is_dir():
        with writing(folder):
            _copy(folder / CACHE, work / CACHE)
    dataclasses.replace(manifest, building=(), served=variants.version if variants else 0).save(work)
    return Card(
        format=FORMAT,
        duomo=duomo.__version__,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        served=variants.version if variants else 0,
        variants=variants.rows if variants else 0,
        outside=tuple(n for n in manifest.encoders if n not in ENCODERS and not n.startswith(f"{OWN}/")),
        files={},
    )


def _one_version(folder: Path, work: Path) -> tuple[Manifest, Frozen | None]:
    """The manifest and the tables of one and the same version, as files in the work folder."""
    for _ in range(_TRIES):
        said = (folder / NAME).read_bytes()
        manifest = Manifest.load(folder)
        if not manifest.served:
            return manifest, None
        try:
            variants = freeze(folder / VARIANTS, work / VARIANTS, version=manifest.served)
            # After the variants: pictures are put before the rows that show them, and taken off after them.
            if is_table(folder / PICTURES):
                freeze(folder / PICTURES, work / PICTURES)
            if (folder / NAME).read_bytes() == said:
                return manifest, variants
        except FileNotFoundError:  # tidied up since: a newer version is served
            pass
        for name in (VARIANTS, PICTURES):
            shutil.rmtree(work / name, ignore_errors=True)
    remedy = "Try again when builds do not end one after the other"
    raise ShopBusy(f"the shop in {folder} changed {_TRIES} times while it was read", remedy=remedy)


@contextmanager
def _writing_tables(folder: Path) -> Iterator[None]:
    """The writer lock of the tables, where there can be one: on a disk that is read-only nobody writes."""
    with ExitStack() as stack:
        if os.access(folder, os.W_OK):
            stack.enter_context(writing(folder, wait_s=60))
        yield


def _copy(path: Path, to: Path, *, fleeting_in: Path | None = None) -> None:
    """Copy a file, or a folder with all in it but work files.

    `fleeting_in`: the shop, if this is part of what builds fetch and unpack meanwhile, and can again: what is
    not whole yet, and what they take away, is passed over.
    """
    try:
        if not path.is_dir():
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, to)
            return
        for inner in sorted(path.iterdir()):
            half = fleeting_in and _is_half(inner.relative_to(fleeting_in))
            if not inner.name.startswith(".") and not half:
                _copy(inner, to / inner.name, fleeting_in=fleeting_in)
    except FileNotFoundError:
        if not fleeting_in:
            raise


def _is_half(path: PurePath) -> bool:
    """Whether a feed is being fetched into this path of a shop, or a file of an archive unpacked into it."""
    if len(path.parts) != 3:
        return False
    return path.match(f"{FEEDS}/*/{NEW}*") or path.match(f"{UNPACKED}/*/{PART}")


# Writing


class Hashed:
    """A file whose content is hashed while it is read."""

    def __init__(self, content: BinaryIO) -> None:
        self._content = content
        self._digest = hashlib.blake2b(digest_size=16)

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        piece = self._content.read(size)
        self._digest.update(piece)
        return piece

    @property
    def hash(self) -> str:
        """BLAKE2b of what was read so far, as `files.hash_file` gives it."""
        return self._digest.hexdigest()


def check_room(folder: Path, size: int) -> None:
    """Raise BadSetup where a disk has no room for so many bytes and a little more."""
    free = shutil.disk_usage(folder).free
    if free < size + 50 * MB:
        problem = f"{folder} has {free / MB:.0f} MB free, and {size / MB:.0f} MB are to be written"
        raise BadSetup(problem, remedy="Make room, or name a place on another disk")


@contextmanager
def _archive(to: Path) -> Iterator[Put]:
    """A tar archive that is there as a whole when the body has ended without an error."""
    # Readable by nobody else: settings hold keys.
    handle, name = mkstemp(dir=to.parent, prefix=beside(to))
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:

                def put(name: str, content: BinaryIO) -> tuple[int, str]:
                    info = tarfile.TarInfo(name)
                    info.size = content.seek(0, os.SEEK_END)
                    content.seek(0)
                    read = Hashed(content)
                    tar.addfile(info, cast(IO[bytes], read))  # of which it reads alone
                    return info.size, read.hash

                yield put
            file.flush()
            os.fsync(file.fileno())
        take_place(path, to)
    finally:
        path.unlink(missing_ok=True)
    sync_folder(to.parent)


@contextmanager
def _folder(to: Path) -> Iterator[Put]:
    """A folder that is there as a whole when the body has ended without an error."""
    work = Path(mkdtemp(dir=to.parent, prefix=beside(to)))
    try:
        yield lambda name, content: write_hashed(content, work / name)
        take_place(work, to)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    sync_folder(to.parent)


def write_hashed(content: BinaryIO, to: Path) -> tuple[int, str]:
    """Write a new file and have it on disk; return its bytes and its BLAKE2b."""
    to.parent.mkdir(parents=True, exist_ok=True)
    read = Hashed(content)
    with to.open("xb") as file:
        shutil.copyfileobj(cast(IO[bytes], read), file, _CHUNK)  # it reads alone
        file.flush()
        os.fsync(file.fileno())
        return file.tell(), read.hash
