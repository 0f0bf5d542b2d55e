"""The upper body of a garment, photographed from the front: outline, sleeves, folds, neck."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from duomo.catalog.sample.canvas import Canvas, Skin
from duomo.catalog.sample.geometry import Knot, Points, both, curve, flip, ribbon, rounded
from duomo.catalog.sample.lathe import cast
from duomo.catalog.sample.palette import skin_of
from duomo.catalog.sample.parts import CLOTH, THIN, Puff, Pull, creases, drape, panel, seam
from duomo.catalog.sample.textures import Field

Random = np.random.Generator

SLEEVE: Final = {"sleeveless": 0.0, "short-sleeve": 0.42, "long-sleeve": 1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Torso:
    """The measures of a garment, design units; the right half, from the neck down."""

    neck: float = 0.078  # half the width of the neck hole
    drop: float = 0.05  # how deep the neck hole is cut in front
    vee: bool = False
    top: float = -0.40  # y where the shoulder meets the neck
    shoulder: float = 0.205  # half the width over the shoulders
    slope: float = 0.045  # how much the shoulder falls
    chest: float = 0.203
    armpit: float = -0.165  # y
    waist: float = 0.194
    hem: float = 0.2
    length: float = 0.335  # y of the hem
    curve: float = 0.012  # how much the hem bows
    sleeve: float = 0.42  # 0 none, 1 to the wrist
    cuff: float = 0.056  # half the width of the sleeve's end
    reach: float = 0.16  # how far the arm stands off
    strap: bool = False  # narrow shoulders of a sleeveless cut


def torso(random: Random, base: Torso) -> Torso:
    """A torso like another, with its own small differences."""
    wide = float(random.uniform(0.94, 1.07))
    return replace(
        base,
        shoulder=base.shoulder * wide * float(random.uniform(0.97, 1.04)),
        chest=base.chest * wide,
        waist=base.waist * wide * float(random.uniform(0.95, 1.03)),
        hem=base.hem * wide * float(random.uniform(0.97, 1.05)),
        length=base.length * float(random.uniform(0.96, 1.05)),
        reach=base.reach * float(random.uniform(0.88, 1.12)),
    )


def body_outline(t: Torso) -> Points:
    """The front of the body, with the neck hole cut out of its top."""
    shoulder = (t.shoulder, t.top + t.slope, 1)
    if t.strap:
        shoulder = (t.neck + 0.055, t.top + 0.014, 1)
    tip: Knot = (0.0, t.top + t.drop, 1 if t.vee else 0)
    neck: list[Knot] = [tip, (t.neck * 0.62, t.top + t.drop * (0.42 if t.vee else 0.76)), (t.neck, t.top, 1)]
    half: list[Knot] = [
        *neck,
        shoulder,
        (t.chest * 0.93 if not t.strap else t.neck + 0.05, (t.top + t.armpit) / 2 + 0.03),
        (t.chest, t.armpit, 1),
        (t.waist, (t.armpit + t.length) * 0.46),
        (t.hem, t.length, 1),
        (t.hem * 0.5, t.length + t.curve),
        (0.0, t.length + t.curve * 1.25),
    ]
    return curve(both(half))


def sleeve_outline(t: Torso) -> tuple[Points, Points]:
    """The right sleeve and the line of its end."""
    a = np.array([t.shoulder, t.top + t.slope])
    pit = np.array([t.chest * 0.98, t.armpit])
    arm = np.array([t.reach + 0.20, 0.66])
    arm /= np.linalg.norm(arm)
    side = np.array([arm[1], -arm[0]])
    start = (a + pit) / 2 + side * 0.012
    end = start + arm * (0.06 + 0.46 * t.sleeve)
    half = t.cuff + (0.02 if t.sleeve < 0.6 else 0.0) * (1 - t.sleeve)
    outer, inner = end + side * half, end - side * half
    elbow_out = a + (outer - a) * 0.45 + side * 0.016
    elbow_in = pit + (inner - pit) * 0.45 - side * 0.002
    knots: list[Knot] = [
        (t.neck + 0.05, t.top + 0.05, 1),
        (float(a[0]), float(a[1])),
        (float(elbow_out[0]), float(elbow_out[1])),
        (float(outer[0]), float(outer[1]), 1),
        (float(end[0] + arm[0] * 0.008), float(end[1] + arm[1] * 0.008)),
        (float(inner[0]), float(inner[1]), 1),
        (float(elbow_in[0]), float(elbow_in[1])),
        (float(pit[0]), float(pit[1] + 0.01), 1),
        (t.chest * 0.5, t.armpit - 0.05, 1),
    ]
    return curve(knots), np.stack([outer, end + arm * 0.006, inner])


def sleeve_angle(t: Torso) -> float:
    """How far the right sleeve is turned from upright, radians."""
    return float(-np.arctan2(t.reach + 0.20, 0.66))


def cloth_folds(canvas: Canvas, random: Random, t: Torso, *, depth: float = 1.0) -> Field:
    """The folds of a worn upper garment: slow waves, and pulls from the armpits, the waist and the elbows."""
    pulls: list[Pull] = []
    for sign in (-1.0, 1.0):
        pit, hem = (sign * t.chest * 0.93, t.armpit + 0.02), (sign * t.hem * 0.75, t.length)
        pulls.append(
            Pull(start=pit, toward=(0.0, t.armpit + 0.13), count=7, length=0.19, height=0.02 * depth)
        )
        pulls.append(
            Pull(
                start=hem,
                toward=(sign * t.hem * 0.55, t.armpit),
                count=4,
                length=0.24,
                height=0.016 * depth,
                spread=0.25,
                scatter=0.05,
            )
        )
        if t.sleeve > 0.6:
            bend = (sign * (t.chest + t.reach * 0.42), 0.02)
            pulls.append(
                Pull(start=bend, toward=(0.0, -0.05), count=8, length=0.1, spread=0.9, height=0.022 * depth)
            )
        elif t.sleeve:
            bend = (sign * (t.shoulder + 0.03), t.armpit - 0.05)
            pulls.append(
                Pull(
                    start=bend,
                    toward=(sign * 0.5, 0.2),
                    count=4,
                    length=0.1,
                    spread=0.5,
                    height=0.012 * depth,
                )
            )
    waves = drape(canvas, random, height=0.0055 * depth, wide=0.3, tall=0.5)
    return np.asarray(waves + creases(canvas, random, pulls))


def draw_torso(
    canvas: Canvas,
    random: Random,
    t: Torso,
    skin: Skin,
    *,
    folds: Field,
    lining: Skin,
    puff: Puff = CLOTH,
    cuffs: Skin | None = None,
    cuff_length: float = 0.035,
    hem: bool = True,
    bare_neck: bool = False,
    sleeve_folds: Field | None = None,
) -> None:
    """Shadow on the table, inside of the back, sleeves, body and the seams that join them.

    Args:
        canvas: what is painted on.
        random: the source of small differences.
        t: the measures.
        skin: the outer cloth.
        folds: heights of the cloth.
        lining: what is seen inside the neck.
        puff: how the edges round off.
        cuffs: skin of a band at the end of the sleeves; then the hem has no seam either.
        cuff_length: its width, design units.
        hem: whether hems have seams.
        bare_neck: no inside of the back is painted: a collar or hood covers it.
        sleeve_folds: heights of the sleeves, where they differ from those of the body.
    """
    body = body_outline(t)
    sleeve, end = sleeve_outline(t)
    for shape in [body] if t.sleeve == 0 else [body, sleeve, flip(sleeve)]:
        cast(canvas, shape, strength=0.13, radius=0.02)
    if not bare_neck:
        back: list[Knot] = [
            (0.0, t.top + 0.012),
            (t.neck * 0.6, t.top + 0.006),
            (t.neck + 0.008, t.top - 0.004, 1),
            (t.neck, t.top + t.drop + 0.03),
            (0.0, t.top + t.drop + 0.05),
        ]
        panel(canvas, curve(both(back)), lining, puff=THIN, shadow=0.0, tone=0.62)
    if t.sleeve:
        angle = sleeve_angle(t)
        for sign, shape in ((1.0, sleeve), (-1.0, flip(sleeve))):
            panel(
                canvas,
                shape,
                skin,
                puff=puff,
                folds=folds if sleeve_folds is None else sleeve_folds,
                angle=sign * angle,
                origin=(sign * t.shoulder, t.top),
                shadow=0.2,
            )
            line = end * np.array([sign, 1.0])
            if cuffs is not None:
                band = ribbon(line - _along(t, sign) * cuff_length * 0.5, cuff_length)
                panel(
                    canvas,
                    band,
                    cuffs,
                    puff=((0.012, 0.014),),
                    angle=sign * angle,
                    shadow=0.3,
                    shadow_radius=0.006,
                )
            elif hem:
                seam(canvas, line - _along(t, sign) * 0.018, width=1.0, depth=0.25)
    panel(canvas, body, skin, puff=puff, folds=folds, origin=(0.0, t.top), shadow=0.3, shadow_radius=0.01)
    if t.sleeve:
        hole = curve(
            [
                (t.shoulder, t.top + t.slope, 1),
                (t.chest * 0.93, (t.top + t.armpit) / 2 + 0.03),
                (t.chest, t.armpit, 1),
            ],
            closed=False,
        )
        seam(canvas, hole, flip(hole), width=1.2, depth=0.3)
    if hem and cuffs is None:
        seam(canvas, hem_line(t, 0.018), width=1.0, depth=0.25)


def ribbed(skin: Skin) -> Skin:
    """The same cloth knitted in ribs."""
    return replace(skin, relief="rib", depth=0.3, grain=0.1, tile=None)


def _along(t: Torso, sign: float) -> Points:
    """Unit direction of an arm, from shoulder to wrist."""
    arm = np.array([t.reach + 0.20, 0.66])
    arm /= np.linalg.norm(arm)
    return np.asarray(arm * np.array([sign, 1.0]))


def hem_line(t: Torso, up: float) -> Points:
    """A line parallel to the hem, above it."""
    return curve(
        [
            (-t.hem, t.length - up),
            (-t.hem * 0.5, t.length + t.curve - up),
            (0.0, t.length + t.curve * 1.25 - up),
            (t.hem * 0.5, t.length + t.curve - up),
            (t.hem, t.length - up),
        ],
        closed=False,
    )


def neck_line(t: Torso) -> Points:
    """The edge of the neck hole in front, from left to right."""
    k = 0.42 if t.vee else 0.76
    tip: Knot = (0.0, t.top + t.drop, 1 if t.vee else 0)
    return curve(
        [
            (-t.neck, t.top),
            (-t.neck * 0.62, t.top + t.drop * k),
            tip,
            (t.neck * 0.62, t.top + t.drop * k),
            (t.neck, t.top),
        ],
        closed=False,
    )


def back_line(t: Torso) -> Points:
    """The edge of the neck hole behind."""
    return curve(
        [
            (-t.neck - 0.004, t.top),
            (-t.neck * 0.55, t.top + 0.008),
            (0.0, t.top + 0.012),
            (t.neck * 0.55, t.top + 0.008),
            (t.neck + 0.004, t.top),
        ],
        closed=False,
    )


def neck_band(canvas: Canvas, t: Torso, skin: Skin, *, width: float = 0.022) -> None:
    """A knitted band around the neck hole."""
    panel(
        canvas, ribbon(back_line(t), width * 0.8), ribbed(skin), puff=((0.006, 0.008),), shadow=0.0, tone=0.85
    )
    panel(
        canvas,
        ribbon(neck_line(t), width),
        ribbed(skin),
        puff=((0.006, 0.009),),
        shadow=0.35,
        shadow_radius=0.006,
    )
    tag = rounded(0, t.top + 0.034, 0.034, 0.02, 0.002)
    panel(
        canvas, tag, skin_of("white", "cotton"), puff=THIN, shadow=0.2, tone=0.75
    ) if t.drop > 0.062 else None
