"""For the room: chairs and cushions."""

from dataclasses import dataclass, replace

import numpy as np

from duomo.catalog.sample.canvas import WORK, Canvas
from duomo.catalog.sample.geometry import Knot, Points, curve, ellipse, ribbon
from duomo.catalog.sample.lathe import stand
from duomo.catalog.sample.look import Look
from duomo.catalog.sample.palette import skin_of
from duomo.catalog.sample.parts import Puff, Pull, creases, drape, panel, seam, tube
from duomo.catalog.sample.textures import Field

Random = np.random.Generator


def draw_cushion(canvas: Canvas, look: Look, random: Random) -> None:
    """Square or round, plump in the middle, pinched at the corners; piping, tassels or buttons by the cut."""
    half = float(random.uniform(0.33, 0.37))
    skin, plain = look.skin(random, scale=1.3), look.plain()
    edge = skin_of(look.accent, look.material) if random.random() < 0.4 and look.pattern == "solid" else plain
    if look.cut["form"] == "round":
        outline = ellipse(0, 0, half, half * 0.97, count=100)
        outline *= (1 + random.normal(0, 0.003, 100))[:, None]
        corners: list[tuple[float, float]] = []
    else:
        e = half * float(random.uniform(0.9, 0.94))
        d = half * 1.02
        knots: list[Knot] = [
            (-d, -d, 1),
            (0.0, -e),
            (d, -d, 1),
            (e, 0.0),
            (d, d, 1),
            (0.0, e),
            (-d, d, 1),
            (-e, 0.0),
        ]
        outline = curve(knots)
        corners = [(x * d, y * d) for x in (-1.0, 1.0) for y in (-1.0, 1.0)]
    low = float(outline[:, 1].max())
    stand(canvas, 0, low - 0.015, half * 0.9, tilt=0.08, strength=0.7, reach=half)
    if look.cut["edge"] == "tassel":
        for x, y in corners:
            for _ in range(9):
                line = curve(
                    [
                        (x, y),
                        (x * 1.03 + float(random.normal(0, 0.012)), y + 0.05),
                        (x * 1.05 + float(random.normal(0, 0.02)), y + 0.1),
                    ],
                    closed=False,
                )
                tube(canvas, line, 0.008, edge, shadow=0.15)
            panel(canvas, ellipse(x * 1.01, y + 0.02, 0.018, 0.02, count=20), edge, puff=((0.006, 0.012),))
    pulls = [
        Pull(
            start=(x * 0.88, y * 0.88),
            toward=(0.0, 0.0),
            count=5,
            length=0.2,
            spread=0.45,
            height=0.014,
            width=0.026,
        )
        for x, y in corners
    ]
    folds = np.asarray(drape(canvas, random, height=0.005))
    if pulls:
        folds = folds + creases(canvas, random, pulls)
    puff: Puff = ((0.14, 0.3), (0.05, 0.05), (0.012, 0.012))
    if look.cut["edge"] == "tufted":
        folds = folds + _tufts(canvas, half)
    panel(canvas, outline, skin, puff=puff, folds=folds, shadow=0.2)
    if look.cut["edge"] == "piped":
        tube(canvas, np.concatenate([outline, outline[:2]]), 0.017, edge, shadow=0.15)
    if look.cut["edge"] == "tufted":
        for x, y in _spots(half):
            panel(canvas, ellipse(x, y, 0.015, 0.015, count=20), plain, puff=((0.005, 0.009),), shadow=0.5)


def _spots(half: float) -> list[tuple[float, float]]:
    return [(0.0, 0.0), *((x * half * 0.45, y * half * 0.45) for x in (-1.0, 1.0) for y in (-1.0, 1.0))]


def _tufts(canvas: Canvas, half: float) -> Field:
    """Heights (WORK, WORK), in pixels, of the hollows that buttons pull into a cushion."""
    pixel = np.arange(WORK, dtype=np.float32) + np.float32(0.5)
    x, y = canvas.view.unplace(pixel[None, :], pixel[:, None])
    total = np.zeros((WORK, WORK), np.float32)
    for cx, cy in _spots(half):
        far = np.hypot(x - np.float32(cx), y - np.float32(cy))
        total -= np.exp(-far / np.float32(0.045))
    return np.asarray(total * np.float32(0.042 * canvas.view.scale), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Eye:
    """Where one stands before a chair: turned to its left by an angle and above it by another, radians."""

    turn: float
    above: float

    def see(self, *places: tuple[float, float, float]) -> Points:
        """Design points of room positions (x right, y up, z toward the viewer)."""
        x, y, z = np.array(places, dtype=np.float64).T
        across = x * np.cos(self.turn) + z * np.sin(self.turn)
        depth = z * np.cos(self.turn) - x * np.sin(self.turn)
        return np.stack([across, depth * np.sin(self.above) - y * np.cos(self.above) + 0.42], 1)


def draw_chair(canvas: Canvas, look: Look, random: Random) -> None:
    """Shell, upholstered or slatted; four legs of wood or metal; seen from the front at an angle."""
    see = Eye(float(random.uniform(0.42, 0.6)), float(random.uniform(0.2, 0.28))).see
    w, d = float(random.uniform(0.21, 0.235)), float(random.uniform(0.2, 0.22))
    seat, back = float(random.uniform(0.4, 0.43)), float(random.uniform(0.8, 0.87))
    skin, plain = look.skin(random, scale=1.2), look.plain()
    wood = {"oak": ("camel", 1.15), "walnut": ("brown", 1.0), "black": ("black", 1.0)}[look.cut["legs"]]
    timber = replace(skin_of(wood[0], "wood"), grain=0.2)
    splay = float(random.uniform(0.02, 0.05))
    middle = see((0.0, 0.0, 0.0))[0]
    stand(canvas, float(middle[0]), float(middle[1]) - 0.005, 0.19, tilt=0.3, strength=0.3, reach=0.3)
    feet = [
        (-w - splay, -d - splay),
        (w + splay, -d - splay),
        (-w - splay, d + splay),
        (w + splay, d + splay),
    ]
    for x, z in feet:
        spot = see((x, 0.0, z))[0]
        stand(canvas, float(spot[0]), float(spot[1]), 0.022, tilt=0.3, strength=0.6, reach=0.022)
    leg = (0.036, 0.032, 0.024)

    def draw_leg(x: float, z: float) -> None:
        ends = see((x * 0.86, seat - 0.02, z * 0.86), (x, 0.0, z))
        tube(canvas, np.linspace(ends[0], ends[1], 14), leg, timber, shadow=0.12)

    for x, z in feet[:2]:
        draw_leg(x, z)
    slatted = look.cut["back"] == "slatted"
    lean = -0.07
    if slatted:
        for x in (-w * 0.9, w * 0.9):
            post = see((x, seat, -d * 0.92), (x * 0.98, back, -d + lean))
            tube(canvas, np.linspace(post[0], post[1], 14), 0.034, plain, shadow=0.15)
        for share in (0.34, 0.58, 0.84):
            y = seat + (back - seat) * share
            z = -d * 0.92 + (lean - d * 0.08) * share
            slat = see((-w * 0.9, y, z), (0.0, y, z - 0.035), (w * 0.9, y, z))
            line = curve([(float(a), float(b)) for a, b in slat], closed=False)
            tube(canvas, line, 0.062 if share > 0.8 else 0.042, plain, shadow=0.15)
    else:
        low = seat + (0.03 if look.cut["back"] == "shell" else 0.1)
        rim = see(
            (-w * 0.92, low, -d * 0.9),
            (-w * 1.02, (low + back) / 2, -d + lean * 0.5),
            (-w * 0.78, back - 0.02, -d + lean),
            (0.0, back, -d + lean - 0.02),
            (w * 0.78, back - 0.02, -d + lean),
            (w * 1.02, (low + back) / 2, -d + lean * 0.5),
            (w * 0.92, low, -d * 0.9),
            (0.0, low - 0.01, -d - 0.02),
        )
        shape = curve([(float(a), float(b)) for a, b in rim])
        thick = np.array([0.022, -0.006])
        panel(canvas, shape + thick, plain, puff=((0.012, 0.014),), tone=0.62, shadow=0.1)
        folds = drape(canvas, random, height=0.003)
        puff: Puff = (
            ((0.05, 0.07), (0.014, 0.016))
            if look.cut["back"] == "upholstered"
            else ((0.1, -0.07), (0.01, 0.01))
        )
        panel(canvas, shape, skin, puff=puff, folds=folds, shadow=0.25)
        if look.cut["back"] == "upholstered":
            line = (shape - shape.mean(0)) * 0.86 + shape.mean(0)
            seam(canvas, np.concatenate([line, line[:1]]), width=1.4, depth=0.25)
            for x in (-w * 0.6, w * 0.6):
                post = see((x, seat - 0.02, -d * 0.86), (x, low + 0.05, -d))
                tube(canvas, np.linspace(post[0], post[1], 8), 0.03, timber, shadow=0.1)
    rail = 0.055 if look.cut["back"] != "shell" else 0.03
    corners = [(-w, -d), (w, -d), (w, d), (-w, d)]
    top = see(*[(x, seat, z) for x, z in corners])
    under = see(*[(x, seat - rail, z) for x, z in corners])
    side = np.array([under[3], under[2], under[1], top[1], top[0], top[3]])
    box = curve([(float(a), float(b)) for a, b in _round(side)], steps=3)
    frame = timber if slatted and look.cut["seat"] == "padded" else plain
    panel(canvas, box, frame, puff=((0.014, 0.016),), tone=0.66, shadow=0.1)
    pad = curve([(float(a), float(b)) for a, b in _round(top)], steps=4)
    soft: Puff = (
        ((0.05, 0.05), (0.014, 0.016)) if look.cut["seat"] == "padded" else ((0.08, -0.03), (0.008, 0.008))
    )
    lift = np.array([0.0, -0.022 if look.cut["seat"] == "padded" else 0.0])
    if look.cut["seat"] == "padded":
        panel(
            canvas,
            ribbon(np.concatenate([pad + lift * 0.4, (pad + lift * 0.4)[:2]]), 0.03),
            skin,
            puff=((0.008, 0.014),),
            tone=0.85,
            shadow=0.2,
        )
    panel(canvas, pad + lift, skin, puff=soft, folds=drape(canvas, random, height=0.003), shadow=0.25)
    for x, z in feet[2:]:
        ends = see((x * 0.9, seat - rail, z * 0.9), (x, 0.0, z))
        tube(canvas, np.linspace(ends[0], ends[1], 14), leg, timber, shadow=0.15)


def _round(corners: Points) -> Points:
    """Each corner replaced by two points near it, so that a curve through them is rounded."""
    before, after = np.roll(corners, 1, axis=0), np.roll(corners, -1, axis=0)
    share = 0.14
    both = np.stack([corners + (before - corners) * share, corners + (after - corners) * share], 1)
    return np.asarray(both.reshape(-1, 2))
