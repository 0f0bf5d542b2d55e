"""What a shopper asks with, opened: pictures, clips, and what is said in a sound."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from duomo.arrays import Pixels
from duomo.errors import BadPicture, BadQuery
from duomo.guard.pictures import Picture, open_picture, read_picture
from duomo.settings import Settings
from duomo.shelf.base import Snapshot

if TYPE_CHECKING:
    from duomo.encode.audio import Heard, Hears
    from duomo.encode.regions import Box
    from duomo.guard.clips import Clip

Image = Path | str | bytes | Pixels  # a file, the bytes of a file, or (height, width, 3) RGB pixels
File = Path | str | bytes  # a file, or the bytes of one

MAIN: Final = "main"  # instead of a box: what stands out most in the picture
MOST_SAID: Final = 400  # words of a shop that a recogniser is told to expect; it may take fewer
_WORD: Final = re.compile(r"[a-z]{2,}")


def opened(image: Image, settings: Settings) -> Picture:
    """A picture, opened as safely as the pictures of a catalog; raises BadPicture."""
    if isinstance(image, np.ndarray):
        return Picture(pixels=image, width=image.shape[1], height=image.shape[0], format="")
    if isinstance(image, bytes):
        if len(image) > settings.picture_mb * 1e6:
            problem = f"the picture has {len(image) / 1e6:.1f} MB, more than {settings.picture_mb:g}"
            raise BadPicture(problem, remedy="Make it smaller, or raise the setting picture_mb")
        return open_picture(image, side=settings.picture_side, megapixels=settings.picture_megapixels)
    return read_picture(
        Path(image),
        side=settings.picture_side,
        megapixels=settings.picture_megapixels,
        picture_mb=settings.picture_mb,
    )


def clip_of(clip: File, settings: Settings) -> "Clip":
    """The frames of a clip; raises BadClip, MissingFile, or MissingExtra where PyAV is not installed."""
    from duomo.guard.clips import open_clip  # here, as its packages are large and mostly not needed

    return open_clip(clip, side=settings.picture_side)


def box_in(picture: Picture | None, box: "str | Box | None") -> "Box | None":
    """The region of a picture that is meant, as it was named; "main": what stands out most.

    Raises:
        BadQuery: it is none, or lies outside the picture, or there is no picture.
    """
    if box is None or box == "":
        return None
    if picture is None:
        raise BadQuery("a box was given without a picture", remedy="Send the picture that it lies in")
    from duomo.encode.regions import box_of, main_object  # here, as few questions are parts of pictures

    if not isinstance(box, str):
        return box
    if box.strip() == MAIN:
        return main_object(picture.pixels)
    return box_of(box, width=picture.width, height=picture.height)


class Ears:
    """What makes words of sounds for one shop; the recogniser is loaded when something is said first."""

    def __init__(self, snapshot: Snapshot, settings: Settings) -> None:
        """Of the variants table; the settings name the recogniser."""
        self._snapshot, self._settings = snapshot, settings
        self._hears: Hears | None = None

    def hear(self, audio: File, *, alone: bool) -> "Heard":
        """What is said in a sound; its text is empty where nothing was understood.

        Args:
            audio: a file, or its bytes.
            alone: nothing else is asked, so that something must be understood.

        Raises:
            BadQuery: nothing was understood, and nothing else was asked.
            MissingFile, BadSound: it cannot be opened.
            BadSetting: no recogniser is called what the settings say.
            BadSetup: the recogniser does not answer, or does not know the language of the shop's titles.
            MissingExtra: its package, or the one that opens sounds, is not installed.
        """
        from duomo.encode.recognisers import load_recogniser  # here, as its packages are large and
        from duomo.guard.sounds import open_sound  # mostly not needed

        samples = open_sound(audio)
        if self._hears is None:
            words, key = words_said(self._snapshot), self._settings.openai_key
            self._hears = load_recogniser(self._settings.hears, words=words, key=key)
        heard = self._hears.hear(samples)
        if alone and not heard.text:
            name = "" if isinstance(audio, bytes) else f"{audio}: "
            problem = f"{name}nothing was understood in the sound"
            raise BadQuery(problem, remedy="Say it again, or write it")
        return heard


def words_said(snapshot: Snapshot, most: int = MOST_SAID) -> list[str]:
    """The words of a shop's titles, the most frequent first: what shoppers are likely to say."""
    if not len(snapshot):
        return []
    titles: Sequence[str | None] = snapshot.take(snapshot.search().rows, ["title"])["title"].to_pylist()
    counts = Counter(word for title in titles if title for word in _WORD.findall(title.lower()))
    return [word for word, _ in counts.most_common(most)]


def listed(given: str | Sequence[str]) -> tuple[str, ...]:
    """One text, or several, as several; "" is none.

    >>> listed("a"), listed(["a", "b"]), listed("")
    (('a',), ('a', 'b'), ())
    """
    return ((given,) if given else ()) if isinstance(given, str) else tuple(given)
