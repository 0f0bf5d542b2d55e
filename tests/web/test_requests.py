"""Requests in the log: their id, their route and how long they took; never what was asked, and by whom."""

import io
import json
import logging
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from tests.web.conftest import build_shop

from duomo.logs import Lines
from duomo.settings import Settings
from duomo.shop import Shop
from duomo.web.app import create_app

KEY = "the key that opens the shop"
word = st.text(st.sampled_from("bcdfghjkmnpqrstvwxz23456789"), min_size=12, max_size=24)


@contextmanager
def logged(level: int = logging.DEBUG) -> Iterator[io.StringIO]:
    """Everything that every package logs meanwhile, as a server writes it."""
    stream, root, ours = io.StringIO(), logging.getLogger(), logging.getLogger("duomo")
    handler, before = Lines(format="json", secrets=[KEY], stream=stream), (root.level, ours.level)
    root.addHandler(handler)
    handler.addFilter(
        lambda record: not record.name.startswith("httpx")
    )  # the client, which knows what it asks
    root.setLevel(level)
    ours.setLevel(level)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        root.setLevel(before[0])
        ours.setLevel(before[1])


def lines_of(stream: io.StringIO) -> list[dict[str, object]]:
    """What web.requests has said."""
    every = [json.loads(line) for line in stream.getvalue().splitlines()]
    return [line for line in every if line["logger"] == "duomo.web.requests"]


def test_a_request_is_one_line_with_its_route_and_its_id(client: TestClient) -> None:
    with logged(logging.INFO) as stream:
        answer = client.get("/v1/products/Mug-Red/similar?k=1")
        client.get("/nobody/home")
    first, second = lines_of(stream)
    assert first["message"] == f"GET /v1/products/{{id}}/similar 200 in {first['ms']} ms"
    assert (first["method"], first["route"], first["status"]) == ("GET", "/v1/products/{id}/similar", 200)
    assert first["request"] == answer.headers["X-Request-ID"] != second["request"]
    assert first["bytes"] == len(answer.content)
    assert second["route"] == "none"


@pytest.mark.parametrize("sent", ["a1b2", "7c9e6679-7425-40de-944b-e07fc1f90ae7", "x" * 64, "A.b_c-9"])
def test_the_id_that_a_proxy_sends_is_kept(client: TestClient, sent: str) -> None:
    with logged(logging.INFO) as stream:
        assert client.get("/healthz", headers={"X-Request-ID": sent}).headers["X-Request-ID"] == sent
    assert lines_of(stream)[0]["request"] == sent


@pytest.mark.parametrize("sent", ["", "x" * 65, "ann@example.com", "two words", "a\tb", '"};', "-", "é"])
def test_an_id_that_could_be_anything_is_replaced(client: TestClient, sent: str) -> None:
    headers = [(b"x-request-id", sent.encode("latin-1"))]
    got = client.get("/healthz", headers=headers).headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{32}", got)


def test_what_goes_wrong_bears_the_id_of_its_request(tmp_path: Path) -> None:
    shop = Shop.create(tmp_path / "empty", encoder="hashed")
    with logged() as stream, TestClient(create_app(shop)) as client:
        client.get("/v1/search?q=mug", headers={"X-Request-ID": "r-17"})
    said = [json.loads(line) for line in stream.getvalue().splitlines() if '"duomo.' in line]
    assert [line["logger"] for line in said] == ["duomo.web.problems", "duomo.web.requests"]
    assert [line["request"] for line in said] == ["r-17", "r-17"]
    assert "no build of the shop" in str(said[0]["message"])


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The client of a shop that is searched on disk and whose rows have gone from it."""
    settings = Settings(workers=0, write_key=KEY, exact_rows=0)
    shop = build_shop(tmp_path_factory.mktemp("broken"), settings)
    with TestClient(create_app(shop), raise_server_exceptions=False) as client:
        assert client.get("/readyz").status_code == 200
        shutil.rmtree(shop.folder / "variants.lance" / "data")
        yield client


@given(words=word, user=word, signature=word)
@examples(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10, phases=[Phase.generate]
)
def test_nothing_that_was_asked_or_is_secret_stands_in_the_log(
    shop: Shop, broken: TestClient, words: str, user: str, signature: str
) -> None:
    mail = f"{user}@example.com"
    signed = f"https://feeds.example/goods.jpg?sig={signature}"
    with logged() as stream:
        for server in (TestClient(create_app(shop)), broken):
            headers = {
                "Authorization": f"Bearer {KEY}",
                "X-Request-ID": mail,
                "User-Agent": user,
                "Cookie": user,
            }
            server.headers.update(headers)
            server.get("/v1/search", params={"q": words, "where": f"brand = '{words}'", "user": user})
            server.get("/v1/search", params={"q": f"{words} {mail}", "where": f"brand = '{words}'", "k": 3})
            server.get("/v1/search", params={"where": f"brand = '{words}' and id in ('{mail}')"})
            server.get("/v1/search", params={"q": words, "where": f"{words} ="})
            server.get("/v1/suggest", params={"q": words})
            server.get(f"/v1/products/{words}")
            server.get(f"/{user}/{words}?{words}")
            server.request("POST", "/v1/search", content=f'{{"text": "{words}", "{user}": 1')
            server.post(
                "/v1/search", json={"text": words, "image": f"data:image/jpeg;base64,{words}", "like": mail}
            )
            server.post("/v1/search", files={"image": (f"{user}.jpg", words.encode(), "image/jpeg")})
            server.post("/v1/search", content=words, headers={"Content-Type": words})
            server.put(
                "/v1/products",
                json=[{"sku": words, "image": signed}],
                headers={"Authorization": f"Bearer {user}"},
            )
            server.put("/v1/products", json=[{"sku": "", "title": f"{mail}", "image": signed}])
    said = stream.getvalue()
    assert said.count('"duomo.web.requests"') == 26
    assert "RuntimeError" in said or "OSError" in said  # the rows that are gone
    for secret in (words, user, mail, signature, KEY):
        assert secret not in said, next(line for line in said.splitlines() if secret in line)
