"""The server: the routes put together, and what stands around them."""

from pathlib import Path

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

import duomo
from duomo.shop import Shop
from duomo.web import pages
from duomo.web.body import BodyLimit
from duomo.web.figures import ShopFigures
from duomo.web.headers import SecurityHeaders
from duomo.web.heads import HeadAsGet, QueryLimit
from duomo.web.metrics import Counted, Metrics
from duomo.web.offered import OfferedFacets
from duomo.web.problems import LastResort, install_problems
from duomo.web.readiness import Readiness
from duomo.web.requests import Requests
from duomo.web.routes import (
    health,
    heat,
    pictures,
    products,
    read_ads,
    read_aspects,
    read_attributes,
    read_category,
    read_feedback,
    read_match,
    read_sentiment,
    search,
    suggest,
)
from duomo.web.tending import Tender
from duomo.web.turns import Lines
from duomo.web.versions import Versions, ask_once


def create_app(shop: Shop, *, counts: Path | None = None) -> FastAPI:
    """The API and the page over one shop, with the settings of that shop.

    Nothing is loaded from elsewhere, so there is no /docs: its page would come from another site.

    Args:
        shop: the shop.
        counts: the folder that several processes count in together (see `Metrics`); None: it is alone.
    """
    app = FastAPI(
        title="Duomo",
        version=duomo.__version__,
        description="Search a shop by words and pictures. Errors are problem documents (RFC 9457).",
        docs_url=None,
        redoc_url=None,
    )
    app.state.shop = shop
    app.state.offered = offered = OfferedFacets()

    def warm(version: Shop) -> None:
        ask_once(version)
        offered.names(version)

    app.state.metrics = metrics = Metrics(counts=counts)
    app.state.versions = Versions(shop, warm, metrics.loading)
    metrics.tell(ShopFigures(shop.folder, app.state.versions))
    app.state.readiness = Readiness(shop.folder, app.state.versions)
    app.state.tender = Tender(shop.folder, shop.settings, metrics)
    app.state.lines = Lines(metrics)
    # The heat of a product before products: an id may hold slashes, so theirs is any path.
    for part in (
        search,
        suggest,
        heat,
        products,
        pictures,
        read_ads,
        read_aspects,
        read_attributes,
        read_category,
        read_feedback,
        read_match,
        read_sentiment,
        health,
        pages,
    ):
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=pages.STATIC))
    install_problems(app, shop.folder)
    # The last one added is the outermost: headers are set on whatever comes from within.
    app.add_middleware(HeadAsGet)
    app.add_middleware(BodyLimit, limit_mb=shop.settings.body_mb)
    app.add_middleware(QueryLimit)
    app.add_middleware(LastResort)
    app.add_middleware(Counted, metrics=metrics)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Requests)
    return app
