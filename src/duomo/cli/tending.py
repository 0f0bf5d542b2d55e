"""duomo optimize: what a served shop has done for itself, for one that is not served."""

from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from duomo.cli.main import AsJson, ShopDir, settings_for, speaking
from duomo.cli.show import console, counted, show_json

if TYPE_CHECKING:
    from duomo.stock.tend import Need

_DONE: Final[dict["Need", str]] = {
    "": "Nothing was needed.",
    "fold": "Merged small pieces",
    "optimize": "Measured anew, and merged what there was to merge",
    "clean": "Removed old versions",
}


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("optimize")(optimize_command)


def optimize_command(
    shop: ShopDir,
    need: Annotated[
        Literal["auto", "fold", "optimize", "clean"],
        typer.Option("--do", help="What to do; auto: what the shop needs most, which may be nothing."),
    ] = "auto",
    wait_s: Annotated[
        float, typer.Option("--wait", help="Seconds to wait for another writer.", min=0)
    ] = 60.0,
    as_json: AsJson = False,
) -> None:
    """Keep a shop quick and small that is changed a little at a time; `duomo serve` does it by itself."""
    with speaking(as_json):
        from duomo.shop import Shop
        from duomo.stock.tend import need_of, tend

        settings = settings_for(shop)
        folder = Shop.open(shop, settings=settings).folder
        tended = tend(folder, settings, need_of(folder, settings) if need == "auto" else need, wait_s=wait_s)
        if as_json:
            show_json({"done": tended.need, "rows": tended.rows, "freed_bytes": tended.freed})
            return
        told = _DONE[tended.need]
        if tended.need:
            moved = f": {counted(tended.rows, 'row')} moved, {tended.freed / 1e6:+.1f} MB of disk freed."
            told += moved
        console.print(told)
