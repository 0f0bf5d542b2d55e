"""What the machine refuses and what cannot be meant: a sentence and an exit code, and nothing half-made."""

import json
import os
import resource
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from duomo.shelf.lock import writing
from duomo.shop import Shop

Duomo = Callable[..., subprocess.CompletedProcess[str]]
ONE_MUG = "sku,title\nA1,Red mug\n"


def sentence(run: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in run.stderr
    return " ".join(run.stderr.split())


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DUOMO_LOG_LEVEL", "FOO", "'FOO' is not one of DEBUG, INFO, WARNING, ERROR"),
        ("DUOMO_PICTURE_SIDE", "0", "'0' is not a whole number from 16 to 4096"),
        ("DUOMO_PORT", "99999", "'99999' is not a whole number from 0 to 65535"),
    ],
)
def test_a_setting_out_of_its_range_is_a_sentence(
    duomo: Duomo, shop: Path, name: str, value: str, words: str
) -> None:
    run = duomo("show", "--shop", shop, env={**os.environ, name: value})
    assert run.returncode == 2
    assert words in sentence(run)


def test_a_port_that_does_not_exist_is_a_sentence(duomo: Duomo, shop: Path) -> None:
    run = duomo("serve", "--shop", shop, "--port", 99999)
    assert run.returncode == 2
    assert "from 0 to 65535" in sentence(run)


def test_a_shop_where_no_folder_can_be_made_is_a_sentence(duomo: Duomo, goods: Path) -> None:
    run = duomo("build", goods, "--shop", "/proc/foo", "--json")
    assert run.returncode == 5
    assert "/proc/foo cannot be read or written" in sentence(run)
    assert json.loads(run.stdout)["error"]["type"] == "BadSetup"


def test_problems_that_would_go_into_a_folder_are_refused_before_the_work(
    duomo: Duomo, goods: Path, tmp_path: Path
) -> None:
    for command in (("build", goods, "--shop", tmp_path / "new"), ("check", goods)):
        run = duomo(*command, "--problems", tmp_path)
        assert run.returncode == 2
        assert f"--problems {tmp_path} is a folder. Name a file." in sentence(run)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a file that is always full")
def test_a_full_disk_is_a_sentence(duomo: Duomo, shop: Path) -> None:
    with Path("/dev/full").open("w") as full:
        run = duomo("show", "--shop", shop, "--json", stdout=full)
    assert run.returncode == 5
    assert "No space left on device). Make room on the disk" in sentence(run)


def test_a_first_build_for_which_there_is_no_room_leaves_nothing(duomo: Duomo, tmp_path: Path) -> None:
    (tmp_path / "goods.csv").write_text(ONE_MUG)
    none = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))}
    run = duomo("build", tmp_path / "goods.csv", "--shop", tmp_path / "a" / "b", "--workers", 0, **none)
    assert run.returncode == 5
    assert "File too large" in sentence(run)
    assert [path.name for path in tmp_path.iterdir()] == ["goods.csv"]


def test_a_file_larger_than_the_limit_is_refused_by_check_too(duomo: Duomo, goods: Path) -> None:
    run = duomo("check", goods, env={**os.environ, "DUOMO_FILE_MB": "0.001"}, cwd=goods)
    assert run.returncode == 0, "the goods have less than a kilobyte"
    big = goods / "big.csv"
    big.write_text(ONE_MUG + "".join(f"B{number},Mug\n" for number in range(200)))
    run = duomo("check", big, env={**os.environ, "DUOMO_FILE_MB": "0.001"})
    assert run.returncode == 2
    assert "raise the setting file_mb" in sentence(run)


@pytest.mark.parametrize("arguments", [("goods.csv", "--format", "nope"), ("empty.csv",), ("nowhere.csv",)])
def test_a_first_build_that_is_refused_leaves_nothing(
    duomo: Duomo, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "goods.csv").write_text(ONE_MUG)
    (tmp_path / "empty.csv").touch()
    (tmp_path / "set" / "shop").mkdir(parents=True)
    (tmp_path / "set" / "shop" / "duomo.toml").write_text("[settings]\nworkers = 0\n")
    before = sorted(tmp_path.rglob("*"))
    for shop in ("new/deep/shop", "set/shop"):
        run = duomo("build", *arguments, "--shop", shop, "--workers", 0, cwd=tmp_path)
        assert run.returncode in (2, 3)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.slow
def test_a_refused_build_adds_no_encoder_and_an_accepted_one_does(duomo: Duomo, tmp_path: Path) -> None:
    (tmp_path / "goods.csv").write_text(ONE_MUG)
    (tmp_path / "empty.csv").touch()
    shop = tmp_path / "shop"
    assert duomo("build", tmp_path / "goods.csv", "--shop", shop, "--workers", 0).returncode == 0
    for refused in (("nowhere.csv",), ("empty.csv",), ("goods.csv", "--format", "nope")):
        run = duomo("build", *refused, "--shop", shop, "--encoder", "hashed-1024", cwd=tmp_path)
        assert run.returncode in (2, 3)
        assert Shop.open(shop).manifest.encoders == ("hashed",)
    run = duomo("build", tmp_path / "goods.csv", "--shop", shop, "--encoder", "hashed-1024", "--workers", 0)
    assert run.returncode == 0, run.stderr
    assert Shop.open(shop).manifest.encoders == ("hashed", "hashed-1024")


def test_a_new_shop_that_another_process_is_building_is_left_to_it(duomo: Duomo, tmp_path: Path) -> None:
    (tmp_path / "goods.csv").write_text(ONE_MUG)
    Shop.create(tmp_path / "shop", encoder="hashed")
    with writing(tmp_path / "shop"):
        run = duomo("build", tmp_path / "goods.csv", "--shop", tmp_path / "shop")
    assert run.returncode == 4
    assert Shop.open(tmp_path / "shop").manifest.encoders == ("hashed",)


def test_one_thing_is_one_and_every_column_has_a_name(duomo: Duomo, tmp_path: Path) -> None:
    (tmp_path / "goods.csv").write_text(
        "sku,title,price,image\nA1,Red mug,twelve,https://shop.example/a.jpg\n"
    )
    run = duomo("check", tmp_path / "goods.csv")
    assert "1 product (1 variant) from 1 row of format own: 0 errors, 3 warnings\n" in run.stdout
    assert run.stderr.split()[:5] == ["cost", "what", "products", "share", "times"]


def test_a_disk_that_fills_up_in_a_commit_leaves_the_shop_as_it_was(duomo: Duomo, tmp_path: Path) -> None:
    goods, shop = tmp_path / "goods.jsonl", tmp_path / "shop"
    letters = np.random.default_rng(5)
    said = (
        "".join(letters.choice(list("abcdefghij "), 20_000)) for _ in range(40)
    )  # more than all vectors take
    lines = [
        json.dumps({"sku": f"B{number}", "title": "Mug", "description": text})
        for number, text in enumerate(said)
    ]
    goods.write_text('{"sku": "A1", "title": "Red mug"}\n')
    assert duomo("build", goods, "--shop", shop, "--workers", 0).returncode == 0
    goods.write_text("\n".join(['{"sku": "A1", "title": "Red mug"}', *lines]))
    small = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (250_000, 250_000))}
    run = duomo("build", goods, "--shop", shop, "--workers", 0, "--json", **small)
    assert run.returncode == 5
    assert "Raise the limit on the size of a file, and run it again" in sentence(run)
    said_json = json.loads(run.stdout)["error"]["problem"]
    assert said_json == f"{shop / 'variants.lance'} cannot be read or written (File too large)"
    assert Shop.open(shop).product("A1").title == "Red mug"
    assert duomo("build", goods, "--shop", shop, "--workers", 0).returncode == 0
    assert len(Shop.open(shop)) == 41


@pytest.mark.parametrize(
    ("line", "problem", "remedy"),
    [
        ("search --json", "missing option '--shop'", "duomo search --help"),
        ("serach --json", "no such command 'serach'", "duomo --help"),
        ("search --shop x --json -k ten", "invalid value for '-k' / '--k'", "duomo search --help"),
        ("show --shop x --json --jsn", "no such option: --jsn", "duomo show --help"),
        ("export qrels --json --shop x", "missing option '--to'", "duomo export qrels --help"),
    ],
)
def test_a_command_that_cannot_be_meant_is_one_document_too(
    duomo: Duomo, line: str, problem: str, remedy: str
) -> None:
    run = duomo(*line.split())
    error = json.loads(run.stdout)["error"]
    assert run.returncode == 2
    assert (error["kind"], error["type"]) == ("input", "BadUsage")
    assert error["problem"].startswith(problem)
    assert error["remedy"].endswith(remedy)
    assert problem in sentence(run)


def test_json_after_a_double_dash_is_a_word_and_help_stays_help(duomo: Duomo, shop: Path) -> None:
    run = duomo("search", "--shop", shop, "--", "--json")
    assert run.returncode == 0
    assert "products in" in run.stdout
    run = duomo("search", "--json", "--help")
    assert run.returncode == 0
    assert "Usage:" in run.stdout


def test_pictures_that_are_to_lie_in_no_folder_are_told(duomo: Duomo, goods: Path, tmp_path: Path) -> None:
    for command in (("check", goods), ("build", goods, "--shop", tmp_path / "new")):
        run = duomo(*command, "--images", tmp_path / "nowhere")
        assert run.returncode == 3
        assert f"the pictures are to lie in {tmp_path / 'nowhere'}, which is no folder. Name" in sentence(run)
    assert list(tmp_path.iterdir()) == []


def test_problems_do_not_replace_the_catalog_that_is_read(duomo: Duomo, tmp_path: Path) -> None:
    (tmp_path / "goods.csv").write_text(ONE_MUG)
    run = duomo("check", "goods.csv", "--problems", tmp_path / "goods.csv", cwd=tmp_path)
    assert run.returncode == 2
    assert "goods.csv is the file that is read. Name another file." in sentence(run)
    assert (tmp_path / "goods.csv").read_text() == ONE_MUG
