import os
import struct
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from duomo.errors import BadSound, MissingFile
from duomo.guard.containers import Limits
from duomo.guard.sounds import RATE, open_sound, resampled

Numbers = NDArray[np.float64]


def tone(rate: int, *, hertz: float = 440, seconds: float = 0.5, loud: float = 0.5) -> Numbers:
    return loud * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)


def wav(
    sound: bytes, *, rate: int = RATE, bits: int = 16, channels: int = 1, coding: int = 1, size: int = -1
) -> bytes:
    """A WAV by hand, so that nothing in it has to be true."""
    frame = channels * bits // 8
    header = struct.pack("<HHIIHH", coding, channels, rate, rate * frame % 2**32, frame, bits)
    body = b"fmt " + struct.pack("<I", len(header)) + header
    body += b"data" + struct.pack("<I", len(sound) if size < 0 else size) + sound
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


def pcm(numbers: Numbers, bits: int) -> bytes:
    if bits == 8:
        return np.round(numbers * 127 + 128).astype(np.uint8).tobytes()
    whole = np.round(numbers * (2 ** (bits - 1) - 1)).astype("<i4")
    return bytes(whole.view(np.uint8).reshape(-1, 4)[:, : bits // 8].tobytes())


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_a_tone_is_the_same_tone_whatever_rate_it_was_recorded_at(rate: int) -> None:
    samples = open_sound(wav(pcm(tone(rate), 16), rate=rate))
    assert samples.dtype == np.float32
    assert samples.size == RATE // 2
    middle = slice(800, -800)  # the cut at the end is a click that rings a little
    assert np.abs(samples - tone(RATE))[middle].max() < 0.01


def test_a_tone_that_the_lower_rate_cannot_hold_vanishes_instead_of_turning_into_another() -> None:
    high = resampled(tone(48_000, hertz=15_000).astype(np.float32), 48_000)
    assert np.abs(high[800:-800]).max() < 0.01


@pytest.mark.parametrize("bits", [8, 16, 24, 32])
def test_every_size_of_a_sample_gives_the_same_sound(bits: int) -> None:
    assert np.abs(open_sound(wav(pcm(tone(RATE), bits), bits=bits)) - tone(RATE)).max() < 0.01


def test_floats_channels_and_the_extensible_header_are_read() -> None:
    assert np.allclose(
        open_sound(wav(tone(RATE).astype("<f4").tobytes(), bits=32, coding=3)), tone(RATE), atol=1e-6
    )
    assert np.allclose(open_sound(wav(tone(RATE).tobytes(), bits=64, coding=3)), tone(RATE), atol=1e-6)
    both = np.stack([tone(RATE), -tone(RATE) / 2], axis=1)
    assert np.allclose(open_sound(wav(pcm(both.ravel(), 16), channels=2)), tone(RATE) / 4, atol=1e-3)
    plain = wav(pcm(tone(RATE), 16))
    header = struct.pack("<HHIIHHHHI", 0xFFFE, 1, RATE, 2 * RATE, 2, 16, 22, 16, 4) + b"\1\0" + bytes(14)
    wide = plain[:16] + struct.pack("<I", len(header)) + header + plain[36:]
    assert open_sound(wide).tolist() == open_sound(plain).tolist()


def test_a_wav_from_a_pipe_whose_length_is_a_lie_is_read_to_its_end() -> None:
    assert open_sound(wav(pcm(tone(RATE), 16), size=0xFFFFFFFF)).size == RATE // 2


def test_floats_beyond_all_bounds_become_numbers_from_minus_one_to_one() -> None:
    wild = np.array([np.nan, np.inf, -np.inf, 1e300, -1e300, 0.5]).astype("<f8").tobytes()
    assert open_sound(wav(wild, bits=64, coding=3)).tolist() == [0, 1, -1, 1, -1, 0.5]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "the sound is empty"),
        (wav(b""), "the file holds no sound"),
        (b"RIFF\4\0\0\0WAVE", "damaged or cut short"),
        (wav(bytes(64), bits=12), "samples of 12 bits"),
        (wav(bytes(64), bits=0), "samples of 0 bits"),
        (wav(bytes(64), channels=0), "0 channels"),
        (wav(bytes(64), rate=0), "of 0 samples a second"),
        (wav(bytes(64), rate=2**32 - 1), "of 4294967295 samples a second"),
        (wav(bytes(2 * RATE * 61)), "longer than the limit of 60 s"),
    ],
)
def test_a_wav_that_is_none_says_what_is_wrong(body: bytes, problem: str) -> None:
    with pytest.raises(BadSound, match=problem):
        open_sound(body)


def test_missing_files_pipes_and_large_ones_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match="no such sound"):
        open_sound(tmp_path / "gone.wav")
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(BadSound, match="not a file"):
        open_sound(tmp_path / "pipe.wav")
    large = tmp_path / "large.wav"
    large.write_bytes(wav(bytes(4000)))
    with pytest.raises(BadSound, match=r"large\.wav: the sound is larger than the limit of 0\.001 MB"):
        open_sound(large, limits=Limits(mb=0.001))


@given(sound=st.binary(max_size=200), start=st.integers(0, 60), junk=st.binary(max_size=8))
def test_damaged_wavs_never_do_worse_than_being_refused(sound: bytes, start: int, junk: bytes) -> None:
    body = bytearray(wav(sound))
    body[start : start + len(junk)] = junk
    if not body.startswith(b"RIFF") or body[8:12] != b"WAVE" or body[20] not in (1, 3):
        return  # that is PyAV's
    try:
        samples = open_sound(bytes(body))
    except BadSound:
        return
    assert np.abs(samples).max() <= 1


def test_without_pyav_another_sound_names_the_line_that_installs_it() -> None:
    code = (
        "import sys; sys.modules['av'] = None\n"  # as an import finds it where it is not installed
        "from duomo.guard.sounds import open_sound\n"
        "try: open_sound(b'OggS' + bytes(60))\n"
        "except Exception as error: print(error)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == (
        "to open this sound, Duomo needs the package 'av', which is not installed. "
        "Run: pip install 'duomo[clips]'.\n"
    )


# What PyAV reads


def encoded(format: str, codec: str, rate: int) -> bytes:
    av = pytest.importorskip("av", reason="sounds that are no WAV need PyAV: pip install 'duomo[clips]'")
    file = BytesIO()
    with av.open(file, "w", format=format) as container:
        stream = container.add_stream(codec, rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(
            (tone(rate) * 32767).astype(np.int16)[None], format="s16", layout="mono"
        )
        frame.sample_rate = rate
        resampler = av.AudioResampler(
            format=stream.format, layout="mono", rate=rate, frame_size=stream.frame_size or None
        )
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            container.mux(stream.encode(piece))
        container.mux(stream.encode())
    return file.getvalue()


KINDS = [
    ("ogg", "libopus", 48_000),
    ("webm", "libopus", 48_000),
    ("mp3", "libmp3lame", 44_100),
    ("mp4", "aac", 44_100),
    ("flac", "flac", 22_050),
    ("wav", "pcm_alaw", 8_000),
]


@pytest.mark.parametrize(("format", "codec", "rate"), KINDS)
def test_what_browsers_and_phones_record_is_heard(format: str, codec: str, rate: int) -> None:
    samples = open_sound(encoded(format, codec, rate))
    assert samples.dtype == np.float32
    assert 0.45 < samples.size / RATE < 0.65  # some codings pad
    middle = samples[2000:6000]
    strongest = np.abs(np.fft.rfft(middle * np.hanning(middle.size))).argmax() * RATE / middle.size
    assert abs(strongest - 440) < 8
    assert 0.3 < np.abs(middle).max() < 0.6


def test_a_sound_that_pyav_reads_is_held_to_the_limits_and_to_what_it_is() -> None:
    body = encoded("ogg", "libopus", 48_000)
    with pytest.raises(BadSound, match=r"longer than the limit of 0\.2 s"):
        open_sound(body, limits=Limits(seconds=0.2))
    with pytest.raises(BadSound, match="longer than 0 s to decode"):
        open_sound(body, limits=Limits(decode_s=0))
    for wrong in (b"#EXTM3U\nfile:///etc/hostname\n", b"a red dress" * 50, bytes(5000)):
        with pytest.raises(BadSound, match="not a sound of a known kind"):
            open_sound(wrong)


@given(place=st.floats(0, 1), junk=st.binary(min_size=1, max_size=40), kind=st.sampled_from(KINDS[:5]))
def test_damaged_recordings_never_do_worse_than_being_refused(
    place: float, junk: bytes, kind: tuple[str, str, int]
) -> None:
    body = bytearray(encoded(*kind))
    at = int(place * len(body))
    body[at : at + len(junk)] = junk
    try:
        samples = open_sound(bytes(body))
    except BadSound:
        return
    assert np.abs(samples).max() <= 1
