"""Linear heads on n-grams: what they learn, that serving is fitting's own model, and what words they name."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from sklearn.svm import LinearSVC

from duomo.errors import BadFile
from duomo.understand.fitting import fit_words, folds, idf, rows_of, temperature, unseen
from duomo.understand.grams import grams, word_spans
from duomo.understand.linear import LinearWords, spans

GOOD = ("质量很好", "very good quality", "喜欢, 很舒服", "i love it", "好看 nice", "good and nice, 好")
BAD = ("质量太差", "very bad quality", "讨厌, 不舒服", "i hate it", "难看 ugly", "bad and ugly, 差")
TEXTS = [*GOOD, *BAD] * 3
RIGHT = [*[1] * len(GOOD), *[0] * len(BAD)] * 3


@pytest.fixture(scope="module")
def head() -> LinearWords:
    return fit_words(grams(TEXTS), np.array(RIGHT), 2)


def test_a_head_tells_what_it_has_learned_in_both_languages(head: LinearWords) -> None:
    scores = head.scores(grams(["很好", "love", "太差", "ugly"]))[:, 0]
    assert (scores > 0).tolist() == [True, True, False, False]


def test_serving_gives_the_scores_of_scikit_learn(head: LinearWords) -> None:
    found = grams(TEXTS)
    ids, _ = found.distinct()
    kept, gain = idf(ids, len(found))
    model = LinearSVC(C=0.3, random_state=0).fit(rows_of(found, kept, gain), RIGHT)
    asked = grams(["质量很好 but ugly", "", "nothing known 无"])
    assert np.allclose(
        head.scores(asked)[:, 0], model.decision_function(rows_of(asked, kept, gain)), atol=0.03
    )


def test_several_classes_have_a_score_each() -> None:
    texts, right = ["red shirt", "蓝色 shirt", "green shoe"] * 4, np.array([0, 1, 2] * 4)
    head = fit_words(grams(texts), right, 3)
    assert head.scores(grams(texts)).argmax(axis=1).tolist() == right.tolist()


def test_a_class_without_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one row"):
        fit_words(grams(["a b c", "d e f"] * 3), np.array([0, 1] * 3), 3)


def test_credits_sum_to_the_score_without_the_bias(head: LinearWords) -> None:
    for text in ("质量很好，质量很好 good", "bad 👎", ""):
        found = grams([text])
        total = float(head.credits(found, text, 0).sum())
        assert total == pytest.approx(float(head.scores(found)[0, 0] - head.bias[0]), abs=1e-4)


def test_the_words_named_are_those_that_decide(head: LinearWords) -> None:
    text = "Quality is bad, 不舒服"
    found = spans(text, word_spans(text), head.credits(grams([text]), text, 0))
    assert found
    assert all(text[piece.start : piece.end] == piece.text for piece in found)
    assert any("bad" in piece.text and piece.weight < 0 for piece in found)


def test_a_head_is_the_same_after_a_file(head: LinearWords, tmp_path: Path) -> None:
    save_file(head.as_arrays("words."), tmp_path / "head.safetensors")
    again = LinearWords.from_arrays(
        load_file(tmp_path / "head.safetensors"), prefix="words.", file="head.safetensors"
    )
    asked = grams(["质量很好", "bad"])
    assert np.allclose(again.scores(asked), head.scores(asked), atol=0.01)


def test_a_file_that_lacks_a_part_or_does_not_fit_is_named(head: LinearWords) -> None:
    arrays = head.as_arrays()
    with pytest.raises(BadFile, match=r"h\.st lacks 'bias'"):
        LinearWords.from_arrays(
            {name: array for name, array in arrays.items() if name != "bias"}, prefix="", file="h.st"
        )
    with pytest.raises(BadFile, match="do not fit together"):
        LinearWords.from_arrays({**arrays, "gain": arrays["gain"][1:]}, prefix="", file="h.st")


def test_the_share_of_known_grams_tells_a_text_in_no_language_learned(head: LinearWords) -> None:
    known = head.known(grams(["质量很好", "хорошая обувь", ""]))
    assert known[0] > 0.9
    assert known[1:].tolist() == [0, 0]


def test_a_temperature_makes_confidence_right() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(5000, 3)).astype(np.float32)
    right = (scores * 2 + rng.gumbel(size=scores.shape)).argmax(axis=1)  # drawn as softmax says
    assert temperature(scores, right) == pytest.approx(2, rel=0.1)


def test_rows_of_one_group_share_a_fold_and_every_row_is_asked_once() -> None:
    names = ["red shirt", "red shirt", *(f"shirt {number}" for number in range(40))]
    parts = folds(names)
    assert parts[0] == parts[1]
    assert set(parts) == set(range(5))
    asked = np.zeros(len(names), int)
    for mask, scores in unseen(parts, lambda learned: lambda rows: np.full((rows.sum(), 1), learned.sum())):
        asked += mask
        assert (scores == len(names) - mask.sum()).all()
    assert (asked == 1).all()
