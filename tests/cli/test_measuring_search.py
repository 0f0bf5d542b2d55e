import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer
from tests.cli.conftest import Duomo
from typer.testing import CliRunner, Result

from duomo.cli import measuring

ASKED = ("measure", "search", "--shop")


def here(shop: Path, *more: object) -> Result:
    """The command in this process: a process of its own takes seconds to start."""
    app = typer.Typer()
    measuring.add_to(app)
    return CliRunner().invoke(app, [*ASKED, str(shop), *map(str, more)])


def test_a_shop_without_judgments_gets_numbers(duomo: Duomo, shop: Path, tmp_path: Path) -> None:
    page, saved = tmp_path / "report.html", tmp_path / "questions.jsonl"
    ran = duomo(
        *ASKED,
        shop,
        "--kinds",
        "title,values,crop,composed",
        "--n",
        3,
        "--report",
        page,
        "--save",
        saved,
        "--json",
    )
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert said["systems"] == ["hybrid", "keywords", "vector"]
    assert [kind["kind"] for kind in said["kinds"]] == ["title", "crop", "composed"]
    assert set(said["left_out"]) == {"values"}
    titles, crops, composed = said["kinds"]
    assert titles["systems"]["hybrid"]["mrr"]["mean"] == 1
    assert crops["systems"]["keywords"]["ndcg"] is None
    assert composed["systems"]["hybrid"]["broken"]["n"] == 3
    assert 0 < titles["chance_ndcg"] < 1
    assert page.read_text(encoding="utf-8").count("<svg") > 3
    lines = [json.loads(line) for line in saved.read_text(encoding="utf-8").splitlines()]
    assert len(lines) == said["questions"]

    again = duomo(*ASKED, shop, "--questions", saved, "--json")
    assert again.returncode == 0, again.stderr
    repeated = json.loads(again.stdout)
    assert repeated["kinds"] == said["kinds"]
    one = duomo(*ASKED, shop, "--questions", saved, "--kinds", "crop", "--against", "vector", "--json")
    assert json.loads(one.stdout)["against"]["vector"]["ties"] == crops["n"]


def test_people_see_a_table_with_systems_chance_and_who_beats_whom(duomo: Duomo, shop: Path) -> None:
    ran = duomo(*ASKED, shop, "--kinds", "title,sku", "--n", "5")
    assert ran.returncode == 0, ran.stderr
    assert re.search(r"NDCG@10 +n +hybrid +keywords +vector +chance", ran.stdout)
    assert re.search(r"title +5 +1\.000", ran.stdout)
    assert re.search(r"hybrid against vector: \+0\.\d+ \[", ran.stdout)
    assert "10 questions in" in ran.stdout


def test_judgments_of_a_table_and_of_trec_give_the_same_figures(shop: Path, tmp_path: Path) -> None:
    table, other = tmp_path / "j.csv", tmp_path / "other.csv"
    table.write_text(
        "搜索词,sku,评分\nred mug,M0,2\nred mug,B0,1\nblue bowl,B1,1\nblue bowl,NONE,1\n", "utf-8"
    )
    other.write_text("was,wer,wie\nred mug,M0,2\nred mug,B0,1\nblue bowl,B1,1\nblue bowl,NONE,1\n", "utf-8")
    qrels, queries = tmp_path / "q.qrels", tmp_path / "q.tsv"
    qrels.write_text("1 0 M0 2\n1 0 B0 1\n2 0 B1 1\n2 0 NONE 1\n")
    queries.write_text("1\tred mug\n2\tblue bowl\n")
    mapped = ("--map", "query=was", "--map", "product_id=wer", "--map", "rating=wie")
    ran = [
        here(shop, *more, "--json")
        for more in (
            ("--qrels", table),
            ("--qrels", other, *mapped),
            ("--qrels", qrels, "--queries", queries),
        )
    ]
    said = [json.loads(one.stdout) for one in ran]
    assert said[0]["kinds"] == said[1]["kinds"] == said[2]["kinds"]
    figures = said[0]["kinds"][0]["systems"]["hybrid"]
    assert said[0]["unknown_products"] == ["NONE"]
    assert figures["ndcg"]["n"] == 2
    assert figures["judged"]["mean"] <= 1
    assert figures["ndcg_judged"]["mean"] >= figures["ndcg"]["mean"]


def test_what_shoppers_clicked_judges_the_search(shop: Path, tmp_path: Path) -> None:
    queries, events = tmp_path / "ubi_queries.jsonl", tmp_path / "ubi_events.jsonl"
    asked = [
        {"query_id": f"q{n}", "user_query": "red mug", "query_response_hit_ids": ["B0", "M0", "GONE"]}
        for n in range(6)
    ]
    asked.append({"query_id": "q9", "user_query": "jo smith", "query_response_hit_ids": ["B0"]})
    done = [
        {"query_id": f"q{n}", "action_name": action, "event_attributes": {"object": {"object_id": id}}}
        for n in range(6)
        for action, id in (("click", "M0"), ("purchase", "GONE"), ("page_exit", "M0"))
    ]
    queries.write_text("\n".join(map(json.dumps, asked)) + "\nnonsense\n")
    events.write_text("\n".join(map(json.dumps, done)))
    given = ("--events", queries, "--events", events)
    saved = tmp_path / "questions.jsonl"
    ran = here(shop, *given, "--save", saved, "--json")
    assert ran.exit_code == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert json.loads(saved.read_text())["right"] == {"B0": 0, "M0": 4}
    assert said["unknown_products"] == ["GONE"]
    assert said["kinds"][0]["systems"]["hybrid"]["mrr"]["mean"] == 1
    counts = {name: said["events"][name] for name in ("searches", "rows", "skipped", "rare", "moved")}
    assert counts == {"searches": 7, "rows": 26, "skipped": 1, "rare": 1, "moved": 0}
    assert "jo smith" not in ran.stdout + saved.read_text()
    told = here(shop, *given)
    assert "searched 7 times: 1 question, 1 asked fewer than 5 times and 0 without a click" in told.stdout
    assert "assumed: too few products moved" in told.stdout
    assert "'page_exit' was not counted: 6" in " ".join(told.stderr.split())
    few = here(shop, *given, "--least", 99)
    assert few.exit_code == 2
    assert "the events judge no question (2 were asked fewer than 99 times" in " ".join(few.stderr.split())


def test_a_run_of_another_engine_is_compared_question_by_question(
    duomo: Duomo, shop: Path, tmp_path: Path
) -> None:
    (tmp_path / "q.qrels").write_text("1 0 M0 1\n2 0 B1 1\n")
    (tmp_path / "q.tsv").write_text("1\tred mug\n2\tblue bowl\n")
    (tmp_path / "run.trec").write_text("1 Q0 M2 1 9 x\n1 Q0 M0 2 8 x\n")
    judged = ("--qrels", tmp_path / "q.qrels", "--queries", tmp_path / "q.tsv")
    ran = duomo(*ASKED, shop, *judged, "--against", tmp_path / "run.trec", "--json")
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert said["systems"] == ["hybrid", "run.trec"]
    assert said["kinds"][0]["systems"]["run.trec"]["zero"]["mean"] == 0.5
    assert said["kinds"][0]["systems"]["run.trec"]["mrr"]["mean"] == 0.25
    assert said["against"]["run.trec"]["wins"] == 2
    own = tmp_path / "own.trec"
    (tmp_path / "q.jsonl").write_text('{"qid": "1", "text": "red mug"}\n{"qid": "2", "text": "blue bowl"}\n')
    duomo("search", "--shop", shop, "--batch", tmp_path / "q.jsonl", "--run", own, "-k", "1000")
    same = json.loads(duomo(*ASKED, shop, *judged, "--against", own, "--json").stdout)
    assert same["against"]["own.trec"] == {"wins": 0, "losses": 0, "ties": 2, "gain": [0, 0, 0]}


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (("--kinds", "titel"), 2, "no kind of question is called 'titel'. Known: title, "),
        (("--kinds", "price"), 2, "no questions could be made (price: "),
        (("--n", "-1"), 2, "--n is -1"),
        (("--k", "0"), 2, "--k lies from 1 to 1000"),
        (("--questions", "none.jsonl"), 3, "there is no file none.jsonl"),
        (("--qrels", "none.csv"), 3, "there is no file or folder none.csv"),
        (("--events", "none.jsonl"), 3, "there is no file none.jsonl"),
        (("--events", "e", "--qrels", "q"), 2, "--qrels and --events were both given"),
        (("--events", "e", "--kinds", "title"), 2, "--kinds has no place beside --events"),
        (("--events", "e", "--least", "0"), 2, "--least is 0"),
        (("--queries", "q.tsv"), 2, "--queries and --map belong to --qrels"),
        (("--against", "hybrid"), 2, "'hybrid' would be compared with itself"),
        (("--against", "nobody"), 3, "nothing is called 'nobody' that could be compared with"),
        (("--encoder", "pocket"), 3, "this shop was not built with the encoder 'pocket'"),
        (("--report", "."), 2, "--report . is a folder"),
        (("--map", "query"), 2, "--map query is not of the form COLUMN=THEIRS"),
    ],
)
def test_what_cannot_be_meant_is_told_in_one_sentence(
    shop: Path, more: tuple[str, ...], code: int, said: str
) -> None:
    ran = here(shop, *more)
    assert ran.exit_code == code, ran.stderr
    assert said in " ".join(ran.stderr.split())
    assert "Traceback" not in ran.stderr


def test_a_table_without_the_columns_of_judgments_is_told_what_to_map(shop: Path, tmp_path: Path) -> None:
    table = tmp_path / "j.csv"
    table.write_text("query,product_id,stars\nmug,M0,1\n")
    ran = here(shop, "--qrels", table)
    assert ran.exit_code == 2
    assert "there is no column 'rating'" in ran.stderr
    assert "--map query=COLUMN" in ran.stderr
    table.write_text("query,product_id,rating\nmug,M0,1\nmug,M1,good\n")
    assert "j.csv line 3: the grade 'good' is no whole number" in here(shop, "--qrels", table).stderr


@pytest.mark.slow
def test_control_c_shows_what_was_asked_so_far(shop: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    saved = tmp_path / "many.jsonl"
    lines = [
        json.dumps({"qid": f"{kind}{n}", "kind": kind, "text": "red mug", "right": ["M0"]})
        for kind in ("a", "b")
        for n in range(40_000)
    ]
    saved.write_text("\n".join(lines))
    command = [sys.executable, "-m", "duomo", *ASKED, str(shop), "--questions", str(saved), "--json"]
    process = subprocess.Popen(
        [*command, "--report", str(page)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    time.sleep(8)
    for _ in range(6):  # a package that is just being imported may take the signal for itself
        process.send_signal(signal.SIGINT)
        try:
            out, err = process.communicate(timeout=20)
            break
        except subprocess.TimeoutExpired:
            continue
    else:
        process.kill()
        pytest.fail("the command does not stop")
    assert process.returncode == 130
    assert "Stopped" in err
    said = json.loads(out)
    counts = [kind["n"] for kind in said["kinds"]]
    assert said["unasked"] + said["questions"] == 80_000
    assert max(counts) - min(counts) <= 1  # kinds take turns
    assert "questions were not asked" in page.read_text(encoding="utf-8")
