"""The folder of a model from a hub: where it lies, what may be in it, and what its makers say of it."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from duomo.errors import BadFile, BadSetup, MissingFile, UnknownEncoder
from duomo.extras import needs
from duomo.files import hash_bytes, hash_file

_READ: Final = (
    "*.safetensors",
    "*.json",
    "*.txt",
    "*.model",
)  # what a model is made of; nothing that is code
_PICKLES: Final = ("pytorch_model*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
_REPOSITORY: Final = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?", re.ASCII)
_TIMEOUT_S: Final = 10.0  # for the hub to say what it has


def find_folder(name: str) -> Path:
    """The folder of a model: `name` itself, or what the local cache of the hub holds, or a download.

    Nothing is downloaded where `HF_HUB_OFFLINE` is set; elsewhere the hub is asked once, with a timeout.

    Args:
        name: a folder, or a name on the hub: `openai/clip-vit-base-patch32`.

    Raises:
        MissingFile: `name` is a path, and no folder stands there.
        UnknownEncoder: the hub has no such model, or does not give it to everyone.
        BadSetup: the model is not in the local cache, and the hub is switched off or cannot be reached.
        MissingExtra: the packages of the extra `hub` are not installed.
    """
    folder = Path(name).expanduser()
    with suppress(OSError):  # longer than a path may be
        if name and folder.is_dir():
            return folder
    if not _REPOSITORY.fullmatch(name):
        remedy = "Name a folder, or a model of the hub, as in hub:openai/clip-vit-base-patch32"
        raise MissingFile(f"there is no model folder '{name}'", remedy=remedy)
    with needs("hub", to="open models from a hub"):
        import huggingface_hub
        from huggingface_hub import errors, utils
    hub: Any = utils  # its client is httpx or httpx2, by version; this name for it stays
    try:
        return Path(huggingface_hub.snapshot_download(name, local_files_only=True))
    except (errors.LocalEntryNotFoundError, errors.HFValidationError):
        pass
    remedy = (
        f"Check the connection, or fetch it elsewhere with 'hf download {name}' and name its folder, "
        "as in hub:FOLDER"
    )
    try:
        # Asked first, and once: a download alone would go on trying for minutes.
        huggingface_hub.HfApi().model_info(name, timeout=_TIMEOUT_S)
        wanted = [*_READ, "README.md"]
        return Path(huggingface_hub.snapshot_download(name, allow_patterns=wanted, etag_timeout=_TIMEOUT_S))
    except (errors.RepositoryNotFoundError, errors.GatedRepoError, errors.HFValidationError) as error:
        raise UnknownEncoder(
            f"the hub has no model '{name}' that it gives to everyone",
            remedy="Check the name; for a model behind a consent, fetch it yourself and name its folder",
        ) from error
    except errors.OfflineModeIsEnabled as error:
        raise BadSetup(
            f"the model '{name}' is not on this machine, and HF_HUB_OFFLINE keeps Duomo from fetching it",
            remedy=f"Fetch it once without HF_HUB_OFFLINE: hf download {name}",
        ) from error
    except (OSError, RuntimeError, errors.HfHubHTTPError, hub.httpx.HTTPError) as error:
        raise BadSetup(
            f"the model '{name}' is not on this machine, and the hub gives no answer ({_first_line(error)})",
            remedy=remedy,
        ) from error


def check_weights(folder: Path, parts: tuple[str, ...] = ()) -> None:
    """Refuse weights that could run code when they are opened.

    Args:
        folder: of the model.
        parts: folders inside it that hold weights too.

    Raises:
        BadFile: a folder has weights as a pickle alone, or the model has no weights at all.
    """
    found = False
    for place in dict.fromkeys((folder, *(folder / part for part in parts))):
        safe = any(place.glob("*.safetensors"))
        found |= safe
        pickled = sorted(path.name for pattern in _PICKLES for path in place.glob(pattern))
        if pickled and not safe:
            raise BadFile(
                f"{place} has its weights only as a pickle, {pickled[0]}, which can run code when opened",
                remedy="Name a model that comes with .safetensors files, or convert these to safetensors",
            )
    if not found:
        remedy = "Copy or download the whole folder again"
        raise BadFile(f"{folder} holds no weights: there is no .safetensors file", remedy=remedy)


def read_json(path: Path) -> Mapping[str, object]:
    """The object in a JSON file; raises BadFile where it holds none."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        remedy = "Copy or download the folder again"
        raise BadFile(f"{path} is not JSON ({_first_line(error)})", remedy=remedy) from error
    if not isinstance(value, dict):
        raise BadFile(f"{path} is not a JSON object", remedy="Copy or download the folder again")
    return value


def hash_folder(folder: Path) -> str:
    """Names the content of everything that a model is made of; where the folder lies plays no part."""
    files = {path.relative_to(folder).as_posix(): path for kind in _READ for path in folder.rglob(kind)}
    kept = sorted(name for name, path in files.items() if path.is_file() and not name.startswith("."))
    return hash_bytes(*(part.encode() for name in kept for part in (name, hash_file(files[name]))))


def licence_of(folder: Path) -> str:
    """The licence that the model's README names in its front matter, or "unknown"."""
    try:
        readme = (folder / "README.md").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "unknown"
    front = re.match(r"---\s*\n(.*?)\n---", readme, flags=re.DOTALL)
    said = dict(
        re.findall(r"^(license(?:_name)?):\s*['\"]?([^'\"\s]+)", front[1] if front else "", flags=re.M)
    )
    return said.get("license_name") or said.get("license") or "unknown"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
