"""Sound to words at an address: any server that answers like OpenAI's `/v1/audio/transcriptions`.

A shop that uses one sends there what its shoppers say.
"""

import json
import math
import wave
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from time import monotonic
from typing import Final

import httpx
import numpy as np

from duomo.encode.audio import Heard
from duomo.errors import BadSetup
from duomo.guard.sounds import RATE, Samples, resampled

MODEL: Final = "whisper-1"  # where the address names none
_CONNECT_S: Final = 5.0
_LARGEST: Final = 1_000_000  # bytes of an answer
_API: Final = "Check that the address is that of an OpenAI-compatible server, and its model"
_CODES: Final[Mapping[str, str]] = {
    "english": "en",
    "chinese": "zh",
    "mandarin": "zh",
}  # OpenAI spells them out


@dataclass(frozen=True, slots=True)
class Transcripts:
    """An address that turns speech into words."""

    url: str  # whole: https://api.openai.com/v1/audio/transcriptions
    model: str = MODEL
    key: str = field(default="", repr=False)
    answer_s: float = 60.0  # how long one answer may take, all in

    def hear(self, samples: Samples, rate: int = RATE) -> Heard:
        """What was said, in any language that the server knows; see `duomo.encode.audio.Hears`.

        Raises:
            BadSetup: the server cannot be reached, is too slow, refuses, or answers something else.
        """
        if not samples.size:
            return Heard(text="")
        # Only OpenAI's models called whisper, and the servers that copy them, tell the language.
        form = "verbose_json" if "whisper" in self.model.lower() else "json"
        status, answer = self._post(wave_of(resampled(samples, rate)), form)
        if status in (401, 403):
            whose = "key" if self.key else "request: it wants a key"
            raise BadSetup(
                f"{self.url} refuses the {whose} (HTTP {status})",
                remedy="Set DUOMO_OPENAI_KEY to a key that it takes",
            )
        if status != 200:
            raise BadSetup(f"{self.url} gave no transcript (HTTP {status})", remedy=_API)
        try:
            said = json.loads(answer)
            text, language, parts = said["text"], said.get("language") or "", said.get("segments") or []
            heard = Heard(
                text=" ".join(text.split()),
                language=_CODES.get(language.lower(), language),
                confidence=_confidence(parts),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            problem = f"{self.url} answered something else than a transcript"
            raise BadSetup(problem, remedy=_API) from error
        return heard

    def _post(self, sound: bytes, form: str) -> tuple[int, bytes]:
        """Status and answer; raises BadSetup where there is none in time."""
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        deadline = monotonic() + self.answer_s
        waits = httpx.Timeout(self.answer_s, connect=min(_CONNECT_S, self.answer_s))
        late = BadSetup(
            f"{self.url} did not answer in {self.answer_s:g} s", remedy="Check the server, and try again"
        )
        try:
            with (
                httpx.Client(timeout=waits, trust_env=False) as client,
                client.stream(
                    "POST",
                    self.url,
                    headers=headers,
                    data={"model": self.model, "response_format": form},
                    files={"file": ("question.wav", sound, "audio/wav")},
                ) as response,
            ):
                answer = bytearray()
                for part in response.iter_bytes():
                    answer += part
                    if monotonic() > deadline:  # a server that drips is never late for a single part
                        raise late
                    if len(answer) > _LARGEST:
                        raise BadSetup(f"{self.url} answered more than {_LARGEST} bytes", remedy=_API)
                return response.status_code, bytes(answer)
        except httpx.TimeoutException as error:
            raise late from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            remedy = "Start the server, or check the address and the connection"
            raise BadSetup(f"{self.url} cannot be reached ({error})", remedy=remedy) from error


def transcripts_at(address: str, *, key: str = "") -> Transcripts:
    """The recogniser behind an address; nothing is asked yet.

    Args:
        address: `http://host[:port][/v1[/audio/transcriptions]][#model]`; what the path lacks is added.
        key: sent as a bearer token, and neither logged nor kept.

    Raises:
        BadSetup: it is no http or https address, or holds a name or a password.

    >>> transcripts_at("http://127.0.0.1:8080#whisper-large-v3").url
    'http://127.0.0.1:8080/v1/audio/transcriptions'
    """
    shape = "Write it like openai:http://127.0.0.1:8080/v1#model"
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        raise BadSetup(f"'{address}' is no address ({error})", remedy=shape) from error
    if url.userinfo:
        raise BadSetup(f"the address of {url.host} holds a name or a password", remedy="Leave it out")
    if url.scheme not in ("http", "https") or not url.host:
        raise BadSetup(f"'{address}' is no http or https address", remedy=shape)
    path = url.path.rstrip("/")
    if not path.endswith("/audio/transcriptions"):
        path = f"{path or '/v1'}/audio/transcriptions"
    return Transcripts(str(url.copy_with(path=path, fragment=None)), url.fragment or MODEL, key)


def wave_of(samples: Samples) -> bytes:
    """A WAV of 16 bits of (n,) samples from -1 to 1, RATE of them a second."""
    file = BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return file.getvalue()


def _confidence(segments: list[dict[str, float]]) -> float | None:
    """The mean probability of a token, segments weighing as long as they last; None: the server says none."""
    spans = [(part["end"] - part["start"], part["avg_logprob"]) for part in segments if "avg_logprob" in part]
    total_s = sum(length_s for length_s, _ in spans)
    if not total_s > 0:
        return None
    mean = math.exp(min(sum(length_s * logprob for length_s, logprob in spans) / total_s, 0.0))
    return mean if math.isfinite(mean) else None
