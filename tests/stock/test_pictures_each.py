"""Every picture of a product finds it: which pictures a row has vectors of, and what a hit says of them."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from duomo.arrays import unit
from duomo.catalog.read import read_catalog
from duomo.encode.models import load_encoder
from duomo.errors import BadSetup
from duomo.files import hash_bytes
from duomo.product import found_by
from duomo.search.members import chance_name
from duomo.search.ways import ways
from duomo.settings import Settings
from duomo.shelf.base import column
from duomo.shelf.exact import ExactSnapshot
from duomo.shelf.lance import LanceShelf
from duomo.shelf.layout import hashes_column, vector_column
from duomo.shelf.manifest import NAME, VARIANTS
from duomo.shop import Shop
from duomo.stock.calibrate import PICTURES_BELOW, chances_of

COLUMN = vector_column("hashed", "picture")
HASHES = hashes_column(COLUMN)


def paint(path: Path, seed: int) -> Path:
    """A picture of coloured squares, like no other seed's."""
    squares = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    Image.fromarray(squares.repeat(16, axis=0).repeat(16, axis=1)).save(path)
    return path


def content(path: Path) -> str:
    """The hash that a shop knows a picture by."""
    return hash_bytes(path.read_bytes())


def catalog(folder: Path, pictures: dict[str, list[str]], *, variants: str = "") -> Path:
    """A folder of goods: id -> the names of their pictures, painted unless they are there or named broken."""
    folder.mkdir(exist_ok=True)
    for number, name in enumerate(dict.fromkeys(name for names in pictures.values() for name in names)):
        if "broken" in name:
            (folder / name).write_bytes(b"no picture")
        elif not (folder / name).exists():
            paint(folder / name, number)
    lines = [f"{id},{id.title()} thing,{'|'.join(names)}\n" for id, names in pictures.items()]
    (folder / "products.csv").write_text("sku,title,image\n" + "".join(lines), "utf-8")
    if variants:
        (folder / "variants.csv").write_text(variants, "utf-8")
    return folder


def built(folder: Path, goods: Path, **settings: Any) -> Shop:
    shop = Shop.create(folder / "shop", encoder="hashed", settings=Settings(workers=0, **settings))
    shop.build(goods)
    return shop


def held(shop: Shop, goods: Path) -> dict[str, list[str]]:
    """Row -> the names of the pictures that it has vectors of; as many vectors as names."""
    names = {content(path): path.name for path in sorted(goods.iterdir())}
    snapshot = LanceShelf(shop.folder / VARIANTS).snapshot()
    rows = snapshot.take(snapshot.search().rows, ["id", COLUMN, HASHES]).to_pylist()
    assert all(len(row[COLUMN] or []) == len(row[HASHES] or []) for row in rows)
    return {row["id"]: [names[hashed] for hashed in row[HASHES] or []] for row in rows}


def altered(path: Path) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """A picture as a shopper may send it: cropped, and a little darker."""
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    height, width = (side // 16 for side in pixels.shape[:2])
    return (pixels[height : -height or None, width : -width or None] * 0.95).astype(np.uint8)


# --- which pictures ------------------------------------------------------------------------------


def test_a_product_is_found_by_each_of_its_first_pictures_and_the_hit_names_it(tmp_path: Path) -> None:
    every = {id: [f"{id}{n}.png" for n in range(6)] for id in ("bag", "cap", "mug")}
    goods = catalog(tmp_path / "goods", every)
    shop = built(tmp_path, goods)
    assert held(shop, goods) == {id: names[:4] for id, names in every.items()}
    for id, names in every.items():
        for name in names[:4]:
            hit = shop.search(image=altered(goods / name), k=1)[0]
            assert (hit.product.id, hit.why.picture) == (id, content(goods / name))
    assert shop.search("bag", k=1)[0].why.picture == ""
    assert len(shop.product("bag").media) == 6  # all are shown


def test_how_many_is_a_setting_that_the_next_build_follows(tmp_path: Path) -> None:
    every = {"bag": ["b0.png", "b1.png", "b2.png"], "cap": ["c0.png"]}
    goods = catalog(tmp_path / "goods", every)
    shop = built(tmp_path, goods, pictures_each=1)
    assert held(shop, goods) == {"bag": ["b0.png"], "cap": ["c0.png"]}
    more = Shop.open(shop.folder, settings=Settings(workers=0, pictures_each=2))
    report = more.build(goods)
    assert (report.updated, report.encoded) == (2, 1)  # the one picture that was not looked at before
    assert held(shop, goods) == {"bag": ["b0.png", "b1.png"], "cap": ["c0.png"]}
    assert more.build(goods).encoded == 0


def test_a_broken_picture_gives_its_place_to_the_next_and_equal_ones_count_once(tmp_path: Path) -> None:
    names = ["a.png", "broken.png", "same.png", "b.png", "c.png", "d.png", "e.png"]
    goods = catalog(tmp_path / "goods", {"bag": names, "cap": ["broken.png"], "mug": []})
    (goods / "same.png").write_bytes((goods / "a.png").read_bytes())
    shop = Shop.create(tmp_path / "shop", encoder="hashed", settings=Settings(workers=0))
    report = shop.build(goods)
    assert [problem.value for problem in report.problems] == [str(goods / "broken.png")] * 2
    assert report.encoded == 3 + 4
    held_now = held(shop, goods)
    assert held_now == {"bag": ["same.png", "b.png", "c.png", "d.png"], "cap": [], "mug": []}


def test_a_picture_that_several_show_is_encoded_once(tmp_path: Path) -> None:
    shared = ["a.png", "b.png", "c.png"]
    shop = Shop.create(tmp_path / "shop", encoder="hashed", settings=Settings(workers=0))
    report = shop.build(catalog(tmp_path / "goods", dict.fromkeys(("bag", "cap", "mug"), shared)))
    assert report.encoded == 3 + 3


@pytest.mark.parametrize(
    ("red", "blue", "found"),
    [
        ("red.png", "blue.png", {"T-R": ["red.png", "box.png"], "T-B": ["blue.png"]}),
        ("red.png", "", {"T-R": ["red.png"], "T-B": ["box.png"]}),
        ("red.png", "broken.png", {"T-R": ["red.png"], "T-B": ["box.png"]}),
        ("", "", {"T-R": ["box.png"], "T-B": ["box.png"]}),
    ],
)
def test_a_variant_is_found_by_its_own_pictures_and_not_by_those_of_another(
    red: str, blue: str, found: dict[str, list[str]], tmp_path: Path
) -> None:
    variants = f"variant_sku,sku,color,image\nT-R,T,red,{red}\nT-B,T,blue,{blue}\n"
    pictures = {"T": ["box.png"], "U": [name for name in (red, blue, "other.png") if name]}
    goods = catalog(tmp_path / "goods", pictures, variants=variants)
    shop = built(tmp_path, goods)
    rows = held(shop, goods)
    assert {id: rows[id] for id in found} == found
    hit = shop.search(image=goods / "box.png", k=1)[0]
    assert (hit.product.id, hit.why.picture) == ("T", content(goods / "box.png"))
    assert hit.variant.id == next(id for id, names in found.items() if "box.png" in names) or not red


SOURCES = st.lists(st.sampled_from("abcdef"), max_size=4, unique=True)


@given(own=st.lists(SOURCES, min_size=1, max_size=5), shared=SOURCES)
def test_no_picture_is_lost_and_each_variant_has_its_own_first(
    own: list[list[str]], shared: list[str]
) -> None:
    found = found_by(own, shared)
    assert {name for names in found for name in names} == {name for names in (*own, shared) for name in names}
    for mine, names in zip(own, found, strict=True):
        assert list(names[: len(mine)]) == mine
        assert len(set(names)) == len(names)
    assert all(list(names) == mine for mine, names in zip(own[1:], found[1:], strict=True) if mine)


# --- shops ---------------------------------------------------------------------------------------


def test_a_shop_of_another_duomo_is_refused_in_one_sentence_and_stays(tmp_path: Path) -> None:
    goods = catalog(tmp_path / "goods", {"bag": ["b0.png", "b1.png"], "cap": ["c0.png"]})
    shop = built(tmp_path, goods)
    record = json.loads((shop.folder / NAME).read_text())
    for format, said in (
        (3, r"an older Duomo \(format 3, this one has 4\)\. Build it anew in another folder: duomo build"),
        (5, r"another Duomo \(format 5, this one has 4\)\. Use the Duomo version that wrote it"),
    ):
        (shop.folder / NAME).write_text(before := json.dumps({**record, "format": format}))
        with pytest.raises(BadSetup, match=rf"the shop in {shop.folder} was built by {said}"):
            shop.build(goods)
        with pytest.raises(BadSetup, match=said):
            Shop.open(shop.folder)
        assert (shop.folder / NAME).read_text() == before


def test_a_shop_with_vectors_of_another_encoder_of_this_name_says_what_helps(tmp_path: Path) -> None:
    goods = catalog(tmp_path / "goods", {"bag": ["b0.png"], "cap": ["c0.png"]})
    shop = built(tmp_path, goods)
    record = json.loads((shop.folder / NAME).read_text())
    cards = dict.fromkeys(record["cards"], "of weights before")
    (shop.folder / NAME).write_text(json.dumps({**record, "cards": cards}))
    with pytest.raises(
        BadSetup, match=r"'hashed' is another than the one .* built with\. Run duomo build once more"
    ):
        Shop.open(shop.folder, settings=Settings(workers=0)).search("bag")


def test_an_encoder_added_later_has_every_picture_too(tmp_path: Path) -> None:
    goods = catalog(tmp_path / "goods", {"bag": ["b0.png", "b1.png"], "cap": ["c0.png"], "mug": []})
    shop = built(tmp_path, goods)
    shop.add_encoder("pocket")
    for name, id in {"b0.png": "bag", "b1.png": "bag", "c0.png": "cap"}.items():
        hits = shop.search(image=goods / name, encoder="pocket", mode="vector")
        looked = {part.rank: hit for hit in hits for part in hit.why.parts if part.name == "picture"}
        assert (looked[1].product.id, looked[1].why.picture) == (id, content(goods / name))


def test_words_that_find_a_picture_name_it(tmp_path: Path) -> None:
    folder = catalog(tmp_path / "goods", {"bag": ["b0.png", "b1.png"], "cap": ["c0.png"]})
    shop = Shop.create(tmp_path / "shop", encoder="pocket", settings=Settings(workers=0))
    shop.build(folder)
    towers = load_encoder("pocket")
    assert towers.text
    assert towers.picture
    snapshot = LanceShelf(shop.folder / VARIANTS).snapshot()
    names = [vector_column("pocket", "picture"), hashes_column(vector_column("pocket", "picture"))]
    bag = snapshot.take(snapshot.search().rows, ["id", *names]).to_pylist()[0]
    for words in ("red", "blue", "green and yellow"):
        asked = towers.text.encode([words])[0]
        nearest = bag[names[1]][int(np.argmax(np.array(bag[names[0]]) @ asked))]
        hits = {hit.product.id: hit for hit in shop.search(words, mode="vector", where="title is not null")}
        found = {part.name for part in hits["bag"].why.parts}
        assert hits["bag"].why.picture == (nearest if "text to picture" in found else "")
    with_photo = shop.search("red", image=folder / "b1.png", k=1)[0].why.picture
    assert with_photo == content(folder / "b1.png")  # a photo says more of what is looked for than words


def test_the_cut_of_pictures_takes_the_nearest_of_each_product(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    towers = load_encoder("hashed")
    assert towers.picture
    dim = towers.picture.card.dim
    vectors = [list(unit(rng.normal(size=(n % 4, dim)).astype(np.float32))) for n in range(40)]
    table = pa.table(
        [
            [f"{n:02}" for n in range(40)],
            [f"P{n // 2:02}" for n in range(40)],
            pa.nulls(40, pa.string()),
            pa.nulls(40, pa.string()),
            pa.nulls(40, pa.list_(pa.float32(), towers.cards[0].dim)),
            pa.array(vectors, pa.list_(pa.list_(pa.float32(), dim))),
        ],
        schema=pa.schema(
            [
                column("id", pa.string(), "text"),
                column("product_id", pa.string(), "text"),
                column("title", pa.string(), "text"),
                column("description", pa.string(), "hidden"),
                column("vector_text_hashed", pa.list_(pa.float32(), towers.cards[0].dim), "vector"),
                column(COLUMN, pa.list_(pa.list_(pa.float32(), dim)), "vector"),
            ]
        ),
    )
    by_hand = [
        max(float(asked[0] @ vector) for vector in goods)
        for n, asked in enumerate(vectors)
        for m, goods in enumerate(vectors)
        if n // 2 != m // 2 and asked and goods
    ]
    (way,) = (way for way in ways(towers) if way.name == "picture")
    chances = chances_of(ExactSnapshot(table, 1), [towers])
    assert chances[chance_name(way, 0)].cut == pytest.approx(np.quantile(by_hand, PICTURES_BELOW), abs=1e-4)


# --- real goods ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_real_product_is_found_first_by_each_of_its_pictures(data_dir: Path, tmp_path: Path) -> None:
    goods = read_catalog(data_dir / "luma_shop").products
    chosen = [product for product in goods if len({m.source for m in product.variants[0].media}) > 2][:40]
    assert len(chosen) == 40
    rows = [(p.id, v.id, m.source) for p in chosen for v in p.variants[:1] for m in v.media]
    with (tmp_path / "products.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sku", "title", "image"])
        writer.writerows([p.id, p.title, "|".join(s for id, _, s in rows if id == p.id)] for p in chosen)
    shop = built(tmp_path, tmp_path / "products.csv")
    for id, _, source in rows:
        hit = shop.search(image=Path(source), k=1)[0]
        assert (hit.product.id, hit.why.picture) == (id, content(Path(source)))
