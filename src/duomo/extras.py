"""Imports of packages that may be absent, with the line that installs them."""

from collections.abc import Iterator
from contextlib import contextmanager

from duomo.errors import MissingExtra


@contextmanager
def needs(extra: str, *, to: str) -> Iterator[None]:
    """Turn a failed import in the body into MissingExtra with the line that installs it.

    Args:
        extra: the extra of the package that brings it; empty for what the base install brings.
        to: what the import is for, as in "to {to}, Duomo needs ...".

    >>> with needs("", to="fly"):  # doctest: +ELLIPSIS
    ...     import wings
    Traceback (most recent call last):
        ...
    duomo.errors.MissingExtra: to fly, Duomo needs the package 'wings', which is not installed. Run: ...
    """
    try:
        yield
    except ModuleNotFoundError as error:
        problem = f"to {to}, Duomo needs the package '{error.name}', which is not installed"
        package = f"duomo[{extra}]" if extra else "duomo"
        raise MissingExtra(problem, remedy=f"Run: pip install '{package}'") from error
