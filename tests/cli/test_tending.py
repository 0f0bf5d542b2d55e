"""duomo optimize, as it is called."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from duomo.files import write_json_lines
from duomo.settings import Settings
from duomo.shelf.lock import writing
from duomo.shop import Shop

if TYPE_CHECKING:
    from tests.cli.conftest import Duomo


@pytest.fixture
def mugs(tmp_path: Path) -> Shop:
    """A shop of mugs."""
    shop = Shop.create(tmp_path / "mugs", encoder="hashed", settings=Settings(workers=0))
    write_json_lines(tmp_path / "mugs.jsonl", [{"sku": f"M{n}", "title": f"Mug {n}"} for n in range(20)])
    shop.build(tmp_path / "mugs.jsonl", format="own")
    return shop


def test_a_shop_in_shape_needs_nothing(duomo: "Duomo", mugs: Shop) -> None:
    assert "Nothing was needed" in duomo("optimize", "--shop", mugs.folder).stdout
    done = json.loads(duomo("optimize", "--shop", mugs.folder, "--json").stdout)
    assert done == {"done": "", "rows": 0, "freed_bytes": 0}


def test_a_changed_shop_is_optimized(duomo: "Duomo", mugs: Shop) -> None:
    path = mugs.folder.parent / "more.jsonl"
    write_json_lines(path, [{"sku": "M0", "price": "3.00 USD"}])
    mugs.build(path, format="own", partial=True)
    done = json.loads(duomo("optimize", "--shop", mugs.folder, "--do", "optimize", "--json").stdout)
    assert (done["done"], done["rows"]) == ("optimize", 20)
    assert mugs.product("M0").variants[0].price


def test_another_writer_is_named(duomo: "Duomo", mugs: Shop) -> None:
    with writing(mugs.folder):
        refused = duomo("optimize", "--shop", mugs.folder, "--do", "optimize", "--wait", "0.1")
    assert refused.returncode == 4
    assert "is writing to" in refused.stderr
