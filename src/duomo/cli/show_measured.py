"""What duomo measure search prints for people."""

from typing import TYPE_CHECKING, Final

from rich.table import Table

from duomo.cli.show import console, counted, escape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duomo.measure.compare import Duel
    from duomo.measure.outcome import Loss, Outcome

_FIGURES: Final = {
    "mrr": "MRR",
    "recall": "recall",
    "precision": "P",
    "success": "success",
    "ndcg_judged": "NDCG judged",
    "judged": "judged",
    "zero": "empty",
    "broken": "broken",
}
_LOSSES: Final = 5  # shown to a person; the page and a script get more


def show_outcome(outcome: "Outcome", refused: "Mapping[str, str]") -> None:
    """Systems side by side, then the figures of the first one, who beats whom, and where it loses."""
    from duomo.measure.outcome import HEAD, OVERALL, some

    first, *rivals = outcome.systems
    table = Table(f"NDCG@{outcome.k}", box=None, header_style="dim", pad_edge=False)
    for name in ("n", *outcome.systems, "chance"):
        table.add_column(escape(name), justify="right", no_wrap=True)
    for kind, places in outcome.kinds.items():
        means = [outcome.mean(name, HEAD, kind) for name in outcome.systems]
        chance = outcome.chance(kind)
        cells = [f"{mean.mean:.3f} [dim]{mean.low:.2f}–{mean.high:.2f}[/]" if mean else "–" for mean in means]
        table.add_row(kind, str(places.size), *cells, "–" if chance is None else f"{chance:.3f}")
    if len(outcome.kinds) > 1:
        overall = [outcome.overall(name, HEAD) for name in outcome.systems]
        table.add_row(
            "[bold]mean of kinds[/]",
            "",
            *("–" if mean is None else f"[bold]{mean:.3f}[/]" for mean in overall),
            "",
        )
    console.print(table)
    console.print()
    _show_figures(outcome)
    console.print()
    for rival in rivals:
        found = [
            (OVERALL, outcome.duel(rival, OVERALL)),
            *((kind, outcome.duel(rival, kind)) for kind in outcome.kinds),
        ]
        for kind, result in found if len(outcome.kinds) > 1 else found[:1]:
            if result and (kind == OVERALL or result.sure):
                name = f"{first} against {rival}" if kind == OVERALL else f"  {kind}"
                console.print(f"{escape(name)}: {_duel(result)}", soft_wrap=True)
    for rival in rivals[:1]:
        _show_losses(outcome.losses(rival), first, rival)
    for name, why in refused.items():
        console.print(f"[dim]{escape(name)} was not asked some questions: {escape(why)}[/]", soft_wrap=True)
    if outcome.left_out:
        said = "; ".join(f"{kind} ({why})" for kind, why in outcome.left_out.items())
        console.print(f"[dim]left out: {escape(said)}[/]", soft_wrap=True)
    if outcome.without_right:
        said = f"{counted(len(outcome.without_right), 'question')} with nothing right count for empty alone"
        console.print(f"[dim]{said}: {escape(some(outcome.without_right))}[/]", soft_wrap=True)
    if outcome.unknown:
        said = f"{counted(len(outcome.unknown), 'judged id')} that no product of the shop has"
        console.print(f"[yellow]{said}[/]: {escape(some(outcome.unknown))}", soft_wrap=True)


def _show_figures(outcome: "Outcome") -> None:
    """Further figures of the first system."""
    first = outcome.systems[0]
    means = {
        kind: {metric: outcome.mean(first, metric, kind) for metric in _FIGURES} for kind in outcome.kinds
    }
    shown = [metric for metric in _FIGURES if any(each[metric] for each in means.values())]
    table = Table(escape(first), box=None, header_style="dim", pad_edge=False)
    for metric in shown:
        table.add_column(
            f"{_FIGURES[metric]}@{outcome.k}" if metric not in ("mrr", "zero") else _FIGURES[metric],
            justify="right",
        )
    for kind, each in means.items():
        cells = []
        for metric in shown:
            mean = each[metric]
            share = metric in ("zero", "broken")
            cells.append("–" if mean is None else f"{mean.mean:.1%}" if share else f"{mean.mean:.3f}")
        table.add_row(kind, *cells)
    console.print(table)


def _duel(result: "Duel") -> str:
    gain = result.gain
    counts = f"{result.wins} won, {result.losses} lost, {result.ties} equal"
    sure = "" if result.sure else " [dim](may be chance)[/]"
    return f"{gain.mean:+.3f} {escape(f'[{gain.low:+.3f}, {gain.high:+.3f}]')}, {counts}{sure}"


def _show_losses(losses: "tuple[Loss, ...]", first: str, rival: str) -> None:
    if not losses:
        return
    table = Table(
        f"worst against {escape(rival)}",
        "question",
        escape(first),
        escape(rival),
        box=None,
        header_style="dim",
        pad_edge=False,
    )
    for loss in losses[:_LOSSES]:
        question = loss.question
        words = question.text or f"({question.altered or 'picture'} of {question.source})"
        other = "–" if loss.other is None else f"{loss.other:.3f}"
        table.add_row(question.kind, escape(words[:60]), f"{loss.value:.3f}", other)
    console.print(table)
