"""A missing package is answered with the line that installs it."""

from importlib import import_module

import pytest

from duomo.errors import MissingExtra
from duomo.extras import needs


def test_a_missing_package_names_the_extra_that_brings_it() -> None:
    with pytest.raises(MissingExtra) as caught, needs("browser", to="look at pages"):
        import_module("a_package_that_nobody_has")
    assert str(caught.value) == (
        "to look at pages, Duomo needs the package 'a_package_that_nobody_has', which is not installed. "
        "Run: pip install 'duomo[browser]'."
    )
    assert caught.value.kind == "setup"


def test_a_package_that_is_there_is_just_imported() -> None:
    with needs("browser", to="count"):
        numpy = import_module("numpy")
    assert numpy.pi > 3


def test_another_error_in_the_body_is_left_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError), needs("browser", to="divide"):
        _ = 1 / 0
