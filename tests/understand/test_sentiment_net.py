"""The net in NumPy: the same as a slow and plain version, whatever else is in the batch."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from duomo.errors import BadFile
from duomo.understand.sentiment_net import (
    DIRECTIONS,
    TOKENS,
    OneWay,
    SentenceNet,
    mean_scores,
    open_tokenizer,
    places_of,
    quantized,
    tokens_of,
)
from duomo.understand.sentiment_shipped import TOWERS

WIDTH, STATE, OUTPUTS = 5, 3, 6
TEXTS = [
    "质量很好",
    "a",
    "",
    "The zip broke after two days, so I sent it back.",
    "好" * 300,
    "😀",
    "\ud800 half",
]


def arrays() -> dict[str, NDArray[np.generic]]:
    """A net with random weights."""
    rng = np.random.default_rng(3)

    def some(*shape: int) -> NDArray[np.float32]:
        return rng.normal(size=shape).astype(np.float32)

    pieces = np.arange(4, 30_000, 3, dtype=np.int32)
    matrices = {"head": some(6 * STATE, OUTPUTS)}
    plain: dict[str, NDArray[np.generic]] = {
        "pieces": pieces,
        "heed": some(2 * STATE),
        "head.bias": some(OUTPUTS),
    }
    for way in DIRECTIONS:
        matrices[f"{way}.enter"] = some(WIDTH, 4 * STATE)
        matrices[f"{way}.again"] = some(STATE, 4 * STATE)
        plain[f"{way}.bias"] = some(4 * STATE)
    table = quantized({"table": some(len(pieces) + 1, WIDTH)}, axis=1)
    return {**plain, **quantized(matrices), **table}


@cache
def net() -> SentenceNet:
    return SentenceNet.from_arrays(arrays(), open_tokenizer(TOWERS), prefix="", file="a file")


def states(way: OneWay, rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """(tokens, width) -> (tokens, state), written as the equations of the LSTM stand in a textbook."""

    def opened(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return 1 / (1 + np.exp(-values))

    state, cell, found = np.zeros(STATE), np.zeros(STATE), []
    for row in rows.astype(np.float64):
        enter, forget, new, leave = np.split(row @ way.enter + state @ way.again + way.bias, 4)
        cell = opened(forget) * cell + opened(enter) * np.tanh(new)
        state = opened(leave) * np.tanh(cell)
        found.append(state)
    return np.array(found)


def slowly(text: str) -> NDArray[np.float64]:
    """What the net says of one text."""
    its = net()
    (ids,) = tokens_of(its.tokenizer, [text])
    places = places_of(its.pieces, ids)
    rows = its.table[places] * its.scale[places][:, None]
    both = np.concatenate([states(its.onward, rows), states(its.backward, rows[::-1])[::-1]], axis=1)
    heeded = np.exp(np.tanh(both) @ its.heed)
    pooled = [(both * (heeded / heeded.sum())[:, None]).sum(axis=0), both.max(axis=0), both.mean(axis=0)]
    return np.asarray(np.concatenate(pooled) @ its.head + its.bias, np.float64)


def test_the_net_says_what_the_equations_say() -> None:
    assert np.allclose(net().scores(TEXTS), [slowly(text) for text in TEXTS], atol=1e-5)


@given(st.lists(st.sampled_from(TEXTS), max_size=8))
def test_what_is_said_of_a_text_does_not_depend_on_the_others(texts: list[str]) -> None:
    alone = [net().scores([text])[0] for text in texts]
    together = net().scores(texts)
    assert together.shape == (len(texts), OUTPUTS)
    assert np.allclose(together, np.reshape(alone, (-1, OUTPUTS)), atol=1e-5)


def test_several_nets_say_the_mean_of_what_each_says() -> None:
    assert np.allclose(mean_scores([net(), net()], TEXTS), net().scores(TEXTS), atol=1e-6)


def test_of_a_long_text_the_beginning_and_the_end_are_read() -> None:
    tokenizer = open_tokenizer(TOWERS)
    text = "good " * 500 + "bad " * 500
    (ids,) = tokens_of(tokenizer, [text])
    read = [tokenizer.id_to_token(number) for number in ids]
    assert len(ids) == TOKENS
    assert (read.count("▁good"), read.count("▁bad")) == pytest.approx((TOKENS // 2, TOKENS // 2), abs=2)


@given(st.lists(st.floats(-10, 10, width=32), min_size=4, max_size=4))
def test_eight_bits_are_off_by_half_a_step_at_most(values: list[float]) -> None:
    matrix = np.array(values, np.float32).reshape(2, 2)
    found = quantized({"m": matrix})
    back = found["m/int8"].astype(np.float32) * np.asarray(found["m/scale"], np.float32)
    assert (np.abs(back - matrix) <= np.asarray(found["m/scale"], np.float32) * 0.5001).all()


def test_a_file_that_lacks_a_part_is_refused_by_its_name() -> None:
    lacking = {name: each for name, each in arrays().items() if name != "heed"}
    with pytest.raises(BadFile, match=r"a file lacks 'heed'"):
        SentenceNet.from_arrays(lacking, open_tokenizer(TOWERS), prefix="", file="a file")


def test_a_file_whose_parts_do_not_fit_is_refused() -> None:
    short = {**arrays(), "pieces": np.arange(3, dtype=np.int32)}
    with pytest.raises(BadFile, match="do not fit together"):
        SentenceNet.from_arrays(short, open_tokenizer(TOWERS), prefix="", file="a file")
