"""duomo measure search: how good the search of a shop is, with judgments or without any."""

from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from duomo.cli.goods import check_output
from duomo.cli.main import AsJson, ShopDir, settings_for, speaking
from duomo.cli.show import console, counted, progress, show_json, show_problems
from duomo.errors import BadQuery

if TYPE_CHECKING:
    from collections.abc import Callable

    from duomo.measure.questions import Question

MOST_DEPTH: Final = 1000
JUDGED_DEPTH: Final = 1000  # the condensed list asks for products far down

Questions = Annotated[
    str, typer.Option("--questions", metavar="made|FILE", help="Made from the goods, or a file of --save.")
]
Qrels = Annotated[
    Path | None, typer.Option("--qrels", metavar="FILE|DIR", help="Judgments: a table, TREC or BEIR.")
]
Queries = Annotated[
    Path | None, typer.Option("--queries", metavar="FILE", help="The texts of TREC or BEIR qrels.")
]
JudgedColumns = Annotated[
    list[str] | None,
    typer.Option(
        "--map", metavar="COLUMN=THEIRS", help="For a table: --map query=term; also product_id, rating."
    ),
]
EventFiles = Annotated[
    list[Path] | None,
    typer.Option("--events", metavar="FILE", help="What shoppers clicked: UBI queries and events."),
]
Least = Annotated[int, typer.Option("--least", help="For events: times a question must have been asked.")]
Kinds = Annotated[
    str, typer.Option("--kinds", metavar="A,B", help="Only these kinds of questions; default: all.")
]
Count = Annotated[
    int, typer.Option("--n", help="Made questions of a kind; 0: 200, or fewer so that there are 1000 in all.")
]
Seed = Annotated[int, typer.Option("--seed", help="Of the made questions.")]


def measure_search(
    shop: ShopDir,
    questions: Questions = "made",
    qrels: Qrels = None,
    queries: Queries = None,
    mapping: JudgedColumns = None,
    events: EventFiles = None,
    least: Least = 5,
    kinds: Kinds = "",
    n: Count = 0,
    seed: Seed = 7,
    k: Annotated[int, typer.Option("-k", "--k", help="How many hits count.")] = 10,
    depth: Annotated[
        int,
        typer.Option(
            "--depth", help="How many hits are looked at; 0: k for made questions, 1000 for judged."
        ),
    ] = 0,
    mode: Annotated[
        Literal["hybrid", "keywords", "vector"], typer.Option("--mode", help="Ways of looking.")
    ] = "hybrid",
    encoder: Annotated[
        str, typer.Option("--encoder", help="Which of the shop's encoders; default: its first.")
    ] = "",
    against: Annotated[
        str,
        typer.Option(
            "--against",
            metavar="MODE|ENCODER|SHOP|RUN",
            help="A mode, encoder, shop or TREC run to compare with; default: the other modes.",
        ),
    ] = "",
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="FILE.jsonl", help="Write the questions, to edit and ask again."),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE.html", help="Write a page with plots and pictures."),
    ] = None,
    language: Annotated[Literal["en", "zh"], typer.Option("--language", help="Of the page.")] = "en",
    as_json: AsJson = False,
) -> None:
    """How well search finds what is known to be right, by kind of question, with intervals and baselines."""
    with speaking(as_json):
        settings = settings_for(shop)
        inputs = (
            qrels,
            queries,
            *(events or ()),
            None if questions == "made" else Path(questions),
            Path(against) if against else None,
        )
        check_output(save, "--save", *inputs)
        check_output(report, "--report", *inputs)
        if not 1 <= k <= MOST_DEPTH or not 0 <= depth <= MOST_DEPTH or seed < 0:
            problem = (
                f"--k lies from 1 to {MOST_DEPTH}, --depth from 0 to {MOST_DEPTH}, --seed is not negative"
            )
            raise BadQuery(problem, remedy="Correct them")
        started = perf_counter()
        from duomo.cli.measured_questions import columns_of, goods_of, questions_for
        from duomo.cli.measured_systems import ask_all, pictures_for, systems_for
        from duomo.cli.show_measured import show_outcome
        from duomo.measure.outcome import Outcome, as_document
        from duomo.measure.questions import write_questions
        from duomo.shop import Shop

        opened = Shop.open(shop, settings=settings)
        with progress(as_json) as tick:
            goods = goods_of(opened, tick)
            asked = questions_for(
                goods,
                questions=questions,
                qrels=qrels,
                queries=queries,
                mapping=columns_of(mapping),
                events=events or (),
                least=least,
                kinds=[kind for part in kinds.split(",") if (kind := part.strip())],
                count=n,
                seed=seed,
                file_mb=settings.file_mb,
            )
            if save:
                write_questions(save, asked.questions)
            owners = {variant.id: product.id for product in goods.values() for variant in product.variants}
            systems = systems_for(
                opened,
                against,
                mode=mode,
                encoder=encoder,
                depth=_depth(k, depth),
                owners=owners | {id: id for id in goods},
                settings=settings,
            )
            answers = ask_all(asked.questions, systems, pictures_for(opened, settings), tick)
        outcome = Outcome(
            answers.questions,
            answers.of,
            goods,
            k=k,
            left_out=asked.left_out,
            unknown=asked.unknown,
            unasked=answers.unasked,
        )
        took_s = round(perf_counter() - started, 1)
        document = as_document(outcome)
        if report:
            from duomo.files import write_atomic
            from duomo.measure.report import page_of

            about = {"shop": shop.resolve().name, "seed": seed, "took_s": took_s}
            write_atomic(
                report,
                page_of(
                    outcome,
                    about,
                    picture=opened.picture,
                    asked=pictures_for(opened, settings),
                    language=language,
                ),
            )
        if as_json:
            about_events = {"events": asked.from_events.document()} if asked.from_events else {}
            show_json({"shop": str(shop), "seed": seed, "took_s": took_s, **document, **about_events})
        else:
            show_outcome(outcome, answers.refused)
            if asked.from_events:
                console.print(f"[dim]{asked.from_events.sentence(least)}[/]", soft_wrap=True)
                show_problems(asked.from_events.events.problems, "see --json")
            console.print(f"[dim]{counted(len(answers.questions), 'question')} in {took_s} s[/]")
            for path, what in ((save, "questions"), (report, "report")):
                if path:
                    console.print(f"[dim]{what}:[/] {path}", soft_wrap=True)
        if answers.unasked:
            typer.echo("Stopped: what is shown is of the questions that were asked.", err=True)
            raise typer.Exit(130)


def _depth(k: int, depth: int) -> "Callable[[Question], int]":
    """How many hits a question asks for: the condensed list of judged ones needs more than k."""
    return lambda question: max(k, depth or (k if question.complete else JUDGED_DEPTH))
