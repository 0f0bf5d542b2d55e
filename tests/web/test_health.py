"""What a server says of itself: /readyz is true whatever happens to its folder, /metrics is well formed."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import httpx
import pytest
from fastapi.testclient import TestClient
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from tests.web.conftest import until
from tests.web.test_server import served
from tests.web.test_versions import add, two

from duomo.errors import BadFile
from duomo.search.stages import STAGES
from duomo.shop import Shop
from duomo.web.app import create_app
from duomo.web.problems import Refused
from duomo.web.turns import Turns

__all__ = ["two"]  # the fixture


def metrics_of(text: str) -> dict[str, Metric]:
    """The families of a page, as Prometheus reads them."""
    families = list(text_string_to_metric_families(text))
    assert len({family.name for family in families}) == len(families)
    return {family.name: family for family in families}


def value(families: dict[str, Metric], name: str, **labels: str) -> float | None:
    """Of one sample; None: there is none such."""
    every = [sample for family in families.values() for sample in family.samples]
    found = [s.value for s in every if s.name == name and labels.items() <= s.labels.items()]
    return found[0] if len(found) == 1 else None


@contextmanager
def asked(shop: Shop, tmp_path: Path) -> Iterator[httpx.Client]:
    """The client of a server in a process of its own."""
    with (
        served(shop.folder, tmp_path / "serve.py", 1) as (url, _),
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        yield client


def test_a_shop_whose_folder_is_moved_away_is_not_ready_until_it_is_back(two: Shop, tmp_path: Path) -> None:
    with asked(two, tmp_path) as client:
        assert client.get("/readyz").json()["status"] == "ok"
        two.folder.rename(tmp_path / "away")
        until(lambda: client.get("/readyz").status_code == 503)
        answer = client.get("/readyz").json()
        assert "manifest.json is not there" in answer["detail"]
        assert answer["remedy"] == "Run: duomo doctor --shop two"
        assert str(tmp_path) not in str(answer)
        assert client.get("/healthz").json()["status"] == "ok"
        assert (
            client.get("/v1/search", params={"q": "mug"}).json()["total"] == 2
        )  # from memory, while it lasts
        (tmp_path / "away").rename(two.folder)
        until(lambda: client.get("/readyz").status_code == 200)


def test_a_damaged_manifest_is_told_while_the_version_in_memory_answers(two: Shop, tmp_path: Path) -> None:
    manifest, version = two.folder / "manifest.json", two.manifest.served
    with asked(two, tmp_path) as client:
        client.get("/readyz").raise_for_status()
        whole = manifest.read_bytes()
        manifest.write_bytes(b"{")
        until(lambda: client.get("/readyz").json()["status"] == "degraded")
        until(lambda: client.get("/readyz").json()["behind"])
        said = client.get("/readyz").json()
        assert "a newer version could not be loaded" in said["reasons"][0]
        assert (said["variants"], said["version"]) == (2, version)
        manifest.write_bytes(whole)
        until(lambda: client.get("/readyz").json()["status"] == "ok")
    manifest.write_bytes(b"{")
    with TestClient(create_app(two)) as client:  # one that starts now
        answer = client.get("/readyz")
        assert (answer.status_code, "cannot be read" in answer.json()["detail"]) == (503, True)


def spoil_data(shop: Path) -> None:
    shutil.rmtree(shop / "variants.lance" / "data")


def spoil_table(shop: Path) -> None:
    shutil.rmtree(shop / "variants.lance")


@pytest.mark.parametrize("spoil", [spoil_data, spoil_table])
def test_a_shop_that_is_searched_on_disk_is_not_ready_when_its_rows_are_gone(
    two: Shop, spoil: Callable[[Path], None]
) -> None:
    on_disk = Shop.open(two.folder, settings=two.settings.changed({"exact_rows": 0}))
    with TestClient(create_app(on_disk), raise_server_exceptions=False) as client:
        assert client.get("/readyz").status_code == 200
        spoil(two.folder)
        until(lambda: client.get("/readyz").status_code == 503)
        assert client.get("/v1/search", params={"q": "mug"}).status_code >= 500


def test_a_shop_whose_encoder_is_gone_is_not_ready(two: Shop, tmp_path: Path) -> None:
    manifest = two.folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"hashed"', '"models/own-1"'))
    with TestClient(create_app(two)) as client:
        answer = client.get("/readyz")
        assert (answer.status_code, "models/own-1" in answer.json()["detail"]) == (503, True)


def test_figures_are_well_formed_and_true(two: Shop) -> None:
    with TestClient(create_app(two)) as client:
        client.get("/readyz")
        client.get("/v1/search", params={"q": "mug"})
        families = metrics_of(client.get("/metrics").text)
    for name, family in families.items():
        assert name.startswith("duomo_")
        assert family.documentation
        assert family.type in ("counter", "gauge", "histogram")
        assert not name.endswith(("_total", "_ms", "_mb"))  # the parser has taken _total off
    served = two.manifest.served
    assert value(families, "duomo_version_answering") == value(families, "duomo_version_served") == served
    assert (
        value(families, "duomo_shelf_variants") == value(families, "duomo_table_rows", table="variants") == 2
    )
    assert (value(families, "duomo_table_fragments", table="variants") or 0) >= 1
    assert (value(families, "duomo_table_bytes", table="variants") or 0) > 1000
    assert value(families, "duomo_table_unindexed_rows", table="variants") == 0
    assert value(families, "duomo_version_loads_total", outcome="loaded") == 1
    assert value(families, "duomo_version_load_seconds_count") == 1
    assert value(families, "duomo_build_unfinished") == value(families, "duomo_build_failed") == 0
    assert value(families, "duomo_build_last_failure_timestamp_seconds") is None
    assert value(families, "duomo_http_requests_in_flight") == 1  # this one
    assert value(families, "duomo_line_waited_seconds_count", line="quick") == 1
    assert (
        value(families, "duomo_line_waiting", line="quick")
        == value(families, "duomo_line_working", line="slow")
        == 0
    )
    assert value(families, "duomo_http_requests_total", method="GET", route="/v1/search", status="200") == 1


def test_the_stages_of_searches_add_up_to_what_they_took(two: Shop) -> None:
    with TestClient(create_app(two)) as client:
        for question in ("mug", "mug under 30", "nothing of the kind without red", ""):
            client.get("/v1/search", params={"q": question, "facet": "category"})
        families = metrics_of(client.get("/metrics").text)
    sums = [value(families, "duomo_search_stage_seconds_sum", stage=stage) or 0 for stage in STAGES]
    assert all(seconds > 0 for seconds in sums)
    assert value(families, "duomo_search_seconds_sum") == pytest.approx(sum(sums), abs=1e-5)
    assert value(families, "duomo_search_stage_seconds_count", stage="retrieve") == 4


def test_a_build_that_failed_is_told_with_the_time(two: Shop, tmp_path: Path) -> None:
    before = time.time()
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(BadFile):
        two.build(tmp_path / "empty.csv")
    with TestClient(create_app(two)) as client:
        families = metrics_of(client.get("/metrics").text)
    assert value(families, "duomo_build_failed") == 1
    assert before - 1 <= (value(families, "duomo_build_last_failure_timestamp_seconds") or 0) <= time.time()


def test_figures_of_a_folder_that_is_gone_are_left_out_and_others_told(two: Shop, tmp_path: Path) -> None:
    with TestClient(create_app(two)) as client:
        client.get("/readyz")
        two.folder.rename(tmp_path / "away")
        families = metrics_of(client.get("/metrics").text)
    assert value(families, "duomo_shelf_variants") == 2
    assert value(families, "duomo_table_rows", table="variants") is None
    assert value(families, "duomo_version_served") is None


def test_who_is_turned_away_is_counted(two: Shop) -> None:
    app = create_app(two)
    turns = Turns(1, 0.01, app.state.metrics.line("quick"))

    async def ask() -> None:
        done = anyio.Event()

        async def holds() -> None:
            await turns.take(lambda: anyio.from_thread.run(done.wait))

        async with anyio.create_task_group() as group:
            group.start_soon(holds)
            await anyio.wait_all_tasks_blocked()
            with pytest.raises(Refused):
                await turns.take(lambda: None)
            done.set()

    anyio.run(ask)
    with TestClient(app) as client:
        families = metrics_of(client.get("/metrics").text)
    assert value(families, "duomo_line_refusals_total", line="quick") == 1
    assert value(families, "duomo_line_working", line="quick") == 0


@pytest.mark.slow
def test_several_processes_tell_well_formed_figures_together(two: Shop, tmp_path: Path) -> None:
    with served(two.folder, tmp_path / "serve.py", 2) as (url, _):
        for _ in range(6):
            httpx.get(f"{url}/v1/search", params={"q": "mug"}, timeout=60).raise_for_status()
        families = metrics_of(httpx.get(f"{url}/metrics", timeout=60).text)
        assert value(families, "duomo_http_requests_total", route="/v1/search", status="200") == 6
        assert value(families, "duomo_version_loads_total", outcome="loaded") == 2
        assert value(families, "duomo_http_requests_in_flight") == 1
        add(two, "A3")
        until(lambda: '"variants":3' in httpx.get(f"{url}/readyz", timeout=60).text)
