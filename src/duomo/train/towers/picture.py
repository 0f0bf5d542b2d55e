"""The picture tower: EfficientNet-Lite0, from the bytes of pixels to features and class scores."""

from typing import Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

SIDE: Final = 224  # pixels each way, the size it was trained on
FEATURES: Final = 1280
FROZEN: Final = 11  # blocks that are never trained: what they see, edges and textures, is the same everywhere
WIDTH: Final = 112  # channels that the last of them gives
PLACES: Final = 14  # of each channel, each way
QUARTERS: Final = 4 * WIDTH  # means of those over each quarter of the picture: what is where
SEEN: Final = FEATURES + QUARTERS
CLASSES: Final = 1000  # of ImageNet (ILSVRC 2012), in its order
MEAN: Final = (0.485, 0.456, 0.406)  # of each channel, on the scale of 0 to 1
STD: Final = (0.229, 0.224, 0.225)

_EPSILON: Final = 1e-3  # of batch normalisation, as in the original
_STEM: Final = 32  # channels


class Stage(NamedTuple):
    """Blocks of one width that follow each other; the first may halve the picture."""

    blocks: int
    kernel: int
    stride: int
    expand: int  # how many times wider a block is inside
    width: int  # channels that come out


# Tan and Le, ICML 2019, table 1; Lite: without squeeze-and-excitation, ReLU6 instead of swish.
STAGES: Final = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)


class Convolution(nn.Sequential):
    """A convolution that pads as TensorFlow does ("SAME"), its batch normalisation, and ReLU6 if it bends.

    At stride 2 and an even side more is padded at the far edge than at the near one: the weights expect that.
    """

    def __init__(
        self, before: int, after: int, kernel: int = 1, stride: int = 1, groups: int = 1, bends: bool = True
    ) -> None:
        super().__init__()
        near, over = (kernel - stride) // 2, (kernel - stride) % 2
        if over:
            self.pad = nn.ZeroPad2d((near, near + over, near, near + over))
        self.conv = nn.Conv2d(before, after, kernel, stride, 0 if over else near, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(after, eps=_EPSILON, momentum=0.01)
        if bends:
            self.bend = nn.ReLU6()


class Block(nn.Module):
    """An inverted residual: wider, a filter for each channel, narrower again (Sandler et al., CVPR 2018)."""

    def __init__(self, before: int, stage: Stage, stride: int) -> None:
        super().__init__()
        inside = before * stage.expand
        self.widen = Convolution(before, inside) if stage.expand > 1 else nn.Identity()
        self.filter = Convolution(inside, inside, stage.kernel, stride, groups=inside)
        self.narrow = Convolution(inside, stage.width, bends=False)
        self.adds = stride == 1 and before == stage.width

    def forward(self, planes: Tensor) -> Tensor:
        """(n, before, side, side) -> (n, width, side / stride, side / stride)."""
        out: Tensor = self.narrow(self.filter(self.widen(planes)))
        return planes + out if self.adds else out


class PictureTower(nn.Module):
    """EfficientNet-Lite0 with its classifier, weights drawn by chance until some are loaded.

    >>> seen, scores = PictureTower().eval()(torch.zeros(2, 224, 224, 3, dtype=torch.uint8))
    >>> tuple(seen.shape), tuple(scores.shape)
    ((2, 1728), (2, 1000))
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = Convolution(3, _STEM, kernel=3, stride=2)
        blocks, width = [], _STEM
        for stage in STAGES:
            for number in range(stage.blocks):
                blocks.append(Block(width, stage, stage.stride if number == 0 else 1))
                width = stage.width
        self.blocks = nn.Sequential(*blocks)
        self.top = Convolution(width, FEATURES)
        self.classify = nn.Linear(FEATURES, CLASSES)
        # Pixels are bytes until here: a quarter of the memory to hand over, and no second place that
        # could prepare them otherwise.
        scale = 1 / (255 * torch.tensor(STD))
        self.register_buffer("scale", scale.reshape(3, 1, 1), persistent=False)
        self.register_buffer("shift", (-255 * torch.tensor(MEAN) * scale).reshape(3, 1, 1), persistent=False)
        self.scale: Tensor
        self.shift: Tensor

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """What is seen of pictures, and class scores.

        Args:
            pixels: (n, SIDE, SIDE, 3) uint8 RGB, as `duomo.encode.onnx_towers.square_picture` makes them.

        Returns:
            (n, SEEN) as `seen` makes them, and (n, CLASSES) scores before softmax.
        """
        seen = self.seen(pixels.permute(0, 3, 1, 2).to(self.scale.dtype) * self.scale + self.shift)
        return seen, self.classify(seen[:, :FEATURES])

    def seen(self, planes: Tensor) -> Tensor:
        """The features, and the quarters of what lower blocks see (a spatial pyramid, Lazebnik et al. 2006).

        Features are means over all places, and do not tell a collar from a hem.

        Args:
            planes: (n, 3, SIDE, SIDE) prepared pixels.

        Returns:
            (n, SEEN): FEATURES numbers from 0 to 6, the means over places of the last planes; then QUARTERS.
        """
        lower: Tensor = self.blocks[:FROZEN](self.stem(planes))
        features = self.top(self.blocks[FROZEN:](lower)).mean(dim=(2, 3))
        quarters = functional.avg_pool2d(lower, PLACES // 2).flatten(1)
        return torch.cat([features, quarters], dim=1)
