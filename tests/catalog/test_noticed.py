"""What a reader decides about columns, titles and prices it says: once, and with how often."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.catalog.formats.delimited import MOST_CELL
from duomo.catalog.read import Catalog, read_catalog

CatalogOf = Callable[..., Catalog]
FEED = (
    '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>\n'
    "<item><g:id>A</g:id><title>{}</title></item>\n"
    "<item><g:id>B</g:id><title>{}</title></item>\n"
    "</channel></rss>\n"
)


def said(found: Catalog) -> list[str]:
    """The problems without the name of the file."""
    assert all(
        problem.severity == "warning" for problem in found.problems if "more than" not in problem.problem
    )
    return [str(problem).partition("products.csv")[2].lstrip(": ") for problem in found.problems]


def test_columns_that_become_one_attribute_are_told_once(catalog_of: CatalogOf) -> None:
    rows = "".join(f"{number},Mug,x,y\n" for number in range(5))
    found = catalog_of(f'sku,title,a.b,"a""b"\n{rows}')
    assert said(found) == [
        "a\"b is read as the attribute 'a_b', as is column 'a.b'; their values are kept together. "
        "Give each a name of its own, or say what it is with --map."
    ]
    assert found.products[0].attributes == {"a_b": ("x", "y")}


def test_a_column_that_is_named_by_a_picture_alone_is_told(catalog_of: CatalogOf) -> None:
    text = "sku,title,🎨\nA,Mug,red\nB,Cup,blue\n"
    assert said(catalog_of(text)) == [
        "🎨 has no letter or digit in its name and is not read. "
        "Give it a name, or say what it is with --map color=🎨."
    ]
    mapped = catalog_of(text, mapping={"color": "🎨"})
    assert (mapped.problems, mapped.products[1].attributes) == ((), {"color": ("blue",)})


def test_prices_finer_than_a_coin_are_told_once_a_column(catalog_of: CatalogOf) -> None:
    rows = "A,Mug,12.345 USD\nB,Cup,1.005 USD\nC,Pot,9.50 USD\nD,Jar,19.990000000000002 USD\nE,Pan,0.4 JPY\n"
    found = catalog_of(f"sku,title,price\n{rows}")
    assert said(found) == [
        "line 2: price '12.345 USD' is finer than the smallest coin and was rounded to 12.34 USD "
        "(and 2 more like this). Round it as the shop does, or say with --map which column holds the price."
    ]


def test_titles_that_differ_within_one_product_are_told_once_a_file(catalog_of: CatalogOf) -> None:
    rows = "A-S,A,Shirt small\nA-M,A,Shirt medium\nA-L,A,Shirt large\n"
    rows += "B-S,B,Sock\nB-M,B,Sock\nC-S,C,Hat\nC-M,C,Cap\n"
    found = catalog_of(f"sku,product_id,title\n{rows}")
    assert said(found) == [
        "line 3: title 'Shirt medium' is another title than 'Shirt small', which product 'A' has from "
        "its first row (and 1 more like this). Give the rows of a product one title, and say in attributes "
        "what sets them apart."
    ]


def test_brands_and_categories_that_differ_within_one_product_are_told(catalog_of: CatalogOf) -> None:
    found = catalog_of(
        "sku,product_id,title,brand,category\nA-S,A,Sock,Acme,Socks\nA-M,A,Sock,Apex,Socks > Warm\n"
    )
    assert [told.partition(", which")[0] for told in said(found)] == [
        "line 3: brand 'Apex' is another brand than 'Acme'",
        "line 3: category 'Socks > Warm' is another category than 'Socks'",
    ]
    assert (found.products[0].brand, found.products[0].category) == ("Acme", ("Socks",))


def test_a_sale_price_above_the_price_does_not_pass_for_the_price_before(catalog_of: CatalogOf) -> None:
    found = catalog_of("sku,title,price,sale_price\nA,Mug,5 USD,8 USD\nB,Cup,5 USD,4 USD\n")
    assert said(found) == [
        "line 2: sale_price '8 USD' is above the price of 5.00 USD, and does not count. "
        "Correct one of the two."
    ]
    assert [(str(v.price), str(v.list_price)) for p in found.products for v in p.variants] == [
        ("5.00 USD", "None"),
        ("4.00 USD", "5.00 USD"),
    ]


def test_a_key_that_is_twice_in_one_object_is_told_once(catalog_of: CatalogOf) -> None:
    line = '{"sku": "%s", "title": "Mug", "color": "red", "color": "blue"}\n'
    found = catalog_of("".join(line % number for number in range(3)))
    assert said(found) == [
        "line 1: color stands there twice in one object; the last counts (and in 2 lines more). "
        "Give each value a name of its own, or write them as a list."
    ]
    assert {product.attributes["color"] for product in found.products} == {("blue",)}
    cell = '"{""fit"": ""slim"", ""fit"": ""wide""}"'
    found = catalog_of(f"sku,title,attributes_json\nA,Jeans,{cell}\nB,Jeans two,{cell}\n")
    assert said(found) == [
        """line 2: attributes_json '{"fit": "slim", "fit": "wide"}' names 'fit' twice in one object; """
        "the last counts (and 1 more like this). "
        "Give each attribute a name of its own, or write its values as a list."
    ]
    assert found.products[1].attributes == {"fit": ("wide",)}


def test_a_column_that_is_twice_in_parquet_is_told(tmp_path: Path) -> None:
    schema = pa.schema(
        [("sku", pa.string()), ("title", pa.string()), ("color", pa.string()), ("color", pa.string())]
    )
    table = pa.table(
        [pa.array(["A"]), pa.array(["Mug"]), pa.array(["red"]), pa.array(["blue"])], schema=schema
    )
    pq.write_table(table, tmp_path / "products.csv")
    found = read_catalog(tmp_path / "products.csv")
    assert said(found) == ["color stands there 2 times; the last counts. Give each column a name of its own."]
    assert found.products[0].attributes == {"color": ("blue",)}


def test_a_long_cell_is_read_and_one_that_is_too_long_is_called_that(catalog_of: CatalogOf) -> None:
    head, end = "sku,title,description\n", "C,Cup,short\n"
    found = catalog_of(f"{head}A,Mug,{'word ' * 100_000}\n{end}")
    assert (found.problems, len(found.products[0].description)) == ((), 499_999)
    found = catalog_of(f"{head}A,Mug,{'x' * (MOST_CELL + 1)}\n{end}")
    (problem,) = found.problems
    assert (problem.line, problem.severity) == (2, "error")
    assert problem.problem == "has a cell of more than 1,000,000 characters"
    assert problem.remedy == "Shorten it; a picture belongs into a file of its own"
    assert [product.id for product in found.products] == ["C"]


def test_a_quote_that_is_left_open_over_a_long_file_costs_one_row(catalog_of: CatalogOf) -> None:
    rows = "".join(f"{number},Mug,{'y' * 1000}\n" for number in range(1500))
    found = catalog_of(f'sku,title,description\nA,"Mug,open\n{rows}')
    (problem,) = found.problems
    assert problem.problem == "has a quote that is not closed within 1,000,000 characters"
    assert problem.remedy.startswith("Close the quote")
    assert len(found.products) == 1500


@pytest.mark.parametrize("bad", ["\x0b", "\x1f", "&#11;", "&#x0B;", "&#0;", "\ufffe"])
def test_a_character_that_xml_does_not_allow_is_left_out_and_told(catalog_of: CatalogOf, bad: str) -> None:
    found = catalog_of(FEED.format("Mug", f"C{bad}up"), "products.csv")
    assert [product.title for product in found.products] == ["Mug", "Cup"]
    assert said(found) == [
        "line 3: a character that XML does not allow was left out. "
        "Look at the texts there, or export the feed again."
    ]
    found = catalog_of(FEED.format(f"{bad}M{bad}ug", f"C{bad}up"), "products.csv")
    assert found.problems[0].line == 2
    assert (
        found.problems[0].problem == "a character that XML does not allow was left out, and 2 more after it"
    )


@given(st.integers(0, 80), st.sampled_from(["&#11;", "&#0000000012;", "\x0b", "&#65;", "&amp;", "&lt;b&gt;"]))
def test_where_the_file_is_cut_into_pieces_makes_no_difference(
    tmp_path_factory: pytest.TempPathFactory, shift: int, sign: str
) -> None:
    path = tmp_path_factory.mktemp("feed") / "feed.xml"
    before = FEED.split("{}", maxsplit=1)[0]
    title = "x" * ((1 << 16) - len(before) - shift)
    path.write_text(FEED.format(f"{title}{sign}yz", "Cup"))
    shown = {"&#65;": "A", "&amp;": "&", "&lt;b&gt;": ""}.get(sign, "")
    found = read_catalog(path)
    assert found.products[0].title == f"{title}{shown}yz"
    assert len(found.problems) == (sign not in ("&#65;", "&amp;", "&lt;b&gt;"))


@given(st.lists(st.tuples(st.text("ab", max_size=3), st.integers(0, 9)), max_size=6))
def test_of_keys_that_are_twice_the_last_counts_and_each_is_named(pairs: list[tuple[str, int]]) -> None:
    from duomo.catalog.formats.jsonlines import parse_json

    text = "{" + ", ".join(f"{json.dumps(name)}: {value}" for name, value in pairs) + "}"
    record, twice = parse_json(text)
    names = [name for name, _ in pairs]
    assert record == {name: str(value) for name, value in pairs}
    assert set(twice) == {name for name in names if names.count(name) > 1}
