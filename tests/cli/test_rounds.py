"""duomo build --every, as a real process that is really told to stop."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from duomo.cli.rounds import pause, seconds
from duomo.errors import BadQuery

if TYPE_CHECKING:
    from tests.cli.conftest import Duomo


class _Turns:
    """A server that gives one answer after another, and the last one for ever."""

    def __init__(self, *answers: tuple[int, str]) -> None:
        self.answers = list(answers)
        self.asked = 0


@pytest.fixture
def feed() -> Iterator[tuple[str, _Turns]]:
    turns = _Turns()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = turns.answers[min(turns.asked, len(turns.answers) - 1)]
            turns.asked += 1
            with suppress(OSError):
                self.send_response(status)
                self.send_header("Content-Type", "text/csv; charset=utf-8")
                self.send_header("Content-Length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/feed.csv", turns
    server.shutdown()
    server.server_close()
    thread.join()


def rows(count: int) -> str:
    return "sku,title\n" + "".join(f"A{n},Mug 杯 {n}\n" for n in range(count))


@pytest.mark.slow
def test_rounds_go_on_until_sigterm_and_over_a_failure(feed: tuple[str, _Turns], tmp_path: Path) -> None:
    url, turns = feed
    turns.answers = [(200, rows(3)), (200, rows(3)), (500, ""), (200, rows(4))]
    command = [sys.executable, "-m", "duomo", "build", url, "--shop", str(tmp_path / "shop")]
    command += ["--every", "1s", "--workers", "0", "--json"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"DUOMO_FETCH_PRIVATE": "true", "DUOMO_ENCODER": "hashed", "PATH": "", **_python_path()},
    )
    assert process.stdout
    rounds: list[dict[str, Any]] = [json.loads(process.stdout.readline()) for _ in range(4)]
    process.send_signal(signal.SIGTERM)
    rest, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert [each.get("added") for each in rounds] == [3, 0, None, 1]
    assert rounds[2]["error"]["problem"] == f"{url}: the server answered 500"
    assert rounds[2]["next_s"] > rounds[1]["next_s"] * 1.3
    assert len(said.splitlines()) == 4 + len(rest.splitlines())


@pytest.mark.slow
def test_what_another_round_would_not_mend_ends_them(duomo: "Duomo", tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(rows(1))
    run = duomo(
        "build", tmp_path / "a.csv", "--shop", tmp_path / "shop", "--every", "1s", "--encoder", "no-such"
    )
    assert run.returncode == 3
    assert "no encoder is called 'no-such'" in run.stderr


def test_a_shop_that_is_not_there_was_built_from_nothing(duomo: "Duomo", tmp_path: Path) -> None:
    run = duomo("build", "--shop", tmp_path / "shop")
    assert run.returncode == 3
    assert "there is no shop in" in run.stderr
    assert not (tmp_path / "shop").exists()


@pytest.mark.parametrize("text", ["", "15", "m", "0s", "0.5s", "-5m", "31d", "1e9s", "15 m x", "5w"])
def test_a_time_that_is_none_is_told(text: str) -> None:
    with pytest.raises(BadQuery, match=r"is not a time from 1s to 30d\. Write a number and s, m, h or d"):
        seconds(text)


@pytest.mark.parametrize(
    ("text", "wanted"), [("15m", 900), ("1s", 1), ("2h", 7200), ("30d", 2592000), ("1.5H", 5400)]
)
def test_times_are_written_with_their_unit(text: str, wanted: float) -> None:
    assert seconds(text) == wanted


def test_pauses_are_spread_by_a_tenth_and_grow_with_failures() -> None:
    assert (pause(600, 0, 0, 0.0), pause(600, 0, 0, 1.0)) == pytest.approx((540, 660))
    assert [pause(1, failures, 0, 0.5) for failures in (0, 1, 5, 1000)] == [1, 2, 32, 3600]
    assert pause(86_400, 3, 0, 0.5) == 86_400
    assert pause(60, 1, 500, 0.5) == 500


def _python_path() -> dict[str, str]:
    return {"PYTHONPATH": str(Path(sys.modules["duomo"].__file__ or "").parents[1])}
