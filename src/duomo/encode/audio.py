"""Sound to words: the promise every recogniser of speech keeps, and the one that runs on this machine."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final, Protocol

import numpy as np

from duomo.errors import BadSetup
from duomo.extras import needs
from duomo.guard.sounds import RATE, Samples, resampled

_MARGIN: Final = np.zeros(RATE // 4, np.float32)  # of silence before and behind, where speech begins at once
_NOISE: Final = 1e-3  # see `Sphinx.hear`
MOST_WORDS: Final = 150  # hearing takes 0.3 s a second of sound with 32 words, 1 with 150, 4 with 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was said, as far as it was understood."""

    text: str  # "": nothing
    language: str = ""  # as in "en", "zh"; "": the recogniser does not say
    confidence: float | None = None  # 0 to 1, on each recogniser's own scale; None: it does not say


class Hears(Protocol):
    """Turns speech into words; anything with this member is a recogniser."""

    def hear(self, samples: Samples, rate: int = RATE) -> Heard:
        """What was said in (n,) float32 samples from -1 to 1, `rate` of them a second; nothing in no samples.

        Raises:
            BadSetup: what it depends on does not answer.
        """


class Sphinx:
    """PocketSphinx with the English model of its own package (BSD), on this machine, with no network.

    Told which words to expect, it hears those and nothing else: whatever is said comes out as some of them.
    With None, it guesses among the 130,000 words of its dictionary, and mostly wrongly.

    Args:
        words: those that a shop's shoppers say, the most frequent first; several may stand in one text.
            Words that its English dictionary does not have are left out, and all after the first MOST_WORDS.

    Raises:
        MissingExtra: pocketsphinx (the extra `voice`) is not installed.
        BadSetup: its dictionary has none of the words.
    """

    def __init__(self, words: Sequence[str] | None = None) -> None:
        with needs("voice", to="understand speech"):
            from pocketsphinx import Decoder
        self._lock = Lock()  # a decoder hears one thing at a time
        if words is None:
            self._decoder = Decoder(loglevel="FATAL")
            return
        # Without a language model it starts ten times faster; a grammar takes its place.
        self._decoder = Decoder(lm=None, loglevel="FATAL")
        given = dict.fromkeys(re.findall(r"[a-z]+(?:'[a-z]+)?", " ".join(words).lower()))
        known = [word for word in given if self._decoder.lookup_word(word)][:MOST_WORDS]
        if not known:
            problem = "the English dictionary of pocketsphinx has none of the shop's words"
            raise BadSetup(problem, remedy="Use a recogniser of another language: openai:ADDRESS")
        grammar = f"#JSGF V1.0; grammar shop; public <said> = ({' | '.join(known)})+;"
        self._decoder.add_jsgf_string("shop", grammar)
        self._decoder.activate_search("shop")

    def hear(self, samples: Samples, rate: int = RATE) -> Heard:
        """What was said, in English; see `Hears.hear`.

        Its features are logarithms of energies, which digital silence does not have: with a noise 60 dB
        below full scale 29 of 30 synthesised words were heard, without it 15.
        """
        if not samples.size:
            return Heard(text="")
        sound = np.concatenate([_MARGIN, resampled(samples, rate), _MARGIN])
        sound += np.random.default_rng(0).normal(0, _NOISE, sound.size).astype(np.float32)
        pcm = (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()
        with self._lock:
            self._decoder.start_utt()
            self._decoder.process_raw(pcm, full_utt=True)
            self._decoder.end_utt()
            found = self._decoder.hyp()
        if found is None or not found.hypstr:
            return Heard(text="", language="en")
        return Heard(text=found.hypstr, language="en", confidence=float(np.clip(found.prob, 0, 1)))
