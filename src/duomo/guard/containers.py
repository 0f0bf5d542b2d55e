"""Clip and sound files as libav reads them: their own bytes alone, of known kinds, before a deadline."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final, Literal

from duomo.errors import BadClip, BadSound, DuomoError, MissingFile
from duomo.extras import needs

if TYPE_CHECKING:
    from av.container import InputContainer

Kind = Literal["clip", "sound"]

# libav's names of what people's phones, browsers and cameras write. Whatever names other files or addresses
# (playlists, HLS, DASH, concat) is not among them.
_FORMATS: Final = "mov,matroska,avi,mpegts,mpeg,flv,ogg,gif,mp3,flac,wav,aac,aiff,amr,caf"
# What libav's own calls and PyAV's conversions raise for hostile bytes.
_BROKEN: Final = (ArithmeticError, AttributeError, LookupError, MemoryError, OSError, TypeError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a clip or a sound may be at most."""

    mb: float = 60.0  # millions of bytes
    seconds: float = 120.0
    megapixels: float = 9.0  # of one frame; 4K has 8.3
    decode_s: float = 20.0  # how long opening and decoding may take


def refusal(kind: Kind, problem: str, *, remedy: str) -> DuomoError:
    """The error that says what is wrong with a clip or a sound."""
    return (BadClip if kind == "clip" else BadSound)(problem, remedy=remedy)


def whole(source: Path | str | bytes, kind: Kind, limits: Limits) -> bytes:
    """The bytes of a file, or those given, if they are no more than the limit.

    Raises:
        MissingFile: there is no such file.
        BadClip, BadSound: there are more bytes or none, or it is no plain file (a pipe may never end), or the
            system does not let it be read.
    """
    name = "" if isinstance(source, bytes) else f"{source}: "
    limit = int(limits.mb * 1e6)
    if isinstance(source, bytes):
        body = source[: limit + 1]
    else:
        path = Path(source)
        try:
            if not path.exists():
                raise MissingFile(f"{path}: no such {kind}", remedy="Correct the path")
            if not path.is_file():
                raise refusal(kind, f"{path}: not a file", remedy=f"Name a {kind} file")
            with path.open("rb") as file:
                body = file.read(limit + 1)
        except (OSError, ValueError) as error:  # ValueError: the name itself is impossible
            problem = f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})"
            raise refusal(kind, problem, remedy="Check its name and its permissions") from error
    if len(body) > limit:
        problem = f"{name}the {kind} is larger than the limit of {limits.mb:g} MB"
        raise refusal(kind, problem, remedy="Make it smaller or shorter")
    if not body:
        raise refusal(kind, f"{name}the {kind} is empty", remedy="Record it again")
    return body


class Watch:
    """How much of the time for one file is left."""

    def __init__(self, kind: Kind, limits: Limits) -> None:
        self._kind, self._limits = kind, limits
        self._deadline = monotonic() + limits.decode_s

    @property
    def over(self) -> bool:
        """Whether the time is used up."""
        return monotonic() > self._deadline

    def check(self, at_s: float) -> None:
        """Raise BadClip or BadSound where the time is used up, or a place lies beyond the limit."""
        if self.over:
            problem = f"the {self._kind} takes longer than {self._limits.decode_s:g} s to decode"
            raise refusal(self._kind, problem, remedy="Make it smaller or shorter")
        if not at_s <= self._limits.seconds:
            problem = f"the {self._kind} is longer than the limit of {self._limits.seconds:g} s"
            raise refusal(self._kind, problem, remedy="Cut it shorter")


class _Bytes(BytesIO):
    """A file that ends when its time does, so that no parser runs on it for ever."""

    def __init__(self, body: bytes, watch: Watch) -> None:
        super().__init__(body)
        self._watch = watch

    def read(self, size: int | None = -1, /) -> bytes:
        return b"" if self._watch.over else super().read(size)


@contextmanager
def opened(body: bytes, kind: Kind, limits: Limits, watch: Watch) -> "Iterator[InputContainer]":
    """The file as libav reads it; whatever libav raises in the body is a refusal of the file.

    Raises:
        BadClip, BadSound: the bytes are of no known kind, damaged, cut short, or took too long.
        MissingExtra: PyAV is not installed.
    """
    with needs("clips", to=f"open this {kind}"):
        import av
    options = {
        "format_whitelist": _FORMATS,
        "protocol_whitelist": "",  # nothing but these bytes, whatever address they name
        # Before a frame is allocated, the margins that decoders add included: so not the limit itself.
        "max_pixels": str(int(limits.megapixels * 2e6) + 100_000),
    }
    known = False
    try:
        with av.open(_Bytes(body, watch), mode="r", options=options) as container:
            known = True
            for stream in (one for one in container.streams.video if one.codec_context):
                stream.codec_context.options = {"max_pixels": options["max_pixels"]}
            yield container
    except (av.error.FFmpegError, *_BROKEN) as error:
        watch.check(0.0)
        problem = f"the {kind} is damaged or cut short" if known else f"not a {kind} of a known kind"
        remedy = "Save it again as MP4 or WebM" if kind == "clip" else "Save it again as WAV, MP3 or Opus"
        raise refusal(kind, problem, remedy=remedy) from error
