"""Settings are read once, in a known order of say, and a slip is an error with a hint."""

from dataclasses import asdict, fields
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.errors import BadSetting
from duomo.logs import FORMATS
from duomo.settings import CURRENCIES, LOG_LEVELS, RANGES, Settings


def values_of(name: str, kind: type) -> st.SearchStrategy[Any]:
    """What a setting may be."""
    if name == "log_level":
        return st.sampled_from(LOG_LEVELS)
    if name == "log_format":
        return st.sampled_from(FORMATS)
    if name == "currency":
        return st.sampled_from(sorted(CURRENCIES | {""}))
    if kind is int:
        return st.integers(*map(int, RANGES[name]))
    if kind is float:
        return st.floats(*RANGES[name])
    return st.booleans() if kind is bool else st.text()


settings = st.builds(Settings, **{f.name: values_of(f.name, type(f.default)) for f in fields(Settings)})


def test_without_anything_said_the_defaults_stand() -> None:
    assert Settings.load({}, {"PATH": "/bin", "DUOMO": "no prefix, no setting"}) == Settings()


def test_an_argument_beats_a_variable_beats_the_file_beats_the_default() -> None:
    file, env = (
        {"workers": 3, "port": 9000, "encoder": "pocket"},
        {"DUOMO_WORKERS": "2", "DUOMO_PORT": "9001"},
    )
    said = Settings.load(file, env).changed({"workers": 1, "encoder": None})
    assert (said.workers, said.port, said.encoder, said.host) == (1, 9001, "pocket", Settings().host)


@given(settings)
def test_settings_come_back_from_a_file_as_they_were(said: Settings) -> None:
    assert Settings.load(asdict(said), {}) == said


@given(settings)
def test_settings_come_back_from_the_environment_as_they_were(said: Settings) -> None:
    env = {f"DUOMO_{name.upper()}": str(value) for name, value in asdict(said).items()}
    assert Settings.load({}, env) == said


@pytest.mark.parametrize(
    ("text", "meant"),
    [("true", True), (" Yes ", True), ("1", True), ("False", False), ("no", False), ("0", False)],
)
def test_yes_and_no_have_several_words(text: str, meant: bool) -> None:
    assert Settings.load({}, {"DUOMO_FETCH_PRIVATE": text}).fetch_private is meant


def test_a_misspelled_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(BadSetting) as caught:
        Settings.load({}, {"DUOMO_WORKER": "2"})
    assert str(caught.value).startswith("no setting is called 'worker'. Did you mean 'workers'?")


def test_a_name_near_to_none_is_answered_with_them_all() -> None:
    with pytest.raises(BadSetting, match=r"called 'zzz'\. Known: encoder, workers, .*log_level"):
        Settings.load({"zzz": 1}, {})


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("workers", "two", "a whole number"),
        ("workers", "2.5", "a whole number"),
        ("workers", 2.9, "a whole number"),
        ("workers", True, "a whole number"),
        ("workers", [1], "a whole number"),
        ("picture_mb", "big", "a number"),
        ("fetch_private", "maybe", "true or false"),
        ("fetch_private", 1, "true or false"),
        ("encoder", 7, "text"),
        ("workers", "257", "a whole number from -1 to 256"),
        ("workers", -2, "a whole number from -1 to 256"),
        ("port", 99999, "a whole number from 0 to 65535"),
        ("picture_side", 0, "a whole number from 16 to 4096"),
        ("batch_rows", 0, "a whole number from 1 to 1000000"),
        ("picture_mb", "-0.5", "a number from 0.001 to 100000"),
        ("file_mb", nan, "a number from 0.001 to 10000000"),
        ("log_level", "FOO", "one of DEBUG, INFO, WARNING, ERROR, CRITICAL"),
        ("log_format", "xml", "one of text, json"),
        ("currency", "EURO", "a currency code of ISO 4217, like EUR or CNY"),
        ("currency", "€", "a currency code of ISO 4217, like EUR or CNY"),
    ],
)
def test_a_value_of_the_wrong_kind_names_setting_value_and_kind(
    name: str, value: object, wanted: str
) -> None:
    with pytest.raises(BadSetting) as caught:
        Settings.load({name: value}, {})
    assert str(caught.value) == f"setting {name}: '{value}' is not {wanted}. Correct it and run again."


@pytest.mark.parametrize("name", RANGES)
def test_every_number_has_a_range_that_holds_its_default_and_both_ends(name: str) -> None:
    least, most = RANGES[name]
    kind = type(getattr(Settings(), name))
    assert least <= getattr(Settings(), name) <= most
    for end in (kind(least), kind(most)):
        said: dict[str, Any] = {name: end}
        assert getattr(Settings(**said), name) == end
    for outside in (least - 1, most + 1, inf, nan):
        said = {name: outside}
        with pytest.raises(BadSetting, match=f"setting {name}: .* from {least:.12g} to {most:.12g}"):
            Settings(**said)


def test_no_number_is_without_a_range() -> None:
    assert RANGES.keys() == {f.name for f in fields(Settings) if type(f.default) in (int, float)}


def test_a_number_too_large_for_the_machine_is_no_number() -> None:
    with pytest.raises(BadSetting, match="is not a number"):
        Settings.load({"file_mb": 10**400}, {})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("settings = 3", "'settings' is no table"),
        ("[setings]", "has a part 'setings'"),
        ("[settings", "cannot be read"),
    ],
)
def test_a_file_that_is_no_table_of_settings_names_itself(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "duomo.toml").write_text(text)
    with pytest.raises(BadSetting, match=f"duomo.toml.*{words}"):
        Settings.of_shop(tmp_path, {})


def test_where_there_is_no_folder_there_are_no_settings_to_read(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert Settings.of_shop(tmp_path / "file", {}) == Settings.of_shop(tmp_path / "none", {}) == Settings()


def test_a_currency_may_be_written_in_small_letters() -> None:
    assert [Settings(currency=code).currency for code in ("usd", "XCG", "xcg", "")] == [
        "USD",
        "XCG",
        "XCG",
        "",
    ]
