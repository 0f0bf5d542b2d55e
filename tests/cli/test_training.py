"""`duomo train`: what it says where it cannot begin."""

import importlib.util
from pathlib import Path

import pytest
from tests.cli.conftest import Duomo


def test_a_shop_whose_encoder_was_not_adapted_has_nothing_to_go_back_to(duomo: Duomo, shop: Path) -> None:
    run = duomo("train", "rollback", "--shop", shop)
    assert run.returncode == 2
    assert "'hashed' was not adapted from another: there is nothing to go back to" in " ".join(
        run.stderr.split()
    )


def test_settings_of_the_training_are_checked_before_anything_is_done(duomo: Duomo, shop: Path) -> None:
    run = duomo("train", "align", "--shop", shop, "--steps", 0, "--json")
    assert run.returncode == 2
    assert "--steps is 1 or more" in run.stdout


def test_an_encoder_without_heads_cannot_be_adapted(duomo: Duomo, shop: Path) -> None:
    if not importlib.util.find_spec("torch"):
        pytest.skip("PyTorch is not installed")
    run = duomo("train", "align", "--shop", shop)
    assert run.returncode == 2
    assert "the encoder 'hashed' has no heads" in " ".join(run.stderr.split())


def test_without_pytorch_the_line_that_installs_it_is_shown(duomo: Duomo, shop: Path) -> None:
    if importlib.util.find_spec("torch"):
        pytest.skip("PyTorch is installed")
    run = duomo("train", "align", "--shop", shop)
    assert run.returncode == 5
    assert "pip install 'duomo[train]'" in run.stderr


def test_where_there_is_no_shop_nothing_is_made(duomo: Duomo, tmp_path: Path) -> None:
    for command in ("align", "rollback"):
        run = duomo("train", command, "--shop", tmp_path / "none")
        assert run.returncode == 3
        assert not (tmp_path / "none").exists()
