"""The net that tells overlaid text: what it learns from, and that what is written is what was learned."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch")

from duomo.train.overlaid import (  # noqa: E402  # torch may be absent
    CROP,
    arrays_of,
    bannered,
    crops,
    learn,
    made,
    missing_fonts,
    printed,
)
from duomo.understand.heads import save_head  # noqa: E402  # likewise
from duomo.understand.overlaid import CELL, FORM, Overlaid  # noqa: E402  # likewise

pytestmark = pytest.mark.skipif(bool(missing_fonts()), reason="the fonts are not on this machine")


def photo(seed: int) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (5, 4, 3), np.uint8)
    return Image.fromarray(pixels).resize((160, 200), Image.Resampling.BICUBIC)


def test_text_is_where_the_mask_says_and_nothing_else_changes() -> None:
    for seed in range(20):
        image, rng = photo(seed), np.random.default_rng(seed)
        whole = bannered(image, rng)
        changed = np.abs(whole.pixels.astype(int) - np.asarray(image)).max(axis=2) > 60
        assert whole.text.shape == (200, 160)
        assert whole.text.max() == 255
        assert changed[whole.text == 255].any()


def test_prints_and_photos_as_they_are_count_as_no_text() -> None:
    rng = np.random.default_rng(3)
    assert (np.asarray(printed(photo(1), rng)) != np.asarray(photo(1))).any()
    examples = [made(photo(seed), rng) for seed in range(40)]
    assert 10 < sum(bool(each.text.any()) for each in examples) < 35


def test_crops_have_one_size_and_the_first_holds_text() -> None:
    rng = np.random.default_rng(5)
    for seed in range(10):
        (pixels, share), _ = crops(bannered(photo(seed), rng), rng)
        assert pixels.shape == (CROP, CROP, 3)
        assert share.shape == (CROP // CELL, CROP // CELL)
        assert share.max() > 0


def test_what_is_written_says_what_was_learned(tmp_path: Path) -> None:
    trained, steps = learn([photo(seed) for seed in range(4)], minutes=5, steps=3)
    assert steps == 3
    save_head(tmp_path / "head", {"form": FORM, "cut": 0.0}, arrays_of(trained))
    pixels = np.asarray(photo(9))
    with torch.no_grad():
        want = trained(torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1)[
            0, 0
        ].numpy()
    got = Overlaid.load(tmp_path / "head").heat(pixels)
    assert np.allclose(got, want, atol=0.05)
