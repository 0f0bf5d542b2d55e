"""What a question does not want: without hood, not red, -nike, 不要红色, 不带帽, 除了黑色."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from duomo.search.parse.folded import Folded, Word, breaks, is_han, words
from duomo.search.parse.names import Name, Named, Names, key_of, overlaps
from duomo.search.parse.unwanted import spellings_of

MOST_UNWANTED: Final = 3  # words that no catalog knows, of one thing that is not wanted
MOST_HAN: Final = 4  # characters of one

# What says that something must not be there (a part, a feature), and what that goods must not be of a kind.
_PARTS: Final = r"without|w/o|with no|lacking|no"
_KINDS: Final = (
    r"not(?: in| for| by| from| made of| made from)?|except(?: for)?|excluding|exclude|other than"
    r"|anything (?:but|except|other than)|everything but|all but|any colou?r (?:but|except)"
    r"|(?:do(?:es)?n't|do(?:es)? not|don t) want|non"
)
_CUE: Final = re.compile(
    r"(?<![a-z0-9_'-])(?:(?:but|and|with|that (?:is|are|has|have)|which (?:is|are))\s+)?"
    rf"(?:(?P<part>{_PARTS})|(?P<kind>{_KINDS}))"
    r"(?:\s+|(?<=non)-)(?:(?:any|a|an|the)\s+)?(?=\w)"
    r"|(?:^|(?<=\s))(?P<minus>-)(?=[^\W\d_])"
)
_ZH_CUE: Final = re.compile(
    r"(?:但是?|而且|并且)?(?:"
    r"(?P<part>不(?:要|想要)?(?:带有?|含有?|有)|(?<![有果])没有|别带|不能有|不(?=加[绒厚]))"
    r"|(?P<kind>不想?要|不需要|别要|别是|不是|不喜欢|除了|除去|(?:(?<![^\s,])除(?=[^\s,]{1,6}外(?:的|都|$|\s)))|非(?![洲常凡遗]))"
    r")\s*(?:任何)?"
)
_ZH_ALSO: Final = re.compile(r"\s*(?:和|或者?|跟|与|及|以及|、|还有|or\b|and\b)\s*(?:不要|不带|没有)?\s*")
_ZH_TAIL: Final = re.compile(
    r"(?:款式?|颜色|的)*(?:(?:以外|之外|外(?=$|[的都其均可,、\s]))的?)?(?:其[他它余])?(?:颜色)?(?:都(?:行|可以?|要|好)|均可)?(?:的)?"
)
_ALSO: Final = re.compile(
    r"\s*(?:/|,?\s*(?:or|nor|and/or|and|&))\s*(?:(?:no|not|without)\s+)?(?:(?:any|a|an|the)\s+)?(?!with\b|for\b|in\b|under\b)(?=\w)"
)
# "No" and "not" begin these without refusing anything.
_SAID_SO: Final = frozenset(
    re.findall(
        r"\S+",
        "show iron tie sew slip drill dig pull touch contact crease kink hub burn chip fog rinse bake "
        "mess odor odour wax glue stick spill leak rust frost flat drip draft name brand limit problem "
        "matter one more other less doubt way smoking parking entry trespassing soliciting just only too "
        "so very yet bad for",
    )
)
_STOP: Final = frozenset(
    re.findall(
        r"\S+",
        "no not non without except for with in on at under over below above from to of by that which please "
        "pls and or but size like than as around about up only instead if is are it i he she we they my",
    )
)
_ZH_NO_THING: Final = re.compile(
    r"[太很那这过了的吗我你他她它们钱脸什怎再多少比不]|人(?!造|字)|一个|问题|关系|意义|办法"
)
_ASKS: Final = re.compile(r"怎么|哪[种个款里]|什么|如何|吗")  # who asks about something refuses nothing
_KNOWN_ONLY: Final = ("not", "anything", "everything", "all", "any", "非", "不是", "别是")
_HELPS: Final = frozenset(re.findall(r"\S+", "do does did is are was can could will would should may why or"))
_TOLD_OF: Final = re.compile(r"[^\W的]\s*$")
_PIECE_END: Final = re.compile(r"[^\w\s'/&-]|\s[-/]\s")


@dataclass(frozen=True, slots=True)
class Refused:
    """What is not wanted, where the words for it stand in a folded text; all things of one refusal."""

    start: int
    end: int
    names: tuple[Name, ...]  # that columns of the catalog settle
    unwanted: tuple[tuple[int, int], ...]  # words that none settles


def refusals_in(
    folded: Folded, known: Names, found: Sequence[Named], taken: Sequence[tuple[int, int]]
) -> Iterator[Refused]:
    """What a folded text refuses, from left to right.

    Args:
        folded: the question.
        known: the names of the catalog and the lexicon.
        found: those that stand in the text: a refusal does not begin inside one ("No Fear", 无袖, non-stick).
        taken: stretches that have been understood otherwise.
    """
    text, every = folded.text, words(folded.text)
    cues = [(cue, True) for cue in _CUE.finditer(text)]
    if not text.isascii():
        cues += [(cue, False) for cue in _ZH_CUE.finditer(text)]
    if not cues:
        return
    joints = frozenset() if text.isascii() else breaks(text)
    end = 0
    for cue, spaced in sorted(cues, key=lambda each: each[0].start()):
        said = cue.lastgroup or 0
        inside = any(n.start <= cue.start(said) and n.end > cue.end(said) for n in found)
        if cue.start() < end or inside or overlaps(cue.start(), cue.end(), taken):
            continue
        reader = _Reader(text, every, joints, known, taken, cue)
        refused = reader.spaced() if spaced and not is_han(text[cue.end()]) else reader.han()
        if refused:
            end = refused.end
            yield refused


class _Reader:
    """Reads what stands after one cue."""

    def __init__(
        self,
        text: str,
        said: list[Word],
        joints: frozenset[int],
        known: Names,
        taken: Sequence[tuple[int, int]],
        cue: re.Match[str],
    ) -> None:
        self._text, self._said, self._joints, self._known, self._cue = text, said, joints, known, cue
        self._part = cue["part"] or ""
        said_so = cue["kind"] or self._part
        asks = bool(_ASKS.search(text))
        # What these say is refused even if no list knows it; the others refuse what is known alone.
        self._strong = said_so not in ("no", "non") and not said_so.startswith(_KNOWN_ONLY)
        self._strong = self._strong and not asks
        # After other words 没有 tells of a fault as well (麦克风没有声音), and a question asks after one.
        self._faulty = self._part == "没有" and bool(asks or _TOLD_OF.search(text, 0, cue.start()))
        self._stop = min((start for start, _ in taken if start >= cue.end()), default=len(text))
        self._names: list[Name] = []
        self._unwanted: list[tuple[int, int]] = []

    def _refused(self, end: int) -> Refused | None:
        if not self._names and not self._unwanted:
            return None
        return Refused(self._cue.start(), end, tuple(self._names), tuple(self._unwanted))

    def _settle(self, named: Named) -> None:
        """A name that is not wanted: settled by columns, or, if it is a part, by words."""
        # What comes without a belt is no belt: the category does not settle it.
        said = self._text[named.start : named.end]
        part = bool(self._part) and (self._part != "no" or not said.endswith("s"))
        if named.name.places and not (part and named.name.kind == "category"):
            self._names.append(named.name)
            return
        self._take_words(named.start, named.end)

    def _take_words(self, start: int, end: int) -> None:
        """Words that are not wanted, and what a column tells of goods that have it: style = 'Hooded'."""
        # Of some goods only, so that the words count beside it.
        self._unwanted.append((start, end))
        said = self._text[start:end]
        for word in (said, *spellings_of(said)):
            held = self._known.spaced.get(f"with {key_of(word)}") or self._known.han.get(f"带{word}")
            if held and held.places:
                self._names.append(held)
                break

    # In words with blanks

    def spaced(self) -> Refused | None:
        """Things that stand as words with blanks: one, or several joined by "or"."""
        place = end = self._cue.end()
        first: Named | None = None
        while place < self._stop:
            number = next((n for n, word in enumerate(self._said) if word.start == place), None)
            if number is None:
                break
            met = self._known.at_word(self._text, self._said, number)
            named = Named(place, self._said[number + met[0] - 1].end, met[1]) if met else None
            if first and not self._alike(first, named):
                break
            stop = self._one(number, named)
            if stop is None:
                break
            first, end = first or named or Named(place, stop, Name("attribute")), stop
            if not (also := _ALSO.match(self._text, end)):
                break
            place = also.end()
        return self._refused(end)

    def _alike(self, first: Named, named: Named | None) -> bool:
        """Whether a thing after "or" and "and" belongs to the refusal: it must be of the same kind."""
        if named is None:
            return self._strong and not first.name.places
        return first.name.kind == named.name.kind or (self._strong and not named.name.places)

    def _one(self, number: int, named: Named | None) -> int | None:
        """Take one thing that begins with a word; where it ends, or None: it is nothing to refuse."""
        word = self._said[number]
        if named and named.name.places and not (self._cue["kind"] == "non" and not _stuff(named.name)):
            if self._part == "no" and word.norm in _SAID_SO:
                return None
            self._settle(named)
            return named.end
        if word.norm in _SAID_SO | _STOP or not word.norm.isalpha() or self._cue["kind"] == "non":
            return None
        phrase = self._phrase(number, named)
        thing = named is not None and _a_thing(named.name)
        if self._cue["kind"] and not thing and not self._meant(number, phrase):
            return None
        if self._part == "no":
            # A known thing, or several of one; else it is a compound: no hook line, no shave plane.
            last = self._text[phrase[-1].start : phrase[-1].end]
            several = last.endswith("s") and len(last) > 4 and last[-2] not in "sui"
            whole = thing and named is not None and named.end == phrase[-1].end
            alone = self._cue.start() == 0 and len(phrase) > 1 and not self._text[phrase[-1].end :].strip()
            if alone or not (several or whole):
                return None
        self._take_words(word.start, phrase[-1].end)
        return phrase[-1].end

    def _meant(self, number: int, phrase: list[Word]) -> bool:
        """Whether a word that no list knows is refused by "not": after "but", or as the last word."""
        if self._strong or self._cue[0].startswith("but"):
            return True
        last = len(phrase) == 1 and not self._text[phrase[-1].end :].strip(" .!?,;、")
        before = [word.norm for word in self._said if word.end <= self._cue.start()][-1:]
        names = not phrase[0].norm.endswith(("ing", "ed"))
        return last and names and bool(before) and before[0] not in _HELPS and self._cue["kind"] == "not"

    def _phrase(self, number: int, named: Named | None) -> list[Word]:
        """The words of a thing that no catalog knows: up to a name it knows, a preposition, or the end."""
        phrase = [self._said[number]]
        for word in self._said[number + 1 : number + MOST_UNWANTED]:
            place = next(n for n, each in enumerate(self._said) if each is word)
            met = self._known.at_word(self._text, self._said, place)
            inside = named is not None and word.end <= named.end
            between = self._text[phrase[-1].end : word.start]
            if (
                self._cue.lastgroup == "minus"
                or _PIECE_END.search(between)
                or word.norm in _STOP
                or word.start >= self._stop
                or word.norm.isdigit()
            ):
                break
            if not inside and met and (met[1].places or "type" in met[1].subjects):
                break
            phrase.append(word)
        return phrase

    # In Chinese

    def han(self) -> Refused | None:
        """Things that stand in Chinese: one, or several joined by 和."""
        place, end = self._cue.end(), 0
        while place < self._stop:
            if self._text[place] in "带有" and place + 1 < self._stop and self._text[place - 1] in "要是":
                place += 1  # 不要带帽的: what is not wanted is 帽
                self._part = self._part or "带"
            stop = self._one_han(place)
            if stop is None:
                break
            end = stop
            also = _ZH_ALSO.match(self._text, end)
            if not also:
                break
            place = also.end()
        if not end:
            return None
        tail = _ZH_TAIL.match(self._text, end)
        return self._refused(tail.end() if tail else end)

    def _one_han(self, place: int) -> int | None:
        """Take one thing that begins here; where it ends, or None."""
        named = self._named_han(place)
        if named and named.end <= self._stop and (named.name.places or _a_thing(named.name)):
            plainly = not self._faulty or _had(named.name) or self._text.startswith("的", named.end)
            narrow = self._cue["kind"] in ("非", "不是", "别是") and not _stuff(named.name)
            if not (named.name.places or self._strong) or not plainly or narrow:
                return None
            self._settle(named)
            return named.end
        if not self._strong or _ZH_NO_THING.match(self._text, place) or not is_han(self._text[place]):
            return None
        stop = self._free_han(place)
        if stop is None or (self._faulty and not self._text.startswith("的", stop)):
            return None
        self._take_words(place, stop)
        return stop

    def _named_han(self, place: int) -> Named | None:
        """The longest name that begins here, whatever word the character before it belongs to."""
        number = next((n for n, word in enumerate(self._said) if word.start == place), None)
        if number is not None and (met := self._known.at_word(self._text, self._said, number)):
            return Named(place, self._said[number + met[0] - 1].end, met[1])
        return self._known.at_letter(self._text, place, self._joints | {place})

    def _free_han(self, place: int) -> int | None:
        """The end of a thing that no list knows: up to 的 or the end of the words, if that is near."""
        run = re.match(r"[㐀-鿿]+", self._text[place : self._stop])
        if run is None:
            return None
        whole = re.split(r"的|和|或|与|跟|以外|之外|外(?=$|的)", run[0])[0]
        rest = run[0][len(whole) :]
        if whole and len(whole) <= (MOST_HAN if rest else MOST_HAN - 1) and (rest or self._part):
            return place + len(whole)
        first = min((joint for joint in self._joints if joint > place), default=place)
        goods = not rest and place < first < self._stop and self._named_han(first)
        return first if goods and self._part and first <= place + MOST_HAN - 1 else None


def _a_thing(name: Name) -> bool:
    """Whether the lexicon knows a word as a thing, a part or a property that goods have."""
    return bool(name.subjects - {"person", "size", "occasion", "season", "room"})


def _had(name: Name) -> bool:
    """Whether the lexicon knows a word as something that goods have: a part, a pattern, a material."""
    return bool(name.subjects & {"part", "feature", "pattern", "material", "color", "style"})


def _stuff(name: Name) -> bool:
    """Whether a name tells of color, material, maker or wearer: what "non", 非 and 不是 refuse of goods."""
    return name.kind in ("color", "brand", "gender") or bool(name.subjects & {"color", "material", "pattern"})
