"""Sunglasses, seen from the front."""

import numpy as np

from duomo.catalog.sample.canvas import WORK, Canvas, Skin, linear, put, raster
from duomo.catalog.sample.geometry import Knot, Points, curve, flip, ribbon, rounded
from duomo.catalog.sample.lathe import stand
from duomo.catalog.sample.look import Look
from duomo.catalog.sample.parts import (
    THIN,
    panel,
    tube,
)

Random = np.random.Generator


STEEL = Skin(color=linear((196, 198, 202)), metal=True)

WHOLE = (slice(0, WORK), slice(0, WORK))


def draw_sunglasses(canvas: Canvas, look: Look, random: Random) -> None:
    """Front view: two lenses in a frame, bridge, hinges, arms behind; round, square, aviator or cat-eye."""
    form = look.cut["form"]
    wire = form == "aviator" or look.material == "stainless steel"
    frame = look.plain()
    thick = 0.018 if wire else float(random.uniform(0.026, 0.042))
    lenses: dict[str, list[Knot]] = {
        "round": [
            (0.17, -0.125),
            (0.29, -0.08),
            (0.32, 0.02),
            (0.26, 0.115),
            (0.16, 0.13),
            (0.07, 0.07),
            (0.055, -0.03),
            (0.09, -0.105),
        ],
        "square": [
            (0.06, -0.1),
            (0.18, -0.115),
            (0.325, -0.1),
            (0.335, 0.0),
            (0.3, 0.1),
            (0.17, 0.12),
            (0.08, 0.09),
            (0.055, 0.0),
        ],
        "aviator": [
            (0.05, -0.1),
            (0.18, -0.115),
            (0.33, -0.095),
            (0.335, 0.01),
            (0.27, 0.135),
            (0.17, 0.155),
            (0.09, 0.09),
            (0.05, -0.02),
        ],
        "cat-eye": [
            (0.055, -0.07),
            (0.17, -0.1),
            (0.3, -0.13),
            (0.375, -0.145),
            (0.34, 0.01),
            (0.26, 0.1),
            (0.14, 0.105),
            (0.065, 0.04),
        ],
    }
    lens = curve(lenses[form]) * float(random.uniform(0.98, 1.08)) * np.array([1.14, 1.14])
    stand(canvas, 0, 0.2, 0.36, tilt=0.08, strength=0.35, reach=0.36)
    edge = float(lens[:, 0].max())
    for side in (-1.0, 1.0):
        arm = curve(
            [
                (side * (edge - 0.005), -0.075),
                (side * (edge + 0.02), -0.05),
                (side * (edge - 0.03), 0.0),
                (side * (edge - 0.1), 0.04),
            ],
            closed=False,
        )
        tube(canvas, arm, (0.03, 0.026, 0.02) if not wire else 0.012, frame, tone=0.6)
    mirror = look.cut["lens"] == "mirrored"
    own = np.asarray(frame.color, np.float32)
    for side in (-1.0, 1.0):
        shape = lens if side > 0 else flip(lens)
        placed = canvas.view.place(shape)
        mask = raster([placed], WHOLE)
        top, low = float(placed[:, 1].min()), float(placed[:, 1].max())
        y = np.clip((np.arange(WORK, dtype=np.float32) - top) / max(low - top, 1.0), 0, 1)[:, None]
        fade = (y * np.ones((1, WORK), np.float32))[..., None]
        glass = own * (1.14 - 0.2 * fade if mirror else 0.8 + 0.5 * fade)
        put(canvas, WHOLE, glass.astype(np.float32), mask * np.float32(0.94))
        x0 = float(shape[:, 0].mean())
        streak = curve(
            [(x0 - 0.13, 0.06, 1), (x0 + 0.02, -0.16, 1), (x0 + 0.07, -0.16, 1), (x0 - 0.1, 0.1, 1)]
        )
        shine = raster([canvas.view.place(streak)], WHOLE) * mask
        canvas.rgb += (shine * (0.16 if mirror else 0.1))[..., None]
    bridge = curve([(-0.085, -0.06), (-0.03, -0.075), (0.03, -0.075), (0.085, -0.06)], closed=False)
    tube(canvas, bridge, thick * 0.9, frame)
    if form == "aviator":
        tube(
            canvas, curve([(-0.12, -0.122), (0.0, -0.126), (0.12, -0.122)], closed=False), thick * 0.8, frame
        )
    for side in (-1.0, 1.0):
        shape = lens if side > 0 else flip(lens)
        ring = np.concatenate([shape, shape[:2]])
        grown = ribbon(ring, thick)
        count = len(ring)
        tall = ((thick * 0.22, thick * 0.5),)
        inner, outer = sorted((grown[:count], grown[count:]), key=_area)
        panel(canvas, outer, frame, puff=tall, holes=[inner], shadow=0.3, shadow_radius=0.012)
        if not wire:
            panel(
                canvas,
                rounded(side * (edge - 0.018), -0.08, 0.02, 0.012, 0.003),
                STEEL,
                puff=THIN,
                shadow=0.2,
            )


def _area(points: Points) -> float:
    x, y = points[:, 0], points[:, 1]
    return abs(float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum())) / 2
