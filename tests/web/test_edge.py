"""What stands around the routes: limits, headers, problems, languages, health and counters."""

import asyncio
import json
import logging
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from starlette.types import Message, Scope

from duomo.errors import BadSetup
from duomo.settings import Settings
from duomo.shop import Shop
from duomo.web import pages
from duomo.web.app import create_app
from duomo.web.labelling_words import LABELLING, labelling_words
from duomo.web.server import serve
from duomo.web.words import WORDS, preferred

LIMIT = 1_000_000


@pytest.mark.parametrize(
    "path", ["/v1/search", "/v1/search?mode=x", "/nope", "/", "/static/page.css", "/healthz"]
)
def test_every_answer_forbids_what_nobody_asked_for(client: TestClient, path: str) -> None:
    headers = client.get(path, headers={"origin": "https://elsewhere.test"}).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert not [name for name in headers if name.startswith("access-control-")]


def test_other_sites_are_not_let_in(client: TestClient) -> None:
    asked = {"origin": "https://elsewhere.test", "access-control-request-method": "PUT"}
    answer = client.options("/v1/products", headers=asked)
    assert answer.status_code == 405
    assert "access-control-allow-origin" not in answer.headers


def test_a_body_that_announces_too_much_is_refused(client: TestClient) -> None:
    answer = client.post("/v1/search", json={"text": "a" * LIMIT})
    assert answer.status_code == 413
    assert answer.json()["detail"] == "the request is larger than 1 MB"
    assert "body_mb" in answer.json()["remedy"]


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=b"])
def test_a_body_that_announces_nothing_is_read_no_further_than_the_limit(shop: Shop, kind: str) -> None:
    # The client of the other tests gathers a body before it sends it; this one sends for ever.
    read, answered = 0, []
    head = b'--b\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'

    async def receive() -> Message:
        nonlocal read
        read += 100_000
        body = head if read == 100_000 else b"x" * 100_000
        return {"type": "http.request", "body": body, "more_body": read < 50 * LIMIT}

    async def send(message: Message) -> None:
        answered.append(message)

    headers = [(b"content-type", kind.encode())]
    scope: Scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": "/v1/search",
        "raw_path": b"/v1/search", "root_path": "", "query_string": b"", "headers": headers,
        "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1), "state": {},
    }  # fmt: skip
    asyncio.run(create_app(shop)(scope, receive, send))
    assert answered[0]["status"] == 413
    assert json.loads(answered[1]["body"])["type"] == "urn:duomo:problem:too-large"
    assert read <= LIMIT + 300_000


def test_a_body_just_within_the_limit_is_taken(client: TestClient) -> None:
    answer = client.post("/v1/search", json={"text": "red", "where": " " * (LIMIT - 200)})
    assert answer.status_code != 413


@pytest.mark.parametrize(
    ("method", "path", "status", "title"),
    [
        ("GET", "/nope", 404, "There is nothing here"),
        ("GET", "/docs", 404, "There is nothing here"),
        ("GET", "/static/../app.py", 404, "There is nothing here"),
        ("GET", "/static/%2e%2e/app.py", 404, "There is nothing here"),
        ("DELETE", "/v1/search", 405, "This cannot be done here"),
        ("POST", "/v1/products/Mug-Red", 405, "This cannot be done here"),
    ],
)
def test_wrong_addresses_and_methods_are_problem_documents(
    client: TestClient, method: str, path: str, status: int, title: str
) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == title
    assert answer.json().keys() == {"type", "title", "status", "detail", "remedy", "instance"}


@pytest.mark.parametrize(
    "path",
    ["/", "/v1/search?q=red", "/v1/columns", "/v1/products/Mug-Red", "/v1/products/Mug-Red/similar",
     "/healthz", "/readyz", "/metrics", "/openapi.json", "/static/page.css", "/v1/products/nope",
     "/v1/search?k=0", "/nope"],
)  # fmt: skip
def test_head_is_answered_like_get_without_the_body(client: TestClient, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert head.status_code == got.status_code
    assert head.content == b""
    assert head.headers["content-type"] == got.headers["content-type"]
    assert "content-length" in head.headers


def test_head_of_a_picture_tells_its_length_and_tag(client: TestClient) -> None:
    address = client.get("/v1/products/Mug-Red").json()["images"][0]
    same = {"X-Request-ID": "picture"}
    got, head = client.get(address, headers=same), client.head(address, headers=same)
    assert head.headers == got.headers
    assert client.head("/v1/products").status_code == 405


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/columns", "GET, HEAD"),
        ("POST", "/healthz", "GET, HEAD"),
        ("GET", "/v1/products", "PUT"),
    ],
)
def test_a_method_that_is_not_taken_is_told_which_are(
    client: TestClient, method: str, path: str, allowed: str
) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


@pytest.mark.parametrize("path", ["/v1/search?q=", "/v1/search?where=", "/nope?", "/?", "/v1/columns?"])
def test_a_query_string_that_is_too_long_is_refused_in_words(client: TestClient, path: str) -> None:
    answer = client.get(path + "x" * 40_000)
    assert answer.status_code == 414
    assert answer.json()["title"] == "The address is too long"
    assert "bytes, more than 32000" in answer.json()["detail"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_longest_question_fits_into_a_query_string(client: TestClient) -> None:
    assert client.get("/v1/search", params={"q": "\u7ea2" * 2000, "k": 1}).status_code == 200


def test_titles_are_in_the_language_of_the_client(client: TestClient) -> None:
    answer = client.get("/v1/search?where=x", headers={"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"})
    assert answer.json()["title"] == "筛选条件无法使用"
    assert answer.headers["content-language"] == "zh"


@pytest.mark.parametrize(
    ("accept", "chosen", "language"),
    [
        ("", "", "en"),
        ("zh-TW", "", "zh"),
        ("fr, de;q=0.5", "", "en"),
        ("en, zh;q=0.9", "", "en"),
        ("en;q=0.3, zh;q=abc", "", "en"),
        ("zh", "en", "en"),
        ("en", "xx", "en"),
    ],
)
def test_a_language_is_chosen_by_the_shopper_then_by_the_browser(
    accept: str, chosen: str, language: str
) -> None:
    assert preferred(accept, chosen) == language


@pytest.mark.parametrize("table", [WORDS, LABELLING], ids=["shoppers", "labellers"])
def test_every_text_stands_in_both_languages_with_the_same_places_to_fill(
    table: Mapping[str, tuple[str, str]],
) -> None:
    for name, (english, chinese) in table.items():
        assert english, name
        assert any("\u4e00" <= char <= "\u9fff" for char in chinese), name
        assert english.count("{") == chinese.count("{") or name.endswith(".one"), name


def asked_by(scripts: Iterable[Path]) -> set[str]:
    """The texts that scripts ask for by name."""
    asked: set[str] = set()
    for script in scripts:
        asked |= set(re.findall(r"\btn?\(\s*\"([\w. ]+)\"", script.read_text("utf-8")))
    return asked


def test_the_page_asks_for_texts_that_the_table_has() -> None:
    scripts = {*pages.STATIC.glob("*.js")}
    labelling = pages.STATIC / "label.js"
    asked = asked_by(scripts - {labelling})
    assert len(asked) > 30
    assert asked <= WORDS.keys()
    # That page shares the modules that ask the server and make elements.
    asked = asked_by([labelling, pages.STATIC / "api.js"])
    assert len(asked) > 10
    assert asked <= labelling_words("en").keys()


def test_an_unexpected_error_is_logged_whole_and_answered_without_inner_details(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(shop)

    @app.get("/v1/breaks")
    def breaks() -> None:
        raise RuntimeError("the password is swordfish")

    with TestClient(app) as client, caplog.at_level(logging.ERROR, logger="duomo.web.problems"):
        answer = client.get("/v1/breaks?secret=words", headers={"Authorization": "Bearer hush"})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "swordfish" not in answer.text
    assert "GET /v1/breaks failed" in caplog.text
    assert "swordfish" in caplog.text
    assert "secret=words" not in caplog.text
    assert "hush" not in caplog.text


def test_a_shop_that_was_never_built_lives_but_is_not_ready(tmp_path: Path) -> None:
    with TestClient(create_app(Shop.create(tmp_path / "empty", encoder="hashed"))) as client:
        assert client.get("/healthz").json()["status"] == "ok"
        for path in ("/readyz", "/v1/search"):
            answer = client.get(path)
            assert answer.status_code == 503
            assert "no build of the shop" in answer.json()["detail"]
            assert str(tmp_path) not in answer.text
        assert "duomo_shelf_variants NaN" in client.get("/metrics").text


def test_a_ready_server_says_how_many_variants_it_has(client: TestClient, shop: Shop) -> None:
    assert client.get("/readyz").json() == {
        "status": "ok",
        "variants": len(shop),
        "version": shop.manifest.served,
        "behind": False,
        "reasons": [],
    }


def test_requests_are_counted_by_route_and_status_and_never_by_what_was_asked(shop: Shop) -> None:
    with TestClient(create_app(shop)) as client:
        client.get("/v1/search?q=red")
        client.get("/v1/search?q=blue")
        client.get("/v1/products/Mug-Red")
        client.get("/v1/products/Mug-Red/similar")
        for n in range(3):
            client.get(f"/made-up-{n}")
        client.head("/v1/search?q=green")
        client.request("BREW", "/v1/search")
        text = client.get("/metrics").text
    assert 'duomo_http_requests_total{method="GET",route="/v1/search",status="200"} 2.0' in text
    assert 'duomo_http_requests_total{method="GET",route="/v1/products/{id}",status="200"} 1.0' in text
    assert 'route="/v1/products/{id}/similar",status="200"} 1.0' in text
    assert 'duomo_http_requests_total{method="GET",route="none",status="404"} 3.0' in text
    assert 'method="other"' in text
    assert "made-up" not in text
    assert "BREW" not in text
    assert f"duomo_shelf_variants {float(len(shop))}" in text
    assert 'duomo_http_requests_total{method="HEAD",route="/v1/search",status="200"} 1.0' in text
    assert "duomo_search_seconds_count 3.0" in text


@pytest.mark.parametrize(
    ("accept", "lang", "text"), [("en", "en", "Search by picture"), ("zh-CN", "zh-CN", "以图搜索")]
)
def test_the_page_speaks_the_language_of_the_browser(
    client: TestClient, accept: str, lang: str, text: str
) -> None:
    page = client.get("/", headers={"accept-language": accept}).text
    assert f'<html lang="{lang}">' in page
    assert text in page


def test_the_page_loads_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/?lang=<script>").text
    assert "<script>" not in page
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert loaded
    assert all(address.startswith(("/", "?", "#")) for address in loaded)
    for address in loaded:
        if address.startswith("/static/"):
            answer = client.get(address)
            assert answer.status_code == 200
            assert "http://" not in answer.text.replace("http://www.w3.org", "")
            assert "https://" not in answer.text


def test_a_port_that_is_taken_is_an_error_that_says_so(shop: Shop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            BadSetup, match=f"cannot listen on 127.0.0.1 port {port} .* choose another with --port"
        ):
            serve(shop, port=port)


@pytest.mark.slow
def test_serving_says_where_it_listens_and_answers_there(new_shop: Callable[[Settings], Shop]) -> None:
    folder = new_shop(Settings(workers=0)).folder
    code = (
        "import sys; from duomo import Shop; from duomo.web.server import serve\n"
        "serve(Shop.open(sys.argv[1]), port=0, listening=lambda url: print(url, flush=True))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout
            url = server.stdout.readline().strip()
            assert url.startswith("http://127.0.0.1:")
            with httpx.Client(base_url=url, timeout=20) as client:
                answer = client.get("/readyz")
                assert answer.status_code == 200
                assert "server" not in answer.headers
                head = client.head("/v1/search")  # a real server frames it by the method it read
                assert (head.status_code, head.content) == (200, b"")
                line = HTTPConnection(url.removeprefix("http://"))  # httpx makes no such long addresses
                line.request("GET", "/v1/search?q=" + "x" * 200_000)
                assert line.getresponse().status == 414
                line.close()
                started = time.perf_counter()
                for _ in range(20):
                    client.get("/healthz")
                assert time.perf_counter() - started < 20 * 0.035  # 0.04 s if small packets are held
        finally:
            server.terminate()
            assert server.wait(10) == 0
