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
    for command in (("align",), ("rollback",), ("rollback", "--of", "rank"), ("rank", "--events", "e.jsonl")):
        run = duomo("train", *command, "--shop", tmp_path / "none")
        assert run.returncode == 3
        assert not (tmp_path / "none").exists()


def test_with_neither_judgments_nor_events_there_is_nothing_to_learn_an_order_from(
    duomo: Duomo, shop: Path
) -> None:
    run = duomo("train", "rank", "--shop", shop)
    assert run.returncode == 2
    assert "there is nothing to learn an order from" in run.stderr
    assert "--qrels or --questions" in " ".join(run.stderr.split())


def test_files_that_belong_to_judgments_need_some(duomo: Duomo, shop: Path, tmp_path: Path) -> None:
    run = duomo("train", "rank", "--shop", shop, "--events", "e.jsonl", "--queries", "q.jsonl")
    assert run.returncode == 2
    assert "--queries and --map belong to --qrels" in run.stderr
    run = duomo("train", "rank", "--shop", shop, "--qrels", "a", "--questions", "b", "--json")
    assert run.returncode == 2
    assert "--qrels and --questions were both given" in run.stdout


def test_a_shop_without_a_learned_order_has_none_to_go_back_from(duomo: Duomo, shop: Path) -> None:
    run = duomo("train", "rollback", "--of", "rank", "--shop", shop)
    assert run.returncode == 2
    assert "the shop has no learned order" in run.stderr


@pytest.mark.slow
def test_too_few_judgments_are_refused_with_their_number(duomo: Duomo, shop: Path, tmp_path: Path) -> None:
    if not importlib.util.find_spec("torch"):
        pytest.skip("PyTorch is not installed")
    (tmp_path / "judged.csv").write_text("query,product_id,rating\nshirt,A1,3\nshirt,A2,0\n", "utf-8")
    run = duomo("train", "rank", "--shop", shop, "--qrels", tmp_path / "judged.csv", "--json")
    assert run.returncode == 2
    assert "there is too little to learn an order from" in run.stdout
    assert "and 50 are needed" in run.stdout
