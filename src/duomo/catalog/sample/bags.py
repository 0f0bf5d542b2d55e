"""Bags: handbags, totes, backpacks."""


import numpy as np

from duomo.catalog.sample.canvas import WORK, Canvas, Skin, linear
from duomo.catalog.sample.geometry import Knot, Points, both, curve, ellipse, ribbon, rounded
from duomo.catalog.sample.lathe import stand
from duomo.catalog.sample.look import Look
from duomo.catalog.sample.palette import skin_of
from duomo.catalog.sample.parts import THIN, Pull, Puff, button, creases, drape, panel, seam, stitches, tube
from duomo.catalog.sample.textures import Field

Random = np.random.Generator
GOLD = Skin(color=linear((206, 172, 102)), gloss=0.55)
SILVER = Skin(color=linear((188, 190, 194)), gloss=0.55)
FULL: Puff = ((0.07, 0.08), (0.02, 0.022), (0.006, 0.006))


def _ring(canvas: Canvas, x: float, y: float, radius: float, metal: Skin, *, tall: float = 1.0) -> None:
    ring = ellipse(x, y, radius, radius * tall, count=28)
    tube(canvas, np.concatenate([ring, ring[:2]]), radius * 0.36, metal, shadow=0.4)


def _inset(points: Points, share: float, *, center: tuple[float, float]) -> Points:
    """The outline drawn in toward a point, closed."""
    inner = (points - np.array(center)) * (1 - share) + np.array(center)
    return np.concatenate([inner, inner[:1]])


def quilting(canvas: Canvas, *, size: float, depth: float) -> Field:
    """Heights (WORK, WORK), in pixels, of padding stitched down in diamonds."""
    pixel = np.arange(WORK, dtype=np.float32) + np.float32(0.5)
    x, y = canvas.view.unplace(pixel[None, :], pixel[:, None])
    one, two = np.abs(np.sin((x + y) * np.float32(np.pi / size))), np.abs(np.sin((x - y) * np.float32(np.pi / size)))
    return np.asarray((one * two) ** 0.45 * np.float32(depth * canvas.view.scale), dtype=np.float32)


def draw_handbag(canvas: Canvas, look: Look, random: Random) -> None:
    """Top-handle, shoulder or crossbody; trapezoid, box or half-moon; flap, clasp, quilting by the cut."""
    kind, quilted = look.cut["carry"], look.cut["surface"] == "quilted"
    metal = GOLD if random.random() < 0.65 else SILVER
    wide, low = float(random.uniform(0.27, 0.32)), 0.34
    tall = wide * float(random.uniform(1.15, 1.4))
    top = low - tall
    narrow = wide * float(random.uniform(0.8, 0.98))
    skin, plain = look.skin(random), look.plain()
    stand(canvas, 0, low, wide * 0.95, tilt=0.08, strength=0.85, reach=wide)
    if kind == "top-handle":
        rise = float(random.uniform(0.2, 0.27))
        for back in (True, False):
            grip = curve(
                [(-narrow * 0.5, top + 0.04), (-narrow * 0.47, top - rise * 0.6), (0.0, top - rise - (0.02 if back else 0.0)), (narrow * 0.47, top - rise * 0.6), (narrow * 0.5, top + 0.04)],
                closed=False,
            )
            tube(canvas, grip * np.array([0.93, 1.0]) if back else grip, 0.026, plain, tone=0.7 if back else 1.0)
    elif kind == "shoulder":
        arch = [(-narrow * 0.85, top + 0.05), (-narrow * 0.62, top - 0.2), (0.0, top - 0.34), (narrow * 0.62, top - 0.2), (narrow * 0.85, top + 0.05)]
        _chain(canvas, curve([(x, y) for x, y in arch], closed=False), metal)
    else:
        strap = curve([(-narrow * 0.96, top + 0.06), (-narrow * 0.8, top - 0.2), (0.0, top - 0.33), (narrow * 0.8, top - 0.2), (narrow * 0.96, top + 0.06)], closed=False)
        tube(canvas, strap, 0.02, plain)
    half: list[Knot] = [
        (0.0, top),
        (narrow * 0.9, top + 0.003),
        (narrow, top + 0.035),
        ((narrow + wide) / 2, (top + low) / 2),
        (wide, low - 0.06),
        (wide * 0.93, low - 0.008),
        (wide * 0.5, low),
        (0.0, low),
    ]
    if look.cut["form"] == "half-moon":
        half = [(0.0, top + 0.035), (narrow * 0.82, top + 0.03), (wide * 1.03, top + 0.11), (wide * 0.9, low - 0.1), (wide * 0.5, low - 0.01), (0.0, low)]
    body = curve(both(half))
    folds = drape(canvas, random, height=0.004)
    pulls = [Pull(start=(s * wide * 0.9, low - 0.05), toward=(s * wide * 0.5, low - 0.12), count=3, length=0.1, height=0.01) for s in (-1.0, 1.0)]
    folds = np.asarray(folds + creases(canvas, random, pulls))
    if quilted:
        folds = np.asarray(folds + quilting(canvas, size=float(random.uniform(0.1, 0.13)), depth=0.016))
    panel(canvas, body, skin, puff=FULL, folds=folds, shadow=0.2)
    thread = linear((226, 206, 168)) if look.color not in {"beige", "white", "yellow"} else linear((140, 104, 66))
    stitches(canvas, _inset(body, 0.055, center=(0.0, (top + low) / 2)), color=thread, length=0.008, width=1.0)
    if look.cut["form"] != "half-moon":
        deep = float(random.uniform(0.42, 0.62)) * tall
        point = random.random() < 0.4
        lid: list[Knot] = [
            (0.0, top - 0.006),
            (narrow * 0.88, top - 0.008),
            (narrow * 1.0, top + 0.02),
            (narrow * 1.0, top + deep * 0.62),
            (narrow * 0.78, top + deep * (0.8 if point else 0.97)),
            (0.0, top + deep * (1.14 if point else 1.0)),
        ]
        flap = curve(both(lid))
        panel(canvas, flap, skin, puff=FULL, folds=folds, shadow=0.45, shadow_radius=0.016)
        stitches(canvas, _inset(flap, 0.07, center=(0.0, top + deep * 0.42)), color=thread, length=0.008, width=1.0)
        y = top + deep * (1.08 if point else 0.96)
        if random.random() < 0.5:
            panel(canvas, rounded(0, y, 0.062, 0.044, 0.01), metal, puff=((0.006, 0.012),), shadow=0.5)
            panel(canvas, rounded(0, y, 0.016, 0.03, 0.006), metal, puff=((0.004, 0.008),), shadow=0.5, tone=0.85)
        else:
            panel(canvas, ellipse(0, y, 0.026, 0.026), metal, puff=((0.008, 0.016),), shadow=0.5)
    else:
        zip_line = curve([(-narrow * 0.78, top + 0.05), (0.0, top + 0.066), (narrow * 0.78, top + 0.05)], closed=False)
        panel(canvas, ribbon(zip_line, 0.014), metal, puff=THIN, shadow=0.3, tone=0.8)
    if kind == "top-handle":
        for side in (-1.0, 1.0):
            tab = rounded(side * narrow * 0.5, top + 0.055, 0.04, 0.075, 0.014)
            panel(canvas, tab, plain, puff=((0.006, 0.008),), shadow=0.4, shadow_radius=0.008)
            _ring(canvas, side * narrow * 0.5, top + 0.012, 0.02, metal)
            button(canvas, side * narrow * 0.5, top + 0.075, 0.006, metal)
    else:
        for side in (-1.0, 1.0):
            _ring(canvas, side * narrow * 0.9, top + 0.045, 0.018, metal, tall=1.2)


def _chain(canvas: Canvas, line: Points, metal: Skin) -> None:
    run = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    for place, at in enumerate(np.arange(0.0, float(run[-1]), 0.026)):
        x, y = float(np.interp(at, run, line[:, 0])), float(np.interp(at, run, line[:, 1]))
        shape = ellipse(x, y, 0.008 if place % 2 else 0.012, 0.017, count=16)
        panel(canvas, shape, metal, puff=((0.004, 0.009),), shadow=0.3, shadow_radius=0.005, tone=1.0 if place % 2 else 0.82)


def draw_tote(canvas: Canvas, look: Look, random: Random) -> None:
    """A soft open bag with two long straps; some with a printed or woven panel at the foot."""
    wide, low = float(random.uniform(0.25, 0.3)), 0.42
    tall = wide * float(random.uniform(1.75, 2.0))
    top = low - tall
    skin, plain = look.skin(random), look.plain()
    stand(canvas, 0, low, wide * 0.9, tilt=0.07, strength=0.6, reach=wide)
    rise = float(random.uniform(0.28, 0.34))
    strap = skin if look.material != "canvas" or random.random() < 0.5 else skin_of("camel", "leather")
    for back in (True, False):
        loop = curve(
            [(-wide * 0.5, top + 0.1), (-wide * 0.47, top - rise * 0.55), (-wide * 0.25, top - rise * 0.96), (wide * 0.25, top - rise * 0.96), (wide * 0.47, top - rise * 0.55), (wide * 0.5, top + 0.1)],
            closed=False,
        )
        if back:
            tube(canvas, loop * np.array([0.9, 1.0]) + np.array([0.012, 0.02]), 0.03, strap, tone=0.68)
            inside: list[Knot] = [(0.0, top - 0.016), (wide * 0.9, top - 0.012), (wide * 0.97, top + 0.02), (0.0, top + 0.04)]
            panel(canvas, curve(both(inside)), plain, puff=THIN, tone=0.55, shadow=0.0)
    half: list[Knot] = [
        (0.0, top + 0.016),
        (wide * 0.6, top + 0.008),
        (wide * 0.96, top, 1),
        (wide * 0.99, (top + low) / 2),
        (wide * 1.02, low - 0.05),
        (wide * 0.96, low - 0.004),
        (0.0, low),
    ]
    pulls = [Pull(start=(s * wide * 0.5, top + 0.1), toward=(s * wide * 0.6, low), count=6, length=0.3, spread=0.25, height=0.016) for s in (-1.0, 1.0)]
    pulls += [Pull(start=(s * wide * 0.9, low - 0.04), toward=(0.0, low - 0.15), count=5, length=0.18, height=0.015) for s in (-1.0, 1.0)]
    folds = np.asarray(creases(canvas, random, pulls) + drape(canvas, random, height=0.009))
    body = curve(both(half))
    panel(canvas, body, skin, puff=((0.04, 0.04), (0.012, 0.012)), folds=folds, shadow=0.2)
    hem = curve([(-wide * 0.96, top + 0.04), (0.0, top + 0.056), (wide * 0.96, top + 0.04)], closed=False)
    seam(canvas, hem, width=1.1, depth=0.3)
    if look.pattern == "solid" and random.random() < 0.4:
        foot: list[Knot] = [(0.0, low - tall * 0.27, 1), (wide * 1.01, low - tall * 0.27, 1), (wide * 1.02, low - 0.05), (wide * 0.96, low - 0.004), (0.0, low)]
        panel(canvas, curve(both(foot)), skin_of(look.accent, look.material), puff=((0.04, 0.04), (0.012, 0.012)), folds=folds, shadow=0.2, shadow_radius=0.006)
    loop = curve(
        [(-wide * 0.5, top + 0.13), (-wide * 0.47, top - rise * 0.5), (-wide * 0.27, top - rise * 0.9), (wide * 0.27, top - rise * 0.9), (wide * 0.47, top - rise * 0.5), (wide * 0.5, top + 0.13)],
        closed=False,
    )
    tube(canvas, loop, 0.032, strap, shadow=0.4)
    for side in (-1.0, 1.0):
        x = side * wide * 0.5
        cross = np.array([[x - 0.012, top + 0.085], [x + 0.012, top + 0.085], [x + 0.012, top + 0.122], [x - 0.012, top + 0.122], [x - 0.012, top + 0.085], [x + 0.012, top + 0.122]])
        stitches(canvas, cross, color=linear((236, 226, 206)), length=0.006, width=0.9)


def draw_backpack(canvas: Canvas, look: Look, random: Random) -> None:
    """A rounded pack with a front pocket, or a roll-top with straps."""
    roll = look.cut["closure"] == "roll-top"
    wide, low, top = float(random.uniform(0.225, 0.255)), 0.42, -0.33
    skin, plain = look.skin(random), look.plain()
    trim = skin_of("brown" if look.material == "canvas" and look.color != "brown" else "black", "leather")
    stand(canvas, 0, low, wide * 0.95, tilt=0.09, strength=0.85, reach=wide)
    for side in (-1.0, 1.0):
        strap = curve([(side * wide * 0.5, top + 0.04), (side * (wide + 0.035), top + 0.2), (side * (wide + 0.045), low - 0.25), (side * wide * 0.94, low - 0.07)], closed=False)
        tube(canvas, strap, (0.05, 0.05, 0.024, 0.018), plain, tone=0.8)
    grip = curve([(-0.055, top + 0.03), (-0.05, top - 0.055), (0.05, top - 0.055), (0.055, top + 0.03)], closed=False)
    tube(canvas, grip, 0.024, trim if roll else plain)
    half: list[Knot] = [
        (0.0, top),
        (wide * 0.55, top + 0.008),
        (wide * 0.93, top + 0.1),
        (wide, (top + low) / 2),
        (wide * 1.02, low - 0.08),
        (wide * 0.9, low - 0.006),
        (0.0, low),
    ]
    if roll:
        half = [(0.0, top + 0.03, 1), (wide * 0.86, top + 0.03, 1), (wide * 0.97, (top + low) / 2), (wide, low - 0.06), (wide * 0.92, low - 0.006), (0.0, low)]
    pulls = [Pull(start=(s * wide * 0.85, low - 0.25), toward=(0.0, low - 0.3), count=4, length=0.12, height=0.013) for s in (-1.0, 1.0)]
    folds = np.asarray(creases(canvas, random, pulls) + drape(canvas, random, height=0.006))
    body = curve(both(half))
    panel(canvas, body, skin, puff=((0.08, 0.11), (0.022, 0.026), (0.006, 0.005)), folds=folds, shadow=0.25)
    if roll:
        for step in range(3):
            y = top + 0.035 + step * 0.026
            tube(canvas, curve([(-wide * 0.88, y), (0.0, y + 0.004), (wide * 0.88, y)], closed=False), 0.034, skin, shadow=0.4)
        for side in (-1.0, 1.0):
            belt = curve([(side * wide * 0.52, top + 0.02), (side * wide * 0.54, low - 0.03)], closed=False)
            panel(canvas, ribbon(belt, 0.03), trim, puff=((0.006, 0.008),), shadow=0.4, shadow_radius=0.006)
            panel(canvas, rounded(side * wide * 0.53, top + 0.22, 0.05, 0.036, 0.006), SILVER, puff=((0.005, 0.008),), shadow=0.4, holes=[rounded(side * wide * 0.53, top + 0.22, 0.028, 0.014, 0.003)])
    else:
        arch = curve([(-wide * 0.9, top + 0.34), (-wide * 0.82, top + 0.12), (0.0, top + 0.055), (wide * 0.82, top + 0.12), (wide * 0.9, top + 0.34)], closed=False)
        seam(canvas, arch, width=3.0, depth=0.5)
        stitches(canvas, arch, color=linear((180, 182, 186)), length=0.004, width=1.2, strength=0.7)
        panel(canvas, rounded(wide * 0.78, top + 0.19, 0.014, 0.05, 0.004), trim, puff=THIN, shadow=0.5)
    deep = float(random.uniform(0.29, 0.34))
    pocket: list[Knot] = [
        (0.0, low - deep),
        (wide * 0.62, low - deep + 0.006),
        (wide * 0.8, low - deep + 0.06),
        (wide * 0.84, low - 0.07),
        (wide * 0.76, low - 0.014),
        (0.0, low - 0.01),
    ]
    front = skin_of(look.accent, look.material) if look.pattern == "solid" and random.random() < 0.25 else skin
    shape = curve(both(pocket))
    panel(canvas, shape, front, puff=((0.04, 0.05), (0.012, 0.014)), folds=folds, shadow=0.45, shadow_radius=0.014)
    pull_line = curve([(-wide * 0.72, low - deep + 0.085), (0.0, low - deep + 0.065), (wide * 0.72, low - deep + 0.085)], closed=False)
    seam(canvas, pull_line, width=3.0, depth=0.5)
    stitches(canvas, pull_line, color=linear((176, 178, 182)), length=0.004, width=1.2, strength=0.7)
    patch = rounded(0, low - deep * 0.36, 0.075, 0.05, 0.006)
    panel(canvas, patch, trim, puff=THIN, shadow=0.35, shadow_radius=0.005)
    stitches(canvas, _inset(patch, 0.16, center=(0, low - deep * 0.36)), color=linear((210, 190, 150)), length=0.006, width=0.9)
