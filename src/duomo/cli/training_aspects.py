"""duomo train aspects: what a shop's own labelled opinions add to the shipped reader."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from duomo.catalog.rows import one
from duomo.catalog.texts import TextRow, open_texts
from duomo.cli.main import AsJson, ShopDir, settings_for, speaking
from duomo.cli.reading import Column
from duomo.cli.show import console, counted, escape, show_json, show_problems
from duomo.cli.training import train
from duomo.errors import BadFile
from duomo.guard.archives import Limits

if TYPE_CHECKING:
    from duomo.train.aspects_own import Learned


@train.command("aspects")
def aspects_command(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Opinions with labels, a row each: any table of texts.")
    ],
    shop: ShopDir,
    column: Column = "",
    aspect: Annotated[
        str, typer.Option("--aspect", help="The column with the aspect, as its text names it.")
    ] = "aspect",
    category: Annotated[
        str, typer.Option("--category", help="The column with your own name for the aspect.")
    ] = "category",
    polarity: Annotated[
        str,
        typer.Option(
            "--polarity", help="The column with positive, negative or neutral, in words of both languages."
        ),
    ] = "polarity",
    aspects: Annotated[
        Path | None,
        typer.Option("--aspects", metavar="FILE", help="Your own aspects, as duomo read aspects takes them."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Learn from a shop's own opinions, in seconds, and say what that is worth on some kept back."""
    with speaking(as_json):
        settings = settings_for(shop)
        from duomo.shelf.manifest import Manifest

        Manifest.load(shop)  # first: nothing is learned for a shop that is not there
        with open_texts(file, column, limits=Limits.of(settings)) as table:
            asked = {"aspect": aspect, "category": category, "polarity": polarity}
            there = _columns(file, table.columns, asked)
            read = list(table.rows)
            problems = [*table.warnings, *(row.problem for row in read if row.problem)]
        from duomo.train.aspects_own import Labelled, learn_own
        from duomo.understand.aspects_groups import open_groups
        from duomo.understand.aspects_own import save_own
        from duomo.understand.aspects_shipped import shipped_aspects

        rows = [
            Labelled(row.text, *(_cell(row, there, what) for what in asked))
            for row in read
            if row.text.strip()
        ]
        learned = learn_own(rows, shipped_aspects(), open_groups(aspects) if aspects else ())
        blank = sum(1 for row in read if not row.problem and not row.text.strip())
        figures = {**learned.figures(), "broken": sum(bool(row.problem) for row in read), "blank": blank}
        folder = save_own(shop, learned.own, {"source": file.name, **figures})
        if as_json:
            told = [problem.as_dict() for problem in problems]
            show_json({"head": str(folder), **figures, "problems": told})
            return
        _show(learned, folder, blank)
        show_problems(problems, str(file))


def _columns(file: Path, columns: tuple[str, ...], asked: Mapping[str, str]) -> dict[str, str]:
    """Those that are there; raises BadFile where one that is needed, or named by a person, is not."""
    there = {what: name for what, name in asked.items() if name in columns}
    lacking = [
        what for what, name in asked.items() if what not in there and (name != what or what == "polarity")
    ]
    if lacking:
        problem = f"{file} has no column '{asked[lacking[0]]}'"
        raise BadFile(problem, remedy=f"Name one that it has with --{lacking[0]}: {', '.join(columns[:30])}")
    if len(there) == 1:
        problem = f"{file} has neither a column 'aspect' nor one 'category'"
        raise BadFile(problem, remedy=f"Name one with --aspect or --category: {', '.join(columns[:30])}")
    return there


def _cell(row: TextRow, there: Mapping[str, str], what: str) -> str:
    return one(row.cells.get(there[what], "")).strip() if what in there else ""


def _show(learned: "Learned", folder: Path, blank: int) -> None:
    """What was learned, for a person."""
    kept = learned.own.polarity is not None
    console.print(
        f"Learned from {counted(learned.opinions, 'opinion')} in {counted(learned.texts, 'text')}, kept in "
        f"{escape(str(folder))}. Judged on texts that it had not seen:",
        soft_wrap=True,
    )
    console.print(
        f"  polarity: {learned.both} are right, {learned.shipped} without it; the commonest one is "
        f"{learned.majority:.3f}{'' if kept else '; it gains nothing, so the shipped one goes on'}",
        soft_wrap=True,
    )
    if learned.names:
        found = f"F1 of exact ones {learned.names.both:.3f}, {learned.names.shipped:.3f} without it"
        console.print(
            f"  names: {found}{'' if learned.own.names else '; they gain nothing, so the shipped go on'}",
            soft_wrap=True,
        )
    if learned.groups:
        console.print(
            f"  groups: {learned.groups[1]:.3f} of new names come to the right one of "
            f"{len(learned.own.groups)}; the commonest one has {learned.groups[0]:.3f}",
            soft_wrap=True,
        )
    left = {**learned.left_out, **({"blank": blank} if blank else {})}
    if left:
        told = ", ".join(f"{escape(why)}: {count:,}" for why, count in [*left.items()][:8])
        console.print(f"[yellow]Left out: {counted(sum(left.values()), 'row')}[/] ({told})", soft_wrap=True)
