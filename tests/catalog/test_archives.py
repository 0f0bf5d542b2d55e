import gzip
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from duomo.catalog.archives import archive_of, read_source
from duomo.catalog.read import Catalog
from duomo.errors import BadFile, MissingFile
from duomo.guard.archives import Limits

ROWS = "sku,title,image\nA1,Red mug,red.jpg\nA2,蓝色杯子,pics/blue.jpg|https://x.cn/b.jpg\n"


def packed(path: Path, members: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return path


def read(path: Path, **options: object) -> Catalog:
    kept = next(folder for folder in path.parents if folder.is_dir()) / "kept"
    return read_source(path, unpack_to=kept, limits=Limits(), mapping={}, **options)  # type: ignore[arg-type]  # of read_catalog


def pictures(catalog: Catalog) -> list[str]:
    return [media.source.rpartition("/files/")[2] for product in catalog.products for media in product.media]


@pytest.mark.parametrize(
    "name", ["products.csv", "goods/products.csv", "a/b/商品.csv", "export.txt", "shop/Products.CSV"]
)
def test_the_product_file_is_found_in_any_layout(tmp_path: Path, name: str) -> None:
    folder = name.rpartition("/")[0]
    beside = f"{folder}/" if folder else ""
    found = read(
        packed(tmp_path / "shop.zip", {name: ROWS, f"{beside}red.jpg": b"r", f"{beside}pics/blue.jpg": b"b"})
    )
    assert [product.id for product in found.products] == ["A1", "A2"]
    assert pictures(found) == [f"{beside}red.jpg", f"{beside}pics/blue.jpg", "https://x.cn/b.jpg"]
    assert found.products[0].origin.file == str(tmp_path / "shop.zip" / name)
    assert not found.problems


def test_what_stands_beside_products_csv_is_read_too(tmp_path: Path) -> None:
    variants = "variant_sku,sku,size\nA1-S,A1,S\nA1-M,A1,M\n"
    found = read(packed(tmp_path / "s.zip", {"in/products.csv": ROWS, "in/variants.csv": variants}))
    assert [variant.id for variant in found.products[0].variants] == ["A1-S", "A1-M"]


def test_pictures_are_found_from_the_top_and_by_their_name_alone(tmp_path: Path) -> None:
    rows = "sku,title,image\nA,a,images/a.jpg\nB,b,C:\\Users\\me\\Desktop\\B.JPG\nC,c,../pics/c.jpg\n"
    found = read(
        packed(
            tmp_path / "s.zip",
            {"data/products.csv": rows, "images/A.jpg": b"a", "photos/new/b.jpg": b"b", "pics/c.jpg": b"c"},
        )
    )
    assert pictures(found) == ["images/A.jpg", "photos/new/b.jpg", "pics/c.jpg"]


@pytest.mark.parametrize(
    "source", ["/etc/hostname", "../../outside.jpg", "twice.jpg", "nowhere.jpg", "C:\\x.jpg"]
)
def test_a_picture_that_is_not_in_the_archive_is_left_out_with_a_warning(tmp_path: Path, source: str) -> None:
    (tmp_path / "outside.jpg").write_bytes(b"of this machine")
    archive = packed(
        tmp_path / "s.zip",
        {"products.csv": f"sku,title,image\nA,a,{source}\n", "1/twice.jpg": b"1", "2/twice.jpg": b"2"},
    )
    found = read(archive)
    assert not pictures(found)
    (problem,) = found.problems
    assert (problem.file, problem.line, problem.severity) == (f"{archive}/products.csv", 2, "warning")
    assert "is not in the archive" in problem.problem


def test_several_product_files_are_named_with_how_to_choose(tmp_path: Path) -> None:
    archive = packed(
        tmp_path / "s.zip", {"men.csv": ROWS, "sub/women.csv": ROWS, "kids.tsv": "x", "a.txt": ""}
    )
    with pytest.raises(
        BadFile, match=r"several product files: men\.csv, sub/women\.csv and 1 more"
    ) as refused:
        read(archive)
    assert refused.value.remedy == f"Name the one that is meant, as {archive}/men.csv"
    assert len(read(archive / "sub" / "women.csv").products) == 2
    with pytest.raises(MissingFile, match=r"no file or folder 'boys\.csv' in .*s\.zip"):
        read(archive / "boys.csv")
    with pytest.raises(MissingFile, match=r"no file or folder '\.\./index\.json' in"):
        read(archive / ".." / "index.json")


def test_a_folder_in_an_archive_may_be_named(tmp_path: Path) -> None:
    archive = packed(tmp_path / "s.zip", {"a/products.csv": ROWS, "b/products.csv": ROWS.replace("A1", "Z9")})
    assert read(archive / "b").products[0].id == "Z9"
    assert archive_of(archive / "b") == (archive, "b")
    assert archive_of(tmp_path / "nothing" / "b") is None


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"red.jpg": b"r"}, r"holds no product file\. Pack a CSV"),
        (
            {"../products.csv": ROWS},
            r"holds no product file; '\.\./products\.csv' in it has a path that leads",
        ),
        ({"products.csv": b"\x89PNG\r\n"}, r"s\.zip/products\.csv is a PNG picture"),
        ({}, r"holds no product file"),
    ],
)
def test_an_archive_without_goods_is_told(tmp_path: Path, members: dict[str, bytes | str], said: str) -> None:
    with pytest.raises(BadFile, match=said) as refused:
        read(packed(tmp_path / "s.zip", members))
    assert "kept" not in str(refused.value)


def test_members_that_were_left_out_are_told_once_a_kind(tmp_path: Path) -> None:
    members: dict[str, str | bytes] = {"products.csv": ROWS, "red.jpg": b"r", "pics/blue.jpg": b"b"}
    members |= {f"../{n}.jpg": b"x" for n in range(900)}
    (problem,) = read(packed(tmp_path / "s.zip", members)).problems
    assert str(problem) == (
        f"{tmp_path}/s.zip: '../0.jpg' in the archive has a path that leads out of the archive; "
        "it was left out (and 899 more like this). Pack it again, with plain names inside one folder."
    )


def test_a_table_that_was_packed_by_gzip_is_called_by_its_own_name(tmp_path: Path) -> None:
    path = tmp_path / "feed.csv.gz"
    path.write_bytes(gzip.compress(b"sku,title,price\nA,a,1\n,,2\n"))
    found = read(path)
    assert found.products[0].origin.file == str(path)
    assert {problem.file for problem in found.problems} == {str(path)}
    (tmp_path / "feed").write_bytes(gzip.compress(b"sku,title\nA,a\n"))
    assert len(read(tmp_path / "feed").products) == 1
