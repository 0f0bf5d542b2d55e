from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.errors import BadFile, MissingFile
from duomo.measure.pictures_altered import ALTERATIONS, SHOWN, altered
from duomo.measure.questions import Limit, Question, Shown, breaks, read_questions, write_questions
from duomo.product import Price, Product, Variant

SHIRT = Product(
    id="P",
    title="Shirt",
    attributes={"color": ("Red", "Blue")},
    variants=(
        Variant(id="P-R", attributes={"color": ("Red",)}, price=Price.of("20", "USD")),
        Variant(id="P-B", attributes={"color": ("Blue",)}, price=Price.of("60", "USD")),
        Variant(id="P-X", attributes={"color": ()}),
    ),
)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20)
LIMITS = st.builds(
    Limit,
    column=st.sampled_from(["price", "color"]),
    least=st.none() | st.floats(-1e6, 1e6),
    most=st.none() | st.floats(-1e6, 1e6),
    any=st.lists(TEXT, max_size=2).map(tuple),
    none=st.lists(TEXT, max_size=2).map(tuple),
)
QUESTIONS = st.builds(
    Question,
    qid=st.uuids().map(str),
    kind=TEXT.map(lambda text: f"k{text}"),
    text=TEXT.map(lambda text: f"x{text}"),
    picture=TEXT,
    altered=st.sampled_from(["", *ALTERATIONS]),
    seed=st.integers(0, 2**31),
    right=st.dictionaries(TEXT, st.integers(0, 20), min_size=1, max_size=3),
    complete=st.booleans(),
    limits=st.lists(LIMITS, max_size=2).map(tuple),
    source=TEXT,
)


@given(st.lists(QUESTIONS, min_size=1, max_size=4, unique_by=lambda question: question.qid))
def test_questions_that_were_written_are_read_back_the_same(questions: list[Question]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "questions.jsonl"
        assert write_questions(path, questions) == len(questions)
        assert read_questions(path) == questions


def test_a_limit_is_asked_of_the_variant_that_stands_in_front() -> None:
    goods = {"P": SHIRT}
    cheap = Question(qid="q", right={"P": 1}, limits=(Limit(column="price", most=50),))
    assert not breaks(cheap, Shown("P", "P-R"), goods)
    assert breaks(cheap, Shown("P", "P-B"), goods)
    assert breaks(cheap, Shown("P", "P-X"), goods)  # no price is no price under 50
    assert not breaks(
        cheap, Shown("P"), goods
    )  # a run that names products alone: one of its variants will do
    assert breaks(cheap, Shown("unheard of"), goods)
    not_red = Question(qid="q", right={"P": 1}, limits=(Limit(column="color", none=("RED",)),))
    assert breaks(not_red, Shown("P", "P-R"), goods)
    assert not breaks(not_red, Shown("P", "P-B"), goods)
    assert not breaks(not_red, Shown("P", "P-X"), goods)  # what says no color is not red
    blue = Question(qid="q", right={"P": 1}, limits=(Limit(column="color", any=("blue",)),))
    assert [breaks(blue, Shown("P", one.id), goods) for one in SHIRT.variants] == [True, False, True]
    both = Question(qid="q", limits=(*cheap.limits, *blue.limits))
    assert breaks(both, Shown("P"), goods)  # no single variant is cheap and blue
    assert not breaks(Question(qid="q"), Shown("unheard of"), goods)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"text": "mug", "right": ["A"]}', "line 1 has no 'qid'"),
        ('{"qid": "q", "right": ["A"]}', "line 1 asks nothing"),
        ('{"qid": "q", "text": "mug"}', "'right' must name the right products"),
        ('{"qid": "q", "text": "mug", "right": {"A": -1}}', "the grade of 'A' must be a whole number"),
        ('{"qid": "q", "text": "mug", "right": {"A": true}}', "the grade of 'A' must be a whole number"),
        ('{"qid": "q", "text": "mug", "rigth": ["A"]}', "a question has no part 'rigth'"),
        ('{"qid": "q", "picture": "0", "altered": "melt", "right": ["A"]}', "no alteration is called 'melt'"),
        ('{"qid": "q", "text": 3, "right": ["A"]}', "'text' must be a text"),
        ('{"qid": "q", "text": "m", "right": ["A"], "limits": [{"most": 3}]}', "a limit has a column"),
        (
            '{"qid": "q", "text": "m", "right": ["A"], "limits": [{"column": "price", "most": "3"}]}',
            "numbers",
        ),
        ('{"qid": "q", "text": "m", "right": ["A"]}\n' * 2, "line 2: the qid 'q' came before"),
        ("no json", "line 1: not JSON"),
        ("\n", "holds no question"),
    ],
)
def test_a_line_that_is_no_question_is_told_with_its_number(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "q.jsonl").write_text(line)
    with pytest.raises(BadFile) as told:
        read_questions(tmp_path / "q.jsonl")
    assert said in str(told.value)
    assert "q.jsonl" in str(told.value)
    with pytest.raises(MissingFile, match="there is no file"):
        read_questions(tmp_path / "none.jsonl")


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from(sorted(ALTERATIONS)), st.integers(0, 2**31))
def test_an_altered_picture_is_a_picture_and_the_same_one_again(
    height: int, width: int, how: str, seed: int
) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)
    before = pixels.copy()
    made = altered(pixels, how, seed)
    assert made.dtype == np.uint8
    assert made.ndim == 3
    assert made.flags.c_contiguous
    assert np.array_equal(made, altered(pixels, how, seed))
    assert np.array_equal(pixels, before)
    assert (made.shape == pixels.shape) == (how != "crop" or made.shape == pixels.shape)


def test_alterations_do_what_they_are_called_for() -> None:
    pixels = np.zeros((100, 80, 3), np.uint8)
    pixels[:, :40] = (200, 30, 30)
    cut = altered(pixels, "crop", 1)
    assert cut.shape[0] * cut.shape[1] == pytest.approx(SHOWN * 8000, rel=0.02)
    assert np.array_equal(altered(pixels, "mirror", 1), pixels[:, ::-1])
    other = altered(pixels, "recolor", 1)[0, 0].tolist()
    assert other.index(max(other)) != 0  # no longer red
    assert altered(pixels, "dark", 1).mean() < 0.6 * pixels.mean() + 3
    assert altered(pixels, "", 1) is pixels
    with pytest.raises(ValueError, match="no alteration is called 'melt'"):
        altered(pixels, "melt", 1)
