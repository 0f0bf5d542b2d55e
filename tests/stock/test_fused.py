"""The fused vector of a product: its words and its pictures, beside which each stays searchable."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from duomo.arrays import unit
from duomo.encode.fuse import fuse
from duomo.encode.models import load_encoder
from duomo.guard.pictures import read_picture
from duomo.product import Product, Variant
from duomo.settings import Settings
from duomo.shelf.lance import LanceShelf
from duomo.shelf.manifest import NAME, VARIANTS, Manifest
from duomo.shelf.rows import text_of
from duomo.shop import Shop

COLORS = {"red": (190, 20, 30), "blue": (20, 30, 190), "green": (20, 150, 40)}


def built(folder: Path) -> Shop:
    """Bags with two pictures, a scarf with one, a voucher with none, and a thing without a title."""
    for color, rgb in COLORS.items():
        Image.new("RGB", (80, 60), rgb).save(folder / f"{color}.png")
    (folder / "products.csv").write_text(
        "sku,title,image\nB1,red leather bag,red.png\nB2,blue leather bag,blue.png\n"
        "S1,green scarf,green.png\nV1,gift voucher,\n",
        "utf-8",
    )
    (folder / "images.csv").write_text("sku,image,alt,position\nB1,red.png,,1\nB1,blue.png,,2\n", "utf-8")
    shop = Shop.create(folder / "shop", encoder="pocket", settings=Settings(workers=0))
    shop.build(folder)
    return shop


def variant_of(product: Product, id: str) -> Variant:
    return next(variant for variant in product.variants if variant.id == id)


def test_each_row_has_the_mean_of_its_words_and_all_its_pictures(tmp_path: Path) -> None:
    shop = built(tmp_path)
    towers = load_encoder("pocket")
    assert towers.text
    assert towers.picture
    names = ["vector_text_pocket", "vector_picture_pocket", "vector_fused_pocket"]
    snapshot = LanceShelf(shop.folder / VARIANTS).snapshot()
    rows = {row["id"]: row for row in snapshot.take(snapshot.search().rows, ["id", *names]).to_pylist()}
    seen = {
        color: towers.picture.encode([read_picture(tmp_path / f"{color}.png", side=320).pixels])[0]
        for color in COLORS
    }
    every = snapshot.take(snapshot.search().rows, ["product_id", "id"]).to_pylist()
    said = {each["id"]: text_of(p := shop.product(each["id"]), variant_of(p, each["id"])) for each in every}
    for id, pictures in {"B1": ["red", "blue"], "S1": ["green"], "V1": []}.items():
        each = np.array([seen[color] for color in pictures])
        assert np.allclose(rows[id][names[1]] or [], each, atol=1e-3), id  # and each picture stays by itself
        expected = fuse(towers.text.encode([said[id]])[0], [seen[color] for color in pictures])
        assert expected is not None
        assert np.allclose(rows[id][names[2]], expected, atol=2e-3), id


def test_an_example_asks_by_its_fused_vector(tmp_path: Path) -> None:
    shop = built(tmp_path)
    hits = shop.similar("B1", k=3)
    assert hits[0].product.id == "B2"
    assert {part.name for part in hits[0].why.parts} == {"product"}
    by_words = shop.search("red leather bag", mode="vector", k=1)
    assert "product" not in {part.name for part in by_words[0].why.parts}


def test_a_shop_without_fused_vectors_gets_them_at_its_next_build(tmp_path: Path) -> None:
    shop = built(tmp_path)
    manifest = Manifest.load(shop.folder)
    older = {name: card for name, card in manifest.cards.items() if "fused" not in name}
    text = (shop.folder / NAME).read_text()
    for name in manifest.cards.keys() - older.keys():
        text = text.replace(f'"{name}": "{manifest.cards[name]}"', f'"{name}": "of before"')
    (shop.folder / NAME).write_text(text)
    report = shop.build(tmp_path)
    assert report.unchanged == 4
    assert Manifest.load(shop.folder).cards == manifest.cards
    assert shop.similar("B1", k=1)[0].product.id == "B2"


@given(seed=st.integers(0, 999), words=st.booleans(), pictures=st.integers(0, 6))
def test_a_fused_vector_has_length_one_and_no_order(seed: int, words: bool, pictures: int) -> None:
    rng = np.random.default_rng(seed)
    said = unit(rng.normal(size=8).astype(np.float32)) if words else None
    shown = list(unit(rng.normal(size=(pictures, 8)).astype(np.float32)))
    fused = fuse(said, shown)
    if not words and not pictures:
        assert fused is None
        return
    assert fused is not None
    assert abs(float(np.linalg.norm(fused)) - 1) < 1e-5
    turned = fuse(said, shown[::-1])
    assert turned is not None
    assert np.allclose(fused, turned, atol=1e-6)
    if said is not None and not pictures:
        assert np.allclose(fused, said, atol=1e-6)
