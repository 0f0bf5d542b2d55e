"""Checkpoints that survive a sudden end: safetensors beside a JSON file that names them and their hashes."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from duomo.errors import BadFile, RunExists
from duomo.files import hash_file, write_atomic

STATE: Final = "state.json"


@dataclass(slots=True)
class Progress:
    """How far a run is."""

    step: int = 0
    best_step: int = 0
    best_score: float = float("-inf")
    history: list[dict[str, float]] = field(default_factory=list)


def save_checkpoint(
    folder: Path,
    progress: Progress,
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    course: Mapping[str, object],
) -> None:
    """Put a run's state into its folder; the state before it stands until this one is whole."""
    name = f"step-{progress.step:07d}.safetensors"
    best = f"best-{progress.best_step:07d}.safetensors"
    weights = {f"module.{key}": value.contiguous() for key, value in module.state_dict().items()}
    write_atomic(folder / name, save({**weights, **_moments(optimizer)}))
    if not (folder / best).is_file():
        write_atomic(folder / best, save(weights))
    state = {
        "course": dict(course),
        "progress": asdict(progress),
        "last": {"file": name, "hash": hash_file(folder / name)},
        "best": {"file": best, "hash": hash_file(folder / best)},
    }
    write_atomic(folder / STATE, json.dumps(state))
    for path in folder.glob("*-*.safetensors"):
        if path.name not in (name, best):
            path.unlink()


def load_checkpoint(
    folder: Path,
    module: nn.Module,
    optimizer: torch.optim.Optimizer | None,
    course: Mapping[str, object],
    *,
    best: bool = False,
) -> Progress | None:
    """Give the module (and the optimizer) the weights of a run's last or best checkpoint.

    Returns:
        How far the run was; None where the folder holds none.

    Raises:
        BadFile: a file of the checkpoint is damaged, gone, or of another module.
        RunExists: the run in the folder has another course.
    """
    path = folder / STATE
    if not path.is_file():
        return None
    try:
        state = json.loads(path.read_bytes())
        held, chosen = Progress(**state["progress"]), state["best" if best else "last"]
        file, expected = folder / chosen["file"], chosen["hash"]
        before = state["course"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadFile(
            f"the checkpoint {path} is damaged ({error})",
            remedy=f"Delete {folder} to begin the training anew",
        ) from error
    if before != json.loads(json.dumps(dict(course))):
        problem = f"the folder {folder} holds a training run with other settings"
        raise RunExists(problem, remedy="Name another folder, or delete this one to begin anew")
    if not file.is_file() or hash_file(file) != expected:
        raise BadFile(
            f"the checkpoint {file} is damaged or gone", remedy=f"Delete {folder} to begin the training anew"
        )
    try:
        tensors = load_file(file)
        module.load_state_dict(_under("module.", tensors))
    except (SafetensorError, RuntimeError) as error:
        first = str(error).splitlines()[0]
        raise BadFile(
            f"the checkpoint {file} is of another model ({first})",
            remedy=f"Delete {folder} to begin the training anew",
        ) from error
    if optimizer is not None:
        _restore(optimizer, _under("optimizer.", tensors))
    return held


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}


def _moments(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The optimizer's tensors by place of the parameter and name."""
    held = optimizer.state_dict()["state"]
    return {
        f"optimizer.{place}.{name}": torch.as_tensor(value).contiguous()
        for place, state in held.items()
        for name, value in state.items()
    }


def _restore(optimizer: torch.optim.Optimizer, moments: Mapping[str, Tensor]) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in moments.items():
        place, _, name = key.partition(".")
        state.setdefault(int(place), {})[name] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
