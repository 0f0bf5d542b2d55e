"""Archives from outside: unpacked into a folder of their own, member by member, within limits."""

import gzip
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import IO, BinaryIO, Final, Self

from duomo.errors import BadFile
from duomo.files import hash_file, write_atomic
from duomo.guard.members import LeftOut, files_of, is_encrypted, total_of
from duomo.settings import Settings

PART: Final = "part"  # a file that is being unpacked, beside the folder that it will lie in
_CHUNK: Final = 1 << 20
_SMALL: Final = 1_000_000  # bytes: a blank picture of this size may be packed as tightly as it likes
_ENTRY: Final = b"PK\x01\x02"  # each entry of a ZIP file's table of contents begins so
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_GZIP: Final = b"\x1f\x8b"
_BZIP2: Final = tuple(b"BZh%d1AY&SY" % level for level in range(1, 10))
_NESTED: Final = (*_ZIP, _GZIP, *_BZIP2, b"Rar!\x1a", b"7z\xbc\xaf", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
_TAR: Final = (257, b"ustar")  # where a tar archive says what it is
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # LZMA names the memory that it wants itself
_AGAIN: Final = "Pack it again, as a plain ZIP file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an archive may hold."""

    members: int = 100_000
    member_mb: float = 2000.0  # of one file, unpacked, in millions of bytes
    total_mb: float = 8000.0  # of all of them
    ratio: float = 200.0  # how many times its packed size a file of more than a million bytes may have

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The limits that the settings name."""
        return cls(
            members=settings.archive_members,
            member_mb=settings.file_mb,
            total_mb=settings.archive_mb,
            ratio=settings.archive_ratio,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """An archive on disk."""

    folder: Path  # what the names are relative to
    names: tuple[str, ...]  # of the files, with slashes, in the order of the archive
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class _Member:
    """A file that is to be unpacked."""

    name: str
    packed: int  # bytes
    open: Callable[[], IO[bytes] | gzip.GzipFile]


@dataclass(slots=True)
class _Kept:
    """What an earlier call left in a folder."""

    archive: str = ""  # hash and limits
    files: dict[str, tuple[str, str]] = field(default_factory=dict)  # name -> content hash, stamp
    left_out: list[LeftOut] = field(default_factory=list)


def is_archive(path: Path) -> bool:
    """Whether a file is a ZIP or gzip file by its first bytes, whatever it is called."""
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except (OSError, ValueError):  # ValueError: no file can be called so
        return False
    return head in _ZIP or head.startswith(_GZIP)


def is_zip(path: Path) -> bool:
    """Whether an existing file is a ZIP file by its first bytes."""
    with path.open("rb") as file:
        return file.read(4) in _ZIP


def unpack(archive: Path, folder: Path, limits: Limits) -> Unpacked:
    """Unpack a ZIP file, or the one file in a gzip file, into a folder that is kept for it alone.

    A member that is dangerous, damaged or too large is left out and told. What the folder holds already is
    not written again where it is the same, so that files keep their time of change; what the archive holds
    no longer is removed. A file gets its name only when all of it is there and its checksum is right.

    Args:
        archive: an existing file.
        folder: made if it is not there; nothing is ever written outside it.
        limits: what holds more is refused before anything is unpacked.

    Raises:
        BadFile: it is damaged or cut short, encrypted, a bomb, or holds more than the limits allow.
    """
    version = f"{hash_file(archive)} {limits}"  # other limits let other members in
    home, index = folder / "files", folder / "index.json"
    kept = _kept(index)
    if kept.archive == version and all(
        _stamp(home / name) == stamp for name, (_, stamp) in kept.files.items()
    ):
        return Unpacked(folder=home, names=tuple(kept.files), left_out=tuple(kept.left_out))
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    now = _Kept(version)
    with archive.open("rb") as file, _told(archive):
        members = _zipped(file, archive, limits, now.left_out) if file.read(4) in _ZIP else _gzipped(archive)
        _only(home, {member.name for member in members})
        left = int(limits.total_mb * 1e6)  # what the archive announced was checked; gzip announces nothing
        for member in members:
            size = _put(member, folder, kept, now, limits, left)
            left -= size
    _only(home, set(now.files))
    said = {"archive": version, "files": now.files, "left_out": [_said(each) for each in now.left_out]}
    write_atomic(index, json.dumps(said, ensure_ascii=False))
    return Unpacked(folder=home, names=tuple(now.files), left_out=tuple(now.left_out))


def _zipped(file: BinaryIO, archive: Path, limits: Limits, left_out: list[LeftOut]) -> list[_Member]:
    """The members of a ZIP file that are to be unpacked; the others are noted."""
    zipped = zipfile.ZipFile(_Guarded(file, archive, limits))
    infos = zipped.infolist()
    if len(infos) > limits.members:
        raise _too_many(archive, limits)
    if any(info.filename == "[Content_Types].xml" for info in infos):
        problem = f"{archive} is an Office document, not an archive of goods"
        raise BadFile(problem, remedy="Save its sheet as CSV")
    if secret := next((info.filename for info in infos if is_encrypted(info)), ""):
        problem = f"{archive} is encrypted ('{secret[:100]}' in it needs a password)"
        raise BadFile(problem, remedy="Pack it again without a password")
    packed, size = total_of(infos)
    if size > limits.total_mb * 1e6:
        problem = f"{archive} holds {size / 1e6:,.0f} MB, more than the limit of {limits.total_mb:g} MB"
        raise BadFile(problem, remedy="Split it, or raise the setting archive_mb")
    if packed > archive.stat().st_size:
        problem = f"{archive} holds files that lie over each other, as in an archive made to do harm"
        raise BadFile(problem, remedy=_AGAIN)
    taken, refused = files_of(infos)
    left_out += refused
    members = []
    for name, info in taken.items():
        if info.compress_type not in _METHODS:
            left_out.append(LeftOut(name, "is packed in a way that is not read", _AGAIN))
        elif info.file_size > limits.member_mb * 1e6:
            problem = f"has {info.file_size / 1e6:,.1f} MB, more than the limit of {limits.member_mb:g} MB"
            left_out.append(LeftOut(name, problem, "Leave it out, or raise the setting file_mb"))
        elif info.file_size > max(_SMALL, limits.ratio * info.compress_size):
            left_out.append(LeftOut(name, *_bomb(limits).args))
        else:
            members.append(_Member(name, info.compress_size, partial(zipped.open, info)))
    return members


def _gzipped(archive: Path) -> list[_Member]:
    """The one file in a gzip file, called as the archive without its .gz."""
    name = archive.name.removesuffix(".gz") or "file"
    return [_Member(name, archive.stat().st_size, partial(gzip.GzipFile, archive))]


def _put(member: _Member, folder: Path, kept: _Kept, now: _Kept, limits: Limits, left: int) -> int:
    """Unpack one member, if nothing is wrong with it; return its size in bytes."""
    part, target = folder / PART, folder / "files" / member.name
    digest = blake2b(digest_size=16)
    try:
        with _opened(member) as packed, part.open("wb") as file:
            size = 0
            for chunk in _chunks(packed, member.packed, limits, left):
                if not size and _is_nested(chunk):
                    problem = "is an archive inside the archive, which is not opened"
                    raise _Refused(problem, "Pack its files instead of it")
                size += len(chunk)
                digest.update(chunk)
                file.write(chunk)
        said = digest.hexdigest()
        if kept.files.get(member.name) != (said, _stamp(target)):
            target.parent.mkdir(parents=True, exist_ok=True)
            part.replace(target)
        now.files[member.name] = (said, _stamp(target))
        return size
    except _Refused as refused:
        now.left_out.append(LeftOut(member.name, *refused.args))
        return 0
    finally:
        part.unlink(missing_ok=True)


def gunzip(packed: Path, target: Path, limits: Limits) -> None:
    """Unpack what gzip has packed for the way; it may be an archive then.

    Raises:
        BadFile: it is damaged, cut short, or larger than the limits allow; it is named by its path.
    """
    try:
        with gzip.GzipFile(packed) as file, target.open("wb") as out:
            for chunk in _chunks(file, packed.stat().st_size, limits, int(limits.total_mb * 1e6)):
                out.write(chunk)
    except _Refused as refused:
        problem, remedy = refused.args
        raise BadFile(f"{packed} {problem}", remedy=remedy) from refused


def _opened(member: _Member) -> IO[bytes] | gzip.GzipFile:
    """The member; raises _Refused where what stands before it is damaged."""
    try:
        return member.open()
    except _DAMAGES as error:
        raise _damaged(error) from error


class _Refused(Exception):
    """What is wrong with one member, and the remedy."""


def _chunks(file: IO[bytes] | gzip.GzipFile, packed: int, limits: Limits, left: int) -> Iterator[bytes]:
    """What a packed file holds, piece by piece; raises _Refused where it is too much, or damaged."""
    size, most = 0, min(limits.member_mb * 1e6, left)
    try:
        while chunk := file.read(_CHUNK):
            size += len(chunk)
            if size > most:
                problem = f"has more than {most / 1e6:,.4g} MB, which is the limit"
                raise _Refused(problem, "Leave it out, or raise the settings file_mb and archive_mb")
            if size > max(_SMALL, limits.ratio * packed):
                raise _bomb(limits)
            yield chunk
    except _DAMAGES as error:
        raise _damaged(error) from error


# Of the bytes of a member: wrong checksum or header, broken stream, cut short, marked as what is not read.
_DAMAGES: Final = (zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile, RuntimeError)


@contextmanager
def _told(archive: Path) -> Iterator[None]:
    """What zipfile raises for a file as a whole, as a refusal of it."""
    try:
        yield
    except (*_DAMAGES, struct.error, ValueError, OverflowError) as error:
        problem = f"{archive} is damaged or cut short ({error})"
        raise BadFile(problem, remedy="Copy it again, or pack it again") from error


class _Guarded(io.RawIOBase):
    """An archive whose table of contents is counted before it is taken apart: each entry costs memory."""

    def __init__(self, file: BinaryIO, archive: Path, limits: Limits) -> None:
        self._file, self._archive, self._limits = file, archive, limits

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        if whence == 0 and offset < 0:  # a damaged table of contents sends there
            raise zipfile.BadZipFile("a place before the beginning")
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1, /) -> bytes:
        if size > self._limits.members * 1000 + _CHUNK:  # a name may have 65,535 bytes, but not all of them
            raise _too_many(self._archive, self._limits)
        chunk = self._file.read(size)
        if chunk.startswith(_ENTRY) and chunk.count(_ENTRY) > self._limits.members:
            raise _too_many(self._archive, self._limits)
        return chunk


def _is_nested(head: bytes) -> bool:
    start, mark = _TAR
    return head.startswith(_NESTED) or head[start : start + len(mark)] == mark


def _damaged(error: Exception) -> _Refused:
    return _Refused(f"is damaged or cut short ({error})", "Copy it again, or pack it again")


def _bomb(limits: Limits) -> _Refused:
    problem = (
        f"is more than {limits.ratio:g} times as large as it is packed, as in an archive made to do harm"
    )
    return _Refused(problem, "Leave it out, or raise the setting archive_ratio")


def _too_many(archive: Path, limits: Limits) -> BadFile:
    problem = f"{archive} holds more than {limits.members:,} files, which is the limit"
    return BadFile(problem, remedy="Split it, or raise the setting archive_members")


def _only(home: Path, names: set[str]) -> None:
    """Remove every file from a folder but those named, and folders that are empty then."""
    for path in sorted(home.rglob("*"), reverse=True):  # what is inside a folder before the folder
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(home).as_posix() not in names:
            path.unlink()


def _kept(index: Path) -> _Kept:
    """What the index says; nothing where there is none, or it is damaged."""
    try:
        said = json.loads(index.read_bytes())
        files = {str(name): (str(content), str(stamp)) for name, (content, stamp) in said["files"].items()}
        return _Kept(str(said["archive"]), files, [LeftOut(*map(str, each)) for each in said["left_out"]])
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return _Kept()


def _said(each: LeftOut) -> tuple[str, str, str]:
    return (each.name, each.problem, each.remedy)


def _stamp(path: Path) -> str:
    """Size and time of change of a file, "" where there is none."""
    try:
        status = path.lstat()
    except OSError:
        return ""
    return f"{status.st_size}.{status.st_mtime_ns}"
