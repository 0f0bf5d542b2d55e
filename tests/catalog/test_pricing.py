"""Prices as a whole file tells what they mean."""

from collections.abc import Callable
from pathlib import Path

import pytest

from duomo.catalog.read import Catalog, read_catalog

CatalogOf = Callable[..., Catalog]


def prices(found: Catalog) -> list[str]:
    return [str(product.variants[0].price) for product in found.products]


def said(found: Catalog) -> list[str]:
    return [f"{problem.line}: {problem.value} {problem.problem}" for problem in found.problems]


def test_other_values_of_the_column_tell_what_a_mark_means(catalog_of: CatalogOf) -> None:
    english = catalog_of('sku,title,price\nA,a,"1,299"\nB,b,12.50\n')
    assert (prices(english), english.problems) == (["1299.00", "12.50"], ())
    continental = catalog_of("sku\ttitle\tprice\nA\ta\t1.299\nB\tb\t12,50\nC\tc\t1.234,00\n")
    assert (prices(continental), continental.problems) == (["1299.00", "12.50", "1234.00"], ())
    swiss = catalog_of("sku,title,price\nA,a,1'299.00\nB,b,CHF 2’000\n")
    assert (prices(swiss), swiss.problems) == (["1299.00", "2000.00 CHF"], ())


def test_another_column_of_prices_tells_it_as_well(catalog_of: CatalogOf) -> None:
    found = catalog_of("sku;title;price;list_price\nA;a;1.299;1.499,00\n")
    assert (prices(found), found.problems) == (["1299.00"], ())


def test_where_nothing_tells_the_delimiter_does_and_it_is_said_once(catalog_of: CatalogOf) -> None:
    found = catalog_of("sku;title;price\nA;a;1.299\nB;b;2.499\nC;c;900\n")
    assert prices(found) == ["1299.00", "2499.00", "900.00"]
    assert said(found) == [
        "2: 1.299 may be a thousand times less, since nothing tells what its mark means; "
        "read as 1299.00 (and 1 more like this)"
    ]
    found = catalog_of('sku,title,price\nA,a,"1,299"\nB,b,900\n')
    assert prices(found) == ["1299.00", "900.00"]
    assert said(found) == [
        "2: 1,299 may be a thousand times less, since nothing tells what its mark means; read as 1299.00"
    ]
    assert found.problems[0].remedy == "Write prices with their decimals, like 1299.00"


@pytest.mark.parametrize(
    ("rows", "currency"),
    [
        ("A,急須セット,¥1200\nB,マグカップ,¥900\n", "JPY"),
        ("A,茶具套装,¥1200\nB,马克杯,¥900\n", "CNY"),
        ("A,Tea set,¥12.50\nB,Mug,¥900\n", "CNY"),
        ("A,Tea set,¥1200\nB,Mug,900 JPY\nC,Pot,800円\n", "JPY"),
        ("A,优の品 茶具,¥1200\nB,马克杯,¥900\nC,茶壶,¥900\n", "CNY"),
    ],
)
def test_a_yen_or_yuan_sign_means_what_the_file_shows(
    catalog_of: CatalogOf, rows: str, currency: str
) -> None:
    found = catalog_of(f"sku,title,price\n{rows}")
    assert found.problems == ()
    assert {
        product.variants[0].price.currency for product in found.products if product.variants[0].price
    } == {currency}


def test_a_yen_or_yuan_sign_that_nothing_explains_is_told(catalog_of: CatalogOf) -> None:
    found = catalog_of("sku,title,price\nA,Mug,¥1200\nB,Cup,¥900\n")
    assert prices(found) == ["1200.00 CNY", "900.00 CNY"]
    assert said(found) == ["2: ¥1200 is in yuan or in yen; read as 1200.00 CNY (and 1 more like this)"]
    found = catalog_of("sku,title,price,currency\nA,Mug,¥1200,JPY\n")
    assert (prices(found), found.problems) == (["1200 JPY"], ())


@pytest.mark.parametrize(
    ("dates", "price", "list_price"),
    [
        ("2020-01-01/2099-12-31", "8.00", "10.00"),
        ("2020-01-01T00:00+0800/2020-02-01T00:00+0800", "10.00", "None"),
        ("2098-01-01T13:00-0800/2099-01-01T15:30-0800", "10.00", "None"),
        ("2020-01-01/9999-12-31", "8.00", "10.00"),
        ("", "8.00", "10.00"),
    ],
)
def test_a_sale_price_counts_while_its_dates_hold(
    catalog_of: CatalogOf, dates: str, price: str, list_price: str
) -> None:
    head = "id,title,link,price,sale_price,sale_price_effective_date\n"
    found = catalog_of(f"{head}A,Mug,https://x.cn/a,10,8,{dates}\n")
    variant = found.products[0].variants[0]
    assert (str(variant.price), str(variant.list_price), found.problems) == (price, list_price, ())
    assert found.products[0].attributes == {}


def test_dates_that_cannot_be_read_leave_the_sale_price_and_are_told(catalog_of: CatalogOf) -> None:
    head = "sku,title,price,sale_price,special_price_from_date,special_price_to_date\n"
    found = catalog_of(f'{head}A,a,10,8,soon,\nB,b,10,8,"1/31/20, 12:00 AM","2/28/20, 11:59 PM"\n')
    assert prices(found) == ["8.00", "10.00"]
    assert said(found) == ["2: soon is not a date; the sale price counts"]


def stocks(found: Catalog) -> list[int | None]:
    return [product.variants[0].stock for product in found.products]


def test_decimals_of_a_stock_that_are_zero_do_not_count(catalog_of: CatalogOf) -> None:
    found = catalog_of(
        'sku,title,stock\nA,杯,"5,00"\nB,b,"3,0000"\nC,c,7.0\nD,d,-2\nE,e,"1,5"\nF,f,100.0000\n'
    )
    assert stocks(found) == [5, 3, 7, -2, None, 100]
    assert said(found) == ["6: 1,5 is not a whole number"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ('A,a,"12,50",1.000\nB,b,900,2\n', [1000, 2]),  # the prices tell it
        ('A,a,12.50,"1,000"\nB,b,900,1.000\n', [1000, 1]),
        ('A,a,"12,50",1.000\nB,b,900,0.000\n', [1, 0]),  # the column itself does
        ('A,a,12.50,"1,000"\nB,b,900,"5,00"\n', [1, 5]),
    ],
)
def test_a_mark_in_a_stock_means_what_the_file_shows(
    catalog_of: CatalogOf, rows: str, expected: list[int]
) -> None:
    found = catalog_of(f"sku,title,price,stock\n{rows}")
    assert (stocks(found), found.problems) == (expected, ())


def test_a_stock_that_nothing_explains_is_told(catalog_of: CatalogOf) -> None:
    found = catalog_of('sku,title,price,stock\nA,a,12,1.000\nB,b,900,"2,000"\n')
    assert stocks(found) == [1, 2000]
    assert said(found) == [
        "2: 1.000 has a mark that groups or begins decimals, and nothing tells which; read as 1 "
        "(and 1 more like this)"
    ]
    found = catalog_of("sku;title;stock\nA;a;1.000\n")
    assert (stocks(found), len(found.problems)) == ([1000], 1)


def test_a_point_groups_where_the_currency_is_written_so(catalog_of: CatalogOf) -> None:
    signs = catalog_of(
        "sku,title,price\nA,a,Rp 129.000\nB,b,Rp. 129.000\nC,c,R$ 1.299\nD,d,1.299 TL\nE,e,129.000đ\n"
    )
    assert prices(signs) == [
        *("129000.00 IDR", "129000.00 IDR", "1299.00 BRL", "1299.00 TRY", "129000 VND"),
    ]
    codes = catalog_of(
        "sku,title,price,currency\nA,a,129.000,IDR\nB,b,$129.000,COP\nC,c,1.299,CLP\nD,d,1.299,KWD\n"
    )
    assert prices(codes) == ["129000.00 IDR", "129000.00 COP", "1299 CLP", "1.299 KWD"]
    assert signs.problems == codes.problems == ()


def test_a_point_that_nothing_explains_is_told(catalog_of: CatalogOf) -> None:
    found = catalog_of("sku,title,price\nA,a,129.000 EUR\nB,茶杯,$129.000\n")
    assert prices(found) == ["129.00 EUR", "129.00 USD"]
    assert said(found) == [
        "2: 129.000 EUR may be a thousand times more, since nothing tells what its mark means; "
        "read as 129.00 EUR (and 1 more like this)"
    ]
    found = catalog_of("sku,title,price,currency\nA,a,129.000,IDR\nB,b,99.50,IDR\n")
    assert (prices(found), found.problems) == (["129.00 IDR", "99.50 IDR"], ())  # the column shows it


@pytest.mark.parametrize("sale", ["0", "0.00", "0.00 USD"])
def test_a_sale_price_of_nothing_is_no_sale(catalog_of: CatalogOf, sale: str) -> None:
    head = "id,title,link,price,sale_price\n"
    found = catalog_of(f"{head}A,Mug,https://x.cn/a,10 USD,{sale}\nB,茶杯,https://x.cn/b,12 USD,{sale}\n")
    variants = [product.variants[0] for product in found.products]
    assert [(str(v.price), v.list_price) for v in variants] == [("10.00 USD", None), ("12.00 USD", None)]
    assert said(found) == [
        f"2: {sale} is taken for no sale, and does not count (and 1 more like this)",
    ]
    free = catalog_of(f"{head}A,Mug,https://x.cn/a,0,{sale}\nB,Cup,https://x.cn/b,,{sale}\n")
    assert [price.partition(" ")[0] for price in prices(free)] == ["0.00", "0.00"]
    assert free.problems == ()


def test_a_sale_price_of_nothing_leaves_the_price_before(catalog_of: CatalogOf) -> None:
    found = catalog_of("sku,title,price,sale_price,list_price\nA,a,10,0,15\nB,b,,0,15\n")
    variants = [product.variants[0] for product in found.products]
    assert [(str(v.price), str(v.list_price)) for v in variants] == [("10.00", "15.00"), ("15.00", "None")]


EXPIRED = "12/31/2019 31/12/2019 12/31/19 31/12/19 31.12.19 31.12.2019 1.2.2020 05/05/2020 2020/02/01"


@pytest.mark.parametrize("until", [*EXPIRED.split(), "31.12.2019 23:59", "12/31/2099", "31.12.2099"])
def test_dates_of_other_countries_are_read(catalog_of: CatalogOf, until: str) -> None:
    found = catalog_of(f"sku,title,price,sale_price,special_price_to_date\nA,a,10,8,{until}\n")
    assert (prices(found), found.problems) == (["8.00" if "2099" in until else "10.00"], ())


@pytest.mark.parametrize("until", ["03/04/2020", "31/31/2020", "31.13.2020", "30.02.2020", "0/0/2020"])
def test_dates_that_may_be_two_or_none_are_told(catalog_of: CatalogOf, until: str) -> None:
    found = catalog_of(f"sku,title,price,sale_price,special_price_to_date\nA,a,10,8,{until}\n")
    assert prices(found) == ["8.00"]
    assert said(found) == [f"2: {until} is not a date; the sale price counts"]


def test_prices_that_name_no_currency_have_that_of_the_settings(catalog_of: CatalogOf) -> None:
    rows = "sku,title,price,currency\nA,杯,12.50,\nB,b,$7,\nC,c,12,USD\nD,d,5,?\n"
    assert prices(catalog_of(rows, currency="CAD")) == ["12.50 CAD", "7.00 CAD", "12.00 USD", "5.00"]
    assert prices(catalog_of("sku,title,price\nA,a,34.0000\n", currency="JPY")) == ["34 JPY"]
    assert prices(catalog_of("sku,title,price\nA,a,1.299\n", currency="IDR")) == ["1299.00 IDR"]


def test_a_currency_of_the_settings_makes_no_euros_of_yen(catalog_of: CatalogOf) -> None:
    rows = "sku,title,price\nA,急須セット,¥1200\nB,マグカップ,900\n"
    assert prices(catalog_of(rows, currency="EUR")) == ["1200 JPY", "900.00 EUR"]
    assert prices(catalog_of("sku,title,price\nA,Mug,¥900\n", currency="JPY")) == ["900 JPY"]
    assert prices(catalog_of("sku,title,price\nA,Mug,¥900\n", currency="EUR")) == ["900.00 CNY"]


def test_what_lies_beside_a_catalog_has_the_currency_too(tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text("sku,title\nA,杯子\n", "utf-8")
    (tmp_path / "variants.csv").write_text("variant_sku,sku,size,price\nA-M,A,M,5\n", "utf-8")
    assert prices(read_catalog(tmp_path, currency="EUR")) == ["5.00 EUR"]
