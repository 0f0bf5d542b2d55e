"""All families of goods in the sample shop, and how one of their products is drawn."""

from dataclasses import replace
from itertools import chain, zip_longest
from typing import Final

import numpy as np

from duomo.catalog.sample.canvas import Canvas
from duomo.catalog.sample.carried import CARRIED
from duomo.catalog.sample.clothes import CLOTHES
from duomo.catalog.sample.family import Family
from duomo.catalog.sample.home import HOME
from duomo.catalog.sample.look import Look, Shot, table

# Mixed, so that a small shop has some of everything.
FAMILIES: Final[tuple[Family, ...]] = tuple(
    family for family in chain.from_iterable(zip_longest(CLOTHES, CARRIED, HOME)) if family is not None
)


def draw(family: Family, look: Look, shot: Shot) -> Canvas:
    """The painted canvas of a look; `finish` makes the picture of it."""
    canvas = table(replace(shot, zoom=shot.zoom * family.zoom))
    family.draw(canvas, look, np.random.default_rng([look.shape_seed, 3]))
    return canvas
