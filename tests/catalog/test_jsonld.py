import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.catalog.read import Catalog, read_catalog
from duomo.errors import BadFile, DuomoError
from duomo.product import Price, Product, Review

FILES = Path(__file__).parent / "files"
CatalogOf = Callable[..., Catalog]


@pytest.fixture(scope="module")
def page() -> Catalog:
    return read_catalog(FILES / "product_page.html")


@pytest.fixture(scope="module")
def goods() -> Catalog:
    return read_catalog(FILES / "goods_zh.jsonld")


def of(catalog: Catalog) -> dict[str, Product]:
    return {product.id: product for product in catalog.products}


def test_a_saved_page_is_one_product_with_its_variants(page: Catalog) -> None:
    (anorak,) = page.products
    assert (page.format, anorak.id, anorak.title, anorak.brand) == (
        "jsonld",
        "tern-anorak",
        "Tern Anorak",
        "Nordlys",
    )
    assert anorak.description == "Windproof & light.\nPacks into its own pocket."
    assert anorak.category == ("Clothing", "Jackets", "Anoraks")
    assert anorak.attributes == {
        "material": ("nylon",),
        "gender": ("female",),
        "rating": ("4.6",),
        "rating_count": ("87",),
    }
    assert anorak.url == "https://nordlys.example/shop/tern-anorak"
    assert [media.source for media in anorak.media] == [
        "https://nordlys.example/img/anorak.jpg",
        "https://cdn.nordlys.example/anorak-back.jpg",
    ]
    red, blue = anorak.variants
    assert (red.id, red.attributes) == (
        "TA-S-RED",
        {"color": ("red",), "size": ("S",), "condition": ("new",)},
    )
    assert (red.price, red.list_price, red.stock) == (Price(12900, "EUR"), Price(15900, "EUR"), 4)
    assert (red.availability, red.gtin) == ("in_stock", "04006381333931")
    assert [media.source for media in red.media] == ["https://nordlys.example/img/anorak-red.jpg"]
    assert red.url == "https://nordlys.example/shop/tern-anorak?v=1"
    assert (blue.id, blue.attributes) == ("TA-M-BLUE", {"color": ("blue",), "size": ("M",)})
    assert (blue.price, blue.list_price, blue.availability) == (Price(11950, "EUR"), None, "preorder")
    assert blue.gtin == "04006381333948"


def test_reviews_in_and_beside_the_product_are_kept(page: Catalog) -> None:
    assert page.reviews == (
        Review(
            product_id="tern-anorak",
            text="Kept me dry.",
            title="Dry in a storm",
            rating=4.5,
            user="Ann",
            time="2026-03-31",
        ),
        Review(product_id="tern-anorak", text="Runs small.", rating=3.0),
    )


def test_a_broken_script_is_one_problem_and_the_rest_is_read(page: Catalog) -> None:
    told = [str(problem).partition("product_page.html ")[2] for problem in page.problems]
    assert told == [
        "line 72: is not JSON (Expecting value: line 1 column 81 (char 80)). "
        "Export it again; the other documents of the file were read.",
        "line 10: @graph[2].hasVariant[2] 'https://nordlys.example/shop/tern-anorak-xl' is a variant on "
        "another page, which is not read. Read that page as well.",
        "line 10: @graph[2].review[1] is a review that says nothing. Fill in reviewBody or reviewRating.",
    ]
    assert (page.rows, page.skipped) == (4, 1)  # the group, two variants, and the broken script


def test_a_chinese_graph_is_read_with_its_paths(goods: Catalog) -> None:
    cup = of(goods)["6001"]
    assert (cup.title, cup.brand, cup.category) == ("青瓷茶杯", "景和", ("家居", "茶具", "茶杯"))
    assert cup.attributes == {
        "color": ("青", "白"),
        "weight": ("180 g",),
        "tags": ("茶杯", "青瓷", "手工"),
        "容量": ("120 毫升",),
        "产地": ("龙泉", "浙江"),
    }
    assert [media.source for media in cup.media] == [str(FILES / "图" / "茶杯.jpg")]
    assert (cup.variants[0].price, cup.variants[0].availability) == (Price(128000, "CNY"), "in_stock")
    told = [str(problem).partition("goods_zh.jsonld ")[2] for problem in goods.problems]
    assert told == [
        "line 1: @graph[1].offers[0].price 'twelve' is not a number. "
        "Write it like 12.50 or 12.50 USD; the row is kept without it.",
        "line 1: @graph[2] '6001' was already on line 1, which stands. "
        "Give every product a sku of its own, or write it once.",
        "line 1: @graph[3] has neither a SKU, nor another id, nor a name, so it cannot become a product. "
        "Give every product a sku.",
    ]
    assert (goods.rows, goods.skipped, len(goods.products)) == (8, 2, 4)


def test_offers_with_skus_of_their_own_are_variants(goods: Catalog) -> None:
    shirt = of(goods)["https://shop.example/linen-shirt"]
    assert [(v.id, str(v.price), v.availability) for v in shirt.variants] == [
        ("LS-S", "39.00 USD", ""),
        ("LS-M", "41.00 USD", "out_of_stock"),
    ]


def test_offers_without_a_sku_beside_some_with_one_are_told(catalog_of: CatalogOf) -> None:
    offers = [{"price": 5, "sku": "S"}, {"price": 6, "sku": "M"}, {"price": 7}, {"price": 4, "sku": "M"}]
    product = {"@context": "https://schema.org", "@type": "Product", "sku": "衫", "name": "Shirt"}
    found = catalog_of(json.dumps({**product, "offers": offers}), "goods.json")
    assert [(v.id, str(v.price)) for v in found.products[0].variants] == [("S", "5.00"), ("M", "6.00")]
    assert [str(problem).partition("goods.json ")[2] for problem in found.problems] == [
        "line 1: offers has offers without a SKU beside some with one; they are left out. "
        "Give every offer a sku of its own."
    ]


def test_offers_of_a_variant_with_skus_of_their_own_are_variants_of_the_group(catalog_of: CatalogOf) -> None:
    def form(size: str, *offers: dict[str, object]) -> dict[str, object]:
        return {"@type": "Product", "name": "衬衫", "sku": f"S-{size}", "size": size, "offers": list(offers)}

    shirt = {
        "@context": "https://schema.org",
        "@type": "ProductGroup",
        "productGroupID": "S",
        "name": "衬衫",
        "hasVariant": [
            form("M", {"sku": "S-M-NEW", "price": 9}, {"sku": "S-M-USED", "price": 5}),
            form("L", {"price": 8, "availability": "OutOfStock"}, {"price": 9, "availability": "InStock"}),
            form("XL", {"sku": "S-XL", "price": 7}),
        ],
    }
    found = catalog_of(json.dumps(shirt), "goods.json")
    assert (found.problems, found.skipped) == ((), 0)
    assert [(v.id, v.attributes["size"], str(v.price)) for v in found.products[0].variants] == [
        ("S-M-NEW", ("M",), "9.00"),
        ("S-M-USED", ("M",), "5.00"),
        ("S-L", ("L",), "9.00"),
        ("S-XL", ("XL",), "7.00"),
    ]


def test_variants_find_the_group_that_they_name(goods: Catalog) -> None:
    sock = of(goods)["sock"]
    assert [(v.id, dict(v.attributes)) for v in sock.variants] == [
        ("V1", {"size": ("39",)}),
        ("V2", {"size": ("42",)}),
    ]


def test_json_lines_and_arrays_of_linked_data_are_read(catalog_of: CatalogOf) -> None:
    product = {"@context": "https://schema.org", "@type": "Product", "name": "Mug", "sku": "A"}
    other = {**product, "sku": "B"}
    lines = catalog_of(f"{json.dumps(product)}\n{{broken\n{json.dumps(other)}\n", "goods.jsonl")
    assert (lines.format, [p.id for p in lines.products]) == ("jsonld", ["A", "B"])
    assert [(problem.line, problem.severity) for problem in lines.problems] == [(2, "error")]
    assert (lines.rows, lines.skipped) == (3, 1)
    array = catalog_of(json.dumps([product, other], indent=1), "goods.json")
    assert [p.id for p in array.products] == ["A", "B"]


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        ("<!DOCTYPE html><html><p>A shop</p></html>", "a.html", "is a web page without JSON-LD"),
        ('{"@context": "https://schema.org", "@type": "Article"}', "a.json", "holds JSON-LD, but no product"),
        ('{"@context": "https://schema.org",\n "@type": ', "a.json", "is not JSON"),
        ('{"@type": "Product", "a": ' + "[" * 100 + "]" * 100 + "}", "a.json", "nested more than 64 deep"),
    ],
)
def test_a_file_without_products_says_so(catalog_of: CatalogOf, content: str, name: str, said: str) -> None:
    with pytest.raises(BadFile, match=said):
        catalog_of(content, name)


def test_the_format_can_be_named(catalog_of: CatalogOf) -> None:
    with pytest.raises(BadFile, match=r"is no JSON-LD\. Name its format with --format"):
        catalog_of("sku,title\nA,Mug\n", format="jsonld")


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("gb2312", "gb18030"), ("big5", "big5"), ("shift_jis", "shift_jis"), ("", "utf-8")],
)
def test_a_page_is_read_in_the_encoding_it_declares(
    catalog_of: CatalogOf, charset: str, encoding: str
) -> None:
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">' if charset else ""
    linked = json.dumps({"@type": "Product", "name": "茶杯", "sku": "A"}, ensure_ascii=False)
    text = f'<html><head>{meta}</head><script type="application/ld+json">{linked}</script></html>'
    assert catalog_of(text.encode(encoding), "page.html").products[0].title == "茶杯"


NAMES = st.sampled_from(
    [
        "@id",
        "@type",
        "@graph",
        "name",
        "sku",
        "offers",
        "hasVariant",
        "isVariantOf",
        "review",
        "image",
        "price",
    ]
)
LEAVES = st.sampled_from(["Product", "ProductGroup", "Offer", "A", "B", "#x", "https://x.cn/a.jpg", "", "12"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES | st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=30,
)


@given(VALUES)
def test_any_linked_data_is_read_or_refused_and_every_row_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, value: Any
) -> None:
    path = tmp_path_factory.mktemp("linked") / "goods.json"
    path.write_text(json.dumps({"@context": "https://schema.org", "@graph": value}))
    try:
        found = read_catalog(path)
    except DuomoError:
        return
    errors = [problem for problem in found.problems if problem.severity == "error"]
    assert len(errors) == found.skipped <= found.rows
    assert sum(len(product.variants) for product in found.products) <= found.rows - found.skipped
    assert all(product.variants for product in found.products)
    ids = [variant.id for product in found.products for variant in product.variants]
    assert len(ids) == len(set(ids))
    assert len({product.id for product in found.products}) == len(found.products)
    assert "\n".join(map(repr, (*found.products, *found.problems))).encode()


SPECIFIED = {"@type": "UnitPriceSpecification", "price": "12.00", "priceCurrency": "EUR"}


@pytest.mark.parametrize(
    ("offers", "price", "list_price", "availability"),
    [
        ({"@type": "Offer", "price": "12.00", "priceCurrency": "EUR"}, "12.00 EUR", "None", ""),
        ({"@type": "Offer", "price": "12,00 €", "availability": "in stock"}, "12.00 EUR", "None", "in_stock"),
        ({"@type": "Offer", "priceSpecification": SPECIFIED}, "12.00 EUR", "None", ""),
        (
            {
                "@type": "Offer",
                "priceSpecification": [{**SPECIFIED, "priceType": "ListPrice", "price": 15}, SPECIFIED],
            },
            *("12.00 EUR", "15.00 EUR", ""),
        ),
        (
            {
                "@type": "Offer",
                "price": 9,
                "priceCurrency": "EUR",
                "priceSpecification": {**SPECIFIED, "referenceQuantity": {}},
            },
            *("9.00 EUR", "None", ""),
        ),
        (
            {
                "@type": "Offer",
                "price": 9,
                "priceCurrency": "EUR",
                "priceSpecification": {**SPECIFIED, "@type": "DeliveryChargeSpecification"},
            },
            *("9.00 EUR", "None", ""),
        ),
        (
            {
                "@type": "AggregateOffer",
                "priceCurrency": "USD",
                "offers": [{"@type": "Offer", "price": 7}, {"price": 8}],
            },
            *("7.00 USD", "None", ""),
        ),
        (
            {"@type": "AggregateOffer", "lowPrice": 7, "highPrice": 9, "priceCurrency": "USD"},
            "7.00 USD",
            "None",
            "",
        ),
        (
            [
                {"@type": "Offer", "availability": "OutOfStock"},
                {"@type": "Offer", "price": 5, "availability": "SoldOut"},
            ],
            *("5.00", "None", "out_of_stock"),
        ),
        (
            [
                {"@type": "Offer", "price": 5, "availability": "OutOfStock"},
                {"@type": "Offer", "price": 6, "availability": "https://schema.org/InStock"},
            ],
            *("6.00", "None", "in_stock"),
        ),
        ({"@id": "#offer"}, "3.00 CNY", "None", "preorder"),
        ({"@id": "#nowhere"}, "None", "None", ""),
        ([], "None", "None", ""),
        ("free", "None", "None", ""),
    ],
)
def test_offers_of_every_shape_are_read(
    catalog_of: CatalogOf, offers: object, price: str, list_price: str, availability: str
) -> None:
    graph = [
        {"@type": "Product", "sku": "A", "name": "Mug", "offers": offers},
        {"@type": "Offer", "@id": "#offer", "price": "￥3", "availability": "https://schema.org/PreOrder"},
    ]
    found = catalog_of(json.dumps({"@context": "https://schema.org", "@graph": graph}), "goods.json")
    assert found.problems == ()
    variant = found.products[0].variants[0]
    assert (str(variant.price), str(variant.list_price), variant.availability) == (
        price,
        list_price,
        availability,
    )


def test_an_offer_that_names_what_it_offers_is_that_products(catalog_of: CatalogOf) -> None:
    offer = {
        "@type": "Offer",
        "price": 5,
        "priceCurrency": "USD",
        "itemOffered": {"@type": "Product", "sku": "A", "name": "Mug"},
    }
    found = catalog_of(json.dumps({"@context": "https://schema.org", **offer}), "goods.json")
    assert [(p.id, str(p.variants[0].price)) for p in found.products] == [("A", "5.00 USD")]


def test_a_list_of_products_is_read_and_what_is_only_mentioned_is_not(catalog_of: CatalogOf) -> None:
    items = [
        {"@type": "ListItem", "position": place, "item": {"@type": "Product", "sku": sku, "name": sku}}
        for place, sku in enumerate("AB", start=1)
    ]
    items[0]["item"]["isSimilarTo"] = {"@type": "Product", "sku": "C", "name": "C"}  # type: ignore[index]  # a dict
    page = {"@context": "https://schema.org", "@type": "ItemList", "itemListElement": items}
    found = catalog_of(json.dumps(page), "goods.json")
    assert ([p.id for p in found.products], found.rows) == (["A", "B"], 2)


@pytest.mark.parametrize(
    ("head", "image", "placed"),
    [
        ('<link rel="canonical" href="https://x.cn/shop/a">', "img/1.jpg", "https://x.cn/shop/img/1.jpg"),
        (
            '<base href="https://cdn.x.cn/v2/"><link rel="canonical" href="https://x.cn/a">',
            "1.jpg",
            "https://cdn.x.cn/v2/1.jpg",
        ),
        (
            '<base href="/v2/"><meta property="og:url" content="https://x.cn/a">',
            "1.jpg",
            "https://x.cn/v2/1.jpg",
        ),
        ("", "//cdn.x.cn/1.jpg", "https://cdn.x.cn/1.jpg"),
        ('<link rel="canonical" href="javascript:alert(1)">', "https://x.cn/1.jpg", "https://x.cn/1.jpg"),
    ],
)
def test_relative_addresses_begin_from_where_the_page_says(
    catalog_of: CatalogOf, head: str, image: str, placed: str
) -> None:
    linked = json.dumps({"@type": "Product", "name": "Mug", "sku": "A", "image": image})
    page = f'<html><head>{head}</head><script type="application/ld+json">{linked}</script></html>'
    assert [media.source for media in catalog_of(page, "page.html").products[0].media] == [placed]
