"""What is made once is made once, whatever threads ask for it."""

from threading import Barrier, Thread
from time import sleep

import pytest

from duomo.once import once


class Kitchen:
    """Counts how often each thing is made."""

    def __init__(self) -> None:
        self.made: list[str] = []

    @once
    def dough(self) -> object:
        """Takes a while."""
        self.made.append("dough")
        sleep(0.02)
        return object()

    @once
    def bread(self) -> tuple[str, object]:
        self.made.append("bread")
        return "bread", self.dough

    @once
    def burnt(self) -> str:
        self.made.append("burnt")
        if len(self.made) < 2:
            raise ValueError("burnt")
        return "fine"


def test_many_threads_get_one_thing_that_was_made_once() -> None:
    kitchen, start, got = Kitchen(), Barrier(8), []

    def ask(number: int) -> None:
        start.wait()
        got.append(kitchen.dough if number % 2 else kitchen.bread[1])

    threads = [Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 8
    assert {id(each) for each in got} == {id(kitchen.dough)}
    assert sorted(kitchen.made) == ["bread", "dough"]


def test_two_objects_have_a_thing_each() -> None:
    assert Kitchen().dough is not Kitchen().dough


def test_after_an_error_the_next_one_tries_again() -> None:
    kitchen = Kitchen()
    with pytest.raises(ValueError, match="burnt"):
        _ = kitchen.burnt
    assert (kitchen.burnt, kitchen.burnt, kitchen.made) == ("fine", "fine", ["burnt", "burnt"])


def test_the_class_shows_what_it_does() -> None:
    assert Kitchen.dough.__doc__ == "Takes a while."
