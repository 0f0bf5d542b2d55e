import csv
import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.catalog.formats.delimited import read_delimited
from duomo.catalog.read import Catalog, read_catalog
from duomo.catalog.rows import Row
from duomo.errors import BadFile, Problem

CatalogOf = Callable[..., Catalog]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_by_the_names_it_gives(catalog_of: CatalogOf, delimiter: str) -> None:
    text = delimiter.join(["sku", "title", "price"]) + "\n" + delimiter.join(["A", "Red mug", "9.50"]) + "\n"
    (product,) = catalog_of(text, "whatever.txt").products
    assert (product.id, product.title, str(product.variants[0].price)) == ("A", "Red mug", "9.50")


def test_a_mapped_column_helps_to_find_the_delimiter(catalog_of: CatalogOf) -> None:
    found = catalog_of("kode;navn, kort\n7;Krus\n", mapping={"sku": "kode", "title": "navn, kort"})
    assert [(product.id, product.title) for product in found.products] == [("7", "Krus")]


def test_excels_own_line_about_the_delimiter_is_passed_over(catalog_of: CatalogOf) -> None:
    found = catalog_of("sep=;\r\nsku;title\r\nA;Mug\r\n")
    assert [(p.id, p.title, p.origin.line) for p in found.products] == [("A", "Mug", 3)]


def test_a_byte_order_mark_does_not_become_part_of_the_first_name(catalog_of: CatalogOf) -> None:
    assert catalog_of("\ufeffsku,title\nA,杯子\n").products[0].id == "A"
    assert catalog_of("sku\ttitle\nA\t杯子\n".encode("utf-16")).products[0].title == "杯子"


def test_gb18030_is_read_where_utf8_fails_and_said(catalog_of: CatalogOf) -> None:
    found = catalog_of("货号,商品名称,价格\nA,藏青色衬衫,￥99\n".encode("gb18030"))
    assert found.products[0].title == "藏青色衬衫"
    (problem,) = found.problems
    assert "is not UTF-8 and was read as GB18030" in str(problem)
    assert problem.severity == "warning"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_its_mark_is_read(catalog_of: CatalogOf, encoding: str) -> None:
    found = catalog_of("货号,商品名称,价格\nA,藏青色衬衫,￥99\nB,红色连衣裙,￥199\n".encode(encoding))
    assert ([p.title for p in found.products], found.problems) == (["藏青色衬衫", "红色连衣裙"], ())


def test_western_accents_are_not_taken_for_chinese(catalog_of: CatalogOf) -> None:
    text = "Référence;Désignation;price\nA;Café crème, décaféiné – 1 €;9,50\nB;Thé glacé à la pêche;12,00\n"
    found = catalog_of(text.encode("cp1252"), mapping={"id": "Référence", "title": "Désignation"})
    assert [p.title for p in found.products] == ["Café crème, décaféiné – 1 €", "Thé glacé à la pêche"]
    assert "is not UTF-8 and was read as Windows-1252" in str(found.problems[0])


def test_some_broken_characters_do_not_turn_utf8_into_something_else(catalog_of: CatalogOf) -> None:
    rows = "".join(f"P{n},藏青色长袖衬衫\n" for n in range(20)).encode()
    found = catalog_of(b"sku,title\n" + rows + "Z,红".encode()[:-1] + b"\n")
    assert found.products[0].title == "藏青色长袖衬衫"
    assert found.products[-1].title == "\ufffd"
    assert "holds 1 characters that are not UTF-8 and were replaced" in str(found.problems[0])


def test_text_in_no_known_encoding_is_refused(catalog_of: CatalogOf) -> None:
    with pytest.raises(BadFile, match=r"nor text in .*Big5.* or Windows-1252\. Save it as UTF-8\."):
        catalog_of(b"sku,title\nA,caf\xe9,\xff\xff\n")
    with pytest.raises(BadFile, match=r"broken UTF-16 text\. Save it as UTF-8\."):
        catalog_of("sku,title\nA,Mug\n".encode("utf-16") + b"\0")


def test_nul_characters_are_left_out_and_said(catalog_of: CatalogOf) -> None:
    found = catalog_of("sku,title\nA,Red\0 mug\n")
    assert found.products[0].title == "Red mug"
    assert "holds 1 NUL characters" in str(found.problems[0])


def test_lines_are_counted_through_cells_of_several_lines(catalog_of: CatalogOf) -> None:
    found = catalog_of('sku,title,description\nA,Mug,"one\ntwo\n\nthree"\n\nB,Cup,x\n,Nameless,y\n')
    assert [(product.id, product.origin.line) for product in found.products] == [("A", 2), ("B", 7)]
    assert found.products[0].description == "one\ntwo\nthree"
    (problem,) = found.problems
    assert str(problem).startswith(f"{found.files[0]} line 8: sku has no id")


def test_a_short_row_is_kept_and_a_long_one_is_not(catalog_of: CatalogOf) -> None:
    found = catalog_of("sku,title,price\nA,Mug\nB,Cup,5,red,6\nC,Pot,7,,\n")
    assert [product.id for product in found.products] == ["A", "C"]
    short, long = found.problems
    assert (short.line, short.severity) == (2, "warning")
    assert "has 2 cells where the first line has 3; the missing ones count as blank" in str(short)
    assert (long.line, long.severity, long.value) == (3, "error", "B,Cup,5,red,6")
    assert (found.rows, found.skipped) == (3, 1)


def test_a_quote_that_is_never_closed_costs_one_row(catalog_of: CatalogOf) -> None:
    rows = "".join(f"P{n},Mug {n},{n}\n" for n in range(50))
    found = catalog_of('sku,title,price\nA,"Broken mug,5\n' + rows)
    assert len(found.products) == 50
    (problem,) = found.problems
    assert (problem.line, problem.severity) == (2, "error")
    assert "has a quote that is not closed" in str(problem)


def test_two_unclosed_quotes_do_not_swallow_the_rows_between(catalog_of: CatalogOf) -> None:
    found = catalog_of('sku,title,price\nA,"Mug,5\nB,Cup,6\nC,"Pot,7\nD,Jug,8\n')
    assert [product.id for product in found.products] == ["B", "D"]
    assert [problem.line for problem in found.problems] == [2, 4]


def test_pieces_of_a_broken_row_do_not_become_products(catalog_of: CatalogOf) -> None:
    found = catalog_of('sku,title,description\nA,Mug,"a "fine" mug\n- red\n- blue"\nB,Cup,x\n')
    assert [product.id for product in found.products] == ["A", "B"]
    assert found.products[0].description == 'a fine" mug'
    assert [(problem.line, problem.severity) for problem in found.problems] == [
        (2, "warning"),
        (3, "error"),
        (4, "error"),
    ]
    assert "has a quote in the wrong place; what stands there may be cut" in str(found.problems[0])


def test_columns_without_a_name_are_not_read_and_said(catalog_of: CatalogOf) -> None:
    found = catalog_of(",sku,title\n0,A,Mug\n")
    assert found.products[0].attributes == {}
    assert "line 1: column 1 has no name and is not read" in str(found.problems[0])


def test_a_column_that_repeats_has_several_values(catalog_of: CatalogOf) -> None:
    found = catalog_of("sku,title,material,material\nA,Mug,clay,glass\n")
    assert found.products[0].attributes == {"material": ("clay", "glass")}


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=8), st.sampled_from([",", ";", "\t", "|"]))
def test_what_the_csv_writer_writes_is_read_cell_by_cell(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], delimiter: str
) -> None:
    page = io.StringIO()
    writer = csv.writer(page, delimiter=delimiter)
    writer.writerow(["sku", "title", "color"])
    writer.writerows(rows)
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_text(page.getvalue(), encoding="utf-8", newline="")
    read = [list(row.cells.values()) for row in read_delimited(path).rows if isinstance(row, Row)]
    assert read == [row for row in rows if any(cell.strip() for cell in row)]


@given(st.text(alphabet='ab,"\n\r;| ', max_size=60))
def test_every_line_of_any_text_is_read_or_complained_of(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.mktemp("any") / "a.csv"
    path.write_text("sku,title\n" + text, encoding="utf-8", newline="")
    found = read_catalog(path)
    made = sum(len(product.variants) for product in found.products)
    errors = [problem for problem in found.problems if problem.severity == "error"]
    assert found.rows == made + found.skipped
    assert found.skipped == len(errors)
    assert all(isinstance(problem, Problem) and problem.line for problem in errors)


@pytest.mark.parametrize(
    ("last", "kept"),
    [
        ("C,红色连衣裙,5,x", True),  # whole, as many honest files end
        ("C,Dress,5,", True),
        ("C,Dress,5\n", True),  # short, but the line has its end
        ("C,Dress,5\r\n", True),
        ('C,"5"" nail",5,x', True),
        ("C,红色", False),
        ("C", False),
        ('C,"Dress, re', False),
        ('C,Dress,5,"re', False),
    ],
)
def test_a_row_that_the_file_is_cut_off_in_is_not_taken(catalog_of: CatalogOf, last: str, kept: bool) -> None:
    found = catalog_of(f"sku,title,price,color\nA,Mug,1,x\nB,Lamp,2,x\n{last}")
    assert [product.id for product in found.products] == ["A", "B", "C"][: 2 + kept]
    assert (found.rows, found.skipped) == (3, not kept)
    errors = [problem for problem in found.problems if problem.severity == "error"]
    assert [(p.line, "cut off" in p.problem, p.value) for p in errors] == [(4, True, last)] * (not kept)
