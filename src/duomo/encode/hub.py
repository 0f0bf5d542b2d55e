"""Models from a hub as encoders: CLIP, Chinese-CLIP, SigLIP and SigLIP 2, and sentence-transformers.

The only module that serves and imports PyTorch: whoever does not name a `hub:` encoder does without.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from duomo.arrays import Pixels, Vectors, check_vectors, unit
from duomo.encode.base import Encoder, EncoderCard, Modality, Towers
from duomo.encode.hub_folder import check_weights, find_folder, hash_folder, licence_of, read_json
from duomo.errors import BadFile
from duomo.extras import needs

BATCH: Final = 32  # texts or pictures that are run together; it bounds the memory a run takes
THREADS: Final = 1  # of one run; a build has a process for every core already

_SIGLIP: Final = ("siglip", "siglip2")
_TWO_TOWERS: Final = ("clip", "chinese_clip", *_SIGLIP)  # config.json's model_type
_SENTENCES: Final = "modules.json"  # what makes a folder one of sentence-transformers
_KINDS: Final = "Name a CLIP, Chinese-CLIP, SigLIP, SigLIP 2 or sentence-transformers model"

Run = Callable[[Sequence[Any]], NDArray[np.floating]]  # (n,) prepared inputs -> (n, dim), any length


def open_hub(name: str) -> Towers:
    """The towers of a model from a hub, each tried on one input; `Towers.name` is `hub:<name>`.

    Weights are read from safetensors alone, and no code of the model's own is run.

    Args:
        name: a folder, or a name on the hub (see `hub_folder.find_folder`).

    Raises:
        MissingExtra: the packages of the extra `hub` are not installed.
        MissingFile, UnknownEncoder, BadSetup: there is no such model, or it cannot be had.
        BadFile: the folder holds no model, one that gives no vectors, or weights that are not safe to open.
    """
    folder = find_folder(name)
    if (folder / _SENTENCES).is_file():
        return _open_sentences(name, folder)
    if not (folder / "config.json").is_file():
        problem = f"{folder} holds no model: there is neither config.json nor {_SENTENCES}"
        raise BadFile(problem, remedy=_KINDS)
    kind = read_json(folder / "config.json").get("model_type")
    if kind not in _TWO_TOWERS:
        what = f"a model of the kind '{kind}'" if kind else "a model of no known kind"
        raise BadFile(f"{folder} is {what}, which gives no vectors to search with", remedy=_KINDS)
    return _open_two_towers(name, folder, str(kind))


@dataclass(frozen=True, slots=True)
class HubText:
    """The words of a model from a hub. Texts over the tokens that the model takes are cut at their end.

    Pickled, it is its name: the model is opened again where it is unpickled.
    """

    card: EncoderCard
    name: str
    run: Run

    def encode(self, inputs: Sequence[str]) -> Vectors:
        """(n,) texts -> (n, card.dim) float32 rows of length 1, or of zeros where a text is blank.

        Raises:
            BadFile: the model gave something else than a vector of finite numbers for each.
        """
        rows = np.zeros((len(inputs), self.card.dim), dtype=np.float32)
        # Texts of like length run together: what fills the shorter ones up is computed for nothing.
        wordy = sorted((n for n, text in enumerate(inputs) if text.strip()), key=lambda n: len(inputs[n]))
        for start in range(0, len(wordy), BATCH):
            chosen = wordy[start : start + BATCH]
            texts = [inputs[number].encode("utf-8", "replace").decode("utf-8") for number in chosen]
            rows[chosen] = _checked(self.run(texts), self.card)
        return rows

    def __reduce__(self) -> tuple[Callable[[str, Modality], Encoder[Any]], tuple[str, Modality]]:
        return _reopen, (self.name, "text")


@dataclass(frozen=True, slots=True)
class HubPicture:
    """The pictures of a model from a hub, prepared as its preprocessor_config.json says.

    Pickled, it is its name: the model is opened again where it is unpickled.
    """

    card: EncoderCard
    name: str
    run: Run

    def encode(self, inputs: Sequence[Pixels]) -> Vectors:
        """(n,) pictures of any size, (height, width, 3) uint8 RGB -> (n, card.dim) float32 rows of length 1.

        Raises:
            BadFile: the model gave something else than a vector of finite numbers for each.
        """
        rows = np.zeros((len(inputs), self.card.dim), dtype=np.float32)
        for start in range(0, len(inputs), BATCH):
            chosen = [Image.fromarray(pixels) for pixels in inputs[start : start + BATCH]]
            rows[start : start + len(chosen)] = _checked(self.run(chosen), self.card)
        return rows

    def __reduce__(self) -> tuple[Callable[[str, Modality], Encoder[Any]], tuple[str, Modality]]:
        return _reopen, (self.name, "picture")


def _open_two_towers(name: str, folder: Path, kind: str) -> Towers:
    check_weights(folder)
    with needs("hub", to="use models from a hub"):
        import torch
        import transformers
    _hush(transformers)
    safe = {"local_files_only": True, "trust_remote_code": False}
    with _opening(folder):
        model: Any = transformers.AutoModel.from_pretrained(
            folder, use_safetensors=True, dtype=torch.float32, **safe
        ).eval()
        tokenizer: Any = transformers.AutoTokenizer.from_pretrained(folder, **safe)
        # "pil": the other way of preparing pictures needs torchvision.
        looks: Any = transformers.AutoImageProcessor
        look = looks.from_pretrained(folder, backend="pil", **safe)
    most = model.config.text_config.max_position_embeddings
    # SigLIP learned from texts that were all filled up to the same length, and looks at the filling too:
    # its vector is that of the last place, and no mask is given.
    filled, given = ("max_length", ["input_ids"]) if kind in _SIGLIP else ("longest", None)

    def read(texts: Sequence[str]) -> NDArray[np.floating]:
        with _running(torch):
            tokens = tokenizer(
                list(texts), padding=filled, truncation=True, max_length=most, return_tensors="pt"
            )
            chosen = {key: tokens[key] for key in given or tokens}
            return _array(model.get_text_features(**chosen).pooler_output)

    def see(pictures: Sequence[Image.Image]) -> NDArray[np.floating]:
        with _running(torch):
            planes = look(images=list(pictures), input_data_format="channels_last", return_tensors="pt")
            return _array(model.get_image_features(**planes).pooler_output)

    text, picture = ["a"], [Image.new("RGB", (8, 8))]
    with _opening(folder):
        dims = read(text).shape[-1], see(picture).shape[-1]
    cards = _cards(name, folder, dict(zip(("text", "picture"), dims, strict=True)))
    return Towers(
        name=f"hub:{name}",
        text=HubText(cards["text"], name, read),
        picture=HubPicture(cards["picture"], name, see),
    )


def _open_sentences(name: str, folder: Path) -> Towers:
    check_weights(folder, _parts(folder))
    with needs("hub", to="use models from a hub"):
        import sentence_transformers
        import torch
        import transformers
    _hush(transformers)
    with _opening(folder):
        model = sentence_transformers.SentenceTransformer(
            str(folder),
            device="cpu",
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True, "dtype": torch.float32},
        )

    def read(texts: Sequence[str]) -> NDArray[np.floating]:
        with _running(torch):
            return np.asarray(model.encode(list(texts), batch_size=BATCH, show_progress_bar=False))

    with _opening(folder):
        dim = read(["a"]).shape[-1]
    return Towers(name=f"hub:{name}", text=HubText(_cards(name, folder, {"text": dim})["text"], name, read))


def _parts(folder: Path) -> tuple[str, ...]:
    """The folders of a sentence-transformers model that its modules.json names."""
    settings = folder / "config_sentence_transformers.json"
    kind = read_json(settings).get("model_type") if settings.is_file() else None
    if kind not in (None, "SentenceTransformer"):
        raise BadFile(f"{folder} is a {kind}, which gives no vectors to search with", remedy=_KINDS)
    parts = []
    for module in _modules(folder / _SENTENCES):
        if not str(module.get("type", "")).startswith("sentence_transformers."):
            problem = f"{folder} asks for the code '{module.get('type')}', and Duomo runs no code of a model"
            raise BadFile(problem, remedy=_KINDS)
        part = str(module.get("path", ""))
        if not (folder / part).resolve().is_relative_to(folder.resolve()):
            raise BadFile(f"{folder / _SENTENCES} names a folder outside, '{part}'", remedy=_KINDS)
        parts.append(part)
    return tuple(parts)


def _modules(path: Path) -> list[Mapping[str, object]]:
    try:
        modules = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadFile(f"{path} is not JSON ({error})", remedy="Copy or download the folder again") from error
    if not isinstance(modules, list) or not all(isinstance(module, dict) for module in modules):
        raise BadFile(f"{path} is not a list of modules", remedy="Copy or download the folder again")
    return modules


def _cards(name: str, folder: Path, dims: Mapping[str, int]) -> dict[str, EncoderCard]:
    """The cards by modality. A folder is called by its last name alone, so that it may be moved."""
    content = hash_folder(folder)
    local = Path(name).expanduser().is_dir()
    called = folder.resolve().name if local else name
    modalities: tuple[Modality, ...] = ("text", "picture")
    return {
        modality: EncoderCard(
            name=called,
            modality=modality,
            dim=dims[modality],
            space=f"hub:{called}:{content[:8]}",
            licence=licence_of(folder),
            source=f"the folder {called}" if local else f"the model {name} of the Hugging Face hub",
            weights_hash=content,
            training="as its makers say",
        )
        for modality in modalities
        if modality in dims
    }


def _reopen(name: str, modality: Modality) -> Encoder[Any]:
    """The tower that was pickled."""
    towers = open_hub(name)
    tower = towers.text if modality == "text" else towers.picture
    if tower is None:
        raise BadFile(f"the model '{name}' has changed: it knows no {modality} any more", remedy=_KINDS)
    return tower


def _hush(transformers: Any) -> None:
    """No bars of the packages' own among what the command line shows."""
    transformers.utils.logging.disable_progress_bar()


@contextmanager
def _opening(folder: Path) -> Iterator[None]:
    """A model that cannot be opened, or fails on the first input, as one sentence.

    What its packages raise then has no base of its own: a missing file is an OSError, weights of another
    shape a RuntimeError, a wrong number in a config anything.
    """
    try:
        yield
    except Exception as error:
        why = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        remedy = "Copy or download the whole folder again, or choose another model"
        raise BadFile(f"{folder} is no model that can be opened ({why})", remedy=remedy) from error


@contextmanager
def _running(torch: Any) -> Iterator[None]:
    """Without gradients, on as many threads as a run may take; what others set comes back after it."""
    before = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    try:
        with torch.inference_mode():
            yield
    finally:
        torch.set_num_threads(before)


def _array(rows: Any) -> NDArray[np.floating]:
    return np.asarray(rows.float().numpy())


def _checked(vectors: NDArray[np.floating], card: EncoderCard) -> Vectors:
    try:
        return unit(check_vectors(vectors, count=len(vectors), dim=card.dim, made_by=card.name))
    except ValueError as error:
        raise BadFile(str(error), remedy="Choose another model") from error
