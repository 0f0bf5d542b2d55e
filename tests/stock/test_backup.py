"""A shop is backed up whole while others write to it, and restored only from what is whole."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.stock.conftest import Stall

from duomo.errors import BadFile, BadSetup, BadUsage, MissingFile, MissingShop, ShopExists
from duomo.guard.archives import PART, Limits, unpack
from duomo.settings import Settings
from duomo.shelf.manifest import TABLES
from duomo.shelf.tables import Tables
from duomo.shop import Shop
from duomo.stock.backup import CARD, back_up
from duomo.stock.restore import restore


@pytest.fixture
def full(stall: Stall) -> Stall:
    """A shop with older versions, reviews in the journal and in Lance, settings, synonyms and a model."""
    stall.build()
    stall.rows[0]["title"] = "Golden mug 金色马克杯"
    stall.write()
    stall.build()
    tables = Tables(stall.shop.folder / TABLES)
    for n in range(3):
        tables.append("reviews", [{"product_id": "A00", "text": f"Number {n}"}])
        if n == 1:
            tables.fold("reviews")
    (stall.shop.folder / "synonyms.txt").write_text("mug, 杯\n", encoding="utf-8")
    (stall.shop.folder / "models" / "own-1").mkdir(parents=True)
    (stall.shop.folder / "models" / "own-1" / "card.json").write_text("{}")
    return stall


def rows_of(shop: Shop) -> list[tuple[str, str, float | None]]:
    hits = shop.search(k=1000)
    return [
        (hit.product.id, hit.product.title, hit.variant.price.major if hit.variant.price else None)
        for hit in hits
    ]


@pytest.mark.parametrize("name", ["shop.tar", "folder"])
def test_what_is_restored_is_what_was_served(full: Stall, tmp_path: Path, name: str) -> None:
    shop, to = full.shop, tmp_path / name
    full.rows.append({**full.rows[0], "sku": "NEW", "title": "Half a build"})
    said = back_up(shop.folder, to)
    back = restore(to, tmp_path / "again" / "shop")
    again = Shop.open(back.place)
    assert rows_of(again) == rows_of(shop)
    assert back.card == said.card
    assert (said.card.variants, said.card.outside) == (12, ())
    assert [r["text"] for r in Tables(again.folder / TABLES).scan("reviews").to_pylist()] == [
        f"Number {n}" for n in range(3)
    ]
    for path in ("duomo.toml", "synonyms.txt", "models/own-1/card.json"):
        assert (again.folder / path).read_bytes() == (shop.folder / path).read_bytes()
    for hit in again.search("mug", k=5):
        assert again.picture(hit.product.media_of(hit.variant)[0].hash)
    report = again.build(full.catalog)  # the work goes on from there
    assert (report.added, len(again)) == (0, 12)
    full.write()
    assert again.build(full.catalog).added == 1
    left = {path.name for path in shop.folder.iterdir() if path.name.startswith(".backup-")}
    assert not left
    assert not [path for path in back.place.parent.iterdir() if path != back.place]


def test_a_build_that_was_cut_short_is_not_in_the_backup(full: Stall, tmp_path: Path) -> None:
    before = rows_of(full.shop)
    code = (
        "import os, signal, sys; from duomo import Shop\n"
        "def tick(stage, *at):\n    if stage == 'serving': os.kill(os.getpid(), signal.SIGKILL)\n"
        "Shop.open(sys.argv[1]).build(sys.argv[2], tick=tick)"
    )
    full.rows.append({**full.rows[0], "sku": "NEW", "title": "Half a build"})
    full.write()
    command = [sys.executable, "-c", code, str(full.shop.folder), str(full.catalog)]
    killed = subprocess.run(command, env={**os.environ, "DUOMO_WORKERS": "0"})
    assert killed.returncode == -signal.SIGKILL
    assert full.shop.manifest.building
    back_up(full.shop.folder, tmp_path / "shop.tar")
    again = Shop.open(restore(tmp_path / "shop.tar", tmp_path / "again").place)
    assert rows_of(again) == before
    assert not again.manifest.building


def test_a_version_that_bears_the_tag_and_is_not_named_yet_is_not_in_the_backup(
    full: Stall, tmp_path: Path
) -> None:
    served, before = full.shop.manifest, rows_of(full.shop)
    full.rows[1]["title"] = "Tagged, and never served 未上架"
    full.write()
    full.build()
    assert full.shop.manifest.served > served.served
    # What lies there when a build dies after it has moved the tag and before it has written the manifest.
    replace(served, building=(str(full.catalog),)).save(full.shop.folder)
    card = back_up(full.shop.folder, tmp_path / "shop.tar").card
    again = Shop.open(restore(tmp_path / "shop.tar", tmp_path / "again").place)
    assert card.served == again.manifest.served == served.served
    assert rows_of(again) == rows_of(full.shop) == before
    assert again.manifest.chances == served.chances
    assert again.build(full.catalog).updated == 1  # the work goes on from there


def test_a_first_build_that_moved_the_tag_alone_is_not_in_the_backup(full: Stall, tmp_path: Path) -> None:
    begun = replace(full.shop.manifest, served=0, sources={}, building=(str(full.catalog),))
    begun.save(full.shop.folder)
    card = back_up(full.shop.folder, tmp_path / "shop.tar").card
    assert (card.served, card.variants) == (0, 0)
    assert not [name for name in card.files if name.startswith(("variants.lance", "pictures.lance"))]
    again = Shop.open(restore(tmp_path / "shop.tar", tmp_path / "again").place)
    with pytest.raises(MissingShop, match="has ended yet"):
        again.search("mug")


def test_a_backup_holds_one_version_and_no_older_files(full: Stall, tmp_path: Path) -> None:
    for n in range(5):
        full.rows[1]["title"] = f"Bowl {n}"
        full.write()
        full.build()
    card = back_up(full.shop.folder, tmp_path / "shop.tar").card
    versions = [name for name in card.files if name.startswith("variants.lance/_versions/")]
    data = [name for name in card.files if name.startswith("variants.lance/data/")]
    assert len(versions) == 1
    assert 0 < len(data) < len(list((full.shop.folder / "variants.lance" / "data").iterdir()))
    assert not [name for name in card.files if name.startswith(("cache/", "."))]
    with_cache = back_up(full.shop.folder, tmp_path / "cached", cache=True)
    assert "cache/vectors.sqlite" in with_cache.card.files


def test_what_builds_fetch_and_unpack_meanwhile_holds_no_backup_up(full: Stall, tmp_path: Path) -> None:
    folder, archive = full.shop.folder, tmp_path / "goods.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("products.csv", "sku,title\nA1,Mug 杯\n")
        packed.writestr("unpacked/one/part", "a file of the merchant's")
    home = unpack(archive, folder / "unpacked" / "one", Limits()).folder
    (home.parent / PART).write_text("half a pictu")
    (folder / "feeds" / "two").mkdir(parents=True)
    (folder / "feeds" / "two" / "body").write_text("sku,title\nA1,Mug 杯\n")
    for kind in ("feeds", "unpacked"):
        (folder / kind / "two" / "taken").mkdir(parents=True)
        (folder / kind / "two" / "taken" / "away").symlink_to("nowhere")  # listed, and not there any more
    files = back_up(folder, tmp_path / "shop.tar").card.files
    assert {name for name in files if name.startswith(("feeds/", "unpacked/"))} == {
        "feeds/two/body",
        "unpacked/one/index.json",
        "unpacked/one/files/products.csv",
        "unpacked/one/files/unpacked/one/part",
    }
    (folder / "models" / "own-1" / "gone").symlink_to("nowhere")  # no build makes a model again
    with pytest.raises(FileNotFoundError):
        back_up(folder, tmp_path / "without.tar")
    assert not (tmp_path / "without.tar").exists()


WRITE = """
import sys
from duomo import Shop
from duomo.files import write_json_lines
from duomo.settings import Settings
from duomo.shelf.manifest import TABLES
from duomo.shelf.tables import Tables
from pathlib import Path

shop = Shop.open(sys.argv[1], settings=Settings(workers=0, exact_rows=int(sys.argv[3])))
tables, path = Tables(shop.folder / TABLES), Path(sys.argv[2])
for generation in range(1, 1_000_000):
    rows = [{"sku": f"P{n}", "title": f"Mug {n}", "generation": f"g{generation}"} for n in range(150)]
    rows += [{"sku": f"X{generation}", "title": "Only once", "generation": f"g{generation}"}]
    write_json_lines(path, rows)
    shop.build(path, format="own", prune=True)
    tables.append("events", [{"number": generation}])
    if generation % 3 == 0:
        tables.fold("events")
    print(generation, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("exact_rows", [200_000, 0])
def test_a_backup_taken_while_others_write_is_one_whole_version(tmp_path: Path, exact_rows: int) -> None:
    shop = Shop.create(tmp_path / "shop", encoder="hashed", settings=Settings(workers=0))
    command = [sys.executable, "-c", WRITE, str(shop.folder), str(tmp_path / "rows.jsonl"), str(exact_rows)]
    seen = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout
        try:
            first = int(writer.stdout.readline())
            for n in range(8):
                back_up(shop.folder, tmp_path / f"{n}.tar")
                again = Shop.open(restore(tmp_path / f"{n}.tar", tmp_path / f"again-{n}").place)
                hits = again.search(k=1000, facets=["generation"])
                (only,) = hits.facets["generation"].values
                assert (hits.total, only.count) == (151, 151)
                assert {hit.product.id for hit in hits} == {
                    *(f"P{i}" for i in range(150)),
                    f"X{only.value[1:]}",
                }
                assert again.search("mug", k=5).total == 150
                numbers = Tables(again.folder / TABLES).scan("events")["number"].to_pylist()
                assert numbers == list(range(1, len(numbers) + 1))
                assert int(only.value[1:]) - 1 <= len(numbers) <= int(only.value[1:]) + 1
                seen.append(int(only.value[1:]))
        finally:
            writer.kill()
    assert seen == sorted(seen)
    assert first <= seen[0] < seen[-1]  # it did write meanwhile


def test_a_backup_takes_no_place_that_is_taken(full: Stall, tmp_path: Path) -> None:
    back_up(full.shop.folder, tmp_path / "shop.tar")
    with pytest.raises(BadUsage, match="is there already"):
        back_up(full.shop.folder, tmp_path / "shop.tar")
    before = (tmp_path / "shop.tar").stat().st_ino
    back_up(full.shop.folder, tmp_path / "shop.tar", replace=True)
    assert (tmp_path / "shop.tar").stat().st_ino != before
    with pytest.raises(BadUsage, match="with other things in it"):
        back_up(full.shop.folder, full.catalog.parent, replace=True)
    with pytest.raises(BadUsage, match="in the shop itself"):
        back_up(full.shop.folder, full.shop.folder / "b.tar")
    with pytest.raises(MissingShop):
        back_up(tmp_path / "none", tmp_path / "none.tar")
    assert (tmp_path / "shop.tar").stat().st_mode & 0o077 == 0  # settings may hold keys


def test_a_shop_is_replaced_only_when_told_so(full: Stall, tmp_path: Path) -> None:
    back_up(full.shop.folder, tmp_path / "shop.tar")
    full.rows[0]["title"] = "After the backup"
    full.write()
    full.build()
    with pytest.raises(ShopExists, match="there is a shop"):
        restore(tmp_path / "shop.tar", full.shop.folder)
    assert "After the backup" in str(rows_of(full.shop))
    with pytest.raises(ShopExists, match="is no shop"):
        restore(tmp_path / "shop.tar", full.catalog.parent, replace=True)
    restore(tmp_path / "shop.tar", full.shop.folder, replace=True)
    assert "After the backup" not in str(rows_of(full.shop))  # who has it open sees it, too
    assert {path.name for path in full.folder.iterdir()} == {"goods", "shop", "shop.tar"}


def test_a_shop_without_goods_is_backed_up_with_its_events(tmp_path: Path) -> None:
    shop = Shop.create(tmp_path / "shop", encoder="hashed")
    Tables(shop.folder / TABLES).append("events", [{"user": "u1"}])
    back_up(shop.folder, tmp_path / "b")
    again = restore(tmp_path / "b", tmp_path / "again").place
    assert Tables(again / TABLES).scan("events").to_pylist() == [{"user": "u1"}]


def rewritten(source: Path, to: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """A backup with other files in it."""
    with tarfile.open(source) as tar:
        files = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]  # plain files
    change(files)
    with tarfile.open(to, "w") as tar:
        for name, body in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
    return to


def carded(files: dict[str, bytes], **said: object) -> None:
    files[CARD] = json.dumps({**json.loads(files[CARD]), **said}).encode()


def flip(files: dict[str, bytes]) -> None:
    name = next(name for name in files if "/data/" in name)
    body = bytearray(files[name])
    body[len(body) // 2] ^= 1
    files[name] = bytes(body)


CASES: dict[str, tuple[Callable[[dict[str, bytes]], object], str]] = {
    "one bit": (flip, "is not as it was"),
    "a file is missing": (lambda files: files.pop("duomo.toml"), "is not as it was"),
    "one too many": (lambda files: files.update({"evil": b"", CARD: files.pop(CARD)}), "evil is not as"),
    "no card": (lambda files: files.pop(CARD), "is no backup, or was cut short"),
    "a card that is none": (lambda files: files.update({CARD: b"[]"}), "cannot be understood"),
    "a later format": (lambda files: carded(files, format=99), "format 99, and this Duomo knows format 1"),
    "another count": (lambda files: carded(files, variants=7), "does not hold the 7 variants"),
    "goes on": (lambda files: files.update({"more": b"x"}), "goes on after"),
    **{
        f"named {name!r}": (
            lambda files, name=name: files.update({name: b"x", CARD: files.pop(CARD)}),  # type: ignore[misc]  # bound at once
            "which no backup has",
        )
        for name in (
            "../evil", "/evil", "a/../../evil", "./evil", "a//b", ".writer.lock", "a/.hidden", "a\\b",
            "C:evil",             "a\x01b", "\u202eevil",
        )
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    (folder / "goods.csv").write_text("sku,title\nA1,Mug\nA2,Bowl\n")
    shop = Shop.create(folder / "shop", encoder="hashed", settings=Settings(workers=0))
    shop.build(folder / "goods.csv")
    return back_up(shop.folder, folder / "whole.tar").place


@pytest.mark.parametrize("case", CASES)
def test_a_backup_that_is_not_what_was_written_changes_nothing(
    whole: Path, tmp_path: Path, case: str
) -> None:
    change, words = CASES[case]
    with pytest.raises(BadFile) as refused:
        restore(rewritten(whole, tmp_path / "bad.tar", change), tmp_path / "in" / "shop")
    assert words in str(refused.value)
    assert list((tmp_path / "in").iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {"in", "bad.tar"}


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE]
)
def test_links_and_devices_are_no_part_of_a_backup(whole: Path, tmp_path: Path, kind: bytes) -> None:
    bad = tmp_path / "bad.tar"
    shutil.copy(whole, bad)
    with tarfile.open(bad, "a") as tar:
        info = tarfile.TarInfo("link")
        info.type, info.linkname = kind, "/etc/passwd"
        tar.addfile(info)
    with pytest.raises(BadFile, match="which is no plain file"):
        restore(bad, tmp_path / "shop")
    assert not (tmp_path / "shop").exists()


def test_a_backup_cut_short_anywhere_is_refused(whole: Path, tmp_path: Path) -> None:
    body = whole.read_bytes()
    for end in [0, 1, 511, 512, 1000, *range(len(body) // 7, len(body) - 11_000, len(body) // 7)]:
        (tmp_path / "cut.tar").write_bytes(body[:end])
        with pytest.raises(BadFile):
            restore(tmp_path / "cut.tar", tmp_path / "in" / "shop")
    assert list((tmp_path / "in").iterdir()) == []
    with pytest.raises(MissingFile):
        restore(tmp_path / "none.tar", tmp_path / "in" / "shop")


def test_a_link_in_a_folder_is_not_followed(whole: Path, tmp_path: Path) -> None:
    with tarfile.open(whole) as tar:
        tar.extractall(tmp_path / "b", filter="data")
    (tmp_path / "b" / "duomo.toml").unlink()
    (tmp_path / "b" / "duomo.toml").symlink_to("/etc/hostname")
    with pytest.raises(BadFile, match="is no plain file"):
        restore(tmp_path / "b", tmp_path / "shop")


def test_what_cannot_be_read_is_told_and_no_backup_is_left(full: Stall, tmp_path: Path) -> None:
    for path in (full.shop.folder / "variants.lance" / "data").iterdir():
        path.write_bytes(b"")
    with pytest.raises(BadSetup, match="cannot be read whole"):
        back_up(full.shop.folder, tmp_path / "b.tar")
    assert not list(tmp_path.glob("*b.tar*"))
