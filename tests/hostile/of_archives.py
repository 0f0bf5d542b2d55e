"""Archives: bombs, names that lead out, and files that lie over each other; what is left is read."""

import gzip
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

from duomo.errors import DuomoError
from duomo.guard.archives import Limits, unpack
from files import CSV, GOOD, LAST, refusal
from table import Case

GOODS = {"products.csv": (CSV + GOOD + LAST).encode(), "a.jpg": b"a", "z.jpg": b"z"}
LIMITS = Limits(members=10_000, member_mb=20, total_mb=50)
UNHARMED = r"a\.jpg products\.csv z\.jpg; "


def told(archive: Path) -> str:
    """What is unpacked of an archive, and what of it is left out; anything outside its folder fails."""
    home = archive.parent / "home"
    try:
        found = unpack(archive, home / "unpacked", LIMITS)
    except DuomoError as error:
        return refusal(error)
    finally:
        outside = {path.name for path in archive.parent.iterdir()} - {archive.name, "home"}
        assert not outside, outside
    assert not [
        path for path in home.rglob("*") if path.is_symlink() or not (path.is_file() or path.is_dir())
    ]
    names = sorted(found.names)
    left_out = [f"{each.name[:60]} {each.problem}" for each in found.left_out]
    more = f" and {len(left_out) - 3} more" if len(left_out) > 3 else ""
    return f"{' '.join(names[:5])}{' …' if len(names) > 5 else ''}; {' / '.join(left_out[:3])}{more}"


def packed(members: Mapping[str, bytes], *, mode: int = 0, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of good files and these."""
    body = BytesIO()
    with zipfile.ZipFile(body, "w", method) as archive:
        for name, content in {**GOODS, **members}.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            if mode and name in members:
                info.external_attr = mode << 16
            archive.writestr(info, content)
    return body.getvalue()


def of(name: str, content: bytes | Callable[[], bytes], says: str, most_mb: float = 60.0) -> Case:
    """A case of one archive."""

    def make(folder: Path) -> Path:
        path = folder / "shop.zip"
        path.write_bytes(content() if callable(content) else content)
        return path

    return Case(name=name, make=make, meet=told, says=says, most_mb=most_mb)


def _lying(size: int) -> bytes:
    """A member that says it unpacks to so much, in both places."""
    body = packed({"b.csv": b"\0" * 15_000_000})
    real = struct.pack("<I", 15_000_000)
    return body.replace(real, struct.pack("<I", size))


def _over_each_other() -> bytes:
    """A thousand entries that are one and the same packed megabyte (Fifield 2019)."""
    kernel = zlib.compressobj(9, zlib.DEFLATED, -15)
    pack = kernel.compress(b"\0" * 1_000_000) + kernel.flush()
    told = (8, 0, 0, zlib.crc32(b"\0" * 1_000_000), len(pack), 1_000_000)
    local = struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, *told, 5, 0) + b"a.bin" + pack
    entry = struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, *told, 8, 0, 0, 0, 0, 0, 0)
    entries = b"".join(entry + f"{number:08}".encode() for number in range(1_000))
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1_000, 1_000, len(entries), len(local), 0)
    return local + entries + end


OUT = (
    *("../b", "/etc/b", "C:\\b", "..\\b", "a/../../b", "//server/b"),
    *("\\\\server\\b", "./../b", "a/./../../b"),
)
CASES = [
    of("15 MB of zeros in 15 kB", lambda: packed({"b.csv": b"\0" * 15_000_000}), UNHARMED + r"b\.csv .*"),
    of(
        "a member that says it is 1 kB and is 15 MB",
        lambda: _lying(1_000),
        UNHARMED + r"b\.csv is damaged or cut short .*",
    ),
    of(
        "a member that says it is 4 GB",
        lambda: _lying(2**32 - 2),
        r"BadFile: .* holds 4,295 MB, more than the limit of 50 MB\. .*",
    ),
    of("files that lie over each other", _over_each_other, r"BadFile: .*"),
    of("10,001 members", lambda: packed({f"{n}.jpg": b"" for n in range(9_998)}), r"BadFile: .*"),
    of(
        "60 MB together",
        lambda: packed({f"{n}.csv": bytes([n]) * 15_000_000 for n in range(4)}),
        r"BadFile: .* holds 60 MB, more than the limit of 50 MB\. .*",
        most_mb=100,
    ),
    of(
        "a gzip of 200 MB of zeros",
        lambda: gzip.compress(b"\0" * 200_000_000, 6),
        r"; shop\.zip has more than 20 MB, which is the limit",
    ),
    of(
        "a gzip in a gzip in a gzip",
        lambda: gzip.compress(gzip.compress(gzip.compress(b"\0" * 1_000_000))),
        r"; shop\.zip is an archive inside the archive, which is not opened",
    ),
    of("an archive in an archive", lambda: packed({"b.zip": packed({})}), UNHARMED + ".*"),
    of("paths that lead out, of every kind", lambda: packed(dict.fromkeys(OUT, b"x")), UNHARMED + ".*"),
    of("links to elsewhere", lambda: packed({"b.jpg": b"/etc/passwd"}, mode=0o120777), UNHARMED + ".*"),
    of("devices", lambda: packed({"b.jpg": b""}, mode=0o020666), UNHARMED + ".*"),
    of(
        "names with control characters",
        lambda: packed({"b\x1b[2J.jpg": b"x", "c\n.jpg": b"x"}),
        UNHARMED + r".* has a name with control characters in it.*",
    ),
    of(
        "a name of 60,000 letters",
        lambda: packed({"b" * 60_000: b"x"}),
        UNHARMED + r"b+ has a name of more than 255 bytes",
    ),
    of(
        "a path 1,000 folders deep",
        lambda: packed({"b/" * 1_000 + "c.jpg": b"x"}),
        UNHARMED + r"b/.* lies more than 100 folders deep",
    ),
    of(
        "names of devices of Windows",
        lambda: packed({"CON": b"x", "NUL.jpg": b"x", "aux.csv": b"x"}),
        r"CON NUL\.jpg a\.jpg aux\.csv products\.csv …; ",
    ),
    of(
        "a program in front of the archive",
        lambda: b"MZ" + b"\0" * 500 + packed({}),
        r"; shop\.zip is damaged or cut short .*",
    ),
    of(
        "a comment of 65,535 bytes behind it",
        lambda: packed({})[:-2] + b"\xff\xff" + b"PK\x05\x06" * 16_383 + b"PKx",
        r"BadFile: .*",
    ),
    of("half an archive", lambda: packed({})[:200], r"BadFile: .*"),
    of("noise", lambda: b"PK\x03\x04" + bytes((n * 7919) % 256 for n in range(5_000)), r"BadFile: .*"),
]
