"""duomo train classify: a head for a label of a shop, from the goods that carry it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from duomo.cli.goods import Map, goods_of
from duomo.cli.main import AsJson, settings_for, speaking
from duomo.cli.show import console, counted, escape, progress, show_json, show_problems
from duomo.cli.training import train
from duomo.errors import BadQuery
from duomo.extras import needs

if TYPE_CHECKING:
    from duomo.understand.classify import HeadCard


@train.command("classify")
def classify_command(
    catalog: Annotated[
        Path | None,
        typer.Argument(
            help="A product file with labels, or a folder that holds one; default: the shop's goods."
        ),
    ] = None,
    shop: Annotated[
        Path | None, typer.Option("--shop", metavar="DIR", help="The shop, which keeps the head.")
    ] = None,
    label: Annotated[
        str, typer.Option("--label", help="What is learned: category, brand, or an attribute such as color.")
    ] = "category",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Keep the head in this folder instead.")
    ] = None,
    deep: Annotated[
        bool,
        typer.Option(
            "--deep",
            help="Fine-tune a picture tower for it, too: some minutes and 130 MB of disk for 1,000 goods. "
            "Needs: pip install 'duomo\\[train]'.",
        ),
    ] = False,
    mapping: Map = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of everything random.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Learn a label from goods that carry it, and say how good it is on others; refused: worse than names."""
    with speaking(as_json):
        settings = settings_for(shop)
        if shop is None and (catalog is None or out is None):
            problem = "there is nothing to learn from, or nowhere to keep it"
            raise BadQuery(problem, remedy="Name --shop DIR, or a product file and --out DIR")
        from duomo.files import hash_file
        from duomo.shelf.manifest import Manifest
        from duomo.understand.classify_goods import (
            Opener,
            beside_names,
            head_folder,
            label_of_goods,
            learn,
        )
        from duomo.understand.heads import check_place

        label = label_of_goods(label)
        folder = out or head_folder(shop or Path(), label)
        check_place(folder)
        if shop:
            Manifest.load(shop)  # first: nothing is learned for a shop that is not there
        goods, opener, problems = goods_of(catalog, shop, settings, mapping)
        products, tower = [*goods], None
        cache = None if catalog else (shop or Path()) / "cache" / "vectors.sqlite"
        lineage: dict[str, object] = {"source": catalog.name if catalog else "the shop's goods"}
        if catalog and catalog.is_file():
            lineage["hash"] = hash_file(catalog)
        with progress(as_json) as tick:
            try:
                if deep:
                    with needs("train", to="fine-tune a picture tower"):
                        from duomo.train.classify_deep import learn_deep

                    tower = folder.parent / f".{folder.name}.onnx"
                    fitted = learn_deep(products, label, opener, tower, lineage=lineage, seed=seed, tick=tick)
                else:
                    fitted = learn(
                        products, label, opener, cache=cache, lineage=lineage, seed=seed, tick=tick
                    )
                fitted = beside_names(fitted, products, Opener(settings, opener.bodies), tick=tick)
                fitted.head.save(folder, tower)
            finally:
                if tower:
                    tower.unlink(missing_ok=True)  # it is the head's now, or refused with it
        card, found = fitted.head.card, [*problems, *opener.problems]
        if as_json:
            told = [problem.as_dict() for problem in found]
            left_out = sum(card.left_out.values())
            show_json(
                {
                    "label": label,
                    "head": str(folder),
                    "classes": len(card.classes),
                    "unlabelled": len(products) - sum(card.counts) - left_out,
                    "left_out": dict(card.left_out),
                    "figures": dict(card.figures),
                    "problems": told,
                }
            )
            return
        _show(card, folder)
        show_problems(found, "see --json")


def _show(card: "HeadCard", folder: Path) -> None:
    """The figures, what was left out, and how to use it."""
    table = Table(box=None, pad_edge=False)
    for name in ("cross-validated", "goods", "right", "95 % interval"):
        table.add_column(name, justify="left" if name == "cross-validated" else "right")
    for name, said in (
        ("words and picture", "accuracy"),
        ("words alone", "words_alone"),
        ("picture alone", "picture_alone"),
        ("by names, not learned", "names_alone"),
    ):
        if isinstance(found := card.figures.get(said), dict):
            table.add_row(
                name, f"{found['n']:,}", f"{found['mean']:.3f}", f"{found['low']:.3f} to {found['high']:.3f}"
            )
    console.print(table)
    console.print(
        f"{len(card.classes)} classes of '{escape(card.label)}' learned, kept in {escape(str(folder))}. The "
        f"commonest alone would be right for {card.figures['majority']:.3f}; probabilities are off by "
        f"{card.figures['calibration_error']:.3f} on average.",
        soft_wrap=True,
    )
    if card.left_out:
        console.print(
            f"[yellow]Left out, as a single product is no class: {counted(len(card.left_out), 'product')}[/] "
            f"({escape(', '.join([*card.left_out][:5]))}).",
            soft_wrap=True,
        )
