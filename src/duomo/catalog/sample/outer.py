"""Jackets: bomber, puffer, trucker, blazer."""

from dataclasses import replace

import numpy as np

from duomo.catalog.sample.canvas import WORK, Canvas, Skin, linear
from duomo.catalog.sample.geometry import Knot, both, curve, flip, moved, ribbon
from duomo.catalog.sample.look import Look
from duomo.catalog.sample.palette import skin_of
from duomo.catalog.sample.parts import SOFT, THIN, Puff, button, panel, seam, stitches
from duomo.catalog.sample.textures import Field
from duomo.catalog.sample.tops import chest_pocket, collar, collar_back, zipper
from duomo.catalog.sample.torso import Torso, cloth_folds, draw_torso, hem_line, ribbed, sleeve_angle, torso

Random = np.random.Generator
COPPER = Skin(color=linear((176, 120, 78)), gloss=0.4)


JACKET = Torso(
    sleeve=1.0,
    neck=0.082,
    drop=0.05,
    cuff=0.05,
    curve=0.004,
    chest=0.222,
    waist=0.218,
    hem=0.212,
    shoulder=0.22,
    length=0.32,
)


def _slanted_pockets(canvas: Canvas, t: Torso) -> None:
    """Two welt pockets at the sides."""
    line = curve([(t.waist * 0.5, t.length - 0.165), (t.waist * 0.72, t.length - 0.06)], closed=False)
    for shape in (line, flip(line)):
        seam(canvas, shape, width=3.2, depth=0.42)


def draw_bomber(canvas: Canvas, look: Look, random: Random) -> None:
    """Zip, ribbed collar, cuffs and hem, slanted pockets."""
    t = torso(random, JACKET)
    skin = look.skin(random)
    rib = ribbed(skin_of(look.accent if random.random() < 0.15 else look.color, "wool"))
    draw_torso(
        canvas,
        random,
        t,
        skin,
        folds=cloth_folds(canvas, random, t, depth=1.5),
        lining=look.plain(),
        puff=SOFT,
        cuffs=rib,
        cuff_length=0.055,
    )
    panel(
        canvas,
        ribbon(hem_line(t, 0.022), 0.056),
        rib,
        puff=((0.014, 0.016),),
        shadow=0.35,
        shadow_radius=0.008,
    )
    _slanted_pockets(canvas, t)
    zipper(canvas, t.top + t.drop - 0.01, t.length + 0.006)
    stand: list[Knot] = [
        (0.0, t.top + 0.012),
        (t.neck * 0.6, t.top - 0.004),
        (t.neck * 0.98, t.top - 0.04, 1),
        (t.neck + 0.03, t.top + 0.006),
        (t.neck * 0.75, t.top + t.drop * 0.9),
        (0.003, t.top + t.drop + 0.03, 1),
        (0.003, t.top + t.drop - 0.004, 1),
        (t.neck * 0.55, t.top + t.drop * 0.4),
    ]
    shape = curve(stand[2:])
    for side in (shape, flip(shape)):
        panel(canvas, side, rib, puff=((0.01, 0.012),), shadow=0.35, shadow_radius=0.008)


def _baffles(canvas: Canvas, t: Torso, random: Random, *, step: float, angle: float) -> Field:
    """Heights (WORK, WORK), in pixels, of down in rows between seams; angle turns them with a sleeve."""
    pixel = np.arange(WORK, dtype=np.float32) + np.float32(0.5)
    x, y = canvas.view.unplace(pixel[None, :], pixel[:, None])
    along = np.cos(angle) * y + np.sin(angle) * np.abs(x) - t.top
    wobble = 0.0016 * np.sin(31 * x + float(random.uniform(0, 6))) + 0.0016 * np.sin(63 * x + 9 * y)
    rows = np.abs(np.sin((along + wobble) * np.float32(np.pi / step))) ** 0.55
    puckers = 0.05 * np.sin(150 * x + 30 * np.sin(25 * y)) * (1 - rows)
    return np.asarray((rows + puckers) * np.float32(0.34 * step * canvas.view.scale), dtype=np.float32)


def draw_puffer(canvas: Canvas, look: Look, random: Random) -> None:
    """Rows of down; a stand-up collar, with a hood where the cut says so."""
    t = torso(random, replace(JACKET, chest=0.235, hem=0.228, cuff=0.06, shoulder=0.228))
    skin, step = look.skin(random), float(random.uniform(0.06, 0.095))
    puff: Puff = ((0.03, 0.05), (0.01, 0.012))
    if look.cut["hood"] == "hooded":
        hood: list[Knot] = [
            (0.0, t.top - 0.13),
            (0.075, t.top - 0.12),
            (0.132, t.top - 0.05),
            (0.128, t.top + 0.03),
            (0.0, t.top + 0.06),
        ]
        panel(
            canvas,
            curve(both(hood)),
            skin,
            puff=((0.03, 0.06),),
            folds=_baffles(canvas, t, random, step=step, angle=0.0) * 0.5,
        )
        hole: list[Knot] = [
            (0.0, t.top - 0.095),
            (0.055, t.top - 0.085),
            (0.092, t.top - 0.02),
            (0.07, t.top + 0.04),
            (0.0, t.top + 0.05),
        ]
        panel(canvas, curve(both(hole)), skin_of("black", "nylon"), puff=THIN, shadow=0.0, tone=1.6)
    body = _baffles(canvas, t, random, step=step, angle=0.0)
    sleeves = _baffles(canvas, t, random, step=step * 0.92, angle=sleeve_angle(t) * -1.0)
    draw_torso(
        canvas,
        random,
        t,
        skin,
        folds=body,
        sleeve_folds=sleeves,
        lining=skin_of("black", "nylon"),
        puff=puff,
        cuffs=ribbed(look.plain()),
        cuff_length=0.03,
    )
    high = 0.062
    for side in (1.0, -1.0):
        leaf: list[Knot] = [
            (0.002, t.top + t.drop + 0.012, 1),
            (0.004, t.top + t.drop - high, 1),
            (t.neck * 0.7, t.top - high + 0.012),
            (t.neck + 0.012, t.top - high * 0.62, 1),
            (t.neck + 0.02, t.top + 0.012),
            (t.neck * 0.6, t.top + t.drop * 0.9),
        ]
        shape = curve(leaf)
        panel(canvas, shape if side > 0 else flip(shape), skin, puff=((0.014, 0.024),), shadow=0.3)
    zipper(canvas, t.top + t.drop - high, t.length + 0.004)
    _slanted_pockets(canvas, t)


def draw_denim_jacket(canvas: Canvas, look: Look, random: Random) -> None:
    """Collar, flap pockets on the chest, seams down to the waist, metal buttons, thread in another color."""
    t = torso(random, replace(JACKET, length=0.26, drop=0.046, neck=0.074))
    skin = look.skin(random)
    thread = (
        linear((206, 150, 76)) if look.color not in {"camel", "beige", "white"} else linear((150, 110, 70))
    )
    draw_torso(
        canvas,
        random,
        t,
        skin,
        folds=cloth_folds(canvas, random, t, depth=1.4),
        lining=look.plain(),
        cuffs=skin,
        cuff_length=0.042,
        bare_neck=True,
    )
    collar_back(canvas, t, look.plain())
    bottom = t.length + t.curve
    panel(
        canvas,
        ribbon(hem_line(t, 0.018), 0.044),
        skin,
        puff=((0.008, 0.008),),
        shadow=0.3,
        shadow_radius=0.006,
    )
    yoke = t.top + 0.15
    lines = [curve([(0.03, yoke), (t.chest * 0.95, yoke + 0.004)], closed=False)]
    lines += [curve([(x, yoke + 0.03), (x * 0.72, bottom - 0.045)], closed=False) for x in (0.062, 0.142)]
    both_sides = [*lines, *[flip(line) for line in lines]]
    seam(canvas, *both_sides, width=1.2, depth=0.4)
    stitches(
        canvas,
        *[moved(line, 0.0, 0.006) for line in (lines[0], flip(lines[0]))],
        *[moved(line, 0.006, 0.0) for line in both_sides if abs(line[0, 0] - line[-1, 0]) < 0.06],
        color=thread,
    )
    band = ribbon(np.array([[0.0, t.top + t.drop], [0.0, bottom]]), 0.04)
    panel(canvas, band, skin, puff=((0.006, 0.006),), shadow=0.35, shadow_radius=0.006)
    stitches(
        canvas,
        *[np.array([[x, t.top + t.drop + 0.01], [x, bottom - 0.01]]) for x in (-0.015, 0.015)],
        color=thread,
    )
    for side in (-1.0, 1.0):
        chest_pocket(canvas, skin, x=side * 0.104, y=yoke + 0.045, flap=True, size=0.082)
        button(canvas, side * 0.104, yoke + 0.03, 0.007, COPPER)
    collar(canvas, t, skin, point=0.1, spread=0.075)
    for y in np.linspace(t.top + t.drop + 0.024, bottom - 0.02, 6):
        button(canvas, 0.0, float(y), 0.0088, COPPER)
    low = hem_line(t, 0.036)
    stitches(canvas, low, color=thread)


def draw_blazer(canvas: Canvas, look: Look, random: Random) -> None:
    """Notched lapels over a deep opening, two buttons, flap pockets, a pocket on the chest."""
    t = torso(
        random,
        replace(JACKET, length=0.36, drop=0.05, neck=0.07, waist=0.2, hem=0.226, cuff=0.046, curve=0.014),
    )
    skin, plain = look.skin(random), look.plain()
    lining = skin_of("grey" if look.color != "grey" else "navy", "silk")
    draw_torso(
        canvas,
        random,
        t,
        skin,
        folds=cloth_folds(canvas, random, t, depth=0.8),
        lining=lining,
        bare_neck=True,
    )
    close = t.top + float(random.uniform(0.3, 0.36))
    opening: list[Knot] = [
        (0.0, t.top + 0.002),
        (t.neck * 0.9, t.top + 0.002, 1),
        (0.002, close, 1),
        (0.0, close, 1),
    ]
    panel(canvas, curve(both(opening)), lining, puff=((0.02, -0.02),), shadow=0.0, tone=0.75)
    collar_back(canvas, t, plain)
    edge = curve(
        [(0.002, close), (0.006, (close + t.length) / 2), (0.018, t.length - 0.02), (0.05, t.length + 0.012)],
        closed=False,
    )
    for side in (-1.0, 1.0):
        notch = t.top + 0.11
        lapel: list[Knot] = [
            (0.002, close, 1),
            (0.052, close - 0.1),
            (0.098, notch + 0.014, 1),
            (0.072, notch - 0.004, 1),
            (t.neck + 0.006, t.top + 0.012),
            (t.neck * 0.72, t.top - 0.004, 1),
            (t.neck * 0.52, t.top + 0.1),
        ]
        shape = curve(lapel)
        panel(
            canvas,
            shape if side > 0 else flip(shape),
            skin,
            puff=((0.01, 0.012),),
            angle=side * 0.25,
            shadow=0.45,
            shadow_radius=0.01,
        )
        fold: list[Knot] = [
            (0.078, notch - 0.002, 1),
            (0.1, notch - 0.03, 1),
            (t.neck + 0.03, t.top + 0.012),
            (t.neck * 0.9, t.top - 0.026, 1),
            (t.neck * 0.74, t.top + 0.0),
        ]
        shape = curve(fold)
        panel(
            canvas,
            shape if side > 0 else flip(shape),
            plain,
            puff=((0.008, 0.01),),
            shadow=0.45,
            shadow_radius=0.008,
        )
        welt = curve([(side * 0.075, t.length - 0.14), (side * 0.175, t.length - 0.135)], closed=False)
        panel(canvas, ribbon(welt, 0.036), skin, puff=((0.006, 0.008),), shadow=0.4, shadow_radius=0.007)
    seam(canvas, edge, width=1.6, depth=0.5)
    pocket = curve([(0.085, t.top + 0.21), (0.15, t.top + 0.2)], closed=False)
    panel(
        canvas,
        ribbon(pocket, 0.018),
        replace(skin, tile=None),
        puff=((0.005, 0.006),),
        shadow=0.35,
        shadow_radius=0.005,
    )
    horn = skin_of("black" if look.color != "black" else "grey", "plastic")
    for step in range(2):
        button(canvas, 0.0 if step == 0 else 0.004, close + 0.012 + step * 0.085, 0.0115, horn)
