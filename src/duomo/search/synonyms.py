"""Other words for what was asked: from the shop's own file, and from the lexicon in both languages."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple, Self

from duomo.errors import BadFile
from duomo.lexicon import concepts
from duomo.search.repair import Alternative, Group
from duomo.search.vocabulary import Vocabulary
from duomo.shelf.han import fold_traditional, has_han
from duomo.shelf.keywords import tokens, words

FILE: Final = "synonyms.txt"  # in the shop's folder
MOST_LINES: Final = 10_000
MOST_NAMES: Final = 100  # on one line
LONGEST: Final = 80  # characters of a name
MOST_MB: Final = 2
_MOST_WORDS: Final = 6  # of a name that is looked for in a question
_MOST_ADDED: Final = 12  # other words for one
# What another word counts beside the one that was asked. The file's is as good: the merchant says so.
OWN: Final = 1.0
TRANSLATED: Final = 0.9
SAME_LANGUAGE: Final = 0.4  # measured on icecat: benchmarks/search_judged.py
_NO_NAMES: Final = frozenset(
    {"verb", "unit"}
)  # kinds whose words are no names of goods or of what they are like
_COMMA: Final = re.compile(r"(?<!\\)[,，、]")
_REMEDY: Final = "Write a line as: sofa, couch, 沙发 - or, for one direction alone: tee => t-shirt"


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a synonyms file: whoever asks for one of the left also finds the right."""

    line: int
    left: tuple[str, ...]
    right: tuple[str, ...]  # the same as left where all are equal


def read_synonyms(folder: Path) -> tuple[Rule, ...]:
    """The rules of a shop's synonyms file; none where there is no file.

    Raises:
        BadFile: it is no text, too large, or a line is not of the form it must have.
    """
    path = folder / FILE
    if not path.exists():
        return ()
    if path.stat().st_size > MOST_MB * 1e6:
        raise BadFile(f"{path} is larger than {MOST_MB} MB", remedy="Keep the synonyms that shoppers need")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile(f"{path} is not UTF-8 ({error.reason})", remedy="Save it as UTF-8") from error
    except OSError as error:
        raise BadFile(f"{path} cannot be read ({error})", remedy="Put a text file there, or none") from error
    return parse_synonyms(text, str(path))


def parse_synonyms(text: str, name: str = FILE) -> tuple[Rule, ...]:
    r"""Rules of a text in the format that Solr and Elasticsearch read.

    Names on one line, separated by commas (Chinese ones too), are equal. An arrow leads one way: what is left
    of it also finds what is right of it. `#` begins a comment; `\,` is a comma within a name.

    Raises:
        BadFile: a line is malformed or beyond the limits; names file and line.

    >>> rules = parse_synonyms("sofa, couch, 沙发  # seats\ntee => t-shirt, top\n")
    >>> [(rule.line, rule.left, rule.right) for rule in rules][1]
    (2, ('tee',), ('t-shirt', 'top'))
    """
    found: list[Rule] = []
    for number, line in enumerate(text.splitlines(), start=1):
        said = re.sub(r"(^|\s)#.*", "", line).strip()
        if not said:
            continue
        if len(found) >= MOST_LINES:
            raise BadFile(
                f"{name} line {number}: more than {MOST_LINES} rules", remedy="Keep those that matter"
            )
        place = f"{name} line {number}"
        sides = [_names(side, place) for side in said.split("=>")]
        if len(sides) > 2:
            raise BadFile(f"{place}: two arrows in one line", remedy=_REMEDY)
        if len(sides) == 1 and len(sides[0]) < 2:
            raise BadFile(f"{place}: '{sides[0][0]}' stands alone", remedy=_REMEDY)
        found.append(Rule(number, sides[0], sides[-1]))
    return tuple(found)


def _names(side: str, place: str) -> tuple[str, ...]:
    """The names on one side of a rule; raises BadFile."""
    names = tuple(part.strip().replace("\\,", ",") for part in _COMMA.split(side))
    if not all(key_of(name) for name in names):
        raise BadFile(f"{place}: a name is empty or has no letters", remedy=_REMEDY)
    if len(names) > MOST_NAMES:
        raise BadFile(f"{place}: {len(names)} names, more than {MOST_NAMES}", remedy="Make it several lines")
    if too_long := [name for name in names if len(name) > LONGEST]:
        problem = f"{place}: '{too_long[0][:20]}...' has more than {LONGEST} characters"
        raise BadFile(problem, remedy="A synonym is a word or a few")
    return names


def key_of(text: str) -> str:
    """What names are compared by: inflections, case, hyphens and traditional characters do not count.

    >>> key_of("Running Shoes") == key_of("running shoe"), key_of("紅色 T-Shirts")
    (True, '红色 tshirt')
    """
    return _joined(words(fold_traditional(text)))


def _joined(found: Iterable[str]) -> str:
    """Words as one key: Chinese ones without blanks between them, since where they are cut may differ."""
    key, after_han = "", False
    for word in found:
        is_han = has_han(word)
        key += "" if not key or (is_han and after_han) else " "
        key += word if is_han else " ".join(tokens(word))
        after_han = is_han
    return key.strip()


class Synonyms:
    """Name -> other words for it that the shop knows.

    >>> import pyarrow as pa
    >>> from duomo.search.repair import Speller
    >>> from duomo.shelf.exact import ExactShelf
    >>> from duomo.shelf.layout import FIXED
    >>> shelf = ExactShelf()
    >>> shelf.upsert(pa.Table.from_pylist([{"id": "1", "product_id": "1", "title": "Red Couch"}],
    ...                                   schema=pa.schema(FIXED)))
    >>> vocabulary = Vocabulary.of(shelf.snapshot())
    >>> synonyms = Synonyms.of(vocabulary, parse_synonyms("sofa, couch, settee"))
    >>> [[(a.text, a.weight) for a in g.alternatives]
    ...  for g in synonyms.alternatives(Speller(vocabulary).repair("红色 sofas"))]
    [[('红色', 1.0), ('red', 0.9)], [('sofas', 1.0), ('couch', 1.0)]]
    """

    def __init__(self, others: Mapping[str, Sequence[Alternative]]) -> None:
        """Use `Synonyms.of`.

        Args:
            others: `key_of` a name -> other words for it.
        """
        self._others = others

    @classmethod
    def of(cls, vocabulary: Vocabulary, rules: Iterable[Rule] = (), *, translate: bool = True) -> Self:
        """The rules, and the lexicon's words in both languages, as far as the shop knows the other word.

        Args:
            vocabulary: of the shop.
            rules: of its file.
            translate: with the lexicon.
        """
        found: defaultdict[str, dict[str, Alternative]] = defaultdict(dict)
        known: dict[tuple[str, ...], bool] = {}  # words -> whether the shop knows them
        own = (_pair(name, other, OWN) for r in rules for name in r.left for other in r.right)
        for pair in chain(filter(None, own), _of_lexicon() if translate else ()):
            if pair.words not in known:
                known[pair.words] = all(map(vocabulary.knows, pair.words))
            if known[pair.words]:
                found[pair.key].setdefault(pair.other_key, pair.other)
        return cls({key: tuple(each.values())[:_MOST_ADDED] for key, each in found.items()})

    @classmethod
    def of_shop(cls, folder: Path, vocabulary: Vocabulary) -> Self:
        """Of a shop's synonyms file and the lexicon; raises BadFile."""
        return cls.of(vocabulary, read_synonyms(folder))

    def alternatives(self, groups: Sequence[Group]) -> tuple[Group, ...]:
        """The groups of a question (`Speller.repair`), with other words for what they are read as.

        A name of several words makes one group of theirs: the longest that begins at a word is taken.
        """
        found: list[Group] = []
        place = 0
        while place < len(groups):
            size, others = self._longest(groups, place)
            found.append(_widened(groups[place : place + size], others))
            place += size
        return tuple(found)

    def _longest(self, groups: Sequence[Group], place: int) -> tuple[int, Sequence[Alternative]]:
        """How many groups from here have other words together, and these; else one, and none."""
        for size in range(min(_MOST_WORDS, len(groups) - place), 0, -1):
            read = [word for group in groups[place : place + size] for word in words(group.best)]
            if others := self._others.get(_joined(read)):
                return size, others
        return 1, ()


def _widened(groups: Sequence[Group], others: Sequence[Alternative]) -> Group:
    """Neighbouring groups as one, with other words for what they are read as."""
    first = groups[0]
    if len(groups) > 1:
        said, read = _text(groups, [g.said for g in groups]), _text(groups, [g.best for g in groups])
        own = (Alternative(read, 1.0),) if said == read else (Alternative(read, 1.0), Alternative(said, 1.0))
        first = Group(said, own, first.glued)
    known = {each.text for each in first.alternatives}
    return replace(first, alternatives=(*first.alternatives, *(o for o in others if o.text not in known)))


def _text(groups: Sequence[Group], parts: Sequence[str]) -> str:
    """Parts side by side, a blank before each but the first and those that are glued."""
    pairs = enumerate(zip(groups, parts, strict=True))
    return "".join(part if n == 0 or group.glued else f" {part}" for n, (group, part) in pairs)


class _Pair(NamedTuple):
    """A name, and another word for it."""

    key: str  # of the name
    other_key: str
    other: Alternative
    words: tuple[str, ...]  # that a shop knows if it knows the other word


def _pair(name: str, other: str, weight: float) -> _Pair | None:
    """None where the two are the same, or one of them has no letters."""
    key, other_key = key_of(name), key_of(other)
    if not key or not other_key or other_key == key:
        return None
    return _Pair(key, other_key, Alternative(" ".join(other.lower().split()), weight), tuple(words(other)))


@cache
def _of_lexicon() -> tuple[_Pair, ...]:
    """What every shop may be asked by, made once: of twenty thousand pairs a shop knows some hundreds."""
    return tuple(pair for named in _named() if (pair := _pair(*named)))


def _named() -> Iterator[tuple[str, str, float]]:
    for concept in (concept for concept in concepts() if concept.kind not in _NO_NAMES):
        for side, away in ((concept.en, concept.zh), (concept.zh, concept.en)):
            for name in side:
                # One character is too little to go by: 红 stands in 红酒 as well.
                yield from ((name, other, TRANSLATED) for other in away if len(other) > 1)
                yield from ((name, other, SAME_LANGUAGE) for other in side if len(other) > 1)
