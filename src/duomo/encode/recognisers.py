"""The recognisers of speech by name."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from duomo.encode.audio import Hears, Sphinx
from duomo.encode.transcripts import transcripts_at
from duomo.errors import BadSetting

REMOTE: Final = "openai:"  # and then an address

RECOGNISERS: Final[Mapping[str, Callable[[Sequence[str] | None], Hears]]] = MappingProxyType(
    {"pocketsphinx": Sphinx}
)


def load_recogniser(name: str, *, words: Sequence[str] | None = None, key: str = "") -> Hears:
    """The recogniser called `name`, ready to hear.

    Args:
        name: one of RECOGNISERS, or `openai:ADDRESS` (see `duomo.encode.transcripts.transcripts_at`).
        words: what shoppers say, for a recogniser that needs to know (see `Sphinx`), which otherwise guesses
            among all that it knows; others take no notice.
        key: for a server that wants one.

    Raises:
        BadSetting: no recogniser is called this.
        MissingExtra: the package that it needs is not installed.
        BadSetup: the address or the words are not right.

    >>> load_recogniser("ears")
    Traceback (most recent call last):
        ...
    duomo.errors.BadSetting: no recogniser of speech is called 'ears'. Known: pocketsphinx, openai:ADDRESS.
    """
    if name.startswith(REMOTE):
        return transcripts_at(name.removeprefix(REMOTE), key=key)
    if make := RECOGNISERS.get(name):
        return make(words)
    known = ", ".join((*RECOGNISERS, f"{REMOTE}ADDRESS"))
    raise BadSetting(f"no recogniser of speech is called '{name}'", remedy=f"Known: {known}.")
