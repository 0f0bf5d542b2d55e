"""duomo read ads: which creative is better, what drives it, which are worn out, and how new ones will do."""

from math import exp
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from duomo.cli.goods import Images, Map, check_output, columns_of, table_of, write_output
from duomo.cli.main import AsJson, settings_for, speaking
from duomo.cli.reading import read
from duomo.cli.show import console, counted, notes, progress, show_json, show_problems
from duomo.errors import BadSetting
from duomo.guard.archives import Limits

if TYPE_CHECKING:
    from duomo.understand.ads import Ads
    from duomo.understand.ads_pictures import AdPictures
    from duomo.understand.ads_predict import AdsHead
    from duomo.understand.ads_report import AdsReport

_SHOWN: Final = 8  # lines of each kind that a person is shown


@read.command("ads")
def ads_command(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="Creatives and how they did: CSV, TSV, JSON lines or Parquet, a row a day."
        ),
    ],
    mapping: Map = None,
    images: Images = None,
    by: Annotated[
        Literal["", "audience", "week", "month"],
        typer.Option("--by", help="Compare within each audience or period by itself."),
    ] = "",
    matters: Annotated[
        float, typer.Option("--matters", help="The smallest difference that matters, as a share of the rate.")
    ] = 0.1,
    predict: Annotated[
        Path | None,
        typer.Option("--predict", metavar="NEW", help="A table of new creatives: say how they will do."),
    ] = None,
    shop: Annotated[
        Path | None,
        typer.Option(
            "--shop", metavar="DIR", help="Predict with what this shop has learned (duomo train ads)."
        ),
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE.html", help="Write a page with plots.")
    ] = None,
    language: Annotated[
        Literal["en", "zh"], typer.Option("--language", "--lang", help="Of the page.")
    ] = "en",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.csv", help="Write a row for each creative.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Which creative is better and whether that is sure, what drives it, which are worn out."""
    with speaking(as_json):
        settings = settings_for(shop)
        if not 0 < matters <= 1:
            raise BadSetting(
                f"--matters {matters:g} is no share of a rate", remedy="Give one above 0, up to 1"
            )
        check_output(report, "--report", file, predict)
        check_output(out, "--out", file, predict)
        from duomo.understand.ads_file import read_ads
        from duomo.understand.ads_page import page_of
        from duomo.understand.ads_pictures import AdPictures
        from duomo.understand.ads_report import CSV_COLUMNS, read_report

        limits = Limits.of(settings)
        with progress(as_json):
            ads = read_ads(file, mapping=columns_of(mapping), limits=limits)
            picture = AdPictures(
                images or file.parent,
                megapixels=settings.picture_megapixels,
                picture_mb=settings.picture_mb,
            )
            new = read_ads(predict, needed=("copy",), limits=limits) if predict else None
            head = _head(ads, shop, picture) if new else None
            told = read_report(
                ads, by=by, matters=matters, picture=picture, head=head, new=new.creatives if new else ()
            )
        if report:
            page = page_of(told, name=file.name, language=language, matters=matters, picture=picture)
            write_output(report, page)
        if out:
            write_output(out, table_of(CSV_COLUMNS, told.csv_rows()))
        problems = [*ads.problems, *(new.problems if new else ())]
        if as_json:
            missing = sorted(picture.missing)
            show_json({**told.as_dict(), "problems": [p.as_dict() for p in problems], "missing": missing})
            return
        _show(told, matters)
        if picture.missing:
            notes.print(f"{counted(len(picture.missing), 'picture')} could not be opened", markup=False)
        show_problems(problems, str(file))
        for path in (report, out):
            if path:
                notes.print(f"Written: {path}", markup=False, soft_wrap=True)


def _head(ads: "Ads", shop: Path | None, picture: "AdPictures") -> "AdsHead":
    """What predicts: the shop's own, if it has one, or else what is learned of the file now."""
    from duomo.understand.ads_predict import FOLDER, AdsHead

    if shop and (shop / FOLDER).exists():
        return AdsHead.load(shop / FOLDER)
    from duomo.understand.ads_fitting import fit_ads

    return fit_ads(ads, picture=picture)


def _show(told: "AdsReport", matters: float) -> None:
    """What is known, for a person."""
    from duomo.understand.ads_page import change, percent, says
    from duomo.understand.ads_words import feature_words, say

    totals = told.totals
    lead = say(
        "lead",
        tests=f"{len(told.ads.tests):,}",
        creatives=f"{len(told.ads.creatives):,}",
        impressions=f"{totals['impressions']:,.0f}",
        clicks=f"{totals['clicks']:,.0f}",
    )
    verdicts = ", ".join(f"{say(f'verdict.{name}')}: {count}" for name, count in told.verdicts().items())
    lines = [lead, verdicts or say("says.unclicked"), ""]
    clicks = told.compared.get("clicks", ())
    for each in clicks[:_SHOWN]:
        name = " ".join(part for part in (each.test, each.part) if part)
        lines.append(f"{name}: {says(each, matters)}" if name else says(each, matters))
    if len(clicks) > _SHOWN:
        lines.append(say("more.tests", n=len(clicks) - _SHOWN))
    driven = [one for one in told.drivers.get("clicks", ()) if one.sure]
    if driven:
        lines += ["", say("drivers") + ":"]
        for one in driven[:_SHOWN]:
            name, part = feature_words(one.feature)
            lines.append(
                f"  {part}: {name}  {change(one.ratio)} ({change(one.low)} to {change(one.high)}, "
                f"{one.tests} tests)"
            )
    tired = [one for one in told.fatigue if one.tired]
    if tired:
        lines += ["", say("fatigue.count", tired=len(tired), n=len(told.fatigue))]
        for worn in tired[:_SHOWN]:
            day = worn.replace_by[0] if worn.replace_by else ""
            lines.append(
                f"  {worn.creative.id}: {percent(worn.first)} to {percent(worn.now)}, replace by {day}"
            )
    if told.predicted:
        lines += ["", say("predicted") + ":"]
        for guess, chance in zip(told.predicted, told.chances, strict=True):
            doubt = f" ({say(f'doubt.{guess.doubt}')})" if guess.doubt else ""
            ends = f"{percent(guess.low)} to {percent(guess.high)}"
            lines.append(
                f"  {guess.creative.copy or guess.creative.id}: {percent(guess.rate)} ({ends}), "
                f"{change(exp(guess.score))} on the average; {say('beats')}: {chance:.0%}{doubt}"
            )
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
