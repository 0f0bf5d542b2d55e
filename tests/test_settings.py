"""Settings are read once, in a known order of say, and a slip is an error with a hint."""

from dataclasses import asdict, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.errors import BadSetting
from duomo.settings import Settings

VALUES = {
    bool: st.booleans(),
    int: st.integers(-(10**6), 10**6),
    float: st.floats(allow_nan=False, allow_infinity=False),
    str: st.text(),
}
settings = st.builds(Settings, **{f.name: VALUES[type(f.default)] for f in fields(Settings)})


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
        ("workers", True, "a whole number"),
        ("workers", [1], "a whole number"),
        ("picture_mb", "big", "a number"),
        ("fetch_private", "maybe", "true or false"),
        ("fetch_private", 1, "true or false"),
        ("encoder", 7, "text"),
    ],
)
def test_a_value_of_the_wrong_kind_names_setting_value_and_kind(
    name: str, value: object, wanted: str
) -> None:
    with pytest.raises(BadSetting) as caught:
        Settings.load({name: value}, {})
    assert str(caught.value) == f"setting {name}: '{value}' is not {wanted}. Correct it and run again."
