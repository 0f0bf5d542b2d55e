from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from duomo.errors import BlockedUrl
from duomo.files import hash_bytes
from duomo.guard.fetch import Rules, anywhere
from duomo.guard.fetched import FetchCache
from duomo.settings import Settings

if TYPE_CHECKING:
    from tests.guard.conftest import Site

BODY = b"\xff\xd8\xff a picture, as far as a cache can tell" * 20


@pytest.fixture
def cache(tmp_path: Path) -> FetchCache:
    return FetchCache(tmp_path / "fetched", Rules(limit_mb=1, timeout_s=5, allowed=anywhere))


def test_an_address_is_fetched_once(site: "Site", cache: FetchCache) -> None:
    url = site.gives("/a.jpg", BODY)
    assert cache.get(url) == cache.get(url) == FetchCache(cache.folder, cache.rules).get(url) == BODY
    assert len(site.asked) == 1


def test_equal_bytes_are_kept_once_under_their_hash(site: "Site", cache: FetchCache) -> None:
    cache.get(site.gives("/a.jpg", BODY))
    cache.get(site.gives("/b.jpg", BODY))
    content = hash_bytes(BODY)
    bodies = [path for path in cache.folder.rglob("*") if path.is_file() and path.suffix != ".json"]
    assert bodies == [cache.folder / content[:2] / content]


def test_a_kept_body_is_a_file(site: "Site", cache: FetchCache) -> None:
    url = site.gives("/a.jpg", BODY)
    assert cache.path(url).read_bytes() == BODY
    assert cache.path(url) == cache.path(url)
    assert len(site.asked) == 1


def test_a_fresh_question_costs_no_second_body(site: "Site", cache: FetchCache) -> None:
    url = site.gives("/a.jpg", BODY, ETag='"v1"', Last_Modified="Mon, 02 Nov 2026 10:00:00 GMT")
    cache.get(url)

    def unchanged(request: BaseHTTPRequestHandler) -> None:
        request.send_response(304)
        request.end_headers()

    site.answers["/a.jpg"] = unchanged
    assert cache.get(url, fresh=True) == BODY
    assert site.asked[1]["if-none-match"] == '"v1"'
    assert site.asked[1]["if-modified-since"] == "Mon, 02 Nov 2026 10:00:00 GMT"


def test_a_fresh_question_brings_what_changed(site: "Site", cache: FetchCache) -> None:
    url = site.gives("/a.jpg", BODY, ETag='"v1"')
    cache.get(url)
    site.gives("/a.jpg", b"another", ETag='"v2"')
    assert cache.get(url) == BODY
    assert cache.get(url, fresh=True) == b"another"
    assert cache.get(url) == b"another"


def test_a_failure_is_not_kept_and_spoils_nothing(site: "Site", cache: FetchCache) -> None:
    with pytest.raises(BlockedUrl, match=r"404"):
        cache.get(f"{site.url}/a.jpg")
    url = site.gives("/a.jpg", BODY)
    assert cache.get(url) == BODY
    site.answers.clear()
    with pytest.raises(BlockedUrl, match=r"404"):
        cache.get(url, fresh=True)
    assert cache.get(url) == BODY


@pytest.mark.parametrize("damage", [b"", b"{}", b"[1]", b"\xff\xfe", BODY[:-1]])
def test_a_damaged_cache_is_fetched_again(site: "Site", cache: FetchCache, damage: bytes) -> None:
    url = site.gives("/a.jpg", BODY)
    cache.get(url)
    for path in [path for path in cache.folder.rglob("*") if path.is_file()]:
        path.write_bytes(damage)
        assert cache.get(url) == BODY
    assert len(site.asked) == 3


def test_its_rules_come_from_the_settings(tmp_path: Path, site: "Site") -> None:
    url = site.gives("/a.jpg", BODY)
    with pytest.raises(BlockedUrl, match=r"not on the public internet"):
        FetchCache(tmp_path, Rules.of(Settings())).get(url)
    assert FetchCache(tmp_path, Rules.of(Settings(fetch_private=True))).get(url) == BODY
