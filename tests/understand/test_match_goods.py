"""Contradictions of goods as a catalog brings them: labels are found, wrong pictures told as findings."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.understand.test_match import drawn, goods

from duomo.catalog.check import CHECKS, check
from duomo.catalog.health.goods import Goods
from duomo.catalog.read import read_catalog
from duomo.product import Product, Variant
from duomo.settings import Settings
from duomo.understand.classify import words_of
from duomo.understand.classify_goods import Opener
from duomo.understand.match_goods import MatchCheck, labels_in, learn_match
from duomo.understand.match_reading import MatchReader
from duomo.understand.sight import Sight

WRONG = {7: ("green", "bag"), 20: ("black", "mug")}  # goods, and what their first pictures show


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """240 goods with a picture each; two show another product, one of them with its own picture behind."""
    folder = tmp_path_factory.mktemp("goods")
    texts, pictures, labels = goods(240)
    for row, pixels in enumerate(pictures):
        Image.fromarray(pixels).save(folder / f"{row}.png")
    for row, shape in WRONG.items():
        Image.fromarray(drawn(*shape, np.random.default_rng(row))).save(folder / f"wrong-{row}.png")
    with (folder / "goods.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sku", "title", "category", "color", "price", "image"])
        for row, text in enumerate(texts):
            color, kind = labels["color"][row], labels["kind"][row]
            shown = f"wrong-{row}.png" if row in WRONG else f"{row}.png"
            shown += f"|{row}.png" if row == 20 else ""
            assert color
            assert kind
            writer.writerow([f"G{row}", text, " > ".join(kind), color, 5, shown])
    return folder / "goods.csv"


def test_goods_with_wrong_pictures_are_findings_that_say_both_sides(catalog: Path) -> None:
    read = read_catalog(catalog)
    matching = MatchCheck(Opener(Settings()))
    found = {g.kind.name: g.findings for g in check(Goods.of(read, quick=True), (*CHECKS, matching)).groups}
    told = {each.problem.product_id: each for each in found["picture-contradicts"]}
    assert len(told) <= 3
    first = told["G7"]
    assert first.problem.value.endswith("wrong-7.png")
    sides = {"color": ("green", "black"), "category": ("Things > bag", "Things > shirt")}
    assert first.said in [
        (f"shows {shows}, and the words say {says} ({of})", f"显示的是{shows}，而文字写的是{says}（{of}）")
        for of, (shows, says) in sides.items()
    ]
    (main,) = found["picture-main-wrong"]
    assert main.problem.product_id == "G20"
    assert main.said.en.endswith("picture 2 (20.png) fits the words better")
    assert [Path(media.source).name for media in main.media] == ["wrong-20.png", "20.png"]
    assert matching.as_dict().keys() == {"figures"}


def test_too_few_goods_are_checked_by_names_and_why_is_said(catalog: Path) -> None:
    read = read_catalog(catalog)
    few = replace(read, products=read.products[:1])
    matching = MatchCheck(Opener(Settings()))
    assert not list(matching(Goods.of(few, quick=True)))
    assert "1 goods have words and a picture" in matching.left_out
    assert matching.as_dict() == {"left_out": matching.left_out}


def test_pictures_that_cannot_be_opened_are_told_and_the_rest_is_read(catalog: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"no picture")
    products = [*read_catalog(catalog).products]
    (media,) = products[0].media
    products[0] = replace(products[0], media=(replace(media, source=str(tmp_path / "bad.png")),))
    products[1] = replace(products[1], media=())
    opener = Opener(Settings())
    judged = learn_match(products, opener).judged(products)
    assert [each.doubt for each in judged[:2]] == ["empty", "empty"]
    assert [problem.product_id for problem in opener.problems] == ["G0"]


def test_evidence_is_what_the_contradiction_falls_without(catalog: Path) -> None:
    products = [*read_catalog(catalog).products]
    learned = learn_match(products, Opener(Settings()))
    judged = learned.judged(products)
    assert judged[7].label == judged[20].label == "contradiction"
    assert [each.label for each in judged].count("contradiction") <= 5
    wrong = products.pop(7)  # to be read as new goods: heads that had learned from it would believe it
    learned = learn_match(products, Opener(Settings()))
    reader = MatchReader(learned.fitted.matcher, Sight.shipped())
    (pixels,) = Opener(Settings()).open([wrong])
    assert pixels is not None
    text = words_of(wrong)
    (found,) = reader.read([text], [pixels], evidence=True)
    assert found.label == "contradiction"
    words = [piece for piece in found.evidence if piece.part == "words"]
    assert {piece.part for piece in found.evidence} == {"words", "picture"}
    assert all(text[piece.start : piece.end] == piece.text for piece in words)
    without = text[: words[0].start] + text[words[0].end :]
    (less,) = reader.read([without], [pixels])
    assert less.probability < found.probability


def test_labels_come_from_goods_and_their_variants() -> None:
    def shirt(id: str, *colors: str) -> Product:
        variants = tuple(Variant(id=f"{id}{n}", attributes={"color": (c,)}) for n, c in enumerate(colors))
        return Product(
            id=id, title="Shirt", variants=variants, attributes={"fit": (id,), "inferred.fit": (id,)}
        )

    found = labels_in([shirt("a", "red", "red"), shirt("b", "blue"), shirt("c", "red", "blue")])
    assert found == {"color": [("red",), ("blue",), None], "fit": [("a",), ("b",), ("c",)]}
