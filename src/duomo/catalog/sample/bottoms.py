"""Trousers, jeans, shorts, skirts and dresses, photographed from the front."""

from dataclasses import replace

import numpy as np

from duomo.catalog.sample.canvas import WORK, Canvas, Skin, linear
from duomo.catalog.sample.geometry import Knot, both, curve, ellipse, flip, ribbon
from duomo.catalog.sample.lathe import cast
from duomo.catalog.sample.look import Look, closer
from duomo.catalog.sample.palette import skin_of
from duomo.catalog.sample.parts import CLOTH, THIN, Pull, button, creases, drape, panel, seam, stitches, tube
from duomo.catalog.sample.textures import Field, noise
from duomo.catalog.sample.torso import SLEEVE, draw_torso, neck_band, torso

Random = np.random.Generator
BRASS = Skin(color=linear((176, 132, 72)), gloss=0.4)
THREAD = linear((206, 148, 72))


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
        across = across + 0.16 * np.sin(2.3 * across + bend[0]) + 0.07 * np.sin(5.1 * across + bend[1] + 1.2 * down)
        wave = np.sin(across * count * np.float32(np.pi) / 2 + bend[2]) * (0.75 + 0.4 * np.sin(3 * across + bend[1]))
    deep = start + (1 - start) * down**0.8
    return np.asarray(wave * deep * np.float32(depth * canvas.view.scale), dtype=np.float32)


def _leg_knots(hip: float, top: float, crotch: float, foot: float, inner: float, outer: float, thigh: float) -> list[Knot]:
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
    skin, plain = look.skin(random), look.plain()
    leg = curve(_leg_knots(hip, top + 0.03, crotch, foot, inner, outer, thigh))
    pulls = [Pull(start=(0.0, crotch), toward=(sign * 0.3, crotch + 0.06), count=6, length=0.14, height=0.016, spread=0.4) for sign in (-1.0, 1.0)]
    if not short:
        for sign in (-1.0, 1.0):
            knee = (sign * (inner + outer) * 0.52, crotch + (foot - crotch) * 0.45)
            pulls.append(Pull(start=knee, toward=(0.0, knee[1] - 0.02), count=7, length=0.1, spread=0.8, height=0.015, scatter=0.05))
            ankle = (sign * (inner + outer) / 2, foot - 0.05)
            pulls.append(Pull(start=ankle, toward=(sign, foot - 0.06), count=5, length=0.09, spread=0.5, height=0.014))
    folds = np.asarray(creases(canvas, random, pulls) + drape(canvas, random, height=0.006, wide=0.25, tall=0.6))
    if fit == "wide-leg":
        folds = folds + fall(canvas, random, top=crotch, bottom=foot, narrow=0.17, wide=0.22, count=9, depth=0.008)
    if jeans:
        skin = _faded(canvas, skin, random)
    for sign in (-1.0, 1.0):
        cast(canvas, leg if sign > 0 else flip(leg), strength=0.14, radius=0.02)
    for sign in (1.0, -1.0):
        shape = leg if sign > 0 else flip(leg)
        panel(canvas, shape, skin, puff=((0.03, 0.036), (0.009, 0.009)), folds=folds, origin=(sign * 0.08, top), shadow=0.25, shadow_radius=0.01)
        cuff = curve([(sign * inner, foot - 0.016), (sign * outer, foot - 0.02)], closed=False)
        seam(canvas, cuff, width=1.0, depth=0.3)
        if jeans:
            stitches(canvas, cuff, color=THREAD)
    middle = curve([(0.0, top + 0.03), (0.0, crotch)], closed=False)
    seam(canvas, middle, width=1.2, depth=0.4)
    waist: list[Knot] = [(0.0, top + 0.006), (hip * 0.84, top, 1), (hip * 0.875, top + 0.036, 1), (0.0, top + 0.044)]
    panel(canvas, curve(both(waist)), replace(skin, tile=skin.tile), puff=((0.008, 0.009),), shadow=0.35, shadow_radius=0.007)
    fly = curve([(0.028, top + 0.045), (0.03, crotch - 0.09), (0.006, crotch - 0.05)], closed=False)
    pocket = curve([(hip * 0.5, top + 0.043), (hip * 0.62, top + 0.085), (hip * 0.95, top + 0.1)], closed=False)
    seam(canvas, fly, pocket, flip(pocket), width=1.2, depth=0.4)
    if jeans:
        side = curve([(-hip * 0.84, top + 0.036), (0.0, top + 0.042), (hip * 0.84, top + 0.036)], closed=False)
        stitches(canvas, fly + [0.005, 0.0], pocket + [0.004, 0.005], flip(pocket + [0.004, 0.005]), side, color=THREAD)
        for sign in (-1.0, 1.0):
            button(canvas, sign * hip * 0.53, top + 0.052, 0.004, BRASS)
    for x in (-hip * 0.62, -hip * 0.2, hip * 0.2, hip * 0.62):
        loop = ribbon(np.array([[x, top + 0.004], [x, top + 0.047]]), 0.011)
        panel(canvas, loop, skin, puff=THIN, shadow=0.4, shadow_radius=0.004)
    button(canvas, 0.004, top + 0.024, 0.0085, BRASS if jeans else skin_of("black" if look.color != "black" else "grey", "plastic"))
    if not jeans and not short and random.random() < 0.5:
        for sign in (-1.0, 1.0):
            line = curve([(sign * hip * 0.52, top + 0.09), (sign * (inner + outer) * 0.52, foot - 0.01)], closed=False)
            seam(canvas, line, width=1.2, depth=0.16)
    if jeans and look.cut.get("wash") == "ripped":
        for sign in (-1.0, 1.0):
            x, y = sign * (inner + outer) * 0.52, crotch + (foot - crotch) * float(random.uniform(0.3, 0.5))
            edge = ellipse(x, y, 0.034, float(random.uniform(0.014, 0.026)), count=22)
            edge += random.normal(0, 0.003, edge.shape)
            panel(canvas, edge, skin_of("beige", "cotton"), puff=((0.004, -0.005),), shadow=0.0, tone=0.75)
            threads = [np.array([[x - 0.034, y + dy], [x + 0.034, y + dy + float(random.normal(0, 0.003))]]) for dy in (-0.012, -0.004, 0.004, 0.012)]
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
        folds = fall(canvas, random, top=top, bottom=bottom, narrow=waist, wide=wide, count=count, depth=0.013, start=0.35, crisp=True)
    elif form == "A-line":
        folds = fall(canvas, random, top=top, bottom=bottom, narrow=waist, wide=wide, count=float(random.uniform(5, 9)), depth=0.016)
    else:
        pulls = [Pull(start=(s * hip, top + 0.17), toward=(0.0, top + 0.2), count=5, length=0.13, height=0.016) for s in (-1.0, 1.0)]
        folds = creases(canvas, random, pulls)
    folds = np.asarray(folds + drape(canvas, random, height=0.004))
    outline = curve(both(half))
    cast(canvas, outline, strength=0.14, radius=0.02)
    panel(canvas, outline, skin, puff=CLOTH, folds=folds, origin=(0.0, top), shadow=0.0)
    hem = curve([(-wide, bottom - 0.03), (-wide * 0.55, bottom - 0.004), (0.0, bottom + 0.002), (wide * 0.55, bottom - 0.004), (wide, bottom - 0.03)], closed=False)
    seam(canvas, hem, width=1.0, depth=0.25)
    band: list[Knot] = [(0.0, top + 0.004), (waist * 0.99, top - 0.008, 1), (waist * 1.02, top + 0.034, 1), (0.0, top + 0.044)]
    panel(canvas, curve(both(band)), look.plain() if form == "pleated" else skin, puff=((0.008, 0.01),), shadow=0.35, shadow_radius=0.008)
    if form == "A-line" and random.random() < 0.3:
        for y in np.arange(top + 0.02, bottom - 0.03, 0.075):
            button(canvas, 0.0, float(y), 0.009, skin_of("brown" if look.color != "brown" else "beige", "plastic"))


def draw_dress(canvas: Canvas, look: Look, random: Random) -> None:
    """A bodice and a skirt in one; sleeves, neck and length by the cut; some with a belt."""
    long = {"mini": 0.24, "midi": 0.36, "maxi": 0.47}[look.cut["length"]]
    closer(canvas, {"mini": 1.5, "midi": 1.17, "maxi": 0.93}[look.cut["length"]])
    vee = look.cut["neck"] == "V-neck"
    top = -long - 0.03
    waist_y = top + float(random.uniform(0.27, 0.31))
    bare = look.cut["sleeve"] == "sleeveless"
    t = torso(
        random, top=top, shoulder=0.162, chest=0.15, armpit=top + 0.2, waist=0.12, hem=0.13, length=waist_y, neck=0.078, cuff=0.042, reach=0.13,
        drop=0.12 if vee else 0.07, sleeve=SLEEVE[look.cut["sleeve"]],
    )  # fmt: skip
    t = replace(t, strap=bare, vee=vee)
    narrow = t.waist * 0.98
    wide = narrow + (long - top) * float(random.uniform(0.16, 0.27))
    skin = look.skin(random)
    folds = fall(canvas, random, top=waist_y, bottom=long, narrow=narrow, wide=wide, count=float(random.uniform(6, 11)), depth=0.017)
    pulls = [Pull(start=(s * t.chest * 0.9, t.armpit + 0.03), toward=(0.0, t.armpit + 0.1), count=5, length=0.12, height=0.014) for s in (-1.0, 1.0)]
    pulls += [Pull(start=(s * narrow * 0.6, waist_y), toward=(s * narrow * 0.6, waist_y + s * 0.01 - 0.1), count=4, length=0.08, height=0.014) for s in (-1.0, 1.0)]
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
        ring = curve([(-0.018, waist_y - 0.012), (0.018, waist_y - 0.012), (0.018, waist_y + 0.02), (-0.018, waist_y + 0.02), (-0.018, waist_y - 0.012)], closed=False)
        tube(canvas, ring, 0.006, BRASS)
    else:
        seam(canvas, waist, width=1.4, depth=0.35)
    hem = curve([(-wide, long - 0.03), (-wide * 0.55, long - 0.006), (0.0, long), (wide * 0.55, long - 0.006), (wide, long - 0.03)], closed=False)
    seam(canvas, hem, width=1.0, depth=0.22)
    neck_band(canvas, body, look.plain(), width=0.012)


