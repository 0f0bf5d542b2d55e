"""duomo train sentiment: what a shop's own labelled reviews add to the shipped reader."""

from pathlib import Path
from typing import Annotated

import typer

from duomo.catalog.rows import one
from duomo.catalog.texts import open_texts
from duomo.cli.main import AsJson, ShopDir, settings_for, speaking
from duomo.cli.reading import Column
from duomo.cli.show import console, escape, show_json, show_problems
from duomo.cli.training import train
from duomo.errors import BadFile
from duomo.guard.archives import Limits


@train.command("sentiment")
def sentiment_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Reviews with labels: any table of texts.")],
    shop: ShopDir,
    column: Column = "",
    label: Annotated[
        str,
        typer.Option("--label", help="The column with good or bad, in words of both languages, or stars."),
    ] = "label",
    as_json: AsJson = False,
) -> None:
    """Learn from a shop's own reviews, in seconds, and say what that is worth on some that were kept back."""
    with speaking(as_json):
        settings = settings_for(shop)
        from duomo.shelf.manifest import Manifest

        Manifest.load(shop)  # first: nothing is learned for a shop that is not there
        with open_texts(file, column, limits=Limits.of(settings)) as table:
            if label not in table.columns:
                raise BadFile(f"{file} has no column '{label}'", remedy="Name one that it has with --label")
            read = list(table.rows)
            problems = [*table.warnings, *(row.problem for row in read if row.problem)]
        rows = [(row.text, one(row.cells.get(label, ""))) for row in read if row.text.strip()]
        from duomo.train.opinion_own import learn_own
        from duomo.understand.sentiment_shipped import save_own, shipped_reader

        learned = learn_own([text for text, _ in rows], [name for _, name in rows], shipped_reader())
        figures = {
            "good": learned.good,
            "bad": learned.bad,
            "left_out": dict(learned.left_out),
            "shipped": [round(each, 4) for each in learned.shipped],
            "both": [round(each, 4) for each in learned.both],
            "gain": [round(each, 4) for each in learned.gain],
        }
        folder = save_own(shop, learned.own, {"source": file.name, **figures})
        if as_json:
            told = [problem.as_dict() for problem in problems]
            show_json({"head": str(folder), **figures, "problems": told})
            return
        console.print(
            f"Learned from {learned.good:,} good and {learned.bad:,} bad reviews, kept in "
            f"{escape(str(folder))}. "
            f"Of reviews that it had not seen {learned.both} are right, {learned.shipped} without it.",
            soft_wrap=True,
        )
        if learned.left_out:
            names = ", ".join([*learned.left_out][:5])
            console.print(
                f"[yellow]Left out: {sum(learned.left_out.values()):,} rows[/] that are neither "
                f"({escape(names)}).",
                soft_wrap=True,
            )
        show_problems(problems, str(file))
