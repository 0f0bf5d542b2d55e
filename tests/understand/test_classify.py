"""Heads that learn a label from goods: what they learn, what they say of themselves, how they are kept."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from duomo.errors import BadFile, BadQuery, BadSetting, MissingFile
from duomo.understand.classify import Head
from duomo.understand.classify_fitting import Fitted, by_groups, fit_head
from duomo.understand.classify_parts import fit_picture
from duomo.understand.gate import Floats
from duomo.understand.heads import CARD, WEIGHTS
from duomo.understand.taxonomy import Node

KINDS = {
    ("服装", "连衣裙"): ("连衣裙", "长裙", "dress", "碎花裙"),
    ("服装", "衬衫"): ("衬衫", "shirt", "白衬衣"),
    ("鞋",): ("跑鞋", "shoes", "运动鞋", "sneaker"),
}
PLAIN = ("红色", "blue", "新款", "summer", "棉", "classic", "包邮", "2026")


def goods(count: int, seed: int = 0) -> tuple[list[str], Floats, list[Node | None]]:
    """Titles in both languages that name their kind nine times of ten, and numbers that show it mostly."""
    rng = np.random.default_rng(seed)
    texts: list[str] = []
    labels: list[Node | None] = []
    seen = rng.normal(0, 1, (count, 12)).astype(np.float32)
    for row in range(count):
        place = int(rng.integers(0, len(KINDS)))
        kind, names = [*KINDS.items()][place]
        words = [*rng.choice(PLAIN, 3), rng.choice(names) if rng.random() < 0.9 else "商品", str(row)]
        texts.append(" ".join(map(str, words)))
        labels.append(kind)
        seen[row, place] += 2.5
    return texts, seen, labels


def learned(count: int = 300) -> Fitted:
    texts, seen, labels = goods(count)
    return fit_head("category", texts, seen, np.ones(count, bool), labels, tower="t")


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    return learned()


def right(head: Head, texts: list[str], seen: Floats, shown: np.ndarray, labels: list[Node | None]) -> float:
    best = head.probabilities(texts, seen, shown).argmax(axis=1)
    return float(
        np.mean([head.card.classes[place] == label for place, label in zip(best, labels, strict=True)])
    )


def test_words_and_picture_together_are_better_than_each(fitted: Fitted) -> None:
    texts, seen, labels = goods(400, seed=1)
    there, none = np.ones(400, bool), np.zeros(400, bool)
    both = right(fitted.head, texts, seen, there, labels)
    words = right(fitted.head, texts, seen, none, labels)
    picture = right(fitted.head, [""] * 400, seen, there, labels)
    assert both > words > 0.85
    assert both > picture > 0.75


def test_a_color_that_no_picture_had_before_does_not_decide_alone() -> None:
    _, seen, labels = goods(60, seed=2)
    kinds = sorted({node for node in labels if node})
    rare = np.zeros((60, 1), np.float32)
    rare[0] = 0.004  # a trace of it on one picture
    head = fit_picture(
        np.concatenate([seen, rare], axis=1),
        np.array([kinds.index(node) for node in labels if node]),
        len(kinds),
        strength=0.1,
    )
    plain, shown = np.append(seen[1], 0.0), np.append(seen[1], 0.4)
    scores = head.scores(np.stack([plain, shown]).astype(np.float32))
    assert np.abs(scores[1] - scores[0]).max() < 1


def test_the_card_says_what_was_learned_and_how_good_it_is(fitted: Fitted) -> None:
    card = fitted.head.card
    assert card.classes == (("服装", "衬衫"), ("服装", "连衣裙"), ("鞋",))
    assert sum(card.counts) == 300
    said = card.figures["accuracy"]
    assert isinstance(said, dict)
    hit = float((fitted.unseen.argmax(axis=1) == fitted.right).mean())
    assert said["n"] == 300
    assert said["low"] <= said["mean"] <= said["high"]
    assert said["mean"] == pytest.approx(hit, abs=1e-4)
    texts, seen, labels = goods(400, seed=2)
    assert right(fitted.head, texts, seen, np.ones(400, bool), labels) == pytest.approx(hit, abs=0.05)


def test_what_is_said_of_goods_does_not_depend_on_what_is_beside_them(fitted: Fitted) -> None:
    texts, seen, _ = goods(20, seed=3)
    there = np.ones(20, bool)
    whole = fitted.head.probabilities(texts, seen, there)
    alone = [fitted.head.probabilities([texts[n]], seen[n : n + 1], there[:1])[0] for n in range(20)]
    assert np.allclose(whole, np.stack(alone), atol=1e-5)
    assert np.allclose(whole.sum(axis=1), 1, atol=1e-5)


def test_a_head_is_the_same_from_its_folder_and_its_weights_are_guarded(
    fitted: Fitted, tmp_path: Path
) -> None:
    folder = tmp_path / "heads" / "category"
    fitted.head.save(folder)
    fitted.head.save(folder)  # in the place of the older one
    texts, seen, _ = goods(30, seed=4)
    there = np.ones(30, bool)
    loaded = Head.load(folder)
    assert loaded.card.classes == fitted.head.card.classes
    assert np.allclose(
        loaded.probabilities(texts, seen, there), fitted.head.probabilities(texts, seen, there), atol=0.01
    )
    assert [path.name for path in folder.parent.iterdir()] == ["category"]
    body = bytearray((folder / WEIGHTS).read_bytes())
    body[-3] ^= 1
    (folder / WEIGHTS).write_bytes(body)
    with pytest.raises(BadFile, match="its weights are not those of its card"):
        Head.load(folder)
    card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    (folder / CARD).write_text(json.dumps({**card, "form": 99}), encoding="utf-8")
    with pytest.raises(BadFile, match="cannot be used"):
        Head.load(folder)
    with pytest.raises(MissingFile, match="there is no trained head"):
        Head.load(tmp_path / "none")


def test_a_head_takes_the_place_of_a_head_and_of_nothing_else(fitted: Fitted, tmp_path: Path) -> None:
    folder, file = tmp_path / "mine", tmp_path / "notes.txt"
    folder.mkdir()
    for _ in range(2):
        fitted.head.save(folder)
    assert Head.load(folder).card == fitted.head.card
    (folder / "notes.txt").write_text("mine", "utf-8")
    file.write_text("mine", "utf-8")
    with pytest.raises(BadQuery, match=r"holds 'notes.txt', which is no part of a head and would be lost"):
        fitted.head.save(folder)
    with pytest.raises(BadQuery, match=r"notes\.txt is a file"):
        fitted.head.save(file)
    assert (folder / "notes.txt").read_text("utf-8") == file.read_text("utf-8") == "mine"


def test_serving_a_head_loads_no_scikit_learn(fitted: Fitted, tmp_path: Path) -> None:
    fitted.head.save(tmp_path / "head")
    code = (
        "import sys, numpy as np; from pathlib import Path; from duomo.understand.classify import Head;"
        f"head = Head.load(Path({str(tmp_path / 'head')!r}));"
        "head.probabilities(['红色 dress'], np.zeros((1, 12), np.float32), np.zeros(1, bool));"
        "assert not {'sklearn', 'scipy', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_goods_without_pictures_or_without_words_are_learned_from_too() -> None:
    texts, seen, labels = goods(120)
    none = np.zeros(120, bool)
    by_words = fit_head("category", texts, np.zeros((120, 0), np.float32), none, labels).head
    assert by_words.picture is None
    assert by_words.card.tower == ""
    by_picture = fit_head("category", [""] * 120, seen, ~none, labels).head
    assert by_picture.words is None
    assert right(by_picture, [""] * 120, seen, ~none, labels) > 0.8


def test_two_classes_and_a_class_that_a_fold_lacks_can_be_learned() -> None:
    texts, seen, labels = goods(150, seed=5)
    shoes: list[Node | None] = [("是",) if label == ("鞋",) else ("否",) for label in labels]
    head = fit_head("shoe", texts, seen, np.ones(150, bool), shoes).head
    assert right(head, texts, seen, np.ones(150, bool), shoes) > 0.9
    rare: list[Node | None] = [
        ("稀",),
        ("稀",),
        *labels[2:],
    ]
    same = [texts[0], texts[0], *texts[2:]]  # of one title, hence in one fold
    assert ("稀",) in fit_head("category", same, seen, np.ones(150, bool), rare).head.card.classes


def test_a_class_of_one_and_goods_without_a_label_are_left_out_and_counted() -> None:
    texts, seen, labels = goods(60)
    labels[:3] = [("唯一",), None, None]
    fitted = fit_head("category", texts, seen, np.ones(60, bool), labels)
    assert fitted.head.card.left_out == {"唯一": 1}
    assert len(fitted.rows) == 57


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ([("A",)] * 30, "too little to learn 'x' from: 30 goods in 1 classes"),
        ([("A",), ("A",), ("B",), ("B",)], "too little to learn 'x' from: 4 goods in 2 classes"),
        ([(str(n // 2),) for n in range(4002)], "'x' has 2,001 classes, more than the 2,000"),
    ],
)
def test_what_cannot_be_learned_is_one_sentence(labels: list[Node | None], said: str) -> None:
    texts = [f"商品 {n}" for n in range(len(labels))]
    seen, none = np.zeros((len(labels), 0), np.float32), np.zeros(len(labels), bool)
    with pytest.raises(BadSetting, match=said):
        fit_head("x", texts, seen, none, labels)


def test_goods_that_all_say_the_same_teach_nothing() -> None:
    labels: list[Node | None] = [("A",) if n % 2 else ("B",) for n in range(20)]
    with pytest.raises(BadSetting, match="all goods say the same"):
        fit_head("x", ["same"] * 20, np.zeros((20, 0), np.float32), np.zeros(20, bool), labels)


@pytest.mark.parametrize("classes", [2, 3])
def test_scores_of_pictures_are_those_of_scikit_learn(classes: int) -> None:
    rng = np.random.default_rng(0)
    seen = rng.normal(3, 2, (90, 5)).astype(np.float32)
    right = rng.integers(0, classes, 90)
    ours = fit_picture(seen, right, classes, strength=0.1, steps=300).scores(seen)
    normal = (seen - seen.mean(axis=0)) / seen.std(axis=0)
    theirs = LogisticRegression(C=0.1, max_iter=300).fit(normal, right).decision_function(normal)
    if classes == 2:
        assert np.allclose(ours[:, 1] - ours[:, 0], theirs, atol=1e-3)
    else:
        assert np.allclose(ours, theirs, atol=1e-3)


def test_an_interval_over_groups_is_wider_than_one_over_rows() -> None:
    hit = np.repeat(np.random.default_rng(0).random(40) < 0.7, 10)
    together = by_groups(hit, [str(n // 10) for n in range(400)])
    alone = by_groups(hit, [str(n) for n in range(400)])
    assert together.mean == alone.mean == hit.mean()
    assert together.high - together.low > 2 * (alone.high - alone.low)
