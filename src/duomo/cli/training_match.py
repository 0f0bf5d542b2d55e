"""duomo train match: what a shop's words and pictures say together, so that contradictions are seen."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from duomo.cli.goods import Map, goods_of
from duomo.cli.main import AsJson, settings_for, speaking
from duomo.cli.show import console, escape, progress, show_json, show_problems
from duomo.cli.training import train
from duomo.errors import BadQuery


@train.command("match")
def match_command(
    catalog: Annotated[
        Path | None,
        typer.Argument(help="A product file, or a folder that holds one; default: the shop's goods."),
    ] = None,
    shop: Annotated[
        Path | None, typer.Option("--shop", metavar="DIR", help="The shop, which keeps what is learned.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Keep it in this folder instead.")
    ] = None,
    mapping: Map = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of everything random.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Learn what pictures show and words say, and say how well planted contradictions are found."""
    with speaking(as_json):
        settings = settings_for(shop)
        if shop is None and (catalog is None or out is None):
            problem = "there is nothing to learn from, or nowhere to keep it"
            raise BadQuery(problem, remedy="Name --shop DIR, or a product file and --out DIR")
        from duomo.shelf.manifest import Manifest
        from duomo.understand.classify import HEADS
        from duomo.understand.heads import check_place
        from duomo.understand.match import NAME
        from duomo.understand.match_goods import learn_match

        place = shop or Path()
        folder = out or place / HEADS / NAME
        check_place(folder)
        if shop:
            Manifest.load(shop)  # first: nothing is learned for a shop that is not there
        lineage: dict[str, object] = {"source": catalog.name if catalog else "the shop's goods"}
        goods, opener, problems = goods_of(catalog, shop, settings, mapping)
        products, cache = [*goods], None if catalog else place / "cache" / "vectors.sqlite"
        with progress(as_json) as tick:
            learned = learn_match(products, opener, cache=cache, lineage=lineage, seed=seed, tick=tick)
        matcher = learned.fitted.matcher
        matcher.save(folder)
        found = [*problems, *opener.problems]
        if as_json:
            told = [problem.as_dict() for problem in found]
            card = matcher.card
            show_json(
                {"head": str(folder), "labels": card.labels, "figures": dict(card.figures), "problems": told}
            )
            return
        _show(matcher.card.figures, folder)
        show_problems(found, "see --json")


def _show(figures: object, folder: Path) -> None:
    """How well each kind of planted contradiction was found by heads that had not seen the goods."""
    table = Table(box=None, pad_edge=False)
    for name in ("contradiction", "planted", "AUC", "flagged", "rightly named"):
        table.add_column(name, justify="left" if name == "contradiction" else "right")
    if not isinstance(figures, dict):
        raise TypeError("figures are a table")
    for name, kind in figures["kinds"].items():
        named = "" if kind["named"] is None else f"{kind['named']:.3f}"
        table.add_row(
            escape(name), f"{kind['planted']:,}", f"{kind['auc']:.3f}", f"{kind['flagged']:.3f}", named
        )
    console.print(table)
    console.print(
        f"Of a thousand goods as they are, {figures['false_alarms_per_thousand']:g} are flagged, rightly "
        f"or not. Kept in {escape(str(folder))}.",
        soft_wrap=True,
    )
