"""What a shop folder says of itself: encoders, catalogs built, and how far neighbours reach."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from duomo.errors import BadSetup, MissingShop, Problem
from duomo.files import hash_bytes, hash_file, write_atomic
from duomo.shelf.layout import VectorColumn

NAME: Final = "manifest.json"
FORMAT: Final = 4  # raised whenever the columns change, or what a product becomes in them
_RESTORE: Final = "Restore it from a backup, or build the shop anew in another folder"
_ANEW: Final = "Build it anew in another folder: duomo build CATALOG --shop NEW_FOLDER"
VARIANTS: Final = "variants.lance"  # the tables of a shop folder
PICTURES: Final = "pictures.lance"
TABLES: Final = "tables"  # reviews, links: with a lock of their own, so that no build holds up an event


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One catalog as it was when its last build ended."""

    options: str  # hash of format, mapping and picture folder
    files: Mapping[str, str]  # path -> content hash of every file that was read
    pictures: str  # stamp of every local picture: path, size, time of change
    rows: int
    products: int
    variants: int
    skipped: int
    vanished: int  # products that the catalog no longer names, still on the shelf
    problems: tuple[Problem, ...] = ()
    built: str = ""  # ISO 8601, UTC
    asked: Mapping[str, Any] = field(
        default_factory=dict
    )  # format, mapping, picture folder, currency, as given


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The state of a shop that is not rows. Written in one step after everything it speaks of."""

    encoders: tuple[str, ...]  # names, the first is the default
    cards: Mapping[str, str] = field(
        default_factory=dict
    )  # vector column -> hash of the card it was made with
    chances: Mapping[str, tuple[float, float]] = field(
        default_factory=dict
    )  # way of looking -> similarity of the median chance pair, and from where on it is a neighbour
    probes: Mapping[str, int] = field(
        default_factory=dict
    )  # column of vectors -> parts of its index that a search looks at; empty where all is in memory
    abroad: Mapping[str, float] = field(
        default_factory=dict
    )  # encoder -> how far the goods lie from what it was trained on, 0 to 1; encoders that know alone
    order: str = ""  # the learned order that hits stand in: models/NAME; "": that of the blend
    sources: Mapping[str, Source] = field(default_factory=dict)  # absolute path, or address -> its last build
    building: tuple[str, ...] = ()  # catalogs whose build has begun and not ended: newest is ahead of served
    changed: int = 0  # rows written in small changes since chances and indexes were measured
    served: int = 0  # version of the variants table that readers see; 0: no build has ended yet
    format: int = FORMAT

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The manifest of a shop folder.

        Raises:
            MissingShop: there is none.
            BadSetup: it cannot be understood, or another Duomo wrote it, with other columns.
        """
        path = folder / NAME
        try:
            record: dict[str, Any] = json.loads(path.read_bytes())
            if not isinstance(record, dict):
                raise ValueError("not a JSON object")
        except (FileNotFoundError, NotADirectoryError):
            remedy = f"Build one: duomo build CATALOG --shop {folder}"
            raise MissingShop(f"there is no shop in {folder}", remedy=remedy) from None
        except (OSError, ValueError) as error:
            raise BadSetup(f"{path} cannot be read ({error})", remedy=_RESTORE) from error
        if (format := record.get("format")) != FORMAT:
            older = isinstance(format, int) and format < FORMAT
            problem = (
                f"the shop in {folder} was built by {'an older' if older else 'another'} Duomo "
                f"(format {format}, this one has {FORMAT})"
            )
            raise BadSetup(problem, remedy=_ANEW if older else "Use the Duomo version that wrote it")
        try:
            sources = {
                name: Source(**{**source, "problems": tuple(Problem(**p) for p in source["problems"])})
                for name, source in record.pop("sources").items()
            }
            lists = {name: tuple(record[name]) for name in ("encoders", "building")}
            chances = {name: (middle, cut) for name, (middle, cut) in record["chances"].items()}
            return cls(**{**record, **lists, "sources": sources, "chances": chances})
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise BadSetup(f"{path} is not a manifest ({error})", remedy=_RESTORE) from error

    def check_vectors(self, encoder: str, columns: Iterable[VectorColumn]) -> None:
        """Raise BadSetup where vectors on the shelf were made by another encoder of this name.

        Args:
            encoder: its name.
            columns: its columns of vectors, with the cards that it has now.
        """
        if any(self.cards.get(column.column) != column.card for column in columns):
            problem = f"the encoder '{encoder}' is another than the one that this shop was built with"
            raise BadSetup(problem, remedy="Run duomo build once more: it makes the vectors anew")

    def save(self, folder: Path) -> None:
        """Put the manifest in place of the old one, in one step."""
        write_atomic(folder / NAME, json.dumps(asdict(self), ensure_ascii=False, indent=1))


def stamp_of(folder: Path) -> tuple[int, int]:
    """Something that changes whenever the manifest does; (0, 0) where there is none. Costs one stat."""
    try:
        status = os.stat(f"{folder}/{NAME}")  # noqa: PTH116 (at every question: a Path takes longer)
    except FileNotFoundError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_ino)


def picture_list(folder: Path, source: str) -> Path:
    """The file that lists the local pictures of a catalog, a path a line."""
    return folder / "sources" / f"{hash_bytes(source.encode())}.txt"


def hash_files(paths: Sequence[Path]) -> dict[str, str]:
    """Path -> content hash of files; a file that has gone counts as empty."""
    return {str(path): hash_file(path) if path.is_file() else "" for path in paths}


def stamp_files(paths: Sequence[str]) -> str:
    """One hash over path, size and time of change of local files, without opening them."""
    return hash_bytes(*(f"{path}\0{file_stamp(path)}".encode() for path in paths))


def file_stamp(path: str) -> str:
    """Size and time of change of a file, "" where there is none."""
    try:
        status = os.stat(path)  # noqa: PTH116 (making a Path first takes longer than asking)
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return ""
    return f"{status.st_size}.{status.st_mtime_ns}"
