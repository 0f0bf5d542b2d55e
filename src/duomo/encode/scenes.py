"""Where a clip cuts from one scene to the next, and which of its frames stand for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from duomo.arrays import Vectors
from duomo.encode.colors import color_histogram
from duomo.guard.clips import Clip

# Chosen on drawn turntables of the seeds 0 to 9; tests/encode/test_video.py tests on others.
_LEAST_CHANGE: Final = 0.03  # 1 - cosine of the color histograms of two neighbours; turning: up to 0.02
_OVER_USUAL: Final = 8.0  # a cut changes so many times more than the frames around it do; turning: up to 8
_AROUND: Final = 6  # frames before and behind that say what is usual


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """One frame that stands for a part of its clip."""

    place: int  # in the clip's frames
    scene: int  # from 0
    seconds: float  # how much of the clip it stands for


def scene_starts(histograms: Vectors) -> tuple[int, ...]:
    """The places where a scene begins; the first is 0.

    A frame begins a scene where its colors differ from those of the frame before, by more than a floor and by
    several times the median of the differences around: a product that turns, or a hand-held camera, changes
    every frame a little. A slow fade is no cut.

    Args:
        histograms: (n,) rows of length 1, in order of time; n above 0.

    >>> red, blue = np.eye(2, dtype=np.float32)
    >>> scene_starts(np.stack([red, red, red, blue, blue]))
    (0, 3)
    """
    change = 1 - np.einsum("ij,ij->i", histograms[1:], histograms[:-1])
    starts = [0]
    for place, size in enumerate(change):
        around = np.delete(change[max(place - _AROUND, 0) : place + _AROUND + 1], min(place, _AROUND))
        usual = float(np.median(around)) if around.size else 0.0
        if size > max(_LEAST_CHANGE, _OVER_USUAL * usual):
            starts.append(place + 1)
    return tuple(starts)


def picked(times_s: Sequence[float], seconds: float, starts: Sequence[int], most: int) -> tuple[Pick, ...]:
    """At most `most` frames: one of each scene, the longest ones first, then more, evenly spaced.

    Frames beyond one a scene go to the scene whose frames stand for the most seconds each (D'Hondt's method),
    never more than it has. Each frame is the one nearest to the middle of the part that it stands for.

    Args:
        times_s: (n,) seconds of the frames, rising, n above 0.
        seconds: where the last frame ends.
        starts: as `scene_starts` gives them.
        most: at least 1.

    Returns:
        In order of time.

    >>> [(pick.place, pick.scene, pick.seconds) for pick in picked([0, 1, 2, 3, 4, 5], 6, [0, 4], 3)]
    [(1, 0, 2.0), (3, 0, 2.0), (5, 1, 2.0)]
    """
    ends = [*starts[1:], len(times_s)]
    spans = [(first, end) for first, end in zip(starts, ends, strict=True)]
    borders_s = [times_s[first] for first in starts] + [seconds]
    lengths_s = [max(end - begin, 0.0) for begin, end in pairwise(borders_s)]
    longest = sorted(range(len(spans)), key=lambda scene: (-lengths_s[scene], scene))
    shares = dict.fromkeys(longest[:most], 1)
    for _ in range(most - len(shares)):
        open_scenes = [scene for scene in shares if shares[scene] < spans[scene][1] - spans[scene][0]]
        if not open_scenes:
            break
        shares[max(open_scenes, key=lambda scene: (lengths_s[scene] / shares[scene], -scene))] += 1
    return tuple(
        Pick(place=place, scene=scene, seconds=lengths_s[scene] / share)
        for scene, share in sorted(shares.items())
        for place in _spread(times_s, spans[scene], borders_s[scene], lengths_s[scene], share)
    )


def sampled(clip: Clip, most: int) -> tuple[Pick, ...]:
    """The frames of a clip that stand for it, at most `most`; see `picked`."""
    starts = scene_starts(color_histogram([frame.pixels for frame in clip.frames]))
    return picked([frame.at_s for frame in clip.frames], clip.seconds, starts, most)


def _spread(
    times_s: Sequence[float], span: tuple[int, int], begin_s: float, length_s: float, share: int
) -> list[int]:
    """`share` different places of the span, each the nearest to the middle of its part that is left."""
    places: list[int] = []
    for part in range(share):
        middle_s = begin_s + length_s * (part + 0.5) / share
        first = places[-1] + 1 if places else span[0]
        last = span[1] - (share - part - 1)  # leaves one place for each part to come
        places.append(min(range(first, last), key=lambda place: (abs(times_s[place] - middle_s), place)))
    return places
