"""Clips from anywhere, opened safely: upright RGB frames with their times, or BadClip."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from duomo.arrays import Pixels
from duomo.errors import BadClip
from duomo.guard.containers import Limits, Watch, opened, whole
from duomo.guard.pixels import turned

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

MOST_FRAMES: Final = 256  # kept of a clip: at 320 pixels 80 MB at most
FIRST_STEP_S: Final = 0.1  # between two frames that are kept; doubled whenever they become too many
CODECS: Final = (
    *("h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "msmpeg4v3", "h263", "flv1"),
    *("mpeg1video", "mpeg2video", "mjpeg", "theora", "prores", "gif"),
)
FALLBACK_RATE: Final = 25.0  # frames a second, where a file says nothing of time
_UPRIGHT: Final = {
    90: 8,
    180: 3,
    270: 6,
}  # degrees counter-clockwise -> the orientation of EXIF that undoes it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """One picture of a clip."""

    pixels: Pixels  # (h, w, 3) RGB, upright
    at_s: float  # seconds from the clip's first frame


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clip:
    """What a clip shows: one frame at least, evenly spaced in time, at most MOST_FRAMES of them."""

    frames: tuple[Frame, ...]  # in order of time
    seconds: float  # to the end of the last frame; above 0
    width: int  # of the original, upright
    height: int


def open_clip(source: Path | str | bytes, *, side: int = 320, limits: Limits | None = None) -> Clip:
    """The frames of a clip, one every tenth of a second, or fewer where the clip is long.

    A clip is MP4, MOV, WebM, Matroska, AVI, MPEG, Ogg, FLV or an animated GIF. Its sound is not read; a
    cover picture of a sound file is no clip. Pixels that are not square are made so.

    Args:
        source: a file, or the bytes of one.
        side: the longest side, in pixels, that is wanted; larger frames are shrunk.
        limits: what the clip may be; default: 60 MB, 120 s, frames of 9 megapixels, 20 s of decoding.

    Raises:
        MissingFile: there is no such file.
        BadClip: it is no clip of a known kind, is damaged, holds no frame, or is larger, longer or slower
            than the limits allow; whatever the bytes are, nothing else is raised.
        MissingExtra: PyAV (the extra `clips`) is not installed.
        ValueError: side is below 1.

    >>> open_clip(b"")
    Traceback (most recent call last):
        ...
    duomo.errors.BadClip: the clip is empty. Record it again.
    """
    if side < 1:
        raise ValueError(f"side must be at least 1, not {side}")
    limits = limits or Limits()
    body = whole(source, "clip", limits)
    watch = Watch("clip", limits)
    try:
        with opened(body, "clip", limits, watch) as container:
            return _looked_at(container, _stream(container, limits), side, limits, watch)
    except BadClip as error:
        if isinstance(source, bytes):
            raise
        raise BadClip(f"{source}: {error.args[0]}", remedy=error.remedy) from error


def _stream(container: "InputContainer", limits: Limits) -> "VideoStream":
    """The first stream of moving pictures, if it is coded in a known way and small enough; raises BadClip."""
    cover = 0x400  # AV_DISPOSITION_ATTACHED_PIC
    moving = [stream for stream in container.streams.video if not int(stream.disposition) & cover]
    if not moving:
        raise BadClip("the file holds no moving pictures", remedy="Name a clip")
    name = moving[0].codec_context.codec.canonical_name
    if name not in CODECS:
        raise BadClip(f"the clip is coded as '{name}'", remedy="Save it again as MP4 or WebM")
    _check_size(moving[0].width, moving[0].height, limits)
    return moving[0]


def _looked_at(
    container: "InputContainer", stream: "VideoStream", side: int, limits: Limits, watch: Watch
) -> Clip:
    """Evenly spaced frames of a stream, spaced wider and wider as the clip goes on."""
    kept: list[Frame] = []
    step_s, due_s, at_s, count = FIRST_STEP_S, 0.0, 0.0, 0
    width = height = 0
    for at_s, frame in _timed(container, stream, watch):
        count += 1
        if at_s < due_s:
            continue
        _check_size(frame.width, frame.height, limits)  # a stream may change its size
        pixels = _pixels(frame, stream, side)
        if not kept:
            width, height = frame.width, frame.height
            if frame.rotation % 180:
                width, height = height, width
        kept.append(Frame(pixels=pixels, at_s=at_s))
        if len(kept) == MOST_FRAMES:
            kept, step_s = kept[::2], step_s * 2
        due_s = kept[-1].at_s + 0.75 * step_s  # not all of it: frames come a little early, too
    if not kept:
        raise BadClip("the clip holds no whole frame", remedy="Save it again as MP4 or WebM")
    spacing_s = at_s / (count - 1) if count > 1 and at_s > 0 else 1 / FALLBACK_RATE
    return Clip(frames=tuple(kept), seconds=at_s + spacing_s, width=width, height=height)


def _timed(
    container: "InputContainer", stream: "VideoStream", watch: Watch
) -> "Iterator[tuple[float, VideoFrame]]":
    """Every whole frame and its seconds from the first one, which never go back."""
    rate = float(stream.average_rate or 0) or FALLBACK_RATE
    start_s: float | None = None
    at_s = 0.0
    for number, frame in enumerate(container.decode(stream)):
        named_s = number / rate if frame.time is None else float(frame.time)
        start_s = named_s if start_s is None else start_s
        at_s = max(at_s, named_s - start_s)
        watch.check(at_s)
        if not frame.is_corrupt:
            yield at_s, frame


def _check_size(width: int, height: int, limits: Limits) -> None:
    """Raise BadClip where a frame has more pixels than the limit, or none."""
    if not 0 < width * height <= limits.megapixels * 1e6:
        problem = (
            f"{width} x {height} pixels a frame are more than the limit of {limits.megapixels:g} million"
        )
        raise BadClip(problem, remedy="Save it with smaller frames")


def _pixels(frame: "VideoFrame", stream: "VideoStream", side: int) -> Pixels:
    """A frame as upright RGB, its longest side at most `side`."""
    aspect = float(stream.sample_aspect_ratio or 1)  # width of a pixel over its height
    aspect = aspect if 0.25 <= aspect <= 4 else 1.0
    width = frame.width * aspect
    scale = min(1.0, side / max(width, frame.height))
    small = frame.reformat(
        width=max(1, round(width * scale)),
        height=max(1, round(frame.height * scale)),
        format="rgb24",
        interpolation="AREA",
    )
    return turned(np.asarray(small.to_ndarray(), np.uint8), _UPRIGHT.get(frame.rotation % 360, 1))
