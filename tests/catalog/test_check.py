from collections.abc import Callable
from pathlib import Path

from PIL import Image

from duomo.catalog.check import CHECKS, check, prices
from duomo.catalog.read import Catalog

CatalogOf = Callable[..., Catalog]


def words(catalog: Catalog) -> list[str]:
    return [str(problem).removeprefix(str(catalog.files[0])).strip() for problem in check(catalog)]


def test_a_sound_catalog_has_nothing_to_complain_of(catalog_of: CatalogOf, tmp_path: Path) -> None:
    Image.new("RGB", (8, 8), "red").save(tmp_path / "a.jpg")
    text = "sku,title,price,image,gtin\nA,Mug,5,a.jpg,4006381333931\nB,Cup,6,https://x.cn/b.jpg,\n"
    assert check(catalog_of(text)) == []


def test_what_is_missing_is_named_with_its_line(catalog_of: CatalogOf) -> None:
    found = catalog_of("sku,title,price,image\nA,Mug,5,https://x.cn/a.jpg\nB,,,\nC,Cup,,gone.jpg\n")
    folder = found.files[0].parent
    assert words(found) == [
        "line 3: title is missing. Shoppers find products by it: fill it in.",
        "line 3: price is missing. Fill it in, or name its column with --map price=COLUMN.",
        "line 3: image is missing. Name one: it is then found by pictures, too.",
        "line 4: price 'Cup' is missing. Fill it in, or name its column with --map price=COLUMN.",
        f"line 4: image '{folder}/gone.jpg' is not there. "
        "Put the file there, correct the name, or say where pictures lie with --images.",
    ]


def test_what_no_product_has_is_said_once(catalog_of: CatalogOf) -> None:
    found = catalog_of("sku,title\n" + "".join(f"P{n},Mug {n}\n" for n in range(100)))
    assert words(found) == [
        ": price is missing for all 100 products. Fill it in, or name its column with --map price=COLUMN.",
        ": image is missing for all 100 products. Name one: it is then found by pictures, too.",
    ]


def test_pictures_that_are_all_gone_are_one_problem(catalog_of: CatalogOf) -> None:
    found = catalog_of("sku,title,price,image\n" + "".join(f"P{n},Mug {n},5,{n}.jpg\n" for n in range(9)))
    (problem,) = check(found)
    assert problem.severity == "warning"  # the products are kept
    assert "/0.jpg' and the other 8 picture files are not there, none of them" in str(problem)


def test_absurd_prices_are_doubted(catalog_of: CatalogOf) -> None:
    rows = "".join(f"P{n},Mug {n},10 USD,https://x.cn/a.jpg\n" for n in range(5))
    found = catalog_of(
        f"sku,title,price,image\n{rows}Z,Free,0 USD,https://x.cn/a.jpg\nX,Dear,12000 USD,https://x.cn/a.jpg\n"
    )
    assert words(found) == [
        "line 7: price '0.00 USD' is zero. Fill in what it costs, unless it is free.",
        "line 8: price '12000.00 USD' is more than 1000 times what is usual in this catalog. "
        "Look for a lost decimal point.",
    ]


def test_titles_and_variants_that_nothing_tells_apart_are_listed(catalog_of: CatalogOf) -> None:
    found = catalog_of(
        "sku,product_id,title,size,price,image\n"
        "A,,Mug,,5,https://x.cn/a.jpg\nB,,mug,,5,https://x.cn/a.jpg\n"
        "S1,S,Shirt,M,5,https://x.cn/a.jpg\nS2,S,Shirt,M,5,https://x.cn/a.jpg\nS3,S,Shirt,L,5,https://x.cn/a.jpg\n"
    )
    assert words(found) == [
        "line 2: title 'Mug' is the title of 2 products (A, B). "
        "Say what sets them apart, or group them as variants.",
        "line 4: 'Shirt' has 2 variants that no attribute tells apart (S1, S2). "
        "Give each its own size, color or the like.",
    ]


def test_a_wrong_trade_item_number_says_what_is_wrong(catalog_of: CatalogOf) -> None:
    found = catalog_of("sku,title,price,image,ean\nA,Mug,5,https://x.cn/a.jpg,4006381333932\n")
    assert words(found) == [
        "line 2: gtin '4006381333932' has the wrong check digit: 1 would be right. "
        "Copy it from the package once more, or leave it blank."
    ]


def test_the_caller_says_which_checks_are_made(catalog_of: CatalogOf) -> None:
    found = catalog_of("sku,title\nA,\nB,\n")
    assert check(found, ()) == []
    assert len(check(found, [prices])) == 1
    assert len(check(found)) == len(check(found, CHECKS)) == 3


def test_an_empty_catalog_can_be_checked(catalog_of: CatalogOf) -> None:
    assert check(catalog_of("sku,title\n")) == []


def test_a_picture_that_cannot_be_opened_is_told_before_anything_is_built(
    catalog_of: CatalogOf, tmp_path: Path
) -> None:
    (tmp_path / "a.jpg").write_bytes(b"")
    (tmp_path / "b.jpg").write_bytes(b"no picture")
    found = check(catalog_of("sku,title,price,image\nA,Mug,5,a.jpg\nB,Cup,5,b.jpg\n"))
    assert [(problem.line, problem.column, problem.severity) for problem in found] == [
        (2, "image", "warning"),
        (3, "image", "warning"),
    ]
