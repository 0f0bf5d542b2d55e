"""duomo label ask: labelling in the terminal, a key an answer."""

import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from duomo.cli.labelling import Disputed, Folder, label
from duomo.cli.main import speaking
from duomo.cli.show import console, escape

if TYPE_CHECKING:
    from duomo.understand.labelling_ask import Asker, Question

_KEYS: Final = 9  # labels that have a key
_TEXT_SHOWN: Final = 1500  # characters of a text


@label.command("ask")
def ask_command(
    folder: Folder,
    by: Annotated[str, typer.Option("--by", help="Who labels.")],
    disputed: Disputed = False,
) -> None:
    """Label here in the terminal, a key an answer; go on whenever you like."""
    with speaking(as_json=False):
        from duomo.understand.labelling import LabelTask
        from duomo.understand.labelling_answers import check_name
        from duomo.understand.labelling_ask import Asker

        check_name(by)
        asker = Asker(LabelTask.open(folder), disputed=disputed)
        console.print(
            "[dim]1–9: the label beside it · Enter: the marked one · /: find or add one · s: cannot tell · "
            "b: back · q: end[/]",
            soft_wrap=True,
        )
        question = asker.next(by)
        while question is not None:
            answered, question = _asked_here(asker, by, question)
            if not answered and question is None:
                return
        console.print("Nothing is left to label.")


def _asked_here(asker: "Asker", by: str, question: "Question") -> "tuple[bool, Question | None]":
    """Ask one thing; gives whether it was answered, and what to ask next (None: nothing, or they ended)."""
    from time import monotonic

    shown = _show_question(asker, question)
    began = monotonic()
    while True:
        key = _key()
        name: str | None = None
        if key in ("", "q", "\x03", "\x04"):
            return False, None
        if key == "b":
            before = asker.back(by, question.thing.id if question.answered else "")
            return False, before or question
        if key == "/":
            name = _found(asker, by, typer.prompt("Label", default="", show_default=False).strip())
            if not name:
                continue
        elif key in ("\r", "\n") and question.expected:
            name = question.expected
        elif key.isdecimal() and 0 < int(key) <= len(shown):
            name = shown[int(key) - 1]
        elif key != "s":
            continue
        asker.answer(by, question.thing.id, name, monotonic() - began)
        console.print(f"  [dim]{escape(name or 'cannot tell')}[/]\n")
        return True, asker.next(by)


def _key() -> str:
    """One key of the terminal, or the next sign of what is piped in; "" at its end."""
    return typer.getchar() if sys.stdin.isatty() else sys.stdin.read(1)


def _show_question(asker: "Asker", question: "Question") -> tuple[str, ...]:
    """Print a thing and labels with their keys; gives the labels."""
    thing, task = question.thing, asker.task
    if thing.title:
        console.print(f"[bold]{escape(thing.title)}[/]", soft_wrap=True)
    if thing.text:
        cut = "…" if len(thing.text) > _TEXT_SHOWN else ""
        console.print(escape(thing.text[:_TEXT_SHOWN]) + cut, soft_wrap=True)
    if thing.picture and not thing.hash:
        console.print(f"[dim]{escape(thing.picture)}[/]", soft_wrap=True)
    shown = task.labels if len(task.labels) <= _KEYS else question.candidates[:_KEYS]
    for key, name in enumerate(shown, start=1):
        mark = "[bold]›[/]" if name == question.expected else " "
        own = " [dim](yours)[/]" if question.answered and name == question.own else ""
        console.print(f" {mark} [bold]{key}[/] {escape(name)}{own}")
    return shown


def _found(asker: "Asker", by: str, typed: str) -> str:
    """The label that is meant by some letters; a new one is added; "" where that was not wanted."""
    if not typed:
        return ""
    fitting = [name for name in asker.task.labels if typed.casefold() in name.casefold()]
    exact = [name for name in fitting if name.casefold() == typed.casefold()]
    if exact or len(fitting) == 1:
        return (exact or fitting)[0]
    if fitting:
        console.print(f"  {escape(', '.join(fitting[:_KEYS]))}: type more letters")
        return ""
    return asker.add_label(typed, by) if typer.confirm(f"Add the label '{typed}'?") else ""
