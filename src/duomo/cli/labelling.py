"""duomo label: people label goods or texts, on a page or here, and are asked what teaches most."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from duomo.cli.goods import check_output, table_of, write_output
from duomo.cli.main import AsJson, settings_for, speaking
from duomo.cli.serving import Host, Port, free_port, tell_address
from duomo.cli.show import console, counted, escape, notes, show_json
from duomo.errors import BadQuery
from duomo.files import json_line

if TYPE_CHECKING:
    from duomo.understand.labelling import TaskCard
    from duomo.understand.labelling_told import Told

label = typer.Typer(help="Label goods or texts by hand: few labels that teach much, by several people.")
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Of the labelling task.")]
Disputed = Annotated[
    bool, typer.Option("--disputed", help="Ask only about things on which two others differ.")
]
_PORT: Final = 8100
_DISPUTES: Final = 9  # that are shown one by one


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module, and those of the modules that hand in their own."""
    for what in ("new", "here"):
        import_module(f"duomo.cli.labelling_{what}")
    app.add_typer(label, name="label", no_args_is_help=True)


@label.command("page")
def page_command(
    folder: Folder,
    host: Host = None,
    port: Port = None,
    disputed: Disputed = False,
    browser: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    as_json: AsJson = False,
) -> None:
    """Serve the page to label on, for as many people as open it; every answer is on disk at once."""
    with speaking(as_json):
        settings = settings_for(None)
        from duomo.understand.labelling import LabelTask

        task = LabelTask.open(folder)
        from duomo.web.labelling import create_labelling_app
        from duomo.web.server import serve_app

        def listening(address: str) -> None:
            told = {"folder": str(folder), "things": len(task.things)}
            tell_address(address, told, open_browser=browser, as_json=as_json)

        where = host or settings.host
        app = create_labelling_app(task, settings, host=where, disputed=disputed)
        wanted = free_port(where, _PORT) if port is None else port
        serve_app(app, settings, host=where, port=wanted, listening=listening)


@label.command("status")
def status_command(folder: Folder, as_json: AsJson = False) -> None:
    """How far a task is, how fast and how well its labellers agree, and how much the model knows."""
    with speaking(as_json):
        from duomo.understand.labelling import LabelTask
        from duomo.understand.labelling_told import told_of

        task = LabelTask.open(folder)
        told = told_of(task)
        if as_json:
            show_json({"folder": str(folder), "label": task.card.label, **told.as_dict()})
        else:
            _show_status(task.card, told)


def _show_status(card: "TaskCard", told: "Told") -> None:
    open_ = told.things - told.given
    console.print(
        f"{told.labelled:,} of {counted(open_, 'thing')} labelled, {told.unknown:,} without an answer."
    )
    often = sorted(told.labels.items(), key=lambda each: -each[1])
    console.print(
        f"{escape(card.label)}: " + ", ".join(f"{escape(name)} {n:,}" for name, n in often), soft_wrap=True
    )
    for name, one in told.labellers.items():
        pace = f", {one.seconds:.1f} s an answer" if one.seconds is not None else ""
        console.print(f"  {escape(name)}: {counted(one.answers, 'answer')}, {one.skipped:,} skipped{pace}")
    if told.alpha is not None:
        twice = counted(told.twice, "thing")
        console.print(f"Agreement on {twice} labelled twice: alpha {told.alpha:.2f} (Krippendorff)")
    for pair in told.pairs:
        names = escape(" and ".join(pair.names))
        console.print(f"  {names}: {pair.same:.0%} alike, Cohen's kappa {pair.kappa:.2f} ({pair.things:,})")
    if told.model_right:
        share = told.model_right
        console.print(
            f"Of the latest {told.model_asked:,} random ones the model knew {share.value:.0%} beforehand "
            f"({share.low:.0%} to {share.high:.0%}).",
            soft_wrap=True,
        )
    for id, labels in [*told.disputed.items()][:_DISPUTES]:
        said = ", ".join(f"{by}: {name}" for by, name in labels.items())
        console.print(f"  [yellow]disputed[/] {escape(id)} ({escape(said)})", soft_wrap=True)
    if told.disputed:
        console.print("Let a third one decide: duomo label page FOLDER --disputed")


@label.command("export")
def export_command(
    folder: Folder,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FILE.csv|.jsonl", help="Where the labels go: for tables or programs."),
    ],
    as_json: AsJson = False,
) -> None:
    """Write the labels as a table that duomo train takes; disputed things without a majority are left out."""
    with speaking(as_json):
        check_output(out, "--out")
        if out.suffix.lower() not in (".csv", ".jsonl"):
            raise BadQuery(f"--out {out} is no table", remedy="Name a file that ends with .csv or .jsonl")
        from duomo.understand.labelling import LabelTask
        from duomo.understand.labelling_told import labelled_rows, told_of

        task = LabelTask.open(folder)
        rows = labelled_rows(task)
        if not rows:
            raise BadQuery("nothing is labelled yet", remedy=f"Run: duomo label page {folder}")
        is_table = out.suffix.lower() == ".csv"
        body = table_of(rows[0], (row.values() for row in rows)) if is_table else ""
        write_output(out, body or "".join(map(json_line, rows)))
        unknown = told_of(task).unknown
        if as_json:
            show_json({"rows": len(rows), "left_out": unknown, "out": str(out)})
            return
        notes.print(
            f"{counted(len(rows), 'row')} written to {out}; {counted(unknown, 'thing')} left out, without a "
            "label that most gave",
            markup=False,
            soft_wrap=True,
        )
        way = "classify" if task.card.kind == "goods" else "sentiment"
        more = f" --label {task.card.label}"
        notes.print(
            f"Learn from them: duomo train {way} {out} --shop {task.card.shop or 'DIR'}{more}",
            markup=False,
            soft_wrap=True,
        )
