"""A shop that changes is shown as changes over the version in memory; it answers as if loaded as a whole."""

from pathlib import Path
from typing import Any

import pytest

from duomo.files import write_json_lines
from duomo.hits import Hits, Query
from duomo.settings import Settings
from duomo.shelf.layered import LayeredSnapshot
from duomo.shelf.manifest import stamp_of
from duomo.shop import Shop
from duomo.stock.served import Served

ROWS = [
    {
        "sku": f"{kind}-{color}",
        "title": f"{color} {kind}",
        "brand": brand,
        "color": color,
        "price": f"{10 + n}.00 USD",
        "stock": str(n),
    }
    for n, (kind, color, brand) in enumerate(
        (kind, color, brand)
        for kind, brand in (("mug", "Lumen"), ("shirt", "Ostra"), ("lamp", "Lumen"), ("水壶", "大山"))
        for color in ("red", "blue", "green", "black", "white")
    )
]
QUESTIONS = (
    Query(text="red mug"),
    Query(text="lumen", facets=("color", "brand")),
    Query(text="shrit under 100", facets=("color",)),
    Query(text="水壶", where="price < 100"),
    Query(where="stock >= 5", facets=("brand",)),
    Query(text="kettle"),
    Query(text="zyxomug"),
    Query(text="zz 77 q"),
    Query(like=("mug-red",)),
)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    settings = Settings(workers=0, spread_twins=0.05, spread_brands=0.02, boost_stock=0.1)
    shop = Shop.create(tmp_path / "shop", encoder="hashed", settings=settings)
    write_json_lines(tmp_path / "rows.jsonl", ROWS)
    shop.build(tmp_path / "rows.jsonl", format="own")
    assert shop.search("mug").total
    return shop


def put(shop: Shop, *rows: dict[str, str], **how: Any) -> None:
    path = shop.folder.parent / "put.jsonl"
    write_json_lines(path, rows)
    shop.build(path, format="own", partial=True, **how)


def said(hits: Hits) -> Any:
    """All of an answer but what differs from one way to load a shop to the other: the time it took."""
    return [
        hits.total,
        hits.facets,
        hits.understood,
        [(hit.product, hit.variant, hit.score, hit.why, hit.widened) for hit in hits],
    ]


def both(shop: Shop) -> tuple[Served, Served]:
    """The version now, as this shop shows it, and loaded as a whole."""
    return shop._now(), Served.load(shop.folder, shop.settings, stamp_of(shop.folder))


def test_answers_are_those_of_the_shop_loaded_as_a_whole(shop: Shop) -> None:
    put(shop, {"sku": "mug-red", "price": "3.00 USD", "stock": "0"}, {"sku": "mug-blue", "title": "navy mug"})
    put(shop, {"sku": "ZZ-77-Q", "title": "Zyxomug kettle", "brand": "Neu", "color": "red", "stock": "9"})
    changed, whole = both(shop)
    assert isinstance(changed.snapshot, LayeredSnapshot)
    assert len(changed.snapshot) == len(ROWS) + 1
    for question in QUESTIONS:
        assert said(changed.ask(question)) == said(whole.ask(question)), question


def test_a_new_word_is_not_taken_for_a_slip_of_an_old_one(shop: Shop) -> None:
    assert shop.search("shrit").understood["repaired"]
    put(shop, {"sku": "N1", "title": "shrit moderne"})
    found = shop.search("shrit")
    assert found[0].product.id == "N1"
    assert not found.understood["repaired"]


def test_changes_lie_over_one_whole_version_and_share_what_it_made(shop: Shop) -> None:
    first = shop._now()
    for n in range(3):
        put(shop, {"sku": "mug-red", "price": f"{n + 1}.00 USD"})
        now = shop._now()
        assert now.whole is first
        assert now.reader.suggester is first.reader.suggester
        assert shop.product("mug-red").variants[0].price.minor == 100 * (n + 1)  # type: ignore[union-attr]


def test_what_is_taken_off_is_found_no_longer(shop: Shop, tmp_path: Path) -> None:
    write_json_lines(tmp_path / "rows.jsonl", ROWS[1:])
    shop.build(tmp_path / "rows.jsonl", format="own", prune=True)
    changed, whole = both(shop)
    assert isinstance(changed.snapshot, LayeredSnapshot)
    assert len(changed.snapshot) == len(ROWS) - 1
    for question in QUESTIONS[:-1]:
        assert said(changed.ask(question)) == said(whole.ask(question)), question


def test_a_new_column_is_loaded_as_a_whole(shop: Shop) -> None:
    put(shop, {"sku": "mug-red", "handle": "round"})
    assert shop._now().whole is None
    assert "handle" in shop.columns()


def test_a_build_that_only_begins_costs_readers_nothing(shop: Shop) -> None:
    before = shop._now()
    shop.manifest.save(shop.folder)
    after = shop._now()
    assert after.stamp != before.stamp
    assert after.snapshot is before.snapshot
    assert after.reader is before.reader
