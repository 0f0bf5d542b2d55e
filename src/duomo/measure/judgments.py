"""Judgments from outside: TREC qrels, BEIR folders, and rows of a table."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from duomo.errors import BadFile, MissingFile
from duomo.files import read_json_lines, write_atomic, write_json_lines
from duomo.measure.questions import MOST_GRADE, Question
from duomo.product import Product

Grades = dict[str, dict[str, int]]  # question id -> product id -> grade
LEAST_GRADE: Final = -2  # TREC marks spam so; whatever is below 0 counts as 0
_SPLITS: Final = ("test", "dev", "val", "validation", "train")  # of a BEIR folder, the first that is there
_HEADER: Final = ("query-id", "query_id", "qid")


def read_qrels(path: Path) -> Grades:
    """The grades of a TREC qrels file, `qid 0 product grade`, or of a BEIR one: qid, product, grade by tabs.

    Raises:
        MissingFile: there is no such file.
        BadFile: a line cannot be read or contradicts an earlier one, or there is none.
    """
    grades: Grades = {}
    for number, line in lines_of(path):
        cells = line.split("\t") if "\t" in line else line.split()
        if not grades and cells[0].strip().casefold() in _HEADER:
            continue
        if len(cells) not in (3, 4):
            problem = f"{path} line {number}: 4 columns are wanted (qid 0 product grade), or 3 by tabs"
            raise BadFile(f"{problem}; this has {len(cells)}", remedy="Write it as TREC or BEIR do")
        qid, product, grade = cells[0], cells[-2], cells[-1]
        add_grade(grades, qid.strip(), product.strip(), grade, f"{path} line {number}")
    return _some(grades, path)


def read_queries(path: Path) -> dict[str, str]:
    """The text of each question: JSON lines with "_id" or "qid" and "text", or two columns by a tab.

    Raises:
        MissingFile: there is no such file.
        BadFile: a line cannot be read, or two have one id.
    """
    texts: dict[str, str] = {}
    for number, qid, text in _queries(path):
        if qid in texts:
            raise BadFile(
                f"{path} line {number}: the question '{qid}' came before", remedy="Keep one of them"
            )
        if not text:
            raise BadFile(
                f"{path} line {number}: the question '{qid}' has no words", remedy="Write it, or drop it"
            )
        texts[qid] = text
    if not texts:
        raise BadFile(f"{path} holds no question", remedy='Write lines like {"_id": "q1", "text": "red mug"}')
    return texts


def read_beir(folder: Path) -> list[Question]:
    """The questions of a BEIR folder: `queries.jsonl` and `qrels/test.tsv` (or dev, val, train).

    Raises:
        MissingFile: one of them is not there.
        BadFile: one of them cannot be read.
    """
    found = next((p for name in _SPLITS if (p := folder / "qrels" / f"{name}.tsv").is_file()), None)
    if found is None:
        remedy = "Put it there, or name the files: --qrels FILE --queries FILE"
        raise MissingFile(f"{folder} holds no qrels/test.tsv", remedy=remedy)
    return judged(read_qrels(found), read_queries(folder / "queries.jsonl"), str(found))


def write_beir(folder: Path, questions: Iterable[Question], goods: Iterable[Product]) -> int:
    """Write questions in words, their grades and the goods as a BEIR folder; return how many questions.

    Questions with a picture, and those to which nothing is right, have no place there and are left out, and
    so are limits. `read_beir` gives the questions back, as judged ones.

    Args:
        folder: gets `corpus.jsonl`, `queries.jsonl` and `qrels/test.tsv`.
        questions: of any kinds, each with its own qid.
        goods: the whole shop.
    """
    asked = [one for one in questions if one.text and not one.looks and one.positives]
    write_json_lines(
        folder / "corpus.jsonl",
        ({"_id": each.id, "title": each.title, "text": each.description} for each in goods),
    )
    write_json_lines(folder / "queries.jsonl", ({"_id": one.qid, "text": one.text} for one in asked))
    rows = [f"{one.qid}\t{id}\t{grade}\n" for one in asked for id, grade in one.right.items()]
    write_atomic(folder / "qrels" / "test.tsv", "query-id\tcorpus-id\tscore\n" + "".join(rows))
    return len(asked)


def judged(grades: Grades, texts: Mapping[str, str], place: str) -> list[Question]:
    """Questions with the grades that people gave; what has none has not been looked at.

    Raises:
        BadFile: a question that was judged has no text.
    """
    if missing := next((qid for qid in grades if qid not in texts), None):
        problem = f"{place} judges the question '{missing}', which has no text"
        raise BadFile(problem, remedy="Name the file of questions that belongs to it with --queries")
    return [Question(qid=qid, text=texts[qid], right=right, complete=False) for qid, right in grades.items()]


def judged_rows(rows: Iterable[tuple[int, str, str, str]], place: str) -> list[Question]:
    """Questions of a table whose rows are a question, a product and a grade; the text is the id.

    Args:
        rows: line, question, product id, grade as it is written.
        place: the file, for complaints.

    Raises:
        BadFile: a cell is empty or no grade, or one product is graded twice in different ways.
    """
    grades: Grades = {}
    for line, text, product, grade in rows:
        if not text or not product:
            problem = f"{place} line {line}: a question or a product id is missing"
            raise BadFile(problem, remedy="Fill the cell, or remove the row")
        add_grade(grades, text, product, grade, f"{place} line {line}")
    _some(grades, Path(place))
    return judged(grades, {text: text for text in grades}, place)


def add_grade(grades: Grades, qid: str, product: str, written: str, place: str) -> None:
    """Note one grade; raises BadFile where it is no whole number in range, or contradicts an earlier one."""
    try:
        amount = float(written)
    except ValueError:
        amount = float("nan")
    if not (amount.is_integer() and LEAST_GRADE <= amount <= MOST_GRADE):
        problem = f"{place}: the grade '{written[:40]}' is no whole number from 0 to {MOST_GRADE}"
        raise BadFile(problem, remedy="Write 0 for wrong, 1 or more for right")
    grade = max(0, int(amount))
    if grades.setdefault(qid, {}).setdefault(product, grade) != grade:
        problem = f"{place}: '{product}' had another grade for '{qid}' before"
        raise BadFile(problem, remedy="Keep one of them")


def placed(
    questions: Iterable[Question], owner_of: Callable[[str], str | None]
) -> tuple[list[Question], tuple[str, ...]]:
    """The questions with product ids in the place of ids of variants, and the ids that no product has.

    Grades of several variants of one product become the highest of them.
    """
    found: list[Question] = []
    unknown: dict[str, None] = {}
    for one in questions:
        right: dict[str, int] = {}
        for id, grade in one.right.items():
            if (owner := owner_of(id)) is None:
                unknown[id] = None
                owner = id
            right[owner] = max(grade, right.get(owner, 0))
        found.append(replace(one, right=right))
    return found, tuple(unknown)


def lines_of(path: Path) -> Iterator[tuple[int, str]]:
    """Number (from 1) and text of every line that is not blank.

    Raises:
        MissingFile: there is no such file.
        BadFile: it is not UTF-8.
    """
    if not path.is_file():
        raise MissingFile(f"there is no file {path}", remedy="Check the path")
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, line.rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise BadFile(f"{path} is not UTF-8 ({error.reason})", remedy="Save it as UTF-8") from error


def _queries(path: Path) -> Iterator[tuple[int, str, str]]:
    first = next(lines_of(path), (0, ""))[1].lstrip()
    if not first.startswith("{"):
        for number, line in lines_of(path):
            qid, tab, text = line.partition("\t")
            if not tab:
                problem = f"{path} line {number}: an id and a text with a tab between are wanted"
                raise BadFile(problem, remedy='Or write JSON lines: {"_id": "q1", "text": "red mug"}')
            yield number, qid.strip(), text.strip()
        return
    for number, record in read_json_lines(path):
        name, said = record.get("_id", record.get("qid")), record.get("text", "")
        if not isinstance(name, str | int) or not isinstance(said, str):
            problem = f"{path} line {number}: an '_id' and a 'text' are wanted"
            raise BadFile(problem, remedy='Write it like {"_id": "q1", "text": "red mug"}')
        yield number, str(name), said.strip()


def _some(grades: Grades, path: Path) -> Grades:
    if not grades:
        raise BadFile(f"{path} holds no judgment", remedy="Write lines like: q1 0 A1 2")
    return grades
