"""What decides a picture: the product's cut and dress, and how it was photographed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from duomo.catalog.sample.canvas import WORK, Canvas, Light, Skin, backdrop, linear
from duomo.catalog.sample.geometry import View
from duomo.catalog.sample.palette import Rgb, skin_of

BACKDROPS: Mapping[str, tuple[Rgb, str]] = {
    "white": ((252, 252, 252), "plain"),
    "soft white": ((247, 247, 246), "sweep"),
    "grey": ((222, 223, 225), "spot"),
    "grey sweep": ((228, 228, 227), "sweep"),
    "cream": ((240, 233, 221), "sweep"),
    "pale blue": ((219, 229, 236), "spot"),
    "blush": ((241, 224, 219), "sweep"),
    "sage": ((219, 227, 216), "sweep"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One product in one of its colors."""

    color: str  # a name in palette.COLORS
    accent: str = "white"
    pattern: str = "solid"
    material: str = "cotton"
    cut: Mapping[str, str]  # the choices of its family: "sleeve" -> "long"
    shape_seed: int  # everything else about its form; one number for all colors of a product

    def skin(self, random: np.random.Generator, *, scale: float = 1.0) -> Skin:
        """The skin of its main parts."""
        return skin_of(
            self.color, self.material, pattern=self.pattern, accent=self.accent, random=random, scale=scale
        )

    def plain(self) -> Skin:
        """The same without the pattern."""
        return skin_of(self.color, self.material)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """How a picture was taken."""

    backdrop: str = "white"
    zoom: float = 1.0
    roll: float = 0.0  # radians
    dx: float = 0.0  # design units
    dy: float = 0.0
    mirror: bool = False
    lamp: float = -2.3  # radians around the camera's axis; -pi/2 is above
    seed: int = 0  # noise of the camera

    @classmethod
    def of(cls, random: np.random.Generator, *, close: bool = False) -> "Shot":
        """A picture as shops take them: mostly straight and on white; close: a detail from nearer by."""
        names = list(BACKDROPS)
        chances = np.array([0.46, 0.2, 0.07, 0.1, 0.06, 0.04, 0.04, 0.03])
        left = bool(random.random() < 0.75)
        swing = float(random.uniform(0.35, 1.0))
        return cls(
            backdrop=names[int(random.choice(len(names), p=chances))],
            zoom=float(random.uniform(1.25, 1.5) if close else random.uniform(0.9, 1.05)),
            roll=float(random.normal(0, 0.03 if close else 0.008)),
            dx=float(random.normal(0, 0.05 if close else 0.008)),
            dy=float(random.normal(0, 0.05 if close else 0.008)),
            mirror=bool(random.random() < (0.5 if close else 0.12)),
            lamp=float(-np.pi / 2 + (-swing if left else swing)),
            seed=int(random.integers(0, 2**31)),
        )


def table(shot: Shot) -> Canvas:
    """An empty canvas with backdrop, lamp and camera in place."""
    view = View(
        scale=WORK * 0.94 * shot.zoom,
        roll=shot.roll,
        dx=shot.dx * WORK,
        dy=shot.dy * WORK,
        mirror=shot.mirror,
        center=WORK / 2,
    )
    canvas = Canvas(view=view, light=Light.of(shot.lamp, 0.72))
    rgb, kind = BACKDROPS[shot.backdrop]
    backdrop(canvas, linear(rgb), kind=kind)
    return canvas


def closer(canvas: Canvas, factor: float) -> None:
    """Move the camera: what is painted from now on is larger by the factor."""
    canvas.view = replace(canvas.view, scale=canvas.view.scale * factor)
