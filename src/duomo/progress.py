"""How long work reports how far it is."""

from typing import Protocol


class Tick(Protocol):
    """Called by long work now and then; whoever shows progress passes one in."""

    def __call__(self, stage: str, done: int, total: int | None = None) -> None:
        """Say how many units of a stage are done; total is None where it is not known yet."""


def silent(stage: str, done: int, total: int | None = None) -> None:
    """A tick that shows nothing."""
