"""Catalogs at addresses: fetched when they have changed, kept in the shop, read like files."""

import codecs
import json
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from duomo.errors import BadFile, MissingFile
from duomo.files import hash_bytes, hash_file, write_atomic
from duomo.guard.archives import Limits, gunzip, is_archive
from duomo.guard.fetch import Rules, download, shown_url
from duomo.product import is_address
from duomo.settings import Settings
from duomo.shelf.lock import writing
from duomo.shelf.manifest import Manifest, Source
from duomo.stock.intake import Intake

log = logging.getLogger(__name__)

FEEDS: Final = "feeds"  # the folder of a shop that keeps what feeds gave last
NEW: Final = "new-"  # begins the name of a folder that a feed is being fetched into
_BODY: Final = "body"  # without an ending: what it is, is told by looking inside
_KEPT: Final = "kept.json"
_CHUNK: Final = 1 << 20
_MARKS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DECLARED: Final = re.compile(rb"""(<\?xml[^>]*?encoding\s*=\s*["'])[A-Za-z0-9._-]+(["'])""")
# What servers say of any text when nobody has told them better.
_IDLE: Final = frozenset({"iso8859-1", "ascii", "cp1252"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What a feed gave last."""

    address: str
    etag: str
    modified: str
    charset: str
    hash: str  # of the body as it is kept


@contextmanager
def brought(
    folder: Path,
    catalogs: Sequence[Path | str],
    how: Intake,
    settings: Settings,
    *,
    shrinks: bool = True,
) -> Iterator[list[Intake]]:
    """Catalogs as files that can be read, those at addresses fetched; they stay as they are in the body.

    Args:
        folder: of the shop.
        catalogs: paths and http or https addresses; none: all that the shop was built from, each as then.
        how: they are to be read; its path does not count.
        settings: how large and how slow a feed may be, and whether it may lie inside this network.
        shrinks: False: a catalog with fewer than half of the products that the shop has from it is refused.

    Raises:
        BlockedUrl: a feed cannot be fetched; what it gave before is kept.
        BadFile: what came is packed in a way that cannot be unpacked.
        MissingFile: the shop was built from no catalog yet.
        ShopBusy: another process fetches feeds for this shop.
    """
    fetches = not catalogs or any(is_address(str(catalog)) for catalog in catalogs)
    sources = Manifest.load(folder).sources if fetches or not shrinks else {}
    wanted = [(str(catalog), how) for catalog in catalogs] or [
        (name, _as_then(how, source.asked)) for name, source in sources.items()
    ]
    if not wanted:
        raise MissingFile(f"the shop in {folder} was built from no catalog yet", remedy="Name one")
    with writing(folder / FEEDS) if fetches else nullcontext():
        intakes, fresh = [], []
        for name, each in wanted:
            if not is_address(name):
                intakes.append(replace(each, path=Path(name)))
                continue
            home = folder / FEEDS / hash_bytes(name.encode("utf-8", "replace"))
            if kept := _fetched(home, name, settings):
                fresh.append((home, kept))
            intakes.append(replace(each, path=home / _BODY, address=name))
        yield [each if shrinks else replace(each, least=_half(sources.get(each.name))) for each in intakes]
        for home, kept in fresh:  # only now: one that could not be read is fetched again the next time
            write_atomic(home / _KEPT, json.dumps(asdict(kept), ensure_ascii=False))


def feed_in(folder: Path, address: str, settings: Settings) -> Path:
    """What an address gives now, as a file in a folder of its own; nothing is kept of it for the next time.

    Raises:
        BlockedUrl: it cannot be fetched.
        BadFile: it is packed in a way that cannot be unpacked.
    """
    _fetched(folder, address, settings)
    return folder / _BODY


def _half(source: Source | None) -> int:
    """Half of the products that a shop has from a catalog, rounded up."""
    return (source.products + source.vanished + 1) // 2 if source else 0


def _as_then(how: Intake, asked: Mapping[str, Any]) -> Intake:
    """The intake with the format, mapping, folder of pictures and currency that were given the last time."""
    if not asked:
        return how
    images = Path(asked["images"]) if asked["images"] else None
    currency = asked.get("currency", "")  # shops that were built before it was kept have none
    return replace(how, format=asked["format"], mapping=asked["mapping"], images=images, currency=currency)


def _fetched(home: Path, address: str, settings: Settings) -> _Kept | None:
    """Have what an address gives now as the body in a folder; what is to be kept of it, None: no change."""
    home.mkdir(parents=True, exist_ok=True)
    kept = _kept(home)
    with TemporaryDirectory(dir=home, prefix=NEW) as fresh:
        new = Path(fresh) / _BODY
        with new.open("wb") as file:
            came = download(
                address,
                Rules.of_feeds(settings),
                etag=kept.etag if kept else "",
                modified=kept.modified if kept else "",
                into=file,
            )
        if came.unchanged:
            log.info("%s has not changed", shown_url(address))
            return None
        if came.packed:
            new = _unpacked(new, address, settings)
        _as_utf8(new, came.charset)
        content = _put(home, new)
    log.info("%s was fetched, %d bytes", shown_url(address), (home / _BODY).stat().st_size)
    return _Kept(
        address=shown_url(address), etag=came.etag, modified=came.modified, charset=came.charset, hash=content
    )


def _unpacked(new: Path, address: str, settings: Settings) -> Path:
    """What gzip has packed for the way."""
    try:
        gunzip(new, plain := new.with_suffix(".plain"), Limits.of(settings))
    except BadFile as error:
        shown = error.args[0].replace(str(new), shown_url(address))
        raise BadFile(shown, remedy=error.remedy) from error
    return plain


def _as_utf8(path: Path, charset: str) -> None:
    """Make a text UTF-8 where the server says that it is in another charset, and it can be read so.

    A byte-order mark goes before the header (RFC 7303, section 3.3); so does a text that is UTF-8 where the
    header names what servers name by themselves.
    """
    try:
        name = codecs.lookup(charset).name
        b"a".decode(name, "replace")  # base64 is a codec, too, but none of text
    except (LookupError, ValueError):  # ValueError: a NUL in the name
        return
    with path.open("rb") as file:
        head = file.read(4)
    if name == "utf-8" or head.startswith(_MARKS) or is_archive(path) or head.startswith(b"PAR1"):
        return
    if name in _IDLE and _decodes(path, "utf-8"):
        return
    if not _decodes(path, name):
        log.warning("a feed is not %s text as its server says", charset[:40])
        return
    again = path.with_suffix(".utf8")
    with path.open(encoding=name, newline="") as text, again.open("wb") as file:
        first = True
        while chunk := text.read(_CHUNK):
            said = chunk.encode("utf-8", "replace")
            file.write(_DECLARED.sub(rb"\g<1>utf-8\g<2>", said, count=1) if first else said)
            first = False
    again.replace(path)


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", True)
        except UnicodeError:
            return False
    return True


def _put(home: Path, new: Path) -> str:
    """Put what came in the place of what was there, which is not touched if it is the same; its hash.

    Until what is kept of it is written, too, the next download asks for all of it.
    """
    content = hash_file(new)
    (home / _KEPT).unlink(missing_ok=True)
    body = home / _BODY
    if not body.is_file() or hash_file(body) != content:
        new.replace(body)
    return content


def _kept(home: Path) -> _Kept | None:
    """What is kept of a feed, if it is whole and was kept as it would be now."""
    try:
        kept = _Kept(**json.loads((home / _KEPT).read_bytes()))
        return kept if hash_file(home / _BODY) == kept.hash else None
    except (OSError, ValueError, TypeError):
        return None
