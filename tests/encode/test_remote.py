"""Encoders behind an address, against a real server with the hashed encoder behind it."""

import json
import pickle
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from PIL import Image

from duomo import Settings, Shop
from duomo.arrays import Pixels
from duomo.encode.hashed_picture import HashedPicture
from duomo.encode.hashed_text import HashedText
from duomo.encode.models import load_encoder
from duomo.encode.remote import LONGEST, Endpoint, open_remote
from duomo.errors import BadSetup

KEY = "sk-very-secret"


@dataclass
class Api:
    """What a server was asked, and how it is to answer."""

    base: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)  # before the right ones
    wanted_key: str = ""


def _embedding(text: str) -> list[float]:
    if text.startswith("data:image/png;base64,"):
        pixels = np.asarray(Image.open(BytesIO(b64decode(text.partition(",")[2]))))
        return [5 * float(number) for number in HashedPicture().encode([pixels])[0]]
    return [3 * float(number) for number in HashedText(256).encode([text])[0]]


def _right(body: dict[str, Any]) -> bytes:
    """The answer of the API; backwards, because its places are in `index` alone."""
    entries = [{"index": n, "embedding": _embedding(text)} for n, text in enumerate(body["input"])]
    return json.dumps({"object": "list", "data": entries[::-1]}).encode()


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            api.asked.append(body)
            api.paths.append(self.path)
            api.keys.append(self.headers.get("Authorization", ""))
            headers: dict[str, str] = {}
            if api.wanted_key and self.headers.get("Authorization") != f"Bearer {api.wanted_key}":
                said = {"error": {"message": f"Incorrect API key provided: {KEY}."}}
                status, answer = 401, json.dumps(said).encode()
            elif api.answers:
                status, headers, answer = api.answers.pop(0)
            else:
                status, answer = 200, _right(body)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(answer))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    api.base = f"http://127.0.0.1:{server.server_port}"
    yield api
    server.shutdown()
    server.server_close()


def picture(seed: int) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, size=(9, 7, 3), dtype=np.uint8)


def test_vectors_are_those_of_the_server_at_length_one_in_the_order_of_the_texts(api: Api) -> None:
    towers = load_encoder(f"openai:{api.base}/v1#hashed")
    assert towers.name == f"openai:{api.base}/v1#hashed"
    assert towers.text
    assert towers.picture is None
    texts = [f"red shirt {n}" for n in range(150)] + ["", " \n", "红色连衣裙", "\ud800 half"]
    np.testing.assert_allclose(towers.text.encode(texts[:-1]), HashedText(256).encode(texts[:-1]), atol=1e-6)
    assert towers.text.encode(texts)[-1].any()
    assert towers.text.encode([]).shape == (0, 256)
    assert {body["model"] for body in api.asked} == {"hashed"}
    assert max(len(body["input"]) for body in api.asked) == 64
    assert not any(text.strip() == "" for body in api.asked for text in body["input"])


def test_texts_are_cut_before_they_are_sent(api: Api) -> None:
    tower = load_encoder(f"openai:{api.base}").text
    assert tower
    tower.encode(["x" * 3 * LONGEST])
    assert api.asked[-1] == {"input": ["x" * LONGEST], "encoding_format": "float"}  # no model was named


def test_pictures_go_as_data_uris_where_they_are_switched_on(api: Api) -> None:
    towers = load_encoder(f"openai:{api.base}/v1?pictures=1&version=2#hashed")
    assert towers.picture
    assert towers.shared
    pictures = [picture(seed) for seed in range(11)]
    np.testing.assert_allclose(towers.picture.encode(pictures), HashedPicture().encode(pictures), atol=1e-6)
    assert set(api.paths) == {"/v1/embeddings?version=2"}


@pytest.mark.parametrize("path", ["", "/", "/v1", "/v1/", "/v1/embeddings"])
def test_what_is_missing_of_the_path_is_added(api: Api, path: str) -> None:
    load_encoder(f"openai:{api.base}{path}")
    assert api.paths == ["/v1/embeddings"]


def test_a_card_names_the_address_and_the_model_and_changes_with_them(api: Api) -> None:
    one, other, same = (load_encoder(f"openai:{api.base}#{model}").cards[0] for model in ("a", "b", "a"))
    assert (one.name, one.dim, one.source) == ("a", 256, f"{api.base}/v1/embeddings")
    assert one.hash == same.hash != other.hash


def test_a_pickled_encoder_is_the_same_encoder(api: Api) -> None:
    tower = load_encoder(f"openai:{api.base}").text
    assert tower
    again = pickle.loads(pickle.dumps(tower))  # noqa: S301 - pickled in the line itself
    assert again.card == tower.card
    np.testing.assert_array_equal(again.encode(["a shirt"]), tower.encode(["a shirt"]))


def test_a_busy_server_is_asked_again_after_what_it_asks_to_wait(api: Api) -> None:
    api.answers = [(429, {"Retry-After": "0"}, b"{}"), (503, {"Retry-After": "0"}, b"down")]
    assert load_encoder(f"openai:{api.base}").text
    assert len(api.asked) == 3


def test_a_server_that_stays_busy_is_given_up_in_one_sentence(api: Api) -> None:
    said = json.dumps({"error": {"message": "quota\n exceeded"}}).encode()
    api.answers = [(429, {"Retry-After": "0"}, said)] * 9
    with pytest.raises(BadSetup, match=r"was too busy 4 times \(HTTP 429: quota exceeded\). Wait a while"):
        load_encoder(f"openai:{api.base}")
    assert len(api.asked) == 4


def test_the_key_is_sent_and_never_told(api: Api) -> None:
    api.wanted_key = KEY
    towers = load_encoder(f"openai:{api.base}", key=KEY)
    assert api.keys == [f"Bearer {KEY}"]
    assert KEY not in repr(towers)
    assert not any(KEY in card.as_json() for card in towers.cards)


def test_a_key_that_is_refused_is_told_without_the_key(api: Api) -> None:
    api.wanted_key = "another"
    with pytest.raises(BadSetup, match=r"refuses the key \(HTTP 401: Incorrect API key") as caught:
        load_encoder(f"openai:{api.base}", key=KEY)
    assert KEY not in str(caught.value)
    assert "DUOMO_OPENAI_KEY" in str(caught.value)
    with pytest.raises(BadSetup, match="it wants a key"):
        load_encoder(f"openai:{api.base}")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"<html>", r"answered something else than \{'data'"),
        (b"[]", r"answered something else than \{'data'"),
        (b'{"data": [{"index": 0}]}', r"answered something else than \{'data'"),
        (b'{"data": []}', r"vectors for the places \[\] of 1 inputs"),
        (b'{"data": [{"index": 1, "embedding": [1]}]}', r"vectors for the places \[1\] of 1 inputs"),
        (b'{"data": [{"index": 0, "embedding": []}]}', "no lists of numbers of one length"),
        (b'{"data": [{"index": 0, "embedding": "AACAPw=="}]}', "no lists of numbers of one length"),
        (b'{"data": [{"index": 0, "embedding": [1, NaN]}]}', "no finite number"),
        (b'{"data": [{"index": 0, "embedding": [1, null]}]}', "no finite number"),
    ],
)
def test_an_answer_of_another_shape_is_refused_in_one_sentence(api: Api, answer: bytes, words: str) -> None:
    api.answers = [(200, {}, answer)]
    with pytest.raises(BadSetup, match=words):
        load_encoder(f"openai:{api.base}")


def test_vectors_of_different_lengths_are_refused(api: Api) -> None:
    tower = load_encoder(f"openai:{api.base}").text
    assert tower
    api.answers = [(200, {}, b'{"data": [{"index": 0, "embedding": [1, 2]}]}')]
    with pytest.raises(BadSetup, match=r"gave 2 numbers a vector, and 256 before. Its model has changed"):
        tower.encode(["a"])
    uneven = b'{"data": [{"index": 0, "embedding": [1, 2]}, {"index": 1, "embedding": [1]}]}'
    api.answers = [(200, {}, uneven)]
    with pytest.raises(BadSetup, match="no lists of numbers of one length"):
        Endpoint(f"{api.base}/v1/embeddings").vectors(["a", "b"])


def test_a_request_that_is_refused_says_why(api: Api) -> None:
    api.answers = [(404, {}, b'{"error": {"message": "no such model"}}')]
    with pytest.raises(BadSetup, match=r"gave no vectors \(HTTP 404: no such model\). Check that"):
        load_encoder(f"openai:{api.base}#nothing")


def test_a_server_that_is_not_there_is_told_at_once() -> None:
    with pytest.raises(BadSetup, match=r"http://127.0.0.1:9/v1/embeddings cannot be reached \("):
        open_remote("http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "'' is no http or https address"),
        ("ftp://here/v1", "is no http or https address"),
        ("http://", "is no http or https address"),
        ("http://here:port", "is no address"),
        ("http://me:secret@here/v1", "the address of here holds a name or a password"),
    ],
)
def test_what_is_no_address_is_refused(address: str, words: str) -> None:
    with pytest.raises(BadSetup, match=words) as caught:
        load_encoder(f"openai:{address}")
    assert "secret" not in str(caught.value)


def test_a_shop_is_built_and_searched_through_a_server(api: Api, tmp_path: Path) -> None:
    goods = "sku,title\nA1,Red mug\nB2,Navy shirt\nC3,Steel kettle\n"
    (tmp_path / "goods.csv").write_text(goods)
    api.wanted_key = KEY
    settings = Settings.load({"workers": 1}, {"DUOMO_OPENAI_KEY": KEY})
    assert KEY not in repr(settings)
    shop = Shop.create(tmp_path / "shop", encoder=f"openai:{api.base}/v1#hashed", settings=settings)
    assert shop.build(tmp_path / "goods.csv").encoded == 3
    hits = shop.search("navy shirts", mode="vector", k=1)
    assert [hit.product.id for hit in hits] == ["B2"]
