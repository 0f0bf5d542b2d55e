"""What an object makes of itself when it is first asked for, once, whatever threads ask."""

from collections.abc import Callable
from threading import RLock
from typing import Any, Generic, Self, TypeVar, overload

Owner = TypeVar("Owner")
Value = TypeVar("Value")


class once(Generic[Owner, Value]):  # noqa: N801 (a decorator, like property)
    """A property that is made when it is first asked for; of several threads one makes it, the others wait.

    Unlike `functools.cached_property`, which from Python 3.12 on lets two threads make it twice, and before
    makes them wait for each other whatever object they ask. An error is raised to whoever asked, and the next
    one tries again.

    >>> class Shop:
    ...     @once
    ...     def opened(self) -> str:
    ...         print("opening")
    ...         return "open"
    >>> shop = Shop()
    >>> shop.opened, shop.opened
    opening
    ('open', 'open')
    """

    def __init__(self, make: Callable[[Owner], Value]) -> None:
        """Make it with this method."""
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, owner: None, kind: type) -> Self: ...

    @overload
    def __get__(self, owner: Owner, kind: type) -> Value: ...

    def __get__(self, owner: Any, kind: type) -> Any:
        """The value; from the second time on Python finds it in the object and does not come here."""
        if owner is None:
            return self
        held = owner.__dict__
        with held.setdefault(f"{self._name} is being made", RLock()):
            if self._name not in held:
                held[self._name] = self._make(owner)
        return held[self._name]
