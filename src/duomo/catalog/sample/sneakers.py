"""Sneakers from the side, toe to the left."""

import numpy as np

from duomo.catalog.sample.canvas import WORK, Canvas, Skin, linear, raster
from duomo.catalog.sample.geometry import Knot, Points, curve, ellipse, ribbon
from duomo.catalog.sample.lathe import stand
from duomo.catalog.sample.look import Look
from duomo.catalog.sample.palette import skin_of
from duomo.catalog.sample.parts import THIN, Puff, drape, panel, seam, stitches, swell, tube
from duomo.catalog.sample.textures import Field

Random = np.random.Generator


ROUND: Puff = ((0.05, 0.062), (0.018, 0.018), (0.006, 0.005))
PATCH: Puff = ((0.004, 0.0035),)

RUBBER = linear((238, 238, 234))

GUM = linear((190, 138, 88))

BLACK_RUBBER = linear((26, 26, 28))


def ground_shadow(canvas: Canvas, y: float, left: float, right: float) -> None:
    """The shadow of a shoe that stands at y between left and right."""
    middle, half = (left + right) / 2, (right - left) / 2
    stand(canvas, middle, y, half * 0.97, tilt=0.07, strength=0.85, reach=half)


def draw_sneaker(canvas: Canvas, look: Look, random: Random) -> None:
    """Low or high; a cup sole or a running sole; stitched panels that follow the form; laces, a mark."""
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
        (collar_x - 0.085, ankle - 0.012),
        (collar_x - 0.055, ankle - 0.034),
        (collar_x - 0.005, ankle - 0.028),
        (collar_x + 0.05, ankle + 0.1),
        (-0.1, top - 0.11),
        (-0.13, top - 0.12),
    ]
    panel(canvas, curve(tongue), plain, puff=((0.014, 0.016),), shadow=0.2, tone=0.9)
    upper: list[Knot] = [
        (toe + 0.012, top - 0.008),
        (toe + 0.022, top - 0.05),
        (toe + 0.08, top - 0.092),
        (-0.2, top - 0.118),
        (-0.02, ankle + (0.1 if high else 0.066)),
        (collar_x - 0.004, ankle + 0.018, 1),
        (collar_x + 0.07, ankle + (0.016 if high else 0.052)),
        (collar_x + 0.15, ankle + (0.012 if high else 0.05)),
        (heel - 0.08, ankle + (0.002 if high else 0.012)),
        (heel - 0.046, ankle - 0.016),
        (heel - 0.028, ankle + 0.05),
        (heel - 0.026, top - 0.06),
        (heel - 0.012, top + 0.004),
        (0.0, top + 0.014),
        (-0.25, top + 0.014),
    ]
    body = curve(upper)
    inside = inside_of(canvas, body)
    form = np.asarray(swell(canvas, inside, ROUND) + drape(canvas, random, height=0.003))
    panel(canvas, body, skin, puff=(), folds=form, shadow=0.25)
    toe_cap: list[Knot] = [
        (toe - 0.01, top + 0.01),
        (toe + 0.01, top - 0.1),
        (toe + 0.13, top - 0.13),
        (toe + 0.165, top - 0.07),
        (toe + 0.2, top + 0.012),
    ]
    counter: list[Knot] = [
        (heel + 0.0, top + 0.012),
        (heel + 0.0, ankle - 0.01),
        (heel - 0.075, ankle + 0.0),
        (heel - 0.085, ankle + 0.07),
        (heel - 0.15, top - 0.06),
        (heel - 0.21, top + 0.012),
    ]
    stay: list[Knot] = [
        (-0.215, top - 0.13),
        (-0.02, ankle + (0.09 if high else 0.05)),
        (collar_x - 0.01, ankle - 0.005),
        (collar_x + 0.05, ankle + 0.03),
        (collar_x + 0.0, ankle + (0.16 if high else 0.105)),
        (-0.12, top - 0.07),
        (-0.2, top - 0.075),
    ]
    guard: list[Knot] = [(-0.24, top + 0.012), (-0.13, top - 0.045), (0.06, top - 0.03), (0.22, top + 0.012)]
    patches = [(toe_cap, second), (counter, second), (stay, plain)]
    if random.random() < 0.4:
        patches.insert(0, (guard, plain))
    for knots, cloth in patches:
        shape = curve(knots)
        panel(canvas, shape, cloth, puff=PATCH, folds=form, within=inside, shadow=0.3, shadow_radius=0.006)
        line = (shape - shape.mean(0)) * 0.92 + shape.mean(0)
        light = max(cloth.color) > 0.5
        tone = (
            (cloth.color[0] * 0.55, cloth.color[1] * 0.55, cloth.color[2] * 0.55)
            if light
            else linear((170, 170, 172))
        )
        stitches(canvas, np.concatenate([line, line[:1]]), color=tone, length=0.006, width=0.8, strength=0.55)
    _side_mark(canvas, look, random, top=top, inside=inside, form=form)
    dots = [
        (toe + 0.19 + 0.026 * column, top - 0.062 - 0.018 * row) for column in range(3) for row in range(2)
    ]
    for x, y in dots if look.material == "leather" else []:
        seam(canvas, ellipse(x, y, 0.003, 0.003, count=6), width=1.0, depth=0.45)
    padding = curve(
        [
            (collar_x + 0.005, ankle + 0.024),
            (collar_x + 0.07, ankle + (0.024 if high else 0.06)),
            (collar_x + 0.15, ankle + (0.02 if high else 0.058)),
            (heel - 0.085, ankle + 0.018),
            (heel - 0.05, ankle - 0.002),
        ],
        closed=False,
    )
    tube(canvas, padding, 0.024, plain, shadow=0.2)
    lace = skin_of("white" if look.color != "white" or tint == "white" else look.accent, "cotton")
    steps = 8 if high else 6
    for step in range(steps):
        t = step / (steps - 1)
        x, y = -0.185 + t * (collar_x + 0.15), top - 0.122 + t * (ankle - top + 0.158)
        line = curve([(x - 0.026, y - 0.018), (x + 0.002, y - 0.008), (x + 0.032, y + 0.026)], closed=False)
        tube(canvas, line, 0.0125, lace, shadow=0.4)
        seam(canvas, ellipse(x + 0.034, y + 0.03, 0.004, 0.004, count=8), width=1.2, depth=0.6)
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


def _side_mark(canvas: Canvas, look: Look, random: Random, *, top: float, inside: Field, form: Field) -> None:
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
            puff=PATCH,
            folds=form,
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
                puff=PATCH,
                folds=form,
                within=inside,
                shadow=0.2,
                shadow_radius=0.005,
            )
    elif kind == 2:
        panel(
            canvas,
            ellipse(0.17, top - 0.095, 0.04, 0.04),
            mark,
            puff=PATCH,
            folds=form,
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
        [
            (toe + 0.03, ground - 0.02),
            (toe + 0.09, ground - 0.009),
            (0.0, ground - 0.006),
            (heel - 0.05, ground - 0.008),
            (heel - 0.012, ground - 0.018),
        ],
        closed=False,
    )
    panel(
        canvas,
        ribbon(tread, 0.014),
        Skin(color=BLACK_RUBBER if random.random() < 0.4 else rubber.color),
        puff=THIN,
        tone=0.8,
        shadow=0.1,
    )
