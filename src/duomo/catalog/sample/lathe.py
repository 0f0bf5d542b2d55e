"""Turned objects (mugs, vases, bottles): a profile that goes round an axis, seen from a little above."""

import numpy as np

from duomo.catalog.sample.canvas import (
    Canvas,
    Skin,
    box_around,
    bumps,
    cloth_color,
    lit,
    put,
    raster,
    shade_under,
)
from duomo.catalog.sample.geometry import Points, ellipse
from duomo.catalog.sample.textures import Field


def profile(*knots: tuple[float, float]) -> Points:
    """(height above the foot, radius) pairs from the foot upward, smoothed between knots without overshoot.

    Source of the slopes: weighted harmonic means, Fritsch and Butland, SIAM J. Sci. Stat. Comput. 5 (1984).
    """
    at, radius = np.array(knots, dtype=np.float64).T
    span, rise = np.diff(at), np.diff(radius)
    chord = rise / span
    slope = np.concatenate([chord[:1], np.zeros(len(at) - 2), chord[-1:]])
    same = chord[:-1] * chord[1:] > 0
    before, after = span[:-1] + 2 * span[1:], 2 * span[:-1] + span[1:]
    slope[1:-1][same] = (before + after)[same] / (
        before[same] / chord[1:][same] + after[same] / chord[:-1][same]
    )
    heights = np.linspace(0, at[-1], 200)
    piece = np.clip(np.searchsorted(at, heights, side="right") - 1, 0, len(span) - 1)
    h, t = span[piece], (heights - at[piece]) / span[piece]
    r = (
        radius[piece] * (1 + 2 * t) * (1 - t) ** 2
        + slope[piece] * h * t * (1 - t) ** 2
        + radius[piece + 1] * t**2 * (3 - 2 * t)
        + slope[piece + 1] * h * t**2 * (t - 1)
    )
    return np.stack([heights, np.maximum(r, 1e-4)], 1)


def turn(
    canvas: Canvas,
    shape: Points,
    skin: Skin,
    *,
    x: float = 0.0,
    base: float = 0.3,
    tilt: float = 0.22,
    bands: tuple[tuple[float, float, Skin], ...] = (),
    glow: float = 0.0,
    around: float = 0.0,
    floor: float = 0.0,
) -> None:
    """Paint the outside of a turned object.

    Args:
        canvas: what is painted on.
        shape: (n, 2) heights and radii from `profile`.
        skin: the material of the whole; a pattern runs around the axis.
        x: the axis.
        base: design y of the middle of the foot.
        tilt: sine of the camera's height above the horizon.
        bands: (from height, to height, skin) of zones in another material.
        glow: light that shines through from inside, as a lampshade does.
        around: how far the pattern is turned around the axis, design units.
        floor: darkness of the shadow at the foot, 0 for none.
    """
    top, wide = float(shape[-1, 0]), float(shape[:, 1].max())
    rise = float(np.sqrt(1 - tilt * tilt))
    if floor:
        stand(canvas, x, base, float(shape[0, 1]), tilt=tilt, strength=floor, reach=wide)
    corners = np.array([[x - wide, base - top * rise - wide * tilt], [x + wide, base + wide * tilt]])
    box = box_around(
        canvas.view.place(np.concatenate([corners, corners * [1, 0] + corners[::-1] * [0, 1]])), 3
    )
    px = np.arange(box[1].start, box[1].stop, dtype=np.float32)[None, :] + np.float32(0.5)
    py = np.arange(box[0].start, box[0].stop, dtype=np.float32)[:, None] + np.float32(0.5)
    dx, dy = canvas.view.unplace(px, py)
    across = np.broadcast_to(dx - np.float32(x), (py.shape[0], px.shape[1])).astype(np.float32)
    up = (np.float32(base) - dy) + 0 * across
    radii, slopes = _tables(shape)
    factor = np.float32(_STEPS / top)
    height = up / rise
    for _ in range(4):  # the front point seen at a pixel lies higher than the axis point behind it
        radius = radii[np.clip(height * factor, 0, _STEPS - 1).astype(np.int32)]
        depth = np.sqrt(np.maximum(radius * radius - across * across, 0))
        height = (up + depth * np.float32(tilt)) / np.float32(rise)
    index = np.clip(height * factor, 0, _STEPS - 1).astype(np.int32)
    radius, slope = radii[index], slopes[index]
    scale = np.float32(canvas.view.scale)
    alpha = np.clip((radius - np.abs(across)) * scale + 0.5, 0, 1)
    alpha *= np.clip(height * scale * rise + 0.5, 0, 1) * np.clip((top - height) * scale * rise + 0.5, 0, 1)
    sx = np.clip(across / radius, -0.999, 0.999)
    sz = np.sqrt(1 - sx * sx)
    long = 1 / np.sqrt(1 + slope * slope)
    n_up, n_side, n_out = -slope * long, sx * long, sz * long
    nx, ny, nz = n_side, -(n_up * rise - n_out * tilt), np.maximum(n_up * tilt + n_out * rise, 0.02)
    u, v = np.arcsin(sx) * radius.max() + np.float32(around), np.float32(-1) * height
    albedo = np.broadcast_to(cloth_color(canvas, skin, u, v), (*alpha.shape, 3))
    if skin.relief:
        bx, by = bumps(skin, u, v)
        nx, ny = nx - bx * sz, ny - by
        size = 1 / np.sqrt(nx * nx + ny * ny + nz * nz)
        nx, ny, nz = nx * size, ny * size, nz * size
    color = lit(canvas, albedo, nx, ny, nz, skin)
    for low, high, other in bands:
        part = np.clip((height - low) * scale + 0.5, 0, 1) * np.clip((high - height) * scale + 0.5, 0, 1)
        patch = lit(canvas, np.broadcast_to(cloth_color(canvas, other, u, v), color.shape), nx, ny, nz, other)
        color = color + (patch - color) * part[..., None]
    if glow:
        lamp = np.exp(-(((height - top * 0.42) / (top * 0.5)) ** 2)) * (0.35 + 0.65 * sz)
        color = color * (1 - 0.35 * glow) + albedo * (glow * lamp)[..., None] * np.array(
            [1.25, 1.05, 0.78], np.float32
        )
    put(canvas, box, color, alpha.astype(np.float32))


_STEPS = 1024


def _tables(shape: Points) -> tuple[Field, Field]:
    """Radius and change of radius with height, at _STEPS even heights."""
    at = np.linspace(0, shape[-1, 0], _STEPS)
    radius = np.interp(at, shape[:, 0], shape[:, 1])
    slope = np.clip(np.gradient(radius, at), -4, 4)
    soft = np.convolve(np.pad(slope, 6, mode="edge"), np.ones(13) / 13, mode="valid")
    return radius.astype(np.float32), soft.astype(np.float32)


def opening(
    canvas: Canvas,
    shape: Points,
    inside: Skin,
    rim: Skin,
    *,
    x: float = 0.0,
    base: float = 0.3,
    tilt: float = 0.22,
    wall: float = 0.012,
    fill: Skin | None = None,
    level: float = 0.7,
    dark: float = 0.55,
) -> None:
    """The mouth of a turned object: its inner wall, what it holds, and the rim around it.

    Args:
        canvas: what is painted on.
        shape: the profile whose last point is the mouth.
        inside: skin of the inner wall.
        rim: skin of the rim.
        x: the axis.
        base: design y of the middle of the foot.
        tilt: sine of the camera's height above the horizon.
        wall: thickness of the rim, design units.
        fill: what the vessel holds, if anything can be seen of it.
        level: how high it stands, as a share of the radius below the mouth (0 is brimful).
        dark: how much darker the depth is than the rim.
    """
    top, radius = float(shape[-1, 0]), float(shape[-1, 1])
    y = base - top * float(np.sqrt(1 - tilt * tilt))
    outer = canvas.view.place(ellipse(x, y, radius, radius * tilt, count=72))
    inner_shape = ellipse(x, y, radius - wall, max((radius - wall) * tilt, 1e-3), count=72)
    inner = canvas.view.place(inner_shape)
    box = box_around(outer, 3)
    ring = raster([outer], box)
    rows, columns = ring.shape
    flat = np.zeros((rows, columns), np.float32)
    up_ny = np.full((rows, columns), -np.sqrt(1 - tilt * tilt), np.float32)
    color = lit(
        canvas,
        np.broadcast_to(np.asarray(rim.color, np.float32), (rows, columns, 3)),
        flat,
        up_ny,
        flat + np.float32(tilt),
        rim,
    )
    put(canvas, box, np.minimum(color, np.asarray(rim.color, np.float32) * 1.25 + 0.02), ring)
    hole = raster([inner], box)
    px = np.arange(box[1].start, box[1].stop, dtype=np.float32)[None, :] + np.float32(0.5)
    py = np.arange(box[0].start, box[0].stop, dtype=np.float32)[:, None] + np.float32(0.5)
    dx, dy = canvas.view.unplace(px, py)
    sx = np.clip((dx - np.float32(x)) / max(radius - wall, 1e-3), -1, 1) + 0 * dy
    sy = np.clip((dy - np.float32(y)) / max((radius - wall) * tilt, 1e-3), -1, 1) + 0 * dx
    deep = (1 - np.float32(dark) * (0.45 + 0.55 * sy)) * (1 - 0.25 * np.float32(np.sign(canvas.light.x)) * sx)
    wall_color = np.asarray(inside.color, np.float32) * np.clip(deep, 0.05, 1.1)[..., None]
    put(canvas, box, wall_color.astype(np.float32), hole)
    if fill is not None:
        low = y + radius * level * float(np.sqrt(1 - tilt * tilt))
        surface = canvas.view.place(ellipse(x, low, (radius - wall) * 0.98, (radius - wall) * tilt, count=72))
        seen = hole * raster([surface], box)
        shine = np.asarray(fill.color, np.float32) * (0.8 + 0.35 * np.clip(-sx - sy, 0, 1))[..., None]
        put(canvas, box, shine.astype(np.float32), seen)


def stand(
    canvas: Canvas, x: float, base: float, radius: float, *, tilt: float, strength: float, reach: float
) -> None:
    """The shadow of an object on the table: dark where it touches, and a wide soft one away from the lamp."""
    away = -1.0 if canvas.light.x >= 0 else 1.0
    spread = max(tilt, 0.1)
    for rx, ry, dx, soft, share in (
        (radius * 1.02, radius * spread * 1.05, 0.0, 0.012, 0.65),
        (max(radius, reach * 0.8) * 1.15, radius * spread * 1.3, 0.06 * away, 0.045, 0.42),
    ):
        spot = canvas.view.place(ellipse(x + dx, base + 0.006, rx, ry))
        shade_under(canvas, [spot], radius=soft * canvas.view.scale, strength=strength * share, reach=0.0)


def cast(canvas: Canvas, outline: Points, *, strength: float = 0.25, radius: float = 0.03) -> None:
    """The shadow that something flat throws on the table it lies on."""
    shade_under(
        canvas, [canvas.view.place(outline)], radius=radius * canvas.view.scale, strength=strength, reach=0.7
    )
