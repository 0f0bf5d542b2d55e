"""Bags to carry much: totes and backpacks."""

import numpy as np

from duomo.catalog.sample.canvas import Canvas, linear
from duomo.catalog.sample.geometry import Knot, both, curve, ribbon, rounded
from duomo.catalog.sample.handbags import SILVER, inset
from duomo.catalog.sample.lathe import stand
from duomo.catalog.sample.look import Look
from duomo.catalog.sample.palette import skin_of
from duomo.catalog.sample.parts import THIN, Pull, creases, drape, panel, seam, stitches, tube

Random = np.random.Generator


def draw_tote(canvas: Canvas, look: Look, random: Random) -> None:
    """A soft open bag with two long straps; some with a printed or woven panel at the foot."""
    wide, low = float(random.uniform(0.25, 0.3)), 0.42
    tall = wide * float(random.uniform(1.75, 2.0))
    top = low - tall
    skin, plain = look.skin(random), look.plain()
    stand(canvas, 0, low, wide * 0.9, tilt=0.07, strength=0.6, reach=wide)
    rise = float(random.uniform(0.28, 0.34))
    strap = skin if look.material != "canvas" or random.random() < 0.5 else skin_of("camel", "leather")
    for back in (True, False):
        loop = curve(
            [
                (-wide * 0.5, top + 0.1),
                (-wide * 0.47, top - rise * 0.55),
                (-wide * 0.25, top - rise * 0.96),
                (wide * 0.25, top - rise * 0.96),
                (wide * 0.47, top - rise * 0.55),
                (wide * 0.5, top + 0.1),
            ],
            closed=False,
        )
        if back:
            tube(canvas, loop * np.array([0.9, 1.0]) + np.array([0.012, 0.02]), 0.03, strap, tone=0.68)
            inside: list[Knot] = [
                (0.0, top - 0.016),
                (wide * 0.9, top - 0.012),
                (wide * 0.97, top + 0.02),
                (0.0, top + 0.04),
            ]
            panel(canvas, curve(both(inside)), plain, puff=THIN, tone=0.55, shadow=0.0)
    half: list[Knot] = [
        (0.0, top + 0.016),
        (wide * 0.6, top + 0.008),
        (wide * 0.96, top, 1),
        (wide * 0.99, (top + low) / 2),
        (wide * 1.02, low - 0.05),
        (wide * 0.96, low - 0.004),
        (0.0, low),
    ]
    pulls = [
        Pull(
            start=(s * wide * 0.5, top + 0.1),
            toward=(s * wide * 0.6, low),
            count=6,
            length=0.3,
            spread=0.25,
            height=0.016,
        )
        for s in (-1.0, 1.0)
    ]
    pulls += [
        Pull(start=(s * wide * 0.9, low - 0.04), toward=(0.0, low - 0.15), count=5, length=0.18, height=0.015)
        for s in (-1.0, 1.0)
    ]
    folds = np.asarray(creases(canvas, random, pulls) + drape(canvas, random, height=0.009))
    body = curve(both(half))
    panel(canvas, body, skin, puff=((0.04, 0.04), (0.012, 0.012)), folds=folds, shadow=0.2)
    hem = curve([(-wide * 0.96, top + 0.04), (0.0, top + 0.056), (wide * 0.96, top + 0.04)], closed=False)
    seam(canvas, hem, width=1.1, depth=0.3)
    if look.pattern == "solid" and random.random() < 0.4:
        foot: list[Knot] = [
            (0.0, low - tall * 0.27, 1),
            (wide * 1.01, low - tall * 0.27, 1),
            (wide * 1.02, low - 0.05),
            (wide * 0.96, low - 0.004),
            (0.0, low),
        ]
        panel(
            canvas,
            curve(both(foot)),
            skin_of(look.accent, look.material),
            puff=((0.04, 0.04), (0.012, 0.012)),
            folds=folds,
            shadow=0.2,
            shadow_radius=0.006,
        )
    loop = curve(
        [
            (-wide * 0.5, top + 0.13),
            (-wide * 0.47, top - rise * 0.5),
            (-wide * 0.27, top - rise * 0.9),
            (wide * 0.27, top - rise * 0.9),
            (wide * 0.47, top - rise * 0.5),
            (wide * 0.5, top + 0.13),
        ],
        closed=False,
    )
    tube(canvas, loop, 0.032, strap, shadow=0.4)
    for side in (-1.0, 1.0):
        x = side * wide * 0.5
        cross = np.array(
            [
                [x - 0.012, top + 0.085],
                [x + 0.012, top + 0.085],
                [x + 0.012, top + 0.122],
                [x - 0.012, top + 0.122],
                [x - 0.012, top + 0.085],
                [x + 0.012, top + 0.122],
            ]
        )
        stitches(canvas, cross, color=linear((236, 226, 206)), length=0.006, width=0.9)


def draw_backpack(canvas: Canvas, look: Look, random: Random) -> None:
    """A rounded pack with a front pocket, or a roll-top with straps."""
    roll = look.cut["closure"] == "roll-top"
    wide, low, top = float(random.uniform(0.225, 0.255)), 0.42, -0.33
    skin, plain = look.skin(random), look.plain()
    trim = skin_of("brown" if look.material == "canvas" and look.color != "brown" else "black", "leather")
    stand(canvas, 0, low, wide * 0.95, tilt=0.09, strength=0.85, reach=wide)
    for side in (-1.0, 1.0):
        strap = curve(
            [
                (side * wide * 0.5, top + 0.04),
                (side * (wide + 0.035), top + 0.2),
                (side * (wide + 0.045), low - 0.25),
                (side * wide * 0.94, low - 0.07),
            ],
            closed=False,
        )
        tube(canvas, strap, (0.05, 0.05, 0.024, 0.018), plain, tone=0.8)
    grip = curve(
        [(-0.055, top + 0.03), (-0.05, top - 0.055), (0.05, top - 0.055), (0.055, top + 0.03)], closed=False
    )
    tube(canvas, grip, 0.024, trim if roll else plain)
    half: list[Knot] = [
        (0.0, top),
        (wide * 0.55, top + 0.008),
        (wide * 0.93, top + 0.1),
        (wide, (top + low) / 2),
        (wide * 1.02, low - 0.08),
        (wide * 0.9, low - 0.006),
        (0.0, low),
    ]
    if roll:
        half = [
            (0.0, top + 0.03, 1),
            (wide * 0.86, top + 0.03, 1),
            (wide * 0.97, (top + low) / 2),
            (wide, low - 0.06),
            (wide * 0.92, low - 0.006),
            (0.0, low),
        ]
    pulls = [
        Pull(start=(s * wide * 0.85, low - 0.25), toward=(0.0, low - 0.3), count=4, length=0.12, height=0.013)
        for s in (-1.0, 1.0)
    ]
    folds = np.asarray(creases(canvas, random, pulls) + drape(canvas, random, height=0.006))
    body = curve(both(half))
    panel(canvas, body, skin, puff=((0.08, 0.11), (0.022, 0.026), (0.006, 0.005)), folds=folds, shadow=0.25)
    if roll:
        for step in range(3):
            y = top + 0.035 + step * 0.026
            tube(
                canvas,
                curve([(-wide * 0.88, y), (0.0, y + 0.004), (wide * 0.88, y)], closed=False),
                0.034,
                skin,
                shadow=0.4,
            )
        for side in (-1.0, 1.0):
            belt = curve([(side * wide * 0.52, top + 0.02), (side * wide * 0.54, low - 0.03)], closed=False)
            panel(canvas, ribbon(belt, 0.03), trim, puff=((0.006, 0.008),), shadow=0.4, shadow_radius=0.006)
            panel(
                canvas,
                rounded(side * wide * 0.53, top + 0.22, 0.05, 0.036, 0.006),
                SILVER,
                puff=((0.005, 0.008),),
                shadow=0.4,
                holes=[rounded(side * wide * 0.53, top + 0.22, 0.028, 0.014, 0.003)],
            )
    else:
        arch = curve(
            [
                (-wide * 0.9, top + 0.34),
                (-wide * 0.82, top + 0.12),
                (0.0, top + 0.055),
                (wide * 0.82, top + 0.12),
                (wide * 0.9, top + 0.34),
            ],
            closed=False,
        )
        seam(canvas, arch, width=3.0, depth=0.5)
        stitches(canvas, arch, color=linear((180, 182, 186)), length=0.004, width=1.2, strength=0.7)
        panel(canvas, rounded(wide * 0.78, top + 0.19, 0.014, 0.05, 0.004), trim, puff=THIN, shadow=0.5)
    deep = float(random.uniform(0.29, 0.34))
    pocket: list[Knot] = [
        (0.0, low - deep),
        (wide * 0.62, low - deep + 0.006),
        (wide * 0.8, low - deep + 0.06),
        (wide * 0.84, low - 0.07),
        (wide * 0.76, low - 0.014),
        (0.0, low - 0.01),
    ]
    front = (
        skin_of(look.accent, look.material) if look.pattern == "solid" and random.random() < 0.25 else skin
    )
    shape = curve(both(pocket))
    panel(
        canvas,
        shape,
        front,
        puff=((0.04, 0.05), (0.012, 0.014)),
        folds=folds,
        shadow=0.45,
        shadow_radius=0.014,
    )
    pull_line = curve(
        [(-wide * 0.72, low - deep + 0.085), (0.0, low - deep + 0.065), (wide * 0.72, low - deep + 0.085)],
        closed=False,
    )
    seam(canvas, pull_line, width=3.0, depth=0.5)
    stitches(canvas, pull_line, color=linear((176, 178, 182)), length=0.004, width=1.2, strength=0.7)
    patch = rounded(0, low - deep * 0.36, 0.075, 0.05, 0.006)
    panel(canvas, patch, trim, puff=THIN, shadow=0.35, shadow_radius=0.005)
    stitches(
        canvas,
        inset(patch, 0.16, center=(0, low - deep * 0.36)),
        color=linear((210, 190, 150)),
        length=0.006,
        width=0.9,
    )
