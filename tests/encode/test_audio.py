"""What is said, by a voice that espeak-ng makes and by a server of the tests' own."""

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from duomo.encode.audio import Hears, Sphinx
from duomo.encode.recognisers import load_recogniser
from duomo.encode.transcripts import Transcripts, transcripts_at
from duomo.errors import BadSetting, BadSetup
from duomo.guard.sounds import RATE, Samples, open_sound, resampled

PHRASES = (
    "red dress",
    "blue cotton shirt",
    "black leather shoes",
    "white sneakers",
    "green summer dress",
    "large leather bag",
    "women winter jacket",
    "small white mug",
    "men watch",
    "red hat",
    "black chair",
    "blue vase",
)
# What a small shop might sell: what is said, and as many words again that are not.
WORDS = (*" ".join(PHRASES).split(), "lamp", "sofa", "wool", "silk", "scarf", "trousers", "table", "grey")


@cache
def said(text: str, voice: str = "en-us", speed: int = 140) -> bytes:
    """The text, spoken, as a WAV."""
    program = shutil.which("espeak-ng")
    if program is None:
        pytest.skip("speech is synthesised by espeak-ng, which is not here (on Debian: apt-get install it)")
    command = [program, "-v", voice, "-s", str(speed), "--stdout", text]
    return subprocess.run(command, capture_output=True, check=True).stdout


@pytest.fixture(scope="module")
def shop_ears() -> Sphinx:
    pytest.importorskip("pocketsphinx", reason="hearing needs pocketsphinx: pip install 'duomo[voice]'")
    return Sphinx(WORDS)


def share_heard(ears: Hears, voice: str, phrases: Sequence[str] = PHRASES) -> float:
    """The share of the phrases' words that are heard in them."""
    heard = wanted = 0
    for phrase in phrases:
        words = set(ears.hear(open_sound(said(phrase, voice))).text.split())
        heard += len(words & set(phrase.split()))
        wanted += len(phrase.split())
    return heard / wanted


@pytest.mark.slow
def test_the_words_of_a_shop_are_heard(shop_ears: Sphinx) -> None:
    assert share_heard(shop_ears, "en-us") >= 0.9
    assert share_heard(shop_ears, "en-us+f3") >= 0.7  # a high, thin voice


@pytest.mark.slow
def test_without_the_words_of_the_shop_much_less_is_heard(shop_ears: Sphinx) -> None:
    some = PHRASES[4:8]
    assert share_heard(load_recogniser("pocketsphinx"), "en-us", some) < share_heard(shop_ears, "en-us", some)


@pytest.mark.slow
def test_the_same_speech_is_always_heard_alike_whatever_was_heard_before(shop_ears: Sphinx) -> None:
    sound = open_sound(said("red dress"))
    first = shop_ears.hear(sound)
    assert (first.text, first.language) == ("red dress", "en")
    assert first.confidence is not None
    assert 0 <= first.confidence <= 1
    shop_ears.hear(open_sound(said("blue cotton shirt")))
    assert shop_ears.hear(sound).text == first.text
    threads = [threading.Thread(target=shop_ears.hear, args=(sound,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shop_ears.hear(sound).text == first.text


def test_no_sound_and_silence_say_nothing(shop_ears: Sphinx) -> None:
    assert shop_ears.hear(np.zeros(0, np.float32)).text == ""
    assert shop_ears.hear(np.zeros(RATE // 10, np.float32)).text == ""


@pytest.mark.slow
def test_of_too_many_words_the_first_are_heard(shop_ears: Sphinx) -> None:
    letters = "bcdfghklmnprstw"
    many = [f"{first}a{last}" for first in letters for last in letters]  # more than half are English words
    sound = open_sound(said("red dress"))
    assert Sphinx(["red", "dress", *many]).hear(sound).text == "red dress"
    assert "dress" not in Sphinx([*many, "red", "dress"]).hear(sound).text


def test_words_of_another_language_alone_are_refused(shop_ears: Sphinx) -> None:
    with pytest.raises(BadSetup, match=r"has none of the shop's words\. Use a recogniser of another"):
        Sphinx(["红色连衣裙", "zzyzxq"])


def test_without_pocketsphinx_the_line_that_installs_it_is_named() -> None:
    code = (
        "import sys; sys.modules['pocketsphinx'] = None\n"  # as an import finds it where it is not installed
        "from duomo.encode.recognisers import load_recogniser\n"
        "try: load_recogniser('pocketsphinx')\n"
        "except Exception as error: print(error)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == (
        "to understand speech, Duomo needs the package 'pocketsphinx', which is not installed. "
        "Run: pip install 'duomo[voice]'.\n"
    )


def test_an_unknown_recogniser_names_those_that_are_known() -> None:
    with pytest.raises(BadSetting, match=r"is called 'ears'\. Known: pocketsphinx, openai:ADDRESS"):
        load_recogniser("ears")


# A server


@dataclass
class Transcriber:
    """A server that answers every sound alike, and keeps what it was sent."""

    url: str = ""
    status: int = 200
    answer: bytes = b'{"text": "red dress"}'
    wait_s: float = 0.0  # before each byte of the answer
    asked: list[dict[str, bytes]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Transcriber]:
    told = Transcriber()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            boundary = self.headers["Content-Type"].partition("boundary=")[2].encode()
            fields = {}
            for part in body.split(b"--" + boundary)[1:-1]:  # each between two line ends
                head, _, value = part[2:-2].partition(b"\r\n\r\n")
                fields[head.split(b'name="')[1].split(b'"')[0].decode()] = value
            told.asked.append(fields)
            told.paths.append(self.path)
            told.keys.append(self.headers.get("Authorization"))
            self.send_response(told.status)
            self.send_header("Content-Length", str(len(told.answer)))
            self.end_headers()
            try:
                for byte in told.answer if told.wait_s else ():
                    time.sleep(told.wait_s)
                    self.wfile.write(bytes([byte]))
                if not told.wait_s:
                    self.wfile.write(told.answer)
            except OSError:  # the other side has hung up, as it should
                pass

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    listening.block_on_close = False
    told.url = f"http://127.0.0.1:{listening.server_address[1]}"
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield told
    listening.shutdown()
    listening.server_close()
    thread.join()


def hum(rate: int = RATE) -> Samples:
    return (0.3 * np.sin(np.arange(rate) / rate * 1400)).astype(np.float32)


def test_a_server_gets_the_sound_as_a_wav_and_its_answer_is_what_was_heard(server: Transcriber) -> None:
    server.answer = json.dumps(
        {
            "text": " 红色 连衣裙 ",
            "language": "chinese",
            "segments": [
                {"start": 0, "end": 3, "avg_logprob": -0.1},
                {"start": 3, "end": 4, "avg_logprob": -0.5},
            ],
        }
    ).encode()
    heard = load_recogniser(f"openai:{server.url}/v1#whisper-large-v3", key="s3cret").hear(
        hum(48_000), 48_000
    )
    assert (heard.text, heard.language) == ("红色 连衣裙", "zh")
    assert heard.confidence == pytest.approx(np.exp(-0.2))
    (asked,) = server.asked
    assert asked["model"] == b"whisper-large-v3"
    assert asked["response_format"] == b"verbose_json"
    assert np.abs(open_sound(asked["file"]) - resampled(hum(48_000), 48_000)).max() < 1e-4
    assert server.paths == ["/v1/audio/transcriptions"]
    assert server.keys == ["Bearer s3cret"]


def test_a_server_that_tells_the_text_alone_is_understood(server: Transcriber) -> None:
    heard = load_recogniser(f"openai:{server.url}#tiny").hear(hum())
    assert (heard.text, heard.language, heard.confidence) == ("red dress", "", None)
    assert server.asked[0]["response_format"] == b"json"
    assert server.keys == [None]


def test_nothing_is_sent_where_there_is_no_sound(server: Transcriber) -> None:
    assert load_recogniser(f"openai:{server.url}").hear(np.zeros(0, np.float32)).text == ""
    assert not server.asked


@pytest.mark.parametrize(
    ("status", "answer", "problem"),
    [
        (401, b"", r"refuses the key \(HTTP 401\)"),
        (404, b"no such page", r"gave no transcript \(HTTP 404\)"),
        (302, b"", r"gave no transcript \(HTTP 302\)"),
        (200, b"<html>", "answered something else than a transcript"),
        (200, b"[]", "answered something else than a transcript"),
        (200, b'{"text": null}', "answered something else than a transcript"),
        (200, b'{"text": "a", "segments": [{"avg_logprob": "x"}]}', "answered something else"),
        (200, b'{"text": "' + b"a" * 1_100_000 + b'"}', "answered more than 1000000 bytes"),
    ],
)
def test_an_answer_that_is_none_says_what_came(
    server: Transcriber, status: int, answer: bytes, problem: str
) -> None:
    server.status, server.answer = status, answer
    with pytest.raises(BadSetup, match=problem) as caught:
        load_recogniser(f"openai:{server.url}", key="s3cret").hear(hum())
    assert "s3cret" not in str(caught.value)


def test_a_server_that_is_slow_or_drips_is_given_up_in_time(server: Transcriber) -> None:
    server.wait_s = 0.1
    started = time.perf_counter()
    with pytest.raises(BadSetup, match=r"did not answer in 0\.3 s"):
        Transcripts(f"{server.url}/v1/audio/transcriptions", answer_s=0.3).hear(hum())
    assert time.perf_counter() - started < 2


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(BadSetup, match=r"http://127\.0\.0\.1:9/v1/audio/transcriptions cannot be reached"):
        load_recogniser("openai:http://127.0.0.1:9").hear(hum())


@pytest.mark.parametrize(
    "address", ["", "ftp://a.example", "http://", "http://me:pass@a.example", "http://[::"]
)
def test_an_address_that_is_none_is_refused_before_anything_is_sent(address: str) -> None:
    with pytest.raises(BadSetup) as caught:
        transcripts_at(address)
    assert ":pass" not in str(caught.value)


def test_the_key_is_not_shown_where_a_recogniser_is_printed() -> None:
    assert "s3cret" not in repr(transcripts_at("http://127.0.0.1", key="s3cret"))
