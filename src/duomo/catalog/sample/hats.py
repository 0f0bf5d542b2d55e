"""For head and neck: caps, beanies, scarves."""

from dataclasses import replace

import numpy as np

from duomo.catalog.sample.canvas import WORK, Canvas, linear
from duomo.catalog.sample.geometry import Knot, both, curve, ellipse, moved, rounded
from duomo.catalog.sample.lathe import cast, stand
from duomo.catalog.sample.look import Look
from duomo.catalog.sample.palette import skin_of
from duomo.catalog.sample.parts import THIN, Puff, button, drape, panel, seam, stitches, tube
from duomo.catalog.sample.textures import Field
from duomo.catalog.sample.torso import ribbed

Random = np.random.Generator


DOME: Puff = ((0.09, 0.15), (0.03, 0.04), (0.008, 0.007))


def draw_cap(canvas: Canvas, look: Look, random: Random) -> None:
    """A baseball cap in three-quarter view: crown of panels, bowed brim, button, eyelets, a badge or none."""
    skin = look.skin(random)
    brim_skin = (
        skin_of(look.accent, look.material)
        if look.pattern == "solid" and random.random() < 0.25
        else look.plain()
    )
    tall, base = float(random.uniform(0.36, 0.42)), 0.13
    stand(canvas, -0.02, base + 0.07, 0.34, tilt=0.16, strength=0.6, reach=0.34)
    crown: list[Knot] = [
        (-0.29, base + 0.01),
        (-0.27, base - tall * 0.52),
        (-0.12, base - tall * 0.93),
        (0.08, base - tall),
        (0.24, base - tall * 0.74),
        (0.33, base - tall * 0.26),
        (0.335, base + 0.03),
        (0.15, base + 0.075),
        (-0.1, base + 0.06),
    ]
    body = curve(crown)
    folds = drape(canvas, random, height=0.004)
    panel(canvas, body, skin, puff=DOME, folds=folds, shadow=0.2)
    knob = (0.05, base - tall + 0.006)
    seams = [
        curve(
            [knob, (-0.1, base - tall * 0.78), (-0.165, base - tall * 0.3), (-0.17, base + 0.04)],
            closed=False,
        ),
        curve(
            [knob, (0.1, base - tall * 0.7), (0.135, base - tall * 0.3), (0.13, base + 0.07)], closed=False
        ),
        curve(
            [knob, (0.22, base - tall * 0.72), (0.28, base - tall * 0.3), (0.29, base + 0.05)], closed=False
        ),
    ]
    seam(canvas, *seams, width=1.5, depth=0.4)
    thread = (
        linear((230, 230, 230)) if look.color not in {"white", "beige", "yellow"} else linear((150, 140, 130))
    )
    stitches(
        canvas,
        *[moved(line, 0.008) for line in seams],
        *[moved(line, -0.008) for line in seams],
        color=thread,
        length=0.006,
        width=0.9,
        strength=0.45,
    )
    for x, y in ((-0.03, base - tall * 0.66), (0.19, base - tall * 0.62)):
        button(canvas, x, y, 0.008, replace(brim_skin, tile=None))
    panel(canvas, ellipse(knob[0], knob[1], 0.024, 0.015), brim_skin, puff=((0.006, 0.01),), shadow=0.4)
    brim: list[Knot] = [
        (-0.285, base - 0.005, 1),
        (-0.19, base + 0.005),
        (-0.02, base + 0.03),
        (0.13, base + 0.075, 1),
        (0.02, base + 0.13),
        (-0.2, base + 0.165),
        (-0.4, base + 0.125),
        (-0.45, base + 0.065),
        (-0.39, base + 0.02),
    ]
    shape = curve(brim)
    panel(canvas, shape, brim_skin, puff=((0.05, 0.05), (0.008, 0.008)), shadow=0.35)
    for inset in (0.16, 0.32, 0.48):
        line = (shape - [-0.13, base + 0.03]) * (1 - inset) + [-0.13, base + 0.03]
        stitches(canvas, line[20:80], color=thread, length=0.006, width=0.9, strength=0.4)
    if random.random() < 0.6:
        badge = skin_of(look.accent, "leather")
        x, y = -0.09, base - tall * 0.4
        kind = int(random.integers(0, 3))
        outline = ellipse(x, y, 0.058, 0.062) if kind == 0 else rounded(x, y, 0.12, 0.08, 0.012)
        if kind == 2:
            outline = curve(
                [
                    (x - 0.06, y + 0.045, 1),
                    (x - 0.015, y - 0.04, 1),
                    (x + 0.01, y + 0.0, 1),
                    (x + 0.03, y - 0.02, 1),
                    (x + 0.065, y + 0.045, 1),
                ]
            )
        panel(canvas, outline, badge, puff=((0.004, 0.006),), shadow=0.3, shadow_radius=0.004)


def draw_beanie(canvas: Canvas, look: Look, random: Random) -> None:
    """A knitted cap with a turned-up rib; a pompom where the cut says so."""
    pompom = look.cut["top"] == "pompom"
    coarse = float(random.uniform(0.9, 1.5))
    skin = replace(
        look.skin(random), relief=("rib", "knit")[int(random.integers(0, 2))], depth=0.45, grain=0.2 * coarse
    )
    wide, base = float(random.uniform(0.27, 0.3)), 0.3
    tall = float(random.uniform(0.5, 0.58))
    dome: list[Knot] = [
        (0.0, base - tall),
        (wide * 0.5, base - tall * 0.94),
        (wide * 0.92, base - tall * 0.6),
        (wide * 1.0, base - tall * 0.2),
        (wide * 0.98, base - 0.01),
        (0.0, base + 0.0),
    ]
    cast(canvas, curve(both(dome)), strength=0.16, radius=0.03)
    if pompom:
        ball = ellipse(0, base - tall - 0.055, 0.105, 0.1, count=90)
        spin = 1 + 0.05 * np.sin(np.linspace(0, 6.28, 90) * 23) + random.normal(0, 0.02, 90)
        ball = (ball - [0, base - tall - 0.055]) * spin[:, None] + [0, base - tall - 0.055]
        fluff = replace(
            skin_of(look.accent if random.random() < 0.4 else look.color, "fleece"), depth=0.7, grain=0.5
        )
        panel(canvas, ball, fluff, puff=((0.04, 0.07),), shadow=0.3)
    panel(canvas, curve(both(dome)), skin, puff=DOME, folds=drape(canvas, random, height=0.006), shadow=0.2)
    deep = float(random.uniform(0.15, 0.19))
    cuff: list[Knot] = [
        (0.0, base - deep + 0.014),
        (wide * 0.7, base - deep + 0.01),
        (wide * 1.03, base - deep - 0.006, 1),
        (wide * 1.05, base - deep * 0.5),
        (wide * 1.02, base + 0.002, 1),
        (wide * 0.6, base + 0.022),
        (0.0, base + 0.026),
    ]
    rib = replace(ribbed(look.plain()), depth=0.5, grain=0.17)
    panel(canvas, curve(both(cuff)), rib, puff=((0.05, 0.06), (0.014, 0.02)), shadow=0.4, shadow_radius=0.014)
    if random.random() < 0.5:
        panel(
            canvas,
            rounded(wide * 0.45, base - deep * 0.36, 0.07, 0.05, 0.004),
            skin_of("brown", "leather"),
            puff=THIN,
            shadow=0.35,
            shadow_radius=0.005,
        )


def draw_scarf(canvas: Canvas, look: Look, random: Random) -> None:
    """Folded over itself once, the ends hanging down side by side; fringes where the cut says so."""
    skin = look.skin(random)
    wide = float(random.uniform(0.15, 0.18))
    low = float(random.uniform(0.32, 0.37))
    loop: list[Knot] = [
        (0.0, -0.42),
        (0.13, -0.4),
        (0.2, -0.31),
        (0.19, -0.2),
        (0.1, -0.1),
        (0.0, -0.07),
    ]
    shape = curve(both(loop))
    hole = curve(both([(0.0, -0.345), (0.07, -0.33), (0.1, -0.28), (0.06, -0.225), (0.0, -0.21)]))
    ends = []
    for side, drop, turn in ((1.0, low - 0.02, 0.07), (-1.0, low - float(random.uniform(0.06, 0.14)), -0.05)):
        x = side * wide * 0.52
        ends.append(
            (
                side,
                curve(
                    [
                        (x - wide * 0.42, -0.17, 1),
                        (x + wide * 0.42, -0.17, 1),
                        (x + wide * 0.53 + turn * 0.3, 0.1),
                        (x + wide * 0.52 + turn, drop, 1),
                        (x - wide * 0.52 + turn, drop + 0.008, 1),
                        (x - wide * 0.5 + turn * 0.3, 0.1),
                    ]
                ),
                x + turn,
                drop,
            )
        )
    folds = np.asarray(drape(canvas, random, height=0.012, wide=0.2, tall=0.7))
    stripes = _long_folds(canvas, random)
    for _, end, x, drop in reversed(ends):
        cast(canvas, end, strength=0.16, radius=0.022)
        if look.cut["ends"] == "fringed":
            for offset in np.linspace(-wide * 0.5, wide * 0.5, 16):
                sway = float(random.normal(0, 0.006))
                line = curve(
                    [
                        (x + float(offset), drop - 0.01),
                        (x + float(offset) + sway * 0.5, drop + 0.03),
                        (x + float(offset) + sway, drop + 0.065),
                    ],
                    closed=False,
                )
                tube(canvas, line, (0.01, 0.007), look.plain(), shadow=0.2)
        panel(canvas, end, skin, puff=((0.03, 0.03), (0.009, 0.009)), folds=folds + stripes, shadow=0.4)
    cast(canvas, shape, strength=0.12, radius=0.02)
    panel(
        canvas,
        shape,
        skin,
        puff=((0.045, 0.075), (0.014, 0.018)),
        folds=folds,
        holes=[hole],
        angle=0.5,
        shadow=0.5,
    )
    for offset in (0.022, 0.055):
        rim = curve(
            [
                (-0.16 + offset, -0.3),
                (-0.1 + offset * 0.5, -0.17 - offset * 0.4),
                (0.0, -0.135 - offset * 0.5),
                (0.1 - offset * 0.5, -0.17 - offset * 0.4),
                (0.16 - offset, -0.3),
            ],
            closed=False,
        )
        seam(canvas, rim, width=4.0, depth=0.22)


def _long_folds(canvas: Canvas, random: Random) -> Field:
    """Heights (WORK, WORK), in pixels, of folds that run down a hanging cloth."""
    pixel = np.arange(WORK, dtype=np.float32) + np.float32(0.5)
    x, y = canvas.view.unplace(pixel[None, :], pixel[:, None])
    start = float(random.uniform(0, 6))
    wave = np.sin(52 * x + start + 1.4 * np.sin(5 * y + start)) + 0.5 * np.sin(97 * x + 2 * start + 2 * y)
    return np.asarray(wave * np.float32(0.0055 * canvas.view.scale), dtype=np.float32)
