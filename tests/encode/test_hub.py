"""Models from a hub: tiny ones with random weights, built and saved here, against their own packages."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from tokenizers import pre_tokenizers

from duomo import Settings, Shop
from duomo.arrays import Pixels
from duomo.encode.base import Towers
from duomo.encode.models import load_encoder
from duomo.errors import BadFile, MissingFile

WHY = "models from a hub are tested where they can be used: pip install 'duomo[hub]'"
torch = pytest.importorskip("torch", reason=WHY)
transformers = pytest.importorskip("transformers", reason=WHY)
sentences = pytest.importorskip("sentence_transformers", reason=WHY)
pytestmark = pytest.mark.slow  # PyTorch and transformers take seconds to import

ROUNDING = 1e-5
KINDS = ("clip", "chinese_clip", "siglip", "siglip2")
TEXTS = ["红色连衣裙", "navy blue shirt", "a", "鞋", "Café 50ml", "blue shirt " * 50, "a mug", "\ud800 half"]
README = "---\nlicense: mit\ntags: [vision]\n---\n# Tiny\nlicense: none\n"
TEXT = {"hidden_size": 32, "intermediate_size": 37, "num_hidden_layers": 2, "num_attention_heads": 4}
LOOK = {**TEXT, "patch_size": 8}


def letters() -> list[str]:
    return sorted(pre_tokenizers.ByteLevel.alphabet())


def words() -> dict[str, int]:
    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    text = "abcdefghijklmnopqrstuvwxyz0123456789红色连衣裙鞋"
    return {word: n for n, word in enumerate([*marks, *text, *(f"##{letter}" for letter in text)])}


def save_clip(folder: Path) -> None:
    vocabulary = [*letters(), *(f"{letter}</w>" for letter in letters()), "<|startoftext|>", "<|endoftext|>"]
    numbers = {word: n for n, word in enumerate(vocabulary)}
    text = {
        **TEXT,
        "vocab_size": len(numbers),
        "max_position_embeddings": 20,
        "eos_token_id": len(numbers) - 1,
    }
    config = transformers.CLIPConfig(
        text_config=text, vision_config={**LOOK, "image_size": 32}, projection_dim=16
    )
    transformers.CLIPModel(config).save_pretrained(folder)
    transformers.CLIPTokenizer(vocab=numbers, merges=[]).save_pretrained(folder)
    sizes = {"size": {"shortest_edge": 32}, "crop_size": {"height": 32, "width": 32}}
    transformers.CLIPImageProcessorPil(**sizes).save_pretrained(folder)


def save_chinese_clip(folder: Path) -> None:
    text = {**TEXT, "vocab_size": len(words()), "max_position_embeddings": 24}
    config = transformers.ChineseCLIPConfig(
        text_config=text, vision_config={**LOOK, "image_size": 32}, projection_dim=16
    )
    transformers.ChineseCLIPModel(config).save_pretrained(folder)
    transformers.BertTokenizer(vocab=words()).save_pretrained(folder)
    sizes = {"size": {"height": 32, "width": 32}, "do_center_crop": False}
    transformers.ChineseCLIPImageProcessorPil(**sizes).save_pretrained(folder)


def save_gemma_tokenizer(folder: Path) -> None:
    marks = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    pieces = [*marks, *(f"<0x{byte:02X}>" for byte in range(256)), "▁", *"abcdefghijklmnopqrstuvwxyz红色"]
    numbers = {piece: n for n, piece in enumerate(pieces)}
    transformers.Siglip2Tokenizer(vocab=numbers, merges=[]).save_pretrained(folder)


def save_siglip(folder: Path) -> None:
    """As google/siglip2-base-patch16-224 is: the first SigLIP's towers and the second one's tokenizer."""
    text = {**TEXT, "vocab_size": 300, "max_position_embeddings": 16, "projection_size": 32}
    config = transformers.SiglipConfig(text_config=text, vision_config={**LOOK, "image_size": 32})
    transformers.SiglipModel(config).save_pretrained(folder)
    save_gemma_tokenizer(folder)
    transformers.SiglipImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)


def save_siglip2(folder: Path) -> None:
    """The kind that keeps the shape of a picture (NaFlex)."""
    text = {**TEXT, "vocab_size": 300, "max_position_embeddings": 16, "projection_size": 32}
    config = transformers.Siglip2Config(text_config=text, vision_config={**LOOK, "num_patches": 16})
    transformers.Siglip2Model(config).save_pretrained(folder)
    save_gemma_tokenizer(folder)
    transformers.Siglip2ImageProcessorPil(patch_size=8, max_num_patches=16).save_pretrained(folder)


def save_sentences(folder: Path) -> None:
    body = folder.with_name("bert")
    sizes = {**TEXT, "vocab_size": len(words()), "max_position_embeddings": 24}
    transformers.BertModel(transformers.BertConfig(**sizes)).save_pretrained(body)
    transformers.BertTokenizer(vocab=words(), model_max_length=24).save_pretrained(body)
    layers = sentences.sentence_transformer.modules
    word = layers.Transformer(str(body))
    mean = layers.Pooling(word.get_embedding_dimension())
    wide = layers.Dense(in_features=32, out_features=16)
    sentences.SentenceTransformer(modules=[word, mean, wide]).save(str(folder), create_model_card=False)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of every kind of model, each under the name of its kind."""
    root = tmp_path_factory.mktemp("hub")
    for number, kind in enumerate((*KINDS, "sentences")):
        (root / kind).mkdir()
        torch.manual_seed(number)
        globals()[f"save_{kind}"](root / kind)
        (root / kind / "README.md").write_text(README)
    return root


@pytest.fixture(scope="module")
def opened(models: Path) -> dict[str, Towers]:
    return {kind: load_encoder(f"hub:{models / kind}") for kind in (*KINDS, "sentences")}


def pictures() -> list[Pixels]:
    chance = np.random.default_rng(0)
    sizes = [(32, 32), (1, 9), (3, 70), (64, 20), (7, 7), *((40 + n, 30) for n in range(40))]
    return [chance.integers(0, 256, size=(*size, 3), dtype=np.uint8) for size in sizes]


def unit(rows: Any) -> NDArray[np.float32]:
    array: NDArray[np.float32] = np.asarray(rows.detach().numpy(), dtype=np.float32)
    return np.asarray(array / np.linalg.norm(array, axis=1, keepdims=True), dtype=np.float32)


@pytest.mark.parametrize("kind", KINDS)
def test_words_are_those_of_transformers_one_by_one(
    opened: dict[str, Towers], models: Path, kind: str
) -> None:
    tower = opened[kind].text
    assert tower
    model = transformers.AutoModel.from_pretrained(models / kind).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(models / kind)
    most = model.config.text_config.max_position_embeddings
    vectors = tower.encode(TEXTS)
    for text, vector in zip(TEXTS[:-1], vectors[:-1], strict=True):  # transformers refuses the last one
        if "siglip" in kind:  # filled up, and without a mask, as they were trained
            filled = tokenizer(
                [text], padding="max_length", max_length=most, truncation=True, return_tensors="pt"
            )
            given = {"input_ids": filled["input_ids"]}
        else:
            given = tokenizer([text], max_length=most, truncation=True, return_tensors="pt")
        witness = model.get_text_features(**given).pooler_output
        np.testing.assert_allclose(vector[None], unit(witness), atol=ROUNDING)


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_are_those_of_transformers_one_by_one(
    opened: dict[str, Towers], models: Path, kind: str
) -> None:
    tower = opened[kind].picture
    assert tower
    model = transformers.AutoModel.from_pretrained(models / kind).eval()
    look = transformers.AutoImageProcessor.from_pretrained(models / kind)
    for pixels, vector in zip(pictures(), tower.encode(pictures()), strict=True):
        planes = look(images=Image.fromarray(pixels), input_data_format="channels_last", return_tensors="pt")
        witness = model.get_image_features(**planes).pooler_output
        np.testing.assert_allclose(vector[None], unit(witness), atol=ROUNDING)


def test_sentences_are_those_of_sentence_transformers(opened: dict[str, Towers], models: Path) -> None:
    towers = opened["sentences"]
    assert towers.text
    assert towers.picture is None
    witness = sentences.SentenceTransformer(str(models / "sentences"), device="cpu")
    expected = witness.encode(TEXTS[:-1], normalize_embeddings=True)
    np.testing.assert_allclose(towers.text.encode(TEXTS[:-1]), expected, atol=ROUNDING)
    assert towers.text.card.dim == 16


@pytest.mark.parametrize("kind", [*KINDS, "sentences"])
def test_every_kind_keeps_the_promise_of_an_encoder(opened: dict[str, Towers], kind: str) -> None:
    towers = opened[kind]
    for tower, inputs in ((towers.text, TEXTS), (towers.picture, pictures())):
        if tower is None:
            continue
        every: Any = tower
        assert every.encode([]).shape == (0, every.card.dim)
        rows = every.encode([*inputs] * 5)
        assert rows.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=ROUNDING)
        np.testing.assert_allclose(rows, np.tile(every.encode(inputs), (5, 1)), atol=ROUNDING)
        np.testing.assert_allclose(every.encode(inputs[::-1]), every.encode(inputs)[::-1], atol=ROUNDING)
        for one, row in zip(inputs[:8], rows, strict=False):
            np.testing.assert_allclose(every.encode([one]), row[None], atol=ROUNDING)
        again = pickle.loads(pickle.dumps(every))  # noqa: S301 - pickled in the line itself
        assert again.card == every.card
        np.testing.assert_array_equal(again.encode(inputs), every.encode(inputs))
    assert towers.text
    assert not towers.text.encode(["", "  \n\t"]).any()


@pytest.mark.parametrize("kind", [*KINDS, "sentences"])
def test_a_card_says_where_the_model_comes_from(opened: dict[str, Towers], models: Path, kind: str) -> None:
    towers = opened[kind]
    assert towers.name == f"hub:{models / kind}"
    assert towers.shared == (kind != "sentences")
    for card in towers.cards:
        assert (card.name, card.licence, card.source) == (kind, "mit", f"the folder {kind}")
        assert card.weights_hash
        assert str(models) not in card.as_json()  # a model that is moved is the same model


def test_other_weights_are_another_encoder(opened: dict[str, Towers], models: Path, tmp_path: Path) -> None:
    torch.manual_seed(99)
    (tmp_path / "clip").mkdir()
    save_clip(tmp_path / "clip")
    other = load_encoder(f"hub:{tmp_path / 'clip'}")
    assert {card.hash for card in other.cards}.isdisjoint(card.hash for card in opened["clip"].cards)
    assert {card.licence for card in other.cards} == {"unknown"}


def test_threads_that_others_set_come_back(opened: dict[str, Towers]) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    text = opened["clip"].text
    assert text
    text.encode(["a"])
    assert torch.get_num_threads() == 2
    torch.set_num_threads(before)


@pytest.mark.parametrize("kind", ["clip", "sentences"])
def test_a_shop_is_built_with_a_model_and_searched(models: Path, tmp_path: Path, kind: str) -> None:
    for name, pixels in zip("abc", pictures(), strict=False):
        Image.fromarray(pixels).resize((40, 40)).save(tmp_path / f"{name}.png")
    goods = "sku,title,image\nA1,red mug,a.png\nB2,navy shirt,b.png\nC3,steel kettle,c.png\n"
    (tmp_path / "goods.csv").write_text(goods)
    shop = Shop.create(
        tmp_path / "shop", encoder=f"hub:{models / kind}", settings=Settings(workers=1, picture_side=40)
    )
    report = shop.build(tmp_path / "goods.csv")
    assert not report.problems
    assert [hit.product.id for hit in shop.search("navy shirt", mode="vector", k=1)] == [
        "B2"
    ] or kind == "clip"
    if kind == "clip":
        hits = shop.search(image=tmp_path / "c.png", mode="vector", k=1)
        assert [hit.product.id for hit in hits] == ["C3"]


def spoil(folder: Path, how: str) -> None:
    """Make a model folder wrong in one way."""
    if how == "pickle":
        (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    elif how == "no weights":
        (folder / "model.safetensors").unlink()
    elif how == "half":
        body = (folder / "model.safetensors").read_bytes()
        (folder / "model.safetensors").write_bytes(body[: len(body) // 2])
    elif how == "no processor":
        (folder / "preprocessor_config.json").unlink()
    elif how == "no config":
        (folder / "config.json").unlink()
    else:
        config = {} if how == "no kind" else {"model_type": how}
        (folder / "config.json").write_text("{" if how == "no json" else json.dumps(config))


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("pickle", r"has its weights only as a pickle, pytorch_model.bin, which can run code when opened"),
        ("no weights", "holds no weights: there is no .safetensors file"),
        ("half", r"is no model that can be opened \("),
        ("no processor", r"is no model that can be opened \("),
        ("no config", "holds no model: there is neither config.json nor modules.json"),
        ("gpt2", "is a model of the kind 'gpt2', which gives no vectors to search with"),
        ("no kind", "is a model of no known kind, which gives no vectors"),
        ("no json", "config.json is not JSON"),
    ],
)
def test_a_folder_that_is_no_model_is_refused_in_one_sentence(tmp_path: Path, how: str, words: str) -> None:
    folder = tmp_path / "spoilt"
    folder.mkdir()
    save_clip(folder)
    spoil(folder, how)
    with pytest.raises(BadFile, match=words) as caught:
        load_encoder(f"hub:{folder}")
    assert "\n" not in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("path", "change", "words"),
    [
        ("modules.json", [{"type": "os.system", "path": ""}], "asks for the code 'os.system'"),
        ("modules.json", [{"type": "sentence_transformers.x", "path": "../.."}], "names a folder outside"),
        ("modules.json", {}, "is not a list of modules"),
        ("config_sentence_transformers.json", {"model_type": "SparseEncoder"}, "is a SparseEncoder, which"),
    ],
)
def test_sentences_with_code_of_their_own_or_without_vectors_are_refused(
    tmp_path: Path, path: str, change: object, words: str
) -> None:
    folder = tmp_path / "spoilt"
    save_sentences(folder)
    (folder / path).write_text(json.dumps(change))
    with pytest.raises(BadFile, match=words):
        load_encoder(f"hub:{folder}")


def test_a_pickle_in_a_part_of_sentences_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "spoilt"
    save_sentences(folder)
    (dense,) = folder.glob("2_*")
    (dense / "model.safetensors").rename(dense / "pytorch_model.bin")
    with pytest.raises(BadFile, match=r"2_Dense has its weights only as a pickle"):
        load_encoder(f"hub:{folder}")


@pytest.mark.parametrize("name", ["", "no/such/folder", "./nothing", "\0", "a b", "long/" * 2000])
def test_a_folder_that_is_not_there_is_told(name: str) -> None:
    with pytest.raises(MissingFile, match="there is no model folder"):
        load_encoder(f"hub:{name}")


ASK = """
import sys, time
from duomo.encode.models import load_encoder
from duomo.errors import DuomoError
before = time.perf_counter()
try:
    load_encoder("hub:nobody/nothing")
except DuomoError as error:
    print(type(error).__name__, error)
"""


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            {"HF_HUB_OFFLINE": "1"},
            "BadSetup the model 'nobody/nothing' is not on this machine, and HF_HUB_OFFLINE",
        ),
        (
            {"HF_ENDPOINT": "http://127.0.0.1:9"},
            "BadSetup the model 'nobody/nothing' is not on this machine, and the hub",
        ),
    ],
)
def test_a_hub_that_is_switched_off_or_away_is_told_at_once(
    tmp_path: Path, given: dict[str, str], words: str
) -> None:
    run = subprocess.run(
        [sys.executable, "-c", ASK],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        env={**os.environ, "HF_HOME": str(tmp_path), **given},
    )
    assert run.stdout.startswith(words), run.stdout + run.stderr
    assert run.stdout.count("\n") == 1
