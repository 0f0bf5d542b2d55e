"""The way in: a merchant's file or folder becomes a Catalog."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from duomo.catalog.formats.readers import FORMATS, format_of
from duomo.catalog.formats.sniff import open_table
from duomo.catalog.pictures import Place, placer
from duomo.catalog.rows import Notes, Table
from duomo.catalog.sides import links_of, reviews_of, with_images, with_variants
from duomo.errors import BadFile, BadSetting, MissingFile, Problem
from duomo.product import Link, Product, Review

PRODUCT_FILES: Final = ("products.csv", "products.tsv", "products.jsonl", "products.parquet")
SIDE_FILES: Final = ("variants.csv", "images.csv", "reviews.csv", "links.csv")
_NO_MAPPING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """What a merchant's file or folder says, and everything that is wrong with how it says it."""

    products: Sequence[Product]  # lie on disk where there are very many
    problems: tuple[Problem, ...] = ()
    rows: int = 0  # data rows of all files
    skipped: int = 0  # rows that became part of nothing; each has a problem of severity "error"
    format: str = "own"  # one of `FORMATS`
    files: tuple[Path | str, ...] = ()  # every file that was read, as problems call it
    reviews: tuple[Review, ...] = ()
    links: tuple[Link, ...] = ()


def read_catalog(
    path: Path,
    *,
    format: str = "auto",
    mapping: Mapping[str, str] = _NO_MAPPING,
    images: Path | None = None,
    place: Place | None = None,
    called: Callable[[Path], Path | str] = Path,
    currency: str = "",
    limit_mb: float = 2000,
) -> Catalog:
    """Read a catalog: a file, or a folder with products.csv (.tsv, .jsonl, .parquet) and what lies beside it.

    The format is told by looking inside. In a folder, ``variants.csv``, ``images.csv``, ``reviews.csv``
    and ``links.csv`` are read as well. A row that cannot be read never stops the rest: it becomes a
    problem. Every row is part of a product, a review or a link, or has a problem of severity "error"; but
    what an export says is not published is left out, and one warning of each column counts it.
    Pictures are placed, not opened.

    Args:
        path: the file or folder.
        format: "auto" or one of `FORMATS`.
        mapping: field or attribute -> column of the products file, for columns with names of their own.
        images: where relative pictures lie; None: beside the file. A path that leads there from beside the
            file ("../media/a.jpg") is taken as well.
        place: what makes paths and addresses of the names of pictures; None: `placer` of that folder.
        called: what problems call a file: an archive's, say, is not known by where it was unpacked.
        currency: the ISO 4217 code of prices that come without one; "": they have none.
        limit_mb: largest file that is read.

    Raises:
        MissingFile: there is nothing at the path, or the folder holds no products; images is no folder.
        BadFile: a file is not what it claims to be, is too large, or lacks a column that was mapped.
        BadSetting: no format is called so.
    """
    if format != "auto" and format not in FORMATS:
        problem = f"no catalog format is called '{format}'"
        raise BadSetting(problem, remedy=f"Known: auto, {', '.join(FORMATS)}")
    try:
        there = path.exists()
    except OSError:  # a name that is too long for any file
        there = False
    if not there:
        raise MissingFile(f"there is no file or folder {path}", remedy="Check the path")
    if images is not None and not images.is_dir():
        problem = f"the pictures are to lie in {images}, which is no folder"
        raise MissingFile(problem, remedy="Name the folder that the paths of pictures begin in")
    folder = path if path.is_dir() else path.parent
    main = _products_file(path) if path.is_dir() else path
    place = place or placer(images or folder, beside=folder)

    table = _open(main, limit_mb, mapping)
    found = format if format != "auto" else format_of(table)
    notes = [Notes(called(main), currency)]
    files = [main]
    products, reviews, links = FORMATS[found](table, mapping=mapping, place=place, notes=notes[0])

    def beside(name: str) -> Table | None:
        side = folder / name
        if not path.is_dir() or not side.is_file():
            return None
        files.append(side)
        notes.append(Notes(called(side), currency))
        return _open(side, limit_mb, {})

    if side := beside("variants.csv"):
        products = with_variants(products, side, place=place, notes=notes[-1])
    if side := beside("images.csv"):
        products = with_images(products, side, place=place, notes=notes[-1])
    if side := beside("reviews.csv"):
        reviews = (*reviews, *reviews_of(products, side, notes=notes[-1]))
    if side := beside("links.csv"):
        links = (*links, *links_of(products, side, notes=notes[-1]))
    return Catalog(
        products=products,
        problems=tuple(
            problem if problem.file == note.file else replace(problem, file=note.file)
            for note in notes
            for problem in note.told()
        ),
        rows=sum(note.rows for note in notes),
        skipped=sum(note.skipped for note in notes),
        format=found,
        files=tuple(map(called, files)),
        reviews=reviews,
        links=links,
    )


def _products_file(folder: Path) -> Path:
    found = [folder / name for name in PRODUCT_FILES if (folder / name).is_file()]
    if not found:
        problem = (
            f"the folder {folder} holds no products.csv, products.tsv, products.jsonl or products.parquet"
        )
        raise MissingFile(problem, remedy="Name the catalog file itself, or call it products.csv")
    if len(found) > 1:
        problem = f"the folder {folder} holds both {found[0].name} and {found[1].name}"
        raise BadFile(problem, remedy="Keep one of them, or name the file that is meant")
    return found[0]


def _open(path: Path, limit_mb: float, mapping: Mapping[str, str]) -> Table:
    if not path.is_file():
        raise BadFile(f"{path} is neither a file nor a folder", remedy="Name a catalog file")
    size_mb = path.stat().st_size / 1e6
    if size_mb > limit_mb:
        problem = f"{path} has {size_mb:,.1f} MB, more than the limit of {limit_mb:g} MB"
        raise BadFile(problem, remedy="Split the file, or raise the setting file_mb")
    return open_table(path, wanted=tuple(mapping.values()))
