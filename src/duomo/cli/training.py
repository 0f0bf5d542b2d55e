"""duomo train: adapting a shop's encoder to its own goods."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from duomo.cli.main import AsJson, ShopDir, settings_for, speaking
from duomo.cli.show import console, counted, progress, show_json, show_problems
from duomo.errors import BadSetting
from duomo.extras import needs

if TYPE_CHECKING:
    from duomo.train.adapt import Adapted

train = typer.Typer(help="Adapt an encoder to the shop's own goods. Needs: pip install 'duomo[train]'.")


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(train, name="train", no_args_is_help=True)


@train.command("align")
def align_command(
    shop: ShopDir,
    encoder: Annotated[
        str, typer.Option("--encoder", help="Which of the shop's encoders to go on from; default: its first.")
    ] = "",
    deep: Annotated[
        bool,
        typer.Option(
            "--deep",
            help="Fine-tune the picture tower, too, and take it if held-out goods gain by it: "
            "some 10 minutes more, and 45 kB of disk a product meanwhile.",
        ),
    ] = False,
    steps: Annotated[int, typer.Option("--steps", help="Steps of the training of the heads.")] = 400,
    forget: Annotated[
        float, typer.Option("--forget", help="MRR that the guard set may lose before a model is refused.")
    ] = 0.02,
    seed: Annotated[int, typer.Option("--seed", help="Of the training.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Adapt the shop's encoder to its goods; a model that gains nothing or forgets too much is refused."""
    with speaking(as_json):
        settings = settings_for(shop)
        if steps < 1 or not 0 <= forget <= 1:
            raise BadSetting("--steps is 1 or more, and --forget lies from 0 to 1", remedy="Correct them")
        from duomo.shelf.manifest import Manifest

        Manifest.load(shop)  # first: where there is no shop, it does not matter what is not installed
        with needs("train", to="adapt an encoder"):
            from duomo.train.adapt import adapt
            from duomo.train.lesson import COURSE
            from duomo.train.own_tower import DEEPENING

        course = replace(COURSE, steps=steps, check_every=max(1, steps // 5), seed=seed)
        with progress(as_json) as tick:
            adapted = adapt(
                shop,
                encoder=encoder,
                settings=settings,
                deep=deep,
                course=course,
                deepening=DEEPENING._replace(course=replace(DEEPENING.course, seed=seed)),
                forget=forget,
                tick=tick,
            )
        if as_json:
            show_json(adapted.as_dict())
        else:
            _show(adapted, deep)


@train.command("rollback")
def rollback_command(shop: ShopDir, as_json: AsJson = False) -> None:
    """Let the shop search again with the encoder that its first one was adapted from; both stay."""
    with speaking(as_json):
        settings_for(shop)
        from duomo.stock.encoders import roll_back

        left, back = roll_back(shop)
        if as_json:
            show_json({"left": left, "encoder": back})
        else:
            console.print(f"The shop searches with {escape(back)} again; {escape(left)} stays beside it.")


def _show(adapted: "Adapted", deep: bool) -> None:
    """The table of both exams, then what is true now and how to undo it; deep: a new tower was wanted."""
    table = Table(box=None, pad_edge=False)
    for name in ("held-out", "products", "R@1", "R@10", "MRR", "MRR of all questions"):
        table.add_column(name, justify="left" if name == "held-out" else "right")
    for exam in (adapted.shop, adapted.guard):
        pairs = [f"{exam.before[name]:.3f} → {exam.after[name]:.3f}" for name in ("r1", "r10", "mrr")]
        gain = f"{exam.gain.mean:+.3f} [{exam.gain.low:+.3f}, {exam.gain.high:+.3f}]"
        table.add_row(exam.exam, str(exam.products), *pairs, escape(gain))
    console.print(table)
    learned = counted(adapted.learned, "product")
    console.print(
        f"The shop searches with {escape(adapted.encoder)} now: {adapted.share:.0%} of the way from "
        f"{escape(adapted.base)}, learned from {learned} in {adapted.seconds:.0f} s.",
        soft_wrap=True,
    )
    if deep:
        tower = (
            "was fine-tuned, too"
            if adapted.deep
            else "is the old one: fine-tuned it did not find enough more"
        )
        console.print(f"Its picture tower {tower}.", soft_wrap=True)
    console.print("[dim]Back to the old one: duomo train rollback --shop DIR[/]", soft_wrap=True)
    show_problems(adapted.problems, "see --json")
