"""Duomo: a multimodal engine for shops. The public names, loaded on first use."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from duomo.errors import DuomoError, Problem
    from duomo.hits import Facet, FacetValue, Hit, Hits, Query, Why
    from duomo.product import Link, Media, Price, Product, Review, Variant
    from duomo.settings import Settings
    from duomo.shop import Shop

__version__ = "0.1.0"

_HOME: Final = {
    "DuomoError": "errors",
    "Facet": "hits",
    "FacetValue": "hits",
    "Hit": "hits",
    "Hits": "hits",
    "Link": "product",
    "Media": "product",
    "Price": "product",
    "Problem": "errors",
    "Product": "product",
    "Query": "hits",
    "Review": "product",
    "Settings": "settings",
    "Shop": "shop",
    "Variant": "product",
    "Why": "hits",
}

__all__ = [
    "DuomoError",
    "Facet",
    "FacetValue",
    "Hit",
    "Hits",
    "Link",
    "Media",
    "Price",
    "Problem",
    "Product",
    "Query",
    "Review",
    "Settings",
    "Shop",
    "Variant",
    "Why",
]


def __getattr__(name: str) -> Any:
    if home := _HOME.get(name):
        return getattr(import_module(f"duomo.{home}"), name)
    raise AttributeError(f"module 'duomo' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
