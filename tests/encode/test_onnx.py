import pickle
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duomo.encode.onnx import OnnxSession
from duomo.errors import BadFile, MissingFile

SaveModel = Callable[..., None]
SIZE, DIM = 6, 8


def pixels(count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.random.default_rng(count).random((count, 3, SIZE, SIZE), dtype=np.float32)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, save_picture_model: SaveModel) -> Path:
    path = tmp_path_factory.mktemp("models") / "picture.onnx"
    save_picture_model(path)
    return path


@settings(max_examples=25, deadline=None)
@given(count=st.integers(0, 40), batch=st.integers(1, 50), threads=st.integers(1, 2))
def test_batches_and_threads_do_not_change_what_comes_out(
    model: Path, count: int, batch: int, threads: int
) -> None:
    (whole,) = OnnxSession(model, batch=100).run({"pixels": pixels(count)})
    (parts,) = OnnxSession(model, threads=threads, batch=batch).run({"pixels": pixels(count)})
    assert parts.shape == (count, DIM)
    assert parts.dtype == np.float32
    np.testing.assert_allclose(parts, whole, atol=1e-5)


def test_a_session_knows_its_names_and_shapes(model: Path) -> None:
    session = OnnxSession(model)
    assert session.inputs == {"pixels": (None, 3, SIZE, SIZE)}
    assert session.outputs == {"vectors": (None, DIM)}


def test_a_model_for_one_row_takes_any_number(
    tmp_path: Path, model: Path, save_picture_model: SaveModel
) -> None:
    save_picture_model(tmp_path / "one.onnx", rows=1)
    (one_by_one,) = OnnxSession(tmp_path / "one.onnx").run({"pixels": pixels(5)})
    (together,) = OnnxSession(model).run({"pixels": pixels(5)})
    np.testing.assert_allclose(one_by_one, together, atol=1e-5)


def test_a_model_for_exactly_four_rows_is_refused(tmp_path: Path, save_picture_model: SaveModel) -> None:
    save_picture_model(tmp_path / "four.onnx", rows=4)
    with pytest.raises(
        BadFile, match=r"'pixels' has the fixed shape \(4, 3, 6, 6\). Export it again, with a free"
    ):
        OnnxSession(tmp_path / "four.onnx")


def test_a_pickled_session_is_small_and_opens_again(model: Path) -> None:
    session = OnnxSession(model, threads=2, batch=7)
    pickled = pickle.dumps(session)
    assert len(pickled) < 500
    again = pickle.loads(pickled)  # noqa: S301 - pickled two lines above
    assert (again.path, again.threads, again.batch) == (model, 2, 7)
    np.testing.assert_array_equal(again.run({"pixels": pixels(9)})[0], session.run({"pixels": pixels(9)})[0])


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match=re.escape(f"there is no model {tmp_path / 'no.onnx'}")):
        OnnxSession(tmp_path / "no.onnx")


@pytest.mark.parametrize("body", [b"", b"not a model", b"\x08\x09" * 40, bytes(range(256))])
def test_what_is_no_model_is_refused(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "text.onnx"
    path.write_bytes(body)
    with pytest.raises(BadFile, match=rf"{path} is no ONNX model that can be run \(.+\)\. Export it again"):
        OnnxSession(path)


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_half_a_model_is_refused(tmp_path: Path, model: Path, share: float) -> None:
    body = model.read_bytes()
    (tmp_path / "half.onnx").write_bytes(body[: int(len(body) * share)])
    with pytest.raises(BadFile, match="is no ONNX model that can be run"):
        OnnxSession(tmp_path / "half.onnx")


@pytest.mark.parametrize(
    ("name", "shape", "dtype", "words"),
    [
        ("picture", (2, 3, 6, 6), "float32", r"takes the inputs \['pixels'\], not \['picture'\]"),
        (
            "pixels",
            (2, 3, 5, 6),
            "float32",
            r"'pixels' must have shape \('rows', 3, 6, 6\), not \(2, 3, 5, 6\)",
        ),
        ("pixels", (2, 3, 6), "float32", r"'pixels' must have shape \('rows', 3, 6, 6\), not \(2, 3, 6\)"),
        ("pixels", (2, 3, 6, 6), "float64", "'pixels' must be float32, not float64"),
    ],
)
def test_a_wrong_input_is_told_by_name(
    model: Path, name: str, shape: tuple[int, ...], dtype: str, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        OnnxSession(model).run({name: np.zeros(shape, dtype)})


def test_inputs_of_different_length_are_refused(tmp_path: Path, save_text_model: SaveModel) -> None:
    save_text_model(tmp_path / "text.onnx")
    session = OnnxSession(tmp_path / "text.onnx")
    with pytest.raises(ValueError, match=r"the inputs have \[2, 3\] rows"):
        session.run({"input_ids": np.zeros((2, 4), np.int64), "attention_mask": np.ones((3, 4), np.int64)})


def test_a_failing_run_names_the_model(tmp_path: Path, save_text_model: SaveModel) -> None:
    save_text_model(tmp_path / "text.onnx")
    session = OnnxSession(tmp_path / "text.onnx")
    with pytest.raises(BadFile, match=r"text\.onnx failed on 1 rows \(.*out of data bounds"):
        session.run({"input_ids": np.full((1, 4), 999), "attention_mask": np.ones((1, 4), np.int64)})


@pytest.mark.parametrize("numbers", [{"threads": 0}, {"batch": 0}])
def test_threads_and_batches_start_at_one(model: Path, numbers: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must be at least 1"):
        OnnxSession(model, **numbers)
