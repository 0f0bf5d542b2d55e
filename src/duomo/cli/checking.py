"""duomo check: what is wrong with goods, in a merchant's file or on the shelf, and what it costs the shop."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer
from rich.table import Table

from duomo.cli.goods import (
    Currency,
    Format,
    Images,
    Map,
    ProblemsFile,
    check_output,
    columns_of,
    table_of,
    write_output,
)
from duomo.cli.main import AsJson, settings_for, speaking
from duomo.cli.show import console, counted, escape, notes, progress, show_json
from duomo.errors import BadQuery, Problem
from duomo.product import is_address

if TYPE_CHECKING:
    from duomo.catalog.check import Group, Health
    from duomo.catalog.health.findings import Check, Finding
    from duomo.catalog.health.goods import Goods
    from duomo.progress import Tick
    from duomo.settings import Settings
    from duomo.understand.match_goods import MatchCheck

_EXAMPLES: Final = 3  # of a kind, in the JSON document
_GROUPS: Final = 15  # kinds that a person is shown
_MATCHED: Final = 2000  # products on a shelf whose pictures are held against their words unasked
_IDS: Final = 100  # products that a cell of the CSV file names


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("check")(check_command)


def check_command(
    catalog: Annotated[
        str | None, typer.Argument(help="A product file, a folder, a ZIP, or the address of one.")
    ] = None,
    shop: Annotated[
        Path | None,
        typer.Option("--shop", metavar="DIR", help="Look at what is on this shop's shelf instead."),
    ] = None,
    format: Format = "auto",
    mapping: Map = None,
    images: Images = None,
    currency: Currency = None,
    problems: ProblemsFile = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE.html", help="Write a page with pictures, to print or send."),
    ] = None,
    language: Annotated[
        Literal["en", "zh"], typer.Option("--language", "--lang", help="Of the page.")
    ] = "en",
    quick: Annotated[bool, typer.Option("--quick", help="Leave the pictures unopened.")] = False,
    workers: Annotated[int | None, typer.Option("--workers", help="Threads that open pictures.")] = None,
    match: Annotated[
        bool | None,
        typer.Option(
            "--match/--no-match",
            help="Hold pictures against words, learned from these goods: some minutes for 10,000. Default: "
            "with --shop, of up to 2,000 products.",
        ),
    ] = None,
    text: Annotated[
        bool,
        typer.Option("--text-on-pictures", help="Look for banners, prices and the like laid over pictures."),
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 2 if there is an error.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what is missing, broken, twice or doubtful, in a catalog before a build or in a shop after it."""
    with speaking(as_json):
        if (catalog is None) == (shop is None):
            problem = "a catalog or a shop is to be checked, one of them"
            raise BadQuery(problem, remedy="Run: duomo check CATALOG, or: duomo check --shop DIR")
        read_as: dict[str, object] = {"--format": format != "auto", "--map": mapping, "--images": images}
        read_as |= {"--currency": currency}
        if shop and (unheard := [name for name, given in read_as.items() if given]):
            problem = f"with --shop there is no place for {', '.join(unheard)}"
            raise BadQuery(problem, remedy="Leave it out: what is on the shelf has been read already")
        if quick and match:
            raise BadQuery("--quick opens no picture, and --match compares them", remedy="Leave one out")
        if quick and text:
            raise BadQuery("--quick opens no picture, and text is looked for on them", remedy="Leave one out")
        settings, columns = settings_for(shop, workers=workers, currency=currency), columns_of(mapping)
        address = catalog if catalog and is_address(catalog) else ""
        file = Path(catalog) if catalog and not address else None
        check_output(problems, "--problems", file)
        check_output(report, "--report", file)
        from duomo.catalog.archives import read_source
        from duomo.catalog.check import CHECKS, check
        from duomo.catalog.health.goods import Goods
        from duomo.guard.archives import Limits
        from duomo.guard.fetch import shown_url
        from duomo.stock.feeds import feed_in
        from duomo.understand.overlaid import texts_on_pictures

        asked: tuple[Check, ...] = (*CHECKS, texts_on_pictures) if text else CHECKS
        with progress(as_json) as tick, TemporaryDirectory(prefix="duomo-") as unpacked:
            if shop is None:
                read = read_source(
                    file or feed_in(Path(unpacked) / "feed", address, settings),
                    unpack_to=Path(unpacked),
                    limits=Limits.of(settings),
                    format=format,
                    mapping=columns,
                    images=images,
                    currency=settings.currency,
                    address=shown_url(address),
                )
                goods = Goods.of(
                    read,
                    quick=quick,
                    workers=settings.workers,
                    picture_mb=settings.picture_mb,
                    megapixels=settings.picture_megapixels,
                    tick=tick,
                )
                matching = _matching(None, settings, tick) if match else None
                checks = (*asked, matching) if matching else asked
                health = _as_packed(check(goods, checks, told=read.problems), Path(unpacked))
                said = {"format": read.format, "rows": read.rows, "skipped": read.skipped}
            else:
                goods = _on_the_shelf(shop, settings, quick, tick)
                wanted = match if match is not None else not quick and len(goods.products) <= _MATCHED
                matching = _matching(shop, settings, tick) if wanted else None
                health = check(goods, (*asked, matching) if matching else asked)
                said = {"format": "shop", "rows": health.variants, "skipped": 0}
            if report:
                from duomo.catalog.health.page import page_of

                name = shown_url(address) or (file or shop or Path()).absolute().name
                write_output(report, page_of(health, goods, name=name, language=language))
        if problems:
            write_output(problems, _csv_of(health.findings))
        counts: Counter[str] = Counter(problem.severity for problem in health.problems)
        if as_json:
            compared = {"match": matching.as_dict()} if matching else {}
            show_json({**_document(health, said, counts), **compared})
        else:
            _show(health, said, counts)
            if matching and matching.left_out and match:
                why = escape(matching.left_out)
                notes.print(f"[yellow]Pictures were held against names of types and colors alone:[/] {why}")
            if report:
                notes.print(f"[dim]The page:[/] {escape(str(report))}", soft_wrap=True)
        if strict and counts["error"]:
            raise typer.Exit(2)


def _matching(shop: Path | None, settings: "Settings", tick: "Tick") -> "MatchCheck":
    """The check that holds pictures against words, of files or of what a shop keeps."""
    from duomo.understand.classify_goods import Opener
    from duomo.understand.match_goods import MatchCheck

    if shop is None:
        return MatchCheck(Opener(settings), tick=tick)
    from duomo.stock.listed import pictures_in

    cache = shop / "cache" / "vectors.sqlite"
    return MatchCheck(Opener(settings, pictures_in(shop)), cache=cache, tick=tick)


def _on_the_shelf(folder: Path, settings: "Settings", quick: bool, tick: "Tick") -> "Goods":
    """What a shop has on its shelf, with the small pictures that it keeps."""
    from duomo.catalog.health.goods import Goods
    from duomo.cli.measured_questions import goods_of
    from duomo.shop import Shop

    shop: Shop = Shop.open(folder, settings=settings)
    return Goods(
        list(goods_of(shop, tick).values()),
        body=None if quick else (lambda media: shop.picture(media.hash)),
        file=str(folder),
        key=lambda media: media.hash or media.source,
        opens=lambda media: bool(media.hash),
        workers=settings.workers,
        megapixels=settings.picture_megapixels,
        tick=tick,
    )


def _as_packed(health: "Health", unpacked: Path) -> "Health":
    """The same, with pictures of an archive called as they are called in it."""
    from duomo.stock.report import as_packed

    groups = [
        replace(
            group,
            findings=tuple(replace(f, problem=as_packed(f.problem, unpacked)) for f in group.findings),
        )
        for group in health.groups
    ]
    return replace(health, groups=tuple(groups))


def _document(health: "Health", said: Mapping[str, object], counts: Mapping[str, int]) -> dict[str, object]:
    """What was found with the field names of the machine contract."""
    return {
        "format": said["format"],
        "rows": said["rows"],
        "products": health.products,
        "variants": health.variants,
        "skipped": said["skipped"],
        "errors": counts["error"],
        "warnings": counts["warning"],
        "problems": [
            {**finding.problem.as_dict(), "kind": finding.kind.name, "products": list(finding.products)}
            for finding in health.findings
        ],
        "findings": [
            {
                "kind": group.kind.name,
                "title": group.kind.title._asdict(),
                "weight": group.kind.weight,
                "loss": group.kind.loss,
                "cost": round(group.cost, 4),
                "times": len(group.findings),
                "products": group.products,
                "share": round(group.share, 4),
                "remedy": group.kind.remedy._asdict(),
                "examples": [str(finding.problem) for finding in group.findings[:_EXAMPLES]],
            }
            for group in health.groups
        ],
        "columns": {
            column: {"filled": filled, "of": health.products} for column, filled in health.filled.items()
        },
    }


def _csv_of(findings: "Sequence[Finding]") -> str:
    """Every finding as a row."""
    rows = []
    for finding in findings:
        ids = finding.products
        more = [f"and {len(ids) - _IDS} more"] if len(ids) > _IDS else []
        rows.append([*finding.problem.as_dict().values(), finding.kind.name, "|".join([*ids[:_IDS], *more])])
    return table_of([*Problem.__slots__, "kind", "products"], rows)


def _show(health: "Health", said: Mapping[str, object], counts: Mapping[str, int]) -> None:
    """What was found, for a person: kinds in a table, then what helps against the dearest."""
    rows = int(str(said["rows"]))
    console.print(
        f"{counted(health.products, 'product')} ({counted(health.variants, 'variant')}) from "
        f"{counted(rows, 'row')} of format {said['format']}: {counted(counts['error'], 'error')}, "
        f"{counted(counts['warning'], 'warning')}"
    )
    if not health.groups:
        return
    table = Table("cost", "what", "products", "share", "times", box=None, header_style="dim")
    for column in (0, 2, 3, 4):
        table.columns[column].justify = "right"
    for group in health.groups[:_GROUPS]:
        table.add_row(
            f"{group.cost:.2f}",
            escape(group.kind.title.en),
            str(group.products),
            f"{group.share:.1%}",
            str(len(group.findings)),
        )
    notes.print(table)
    for group in health.groups[:_EXAMPLES]:
        notes.print(f"  [dim]for example[/] {escape(str(_example(group)))}", soft_wrap=True)
    more = f"{len(health.groups) - _GROUPS} more kinds; " if len(health.groups) > _GROUPS else ""
    every = "all of them: --problems FILE.csv, --json, or --report FILE.html with pictures"
    notes.print(f"  [dim]{more}{len(health.findings)} in all; {every}[/]")


def _example(group: "Group") -> Problem:
    return group.findings[0].problem
