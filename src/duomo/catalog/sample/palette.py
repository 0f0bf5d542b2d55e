"""Colors, materials and patterns of the sample shop, with their names in English and Chinese."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from duomo.catalog.sample.canvas import Skin, linear
from duomo.catalog.sample.textures import Field, noise

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Color:
    """A color with the names a shopper would use."""

    rgb: Rgb
    zh: str


COLORS: Final[Mapping[str, Color]] = {
    "black": Color((30, 30, 33), "黑色"),
    "white": Color((238, 238, 236), "白色"),
    "grey": Color((138, 140, 145), "灰色"),
    "navy": Color((32, 44, 92), "藏青色"),
    "blue": Color((44, 98, 184), "蓝色"),
    "sky blue": Color((146, 190, 228), "天蓝色"),
    "red": Color((196, 34, 42), "红色"),
    "burgundy": Color((110, 24, 44), "酒红色"),
    "pink": Color((238, 160, 182), "粉色"),
    "orange": Color((234, 118, 36), "橙色"),
    "yellow": Color((244, 204, 66), "黄色"),
    "green": Color((40, 132, 76), "绿色"),
    "olive": Color((104, 108, 58), "橄榄绿"),
    "mint": Color((164, 218, 190), "薄荷绿"),
    "teal": Color((20, 122, 128), "青色"),
    "purple": Color((104, 62, 148), "紫色"),
    "lavender": Color((186, 168, 222), "浅紫色"),
    "brown": Color((108, 70, 44), "棕色"),
    "camel": Color((190, 142, 90), "驼色"),
    "beige": Color((224, 208, 180), "米色"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a thing is made of, and how that looks."""

    zh: str
    relief: str = ""
    depth: float = 0.0
    grain: float = 0.16
    gloss: float = 0.0
    metal: bool = False
    sheen: float = 0.0
    rating: float = 0.0  # how much better or worse shoppers rate it, stars


MATERIALS: Final[Mapping[str, Material]] = {
    "cotton": Material(zh="棉", relief="weave", depth=0.05, sheen=0.05, rating=0.1),
    "linen": Material(zh="亚麻", relief="weave", depth=0.16, grain=0.24, rating=0.2),
    "polyester": Material(zh="涤纶", relief="weave", depth=0.02, sheen=0.25, rating=-0.5),
    "denim": Material(zh="牛仔布", relief="twill", depth=0.2, grain=0.13, rating=0.1),
    "twill": Material(zh="斜纹布", relief="twill", depth=0.1, grain=0.12),
    "wool": Material(zh="羊毛", relief="fleece", depth=0.16, grain=0.3, sheen=0.1, rating=0.3),
    "cashmere": Material(zh="羊绒", relief="fleece", depth=0.07, grain=0.4, sheen=0.2, rating=0.5),
    "knit": Material(zh="针织", relief="knit", depth=0.42, grain=0.2, sheen=0.08),
    "fleece": Material(zh="抓绒", relief="fleece", depth=0.22, grain=0.36, sheen=0.12),
    "silk": Material(zh="真丝", sheen=0.4, rating=0.4),
    "nylon": Material(zh="尼龙", relief="weave", depth=0.03, gloss=0.14, sheen=0.12, rating=-0.2),
    "canvas": Material(zh="帆布", relief="weave", depth=0.2, grain=0.26, rating=0.1),
    "corduroy": Material(zh="灯芯绒", relief="cord", depth=0.4, grain=0.2, sheen=0.12),
    "leather": Material(zh="真皮", relief="leather", depth=0.09, grain=0.2, gloss=0.16, rating=0.4),
    "faux leather": Material(zh="人造革", relief="leather", depth=0.05, grain=0.14, gloss=0.24, rating=-0.6),
    "suede": Material(zh="麂皮", relief="fleece", depth=0.12, grain=0.2, sheen=0.16),
    "mesh": Material(zh="网面", relief="knit", depth=0.22, grain=0.1),
    "ceramic": Material(zh="陶瓷", gloss=0.5, rating=0.2),
    "stoneware": Material(zh="粗陶", relief="clay", depth=0.14, grain=0.3, gloss=0.12, rating=0.3),
    "porcelain": Material(zh="瓷", gloss=0.62, rating=0.3),
    "enamel": Material(zh="搪瓷", gloss=0.42, rating=-0.1),
    "stainless steel": Material(zh="不锈钢", relief="fleece", depth=0.015, gloss=0.3, rating=0.3),
    "plastic": Material(zh="塑料", gloss=0.3, rating=-0.5),
    "acetate": Material(zh="板材", gloss=0.55, rating=0.1),
    "wood": Material(zh="木", relief="wood", depth=0.05, grain=0.3, gloss=0.06, rating=0.2),
    "velvet": Material(zh="丝绒", relief="fleece", depth=0.05, grain=0.3, sheen=0.5, rating=0.2),
    "straw": Material(zh="草编", relief="knit", depth=0.5, grain=0.14),
}

Tile = tuple[Field, float]  # pixels that repeat, design units that they cover
_PIXELS = 96  # pixels along a side of a pattern tile, unless its repeat is small


def skin_of(
    color: str,
    material: str,
    *,
    pattern: str = "solid",
    accent: str = "white",
    random: np.random.Generator | None = None,
    scale: float = 1.0,
) -> Skin:
    """The skin of a part in a named color, material and pattern.

    Args:
        color: a name in COLORS; covers more of the surface than any other.
        material: a name in MATERIALS.
        pattern: a name in PATTERNS.
        accent: the second color of the pattern.
        random: draws the sizes of the pattern; needed where there is one.
        scale: factor on the size of the pattern.
    """
    made, base = MATERIALS[material], linear(COLORS[color].rgb)
    tile, period = None, 0.1
    if pattern != "solid":
        if random is None:
            raise ValueError(f"the pattern '{pattern}' needs a random generator")
        tile, period = PATTERNS[pattern].draw(base, linear(COLORS[accent].rgb), random)
    return Skin(
        color=base,
        tile=tile,
        period=period * scale,
        relief=made.relief,
        depth=made.depth,
        grain=made.grain,
        gloss=made.gloss,
        metal=made.metal,
        sheen=made.sheen * (0.5 if max(base) > 0.5 else 1.0),
    )


Linear = tuple[float, float, float]


def _mix(base: Linear, accent: Linear, share: NDArray[np.floating]) -> Field:
    low, high = np.asarray(base, np.float32), np.asarray(accent, np.float32)
    return np.asarray(low + (high - low) * np.clip(share, 0, 1)[..., None], dtype=np.float32)


def _bands(share: float, size: int = _PIXELS) -> Field:
    """1 within a share of the tile around its middle, with soft ends."""
    at = np.arange(size, dtype=np.float32) / size
    return np.asarray(np.clip((share / 2 - np.abs(at - 0.5)) * size * 0.5 + 0.5, 0, 1), dtype=np.float32)


def _stripes(base: Linear, accent: Linear, random: np.random.Generator) -> Tile:
    band = _bands(float(random.uniform(0.22, 0.36)))
    return _mix(base, accent, np.repeat(band[:, None], _PIXELS, 1)), float(random.uniform(0.045, 0.1))


def _pinstripes(base: Linear, accent: Linear, random: np.random.Generator) -> Tile:
    band = _bands(float(random.uniform(0.12, 0.22))) * 0.85
    return _mix(base, accent, np.repeat(band[None, :], _PIXELS, 0)), float(random.uniform(0.025, 0.045))


def _checks(base: Linear, accent: Linear, random: np.random.Generator) -> Tile:
    band = _bands(0.28)
    share = (band[None, :] + band[:, None]) / 2
    return _mix(base, accent, share), float(random.uniform(0.04, 0.075))


def _plaid(base: Linear, accent: Linear, random: np.random.Generator) -> Tile:
    wide, thin = _bands(0.2), np.roll(_bands(0.045), _PIXELS // 2)
    row = 0.6 * wide + 0.9 * thin
    share = (row[None, :] + row[:, None]) * 0.5
    dark = np.roll(_bands(0.11), _PIXELS // 4)
    weave = _mix(base, accent, share) * (1 - 0.4 * np.maximum(dark[None, :], dark[:, None]))[..., None]
    return weave.astype(np.float32), float(random.uniform(0.11, 0.17))


def _dots(base: Linear, accent: Linear, random: np.random.Generator) -> Tile:
    image = Image.new("L", (_PIXELS * 2, _PIXELS * 2))
    draw = ImageDraw.Draw(image)
    radius = _PIXELS * 2 * float(random.uniform(0.13, 0.18))
    for x, y in ((0, 0), (1, 0), (0, 1), (1, 1), (0.5, 0.5)):
        at = (x * _PIXELS * 2, y * _PIXELS * 2)
        draw.ellipse([at[0] - radius, at[1] - radius, at[0] + radius, at[1] + radius], fill=255)
    return _mix(base, accent, np.asarray(image.reduce(2), np.float32) / 255), float(
        random.uniform(0.045, 0.085)
    )


def _floral(base: Linear, accent: Linear, random: np.random.Generator) -> Tile:
    size = _PIXELS * 3
    image = Image.new("RGB", (size, size))
    mask = Image.new("L", (size, size))
    draw, cover = ImageDraw.Draw(image), ImageDraw.Draw(mask)

    def blot(x: float, y: float, radius: float, tone: tuple[int, int, int]) -> None:
        for across in (-size, 0, size):
            for down in (-size, 0, size):
                spot = [x + across - radius, y + down - radius, x + across + radius, y + down + radius]
                draw.ellipse(spot, fill=tone)
                cover.ellipse(spot, fill=255)

    light = np.asarray(accent)
    petal_tones = [tuple(int(v * 255) for v in light * f) for f in (1.0, 0.82, 0.66)]
    count = 7
    spots = [(i % 3 + (0.5 if i // 3 % 2 else 0.0), i // 3) for i in range(count + 2)]
    for column, row in spots:
        x = (column + random.uniform(0.2, 0.6)) * size / 3
        y = (row + random.uniform(0.2, 0.6)) * size / 3
        radius, turn = size * float(random.uniform(0.03, 0.055)), float(random.uniform(0, 6.3))
        for leaf in (1, 2):
            angle = turn + leaf * 2.2
            for step in (1.7, 2.2, 2.6):
                blot(
                    x + np.cos(angle) * radius * step,
                    y + np.sin(angle) * radius * step,
                    radius * 0.42,
                    (24, 62, 30),
                )
        tone = petal_tones[int(random.integers(0, 3))]
        for petal in range(5):
            angle = turn + petal * 1.2566
            blot(
                x + np.cos(angle) * radius,
                y + np.sin(angle) * radius,
                radius * 0.72,
                (tone[0], tone[1], tone[2]),
            )
        blot(x, y, radius * 0.42, (205, 140, 24))
    share = np.asarray(mask.reduce(2), np.float32)[..., None] / 255
    flowers = np.asarray(image.reduce(2), np.float32) / 255
    tile = np.asarray(base, np.float32) * (1 - share) + flowers * share
    return tile.astype(np.float32), float(random.uniform(0.17, 0.26))


def _heather(base: Linear, accent: Linear, random: np.random.Generator) -> Tile:
    fibres = noise(40, -0.7)[::2, ::2]
    smear = (fibres + np.roll(fibres, 1, 1) + np.roll(fibres, 2, 1)) / 1.7
    tone = np.clip(1 + (0.24 if max(base) < 0.4 else 0.1) * smear, 0.4, 1.8)[..., None]
    return (np.asarray(base, np.float32) * tone).astype(np.float32), 0.34


def _camo(base: Linear, accent: Linear, random: np.random.Generator) -> Tile:
    hills = [noise(index, 1.4)[::2, ::2] - 0.8 * noise(index, 2.2)[::2, ::2] for index in (41, 42)]
    light, dark = (np.clip((hill - np.quantile(hill, 0.76)) * 14, 0, 1) for hill in hills)
    tile = _mix(base, accent, 0.4 * light.astype(np.float32))
    return (tile * (1 - 0.6 * dark)[..., None]).astype(np.float32), float(random.uniform(0.4, 0.55))


def _zigzag(base: Linear, accent: Linear, random: np.random.Generator) -> Tile:
    at = np.arange(_PIXELS, dtype=np.float32) / _PIXELS
    ridge = np.abs(((at * 2) % 1) - 0.5)[None, :]
    wave = np.abs(((at[:, None] + ridge) % 1) - 0.5)
    return _mix(base, accent, np.clip((0.15 - wave) * _PIXELS * 0.4 + 0.5, 0, 1)), float(
        random.uniform(0.07, 0.11)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A pattern with the words a shopper would use."""

    en: str  # as it stands in a title; "" for plain
    zh: str
    draw: Callable[[Linear, Linear, np.random.Generator], Tile]


PATTERNS: Final[Mapping[str, Pattern]] = {
    "solid": Pattern(en="", zh="纯色", draw=_heather),
    "striped": Pattern(en="striped", zh="条纹", draw=_stripes),
    "pinstriped": Pattern(en="pinstriped", zh="细条纹", draw=_pinstripes),
    "checked": Pattern(en="checked", zh="格纹", draw=_checks),
    "plaid": Pattern(en="plaid", zh="苏格兰格", draw=_plaid),
    "dotted": Pattern(en="polka dot", zh="波点", draw=_dots),
    "floral": Pattern(en="floral", zh="碎花", draw=_floral),
    "heathered": Pattern(en="heathered", zh="麻花", draw=_heather),
    "camouflage": Pattern(en="camouflage", zh="迷彩", draw=_camo),
    "zigzag": Pattern(en="zigzag", zh="锯齿纹", draw=_zigzag),
}
