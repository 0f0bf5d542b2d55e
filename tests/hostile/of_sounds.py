"""Sounds and clips with headers that lie, and what only looks like one."""

import importlib.util
import struct
from collections.abc import Callable

from drawn import gif, jpeg
from duomo.errors import DuomoError
from duomo.guard.clips import open_clip
from duomo.guard.sounds import RATE, open_sound
from files import refusal
from table import Case

DAMAGED = r"BadSound: the sound is damaged or cut short\. .*"
NO_SOUND = r"BadSound: not a sound of a known kind\. .*"
NO_CLIP = r"BadClip: .*"


def heard(body: bytes) -> str:
    """What is said of a sound; how long it is."""
    try:
        return f"{open_sound(body).size / RATE:.1f} s"
    except DuomoError as error:
        return refusal(error)


def seen(body: bytes) -> str:
    """What is said of a clip; how many frames are kept of it."""
    try:
        return f"{len(open_clip(body).frames)} frames"
    except DuomoError as error:
        return refusal(error)


def sound(name: str, content: Callable[[], bytes], says: str) -> Case:
    """A case of a sound."""
    return Case(name=f"a sound: {name}", make=lambda folder: content(), meet=heard, says=says, most_mb=150)


def clip(name: str, content: Callable[[], bytes], says: str) -> Case:
    """A case of a clip."""
    return Case(name=f"a clip: {name}", make=lambda folder: content(), meet=seen, says=says, most_mb=150)


def wave(
    content: bytes = b"\0\0" * 8000,
    *,
    coding: int = 1,
    channels: int = 1,
    rate: int = 16_000,
    bits: int = 16,
    length: int | None = None,
) -> bytes:
    """A WAV whose header may lie."""
    head = struct.pack("<HHIIHH", coding, channels, rate, rate * 2 % 2**32, 2, bits)
    said = len(content) if length is None else length
    parts = b"fmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", said) + content
    return b"RIFF" + struct.pack("<I", len(parts) + 4) + b"WAVE" + parts


PLAIN = [
    sound("nothing", lambda: b"", r"BadSound: the sound is empty\. .*"),
    sound("the beginning of a WAV alone", lambda: b"RIFF\0\0\0\0WAVE", DAMAGED),
    sound("a WAV that says it is 4 GB", lambda: wave(length=2**32 - 1), r"0\.5 s"),
    sound(
        "a WAV of no samples a second", lambda: wave(rate=0), r"BadSound: the sound has 1 channels of 0 .*"
    ),
    sound("a WAV of 4 billion samples a second", lambda: wave(rate=2**32 - 1), r"BadSound: the sound has .*"),
    sound(
        "a WAV of 65,535 channels", lambda: wave(channels=65_535), r"BadSound: the sound has 65535 channels.*"
    ),
    sound("a WAV of no channels", lambda: wave(channels=0), r"BadSound: the sound has 0 channels.*"),
    sound("a WAV of 0 bits", lambda: wave(bits=0), r"BadSound: .*"),
    sound("a WAV of 65,535 bits", lambda: wave(bits=65_535), r"BadSound: .*"),
    sound(
        "a WAV of 8 hours in 29 MB",
        lambda: wave(b"\x80" * 29_000_000, rate=4_000, bits=8),
        r"BadSound: the sound is longer than the limit of 60 s\. .*",
    ),
    sound(
        "a WAV of 40 MB",
        lambda: wave(b"\0" * 40_000_000),
        r"BadSound: the sound is larger than the limit of 30 MB\. .*",
    ),
    sound(
        "a WAV of not-a-numbers and infinities",
        lambda: wave(
            struct.pack("<3f", float("nan"), float("inf"), -float("inf")) * 4_000, coding=3, bits=32
        ),
        r"0\.8 s",
    ),
    sound(
        "a million empty chunks in a WAV", lambda: b"RIFF\0\0\0\0WAVE" + b"junk\0\0\0\0" * 1_000_000, DAMAGED
    ),
    sound(
        "a chunk of a WAV that ends behind the file",
        lambda: b"RIFF\0\0\0\0WAVE" + b"junk\xff\xff\xff\xff" + wave()[12:],
        DAMAGED,
    ),
]
DECODED = [
    sound("a page", lambda: b"<!doctype html><script>alert(1)</script>", NO_SOUND),
    sound(
        "a list of other addresses", lambda: b"#EXTM3U\n#EXTINF:5,\nhttp://169.254.169.254/latest\n", NO_SOUND
    ),
    sound("a list of files of this machine", lambda: b"ffconcat version 1.0\nfile /etc/passwd\n", NO_SOUND),
    sound(
        "a manifest of DASH",
        lambda: b"<?xml version='1.0'?><MPD><BaseURL>file:///etc/</BaseURL></MPD>",
        NO_SOUND,
    ),
    sound("a sound of MIDI", lambda: b"MThd\0\0\0\6\0\0\0\1\0\x60MTrk", NO_SOUND),
    sound("a picture", lambda: jpeg(), r"BadSound: .*"),
    sound(
        "noise that begins as Ogg does",
        lambda: b"OggS" + bytes((n * 7919) % 256 for n in range(5_000)),
        r"BadSound: .*",
    ),
    sound("noise that begins as FLAC does", lambda: b"fLaC" + b"\xff" * 5_000, r"BadSound: .*"),
    sound(
        "noise that begins as MP3 does",
        lambda: b"ID3\4\0\0\x7f\x7f\x7f\x7f" + b"\xff\xfb" * 3_000,
        r"BadSound: .*",
    ),
    sound(
        "noise that begins as MP4 does",
        lambda: b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + b"\xff\xff\xff\xffmoov" * 500,
        r"BadSound: .*",
    ),
    clip("nothing", lambda: b"", NO_CLIP),
    clip("a page", lambda: b"<html>", NO_CLIP),
    clip("a list of other addresses", lambda: b"#EXTM3U\nhttp://127.0.0.1/a.ts\n", NO_CLIP),
    clip("a GIF that claims 65535 x 65535", lambda: gif(65535, 65535), NO_CLIP),
    clip("noise that begins as WebM does", lambda: b"\x1aE\xdf\xa3" + b"\xff" * 5_000, NO_CLIP),
    clip(
        "boxes of an MP4 inside one another",
        lambda: (
            b"\0\0\0\x18ftypisom\0\0\2\0isomiso2"
            + b"".join(struct.pack(">I4s", 80_000 - 8 * n, b"moov") for n in range(9_999))
        ),
        NO_CLIP,
    ),
    clip("noise that begins as AVI does", lambda: b"RIFF\xff\xff\xff\xffAVI LIST" + b"\xff" * 5_000, NO_CLIP),
]
# What is no plain WAV is read by PyAV, which not everybody has installed.
CASES = [*PLAIN, *(DECODED if importlib.util.find_spec("av") else [])]
