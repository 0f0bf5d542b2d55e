"""duomo serve and duomo demo as a script meets them: one JSON document when the server listens."""

import json
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import httpx
import pytest

from duomo.shop import Shop


def first_line(*arguments: object) -> tuple[subprocess.Popen[str], dict[str, object]]:
    """A server in a process of its own, and the first thing it says."""
    command = [sys.executable, "-m", "duomo", *map(str, arguments)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout
    return server, json.loads(server.stdout.readline())


def ended(server: subprocess.Popen[str]) -> str:
    """What else it says until it has ended."""
    server.send_signal(signal.SIGINT)
    rest, _ = server.communicate(timeout=120)  # busy machines take their time; a server that hangs fails
    return rest


def test_serve_says_in_one_document_where_it_listens(shop: Path) -> None:
    server, said = first_line("serve", "--shop", shop, "--port", 0, "--json")
    try:
        assert said.keys() == {"url", "shop", "variants"}
        assert (said["shop"], said["variants"]) == (str(shop), 7)
        with urllib.request.urlopen(f"{said['url']}healthz") as answer:  # noqa: S310 (the address of our own server)
            assert answer.status == 200
    finally:
        assert ended(server) == ""


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_a_shop_that_is_damaged_is_served_with_the_reason_until_it_is_mended(
    goods: Path, shop: Path, tmp_path: Path, workers: int
) -> None:
    damaged = tmp_path / "shop"
    shutil.copytree(shop, damaged)
    for path in (damaged / "variants.lance" / "data").iterdir():
        path.unlink()
    server, said = first_line("serve", "--shop", damaged, "--port", 0, "--json", "--workers", workers)
    try:
        assert said["variants"] == 0
        ready = httpx.get(f"{said['url']}readyz")
        assert (ready.status_code, "variants.lance is damaged" in ready.json()["detail"]) == (503, True)
        search = httpx.get(f"{said['url']}v1/search", params={"q": "mug"})
        assert (search.status_code, search.json()["type"]) == (503, "urn:duomo:problem:bad-setup")
        assert search.json()["remedy"].startswith("Restore the shop from a backup, or delete")
        assert str(tmp_path) not in ready.text + search.text
        for name in ("variants.lance", "pictures.lance"):
            shutil.rmtree(damaged / name)
        Shop.open(damaged).build(goods)
        until_ready = time.monotonic() + 60
        while httpx.get(f"{said['url']}readyz").status_code != 200:
            assert time.monotonic() < until_ready
            time.sleep(0.2)
        assert httpx.get(f"{said['url']}v1/search", params={"q": "mug"}).json()["total"] > 0
    finally:
        ended(server)


@pytest.mark.slow
def test_the_demo_says_the_same_of_its_own_shop(tmp_path: Path) -> None:
    server, said = first_line("demo", "--folder", tmp_path, "--products", 12, "--port", 0, "--json")
    try:
        assert said["shop"] == str(tmp_path / "shop")
        # Once it answers it hears the interrupt, also where whoever started it has interrupts ignored.
        with urllib.request.urlopen(f"{said['url']}healthz") as answer:  # noqa: S310 (the address of our own server)
            assert answer.status == 200
    finally:
        assert ended(server) == ""
