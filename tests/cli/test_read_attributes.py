"""duomo read attributes, from a file or a shop to lines of answers, and values filled in and taken away."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.cli.conftest import Duomo
from tests.understand.test_seen import SHADES, drawn


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture
def goods(tmp_path: Path) -> Path:
    """Four goods: one says and shows its color, one shows it, one is given it, one's picture is broken."""
    Image.fromarray(drawn(SHADES["red"])).save(tmp_path / "red.png")
    Image.fromarray(drawn(SHADES["blue"])).save(tmp_path / "blue.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG no picture")
    lines = [
        "sku,title,color,image",
        "A1,Red cotton shirt 2-pack,,red.png",
        "A2,男士T恤,,blue.png",
        "A3,Green silk dress,green,",
        "A4,Wool coat,,broken.png",
    ]
    (tmp_path / "goods.csv").write_text("\n".join(lines), "utf-8")
    return tmp_path


def test_a_product_file_is_read_in_its_order_and_what_is_given_stands_beside(
    duomo: Duomo, goods: Path
) -> None:
    out = goods / "o.jsonl"
    run = duomo("read", "attributes", goods / "goods.csv", "--out", out, "--json")
    assert run.returncode == 0, run.stderr
    lines = lines_of(out)
    assert [line["id"] for line in lines] == ["A1", "A2", "A3", "A4"]
    first, second, third, _ = (line["attributes"] for line in lines)
    assert (first["color"]["label"], first["material"]["label"], first["quantity"]["label"]) == (
        "red",
        "cotton",
        "2 piece",
    )
    assert second["color"]["label"] == "blue"
    assert lines[2]["given"] == {"color": ["green"]}
    assert third["material"]["evidence"][0]["text"] == "silk"
    told = json.loads(run.stdout)
    assert told["rows"] == 4
    assert told["found"]["color"] == 3
    assert [problem["product_id"] for problem in told["problems"]] == ["A4"]


def test_what_a_shop_lacks_is_listed_filled_in_and_taken_away(duomo: Duomo, goods: Path) -> None:
    shop, out = goods / "shop", goods / "o.jsonl"
    assert duomo("build", goods / "goods.csv", "--shop", shop, "--workers", 0).returncode == 0
    run = duomo("read", "attributes", "--shop", shop, "--facet", "color", "--out", out)
    assert run.returncode == 0, run.stderr
    assert {line["id"] for line in lines_of(out)} == {"A1", "A2"}
    assert "Nothing was changed; to fill it in, add --fill" in run.stderr
    query = ("search", "--shop", shop, "--where", "inferred_color = 'red'", "--json")
    assert duomo(*query).returncode == 2
    run = duomo("read", "attributes", "--shop", shop, "--facet", "color", "--fill", "--out", out, "--json")
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["filled"] == 2
    assert [hit["product_id"] for hit in json.loads(duomo(*query).stdout)["hits"]] == ["A1"]
    assert duomo("build", goods / "goods.csv", "--shop", shop, "--workers", 0).returncode == 0
    assert json.loads(duomo(*query).stdout)["total"] == 1
    run = duomo("read", "attributes", "--shop", shop, "--unfill", "--json")
    assert json.loads(run.stdout) == {"unfilled": 2}
    assert json.loads(duomo(*query).stdout)["total"] == 0


def test_a_column_of_texts_is_read_row_by_row(duomo: Duomo, tmp_path: Path) -> None:
    (tmp_path / "names.csv").write_text("name,x\n红色连衣裙,1\n,2\n<b>Blue</b> mug,3\nКрасный,4\n", "utf-8")
    out = tmp_path / "o.jsonl"
    run = duomo("read", "attributes", tmp_path / "names.csv", "--column", "name", "--out", out, "--json")
    assert run.returncode == 0, run.stderr
    lines = lines_of(out)
    colors = [line["attributes"].get("color", {}).get("label") for line in lines]
    assert colors == ["red", None, "blue", None]
    assert json.loads(run.stdout)["outcome"] == {"read": 2, "empty": 1, "language": 1}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--fill", "x.csv"], "--fill and --unfill are for the goods of a shop"),
        ([], "there are no goods to read"),
        (["x.csv", "--facet", "flavour"], "there is no facet 'flavour'"),
        (["x.csv", "--sure", "2"], "--sure lies from 0 to 1"),
        (["x.csv", "--json"], "--json needs a file for the answers"),
    ],
)
def test_what_cannot_be_meant_is_told(duomo: Duomo, arguments: list[str], said: str) -> None:
    run = duomo("read", "attributes", *arguments)
    assert run.returncode == 2
    assert said in run.stdout + run.stderr
