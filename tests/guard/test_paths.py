import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.errors import BadFile
from duomo.guard.paths import inside


def test_a_path_is_relative_to_the_catalogs_folder(tmp_path: Path) -> None:
    assert inside(tmp_path, "images/red mug.jpg") == tmp_path / "images" / "red mug.jpg"
    assert inside(tmp_path, "./a/../b.jpg") == tmp_path / "b.jpg"
    assert inside(tmp_path, "红色/杯子.jpg") == tmp_path / "红色" / "杯子.jpg"


def test_a_relative_folder_gives_absolute_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert inside(Path("shop"), "mug.jpg") == tmp_path / "shop" / "mug.jpg"


def test_an_absolute_path_is_the_merchants_own_word(tmp_path: Path) -> None:
    assert inside(tmp_path / "shop", str(tmp_path / "mug.jpg")) == tmp_path / "mug.jpg"


@pytest.mark.parametrize("path", ["../mug.jpg", "a/../../mug.jpg", "..", "a/../.."])
def test_a_path_that_leads_out_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(BadFile, match=r"leads out of the folder .* Name a file inside it"):
        inside(tmp_path, path)


@pytest.mark.parametrize("path", ["", "  ", "mug\0.jpg", "mug\ud800.jpg"])
def test_a_path_that_names_no_file_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(BadFile, match=r"cannot name a file. Correct it in the catalog"):
        inside(tmp_path, path)


parts = st.sampled_from(["..", ".", "", "a", "b c", "...", "~", "图"])


@given(st.lists(parts, min_size=1, max_size=6).map("/".join).filter(lambda path: not path.startswith("/")))
def test_what_a_relative_path_names_is_always_inside(path: str) -> None:
    folder = Path(os.sep, "shop", "catalog")
    try:
        found = inside(folder, path)
    except BadFile:
        assert not path.strip() or not Path(os.path.normpath(folder / path)).is_relative_to(folder)
    else:
        assert found == Path(os.path.normpath(folder / path))
        assert found.is_relative_to(folder)
