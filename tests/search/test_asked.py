"""Clips and speech as questions, through Python and the command line."""

import json
import shutil
import subprocess
import sys
import wave
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from duomo.errors import BadClip, BadQuery, BadSetting, BadSound
from duomo.hits import Query
from duomo.search.asked import clip_of, words_said
from duomo.settings import Settings
from duomo.shop import Shop

COLORS = {"red": (190, 20, 30), "blue": (20, 30, 190), "green": (20, 150, 40)}
WriteClip = Callable[..., bytes]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Dresses, mugs and chairs in three colors."""
    folder = tmp_path_factory.mktemp("asked")
    rows = ["sku,title,image"]
    for color, rgb in COLORS.items():
        Image.new("RGB", (64, 64), rgb).save(folder / f"{color}.png")
        rows += [f"{kind}-{color},{color.title()} {kind},{color}.png" for kind in ("dress", "mug", "chair")]
    (folder / "goods.csv").write_text("\n".join(rows), "utf-8")
    made = Shop.create(folder / "shop", encoder="hashed", settings=Settings(workers=0))
    made.build(folder / "goods.csv")
    return made


def said(text: str) -> bytes:
    """The text, spoken, as a WAV."""
    program = shutil.which("espeak-ng")
    if program is None:
        pytest.skip("speech is synthesised by espeak-ng, which is not here (on Debian: apt-get install it)")
    pytest.importorskip("pocketsphinx", reason="hearing needs pocketsphinx: pip install 'duomo[voice]'")
    command = [program, "-v", "en-us", "-s", "140", "--stdout", text]
    return subprocess.run(command, capture_output=True, check=True).stdout


def turning(rgb: tuple[int, int, int]) -> list[np.ndarray]:
    """A thing of one color that grows and shrinks before the camera."""
    frames = []
    for size in (60, 56, 52, 50, 52, 56, 60, 62):
        frame = np.full((64, 64, 3), 255, np.uint8)
        frame[32 - size // 2 : 32 + size // 2, 32 - size // 2 : 32 + size // 2] = rgb
        frames.append(frame)
    return frames


@pytest.mark.parametrize("color", COLORS)
def test_a_clip_finds_goods_of_its_color_also_by_the_command(
    shop: Shop, write_clip: WriteClip, tmp_path: Path, color: str
) -> None:
    clip = tmp_path / "turntable.mp4"
    clip.write_bytes(write_clip(turning(COLORS[color])))
    hits = shop.search(clip=clip, k=3)
    assert {hit.product.id.split("-")[1] for hit in hits} == {color}
    assert [hit.product.id for hit in shop.search(clip=clip.read_bytes(), k=3)] == [
        hit.product.id for hit in hits
    ]
    assert shop.search("mug", clip=clip, k=1)[0].product.id.startswith("mug")
    command = [sys.executable, "-m", "duomo", "search", "--shop", shop.folder, "--clip", clip, "--json"]
    run = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True)
    shown = [hit["product_id"] for hit in json.loads(run.stdout)["hits"]]
    assert shown[:3] == [hit.product.id for hit in hits]


def test_what_is_said_is_searched(shop: Shop, tmp_path: Path) -> None:
    hits = shop.search(audio=said("red mug"), k=1)
    assert hits.understood["heard"] == "red mug"
    assert hits[0].product.id == "mug-red"
    sound = tmp_path / "question.wav"
    sound.write_bytes(said("blue"))
    assert shop.search("chair", audio=sound, k=1)[0].product.id == "chair-blue"
    questions = tmp_path / "q.jsonl"
    questions.write_text(json.dumps({"qid": "q1", "text": "dress", "audio": "question.wav"}) + "\n")
    command = [sys.executable, "-m", "duomo", "search", "--shop", shop.folder, "--batch", questions]
    run = [*command, "--run", tmp_path / "r.trec", "-k", 1]
    subprocess.run([str(part) for part in run], check=True, capture_output=True)
    assert (tmp_path / "r.trec").read_text().split()[2] == "dress-blue"


def silence() -> bytes:
    """A second in which nothing is said, as a WAV."""
    body = BytesIO()
    with wave.open(body, "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(bytes(32_000))
    return body.getvalue()


def test_silence_is_no_search_for_everything(shop: Shop) -> None:
    pytest.importorskip("pocketsphinx", reason="hearing needs pocketsphinx: pip install 'duomo[voice]'")
    with pytest.raises(BadQuery, match="nothing was understood in the sound"):
        shop.search(audio=silence())
    assert shop.search("mug", audio=silence(), k=1)[0].product.id.startswith("mug")


def test_what_is_no_clip_or_sound_is_told(shop: Shop, write_clip: WriteClip, tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("to be filmed")
    with pytest.raises(BadClip, match=r"notes\.mp4"):
        shop.search(clip=text)
    with pytest.raises(BadSound):
        shop.search(audio=text)
    with pytest.raises(BadClip, match="the clip is empty"):
        shop.search(clip=b"")
    clip = clip_of(write_clip(turning((9, 9, 9))), shop.settings)
    with pytest.raises(BadQuery, match="a picture and a clip were both asked for"):
        shop.ask_for(Query(picture=np.zeros((8, 8, 3), np.uint8), clip=clip))
    with pytest.raises(BadQuery, match="keywords cannot find by a picture"):
        shop.ask_for(Query(clip=clip, mode="keywords"))


def test_a_recogniser_that_is_none_is_told(shop: Shop) -> None:
    deaf = Shop.open(shop.folder, settings=Settings(hears="ears"))
    with pytest.raises(BadSetting, match="no recogniser of speech is called 'ears'"):
        deaf.search(audio=silence())


def test_the_words_that_shoppers_may_say_are_those_of_the_titles(shop: Shop) -> None:
    snapshot = shop._now().snapshot
    assert set(words_said(snapshot)) == {"red", "blue", "green", "dress", "mug", "chair"}
    assert len(words_said(snapshot, most=2)) == 2
