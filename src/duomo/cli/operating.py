"""duomo backup, restore, doctor, config: what the engineer of a shop needs day and night."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from duomo.cli.main import AsJson, ShopDir, settings_for, speaking
from duomo.cli.show import console, counted, progress, show_json

if TYPE_CHECKING:
    from duomo.stock.backup import Moved

Replace = Annotated[bool, typer.Option("--replace", help="Take the place of what is there.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("backup")(backup_command)
    app.command("restore")(restore_command)


def backup_command(
    shop: ShopDir,
    to: Annotated[Path, typer.Option("--to", metavar="FILE.tar|DIR", help="Where the backup goes.")],
    cache: Annotated[
        bool, typer.Option("--cache", help="Take the caches, too, which a build can make again.")
    ] = False,
    replace: Replace = False,
    as_json: AsJson = False,
) -> None:
    """Back up a shop as it is served now, while builds and events go on."""
    with speaking(as_json):
        settings_for(shop)
        from duomo.stock.backup import back_up

        with progress(as_json) as tick:
            moved = back_up(shop, to, cache=cache, replace=replace, tick=tick)
        _show(moved, "backup", as_json)
        if moved.card.outside and not as_json:
            names = ", ".join(moved.card.outside)
            console.print(
                f"Not in it, as they lie outside of the shop: {names}", soft_wrap=True, markup=False
            )


def restore_command(
    backup: Annotated[Path, typer.Argument(help="What duomo backup wrote: a .tar file or a folder.")],
    shop: ShopDir,
    replace: Replace = False,
    as_json: AsJson = False,
) -> None:
    """Make a shop of a backup, once every file of it has been checked."""
    with speaking(as_json):
        settings_for(None)
        from duomo.stock.restore import restore

        with progress(as_json) as tick:
            moved = restore(backup, shop, replace=replace, tick=tick)
        _show(moved, "shop", as_json)


def _show(moved: "Moved", what: str, as_json: bool) -> None:
    card = moved.card
    if as_json:
        show_json(
            {
                what: str(moved.place),
                "made": card.made,
                "duomo": card.duomo,
                "served": card.served,
                "variants": card.variants,
                "files": len(card.files),
                "bytes": moved.bytes,
                "outside": list(card.outside),
                "took_s": round(moved.took_s, 3),
            }
        )
        return
    console.print(
        f"{moved.place}: {counted(card.variants, 'variant')} as of {card.made}, "
        f"{counted(len(card.files), 'file')}, {moved.bytes / 1e6:.1f} MB, {moved.took_s:.1f} s",
        soft_wrap=True,
        markup=False,
    )
