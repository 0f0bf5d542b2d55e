"""Pictures of goods as a shopper may send them: cut, mirrored, in another color, in bad light."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from PIL import Image

from duomo.arrays import Pixels

SHOWN: Final = 0.6  # share of the area that a cut leaves
_LIGHT: Final = (0.3, 0.55)  # share of the light that is left
_TURN: Final = (0.25, 0.75)  # of the color circle: far enough that a shopper would name another color


def altered(pixels: Pixels, how: str, seed: int) -> Pixels:
    """The picture, changed in one way; the same seed gives the same picture.

    Args:
        pixels: (height, width, 3) RGB.
        how: a name in ALTERATIONS; "": left as it is.
        seed: decides where and how much.

    Raises:
        ValueError: no alteration is called so.

    >>> altered(np.zeros((100, 100, 3), np.uint8), "crop", seed=1).shape
    (77, 77, 3)
    """
    if not how:
        return pixels
    if how not in ALTERATIONS:
        raise ValueError(f"no alteration is called '{how}'; known: {', '.join(ALTERATIONS)}")
    return np.ascontiguousarray(ALTERATIONS[how](pixels, np.random.default_rng(seed)))


def _crop(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """A window of the picture's own shape, anywhere in it."""
    height, width = (max(1, round(side * SHOWN**0.5)) for side in pixels.shape[:2])
    top = int(rng.integers(0, pixels.shape[0] - height + 1))
    left = int(rng.integers(0, pixels.shape[1] - width + 1))
    return pixels[top : top + height, left : left + width]


def _mirror(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Left and right changed round."""
    return pixels[:, ::-1]


def _recolor(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Every hue turned as far round the color circle; grey stays grey."""
    image = Image.fromarray(pixels).convert("HSV")
    hsv = np.array(image)
    hsv[..., 0] += np.uint8(256 * rng.uniform(*_TURN))  # wraps round, as hues do
    return np.asarray(Image.frombytes("HSV", image.size, hsv.tobytes()).convert("RGB"))


def _dark(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Less light, and a little of the grain of a photo that was taken in it."""
    grain = rng.normal(0, 4, pixels.shape)
    return np.clip(pixels * rng.uniform(*_LIGHT) + grain, 0, 255).astype(np.uint8)


ALTERATIONS: Final[Mapping[str, Callable[[Pixels, np.random.Generator], Pixels]]] = MappingProxyType(
    {"crop": _crop, "mirror": _mirror, "recolor": _recolor, "dark": _dark}
)
