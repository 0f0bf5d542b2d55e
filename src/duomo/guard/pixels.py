"""Decoded pixels made smaller and turned upright."""

import numpy as np
from PIL import Image

from duomo.arrays import Pixels


def shrunk(pixels: Pixels, side: int, *, covered: tuple[float, float] | None = None) -> Pixels:
    """The pixels with their longest side at most `side`; smaller ones are returned as they are.

    Args:
        pixels: (h, w, 3).
        side: at least 1.
        covered: width and height of the part that the picture really covers, where the last row or
            column is only partly filled; None: all of it.
    """
    height, width = pixels.shape[:2]
    longest = max(width, height)
    if longest <= side:
        return pixels
    real_width, real_height = covered or (float(width), float(height))
    scale = side / max(real_width, real_height)
    size = (max(1, round(real_width * scale)), max(1, round(real_height * scale)))
    image = Image.fromarray(pixels)
    return np.asarray(image.resize(size, Image.Resampling.LANCZOS, box=(0, 0, real_width, real_height)))


def turned(pixels: Pixels, orientation: int) -> Pixels:
    """The pixels as they were seen: rows of (h, w, 3), or (w, h, 3) for orientations 5 to 8."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)
