"""duomo check, duomo build: a merchant's file before and after it becomes a shop."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from duomo.cli.main import AsJson, ShopDir, settings_for, speaking
from duomo.cli.show import (
    console,
    counted,
    progress,
    show_domain,
    show_json,
    show_problems,
    show_report,
)
from duomo.errors import BadQuery, Problem
from duomo.files import write_atomic

Format = Annotated[
    str, typer.Option("--format", help="auto, own, google or shopify; auto looks into the file.")
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
ProblemsFile = Annotated[
    Path | None, typer.Option("--problems", metavar="FILE.csv", help="Write every problem to a CSV file.")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("check")(check_command)
    app.command("build")(build_command)


def check_command(
    catalog: Annotated[Path, typer.Argument(help="A product file, a folder, or a ZIP.")],
    format: Format = "auto",
    mapping: Map = None,
    images: Images = None,
    problems: ProblemsFile = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 2 if there is an error.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what is missing, broken or twice in a catalog, before anything is built."""
    with speaking(as_json):
        settings, columns = settings_for(None), _mapping(mapping)
        check_output(problems, "--problems", catalog)
        from duomo.catalog.archives import read_source
        from duomo.catalog.check import check
        from duomo.guard.archives import Limits

        with TemporaryDirectory(prefix="duomo-") as unpacked:
            read = read_source(
                catalog,
                unpack_to=Path(unpacked),
                limits=Limits.of(settings),
                format=format,
                mapping=columns,
                images=images,
            )
            told = {(problem.file, problem.line, problem.column) for problem in read.problems}
            found = [*read.problems, *(p for p in check(read) if (p.file, p.line, p.column) not in told)]
        found.sort(key=lambda problem: problem.severity)  # errors first, otherwise in order
        if problems:
            write_problems(found, problems)
        counts = Counter(problem.severity for problem in found)
        if as_json:
            show_json(
                {
                    "format": read.format,
                    "rows": read.rows,
                    "products": len(read.products),
                    "variants": sum(len(product.variants) for product in read.products),
                    "skipped": read.skipped,
                    "errors": counts["error"],
                    "warnings": counts["warning"],
                    "problems": [problem.as_dict() for problem in found],
                }
            )
        else:
            variants = sum(len(product.variants) for product in read.products)
            console.print(
                f"{counted(len(read.products), 'product')} ({counted(variants, 'variant')}) from "
                f"{counted(read.rows, 'row')} of format {read.format}: {counted(counts['error'], 'error')}, "
                f"{counted(counts['warning'], 'warning')}"
            )
            show_problems(found, "write them all with --problems FILE.csv, or see --json")
        if strict and counts["error"]:
            raise typer.Exit(2)


def build_command(
    catalogs: Annotated[list[Path], typer.Argument(help="Product files, folders or ZIPs.")],
    shop: ShopDir,
    format: Format = "auto",
    mapping: Map = None,
    images: Images = None,
    encoder: Annotated[
        list[str] | None,
        typer.Option(
            "--encoder", help="What makes the vectors; repeat it for several, the default one first."
        ),
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Take off products that the catalogs no longer name.")
    ] = False,
    problems: ProblemsFile = None,
    workers: Annotated[
        int | None, typer.Option("--workers", help="Processes that decode and encode.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Build a shop from catalogs, or bring one up to date: what has not changed is not touched."""
    with speaking(as_json):
        settings, columns = settings_for(shop, workers=workers), _mapping(mapping)
        check_output(problems, "--problems", *catalogs)
        from duomo.cli.fresh import or_nothing
        from duomo.encode.models import load_encoder
        from duomo.shelf.manifest import NAME
        from duomo.shop import Shop

        exists, names = (shop / NAME).exists(), encoder or []
        for name in names if exists else []:
            # Here, as one that is misspelt must be told before the build, not after it.
            load_encoder(name, home=shop, key=settings.openai_key)
        with nullcontext() if exists else or_nothing(shop), progress(as_json) as tick:
            if exists:
                opened = Shop.open(shop, settings=settings)
            else:
                opened = Shop.create(shop, encoder=names, settings=settings)
            report = opened.build(
                *catalogs, format=format, mapping=columns, images=images, prune=prune, tick=tick
            )
            for name in names if exists else []:  # after the build: one that is refused adds no encoder
                report = replace(report, problems=report.problems + opened.add_encoder(name, tick=tick))
        if problems:
            write_problems(report.problems, problems)
        if as_json:
            show_json(report.as_dict())
        else:
            show_report(report)
            show_domain(report.abroad, shop)
            if not opened.manifest.served:
                console.print(
                    "Nothing is on the shelf yet: no row became a product. Correct the catalog, run again."
                )
                return
            console.print(f"[dim]Ask it:[/] duomo search TEXT --shop {shop}")
            console.print(f"[dim]See it:[/] duomo serve --shop {shop}")


def _mapping(pairs: list[str] | None) -> dict[str, str]:
    """["title=name"] as {"title": "name"}; raises BadQuery."""
    for pair in pairs or []:
        if not all(pair.partition("=")):
            raise BadQuery(f"--map {pair} is not of the form COLUMN=THEIRS", remedy="Write --map title=name")
    return dict(pair.split("=", 1) for pair in pairs or [])


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
    """Every problem as a row of a CSV file; a cell that a spreadsheet would run as a formula is disarmed."""
    body = io.StringIO()
    names = list(Problem.__slots__)
    writer = csv.writer(body)
    writer.writerow(names)
    for problem in problems:
        cells = ["" if value is None else str(value) for value in problem.as_dict().values()]
        writer.writerow(
            [f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t")) else cell for cell in cells]
        )
    write_atomic(path, body.getvalue())
