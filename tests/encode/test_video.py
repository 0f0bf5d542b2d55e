"""Clips of drawn products on a turntable: where their scenes are, and which product they show."""

from collections.abc import Callable
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from duomo.arrays import Pixels
from duomo.catalog.sample.families import draw
from duomo.catalog.sample.look import Shot
from duomo.catalog.sample.plan import plan_product
from duomo.encode.hashed_picture import HashedPicture
from duomo.encode.scenes import picked, scene_starts
from duomo.encode.video import ClipEncoder, pooled
from duomo.guard.clips import Clip, Frame, open_clip

RATE = 12  # frames a second
SEED = 41  # of a shop that no threshold was chosen on
WriteClip = Callable[..., bytes]


@cache
def product(index: int) -> Pixels:
    """The main picture of a drawn product before a white wall."""
    plan = plan_product(index, SEED)
    return draw(plan.family, plan.look(plan.colors[0]), Shot()).finish(np.random.default_rng(index))


def turntable(pixels: Pixels, seconds: float, *, side: int = 160) -> list[Pixels]:
    """A product that turns while the camera comes nearer and rolls: no two frames alike."""
    random = np.random.default_rng(3)
    image = Image.fromarray(pixels)
    frames = []
    for turn in np.linspace(0, 2 * np.pi, round(seconds * RATE), endpoint=False):
        tall = side * (0.9 + 0.12 * np.sin(turn / 2))
        small = image.resize((round(tall * (0.72 + 0.28 * np.cos(turn))), round(tall)))
        scene = Image.new("RGB", (side, side), "white")
        scene.paste(small, ((side - small.width) // 2, (side - small.height) // 2))
        rolled = np.asarray(scene.rotate(4 * np.sin(turn), Image.Resampling.BILINEAR, fillcolor="white"))
        lit = rolled * (1 + 0.03 * np.sin(turn)) + random.normal(0, 2, rolled.shape)
        frames.append(np.clip(lit, 0, 255).astype(np.uint8))
    return frames


def clip_of(*colors: tuple[int, int, int]) -> Clip:
    """A frame of each color, a second each."""
    frames = [Frame(pixels=np.full((8, 8, 3), color, np.uint8), at_s=at) for at, color in enumerate(colors)]
    return Clip(frames=tuple(frames), seconds=float(len(colors)), width=8, height=8)


@pytest.mark.slow
def test_scenes_are_found_where_they_were_cut(write_clip: WriteClip) -> None:
    found = planted = right = 0
    for first in range(0, 18, 3):
        seconds = (1.5, 2.5, 2.0)
        scenes = [turntable(product(first + n), length) for n, length in enumerate(seconds)]
        clip = open_clip(write_clip([frame for scene in scenes for frame in scene], rate=RATE))
        picks = ClipEncoder(HashedPicture()).see(clip).picks
        edges = [clip.frames[pick.place].at_s for pick in picks]
        assert len(picks) <= 8
        assert sum(pick.seconds for pick in picks) == pytest.approx(clip.seconds)
        assert edges == sorted(edges)
        begins = {pick.scene for pick in picks}
        found += len(begins)
        planted += len(scenes)
        # A frame belongs to the scene that it was drawn in.
        bounds = np.cumsum(seconds)
        right += [pick.scene for pick in picks] == [int(np.searchsorted(bounds, at, "right")) for at in edges]
    assert found == planted
    assert right == 6


@pytest.mark.slow
def test_a_turntable_is_one_scene_and_lies_nearest_to_its_own_product(write_clip: WriteClip) -> None:
    tower = HashedPicture()
    encoder = ClipEncoder(tower)
    pictures = tower.encode([product(index) for index in range(18)])
    for index in range(0, 18, 3):
        clip = open_clip(write_clip(turntable(product(index), 2.0), rate=RATE))
        seen = encoder.see(clip)
        assert {pick.scene for pick in seen.picks} == {0}
        assert len(seen.picks) == 8
        assert int(np.argmax(pictures @ seen.vector)) == index
        assert int(np.argmax(pictures @ encoder.encode([clip])[0])) == index


@pytest.mark.slow
def test_of_a_clip_with_several_products_the_best_frame_shows_the_one_asked_for(
    write_clip: WriteClip,
) -> None:
    tower = HashedPicture()
    scenes = [turntable(product(index), 1.5) for index in (1, 6, 11)]
    clip = open_clip(write_clip([frame for scene in scenes for frame in scene], rate=RATE))
    seen = ClipEncoder(tower).see(clip)
    for scene, index in enumerate((1, 6, 11)):
        pick, cosine = seen.best(tower.encode([product(index)])[0])
        assert pick.scene == scene
        assert scene * 1.5 <= clip.frames[pick.place].at_s < (scene + 1) * 1.5
        assert cosine > 0.7


def test_a_clip_of_one_frame_has_the_vector_of_that_picture() -> None:
    clip = clip_of((200, 30, 30))
    tower = HashedPicture()
    row = ClipEncoder(tower).encode([clip])
    assert row[0].tolist() == pytest.approx(tower.encode([clip.frames[0].pixels])[0].tolist(), abs=1e-6)


def test_no_clips_give_no_rows_of_the_right_width() -> None:
    assert ClipEncoder(HashedPicture()).encode([]).shape == (0, HashedPicture().card.dim)


def test_the_card_says_that_clips_are_compared_with_pictures_but_seen_in_their_own_way() -> None:
    picture = HashedPicture().card
    few, many = ClipEncoder(HashedPicture(), 4).card, ClipEncoder(HashedPicture(), 8).card
    assert few.space == many.space == picture.space
    assert len({few.hash, many.hash, picture.hash}) == 3


def test_a_longer_scene_weighs_more_in_the_vector_of_a_clip() -> None:
    clip = clip_of((220, 20, 20), (220, 20, 20), (220, 20, 20), (20, 20, 220))
    tower = HashedPicture()
    red, blue = tower.encode([clip.frames[0].pixels, clip.frames[3].pixels])
    vector = ClipEncoder(tower, most_frames=2).encode([clip])[0]
    assert vector.tolist() == pytest.approx(pooled(np.stack([red, blue]), [3, 1]).tolist(), abs=1e-6)
    assert vector @ red > vector @ blue


@given(
    gaps=st.lists(st.floats(0.05, 3), min_size=1, max_size=40),
    most=st.integers(1, 12),
    seed=st.integers(0, 99),
)
def test_picks_rise_in_time_are_no_more_than_allowed_and_stand_for_all_that_is_shown(
    gaps: list[float], most: int, seed: int
) -> None:
    times = [0.0, *np.cumsum(gaps).tolist()]
    seconds = times[-1] + 0.5
    random = np.random.default_rng(seed)
    starts = [0, *sorted(random.choice(range(1, len(times)), min(5, len(gaps)), replace=False).tolist())]
    picks = picked(times, seconds, starts, most)
    assert len(picks) == min(most, len(times))
    assert all(one.place < other.place and one.scene <= other.scene for one, other in pairwise(picks))
    assert all(starts[pick.scene] <= pick.place < [*starts[1:], len(times)][pick.scene] for pick in picks)
    if most >= len(starts):
        assert {pick.scene for pick in picks} == set(range(len(starts)))
        assert sum(pick.seconds for pick in picks) == pytest.approx(seconds)


def test_one_frame_or_none_that_changes_is_one_scene() -> None:
    one = np.eye(3, dtype=np.float32)[:1]
    assert scene_starts(one) == (0,)
    assert scene_starts(np.repeat(one, 9, axis=0)) == (0,)
