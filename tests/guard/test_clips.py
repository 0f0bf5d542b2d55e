import os
from collections.abc import Callable
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from random import Random
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from PIL import Image

from duomo.arrays import Pixels
from duomo.errors import BadClip, MissingFile
from duomo.guard.clips import MOST_FRAMES, open_clip
from duomo.guard.containers import Limits

av = pytest.importorskip("av", reason="clips need PyAV: pip install 'duomo[clips]'")

WriteClip = Callable[..., bytes]


def ramp(count: int, width: int = 64, height: int = 48) -> list[Pixels]:
    """Frames that grow lighter, red above and blue below."""
    frames = []
    for level in np.linspace(60, 240, count):
        frame = np.zeros((height, width, 3), np.uint8)
        frame[: height // 2, :, 0] = level
        frame[height // 2 :, :, 2] = level
        frames.append(frame)
    return frames


@pytest.fixture(scope="module")
def clips(write_clip: WriteClip) -> dict[str, bytes]:
    """The same second and a half in every container and coding that matters."""
    frames = ramp(18)
    return {
        "mp4 h264": write_clip(frames),
        "mp4 mpeg4": write_clip(frames, codec="mpeg4"),
        "mov mjpeg": write_clip(frames, format="mov", codec="mjpeg", pixels="yuvj420p"),
        "webm vp8": write_clip(frames, format="webm", codec="libvpx"),
        "mkv h264": write_clip(frames, format="matroska"),
        "avi mpeg4": write_clip(frames, format="avi", codec="mpeg4"),
        "ts mpeg2": write_clip(frames, format="mpegts", codec="mpeg2video", rate=25),
        "gif": write_clip(frames, format="gif", codec="gif", pixels="rgb8", rate=10),
    }


def test_every_common_kind_gives_its_frames_with_their_times(clips: dict[str, bytes]) -> None:
    for name, body in clips.items():
        clip = open_clip(body)
        times = [frame.at_s for frame in clip.frames]
        assert (clip.width, clip.height) == (64, 48), name
        assert 0.6 < clip.seconds < 1.9, name
        assert times[0] == 0, name
        assert all(0.05 < later - earlier < 0.25 for earlier, later in pairwise(times)), name
        first, last = clip.frames[0].pixels, clip.frames[-1].pixels
        assert first.dtype == np.uint8
        assert last[:20, :, 0].mean() > first[:20, :, 0].mean() + 80, name
        assert last[:20, :, 2].mean() < 60 < last[30:, :, 2].mean(), name


def test_frames_are_shrunk_to_the_side_that_is_wanted(clips: dict[str, bytes]) -> None:
    assert {frame.pixels.shape for frame in open_clip(clips["mp4 h264"], side=32).frames} == {(24, 32, 3)}


def test_a_long_clip_gives_evenly_spaced_frames_and_never_too_many(write_clip: WriteClip) -> None:
    clip = open_clip(write_clip(ramp(900, 32, 32), rate=12))
    assert clip.seconds == pytest.approx(75, abs=0.1)
    assert MOST_FRAMES / 3 < len(clip.frames) < MOST_FRAMES
    gaps = np.diff([frame.at_s for frame in clip.frames])
    assert gaps.max() < 2 * gaps.min()
    assert clip.frames[-1].at_s > 74


def test_a_clip_that_a_phone_held_upright_stands_upright(write_clip: WriteClip) -> None:
    body = bytearray(write_clip(ramp(6)))
    one = (1 << 16).to_bytes(4, "big")
    upright = one + bytes(12) + one  # the display matrix of the track's header, as far as it turns
    at = body.rindex(upright, 0, body.index(b"mdia"))
    minus = (-(1 << 16)).to_bytes(4, "big", signed=True)
    body[at : at + len(upright)] = bytes(4) + one + bytes(4) + minus + bytes(4)  # a quarter turn clockwise
    clip = open_clip(bytes(body))
    assert (clip.width, clip.height) == (48, 64)
    pixels = clip.frames[-1].pixels
    assert pixels.shape == (64, 48, 3)
    assert pixels[:, 30:, 0].mean() > 150 > 60 > pixels[:, :20, 0].mean()  # red, once above, is on the right


def test_limits_are_held_and_named(clips: dict[str, bytes], tmp_path: Path) -> None:
    body = clips["mp4 h264"]
    path = tmp_path / "turn.mp4"
    path.write_bytes(body)
    with pytest.raises(BadClip, match=r"turn\.mp4: the clip is larger than the limit of 0\.001 MB"):
        open_clip(path, limits=Limits(mb=0.001))
    with pytest.raises(BadClip, match=r"turn\.mp4: the clip is longer than the limit of 0\.5 s"):
        open_clip(path, limits=Limits(seconds=0.5))
    with pytest.raises(BadClip, match=r"longer than 0 s to decode"):
        open_clip(body, limits=Limits(decode_s=0))
    for name, body in clips.items():
        with pytest.raises(BadClip, match="64 x 48 pixels a frame are more than the limit"):
            open_clip(body, limits=Limits(megapixels=0.002))
        assert open_clip(body, limits=Limits(megapixels=0.01)), name


def test_what_is_no_clip_is_refused_whatever_it_is_called(tmp_path: Path, write_clip: WriteClip) -> None:
    photo = BytesIO()
    Image.new("RGB", (32, 32), "red").save(photo, "JPEG")
    sound = BytesIO()
    with av.open(sound, "w", format="wav") as container:
        stream = container.add_stream("pcm_s16le", rate=16000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1600), np.int16), format="s16", layout="mono")
        frame.sample_rate = 16000
        container.mux(stream.encode(frame))
    playlist = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n"
    told = {
        "photo.mp4": (photo.getvalue(), "not a clip of a known kind"),
        "sound.mp4": (sound.getvalue(), "no moving pictures"),
        "list.mp4": (playlist, "not a clip of a known kind"),
        "concat.mp4": (b"ffconcat version 1.0\nfile /etc/hostname\n", "not a clip of a known kind"),
        "text.mp4": (b"a clip of a mug\n" * 100, "not a clip of a known kind"),
        "empty.mp4": (b"", "the clip is empty"),
    }
    for name, (body, problem) in told.items():
        (tmp_path / name).write_bytes(body)
        with pytest.raises(BadClip, match=rf"{name}: .*{problem}"):
            open_clip(tmp_path / name)
    renamed = tmp_path / "clip.jpg"
    renamed.write_bytes(write_clip(ramp(6)))
    assert len(open_clip(renamed).frames) > 1


def test_a_missing_file_a_folder_and_an_endless_pipe_are_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match="no such clip"):
        open_clip(tmp_path / "gone.mp4")
    with pytest.raises(BadClip, match="not a file"):
        open_clip(tmp_path)
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(BadClip, match="not a file"):
        open_clip(tmp_path / "pipe.mp4")


def test_a_clip_that_jumps_to_the_end_of_time_is_too_long(write_clip: WriteClip) -> None:
    file = BytesIO()
    with av.open(file, "w", format="matroska") as container:
        stream = container.add_stream("mpeg4", rate=12)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        for pts in (0, 12 * 86_400):
            frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
            frame.pts = pts
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with pytest.raises(BadClip, match="longer than the limit of 120 s"):
        open_clip(file.getvalue())


def opens_or_is_refused(body: bytes) -> None:
    started = perf_counter()
    try:
        clip = open_clip(body, side=32, limits=Limits(megapixels=0.1, seconds=30, decode_s=2))
    except BadClip:
        pass
    else:
        assert 1 <= len(clip.frames) <= MOST_FRAMES
        assert clip.seconds > 0
        assert all(max(frame.pixels.shape[:2]) <= 32 for frame in clip.frames)
    assert perf_counter() - started < 8


@pytest.mark.slow
@examples(max_examples=25)
@given(chance=st.randoms(use_true_random=False))
def test_damaged_clips_never_do_worse_than_being_refused(clips: dict[str, bytes], chance: Random) -> None:
    for original in clips.values():
        body = bytearray(original)
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(body) if chance.random() < 0.5 else min(len(body), 400))
            match chance.randrange(3):
                case 0:
                    body[at : at + 4] = chance.choice([b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff"])
                case 1:
                    del body[at : at + chance.randint(1, 200)]
                case _:
                    body[at] = chance.randrange(256)
        opens_or_is_refused(bytes(body))


@pytest.mark.slow
def test_clips_cut_short_anywhere_never_do_worse_than_being_refused(clips: dict[str, bytes]) -> None:
    for name, body in clips.items():
        for tenths in range(10):
            opens_or_is_refused(body[: len(body) * tenths // 10])
        if name.startswith(("mp4", "mov")):
            with pytest.raises(BadClip):
                open_clip(body[: len(body) // 2])


@pytest.mark.slow
def test_nothing_is_said_on_the_screen_about_a_broken_clip(
    clips: dict[str, bytes], capfd: pytest.CaptureFixture[str]
) -> None:
    body = bytearray(clips["mkv h264"])
    body[len(body) // 2 :: 7] = bytes(len(body[len(body) // 2 :: 7]))
    opens_or_is_refused(bytes(body))
    assert capfd.readouterr() == ("", "")
