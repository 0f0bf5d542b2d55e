"""duomo demo, duomo serve: a shop in the browser."""

import logging
import os
import shutil
import socket
import sys
import webbrowser
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Annotated, Final

import typer

from duomo.cli.main import AsJson, LogFormat, LogLevel, ShopDir, settings_for, speaking
from duomo.cli.show import console, hits_document, progress, show_hits, show_json
from duomo.errors import BadSetup

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duomo.settings import Settings
    from duomo.shop import Shop

log = logging.getLogger(__name__)

Host = Annotated[str | None, typer.Option("--host", help="The address to listen on.")]
Port = Annotated[int | None, typer.Option("--port", help="The port; 0: any free one.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("demo")(demo_command)
    app.command("serve")(serve_command)


def demo_command(
    folder: Annotated[Path, typer.Option("--folder", help="Where the sample shop goes.")] = Path(".demo"),
    products: Annotated[int, typer.Option("--products", min=1, max=5000, help="How many to draw.")] = 600,
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Open it, or print a tour and end.")
    ] = True,
    host: Host = None,
    port: Port = None,
    as_json: AsJson = False,
) -> None:
    """Draw a sample shop, build it, and open it in the browser."""
    with speaking(as_json):
        settings = settings_for(folder / "shop", host=host, port=port)
        from duomo.catalog.sample import draw_shop

        goods = folder / f"goods-{products}"
        with progress(as_json) as tick:
            if not (goods / "truth.json").exists():  # written last
                draw_shop(goods, products=products, workers=max(settings.workers, 0) or _cores(), tick=tick)
            shop = _sample(folder / "shop", settings)
            report = shop.build(goods, prune=True, tick=tick)
        if not as_json:
            console.print(f"The sample shop stands in {folder / 'shop'}: {report}")
        if serve:
            _serve(shop, open_browser=not as_json, as_json=as_json)
        else:
            _tour(shop, as_json=as_json)


def _sample(folder: Path, settings: "Settings") -> "Shop":
    """The shop of the demonstration; one that an older Duomo has built gives way to a new one."""
    from duomo.shelf.manifest import NAME
    from duomo.shop import Shop

    if (folder / NAME).exists():
        try:
            return Shop.open(folder, settings=settings)
        except BadSetup:
            shutil.rmtree(folder)
    return Shop.create(folder, settings=settings)


def serve_command(
    shop: ShopDir,
    host: Host = None,
    port: Port = None,
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=64, help="Processes that answer; each holds the shop.")
    ] = 1,
    browser: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    log_level: LogLevel = None,
    log_format: LogFormat = None,
    as_json: AsJson = False,
) -> None:
    """Serve a shop: the page for people, /v1/search for programs."""
    with speaking(as_json):
        settings = settings_for(shop, host=host, port=port, log_level=log_level, log_format=log_format)
        from duomo.shop import Shop

        opened = Shop.open(shop, settings=settings)
        _serve(opened, workers=workers, open_browser=browser, as_json=as_json)


def _serve(shop: "Shop", *, open_browser: bool, as_json: bool, workers: int = 1) -> None:
    """Serve until stopped; a port that is taken gives way to the next free one."""
    from duomo.shop import Shop
    from duomo.web.server import serve

    # A shop that was never built must say so before the port is opened; where the workers will hold it, it is
    # looked at on disk, so that this process does not hold it as well.
    on_disk = shop.settings.changed({"exact_rows": 0})
    variants = 0
    try:
        variants = len(shop if workers == 1 else Shop.open(shop.folder, settings=on_disk))
    except (
        BadSetup
    ) as error:  # one that is damaged may be mended beside: /readyz says what is wrong until then
        log.error("the shop cannot be searched: %s", error)
    host, port = shop.settings.host, free_port(shop.settings.host, shop.settings.port)

    def listening(address: str) -> None:
        told = {"shop": str(shop.folder), "variants": variants}
        tell_address(address, told, open_browser=open_browser, as_json=as_json)

    serve(shop, host=host, port=port, workers=workers, listening=listening)
    # Not by way of the interpreter's end: it waits for ever where a thread is just within Lance.
    sys.stdout.flush()
    os._exit(0)


def tell_address(address: str, told: "Mapping[str, object]", *, open_browser: bool, as_json: bool) -> None:
    """Say where a page can be opened, and open it if that is wanted; told: what stands beside it as JSON."""
    for everywhere in ("//0.0.0.0:", "//[::]:"):  # an address to listen on, but not one to open
        address = address.replace(everywhere, "//127.0.0.1:")
    if as_json:
        show_json({"url": f"{address}/", **told})
    else:
        console.print(f"Open [bold]{address}/[/]  [dim](Ctrl-C ends it)[/]")
    if open_browser:
        Timer(1.0, webbrowser.open, [f"{address}/"]).start()


def free_port(host: str, port: int) -> int:
    """A port that can be listened on: the one that is wanted, one of the next 20, or any."""
    for tried in (*range(port, port + 20), 0) if port else (0,):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, tried))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return port


def _cores() -> int:
    from os import cpu_count

    return cpu_count() or 1


TOUR: Final[tuple[tuple[str, str, str, bool], ...]] = (  # name, words, filter, whether a picture is shown
    ("Words", "navy shirt", "", False),
    ("Chinese words", "条纹衬衫", "", False),
    ("Words and a filter", "jacket", "price < 100", False),
    ("A picture", "", "", True),
    ("A picture and words", "blue mug", "", True),
)


def _tour(shop: "Shop", *, as_json: bool) -> None:
    """A few questions of each kind, with their answers."""
    example = shop.search("mug", k=1)
    picture = Path(example[0].product.media_of(example[0].variant)[0].source) if len(example) else None
    answers = []
    for name, text, where, shown in TOUR:
        image = picture if shown else None
        asked = {"text": text, "where": where, "image": str(image) if image else ""}
        asked = {part: value for part, value in asked.items() if value}
        hits = shop.search(text, where=where, image=image, k=5, facets=("category", "color"))
        answers.append({"name": name, "asked": asked, "answer": hits_document(hits)})
        if not as_json:
            console.print(
                f"\n[bold]{name}[/]: " + ", ".join(f"{part} {value!r}" for part, value in asked.items())
            )
            show_hits(hits, explain=True)
    if as_json:
        show_json({"shop": str(shop.folder), "tour": answers})
