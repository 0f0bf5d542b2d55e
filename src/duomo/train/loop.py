"""One training loop for everything, on Hugging Face Accelerate: seeds, checkpoints, early stopping, trackers.

What a step sees and drops depends on the seed and the step alone, so that a run that was killed and goes on
ends with the same weights as one that was not.
"""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal, TypeVar

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor, nn

from duomo.errors import BadSetting, BadSetup, MissingExtra
from duomo.files import json_line
from duomo.progress import Tick, silent
from duomo.train.checkpoint import Progress, load_checkpoint, save_checkpoint

log = logging.getLogger(__name__)

LOG: Final = "log.jsonl"  # in the folder of a run
Tracker = Literal["tensorboard", "wandb", "mlflow"]
Batch = TypeVar("Batch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How a training run goes; two runs with equal courses and data give equal weights."""

    steps: int
    learning_rate: float = 1e-3  # at its peak
    weight_decay: float = 0.01  # of matrices; biases, gains and scales are left alone
    warmup: float = 0.05  # share of the steps in which the rate rises from 0; then it falls as a cosine
    clip: float = 1.0  # longest gradient
    check_every: int = 100  # steps between two checks, each of which is also a checkpoint
    patience: int = 0  # checks without a better score after which the run ends; 0: it never ends early
    seed: int = 7
    precision: Literal["no", "bf16", "fp16"] = "no"
    trackers: tuple[Tracker, ...] = ()  # besides the JSON lines that every run writes

    def rate(self, step: int) -> float:
        """The learning rate of a step, counted from 0.

        >>> course = Course(steps=100, learning_rate=1.0, warmup=0.1)
        >>> [round(course.rate(step), 2) for step in (0, 9, 54, 99)]
        [0.1, 1.0, 0.5, 0.0]
        """
        rising = max(1, round(self.steps * self.warmup))
        if step < rising:
            return self.learning_rate * (step + 1) / rising
        share = (step + 1 - rising) / max(1, self.steps - rising)
        return self.learning_rate * (1 + math.cos(math.pi * share)) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """What a run came to; the module holds the weights of the best check."""

    steps: int  # that were taken in all
    best_step: int
    best_score: float
    history: tuple[Mapping[str, float], ...] = field(repr=False)  # step, loss and score of every check


def fit(
    module: nn.Module,
    *,
    batch_of: Callable[[int, np.random.Generator], Batch],
    loss_of: Callable[[nn.Module, Batch], Tensor],
    score_of: Callable[[nn.Module], float],
    course: Course,
    folder: Path,
    tick: Tick = silent,
) -> Fitted:
    """Train a module and leave it with the weights that scored best.

    A run that was cut short goes on from its last checkpoint; one that had ended is loaded, not repeated.

    Args:
        module: trained in place.
        batch_of: makes the batch of a step; chance comes from the generator alone.
        loss_of: the scalar that is made small.
        score_of: how good the module is on data it does not learn from; larger is better. Called at the
            start, every `check_every` steps and at the end, in evaluation mode, without gradients.
        course: how long, how fast, from which seed.
        folder: for checkpoints and the log; of one run.
        tick: told about the stage "training".

    Raises:
        BadFile: a checkpoint in the folder is damaged.
        RunExists: the folder holds a run with another course.
        MissingExtra: a tracker is not installed.
        BadSetup: a tracker cannot begin.
        BadSetting: there is nothing to train, or no steps.
    """
    if course.steps < 1 or course.check_every < 1:
        raise BadSetting("a training run needs at least one step", remedy="Raise steps and check_every")
    accelerator = _accelerator(course, folder)
    optimizer = _optimizer(module, course)
    module, optimizer = accelerator.prepare(module, optimizer)
    bare = accelerator.unwrap_model(module)
    bare_optimizer = getattr(optimizer, "optimizer", optimizer)
    described = {name: value for name, value in asdict(course).items() if name != "trackers"}
    progress = load_checkpoint(folder, bare, bare_optimizer, described)
    if progress is None:
        progress = Progress()
        _check(progress, 0, math.nan, module, score_of)
        save_checkpoint(folder, progress, bare, bare_optimizer, described)
    losses: list[float] = []
    while progress.step < course.steps and not _exhausted(progress, course):
        step = progress.step
        module.train()
        torch.manual_seed(course.seed * 1_000_003 + step)
        for group in bare_optimizer.param_groups:
            group["lr"] = course.rate(step)
        batch = batch_of(step, np.random.default_rng((course.seed, step)))
        with accelerator.autocast():
            loss = loss_of(module, batch)
        accelerator.backward(loss)
        accelerator.clip_grad_norm_(module.parameters(), course.clip)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(float(loss.detach()))
        progress.step += 1
        if progress.step % course.check_every == 0 or progress.step == course.steps:
            _check(progress, progress.step, float(np.mean(losses)), module, score_of)
            losses.clear()
            if accelerator.is_main_process:
                said = progress.history[-1]
                with (folder / LOG).open("a", encoding="utf-8") as file:
                    file.write(json_line({**said, "rate": course.rate(step)}))
                save_checkpoint(folder, progress, bare, bare_optimizer, described)
                log.info("step %d: loss %.4f, score %.4f", progress.step, said["loss"], said["score"])
            accelerator.log(dict(progress.history[-1]), step=progress.step)
        tick("training", progress.step, course.steps)
    accelerator.end_training()
    load_checkpoint(folder, bare, None, described, best=True)
    bare.eval()
    return Fitted(
        steps=progress.step,
        best_step=progress.best_step,
        best_score=progress.best_score,
        history=tuple(progress.history),
    )


def _check(
    progress: Progress, step: int, loss: float, module: nn.Module, score_of: Callable[[nn.Module], float]
) -> None:
    """Score the module, and note it."""
    module.eval()
    with torch.no_grad():
        score = float(score_of(module))
    progress.history.append({"step": step, "loss": loss, "score": score})
    if not progress.history[:-1] or score > progress.best_score:
        progress.best_score, progress.best_step = score, step


def _exhausted(progress: Progress, course: Course) -> bool:
    """Whether too many checks in a row brought nothing."""
    worse = sum(check["step"] > progress.best_step for check in progress.history)
    return 0 < course.patience <= worse


def _optimizer(module: nn.Module, course: Course) -> torch.optim.Optimizer:
    learned = [parameter for parameter in module.parameters() if parameter.requires_grad]
    if not learned:
        raise BadSetting("the module has nothing to learn", remedy="Let some of its parameters be trained")
    groups = [
        {"params": [p for p in learned if p.ndim > 1], "weight_decay": course.weight_decay},
        {"params": [p for p in learned if p.ndim <= 1], "weight_decay": 0.0},
    ]
    used = [group for group in groups if group["params"]]
    return torch.optim.AdamW(used, lr=course.learning_rate, betas=(0.9, 0.98))


def _accelerator(course: Course, folder: Path) -> Accelerator:
    missing = [name for name in course.trackers if find_spec(name) is None]
    if missing:
        problem = (
            f"to track a run with {missing[0]}, Duomo needs the package '{missing[0]}', which is not here"
        )
        raise MissingExtra(problem, remedy="Run: pip install 'duomo[trackers]'")
    wanted: Sequence[str] = course.trackers
    accelerator = Accelerator(
        mixed_precision=course.precision, log_with=list(wanted) or None, project_dir=str(folder)
    )
    if wanted:
        plain = {name: value for name, value in asdict(course).items() if name != "trackers"}
        try:
            accelerator.init_trackers(folder.name, config=plain)
        except Exception as error:  # each has its own, and none a common one
            problem = f"the run cannot be tracked by {', '.join(wanted)}: {_first_line(error)}"
            raise BadSetup(
                problem, remedy="Set it up as its own documentation says, or leave it out"
            ) from error
    return accelerator


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0] or type(error).__name__
