"""The picture tower: EfficientNet-Lite0, from the bytes of pixels to features and class scores."""

from typing import Final, NamedTuple

import torch
from torch import Tensor, nn

SIDE: Final = 224  # pixels each way, the size it was trained on
FEATURES: Final = 1280
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

    >>> features, scores = PictureTower().eval()(torch.zeros(2, 224, 224, 3, dtype=torch.uint8))
    >>> tuple(features.shape), tuple(scores.shape)
    ((2, 1280), (2, 1000))
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
        """Features and class scores of pictures.

        Args:
            pixels: (n, SIDE, SIDE, 3) uint8 RGB, as `duomo.encode.onnx_towers.square_picture` makes them.

        Returns:
            (n, FEATURES) numbers from 0 to 6, and (n, CLASSES) scores before softmax.
        """
        features = self.features(pixels.permute(0, 3, 1, 2).to(self.scale.dtype) * self.scale + self.shift)
        return features, self.classify(features)

    def features(self, planes: Tensor) -> Tensor:
        """(n, 3, SIDE, SIDE) prepared pixels -> (n, FEATURES): the mean over places of the last planes."""
        out: Tensor = self.top(self.blocks(self.stem(planes))).mean(dim=(2, 3))
        return out
