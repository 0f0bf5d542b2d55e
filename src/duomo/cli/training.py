"""duomo train: adapting a shop's encoder to its own goods, and learning an order of hits."""

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.table import Table

from duomo.cli.main import AsJson, ShopDir, settings_for, speaking
from duomo.cli.measuring_search import EventFiles, JudgedColumns, Qrels, Queries
from duomo.cli.show import console, counted, escape, progress, show_json, show_problems
from duomo.errors import BadQuery, BadSetting
from duomo.extras import needs

if TYPE_CHECKING:
    from duomo.train.adapt import Adapted
    from duomo.train.rank import Ordered

train = typer.Typer(
    help="Adapt an encoder or the order of hits to a shop. Needs: pip install 'duomo\\[train]'."
)


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module, and of those that train a reader, each of which hands in its own."""
    for what in ("ads", "aspects", "classify", "match", "sentiment"):
        import_module(f"duomo.cli.training_{what}")
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
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the training.")] = 7,
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


@train.command("rank")
def rank_command(
    shop: ShopDir,
    qrels: Qrels = None,
    queries: Queries = None,
    mapping: JudgedColumns = None,
    questions: Annotated[
        Path | None,
        typer.Option(
            "--questions", metavar="FILE.jsonl", help="Judged questions in words or pictures, as of --save."
        ),
    ] = None,
    events: EventFiles = None,
    encoder: Annotated[
        str, typer.Option("--encoder", help="Which of the shop's encoders; default: its first.")
    ] = "",
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the split into learned and held out.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Learn an order of hits from judgments or clicks; one that is not better than the blend is refused."""
    with speaking(as_json):
        settings = settings_for(shop)
        if not (qrels or questions or events):
            problem = "there is nothing to learn an order from"
            remedy = "Name judgments with --qrels or --questions, or what shoppers did with --events"
            raise BadQuery(problem, remedy=remedy)
        if qrels and questions:
            raise BadQuery("--qrels and --questions were both given", remedy="Learn from one of them")
        if not qrels and (queries or mapping):
            raise BadQuery("--queries and --map belong to --qrels", remedy="Name the judgments with --qrels")
        from duomo.catalog.events import read_events
        from duomo.cli.measured_questions import columns_of, judged_of
        from duomo.cli.measured_systems import pictures_for
        from duomo.files import hash_file
        from duomo.measure.questions import read_questions
        from duomo.shop import Shop

        opened = Shop.open(shop, settings=settings)
        with needs("train", to="learn an order"):
            from duomo.train.rank import learn_order

        judged = judged_of(qrels, queries, columns_of(mapping)) if qrels else ()
        read = read_events(*events, limit_mb=settings.file_mb) if events else None
        files = [path for path in (qrels, queries, questions, *(events or ())) if path and path.is_file()]
        with progress(as_json) as tick:
            ordered = learn_order(
                shop,
                read_questions(questions) if questions else judged,
                searches=read.searches if read else (),
                settings=settings,
                sources={path.name: hash_file(path) for path in files},
                encoder=encoder,
                pixels_of=pictures_for(opened, settings),
                seed=seed,
                tick=tick,
            )
        problems = read.problems if read else ()
        if as_json:
            show_json({**ordered.as_dict(), "problems": [problem.as_dict() for problem in problems]})
        else:
            _show_order(ordered)
            show_problems(problems, "see --json")


@train.command("rollback")
def rollback_command(
    shop: ShopDir,
    of: Annotated[
        Literal["encoder", "rank"],
        typer.Option("--of", help="What to go back from: an adapted encoder, or a learned order."),
    ] = "encoder",
    as_json: AsJson = False,
) -> None:
    """Let the shop search again with what it had before: the encoder or the order; both stay."""
    with speaking(as_json):
        settings_for(shop)
        if of == "rank":
            from duomo.stock.orders import roll_back_order

            left, back = roll_back_order(shop)
            now = escape(back or "the blend alone")
            said = f"The shop orders by {now} again; {escape(left)} stays beside it."
        else:
            from duomo.stock.encoders import roll_back

            left, back = roll_back(shop)
            said = f"The shop searches with {escape(back)} again; {escape(left)} stays beside it."
        if as_json:
            show_json({"left": left, "order" if of == "rank" else "encoder": back})
        else:
            console.print(said)


def _show_order(ordered: "Ordered") -> None:
    """The exam, what each side weighs now, and how to undo it."""
    exam = ordered.exam
    table = Table(box=None, pad_edge=False)
    for name in (f"{exam.questions} held-out questions", "before", "after", "gain"):
        table.add_column(name, justify="left" if name.startswith(str(exam.questions)) else "right")
    for name, before, after, gain in (
        ("NDCG@10", exam.before, exam.after, exam.gain),
        ("NDCG@10, judged alone", exam.judged_before, exam.judged_after, exam.judged_gain),
    ):
        said = f"{gain.mean:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]"
        table.add_row(name, f"{before:.3f}", f"{after:.3f}", escape(said))
    console.print(table)
    weights = ", ".join(f"{name} {weight:.2f}" for name, weight in ordered.weights.items() if weight)
    learned = counted(ordered.learned, "question")
    console.print(
        f"The shop orders by {escape(ordered.order)} now, learned from {learned} in {ordered.seconds:.0f} s. "
        f"The most that each gives: {weights}.",
        soft_wrap=True,
    )
    console.print("[dim]Back to the old one: duomo train rollback --of rank --shop DIR[/]", soft_wrap=True)


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
