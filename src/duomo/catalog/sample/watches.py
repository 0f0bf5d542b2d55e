"""Watches, seen from the front."""

from dataclasses import replace

import numpy as np

from duomo.catalog.sample.canvas import WORK, Canvas, Skin, linear, raster
from duomo.catalog.sample.geometry import Knot, Points, curve, ellipse, ribbon, rounded
from duomo.catalog.sample.lathe import cast
from duomo.catalog.sample.look import Look
from duomo.catalog.sample.palette import skin_of
from duomo.catalog.sample.parts import THIN, panel, stitches, tube
from duomo.catalog.sample.textures import Field

Random = np.random.Generator


GOLD = Skin(color=linear((212, 178, 110)), metal=True)

STEEL = Skin(color=linear((196, 198, 202)), metal=True)

BLACK_STEEL = Skin(color=linear((70, 70, 74)), metal=True)

WHOLE = (slice(0, WORK), slice(0, WORK))


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
        panel(
            canvas,
            shape,
            skin,
            puff=((0.03, 0.05), (0.008, 0.01)),
            folds=_bow(canvas, side, r, end),
            shadow=0.25,
        )
        if look.material in {"leather", "faux leather", "suede", "canvas", "nylon"}:
            line = np.concatenate([(shape - [0, side * 0.3]) * [0.82, 0.94] + [0, side * 0.3]])
            thread = (
                linear((232, 222, 200)) if look.color not in {"white", "beige"} else linear((150, 120, 90))
            )
            stitches(canvas, line, color=thread, length=0.009, width=1.1, strength=0.8)
        if side > 0:
            for step in range(4):
                hole = ellipse(0, 0.3 + step * 0.036, 0.0062, 0.0075, count=12)
                panel(canvas, hole, Skin(color=(0.01, 0.01, 0.01)), puff=THIN, shadow=0.0)
    for sx in (-1.0, 1.0):
        for sy in (-1.0, 1.0):
            lug = curve(
                [
                    (sx * strap_wide * 0.42, sy * r * 0.6),
                    (sx * strap_wide * 0.56, sy * r * 0.8),
                    (sx * strap_wide * 0.55, sy * r * 1.12),
                ],
                closed=False,
            )
            tube(canvas, lug, r * 0.16, metal, shadow=0.3)
    tube(canvas, np.linspace([r * 0.98, 0.0], [r * 1.2, 0.0], 6), r * 0.2, metal)
    if look.cut["style"] == "chronograph":
        for angle in (-0.55, 0.55):
            tube(
                canvas,
                np.linspace(
                    [np.cos(angle) * r * 0.98, np.sin(angle) * r * 0.98],
                    [np.cos(angle) * r * 1.17, np.sin(angle) * r * 1.17],
                    6,
                ),
                r * 0.15,
                metal,
            )
    outline = rounded(0, 0, 2 * r, 2 * r * 1.05, r * 0.28) if square else ellipse(0, 0, r, r, count=90)
    panel(canvas, outline, metal, puff=((r * 0.09, r * 0.28),), shadow=0.5, shadow_radius=0.02)
    _dial(canvas, look, random, metal, r=r, square=square)


def _bow(canvas: Canvas, side: float, near: float, far: float) -> Field:
    """Heights (WORK, WORK), in pixels, of a strap that bends away behind the case."""
    pixel = np.arange(WORK, dtype=np.float32) + np.float32(0.5)
    _, y = canvas.view.unplace(pixel[None, :], pixel[:, None])
    t = np.clip((side * y - near) / (far - near), 0, 1.2)
    return np.asarray(
        -(t**2.4) * np.float32(0.11 * canvas.view.scale) + np.zeros((WORK, WORK), np.float32),
        dtype=np.float32,
    )


def _dial(canvas: Canvas, look: Look, random: Random, metal: Skin, *, r: float, square: bool) -> None:
    other = ("white", "black", "navy")[int(random.integers(0, 3))]
    face_color = other if random.random() < 0.35 and not square and r < 0.21 else look.color
    face = skin_of(face_color, "ceramic")
    face = replace(face, gloss=0.0)
    light_face = max(face.color) > 0.4
    inner = r * 0.84
    outline = (
        rounded(0, 0, 2 * inner, 2 * inner * 1.05, inner * 0.2)
        if square
        else ellipse(0, 0, inner, inner, count=80)
    )
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
        marks.append(
            ribbon(
                np.stack([way * edge * 0.92, way * edge * (0.92 - long)]),
                r * (0.045 if hour % 3 == 0 else 0.026),
            )
        )
    panel(canvas, marks, hand, puff=THIN, shadow=0.15, shadow_radius=0.003)
    ticks = [np.stack([_way(m) * inner * 0.95, _way(m) * inner * 0.91]) for m in range(60)]
    if not square:
        stitches(canvas, *ticks, color=ink.color, length=1.0, width=0.7, strength=0.6)
    hour_at, minute_at = float(random.uniform(9.8, 10.4)), float(random.uniform(7, 12))
    for turn, long, width in ((hour_at * 5, 0.5, 0.075), (minute_at, 0.78, 0.055)):
        way = _way(turn)
        panel(
            canvas,
            ribbon(
                np.stack([-way * inner * 0.12, way * inner * long * 0.7, way * inner * long]),
                (r * width, r * width, r * width * 0.4),
            ),
            hand,
            puff=((0.004, 0.006),),
            shadow=0.4,
            shadow_radius=0.006,
        )
    second = _way(float(random.uniform(30, 40)))
    panel(
        canvas,
        ribbon(np.stack([-second * inner * 0.2, second * inner * 0.84]), r * 0.016),
        Skin(color=linear((200, 50, 40))),
        puff=THIN,
        shadow=0.3,
        shadow_radius=0.004,
    )
    panel(
        canvas, ellipse(0, 0, r * 0.05, r * 0.05, count=20), hand, puff=THIN, shadow=0.3, shadow_radius=0.004
    )
    glass = raster([canvas.view.place(outline)], WHOLE)
    streak = curve(
        [
            (-inner * 0.9, -inner * 0.1, 1),
            (-inner * 0.1, -inner * 0.95, 1),
            (inner * 0.25, -inner * 0.95, 1),
            (-inner * 0.9, inner * 0.3, 1),
        ]
    )
    shine = raster([canvas.view.place(streak)], WHOLE) * glass
    canvas.rgb += (shine * 0.07)[..., None]


def _way(minute: float) -> Points:
    """Unit direction of a minute on a dial."""
    angle = minute * np.pi / 30
    return np.array([np.sin(angle), -np.cos(angle)])
