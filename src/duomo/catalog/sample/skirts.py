"""Skirts and dresses, photographed from the front."""

from dataclasses import replace

import numpy as np

from duomo.catalog.sample.canvas import WORK, Canvas, Skin, linear
from duomo.catalog.sample.geometry import Knot, both, curve, ribbon
from duomo.catalog.sample.lathe import cast
from duomo.catalog.sample.look import Look, closer
from duomo.catalog.sample.palette import skin_of
from duomo.catalog.sample.parts import CLOTH, Pull, button, creases, drape, panel, seam, tube
from duomo.catalog.sample.textures import Field
from duomo.catalog.sample.torso import SLEEVE, Torso, draw_torso, neck_band, torso

Random = np.random.Generator


BRASS = Skin(color=linear((176, 132, 72)), gloss=0.4)


def fall(
    canvas: Canvas,
    random: Random,
    *,
    top: float,
    bottom: float,
    narrow: float,
    wide: float,
    count: float,
    depth: float = 0.012,
    start: float = 0.0,
    crisp: bool = False,
) -> Field:
    """Heights (WORK, WORK), in pixels, of folds that fan out from a waist and deepen toward the hem.

    Args:
        canvas: what is painted on.
        random: the source of their unevenness.
        top: y of the waist.
        bottom: y of the hem.
        narrow: half the width at the waist.
        wide: half the width at the hem.
        count: folds over the whole width.
        depth: height at the hem, design units.
        start: depth at the waist as a share of that at the hem.
        crisp: pressed pleats instead of soft folds.
    """
    pixel = np.arange(WORK, dtype=np.float32) + np.float32(0.5)
    x, y = canvas.view.unplace(pixel[None, :], pixel[:, None])
    down = np.clip((y - top) / (bottom - top), 0, 1)
    across = x / (narrow + (wide - narrow) * down)
    if crisp:
        phase = (across * count / 2) % 1.0
        wave = np.where(phase < 0.75, phase / 0.75, (1 - phase) / 0.25)
    else:
        bend = [float(random.uniform(0, 6.3)) for _ in range(3)]
        across = (
            across
            + 0.16 * np.sin(2.3 * across + bend[0])
            + 0.07 * np.sin(5.1 * across + bend[1] + 1.2 * down)
        )
        wave = np.sin(across * count * np.float32(np.pi) / 2 + bend[2]) * (
            0.75 + 0.4 * np.sin(3 * across + bend[1])
        )
    deep = start + (1 - start) * down**0.8
    return np.asarray(wave * deep * np.float32(depth * canvas.view.scale), dtype=np.float32)


def draw_skirt(canvas: Canvas, look: Look, random: Random) -> None:
    """A-line, pleated or pencil; mini, midi or maxi."""
    form = look.cut["form"]
    long = {"mini": 0.36, "midi": 0.6, "maxi": 0.82}[look.cut["length"]]
    waist = float(random.uniform(0.125, 0.145)) * (1.2 if long < 0.4 else 1.0)
    top, flare = -long / 2 - 0.02, {"A-line": 0.3, "pleated": 0.3, "pencil": 0.03}[form] * (0.55 + long * 0.5)
    bottom, wide = top + long, waist + 0.055 + flare * float(random.uniform(0.75, 1.1))
    hip = waist + (0.05 if form == "pencil" else 0.035 + flare * 0.2)
    skin = look.skin(random)
    half: list[Knot] = [
        (0.0, top + 0.012),
        (waist, top, 1),
        (hip, top + min(long * 0.3, 0.17)),
        (wide, bottom - 0.012, 1),
        (wide * 0.55, bottom + 0.014),
        (0.0, bottom + 0.02),
    ]
    if form == "pleated":
        count = float(random.integers(12, 20))
        folds = fall(
            canvas,
            random,
            top=top,
            bottom=bottom,
            narrow=waist,
            wide=wide,
            count=count,
            depth=0.013,
            start=0.35,
            crisp=True,
        )
    elif form == "A-line":
        folds = fall(
            canvas,
            random,
            top=top,
            bottom=bottom,
            narrow=waist,
            wide=wide,
            count=float(random.uniform(5, 9)),
            depth=0.016,
        )
    else:
        pulls = [
            Pull(start=(s * hip, top + 0.17), toward=(0.0, top + 0.2), count=5, length=0.13, height=0.016)
            for s in (-1.0, 1.0)
        ]
        folds = creases(canvas, random, pulls)
    folds = np.asarray(folds + drape(canvas, random, height=0.004))
    outline = curve(both(half))
    cast(canvas, outline, strength=0.14, radius=0.02)
    panel(canvas, outline, skin, puff=CLOTH, folds=folds, origin=(0.0, top), shadow=0.0)
    hem = curve(
        [
            (-wide, bottom - 0.03),
            (-wide * 0.55, bottom - 0.004),
            (0.0, bottom + 0.002),
            (wide * 0.55, bottom - 0.004),
            (wide, bottom - 0.03),
        ],
        closed=False,
    )
    seam(canvas, hem, width=1.0, depth=0.25)
    band: list[Knot] = [
        (0.0, top + 0.004),
        (waist * 0.99, top - 0.008, 1),
        (waist * 1.02, top + 0.034, 1),
        (0.0, top + 0.044),
    ]
    panel(
        canvas,
        curve(both(band)),
        look.plain() if form == "pleated" else skin,
        puff=((0.008, 0.01),),
        shadow=0.35,
        shadow_radius=0.008,
    )
    if form == "A-line" and random.random() < 0.3:
        for y in np.arange(top + 0.02, bottom - 0.03, 0.075):
            button(
                canvas,
                0.0,
                float(y),
                0.009,
                skin_of("brown" if look.color != "brown" else "beige", "plastic"),
            )


def draw_dress(canvas: Canvas, look: Look, random: Random) -> None:
    """A bodice and a skirt in one; sleeves, neck and length by the cut; some with a belt."""
    long = {"mini": 0.24, "midi": 0.36, "maxi": 0.47}[look.cut["length"]]
    closer(canvas, {"mini": 1.5, "midi": 1.17, "maxi": 0.93}[look.cut["length"]])
    vee = look.cut["neck"] == "V-neck"
    top = -long - 0.03
    waist_y = top + float(random.uniform(0.27, 0.31))
    bare = look.cut["sleeve"] == "sleeveless"
    t = torso(
        random,
        Torso(
            top=top,
            shoulder=0.162,
            chest=0.15,
            armpit=top + 0.2,
            waist=0.12,
            hem=0.13,
            length=waist_y,
            neck=0.078,
            cuff=0.042,
            reach=0.13,
            drop=0.12 if vee else 0.07,
            sleeve=SLEEVE[look.cut["sleeve"]],
        ),
    )
    t = replace(t, strap=bare, vee=vee)
    narrow = t.waist * 0.98
    wide = narrow + (long - top) * float(random.uniform(0.16, 0.27))
    skin = look.skin(random)
    folds = fall(
        canvas,
        random,
        top=waist_y,
        bottom=long,
        narrow=narrow,
        wide=wide,
        count=float(random.uniform(6, 11)),
        depth=0.017,
    )
    pulls = [
        Pull(
            start=(s * t.chest * 0.9, t.armpit + 0.03),
            toward=(0.0, t.armpit + 0.1),
            count=5,
            length=0.12,
            height=0.014,
        )
        for s in (-1.0, 1.0)
    ]
    pulls += [
        Pull(
            start=(s * narrow * 0.6, waist_y),
            toward=(s * narrow * 0.6, waist_y + s * 0.01 - 0.1),
            count=4,
            length=0.08,
            height=0.014,
        )
        for s in (-1.0, 1.0)
    ]
    folds = np.asarray(folds + creases(canvas, random, pulls) + drape(canvas, random, height=0.004))
    half: list[Knot] = [
        (0.0, waist_y - 0.02),
        (narrow, waist_y - 0.01, 1),
        (narrow + (wide - narrow) * 0.34, waist_y + (long - waist_y) * 0.24),
        (wide, long - 0.012, 1),
        (wide * 0.55, long + 0.012),
        (0.0, long + 0.018),
    ]
    skirt = curve(both(half))
    cast(canvas, skirt, strength=0.14, radius=0.02)
    body = replace(t, hem=narrow, length=waist_y, curve=0.004)
    panel(canvas, skirt, skin, puff=CLOTH, folds=folds, origin=(0.0, waist_y), shadow=0.0)
    draw_torso(canvas, random, body, skin, folds=folds, lining=look.plain(), hem=t.sleeve > 0)
    waist = curve([(-narrow, waist_y), (0.0, waist_y + 0.006), (narrow, waist_y)], closed=False)
    if random.random() < 0.35:
        belt = skin_of("brown" if look.color not in {"brown", "black"} else "beige", "leather")
        panel(canvas, ribbon(waist, 0.026), belt, puff=((0.006, 0.008),), shadow=0.4, shadow_radius=0.008)
        ring = curve(
            [
                (-0.018, waist_y - 0.012),
                (0.018, waist_y - 0.012),
                (0.018, waist_y + 0.02),
                (-0.018, waist_y + 0.02),
                (-0.018, waist_y - 0.012),
            ],
            closed=False,
        )
        tube(canvas, ring, 0.006, BRASS)
    else:
        seam(canvas, waist, width=1.4, depth=0.35)
    hem = curve(
        [
            (-wide, long - 0.03),
            (-wide * 0.55, long - 0.006),
            (0.0, long),
            (wide * 0.55, long - 0.006),
            (wide, long - 0.03),
        ],
        closed=False,
    )
    seam(canvas, hem, width=1.0, depth=0.22)
    neck_band(canvas, body, look.plain(), width=0.012)
