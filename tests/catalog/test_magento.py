import csv
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.catalog.formats.magento_cells import category_paths, pairs
from duomo.catalog.read import Catalog, read_catalog
from duomo.product import Link, Price, Product

FILES = Path(__file__).parent / "files"


def of(catalog: Catalog) -> dict[str, Product]:
    return {product.id: product for product in catalog.products}


@pytest.fixture(scope="module")
def luma() -> Catalog:
    return read_catalog(FILES / "magento.csv")


def test_the_export_is_known_by_its_columns_and_no_row_is_lost(luma: Catalog) -> None:
    assert (luma.format, luma.rows, luma.skipped) == ("magento", 9, 2)
    assert list(of(luma)) == ["WT09", "24-MB01", "24-SET", "24-KIT"]
    assert read_catalog(FILES / "magento.csv", format="magento").products == luma.products


def test_what_a_configurable_product_lists_is_its_variants(luma: Catalog) -> None:
    tank = of(luma)["WT09"]
    assert (tank.title, tank.brand, tank.category) == ("Breeze Tank", "Luma", ("Women", "Tops", "Tanks"))
    assert tank.description == "For hot days\nAiry & soft."
    assert tank.attributes == {
        "climate": ("All-Weather", "Hot", "Indoor"),
        "erin_recommends": ("Yes",),
        "material": ("Cotton, combed", "Spandex"),
        "weight": ("0.5",),
        "title_zh": ("微风背心",),
        "categories": ("Women > Tops > Tanks", "Promotions", "Bras, Tanks & more"),
    }
    assert [media.source for media in tank.media] == [
        str(FILES / "w" / "t" / "wt09_main.jpg"),
        str(FILES / "w" / "t" / "wt09_back.jpg"),
    ]
    white, black, large = tank.variants
    assert (white.id, white.attributes, white.stock, white.availability, white.gtin) == (
        "WT09-XS-White",
        {"size": ("XS",), "color": ("White",)},
        100,
        "in_stock",
        "04006381333931",
    )
    assert [media.source for media in white.media] == [str(FILES / "w" / "t" / "wt09-white_main.jpg")]
    assert black.attributes == {"size": ("M",), "color": ("Black",)}
    assert (black.price, black.list_price, black.availability) == (Price(2900), Price(3400), "out_of_stock")
    assert black.media == ()
    assert (large.id, large.price, large.attributes) == (
        "WT09-L-Black",
        None,
        {"size": ("L",), "color": ("Black",)},
    )


def test_quoted_attributes_links_groups_and_bundles_are_read(luma: Catalog) -> None:
    bag = of(luma)["24-MB01"]
    assert bag.category == ("Gear", "Bags")
    assert bag.attributes == {
        "pattern": ('5" stripes, wide',),
        "activity": ("Gym", "Yoga"),
        "visibility": ("catalog",),
        "categories": ("Gear", "Gear > Bags"),
    }
    assert bag.variants[0].price == Price(103400)
    assert [media.source for media in bag.media] == ["https://cdn.luma.example/mb01.jpg"]
    assert luma.links == (
        Link(product_id="WT09", linked_id="24-MB01", type="related"),
        Link(product_id="WT09", linked_id="WT09", type="related"),
        Link(product_id="WT09", linked_id="24-SET", type="upsell"),
        Link(product_id="24-SET", linked_id="24-MB01", type="related"),
        Link(product_id="24-SET", linked_id="WT09", type="related"),
        Link(product_id="24-KIT", linked_id="24-MB01", type="related"),
        Link(product_id="24-KIT", linked_id="WT09", type="related"),
    )


def test_what_cannot_be_used_is_told_with_line_value_and_remedy(luma: Catalog) -> None:
    assert [str(problem).partition("magento.csv ")[2] for problem in luma.problems] == [
        "line 9: sku '24-MB01' was already on line 6, which stands. "
        "Give every row a sku of its own, or say in store_view_code which view it is of.",
        "line 10: sku has no sku, so it cannot become a product. Give every row a sku.",
        "line 4: configurable_variations 'WT09-L-Black' is a variant without a row of its own; "
        "nothing but its options is known. Export the variants together with their product.",
        "line 4: crosssell_skus 'GONE' is no product of this file; the link is left out. Correct the sku.",
    ]


def test_what_is_switched_off_or_not_visible_is_left_out_and_counted(tmp_path: Path) -> None:
    unseen = "Not Visible Individually"
    path = tmp_path / "export.csv"
    path.write_text(
        "sku,product_type,name,product_online,visibility,price,configurable_variations,related_skus\n"
        f"a-s,simple,杯子 S,1,{unseen},5,,\na-m,simple,杯子 M,2,{unseen},5,,\n"
        'a,configurable,杯子,1,"Catalog, Search",,"sku=a-s,size=S|sku=a-m,size=M","b,c,a-m"\n'
        f'b,simple,Spare part,1,{unseen},5,,a\nc,simple,Off,2,"Catalog, Search",5,,\n'
        'd,configurable,Off with its variants,2,"Catalog, Search",,"sku=d-s,size=S|sku=d-m,size=M",\n'
        f"d-s,simple,Unseen,1,{unseen},5,,\nd-m,simple,Seen alone,1,Search,5,,\n"
        'e,configurable,All off,1,"Catalog, Search",,"sku=e-s,size=S",\n'
        f"e-s,simple,Off,2,{unseen},5,,\n",
        "utf-8",
    )
    found = read_catalog(path)
    assert [(p.id, [v.id for v in p.variants]) for p in found.products] == [("a", ["a-s"]), ("d-m", ["d-m"])]
    assert found.links == (Link(product_id="a", linked_id="a", type="related"),)
    left = "says that shoppers are not to see it; left out"
    assert [(p.line, p.column, p.value, p.problem) for p in found.problems] == [
        (3, "product_online", "2", f"{left} (and 3 more like this)"),
        (5, "visibility", unseen, f"{left} (and 1 more like this)"),
        (10, "configurable_variations", "", "lists variants, but none that shoppers are to see; left out"),
    ]
    assert (found.rows, found.skipped) == (10, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_chinese_export_is_read(tmp_path: Path, encoding: str) -> None:
    text = (FILES / "magento_zh.csv").read_text("utf-8")
    (tmp_path / "导出.csv").write_bytes(text.encode(encoding))
    found = read_catalog(tmp_path / "导出.csv")
    (dress,) = found.products
    assert (dress.title, dress.brand, dress.category) == ("改良旗袍", "锦年", ("女装", "旗袍"))
    assert dress.attributes == {
        "material": ("真丝", "桑蚕丝"),
        "pattern": ("花卉",),
        "visibility": ("目录, 搜索",),
        "categories": ("女装 > 旗袍", "新品"),
    }
    assert [(v.id, dict(v.attributes), str(v.price)) for v in dress.variants] == [
        ("QP-01-R", {"color": ("酒红",)}, "1299.00 CNY"),
        ("QP-01-G", {"color": ("墨绿",)}, "1299.00 CNY"),
    ]


@pytest.mark.parametrize(
    "written",
    [
        *(
            "{:%m/%d/%y, 12:00 AM}",
            "{:%m/%d/%y, 12:00\u202fAM}",
            "{:%m/%d/%Y 12:00:00 AM}",
            "{:%m/%d/%y 00:00}",
        ),
        *("{:%Y-%m-%d} 00:00:00", "{:%Y-%m-%d}", "{:%m/%d/%y}", "{0.month}/{0.day}/{0:%y}"),
    ],
)
def test_a_special_price_counts_through_the_day_at_whose_beginning_it_ends(
    tmp_path: Path, written: str
) -> None:
    today = datetime.now(UTC)
    path = tmp_path / "export.csv"
    for until, price in ((today + timedelta(hours=1), 8_00), (today - timedelta(days=2), 10_00)):
        row = f'杯,simple,Cup,10,8,"{written.format(until)}",1'
        head = "sku,product_type,name,price,special_price,special_price_to_date,product_online"
        path.write_text(f"{head}\n{row}\n", "utf-8")
        found = read_catalog(path)
        assert (found.products[0].variants[0].price, found.problems) == (Price(price), ())


CODES = st.from_regex(r"[a-z_]{1,6}", fullmatch=True)
TEXTS = st.text("ab \"'中|,", min_size=1, max_size=8)


@given(st.dictionaries(CODES, TEXTS, max_size=5))
def test_quoted_attributes_read_back_as_they_were_written(wanted: dict[str, str]) -> None:
    cell = ",".join(f'{name}="{text.replace(chr(34), chr(34) * 2)}"' for name, text in wanted.items())
    assert dict(pairs(cell)) == wanted


NODES = st.text("ab 中/&", min_size=1, max_size=6).map(str.strip).filter(bool)


@given(st.lists(st.lists(NODES, min_size=1, max_size=3), max_size=4))
def test_categories_read_back_as_they_were_written(wanted: list[list[str]]) -> None:
    paths = [["Default Category", *(" ".join(node.split()) for node in path)] for path in wanted]
    cell = ",".join("/".join(node.replace("/", "\\/") for node in path) for path in paths)
    assert category_paths(cell) == [tuple(path) for path in paths]


SKUS = st.sampled_from(["", "a", "b", "c", "d"])
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "sku": SKUS,
            "store_view_code": st.sampled_from(["", "", "zh"]),
            "product_type": st.sampled_from(["simple", "configurable", ""]),
            "name": TEXTS,
            "price": st.sampled_from(["", "5", "x"]),
            "product_online": st.sampled_from(["", "1", "2"]),
            "visibility": st.sampled_from(["", "Catalog, Search", "Not Visible Individually"]),
            "additional_attributes": st.text('ab=,|"', max_size=9),
            "configurable_variations": st.lists(SKUS, max_size=3).map(
                lambda skus: "|".join(f"sku={sku},size={place}" for place, sku in enumerate(skus))
            ),
            "related_skus": SKUS,
        }
    ),
    max_size=8,
)


@given(ROWS)
def test_every_row_is_a_product_or_a_variant_or_a_view_or_told(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("magento") / "export.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]) if rows else ["sku", "product_type", "product_online"])
        writer.writeheader()
        writer.writerows(rows)
    found = read_catalog(path, format="magento")
    skipped = {problem.line for problem in found.problems if problem.severity == "error"}
    assert len(skipped) == found.skipped
    lines = {product.origin.line for product in found.products}
    lines |= {variant.origin.line for product in found.products for variant in product.variants}
    assert not lines & skipped
    more = [re.search(r"to see(?: it)?; left out(?: \(and (\d+) more|$)", p.problem) for p in found.problems]
    withheld = sum(1 + int(match[1] or 0) for match in more if match)
    views = found.rows - found.skipped - len(lines) - withheld
    assert 0 <= views <= sum(bool(row["store_view_code"]) for row in rows)
    ids = [variant.id for product in found.products for variant in product.variants]
    assert len(ids) == len(set(ids))
    seen = [row for row in rows if not row["store_view_code"]]
    assert {row["sku"] for row in rows} - {""} <= {*ids, *of(found)} or withheld
    off = {row["sku"] for row in reversed(seen) if row["product_online"] == "2"}
    on = {row["sku"] for row in reversed(seen) if row["product_online"] != "2"}
    assert not {*ids, *of(found)} & (off - on)


def test_columns_with_general_names_are_read_and_others_told(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(
        "sku,product_type,attribute_set_code,product_online,商品名称,价格,促销价,sole,tax_class_name,use_config_min_qty\n"
        "a,simple,Default,1,跑鞋,20,15,rubber,x,1\n",
        "utf-8",
    )
    found = read_catalog(path)
    (shoe,) = found.products
    assert (found.format, shoe.title, shoe.variants[0].price) == ("magento", "跑鞋", Price(1500))
    assert [problem.problem for problem in found.problems] == [
        "has a column whose name Duomo does not know and does not read: sole"
    ]
