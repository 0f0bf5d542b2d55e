"""Ads as tables, and those of the drawn shop without drawing a picture."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import pytest

from duomo.catalog.rows import Row
from duomo.catalog.sample.creatives import COLUMNS, EFFECTS, Effects, ad_rows, ads
from duomo.catalog.sample.plan import plan_product
from duomo.understand.ads import Ads
from duomo.understand.ads_file import ads_of

AdsTable = Callable[..., Ads]


@pytest.fixture(scope="session")
def ads_table() -> AdsTable:
    """Rows of named values as a table of ads, as if they had been read from a file."""

    def table(rows: Iterable[Mapping[str, object]], columns: Sequence[str] = COLUMNS) -> Ads:
        cells = ({name: str(value) for name, value in row.items()} for row in rows)
        lines = (Row(line, dict(row)) for line, row in enumerate(cells, start=2))
        return ads_of(lines, columns, file=Path("ads.csv"))

    return table


@pytest.fixture(scope="session")
def drawn_ads(ads_table: AdsTable) -> AdsTable:
    """The ads of a drawn shop of 240 products, with planted effects, by seed."""
    plans = [plan_product(index, 7) for index in range(240)]

    def drawn(seed: int, effects: Effects = EFFECTS) -> Ads:
        made = ads(plans, seed, effects)
        return ads_table(dict(zip(COLUMNS, row, strict=True)) for row in ad_rows(made, seed, effects))

    return drawn
