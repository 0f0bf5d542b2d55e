"""One photo that was altered: given other colors or another light, mirrored, or with a small sign laid on it.

Both pictures are opened, and the colors of one are mapped to those of the other by the affine map that
explains most of what they show; the seventh of the pixels that it explains worst is left out twice, since a
sign covers a part (least trimmed squares: Rousseeuw, JASA 1984). One photo has the same fine detail after
that; the same shirt photographed again has not.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.arrays import Pixels
from duomo.catalog.health.copies import BLANK, correlation, detail, fine, nearest, neighbours, soft
from duomo.catalog.health.sights import Sight

# Chosen by benchmarks/copies.py --split train.
UNEXPLAINED: Final = 0.15  # of the contrast, once colors are mapped
DETAIL: Final = 0.96  # correlation of the fine detail of one photo
_KEPT: Final = 0.86  # of the pixels that the map is made by
_ROUNDS: Final = 2
_ROUGHLY: Final = 0.25  # UNEXPLAINED of the small grey pictures
_LEVELS: Final = 8.0  # of contrast, at least, that is held against what is left
_STANDS_OUT: Final = 16.0  # levels
_LEAST: Final = 64  # pixels of things; of fewer the whole picture is compared
_AT_ONCE: Final = 2_000
_WHOLE, _CENTRE, _MIRRORED = 0, 4, 5  # places in `Sight.prints`


def altered(sights: Sequence[Sight], pixels: Callable[[int], Pixels]) -> Iterator[tuple[int, int]]:
    """Places of pictures that are one photo, altered; plain copies are among them.

    Args:
        sights: of pictures with different files.
        pixels: place -> the picture, as opened with `sights.SIDE`; called for the few that are alike.
    """
    for mirrored in (False, True):
        for one, other in alike(sights, mirrored):
            warped = pixels(one)
            if is_altered(warped[:, ::-1] if mirrored else warped, pixels(other)):
                yield (one, other)


def alike(sights: Sequence[Sight], mirrored: bool) -> list[tuple[int, int]]:
    """Places of pictures that may be one photo, altered, the smaller place first."""
    shown = np.array([number for number, sight in enumerate(sights) if sight.contrast >= BLANK], np.int64)
    if len(shown) < 2:
        return []
    prints = np.stack([sights[number].prints for number in shown])
    ways = ((_MIRRORED, _WHOLE),) if mirrored else ((_WHOLE, _WHOLE), (_CENTRE, _CENTRE))
    pairs = nearest([each for one, other in ways for each in neighbours(prints[:, one], prints[:, other])])
    found: list[tuple[int, int]] = []
    for start in range(0, len(pairs), _AT_ONCE):
        some = shown[pairs[start : start + _AT_ONCE]]
        one, other = (
            soft(np.stack([sights[n].small[0] for n in some[:, k]]).astype(np.float32)) for k in (0, 1)
        )
        rest = _unexplained(one[:, :, ::-1] if mirrored else one, other)
        found += [(int(a), int(b)) for a, b in some[rest < _ROUGHLY]]
    return found


def is_altered(one: Pixels, other: Pixels) -> bool:
    """Whether two pictures, (h, w, 3) each, are one photo, up to colors and what was laid on it."""
    over, under = (soft(fine(each).transpose(2, 0, 1)).transpose(1, 2, 0) for each in (one, other))
    things = _things(over) | _things(under)
    if things.sum() < _LEAST:
        things = np.ones_like(things)
    colors = np.concatenate([over, np.ones((*over.shape[:2], 1), np.float32)], axis=2)
    a, b = colors[things], under[things]
    kept = np.ones(len(a), bool)
    for step in range(_ROUNDS + 1):
        map_, *_ = np.linalg.lstsq(a[kept], b[kept], rcond=None)
        rest = b - a @ map_
        if step < _ROUNDS:
            far = np.abs(rest).max(axis=1)
            kept = far <= np.quantile(far, _KEPT)
    left = float(np.sqrt((rest[kept] ** 2).mean(axis=0)).max())
    if left > UNEXPLAINED * max(float(b[kept].std(axis=0).max()), _LEVELS):
        return False
    mapped = (colors @ map_).astype(np.float32)
    return correlation(detail(mapped)[things][kept], detail(under)[things][kept]) >= DETAIL


def _things(picture: NDArray[np.float32]) -> NDArray[np.bool_]:
    """What stands out from the color that most of the rim has."""
    rim = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    return np.asarray(np.abs(picture - np.median(rim, axis=0)).max(axis=2) > _STANDS_OUT)


def _unexplained(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """(m,) share of the contrast of the second that the first does not explain, but for the worst pixels."""
    a, b = one.reshape(len(one), -1), other.reshape(len(other), -1)
    weight = np.ones_like(a)
    for step in range(_ROUNDS + 1):
        count = weight.sum(axis=1, keepdims=True)
        off_a, off_b = (each - (each * weight).sum(axis=1, keepdims=True) / count for each in (a, b))
        gain = (off_a * off_b * weight).sum(axis=1) / np.maximum((off_a * off_a * weight).sum(axis=1), 1)
        rest = np.abs(off_b - gain[:, None] * off_a)
        if step < _ROUNDS:
            weight = (rest <= np.quantile(rest, _KEPT, axis=1, keepdims=True)).astype(np.float32)
    left, contrast = (np.sqrt((each**2 * weight).sum(axis=1) / count[:, 0]) for each in (rest, off_b))
    return np.where(gain > 0, left / np.maximum(contrast, _LEVELS), np.inf).astype(np.float32)
