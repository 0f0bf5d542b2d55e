"""Long work reports to whoever wants to know."""

import pytest

from duomo.progress import Tick, silent


def count(wanted: int, tick: Tick) -> None:
    for done in range(1, wanted + 1):
        tick("counting", done, wanted)


def test_a_plain_function_is_a_tick() -> None:
    seen: list[tuple[str, int, int | None]] = []

    def note(stage: str, done: int, total: int | None = None) -> None:
        seen.append((stage, done, total))

    count(2, note)
    assert seen == [("counting", 1, 2), ("counting", 2, 2)]


def test_silence_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    count(3, silent)
    assert capsys.readouterr() == ("", "")
