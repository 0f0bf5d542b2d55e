"""duomo suggest: what a shopper who types is offered, and which words may be synonyms."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from duomo.cli.main import AsJson, ShopDir, settings_for, speaking
from duomo.cli.show import console, counted, escape, show_json
from duomo.errors import BadQuery

if TYPE_CHECKING:
    from duomo.search.vocabulary import Vocabulary


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("suggest")(suggest_command)


def suggest_command(
    shop: ShopDir,
    prefix: Annotated[str, typer.Argument(help="What was typed so far, in Chinese or English.")] = "",
    k: Annotated[int, typer.Option("-k", "--k", help="How many suggestions, or candidates.")] = 8,
    synonyms: Annotated[
        bool, typer.Option("--synonyms", help="Candidates for synonyms.txt instead, to be judged by you.")
    ] = False,
    encoder: Annotated[
        str, typer.Option("--encoder", help="With --synonyms: which encoder; default: the shop's first.")
    ] = "",
    events: Annotated[
        list[Path] | None,
        typer.Option(
            "--events", metavar="FILE", help="With --synonyms: what shoppers clicked (UBI), not an encoder."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Complete what a shopper types, or find candidates for synonyms."""
    with speaking(as_json):
        settings = settings_for(shop)
        if synonyms == bool(prefix.strip()):
            problem = "--synonyms takes no PREFIX" if synonyms else "there is no PREFIX to complete"
            raise BadQuery(problem, remedy="Run: duomo suggest PREFIX --shop DIR, or: --synonyms --shop DIR")
        for name, given in (("--encoder", encoder), ("--events", events)):
            if given and not synonyms:
                raise BadQuery(f"{name} goes with --synonyms alone", remedy="Leave it out")
        if encoder and events:
            raise BadQuery("--encoder and --events were both given", remedy="Look with one of them at a time")
        from duomo.search.suggest import Suggester

        suggester = Suggester.of_shop(shop)
        if events:
            _show_clicked(shop, suggester.vocabulary, events, settings.file_mb, most=k, as_json=as_json)
            return
        if synonyms:
            from duomo.encode.models import load_encoder
            from duomo.search.mined import mined
            from duomo.shelf.manifest import Manifest

            name = encoder or Manifest.load(shop).encoders[0]
            tower = load_encoder(name, home=shop, key=settings.openai_key).text
            if tower is None:
                raise BadQuery(f"the encoder '{name}' does not read texts", remedy="Name one that does")
            candidates = mined(suggester.vocabulary, tower, most=k)
            if as_json:
                found = [{"line": each.line, "similarity": each.similarity} for each in candidates]
                show_json({"encoder": name, "candidates": found})
                return
            for each in candidates:
                console.print(f"{escape(each.line)}  [dim]# {each.similarity:.2f}[/]")
            console.print(
                f"[dim]# {counted(len(candidates), 'candidate')}. Vectors put opposites side by side as "
                f"readily as synonyms: copy those that are right to {shop / 'synonyms.txt'}[/]",
                soft_wrap=True,
            )
            return
        suggestions = suggester.suggest(prefix, k)
        read_as = suggestions[0].read_as if suggestions else ""
        if as_json:
            told = [
                {"text": one.text, "kind": one.kind, "count": one.count, "matched": one.matched}
                for one in suggestions
            ]
            show_json({"suggestions": told, "read_as": read_as})
            return
        if read_as:
            console.print(f"[dim]read as:[/] {escape(read_as)}")
        for one in suggestions:
            console.print(f"{_marked(one.text, one.matched)}  [dim]{one.kind} {one.count}[/]")
        if not suggestions:
            console.print("Nothing of the shop begins like this.")


def _show_clicked(
    shop: Path, vocabulary: "Vocabulary", events: Sequence[Path], limit_mb: float, *, most: int, as_json: bool
) -> None:
    """Candidates for synonyms by what shoppers chose."""
    from duomo.catalog.events import read_events
    from duomo.search.clicked import clicked
    from duomo.shelf.lance import LanceShelf
    from duomo.shelf.manifest import VARIANTS

    snapshot = LanceShelf(shop / VARIANTS).snapshot()
    goods = snapshot.take(snapshot.search().rows, ["id", "product_id", "title"]).to_pylist()
    titles = {good[name]: good["title"] or "" for good in goods for name in ("id", "product_id")}
    log = read_events(*events, limit_mb=limit_mb)
    candidates = clicked(log.searches, titles, vocabulary, most=most)
    if as_json:
        found = [{"line": each.line, "searches": each.searches, "share": each.share} for each in candidates]
        show_json({"searches": len(log.searches), "problems": len(log.problems), "candidates": found})
        return
    for each in candidates:
        console.print(f"{escape(each.line)}  [dim]# {each.share:.0%} of {each.searches} searches[/]")
    console.print(
        f"[dim]# {counted(len(candidates), 'candidate')} of {len(log.searches)} searches. "
        f"Shoppers choose what is offered: copy those that are right to {shop / 'synonyms.txt'}[/]",
        soft_wrap=True,
    )


def _marked(text: str, matched: tuple[tuple[int, int], ...]) -> str:
    """The text with what was typed in bold."""
    shown, done = "", 0
    for start, end in matched:
        shown += f"{escape(text[done:start])}[bold]{escape(text[start:end])}[/]"
        done = end
    return shown + escape(text[done:])
