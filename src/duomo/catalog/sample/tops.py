"""Tops: t-shirts, shirts, sweaters, hoodies."""

from dataclasses import replace

import numpy as np

from duomo.catalog.sample.canvas import Canvas, Skin, linear
from duomo.catalog.sample.geometry import Knot, both, curve, flip, ribbon, rounded
from duomo.catalog.sample.look import Look
from duomo.catalog.sample.palette import skin_of
from duomo.catalog.sample.parts import SOFT, THIN, button, panel, seam, tube
from duomo.catalog.sample.torso import (
    SLEEVE,
    Torso,
    cloth_folds,
    draw_torso,
    hem_line,
    neck_band,
    neck_line,
    ribbed,
    torso,
)

Random = np.random.Generator


def draw_tshirt(canvas: Canvas, look: Look, random: Random) -> None:
    """Crew, V or scoop neck; sleeves by the cut; sometimes a chest pocket."""
    vee, scoop = look.cut["neck"] == "V-neck", look.cut["neck"] == "scoop neck"
    long = look.cut["sleeve"] == "long-sleeve"
    t = torso(
        random,
        Torso(
            sleeve=SLEEVE[look.cut["sleeve"]],
            drop=0.115 if vee else 0.1 if scoop else 0.062,
            neck=0.098 if scoop else 0.08,
            vee=vee,
            cuff=0.05 if long else 0.066,
        ),
    )
    skin = look.skin(random)
    draw_torso(canvas, random, t, skin, folds=cloth_folds(canvas, random, t), lining=look.plain())
    ringer = random.random() < 0.2 and look.pattern == "solid"
    band = skin_of(look.accent, look.material) if ringer else look.plain()
    neck_band(canvas, t, band, width=float(random.uniform(0.016, 0.026)))
    if look.pattern == "solid" and random.random() < 0.3:
        chest_pocket(canvas, skin, x=0.085, y=t.top + 0.185)


def chest_pocket(
    canvas: Canvas, skin: Skin, *, x: float, y: float, flap: bool = False, size: float = 0.085
) -> None:
    """A patch pocket with its seam, and a flap with a button where there is one."""
    half = size / 2
    patch: list[Knot] = [
        (x - half, y - half, 1),
        (x + half, y - half, 1),
        (x + half, y + half, 1),
        (x, y + half * 1.35, 1),
        (x - half, y + half, 1),
    ]
    panel(canvas, curve(patch), skin, puff=THIN, shadow=0.3, shadow_radius=0.006)
    top = curve([(x - half, y - half * 0.72), (x + half, y - half * 0.72)], closed=False)
    seam(canvas, top, width=1.0, depth=0.3)
    if flap:
        lid: list[Knot] = [
            (x - half * 1.06, y - half * 1.2, 1),
            (x + half * 1.06, y - half * 1.2, 1),
            (x + half * 1.06, y - half * 0.5, 1),
            (x, y - half * 0.15, 1),
            (x - half * 1.06, y - half * 0.5, 1),
        ]
        panel(canvas, curve(lid), skin, puff=THIN, shadow=0.4, shadow_radius=0.006)


def collar(canvas: Canvas, t: Torso, skin: Skin, *, point: float = 0.088, spread: float = 0.06) -> None:
    """A turned-down collar: two leaves that meet at the neck."""
    for sign in (1.0, -1.0):
        leaf: list[Knot] = [
            (0.004, t.top + t.drop + 0.004, 1),
            (spread, t.top + point, 1),
            (t.neck + 0.026, t.top + 0.022),
            (t.neck + 0.004, t.top - 0.03, 1),
            (t.neck * 0.75, t.top - 0.012),
            (t.neck * 0.4, t.top + t.drop * 0.55),
        ]
        shape = curve(leaf)
        panel(
            canvas,
            shape if sign > 0 else flip(shape),
            skin,
            puff=((0.008, 0.009),),
            angle=sign * 0.5,
            shadow=0.45,
            shadow_radius=0.009,
        )


def collar_back(canvas: Canvas, t: Torso, skin: Skin) -> None:
    """The inside of the collar behind the neck, with its tag."""
    stand: list[Knot] = [
        (0.0, t.top - 0.034),
        (t.neck * 0.75, t.top - 0.035),
        (t.neck + 0.006, t.top - 0.02, 1),
        (t.neck * 0.9, t.top + 0.012),
        (0.0, t.top + 0.02),
    ]
    panel(canvas, curve(both(stand)), skin, puff=((0.01, 0.008),), shadow=0.2, tone=0.78)
    panel(
        canvas,
        rounded(0, t.top - 0.006, 0.034, 0.022, 0.002),
        skin_of("white", "cotton"),
        puff=THIN,
        tone=0.75,
    )


def draw_shirt(canvas: Canvas, look: Look, random: Random) -> None:
    """Collar, button band, cuffs, a bowed hem; one or two chest pockets, or none."""
    t = torso(
        random,
        Torso(
            sleeve=SLEEVE[look.cut["sleeve"]],
            drop=0.046,
            neck=0.068,
            curve=0.035,
            cuff=0.045,
            length=0.36,
            hem=0.205,
        ),
    )
    skin = look.skin(random)
    long = t.sleeve > 0.8
    draw_torso(
        canvas,
        random,
        t,
        skin,
        folds=cloth_folds(canvas, random, t, depth=1.2),
        lining=look.plain(),
        cuffs=skin if long else None,
        cuff_length=0.05,
        bare_neck=True,
    )
    pearl = skin_of("white" if random.random() < 0.7 else "brown", "plastic")
    bottom = t.length + t.curve * 1.25
    band = ribbon(np.array([[0.0, t.top + t.drop], [0.0, bottom - 0.002]]), 0.034)
    panel(canvas, band, skin, puff=((0.005, 0.004),), shadow=0.3, shadow_radius=0.005)
    collar_back(canvas, t, look.plain())
    collar(canvas, t, skin, point=float(random.uniform(0.08, 0.1)), spread=float(random.uniform(0.05, 0.07)))
    for y in np.arange(t.top + t.drop + 0.02, bottom - 0.05, 0.085):
        button(canvas, 0.0, float(y), 0.0078, pearl)
    pockets = int(random.integers(0, 3))
    for x in (0.093, -0.093)[:pockets]:
        chest_pocket(canvas, skin, x=x, y=t.top + 0.2, flap=pockets == 2)


def draw_sweater(canvas: Canvas, look: Look, random: Random) -> None:
    """Knitted, with ribbed hem, cuffs and neck: crew, V or turtleneck."""
    vee, roll = look.cut["neck"] == "V-neck", look.cut["neck"] == "turtleneck"
    t = torso(
        random,
        Torso(
            sleeve=1.0,
            drop=0.12 if vee else 0.05,
            vee=vee,
            cuff=0.046,
            curve=0.004,
            chest=0.212,
            waist=0.208,
            hem=0.2,
            length=0.32,
        ),
    )
    coarse = float(random.uniform(0.8, 1.5))
    skin = replace(look.skin(random), relief="knit", depth=0.4, grain=0.2 * coarse)
    plain = look.plain()
    folds = cloth_folds(canvas, random, t, depth=1.25)
    draw_torso(
        canvas, random, t, skin, folds=folds, lining=plain, puff=SOFT, cuffs=ribbed(plain), cuff_length=0.06
    )
    hem = ribbon(hem_line(t, 0.022), 0.05)
    panel(canvas, hem, ribbed(plain), puff=((0.014, 0.016),), shadow=0.3, shadow_radius=0.008)
    if roll:
        tall = float(random.uniform(0.085, 0.11))
        neck: list[Knot] = [
            (0.0, t.top - tall + 0.012),
            (t.neck * 0.72, t.top - tall),
            (t.neck * 0.84, t.top - tall * 0.85),
            (t.neck * 0.98, t.top + 0.006),
            (t.neck * 0.5, t.top + 0.042),
            (0.0, t.top + 0.05),
        ]
        panel(canvas, curve(both(neck)), ribbed(plain), puff=((0.02, 0.03),), shadow=0.35)
        hole: list[Knot] = [
            (0.0, t.top - tall + 0.002),
            (t.neck * 0.66, t.top - tall + 0.006),
            (0.0, t.top - tall + 0.02),
        ]
        panel(canvas, curve(both(hole)), plain, puff=THIN, shadow=0.0, tone=0.5)
    else:
        neck_band(canvas, t, plain, width=0.032)


def draw_hoodie(canvas: Canvas, look: Look, random: Random) -> None:
    """A hood that lies behind the neck, strings, a pouch pocket, ribbed hem; a zip where the cut says so."""
    t = torso(
        random,
        Torso(
            sleeve=1.0,
            drop=0.075,
            neck=0.088,
            cuff=0.046,
            curve=0.004,
            chest=0.218,
            waist=0.215,
            hem=0.206,
            length=0.32,
            shoulder=0.215,
        ),
    )
    skin, plain = look.skin(random), look.plain()
    zipped = look.cut["front"] == "zip-up"
    hood: list[Knot] = [
        (0.0, t.top - 0.105),
        (0.065, t.top - 0.098),
        (0.122, t.top - 0.045),
        (0.128, t.top + 0.035),
        (0.06, t.top + 0.07),
        (0.0, t.top + 0.075),
    ]
    panel(canvas, curve(both(hood)), skin, puff=((0.03, 0.05), (0.01, 0.012)), shadow=0.1)
    inner: list[Knot] = [
        (0.0, t.top - 0.078),
        (0.05, t.top - 0.07),
        (0.086, t.top - 0.02),
        (0.07, t.top + 0.05),
        (0.0, t.top + 0.085),
    ]
    panel(canvas, curve(both(inner)), plain, puff=((0.03, -0.05),), shadow=0.0, tone=0.66)
    folds = cloth_folds(canvas, random, t, depth=1.35)
    draw_torso(
        canvas,
        random,
        t,
        skin,
        folds=folds,
        lining=plain,
        puff=SOFT,
        cuffs=ribbed(plain),
        cuff_length=0.055,
        bare_neck=True,
    )
    lip = ribbon(neck_line(t), (0.05, 0.044, 0.036, 0.044, 0.05))
    panel(canvas, lip, plain, puff=((0.012, 0.02),), shadow=0.4, shadow_radius=0.01)
    panel(
        canvas,
        ribbon(hem_line(t, 0.022), 0.05),
        ribbed(plain),
        puff=((0.014, 0.016),),
        shadow=0.3,
        shadow_radius=0.008,
    )
    pouch: list[Knot] = [
        (0.0, t.length - 0.165, 1),
        (0.075, t.length - 0.165, 1),
        (0.125, t.length - 0.075),
        (0.128, t.length - 0.03, 1),
        (0.0, t.length - 0.03, 1),
    ]
    panel(
        canvas,
        curve(both(pouch)),
        skin,
        puff=((0.009, 0.009),),
        folds=folds,
        shadow=0.35,
        shadow_radius=0.008,
    )
    cord = skin_of("white" if look.color not in {"white", "beige"} else "grey", "cotton")
    if zipped:
        zipper(canvas, t.top + t.drop, t.length + 0.004)
    for sign in (-1.0, 1.0):
        drop = float(random.uniform(0.12, 0.17))
        string = curve(
            [
                (sign * 0.036, t.top + t.drop + 0.01),
                (sign * 0.042, t.top + t.drop + drop * 0.5),
                (sign * (0.036 + float(random.normal(0, 0.008))), t.top + t.drop + drop),
            ],
            closed=False,
        )
        tube(canvas, string, 0.0085, cord, shadow=0.4)


STEEL_TEETH = Skin(color=linear((176, 178, 184)), gloss=0.4)


def zipper(canvas: Canvas, top: float, bottom: float, *, x: float = 0.0) -> None:
    """A closed zip with its slider at the top."""
    line = np.linspace([x, top], [x, bottom], 24)
    panel(
        canvas,
        ribbon(line, 0.017),
        skin_of("black", "nylon"),
        puff=THIN,
        shadow=0.3,
        shadow_radius=0.006,
        tone=1.4,
    )
    panel(canvas, ribbon(line, 0.006), STEEL_TEETH, puff=THIN, shadow=0.0)
    panel(
        canvas,
        rounded(x, top + 0.024, 0.012, 0.034, 0.004),
        STEEL_TEETH,
        puff=((0.004, 0.006),),
        shadow=0.5,
        shadow_radius=0.004,
    )
