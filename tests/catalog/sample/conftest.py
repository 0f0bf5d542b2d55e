"""A small drawn shop, and the plans and events of a whole one."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from duomo.catalog.sample import draw_shop
from duomo.catalog.sample.families import FAMILIES
from duomo.catalog.sample.people import Event, user_groups, visits
from duomo.catalog.sample.plan import Plan, plan_product


@pytest.fixture(scope="session")
def small_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One product of every family, drawn and written."""
    folder = tmp_path_factory.mktemp("sample") / "shop"
    draw_shop(folder, products=len(FAMILIES))
    return folder


@pytest.fixture(scope="session")
def plans() -> Sequence[Plan]:
    """All 600 products as they are decided, not drawn."""
    return [plan_product(index, 7) for index in range(600)]


@pytest.fixture(scope="session")
def groups() -> dict[str, str]:
    """The users of the whole shop and their tastes."""
    return user_groups(800, 7)


@pytest.fixture(scope="session")
def events(plans: Sequence[Plan], groups: dict[str, str]) -> Sequence[Event]:
    """A year in the whole shop."""
    return visits(plans, groups, 7, events=20_000)
