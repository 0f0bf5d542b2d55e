"""A shop built from an archive: nothing is done twice, nothing is written outside the shop."""

import zipfile
from typing import TYPE_CHECKING

import pytest

from duomo.errors import BadFile

if TYPE_CHECKING:
    from tests.stock.conftest import Stall


def pack(stall: "Stall", *, folder: str = "goods/") -> None:
    """The catalog and its pictures as one ZIP file."""
    with zipfile.ZipFile(stall.folder / "shop.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((stall.folder / "goods").iterdir()):
            archive.write(path, folder + path.name)


def test_an_archive_is_built_like_the_folder_that_was_packed(stall: "Stall") -> None:
    pack(stall)
    report = stall.shop.build(stall.folder / "shop.zip")
    assert (report.added, report.encoded, report.problems) == (12, 24, ())
    (hit,) = stall.shop.search(image=stall.folder / "goods" / "3.jpg", k=1)
    assert hit.product.id == "A03"


def test_an_unchanged_archive_is_not_even_unpacked(stall: "Stall") -> None:
    pack(stall)
    stall.shop.build(stall.folder / "shop.zip")
    (index,) = (stall.shop.folder / "unpacked").glob("*/index.json")
    before = index.stat().st_mtime_ns
    report = stall.shop.build(stall.folder / "shop.zip")
    assert (report.unchanged, report.encoded) == (12, 0)
    assert index.stat().st_mtime_ns == before


def test_of_a_changed_archive_only_what_changed_is_encoded(stall: "Stall") -> None:
    pack(stall)
    stall.shop.build(stall.folder / "shop.zip")
    stall.paint("3.jpg", (90, 90, 200))
    stall.rows[5]["title"] = "Another jug"
    stall.write()
    pack(stall)
    report = stall.shop.build(stall.folder / "shop.zip")
    assert (report.updated, report.unchanged, report.encoded) == (2, 10, 2)


def test_what_was_unpacked_and_lost_is_unpacked_again(stall: "Stall") -> None:
    pack(stall)
    stall.shop.build(stall.folder / "shop.zip")
    (picture,) = (stall.shop.folder / "unpacked").rglob("3.jpg")
    whole = picture.read_bytes()
    picture.write_bytes(whole[:40])
    report = stall.shop.build(stall.folder / "shop.zip")
    assert (report.products, report.problems) == (12, ())
    assert picture.read_bytes() == whole


def test_a_refused_archive_leaves_the_shop_as_it_was(stall: "Stall") -> None:
    pack(stall)
    path = stall.folder / "shop.zip"
    stall.shop.build(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadFile, match=r"shop\.zip is damaged or cut short"):
        stall.shop.build(path)
    assert len(stall.shop) == 12
    path.write_bytes(whole)
    assert stall.shop.build(path).unchanged == 12
