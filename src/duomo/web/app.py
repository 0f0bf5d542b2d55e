"""The server: the routes put together, what stands around them, and the listening."""

import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

import duomo
from duomo.errors import BadSetup
from duomo.shop import Shop
from duomo.web import pages
from duomo.web.body import BodyLimit
from duomo.web.headers import SecurityHeaders
from duomo.web.heads import MOST_HEAD, HeadAsGet, QueryLimit
from duomo.web.metrics import Counted, Metrics
from duomo.web.offered import OfferedFacets
from duomo.web.problems import LastResort, install_problems
from duomo.web.routes import health, heat, pictures, products, search, suggest
from duomo.web.turns import Lines


def create_app(shop: Shop) -> FastAPI:
    """The API and the page over one shop, with the settings of that shop.

    Nothing is loaded from elsewhere, so there is no /docs: its page would come from another site.
    """
    app = FastAPI(
        title="Duomo",
        version=duomo.__version__,
        description="Search a shop by words and pictures. Errors are problem documents (RFC 9457).",
        docs_url=None,
        redoc_url=None,
    )
    app.state.shop = shop
    app.state.metrics = Metrics(shop)
    app.state.offered = OfferedFacets(shop)
    app.state.lines = Lines()
    for part in (
        search,
        suggest,
        heat,
        products,
        pictures,
        health,
        pages,
    ):  # heat first: products take any path
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=pages.STATIC))
    install_problems(app, shop.folder)
    # The last one added is the outermost: headers are set on whatever comes from within.
    app.add_middleware(HeadAsGet)
    app.add_middleware(BodyLimit, limit_mb=shop.settings.body_mb)
    app.add_middleware(QueryLimit)
    app.add_middleware(LastResort)
    app.add_middleware(Counted, metrics=app.state.metrics)
    app.add_middleware(SecurityHeaders)
    return app


def serve(
    shop: Shop, *, host: str = "", port: int | None = None, listening: Callable[[str], None] | None = None
) -> None:
    """Answer until the process is told to stop.

    Args:
        shop: the shop to serve.
        host: the address to listen on; "": as the shop's settings say.
        port: 0: any free one; None: as the shop's settings say.
        listening: called once with the address to open, as soon as requests are taken.

    Raises:
        BadSetup: the address cannot be listened on.
    """
    host = host or shop.settings.host
    port = shop.settings.port if port is None else port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, OverflowError) as error:
        remedy = "Stop what listens there, or choose another with --port"
        raise BadSetup(f"cannot listen on {host} port {port} ({error})", remedy=remedy) from error
    # asyncio does this only for sockets it made; without it answers on a kept connection wait 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(
        create_app(shop),
        log_level=shop.settings.log_level.lower(),
        server_header=False,
        ws="none",
        h11_max_incomplete_event_size=MOST_HEAD,
        lifespan="off",
        timeout_graceful_shutdown=5,
    )
    with listener, suppress(KeyboardInterrupt):
        if listening:
            shown = f"[{host}]" if ":" in host else host
            listening(f"http://{shown}:{listener.getsockname()[1]}")
        uvicorn.Server(config).run(sockets=[listener])
