"""Rows sent for some variants change those, and nothing that they do not name."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.catalog.assemble import media_of
from duomo.catalog.read import Catalog, read_catalog
from duomo.errors import MissingProduct
from duomo.product import Origin, Product, Variant
from duomo.shop import Shop
from duomo.stock.amend import over
from duomo.stock.cleared import Cleared, cleared_in
from duomo.stock.report import BuildReport

Row = Mapping[str, object]
SIZES = [f"{number}" for number in range(34, 48)]
SHOE = [
    {
        "sku": f"S-{size}",
        "product_id": "S",
        "title": "Red shoe",
        "description": "Runs well.",
        "category": "Shoes",
        "color": "red",
        "size": size,
        "price": "30 EUR",
        "stock": 3,
        "url": "https://shop.example/s",
        "image": "https://shop.example/s.jpg",
    }
    for size in SIZES
]


def written(path: Path, rows: Sequence[Row]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def read(folder: Path, rows: Sequence[Row]) -> Catalog:
    return read_catalog(written(folder / "rows.jsonl", rows))


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop.create(tmp_path / "shop", encoder="hashed")
    shop.build(written(tmp_path / "goods.jsonl", [{**row, "image": None} for row in SHOE]))
    return shop


def test_one_variant_of_fourteen_changes_alone(shop: Shop, tmp_path: Path) -> None:
    before = shop.product("S")
    report = shop.build(
        written(tmp_path / "sent.jsonl", [{"sku": "S-40", "product_id": "S", "stock": 0}]), partial=True
    )
    after = shop.product("S")
    assert (report.updated, report.variants, report.kept) == (1, 14, 13)
    assert "13 kept" in str(report)
    assert [variant.stock for variant in after.variants] == [0 if size == "40" else 3 for size in SIZES]
    assert (after.title, after.category, after.description) == ("Red shoe", ("Shoes",), "Runs well.")
    assert after.attributes == before.attributes == {"color": ("red",)}
    assert [v.attributes for v in after.variants] == [{"size": (size,)} for size in SIZES]
    assert {str(variant.price) for variant in after.variants} == {"30.00 EUR"}


def test_the_same_rows_sent_again_change_nothing(shop: Shop, tmp_path: Path) -> None:
    sent = written(tmp_path / "sent.jsonl", [{"sku": "S-40", "product_id": "S", "color": "blue"}])
    assert shop.build(sent, partial=True).updated == 1
    again = shop.build(sent, partial=True)
    assert (again.updated, again.unchanged, again.kept) == (0, 1, 13)


def test_rows_that_replace_leave_nothing_else(shop: Shop, tmp_path: Path) -> None:
    sent = written(tmp_path / "sent.jsonl", [{"sku": "S-40", "product_id": "S", "title": "Last pair"}])
    report = shop.build(sent, partial=True, replace=True)
    assert (report.variants, report.kept, len(shop)) == (1, 0, 1)
    assert shop.product("S").variants[0].price is None


def test_a_new_variant_stands_after_those_that_are_there(shop: Shop, tmp_path: Path) -> None:
    sent = {"sku": "S-48", "product_id": "S", "color": "red", "size": "48", "price": "32 EUR"}
    report = shop.build(written(tmp_path / "sent.jsonl", [sent]), partial=True)
    assert (report.variants, report.kept) == (15, 14)
    assert shop.product("S").variants[-1].id == "S-48"
    assert shop.product("S").attributes == {"color": ("red",)}


def test_a_row_about_the_whole_product_adds_no_variant_and_says_what_it_cannot_hear(
    shop: Shop, tmp_path: Path
) -> None:
    sent = {"sku": "S", "title": "Crimson shoe", "material": "leather", "price": "9 EUR"}
    report = shop.build(written(tmp_path / "sent.jsonl", [sent]), partial=True)
    product = shop.product("S")
    assert (product.title, len(product.variants)) == ("Crimson shoe", 14)
    assert product.attributes == {"color": ("red",), "material": ("leather",)}
    assert {str(variant.price) for variant in product.variants} == {"30.00 EUR"}
    assert [str(problem).partition(": ")[2] for problem in report.problems] == [
        "price belongs to variants, of which 'S' has 14; it was left out. Send the row of a variant: its own "
        "'sku', and the product's id as 'product_id'."
    ]


def test_a_variant_that_is_sent_with_another_product_leaves_its_old_one(shop: Shop, tmp_path: Path) -> None:
    sent: list[Row] = [
        {"sku": "S-34", "product_id": "Kids", "title": "Kids' shoe"},
        {"sku": "S-35", "product_id": "S", "stock": 1},
    ]
    report = shop.build(written(tmp_path / "sent.jsonl", sent), partial=True)
    assert (report.added, report.updated, len(shop)) == (1, 1, 14)
    assert [variant.id for variant in shop.product("Kids").variants] == ["S-34"]
    assert "S-34" not in [variant.id for variant in shop.product("S").variants]


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "color": st.sampled_from(["red", "blue", None]),
        "material": st.sampled_from(["leather", "felt", None]),
        "price": st.sampled_from(["30 EUR", "25 EUR"]),
        "stock": st.none() | st.integers(0, 9),
        "gtin": st.sampled_from(["4006381333931", None]),
        "image": st.sampled_from(["https://shop.example/s.jpg", "https://shop.example/t.jpg"]),
    },
)


@given(st.dictionaries(st.sampled_from(range(14)), CHANGES, min_size=1, max_size=5))
def test_changing_rows_is_reading_the_file_with_those_rows_changed(
    tmp_path_factory: pytest.TempPathFactory, changes: dict[int, dict[str, object]]
) -> None:
    folder = tmp_path_factory.mktemp("law")
    (held,) = read(folder, SHOE).products
    sent_rows = [{"sku": SHOE[n]["sku"], "product_id": "S", **change} for n, change in changes.items()]
    (sent,) = read(folder, sent_rows).products
    cleared = cleared_in(folder / "rows.jsonl", {})
    whole = [{**row, **changes.get(number, {})} for number, row in enumerate(SHOE)]
    (wanted,) = read(folder, whole).products
    changed, kept = over(sent, held, {str(row["sku"]) for row in sent_rows}, cleared)
    assert changed == wanted
    assert kept == 14 - len(changes)
    again: tuple[Product, int] = over(sent, changed, {str(row["sku"]) for row in sent_rows}, cleared)
    assert again == (changed, kept)


def put(shop: Shop, folder: Path, *rows: Row) -> BuildReport:
    return shop.build(written(folder / "sent.jsonl", rows), partial=True)


def test_rows_go_over_what_is_served_and_not_over_half_a_build(shop: Shop, tmp_path: Path) -> None:
    wrong = written(tmp_path / "goods.jsonl", [{**row, "title": "WRONG", "image": None} for row in SHOE])

    def tick(stage: str, done: int, total: int | None = None) -> None:
        if stage == "serving":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shop.build(wrong, tick=tick)
    put(shop, tmp_path, {"sku": "S-40", "product_id": "S", "stock": 7})
    assert shop.product("S").title == "Red shoe"
    assert {v.stock for v in shop.product("S").variants} == {3, 7}


FULL = {
    "sku": "M1",
    "title": "Red mug 红色马克杯",
    "description": "Holds tea.",
    "brand": "Luma",
    "category": "Kitchen > Cups",
    "price": "9 EUR",
    "list_price": "12 EUR",
    "stock": 4,
    "availability": "in stock",
    "gtin": "4006381333931",
    "mpn": "L-1",
    "url": "https://shop.example/m1",
    "color": "red",
    "颜色分类": "红色",
    "attributes": {"kind": "mug", "wash": "by hand"},
}


def test_a_null_clears_and_a_blank_says_nothing(shop: Shop, tmp_path: Path) -> None:
    put(shop, tmp_path, FULL)
    assert put(shop, tmp_path, {"sku": "M1", **dict.fromkeys(FULL.keys() - {"sku"}, "")}).unchanged == 1
    before = shop.product("M1")
    names = ("list_price", "stock", "availability", "gtin", "mpn", "brand", "description", "category", "url")
    report = put(shop, tmp_path, {"sku": "M1", **dict.fromkeys(names), "color": None})
    after = shop.product("M1")
    assert (report.updated, report.problems) == (1, ())
    assert (after.title, after.variants[0].price) == (before.title, before.variants[0].price)
    assert (after.description, after.brand, after.category, after.url) == ("", "", (), "")
    assert after.variants[0] == Variant(id="M1", price=before.variants[0].price, origin=Origin())
    assert after.attributes == {"kind": ("mug",), "wash": ("by hand",)}
    put(shop, tmp_path, {"sku": "M1", "attributes": {"wash": None, "size": "L"}})
    assert shop.product("M1").attributes == {"kind": ("mug",), "size": ("L",)}
    put(shop, tmp_path, {"sku": "M1", "attributes": None, "color": "blue"})
    assert shop.product("M1").attributes == {"color": ("blue",)}


def test_what_every_product_has_is_not_cleared_and_told(shop: Shop, tmp_path: Path) -> None:
    report = put(shop, tmp_path, {"sku": "S-40", "product_id": "S", "title": None, "price": None})
    assert [(each.column, each.problem, each.remedy) for each in report.problems] == [
        ("title", "cannot be cleared; it was left as it was", "Send another title"),
        ("price", "cannot be cleared; it was left as it was", "Send the price that holds now"),
    ]
    assert (shop.product("S").title, str(shop.product("S").variants[6].price)) == ("Red shoe", "30.00 EUR")
    on_sale = {"sku": "S-40", "product_id": "S", "price": "30 EUR", "sale_price": "20 EUR"}
    put(shop, tmp_path, on_sale)
    (problem,) = put(shop, tmp_path, {"sku": "S-40", "product_id": "S", "sale_price": None}).problems
    assert problem.column == "sale_price"
    assert put(shop, tmp_path, {**on_sale, "sale_price": None}).problems == ()
    assert (str(shop.product("S").variants[6].price), shop.product("S").variants[6].list_price) == (
        "30.00 EUR",
        None,
    )


def test_a_null_of_a_whole_product_clears_what_is_the_products(shop: Shop, tmp_path: Path) -> None:
    (problem,) = put(shop, tmp_path, {"sku": "S", "color": None, "url": None, "stock": None}).problems
    assert (problem.column, "belongs to variants" in problem.problem) == ("stock", True)
    product = shop.product("S")
    assert (product.attributes, product.url, product.variants[0].stock) == ({}, "", 3)


def test_pictures_are_cleared_but_for_those_that_are_sent() -> None:
    pictures = [f"https://shop.example/{n}.jpg" for n in range(3)]
    held = Product(id="A", title="Mug", variants=(Variant(id="A"),), media=media_of(pictures))
    sent = Product(id="A", title="", variants=(Variant(id="A", origin=Origin(line=1)),))
    for fields, left in ((["image"], []), (["more_images"], pictures[:1]), ([], pictures)):
        changed, _ = over(sent, held, {"A"}, {1: Cleared(frozenset(fields))})
        assert [media.source for media in changed.media] == left
    sent = replace(sent, media=media_of(pictures[2:]))
    changed, _ = over(sent, held, {"A"}, {1: Cleared(frozenset(["image"]))})
    assert [media.source for media in changed.media] == pictures[2:]


def test_a_null_in_a_whole_catalog_or_of_what_replaces_is_a_blank(shop: Shop, tmp_path: Path) -> None:
    sent = written(tmp_path / "sent.jsonl", [{"sku": "N1", "title": "New", "price": None, "brand": None}])
    assert shop.build(sent, partial=True, replace=True).problems == ()
    assert shop.build(sent).problems == ()


def test_sold_out_for_a_whole_product_is_not_dropped_in_silence(shop: Shop, tmp_path: Path) -> None:
    (problem,) = put(shop, tmp_path, {"sku": "S", "stock": 0}).problems
    assert (problem.column, problem.problem) == (
        "stock",
        "belongs to variants, of which 'S' has 14; it was left out",
    )


def test_a_price_without_a_currency_is_in_the_one_that_is_held(shop: Shop, tmp_path: Path) -> None:
    put(shop, tmp_path, {"sku": "S-40", "product_id": "S", "price": 19})
    prices = {v.id: str(v.price) for v in shop.product("S").variants}
    assert (prices["S-40"], prices["S-41"]) == ("19.00 EUR", "30.00 EUR")


def test_variants_are_found_without_the_id_of_their_product(shop: Shop, tmp_path: Path) -> None:
    report = put(shop, tmp_path, {"sku": "S-40", "stock": 1}, {"sku": "S-41", "stock": 2})
    assert (report.updated, report.kept, report.problems) == (1, 12, ())
    assert {v.id: v.stock for v in shop.product("S").variants if v.stock != 3} == {"S-40": 1, "S-41": 2}


def test_a_list_or_an_object_where_one_value_belongs_is_told_and_changes_nothing(
    shop: Shop, tmp_path: Path
) -> None:
    before = shop.product("S")
    for column, value, shape in (
        ("price", [1, 2], "a list"),
        ("stock", [3, 4], "a list"),
        ("title", ["红鞋", "b"], "a list"),
        ("category", {"x": 1}, "an object"),
        ("title", {"en": "Shoe"}, "an object"),
    ):
        report = put(shop, tmp_path, {"sku": "S-40", "product_id": "S", column: value})
        (told,) = report.problems
        assert (told.column, told.problem) == (column, f"is {shape}; it was left out")
        assert report.unchanged == 1
        assert shop.product("S").variants == before.variants
    report = put(
        shop, tmp_path, {"sku": "S-40", "product_id": "S", "stock": [7], "category": ["Shoes", "靴"]}
    )
    assert report.problems == ()
    assert (shop.product("S").category, shop.product("S").variants[6].stock) == (("Shoes", "靴"), 7)


def test_a_row_with_the_id_of_a_variant_changes_it_though_it_has_a_title(shop: Shop, tmp_path: Path) -> None:
    report = put(shop, tmp_path, {"sku": "S-40", "title": "红鞋 Red runner", "stock": 1})
    assert (report.products, report.updated, report.skipped, report.problems) == (1, 1, 0, ())
    after = shop.product("S")
    assert (after.title, len(after.variants)) == ("红鞋 Red runner", 14)
    assert {v.id: v.stock for v in after.variants if v.stock != 3} == {"S-40": 1}


def test_rows_of_variants_without_their_product_keep_what_each_says_apart(shop: Shop, tmp_path: Path) -> None:
    put(shop, tmp_path, {"sku": "S-40", "color": "blue", "url": "https://shop.example/40"}, {"sku": "S-41"})
    put(shop, tmp_path, {"sku": "S-42", "stock": 1}, {"sku": "S-43", "color": "green", "brand": "Ostra"})
    after = shop.product("S")
    said = {v.id: after.attributes_of(v)["color"][0] for v in after.variants}
    assert {id: color for id, color in said.items() if color != "red"} == {"S-40": "blue", "S-43": "green"}
    assert (after.brand, after.title) == ("Ostra", "Red shoe")


def test_a_variant_of_a_product_that_is_not_named_is_counted_as_left_out(shop: Shop, tmp_path: Path) -> None:
    sent = written(tmp_path / "sent.jsonl", [{"sku": "S-40", "title": "T"}, {"sku": "N", "title": "New"}])
    report = shop.build(sent, partial=True, replace=True)
    assert (report.rows, report.products, report.skipped) == (2, 1, 1)
    (told,) = report.problems
    assert (told.severity, told.value, told.line) == ("error", "S-40", 1)
    assert told.remedy == "Send 'S' as its 'product_id'; to move it, name both products"
    assert len(shop.product("S").variants) == 14


def test_an_id_that_nobody_knows_adds_no_product_without_a_title(shop: Shop, tmp_path: Path) -> None:
    report = put(shop, tmp_path, {"sku": "S-400", "stock": 0}, {"sku": "N", "title": "New"})
    assert (report.added, report.skipped) == (1, 1)
    assert "no product or variant of this id, and the row has no title" in report.problems[0].problem
    with pytest.raises(MissingProduct):
        shop.product("S-400")
