"""The server as processes: several that answer for one shop, counted together, replaced, ended in peace."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil
import pytest
from tests.web.conftest import until

from duomo.errors import MissingShop
from duomo.shop import Shop
from duomo.web.server import serve

CODE = """
import sys
from duomo import Shop
from duomo.web.server import serve

if __name__ == "__main__":
    shop, told = Shop.open(sys.argv[1]), lambda url: print(url, flush=True)
    serve(shop, port=0, workers=int(sys.argv[2]), listening=told)
"""


@contextmanager
def served(folder: Path, script: Path, workers: int) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of a server in processes of its own, and the first of them."""
    script.write_text(CODE, encoding="utf-8")
    command = [sys.executable, str(script), str(folder), str(workers)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            yield server.stdout.readline().strip(), server
        finally:
            server.terminate()
            server.wait(60)


def workers_of(server: subprocess.Popen[str]) -> list[int]:
    """The processes of a server that answer: its children but for the one that multiprocessing keeps."""
    found = []
    for child in psutil.Process(server.pid).children():
        with suppress(psutil.NoSuchProcess):  # it has ended meanwhile, and nobody has asked yet how
            if "resource_tracker" not in " ".join(child.cmdline()):
                found.append(child.pid)
    return found


def counted(url: str) -> float:
    """How many searches the server says it has answered, asked on a connection of its own."""
    page = httpx.get(f"{url}/metrics").text
    found = re.search(r'requests_total\{method="GET",route="/v1/search",status="200"\} (\S+)', page)
    return float(found[1]) if found else 0.0


def one_search(url: str) -> int:
    return httpx.get(f"{url}/v1/search", params={"q": "red mug"}, timeout=60).status_code


@pytest.mark.slow
def test_several_processes_answer_count_together_and_are_replaced(shop: Shop, tmp_path: Path) -> None:
    with served(shop.folder, tmp_path / "serve.py", 2) as (url, server):
        first = workers_of(server)
        assert len(first) == 2
        assert httpx.get(f"{url}/readyz").json()["variants"] == len(shop)
        with ThreadPoolExecutor(8) as pool:  # a connection each: whoever is free takes it
            assert set(pool.map(one_search, [url] * 40)) == {200}
        assert [counted(url) for _ in range(8)] == [40.0] * 8  # whichever process tells it
        assert f"duomo_shelf_variants {float(len(shop))}" in httpx.get(f"{url}/metrics").text
        os.kill(first[0], signal.SIGKILL)
        until(lambda: first[0] not in workers_of(server) and len(workers_of(server)) == 2)
        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(one_search, [url] * 20)) == {200}
        assert counted(url) == 60.0  # what the dead one counted stays counted
        last = workers_of(server)
    assert server.returncode == 0
    assert not [pid for pid in last if psutil.pid_exists(pid)]


@pytest.mark.slow
def test_workers_end_when_the_process_that_started_them_is_gone(shop: Shop, tmp_path: Path) -> None:
    with served(shop.folder, tmp_path / "serve.py", 2) as (_, server):
        workers = workers_of(server)
        server.kill()
        until(lambda: not [pid for pid in workers if psutil.pid_exists(pid)])


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_a_question_that_has_begun_is_answered_before_the_server_ends(
    shop: Shop, tmp_path: Path, workers: int
) -> None:
    body = b'{"text": "red mug", "k": 1}'
    head = (
        "POST /v1/search HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with served(shop.folder, tmp_path / "serve.py", workers) as (url, server):
        host, port = url.removeprefix("http://").split(":")
        assert one_search(url) == 200
        with socket.create_connection((host, int(port)), timeout=60) as line:
            line.sendall(head.encode() + body[:5])
            time.sleep(0.5)  # it is being read now
            server.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            line.sendall(body[5:])
            answer = b"".join(iter(lambda: line.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 200")
        assert server.wait(60) == 0
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{url}/healthz")


@pytest.mark.slow
def test_what_keeps_a_worker_from_answering_is_raised_where_it_was_asked_for(tmp_path: Path) -> None:
    shop = Shop.create(tmp_path / "shop", encoder="hashed")
    told: list[str] = []
    with pytest.raises(MissingShop, match="no build of the shop"):
        serve(shop, port=0, workers=2, listening=told.append)
    assert told == []


def test_no_workers_at_all_is_a_slip(shop: Shop) -> None:
    with pytest.raises(ValueError, match="workers must be at least 1"):
        serve(shop, workers=0)
