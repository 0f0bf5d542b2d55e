"""Accessories: caps, beanies, scarves, watches, sunglasses."""

from dataclasses import replace

import numpy as np

from duomo.catalog.sample.canvas import WORK, Canvas, Skin, linear, put, raster
from duomo.catalog.sample.geometry import Knot, Points, both, curve, ellipse, flip, ribbon, rounded
from duomo.catalog.sample.lathe import cast, stand
from duomo.catalog.sample.look import Look
from duomo.catalog.sample.palette import skin_of
from duomo.catalog.sample.parts import THIN, Puff, button, drape, panel, seam, stitches, tube
from duomo.catalog.sample.textures import Field
from duomo.catalog.sample.torso import ribbed

Random = np.random.Generator
GOLD = Skin(color=linear((212, 178, 110)), metal=True)
STEEL = Skin(color=linear((196, 198, 202)), metal=True)
BLACK_STEEL = Skin(color=linear((70, 70, 74)), metal=True)
WHOLE = (slice(0, WORK), slice(0, WORK))
DOME: Puff = ((0.09, 0.15), (0.03, 0.04), (0.008, 0.007))


def draw_cap(canvas: Canvas, look: Look, random: Random) -> None:
    """A baseball cap in three-quarter view: crown of panels, bowed brim, button, eyelets, a badge or none."""
    skin = look.skin(random)
    brim_skin = skin_of(look.accent, look.material) if look.pattern == "solid" and random.random() < 0.25 else look.plain()
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
        curve([knob, (-0.1, base - tall * 0.78), (-0.165, base - tall * 0.3), (-0.17, base + 0.04)], closed=False),
        curve([knob, (0.1, base - tall * 0.7), (0.135, base - tall * 0.3), (0.13, base + 0.07)], closed=False),
        curve([knob, (0.22, base - tall * 0.72), (0.28, base - tall * 0.3), (0.29, base + 0.05)], closed=False),
    ]
    seam(canvas, *seams, width=1.5, depth=0.4)
    thread = linear((230, 230, 230)) if look.color not in {"white", "beige", "yellow"} else linear((150, 140, 130))
    stitches(canvas, *[line + [0.008, 0.0] for line in seams], *[line - [0.008, 0.0] for line in seams], color=thread, length=0.006, width=0.9, strength=0.45)
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
            outline = curve([(x - 0.06, y + 0.045, 1), (x - 0.015, y - 0.04, 1), (x + 0.01, y + 0.0, 1), (x + 0.03, y - 0.02, 1), (x + 0.065, y + 0.045, 1)])
        panel(canvas, outline, badge, puff=((0.004, 0.006),), shadow=0.3, shadow_radius=0.004)


def draw_beanie(canvas: Canvas, look: Look, random: Random) -> None:
    """A knitted cap with a turned-up rib; a pompom where the cut says so."""
    pompom = look.cut["top"] == "pompom"
    coarse = float(random.uniform(0.9, 1.5))
    skin = replace(look.skin(random), relief=("rib", "knit")[int(random.integers(0, 2))], depth=0.45, grain=0.2 * coarse)
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
        fluff = replace(skin_of(look.accent if random.random() < 0.4 else look.color, "fleece"), depth=0.7, grain=0.5)
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
        panel(canvas, rounded(wide * 0.45, base - deep * 0.36, 0.07, 0.05, 0.004), skin_of("brown", "leather"), puff=THIN, shadow=0.35, shadow_radius=0.005)


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
                line = curve([(x + float(offset), drop - 0.01), (x + float(offset) + sway * 0.5, drop + 0.03), (x + float(offset) + sway, drop + 0.065)], closed=False)
                tube(canvas, line, (0.01, 0.007), look.plain(), shadow=0.2)
        panel(canvas, end, skin, puff=((0.03, 0.03), (0.009, 0.009)), folds=folds + stripes, shadow=0.4)
    cast(canvas, shape, strength=0.12, radius=0.02)
    panel(canvas, shape, skin, puff=((0.045, 0.075), (0.014, 0.018)), folds=folds, holes=[hole], angle=0.5, shadow=0.5)
    for offset in (0.022, 0.055):
        rim = curve([(-0.16 + offset, -0.3), (-0.1 + offset * 0.5, -0.17 - offset * 0.4), (0.0, -0.135 - offset * 0.5), (0.1 - offset * 0.5, -0.17 - offset * 0.4), (0.16 - offset, -0.3)], closed=False)
        seam(canvas, rim, width=4.0, depth=0.22)


def _long_folds(canvas: Canvas, random: Random) -> Field:
    """Heights (WORK, WORK), in pixels, of folds that run down a hanging cloth."""
    pixel = np.arange(WORK, dtype=np.float32) + np.float32(0.5)
    x, y = canvas.view.unplace(pixel[None, :], pixel[:, None])
    start = float(random.uniform(0, 6))
    wave = np.sin(52 * x + start + 1.4 * np.sin(5 * y + start)) + 0.5 * np.sin(97 * x + 2 * start + 2 * y)
    return np.asarray(wave * np.float32(0.0055 * canvas.view.scale), dtype=np.float32)


def draw_watch(canvas: Canvas, look: Look, random: Random) -> None:
    """Seen from the front: strap, case, dial with hands and marks; a chronograph has three small dials."""
    metal = {"gold": GOLD, "steel": STEEL, "black": BLACK_STEEL}[look.cut["case"]]
    square = look.cut["form"] == "square"
    r = float(random.uniform(0.19, 0.22))
    strap_wide = r * float(random.uniform(1.02, 1.16))
    skin = look.plain()
    cast(canvas, rounded(0, 0, strap_wide, 0.9, 0.03), strength=0.2, radius=0.03)
    end = 0.46
    for side in (-1.0, 1.0):
        band: list[Knot] = [
            (-strap_wide / 2, side * r * 0.72, 1),
            (strap_wide / 2, side * r * 0.72, 1),
            (strap_wide * 0.43, side * end * 0.72),
            (strap_wide * 0.4, side * (end - 0.03)),
            (strap_wide * 0.25, side * (end + 0.01)),
            (-strap_wide * 0.25, side * (end + 0.01)),
            (-strap_wide * 0.4, side * (end - 0.03)),
            (-strap_wide * 0.43, side * end * 0.72),
        ]
        shape = curve(band)
        panel(canvas, shape, skin, puff=((0.03, 0.05), (0.008, 0.01)), folds=_bow(canvas, side, r, end), shadow=0.25)
        if look.material in {"leather", "faux leather", "suede", "canvas", "nylon"}:
            line = np.concatenate([(shape - [0, side * 0.3]) * [0.82, 0.94] + [0, side * 0.3]])
            thread = linear((232, 222, 200)) if look.color not in {"white", "beige"} else linear((150, 120, 90))
            stitches(canvas, line, color=thread, length=0.009, width=1.1, strength=0.8)
        if side > 0:
            for step in range(4):
                hole = ellipse(0, 0.3 + step * 0.036, 0.0062, 0.0075, count=12)
                panel(canvas, hole, Skin(color=(0.01, 0.01, 0.01)), puff=THIN, shadow=0.0)
    for sx in (-1.0, 1.0):
        for sy in (-1.0, 1.0):
            lug = curve([(sx * strap_wide * 0.42, sy * r * 0.6), (sx * strap_wide * 0.56, sy * r * 0.8), (sx * strap_wide * 0.55, sy * r * 1.12)], closed=False)
            tube(canvas, lug, r * 0.16, metal, shadow=0.3)
    tube(canvas, np.linspace([r * 0.98, 0.0], [r * 1.2, 0.0], 6), r * 0.2, metal)
    if look.cut["style"] == "chronograph":
        for angle in (-0.55, 0.55):
            tube(canvas, np.linspace([np.cos(angle) * r * 0.98, np.sin(angle) * r * 0.98], [np.cos(angle) * r * 1.17, np.sin(angle) * r * 1.17], 6), r * 0.15, metal)
    outline = rounded(0, 0, 2 * r, 2 * r * 1.05, r * 0.28) if square else ellipse(0, 0, r, r, count=90)
    panel(canvas, outline, metal, puff=((r * 0.09, r * 0.28),), shadow=0.5, shadow_radius=0.02)
    _dial(canvas, look, random, metal, r=r, square=square)


def _bow(canvas: Canvas, side: float, near: float, far: float) -> Field:
    """Heights (WORK, WORK), in pixels, of a strap that bends away behind the case."""
    pixel = np.arange(WORK, dtype=np.float32) + np.float32(0.5)
    _, y = canvas.view.unplace(pixel[None, :], pixel[:, None])
    t = np.clip((side * y - near) / (far - near), 0, 1.2)
    return np.asarray(-(t**2.4) * np.float32(0.11 * canvas.view.scale) + np.zeros((WORK, WORK), np.float32), dtype=np.float32)


def _dial(canvas: Canvas, look: Look, random: Random, metal: Skin, *, r: float, square: bool) -> None:
    face_color = look.color if random.random() < 0.55 else ("white", "black", "navy")[int(random.integers(0, 3))]
    face = skin_of(face_color, "ceramic")
    face = replace(face, gloss=0.0)
    light_face = max(face.color) > 0.4
    inner = r * 0.84
    outline = rounded(0, 0, 2 * inner, 2 * inner * 1.05, inner * 0.2) if square else ellipse(0, 0, inner, inner, count=80)
    panel(canvas, outline, face, puff=((r * 0.03, -r * 0.06),), shadow=0.0)
    ink = Skin(color=linear((28, 28, 30))) if light_face else Skin(color=linear((236, 236, 232)))
    hand = ink if metal is not GOLD else Skin(color=linear((206, 166, 86)), gloss=0.3)
    if look.cut["style"] == "chronograph":
        for x, y in ((-0.42, 0.0), (0.42, 0.0), (0.0, 0.45)):
            ring = ellipse(x * inner, y * inner, inner * 0.21, inner * 0.21, count=40)
            panel(canvas, ring, face, puff=((0.004, -0.006),), shadow=0.0, tone=0.7 if light_face else 1.5)
            tip = np.array([[x * inner, y * inner], [x * inner + inner * 0.1, y * inner - inner * 0.12]])
            panel(canvas, ribbon(np.linspace(tip[0], tip[1], 4), r * 0.02), ink, puff=THIN, shadow=0.0)
    marks = []
    numerals = random.random() < 0.5
    for hour in range(12):
        angle = hour * np.pi / 6
        way = np.array([np.sin(angle), -np.cos(angle)])
        edge = inner * (1.0 / max(abs(way[0]), abs(way[1])) if square else 1.0)
        long = 0.16 if hour % 3 == 0 else 0.1 if numerals else 0.06
        marks.append(ribbon(np.stack([way * edge * 0.92, way * edge * (0.92 - long)]), r * (0.045 if hour % 3 == 0 else 0.026)))
    panel(canvas, marks, hand, puff=THIN, shadow=0.15, shadow_radius=0.003)
    ticks = [np.stack([_way(m) * inner * 0.95, _way(m) * inner * 0.91]) for m in range(60)]
    if not square:
        stitches(canvas, *ticks, color=ink.color, length=1.0, width=0.7, strength=0.6)
    hour_at, minute_at = float(random.uniform(9.8, 10.4)), float(random.uniform(7, 12))
    for turn, long, width in ((hour_at * 5, 0.5, 0.075), (minute_at, 0.78, 0.055)):
        way = _way(turn)
        panel(canvas, ribbon(np.stack([-way * inner * 0.12, way * inner * long * 0.7, way * inner * long]), (r * width, r * width, r * width * 0.4)), hand, puff=((0.004, 0.006),), shadow=0.4, shadow_radius=0.006)
    second = _way(float(random.uniform(30, 40)))
    panel(canvas, ribbon(np.stack([-second * inner * 0.2, second * inner * 0.84]), r * 0.016), Skin(color=linear((200, 50, 40))), puff=THIN, shadow=0.3, shadow_radius=0.004)
    panel(canvas, ellipse(0, 0, r * 0.05, r * 0.05, count=20), hand, puff=THIN, shadow=0.3, shadow_radius=0.004)
    glass = raster([canvas.view.place(outline)], WHOLE)
    streak = curve([(-inner * 0.9, -inner * 0.1, 1), (-inner * 0.1, -inner * 0.95, 1), (inner * 0.25, -inner * 0.95, 1), (-inner * 0.9, inner * 0.3, 1)])
    shine = raster([canvas.view.place(streak)], WHOLE) * glass
    canvas.rgb += (shine * 0.07)[..., None]


def _way(minute: float) -> Points:
    """Unit direction of a minute on a dial."""
    angle = minute * np.pi / 30
    return np.array([np.sin(angle), -np.cos(angle)])


def draw_sunglasses(canvas: Canvas, look: Look, random: Random) -> None:
    """Front view: two lenses in a frame, bridge, hinges, arms behind; round, square, aviator or cat-eye."""
    form = look.cut["form"]
    wire = form == "aviator" or look.material == "stainless steel"
    frame = look.plain()
    thick = 0.018 if wire else float(random.uniform(0.026, 0.042))
    lenses: dict[str, list[Knot]] = {
        "round": [(0.17, -0.125), (0.29, -0.08), (0.32, 0.02), (0.26, 0.115), (0.16, 0.13), (0.07, 0.07), (0.055, -0.03), (0.09, -0.105)],
        "square": [(0.06, -0.1), (0.18, -0.115), (0.325, -0.1), (0.335, 0.0), (0.3, 0.1), (0.17, 0.12), (0.08, 0.09), (0.055, 0.0)],
        "aviator": [(0.05, -0.1), (0.18, -0.115), (0.33, -0.095), (0.335, 0.01), (0.27, 0.135), (0.17, 0.155), (0.09, 0.09), (0.05, -0.02)],
        "cat-eye": [(0.055, -0.07), (0.17, -0.1), (0.3, -0.13), (0.375, -0.145), (0.34, 0.01), (0.26, 0.1), (0.14, 0.105), (0.065, 0.04)],
    }
    lens = curve(lenses[form]) * float(random.uniform(0.98, 1.08)) * np.array([1.14, 1.14])
    stand(canvas, 0, 0.2, 0.36, tilt=0.08, strength=0.35, reach=0.36)
    edge = float(lens[:, 0].max())
    for side in (-1.0, 1.0):
        arm = curve([(side * (edge - 0.005), -0.075), (side * (edge + 0.02), -0.05), (side * (edge - 0.03), 0.0), (side * (edge - 0.1), 0.04)], closed=False)
        tube(canvas, arm, (0.03, 0.026, 0.02) if not wire else 0.012, frame, tone=0.6)
    tint = np.asarray(linear((52, 40, 34)), np.float32)
    mirror = look.cut["lens"] == "mirrored"
    own = np.asarray(frame.color, np.float32)
    for side in (-1.0, 1.0):
        shape = lens if side > 0 else flip(lens)
        placed = canvas.view.place(shape)
        mask = raster([placed], WHOLE)
        top, low = float(placed[:, 1].min()), float(placed[:, 1].max())
        y = np.clip((np.arange(WORK, dtype=np.float32) - top) / max(low - top, 1.0), 0, 1)[:, None]
        fade = (y * np.ones((1, WORK), np.float32))[..., None]
        if mirror:
            glass = own * (0.62 + 0.75 * fade) + 0.05 * (1 - fade)
        else:
            glass = (0.45 * own + 0.55 * tint) * (0.55 + 0.9 * fade)
        put(canvas, WHOLE, glass.astype(np.float32), mask * np.float32(0.94))
        x0 = float(shape[:, 0].mean())
        streak = curve([(x0 - 0.13, 0.06, 1), (x0 + 0.02, -0.16, 1), (x0 + 0.07, -0.16, 1), (x0 - 0.1, 0.1, 1)])
        shine = raster([canvas.view.place(streak)], WHOLE) * mask
        canvas.rgb += (shine * (0.16 if mirror else 0.1))[..., None]
    bridge = curve([(-0.085, -0.06), (-0.03, -0.075), (0.03, -0.075), (0.085, -0.06)], closed=False)
    tube(canvas, bridge, thick * 0.9, frame)
    if form == "aviator":
        tube(canvas, curve([(-0.12, -0.122), (0.0, -0.126), (0.12, -0.122)], closed=False), thick * 0.8, frame)
    for side in (-1.0, 1.0):
        shape = lens if side > 0 else flip(lens)
        ring = np.concatenate([shape, shape[:2]])
        grown = ribbon(ring, thick)
        count = len(ring)
        tall = ((thick * 0.22, thick * 0.5),)
        inner, outer = sorted((grown[:count], grown[count:]), key=_area)
        panel(canvas, outer, frame, puff=tall, holes=[inner], shadow=0.3, shadow_radius=0.012)
        if not wire:
            panel(canvas, rounded(side * (edge - 0.018), -0.08, 0.02, 0.012, 0.003), STEEL, puff=THIN, shadow=0.2)


def _area(points: Points) -> float:
    x, y = points[:, 0], points[:, 1]
    return abs(float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum())) / 2
