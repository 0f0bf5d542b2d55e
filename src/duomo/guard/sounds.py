"""Sounds from anywhere, opened safely: one channel of 16,000 samples a second, or BadSound."""

import struct
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.errors import BadSound
from duomo.guard.containers import Limits, Watch, opened, whole

Samples = NDArray[np.float32]  # (n,), -1 to 1

RATE: Final = 16_000  # samples a second that recognisers of speech want
SPOKEN: Final = Limits(mb=30.0, seconds=60.0, decode_s=10.0)  # nobody asks a shop for longer than a minute
CODECS: Final = (
    *("opus", "vorbis", "mp3", "mp2", "aac", "flac", "alac", "amrnb", "amrwb", "adpcm_ms", "adpcm_ima_wav"),
    *("pcm_alaw", "pcm_mulaw", "pcm_s8", "pcm_u8", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be"),
    *("pcm_s32le", "pcm_s32be", "pcm_f32le", "pcm_f32be", "pcm_f64le"),
)
_RATES: Final = range(4_000, 192_001)
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
# (coding, bits) -> how NumPy reads a sample, and what it is divided by
_CODINGS: Final = {
    (_PCM, 16): ("<i2", 2.0**15),
    (_PCM, 32): ("<i4", 2.0**31),
    (_FLOAT, 32): ("<f4", 1.0),
    (_FLOAT, 64): ("<f8", 1.0),
}


def open_sound(source: Path | str | bytes, *, limits: Limits = SPOKEN) -> Samples:
    """A sound as one channel of RATE samples a second.

    A plain WAV is read with NumPy alone; any other sound, and the sound of a clip, by PyAV: MP3, M4A, Ogg,
    WebM and Opus as browsers record them, FLAC, AIFF, AMR.

    Args:
        source: a file, or the bytes of one.
        limits: what the sound may be; default: 30 MB, 60 s, 10 s of decoding.

    Returns:
        (n,) float32 from -1 to 1, n above 0.

    Raises:
        MissingFile: there is no such file.
        BadSound: it is no sound of a known kind, is damaged, holds no sample, or is larger, longer or slower
            than the limits allow; whatever the bytes are, nothing else is raised.
        MissingExtra: it is no plain WAV, and PyAV (the extra `clips`) is not installed.

    >>> open_sound(b"")
    Traceback (most recent call last):
        ...
    duomo.errors.BadSound: the sound is empty. Record it again.
    """
    body = whole(source, "sound", limits)
    watch = Watch("sound", limits)
    try:
        plain = _plain_wave(body, watch)
        samples = resampled(*plain) if plain else _decoded(body, limits, watch)
        if not samples.size:
            raise BadSound("the file holds no sound", remedy="Record it again")
    except BadSound as error:
        if isinstance(source, bytes):
            raise
        raise BadSound(f"{source}: {error.args[0]}", remedy=error.remedy) from error
    return samples


def resampled(samples: Samples, rate: int) -> Samples:
    """The same sound at RATE samples a second, by cutting or padding its spectrum.

    Exact for whatever holds no tone above half the lower rate (Oppenheim and Schafer, Discrete-Time Signal
    Processing, section 4.6, there in time instead of frequency). The sound is padded to whole seconds with
    silence, so that both lengths are whole numbers that a fast Fourier transform likes.

    Args:
        samples: (n,).
        rate: of the samples, in samples a second; a whole number.

    Returns:
        (ceil(n * RATE / rate),) float32 from -1 to 1.

    >>> resampled(np.full(8, 0.5, np.float32), RATE).tolist() == [0.5] * 8
    True
    """
    if rate == RATE or not samples.size:
        return np.clip(samples, -1, 1)
    seconds = samples.size // rate + 2  # a second of silence keeps the end from ringing into the beginning
    spectrum = np.fft.rfft(samples, seconds * rate)[: seconds * RATE // 2 + 1]
    made = np.fft.irfft(spectrum, seconds * RATE) * (RATE / rate)
    return np.clip(made[: -(-samples.size * RATE // rate)], -1, 1).astype(np.float32)


def _plain_wave(body: bytes, watch: Watch) -> tuple[Samples, int] | None:
    """The samples of a WAV of plain numbers, its channels averaged, and their rate; None: it is none.

    Read by hand: the standard library knows neither floats nor, before Python 3.12, the extensible header;
    and what a pipe wrote claims a length that it does not have.
    """
    if not (body.startswith(b"RIFF") and body[8:12] == b"WAVE"):
        return None
    header, sound, at = b"", b"", 12
    while at + 8 <= len(body) and not sound:
        name, size = struct.unpack_from("<4sI", body, at)
        chunk = body[at + 8 : at + 8 + size]
        header, sound = (chunk, sound) if name == b"fmt " else (header, chunk if name == b"data" else b"")
        at += 8 + size + size % 2
    if len(header) < 16:
        raise BadSound("the sound is damaged or cut short", remedy="Save it again as WAV, MP3 or Opus")
    coding, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", header)
    if coding == _EXTENSIBLE and len(header) >= 26:
        (coding,) = struct.unpack_from("<H", header, 24)
    if coding not in (_PCM, _FLOAT):
        return None
    if rate not in _RATES or not 1 <= channels <= 32:
        problem = f"the sound has {channels} channels of {rate} samples a second"
        raise BadSound(problem, remedy=f"Save it with one channel of {RATE}")
    frames = len(sound) // (channels * max(bits // 8, 1))
    watch.check(frames / rate)
    numbers = _numbers(sound[: frames * channels * (bits // 8)], coding, bits)
    heard = np.clip(np.nan_to_num(numbers), -1, 1).reshape(frames, channels)
    return heard.mean(axis=1, dtype=np.float32), rate


def _numbers(sound: bytes, coding: int, bits: int) -> Samples:
    """Little-endian samples as float32; raises BadSound for a size that nobody uses."""
    if (coding, bits) == (_PCM, 8):
        return (np.frombuffer(sound, np.uint8).astype(np.float32) - np.float32(128)) / np.float32(128)
    if (coding, bits) == (_PCM, 24):
        wide = np.zeros((len(sound) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(sound, np.uint8).reshape(-1, 3)
        return np.asarray(wide.view("<i4")[:, 0].astype(np.float32) / np.float32(2.0**31))
    if (coding, bits) not in _CODINGS:
        raise BadSound(f"the sound has samples of {bits} bits", remedy="Save it with 16 bits")
    kind, full = _CODINGS[coding, bits]
    with np.errstate(over="ignore", invalid="ignore"):  # a hostile float64 may be more than a float32 holds
        return np.asarray(np.frombuffer(sound, kind).astype(np.float32) / np.float32(full))


def _decoded(body: bytes, limits: Limits, watch: Watch) -> Samples:
    """What PyAV reads; see `open_sound`."""
    with opened(body, "sound", limits, watch) as container:
        from av import AudioResampler

        if not container.streams.audio:
            raise BadSound("the file holds no sound", remedy="Record it again")
        stream = container.streams.audio[0]
        name = stream.codec_context.codec.canonical_name
        if name not in CODECS:
            problem = f"the sound is coded as '{name}'"
            raise BadSound(problem, remedy="Save it again as WAV, MP3 or Opus")
        to_mono = AudioResampler(format="flt", layout="mono", rate=RATE)
        parts: list[Samples] = []
        count = 0
        for frame in chain(container.decode(stream), [None]):  # None: give out what is held back
            for piece in to_mono.resample(frame):
                parts.append(piece.to_ndarray()[0])
                count += parts[-1].size
                watch.check(count / RATE)
    made = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    return np.clip(np.nan_to_num(made), -1, 1).astype(np.float32)
