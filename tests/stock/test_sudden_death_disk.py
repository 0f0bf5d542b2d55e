"""A disk that is full or may not be written: one sentence, nothing lost, and the work goes on."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import get_args

import pytest

from duomo.errors import BadSetup, DuomoError, MissingShop, of_system
from duomo.settings import Settings
from duomo.shelf.lance import LanceShelf
from duomo.shelf.manifest import VARIANTS
from duomo.shelf.tables import Tables
from duomo.shop import Shop
from duomo.stock.tend import Need, tend

SMALL = Settings(workers=0, batch_rows=10)
DISK_MB = 24
LAMPS = 60

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="mounts a small disk, as Linux does"),
]


def mounted(image: Path, place: Path) -> bool:
    """Mount an ext4 image, or where no loop device may be had a tmpfs; False where neither may be."""
    image.touch()
    os.truncate(image, DISK_MB << 20)
    steps = [
        [["mkfs.ext4", "-q", "-m", "0", str(image)], ["mount", "-o", "loop", str(image), str(place)]],
        [["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "none", str(place)]],
    ]
    return any(all(_runs(command) for command in way) for way in steps)


def _runs(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A disk of 24 MB."""
    folder = tmp_path_factory.mktemp("disk")
    place = folder / "mounted"
    place.mkdir()
    if not mounted(folder / "image", place):
        pytest.skip("no small disk can be mounted here: that takes root, and a loop device or a tmpfs")
    yield place
    assert _runs(["umount", "-l", str(place)])


def lamps(path: Path, delivery: int, *, without: int = 0) -> Path:
    numbers = range(without, LAMPS)
    rows = [f"L{n:02d},Lamp {n} 灯,d{delivery},{'a long text ' * 50}{n}" for n in numbers]
    path.write_text("sku,title,delivery,description\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def deliveries(folder: Path) -> dict[str, int]:
    facet = Shop.open(folder, settings=SMALL).search("lamp", facets=["delivery"]).facets["delivery"]
    return {each.value: each.count for each in facet.values}


def fill(disk: Path, free_kb: int) -> Path:
    """A file that leaves so much free."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        free = shutil.disk_usage(disk).free
        wanted = max(free - free_kb * 1024, 4096)
        for blocks in range(64):  # what lists the blocks of the file itself takes some of them
            with suppress(OSError):
                os.posix_fallocate(file.fileno(), 0, max(wanted - 4096 * blocks, 4096))
                break
    return ballast


def told(error: DuomoError, folder: Path) -> None:
    """One sentence of what and where, one of what to do."""
    said = str(error)
    assert isinstance(error, BadSetup), said
    assert "No space left on device" in said or "disk is full" in said, said
    assert str(folder) in said
    assert "Make room on the disk" in said or "Free some space" in said
    assert "\n" not in said
    assert (
        "lance"
        not in said.replace(str(folder), "")
        .replace("variants.lance", "")
        .replace("pictures.lance", "")
        .lower()
    )


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    shop = Shop.create(folder / "shop", encoder="hashed", settings=SMALL)
    shop.build(lamps(folder / "lamps.csv", 1))
    return folder


def emptied(disk: Path) -> None:
    for path in disk.iterdir():
        if path.name != "lost+found":
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def on_disk(base: Path, disk: Path) -> Path:
    emptied(disk)
    shutil.copytree(base / "shop", disk / "shop")
    return disk / "shop"


def refused(work: Callable[[], object], folder: Path) -> bool:
    """Whether work was refused for want of room, and told so."""
    try:
        work()
    except DuomoError as error:
        told(error, folder)
        return True
    return False


def filling(disk: Path, free_kb: int, stage: str, from_: int = 0) -> Callable[..., None]:
    """A tick that fills the disk once a build has come so far."""

    def tick(now: str, done: int, total: int | None = None) -> None:
        if now == stage and done >= from_ and not (disk / "ballast").exists():
            fill(disk, free_kb)

    return tick


@pytest.mark.parametrize("free_kb", [0, 64])
@pytest.mark.parametrize("stage", ["reading", "stocking", "serving"])
def test_an_update_that_runs_out_of_space_serves_the_old_shop_and_goes_on_when_there_is_room(
    stage: str, free_kb: int, disk: Path, base: Path, tmp_path: Path
) -> None:
    folder, catalog = on_disk(base, disk), lamps(tmp_path / "lamps.csv", 2)
    shop = Shop.open(folder, settings=SMALL)
    try:
        shop.build(catalog, tick=filling(disk, free_kb, stage))
    except DuomoError as error:
        told(error, folder)
        assert deliveries(folder) == {"d1": LAMPS}
    else:
        assert stage == "serving"  # that takes little room
        assert free_kb > 0
    (disk / "ballast").unlink()
    shop.build(catalog)
    assert deliveries(folder) == {"d2": LAMPS}


@pytest.mark.parametrize("stage", ["reading", "stocking", "serving"])
def test_a_first_build_that_runs_out_of_space_goes_on_when_there_is_room(
    stage: str, disk: Path, tmp_path: Path
) -> None:
    emptied(disk)
    catalog = lamps(tmp_path / "lamps.csv", 1)
    shop = Shop.create(disk / "shop", encoder="hashed", settings=SMALL)
    assert refused(lambda: shop.build(catalog, tick=filling(disk, 0, stage)), shop.folder)
    with pytest.raises(MissingShop, match="no build of the shop"):
        deliveries(shop.folder)
    (disk / "ballast").unlink()
    shop.build(catalog)
    assert deliveries(shop.folder) == {"d1": LAMPS}


@pytest.mark.parametrize("stage", ["reading", "stocking", "serving"])
def test_a_prune_that_runs_out_of_space_serves_the_old_shop_and_goes_on_when_there_is_room(
    stage: str, disk: Path, base: Path
) -> None:
    folder, catalog = on_disk(base, disk), lamps(base / "lamps.csv", 2, without=10)
    try:
        shop = Shop.open(folder, settings=SMALL)
        tick = filling(disk, 0, stage)
        assert refused(lambda: shop.build(catalog, prune=True, tick=tick), folder)
        assert deliveries(folder) == {"d1": LAMPS}
        (disk / "ballast").unlink()
        shop.build(catalog, prune=True)
        assert deliveries(folder) == {"d2": LAMPS - 10}
    finally:
        lamps(catalog, 1)  # the other tests' again


@pytest.mark.parametrize("need", get_args(Need)[1:])
def test_tending_a_shop_that_runs_out_of_space_serves_on(need: Need, disk: Path, base: Path) -> None:
    folder = on_disk(base, disk)
    shop = Shop.open(folder, settings=SMALL)
    for n in range(10):  # as many pieces as are merged
        row = {"sku": f"L{n:02d}", "delivery": "d1", "stock": str(n)}
        (base / "row.jsonl").write_text(json.dumps(row) + "\n", "utf-8")
        shop.build(base / "row.jsonl", format="own", partial=True)
    ballast = fill(disk, 0)
    assert refused(lambda: tend(folder, SMALL, need), folder) or need == "clean"
    assert deliveries(folder) == {"d1": LAMPS}
    ballast.unlink()
    tend(folder, SMALL, need)
    assert deliveries(folder) == {"d1": LAMPS}
    assert Shop.open(folder, settings=SMALL).product("L09").variants[0].stock == 9


@pytest.mark.parametrize("free_kb", [0, 8, 40])
def test_an_append_or_a_fold_that_runs_out_of_space_loses_nothing(
    free_kb: int, disk: Path, base: Path
) -> None:
    tables = Tables(on_disk(base, disk) / "tables")
    many = [{"text": f"{n} " + "很好" * 40} for n in range(400)]
    tables.append("reviews", many)
    ballast = fill(disk, free_kb)
    assert refused(lambda: tables.append("reviews", many), disk / "shop" / "tables")
    assert len(tables.scan("reviews")) == len(many)
    assert refused(lambda: tables.fold("reviews"), disk / "shop" / "tables") or free_kb
    assert len(tables.scan("reviews")) == len(many)
    ballast.unlink()
    tables.fold("reviews")
    tables.append("reviews", [{"text": "one more"}])
    assert tables.scan("reviews")["text"].to_pylist() == [*(each["text"] for each in many), "one more"]


@pytest.mark.parametrize("free_kb", [0, 40, 120])
def test_tidying_up_that_runs_out_of_space_serves_on(free_kb: int, disk: Path, base: Path) -> None:
    folder = on_disk(base, disk)
    shelf = LanceShelf(folder / VARIANTS)
    snapshot = shelf.snapshot()
    rows = snapshot.take(snapshot.search().rows, snapshot.schema.names)
    for start in range(0, LAMPS, 6):
        shelf.upsert(rows.slice(start, 6))
    ballast, done = fill(disk, free_kb), list[bool]()
    for work in (shelf.optimize, shelf.build_indexes, lambda: shelf.upsert(rows)):
        done.append(not refused(work, folder))
        assert deliveries(folder) == {"d1": LAMPS}
    assert not all(done)
    ballast.unlink()
    shelf.build_indexes()
    shelf.optimize()
    shelf.upsert(rows)
    again = shelf.snapshot(latest=True)
    assert again.take(again.search().rows, rows.schema.names).to_pylist() == rows.to_pylist()


@pytest.fixture
def unwritable(disk: Path, base: Path) -> Iterator[Path]:
    """A shop on a disk that may only be read."""
    folder = on_disk(base, disk)
    assert _runs(["mount", "-o", "remount,ro", str(disk)])
    yield folder
    assert _runs(["mount", "-o", "remount,rw", str(disk)])


def test_a_shop_on_a_disk_that_may_only_be_read_is_searched_and_whoever_writes_is_told(
    unwritable: Path, tmp_path: Path
) -> None:
    shop = Shop.open(unwritable, settings=SMALL)
    assert deliveries(unwritable) == {"d1": LAMPS}
    assert shop.similar("L03", k=3).total
    assert [each.text for each in shop.reviews("L03")] == []
    indexed = Shop.open(unwritable, settings=Settings(workers=0, exact_rows=0))
    assert indexed.search("灯 7").page[0].product.id == "L07"
    tables = Tables(unwritable / "tables")
    writes = (
        lambda: shop.build(lamps(tmp_path / "lamps.csv", 2)),
        lambda: shop.build(lamps(tmp_path / "lamps.csv", 2, without=10), prune=True),
        lambda: shop.build(lamps(tmp_path / "lamps.csv", 2), partial=True),
        lambda: tend(unwritable, SMALL, "optimize"),
        lambda: tables.append("reviews", [{"text": "a"}]),
        lambda: tables.fold("reviews"),
        lambda: Shop.create(unwritable.parent / "another", encoder="hashed"),
    )
    for write in writes:
        try:
            write()
        except OSError as refused:  # what the command line tells of it
            error: DuomoError = of_system(refused)
        except DuomoError as told:
            error = told
        else:
            pytest.fail("it was written")
        assert "Read-only file system" in str(error), error
        assert "Nothing can be written there; name another place" in str(error)
        assert str(unwritable.parent) in str(error)


AS_NOBODY = """
import os, sys
from pathlib import Path
from duomo import Shop
from duomo.errors import DuomoError
from duomo.settings import Settings

warm = Shop.create(sys.argv[3], encoder="hashed", settings=Settings(workers=0))
warm.build(sys.argv[2])  # it imports all that is needed while that may be read
warm.search("lamp")
os.setgid(65534)
os.setuid(65534)
shop = Shop.open(sys.argv[1], settings=Settings(workers=0))
print(shop.search("lamp").total)
try:
    shop.build(sys.argv[2])
except DuomoError as error:
    print(error)
"""


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="becomes somebody else, which takes root")
def test_whoever_may_not_write_in_the_folder_may_search_and_is_told_so(
    disk: Path, base: Path, tmp_path: Path
) -> None:
    folder = on_disk(base, disk)
    for path in (*disk.parents, tmp_path, *tmp_path.parents):
        if path.name.startswith(("pytest-", "popen-", "disk", "test_")):
            path.chmod(0o755)
    command = [sys.executable, "-c", AS_NOBODY, str(folder), str(lamps(tmp_path / "lamps.csv", 2))]
    command += [str(tmp_path / "another")]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    total, said = run.stdout.splitlines()
    assert int(total) == LAMPS
    assert "Permission denied" in said
    assert "Get the right to it, or name another place" in said
