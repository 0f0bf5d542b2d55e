"""duomo backup, restore, doctor, config: what the engineer of a shop needs day and night."""

import os
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from duomo.cli.main import EXIT, AsJson, LogFormat, LogLevel, ShopDir, settings_for, speaking
from duomo.cli.serving import Host, Port
from duomo.cli.show import console, counted, escape, progress, show_error, show_json
from duomo.errors import MissingShop
from duomo.settings import Settings, explained

if TYPE_CHECKING:
    from duomo.stock.backup import Moved
    from duomo.stock.installed import Finding

Replace = Annotated[bool, typer.Option("--replace", help="Take the place of what is there.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("backup")(backup_command)
    app.command("restore")(restore_command)
    app.command("doctor")(doctor_command)
    app.command("config")(config_command)


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


def doctor_command(
    shop: Annotated[
        Path | None, typer.Option("--shop", metavar="DIR", help="The shop's folder; none: the installation.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Look at the pictures of all rows.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look at the installation, and at a shop: what is well, what is not, and what to do about it."""
    with speaking(as_json):
        settings, wrong = explained(shop, os.environ, {})
        stands = Settings()
        if not wrong:
            stands = settings_for(shop)
        from duomo.stock.doctor import examine
        from duomo.stock.installed import Finding

        found = [
            Finding(what="settings", status="error", said=error.args[0], remedy=error.remedy)
            for error in wrong
        ] or [Finding(what="settings", status="ok", said=f"{len(settings)} settings, all of them known")]
        if not as_json:
            for each in found:
                _show_finding(each)
        for each in examine(shop, stands, every=every):
            found.append(each)
            if not as_json:
                _show_finding(each)
        counts = Counter(each.status for each in found)
        if as_json:
            findings = [asdict(each) for each in found]
            show_json({"errors": counts["error"], "warnings": counts["warning"], "findings": findings})
        else:
            console.print(f"{counted(counts['error'], 'error')}, {counted(counts['warning'], 'warning')}")
        if counts["error"]:
            raise typer.Exit(EXIT["setup"])


def _show_finding(finding: "Finding") -> None:
    colour = {"ok": "green", "warning": "yellow", "error": "bold red"}[finding.status]
    remedy = f" [dim]{escape(finding.remedy)}.[/]" if finding.remedy else ""
    said = f"[{colour}]{finding.status:7}[/] {finding.what}: {escape(finding.said)}.{remedy}"
    console.print(said, soft_wrap=True)


def config_command(
    shop: Annotated[Path | None, typer.Option("--shop", metavar="DIR", help="The shop's folder.")] = None,
    host: Host = None,
    port: Port = None,
    workers: Annotated[int | None, typer.Option("--workers", help="As for duomo build.")] = None,
    log_level: LogLevel = None,
    log_format: LogFormat = None,
    as_json: AsJson = False,
) -> None:
    """Show every setting, its value, and who said so; secrets are not shown."""
    with speaking(as_json):
        options = {
            "host": host,
            "port": port,
            "workers": workers,
            "log_level": log_level,
            "log_format": log_format,
        }
        if shop is not None and not shop.is_dir():
            raise MissingShop(f"there is no folder {shop}", remedy="Correct --shop, or leave it out")
        found, wrong = explained(shop, os.environ, options)
        if as_json:
            problems = [{"problem": error.args[0], "remedy": error.remedy} for error in wrong]
            show_json({"settings": [asdict(each) for each in found], "problems": problems})
        else:
            table = Table("setting", "value", "origin", box=None, header_style="dim")
            for each in found:
                style = "dim" if each.origin == "default" else "bold"
                table.add_row(each.name, escape(str(each.value)), escape(each.origin), style=style)
            console.print(table)
            for error in wrong:
                show_error(error, as_json=False)
        if wrong:
            raise typer.Exit(EXIT["input"])


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
