"""Curves of the drawing board: smooth outlines, mirrored halves, ribbons, and the camera that places them.

Design space: x to the right, y down, the product roughly within -0.5 to 0.5 on both axes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]  # (n, 2)
Knot = tuple[float, float] | tuple[float, float, int]  # x, y and, where the third is 1, a sharp corner


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The camera: how design space lands on pixels."""

    scale: float  # pixels per design unit
    roll: float = 0.0  # radians, clockwise
    dx: float = 0.0  # pixels
    dy: float = 0.0
    mirror: bool = False
    center: float = 0.0  # pixel that the origin lands on, both axes

    def place(self, points: Points) -> Points:
        """(n, 2) design points -> (n, 2) pixel positions."""
        x = -points[:, 0] if self.mirror else points[:, 0]
        cos, sin = np.cos(self.roll) * self.scale, np.sin(self.roll) * self.scale
        y = points[:, 1]
        return np.stack(
            [cos * x - sin * y + self.center + self.dx, sin * x + cos * y + self.center + self.dy], 1
        )

    def unplace(
        self, px: NDArray[np.float32], py: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Pixel positions -> design x and y; broadcasts."""
        x, y = px - np.float32(self.center + self.dx), py - np.float32(self.center + self.dy)
        cos, sin = np.float32(np.cos(self.roll) / self.scale), np.float32(np.sin(self.roll) / self.scale)
        ux = cos * x + sin * y
        return (-ux if self.mirror else ux), cos * y - sin * x


def curve(knots: Sequence[Knot], *, closed: bool = True, steps: int = 10) -> Points:
    """A smooth line through the knots (Catmull-Rom with chord-length parameters), as a dense polyline.

    Args:
        knots: at least two points; a third number of 1 makes that knot a sharp corner.
        closed: whether the line returns to its start.
        steps: points per span between two knots.
    """
    at = np.array([knot[:2] for knot in knots], dtype=np.float64)
    sharp = np.array([len(knot) > 2 and knot[2] == 1 for knot in knots])
    count = len(at)
    before, after = np.roll(at, 1, axis=0), np.roll(at, -1, axis=0)
    into, out = at - before, after - at
    span_in = np.maximum(np.linalg.norm(into, axis=1, keepdims=True), 1e-9)
    span_out = np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)
    slope = (into / span_in * span_out + out / span_out * span_in) / (span_in + span_out)
    # a long span beside a short one would bulge: no tangent reaches further than twice the other span
    leave, arrive = slope * np.minimum(span_out, 2 * span_in), slope * np.minimum(span_in, 2 * span_out)
    corner = sharp.copy()
    if not closed:
        corner[[0, -1]] = True
    leave[corner], arrive[corner] = out[corner], into[corner]
    t = (np.arange(steps) / steps)[None, :, None]
    spans = count if closed else count - 1
    p, q = at[:spans, None], after[:spans, None]
    m, n = leave[:spans, None], np.roll(arrive, -1, axis=0)[:spans, None]
    line = (
        p * (2 * t**3 - 3 * t**2 + 1)
        + m * (t**3 - 2 * t**2 + t)
        + q * (3 * t**2 - 2 * t**3)
        + n * (t**3 - t**2)
    ).reshape(-1, 2)
    return line if closed else np.concatenate([line, at[-1:]])


def both(half: Sequence[Knot]) -> list[Knot]:
    """The right half of an outline, top to bottom, with its mirror image; knots on the axis stand once."""
    left = [(-knot[0], *knot[1:]) for knot in reversed(half) if abs(knot[0]) > 1e-9]
    return [*half, *left]


def flip(points: Points) -> Points:
    """The mirror image on the y axis."""
    return np.asarray(points * [-1.0, 1.0])


def moved(points: Points, dx: float = 0.0, dy: float = 0.0) -> Points:
    """The points shifted."""
    return np.asarray(points + np.array([dx, dy]))


def ribbon(line: Points, width: float | Sequence[float], *, round_ends: bool = False) -> Points:
    """The outline of a band along a line; width is in design units, one number or from start to end."""
    step = np.gradient(line, axis=0)
    side = np.stack([-step[:, 1], step[:, 0]], 1)
    side /= np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-9)
    widths = np.atleast_1d(np.asarray(width, dtype=np.float64))
    half = np.interp(np.linspace(0, 1, len(line)), np.linspace(0, 1, len(widths)), widths)[:, None] / 2
    left, right = line + side * half, line - side * half
    if not round_ends:
        return np.concatenate([left, right[::-1]])
    return np.concatenate([left, _cap(left[-1], right[-1]), right[::-1], _cap(right[0], left[0])])


def ellipse(x: float, y: float, rx: float, ry: float, *, count: int = 48) -> Points:
    """An ellipse around (x, y)."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.stack([x + rx * np.cos(angle), y + ry * np.sin(angle)], 1)


def rounded(x: float, y: float, width: float, height: float, radius: float) -> Points:
    """A rectangle around (x, y) with round corners."""
    radius = min(radius, width / 2, height / 2)
    angle = np.linspace(0, np.pi / 2, 7)
    arc = np.stack([np.cos(angle), np.sin(angle)], 1) * radius
    w, h = width / 2 - radius, height / 2 - radius
    turned = arc[:, ::-1]
    turns = [
        moved(arc, w, h),
        moved(turned * [-1, 1], -w, h),
        moved(-arc, -w, -h),
        moved(turned * [1, -1], w, -h),
    ]
    return moved(np.concatenate(turns), x, y)


def _cap(start: Points, end: Points) -> Points:
    """Half a circle from start to end, bulging to the right of the way from one to the other."""
    middle, arm = (start + end) / 2, (start - end) / 2
    angle = np.linspace(0, np.pi, 9)[1:-1, None]
    turn = np.array([-arm[1], arm[0]])
    return np.asarray(middle + arm * np.cos(angle) + turn * np.sin(angle) * -1.0)
