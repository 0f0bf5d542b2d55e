"""Encoders behind an address: any server that answers like OpenAI's `/v1/embeddings`.

A shop that uses one sends its texts there, and its pictures where they are switched on.
"""

import json
import math
import time
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from typing import Final, NoReturn

import httpx
import numpy as np
from PIL import Image

from duomo.arrays import Pixels, Vectors, unit
from duomo.encode.base import EncoderCard, Modality, Towers
from duomo.errors import BadSetup
from duomo.files import hash_bytes

TEXTS: Final = 64  # in one request
PICTURES: Final = 8
LONGEST: Final = 6000  # characters of a text that are sent; OpenAI's models take 8,192 tokens

_CONNECT_S, _ANSWER_S = 5.0, 60.0
_TRIES: Final = 4  # of one request, the first included
_LONGEST_WAIT_S: Final = 20.0  # between two tries, whatever the server asks for
_LARGEST_MB: Final = 64
_BUSY: Final = (429, 500, 502, 503, 504)
_SWITCH: Final = "pictures"  # the part of the query that is Duomo's own, and is not sent
_API: Final = "Check that the address is that of an OpenAI-compatible server, and its model"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that turns texts into vectors."""

    url: str  # whole: https://api.openai.com/v1/embeddings
    model: str = ""  # "": the request names none, and the server takes its own
    key: str = field(default="", repr=False)

    def vectors(self, inputs: Sequence[str]) -> Vectors:
        """(n,) inputs, at least 1 -> (n, dim) float32, of any length, in the order of the inputs.

        A server that is busy (429, 5xx) is asked again up to three times, after what it asks to wait.

        Raises:
            BadSetup: the server cannot be reached, refuses, stays busy, or answers something else.
        """
        body: dict[str, object] = {"input": list(inputs), "encoding_format": "float"}
        if self.model:
            body["model"] = self.model
        for left in reversed(range(_TRIES)):
            status, wait_s, answer = self._post(body)
            if status == 200:
                return self._rows(answer, len(inputs))
            if status not in _BUSY or not left:
                break
            time.sleep(min(_LONGEST_WAIT_S, 0.5 * 2 ** (_TRIES - 1 - left) if wait_s is None else wait_s))
        said = f"HTTP {status}{_said(answer, self.key)}"
        if status in (401, 403):
            raise BadSetup(
                f"{self.url} refuses the {'key' if self.key else 'request: it wants a key'} ({said})",
                remedy="Set DUOMO_OPENAI_KEY to a key that it takes",
            )
        if status in _BUSY:
            remedy = "Wait a while and run it again, or ask for a larger quota"
            raise BadSetup(f"{self.url} was too busy {_TRIES} times ({said})", remedy=remedy)
        raise BadSetup(f"{self.url} gave no vectors ({said})", remedy=_API)

    def _post(self, body: dict[str, object]) -> tuple[int, float | None, bytes]:
        """Status, seconds that the server asks to wait, and what it answered."""
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        try:
            with _client().stream("POST", self.url, json=body, headers=headers) as response:
                answer = bytearray()
                for part in response.iter_bytes():
                    answer += part
                    if len(answer) > _LARGEST_MB * 1e6:
                        self._wrong(f"more than {_LARGEST_MB} MB")
                return response.status_code, _seconds(response.headers.get("retry-after", "")), bytes(answer)
        except httpx.TimeoutException as error:
            problem = f"{self.url} did not answer in {_ANSWER_S:g} s"
            raise BadSetup(problem, remedy="Check the server, and run it again") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            remedy = "Start the server, or check the address and the connection"
            raise BadSetup(f"{self.url} cannot be reached ({error})", remedy=remedy) from error

    def _rows(self, answer: bytes, count: int) -> Vectors:
        """The vectors of an answer, each in the place that its index says."""
        try:
            entries = json.loads(answer)["data"]
            order = sorted(entries, key=lambda entry: entry["index"])
            places = [entry["index"] for entry in order]
            rows = [entry["embedding"] for entry in order]
        except (ValueError, KeyError, TypeError):
            self._wrong("something else than {'data': [{'index', 'embedding'}]}")
        if places != list(range(count)):
            self._wrong(f"vectors for the places {places[:9]} of {count} inputs")
        if not all(isinstance(row, list) and row and len(row) == len(rows[0]) for row in rows):
            self._wrong("vectors that are no lists of numbers of one length")
        if not all(type(number) in (int, float) and math.isfinite(number) for row in rows for number in row):
            self._wrong("vectors with something in them that is no finite number")
        return np.asarray(rows, dtype=np.float32)

    def _wrong(self, what: str) -> NoReturn:
        raise BadSetup(f"{self.url} answered {what}", remedy=_API)


@dataclass(frozen=True, slots=True)
class RemoteText:
    """Words through an endpoint; texts are cut after 6,000 characters."""

    card: EncoderCard
    endpoint: Endpoint

    def encode(self, inputs: Sequence[str]) -> Vectors:
        """(n,) texts -> (n, card.dim) float32 rows of length 1, or of zeros where a text is blank.

        Raises:
            BadSetup: the server fails (see `Endpoint.vectors`), or gives vectors of another dimension.
        """
        rows = np.zeros((len(inputs), self.card.dim), dtype=np.float32)
        wordy = [number for number, text in enumerate(inputs) if text.strip()]
        for start in range(0, len(wordy), TEXTS):
            chosen = wordy[start : start + TEXTS]
            texts = [inputs[number][:LONGEST].encode("utf-8", "replace").decode("utf-8") for number in chosen]
            rows[chosen] = _of_dim(self.card, self.endpoint.vectors(texts))
        return rows


@dataclass(frozen=True, slots=True)
class RemotePicture:
    """Pictures through an endpoint, each as the data URI of a PNG in the place of a text."""

    card: EncoderCard
    endpoint: Endpoint

    def encode(self, inputs: Sequence[Pixels]) -> Vectors:
        """(n,) pictures of any size, (height, width, 3) uint8 RGB -> (n, card.dim) float32 rows of length 1.

        Raises:
            BadSetup: the server fails (see `Endpoint.vectors`), or gives vectors of another dimension.
        """
        rows = np.zeros((len(inputs), self.card.dim), dtype=np.float32)
        for start in range(0, len(inputs), PICTURES):
            uris = [data_uri(pixels) for pixels in inputs[start : start + PICTURES]]
            rows[start : start + len(uris)] = _of_dim(self.card, self.endpoint.vectors(uris))
        return rows


def open_remote(address: str, *, key: str = "") -> Towers:
    """The encoder behind an address, asked for one vector to learn its dimension.

    Args:
        address: `http://host[:port][/v1[/embeddings]][?pictures=1][#model]`. What is missing of the path
            `/v1/embeddings` is added; `?pictures=1` says that the server takes pictures too, as data URIs.
        key: sent as a bearer token, and neither logged nor kept.

    Raises:
        BadSetup: the address is none, or the server fails (see `Endpoint.vectors`).
    """
    endpoint, pictures = _endpoint(address, key)
    text = RemoteText(_card(endpoint, "text", endpoint.vectors(["a"])), endpoint)
    if not pictures:
        return Towers(name=f"openai:{address}", text=text)
    white = np.full((8, 8, 3), 255, dtype=np.uint8)
    picture = RemotePicture(_card(endpoint, "picture", endpoint.vectors([data_uri(white)])), endpoint)
    return Towers(name=f"openai:{address}", text=text, picture=picture)


def data_uri(pixels: Pixels) -> str:
    """A picture, (height, width, 3) uint8 RGB, as `data:image/png;base64,...` (RFC 2397).

    >>> data_uri(np.zeros((1, 1, 3), np.uint8))[:22]
    'data:image/png;base64,'
    """
    body = BytesIO()
    Image.fromarray(pixels).save(body, "PNG", compress_level=1)
    return f"data:image/png;base64,{b64encode(body.getvalue()).decode()}"


def _endpoint(address: str, key: str) -> tuple[Endpoint, bool]:
    """What an address says: where and which model, and whether it takes pictures."""
    shape = "Write it like openai:http://127.0.0.1:8080/v1#model"
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        raise BadSetup(f"'{address}' is no address ({error})", remedy=shape) from error
    if url.scheme not in ("http", "https") or not url.host:
        raise BadSetup(f"'{address}' is no http or https address", remedy=shape)
    if url.userinfo:  # the name of an encoder is kept in the shop, for everyone to see
        problem = f"the address of {url.host} holds a name or a password, which would be kept in the shop"
        raise BadSetup(problem, remedy="Leave it out, and set DUOMO_OPENAI_KEY")
    pictures = url.params.get(_SWITCH, "0") not in ("0", "", "false", "no")
    path = url.path.rstrip("/")
    if not path.endswith("/embeddings"):
        path = f"{path or '/v1'}/embeddings"
    model = url.fragment
    params = url.params.remove(_SWITCH)
    whole = url.copy_with(path=path, fragment=None, params=None)
    return Endpoint(str(whole.copy_with(params=params) if params else whole), model, key), pictures


def _card(endpoint: Endpoint, modality: Modality, vectors: Vectors) -> EncoderCard:
    """What can be known of an encoder far away: if the server changes its model, nobody can tell."""
    return EncoderCard(
        name=endpoint.model or httpx.URL(endpoint.url).host,
        modality=modality,
        dim=vectors.shape[1],
        space=f"openai:{endpoint.url}#{endpoint.model}",
        licence="as the provider says",
        source=endpoint.url,
        weights_hash=hash_bytes(endpoint.url.encode(), endpoint.model.encode()),
        training="unknown",
    )


def _of_dim(card: EncoderCard, vectors: Vectors) -> Vectors:
    if vectors.shape[1] != card.dim:
        raise BadSetup(
            f"{card.source} gave {vectors.shape[1]} numbers a vector, and {card.dim} before",
            remedy="Its model has changed: build the shop anew",
        )
    return unit(vectors)


@cache
def _client() -> httpx.Client:
    """One for the process, as its connections are used again; proxies of the environment are not used."""
    return httpx.Client(timeout=httpx.Timeout(_ANSWER_S, connect=_CONNECT_S), trust_env=False)


def _seconds(wait: str) -> float | None:
    """A Retry-After header in seconds; None: it is missing, or a date, or nonsense."""
    try:
        return max(0.0, float(wait)) if math.isfinite(float(wait)) else None
    except ValueError:
        return None


def _said(answer: bytes, key: str) -> str:
    """What the server says of its refusal, as ': ...', without the key that some of them repeat."""
    try:
        said = json.loads(answer)["error"]
        words = str(said["message"] if isinstance(said, dict) else said)
    except (ValueError, KeyError, TypeError):
        return ""
    line = " ".join(words.split())[:200]
    return f": {line.replace(key, '***') if key else line}"
