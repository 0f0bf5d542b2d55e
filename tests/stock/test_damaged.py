"""A shop whose table is damaged says so in one sentence, and what that advises works."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from duomo.errors import BadSetup
from duomo.settings import Settings
from duomo.shelf.health import is_whole, manifests_of
from duomo.shelf.tables import Tables
from duomo.shop import Shop
from duomo.stock.outcome import FAILED

if TYPE_CHECKING:
    from tests.stock.conftest import Stall


DAMAGES: dict[str, tuple[str, Callable[[bytes], bytes] | None]] = {  # which files, and what is left of them
    "removed": ("data", None),
    "cut short": ("data", lambda body: body[:100]),
    "emptied": ("data", lambda body: b""),
    "written over": ("data", lambda body: b"\0" * len(body)),
    "version cut short": ("_versions", lambda body: body[:20]),
}


def spoil(table: Path, files: str, left: Callable[[bytes], bytes] | None = None) -> None:
    for path in (table / files).iterdir():
        if left:
            path.write_bytes(left(path.read_bytes()))
        else:
            path.unlink()


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_table_is_one_sentence_and_its_remedy_works(stall: "Stall", damage: str) -> None:
    stall.build()
    table = stall.shop.folder / "variants.lance"
    spoil(table, *DAMAGES[damage])
    said = rf"the table {table} is damaged \(.*\)\. Restore the shop from a backup, or delete variants"
    on_disk = Settings(workers=0, exact_rows=0)
    for settings in (stall.shop.settings, on_disk):
        with pytest.raises(BadSetup, match=said):
            Shop.open(stall.shop.folder, settings=settings).search("mug")
    with pytest.raises(BadSetup, match=said):
        stall.build()  # although nothing has changed
    assert (stall.shop.folder / FAILED).is_file()
    stall.rows[0]["title"] = "Crimson mug 红杯"
    stall.write()
    with pytest.raises(BadSetup, match=said):
        stall.build()
    shutil.rmtree(table)
    assert stall.build().added == 12
    assert not (stall.shop.folder / FAILED).exists()
    assert stall.shop.search("crimson mug")[0].product.id == "A00"


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_pictures_are_told_and_come_back(stall: "Stall", damage: str) -> None:
    stall.build()
    table = stall.shop.folder / "pictures.lance"
    spoil(table, *DAMAGES[damage])
    with pytest.raises(BadSetup, match=rf"the table {table} is damaged"):
        stall.build()
    for name in ("variants.lance", "pictures.lance"):
        shutil.rmtree(stall.shop.folder / name)
    stall.build()
    shop = Shop.open(stall.shop.folder)
    assert all(shop.picture(media.hash) for media in shop.product("A00").media)


def test_a_table_without_its_versions_is_built_again_and_not_called_unchanged(stall: "Stall") -> None:
    stall.build()
    spoil(stall.shop.folder / "variants.lance", "_versions")
    with pytest.raises(BadSetup, match=r"variants\.lance is gone\. Run: duomo build"):
        Shop.open(stall.shop.folder).search("mug")
    assert stall.build().added == 12
    assert Shop.open(stall.shop.folder).search("red mug")[0].product.id == "A00"
    assert stall.build().unchanged == 12


def test_a_version_that_is_gone_is_built_again_from_what_was_before_it(stall: "Stall") -> None:
    stall.build()
    served = stall.shop.manifest.served
    manifests_of(stall.shop.folder / "variants.lance")[served].unlink()
    report = stall.build()
    assert report.added + report.updated + report.unchanged == 12
    assert stall.shop.search("red mug")[0].product.id == "A00"
    assert is_whole(stall.shop.folder / "variants.lance", stall.shop.manifest.served)


def test_damaged_events_are_told(stall: "Stall") -> None:
    tables = Tables(stall.folder / "tables")
    tables.append("events", [{"user": "u1"}])
    tables.fold("events")
    spoil(stall.folder / "tables" / "events.lance", "data")
    for act in (lambda: tables.scan("events"), lambda: tables.fold("events")):
        with pytest.raises(BadSetup, match=r"events\.lance is damaged .* Restore the shop from a backup"):
            act()
