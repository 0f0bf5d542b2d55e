"""Values of facets in a text, each with its place: longest names first, in Chinese and English alike.

A name counts for what it says there: not where it is denied ("not leather", 非真皮), nor inside a brand ("Red
Tape", 蓝月亮) or another thing's name (black tea, 口红), and "faux leather" is another material than leather.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import rjieba

from duomo.understand.facets import FACETS, Facet
from duomo.understand.spotted_cues import (
    ASIDE,
    DENIED,
    DENIED_AFTER,
    DENIED_HAN,
    FAUX,
    FAUX_HAN,
    JOINED,
    NAMES,
    WITH,
    WORN,
)
from duomo.understand.spotted_names import HAN_RUN, WORD, Meaning, Names, fold, han_names, latin_names, norm
from duomo.understand.spotted_sizes import sizes_in

_JOINT: Final = re.compile(r"[ \-%]{1,2}")  # between the words of one name
_SHADES: Final = frozenset("深浅淡亮暗墨纯大正")
_WORN_WORDS: Final = frozenset(
    re.findall(r"\w+", "shoe boot sandal bag pant glove jersey uniform ring band bracelet short")
)
_BREAK: Final = re.compile(r"[.,;:!?，。；、()（）\d]")
_BEFORE: Final = 40  # characters that cues are looked for in
# What one name means in two ways goes to the first of these that is a facet's.
_FAUX_OF: Final = {
    "leather": "PU leather",
    "cow leather": "PU leather",
    "sheepskin": "PU leather",
    "fur": "faux fur",
}
_BOTH: Final = re.compile(
    r"(?<![a-z])(?:wo)?men(?:['’]?s)?\s*(?:&|and|/|,)\s*(?:wo)?men(?:['’]?s)?(?![a-z])|男女(?:同款|通用|皆可|款|士|式)?|女男|男\s*/\s*女"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A value where it stands in a text."""

    facet: Facet
    value: str  # its label
    start: int  # code points before it
    end: int
    denied: bool = False  # the text says that it is not so
    aside: bool = False  # of what the goods go with
    part: bool = False  # of a part of the goods


@dataclass(frozen=True, slots=True)
class Spotter:
    """Finds the values of facets in texts; it knows the lexicon, and the brands it is given."""

    brands: Mapping[str, str]  # folded -> as it is written
    _pattern: re.Pattern[str]

    @classmethod
    def of(cls, brands: Iterable[str] = ()) -> Self:
        """One that knows these brands of a shop besides some with values in their names.

        >>> [(spot.facet, spot.value) for spot in Spotter.of().spots("Red Tape Men Black Leather Shoes")]
        [('brand', 'Red Tape'), ('gender', 'men'), ('color', 'black'), ('material', 'leather')]
        >>> [(spot.value, spot.denied) for spot in Spotter.of().spots("无袖连衣裙 非真皮腰带")]
        [('sleeveless', False), ('leather', True)]
        """
        known = {" ".join(fold(name).split()): name.strip() for name in (*NAMES, *brands)}
        names = sorted(filter(None, known), key=len, reverse=True)
        return cls(known, re.compile("|".join(map(_whole, names)) or r"(?!)"))

    def spots(self, text: str, brand: str = "") -> list[Spot]:
        """The values that a text names, in order; those denied, aside and of parts are marked.

        Sizes are among them, quantities not (`amounts`).

        Args:
            text: of any length, in any language; places hold for it as it was given.
            brand: that goods are known to have, besides the brands that are known anyway.
        """
        folded = fold(text)
        found = [*self._brands(text, folded, fold(brand).strip(), brand)]
        taken = [(spot.start, spot.end) for spot in found]
        for both in _BOTH.finditer(folded):
            if _free(both.start(), both.end(), taken):
                taken.append(both.span())
                found.append(Spot(facet="gender", value="unisex", start=both.start(), end=both.end()))
        for start, end, value in sizes_in(text, folded):
            if _free(start, end, taken):
                taken.append((start, end))
                found.append(Spot(facet="size", value=value, start=start, end=end))
        han = [*_han(folded)]
        within = [(start, end) for start, end, _ in han]
        named = [*han, *(each for each in _latin(folded) if _free(each[0], each[1], within))]
        named.sort(key=lambda each: each[0])
        for place, (start, end, meanings) in enumerate(named):
            if not _free(start, end, taken):
                continue
            after = named[place + 1] if place + 1 < len(named) else None
            for meaning in meanings:
                if meaning.facet and (
                    len(meanings) == 1 or _stands_as_color(folded, start, end, named[place + 1 :])
                ):
                    found.append(_judged(folded, start, end, meaning, after))
        found.sort(key=lambda spot: (spot.start, spot.end, FACETS.index(spot.facet)))
        return _opening_name(text, folded, _shared_denials(folded, found))

    def _brands(self, text: str, folded: str, own: str, brand: str) -> Iterator[Spot]:
        spans = [
            (match.span(), self.brands[" ".join(match[0].split())])
            for match in self._pattern.finditer(folded)
        ]
        if own and own not in self.brands:
            spans += [(match.span(), brand.strip()) for match in re.finditer(_whole(own), folded)]
        small = text.islower()
        for (start, end), name in spans:
            # "only" is a word and ONLY is a brand.
            if small or not text[start:end].islower() or name.islower():
                yield Spot(facet="brand", value=name, start=start, end=end)


def of_goods(spots: Sequence[Spot], facet: Facet) -> list[Spot]:
    """What of a facet is said of the goods themselves: of their parts only where there is nothing else.

    Values that are denied are among it.
    """
    own = [spot for spot in spots if spot.facet == facet and not spot.aside]
    return [spot for spot in own if not spot.part] or own


def _judged(folded: str, start: int, end: int, meaning: Meaning, after: "_Named | None") -> Spot:
    """The value as what stands before and behind it makes it."""
    facet = meaning.facet
    if facet is None:
        raise ValueError("a name of no facet was judged")
    spot = Spot(facet=facet, value=meaning.value, start=start, end=end)
    before, behind = folded[max(0, start - _BEFORE) : start], folded[end : end + 16]
    if facet in ("material", "pattern") and (faux := FAUX.search(before) or FAUX_HAN.search(before)):
        if (other := _FAUX_OF.get(meaning.value)) is None:
            return replace(spot, denied=True)
        return replace(spot, value=other, start=start - len(faux[0]))
    kinds = {m.kind for m in after[2]} if after is not None and after[0] - end <= 1 else set()
    of_part = facet == "color" and "part" in kinds
    return replace(
        spot,
        denied=bool(DENIED.search(before) or DENIED_HAN.search(before))
        or (facet in ("material", "pattern") and bool(DENIED_AFTER.match(behind))),
        aside=bool(ASIDE.search(before)) or (of_part and bool(WITH.search(before))),
        part=of_part and "type" not in kinds,
    )


def _shared_denials(folded: str, found: Sequence[Spot]) -> list[Spot]:
    """What is named after a denied value and "or" is denied, too."""
    spots: list[Spot] = []
    for spot in found:
        last = spots[-1] if spots else None
        if (
            last
            and last.denied
            and last.facet == spot.facet
            and JOINED.fullmatch(folded[last.end : spot.start])
        ):
            spot = replace(spot, denied=True)
        spots.append(spot)
    return spots


def _opening_name(text: str, folded: str, found: Sequence[Spot]) -> list[Spot]:
    """A color and an unknown word in capitals at the beginning are a name, if there is another color."""
    colors = [spot for spot in found if spot.facet == "color" and not (spot.denied or spot.aside)]
    if len(colors) < 2 or colors[0].start > 0:
        return list(found)
    word = WORD.match(folded, colors[0].end + 1)
    if word is None or not text[word.start()].isupper() or norm(word[0]) in latin_names()[0]:
        return list(found)
    return [replace(spot, aside=True) if spot is colors[0] else spot for spot in found]


def _stands_as_color(folded: str, start: int, end: int, later: Sequence["_Named"]) -> bool:
    """Whether a word that is a thing as well (cream, orange, wine) stands where a color does.

    It does before a thing that has a color, after "in" and "color:", and by itself behind a mark.
    """
    before = folded[max(0, start - 12) : start]
    if re.search(r"(?:\bin|colou?r|shade|颜色|[:：(（/&,，\-])\s*$", before):
        return True
    return any(
        not _BREAK.search(folded, end, first)
        and any(meaning.kind == "type" and meaning.facet is None for meaning in meanings)
        for first, _, meanings in later[:6]
    )


_Named = tuple[int, int, tuple[Meaning, ...]]


def _latin(folded: str) -> Iterator[_Named]:
    """The names in words with blanks, the longest at each place."""
    words = [(match.start(), match.end(), norm(match[0])) for match in WORD.finditer(folded)]
    names, longest = latin_names()
    place = 0
    while place < len(words):
        start, end, word = words[place]
        met, used = None, 1
        key = ""
        for count in range(1, min(longest.get(word, 0), len(words) - place) + 1):
            if count > 1 and not _JOINT.fullmatch(
                folded[words[place + count - 2][1] : words[place + count - 1][0]]
            ):
                break
            key = f"{key} {words[place + count - 1][2]}".strip()
            if (meanings := names.get(key)) is not None:
                met, used, end = meanings, count, words[place + count - 1][1]
        if met is not None:
            inner = _modifier(names, [each[2] for each in words[place : place + used]], " ")
            if met[0].facet is None and inner:
                yield start, words[place + inner[0] - 1][1], inner[1]
            yield start, end, met
        place += used


def _han(folded: str) -> Iterator[_Named]:
    """The names with Chinese characters, the longest at each place; one of a single character is a word."""
    if folded.isascii():
        return
    names, lengths = han_names()
    alone: frozenset[int] | None = None
    place = 0
    while place < len(folded):
        for length in lengths.get(folded[place], ()):
            name = folded[place : place + length]
            if len(name) < length or (meanings := names.get(name)) is None:
                continue
            if length == 1:
                alone = _single_words(folded) if alone is None else alone
                if place not in alone:
                    continue
            inner = _modifier(names, name, "")
            if meanings[0].facet is None and inner:
                yield place, place + inner[0], inner[1]
            yield place, place + length, meanings
            place += length - 1
            break
        place += 1


def _modifier(names: Names, parts: Sequence[str], between: str) -> tuple[int, tuple[Meaning, ...]] | None:
    """What a thing's name begins with, if that is a value and the rest is a thing: summer dress, 羊毛大衣.

    Args:
        names: with their meanings.
        parts: words or characters of the name.
        between: what joins them.

    Returns:
        how many parts, and what they mean. Colors count of what is worn alone: red wine is no red thing.
    """
    for count in range(len(parts) - 1, 0, -1):
        value, rest = names.get(between.join(parts[:count])), names.get(between.join(parts[count:]))
        if value is None or value[0].facet is None or (not between and count < 2 and parts[0] not in "男女"):
            continue
        worn = parts[-1] in WORN or parts[-1] in _WORN_WORDS
        thing = rest is not None and any(meaning.kind == "type" for meaning in rest)
        if worn or (thing and value[0].facet != "color"):
            return count, value
    return None


def _single_words(folded: str) -> frozenset[int]:
    """Where one character is a name: a word alone, or with a shade before it or what is worn behind it."""
    places = set()
    for run in HAN_RUN.finditer(folded):
        place = run.start()
        for word in rjieba.cut(run[0], hmm=False):
            if len(word) == 1 or (len(word) == 2 and word[1] in WORN):
                places.add(place)
            elif len(word) == 2 and word[0] in _SHADES:
                places.add(place + 1)
            place += len(word)
    return frozenset(places)


def _whole(name: str) -> str:
    """A pattern of a folded name that is no part of a longer Latin word."""
    left = r"(?<![a-z0-9])" if re.match("[a-z0-9]", name) else ""
    right = r"(?![a-z0-9])" if re.search("[a-z0-9]$", name) else ""
    return left + r"\s+".join(map(re.escape, name.split())) + right


def _free(start: int, end: int, taken: Iterable[tuple[int, int]]) -> bool:
    return all(end <= first or last <= start for first, last in taken)
