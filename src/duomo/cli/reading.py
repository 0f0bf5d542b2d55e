"""duomo read: what goods, reviews, feedback and ads say; files in, files out."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Annotated, Final

import typer

from duomo.catalog.texts import TextRow, open_texts
from duomo.cli.goods import check_output
from duomo.cli.show import counted, notes, progress, show_json, show_problems
from duomo.errors import BadFile, BadQuery, Problem
from duomo.files import json_line, replacing
from duomo.guard.archives import Limits
from duomo.settings import Settings

read = typer.Typer(help="Read goods and reviews: what they are, what they say, and how sure that is.")
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE.jsonl", help="Where the answers go, a line each; default: stdout."),
]
Column = Annotated[str, typer.Option("--column", help="Where the texts stand; default: by its name.")]
Answer = Callable[[Sequence[TextRow]], Iterable[dict[str, object]]]
_AT_ONCE: Final = 512  # rows that are answered together


def add_to(app: typer.Typer) -> None:
    """Add the commands of the modules that read something, each of which hands in its own."""
    for what in ("ads", "aspects", "attributes", "category", "feedback", "match", "sentiment"):
        import_module(f"duomo.cli.read_{what}")
    app.add_typer(read, name="read", no_args_is_help=True)


def answer_texts(
    file: Path,
    column: str,
    out: Path | None,
    settings: Settings,
    answer: Answer,
    *,
    as_json: bool,
    needed: Mapping[str, str] | None = None,
    found: list[Problem] | None = None,
    counts: Mapping[str, Mapping[str, int]] | None = None,
) -> None:
    """Answer a table of texts row by row, in its order, and say at the end what came of it.

    A row that cannot be read has an answer, too: {"label": null, "doubt": "broken"}, with its line.

    Args:
        file: the table, as `open_texts` takes it.
        column: where the texts stand; "": by its name.
        out: JSON lines; None: stdout.
        settings: for the limits.
        answer: rows that can be read -> an answer each, in order.
        as_json: print the counts as a document.
        needed: option -> another column that must be there.
        found: grows by what `answer` could not read, as pictures.
        counts: of what else there was in the rows, for the document.

    Raises:
        BadQuery: both the answers and the counts are to go to stdout.
        MissingFile, BadFile: as `open_texts`; or a needed column is missing.
    """
    if as_json and out is None:
        raise BadQuery("--json needs a file for the answers", remedy="Name one with --out FILE.jsonl")
    check_output(out, "--out", file)
    outcome: Counter[str] = Counter()
    problems: list[Problem] = []
    with progress(as_json) as tick, open_texts(file, column, limits=Limits.of(settings)) as texts:
        for option, name in (needed or {}).items():
            if name not in texts.columns:
                raise BadFile(f"{file} has no column '{name}'", remedy=f"Name one that it has with {option}")
        with lines_to(out) as write:
            while rows := list(islice(texts.rows, _AT_ONCE)):
                answers = iter(answer([row for row in rows if not row.problem]))
                for row in rows:
                    broken = {"label": None, "doubt": "broken", "line": row.line}
                    record = broken if row.problem else next(answers)
                    write(record)
                    outcome[str(record.get("doubt") or record.get("label", "read"))] += 1
                problems += [row.problem for row in rows if row.problem]
                tick("reading", outcome.total())
        problems += [*texts.warnings, *(found or ())]
    if as_json:
        told = [problem.as_dict() for problem in problems]
        more = {name: dict(several) for name, several in (counts or {}).items()}
        document = {"rows": outcome.total(), "outcome": dict(outcome), "column": texts.column, **more}
        show_json({**document, "problems": told})
        return
    what = ", ".join(f"{label}: {count:,}" for label, count in outcome.most_common()) or "it has none"
    where = f", written to {out}" if out else ""
    notes.print(f"{counted(outcome.total(), 'row')} read{where} ({what})", markup=False)
    show_problems(problems, str(file))


@contextmanager
def lines_to(out: Path | None) -> Iterator[Callable[[object], object]]:
    """A function that writes a record as a line of JSON: to a file, which appears whole, or to stdout."""
    if out is None:
        yield lambda record: sys.stdout.write(json_line(record))
        return
    with replacing(out) as file:
        yield lambda record: file.write(json_line(record))
