"""What a shop's own shelf offers to learn from."""

import csv
from collections.abc import Iterator, Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from PIL import Image

from duomo.errors import BadSetting
from duomo.settings import Settings
from duomo.shop import Shop
from duomo.train.shop_pairs import pairs_on_shelf

SETTINGS = Settings(workers=0, fetch_private=True)
GOODS = 90


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of pictures of one color each."""
    folder = tmp_path_factory.mktemp("pictures")
    for number in range(GOODS):
        pixels = np.full((8, 8, 3), (number, 255 - number, 90), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


@pytest.fixture
def address(pictures: Path) -> Iterator[str]:
    """Where this machine serves them."""
    handler = partial(_Quiet, directory=str(pictures))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


def built(folder: Path, titles: Sequence[str], images: Sequence[str]) -> Path:
    with (folder / "goods.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["sku", "title", "image"])
        rows.writerows(
            (f"A{n}", title, image) for n, (title, image) in enumerate(zip(titles, images, strict=True))
        )
    Shop.create(folder / "shop", encoder="hashed", settings=SETTINGS).build(folder / "goods.csv")
    return folder / "shop"


def test_pictures_at_addresses_are_taken_from_what_the_build_fetched(
    tmp_path: Path, pictures: Path, address: str
) -> None:
    titles = [f"mug {number}" for number in range(GOODS)]
    folder = built(tmp_path, titles, [f"{address}/{number}.png" for number in range(GOODS)])
    pairs, problems = pairs_on_shelf(folder, Settings(workers=0))  # which may not fetch from this machine
    assert problems == ()
    named = {pair.title: pair for pair in pairs}
    assert named.keys() == set(titles)
    assert all(pair.picture.is_relative_to(folder / "cache") for pair in pairs)
    assert named["mug 3"].picture.read_bytes() == (pictures / "3.png").read_bytes()


def test_a_picture_that_broke_is_told_and_the_rest_is_learned_from(tmp_path: Path, pictures: Path) -> None:
    own = tmp_path / "own.png"
    own.write_bytes((pictures / "0.png").read_bytes())
    images = [str(own), *(str(pictures / f"{number}.png") for number in range(1, GOODS))]
    folder = built(tmp_path, [f"mug {number}" for number in range(GOODS)], images)
    own.write_bytes(b"no picture any more")
    pairs, problems = pairs_on_shelf(folder, SETTINGS)
    assert len(pairs) == GOODS - 1
    assert [(problem.product_id, problem.severity) for problem in problems] == [("A0", "warning")]
    assert "cannot be used" in problems[0].problem


def test_one_title_stands_in_one_part_and_every_part_has_its_share(tmp_path: Path, pictures: Path) -> None:
    titles = [f"Mug {number // 2}" for number in range(GOODS)]
    images = [str(pictures / f"{number}.png") for number in range(GOODS)]
    pairs, _ = pairs_on_shelf(built(tmp_path, titles, images), SETTINGS)
    splits = {title: {pair.split for pair in pairs if pair.title == title} for title in titles}
    assert {len(found) for found in splits.values()} == {1}
    assert {split for found in splits.values() for split in found} == {"train", "val", "test"}


@pytest.mark.parametrize(
    ("titled", "count", "words"),
    [
        (False, GOODS, f"none of the {GOODS} products on the shelf has a title. .* give the products titles"),
        (
            True,
            20,
            "20 products with a title and a picture, of 20 different titles, are too few .* with 60 or more",
        ),
        (True, 0, "there are no products on the shelf. Build the shop first"),
    ],
)
def test_what_a_shop_lacks_is_said_in_one_sentence(
    tmp_path: Path, pictures: Path, titled: bool, count: int, words: str
) -> None:
    titles = [f"mug {number}" if titled else "" for number in range(count)]
    folder = built(tmp_path, titles, [str(pictures / f"{number}.png") for number in range(count)])
    with pytest.raises(BadSetting, match=words):
        pairs_on_shelf(folder, SETTINGS)
