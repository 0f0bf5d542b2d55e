"""duomo export: what other programs read."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from duomo.cli.goods import check_output, write_problems
from duomo.cli.main import AsJson, ShopDir, settings_for, speaking
from duomo.cli.measuring_search import Count, EventFiles, Kinds, Least, Questions, Seed
from duomo.cli.show import console, counted, progress, show_json, show_problems
from duomo.errors import BadQuery
from duomo.product import Product, is_address
from duomo.progress import Tick

if TYPE_CHECKING:
    from duomo.catalog.feeds.feed import Feed

FORMATS: Final = (
    *("google-tsv", "google-xml", "google-atom"),
    *("jsonld", "openai", "openai-csv", "openai-tsv"),
)

export = typer.Typer(help="Write what other programs read.")


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(export, name="export", no_args_is_help=True)


@export.callback()
def exporting() -> None:
    """Write what other programs read."""


@export.command("feed")
def feed_command(
    shop: ShopDir,
    format: Annotated[str, typer.Option("--format", help=f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}.")],
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="Where the feed goes; with --check nowhere.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only say what is wrong; exit with 2 if there is an error.")
    ] = False,
    only: Annotated[
        str, typer.Option("--only", metavar="WHERE", help="A filter: only these variants: stock > 0.")
    ] = "",
    link: Annotated[
        str,
        typer.Option(
            "--link", metavar="URL", help="The page of a product without one: https://x.example/p/{id}."
        ),
    ] = "",
    pictures: Annotated[
        str,
        typer.Option(
            "--pictures", metavar="URL", help="Where picture files stand: https://x.example/i/{name}."
        ),
    ] = "",
    fields: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="FIELD=VALUE", help="The same for all products of an openai feed; repeat it."
        ),
    ] = None,
    problems: Annotated[
        Path | None, typer.Option("--problems", metavar="FILE.csv", help="Write the problems to a CSV file.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the goods of a shop as a feed for Google, search engines or shopping agents."""
    with speaking(as_json):
        settings_for(shop)
        if check == bool(to):
            said = "both --to and --check" if to else "neither --to nor --check"
            raise BadQuery(f"there is {said}", remedy="Write the feed with --to FILE, or look with --check")
        check_output(to, "--to", problems)
        check_output(problems, "--problems", to)
        for name, template, place in (("--link", link, "{id}"), ("--pictures", pictures, "{name}")):
            if template and not (is_address(template) and (place in template or "{product_id}" in template)):
                problem = f"{name} {template} is no http or https address with {place} in it"
                raise BadQuery(problem, remedy=f"Write it like https://shop.example/{place}")
        from duomo.catalog.feeds.feed import addressed, write_feed
        from duomo.stock.listed import listed, ratings

        feed = _feed(format, fields or [])
        with progress(as_json) as tick:
            goods = (addressed(each, link=link, pictures=pictures) for each in listed(shop, only))
            written = write_feed(_told(goods, tick), feed, to, ratings=ratings(shop))
        if problems:
            write_problems(written.problems, problems)
        if as_json:
            counts = {
                name: getattr(written, name)
                for name in ("products", "rows", "left_out", "errors", "warnings")
            }
            show_json({**counts, "problems": [problem.as_dict() for problem in written.problems]})
        else:
            where = to if to else f"{format} feed"
            left = f", {counted(written.left_out, 'product')} left out" if written.left_out else ""
            console.print(
                f"{where}: {counted(written.products, 'product')} in {counted(written.rows, 'row')}{left}",
                soft_wrap=True,
            )
            show_problems(written.problems, "write them all with --problems FILE.csv, or see --json")
        if check and written.errors:
            raise typer.Exit(2)


def _feed(format: str, fields: list[str]) -> "Feed":
    """The format called so; raises BadQuery."""
    from duomo.catalog.feeds.google import GoogleFeed
    from duomo.catalog.feeds.jsonld import JsonLdFeed
    from duomo.catalog.feeds.openai import OpenAiFeed

    for pair in fields:
        if not all(pair.partition("=")):
            raise BadQuery(
                f"--set {pair} is not of the form FIELD=VALUE", remedy="Write --set seller_name=Luma"
            )
    fixed = dict(pair.split("=", 1) for pair in fields)
    if fixed and not format.startswith("openai"):
        raise BadQuery(f"--set has no place in a feed of format {format}", remedy="Leave it out")
    known: dict[str, Callable[[], Feed]] = {
        "google-tsv": lambda: GoogleFeed("tsv"),
        "google-xml": lambda: GoogleFeed("rss"),
        "google-atom": lambda: GoogleFeed("atom"),
        "jsonld": JsonLdFeed,
        "openai": lambda: OpenAiFeed("jsonl", fixed),
        "openai-csv": lambda: OpenAiFeed("csv", fixed),
        "openai-tsv": lambda: OpenAiFeed("tsv", fixed),
    }
    if format not in known:
        raise BadQuery(f"no format of feeds is called '{format}'", remedy=f"Known: {', '.join(FORMATS)}")
    return known[format]()


def _told(goods: Iterable[Product], tick: Tick) -> Iterator[Product]:
    for done, product in enumerate(goods, start=1):
        yield product
        if done % 100 == 0:
            tick("writing", done)


@export.command("qrels")
def qrels_command(
    shop: ShopDir,
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="Where the BEIR folder goes.")],
    questions: Questions = "made",
    events: EventFiles = None,
    least: Least = 5,
    kinds: Kinds = "",
    n: Count = 0,
    seed: Seed = 7,
    as_json: AsJson = False,
) -> None:
    """Write questions in words, their right answers and the goods as a BEIR folder, for other engines."""
    with speaking(as_json):
        settings = settings_for(shop)
        if to.exists() and (not to.is_dir() or any(to.iterdir())):
            raise BadQuery(f"--to {to} is not an empty folder", remedy="Name an empty or a new folder")
        if seed < 0:
            raise BadQuery("--seed is negative", remedy="Write 0 or more")
        from duomo.cli.measured_questions import goods_of, questions_for
        from duomo.measure.judgments import write_beir
        from duomo.shop import Shop

        with progress(as_json) as tick:
            goods = goods_of(Shop.open(shop, settings=settings), tick)
            asked = questions_for(
                goods,
                questions=questions,
                qrels=None,
                queries=None,
                mapping={},
                events=events or (),
                least=least,
                kinds=[kind for part in kinds.split(",") if (kind := part.strip())],
                count=n,
                seed=seed,
                file_mb=settings.file_mb,
            )
        written = write_beir(to, asked.questions, goods.values())
        left_out = len(asked.questions) - written
        if as_json:
            show_json({"folder": str(to), "questions": written, "products": len(goods), "left_out": left_out})
            return
        console.print(
            f"{to}: {counted(written, 'question')}, {counted(len(goods), 'product')}", soft_wrap=True
        )
        if left_out:
            said = f"{counted(left_out, 'question')} with a picture, or with nothing right, left out"
            console.print(f"[dim]{said}[/]", soft_wrap=True)
