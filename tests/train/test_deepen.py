"""Fine-tuning of the picture tower, on towers that nobody trained and a drawn shop."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from duomo.catalog.read import read_catalog
from duomo.catalog.sample import draw_shop
from duomo.train.deepen import Hold, Taught, deepen
from duomo.train.features import features_of
from duomo.train.heads import Heads, HeadShape
from duomo.train.loop import Course
from duomo.train.material import Said, domain_of
from duomo.train.pairs import Pair, pairs_of
from duomo.train.planes import Upper, planes_of
from duomo.train.towers.picture import FEATURES, FROZEN, SEEN, PictureTower

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> list[Pair]:
    """Products of a small drawn shop."""
    folder = tmp_path_factory.mktemp("drawn")
    draw_shop(folder, products=24)
    return pairs_of(read_catalog(folder).products, domain="drawn")


@pytest.fixture
def tower() -> PictureTower:
    """A tower that nobody trained, lively enough that pictures differ."""
    torch.manual_seed(0)
    return PictureTower().eval()


def said(texts: Sequence[str]) -> Said:
    """Words as numbers of their letters: enough to tell titles apart."""
    rows = np.zeros((len(texts), 32), np.float32)
    for row, text in zip(rows, texts, strict=True):
        for letter in text:
            row[ord(letter) % 32] += 1
    return Said(rows, np.ones((len(texts), 2), np.int32))


def test_planes_give_the_features_that_the_whole_tower_gives(
    tmp_path: Path, pairs: list[Pair], tower: PictureTower
) -> None:
    sources = [pair.picture for pair in pairs[:5]]
    planes = planes_of(sources, tower, tmp_path / "planes")
    assert len(planes) == 5
    with torch.no_grad():
        found = Upper(tower)(torch.from_numpy(planes.take(np.arange(5))).float()).numpy()
    expected = features_of(sources, tmp_path / "features", tower=tower)[:, :FEATURES]
    assert np.allclose(found, expected, atol=0.02 * np.abs(expected).max())


def test_planes_that_are_there_are_not_made_again(
    tmp_path: Path, pairs: list[Pair], tower: PictureTower
) -> None:
    sources = [pair.picture for pair in pairs[:3]]
    planes_of(sources, tower, tmp_path)
    (shard,) = tmp_path.glob("*.npy")
    made = shard.stat().st_mtime_ns
    planes_of(sources, tower, tmp_path)
    assert shard.stat().st_mtime_ns == made
    planes_of(list(reversed(sources)), tower, tmp_path)
    assert len(list(tmp_path.glob("*.npy"))) == 2


def test_the_upper_blocks_learn_and_nothing_else_does(
    tmp_path: Path, pairs: list[Pair], tower: PictureTower
) -> None:
    pictures = [pair.picture for pair in pairs]
    shown = features_of(pictures, tmp_path / "features", tower=tower)
    domain = domain_of("drawn", pairs, share=1, pictures=[shown], encode=said, phrases=2)
    planes = planes_of(pictures, tower, tmp_path / "planes")
    torch.manual_seed(1)
    heads = Heads(HeadShape(words=32, hidden=32, learned=16, pieces=4, bag=4))
    heads.picture.measure(torch.from_numpy(shown))
    heads.text.measure(torch.from_numpy(domain.said.hidden))
    before = {name: value.clone() for name, value in tower.state_dict().items()}
    fitted = deepen(
        tower,
        heads,
        [Taught(domain, planes)],
        [Taught(domain, planes)],
        hold=Hold(batch=16),
        course=Course(steps=8, check_every=4, learning_rate=1e-3),
        folder=tmp_path / "run",
    )
    assert fitted.history[-1]["loss"] < fitted.history[1]["loss"]
    changed = {name for name, value in tower.state_dict().items() if not torch.equal(value, before[name])}
    assert changed
    upper = ("top.", *(f"blocks.{number}." for number in range(FROZEN, len(tower.blocks))))
    assert all(name.startswith(upper) for name in changed)
    assert not any("running" in name for name in changed)  # of batch normalisation


def test_domains_without_planes_come_last(tmp_path: Path, pairs: list[Pair], tower: PictureTower) -> None:
    shown = np.zeros((len(pairs), SEEN + 216), np.float32)
    domain = domain_of("drawn", pairs, share=1, pictures=[shown], encode=said, phrases=0)
    heads = Heads(HeadShape(words=32, hidden=8, learned=4, pieces=4, bag=2))
    with pytest.raises(ValueError, match="domains with planes come first"):
        deepen(tower, heads, [Taught(domain, None)], [], hold=Hold(), course=Course(steps=1), folder=tmp_path)
