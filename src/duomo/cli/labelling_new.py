"""duomo label new: a folder in which goods or texts are labelled."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from duomo.catalog.texts import TEXT_COLUMNS
from duomo.cli.goods import Map, goods_of
from duomo.cli.labelling import Folder, label
from duomo.cli.main import AsJson, settings_for, speaking
from duomo.cli.reading import Column
from duomo.cli.show import console, counted, escape, progress, show_json, show_problems
from duomo.errors import BadQuery

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duomo.errors import Problem
    from duomo.understand.labelling import Kind, LabelTask
    from duomo.understand.labelling_things import Gathered


@label.command("new")
def new_command(
    folder: Folder,
    of: Annotated[
        Path | None,
        typer.Option(
            "--of", metavar="FILE", help="A product file, a folder of pictures, or a table of texts."
        ),
    ] = None,
    shop: Annotated[
        Path | None, typer.Option("--shop", metavar="DIR", help="A shop, whose goods are labelled.")
    ] = None,
    name: Annotated[
        str, typer.Option("--label", help="What is asked: category, brand, color, or any name of a column.")
    ] = "category",
    labels: Annotated[
        str,
        typer.Option(
            "--labels",
            metavar="A,B,C|FILE.txt",
            help="What to choose from; a file has one a line, names or paths. Default: what some carry.",
        ),
    ] = "",
    column: Column = "",
    mapping: Map = None,
    again: Annotated[bool, typer.Option("--again", help="Ask about those that carry a label, too.")] = False,
    shared: Annotated[
        float,
        typer.Option(
            "--shared", help="Share of the things, drawn at random, that everybody is asked, 0 to 1."
        ),
    ] = 0.1,
    most: Annotated[
        int, typer.Option("--most", min=1, help="Things that may be asked about; of more, a random draw.")
    ] = 20_000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of everything random.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Make a folder to label in: what carries no label is asked about, what carries one is learned from."""
    with speaking(as_json):
        if (of is None) == (shop is None):
            problem = "a file or a shop is to be labelled, one of them"
            raise BadQuery(problem, remedy="Name it with --of FILE or --shop DIR")
        settings = settings_for(shop)
        from duomo.understand.classify_goods import label_of_goods
        from duomo.understand.labelling import LabelTask, TaskCard, tidy
        from duomo.understand.labelling_things import of_goods, of_texts

        texts = of is not None and _is_texts(of, column)
        if texts and mapping:
            raise BadQuery("--map says how a product file is read", remedy="Name the texts with --column")
        kind: Kind = "texts" if texts else "goods"
        name = name if texts else label_of_goods(name)
        listed, problems = _labels(labels)
        chosen = [tidy(each, kind) for each in listed]
        with progress(as_json) as tick:
            if of and texts:
                found = of_texts(
                    of, name, column, settings=settings, again=again, most=most, seed=seed, tick=tick
                )
            else:
                goods, opener, told = goods_of(of, shop, settings, mapping)
                opener.problems += told
                found = of_goods([*goods], name, opener, again=again, most=most, seed=seed, tick=tick)
        things = found.things
        if chosen:  # who carries another label is asked about
            things = [thing if thing.given in chosen else replace(thing, given="") for thing in things]
        card = TaskCard(
            label=name,
            kind=kind,
            labels=tuple(dict.fromkeys(chosen or found.labels)),
            source=(of or shop or Path()).resolve().name,
            shop=str(shop.resolve()) if shop else "",
            shared=shared,
            seed=seed,
        )
        task = LabelTask.create(folder, card, things, found.vectors)
        _show_new(task, found, [*problems, *found.problems], as_json=as_json)


def _labels(given: str) -> "tuple[Sequence[str], Sequence[Problem]]":
    """Names with commas between them, or those of a file, and what is wrong with that."""
    path = Path(given)
    if path.suffix.lower() == ".txt":
        from duomo.understand.taxonomy import read_taxonomy

        taxonomy, problems = read_taxonomy(path)
        return taxonomy.labels, problems
    names = [name.strip() for name in given.replace("，", ",").split(",")]
    return [name for name in names if name], ()


def _is_texts(of: Path, column: str) -> bool:
    """Whether a file is a table of texts: one is named, or has a column called like texts and no title."""
    if column or of.suffix.lower() == ".txt":
        return True
    if not of.is_file():
        return False
    from duomo.catalog.columns import normal
    from duomo.catalog.formats.sniff import open_table
    from duomo.errors import DuomoError

    try:
        columns = {normal(name) for name in open_table(of, wanted=TEXT_COLUMNS, blanks=True).columns}
    except DuomoError:  # told by whoever reads it
        return False
    return bool(columns & {normal(name) for name in TEXT_COLUMNS}) and not columns & {"title", "sku", "标题"}


def _show_new(task: "LabelTask", found: "Gathered", problems: "Sequence[Problem]", *, as_json: bool) -> None:
    given = sum(bool(thing.given) for thing in task.things)
    if as_json:
        counts = {"things": len(task.things), "given": given, "left_out": found.left_out}
        counts |= {"doubles": found.doubles, "redacted": found.redacted}
        told = {"folder": str(task.folder), "label": task.card.label, "labels": list(task.labels), **counts}
        show_json({**told, "problems": [problem.as_dict() for problem in problems]})
        return
    kind = "product" if task.card.kind == "goods" else "text"
    console.print(
        f"{counted(len(task.things) - given, kind)} to label, {given:,} carry '{escape(task.card.label)}' "
        f"already; {counted(len(task.labels), 'label')} to choose from.",
        soft_wrap=True,
    )
    if found.left_out:
        console.print(f"{found.left_out:,} are left out: blank, or beyond --most.")
    if found.doubles:
        console.print(f"{counted(found.doubles, 'text')} stand there again, and are asked about once.")
    if found.redacted:
        console.print(f"Personal data was taken out of {counted(found.redacted, 'text')}.")
    console.print(f"Label them on a page: duomo label page {escape(str(task.folder))}", soft_wrap=True)
    show_problems(problems, task.card.source)
