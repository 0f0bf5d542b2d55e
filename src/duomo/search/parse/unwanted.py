"""What a question does not want, in other words; and whether a product says that it has it."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from duomo.search.parse.folded import plain, words
from duomo.search.parse.meaning import Meaning
from duomo.search.parse.names import key_of, other_words
from duomo.shelf.han import has_han

MOST_SPELLINGS: Final = 8


@lru_cache(maxsize=10_000)
def spellings_of(said: str) -> tuple[str, ...]:
    """What else an unwanted thing is called, in both languages; the word itself is left out.

    >>> spellings_of("hood")
    ('连帽', '帽')
    """
    key, words = key_of(said), other_words()
    # Laces are no lace: the word as it is said comes before its stem.
    others = words.get(plain(said).strip(), ()) or words.get(key, ())
    return tuple(word for word in others if key_of(word) != key)[:MOST_SPELLINGS]


_DENIED: Final = re.compile(
    r"(?:(?:without|w/o|no|non)(?:\s+(?:any|a|an|the))?[\s-]+|不(?:要|带|含)|没有|无)$"
)


def tells_of(text: str, meaning: Meaning) -> bool:
    """Whether a text about a product names what a meaning does not want, other than by denying it.

    A jacket whose title says "without hood" holds the word and is wanted; so does one that says 无帽.

    >>> from duomo.search.parse.meaning import Meaning
    >>> said = "without hood"
    >>> unwanted = Meaning(kind="without", said=said, at=(0, 12), unwanted="hood", spellings=("帽",))
    >>> [tells_of(title, unwanted) for title in ("Jacket with hood", "Jacket without a hood", "无帽夹克")]
    [True, False, False]
    """
    bare = plain(text)
    return any(_told(bare, spelling) for spelling in (meaning.unwanted, *meaning.spellings) if spelling)


def _told(text: str, spelling: str) -> bool:
    key = key_of(spelling)
    places: Iterable[int]
    if has_han(key):
        text = "".join(text.split())
        places = (found.start() for found in re.finditer(re.escape(key), text))
    else:
        said = words(text)
        norms = [word.norm for word in said]
        wanted = key.split(" ")
        places = (
            said[n].start
            for n in range(len(norms) - len(wanted) + 1)
            if wanted and norms[n : n + len(wanted)] == wanted
        )
    return any(not _DENIED.search(text[max(0, place - 20) : place]) for place in places)
