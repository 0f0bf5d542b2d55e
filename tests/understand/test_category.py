"""Categories by names and by a trained head: both languages, evidence, goods in the wrong place."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from duomo.encode.regions import Box
from duomo.errors import MissingFile, WorseModel
from duomo.product import Product
from duomo.settings import Settings
from duomo.understand.category import ByNames, Trained, covered, evidence_of, log_odds, names_of, read
from duomo.understand.category_misfiled import misfiled
from duomo.understand.classify import words_of
from duomo.understand.classify_fitting import Fitted
from duomo.understand.classify_goods import Opener, beside_names, goods_in, labels_of, learn
from duomo.understand.grams import word_spans
from duomo.understand.sight import Sight
from duomo.understand.taxonomy import Taxonomy

KINDS = {
    "Apparel > Shirts": ("shirt", "衬衫", "blouse"),
    "Apparel > Trousers": ("trousers", "长裤", "jeans"),
    "Shoes": ("running shoe", "跑鞋", "sneaker"),
    "Kitchen": ("mug", "马克杯", "cup"),
}
PLAIN = ("new", "新款", "classic", "cotton", "2026", "light", "轻便", "gift", "包邮", "urban")
COLORS = {"red": (200, 30, 40), "blue": (30, 70, 190), "green": (40, 140, 70), "black": (30, 30, 30)}
Goods = list[Product]


def picture(color: tuple[int, int, int], kind: int) -> Image.Image:
    """A shape of its own for each kind, on white."""
    pixels = np.full((96, 96, 3), 255, np.uint8)
    rows, columns = np.mgrid[0:96, 0:96] - 48
    shapes = (
        (np.abs(rows) < 38) & (np.abs(columns) < 22),
        (np.abs(rows) < 40) & (np.abs(np.abs(columns) - 14) < 8),
        (np.abs(rows - 10) < 12) & (np.abs(columns) < 42),
        np.hypot(rows, columns) < 30,
    )
    pixels[shapes[kind]] = color
    return Image.fromarray(pixels)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """96 goods of four kinds, titles in both languages, one in six of which does not name its kind."""
    folder, rng = tmp_path_factory.mktemp("goods"), np.random.default_rng(0)
    with (folder / "products.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sku", "title", "category", "color", "image"])
        for number in range(96):
            place, color = number % 4, str(rng.choice([*COLORS]))
            category, names = [*KINDS.items()][place]
            name = rng.choice(names) if number % 6 else "item"
            title = " ".join([*rng.choice(PLAIN, 3, replace=False), color, name, str(100 + number)])
            picture(COLORS[color], place).save(folder / f"{number}.png")
            writer.writerow([f"P{number}", title, category, color, f"{number}.png"])
    return folder / "products.csv"


@pytest.fixture(scope="module")
def goods(catalog: Path) -> Goods:
    found, problems = goods_in(catalog, Settings())
    assert not problems
    return [*found]


@pytest.fixture(scope="module")
def fitted(goods: Goods) -> Fitted:
    return learn(goods, "category", Opener(Settings()))


@pytest.fixture(scope="module")
def trained(fitted: Fitted) -> Trained:
    return Trained(fitted.head, Sight.shipped())


@pytest.mark.parametrize(
    "labels",
    [("Shirts", "Trousers", "Running shoes", "Mugs"), ("衬衫", "长裤", "跑鞋", "马克杯")],
    ids=["en", "zh"],
)
def test_names_alone_sort_titles_in_both_languages(goods: Goods, labels: tuple[str, ...]) -> None:
    named = [product for number, product in enumerate(goods) if number % 6]
    reader = ByNames(Taxonomy(tuple((each,) for each in labels)))
    said = read(reader, [product.title for product in named], [None] * len(named))
    of_kind = dict(zip(KINDS, labels, strict=True))
    hit = [each.label == of_kind[" > ".join(p.category)] for each, p in zip(said, named, strict=True)]
    assert np.mean(hit) > 0.9


def test_an_answer_names_others_and_goods_without_anything_have_none() -> None:
    reader = ByNames(Taxonomy((("服装", "连衣裙"), ("服装", "衬衫"), ("Shoes",))))
    full, empty = read(reader, ["Floral summer dress", " "], [None, None])
    assert full.label == "服装 > 连衣裙"
    assert len(full.alternatives) == 2
    assert full.probability + sum(each.probability for each in full.alternatives) == pytest.approx(
        1, abs=1e-4
    )
    assert (empty.label, empty.doubt) == (None, "empty")


def test_a_label_has_the_lexicons_names_in_both_languages() -> None:
    assert "dress" in names_of(("连衣裙",))
    assert names_of(("Clothes", "Xyzzy")) == ("Xyzzy", "Clothes Xyzzy")


def test_a_head_learns_from_a_file_and_reads_goods_with_either_part(trained: Trained, goods: Goods) -> None:
    opener = Opener(Settings())
    pictures = opener.open(goods)
    wanted = [" > ".join(product.category) for product in goods]
    for texts, shown in (
        ([product.title for product in goods], pictures),
        ([product.title for product in goods], [None] * len(goods)),
        ([""] * len(goods), pictures),
    ):
        said = [each.label for each in read(trained, texts, shown)]
        assert np.mean([one == other for one, other in zip(said, wanted, strict=True)]) > 0.8
    assert not opener.problems


def test_taking_away_what_is_named_changes_more_than_taking_away_as_much_of_the_rest(
    trained: Trained, goods: Goods
) -> None:
    rng = np.random.default_rng(1)
    named: list[float] = []
    rest: list[float] = []
    for product in goods[:24]:
        text = product.title
        shares = trained.probabilities([text], [None])[0]
        found = [each for each in evidence_of(trained, text, None, shares, most=1) if each.part == "words"]
        if not found:
            continue
        best, before = int(shares.argmax()), log_odds(float(shares.max()))
        others = [span for span in word_spans(text) if span[0] != found[0].start]
        other = others[int(rng.integers(len(others)))]
        for (start, end), lost in (((found[0].start, found[0].end), named), (other, rest)):
            left = trained.probabilities([text[:start] + text[end:]], [None])[0, best]
            lost.append(before - log_odds(float(left)))
        assert found[0].text == text[found[0].start : found[0].end]
        assert found[0].weight == pytest.approx(named[-1], abs=1e-3)
    assert len(named) > 12
    assert np.mean(named) > np.mean(rest) + 0.5


def test_the_region_that_is_named_holds_the_goods(trained: Trained, goods: Goods) -> None:
    (pixels,) = Opener(Settings()).open(goods[:1])
    assert pixels is not None
    shares = trained.probabilities([""], [pixels])[0]
    found = evidence_of(trained, "", pixels, shares)
    assert [each.part for each in found] == ["picture"]
    assert found[0].box is not None
    assert found[0].box.overlap(Box(x=0.27, y=0.1, w=0.46, h=0.8)) > 0.5
    painted = covered(pixels, found[0].box)
    assert (painted == 255).mean() > (pixels == 255).mean()


def test_goods_that_were_moved_are_found_and_hardly_any_that_were_not(goods: Goods) -> None:
    kinds = [*dict.fromkeys(product.category for product in goods)]
    moved = {product.id: kinds[(kinds.index(product.category) + 1) % 4] for product in goods[7::13]}
    shop = [replace(each, category=moved.get(each.id, each.category)) for each in goods]
    opener = Opener(Settings())
    fitted = learn(shop, "category", opener)
    found = misfiled(fitted, shop, opener, Sight.shipped(), sure=0.6, unlikely=0.2)
    right = [each for each in found if each.product_id in moved]
    assert len(right) >= len(moved) / 2
    assert len(right) / len(found) >= 0.7
    told = right[0].as_dict()
    assert told["filed"] == " > ".join(moved[right[0].product_id])
    assert told["evidence"]


def test_labels_are_the_category_the_brand_or_the_only_value_of_an_attribute(goods: Goods) -> None:
    product = replace(goods[0], brand="Acme", attributes={"color": ("red",), "size": ("S", "M")})
    assert labels_of([product], "category") == [("Apparel", "Shirts")]
    assert labels_of([product], "brand") == [("Acme",)]
    assert labels_of([product], "color") == [("red",)]
    assert labels_of([product], "size") == [None]
    assert "Acme" not in words_of(product, without="brand")


def test_a_picture_that_cannot_be_opened_is_told_and_the_words_are_read(tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    file = tmp_path / "products.csv"
    file.write_text("sku,title,image\n1,Red mug,broken.jpg\n2,衬衫,https://shop.invalid/a.jpg\n", "utf-8")
    goods, _ = goods_in(file, Settings())
    opener = Opener(Settings())
    assert opener.open(goods) == [None, None]
    assert ["not a picture" in str(opener.problems[0]), "fetches nothing" in str(opener.problems[1])] == [
        True,
        True,
    ]
    assert [problem.line for problem in opener.problems] == [2, 3]


def test_a_folder_of_pictures_is_goods_in_the_order_of_its_paths(tmp_path: Path) -> None:
    for name in ("b/2.png", "a.JPG", "b/1.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        picture((200, 0, 0), 0).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("x")
    goods, _ = goods_in(tmp_path, Settings())
    assert [product.id for product in goods] == ["a.JPG", "b/1.png", "b/2.png"]
    (tmp_path / "none").mkdir()
    with pytest.raises(MissingFile, match=r"holds neither products\.csv nor a picture"):
        goods_in(tmp_path / "none", Settings())


def test_sight_is_the_same_for_one_picture_and_for_many(goods: Goods) -> None:
    sight = Sight.shipped()
    pictures = [each for each in Opener(Settings()).open(goods[:7]) if each is not None]
    whole = sight.see(pictures)
    assert whole.shape == (7, sight.dim)
    alone = np.concatenate([sight.see([each]) for each in pictures])
    assert np.allclose(whole, alone, atol=1e-3)
    assert sight.see([]).shape == (0, sight.dim)


@pytest.mark.parametrize(
    ("text", "doubt"), [("👗", "unknown"), ("12345 !!", "unknown"), ("красное платье", "language")]
)
def test_words_that_say_nothing_have_no_label_and_leave_the_picture_as_it_is(text: str, doubt: str) -> None:
    reader = ByNames(Taxonomy((("Shirts",), ("鞋",))))
    (alone,) = read(reader, [text], [None])
    assert (alone.label, alone.doubt) == (None, doubt)
    pixels = np.asarray(picture(COLORS["red"], 0))
    assert np.array_equal(reader.probabilities([text], [pixels]), reader.probabilities([""], [pixels]))


def test_names_in_another_script_are_found_where_they_stand_in_the_words() -> None:
    (reading,) = read(ByNames(Taxonomy((("Платья",), ("Обувь",)))), ["Летние Платья"], [None])
    assert reading.label == "Платья"


def test_a_head_has_no_label_for_words_that_it_never_saw(trained: Trained) -> None:
    assert [each.doubt for each in read(trained, ["ΨΩ ξ", "  "], [None, None])] == ["unknown", "empty"]


def test_a_picture_of_a_few_pixels_is_told_and_counts_as_none(tmp_path: Path) -> None:
    Image.new("RGB", (300, 9)).save(tmp_path / "thin.png")
    (product,), _ = goods_in(tmp_path, Settings())
    opener = Opener(Settings())
    assert opener.open([product]) == [None]
    assert opener.open([product]) == [None]
    (problem,) = opener.problems  # told once
    assert "300 by 9 pixels" in problem.problem
    (reading,) = read(ByNames(Taxonomy((("Shirts",), ("鞋",)))), [""], [np.zeros((9, 300, 3), np.uint8)])
    assert reading.doubt == "empty"


def test_a_head_that_is_worse_than_the_names_of_its_labels_is_refused(goods: Goods, fitted: Fitted) -> None:
    kept = beside_names(fitted, goods, Opener(Settings())).head.card.figures["names_alone"]
    assert isinstance(kept, dict)
    assert kept["n"] == len(goods)
    guessed = replace(fitted, unseen=np.roll(fitted.unseen, 1, axis=1))
    with pytest.raises(
        WorseModel, match=r"the names of its labels alone tell 'category' right for 0\.\d\d of 96"
    ):
        beside_names(guessed, goods, Opener(Settings()))
