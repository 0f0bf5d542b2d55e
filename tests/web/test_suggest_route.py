"""What /v1/suggest answers."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from tests.web.conftest import until

from duomo.settings import Settings
from duomo.shop import Shop
from duomo.web.app import create_app


def test_what_is_typed_is_completed_with_counts_and_stretches(client: TestClient) -> None:
    answer = client.get("/v1/suggest", params={"q": "os"})
    assert answer.status_code == 200
    first = answer.json()["suggestions"][0]
    assert first == {"text": "Ostra", "kind": "brand", "count": 10, "matched": [[0, 2]]}
    assert answer.json()["read_as"] == ""


def test_k_bounds_the_answer_and_a_slip_is_told(client: TestClient) -> None:
    answer = client.get("/v1/suggest", params={"q": "jackte", "k": 2}).json()
    assert len(answer["suggestions"]) == 2
    assert answer["read_as"] == "jacket"


@pytest.mark.parametrize(
    "typed", ["", " ", "!?", "\x00", "zzzzqqqq", "a" * 3000, "'; DROP TABLE variants; --"]
)
def test_what_is_like_nothing_gets_no_suggestions(client: TestClient, typed: str) -> None:
    answer = client.get("/v1/suggest", params={"q": typed})
    assert (answer.status_code, answer.json()) == (200, {"suggestions": [], "read_as": ""})


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"q": "red", "k": "0"}, "k is 0"),
        ({"q": "red", "k": "51"}, "k is 51"),
        ({"q": "red", "k": "many"}, "k"),
        ({"query": "red"}, "query"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(
    client: TestClient, params: dict[str, str], said: str
) -> None:
    answer = client.get("/v1/suggest", params=params)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]


def test_an_answer_may_be_kept_and_is_not_sent_twice(client: TestClient) -> None:
    answer = client.get("/v1/suggest", params={"q": "red"})
    assert answer.headers["cache-control"] == "public, max-age=60"
    tag = answer.headers["etag"]
    again = client.get("/v1/suggest", params={"q": "red"}, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = client.get("/v1/suggest", params={"q": "blue"}, headers={"If-None-Match": tag})
    assert other.status_code == 200


def test_a_new_product_is_suggested_after_the_build_that_brought_it(
    new_shop: Callable[[Settings], Shop], tmp_path: Path
) -> None:
    shop = new_shop(Settings(workers=0))
    with TestClient(create_app(shop)) as client:
        assert client.get("/v1/suggest", params={"q": "teap"}).json()["suggestions"] == []
        (tmp_path / "more.csv").write_text("sku,title\nT1,Golden teapot\n", "utf-8")
        shop.build(tmp_path / "more.csv")
        until(lambda: client.get("/v1/search", params={"q": "teapot"}).json()["total"] == 1)
        client.app.state.versions.settle()  # type: ignore[attr-defined]  # Starlette's own; a server does it by itself
        found = client.get("/v1/suggest", params={"q": "teap"}).json()["suggestions"]
        assert [each["text"] for each in found] == ["Golden teapot"]


def test_a_shop_without_a_build_says_so(tmp_path: Path) -> None:
    with TestClient(create_app(Shop.create(tmp_path / "shop", encoder="hashed"))) as client:
        answer = client.get("/v1/suggest", params={"q": "red"})
        assert answer.status_code == 503
        assert "no build" in answer.json()["detail"]
