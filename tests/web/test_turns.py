"""Lines: how many are answered at once, how long the others wait, and what they are told then."""

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import anyio
import httpx
import pytest

from duomo.shop import Shop
from duomo.web.app import create_app
from duomo.web.problems import Refused
from duomo.web.turns import Turns


def test_no_more_than_said_work_at_once_and_all_are_answered() -> None:
    turns, lock, here, most = Turns(2, 60), threading.Lock(), 0, 0

    def work() -> None:
        nonlocal here, most
        with lock:
            here += 1
            most = max(most, here)
        time.sleep(0.002)
        with lock:
            here -= 1

    async def all_of_them() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(turns.take, work)

    anyio.run(all_of_them)
    assert (here, most) == (0, 2)


def test_who_waits_too_long_is_told_to_come_again_and_the_line_goes_on() -> None:
    turns, opened = Turns(1, 0.05), threading.Event()
    served: list[str] = []

    async def first() -> None:
        await turns.take(lambda: opened.wait(60))
        served.append("first")

    async def all_of_them() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(first)
            await anyio.wait_all_tasks_blocked()
            for _ in range(3):
                with pytest.raises(Refused) as refused:
                    await turns.take(lambda: True)
            opened.set()
        assert (refused.value.status_code, refused.value.name) == (503, "busy")
        assert refused.value.headers == {"Retry-After": "1"}
        assert await turns.take(lambda: 7) == 7

    anyio.run(all_of_them)
    assert served == ["first"]


def test_what_fails_gives_its_place_back() -> None:
    async def ask() -> None:
        turns = Turns(1, 60)
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                await turns.take(lambda: 1 // 0)
        assert await turns.take(lambda: 7) == 7

    anyio.run(ask)


def test_words_and_health_are_answered_while_pictures_are_looked_at(
    shop: Shop, draw: Callable[[str, int, str], bytes]
) -> None:
    ended: list[str] = []

    async def ask(client: httpx.AsyncClient, name: str, path: str, **sent: Any) -> None:
        answer = await client.request("POST" if sent else "GET", path, **sent)
        assert answer.status_code == 200, answer.text
        ended.append(name)

    async def all_of_them() -> None:
        transport = httpx.ASGITransport(create_app(shop))
        async with (
            httpx.AsyncClient(transport=transport, base_url="http://here", timeout=60) as client,
            anyio.create_task_group() as group,
        ):
            for n in range(6):
                files = {"image": (f"{n}.png", draw("Red", 0, "PNG"))}
                group.start_soon(partial(ask, client, "heat", "/v1/products/Mug-Red/heat", files=files))
            await anyio.sleep(0.05)  # they are at work, or wait for their turn
            await ask(client, "healthz", "/healthz")
            await ask(client, "words", "/v1/search?q=red")
            ended.append("asked")

    anyio.run(all_of_them)
    # Whatever the heat maps take, those behind the first ones have not had their turn by then.
    assert sorted(ended) == sorted(["healthz", "words", "asked"] + 6 * ["heat"])
    assert ended.index("asked") < len(ended) - 1
