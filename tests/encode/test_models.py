import re
import subprocess
import sys
from pathlib import Path

import pytest

from duomo.encode.models import ENCODERS, lasting_name, load_encoder
from duomo.errors import UnknownEncoder


@pytest.mark.parametrize("name", ENCODERS)
def test_a_built_in_encoder_loads_under_its_name(name: str) -> None:
    towers = load_encoder(name)
    assert towers.name == name
    assert towers.text is not None
    assert towers.picture is not None
    assert towers.shared == name.startswith("pocket")  # words and pictures are hashed apart


def test_two_encoders_have_cards_of_their_own() -> None:
    cards = {name: {card.hash for card in load_encoder(name).cards} for name in ENCODERS}
    assert len(cards["hashed"] | cards["hashed-1024"]) == 3  # pictures are hashed alike
    assert len(set().union(*cards.values())) == 7


def test_an_unknown_encoder_names_the_near_and_the_known_ones() -> None:
    words = (
        "no encoder is called 'hashed1024'. Did you mean 'hashed-1024'? "
        "Known: pocket, pocket-cleared, hashed, hashed-1024, hub:NAME, openai:URL, "
        "or the path of a folder with a card.json."
    )
    with pytest.raises(UnknownEncoder) as caught:
        load_encoder("hashed1024")
    assert str(caught.value) == words


@pytest.mark.parametrize("name", ["", "nothing/like/it", "\0", "encoder" * 100])
def test_any_other_name_is_unknown(name: str) -> None:
    with pytest.raises(UnknownEncoder, match="no encoder is called"):
        load_encoder(name)


def test_a_folder_without_a_card_is_no_encoder(tmp_path: Path) -> None:
    with pytest.raises(UnknownEncoder, match=re.escape(f"'{tmp_path}' is no encoder: it holds no card.json")):
        load_encoder(str(tmp_path))


def test_an_encoder_folder_loads_by_its_path(encoder_folder: Path) -> None:
    towers = load_encoder(str(encoder_folder))
    assert towers.name == str(encoder_folder)
    assert [card.name for card in towers.cards] == ["tiny", "tiny"]
    assert towers.shared


def test_a_model_folder_keeps_its_name_wherever_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "clip").mkdir()
    monkeypatch.chdir(tmp_path)
    assert lasting_name("hub:clip") == f"hub:{tmp_path / 'clip'}"
    assert lasting_name("hub:openai/clip") == "hub:openai/clip"


def test_a_model_from_a_hub_without_the_extra_names_the_line_that_installs_it(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "clip"}')
    (tmp_path / "model.safetensors").write_bytes(b"")
    ask = (
        "import sys; sys.modules['torch'] = None  # what Python itself takes for not installed\n"
        f"from duomo.encode.models import load_encoder; load_encoder('hub:{tmp_path}')"
    )
    run = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=False)
    assert "MissingExtra: to use models from a hub, Duomo needs the package 'torch'" in run.stderr
    assert "pip install 'duomo[hub]'" in run.stderr


def install(folder: Path, code: str) -> None:
    """What installing a package with one encoder leaves behind."""
    (folder / "outside.py").write_text(code)
    facts = folder / "outside-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: outside\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text("[duomo.encoders]\nouter = outside:make\n")


OUTSIDE = """
from duomo.encode.base import Towers
from duomo.encode.hashed_text import HashedText
def make():
    return Towers(name="whatever", text=HashedText(32))
"""


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (
            OUTSIDE,
            "'hashed', 'hashed-1024', 'outer', 'hub:NAME', 'openai:URL') outer 32",
        ),
        ("import nowhere", "BadSetup: the encoder 'outer' of the package outside cannot be imported"),
        ("def make(): return 1", "BadSetup: the encoder 'outer' of the package outside gave no Towers"),
    ],
)
def test_an_installed_package_can_offer_an_encoder(tmp_path: Path, code: str, words: str) -> None:
    install(tmp_path, code)
    ask = (
        "from duomo.encode.models import encoder_names, load_encoder\n"
        "towers = load_encoder('outer'); print(encoder_names(), towers.name, towers.text.card.dim)"
    )
    run = subprocess.run(
        [sys.executable, "-c", ask], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert words in run.stdout + run.stderr


def test_loading_a_hashed_encoder_does_not_load_onnx() -> None:
    ask = "import sys; from duomo.encode import models; models.load_encoder('hashed'); print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert not {"onnxruntime", "tokenizers", "sqlite3", "torch", "httpx"} & set(run.stdout.split())
