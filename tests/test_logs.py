"""A log has one line an event, of one of two forms, and none of what is secret or personal."""

import io
import json
import logging
import subprocess
import sys
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.logs import FORMATS, REQUEST, Lines, clean, trace_of

# Long enough not to stand in a time or a place by chance.
token = st.text(
    st.sampled_from("abcdefghijklmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789_-"), min_size=12, max_size=40
)
key = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x4FFF, exclude_categories=("Cs", "Cc")), min_size=12
)


def logger_to(stream: io.StringIO, **given: object) -> logging.Logger:
    logger = logging.Logger("duomo.test", logging.DEBUG)
    logger.addHandler(Lines(stream=stream, **given))  # type: ignore[arg-type]  # as the test says
    return logger


@given(st.text(), st.sampled_from(FORMATS))
def test_an_event_is_one_line_whatever_stands_in_it(text: str, format: str) -> None:
    stream = io.StringIO()
    logger_to(stream, format=format).warning("said: %s", text)
    assert stream.getvalue().splitlines() == [stream.getvalue()[:-1]]
    if format == "json":
        assert json.loads(stream.getvalue())["message"].startswith("said: ")


@given(key, st.sampled_from(FORMATS))
def test_a_key_stands_in_no_line_however_it_is_spelled(key: str, format: str) -> None:
    stream = io.StringIO()
    logger = logger_to(stream, format=format, secrets=["", key])
    logger.error("refused: %s %r %s", key, key, quote(key, safe=""))
    try:
        raise OSError(13, f"no such key {key}", key)
    except OSError:
        logger.exception("%s", key)
    assert key not in stream.getvalue()
    assert quote(key, safe="") not in stream.getvalue()


@given(token, token, token)
def test_a_signed_address_and_a_mailbox_lose_what_is_personal(secret: str, user: str, path: str) -> None:
    text = (
        f"https://{user}:{secret}@cdn.example/{path}.xml?Expires=1&Signature={secret}#{secret}"
        f" was refused, ask {user}@shop.example.com"
    )
    said = clean(text)
    assert secret not in said.replace(path, "")
    assert user not in said.replace(path, "")
    assert f"https://cdn.example/{path}.xml" in said


@pytest.mark.parametrize("before", ["", "1", "地址", "(", "red-", "x" * 100])
def test_an_address_loses_what_is_personal_whatever_it_is_written_behind(before: str) -> None:
    said = clean(f"{before}https://ann:pw123@shop.example/feed.xml?sig=abc 失败，联系ann@shop.example谢谢")
    assert said == f"{before}https://shop.example/feed.xml?*** 失败，联系***谢谢"


def test_a_mailbox_in_chinese_is_masked_whole() -> None:
    assert clean("联系 张三@例子.公司 或 li-si.w+1@邮箱.com，ann@x.cn。") == "联系 *** 或 ***，***。"


@given(token, st.integers(0, 60), st.sampled_from(["", "杯", "mug "]))
def test_what_is_cut_shows_no_half_of_what_is_masked(secret: str, more: int, word: str) -> None:
    fill = (word or "-") * 2000
    for text in (
        f"https://{secret}:{secret}@x.example/?{secret}",
        f" {secret}@shop.example",
        f" key={secret} ",
    ):
        said = clean(fill[: 2000 - more] + text + fill, [secret])
        assert len(said) <= 2000
        assert secret[:8] not in said


@pytest.mark.parametrize(
    "text", ["a", "a-", "a@", "a@b.", "a://", "a://b?", "@.", "\x1b", "杯"], ids=lambda text: ascii(text)
)
def test_a_million_letters_of_a_stranger_are_a_line_like_any_other(text: str) -> None:
    said = clean(text * 1_000_000)  # were the time to grow with the square of the length, it would take hours
    assert len(said) <= 2000


@given(st.lists(token, min_size=1, max_size=4))
def test_a_trace_says_what_and_where_but_not_with_which_values(words: list[str]) -> None:
    def deeper(left: list[str]) -> None:
        try:
            _ = {"": 0}[left[0]]
        except KeyError as error:
            if left[1:]:
                deeper(left[1:])
            raise ExceptionGroup(f"of {left[0]}", [ValueError(left[0]), error]) from error

    stream = io.StringIO()
    with pytest.raises(ExceptionGroup) as caught:
        deeper(words)
    logger_to(stream, format="json").error("it failed", exc_info=caught.value)
    assert trace_of(caught.value) == json.loads(stream.getvalue())["trace"]
    assert "KeyError" in stream.getvalue()
    assert "test_logs.py" in stream.getvalue()
    assert not [word for word in words if word in stream.getvalue()]


def test_what_the_system_says_of_its_own_errors_is_told() -> None:
    stream = io.StringIO()
    try:
        raise BlockingIOError(28, "No space left on device", "/shops/luma/manifest.json")
    except OSError:
        logger_to(stream, format="text").exception("it failed")
    assert "\n    BlockingIOError: No space left on device\n" in stream.getvalue()


def test_a_line_that_cannot_be_written_is_left_out_in_silence(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    logger_to(stream, format="json").error("%d things", "swordfish")
    assert stream.getvalue() == ""
    assert "swordfish" not in "".join(capsys.readouterr())


def test_a_line_bears_the_worker_and_the_request() -> None:
    text, lines = io.StringIO(), io.StringIO()
    before = REQUEST.set("r-1")
    try:
        logger_to(text, format="text", worker=2).warning("slow")
        logger_to(lines, format="json", worker=2).warning("slow", extra={"fields": {"ms": 3.5}})
    finally:
        REQUEST.reset(before)
    assert text.getvalue().endswith(" WARNING duomo.test: slow [worker=2 request=r-1]\n")
    said = json.loads(lines.getvalue())
    assert list(said) == ["time", "level", "logger", "message", "worker", "request", "ms"]
    assert (said["worker"], said["request"], said["ms"]) == (2, "r-1", 3.5)
    assert said["time"].endswith("Z")


SET_UP = """
import logging
from duomo import logs
{before}
logs.set_up(level="DEBUG", format="text", secrets=["swordfish"])
logs.set_up(level="INFO", format="text", secrets=["swordfish"])
logging.getLogger("duomo.x").info("swordfish is here")
logging.getLogger("duomo.x").debug("not at this level")
logging.getLogger("somebody.else").info("chatter")
logging.getLogger("somebody.else").warning("worth knowing")
"""


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("", "INFO duomo.x: *** is here\nWARNING somebody.else: worth knowing\n"),
        ("logging.basicConfig(format='%(message)s')", "swordfish is here\nworth knowing\n"),
    ],
)
def test_a_program_that_logs_in_its_own_way_goes_on_doing_so(before: str, said: str) -> None:
    command = [sys.executable, "-c", SET_UP.format(before=before)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stderr == said
