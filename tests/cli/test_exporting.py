import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from duomo.cli import exporting, measuring


def here(*arguments: object) -> Result:
    """The command in this process: a process of its own takes seconds to start."""
    app = typer.Typer()
    exporting.add_to(app)
    measuring.add_to(app)
    return CliRunner().invoke(app, [*map(str, arguments)])


def test_made_questions_are_written_for_other_engines_and_read_again(shop: Path, tmp_path: Path) -> None:
    to = tmp_path / "beir"
    ran = here("export", "qrels", "--shop", shop, "--to", to, "--kinds", "title,sku,crop", "--n", 3, "--json")
    assert ran.exit_code == 0, ran.stderr
    assert json.loads(ran.stdout) == {"folder": str(to), "questions": 6, "products": 7, "left_out": 3}
    measured = json.loads(here("measure", "search", "--shop", shop, "--qrels", to, "--json").stdout)
    assert measured["questions"] == 6
    assert measured["kinds"][0]["systems"]["hybrid"]["mrr"]["mean"] == 1
    told = here(
        "export", "qrels", "--shop", shop, "--to", tmp_path / "two", "--kinds", "crop,title", "--n", 3
    )
    assert "3 questions with a picture, or with nothing right, left out" in told.stdout


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (("--to", "."), 2, "--to . is not an empty folder"),
        (("--to", "new", "--kinds", "titel"), 2, "no kind of question is called 'titel'"),
        (("--to", "new", "--events", "none.jsonl"), 3, "there is no file none.jsonl"),
        (("--to", "new", "--seed", "-1"), 2, "--seed is negative"),
    ],
)
def test_what_cannot_be_exported_is_told(shop: Path, more: tuple[str, ...], code: int, said: str) -> None:
    ran = here("export", "qrels", "--shop", shop, *more)
    assert ran.exit_code == code, ran.stderr
    assert said in " ".join(ran.stderr.split())
    assert not Path("new").exists()
