from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from duomo.encode.colors import COLORS, color_histogram
from duomo.encode.onnx_towers import square_picture
from duomo.errors import MissingFile
from duomo.guard.pictures import read_picture
from duomo.train.features import features_of
from duomo.train.towers.picture import SEEN, SIDE, PictureTower

pytestmark = pytest.mark.slow  # PyTorch's exporter takes half a minute


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("photos")
    chance = np.random.default_rng(0)
    for number in range(3):
        tiny = chance.integers(0, 256, (4, 3 + number, 3), dtype=np.uint8)
        Image.fromarray(tiny).resize((90, 120)).save(folder / f"{number}.png")
    return sorted(folder.glob("*.png"))


def test_features_are_the_towers_own_and_are_computed_once(photos: list[Path], tmp_path: Path) -> None:
    torch.manual_seed(0)
    tower = PictureTower().eval()
    ticks: list[tuple[str, int]] = []

    def tick(stage: str, done: int, total: int | None = None) -> None:
        ticks.append((stage, done))

    twice = [photos[0], *photos]
    rows = features_of(twice, tmp_path, tower=tower, tick=tick)
    assert rows.shape == (4, SEEN + COLORS)
    np.testing.assert_array_equal(rows[0], rows[1])
    assert ticks == [("features", 3), ("colors", 3)]
    pictures = [read_picture(path).pixels for path in photos]
    with torch.no_grad():
        wanted, _ = tower(torch.from_numpy(np.stack([square_picture(p, SIDE) for p in pictures])))
    np.testing.assert_allclose(rows[1:, :SEEN], wanted, atol=1e-4)
    np.testing.assert_array_equal(rows[1:, SEEN:], color_histogram(pictures))
    ticks.clear()
    np.testing.assert_array_equal(features_of(photos[::-1], tmp_path, tower=tower, tick=tick), rows[:0:-1])
    assert not ticks


def test_a_picture_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match=r"no\.jpg: no such picture"):
        features_of([tmp_path / "no.jpg"], tmp_path / "cache", tower=PictureTower().eval())
