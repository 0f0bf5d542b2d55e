"""Clips and speech as questions to a shop."""

import json
import threading
import wave
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from duomo.errors import BadClip, BadQuery, BadSetting, BadSetup, BadSound, MissingFile
from duomo.hits import Query
from duomo.search.asked import clip_of, words_said
from duomo.settings import Settings
from duomo.shop import Shop

COLORS = {"red": (190, 20, 30), "blue": (20, 30, 190), "green": (20, 150, 40)}
WriteClip = Callable[..., bytes]
Say = Callable[[str], bytes]
NoQuestions = list[tuple[str, bytes, str]]


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


def turning(rgb: tuple[int, int, int]) -> list[np.ndarray]:
    """A thing of one color that grows and shrinks before the camera."""
    frames = []
    for size in (60, 56, 52, 50, 52, 56, 60, 62):
        frame = np.full((64, 64, 3), 255, np.uint8)
        frame[32 - size // 2 : 32 + size // 2, 32 - size // 2 : 32 + size // 2] = rgb
        frames.append(frame)
    return frames


@pytest.mark.parametrize("color", COLORS)
def test_a_clip_finds_goods_of_its_color(
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


def test_what_is_said_is_searched(shop: Shop, say: Say, tmp_path: Path) -> None:
    hits = shop.search(audio=say("red mug"), k=1)
    heard = hits.understood["heard"]
    assert isinstance(heard, dict)
    assert (heard["text"], heard["language"]) == ("red mug", "en")
    assert 0 <= heard["confidence"] <= 1
    assert hits[0].product.id == "mug-red"
    sound = tmp_path / "question.wav"
    sound.write_bytes(say("blue"))
    assert shop.search("chair", audio=sound, k=1)[0].product.id == "chair-blue"
    assert shop.search("chair", k=1).understood["heard"] is None


def test_what_is_said_beside_a_clip_counts_as_if_it_were_written(
    shop: Shop, say: Say, write_clip: WriteClip
) -> None:
    clip = write_clip(turning(COLORS["green"]))
    said = shop.search("green", clip=clip, audio=say("chair"), k=9)
    written = shop.search("green chair", clip=clip, k=9)
    assert said.page == written.page
    assert said[0].product.id == "chair-green"
    assert {"text", "picture"} <= set(said.understood["vectors"])  # type: ignore[call-overload]  # a list


def silence() -> bytes:
    """A second in which nothing is said, as a WAV."""
    body = BytesIO()
    with wave.open(body, "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(bytes(32_000))
    return body.getvalue()


def test_silence_is_no_search_for_everything(shop: Shop, tmp_path: Path) -> None:
    pytest.importorskip("pocketsphinx", reason="hearing needs pocketsphinx: pip install 'duomo[voice]'")
    sound = tmp_path / "question.wav"
    sound.write_bytes(silence())
    with pytest.raises(BadQuery) as told:
        shop.search(audio=silence(), where="title = 'Red mug'")
    assert str(told.value) == "nothing was understood in the sound. Say it again, or write it."
    with pytest.raises(BadQuery, match=r"question\.wav: nothing was understood"):
        shop.search(audio=sound)
    hits = shop.search("mug", audio=sound, k=1)
    assert hits[0].product.id.startswith("mug")
    assert hits.understood["heard"] == {"text": "", "language": "en", "confidence": None}


def test_what_is_no_clip_or_sound_is_told_with_its_name(
    shop: Shop, no_questions: NoQuestions, tmp_path: Path
) -> None:
    for part, body, problem in no_questions:
        wrong, path = {"clip": (BadClip, "a.mp4"), "audio": (BadSound, "a.wav")}[part]
        (tmp_path / path).write_bytes(body)
        for file, name in ((body, ""), (tmp_path / path, f"{tmp_path / path}: ")):
            with pytest.raises(wrong) as told:
                shop.search(
                    "mug", clip=file if part == "clip" else None, audio=file if part == "audio" else None
                )
            assert told.value.args[0] == f"{name}{problem}"
            assert told.value.remedy
    with pytest.raises(MissingFile, match="no such clip"):
        shop.search(clip=tmp_path / "none.mp4")


def test_a_clip_stands_in_the_place_of_a_picture(shop: Shop, write_clip: WriteClip) -> None:
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


class Whisper(BaseHTTPRequestHandler):
    """Hears a request for a red mug, in Chinese, in every sound, from whoever has the key."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200 if self.headers["Authorization"] == "Bearer s3cret" else 401)
        self.end_headers()
        self.wfile.write(json.dumps({"text": "红色马克杯", "language": "chinese"}).encode())

    def log_message(self, format: str, *arguments: object) -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def whisper() -> Iterator[str]:
    """The name of the recogniser behind a server on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Whisper)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"openai:http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def chinese(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Two goods, with titles in Chinese alone."""
    folder = tmp_path_factory.mktemp("chinese")
    (folder / "goods.csv").write_text("sku,title\nA1,蓝色椅子\nA2,红色马克杯\n", "utf-8")
    made = Shop.create(folder / "shop", encoder="hashed", settings=Settings(workers=0))
    made.build(folder / "goods.csv")
    return made


def test_a_shop_without_english_titles_says_that_it_understands_no_english(chinese: Shop) -> None:
    pytest.importorskip("pocketsphinx", reason="hearing needs pocketsphinx: pip install 'duomo[voice]'")
    with pytest.raises(BadSetup, match=r"none of the shop's words\. Use a recogniser of another language"):
        chinese.search(audio=silence())


def test_a_server_that_knows_chinese_hears_for_a_shop_that_has_its_key(chinese: Shop, whisper: str) -> None:
    hearing = Shop.open(chinese.folder, settings=Settings(hears=whisper, openai_key="s3cret"))
    hits = hearing.search(audio=silence(), k=1)
    assert hits[0].product.id == "A2"
    assert hits.understood["heard"] == {"text": "红色马克杯", "language": "zh", "confidence": None}
    deaf = Shop.open(chinese.folder, settings=Settings(hears=whisper))
    with pytest.raises(BadSetup, match=r"Set DUOMO_OPENAI_KEY"):
        deaf.search(audio=silence())
