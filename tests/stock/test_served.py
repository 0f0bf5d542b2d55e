"""What a whole shop answers that parts alone do not: suggestions, heat maps, boxes in pixels of the photo."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest
from PIL import Image, ImageDraw

from duomo.encode.regions import Box
from duomo.errors import BadQuery, BadSetting, MissingProduct
from duomo.hits import Query
from duomo.settings import Settings
from duomo.shelf.indexes import INDEX_FROM
from duomo.shop import Shop

GREEN, RED = (20, 140, 60), (190, 30, 40)


def painted(path: Path, *things: tuple[tuple[int, int, int, int], tuple[int, int, int]], side: int) -> Path:
    """Blocks of a color on white."""
    picture = Image.new("RGB", (side, side), "white")
    for box, color in things:
        ImageDraw.Draw(picture).rectangle(box, fill=color)
    picture.save(path)
    return path


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("goods")
    painted(folder / "g.png", ((150, 150, 290, 290), GREEN), side=300)
    painted(folder / "r.png", ((10, 10, 150, 150), RED), side=300)
    (folder / "goods.csv").write_text(
        "sku,title,image,price\nG,Green cushion,g.png,20\nR,Red cushion,r.png,30\nN,Nothing to see,,5\n",
        "utf-8",
    )
    shop = Shop.create(folder / "shop", encoder="hashed", settings=Settings(workers=0))
    shop.build(folder / "goods.csv")
    return shop


def test_the_heat_of_a_match_lies_on_what_matched(shop: Shop, tmp_path: Path) -> None:
    photo = np.asarray(Image.open(painted(tmp_path / "p.png", ((150, 150, 290, 290), GREEN), side=300)))
    heat = shop.heat(shop.search(image=photo).query, "G")
    assert heat.cells[3:, 3:].mean() > heat.cells[:3, :3].mean()
    assert heat.fall > 0
    with pytest.raises(
        MissingProduct, match=r"the product 'N' cannot be found by a picture with this question"
    ):
        shop.heat(Query(picture=photo), "N")
    with pytest.raises(MissingProduct, match=r"the product 'G' cannot be found by a picture"):
        shop.heat(Query(text="green"), "G")  # the words of `hashed` and its pictures have nothing in common


def test_a_box_in_pixels_is_one_of_the_photo_as_it_was_sent(shop: Shop, tmp_path: Path) -> None:
    both = painted(
        tmp_path / "both.png", ((100, 100, 900, 900), RED), ((1100, 1100, 1900, 1900), GREEN), side=2000
    )
    for box, right in (
        ("1000,1000,1000,1000", "G"),
        ("0,0,0.5,0.5", "R"),
        (Box(x=0.5, y=0.5, w=0.5, h=0.5), "G"),
    ):
        assert shop.search(image=both, box=box, k=1)[0].product.id == right
    with pytest.raises(BadQuery):
        shop.search(image=both, box="1000,1000,1001,10")
    with pytest.raises(BadQuery, match="a box was given without a picture"):
        shop.search("red", box="0,0,1,1")
    assert shop.search(image=both, box="main", k=1)


def test_a_beginning_is_suggested_with_how_many_products_it_finds(shop: Shop) -> None:
    found = shop.suggest("cush")
    assert {each.text.casefold() for each in found} & {"red cushion", "green cushion", "cushion"}
    assert shop.suggest("zzzz") == ()


def test_a_build_refuses_a_boost_without_its_column(shop: Shop) -> None:
    wanting = Shop.open(shop.folder, settings=Settings(workers=0, boost_margin=0.1))
    (shop.folder.parent / "more.csv").write_text("sku,title\nM,More\n", "utf-8")
    with pytest.raises(
        BadSetting, match="the shop has no column 'margin' of numbers, which boost_margin needs"
    ):
        wanting.build(shop.folder.parent / "more.csv")
    with pytest.raises(BadSetting, match="margin_column"):
        wanting.search("cushion")
    assert len(shop.search("cushion")) == 2
    by_price = Settings(workers=0, boost_margin=0.3, margin_column="price")
    assert Shop.open(shop.folder, settings=by_price).search("cushion")[0].product.id == "R"


def test_a_version_that_many_threads_ask_first_is_loaded_once_and_answers_as_ever(shop: Shop) -> None:
    questions = ("red cushion", "grene cushoin", "cushions under 25", "nothing", "G", "沙发") * 4
    again, start = Shop.open(shop.folder, settings=shop.settings), Barrier(8)

    def answer(asked: Shop, question: str) -> list[object]:
        return [(hit.product, hit.score, hit.why) for hit in asked.search(question)]

    def ask(number: int) -> list[list[object]]:
        start.wait()
        return [answer(again, question) for question in questions[number % 6 :]]

    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(ask, range(8)))
    for number, answers in enumerate(told):
        assert answers == [answer(shop, question) for question in questions[number % 6 :]]
    served = {id(again._now().tower("hashed")) for _ in range(3)}
    assert len(served) == 1
    assert {each.text for each in again.suggest("cush")} == {each.text for each in shop.suggest("cush")}


@pytest.mark.slow
def test_a_shop_too_large_for_memory_measures_its_index_and_answers_as_one_in_memory(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    colors, things = ("red", "blue", "green", "black"), [f"thing{n}" for n in range(400)]
    titles = [
        f"{colors[rng.integers(4)]} {things[rng.integers(400)]} {things[rng.integers(400)]}"
        for _ in range(INDEX_FROM + 500)
    ]
    lines = ["sku,title", *(f"S{n:05},{title}" for n, title in enumerate(titles))]
    (tmp_path / "goods.csv").write_text("\n".join(lines), "utf-8")
    shop = Shop.create(tmp_path / "shop", encoder="hashed", settings=Settings(workers=0, exact_rows=100))
    shop.build(tmp_path / "goods.csv")
    assert list(shop.manifest.probes) == ["vector_text_hashed"]  # there are no pictures
    whole = Shop.open(shop.folder, settings=Settings(exact_rows=1_000_000))
    for question in titles[::4000]:
        here, there = ([(hit.product.id, hit.score) for hit in s.search(question)] for s in (shop, whole))
        assert len({*here} & {*there}) >= 9
        assert here[0] == there[0]
