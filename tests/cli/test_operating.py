"""backup, restore, doctor and config as real commands: what they print, and with which code they end."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Duomo

from duomo.files import write_json_lines
from duomo.settings import Settings, explained
from duomo.shelf.lock import writing
from duomo.shelf.manifest import TABLES
from duomo.shelf.tables import Tables
from duomo.shop import Shop
from duomo.stock.doctor import examine
from duomo.stock.installed import Finding


def test_a_shop_is_backed_up_and_restored_by_a_command_each(duomo: Duomo, shop: Path, tmp_path: Path) -> None:
    run = duomo("backup", "--shop", shop, "--to", tmp_path / "b.tar", "--json")
    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout)
    assert said.keys() == {
        "backup",
        "made",
        "duomo",
        "served",
        "variants",
        "files",
        "bytes",
        "outside",
        "took_s",
    }
    assert (said["backup"], said["variants"], said["outside"]) == (str(tmp_path / "b.tar"), 7, [])
    again = duomo("restore", tmp_path / "b.tar", "--shop", tmp_path / "again")
    assert again.returncode == 0, again.stderr
    assert again.stdout.startswith(f"{tmp_path / 'again'}: 7 variants as of ")
    assert duomo("backup", "--shop", shop, "--to", tmp_path / "b.tar").returncode == 2
    taken = duomo("restore", tmp_path / "b.tar", "--shop", tmp_path / "again")
    assert (taken.returncode, "say --replace" in taken.stderr) == (4, True)
    assert duomo("restore", tmp_path / "b.tar", "--shop", tmp_path / "again", "--replace").returncode == 0
    found = duomo("search", "mug", "--shop", tmp_path / "again", "--json")
    assert json.loads(found.stdout)["total"] == 3


# doctor


@pytest.fixture
def sick(tmp_path: Path) -> Path:
    """A shop that a test may spoil: two goods with pictures would take longer, so they have none."""
    write_json_lines(tmp_path / "goods.jsonl", [{"sku": "A1", "title": "Mug"}, {"sku": "A2", "title": "碗"}])
    made = Shop.create(tmp_path / "shop", encoder="hashed", settings=Settings(workers=0))
    made.build(tmp_path / "goods.jsonl", format="own")
    Tables(made.folder / TABLES).append("events", [{"user": "u1"}])
    return made.folder


def found(shop: Path, settings: Settings | None = None) -> dict[str, Finding]:
    """By what was looked at: the last that is not ok, or the last."""
    every = list(examine(shop, settings or Settings()))
    return {each.what: each for each in sorted(every, key=lambda each: each.status != "ok")}


def test_a_shop_that_is_well_has_nothing_to_mend(duomo: Duomo, sick: Path) -> None:
    run = duomo("doctor", "--shop", sick, "--json")
    assert run.returncode == 0, run.stdout
    said = json.loads(run.stdout)
    assert said["errors"] == 0
    looked_at = {each["what"] for each in said["findings"] if each["status"] == "ok"}
    assert looked_at >= {
        "settings", "duomo", "packages", "extras", "processor", "folder", "space", "writer", "served",
        "variants", "rows", "pictures", "model", "journal", "leftovers", "clock",
    }  # fmt: skip
    assert not [each for each in said["findings"] if each["status"] == "error" and not each["remedy"]]


def test_the_installation_is_looked_at_without_a_shop(duomo: Duomo) -> None:
    run = duomo("doctor")
    assert run.returncode == 0
    assert "lancedb 0." in run.stdout
    assert "0 errors" in run.stdout


def test_pictures_are_looked_for(shop: Path) -> None:
    assert found(shop)["pictures"].said == "all 3 pictures that all rows name are there"


def test_a_shop_without_pictures_has_none_to_look_for(sick: Path) -> None:
    assert found(sick)["pictures"].said == "all rows name no picture"


def spoil_manifest(shop: Path) -> None:
    (shop / "manifest.json").write_text("{")


def spoil_data(shop: Path) -> None:
    shutil.rmtree(shop / "variants.lance" / "data")


def spoil_table(shop: Path) -> None:
    shutil.rmtree(shop / "variants.lance")


def spoil_journal(shop: Path) -> None:
    path = next((shop / TABLES).glob("events.*.jsonl"))
    path.write_bytes(b"not json\n" + path.read_bytes())


def spoil_order(shop: Path) -> None:
    said = json.loads((shop / "manifest.json").read_text())
    (shop / "manifest.json").write_text(json.dumps({**said, "order": "models/order-1"}))


def spoil_encoder(shop: Path) -> None:
    said = json.loads((shop / "manifest.json").read_text())
    (shop / "manifest.json").write_text(json.dumps({**said, "encoders": ["models/own-1"]}))


def spoil_card(shop: Path) -> None:
    said = json.loads((shop / "manifest.json").read_text())
    said["cards"] = dict.fromkeys(said["cards"], "0" * 32)
    (shop / "manifest.json").write_text(json.dumps(said))


ERRORS = {
    "manifest": (spoil_manifest, "manifest.json cannot be read"),
    "rows": (spoil_data, "variants.lance is damaged ("),
    "variants.lance": (spoil_table, "is gone"),
    "journal": (spoil_journal, "line 1 is not JSON"),
    "models: order": (spoil_order, "order-1"),
    "models: encoder": (spoil_encoder, "models/own-1"),
    "models: card": (spoil_card, "is another than the one"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_what_is_broken_is_an_error_with_a_remedy(sick: Path, case: str) -> None:
    spoil, words = ERRORS[case]
    spoil(sick)
    finding = found(sick)[case.partition(":")[0]]
    assert finding.status == "error"
    assert words in finding.said
    assert finding.remedy


def test_a_broken_shop_gives_the_exit_code_of_set_up(duomo: Duomo, sick: Path) -> None:
    spoil_manifest(sick)
    run = duomo("doctor", "--shop", sick)
    assert run.returncode == 5
    assert "1 error," in run.stdout
    assert duomo("doctor", "--shop", sick.parent / "none").returncode == 5


def test_who_writes_is_told_and_a_note_of_the_dead_holds_up_nobody(sick: Path) -> None:
    with writing(sick):
        assert f"process {os.getpid()} (" in found(sick)["writer"].said
    code = (
        "import os, sys; from pathlib import Path; from duomo.shelf.lock import writing\n"
        "with writing(Path(sys.argv[1])): os._exit(1)"
    )
    subprocess.run([sys.executable, "-c", code, str(sick)])
    writer = found(sick)["writer"]
    assert (writer.status, "nobody is writing; process" in writer.said) == ("warning", True)


def test_what_is_no_trouble_yet_is_a_warning(sick: Path) -> None:
    said = json.loads((sick / "manifest.json").read_text())
    (sick / "manifest.json").write_text(json.dumps({**said, "building": ["goods.csv"]}))
    path = next((sick / TABLES).glob("events.*.jsonl"))
    path.write_bytes(path.read_bytes() + b'{"user": "u')
    left = sick / ".backup-dead"
    left.mkdir()
    (left / "half").write_bytes(bytes(1_000_000))
    os.utime(left, (time.time() - 7200, time.time() - 7200))
    os.utime(sick / "manifest.json", (time.time() + 600, time.time() + 600))
    looked = found(sick, Settings(write_key="short", exact_rows=0))
    assert {what for what, each in looked.items() if each.status == "warning"} >= {
        "build", "journal", "leftovers", "clock", "keys", "variants",
    }  # fmt: skip
    assert "goods.csv was cut short" in looked["build"].said
    (sick / "manifest.json").write_text(json.dumps({**said, "building": [""]}))
    assert "rows that were being put were cut short" in found(sick)["build"].said
    assert "1 work files of processes that died, 1.0 MB" in looked["leftovers"].said


# config


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "duomo.toml").write_text(
        '# settings\n[settings]\nport = 9000\n\n"workers" = 3\nworkrs = 4\n'
        'write_key = "swordfish"\npicture_side = 1\n'
    )
    return tmp_path


def test_every_setting_is_shown_with_who_said_so(home: Path) -> None:
    env = {"DUOMO_WORKERS": "2", "DUOMO_OPENAI_KEY": "sk-secret", "DUOMO_BODY_MB": "many", "PATH": "/bin"}
    settings, wrong = explained(home, env, {"host": "0.0.0.0", "port": None})  # noqa: S104 (nothing listens)
    told = {each.name: (each.value, each.origin) for each in settings}
    assert list(told) == list(Settings.__slots__)
    assert told["port"] == (9000, "duomo.toml line 3")
    assert told["workers"] == (2, "DUOMO_WORKERS")
    assert told["host"] == ("0.0.0.0", "--host")  # noqa: S104 (nothing listens)
    assert told["write_key"] == ("***", "duomo.toml line 7")
    assert told["openai_key"] == ("***", "DUOMO_OPENAI_KEY")
    assert told["encoder"] == (Settings().encoder, "default")
    assert [str(error) for error in wrong] == [
        "duomo.toml line 6: no setting is called 'workrs'. Did you mean 'workers'?",
        "duomo.toml line 8: setting picture_side: '1' is not a whole number from 16 to 4096. "
        "Correct it and run again.",
        "DUOMO_BODY_MB: setting body_mb: 'many' is not a number. Correct it and run again.",
    ]


def test_config_shows_no_secret_and_says_what_is_wrong(duomo: Duomo, home: Path) -> None:
    run = duomo("config", "--shop", home, "--port", "8001", "--json")
    assert run.returncode == 2
    said: dict[str, Any] = json.loads(run.stdout)
    by_name = {each["name"]: each for each in said["settings"]}
    assert by_name["port"] == {"name": "port", "value": 8001, "default": 8000, "origin": "--port"}
    assert "Did you mean 'workers'?" in said["problems"][0]["remedy"]
    plain = duomo("config", "--shop", home)
    assert "swordfish" not in run.stdout + run.stderr + plain.stdout + plain.stderr
    assert "duomo.toml line 3" in plain.stdout
    (home / "duomo.toml").write_text("[settings]\nport = 9000\n")
    assert duomo("config", "--shop", home).returncode == 0


def test_settings_of_a_folder_that_is_not_there_are_not_made_up(duomo: Duomo, tmp_path: Path) -> None:
    run = duomo("config", "--shop", tmp_path / "nope", "--json")
    assert (run.returncode, json.loads(run.stdout)["error"]["type"]) == (3, "MissingShop")


def test_a_shop_without_a_product_says_so_when_it_is_searched(duomo: Duomo, tmp_path: Path) -> None:
    (tmp_path / "goods.csv").write_text("sku,title,price\n")
    built = duomo("build", tmp_path / "goods.csv", "--shop", tmp_path / "shop", "--encoder", "hashed")
    assert "no row became a product" in " ".join(built.stdout.split())
    asked = duomo("search", "mug", "--shop", tmp_path / "shop")
    assert asked.returncode == 3
    assert "is empty: no row of what it was built from became a product. Correct the catalog" in asked.stderr


def test_a_file_that_cannot_be_read_is_told_beside_what_stands(home: Path) -> None:
    (home / "duomo.toml").write_text("[settings")
    settings, wrong = explained(home, {}, {})
    assert {each.origin for each in settings} == {"default"}
    assert "cannot be read" in str(wrong[0])
    assert explained(None, {}, {})[1] == explained(home / "none", {}, {})[1] == []
