"""duomo export: what other programs read."""

from pathlib import Path
from typing import Annotated

import typer

from duomo.cli.main import AsJson, ShopDir, settings_for, speaking
from duomo.cli.measuring_search import Count, EventFiles, Kinds, Least, Questions, Seed
from duomo.cli.show import console, counted, progress, show_json
from duomo.errors import BadQuery

export = typer.Typer(help="Write what other programs read.")


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(export, name="export", no_args_is_help=True)


@export.callback()
def exporting() -> None:
    """Write what other programs read."""


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
