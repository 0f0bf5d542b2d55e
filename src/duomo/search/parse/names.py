"""Names in a question: the values of a catalog, and the words of the lexicon, the longest first."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from duomo.lexicon import Concept, concepts
from duomo.lexicon import Kind as Subject
from duomo.search.parse.folded import WORD, Folded, Word, breaks, is_han, norm, plain, words
from duomo.search.parse.meaning import Kind
from duomo.shelf.han import has_han

Places = tuple[tuple[str, tuple[str, ...]], ...]  # columns, each with the values of it that are meant

READ: Final = frozenset({"type", "color", "pattern", "material", "style", "season", "occasion", "part"}) | {
    "size",
    "person",
    "feature",
    "room",
}  # kinds of the lexicon that goods are told apart by
# What shoppers say besides, by the first English name of the concept that they mean.
_ALSO: Final[Mapping[tuple[Subject, str], tuple[str, ...]]] = {
    ("color", "red"): ("大红色", "大红", "正红色", "鲜红色", "红的"),
    ("color", "black"): ("黑的", "纯黑"),
    ("color", "white"): ("白的",),
    ("color", "blue"): ("蓝的",),
    ("color", "green"): ("绿的",),
    ("color", "yellow"): ("黄的",),
    ("color", "grey"): ("灰的",),
    ("color", "pink"): ("粉的", "粉红"),
    ("color", "navy blue"): ("藏青", "藏蓝"),
    ("color", "multicolour"): ("multi", "彩色"),
    ("person", "men"): (
        "man", "gents", "mens", "男性", "男生", "男人", "男装", "男式", "男鞋", "男裤", "男包", "男表",
    ),
    ("person", "women"): (
        "woman", "female", "lady", "womens", "女性", "女生", "女人", "女装", "女式", "女鞋", "女裤", "女裙",
        "女包", "女表",
    ),
    ("person", "kids"): ("child", "童装", "童鞋", "小孩"),
}  # fmt: skip
_WIDER: Final = {"kids": ("boys", "girls")}  # who is meant where a catalog does not know the wider word
_WORN: Final = "鞋裙裤衫帽袜靴"  # what 白 and 女 make a word with: 白鞋, 女靴
_SAID_FIRST: Final[frozenset[Subject]] = frozenset({"season", "material", "pattern", "style", "feature"})
_GLUE: Final = " -&/+.'_"  # what may stand between the words of one name


@dataclass(frozen=True, slots=True)
class Name:
    """What a stretch of words may name."""

    kind: Kind  # what it tells of goods
    places: Places = ()  # where the catalog says so; (): the lexicon alone knows the word
    subjects: frozenset[Subject] = frozenset()  # the kinds of the concepts that the lexicon has for it
    spellings: tuple[str, ...] = ()  # what else the lexicon calls it


@dataclass(frozen=True, slots=True)
class Named:
    """A name where it stands in a folded text."""

    start: int
    end: int
    name: Name


@dataclass(frozen=True, slots=True)
class Names:
    """Names to look for: by the words of scripts with blanks, and by Chinese characters."""

    spaced: Mapping[str, Name] = field(default_factory=dict)  # normed words joined by blanks -> name
    han: Mapping[str, Name] = field(default_factory=dict)  # folded text with a Chinese character -> name
    most_words: Mapping[str, int] = field(default_factory=dict)  # first word -> of the longest name with it
    most_letters: Mapping[str, int] = field(default_factory=dict)  # first character -> likewise

    def at_word(self, text: str, found: list[Word], place: int) -> tuple[int, Name] | None:
        """The longest name that begins with the word at this place, and how many words it has."""
        norms, most = [found[place].norm], self.most_words.get(found[place].norm, 0)
        for number in range(place + 1, min(place + most, len(found))):
            if text[found[number - 1].end : found[number].start].strip(_GLUE):
                break
            norms.append(found[number].norm)
        met = (
            (count, name)
            for count in range(min(len(norms), most), 0, -1)
            if (name := self.spaced.get(" ".join(norms[:count])))
        )
        return _best(met)

    def at_letter(self, text: str, start: int, joints: frozenset[int]) -> Named | None:
        """The longest name with Chinese in it that begins here."""
        most = min(self.most_letters.get(text[start], 0), len(text) - start)
        met = _best(
            (length, name)
            for length in range(most, 0, -1)
            if (name := self.han.get(text[start : start + length]))
            and self._stands_alone(text, start, start + length, joints, name)
        )
        return Named(start, start + met[0], met[1]) if met else None

    def _stands_alone(self, text: str, start: int, end: int, joints: frozenset[int], name: Name) -> bool:
        """Whether a stretch with Chinese is no part of a longer word.

        Words of goods are written together without a rule, and are cut accordingly: 真皮沙发 is one word to
        the dictionary. So an end may fall into a word if the rest of the word is a name itself.
        """
        if (_latin(text, start - 1) and _latin(text, start)) or (_latin(text, end - 1) and _latin(text, end)):
            return False
        if end - start > 3:
            return True
        if end - start == 1 and start in joints and end + 1 in joints and name.kind in ("color", "gender"):
            return end in joints or text[end] in _WORN
        return self._sound(text, start, joints, -1) and self._sound(text, end, joints, 1)

    def _sound(self, text: str, place: int, joints: frozenset[int], step: int) -> bool:
        """Whether a word may begin (step 1: end) here, or the rest of the word before (behind) is a name."""
        if place in joints or _latin(text, place if step < 0 else place - 1):
            return True
        other = place + step
        while 0 < other < len(text) and other not in joints:
            other += step
        rest = text[min(place, other) : max(place, other)]
        return len(rest) > 1 and rest in self.han


def _best(met: Iterator[tuple[int, Name]]) -> tuple[int, Name] | None:
    """The longest of the names that begin at one place; they come longest first.

    A thing that only the lexicon knows by its whole name ("summer dress") is told by what its first word
    says of it where the catalog knows that. A color says something else there: a coffee table is not brown.
    """
    longest = next(met, None)
    if longest is None or longest[1].places or "type" not in longest[1].subjects:
        return longest
    return next((each for each in met if each[1].places and each[1].subjects & _SAID_FIRST), longest)


def names_of(named: Mapping[str, Name]) -> Names:
    """Names by their keys, as `key_of` makes them."""
    spaced: dict[str, Name] = {}
    han: dict[str, Name] = {}
    most_words: dict[str, int] = {}
    most_letters: dict[str, int] = {}
    for key, name in named.items():
        if has_han(key):
            han[key] = name
            most_letters[key[0]] = max(most_letters.get(key[0], 0), len(key))
        else:
            spaced[key] = name
            first, count = key.partition(" ")[0], key.count(" ") + 1
            most_words[first] = max(most_words.get(first, 0), count)
    return Names(spaced, han, most_words, most_letters)


def key_of(name: str) -> str:
    """What a name is looked up by; "" for one without letters and digits.

    >>> key_of("Men's T-Shirts"), key_of("纯棉 T恤")
    ('men t shirt', '纯棉t恤')
    """
    text = plain(name)
    if has_han(text):
        return "".join(text.split())
    return " ".join(norm(word) for word in WORD.findall(text))


@cache
def lexicon_names() -> Mapping[str, tuple[Concept, ...]]:
    """The concepts that a key may mean, in the order of the lexicon."""
    found: dict[str, tuple[Concept, ...]] = {}
    for concept in concepts():
        if concept.kind in READ:
            for word in words_of(concept):
                key = key_of(word)
                if key and concept not in found.get(key, ()):
                    found[key] = (*found.get(key, ()), concept)
    return found


def words_of(concept: Concept) -> tuple[str, ...]:
    """Every name of a concept, those that shoppers say besides included."""
    return (*concept.en, *concept.zh, *_ALSO.get((concept.kind, concept.en[0]), ()))


def names_in_goods(concept: Concept) -> tuple[str, ...]:
    """The names by which a catalog may hold a concept: 女包 is said of women, and is a thing itself."""
    return (*concept.en, *concept.zh) if concept.kind == "person" else words_of(concept)


def wider(concept: Concept) -> tuple[Concept, ...]:
    """The concepts that together make up this one: kids are boys and girls."""
    parts = _WIDER.get(concept.en[0], ()) if concept.kind == "person" else ()
    return tuple(c for part in parts for c in lexicon_names()[key_of(part)] if c.kind == "person")


@cache
def other_words() -> Mapping[str, tuple[str, ...]]:
    """Key of a word, or the folded word itself -> what the lexicon has for the same thing.

    What goods have is known by how having it is called: "with hood", 带帽 and 连帽 make hood, 帽 and 连帽.

    >>> other_words()["hood"]
    ('hood', '连帽', '帽')
    """
    found: dict[str, list[str]] = {}
    had: dict[str, list[str]] = {}
    for concept in (c for c in concepts() if c.kind in READ):
        for word in words_of(concept):
            for key in {key_of(word), plain(word)}:
                found.setdefault(key, []).extend(words_of(concept))
        if parts := [word.removeprefix("with ") for word in concept.en if word.startswith("with ")]:
            parts += [word.removeprefix("带") for word in concept.zh]
            for part in parts:
                for key in {key_of(part), plain(part)}:
                    had.setdefault(key, []).extend(parts)
    return {key: tuple(dict.fromkeys(each)) for key, each in (found | had).items()}


def find(folded: Folded, names: Names) -> list[Named]:
    """The names in a text from left to right, the longest at each place; they do not overlap."""
    text, found = folded.text, words(folded.text)
    out: list[Named] = []
    joints = breaks(text) if not text.isascii() else frozenset()
    starts = {word.start: number for number, word in enumerate(found)}
    place = 0
    while place < len(text):
        here: Named | None = None
        if not text.isascii() and text[place] in names.most_letters:
            here = names.at_letter(text, place, joints)
        if (number := starts.get(place)) is not None and (met := names.at_word(text, found, number)):
            end = found[number + met[0] - 1].end
            if here is None or end > here.end:
                here = Named(place, end, met[1])
        if here:
            out.append(here)
            place = here.end
        else:
            place += 1
    return out


def _latin(text: str, place: int) -> bool:
    """Whether a letter or digit of a script with blanks stands there."""
    return 0 <= place < len(text) and text[place].isalnum() and not is_han(text[place])


def overlaps(start: int, end: int, taken: Iterable[tuple[int, int]]) -> bool:
    """Whether a stretch shares a character with one of those taken."""
    return any(start < other_end and other_start < end for other_start, other_end in taken)
