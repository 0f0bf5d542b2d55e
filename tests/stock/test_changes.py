"""A shop that changes is shown as changes over the version in memory; it answers as if loaded as a whole."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from duomo.files import write_json_lines
from duomo.hits import Hits, Query
from duomo.settings import Settings
from duomo.shelf.health import health_of
from duomo.shelf.lance import LanceShelf
from duomo.shelf.layered import LayeredSnapshot
from duomo.shelf.lock import writing
from duomo.shelf.manifest import PICTURES, VARIANTS, stamp_of
from duomo.shelf.upkeep import ALIKE
from duomo.shop import Shop
from duomo.stock.served import Served
from duomo.stock.tend import need_of, tend

if TYPE_CHECKING:
    from tests.stock.conftest import Stall

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
        assert str(shop.product("mug-red").variants[0].price) == f"{n + 1}.00 USD"


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


def test_products_that_are_tried_again_at_every_build_are_no_changes(shop: Shop) -> None:
    address = "http://127.0.0.1:9/gone.jpg"  # nobody answers there
    put(shop, *({"sku": row["sku"], "image": address} for row in ROWS[:12]))
    assert shop.pinned(whole=True).search("mug").total
    shop.rest_on(shop.pinned(whole=True))
    put(shop, {"sku": ROWS[-1]["sku"], "price": "1.00 USD"})
    changed, whole = both(shop)
    assert shop.changes == 1
    for question in QUESTIONS:
        assert said(changed.ask(question)) == said(whole.ask(question)), question


def test_a_shop_that_another_was_put_in_the_place_of_is_loaded_anew(shop: Shop, tmp_path: Path) -> None:
    other = Shop.create(tmp_path / "other", encoder="hashed", settings=shop.settings)
    write_json_lines(tmp_path / "rows.jsonl", [{**row, "title": f"new {row['title']}"} for row in ROWS])
    other.build(tmp_path / "rows.jsonl", format="own")
    assert other.manifest.served == shop.manifest.served
    before = shop._now()
    shop.folder.rename(tmp_path / "old")
    other.folder.rename(shop.folder)
    assert shop._now().whole is None
    assert shop._now() is not before
    assert shop.product("mug-red").title == "new red mug"


def test_a_build_that_only_begins_costs_readers_nothing(shop: Shop) -> None:
    before = shop._now()
    shop.manifest.save(shop.folder)
    after = shop._now()
    assert after.stamp != before.stamp
    assert after.snapshot is before.snapshot
    assert after.reader is before.reader


def table(shop: Shop) -> dict[str, dict[str, Any]]:
    """What the shelf says of each variant, but where it came from."""
    snapshot = LanceShelf(shop.folder / VARIANTS).snapshot()
    names = [name for name in snapshot.schema.names if name not in ("source", "product_hash", "shown")]
    return {row["id"]: row for row in snapshot.take(snapshot.search().rows, names).to_pylist()}


def test_a_day_of_small_changes_ends_as_a_build_of_the_last_state(shop: Shop, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    state = {row["sku"]: dict(row) for row in ROWS}
    for n in range(60):
        sku = str(rng.choice([*state, f"new-{n}"]))
        number = int(rng.integers(1, 99))
        row = {"sku": sku, **({"price": f"{number}.00 USD"} if n % 2 else {"stock": str(number)})}
        if sku not in state or rng.random() < 0.2:
            row["title"] = f"thing {n} {rng.choice(('red', '红色'))}"
        state.setdefault(sku, {}).update(row)
        put(shop, row)
        assert health_of(shop.folder / VARIANTS).fragments <= 3 * ALIKE
        if n % 20 == 19 and (need := need_of(shop.folder, shop.settings)):
            tend(shop.folder, shop.settings, need)
    fresh = Shop.create(tmp_path / "fresh", encoder="hashed", settings=shop.settings)
    write_json_lines(tmp_path / "last.jsonl", list(state.values()))
    fresh.build(tmp_path / "last.jsonl", format="own")
    assert table(shop) == table(fresh)
    assert [hit.product.id for hit in shop.search("thing", k=50)] == [
        hit.product.id for hit in fresh.search("thing", k=50)
    ]


def test_small_changes_are_counted_until_the_shop_is_tended(shop: Shop) -> None:
    assert need_of(shop.folder, shop.settings) == ""
    for n in range(3):
        put(shop, {"sku": "mug-red", "price": f"{n + 1}.00 USD"})
        assert shop.manifest.changed == n + 1
    before, served = table(shop), shop.manifest.served
    assert need_of(shop.folder, shop.settings) == "optimize"
    tended = tend(shop.folder, shop.settings, "optimize")
    assert tended.rows == len(ROWS)
    assert shop.manifest.changed == 0
    assert shop.manifest.served > served
    assert table(shop) == before
    assert need_of(shop.folder, shop.settings) == ""


def test_old_versions_go_when_nobody_writes_any_more(shop: Shop) -> None:
    for n in range(8):
        put(shop, {"sku": "mug-red", "price": f"{n + 1}.00 USD"})
    time.sleep(3)  # what is as young as the served version is kept
    tend(shop.folder, shop.settings, "optimize")
    os.utime(shop.folder / "manifest.json", (time.time() - 7200, time.time() - 7200))
    assert need_of(shop.folder, shop.settings) == ""  # little is not worth the work
    letters = np.random.default_rng(5).integers(97, 123, (8, 2_000_000), dtype=np.uint8)
    for row in letters:
        put(shop, {"sku": "mug-red", "url": f"https://shop.example/{row.tobytes().decode()}"})
    time.sleep(3)
    tend(shop.folder, shop.settings, "optimize")
    held = health_of(shop.folder / VARIANTS)
    assert need_of(shop.folder, shop.settings) == ""  # readers of the versions before may still be there
    os.utime(shop.folder / "manifest.json", (time.time() - 7200, time.time() - 7200))
    assert need_of(shop.folder, shop.settings) == "clean"
    before = table(shop)
    assert tend(shop.folder, shop.settings, "clean", kept=timedelta(milliseconds=1)).freed > held.live_bytes
    assert table(shop) == before


def test_nothing_is_tended_while_a_build_is_cut_short(shop: Shop) -> None:
    put(shop, {"sku": "mug-red", "price": "1.00 USD"})
    replace(shop.manifest, building=("/elsewhere.csv",)).save(shop.folder)
    assert need_of(shop.folder, shop.settings) == ""
    assert tend(shop.folder, shop.settings, "fold").need == ""


def test_a_price_that_changes_leaves_pictures_and_vectors_alone(stall: "Stall") -> None:
    stall.write()
    assert stall.build().encoded
    before = table(stall.shop)
    sku = stall.rows[0]["sku"]
    path = stall.folder / "put.jsonl"
    write_json_lines(path, [{"sku": sku, "price": "1.23"}])
    (stall.folder / "goods" / "1.jpg").unlink()  # of another product
    report = stall.shop.build(path, format="own", partial=True)
    assert (report.updated, report.encoded, report.problems) == (1, 0, ())
    assert table(stall.shop) == {**before, sku: {**before[sku], "price": 1.23, "price_minor": 123}}
    assert stall.shop.product(sku).media[0].hash


def test_a_picture_that_changed_meanwhile_is_encoded_with_the_price(stall: "Stall") -> None:
    stall.write()
    stall.build()
    sku, image = stall.rows[0]["sku"], stall.rows[0]["image"]
    before = stall.shop.product(sku).media[0].hash
    stall.paint(image, (7, 200, 200))
    path = stall.folder / "put.jsonl"
    write_json_lines(path, [{"sku": sku, "price": "1.23"}])
    assert stall.shop.build(path, format="own", partial=True).encoded
    assert stall.shop.product(sku).media[0].hash != before


def test_pictures_that_come_one_by_one_are_merged_without_writing_all_anew(stall: "Stall") -> None:
    stall.write()
    stall.build()
    before = set((stall.shop.folder / PICTURES / "data").iterdir())
    path = stall.folder / "put.jsonl"
    for n in range(40):
        stall.paint(f"more-{n}.jpg", (n, 200, 255 - n))
        image = str(stall.folder / "goods" / f"more-{n}.jpg")
        write_json_lines(path, [{"sku": f"more-{n}", "title": f"Thing {n}", "image": image}])
        stall.shop.build(path, format="own", partial=True)
    tend(stall.shop.folder, stall.shop.settings, "optimize")
    assert health_of(stall.shop.folder / PICTURES).fragments < 40
    assert before <= set((stall.shop.folder / PICTURES / "data").iterdir())
    assert all(stall.shop.picture(stall.shop.product(f"more-{n}").media[0].hash) for n in range(40))


def test_a_second_writer_waits_for_the_first(shop: Shop) -> None:
    with ThreadPoolExecutor(4) as pool:
        rows = [{"sku": f"many-{n}", "title": f"lot {n}"} for n in range(8)]

        def one(row: dict[str, str]) -> None:
            path = shop.folder.parent / f"{row['sku']}.jsonl"
            write_json_lines(path, [row])
            shop.build(path, format="own", partial=True)

        list(pool.map(one, rows))
    assert {hit.product.id for hit in shop.search("lot", k=20)} == {row["sku"] for row in rows}


def test_pictures_are_shown_though_their_files_were_merged_away(stall: "Stall") -> None:
    stall.write()
    stall.build()
    served = stall.shop._now()
    hash = stall.shop.product(stall.rows[0]["sku"]).media[0].hash
    before = served.picture(hash)
    pictures = stall.shop.folder / PICTURES
    LanceShelf(pictures).delete([stall.shop.product(stall.rows[-1]["sku"]).media[0].hash])
    time.sleep(0.1)
    for _ in range(2):
        LanceShelf(pictures).optimize(timedelta(milliseconds=1))
    assert served.picture(hash) == before


def test_measures_of_before_a_build_do_not_go_over_those_of_the_build(shop: Shop, tmp_path: Path) -> None:
    put(shop, {"sku": "mug-red", "price": "1.00 USD"})
    begun, ended = Event(), Event()

    def build_meanwhile() -> None:
        with writing(shop.folder):
            begun.set()
            ended.wait(60)
            sources = {name: replace(s, built="later") for name, s in shop.manifest.sources.items()}
            replace(shop.manifest, sources=sources, changed=0, chances={"x": (0.5, 0.9)}).save(shop.folder)

    with ThreadPoolExecutor(2) as pool:
        building = pool.submit(build_meanwhile)
        begun.wait(60)
        tending = pool.submit(tend, shop.folder, shop.settings, "optimize", wait_s=60)
        time.sleep(1)
        ended.set()
        building.result()
        assert tending.result().need == ""
    assert shop.manifest.chances == {"x": (0.5, 0.9)}


def test_who_writes_waits_for_who_tends(shop: Shop) -> None:
    begun, go_on = Event(), Event()

    def hold() -> None:
        with writing(shop.folder, brief=True):
            begun.set()
            go_on.wait(60)

    write_json_lines(shop.folder.parent / "rows.jsonl", [*ROWS, {"sku": "N", "title": "new"}])
    with ThreadPoolExecutor(2) as pool:
        holding = pool.submit(hold)
        begun.wait(60)
        building = pool.submit(shop.build, shop.folder.parent / "rows.jsonl", format="own")
        time.sleep(0.5)
        assert not building.done()
        go_on.set()
        holding.result()
        assert building.result().added == 1


def test_a_catalog_that_has_not_changed_leaves_what_was_put(shop: Shop, tmp_path: Path) -> None:
    put(shop, {"sku": "mug-red", "price": "99.00 USD"}, {"sku": "extra", "title": "extra"})
    report = shop.build(tmp_path / "rows.jsonl", format="own", prune=True)
    assert (report.updated, report.removed) == (0, 0)
    assert str(shop.product("mug-red").variants[0].price) == "99.00 USD"


def test_a_catalog_that_has_changed_goes_over_what_was_put_and_prunes_it(shop: Shop, tmp_path: Path) -> None:
    put(shop, {"sku": "mug-red", "price": "99.00 USD"}, {"sku": "mug-blue", "stock": "77"})
    put(shop, {"sku": "extra", "title": "extra"})
    write_json_lines(tmp_path / "rows.jsonl", [row for row in ROWS if row["sku"] != "mug-blue"])
    report = shop.build(tmp_path / "rows.jsonl", format="own", prune=True)
    assert (report.updated, report.removed) == (1, 1)
    assert str(shop.product("mug-red").variants[0].price) == "10.00 USD"
    assert shop.product("extra")


def test_values_that_are_new_are_understood_and_found_out_once(shop: Shop) -> None:
    put(shop, {"sku": "N1", "title": "wide vase", "brand": "Zyx", "color": "taupe", "price": "5.00 USD"})
    first = shop._now().reader.known
    assert "N1" not in {hit.product.id for hit in shop.search("taupe vase not zyx")}
    put(shop, {"sku": "mug-red", "price": "4.00 USD"})
    assert shop._now().reader.known is first
    put(shop, {"sku": "N2", "title": "tall vase", "brand": "Wvu", "color": "taupe"})
    assert shop._now().reader.known is not first
    found = {hit.product.id for hit in shop.search("taupe vase not zyx")}
    assert "N2" in found
    assert "N1" not in found
