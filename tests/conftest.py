"""What every test runs under: no network but this machine's own, real data where it is, repeatable chance."""

import ipaddress
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent

# Commands that name no encoder build with the one that needs no weights: it takes a tenth of the time.
os.environ.setdefault("DUOMO_ENCODER", "hashed")

# derandomize: the same examples everywhere; no deadline: on two busy cores a slow example is no failure.
settings.register_profile("ci", derandomize=True, max_examples=50, deadline=None)
settings.register_profile("deep", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


class NetworkRefused(Exception):
    """A test tried to leave this machine. No OSError: code under test must not take it for bad weather."""


def _refuse_the_network(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else "localhost"  # no tuple: a local socket's path
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    else:
        return
    if not _stays_here(host, asked_only=event.startswith("socket.get")):
        raise NetworkRefused(
            f"a test tried to reach {host}, and tests may talk to this machine only: serve it from 127.0.0.1"
        )


def _stays_here(host: object, *, asked_only: bool) -> bool:
    """Whether reaching a host, or only asking for its address, sends nothing out of this machine."""
    name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback or asked_only
    except ValueError:  # a name; RFC 6761 keeps these two for the machine itself and for nobody
        return name.rpartition(".")[2] in ("localhost", "invalid")


def pytest_configure() -> None:
    # An audit hook sees every socket of the interpreter, whoever opens it, and replaces nothing.
    sys.addaudithook(_refuse_the_network)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data packs: TEST_DATA_DIR, by default ../shared/data beside the repository."""
    folder = Path(os.environ.get("TEST_DATA_DIR") or ROOT.parent / "shared" / "data").resolve()
    if not folder.is_dir():
        pytest.skip(f"the real data is not here: {folder} is no folder; set TEST_DATA_DIR to where it is")
    return folder


@pytest.fixture(scope="session")
def write_clip() -> Callable[..., bytes]:
    """Writes frames, (h, w, 3) RGB each, as a clip; skips where PyAV is not installed."""
    av = pytest.importorskip("av", reason="clips need PyAV: pip install 'duomo[clips]'")

    def write(
        frames: Iterable[NDArray[np.uint8]],
        *,
        format: str = "mp4",
        codec: str = "libx264",
        pixels: str = "yuv420p",
        rate: int = 12,
    ) -> bytes:
        file = BytesIO()
        with av.open(file, "w", format=format) as container:
            stream = container.add_stream(codec, rate=rate)
            stream.pix_fmt = pixels
            for number, frame in enumerate(frames):
                if number == 0:
                    stream.height, stream.width = frame.shape[:2]
                container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
            container.mux(stream.encode())
        return file.getvalue()

    return write


@pytest.fixture(scope="session")
def say() -> Callable[[str], bytes]:
    """Speaks a text as a WAV; skips where espeak-ng or what hears it is not installed."""
    program = shutil.which("espeak-ng")
    if program is None:
        pytest.skip("speech is synthesised by espeak-ng, which is not here (on Debian: apt-get install it)")
    pytest.importorskip("pocketsphinx", reason="hearing needs pocketsphinx: pip install 'duomo[voice]'")

    @cache
    def spoken(text: str) -> bytes:
        command = [program, "-v", "en-us", "-s", "140", "--stdout", text]
        return subprocess.run(command, capture_output=True, check=True).stdout

    return spoken


@pytest.fixture(scope="session")
def no_questions(write_clip: Callable[..., bytes]) -> list[tuple[str, bytes, str]]:
    """What nobody can be answered by: "clip" or "audio", a file, and what is said of it."""
    import av

    hour, frameless = BytesIO(), BytesIO()
    with av.open(hour, "w", format="flac") as container:
        sound = container.add_stream("flac", rate=8000, layout="mono")
        for _ in range(60):
            minute = av.AudioFrame.from_ndarray(np.zeros((1, 480_000), np.int16), format="s16", layout="mono")
            minute.sample_rate = 8000
            container.mux(sound.encode(minute))
        container.mux(sound.encode())
    with av.open(frameless, "w", format="avi") as container:
        stream = container.add_stream("mpeg4", rate=12)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        container.start_encoding()
    frame = np.zeros((64, 64, 3), np.uint8)
    return [
        ("clip", b"", "the clip is empty"),
        ("clip", b"to be filmed", "not a clip of a known kind"),
        ("clip", frameless.getvalue(), "the clip holds no whole frame"),
        ("clip", hour.getvalue(), "the file holds no moving pictures"),
        ("audio", b"", "the sound is empty"),
        ("audio", b"to be said", "not a sound of a known kind"),
        ("audio", hour.getvalue(), "the sound is longer than the limit of 60 s"),
        ("audio", write_clip([frame] * 3), "the file holds no sound"),
    ]
