"""The sample shop: products drawn in code, with words, prices, shoppers and a known truth, from one seed."""

from duomo.catalog.sample.people import PLANTED
from duomo.catalog.sample.write import SampleShop, draw_shop

__all__ = ["PLANTED", "SampleShop", "draw_shop"]
