"""What products are made up of: puffed panels, tubes, seams, stitches, buttons, and the creases of cloth."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from duomo.catalog.sample.canvas import (
    WORK,
    Box,
    Canvas,
    Skin,
    blur,
    box_around,
    bumps,
    cloth_color,
    lit,
    put,
    raster,
    shade_under,
    soft_blur,
)
from duomo.catalog.sample.geometry import Points, curve, ellipse, ribbon
from duomo.catalog.sample.textures import Field, noise

Puff = Sequence[
    tuple[float, float]
]  # (radius, height) pairs in design units; together they round off the edge

CLOTH: Puff = ((0.035, 0.034), (0.009, 0.007))
SOFT: Puff = ((0.06, 0.085), (0.016, 0.02))
THIN: Puff = ((0.008, 0.007),)


def panel(
    canvas: Canvas,
    outline: Points | Sequence[Points],
    skin: Skin,
    *,
    puff: Puff = CLOTH,
    folds: Field | None = None,
    angle: float = 0.0,
    origin: tuple[float, float] = (0.0, 0.0),
    holes: Sequence[Points] = (),
    shadow: float = 0.35,
    shadow_radius: float = 0.014,
    tone: float = 1.0,
    within: Field | None = None,
) -> None:
    """Paint one part: an outline filled with a skin, rounded at the edge, creased, with a shadow under it.

    Args:
        canvas: what is painted on.
        outline: one or several closed outlines in design space, painted as one part.
        skin: the material.
        puff: how the edge rounds off.
        folds: (WORK, WORK) height of the cloth in pixels.
        angle: direction of the cloth's grain, radians, 0 is upright.
        origin: where the pattern starts, design units.
        holes: outlines cut out.
        shadow: darkness of the shadow on what lies under, 0 to 1.
        shadow_radius: its softness, design units.
        tone: factor on the color (an inside is darker than an outside).
        within: (WORK, WORK) mask outside which nothing is painted.
    """
    shapes = [outline] if isinstance(outline, np.ndarray) else list(outline)
    placed = [canvas.view.place(shape) for shape in shapes]
    box = box_around(np.concatenate(placed))
    alpha = raster(placed, box, holes=[canvas.view.place(hole) for hole in holes])
    if within is not None:
        alpha = alpha * within[box]
    scale = canvas.view.scale
    if shadow:
        shade_under(canvas, placed, radius=max(shadow_radius * scale, 1.0), strength=shadow, within=within)
    height = np.zeros_like(alpha)
    for radius, rise in puff:
        height += soft_blur(alpha, radius * scale) * np.float32(rise * scale)
    if folds is not None:
        height = height + folds[box]
    gy, gx = slopes(height)
    px = np.arange(box[1].start, box[1].stop, dtype=np.float32)[None, :] + np.float32(0.5)
    py = np.arange(box[0].start, box[0].stop, dtype=np.float32)[:, None] + np.float32(0.5)
    x, y = canvas.view.unplace(px, py)
    x, y = x - np.float32(origin[0]), y - np.float32(origin[1])
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    give = np.float32(0.005)  # a pattern bends where the cloth under it slopes
    u = cos * x + sin * y + give * np.clip(gx, -1, 1)
    v = cos * y - sin * x + give * np.clip(gy, -1, 1)
    albedo = cloth_color(canvas, skin, u, v)
    if skin.relief:
        bx, by = bumps(skin, u, v)
        gx, gy = gx + bx, gy + by
    nz = np.asarray(1 / np.sqrt(1 + gx * gx + gy * gy), dtype=np.float32)
    put(canvas, box, lit(canvas, albedo * np.float32(tone), -gx * nz, -gy * nz, nz, skin), alpha)


def swell(canvas: Canvas, mask: Field, puff: Puff) -> Field:
    """Heights (WORK, WORK), in pixels, of a puffed mask: a patch that lies on it takes them as its folds."""
    scale = canvas.view.scale
    total = np.zeros((WORK, WORK), np.float32)
    for radius, rise in puff:
        total += soft_blur(mask, radius * scale) * np.float32(rise * scale)
    return total


def slopes(height: Field) -> tuple[Field, Field]:
    """Change of height per pixel, downward and to the right."""
    gy, gx = np.empty_like(height), np.empty_like(height)
    gy[1:-1] = (height[2:] - height[:-2]) / 2
    gy[0], gy[-1] = gy[1], gy[-2]
    gx[:, 1:-1] = (height[:, 2:] - height[:, :-2]) / 2
    gx[:, 0], gx[:, -1] = gx[:, 1], gx[:, -2]
    return gy, gx


def tube(
    canvas: Canvas,
    knots: Points,
    width: float | Sequence[float],
    skin: Skin,
    *,
    shadow: float = 0.35,
    tone: float = 1.0,
) -> None:
    """A rod, handle or strap of round section along a line."""
    mean = float(np.mean(width))
    panel(
        canvas,
        ribbon(knots, width),
        skin,
        puff=((mean * 0.28, mean * 0.62),),
        shadow=shadow,
        shadow_radius=mean * 0.5,
        tone=tone,
    )


def _lines(canvas: Canvas, lines: Sequence[Points], width: float) -> tuple[Box, Field]:
    """A mask of thin lines and the box it covers; width in pixels of the working canvas."""
    placed = [canvas.view.place(line) for line in lines]
    box = box_around(np.concatenate(placed), 5)
    image = Image.new("L", ((box[1].stop - box[1].start) * 2, (box[0].stop - box[0].start) * 2))
    draw = ImageDraw.Draw(image)
    for line in placed:
        at = [(float(x), float(y)) for x, y in (line - [box[1].start, box[0].start]) * 2]
        draw.line(at, fill=255, width=max(round(width * 2), 1), joint="curve")
    return box, np.asarray(image.reduce(2), dtype=np.float32) / np.float32(255)


def seam(canvas: Canvas, *lines: Points, width: float = 1.3, depth: float = 0.45) -> None:
    """Grooves along lines: a dark line with a lit edge below it, on the product only."""
    box, mask = _lines(canvas, lines, width)
    mask = mask * canvas.cover[box]
    edge = np.roll(mask, (1, 1), (0, 1)) - mask
    canvas.rgb[box] *= (1 - depth * mask + 0.3 * depth * np.maximum(edge, 0))[..., None]


def stitches(
    canvas: Canvas,
    *lines: Points,
    color: tuple[float, float, float],
    length: float = 0.008,
    width: float = 1.2,
    strength: float = 0.8,
) -> None:
    """Dashed thread along lines."""
    dashes: list[Points] = []
    for line in lines:
        run = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
        for start in np.arange(0.0, float(run[-1]), 2 * length):
            at = np.array([start, min(start + length, float(run[-1]))])
            dashes.append(np.stack([np.interp(at, run, line[:, 0]), np.interp(at, run, line[:, 1])], 1))
    box, mask = _lines(canvas, dashes, width)
    share = (mask * canvas.cover[box] * np.float32(strength))[..., None]
    canvas.rgb[box] += (np.asarray(color, np.float32) - canvas.rgb[box]) * share


def button(canvas: Canvas, x: float, y: float, radius: float, skin: Skin) -> None:
    """A round button or rivet with a dimple."""
    panel(
        canvas,
        ellipse(x, y, radius, radius, count=24),
        skin,
        puff=((radius * 0.35, radius * 0.7),),
        shadow=0.5,
        shadow_radius=radius * 0.5,
    )
    if radius * canvas.view.scale > 3:
        hole = radius * 0.16
        spots = [ellipse(x + dx * hole * 1.5, y + dy * hole * 1.5, hole, hole, count=8) for dx, dy in _FOUR]
        seam(canvas, *[np.concatenate([spot, spot[:1]]) for spot in spots], width=0.9, depth=0.5)


_FOUR = ((-1, -1), (1, -1), (-1, 1), (1, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """A strained point of the cloth from which creases fan out; lengths in design units."""

    start: tuple[float, float]
    toward: tuple[float, float]
    count: int = 6
    length: float = 0.15
    spread: float = 0.5  # radians
    height: float = 0.01
    width: float = 0.02
    scatter: float = 0.03


def creases(canvas: Canvas, random: np.random.Generator, pulls: Sequence[Pull]) -> Field:
    """Heights (WORK, WORK), in pixels, of the soft ridges that all the pulls make."""
    side = WORK // 3
    image = Image.new("L", (side, side))
    draw = ImageDraw.Draw(image)
    top = max((pull.height for pull in pulls), default=1.0)
    for pull in pulls:
        heading = np.arctan2(pull.toward[1] - pull.start[1], pull.toward[0] - pull.start[0])
        for _ in range(pull.count):
            angle = heading + random.normal(0, pull.spread)
            reach = pull.length * random.uniform(0.45, 1.1)
            x, y = (
                pull.start[0] + random.normal(0, pull.scatter),
                pull.start[1] + random.normal(0, pull.scatter),
            )
            bow = random.normal(0, 0.14) * reach
            tip = (float(x + np.cos(angle) * reach), float(y + np.sin(angle) * reach))
            middle = ((x + tip[0]) / 2 - np.sin(angle) * bow, (y + tip[1]) / 2 + np.cos(angle) * bow)
            line = curve([(x, y), (float(middle[0]), float(middle[1])), tip], closed=False, steps=6)
            thick = pull.width * random.uniform(0.6, 1.3)
            shape = canvas.view.place(ribbon(line, (thick * 0.3, thick, thick * 0.05))) / 3
            strength = int(255 * pull.height / top * random.uniform(0.45, 1.0))
            draw.polygon([(float(a), float(b)) for a, b in shape], fill=strength)
    ridge = np.asarray(image, dtype=np.float32) / np.float32(255)
    soft = 0.6 * blur(ridge, 1.2) + 0.9 * blur(ridge, 3.0)
    big = Image.fromarray(soft).resize((WORK, WORK), Image.Resampling.BICUBIC)
    return np.asarray(big) * np.float32(top * canvas.view.scale)


def drape(
    canvas: Canvas,
    random: np.random.Generator,
    *,
    height: float = 0.01,
    wide: float = 0.35,
    tall: float = 0.7,
    tile: int = 30,
    roughness: float = 1.5,
) -> Field:
    """Heights (WORK, WORK), in pixels, of slow waves in cloth; wide and tall are shares of a noise tile."""
    field = noise(tile + int(random.integers(0, 3)), roughness)
    rows, columns = int(512 * min(tall, 1.0)), int(512 * min(wide, 1.0))
    # a small wide share is stretched more across, a small tall share more along
    top, left = int(random.integers(0, 513 - rows)), int(random.integers(0, 513 - columns))
    cut = np.ascontiguousarray(field[top : top + rows, left : left + columns])
    small = Image.fromarray(cut).resize((WORK // 4, WORK // 4), Image.Resampling.BOX)
    smooth = small.resize((WORK, WORK), Image.Resampling.BICUBIC)
    return np.asarray(smooth) * np.float32(height * canvas.view.scale)
