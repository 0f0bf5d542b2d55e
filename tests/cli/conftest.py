"""The command as a real process, and a small shop that it built."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

Duomo = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def duomo() -> Duomo:
    """Run a command line to its end."""

    def run(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "duomo", *map(str, arguments)]
        shown: dict[str, object] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.run(command, text=True, timeout=120, check=False, **shown)  # type: ignore[call-overload,no-any-return]  # options are subprocess's own

    return run


@pytest.fixture(scope="session")
def goods(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six goods with pictures, one of them with a bad price and one row without an id."""
    folder = tmp_path_factory.mktemp("goods")
    lines = ["sku,title,color,price,currency,image"]
    for number, (colour, rgb) in enumerate(
        [("red", (200, 0, 0)), ("blue", (0, 0, 200)), ("green", (0, 150, 0))]
    ):
        Image.new("RGB", (40, 40), rgb).save(folder / f"{colour}.jpg")
        lines.append(f"M{number},{colour.title()} mug 马克杯,{colour},{5 + number},CNY,{colour}.jpg")
        lines.append(f"B{number},{colour.title()} bowl 碗,{colour},{8 + number},CNY,{colour}.jpg")
    lines += ["X1,Grey jug,grey,twelve,CNY,", ",Nameless,,,,"]
    (folder / "products.csv").write_text("\n".join(lines), "utf-8")
    return folder


@pytest.fixture(scope="session")
def shop(duomo: Duomo, goods: Path) -> Path:
    """The shop built from them by the command."""
    run = duomo(
        "build", goods, "--shop", goods / "shop", "--workers", 0, "--json", "--problems", goods / "p.csv"
    )
    assert run.returncode == 0, run.stderr
    report = json.loads(run.stdout)
    wanted = {
        "products",
        "variants",
        "added",
        "updated",
        "unchanged",
        "removed",
        "encoded",
        "skipped",
        "problems",
    }
    assert wanted <= report.keys()
    assert (report["products"], report["added"], report["skipped"]) == (7, 7, 1)
    assert {"file", "line", "column", "value", "problem", "remedy"} <= report["problems"][0].keys()
    return goods / "shop"
