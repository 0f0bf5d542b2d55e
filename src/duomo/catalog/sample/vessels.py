"""Turned goods for the table and the shelf: mugs, bottles, vases, bowls, lamps."""

from dataclasses import replace

import numpy as np

from duomo.catalog.sample.canvas import Canvas, Skin, linear
from duomo.catalog.sample.geometry import curve
from duomo.catalog.sample.lathe import opening, profile, stand, turn
from duomo.catalog.sample.look import Look
from duomo.catalog.sample.palette import skin_of
from duomo.catalog.sample.parts import tube

Random = np.random.Generator

STEEL = Skin(color=linear((196, 198, 202)), metal=True)
BRASS = Skin(color=linear((198, 166, 104)), metal=True)
COPPER = Skin(color=linear((190, 128, 100)), metal=True)
COFFEE = Skin(color=linear((62, 34, 18)), gloss=0.1)


def _tilt(random: Random) -> float:
    return float(random.uniform(0.17, 0.3))


def draw_mug(canvas: Canvas, look: Look, random: Random) -> None:
    """Straight, tapered, round or barrel; a handle of its own bow; some dipped, some full of coffee."""
    tilt, skin, plain = _tilt(random), look.skin(random), look.plain()
    tall, wide = float(random.uniform(0.36, 0.48)), float(random.uniform(0.17, 0.205))
    shapes: dict[str, list[tuple[float, float]]] = {
        "straight": [(0, wide * 0.93), (0.012, wide * 0.985), (tall * 0.5, wide), (tall, wide)],
        "tapered": [(0, wide * 0.7), (0.012, wide * 0.76), (tall * 0.5, wide * 0.9), (tall, wide * 1.04)],
        "round": [
            (0, wide * 0.66),
            (0.012, wide * 0.72),
            (tall * 0.4, wide * 1.12),
            (tall * 0.8, wide),
            (tall, wide * 0.96),
        ],
        "barrel": [(0, wide * 0.84), (0.012, wide * 0.88), (tall * 0.5, wide * 1.08), (tall, wide * 0.9)],
    }
    shape = profile(*shapes[look.cut["form"]])
    base, x = tall * 0.52, -0.055
    stand(canvas, x, base, float(shape[0, 1]), tilt=tilt, strength=0.75, reach=wide)
    radius = float(np.interp(tall * 0.5, shape[:, 0], shape[:, 1]))
    out, high = float(random.uniform(0.11, 0.15)), float(random.uniform(0.13, 0.17))
    middle = base - tall * 0.5 - 0.01
    ear = curve(
        [
            (x + radius - 0.03, middle - high * 0.78),
            (x + radius + out * 0.65, middle - high * 0.86),
            (x + radius + out, middle - high * 0.1),
            (x + radius + out * 0.5, middle + high * 0.72),
            (x + radius - 0.04, middle + high),
        ],
        closed=False,
    )
    tube(canvas, ear, float(random.uniform(0.034, 0.046)), plain)
    inner = skin_of(look.accent, look.material) if look.cut["finish"] == "two-tone" else plain
    opening(
        canvas,
        shape,
        inner,
        inner if look.material == "enamel" else plain,
        x=x,
        base=base,
        tilt=tilt,
        fill=COFFEE if random.random() < 0.25 else None,
        level=0.3,
    )
    bands: list[tuple[float, float, Skin]] = []
    if look.cut["finish"] == "dipped":
        clay = Skin(color=linear((204, 178, 146)), relief="clay", depth=0.1)
        bands.append((-1.0, tall * float(random.uniform(0.16, 0.3)), clay))
    turn(
        canvas,
        shape,
        skin,
        x=x,
        base=base,
        tilt=tilt,
        bands=tuple(bands),
        around=float(random.uniform(0, 0.2)),
    )


def draw_vase(canvas: Canvas, look: Look, random: Random) -> None:
    """Bottle, belly, trumpet, cylinder or double gourd."""
    tilt, skin = _tilt(random) * 0.8, look.skin(random)
    tall, w = float(random.uniform(0.62, 0.76)), float(random.uniform(0.9, 1.12))
    shapes: dict[str, list[tuple[float, float]]] = {
        "bottle": [
            (0, 0.1 * w),
            (0.012, 0.115 * w),
            (tall * 0.28, 0.19 * w),
            (tall * 0.58, 0.1 * w),
            (tall * 0.75, 0.045 * w),
            (tall * 0.96, 0.045 * w),
            (tall, 0.056 * w),
        ],
        "round": [
            (0, 0.09 * w),
            (0.012, 0.11 * w),
            (tall * 0.42, 0.235 * w),
            (tall * 0.78, 0.12 * w),
            (tall * 0.86, 0.085 * w),
            (tall, 0.105 * w),
        ],
        "trumpet": [
            (0, 0.1 * w),
            (0.02, 0.105 * w),
            (tall * 0.3, 0.085 * w),
            (tall * 0.7, 0.11 * w),
            (tall, 0.19 * w),
        ],
        "cylinder": [(0, 0.13 * w), (0.012, 0.14 * w), (tall * 0.5, 0.145 * w), (tall, 0.14 * w)],
        "gourd": [
            (0, 0.1 * w),
            (0.012, 0.12 * w),
            (tall * 0.25, 0.19 * w),
            (tall * 0.52, 0.095 * w),
            (tall * 0.72, 0.125 * w),
            (tall * 0.93, 0.06 * w),
            (tall, 0.068 * w),
        ],
        "amphora": [
            (0, 0.07 * w),
            (0.015, 0.078 * w),
            (tall * 0.45, 0.15 * w),
            (tall * 0.72, 0.19 * w),
            (tall * 0.88, 0.09 * w),
            (tall, 0.1 * w),
        ],
    }
    shape = profile(*shapes[look.cut["form"]])
    base = tall * 0.49
    stand(canvas, 0, base, float(shape[0, 1]), tilt=tilt, strength=0.75, reach=0.15)
    opening(canvas, shape, look.plain(), look.plain(), base=base, tilt=tilt, wall=0.01, dark=0.8)
    bands: list[tuple[float, float, Skin]] = []
    if look.cut["finish"] == "dipped":
        bands.append((tall * float(random.uniform(0.72, 0.84)), 2.0, skin_of(look.accent, look.material)))
    turn(canvas, shape, skin, base=base, tilt=tilt, bands=tuple(bands))


def draw_bottle(canvas: Canvas, look: Look, random: Random) -> None:
    """A water bottle with a screw cap, a sports lid or a loop."""
    tilt, skin = 0.1 + 0.06 * float(random.random()), look.skin(random)
    tall, w = float(random.uniform(0.56, 0.66)), float(random.uniform(0.105, 0.13))
    shapes: dict[str, list[tuple[float, float]]] = {
        "slim": [
            (0, w * 0.9),
            (0.012, w * 0.97),
            (0.03, w),
            (tall * 0.72, w),
            (tall * 0.88, w * 0.62),
            (tall * 0.93, w * 0.5),
            (tall, w * 0.5),
        ],
        "wide-mouth": [
            (0, w * 1.1),
            (0.012, w * 1.17),
            (0.03, w * 1.2),
            (tall * 0.8, w * 1.2),
            (tall * 0.92, w * 0.95),
            (tall, w * 0.92),
        ],
        "tumbler": [
            (0, w * 0.85),
            (0.012, w * 0.92),
            (tall * 0.5, w * 1.08),
            (tall * 0.96, w * 1.25),
            (tall, w * 1.25),
        ],
    }
    shape = profile(*shapes[look.cut["form"]])
    neck = float(shape[-1, 1])
    base = tall * 0.5 + 0.06
    stand(canvas, 0, base, float(shape[0, 1]), tilt=max(tilt, 0.15), strength=0.75, reach=w)
    bands: list[tuple[float, float, Skin]] = [(-1.0, 0.022, STEEL)]
    if look.cut["form"] != "tumbler":
        bands.append((tall * 0.955, 2.0, STEEL))
    turn(canvas, shape, skin, base=base, tilt=tilt, bands=tuple(bands), around=float(random.uniform(0, 0.1)))
    up = base - tall * float(np.sqrt(1 - tilt * tilt))
    dark = skin_of("black", "plastic")
    cap = {"steel": STEEL, "black": dark, "matching": look.plain()}[look.cut["cap"]]
    high = float(random.uniform(0.05, 0.08))
    lid = profile((0, neck * 1.06), (0.006, neck * 1.12), (high * 0.9, neck * 1.1), (high, neck * 1.0))
    if look.cut["form"] == "wide-mouth":
        loop = curve(
            [
                (-neck * 0.7, up - high * 0.6),
                (-neck * 0.62, up - high * 1.9),
                (0, up - high * 2.25),
                (neck * 0.62, up - high * 1.9),
                (neck * 0.7, up - high * 0.6),
            ],
            closed=False,
        )
        tube(canvas, loop, 0.026, cap, shadow=0.2)
    opening(canvas, np.asarray(lid), cap, cap, base=up, tilt=tilt, wall=0.004, dark=0.05)
    turn(
        canvas,
        lid,
        replace(cap, relief="rib" if look.cut["form"] == "slim" else "", depth=0.35, grain=0.08),
        base=up,
        tilt=tilt,
    )
    if look.cut["form"] == "tumbler":
        straw = np.array([[0.03, up - high], [0.055, up - high - 0.2]])
        tube(
            canvas, np.linspace(straw[0], straw[1], 12), 0.022, Skin(color=linear((230, 232, 234)), gloss=0.2)
        )


def draw_bowl(canvas: Canvas, look: Look, random: Random) -> None:
    """Seen from higher up, so that the inside shows."""
    tilt, skin = float(random.uniform(0.34, 0.46)), look.skin(random)
    tall, w = float(random.uniform(0.2, 0.28)), float(random.uniform(0.32, 0.37))
    shapes: dict[str, list[tuple[float, float]]] = {
        "footed": [(0, w * 0.42), (0.03, w * 0.4), (0.035, w * 0.5), (tall * 0.5, w * 0.85), (tall, w)],
        "straight": [(0, w * 0.78), (0.015, w * 0.86), (tall * 0.5, w * 0.96), (tall, w)],
        "round": [
            (0, w * 0.45),
            (0.01, w * 0.52),
            (tall * 0.45, w * 0.93),
            (tall * 0.85, w * 1.02),
            (tall, w),
        ],
        "flared": [(0, w * 0.4), (0.012, w * 0.44), (tall * 0.5, w * 0.62), (tall, w)],
    }
    shape = profile(*shapes[look.cut["form"]])
    base = 0.5 * tall + 0.02
    stand(canvas, 0, base, float(shape[0, 1]), tilt=tilt, strength=0.7, reach=w * 0.8)
    if look.cut["finish"] == "two-tone":
        # the inside is what one sees most of: it has the color, the outside the accent
        skin = replace(look, color=look.accent, accent=look.color).skin(random)
    turn(canvas, shape, skin, base=base, tilt=tilt, around=float(random.uniform(0, 0.2)))
    opening(
        canvas,
        shape,
        look.plain(),
        look.plain(),
        base=base,
        tilt=tilt,
        wall=float(random.uniform(0.012, 0.02)),
        dark=0.38,
    )


def draw_lamp(canvas: Canvas, look: Look, random: Random) -> None:
    """A table lamp: turned foot or slim pole, and a cloth shade that glows."""
    tilt = 0.1
    base = 0.42
    foot_color = {"brass": BRASS, "copper": COPPER, "steel": STEEL}.get(look.cut["foot"])
    foot = foot_color or (skin_of("camel", "wood") if look.cut["foot"] == "wooden" else look.plain())
    w = float(random.uniform(0.9, 1.12))
    stand(canvas, 0, base, 0.12 * w, tilt=0.16, strength=0.75, reach=0.13)
    tall = float(random.uniform(0.42, 0.5))
    if look.cut["stem"] == "slim":
        plate = profile(
            (0, 0.12 * w),
            (0.006, 0.13 * w),
            (0.02, 0.128 * w),
            (0.03, 0.1 * w),
            (0.034, 0.022),
            (tall, 0.017),
        )
    elif look.cut["stem"] == "gourd":
        plate = profile(
            (0, 0.085 * w),
            (0.02, 0.09 * w),
            (0.03, 0.06 * w),
            (tall * 0.4, 0.13 * w),
            (tall * 0.75, 0.05 * w),
            (tall * 0.82, 0.02),
            (tall, 0.016),
        )
    else:
        plate = profile(
            (0, 0.1 * w),
            (0.015, 0.105 * w),
            (tall * 0.35, 0.085 * w),
            (tall * 0.78, 0.03 * w),
            (tall * 0.84, 0.016),
            (tall, 0.014),
        )
    turn(canvas, plate, foot, base=base, tilt=tilt)
    high = float(random.uniform(0.28, 0.36))
    wide = float(random.uniform(0.21, 0.27))
    narrow = wide * {"cone": 0.5, "drum": 0.96, "empire": 0.7}[look.cut["shade"]]
    bottom = base - tall + high * 0.28
    shade_skin = replace(look.skin(random), relief="weave", depth=0.1, gloss=0.0)
    if look.cut["pleats"] == "pleated":
        shade_skin = replace(shade_skin, relief="rib", depth=0.28, grain=0.13)
    cone = profile((0, wide), (high * 0.5, (wide + narrow) / 2), (high, narrow))
    inside = replace(look.plain(), gloss=0.0)
    opening(canvas, np.asarray(cone), inside, inside, base=bottom, tilt=tilt, wall=0.006, dark=-0.2)
    turn(
        canvas,
        cone,
        shade_skin,
        base=bottom,
        tilt=tilt,
        glow=float(random.choice([0.0, 0.45, 0.6])),
        bands=((-1.0, 0.01, inside), (high - 0.01, 2.0, inside)),
    )
