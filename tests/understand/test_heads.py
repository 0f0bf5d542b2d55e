"""Folders of heads: whole at every moment, also while a newer one takes the place."""

from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest

from duomo.errors import BadFile, MissingFile
from duomo.understand.heads import WEIGHTS, load_head, save_head


def saved(folder: Path, number: int) -> None:
    save_head(folder, {"form": 1, "number": number}, {"numbers": np.full(1000, number)})


def test_who_reads_while_heads_are_exchanged_gets_a_whole_one(tmp_path: Path) -> None:
    folder, done = tmp_path / "head", Event()
    saved(folder, 0)

    def write() -> None:
        for number in range(1, 200):
            saved(folder, number)
        done.set()

    writer = Thread(target=write)
    writer.start()
    reads = 0
    while not done.is_set():
        card, arrays = load_head(folder, form=1, again="Train it")
        assert set(arrays["numbers"].tolist()) == {card["number"]}
        reads += 1
    writer.join()
    assert reads
    assert load_head(folder, form=1, again="Train it")[0] == {"number": 199}


def test_what_is_missing_damaged_or_of_another_form_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "head"
    with pytest.raises(MissingFile, match="there is no trained head"):
        load_head(folder, form=1, again="Train it")
    saved(folder, 1)
    with pytest.raises(BadFile, match="cannot be used"):
        load_head(folder, form=2, again="Train it")
    (folder / WEIGHTS).write_bytes(b"x")
    with pytest.raises(BadFile, match="its weights are not those of its card"):
        load_head(folder, form=1, again="Train it")
