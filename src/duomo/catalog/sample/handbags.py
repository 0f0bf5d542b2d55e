"""Handbags: with a handle, a chain or a strap; flapped or zipped; smooth or quilted."""

import numpy as np

from duomo.catalog.sample.canvas import WORK, Canvas, Skin, linear
from duomo.catalog.sample.geometry import Knot, Points, both, curve, ellipse, ribbon, rounded
from duomo.catalog.sample.lathe import stand
from duomo.catalog.sample.look import Look
from duomo.catalog.sample.parts import (
    THIN,
    Puff,
    Pull,
    button,
    creases,
    drape,
    panel,
    stitches,
    tube,
)
from duomo.catalog.sample.textures import Field

Random = np.random.Generator


GOLD = Skin(color=linear((206, 172, 102)), gloss=0.55)

SILVER = Skin(color=linear((188, 190, 194)), gloss=0.55)

FULL: Puff = ((0.07, 0.08), (0.02, 0.022), (0.006, 0.006))


def _ring(canvas: Canvas, x: float, y: float, radius: float, metal: Skin, *, tall: float = 1.0) -> None:
    ring = ellipse(x, y, radius, radius * tall, count=28)
    tube(canvas, np.concatenate([ring, ring[:2]]), radius * 0.36, metal, shadow=0.4)


def inset(points: Points, share: float, *, center: tuple[float, float]) -> Points:
    """The outline drawn in toward a point, closed."""
    inner = (points - np.array(center)) * (1 - share) + np.array(center)
    return np.concatenate([inner, inner[:1]])


def quilting(canvas: Canvas, *, size: float, depth: float) -> Field:
    """Heights (WORK, WORK), in pixels, of padding stitched down in diamonds."""
    pixel = np.arange(WORK, dtype=np.float32) + np.float32(0.5)
    x, y = canvas.view.unplace(pixel[None, :], pixel[:, None])
    one, two = (
        np.abs(np.sin((x + y) * np.float32(np.pi / size))),
        np.abs(np.sin((x - y) * np.float32(np.pi / size))),
    )
    return np.asarray((one * two) ** 0.45 * np.float32(depth * canvas.view.scale), dtype=np.float32)


def draw_handbag(canvas: Canvas, look: Look, random: Random) -> None:
    """Top-handle, shoulder or crossbody; trapezoid, box or half-moon; flap, clasp, quilting by the cut."""
    kind, quilted = look.cut["carry"], look.cut["surface"] == "quilted"
    metal = GOLD if random.random() < 0.65 else SILVER
    wide, low = float(random.uniform(0.27, 0.32)), 0.34
    tall = wide * float(random.uniform(1.15, 1.4))
    top = low - tall
    narrow = wide * float(random.uniform(0.8, 0.98))
    skin, plain = look.skin(random), look.plain()
    stand(canvas, 0, low, wide * 0.95, tilt=0.08, strength=0.85, reach=wide)
    if kind == "top-handle":
        rise = float(random.uniform(0.2, 0.27))
        for back in (True, False):
            grip = curve(
                [
                    (-narrow * 0.5, top + 0.04),
                    (-narrow * 0.47, top - rise * 0.6),
                    (0.0, top - rise - (0.02 if back else 0.0)),
                    (narrow * 0.47, top - rise * 0.6),
                    (narrow * 0.5, top + 0.04),
                ],
                closed=False,
            )
            tube(
                canvas,
                grip * np.array([0.93, 1.0]) if back else grip,
                0.026,
                plain,
                tone=0.7 if back else 1.0,
            )
    elif kind == "shoulder":
        arch = [
            (-narrow * 0.85, top + 0.05),
            (-narrow * 0.62, top - 0.2),
            (0.0, top - 0.34),
            (narrow * 0.62, top - 0.2),
            (narrow * 0.85, top + 0.05),
        ]
        _chain(canvas, curve([(x, y) for x, y in arch], closed=False), metal)
    else:
        strap = curve(
            [
                (-narrow * 0.96, top + 0.06),
                (-narrow * 0.8, top - 0.2),
                (0.0, top - 0.33),
                (narrow * 0.8, top - 0.2),
                (narrow * 0.96, top + 0.06),
            ],
            closed=False,
        )
        tube(canvas, strap, 0.02, plain)
    half: list[Knot] = [
        (0.0, top),
        (narrow * 0.9, top + 0.003),
        (narrow, top + 0.035),
        ((narrow + wide) / 2, (top + low) / 2),
        (wide, low - 0.06),
        (wide * 0.93, low - 0.008),
        (wide * 0.5, low),
        (0.0, low),
    ]
    if look.cut["form"] == "half-moon":
        half = [
            (0.0, top + 0.035),
            (narrow * 0.82, top + 0.03),
            (wide * 1.03, top + 0.11),
            (wide * 0.9, low - 0.1),
            (wide * 0.5, low - 0.01),
            (0.0, low),
        ]
    body = curve(both(half))
    folds = drape(canvas, random, height=0.004)
    pulls = [
        Pull(
            start=(s * wide * 0.9, low - 0.05),
            toward=(s * wide * 0.5, low - 0.12),
            count=3,
            length=0.1,
            height=0.01,
        )
        for s in (-1.0, 1.0)
    ]
    folds = np.asarray(folds + creases(canvas, random, pulls))
    if quilted:
        folds = np.asarray(folds + quilting(canvas, size=float(random.uniform(0.1, 0.13)), depth=0.016))
    panel(canvas, body, skin, puff=FULL, folds=folds, shadow=0.2)
    thread = (
        linear((226, 206, 168)) if look.color not in {"beige", "white", "yellow"} else linear((140, 104, 66))
    )
    stitches(canvas, inset(body, 0.055, center=(0.0, (top + low) / 2)), color=thread, length=0.008, width=1.0)
    if look.cut["form"] != "half-moon":
        deep = float(random.uniform(0.42, 0.62)) * tall
        point = random.random() < 0.4
        lid: list[Knot] = [
            (0.0, top - 0.006),
            (narrow * 0.88, top - 0.008),
            (narrow * 1.0, top + 0.02),
            (narrow * 1.0, top + deep * 0.62),
            (narrow * 0.78, top + deep * (0.8 if point else 0.97)),
            (0.0, top + deep * (1.14 if point else 1.0)),
        ]
        flap = curve(both(lid))
        panel(canvas, flap, skin, puff=FULL, folds=folds, shadow=0.45, shadow_radius=0.016)
        stitches(
            canvas, inset(flap, 0.07, center=(0.0, top + deep * 0.42)), color=thread, length=0.008, width=1.0
        )
        y = top + deep * (1.08 if point else 0.96)
        if random.random() < 0.5:
            panel(canvas, rounded(0, y, 0.062, 0.044, 0.01), metal, puff=((0.006, 0.012),), shadow=0.5)
            panel(
                canvas,
                rounded(0, y, 0.016, 0.03, 0.006),
                metal,
                puff=((0.004, 0.008),),
                shadow=0.5,
                tone=0.85,
            )
        else:
            panel(canvas, ellipse(0, y, 0.026, 0.026), metal, puff=((0.008, 0.016),), shadow=0.5)
    else:
        zip_line = curve(
            [(-narrow * 0.78, top + 0.05), (0.0, top + 0.066), (narrow * 0.78, top + 0.05)], closed=False
        )
        panel(canvas, ribbon(zip_line, 0.014), metal, puff=THIN, shadow=0.3, tone=0.8)
    if kind == "top-handle":
        for side in (-1.0, 1.0):
            tab = rounded(side * narrow * 0.5, top + 0.055, 0.04, 0.075, 0.014)
            panel(canvas, tab, plain, puff=((0.006, 0.008),), shadow=0.4, shadow_radius=0.008)
            _ring(canvas, side * narrow * 0.5, top + 0.012, 0.02, metal)
            button(canvas, side * narrow * 0.5, top + 0.075, 0.006, metal)
    else:
        for side in (-1.0, 1.0):
            _ring(canvas, side * narrow * 0.9, top + 0.045, 0.018, metal, tall=1.2)


def _chain(canvas: Canvas, line: Points, metal: Skin) -> None:
    run = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    for place, at in enumerate(np.arange(0.0, float(run[-1]), 0.026)):
        x, y = float(np.interp(at, run, line[:, 0])), float(np.interp(at, run, line[:, 1]))
        shape = ellipse(x, y, 0.008 if place % 2 else 0.012, 0.017, count=16)
        panel(
            canvas,
            shape,
            metal,
            puff=((0.004, 0.009),),
            shadow=0.3,
            shadow_radius=0.005,
            tone=1.0 if place % 2 else 0.82,
        )
