"""A label's own picture tower: trained on goods, kept with its head, served by ONNX Runtime."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from duomo.errors import BadFile, BadSetting
from duomo.product import Media, Product, Variant
from duomo.settings import Settings
from duomo.train.classify_deep import learn_deep
from duomo.understand.category import trained_in
from duomo.understand.classify_goods import Opener, beside_names
from duomo.understand.heads import TOWER_FILE


def goods(folder: Path, count: int = 40) -> list[Product]:
    """Crosses and discs in colors by chance, without words."""
    rng, made = np.random.default_rng(0), []
    rows, columns = np.mgrid[0:64, 0:64] - 32
    for number in range(count):
        pixels = np.full((64, 64, 3), 240, np.uint8)
        shape = np.hypot(rows, columns) < 24 if number % 2 else np.minimum(abs(rows), abs(columns)) < 6
        pixels[shape] = rng.integers(0, 160, 3)
        Image.fromarray(pixels).save(folder / f"{number}.png")
        media = (Media(source=str(folder / f"{number}.png")),)
        category = ("形状", "圆") if number % 2 else ("形状", "十字")
        variants = (Variant(id=str(number)),)
        made.append(Product(id=str(number), title="", category=category, variants=variants, media=media))
    return made


@pytest.mark.slow
def test_a_tower_is_trained_kept_with_its_head_and_opened_with_it(tmp_path: Path) -> None:
    alone = replace(goods(tmp_path, 1)[0], id="alone", category=("形状", "无"))  # a single one is no class
    products, opener = [alone, *goods(tmp_path)], Opener(Settings())
    file = tmp_path / "heads" / ".shape.onnx"
    fitted = learn_deep(products, "category", opener, file, epochs=12)
    assert fitted.head.card.lineage["deep"] == {"epochs": 12, "held_out": len(fitted.rows)}
    assert fitted.head.card.left_out == {"形状 > 无": 1}
    carried = [products[row].category for row in fitted.rows]
    assert [fitted.head.taxonomy.classes[right] for right in fitted.right] == carried
    named = beside_names(fitted, products, opener).head.card.figures["names_alone"]
    assert isinstance(named, dict)
    assert named["n"] == len(fitted.rows) > 5
    folder = tmp_path / "heads" / "category"
    fitted.head.save(folder, file)
    assert not file.exists()
    reader = trained_in(folder)
    products = products[1:]
    shares = reader.probabilities([""] * len(products), opener.open(products))
    right = [
        reader.taxonomy.classes[place] == p.category
        for place, p in zip(shares.argmax(1), products, strict=True)
    ]
    assert np.mean(right) > 0.9
    (folder / TOWER_FILE).unlink()
    with pytest.raises(BadFile, match="was trained with another picture tower"):
        trained_in(folder)
    assert [path.name for path in folder.parent.iterdir()] == ["category"]


def test_too_few_goods_for_a_tower_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(
        BadSetting, match="a picture tower learns from 30 goods or more, and 20 carry 'category'"
    ):
        learn_deep(goods(tmp_path, 20), "category", Opener(Settings()), tmp_path / "tower.onnx")
