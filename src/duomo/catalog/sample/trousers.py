"""Trousers, jeans and shorts, photographed from the front."""

from dataclasses import replace

import numpy as np

from duomo.catalog.sample.canvas import Canvas, Skin, linear
from duomo.catalog.sample.geometry import Knot, both, curve, ellipse, flip, moved, ribbon
from duomo.catalog.sample.lathe import cast
from duomo.catalog.sample.look import Look
from duomo.catalog.sample.palette import skin_of
from duomo.catalog.sample.parts import THIN, Pull, button, creases, drape, panel, seam, stitches
from duomo.catalog.sample.skirts import fall
from duomo.catalog.sample.textures import noise

Random = np.random.Generator


BRASS = Skin(color=linear((176, 132, 72)), gloss=0.4)

THREAD = linear((206, 148, 72))


def _leg_knots(
    hip: float, top: float, crotch: float, foot: float, inner: float, outer: float, thigh: float
) -> list[Knot]:
    """The right leg from the waist down and back up along the inside."""
    knee = crotch + (foot - crotch) * 0.45
    return [
        (0.0, top, 1),
        (hip * 0.86, top, 1),
        (hip, crotch * 0.5 + top * 0.5 + 0.03),
        (thigh, crotch + 0.02),
        ((thigh * 0.4 + outer * 0.6), knee),
        (outer, foot, 1),
        (inner, foot + 0.004, 1),
        (inner * 0.6 + 0.004, knee),
        (0.004, crotch + 0.03, 1),
        (0.0, crotch, 1),
    ]


def _trousers(canvas: Canvas, look: Look, random: Random, *, foot: float, jeans: bool) -> None:
    """What trousers, jeans and shorts share: two legs, waistband, fly, pockets."""
    short = foot < 0.25
    top = -0.43 if not short else -0.24
    fit = look.cut["fit"]
    hip = float(random.uniform(0.158, 0.172)) * (1.16 if short else 1.0)
    crotch = top + float(random.uniform(0.25, 0.28))
    inner, outer, thigh = {
        "slim-fit": (0.026, 0.108, hip * 1.0),
        "straight-leg": (0.014, 0.135, hip * 1.02),
        "tapered-leg": (0.03, 0.11, hip * 1.08),
        "wide-leg": (0.008, 0.2, hip * 1.05),
        "regular-fit": (0.02, 0.2, hip * 1.08),
    }[fit]
    if short:
        inner, outer = 0.012, thigh * 1.1
    skin = look.skin(random)
    leg = curve(_leg_knots(hip, top + 0.03, crotch, foot, inner, outer, thigh))
    pulls = [
        Pull(
            start=(0.0, crotch),
            toward=(sign * 0.3, crotch + 0.06),
            count=6,
            length=0.14,
            height=0.016,
            spread=0.4,
        )
        for sign in (-1.0, 1.0)
    ]
    if not short:
        for sign in (-1.0, 1.0):
            knee = (sign * (inner + outer) * 0.52, crotch + (foot - crotch) * 0.45)
            pulls.append(
                Pull(
                    start=knee,
                    toward=(0.0, knee[1] - 0.02),
                    count=7,
                    length=0.1,
                    spread=0.8,
                    height=0.015,
                    scatter=0.05,
                )
            )
            ankle = (sign * (inner + outer) / 2, foot - 0.05)
            pulls.append(
                Pull(start=ankle, toward=(sign, foot - 0.06), count=5, length=0.09, spread=0.5, height=0.014)
            )
    folds = np.asarray(
        creases(canvas, random, pulls) + drape(canvas, random, height=0.006, wide=0.25, tall=0.6)
    )
    if fit == "wide-leg":
        folds = folds + fall(
            canvas, random, top=crotch, bottom=foot, narrow=0.17, wide=0.22, count=9, depth=0.008
        )
    if jeans:
        skin = _faded(canvas, skin, random)
    for sign in (-1.0, 1.0):
        cast(canvas, leg if sign > 0 else flip(leg), strength=0.14, radius=0.02)
    for sign in (1.0, -1.0):
        shape = leg if sign > 0 else flip(leg)
        panel(
            canvas,
            shape,
            skin,
            puff=((0.03, 0.036), (0.009, 0.009)),
            folds=folds,
            origin=(sign * 0.08, top),
            shadow=0.25,
            shadow_radius=0.01,
        )
        cuff = curve([(sign * inner, foot - 0.016), (sign * outer, foot - 0.02)], closed=False)
        seam(canvas, cuff, width=1.0, depth=0.3)
        if jeans:
            stitches(canvas, cuff, color=THREAD)
    middle = curve([(0.0, top + 0.03), (0.0, crotch)], closed=False)
    seam(canvas, middle, width=1.2, depth=0.4)
    waist: list[Knot] = [
        (0.0, top + 0.006),
        (hip * 0.84, top, 1),
        (hip * 0.875, top + 0.036, 1),
        (0.0, top + 0.044),
    ]
    panel(
        canvas,
        curve(both(waist)),
        replace(skin, tile=skin.tile),
        puff=((0.008, 0.009),),
        shadow=0.35,
        shadow_radius=0.007,
    )
    fly = curve([(0.028, top + 0.045), (0.03, crotch - 0.09), (0.006, crotch - 0.05)], closed=False)
    pocket = curve(
        [(hip * 0.5, top + 0.043), (hip * 0.62, top + 0.085), (hip * 0.95, top + 0.1)], closed=False
    )
    seam(canvas, fly, pocket, flip(pocket), width=1.2, depth=0.4)
    if jeans:
        side = curve(
            [(-hip * 0.84, top + 0.036), (0.0, top + 0.042), (hip * 0.84, top + 0.036)], closed=False
        )
        stitches(
            canvas,
            moved(fly, 0.005),
            moved(pocket, 0.004, 0.005),
            flip(moved(pocket, 0.004, 0.005)),
            side,
            color=THREAD,
        )
        for sign in (-1.0, 1.0):
            button(canvas, sign * hip * 0.53, top + 0.052, 0.004, BRASS)
    for x in (-hip * 0.62, -hip * 0.2, hip * 0.2, hip * 0.62):
        loop = ribbon(np.array([[x, top + 0.004], [x, top + 0.047]]), 0.011)
        panel(canvas, loop, skin, puff=THIN, shadow=0.4, shadow_radius=0.004)
    button(
        canvas,
        0.004,
        top + 0.024,
        0.0085,
        BRASS if jeans else skin_of("black" if look.color != "black" else "grey", "plastic"),
    )
    if not jeans and not short and random.random() < 0.5:
        for sign in (-1.0, 1.0):
            line = curve(
                [(sign * hip * 0.52, top + 0.09), (sign * (inner + outer) * 0.52, foot - 0.01)], closed=False
            )
            seam(canvas, line, width=1.2, depth=0.16)
    if jeans and look.cut.get("wash") == "ripped":
        for sign in (-1.0, 1.0):
            x, y = sign * (inner + outer) * 0.52, crotch + (foot - crotch) * float(random.uniform(0.3, 0.5))
            edge = ellipse(x, y, 0.034, float(random.uniform(0.014, 0.026)), count=22)
            edge += random.normal(0, 0.003, edge.shape)
            panel(canvas, edge, skin_of("beige", "cotton"), puff=((0.004, -0.005),), shadow=0.0, tone=0.75)
            threads = [
                np.array([[x - 0.034, y + dy], [x + 0.034, y + dy + float(random.normal(0, 0.003))]])
                for dy in (-0.012, -0.004, 0.004, 0.012)
            ]
            stitches(canvas, *threads, color=linear((232, 234, 238)), length=0.05, width=1.4, strength=0.85)


def _faded(canvas: Canvas, skin: Skin, random: Random) -> Skin:
    """Denim in which the warp is lighter in places."""
    rough = 0.2 if max(skin.color) < 0.3 else 0.07
    threads = noise(45, -0.4)[::2, ::2]
    tone = np.clip(1.0 + rough * threads + 0.5 * rough * noise(46, 0.8)[::2, ::2], 0.5, 2.0)[..., None]
    return replace(skin, tile=(np.asarray(skin.color, np.float32) * tone).astype(np.float32), period=0.4)


def draw_trousers(canvas: Canvas, look: Look, random: Random) -> None:
    """Slim, straight, tapered or wide; some with a pressed crease."""
    _trousers(canvas, look, random, foot=float(random.uniform(0.41, 0.45)), jeans=False)


def draw_jeans(canvas: Canvas, look: Look, random: Random) -> None:
    """Denim with orange thread, rivets, and tears where the cut says so."""
    _trousers(canvas, look, random, foot=float(random.uniform(0.41, 0.45)), jeans=True)


def draw_shorts(canvas: Canvas, look: Look, random: Random) -> None:
    """Legs that end above the knee."""
    _trousers(canvas, look, random, foot=float(random.uniform(0.17, 0.23)), jeans=look.material == "denim")
