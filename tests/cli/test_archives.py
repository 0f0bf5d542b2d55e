import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.conftest import Duomo


def test_a_zip_is_checked_and_built_as_it_is(duomo: "Duomo", goods: Path, tmp_path: Path) -> None:
    inside = tmp_path / "in" / "四月"
    shutil.copytree(goods, inside, ignore=shutil.ignore_patterns("shop", "p.csv"))
    archive = Path(shutil.make_archive(str(tmp_path / "goods"), "zip", tmp_path / "in"))
    checked = json.loads(duomo("check", archive, "--json").stdout)
    assert (checked["products"], checked["skipped"], checked["errors"]) == (7, 1, 1)
    assert {problem["file"] for problem in checked["problems"]} == {f"{archive}/四月/products.csv"}
    for added, encoded in ((7, 10), (0, 0)):
        run = duomo("build", archive, "--shop", tmp_path / "shop", "--workers", 0, "--json")
        report = json.loads(run.stdout)
        assert (report["products"], report["added"], report["encoded"]) == (7, added, encoded)
