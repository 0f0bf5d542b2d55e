"""What a server answers while the shop is built anew: the old version, until the new one is warm."""

import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product
from pathlib import Path
from threading import Event

import httpx
import pytest
from fastapi.testclient import TestClient
from tests.web.conftest import KEY, until
from tests.web.test_server import served

from duomo.errors import BadSetup, MissingShop
from duomo.files import write_json_lines
from duomo.settings import Settings
from duomo.shelf.lock import writing
from duomo.shelf.manifest import NAME
from duomo.shop import Shop
from duomo.web.app import create_app
from duomo.web.tending import Tender
from duomo.web.versions import Versions, ask_once


@pytest.fixture
def two(tmp_path: Path) -> Shop:
    """A shop of two mugs."""
    shop = Shop.create(tmp_path / "two", encoder="hashed", settings=Settings(workers=0, write_key=KEY))
    add(shop, "A1", "A2")
    return shop


def add(shop: Shop, *ids: str) -> None:
    """One build with a mug for each id."""
    path = shop.folder.parent / "mugs.jsonl"
    write_json_lines(path, [{"sku": id, "title": f"Mug {id}"} for id in ids])
    shop.build(path, format="own", partial=True)


def test_a_pinned_shop_stays_as_it_was_and_the_shop_itself_sees_every_build_at_once(two: Shop) -> None:
    pinned, other = two.pinned(), Shop.open(two.folder)
    assert len(other) == 2
    add(two, "A3")
    assert (len(pinned), len(two), len(other)) == (2, 3, 3)
    assert (pinned.search("mug").total, two.search("mug").total, other.search("mug").total) == (2, 3, 3)
    with pytest.raises(MissingShop, match="no build"):
        Shop.create(two.folder.parent / "empty", encoder="hashed").pinned()


def test_the_old_version_answers_until_the_new_one_is_warm(two: Shop) -> None:
    begun, go_on = Event(), Event()

    def warm(version: Shop) -> None:
        ask_once(version)
        if len(version) > 2:
            begun.set()
            assert go_on.wait(60)

    versions = Versions(two, warm)
    assert versions.held() is None
    first = versions.ready()
    assert (len(first), versions.held()) == (2, first)
    add(two, "A3")
    assert versions.held() is first
    assert begun.wait(60)
    assert [versions.now() for _ in range(5)] == [first] * 5
    assert first.search("mug").total == 2
    assert not versions.is_behind
    go_on.set()
    until(lambda: versions.now() is not first)
    assert len(versions.now()) == len(versions.newest()) == 3
    assert len(first) == 2  # whoever is still asking it gets what it was


def test_a_version_that_cannot_be_loaded_is_told_once_and_the_old_one_stays(
    two: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    manifest = two.folder / NAME
    with TestClient(create_app(two)) as client, caplog.at_level(logging.ERROR):
        assert client.get("/readyz").json()["variants"] == 2
        assert "duomo_shelf_behind 0.0" in client.get("/metrics").text
        whole = manifest.read_bytes()
        manifest.write_bytes(b"not a manifest")
        until(lambda: "duomo_shelf_behind 1.0" in client.get("/metrics").text)
        for _ in range(20):
            assert client.get("/v1/search", params={"q": "mug"}).json()["total"] == 2
        assert client.get("/readyz").status_code == 200
        assert [record.getMessage() for record in caplog.records] == [caplog.records[0].getMessage()]
        assert "the old one stays" in caplog.text
        manifest.write_bytes(whole)
        until(lambda: "duomo_shelf_behind 0.0" in client.get("/metrics").text)


def test_a_build_that_has_only_begun_is_no_new_version(two: Shop) -> None:
    versions = Versions(two, ask_once)
    first = versions.ready()
    replace(two.manifest, building=("products.csv",)).save(two.folder)
    assert versions.newest() is first
    add(two, "A3")
    assert len(versions.newest()) == 3


def test_what_was_put_is_found_by_the_next_question(two: Shop) -> None:
    with TestClient(create_app(two), headers={"X-Duomo-Key": KEY}) as client:
        assert client.get("/v1/search", params={"q": "mug"}).json()["total"] == 2
        for n in range(3):
            rows = [{"sku": f"B{n}", "title": f"Mug B{n}"}]
            assert client.put("/v1/products", json=rows).json()["added"] == 1
            assert client.get("/v1/search", params={"q": "mug"}).json()["total"] == 3 + n


def test_a_server_that_was_started_before_the_first_build_answers_after_it(tmp_path: Path) -> None:
    shop = Shop.create(tmp_path / "shop", encoder="hashed", settings=Settings(workers=0))
    with TestClient(create_app(shop)) as client:
        assert client.get("/").status_code == 200
        assert client.get("/v1/search").status_code == client.get("/readyz").status_code == 503
        add(shop, "A1")
        assert client.get("/v1/search").json()["total"] == 1


def test_changes_are_loaded_as_a_whole_beside_those_who_ask(two: Shop) -> None:
    with TestClient(create_app(two), headers={"X-Duomo-Key": KEY}) as client:
        versions: Versions = client.app.state.versions  # type: ignore[attr-defined]  # Starlette's own
        assert client.get("/v1/suggest", params={"q": "kett"}).json()["suggestions"] == []
        client.put("/v1/products", json=[{"sku": "K", "title": "Kettle"}])
        assert versions.now().changes == 1
        assert client.get("/v1/search", params={"q": "kettle", "k": 1}).json()["hits"][0]["product_id"] == "K"
        assert client.get("/v1/suggest", params={"q": "kett"}).json()["suggestions"] == []
        versions.settle()
        assert versions.now().changes == 0
        assert client.get("/v1/suggest", params={"q": "kett"}).json()["suggestions"]
        client.put("/v1/products", json=[{"sku": "L", "title": "Ladle"}])
        assert versions.now().changes == 1
        assert len(versions.now()) == 4


def test_what_comes_while_changes_are_loaded_as_a_whole_lies_over_them(two: Shop) -> None:
    versions = Versions(two, ask_once)
    versions.ready()
    add(two, "A3")
    assert versions.newest().changes == 1
    whole = two.pinned(whole=True)
    add(two, "A4")
    two.rest_on(whole)
    assert (len(two), two.changes) == (4, 1)


def test_a_version_that_could_not_be_loaded_is_forgotten_when_all_is_loaded_as_a_whole(two: Shop) -> None:
    tries = []

    def warm(shop: Shop) -> None:
        tries.append(len(shop))
        if len(tries) == 2:
            raise BadSetup("memory is short", remedy="Wait")

    versions = Versions(two, warm)
    versions.ready()
    add(two, "A3")
    assert versions.held() is not None  # begins to load it beside
    until(lambda: versions.is_behind)
    assert "memory is short" in versions.why_behind
    versions.settle()
    assert (len(versions.now()), versions.is_behind, versions.why_behind) == (3, False, "")


def test_a_served_shop_is_looked_after(two: Shop) -> None:
    with TestClient(create_app(two)) as client:
        tender: Tender = client.app.state.tender  # type: ignore[attr-defined]  # Starlette's own
        assert tender.look()
        assert 'duomo_tended_total{need="optimize"' not in client.get("/metrics").text
        add(two, "A1")
        replace(two.manifest, changed=1).save(two.folder)
        assert tender.look()
        assert 'duomo_tended_total{need="optimize",outcome="done"} 1.0' in client.get("/metrics").text
        assert two.manifest.changed == 0
        with writing(two.folder):
            replace(two.manifest, changed=1).save(two.folder)
            assert tender.look()  # it is somebody else's turn
        (two.folder / NAME).write_bytes(b"not a manifest")
        assert not tender.look()


BUILD = "import sys; from duomo import Shop; Shop.open(sys.argv[1]).build(sys.argv[2], format='own')"


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_nobody_waits_for_a_build_that_ends_while_they_ask(tmp_path: Path, workers: int) -> None:
    words = ["".join(letters) for letters in product("bdkmrst", "aeiou", "lnrst", "aeiou")]
    rows = [
        {"sku": f"P{n}", "title": f"mug {words[n % 875]} {words[7 * n % 857]}", "brand": words[n % 53]}
        for n in range(3000)
    ]
    shop = Shop.create(tmp_path / "shop", encoder="hashed", settings=Settings(workers=0))
    write_json_lines(tmp_path / "products.jsonl", rows)
    shop.build(tmp_path / "products.jsonl", format="own")
    write_json_lines(tmp_path / "more.jsonl", [*rows, {"sku": "NEW", "title": "mug with a dragon"}])
    before, stop = shop.manifest.served, Event()

    def ask() -> list[tuple[bool, int, bool]]:
        """Until the new is found: whether the build had ended before, the status, whether it was found."""
        answers: list[tuple[bool, int, bool]] = []
        with httpx.Client(base_url=url, timeout=120) as client:
            while not stop.is_set() and not (answers and answers[-1][2]):
                ended = shop.manifest.served != before
                answer = client.get("/v1/search", params={"q": "mug with a dragon", "k": 1})
                ids = [hit["product_id"] for hit in answer.json().get("hits", [])]
                answers.append((ended, answer.status_code, ids == ["NEW"]))
        return answers

    with served(shop.folder, tmp_path / "serve.py", workers) as (url, _), ThreadPoolExecutor(2) as pool:
        httpx.get(f"{url}/readyz", timeout=120).raise_for_status()
        asking = [pool.submit(ask) for _ in range(2)]
        command = [sys.executable, "-c", BUILD, str(shop.folder), str(tmp_path / "more.jsonl")]
        subprocess.run(command, check=True, timeout=300)
        try:
            until(lambda: all(each.done() for each in asking))  # each may be answered by a process of its own
        finally:
            stop.set()
        every = [each.result() for each in asking]
    for answers in every:
        assert {status for _, status, _ in answers} == {200}
        # Whoever had to wait for the loading would get the new version with the first answer after the build.
        assert [is_new for ended, _, is_new in answers if ended][:3] == [False] * 3
        assert answers[-1][2]
