"""Archives as catalogs: a product file and its pictures, in folders of any layout, packed as ZIP or gzip."""

import posixpath
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from duomo.catalog.pictures import Place, placer
from duomo.catalog.read import PRODUCT_FILES, SIDE_FILES, Catalog, read_catalog
from duomo.errors import BadFile, MissingFile, Problem
from duomo.files import hash_bytes
from duomo.guard.archives import Limits, Unpacked, is_archive, unpack
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
) -> Catalog:
    """Read a catalog that may be an archive; else as `read_catalog`.

    The product file is found as in a folder: products.csv or its like, or the only table there is. Pictures
    are looked for beside it, then from the top of the archive, then by their name alone where that is the
    name of one file; capitals do not matter. A picture that is not in the archive is left out with a
    warning: an archive names no file of this machine.

    Args:
        path: a file or folder; or an archive, or a file or folder in one, as shop.zip/goods/a.csv.
        unpack_to: the folder that keeps what archives hold, each in a folder of its own.
        limits: of archives; their `member_mb` is the limit of every catalog file.
        format: as for `read_catalog`.
        mapping: as there.
        images: as there.

    Raises:
        MissingFile, BadFile, BadSetting: as `read_catalog`; and where an archive cannot be unpacked, holds
            no product file, or several.
    """
    found = archive_of(path)
    if found is None:
        return read_catalog(path, format=format, mapping=mapping, images=images, limit_mb=limits.member_mb)
    archive, inside = found
    unpacked = unpack(archive, unpack_to / hash_bytes(str(archive.resolve()).encode()), limits)
    shown = _shown(archive, unpacked)
    main = inside or _product_file(archive, unpacked)
    is_file = main in unpacked.names
    if not is_file and not any(name.startswith(f"{main}/") for name in unpacked.names):
        problem = f"there is no file or folder '{main}' in {archive}{_because(unpacked)}"
        raise MissingFile(problem, remedy="Check the path")
    folder = posixpath.dirname(main) if is_file else main
    named = is_file and not inside and posixpath.basename(main) in PRODUCT_FILES
    try:
        catalog = read_catalog(
            unpacked.folder / (folder if named else main),
            format=format,
            mapping=mapping,
            images=images,
            place=None if images else place_in(unpacked, folder),
            limit_mb=limits.member_mb,
        )
    except (BadFile, MissingFile) as error:
        raise type(error)(shown(error.args[0]), remedy=error.remedy) from error
    origins = [replace(product.origin, file=shown(product.origin.file)) for product in catalog.products]
    return replace(
        catalog,
        products=tuple(replace(p, origin=o) for p, o in zip(catalog.products, origins, strict=True)),
        problems=(*_left_out(archive, unpacked), *(replace(p, file=shown(p.file)) for p in catalog.problems)),
        files=(archive, *(Path(shown(str(path))) for path in catalog.files)),
    )


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


def _left_out(archive: Path, unpacked: Unpacked) -> list[Problem]:
    """What was not unpacked; what is wrong with many members once, with how many more there were."""
    alike: defaultdict[str, list[LeftOut]] = defaultdict(list)
    for each in unpacked.left_out:
        alike[re.sub(r"[\d.,]+|'.*'", "", each.problem)].append(each)
    return [
        Problem(
            file=str(archive),
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


def _shown(archive: Path, unpacked: Unpacked) -> Callable[[str], str]:
    """Puts the name of the archive where a text names the folder that it was unpacked into."""
    folder = str(unpacked.folder)
    is_zip = archive.suffix.lower() != ".gz"

    def shown(text: str) -> str:
        if not is_zip and len(unpacked.names) == 1:
            text = text.replace(f"{folder}/{unpacked.names[0]}", str(archive))
        return text.replace(folder, str(archive))

    return shown
