"""duomo build: a merchant's file becomes a shop."""

import csv
import io
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from duomo.cli.main import AsJson, ShopDir, settings_for, speaking
from duomo.cli.show import (
    console,
    progress,
    show_domain,
    show_json,
    show_report,
)
from duomo.errors import BadQuery, Problem
from duomo.files import write_atomic
from duomo.product import is_address

if TYPE_CHECKING:
    from duomo.product import Product
    from duomo.settings import Settings
    from duomo.stock.report import BuildReport
    from duomo.understand.classify_goods import Opener

_MARK: Final = "\ufeff"  # without it Excel takes a table for one of its own encoding

Format = Annotated[
    str,
    typer.Option(
        "--format", help="auto (looks into the file), own, google, shopify, woocommerce, magento or jsonld."
    ),
]
Map = Annotated[
    list[str] | None,
    typer.Option(
        "--map", metavar="COLUMN=THEIRS", help="Duomo's column = the file's column: --map title=name"
    ),
]
Images = Annotated[
    Path | None,
    typer.Option("--images", metavar="DIR", help="The folder that picture paths are relative to."),
]
Currency = Annotated[
    str | None,
    typer.Option("--currency", metavar="CODE", help="Of prices that come without one, this time: EUR, CNY."),
]
ProblemsFile = Annotated[
    Path | None, typer.Option("--problems", metavar="FILE.csv", help="Write every problem to a CSV file.")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("build")(build_command)


def build_command(
    shop: ShopDir,
    catalogs: Annotated[
        list[str] | None,
        typer.Argument(
            help="Product files, folders, ZIPs or addresses; none: all that the shop was built from."
        ),
    ] = None,
    format: Format = "auto",
    mapping: Map = None,
    images: Images = None,
    currency: Currency = None,
    encoder: Annotated[
        list[str] | None,
        typer.Option(
            "--encoder", help="What makes the vectors; repeat it for several, the default one first."
        ),
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Take off products that the catalogs no longer name.")
    ] = False,
    prune_anyway: Annotated[
        bool, typer.Option("--prune-anyway", help="The same, also where a catalog has lost more than half.")
    ] = False,
    every: Annotated[
        str | None,
        typer.Option("--every", metavar="TIME", help="Build again and again, with such a pause: 15m, 2h."),
    ] = None,
    problems: ProblemsFile = None,
    workers: Annotated[
        int | None, typer.Option("--workers", help="Processes that decode and encode.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Build a shop from catalogs, or bring one up to date: what has not changed is not touched."""
    with speaking(as_json):
        settings, columns = settings_for(shop, workers=workers, currency=currency), columns_of(mapping)
        files = [Path(name) for name in catalogs or [] if not is_address(name)]
        check_output(problems, "--problems", *files)
        from duomo.cli.fresh import or_nothing
        from duomo.cli.rounds import run_rounds, seconds
        from duomo.encode.models import load_encoder
        from duomo.shelf.manifest import NAME, Manifest
        from duomo.shop import Shop

        every_s, names = seconds(every) if every else 0.0, encoder or []
        if not catalogs:
            Manifest.load(shop)  # a shop that is not there was built from nothing

        def build() -> "BuildReport":
            exists = (shop / NAME).exists()
            for name in names if exists else []:
                # Here, as one that is misspelt must be told before the build, not after it.
                load_encoder(name, home=shop, key=settings.openai_key)
            with nullcontext() if exists else or_nothing(shop), progress(as_json) as tick:
                if exists:
                    opened = Shop.open(shop, settings=settings)
                else:
                    opened = Shop.create(shop, encoder=names, settings=settings)
                report = opened.build(
                    *(catalogs or ()),
                    format=format,
                    mapping=columns,
                    images=images,
                    prune="anyway" if prune_anyway else prune,
                    tick=tick,
                )
                for name in names if exists else []:  # after the build: one that is refused adds no encoder
                    report = replace(report, problems=report.problems + opened.add_encoder(name, tick=tick))
            if problems:
                write_problems(report.problems, problems)
            return report

        if every:
            run_rounds(every_s, build, as_json=as_json)
            return
        report = build()
        if as_json:
            show_json(report.as_dict())
        else:
            show_report(report)
            show_domain(report.abroad, shop)
            if not Manifest.load(shop).served:
                console.print(
                    "Nothing is on the shelf yet: no row became a product. Correct the catalog, run again."
                )
                return
            console.print(f"[dim]Ask it:[/] duomo search TEXT --shop {shop}")
            console.print(f"[dim]See it:[/] duomo serve --shop {shop}")


def columns_of(pairs: list[str] | None) -> dict[str, str]:
    """["title=name"] as {"title": "name"}; raises BadQuery."""
    for pair in pairs or []:
        if not all(pair.partition("=")):
            raise BadQuery(f"--map {pair} is not of the form COLUMN=THEIRS", remedy="Write --map title=name")
    return dict(pair.split("=", 1) for pair in pairs or [])


def goods_of(
    file: Path | None, shop: Path | None, settings: "Settings", mapping: list[str] | None = None
) -> "tuple[Iterable[Product], Opener, list[Problem]]":
    """The goods that are read or learned from, what opens their pictures, and what is wrong with the file.

    Args:
        file: a product file, or a folder; None: the shop's goods, one after the other.
        shop: a shop, if there is no file.
        settings: the limits.
        mapping: of `columns_of`.
    """
    from duomo.understand.classify_goods import Opener, goods_in

    columns = columns_of(mapping)
    if file:
        goods, problems = goods_in(file, settings, columns)
        return goods, Opener(settings), [*problems]
    from duomo.stock.listed import listed, pictures_in

    if columns:
        raise BadQuery("--map says how a file is read", remedy="Name a product file")
    place = shop or Path()
    return listed(place), Opener(settings, pictures_in(place)), []


def check_output(path: Path | None, option: str, *inputs: Path | None) -> None:
    """Refuse a file that cannot be written, or would be lost, before the work is done, not after it.

    Args:
        path: where the output is to go; None: nowhere.
        option: the one that named it.
        inputs: files that are read, which the output must not replace.

    Raises:
        BadQuery: it is a folder, or one of the inputs.
    """
    if not path:
        return
    if path.is_dir():
        raise BadQuery(f"{option} {path} is a folder", remedy="Name a file")
    if path.exists() and any(each and each.exists() and path.samefile(each) for each in inputs):
        raise BadQuery(f"{option} {path} is the file that is read", remedy="Name another file")


def write_problems(problems: Sequence[Problem], path: Path) -> None:
    """Every problem as a row of a CSV file."""
    write_output(path, table_of(Problem.__slots__, (problem.as_dict().values() for problem in problems)))


def table_of(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A CSV file that spreadsheets open: they see its encoding, and run no cell of it as a formula."""
    body = io.StringIO()
    body.write(_MARK)
    writer = csv.writer(body)
    writer.writerow(columns)
    writer.writerows([_disarmed(cell) for cell in row] for row in rows)
    return body.getvalue()


def write_output(path: Path, body: str) -> None:
    """Put an output in its place as a whole; raises OSError, which names it, where the disk is full, say."""
    try:
        write_atomic(path, body)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _disarmed(value: object) -> str:
    """A cell of a CSV file, as `formulas.defused` writes it; None is an empty one."""
    from duomo.catalog.feeds.formulas import defused

    return "" if value is None else defused(str(value))
