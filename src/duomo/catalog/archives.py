"""Archives as catalogs: a product file and its pictures, in folders of any layout, packed as ZIP or gzip."""

import posixpath
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.parse import urljoin

from duomo.catalog.pictures import Place, placer
from duomo.catalog.read import PRODUCT_FILES, SIDE_FILES, Catalog, read_catalog
from duomo.errors import BadFile, MissingFile, Problem
from duomo.files import hash_bytes
from duomo.guard.archives import Limits, Unpacked, is_archive, is_zip, unpack
from duomo.guard.members import LeftOut
from duomo.product import is_address

_TABLES: Final = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".xml")
_PERHAPS: Final = (".json", ".txt", ".html", ".htm")  # where there is none of those


def archive_of(path: Path) -> tuple[Path, str] | None:
    """The archive that a path names, and what in it: shop.zip/goods/a.csv; None where there is none."""
    for place in (path, *path.parents):
        if place.is_file():
            inside = path.relative_to(place).as_posix()
            return (place, "" if inside == "." else inside) if is_archive(place) else None
        if place.is_dir():
            return None
    return None


def read_source(
    path: Path,
    *,
    unpack_to: Path,
    limits: Limits,
    format: str = "auto",
    mapping: Mapping[str, str],
    images: Path | None = None,
    address: str = "",
    currency: str = "",
) -> Catalog:
    """Read a catalog that may be an archive, or may have come from an address; else as `read_catalog`.

    The product file is found as in a folder: products.csv or its like, or the only table there is. Pictures
    are looked for beside it, then from the top of the archive, then by their name alone where that is the
    name of one file; capitals do not matter. A picture that is not in the archive is left out with a
    warning: an archive names no file of this machine. Nor does what came from an address: the pictures
    of a feed are addresses, too, those of an archive lie in it.

    Args:
        path: a file or folder; or an archive, or a file or folder in one, as shop.zip/goods/a.csv.
        unpack_to: the folder that keeps what archives hold, each in a folder of its own.
        limits: of archives; their `member_mb` is the limit of every catalog file.
        format: as for `read_catalog`.
        mapping: as there.
        images: as there; what came from an address has its pictures there or in the archive.
        currency: as there.
        address: where the file at the path came from, which is what problems call it; "": it is a file.

    Raises:
        MissingFile, BadFile, BadSetting: as `read_catalog`; and where an archive cannot be unpacked, holds
            no product file, or several.
    """
    found = archive_of(path)
    if found is None:
        place, named = (placer_at(address), address) if address else (None, path)
        with _told(path, named):
            return read_catalog(
                path,
                format=format,
                mapping=mapping,
                images=None if address else images,
                place=place,
                called=lambda file: address or file,
                currency=currency,
                limit_mb=limits.member_mb,
            )
    archive, inside = found
    shown = address or archive
    with _told(archive, shown):
        unpacked = unpack(archive, unpack_to / hash_bytes(str(archive.resolve()).encode()), limits)
        main = inside or _product_file(archive, unpacked)
    is_file = main in unpacked.names
    if not is_file and not any(name.startswith(f"{main}/") for name in unpacked.names):
        problem = f"there is no file or folder '{main}' in {shown}{_because(unpacked)}"
        raise MissingFile(problem, remedy="Check the path")
    folder = posixpath.dirname(main) if is_file else main
    whole = is_file and not inside and posixpath.basename(main) in PRODUCT_FILES
    called = _caller(unpacked, shown, alone=not is_zip(archive))
    with _told(unpacked.folder, shown):
        catalog = read_catalog(
            unpacked.folder / (folder if whole else main),
            format=format,
            mapping=mapping,
            images=None if address else images,
            place=None if images and not address else place_in(unpacked, folder),
            called=called,
            currency=currency,
            limit_mb=limits.member_mb,
        )
    left_out = _left_out(str(shown), unpacked)
    return replace(catalog, problems=(*left_out, *catalog.problems), files=(shown, *catalog.files))


def placer_at(address: str) -> Place:
    """Places the pictures of a feed that came from an address: they are addresses, relative to it or not."""

    def place(source: str) -> str:
        try:
            found = urljoin(address, source.strip())
        except ValueError:  # a bracket that is never closed
            found = ""
        if not is_address(found):
            problem = f"'{source[:80]}' is not an http or https address"
            raise BadFile(problem, remedy="Name an address that this machine can reach")
        return found

    return place


def place_in(unpacked: Unpacked, folder: str) -> Place:
    """Places the pictures of a product file that lies in this folder of an archive."""
    addresses = placer(unpacked.folder)
    names = {name.casefold(): name for name in unpacked.names}
    often = Counter(posixpath.basename(name) for name in names)
    alone = {base: name for name in names if often[base := posixpath.basename(name)] == 1}

    def place(source: str) -> str:
        if is_address(source) or source.startswith("//"):
            return addresses(source)
        asked = unicodedata.normalize("NFC", source.replace("\\", "/")).casefold()
        ways = (
            posixpath.normpath(posixpath.join(folder.casefold(), asked)),
            posixpath.normpath(asked.lstrip("/")),
        )
        found = next((way for way in ways if way in names), alone.get(posixpath.basename(asked), ""))
        if not found:
            problem = f"'{source[:80]}' is not in the archive"
            raise BadFile(problem, remedy="Pack it with the product file, or correct its name")
        return str(unpacked.folder / names[found])

    return place


def _product_file(archive: Path, unpacked: Unpacked) -> str:
    """The one that is meant; raises BadFile where there is none, or more than one."""
    by_name = [name for name in unpacked.names if posixpath.basename(name) in PRODUCT_FILES]
    others = [name for name in unpacked.names if posixpath.basename(name).lower() not in SIDE_FILES]
    choices: tuple[Collection[str], ...] = (
        by_name,
        [name for name in others if name.lower().endswith(_TABLES)],
        [name for name in others if name.lower().endswith(_PERHAPS)],
        [name for name in others if "." not in posixpath.basename(name)],  # as gzip leaves a name
    )
    found = next((each for each in choices if each), ())
    if len(found) == 1:
        return next(iter(found))
    if not found:
        problem = f"{archive} holds no product file{_because(unpacked)}"
        raise BadFile(problem, remedy="Pack a CSV, TSV, JSON lines, Parquet or XML file into it")
    first, second, *more = found
    besides = f" and {len(more)} more" if more else ""
    problem = f"{archive} holds several product files: {first}, {second}{besides}"
    raise BadFile(problem, remedy=f"Name the one that is meant, as {archive}/{first}")


def _left_out(archive: str, unpacked: Unpacked) -> list[Problem]:
    """What was not unpacked; what is wrong with many members once, with how many more there were."""
    alike: defaultdict[str, list[LeftOut]] = defaultdict(list)
    for each in unpacked.left_out:
        alike[re.sub(r"[\d.,]+|'.*'", "", each.problem)].append(each)
    return [
        Problem(
            file=archive,
            value=first.name,
            problem=f"in the archive {first.problem}; it was left out"
            + (f" (and {len(more):,} more like this)" if more else ""),
            remedy=first.remedy,
            severity="warning",
        )
        for first, *more in alike.values()
    ]


def _because(unpacked: Unpacked) -> str:
    """What was left out first, since that may be the file that is missed."""
    return "".join(f"; '{each.name}' in it {each.problem}" for each in unpacked.left_out[:1])


def _caller(unpacked: Unpacked, shown: Path | str, *, alone: bool) -> Callable[[Path], Path | str]:
    """What a file that was unpacked is called: its place in the archive, or as that where it is alone."""

    def called(file: Path) -> Path | str:
        return shown if alone else f"{shown}/{file.relative_to(unpacked.folder).as_posix()}"

    return called


@contextmanager
def _told(kept: Path, shown: Path | str) -> Iterator[None]:
    """Errors name what the merchant knows, not where it is kept."""
    try:
        yield
    except (BadFile, MissingFile) as error:
        if str(kept) == str(shown):
            raise
        problem, remedy = (text.replace(str(kept), str(shown)) for text in (error.args[0], error.remedy))
        raise type(error)(problem, remedy=remedy) from error
