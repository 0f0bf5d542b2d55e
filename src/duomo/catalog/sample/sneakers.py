"""Sneakers from the side, toe to the left."""

import numpy as np

from duomo.catalog.sample.canvas import WORK, Canvas, Skin, linear, raster
from duomo.catalog.sample.geometry import Knot, Points, curve, ellipse, ribbon
from duomo.catalog.sample.lathe import stand
from duomo.catalog.sample.look import Look
from duomo.catalog.sample.palette import skin_of
from duomo.catalog.sample.parts import THIN, Puff, drape, panel, seam, tube
from duomo.catalog.sample.textures import Field

Random = np.random.Generator


ROUND: Puff = ((0.055, 0.075), (0.02, 0.024), (0.007, 0.006))

RUBBER = linear((238, 238, 234))

GUM = linear((190, 138, 88))

BLACK_RUBBER = linear((26, 26, 28))


def ground_shadow(canvas: Canvas, y: float, left: float, right: float) -> None:
    """The shadow of a shoe that stands at y between left and right."""
    middle, half = (left + right) / 2, (right - left) / 2
    stand(canvas, middle, y, half * 0.97, tilt=0.07, strength=0.85, reach=half)


def draw_sneaker(canvas: Canvas, look: Look, random: Random) -> None:
    """Low or high; a cup sole or a running sole; panels, laces, a side stripe."""
    high = look.cut["height"] == "high-top"
    ground = 0.24 if high else 0.17
    running = not high and random.random() < 0.5
    sole_high = float(random.uniform(0.055, 0.075)) + (0.02 if running else 0.0)
    toe, heel = -0.43, 0.41
    top = ground - sole_high
    ankle = top - (0.33 if high else float(random.uniform(0.185, 0.215)))
    ground_shadow(canvas, ground, toe, heel)
    skin, plain = look.skin(random), look.plain()
    tint = look.accent if random.random() < 0.55 and look.accent != "white" else look.color
    second = skin_of(tint, "suede" if look.material != "leather" else "leather")
    lining = skin_of("grey" if look.color != "grey" else "black", "mesh")
    collar_x = 0.1
    # the inside of the far side of the collar
    far: list[Knot] = [
        (collar_x - 0.02, ankle + 0.04),
        (collar_x + 0.12, ankle - 0.006),
        (heel - 0.06, ankle + 0.002),
        (heel - 0.05, ankle + 0.09),
        (collar_x + 0.06, ankle + 0.11),
    ]
    panel(canvas, curve(far), lining, puff=THIN, tone=0.55, shadow=0.0)
    tongue: list[Knot] = [
        (collar_x - 0.075, ankle - 0.045),
        (collar_x + 0.015, ankle - 0.05),
        (collar_x + 0.05, ankle + 0.1),
        (-0.1, top - 0.11),
        (-0.13, top - 0.12),
    ]
    panel(canvas, curve(tongue), plain, puff=((0.02, 0.03),), shadow=0.2, tone=0.92)
    upper: list[Knot] = [
        (toe + 0.015, top - 0.008),
        (toe + 0.03, top - 0.07),
        (toe + 0.12, top - 0.115),
        (-0.16, top - 0.14),
        (-0.02, ankle + (0.1 if high else 0.06)),
        (collar_x + 0.005, ankle + 0.012),
        (collar_x + 0.09, ankle + (0.012 if high else 0.05)),
        (heel - 0.09, ankle + (0.004 if high else 0.01)),
        (heel - 0.042, ankle - 0.01),
        (heel - 0.026, ankle + 0.05),
        (heel - 0.03, top - 0.06),
        (heel - 0.012, top + 0.004),
        (0.0, top + 0.014),
        (-0.25, top + 0.014),
    ]
    body = curve(upper)
    folds = drape(canvas, random, height=0.003)
    panel(canvas, body, skin, puff=ROUND, folds=folds, shadow=0.25)
    flat: Puff = ((0.006, 0.006),)
    toe_cap: list[Knot] = [
        (toe + 0.012, top),
        (toe + 0.03, top - 0.068),
        (toe + 0.115, top - 0.112),
        (toe + 0.17, top - 0.06),
        (toe + 0.2, top + 0.01),
        (toe + 0.1, top + 0.012),
    ]
    inside = inside_of(canvas, body)
    panel(
        canvas, curve(toe_cap), second, puff=(*ROUND, *flat), within=inside, shadow=0.25, shadow_radius=0.006
    )
    counter: list[Knot] = [
        (heel - 0.02, top + 0.01),
        (heel - 0.02, ankle + 0.06),
        (heel - 0.06, ankle + 0.05),
        (heel - 0.13, top - 0.07),
        (heel - 0.2, top + 0.01),
    ]
    panel(
        canvas, curve(counter), second, puff=(*ROUND, *flat), within=inside, shadow=0.25, shadow_radius=0.006
    )
    stay: list[Knot] = [
        (-0.2, top - 0.13),
        (-0.02, ankle + (0.1 if high else 0.055)),
        (collar_x + 0.01, ankle + 0.0),
        (collar_x + 0.05, ankle + 0.045),
        (collar_x - 0.01, ankle + (0.16 if high else 0.1)),
        (-0.12, top - 0.075),
        (-0.19, top - 0.08),
    ]
    panel(canvas, curve(stay), plain, puff=(*ROUND, *flat), within=inside, shadow=0.3, shadow_radius=0.007)
    _side_mark(canvas, look, random, top=top, inside=inside)
    padding = curve(
        [
            (collar_x + 0.01, ankle + 0.016),
            (collar_x + 0.09, ankle + (0.016 if high else 0.054)),
            (heel - 0.1, ankle + 0.012),
            (heel - 0.05, ankle - 0.004),
        ],
        closed=False,
    )
    tube(canvas, padding, 0.03, plain, shadow=0.25)
    lace = skin_of("white" if look.color != "white" or tint == "white" else look.accent, "cotton")
    steps = 7 if high else 5
    for step in range(steps):
        t = step / (steps - 1)
        x, y = -0.17 + t * (collar_x + 0.14), top - 0.125 + t * (ankle - top + 0.155)
        line = curve([(x - 0.045, y - 0.018), (x, y - 0.022), (x + 0.035, y + 0.022)], closed=False)
        tube(canvas, line, 0.0145, lace, shadow=0.45)
        seam(canvas, np.asarray(ellipse(x + 0.037, y + 0.026, 0.004, 0.004, count=8)), width=1.2, depth=0.6)
    seam(canvas, curve(toe_cap[2:5], closed=False), curve(counter[1:], closed=False), width=1.0, depth=0.3)
    _sneaker_sole(
        canvas,
        random,
        running=running,
        toe=toe,
        heel=heel,
        top=top,
        ground=ground,
        color=skin_of(tint, "plastic"),
    )


def inside_of(canvas: Canvas, outline: Points) -> Field:
    """The mask (WORK, WORK) of an outline."""
    return raster([canvas.view.place(outline)], (slice(0, WORK), slice(0, WORK)))


def _side_mark(canvas: Canvas, look: Look, random: Random, *, top: float, inside: Field) -> None:
    """A decoration on the quarter: one swept band, two slanted bars, a disc, or nothing."""
    mark = skin_of(look.accent, "leather")
    kind = int(random.integers(0, 4))
    if kind == 0:
        line = curve(
            [(-0.06, top - 0.04), (0.04, top - 0.045), (0.17, top - 0.1), (0.27, top - 0.16)], closed=False
        )
        panel(
            canvas,
            ribbon(line, (0.012, 0.045, 0.02)),
            mark,
            puff=(*ROUND, (0.004, 0.004)),
            within=inside,
            shadow=0.2,
            shadow_radius=0.005,
        )
    elif kind == 1:
        for x in (0.02, 0.075):
            bar = np.array([[x + 0.045, top - 0.14], [x - 0.02, top - 0.01]])
            panel(
                canvas,
                ribbon(np.linspace(bar[0], bar[1], 6), 0.026),
                mark,
                puff=((0.005, 0.005),),
                within=inside,
                shadow=0.2,
                shadow_radius=0.005,
            )
    elif kind == 2:
        panel(
            canvas,
            ellipse(0.17, top - 0.095, 0.04, 0.04),
            mark,
            puff=((0.006, 0.006),),
            within=inside,
            shadow=0.2,
            shadow_radius=0.005,
        )


def _sneaker_sole(
    canvas: Canvas,
    random: Random,
    *,
    running: bool,
    toe: float,
    heel: float,
    top: float,
    ground: float,
    color: Skin,
) -> None:
    """A cup sole with a groove, or a thick running sole that rises at toe and heel."""
    rubber = Skin(color=RUBBER if random.random() < 0.75 else GUM, relief="clay", depth=0.03, gloss=0.04)
    lift = 0.02 if running else 0.006
    sole: list[Knot] = [
        (toe - 0.004, top - 0.008),
        (toe + 0.1, top + 0.004),
        (0.0, top + 0.012),
        (heel - 0.08, top - (0.008 if running else -0.006)),
        (heel + 0.006, top - (0.014 if running else 0.004)),
        (heel + (0.012 if running else 0.0), ground - 0.03),
        (heel - 0.03, ground - lift * 0.3, 1),
        (0.2, ground),
        (-0.2, ground),
        (toe + 0.07, ground - lift * 0.5),
        (toe - 0.004, ground - 0.035),
    ]
    panel(canvas, curve(sole), rubber, puff=((0.014, 0.02), (0.005, 0.004)), shadow=0.4, shadow_radius=0.008)
    if running:
        wave: list[Knot] = [
            (toe + 0.04, ground - 0.03),
            (-0.1, ground - 0.035),
            (0.12, ground - 0.055),
            (heel - 0.02, ground - 0.06),
        ]
        panel(
            canvas,
            ribbon(curve(wave, closed=False), (0.01, 0.022, 0.03)),
            color,
            puff=THIN,
            shadow=0.15,
            shadow_radius=0.004,
        )
    else:
        line = curve(
            [(toe + 0.01, top + 0.018), (0.0, top + 0.032), (heel - 0.01, top + 0.022)], closed=False
        )
        seam(canvas, line, width=1.2, depth=0.3)
    tread = curve(
        [(toe + 0.06, ground - 0.012), (0.0, ground - 0.007), (heel - 0.035, ground - 0.01)], closed=False
    )
    panel(
        canvas,
        ribbon(tread, 0.014),
        Skin(color=BLACK_RUBBER if random.random() < 0.4 else rubber.color),
        puff=THIN,
        tone=0.8,
        shadow=0.1,
    )
