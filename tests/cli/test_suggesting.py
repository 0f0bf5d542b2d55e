"""duomo suggest, as a function of its own app until it stands beside the others."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from duomo.cli import suggesting

app = typer.Typer()
suggesting.add_to(app)


@app.command("other")
def other() -> None:
    """So that suggest is a command with a name."""


def run(*arguments: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(map(str, arguments)))
    return done.exit_code, done.stdout, done.stderr


def test_what_is_typed_is_completed_as_a_document(shop: Path) -> None:
    code, out, _ = run("suggest", "re", "--shop", shop, "--json")
    assert code == 0
    first = json.loads(out)["suggestions"][0]
    assert first == {"text": "red", "kind": "attribute", "count": 2, "matched": [[0, 2]]}


def test_a_person_sees_suggestions_with_their_counts_and_what_was_repaired(shop: Path) -> None:
    code, out, _ = run("suggest", "bolw", "--shop", shop)
    assert code == 0
    assert "read as: bowl" in out
    assert "product 1" in out
    assert run("suggest", "zzzzqqqq", "--shop", shop)[1] == "Nothing of the shop begins like this.\n"


def test_candidates_for_synonyms_are_lines_of_the_file(shop: Path) -> None:
    code, out, _ = run("suggest", "--synonyms", "--shop", shop, "--json")
    assert code == 0
    document = json.loads(out)
    assert document["encoder"] == "hashed"
    assert isinstance(document["candidates"], list)
    code, out, _ = run("suggest", "--synonyms", "--shop", shop)
    assert (code, "synonyms.txt" in out) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "there is no PREFIX to complete"),
        (["red", "--synonyms"], "--synonyms takes no PREFIX"),
        (["red", "--encoder", "hashed"], "--encoder goes with --synonyms alone"),
        (["red", "-k", "0"], "k is 0"),
    ],
)
def test_what_cannot_be_meant_is_told_in_a_sentence(shop: Path, arguments: list[str], said: str) -> None:
    code, _, err = run("suggest", *arguments, "--shop", shop)
    assert code == 2
    assert said in err


def test_a_shop_that_is_not_there_is_told_with_exit_code_3(tmp_path: Path) -> None:
    code, _, err = run("suggest", "red", "--shop", tmp_path / "nowhere")
    assert code == 3
    assert "there is no shop in" in err.replace("\n", " ")


def test_candidates_for_synonyms_come_from_clicks_as_well(shop: Path, tmp_path: Path) -> None:
    log = tmp_path / "events.jsonl"
    with log.open("w", encoding="utf-8") as file:
        for n in range(16):
            words, id = ("stein", f"M{n % 2}") if n < 8 else ("bowl", "B0")
            shown = {"query_id": f"q{n}", "user_query": words, "query_response_hit_ids": ["M0", "M1", "B0"]}
            where = {"object": {"object_id": id}, "position": {"ordinal": 1}}
            did = {"query_id": f"q{n}", "action_name": "click", "event_attributes": where}
            file.write(f"{json.dumps(shown)}\n{json.dumps(did)}\n")
    code, out, _ = run("suggest", "--synonyms", "--events", log, "--shop", shop, "--json")
    assert code == 0
    assert json.loads(out) == {
        "searches": 16,
        "problems": 0,
        "candidates": [{"line": "stein => mug", "searches": 8, "share": 1.0}],
    }
    assert (
        "stein => mug  # 100% of 8 searches"
        in run("suggest", "--synonyms", "--events", log, "--shop", shop)[1]
    )
    assert "--events goes with --synonyms alone" in run("suggest", "re", "--events", log, "--shop", shop)[2]
    both = run("suggest", "--synonyms", "--events", log, "--encoder", "hashed", "--shop", shop)
    assert both[0] == 2
