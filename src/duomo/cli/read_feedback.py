"""duomo read feedback: what shoppers praise and blame, since when, where, and what to do first."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from duomo.cli.goods import Images, Map, check_output, columns_of, table_of, write_output
from duomo.cli.main import AsJson, settings_for, speaking
from duomo.cli.reading import Column, read
from duomo.cli.show import console, notes, progress, show_json, show_problems
from duomo.errors import BadQuery
from duomo.guard.archives import Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from duomo.progress import Tick
    from duomo.settings import Settings
    from duomo.understand.feedback import Feedback
    from duomo.understand.feedback_file import Remarks
    from duomo.understand.feedback_report import Names

_SHOWN: Final = 8  # themes of either kind that a person is shown


@read.command("feedback")
def feedback_command(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE", help="Reviews: CSV, TSV, JSON lines or Parquet; default: those of the shop."
        ),
    ] = None,
    shop: Annotated[
        Path | None, typer.Option("--shop", metavar="DIR", help="A shop, whose reviews are read.")
    ] = None,
    column: Column = "",
    mapping: Map = None,
    segment: Annotated[
        list[str] | None,
        typer.Option("--segment", metavar="COLUMN", help="Compare its values; repeat it for several."),
    ] = None,
    aspects: Annotated[
        Path | None,
        typer.Option("--aspects", metavar="FILE", help="The shop's own aspects, a line of words for each."),
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option("--keep", metavar="FILE.txt", help="Names that are no persons, one a line: brands."),
    ] = None,
    images: Images = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE.html", help="Write a page with plots.")
    ] = None,
    language: Annotated[
        Literal["en", "zh"], typer.Option("--language", "--lang", help="Of the page and of what is told.")
    ] = "en",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.csv", help="Write a row for each theme.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """What shoppers praise and blame: how many, since when, of which products, and what to do first."""
    with speaking(as_json):
        if (file is None) == (shop is None):
            problem = "a table of reviews or a shop is to be read, one of them"
            raise BadQuery(problem, remedy="Run: duomo read feedback FILE, or: --shop DIR")
        settings = settings_for(shop)
        check_output(report, "--report", file)
        check_output(out, "--out", file)
        from duomo.understand.aspects_groups import open_groups
        from duomo.understand.aspects_own import shop_aspects
        from duomo.understand.aspects_shipped import shipped_aspects
        from duomo.understand.feedback_mentions import read_feedback, topic_names
        from duomo.understand.feedback_report import CSV_COLUMNS, document_of, page_of, rows_of
        from duomo.understand.sentiment_shipped import shipped_reader, shop_reader

        lists = open_groups(aspects) if aspects else ()
        aspect_reader = shop_aspects(shop, lists) if shop else shipped_aspects(lists)
        kept = keep.read_text(encoding="utf-8").split("\n") if keep else []
        with progress(as_json) as tick:
            remarks = (
                _of_file(file, column, columns_of(mapping), segment or [], kept, settings, tick)
                if file
                else _of_shop(shop or Path(), kept)
            )
            sentiment = shop_reader(shop, fast=True) if shop else shipped_reader(fast=True)
            told = read_feedback(remarks, aspects=aspect_reader, sentiment=sentiment, tick=tick)
        names = topic_names(aspect_reader.groups.lists)
        if report:
            thumb = _thumbs(images or (file or Path()).parent, settings)
            name = file.name if file else (shop or Path()).resolve().name
            write_output(report, page_of(told, name=name, names=names, language=language, thumb=thumb))
        if out:
            rows = ([row[name] for name in CSV_COLUMNS] for row in rows_of(told))
            write_output(out, table_of(CSV_COLUMNS, rows))
        if as_json:
            problems = [problem.as_dict() for problem in remarks.problems]
            show_json({**document_of(told), "problems": problems})
            return
        _show(told, names, language)
        show_problems(remarks.problems, str(file))
        for path in (report, out):
            if path:
                notes.print(f"Written: {path}", markup=False, soft_wrap=True)


def _of_file(
    file: Path,
    column: str,
    mapping: dict[str, str],
    segments: list[str],
    keep: list[str],
    settings: "Settings",
    tick: "Tick",
) -> "Remarks":
    from duomo.understand.feedback_file import read_remarks

    return read_remarks(
        file,
        column=column,
        mapping=mapping,
        segments=segments,
        keep=keep,
        limits=Limits.of(settings),
        tick=tick,
    )


def _of_shop(shop: Path, keep: list[str]) -> "Remarks":
    """The reviews of a shop; its brands are no persons."""
    from duomo.shop import Shop
    from duomo.stock.listed import listed
    from duomo.understand.feedback_file import remarks_of

    reviews = Shop.open(shop).reviews()
    return remarks_of(reviews, keep={*keep, *(product.brand for product in listed(shop))})


def _thumbs(folder: Path, settings: "Settings") -> "Callable[[str], str]":
    """Pictures of remarks as small data URIs; addresses are not fetched."""
    from duomo.catalog.pictures import placer
    from duomo.errors import DuomoError
    from duomo.guard.pictures import picture_bytes
    from duomo.product import is_address
    from duomo.understand.feedback_report import small_jpeg

    place = placer(folder)

    def thumb(source: str) -> str:
        if is_address(source):
            return ""
        try:
            body = picture_bytes(Path(place(source)), picture_mb=settings.picture_mb)
            return small_jpeg(body, megapixels=settings.picture_megapixels)
        except DuomoError:
            return ""

    return thumb


def _show(told: "Feedback", names: "Names", language: str) -> None:
    """What is known, for a person."""
    from duomo.understand.feedback_drawn import percent
    from duomo.understand.feedback_report import first_words
    from duomo.understand.feedback_words import say

    remarks = say("lead", language, remarks=f"{told.remarks:,}")
    console.print(f"{remarks} · {say('positive', language, share=percent(told.positive))}")
    place = 1 if language == "zh" else 0
    if lines := first_words(told, names, language):
        console.print(f"\n{say('first', language)}:")
        for number, line in enumerate(lines, start=1):
            console.print(f"  {number}. {line}", markup=False, soft_wrap=True)
    for title, themes in (("blamed", told.blamed), ("praised", told.praised)):
        if themes:
            console.print(f"\n{say(title, language)}:")
        for theme in themes[:_SHOWN]:
            called = names[theme.topic][place] if theme.topic in names else theme.topic
            said = say("share", language, n=f"{theme.remarks:,}", share=percent(theme.share.value))
            phrases = ", ".join(phrase for phrase, _ in theme.phrases[:3])
            console.print(f"  {called}: {said} ({phrases})", markup=False, soft_wrap=True)
