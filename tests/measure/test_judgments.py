from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.errors import BadFile, MissingFile
from duomo.measure.judgments import (
    judged,
    judged_rows,
    placed,
    read_beir,
    read_qrels,
    read_queries,
    write_beir,
)
from duomo.measure.questions import Question
from duomo.measure.runs import read_run
from duomo.product import Product


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_trec_and_beir_judgments_are_read_alike(tmp_path: Path) -> None:
    trec = write(tmp_path / "t.qrels", "q1 0 A 2\nq1 0 B -1\n\nq2 0 C 0\n")
    beir = write(tmp_path / "b.tsv", "query-id\tcorpus-id\tscore\nq1\tA\t2\nq1\tB\t0\nq2\tC\t0\n")
    assert read_qrels(trec) == read_qrels(beir) == {"q1": {"A": 2, "B": 0}, "q2": {"C": 0}}


def test_a_beir_folder_gives_judged_questions(tmp_path: Path) -> None:
    write(tmp_path / "qrels" / "dev.tsv", "query-id\tcorpus-id\tscore\nq1\tA\t2\n")
    write(tmp_path / "queries.jsonl", '{"_id": "q1", "text": "红色 mug"}\n{"_id": "q2", "text": "jug"}\n')
    assert read_beir(tmp_path) == [Question(qid="q1", text="红色 mug", right={"A": 2}, complete=False)]
    with pytest.raises(MissingFile, match=r"holds no qrels/test\.tsv"):
        read_beir(tmp_path / "qrels")


WORDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=9)
IDS = WORDS.filter(lambda qid: qid.casefold() not in ("query-id", "query_id", "qid"))
RIGHT = st.dictionaries(WORDS, st.integers(0, 4), min_size=1, max_size=4).filter(
    lambda right: any(right.values())
)


@given(st.dictionaries(IDS, st.tuples(WORDS, RIGHT), min_size=1, max_size=5))
def test_questions_written_as_beir_are_read_again(
    tmp_path_factory: pytest.TempPathFactory, asked: dict[str, tuple[str, dict[str, int]]]
) -> None:
    folder = tmp_path_factory.mktemp("beir")
    questions = [
        Question(qid=qid, text=text, right=right, complete=False) for qid, (text, right) in asked.items()
    ]
    pictures = [Question(qid="p", picture="abc", right={"A": 1}), Question(qid="q", text="x", right={"A": 0})]
    goods = [Product(id="A", title="红色 mug", variants=())]
    assert write_beir(folder, [*questions, *pictures], goods) == len(questions)
    assert read_beir(folder) == questions
    assert '"title":"红色 mug"' in (folder / "corpus.jsonl").read_text(encoding="utf-8")


def test_questions_may_stand_in_two_columns(tmp_path: Path) -> None:
    assert read_queries(write(tmp_path / "q.tsv", "q1\tred mug\nq2\t马克杯\n")) == {
        "q1": "red mug",
        "q2": "马克杯",
    }
    assert read_queries(write(tmp_path / "q.jsonl", '{"qid": 7, "text": "mug"}\n')) == {"7": "mug"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("q1 0 A\n", None),
        ("q1 A\n", "line 1: 4 columns are wanted"),
        ("q1 0 A 1\nq1 0 A 2\n", "line 2: 'A' had another grade for 'q1' before"),
        ("q1 0 A high\n", "line 1: the grade 'high' is no whole number"),
        ("q1 0 A 0.5\n", "no whole number"),
        ("q1 0 A 999\n", "no whole number"),
        ("\n", "holds no judgment"),
    ],
)
def test_a_judgment_that_cannot_be_read_names_its_line(tmp_path: Path, text: str, said: str | None) -> None:
    path = write(tmp_path / "x.qrels", text)
    with pytest.raises(BadFile) as told:
        read_qrels(path)
    assert "x.qrels" in str(told.value)
    assert said is None or said in str(told.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("red mug\n", "an id and a text with a tab between"),
        ("q1\ta\nq1\tb\n", "line 2: the question 'q1' came before"),
        ("q1\t\n", "the question 'q1' has no words"),
        ('{"text": "mug"}\n', "line 1: an '_id' and a 'text' are wanted"),
        ("", "holds no question"),
    ],
)
def test_a_question_that_cannot_be_read_names_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadFile) as told:
        read_queries(write(tmp_path / "q", text))
    assert said in str(told.value)


def test_rows_of_a_table_become_questions_of_their_own_words() -> None:
    found = judged_rows([(2, "laptop", "A", "3"), (3, "laptop", "B", "0.0"), (4, "mug", "C", "1")], "j.csv")
    assert [(one.qid, one.text, dict(one.right)) for one in found] == [
        ("laptop", "laptop", {"A": 3, "B": 0}),
        ("mug", "mug", {"C": 1}),
    ]
    with pytest.raises(BadFile, match=r"j\.csv line 5: a question or a product id is missing"):
        judged_rows([(5, "laptop", "", "1")], "j.csv")
    with pytest.raises(BadFile, match="judges the question 'q', which has no text"):
        judged({"q": {"A": 1}}, {}, "x.qrels")


def test_ids_of_variants_become_those_of_their_products_and_strangers_are_named() -> None:
    owners = {"A": "A", "A-M": "A", "A-L": "A"}
    asked = Question(qid="q", text="mug", right={"A-M": 1, "A-L": 2, "Z": 1})
    found, unknown = placed([asked], owners.get)
    assert dict(found[0].right) == {"A": 2, "Z": 1}
    assert unknown == ("Z",)


def test_a_run_is_read_in_the_order_of_its_scores(tmp_path: Path) -> None:
    run = write(tmp_path / "r.trec", "q1 Q0 B 2 0.5 x\nq1 Q0 A 1 0.9 x\nq1 Q0 C 3 0.5 x\nq2 Q0 D 1 -1 x\n")
    assert {qid: [hit.product_id for hit in hits] for qid, hits in read_run(run).items()} == {
        "q1": ["A", "B", "C"],
        "q2": ["D"],
    }
    for text, said in (
        ("q1 Q0 A 1 0.9\n", "line 1: 6 columns are wanted"),
        ("q1 Q0 A 1 best x\n", "rank and score must be numbers"),
        ("q1 Q0 A 1 nan x\n", "rank and score must be numbers"),
        ("q1 Q0 A 1 1 x\nq1 Q0 A 2 0 x\n", "line 2: 'A' was named for 'q1' before"),
        ("\n", "holds no answer"),
    ):
        with pytest.raises(BadFile) as told:
            read_run(write(tmp_path / "bad.trec", text))
        assert said in str(told.value)
    (tmp_path / "latin.trec").write_bytes(b"q1 Q0 caf\xe9 1 1 x\n")
    with pytest.raises(BadFile, match="is not UTF-8"):
        read_run(tmp_path / "latin.trec")
