"""Boots and heels from the side, toe to the left."""

from dataclasses import replace

import numpy as np

from duomo.catalog.sample.canvas import Canvas, Skin, linear
from duomo.catalog.sample.geometry import Knot, curve, ribbon, rounded
from duomo.catalog.sample.look import Look, closer
from duomo.catalog.sample.palette import skin_of
from duomo.catalog.sample.parts import THIN, Pull, button, creases, drape, panel, seam, stitches, tube
from duomo.catalog.sample.sneakers import BLACK_RUBBER, ground_shadow, inside_of

Random = np.random.Generator


def draw_boot(canvas: Canvas, look: Look, random: Random) -> None:
    """Chelsea with elastic, laced, or knee-high; flat or on a block heel."""
    kind = look.cut["form"]
    tall = {"chelsea": 0.36, "lace-up": 0.42, "knee-high": 0.74}[kind]
    closer(canvas, {"chelsea": 1.3, "lace-up": 1.2, "knee-high": 0.98}[kind])
    ground = tall * 0.5 + 0.06
    heel_high = float(random.uniform(0.035, 0.05)) + (0.04 if kind == "knee-high" else 0.0)
    toe, heel = (-0.33, 0.22) if kind != "knee-high" else (-0.28, 0.19)
    arch = ground - heel_high
    top = ground - tall - 0.06
    ground_shadow(canvas, ground, toe, heel)
    skin, plain = look.skin(random), look.plain()
    neck = heel - float(random.uniform(0.24, 0.26)) + (0.02 if kind == "knee-high" else 0.0)
    lean = 0.02 if kind != "knee-high" else 0.035
    upper: list[Knot] = [
        (toe, ground - 0.022),
        (toe + 0.01, ground - 0.085),
        (toe + 0.1, ground - 0.125),
        (neck - 0.03, ground - 0.185 - heel_high * 0.5),
        (neck + 0.012, ground - 0.27 - heel_high * 0.4),
        (neck - lean * 0.6, (top + ground) / 2 - 0.12),
        (neck - lean, top + 0.004, 1),
        ((neck + heel) / 2, top - 0.008 if kind != "lace-up" else top + 0.006),
        (heel - 0.022 + lean * 0.6, top + 0.006, 1),
        (heel - 0.03, (top + ground) / 2 - 0.08),
        (heel - 0.016, ground - 0.14),
        (heel - 0.004, arch - 0.006),
        (heel - 0.06, arch + 0.008),
        (0.02, arch + 0.012),
        (-0.1, ground - 0.016),
        (toe + 0.12, ground - 0.014),
    ]
    rim: list[Knot] = [
        (neck - lean, top + 0.012),
        ((neck + heel) / 2, top - 0.022),
        (heel - 0.022 + lean * 0.6, top + 0.01),
        ((neck + heel) / 2, top + 0.04),
    ]
    panel(canvas, curve(rim), skin_of("brown", "suede"), puff=THIN, tone=0.5, shadow=0.0)
    pulls = [
        Pull(
            start=(neck + 0.02, ground - 0.24),
            toward=(heel, ground - 0.21),
            count=7,
            length=0.14,
            spread=0.35,
            height=0.017,
            scatter=0.035,
        ),
        Pull(
            start=(toe + 0.15, ground - 0.12),
            toward=(toe + 0.17, ground),
            count=4,
            length=0.07,
            spread=0.4,
            height=0.012,
        ),
    ]
    if kind == "knee-high":
        pulls.append(
            Pull(
                start=(neck + 0.02, ground - 0.42),
                toward=(heel, ground - 0.4),
                count=5,
                length=0.12,
                spread=0.3,
                height=0.014,
                scatter=0.06,
            )
        )
    folds = np.asarray(creases(canvas, random, pulls) + drape(canvas, random, height=0.003))
    body = curve(upper)
    panel(canvas, body, skin, puff=((0.06, 0.095), (0.022, 0.026), (0.007, 0.006)), folds=folds, shadow=0.2)
    inside = inside_of(canvas, body)
    if kind == "chelsea":
        gore: list[Knot] = [
            ((neck + heel) / 2 - 0.055, top, 1),
            ((neck + heel) / 2 + 0.05, top, 1),
            ((neck + heel) / 2 + 0.012, ground - 0.2),
            ((neck + heel) / 2 - 0.025, ground - 0.2),
        ]
        elastic = replace(
            skin_of("black" if look.color != "black" else "grey", "nylon"),
            relief="rib",
            depth=0.4,
            grain=0.06,
            gloss=0.0,
        )
        panel(
            canvas, curve(gore), elastic, puff=((0.05, 0.06),), within=inside, shadow=0.2, shadow_radius=0.005
        )
        loop = curve(
            [
                (heel - 0.03, top + 0.05),
                (heel - 0.012, top - 0.03),
                (heel - 0.045, top - 0.03),
                (heel - 0.05, top + 0.04),
            ],
            closed=False,
        )
        tube(canvas, loop, 0.016, plain)
    elif kind == "lace-up":
        front = [
            (neck - lean + 0.035, top + 0.02),
            (neck + 0.04, ground - 0.28),
            (neck - 0.01, ground - 0.19),
            (toe + 0.16, ground - 0.13),
        ]
        seam(canvas, curve([(x, y) for x, y in front], closed=False), width=1.3, depth=0.45)
        cap = curve(
            [(toe + 0.11, ground - 0.13), (toe + 0.14, ground - 0.07), (toe + 0.13, ground - 0.02)],
            closed=False,
        )
        quarter = curve(
            [(heel - 0.02, ground - 0.16), (heel - 0.1, ground - 0.13), (heel - 0.14, arch)], closed=False
        )
        seam(canvas, cap, quarter, width=1.2, depth=0.4)
        lace = skin_of("black" if look.color != "black" else "camel", "cotton")
        for step in range(7):
            t = step / 6
            x = np.interp(t, [0, 0.45, 1], [toe + 0.19, neck + 0.01, neck - lean + 0.01])
            y = np.interp(t, [0, 0.45, 1], [ground - 0.165, ground - 0.26, top + 0.03])
            tube(
                canvas,
                curve(
                    [(float(x) - 0.02, float(y) - 0.012), (float(x) + 0.036, float(y) + 0.014)], closed=False
                ),
                0.012,
                lace,
                shadow=0.4,
            )
            button(
                canvas,
                float(x) + 0.04,
                float(y) + 0.016,
                0.006,
                Skin(color=linear((170, 140, 80)), gloss=0.3),
            )
    else:
        back = curve(
            [(heel - 0.035, top + 0.02), (heel - 0.05, ground - 0.3), (heel - 0.035, ground - 0.12)],
            closed=False,
        )
        seam(canvas, back, width=1.2, depth=0.35)
    _boot_sole(canvas, random, toe=toe, heel=heel, ground=ground, arch=arch, lug=kind == "lace-up")


def _boot_sole(
    canvas: Canvas, random: Random, *, toe: float, heel: float, ground: float, arch: float, lug: bool
) -> None:
    """A thin welted sole and a stacked heel, or a thick one with lugs."""
    dark = Skin(color=BLACK_RUBBER if lug or random.random() < 0.6 else linear((92, 58, 36)), gloss=0.05)
    thick = 0.04 if lug else 0.022
    sole: list[Knot] = [
        (toe - 0.012, ground - thick - 0.008),
        (toe + 0.14, ground - thick + 0.008),
        (-0.06, ground - thick + 0.004),
        (0.04, arch + 0.002),
        (heel + 0.004, arch - 0.004, 1),
        (heel + 0.004, arch + 0.016, 1),
        (0.05, arch + 0.026),
        (-0.06, ground, 1),
        (toe + 0.08, ground),
        (toe - 0.012, ground - 0.016),
    ]
    panel(canvas, curve(sole), dark, puff=((0.007, 0.01),), shadow=0.35, shadow_radius=0.007)
    block: list[Knot] = [
        (heel - 0.135, arch + 0.012, 1),
        (heel + 0.004, arch + 0.01, 1),
        (heel - 0.004, ground, 1),
        (heel - 0.12, ground, 1),
    ]
    panel(canvas, curve(block), dark, puff=((0.02, 0.026),), shadow=0.3, shadow_radius=0.008)
    welt = curve(
        [
            (toe + 0.0, ground - thick - 0.003),
            (toe + 0.14, ground - thick + 0.013),
            (-0.06, ground - thick + 0.01),
        ],
        closed=False,
    )
    stitches(canvas, welt, color=linear((200, 150, 84)), length=0.007)
    if lug:
        for x in np.arange(toe + 0.05, -0.05, 0.045):
            seam(canvas, np.array([[x, ground - 0.014], [x + 0.004, ground + 0.002]]), width=2.4, depth=0.6)


def draw_heels(canvas: Canvas, look: Look, random: Random) -> None:
    """A pump in profile: stiletto, block or kitten heel; pointed or almond toe; some with an ankle strap."""
    high = {"stiletto": 0.3, "block-heel": 0.22, "kitten-heel": 0.13}[look.cut["heel"]]
    ground = high * 0.5 + 0.07
    toe, heel = -0.40, 0.34
    ground_shadow(canvas, ground, toe, heel - 0.02)
    skin, plain = look.skin(random), look.plain()
    seat = ground - high
    pointed = random.random() < 0.6
    far: list[Knot] = [
        (-0.16, ground - 0.1),
        (0.06, seat - 0.03 + high * 0.25),
        (heel - 0.04, seat - 0.1),
        (heel - 0.02, seat - 0.02),
        (0.1, seat + high * 0.35),
    ]
    panel(canvas, curve(far), skin_of("beige", "leather"), puff=THIN, tone=0.72, shadow=0.0)
    shoe: list[Knot] = [
        (toe - (0.02 if pointed else 0.0), ground - 0.016, 1 if pointed else 0),
        (toe + 0.06, ground - (0.055 if pointed else 0.075)),
        (toe + 0.17, ground - 0.092 - high * 0.06),
        (toe + 0.215, ground - 0.098 - high * 0.1, 1),
        (-0.06, ground - 0.05 - high * 0.25),
        (0.08, seat - 0.004 + high * 0.28),
        (0.22, seat - 0.04 + high * 0.05),
        (heel - 0.035, seat - 0.118, 1),
        (heel + 0.004, seat - 0.06),
        (heel + 0.002, seat + 0.006),
        (heel - 0.08, seat + 0.03),
        (0.1, seat + 0.07 + high * 0.36),
        (-0.08, ground - 0.014 - high * 0.02),
        (-0.2, ground - 0.002),
        (toe + 0.1, ground - 0.004),
    ]
    spike: list[Knot]
    if look.cut["heel"] == "block-heel":
        spike = [
            (heel - 0.125, seat + 0.02, 1),
            (heel + 0.003, seat - 0.01),
            (heel - 0.006, ground, 1),
            (heel - 0.105, ground, 1),
        ]
    else:
        thin = 0.022 if look.cut["heel"] == "stiletto" else 0.034
        spike = [
            (heel - 0.12, seat + 0.022),
            (heel + 0.003, seat - 0.02),
            (heel - 0.012, seat + high * 0.45),
            (heel - 0.026, ground, 1),
            (heel - 0.026 - thin, ground, 1),
            (heel - 0.055, seat + high * 0.4),
        ]
    panel(canvas, curve(spike), plain, puff=((0.014, 0.03),), shadow=0.1)
    panel(canvas, curve(shoe), skin, puff=((0.035, 0.055), (0.012, 0.014)), shadow=0.3)
    edge = curve([(k[0], k[1]) for k in shoe[3:8]], closed=False)
    tube(canvas, edge, 0.009, plain, shadow=0.2)
    under = curve(
        [
            (toe + 0.0, ground - 0.008),
            (-0.2, ground + 0.002),
            (-0.08, ground - 0.008 - high * 0.02),
            (0.1, seat + 0.078 + high * 0.36),
            (heel - 0.1, seat + 0.034),
        ],
        closed=False,
    )
    panel(
        canvas, ribbon(under, (0.008, 0.012, 0.01)), Skin(color=linear((60, 40, 32))), puff=THIN, shadow=0.0
    )
    if random.random() < 0.35:
        strap = curve(
            [
                (heel - 0.02, seat - 0.1),
                (heel - 0.09, seat - 0.15),
                (0.1, seat - 0.14),
                (0.085, seat - 0.115),
                (0.2, seat - 0.1),
                (heel - 0.03, seat - 0.085),
            ],
            closed=False,
        )
        tube(canvas, strap, 0.017, plain, shadow=0.3)
        panel(
            canvas,
            rounded(0.12, seat - 0.13, 0.022, 0.03, 0.004),
            Skin(color=linear((200, 168, 100)), gloss=0.5),
            puff=((0.004, 0.006),),
        )
    if random.random() < 0.2:
        for sign in (-1.0, 1.0):
            bow: list[Knot] = [
                (toe + 0.19, ground - 0.11),
                (toe + 0.19 + sign * 0.05, ground - 0.145),
                (toe + 0.19 + sign * 0.055, ground - 0.095),
            ]
            panel(canvas, curve(bow), plain, puff=((0.01, 0.014),), shadow=0.4)
