"""The photographer's table: light, camera, soft shadows, and cloth or leather puffed up from a flat outline.

Everything is painted in linear light on a canvas of WORK x WORK pixels and scaled down to SIZE x SIZE at the
end. A part is an outline; its height is a mixture of blurred copies of its own mask, and its shading comes
from the slopes of that height.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from duomo.arrays import Pixels
from duomo.catalog.sample.geometry import Points, View
from duomo.catalog.sample.textures import TILE, Field, noise, relief

SIZE: Final = 320  # pixels along a side of a finished picture
WORK: Final = 384  # pixels along a side while painting
Box = tuple[slice, slice]


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """One large lamp and the bright room around it."""

    x: float  # direction to the lamp; y is down, z is towards the camera
    y: float
    z: float
    ambient: float = 0.45  # share of the light that comes from everywhere

    @classmethod
    def of(cls, azimuth: float, height: float, ambient: float = 0.45) -> "Light":
        """A lamp at an angle around the camera's axis (radians, 0 right, -pi/2 above) and above the table."""
        flat = float(np.cos(height))
        return cls(
            x=flat * float(np.cos(azimuth)),
            y=flat * float(np.sin(azimuth)),
            z=float(np.sin(height)),
            ambient=ambient,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Skin:
    """What a part is made of: color, pattern, relief and shine."""

    color: tuple[float, float, float]  # linear light
    tile: Field | None = None  # (t, t, 3) linear light, repeats
    period: float = 0.1  # design units that one tile covers
    relief: str = ""  # a name in textures.relief
    depth: float = 0.0  # slope of the relief
    grain: float = 0.16  # design units that one relief tile covers
    gloss: float = 0.0  # strength of the lamp's reflection
    metal: bool = False  # reflects the room in its own color
    sheen: float = 0.0  # light caught by fibres where the surface turns away


@dataclass(slots=True)
class Canvas:
    """A picture while it is painted."""

    view: View
    light: Light
    rgb: Field = field(default_factory=lambda: np.empty((WORK, WORK, 3), np.float32))
    cover: Field = field(default_factory=lambda: np.zeros((WORK, WORK), np.float32))

    def finish(self, random: np.random.Generator) -> Pixels:
        """The picture (SIZE, SIZE, 3) as a camera stores it: sRGB, a little noise."""
        stored = _SRGB[(np.clip(self.rgb, 0, 1) * np.float32(len(_SRGB) - 1)).astype(np.uint16)]
        small = Image.fromarray(stored).resize((SIZE, SIZE), Image.Resampling.BICUBIC)
        down, across = random.integers(0, 512 - SIZE, 2)
        film = _film()[down : down + SIZE, across : across + SIZE, None]
        return np.asarray(np.clip(np.asarray(small, np.int16) + film, 0, 255), dtype=np.uint8)

    def mask(self) -> Field:
        """How much of each pixel of the finished picture is product, (SIZE, SIZE), 0 to 1."""
        return np.asarray(Image.fromarray(self.cover).resize((SIZE, SIZE), Image.Resampling.BOX))


@cache
def _film() -> NDArray[np.int16]:
    """The noise of a camera, in steps of brightness."""
    return np.asarray(np.round(noise(20, -0.6) * 1.1), dtype=np.int16)


def linear(rgb: tuple[int, int, int]) -> tuple[float, float, float]:
    """An sRGB color, 0 to 255, in linear light (IEC 61966-2-1)."""
    value = np.asarray(rgb, dtype=np.float64) / 255
    out = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return float(out[0]), float(out[1]), float(out[2])


def _srgb_table() -> NDArray[np.uint8]:
    value = np.linspace(0, 1, 4096)
    out = np.where(value <= 0.0031308, value * 12.92, 1.055 * value ** (1 / 2.4) - 0.055)
    return np.asarray(out * 255 + 0.5, dtype=np.uint8)


_SRGB: Final = _srgb_table()


def blur(plane: NDArray[np.floating], radius: float) -> Field:
    """Nearly Gaussian blur, three running means along each axis; radius: standard deviation, pixels."""
    half = max(round(radius - 0.5), 1)
    window = 2 * half + 1
    soft = np.pad(np.asarray(plane, dtype=np.float64), (3 * half + 3, 3 * half), mode="edge")
    for _ in range(3):
        total = np.cumsum(soft, axis=0)
        soft = total[window:] - total[:-window]
        total = np.cumsum(soft, axis=1)
        soft = total[:, window:] - total[:, :-window]
    return np.asarray(soft / window**6, dtype=np.float32)


def soft_blur(mask: Field, radius: float) -> Field:
    """Blur of a mask by radius pixels, computed on a smaller copy; same shape."""
    rows, columns = mask.shape
    step = min(max(int(radius / 1.4), 1), 6, rows // 2, columns // 2)
    if step <= 1:
        return blur(mask, radius)
    image = Image.fromarray(np.ascontiguousarray(mask))
    small = image.resize((columns // step, rows // step), Image.Resampling.BOX)
    soft = Image.fromarray(blur(np.asarray(small), radius / step))
    return np.asarray(soft.resize((columns, rows), Image.Resampling.BICUBIC))


def box_around(points: Points, pad: float = 2) -> Box:
    """The part of the canvas that holds pixel positions, with a margin; its edge, where they lie outside."""
    low = np.floor(points.min(0) - pad).astype(int).clip(0, WORK - 4)
    high = np.ceil(points.max(0) + pad).astype(int).clip(low + 4, WORK)
    return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))


def raster(outlines: Sequence[Points], box: Box, *, holes: Sequence[Points] = ()) -> Field:
    """Share of each pixel of the box inside the outlines (pixel positions) and not the holes, 0 to 1."""
    rows, columns = box[0].stop - box[0].start, box[1].stop - box[1].start
    image = Image.new("L", (columns * 2, rows * 2))
    draw = ImageDraw.Draw(image)
    for shapes, fill in ((outlines, 255), (holes, 0)):
        for shape in shapes:
            at = (shape - [box[1].start, box[0].start]) * 2
            draw.polygon([(float(x), float(y)) for x, y in at], fill=fill)
    return np.asarray(image.reduce(2), dtype=np.float32) / np.float32(255)


def shade_under(
    canvas: Canvas,
    outlines: Sequence[Points],
    *,
    radius: float,
    strength: float,
    reach: float = 0.5,
    within: Field | None = None,
) -> None:
    """Darken what lies under outlines (pixel positions) by the soft shadow they throw away from the lamp.

    Args:
        canvas: what is darkened.
        outlines: closed lines.
        radius: softness in pixels.
        strength: darkness under the middle, 0 to 1.
        reach: how far the shadow is shifted, in radii.
        within: (WORK, WORK) mask outside which no shadow falls.
    """
    away = np.array([-canvas.light.x, -canvas.light.y]) * radius * reach
    shifted = [outline + away for outline in outlines]
    box = box_around(np.concatenate(shifted), radius * 3 + 2)
    rows, columns = box[0].stop - box[0].start, box[1].stop - box[1].start
    step = min(max(radius / 1.4, 1.0), 6.0)  # a soft shadow needs few pixels
    small = (max(round(columns / step), 4), max(round(rows / step), 4))
    image = Image.new("L", (small[0] * 2, small[1] * 2))
    draw = ImageDraw.Draw(image)
    scale = np.array([small[0] * 2 / columns, small[1] * 2 / rows])
    for shape in shifted:
        at = (shape - [box[1].start, box[0].start]) * scale
        draw.polygon([(float(x), float(y)) for x, y in at], fill=255)
    soft = blur(np.asarray(image.reduce(2), dtype=np.float32) / np.float32(255), radius / step)
    dark = Image.fromarray(np.float32(strength) * soft).resize((columns, rows), Image.Resampling.BILINEAR)
    shade = np.asarray(dark) if within is None else np.asarray(dark) * within[box]
    canvas.rgb[box] *= (1 - shade)[..., None]


def lit(canvas: Canvas, albedo: Field, nx: Field, ny: Field, nz: Field, skin: Skin) -> Field:
    """The light a surface sends to the camera, (rows, columns, 3): diffuse, fibres, a lamp mirrored in it.

    A surface that faces the camera has exactly its own color, so that a named color stays the named color.
    """
    light = canvas.light
    wrap = np.float32(0.35)
    facing = nx * np.float32(light.x) + ny * np.float32(light.y) + nz * np.float32(light.z)
    direct = np.maximum(facing + wrap, 0) / np.float32(light.z + wrap)
    shade = (
        np.float32(light.ambient) * (0.86 + 0.14 * nz - 0.22 * ny) + np.float32(1 - light.ambient) * direct
    )
    if skin.metal:
        return albedo * _room(canvas, nx, ny, nz)[..., None]
    out = albedo * shade[..., None]
    if skin.sheen:
        out += (np.float32(skin.sheen) * (1 - nz) ** 2 * shade)[..., None] * (0.4 + 0.6 * albedo)
    if skin.gloss:
        out += (np.float32(skin.gloss) * _lamp(canvas, nx, ny, nz, polished=skin.gloss > 0.27))[..., None]
    return np.asarray(out, dtype=np.float32)


def _step(value: Field, low: float, high: float) -> Field:
    t = np.clip((value - np.float32(low)) / np.float32(high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)


def _lamp(canvas: Canvas, nx: Field, ny: Field, nz: Field, *, polished: bool) -> Field:
    """Brightness of a tall soft box and a fainter one opposite, mirrored; blurred if nothing is polished."""
    side = np.float32(1 if canvas.light.x >= 0 else -1)
    rx, ry = 2 * nx * nz * side, 2 * ny * nz
    if not polished:
        main = _step(rx, 0.02, 0.55) * _step(rx, 1.0, 0.55) * _step(ry, 0.9, 0.1)
        return np.asarray(main + 0.25 * (1 - nz), dtype=np.float32)
    tall = _step(ry, 0.75, 0.35) * _step(ry, -0.97, -0.8)
    main = _step(rx, 0.42, 0.52) * _step(rx, 0.86, 0.78) * tall
    far = _step(-rx, 0.62, 0.70) * _step(-rx, 0.95, 0.88) * tall
    rim = _step(np.float32(1) - nz, 0.55, 1.0)
    return np.asarray(main + 0.3 * far + 0.16 * rim, dtype=np.float32)


def _room(canvas: Canvas, nx: Field, ny: Field, nz: Field) -> Field:
    """What polished metal sees: a dark floor, a bright ceiling, two soft boxes; about 1 on average."""
    side = np.float32(1 if canvas.light.x >= 0 else -1)
    rx, ry = 2 * nx * nz * side, 2 * ny * nz
    room = 0.5 + 0.55 * _step(-ry, -0.5, 0.7) + 0.25 * nz
    room += 0.95 * _step(rx, 0.30, 0.55) * _step(rx, 0.95, 0.75) + 0.45 * _step(-rx, 0.55, 0.7) * _step(
        -rx, 0.98, 0.9
    )
    room -= 0.38 * _step(np.abs(rx), 0.93, 1.0) + 0.22 * _step(-rx, 0.1, 0.4) * _step(-rx, 0.6, 0.5)
    return np.asarray(np.maximum(room, 0.06), dtype=np.float32)


def cloth_color(canvas: Canvas, skin: Skin, u: Field, v: Field) -> Field:
    """The color of a skin at surface coordinates in design units, (rows, columns, 3)."""
    if skin.tile is None:
        return np.asarray(skin.color, dtype=np.float32)[None, None, :]
    side = skin.tile.shape[0]
    factor = np.float32(side / skin.period)
    return np.asarray(skin.tile[(v * factor).astype(np.int32) % side, (u * factor).astype(np.int32) % side])


def bumps(skin: Skin, u: Field, v: Field) -> tuple[Field, Field]:
    """The slopes of a skin's relief at surface coordinates in design units."""
    gx, gy = relief(skin.relief)
    factor = np.float32(TILE / skin.grain)
    row, column = (v * factor).astype(np.int32) % TILE, (u * factor).astype(np.int32) % TILE
    depth = np.float32(skin.depth)
    return gx[row, column] * depth, gy[row, column] * depth


def backdrop(canvas: Canvas, color: tuple[float, float, float], *, kind: str) -> None:
    """Fill the canvas: "plain", "sweep" (a wall that bends into a floor) or "spot" (brighter amid)."""
    base = np.asarray(color, dtype=np.float32)
    if kind == "plain":
        canvas.rgb[:] = base
    else:
        np.multiply(_falloff(kind, canvas.light.x >= 0)[..., None], base, out=canvas.rgb)


@cache
def _falloff(kind: str, lamp_right: bool) -> Field:
    """Brightness of an empty studio, (WORK, WORK)."""
    y = np.linspace(0, 1, WORK, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, WORK, dtype=np.float32)[None, :]
    if kind == "sweep":
        bend = 0.88 + 0.12 * _step(y, 0.0, 0.62) - 0.09 * _step(y, 0.66, 1.0)
        return np.asarray(bend + (0.03 if lamp_right else -0.03) * x, dtype=np.float32)
    return np.asarray(1.02 - 0.2 * (x**2 + (2 * y - 0.9) ** 2) / 2, dtype=np.float32)


def put(canvas: Canvas, box: Box, color: Field, alpha: Field) -> None:
    """Lay colored pixels over the canvas."""
    under = canvas.rgb[box]
    under += (color - under) * alpha[..., None]
    cover = canvas.cover[box]
    np.maximum(cover, alpha, out=cover)
