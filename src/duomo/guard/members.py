"""The files that a ZIP archive claims to hold: what they are called, and which of them are taken."""

import re
import stat
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_UTF8: Final = 0x800  # flag bit of a name in UTF-8 (APPNOTE 4.4.4, bit 11)
_ENCRYPTED: Final = 0x1
_UNICODE_PATH: Final = 0x7075  # extra field with the name in UTF-8 (APPNOTE 4.6.9)
_DRIVE: Final = re.compile(r"[A-Za-z]:")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_LONGEST: Final = 255  # bytes of a name; no common file system takes a longer one
_DEEPEST: Final = 100  # folders inside one another
_RENAME: Final = "Pack it again, with plain names inside one folder"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A member that was not unpacked, and why."""

    name: str
    problem: str
    remedy: str


def files_of(infos: Sequence[zipfile.ZipInfo]) -> tuple[dict[str, zipfile.ZipInfo], list[LeftOut]]:
    """The files of an archive by their clean names, and what is left out.

    Names have slashes, no `.` or `..`, and are in NFC, as people type them. Folders, and what desktops put
    into archives for themselves (`__MACOSX`, hidden files, Thumbs.db), are passed over.
    """
    taken: dict[str, zipfile.ZipInfo] = {}
    left_out: list[LeftOut] = []
    files: dict[str, str] = {}  # folded name -> the name that is taken
    folders: set[str] = set()
    decode = _decoder(infos)
    for info in infos:
        said = decode(info)
        if said.endswith(("/", "\\")) and not info.file_size:
            continue
        name, wrong = _clean(said)
        shown = _CONTROL.sub("?", said).encode("utf-8", "replace").decode()[:200]
        kind = stat.S_IFMT(info.external_attr >> 16)
        if wrong:
            left_out.append(LeftOut(shown, wrong, _RENAME))
        elif kind not in (0, stat.S_IFREG):
            what = "is a link" if kind == stat.S_IFLNK else "is no plain file"
            left_out.append(LeftOut(shown, f"{what}, which is not followed", "Pack the file itself"))
        elif not _is_clutter(name):
            folded = name.casefold()
            parents = list(_parents(folded))
            if folded in files or folded in folders or any(parent in files for parent in parents):
                other = files.get(folded, "another member")
                problem = f"has the same name as '{other}', which was taken"
                left_out.append(LeftOut(shown, problem, "Give each file a name of its own"))
                continue
            files[folded] = name
            folders.update(parents)
            taken[name] = info
    return taken, left_out


def is_encrypted(info: zipfile.ZipInfo) -> bool:
    """Whether a password is needed to read a member."""
    return bool(info.flag_bits & _ENCRYPTED)


def _clean(said: str) -> tuple[str, str]:
    """The name as a path inside the archive, and what is wrong with it; "" where it is fine."""
    name = unicodedata.normalize("NFC", said.replace("\\", "/"))  # as old Windows programs write them
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if _CONTROL.search(name) or any("\ud800" <= letter <= "\udfff" for letter in name):
        return "", "has a name with control characters in it"
    if name.startswith("/") or _DRIVE.match(name):
        return "", "has an absolute path"
    if ".." in parts:
        return "", "has a path that leads out of the archive"
    if not parts:
        return "", "has no name"
    if len(parts) > _DEEPEST:
        return "", f"lies more than {_DEEPEST} folders deep"
    if any(len(part.encode()) > _LONGEST for part in parts) or len(name.encode()) > 8 * _LONGEST:
        return "", f"has a name of more than {_LONGEST} bytes"
    return "/".join(parts), ""


def _decoder(infos: Sequence[zipfile.ZipInfo]) -> "_Decoder":
    """How the names of an archive are read: those without a mark are all of one encoding."""
    raw = [_raw(info) for info in infos if not info.flag_bits & _UTF8]
    for encoding in ("utf-8", "gb18030"):
        try:
            for name in raw:
                name.decode(encoding)
        except UnicodeDecodeError:
            continue
        return _Decoder(encoding)
    return _Decoder("cp437")


@dataclass(frozen=True, slots=True)
class _Decoder:
    encoding: str

    def __call__(self, info: zipfile.ZipInfo) -> str:
        if info.flag_bits & _UTF8:
            return info.orig_filename
        return _unicode_path(info.extra) or _raw(info).decode(self.encoding)


def _raw(info: zipfile.ZipInfo) -> bytes:
    """The bytes of a name without a mark: zipfile has read them as code page 437, which loses none."""
    return info.orig_filename.encode("cp437")


def _unicode_path(extra: bytes) -> str:
    """The name that the Info-ZIP Unicode Path field holds; "" where there is none."""
    while len(extra) >= 4:
        kind, size = int.from_bytes(extra[:2], "little"), int.from_bytes(extra[2:4], "little")
        if kind == _UNICODE_PATH and size > 5 and len(extra) >= 4 + size:
            return extra[9 : 4 + size].decode("utf-8", "replace")
        extra = extra[4 + size :]
    return ""


def _is_clutter(name: str) -> bool:
    parts = name.split("/")
    return "__MACOSX" in parts or parts[-1].startswith(".") or parts[-1] in ("Thumbs.db", "desktop.ini")


def _parents(name: str) -> Iterator[str]:
    """a, a/b of a/b/c."""
    at = name.find("/")
    while at >= 0:
        yield name[:at]
        at = name.find("/", at + 1)


def total_of(infos: Iterable[zipfile.ZipInfo]) -> tuple[int, int]:
    """Bytes that members take packed and unpacked, as the archive says."""
    sizes = [(info.compress_size, info.file_size) for info in infos]
    return sum(packed for packed, _ in sizes), sum(size for _, size in sizes)
