"""Pictures that are copies of each other: saved again, larger or smaller, cropped, padded, tinted.

Three steps, each on what the one before has left: fingerprints that differ in at most 7 of 64 bits, found by
looking up 16 bits at a time (multi-index hashing: Norouzi, Punjani and Fleet, CVPR 2012); small pictures laid
over each other (Lucas and Kanade, IJCAI 1981; Baker and Matthews, IJCV 2004; with gain and offset); and both
pictures opened again and compared where they overlap, in color. The last is what tells a copy from another
wallet of the same shape, or from the same shirt in another color.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from duomo.arrays import Pixels
from duomo.catalog.health.sights import GRID, Sight, box_of, cut

BITS: Final = 7  # of 64 that the fingerprints of copies may differ in
BLANK: Final = 24.0  # levels of contrast below which a picture shows nothing that could be compared
APART: Final = (
    0.12  # share of the contrast that is left unexplained once two small pictures lie over each other
)
LEVELS: Final = 6.5  # root mean square difference of copies, in levels, once gain and offset are taken out
DETAIL: Final = 0.85  # correlation of the fine detail of copies

_BAND: Final = 16
_AT_ONCE: Final = 2_000
_CROWD: Final = 300  # pictures with one band in common that are looked at
_NEAREST: Final = 3  # of the pictures like one that are laid over it
_FIRST: Final = 0.5  # the same as APART before they are laid over each other
_SURE: Final = 0.04  # where nothing is gained by laying them over each other in another way
_TINT: Final = 24.0  # levels that the mean color of a copy may be shifted in one color against the others
_STEPS: Final = 8
_DROPPED: Final = 3  # steps after which what is still far off is given up:
_FAR: Final = 0.3
_FINE: Final = 64  # pixels of a side, for the last comparison
_GAIN: Final = (0.8, 1.25)  # of one color
_LIGHT: Final = np.array([0.299, 0.587, 0.114], np.float32)

Warp = NDArray[
    np.float32
]  # (4,): width, shift right, height, shift down, where a picture reaches from -1 to 1
Pairs = NDArray[np.int64]  # (m, 2)


def likely(sights: Sequence[Sight]) -> Pairs:
    """(m, 2) places of pictures that may be copies of each other, the smaller place first.

    Time grows with the number of pictures and of those like each other, not with its square.
    """
    shown = np.array([number for number, sight in enumerate(sights) if sight.contrast >= BLANK], np.int64)
    if len(shown) < 2:
        return np.zeros((0, 2), np.int64)
    prints = np.stack([sights[number].prints for number in shown])
    color = np.array([sights[number].color for number in shown], np.float32)
    found: list[Pairs] = []
    for asked, held in ((0, 0), (2, 0), (3, 0), (1, 1)):
        found += neighbours(prints[:, asked], prints[:, held], color)
    pairs: Pairs = shown[nearest(found)]
    return pairs


def laid_over(sights: Sequence[Sight], pairs: Pairs) -> Iterator[tuple[int, int, bool, Warp]]:
    """The pairs whose small pictures agree once one is laid over the other.

    Yields:
        the picture that is warped, the one it is laid over, whether both are without their margins, the warp.
    """
    for start in range(0, len(pairs), _AT_ONCE):
        some = pairs[start : start + _AT_ONCE]
        one, other = (
            soft(np.stack([sights[n].small for n in some[:, k]]).astype(np.float32)) for k in (0, 1)
        )
        tries = [(one[:, k], other[:, k], k == 1, False) for k in (0, 1)]
        tries.append((other[:, 0], one[:, 0], False, True))
        near = np.minimum(*(_unexplained(a, b) for a, b, _, swapped in tries if not swapped)) < _FIRST
        some, best = some[near], np.full(int(near.sum()), np.inf, np.float32)
        kept: list[tuple[int, int, bool, Warp] | None] = [None] * len(some)
        for warped, target, bare, swapped in tries:
            open_still = np.flatnonzero(best > _SURE)
            rest, warps = _align(warped[near][open_still], target[near][open_still])
            for n in np.flatnonzero((rest < APART) & (rest < best[open_still] - 0.003)):
                place = open_still[n]
                best[place] = rest[n]
                a, b = some[place, ::-1] if swapped else some[place]
                kept[place] = (int(a), int(b), bare, warps[n])
        yield from (each for each in kept if each)


def is_copy(warped: Pixels, target: Pixels, bare: bool, warp: Warp) -> bool:
    """Whether two pictures are one, where a warp lays the first over the second.

    Args:
        warped: (h, w, 3), as opened with `sights.SIDE`.
        target: likewise.
        bare: whether the warp is about the pictures without their plain margins.
        warp: from `laid_over`.
    """
    one, other = (cut(each, box_of(each)) if bare else each for each in (warped, target))
    over, there = _sampled(one, warp)
    under = soft(fine(other).transpose(2, 0, 1)).transpose(1, 2, 0)
    over = soft(over.transpose(2, 0, 1)).transpose(1, 2, 0)
    rim = np.concatenate([under[0], under[-1], under[:, 0], under[:, -1]])
    background = np.median(rim, axis=0)
    things = there & (
        (np.abs(under - background).max(axis=2) > 16) | (np.abs(over - background).max(axis=2) > 16)
    )
    if things.sum() < _FINE:
        things = there
    a, b = over[things] - over[things].mean(axis=0), under[things] - under[things].mean(axis=0)
    gain = np.clip((a * b).sum(axis=0) / np.maximum((a * a).sum(axis=0), 1), *_GAIN)
    if np.sqrt(((b - gain * a) ** 2).mean(axis=0)).max() > LEVELS:
        return False
    return correlation(detail(over)[things], detail(under)[things]) >= DETAIL


def copies(sights: Sequence[Sight], pixels: Callable[[int], Pixels]) -> Iterator[tuple[int, int]]:
    """Places of pictures that are copies of each other.

    Args:
        sights: of pictures with different files.
        pixels: place -> the picture, as opened with `sights.SIDE`; called for the few that are alike.
    """
    for one, other, bare, warp in laid_over(sights, likely(sights)):
        if is_copy(pixels(one), pixels(other), bare, warp):
            yield (min(one, other), max(one, other))


def neighbours(
    asked: NDArray[np.uint64], held: NDArray[np.uint64], color: NDArray[np.float32] | None = None
) -> list[Pairs]:
    """(m, 3) place, place, bits: pairs that differ in at most 7 bits, and in color only by a tint."""
    masks = np.array([0, *(1 << bit for bit in range(_BAND))], np.uint16)
    found: list[Pairs] = []
    for band in range(64 // _BAND):
        shift = np.uint64(band * _BAND)
        keys = ((held >> shift) & np.uint64(0xFFFF)).astype(np.uint16)
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        for start in range(0, len(asked), _AT_ONCE):
            some = asked[start : start + _AT_ONCE]
            wanted = (((some >> shift) & np.uint64(0xFFFF)).astype(np.uint16)[:, None] ^ masks).ravel()
            low = np.searchsorted(keys, wanted, "left")
            count = np.minimum(np.searchsorted(keys, wanted, "right") - low, _CROWD)
            one = np.repeat(np.repeat(np.arange(len(some)) + start, len(masks)), count)
            steps = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
            other = order[np.repeat(low, count) + steps]
            bits = np.bitwise_count(asked[one] ^ held[other])
            kept = (bits <= BITS) & (one != other)
            if color is not None:
                shifted = color[one] - color[other]
                kept &= np.abs(shifted - shifted.mean(axis=1, keepdims=True)).max(axis=1) <= _TINT
            one, other = one[kept], other[kept]
            found.append(np.stack([np.minimum(one, other), np.maximum(one, other), bits[kept]], axis=1))
    return found


def nearest(found: Sequence[Pairs]) -> Pairs:
    """(m, 2) each pair once, of those that `neighbours` found: of each picture the few most like it."""
    every = np.concatenate([np.zeros((0, 3), np.int64), *found])
    every = every[np.argsort(every[:, 2], kind="stable")]
    count = int(every[:, :2].max(initial=0)) + 1
    _, first = np.unique(every[:, 0] * count + every[:, 1], return_index=True)
    every = every[np.sort(first)]  # each pair once, the most alike first
    rank = np.minimum(_rank(every[:, 0], count), _rank(every[:, 1], count))
    return np.asarray(every[rank < _NEAREST, :2])


def _rank(places: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """(m,) how often the same place stood before."""
    order = np.argsort(places, kind="stable")
    sorted_places = places[order]
    starts = np.searchsorted(sorted_places, np.arange(count))
    rank = np.empty(len(places), np.int64)
    rank[order] = np.arange(len(places)) - starts[sorted_places]
    return rank


def soft(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """(..., h, w) with what a single pixel says taken out: each is a mean over its neighbours (1, 2, 1)."""
    wide = np.pad(levels, [(0, 0)] * (levels.ndim - 2) + [(1, 1), (1, 1)], mode="edge")
    tall = wide[..., :-2, :] + 2 * wide[..., 1:-1, :] + wide[..., 2:, :]
    return np.asarray((tall[..., :-2] + 2 * tall[..., 1:-1] + tall[..., 2:]) / 16, np.float32)


def _unexplained(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """(m,) share of the contrast of the second that the first, with gain and offset, does not explain."""
    a, b = (each - each.mean(axis=(1, 2), keepdims=True) for each in (one, other))
    gain = (a * b).sum(axis=(1, 2)) / np.maximum((a * a).sum(axis=(1, 2)), 1)
    rest = ((b - gain[:, None, None] * a) ** 2).mean(axis=(1, 2))
    return np.asarray(np.sqrt(rest) / np.maximum(np.sqrt((b * b).mean(axis=(1, 2))), 6), np.float32)


_ACROSS: Final = ((np.arange(GRID, dtype=np.float32) - (GRID - 1) / 2) / (GRID / 2))[None, :]
_DOWN: Final = _ACROSS.T


def _align(
    warped: NDArray[np.float32], target: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What is left unexplained, (m,), and the warps, (m, 4), that lay the first grids over the second."""
    count = len(warped)
    warps = np.tile(np.array([1, 0, 1, 0], np.float32), (count, 1))
    least, best = np.full(count, np.inf, np.float32), warps.copy()
    live = np.arange(count)
    for step in range(_STEPS + 1):
        if not len(live):
            break
        rest, change = _step(warped[live], target[live], warps[live])
        better = rest < least[live]
        least[live[better]], best[live[better]] = rest[better], warps[live[better]]
        warps[live] += np.clip(change, -0.1, 0.1)
        warps[:, [0, 2]] = np.clip(warps[:, [0, 2]], 0.75, 1.34)
        warps[:, [1, 3]] = np.clip(warps[:, [1, 3]], -0.3, 0.3)
        if step == _DROPPED:
            live = live[least[live] < _FAR]
    return least, best


def _step(
    warped: NDArray[np.float32], target: NDArray[np.float32], warps: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What is left unexplained under these warps, and how to change them (Gauss-Newton)."""
    half, count = GRID / 2, len(warped)
    width, right, height, down = (warps[:, k, None, None] for k in range(4))
    x, y = (
        np.clip((c) * half + (GRID - 1) / 2, -9, GRID + 9)
        for c in (width * _ACROSS + right, height * _DOWN + down)
    )
    there = ((x >= 0) & (x <= GRID - 1) & (y >= 0) & (y <= GRID - 1)).astype(np.float32)
    x, y = (np.clip(each, 0, GRID - 1.001) for each in (x, y))
    left, top = x.astype(np.int32), y.astype(np.int32)
    fx, fy = x - left, y - top
    corner = (np.arange(count, dtype=np.int32) * GRID * GRID)[:, None, None] + top * GRID + left
    flat = warped.ravel()
    a, b, c, d = flat[corner], flat[corner + 1], flat[corner + GRID], flat[corner + GRID + 1]
    upper, lower = a + (b - a) * fx, c + (d - c) * fx
    made = upper + (lower - upper) * fy
    slope_x, slope_y = ((b - a) * (1 - fy) + (d - c) * fy) * half, (lower - upper) * half
    weight = there.sum(axis=(1, 2)) + 1e-6
    made = (made - ((made * there).sum(axis=(1, 2)) / weight)[:, None, None]) * there
    wanted = (target - ((target * there).sum(axis=(1, 2)) / weight)[:, None, None]) * there
    gain = (made * wanted).sum(axis=(1, 2)) / np.maximum((made * made).sum(axis=(1, 2)), 1)
    error = wanted - gain[:, None, None] * made
    contrast = np.maximum(np.sqrt((wanted * wanted).sum(axis=(1, 2)) / weight), 6)
    rest = np.sqrt((error * error).sum(axis=(1, 2)) / weight) / contrast
    usable = (weight > 0.7 * GRID * GRID) & (gain > 0.5) & (gain < 2)
    steep_x, steep_y = slope_x * gain[:, None, None] * there, slope_y * gain[:, None, None] * there
    parts = (steep_x * _ACROSS, steep_x, steep_y * _DOWN, steep_y, made, there)
    slopes = np.stack(np.broadcast_arrays(*parts), axis=1).reshape(count, 6, -1)
    normal = slopes @ slopes.transpose(0, 2, 1)
    damping = np.array([3, 3, 3, 3, 1e-4, 1e-4], np.float32)
    normal += np.eye(6, dtype=np.float32) * damping * weight[:, None, None]
    change = np.linalg.solve(normal, slopes @ error.reshape(count, -1, 1))[:, :4, 0]
    return np.where(usable, rest, np.inf).astype(np.float32), change.astype(np.float32)


def _sampled(picture: Pixels, warp: Warp) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """A picture as (_FINE, _FINE, 3) under a warp, and where it reaches to."""
    whole = fine(picture)
    places = (np.arange(_FINE) + 0.5) / _FINE * 2 - 1
    across, down = (warp[k] * places + warp[k + 1] for k in (0, 2))
    for axis, at in ((1, across), (0, down)):
        spots = np.clip((at + 1) / 2 * _FINE - 0.5, 0, _FINE - 1.001)
        first = spots.astype(np.int64)
        share = (spots - first).astype(np.float32).reshape((-1, 1) if axis else (-1, 1, 1))
        one, other = np.take(whole, first, axis), np.take(whole, first + 1, axis)
        whole = one + (other - one) * share
    return whole, (np.abs(down) <= 1)[:, None] & (np.abs(across) <= 1)[None, :]


def fine(picture: Pixels) -> NDArray[np.float32]:
    """(_FINE, _FINE, 3), whatever its shape."""
    return np.asarray(Image.fromarray(picture).resize((_FINE, _FINE), Image.Resampling.BILINEAR), np.float32)


def detail(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """What differs from the surroundings, two pixels away."""
    grey = picture @ _LIGHT
    wide = np.pad(grey, 2, mode="edge")
    around = wide[4:, 2:-2] + wide[:-4, 2:-2] + wide[2:-2, 4:] + wide[2:-2, :-4]
    return np.asarray(grey - around / 4, np.float32)


def correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Of two arrays of one shape; 0 where one of them is flat."""
    a, b = one - one.mean(), other - other.mean()
    return float((a * b).sum() / np.sqrt(max(float((a * a).sum() * (b * b).sum()), 1e-6)))
