import json
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from duomo.errors import BadFile, BadSetting, BadSetup, MissingExtra, RunExists
from duomo.train.checkpoint import STATE
from duomo.train.loop import LOG, Course, Fitted, fit

COURSE = Course(steps=40, check_every=10, learning_rate=0.05, seed=3)


def line(seed: int = 0) -> nn.Module:
    """A module that is to learn y = 3 x0 - 2 x1 + 1, with dropout so that chance matters."""
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(2, 1), nn.Dropout(0.05))


def batch_of(step: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    given = torch.tensor(rng.normal(size=(16, 2)), dtype=torch.float32)
    return given, given @ torch.tensor([[3.0], [-2.0]]) + 1


def loss_of(module: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    return nn.functional.mse_loss(module(batch[0]), batch[1])


def score_of(module: nn.Module) -> float:
    return -loss_of(module, batch_of(0, np.random.default_rng(99))).item()


def run(folder: Path, course: Course = COURSE, module: nn.Module | None = None, **options: object) -> Fitted:
    return fit(
        module or line(),
        batch_of=batch_of,
        loss_of=loss_of,
        score_of=score_of,
        course=course,
        folder=folder,
        **options,  # type: ignore[arg-type]  # as the test says
    )


def test_a_module_learns_and_keeps_its_best_weights(tmp_path: Path) -> None:
    module = line()
    fitted = run(tmp_path, module=module)
    assert fitted.steps == 40
    assert fitted.best_score == pytest.approx(score_of(module))
    assert fitted.best_score == max(check["score"] for check in fitted.history) > fitted.history[0]["score"]
    logged = [json.loads(each) for each in (tmp_path / LOG).read_text().splitlines()]
    assert [each["step"] for each in logged] == [10, 20, 30, 40]


DIE = """
import os, signal, sys
from pathlib import Path
from tests.train.test_loop import run

def tick(stage, done, total=None):
    if done == 25:
        os.kill(os.getpid(), signal.SIGKILL)

run(Path(sys.argv[1]), tick=tick)
"""


@pytest.mark.slow
def test_a_run_that_was_killed_ends_with_the_weights_of_one_that_was_not(tmp_path: Path) -> None:
    whole, cut = line(), line(seed=5)
    run(tmp_path / "whole", module=whole)
    root = Path(__file__).resolve().parents[2]
    died = subprocess.run([sys.executable, "-c", DIE, str(tmp_path / "cut")], cwd=root)
    assert died.returncode == -signal.SIGKILL
    fitted = run(tmp_path / "cut", module=cut)
    assert fitted.steps == 40
    for name, weights in whole.state_dict().items():
        assert torch.equal(weights, cut.state_dict()[name]), name
    assert [path.name for path in sorted((tmp_path / "cut").glob("step-*"))] == ["step-0000040.safetensors"]


def test_an_ended_run_is_not_repeated(tmp_path: Path) -> None:
    first = line()
    run(tmp_path, module=first)
    ticks: list[int] = []
    again = line(seed=9)
    run(tmp_path, module=again, tick=lambda stage, done, total=None: ticks.append(done))
    assert not ticks
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), again.parameters(), strict=True))


def test_a_run_ends_early_when_nothing_gets_better(tmp_path: Path) -> None:
    course = Course(steps=1000, check_every=5, learning_rate=0.0, patience=3)
    assert run(tmp_path, course).steps == 15


def test_another_course_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    run(tmp_path)
    with pytest.raises(RunExists, match=r"holds a training run with other settings\. Name another folder"):
        run(tmp_path, Course(steps=50, check_every=10))


@pytest.mark.parametrize("which", ["weights", "state", "gone"])
def test_a_damaged_checkpoint_is_told(tmp_path: Path, which: str) -> None:
    run(tmp_path)
    (weights,) = tmp_path.glob("step-*.safetensors")
    if which == "gone":
        weights.unlink()
    else:
        (weights if which == "weights" else tmp_path / STATE).write_bytes(b"\0" * 100)
    with pytest.raises(BadFile, match=r"the checkpoint .* is damaged.*Delete .* to begin"):
        run(tmp_path)


def test_weights_of_another_module_are_told(tmp_path: Path) -> None:
    run(tmp_path)
    with pytest.raises(BadFile, match="is of another model"):
        run(tmp_path, module=nn.Linear(2, 1, bias=False))


def test_nothing_to_learn_and_no_steps_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="at least one step"):
        run(tmp_path, Course(steps=0))
    with pytest.raises(BadSetting, match="nothing to learn"):
        run(tmp_path, module=line().requires_grad_(False))


def test_a_tracker_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [path for path in sys.path if "site-packages" not in path])
    monkeypatch.delitem(sys.modules, "wandb", raising=False)
    with pytest.raises(MissingExtra, match=r"needs the package 'wandb'.*pip install 'duomo\[trackers\]'"):
        run(tmp_path, Course(steps=1, trackers=("wandb",)))


def test_a_run_is_tracked_by_tensorboard(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="pip install 'duomo[trackers]'")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    fitted = run(tmp_path, Course(steps=20, check_every=10, trackers=("tensorboard",)))
    folder = next(path.parent for path in tmp_path.rglob("events.out.*") if path.parent.name == tmp_path.name)
    events = EventAccumulator(str(folder)).Reload()
    scores = [(event.step, event.value) for event in events.Scalars("score")]
    assert [step for step, _ in scores] == [10, 20]
    assert scores[-1][1] == pytest.approx(fitted.history[-1]["score"], abs=1e-4)


def test_a_run_is_tracked_by_weights_and_biases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wandb = pytest.importorskip("wandb", reason="pip install 'duomo[trackers]'")
    for name, value in {"WANDB_MODE": "offline", "WANDB_SILENT": "true", "WANDB_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    run(tmp_path / "my-run", Course(steps=20, check_every=10, trackers=("wandb",)))
    assert wandb.run is None, "the run was not ended"
    (kept,) = tmp_path.glob("wandb/offline-run-*/*.wandb")
    body, end = b"", monotonic() + 60
    while b"learning_rate" not in body and monotonic() < end:  # a process of its own writes it to the end
        sleep(0.1)
        body = kept.read_bytes()
    assert b"my-run" in body
    assert b"learning_rate" in body


def test_a_run_is_tracked_by_mlflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mlflow = pytest.importorskip("mlflow", reason="pip install 'duomo[trackers]'")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    mlflow.set_tracking_uri((tmp_path / "mlruns").as_uri())
    fitted = run(tmp_path / "my-run", Course(steps=20, check_every=10, trackers=("mlflow",)))
    client = mlflow.MlflowClient()
    experiment = client.get_experiment_by_name("my-run")
    (kept,) = client.search_runs([experiment.experiment_id])
    assert kept.info.status == "FINISHED"
    assert kept.data.params["steps"] == "20"
    scores = client.get_metric_history(kept.info.run_id, "score")
    assert [each.step for each in scores] == [10, 20]
    assert scores[-1].value == pytest.approx(fitted.history[-1]["score"], abs=1e-4)


def test_a_tracker_that_cannot_begin_is_told_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mlflow = pytest.importorskip("mlflow", reason="pip install 'duomo[trackers]'")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "false")
    mlflow.set_tracking_uri((tmp_path / "mlruns").as_uri())
    with pytest.raises(BadSetup, match=r"cannot be tracked by mlflow: .*leave it out"):
        run(tmp_path / "my-run", Course(steps=1, trackers=("mlflow",)))
