import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.catalog.columns import attribute_name
from duomo.catalog.read import Catalog, read_catalog
from duomo.catalog.text import one_line, plain_text, value_text
from duomo.errors import BadFile
from duomo.product import Media, Price, Product, Variant

CatalogOf = Callable[..., Catalog]

WHOLE = """\
sku,title,description,category,subcategory,color,price,currency,attributes_json,image,split
A1,Red mug,"<p>Holds &frac12; l</p>",Home,Kitchen > Mugs,Red|White,"1,299.00",CNY,\
"{""material"": [""clay"", ""glass""], ""Dishwasher safe"": true, ""weight_g"": 350}",\
images/a.jpg|images/b.jpg,train
"""


def test_every_column_of_the_own_format_finds_its_place(catalog_of: CatalogOf) -> None:
    found = catalog_of(WHOLE)
    folder = Path(found.files[0]).parent
    assert found.products == (
        Product(
            id="A1",
            title="Red mug",
            description="Holds ½ l",
            category=("Home", "Kitchen", "Mugs"),
            attributes={
                "color": ("Red", "White"),
                "split": ("train",),
                "material": ("clay", "glass"),
                "dishwasher_safe": ("true",),
                "weight_g": ("350",),
            },
            variants=(Variant(id="A1", price=Price(129900, "CNY")),),
            media=(
                Media(source=f"{folder}/images/a.jpg"),
                Media(source=f"{folder}/images/b.jpg", role="alt"),
            ),
        ),
    )
    assert (found.format, found.rows, found.skipped, found.problems) == ("own", 1, 0, ())


@pytest.mark.parametrize(
    ("category", "path"),
    [
        (["家居", "厨房", "杯子"], ("家居", "厨房", "杯子")),
        (["Home"], ("Home",)),
        (["Sale", "Home > Kitchen > Mugs", "Home"], ("Home", "Kitchen", "Mugs")),
        (["", "Home", None], ("Home",)),
        ([], ()),
        ("Home > Mugs", ("Home", "Mugs")),
    ],
)
def test_a_list_of_categories_is_a_path(
    catalog_of: CatalogOf, category: object, path: tuple[str, ...]
) -> None:
    row = {"sku": "A", "title": "杯", "category": category}
    assert catalog_of(json.dumps(row), "p.jsonl").products[0].category == path


def test_of_two_columns_of_categories_the_first_counts(catalog_of: CatalogOf) -> None:
    assert catalog_of("sku,title,category,category\nA,a,Home,Sale\n").products[0].category == ("Home",)


def test_chinese_headers_prices_and_values_are_read(catalog_of: CatalogOf) -> None:
    found = catalog_of(
        "商品编号,商品名称,类目,颜色,尺码,售价,原价,库存\n"
        "7,羊毛外套,女装 > 外套,红色|黑色,M,￥1299,￥1599,８\n"
    )
    (product,) = found.products
    assert product.category == ("女装", "外套")
    assert product.attributes == {"color": ("红色", "黑色"), "size": ("M",)}
    assert product.variants[0].price == Price(129900, "CNY")
    assert product.variants[0].list_price == Price(159900, "CNY")
    assert product.variants[0].stock == 8


def test_rows_with_one_product_id_are_its_variants(catalog_of: CatalogOf) -> None:
    found = catalog_of(
        "sku,product_id,title,brand,color,size,price,image\n"
        "S1,P,Shirt,Acme,Red,S,10,shirt.jpg|red.jpg\n"
        "T1,,Tie,,Red,,5,\n"
        "S2,P,,Acme,Red,M,12,shirt.jpg|red2.jpg\n"
    )
    shirt, tie = found.products
    folder = Path(found.files[0]).parent
    assert (shirt.id, shirt.title, shirt.brand, shirt.attributes) == (
        "P",
        "Shirt",
        "Acme",
        {"color": ("Red",)},
    )
    assert [(v.id, dict(v.attributes), str(v.price)) for v in shirt.variants] == [
        ("S1", {"size": ("S",)}, "10.00"),
        ("S2", {"size": ("M",)}, "12.00"),
    ]
    assert [media.source for media in shirt.media] == [f"{folder}/shirt.jpg"]
    assert [media.source for media in shirt.media_of(shirt.variants[1])] == [
        f"{folder}/red2.jpg",
        f"{folder}/shirt.jpg",
    ]
    assert [variant.id for variant in tie.variants] == ["T1"]


def test_a_bad_price_names_the_row_and_the_value(catalog_of: CatalogOf) -> None:
    found = catalog_of("id,title,price\nA1,Red mug,9.50\nA2,Blue mug,twelve\n")
    (problem,) = found.problems
    assert "products.csv line 3: price 'twelve' is not a number. Write it like 12.50" in str(problem)
    assert (problem.product_id, problem.severity) == ("A2", "warning")
    assert found.products[1].variants[0].price is None


def test_of_an_id_that_comes_twice_the_first_row_stands(catalog_of: CatalogOf) -> None:
    found = catalog_of("sku,title\nA,Mug\nB,Cup\nA,Other mug\nA,Third mug\n")
    assert [product.title for product in found.products] == ["Mug", "Cup"]
    assert (found.rows, found.skipped) == (4, 2)
    assert "line 4: 'A' was already on line 2, which stands" in str(found.problems[0])


def test_prices_before_a_reduction_are_kept_beside_the_price(catalog_of: CatalogOf) -> None:
    found = catalog_of(
        "sku,title,price,sale_price,list_price,currency\n"
        "A,a,10,8,,EUR\nB,b,10,,12,EUR\nC,c,10,,10,EUR\nD,d,10 USD,,12,EUR\nE,e,,,7,€\nF,f,5,,,gold\n"
    )
    pairs = [(str(v.price), str(v.list_price)) for product in found.products for v in product.variants]
    assert pairs == [
        ("8.00 EUR", "10.00 EUR"),
        ("10.00 EUR", "12.00 EUR"),
        ("10.00 EUR", "None"),
        ("10.00 USD", "None"),
        ("7.00 EUR", "None"),
        ("5.00", "None"),
    ]
    assert "currency 'gold' is not a currency" in str(found.problems[0])


def test_cells_that_cannot_be_read_are_warned_of_and_the_row_is_kept(catalog_of: CatalogOf) -> None:
    found = catalog_of(
        "sku,title,stock,availability,attributes_json,image\n"
        'A,Mug,lots,maybe,"{""a"": ",data:image/png;base64\n'
        "B,Cup,-2,有货,[1],../../secret.jpg\n"
        "C,Pot,3.0,In Stock,{},\n"
    )
    assert [product.id for product in found.products] == ["A", "B", "C"]
    assert [product.variants[0].stock for product in found.products] == [None, -2, 3]
    assert [product.variants[0].availability for product in found.products] == ["", "in_stock", "in_stock"]
    words = "\n".join(map(str, found.problems))
    assert "stock 'lots' is not a whole number" in words
    assert "availability 'maybe' is not known" in words
    assert "attributes_json '{\"a\":' is not a JSON object" in words
    assert "attributes_json '[1]' is not a JSON object" in words
    assert "is left out: 'data:image/png;base64' is neither a file nor an http address" in words
    assert "is left out: path '../../secret.jpg' leads out of the folder" in words
    assert found.skipped == 0


def test_pictures_are_placed_by_what_they_are(catalog_of: CatalogOf, tmp_path: Path) -> None:
    text = "sku,title,image\nA,a,HTTPS://x.cn/a.jpg|//cdn.x.cn/b.jpg|sub\\c d.jpg|./e.jpg|/abs/f.jpg|图.jpg\n"
    (tmp_path / "pictures").mkdir()
    found = catalog_of(text, images=tmp_path / "pictures")
    assert [media.source for media in found.products[0].media] == [
        "HTTPS://x.cn/a.jpg",
        "https://cdn.x.cn/b.jpg",
        f"{tmp_path}/pictures/sub/c d.jpg",
        f"{tmp_path}/pictures/e.jpg",
        "/abs/f.jpg",
        f"{tmp_path}/pictures/图.jpg",
    ]


def test_a_brand_among_the_attributes_is_the_brand(catalog_of: CatalogOf) -> None:
    found = catalog_of('sku,title,attributes_json\nA,Mug,"{""Brand"": ""Acme"", ""Title"": ""x""}"\n')
    assert found.products[0].brand == "Acme"
    assert found.products[0].attributes == {"other_title": ("x",)}


def test_without_ids_the_same_row_has_the_same_id_wherever_it_stands(catalog_of: CatalogOf) -> None:
    one = catalog_of("title,image\nMug,a.jpg\nCup,b.jpg\nMug,a.jpg\n")
    other = catalog_of("title,image\nCup,b.jpg\nMug,a.jpg\n")
    assert {p.title: p.id for p in one.products} == {p.title: p.id for p in other.products}
    assert "has no column of ids; they were made of titles and pictures" in str(one.problems[0])
    assert one.skipped == 1


def test_a_file_without_ids_and_titles_says_which_columns_there_are(catalog_of: CatalogOf) -> None:
    with pytest.raises(
        BadFile, match=r"no column holds ids or titles; its columns are: a, b\. Say which does with --map"
    ):
        catalog_of("a,b\n1,2\n")


def test_a_column_of_product_ids_alone_holds_the_ids(catalog_of: CatalogOf) -> None:
    assert [p.id for p in catalog_of("product_id,title\n7,Mug\n8,Cup\n").products] == ["7", "8"]


def test_json_lines_keep_lists_numbers_and_the_lines_that_are_broken(catalog_of: CatalogOf) -> None:
    lines = [
        json.dumps(
            {
                "sku": 12,
                "title": "Mug | big",
                "price": 9.5,
                "color": ["Red", "A|B"],
                "image": ["a.jpg", "b.jpg"],
            }
        ),
        "{broken",
        "",
        "[1, 2]",
        json.dumps({"sku": "B", "title": "Cup \ud83d", "attributes": {"new": True, "size": None, "n": 1.50}}),
        '{"sku": "C", "title": "x", "price": NaN, "deep": ' + "[" * 5000 + "]" * 5000 + "}",
    ]
    found = catalog_of("\n".join(lines), "products.csv")
    mug, cup = found.products[:2]
    assert (mug.id, mug.title, mug.attributes) == ("12", "Mug | big", {"color": ("Red", "A|B")})
    assert mug.variants[0].price == Price(950)
    assert [Path(media.source).name for media in mug.media] == ["a.jpg", "b.jpg"]
    assert (cup.title, cup.attributes) == ("Cup ?", {"new": ("true",), "n": ("1.5",)})
    assert [(problem.line, problem.severity) for problem in found.problems] == [
        (2, "error"),
        (4, "error"),
        (6, "error"),
    ]
    assert (found.rows, found.skipped) == (5, 3)
    assert "is not JSON" in str(found.problems[0])
    assert "is not a JSON object. Write one JSON object a line" in str(found.problems[1])


def test_parquet_is_read_with_its_types(tmp_path: Path) -> None:
    table = pa.table(
        {
            "sku": pa.array([1, 2, None], pa.float64()),
            "title": ["Mug", "Cup", "Pot"],
            "price": pa.array([9.99, None, 3.0], pa.float32()),
            "color": [["Red", "Blue"], [], None],
            "stock": [5, None, 1],
            "since": pa.array([1_700_000_000_000_000_001, None, None], pa.timestamp("ns", "Asia/Shanghai")),
            "day": pa.array([19_000, None, None], pa.date32()),
        }
    )
    path = tmp_path / "goods.bin"
    pq.write_table(table, path)
    found = read_catalog(path)
    assert [(p.id, p.title, p.variants[0].price, p.variants[0].stock) for p in found.products] == [
        ("1", "Mug", Price(999), 5),
        ("2", "Cup", None, None),
    ]
    assert found.products[0].attributes["color"] == ("Red", "Blue")
    assert found.products[0].attributes["day"] == ("2022-01-08",)
    assert found.products[0].attributes["since"][0].startswith("2023-11-1")
    assert (found.rows, found.skipped, found.problems[0].line) == (3, 1, 3)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
LINE = TEXT.map(one_line).filter(lambda text: one_line(text) == text)
VALUE = TEXT.map(value_text).filter(lambda text: text and "|" not in text)
NAMES = st.sampled_from(["color", "size", "material", "new", "面料_2"]) | TEXT.map(attribute_name).filter(
    lambda name: name and not name.startswith("other_")
)
NODES = LINE.map(lambda text: text.replace(">", "").strip()).filter(
    lambda text: text and one_line(text) == text
)
PRICES = st.none() | st.builds(
    Price, st.integers(0, 10**9), st.sampled_from(["", "CNY", "USD", "JPY", "KWD"])
)


@st.composite
def products(draw: st.DrawFn, number: int) -> Product:
    price = draw(PRICES)
    reduced = price is not None and draw(st.booleans())
    dearer = Price(price.minor + draw(st.integers(1, 999)), price.currency) if price and reduced else None
    sources = draw(
        st.lists(st.sampled_from(["https://x.cn/a,b.jpg", "/p/c d.jpg", "/p/图.png"]), unique=True)
    )
    return Product(
        id=f"P{number}",
        title=draw(LINE),
        description=draw(TEXT.map(plain_text).filter(lambda text: plain_text(text) == text)),
        brand=draw(LINE),
        category=tuple(draw(st.lists(NODES, max_size=3))),
        attributes={
            n: tuple(v)
            for n, v in draw(st.dictionaries(NAMES, st.lists(VALUE, min_size=1, unique=True))).items()
        },
        variants=(
            Variant(
                id=f"P{number}",
                price=price,
                list_price=dearer,
                stock=draw(st.none() | st.integers(-5, 10**6)),
                availability=draw(st.sampled_from(["", "in_stock", "out_of_stock", "preorder", "backorder"])),
                mpn=draw(VALUE | st.just("")),
            ),
        ),
        media=tuple(Media(source=s, role="alt" if n else "main") for n, s in enumerate(sources)),
    )


@given(st.data(), st.integers(0, 2), st.booleans())
def test_products_written_as_own_rows_read_back_equal(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, count: int, as_json: bool
) -> None:
    wanted = [data.draw(products(number)) for number in range(count)]
    rows = [
        {
            "sku": product.id,
            "title": product.title,
            "description": product.description,
            "brand": product.brand,
            "category": " > ".join(product.category),
            "price": str(product.variants[0].price or ""),
            "list_price": str(product.variants[0].list_price or ""),
            "stock": product.variants[0].stock,
            "availability": product.variants[0].availability,
            "mpn": product.variants[0].mpn,
            "image": "|".join(media.source for media in product.media),
            "attributes_json": json.dumps(product.attributes),
        }
        for product in wanted
    ]
    page = io.StringIO()
    if as_json:
        page.writelines(json.dumps(row) + "\n" for row in [*rows, {"sku": "", "title": ""}])
    else:
        writer = csv.DictWriter(page, ["sku", "title", *(list(rows[0])[2:] if rows else [])])
        writer.writeheader()
        writer.writerows(rows)
    path = tmp_path_factory.mktemp("own") / "products"
    path.write_text(page.getvalue(), encoding="utf-8", newline="")
    found = read_catalog(path)
    assert not found.problems
    assert list(found.products) == wanted
