"""Every format by name, and which one a file has."""

from collections.abc import Mapping
from typing import Final, Protocol

from duomo.catalog.assemble import Goods
from duomo.catalog.formats.google import is_google, read_google
from duomo.catalog.formats.jsonld import read_jsonld
from duomo.catalog.formats.linked import Linked
from duomo.catalog.formats.magento import read_magento
from duomo.catalog.formats.magento_names import is_magento
from duomo.catalog.formats.own import read_own
from duomo.catalog.formats.shopify import is_shopify, read_shopify
from duomo.catalog.formats.woocommerce import read_woocommerce
from duomo.catalog.formats.woocommerce_names import is_woocommerce
from duomo.catalog.pictures import Place
from duomo.catalog.rows import Notes, Table


class Reader(Protocol):
    """What reads a format."""

    def __call__(self, table: Table, *, mapping: Mapping[str, str], place: Place, notes: Notes) -> Goods:
        """Make goods of the rows of a file; note what cannot be used."""


FORMATS: Final[Mapping[str, Reader]] = {
    "own": read_own,
    "google": read_google,
    "shopify": read_shopify,
    "woocommerce": read_woocommerce,
    "magento": read_magento,
    "jsonld": read_jsonld,
}


def format_of(table: Table) -> str:
    """The name of the format that the columns of a file are of; "own" where no other is."""
    if isinstance(table, Linked):
        return "jsonld"
    if is_shopify(table.columns):
        return "shopify"
    if is_woocommerce(table.columns):
        return "woocommerce"
    if is_magento(table.columns):
        return "magento"
    return "google" if is_google(table.columns) else "own"
