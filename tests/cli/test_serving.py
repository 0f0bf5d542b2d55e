"""duomo serve and duomo demo as a script meets them: one JSON document when the server listens."""

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest


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
def test_the_demo_says_the_same_of_its_own_shop(tmp_path: Path) -> None:
    server, said = first_line("demo", "--folder", tmp_path, "--products", 12, "--port", 0, "--json")
    try:
        assert said["shop"] == str(tmp_path / "shop")
        # Once it answers it hears the interrupt, also where whoever started it has interrupts ignored.
        with urllib.request.urlopen(f"{said['url']}healthz") as answer:  # noqa: S310 (the address of our own server)
            assert answer.status == 200
    finally:
        assert ended(server) == ""
