from collections.abc import Callable
from pathlib import Path

import pytest

from duomo.catalog.read import Catalog, read_catalog
from duomo.errors import BadFile, BadSetting, MissingFile
from duomo.product import Link, Media, Price, Product

FolderOf = Callable[..., Catalog]

PRODUCTS = "sku,title,color,price,currency,image\nP,Shirt,Red|Blue,10,USD,red.jpg\nQ,Mug,,5,USD,\n"


def names(product: Product, place: int) -> list[tuple[str, str]]:
    return [(Path(media.source).name, media.role) for media in product.media_of(product.variants[place])]


def test_variants_stand_in_place_of_the_product_itself(folder_of: FolderOf) -> None:
    found = folder_of(
        products=PRODUCTS,
        variants="variant_sku,sku,size,color,price,currency,stock,image,fit\n"
        "P-S,P,S,Red,11,USD,3,red.jpg,slim\nP-M,P,M,Blue,,,0,,\n",
    )
    shirt, mug = found.products
    assert [variant.id for variant in shirt.variants] == ["P-S", "P-M"]
    assert shirt.variants[0].attributes == {"size": ("S",), "color": ("Red",), "fit": ("slim",)}
    assert shirt.attributes == {"color": ("Red", "Blue")}
    assert [variant.price for variant in shirt.variants] == [Price(1100, "USD"), Price(1000, "USD")]
    assert [variant.stock for variant in shirt.variants] == [3, 0]
    assert shirt.variants[1].origin.line == 3
    assert [variant.id for variant in mug.variants] == ["Q"]
    assert (found.rows, found.skipped) == (4, 0)
    assert [Path(path).name for path in found.files] == ["products.csv", "variants.csv"]


def test_variants_that_belong_nowhere_or_come_twice_are_counted(folder_of: FolderOf) -> None:
    found = folder_of(products=PRODUCTS, variants="variant_sku,sku,size\nP-S,P,S\nX-S,X,S\nP-S,P,L\n,P,M\n")
    assert [variant.id for variant in found.products[0].variants] == ["P-S"]
    assert (found.rows, found.skipped) == (6, 3)
    unknown, twice, nameless = map(str, found.problems)
    assert "variants.csv line 3: sku 'X' is no product of this catalog" in unknown
    assert "variants.csv line 4: variant_sku 'P-S' was already on line 2 of" in twice
    assert "variants.csv line 5: variant_sku has no id" in nameless


def test_a_variant_may_have_its_products_id_but_no_other_products(folder_of: FolderOf) -> None:
    found = folder_of(products=PRODUCTS, variants="variant_sku,sku,size\nP,P,S\nP,P,M\nQ,P,L\n")
    assert [[variant.id for variant in product.variants] for product in found.products] == [["P"], ["Q"]]
    assert found.products[0].variants[0].attributes == {"size": ("S",)}
    assert "line 3: variant_sku 'P' was already on line 2 of" in str(found.problems[0])
    assert "line 4: variant_sku 'Q' was already on line 3 of" in str(found.problems[1])


def test_pictures_go_to_the_variants_of_their_color_main_ones_first(folder_of: FolderOf) -> None:
    found = folder_of(
        products=PRODUCTS,
        variants="variant_sku,sku,size,color\nP-SR,P,S,Red\nP-MR,P,M,Red\nP-MB,P,M,Blue\n",
        images="sku,image,color,kind\n"
        "P,red2.jpg,red,alt\nP,red1.jpg,red,main\nP,blue.jpg,blue,variant\n"
        "P,chart.jpg,,alt\nP,green.jpg,green,alt\n"
        "P-MB,back.jpg,,variant_alt\nQ,mug.jpg,white,main\n",
    )
    shirt, mug = found.products
    assert [(Path(media.source).name, media.role) for media in shirt.media] == [
        ("red.jpg", "main"),
        ("chart.jpg", "alt"),
        ("green.jpg", "alt"),
    ]
    assert [Path(media.source).name for media in shirt.variants[0].media] == ["red1.jpg", "red2.jpg"]
    assert shirt.variants[0].media == shirt.variants[1].media
    assert [(Path(media.source).name, media.role) for media in shirt.variants[2].media] == [
        ("blue.jpg", "main"),
        ("back.jpg", "alt"),
    ]
    assert mug.media == (Media(source=str(Path(found.files[0]).parent / "mug.jpg")),)


def test_pictures_of_nothing_are_counted(folder_of: FolderOf) -> None:
    found = folder_of(products=PRODUCTS, images="sku,image\nX,a.jpg\nP,\nP,../../up.jpg\n")
    assert found.skipped == 3
    unknown, blank, outside = map(str, found.problems)
    assert "images.csv line 2: sku 'X' is no product of this catalog" in unknown
    assert "images.csv line 3: image is left out: names no picture" in blank
    assert "leads out of the folder" in outside


def test_reviews_and_links_come_with_the_products(folder_of: FolderOf) -> None:
    found = folder_of(
        products=PRODUCTS,
        reviews="sku,rating,title,review,user,time\n"
        'P,4.5,Good,"Fits, ""really""",u1,2026-03-31T12:00:00\n'
        "P,five,Bad,不好,,yesterday\nZ,1,,Gone,,\n,,,,u2,\n",
        links="sku,linked_sku,link_type\nP,Q,upsell\nP,Z,\nQ,Z,related\nQ,,related\n",
    )
    assert [(r.product_id, r.rating, r.text, r.user) for r in found.reviews] == [
        ("P", 4.5, 'Fits, "really"', "u1"),
        ("P", None, "不好", ""),
        ("Z", 1.0, "Gone", ""),
    ]
    assert found.reviews[0].time == "2026-03-31T12:00:00"
    assert found.links == (
        Link(product_id="P", linked_id="Q", type="upsell"),
        Link(product_id="P", linked_id="Z", type="related"),
        Link(product_id="Q", linked_id="Z", type="related"),
    )
    words = "\n".join(map(str, found.problems))
    assert "reviews.csv line 3: rating 'five' is not a number" in words
    assert "reviews.csv line 3: time 'yesterday' is not a time" in words
    assert "reviews.csv line 4: sku 'Z' is no product of this catalog; its rows are kept" in words
    assert "links.csv line 3: linked_sku 'Z' is no product of this catalog" in words
    assert "links.csv line 4" not in words
    assert (found.rows, found.skipped) == (10, 2)


@pytest.mark.parametrize("name", ["variants", "images", "links"])
def test_a_side_file_without_its_columns_says_which_it_has(folder_of: FolderOf, name: str) -> None:
    with pytest.raises(BadFile, match=rf"{name}\.csv: there is no column '\w+'\. Its columns are: a, sku\."):
        folder_of(products=PRODUCTS, **{name: "a,sku\n1,2\n"})


def test_side_files_belong_to_the_folder_not_to_the_file(folder_of: FolderOf) -> None:
    found = folder_of(products=PRODUCTS, variants="variant_sku,sku\nP-S,P\n")
    alone = read_catalog(Path(found.files[0]))
    assert [variant.id for variant in alone.products[0].variants] == ["P"]


def test_a_folder_holds_exactly_one_file_of_products(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match=r"holds no products\.csv.*Name the catalog file itself"):
        read_catalog(tmp_path)
    (tmp_path / "products.csv").write_text("sku,title\nA,Mug\n")
    (tmp_path / "products.jsonl").write_text('{"sku": "A"}\n')
    with pytest.raises(BadFile, match=r"holds both products\.csv and products\.jsonl"):
        read_catalog(tmp_path)


def test_what_is_not_there_too_large_or_unknown_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match=r"there is no file or folder .*gone\.csv"):
        read_catalog(tmp_path / "gone.csv")
    path = tmp_path / "a.csv"
    path.write_text("sku,title\n" + "A,Mug\n" * 1000)
    with pytest.raises(BadFile, match=r"has 0\.0 MB, more than the limit of 0\.001 MB"):
        read_catalog(path, limit_mb=0.001)
    with pytest.raises(
        BadSetting,
        match=r"called 'csv'\. Known: auto, own, google, shopify, woocommerce, magento, jsonld\.",
    ):
        read_catalog(path, format="csv")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \r\n\r\n", "is empty"),
        (b"PK\x03\x04....", "is a spreadsheet or a ZIP archive, not a catalog. Export the catalog as CSV"),
        (b"\x1f\x8b\x08....", "is compressed with gzip"),
        (b"\xff\xd8\xff\xe0....", "is a JPEG picture"),
        (b'[{"sku": "A"}]', "is one JSON array. Write one object a line"),
        (b"PAR1 and then nothing", "is a broken Parquet file"),
        (b"<html><body>Not found</body></html>", "is a web page without JSON-LD. Save a page that has"),
        (b"<goods><good>Mug</good></goods>", "is XML, but no product feed: it begins with <goods>"),
        (b"{not json}\n", "holds no JSON object"),
        (b"Dear customer,\nthank you\n", "no column holds ids or titles"),
    ],
)
def test_a_file_that_is_no_catalog_stops_with_one_sentence(
    tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "products.csv"
    path.write_bytes(content)
    with pytest.raises(BadFile) as error:
        read_catalog(path)
    assert words in str(error.value)


def test_pictures_beside_the_folder_of_the_file_are_found_with_images(tmp_path: Path) -> None:
    export = tmp_path / "export"
    export.mkdir()
    (tmp_path / "media").mkdir()
    rows = "".join(f"{number},杯子,../media/{number}.jpg\n" for number in range(600))
    (export / "goods.csv").write_text(f"sku,title,image\n{rows}", "utf-8")
    (told,) = read_catalog(export / "goods.csv").problems
    assert "leads out of the folder" in told.problem
    assert told.problem.endswith("(and 599 more like this)")
    assert told.remedy.startswith("Name with --images a folder that all pictures lie in")
    for images in (tmp_path / "media", tmp_path, export / ".." / "media"):
        found = read_catalog(export / "goods.csv", images=images)
        assert found.problems == ()
        assert found.products[7].media[0].source == str(tmp_path / "media" / "7.jpg")
    (tmp_path / "other").mkdir()
    assert read_catalog(export / "goods.csv", images=tmp_path / "other").products[0].media == ()
