"""A server that is told to stop while it is at work: what has begun is finished, or was never there."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import psutil
import pytest
from tests.web.conftest import KEY, picture, until
from tests.web.test_versions import add, two

from duomo.shop import Shop

__all__ = ["two"]  # the fixture

pytestmark = pytest.mark.slow


@contextmanager
def slow_pictures() -> Iterator[tuple[str, threading.Event, threading.Event]]:
    """The address of a picture; whether it was asked for; and what it waits for before it is sent."""
    asked, go_on = threading.Event(), threading.Event()

    class Slow(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.set()
            go_on.wait(60)
            body = picture((190, 30, 40), 0)
            self.send_response(200)
            self.send_header("Content-Type", "image/jpeg")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Slow) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/mug.jpg", asked, go_on
        finally:
            go_on.set()
            server.shutdown()


@contextmanager
def serving(shop: Shop, workers: int, **settings: object) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    said = {"fetch_private": True, "fetch_timeout_s": 60, "write_key": KEY, "workers": 0, **settings}
    lines = [f"{name} = {json.dumps(value)}" for name, value in said.items()]
    (shop.folder / "duomo.toml").write_text("[settings]\n" + "\n".join(lines))
    command = [sys.executable, "-m", "duomo", "serve", "--shop", str(shop.folder), "--port", "0", "--json",
               "--workers", str(workers)]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            yield json.loads(server.stdout.readline())["url"], server
        finally:
            server.kill()


def put(url: str, image: str) -> httpx.Response:
    rows = [{"sku": "NEW", "title": "Mug NEW", "image": image}]
    return httpx.put(f"{url}v1/products", json=rows, headers={"X-Duomo-Key": KEY}, timeout=120)


@pytest.mark.parametrize(
    ("workers", "number"), [(1, signal.SIGTERM), (1, signal.SIGINT), (2, signal.SIGTERM)]
)
def test_rows_being_put_are_there_when_the_server_has_stopped(two: Shop, workers: int, number: int) -> None:
    with slow_pictures() as (address, asked, go_on), serving(two, workers, stop_s=20) as (url, server):
        with ThreadPoolExecutor(1) as pool:
            putting = pool.submit(put, url, address)
            assert asked.wait(60)
            server.send_signal(number)
            until(lambda: _refuses(url))  # nobody else is let in
            assert server.poll() is None
            go_on.set()
            assert putting.result().json()["added"] == 1
        assert server.wait(30) == 0
    assert len(Shop.open(two.folder)) == 3
    assert not two.manifest.building


@pytest.mark.parametrize("workers", [1, 2])
def test_rows_that_take_too_long_are_not_there_and_the_next_build_goes_on(two: Shop, workers: int) -> None:
    with slow_pictures() as (address, asked, _), serving(two, workers, stop_s=1) as (url, server):
        with ThreadPoolExecutor(1) as pool:
            putting = pool.submit(put, url, address)
            assert asked.wait(60)
            family = psutil.Process(server.pid).children(recursive=True)
            server.terminate()
            assert server.wait(30) == 0
            assert _was_not_acknowledged(putting)
        assert server.stderr
        assert "graceful shutdown exceeded" in server.stderr.read()
    until(lambda: not [each for each in family if each.is_running()])
    assert len(Shop.open(two.folder)) == 2
    add(two, "A3")
    assert [hit.product.id for hit in two.search(k=10)] == ["A1", "A2", "A3"]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_second_signal_ends_all_at_once(two: Shop, workers: int) -> None:
    with (
        slow_pictures() as (address, asked, _),
        serving(two, workers, stop_s=600) as (url, server),
        ThreadPoolExecutor(1) as pool,
    ):
        putting = pool.submit(put, url, address)
        assert asked.wait(60)
        family = psutil.Process(server.pid).children(recursive=True)
        server.terminate()
        until(lambda: _refuses(url))
        assert server.poll() is None
        server.terminate()
        assert server.wait(30) == 128 + signal.SIGTERM
        assert _was_not_acknowledged(putting)
    until(lambda: not [each for each in family if each.is_running()])


def test_workers_that_are_told_by_everybody_still_finish(two: Shop) -> None:
    with slow_pictures() as (address, asked, go_on), serving(two, 2, stop_s=20) as (url, server):
        with ThreadPoolExecutor(1) as pool:
            putting = pool.submit(put, url, address)
            assert asked.wait(60)
            for process in psutil.Process(server.pid).children():  # as a Control-C, and a manager of services
                if "spawn_main" in " ".join(process.cmdline()):
                    os.kill(process.pid, signal.SIGINT)
                    os.kill(process.pid, signal.SIGTERM)
            server.terminate()
            time.sleep(1)
            go_on.set()
            assert putting.result().json()["added"] == 1
        assert server.wait(30) == 0


def _refuses(url: str) -> bool:
    try:
        httpx.get(f"{url}healthz", timeout=5)
    except httpx.HTTPError:
        return True
    return False


def _was_not_acknowledged(putting: Future[httpx.Response]) -> bool:
    """Whether a client cannot think that its rows are there: the line was cut, or it was told of an error."""
    try:
        return putting.result().status_code >= 500
    except httpx.HTTPError:
        return True
