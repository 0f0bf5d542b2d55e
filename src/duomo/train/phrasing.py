"""How shoppers put a product's attributes into words: English, Chinese and both mixed."""

from collections.abc import Mapping
from functools import cache
from string import Formatter
from typing import Final, Literal, get_args

from numpy.random import Generator

from duomo.errors import BadFile
from duomo.lexicon import Kind, concept_of, read_words
from duomo.train.lexicon import word_list

Language = Literal["en", "zh", "mixed"]
Spoken = Literal["en", "zh"]

# attribute -> kind of its words; the words of a brand are the brand's own
ATTRIBUTES: Final[Mapping[str, Kind | None]] = {
    "type": "type",
    "color": "color",
    "gender": "person",
    "season": "season",
    "usage": "occasion",
    "pattern": "pattern",
    "material": "material",
    "style": "style",
    "feature": "feature",
    "size": "size",
    "brand": None,
}
# slots a template may use that are made from an attribute
_DERIVED: Final[Mapping[str, str]] = {"owner": "gender", "measure": "type"}
# how a type's Chinese name ends -> what it is counted in; the first that fits
_MEASURES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("双", ("鞋", "靴", "袜", "拖", "鞋子", "靴子", "袜子", "手套")),
    ("条", ("裤", "裙", "裤子", "裙子", "皮带", "领带", "巾", "围脖", "披肩", "链", "毯")),
    ("块", ("表",)),
    ("副", ("眼镜", "太阳镜", "耳环", "耳钉", "袖扣", "耳机")),
    ("把", ("伞", "椅", "刀", "锁")),
    ("顶", ("帽", "帽子", "帐篷")),
    ("支", ("口红", "膏", "笔", "洗面奶")),
    ("瓶", ("香水", "指甲油", "爽肤水", "身体乳", "沐浴露")),
    ("张", ("桌", "床")),
    ("枚", ("戒指", "胸针")),
    ("部", ("手机", "老人机")),
    ("台", ("机", "冰箱", "电视")),
    ("个", ("包", "箱", "袋", "杯", "盒", "吊坠", "手镯", "枕", "球")),
    ("件", ("衣", "衫", "T恤", "外套", "夹克", "背心", "马甲", "西装", "泳装", "长袍", "浴袍")),
)


def phrase(attributes: Mapping[str, str], language: Language, rng: Generator) -> str:
    """One way a shopper might ask for a product with these attributes; see `phrase_and_said`.

    >>> import numpy as np
    >>> shirt = {"type": "Tshirts", "color": "Navy Blue", "gender": "Men"}
    >>> sorted({phrase(shirt, "zh", np.random.default_rng(seed)) for seed in range(30)})[-1]
    '藏青色的T恤'
    """
    return phrase_and_said(attributes, language, rng)[0]


def phrase_and_said(
    attributes: Mapping[str, str], language: Language, rng: Generator
) -> tuple[str, frozenset[str]]:
    """One way a shopper might ask for a product with these attributes, and which of them it names.

    The template is drawn from those whose slots the attributes fill, and so need not name them all. Each
    value is drawn from its names in the lexicon, the commonest half of the time; a value that the lexicon
    does not know is said as it is given.

    Args:
        attributes: some of `ATTRIBUTES`, type among them, to a value in either language, as
            `{"type": "Tshirts", "color": "Navy Blue", "gender": "Men"}`. Empty values count as not given.
        language: `mixed` says at least one value in each language if there are two the lexicon knows.
        rng: where chance comes from; the same state gives the same phrase.

    Raises:
        ValueError: there is no type, an attribute has no place in any template, or the language is unknown.

    >>> import numpy as np
    >>> words, named = phrase_and_said({"type": "Jeans", "color": "Black"}, "en", np.random.default_rng(2))
    >>> words, sorted(named)
    ('do you have jeans in black?', ['color', 'type'])
    """
    known = {name: value.strip() for name, value in attributes.items() if value.strip()}
    if unknown := sorted(known.keys() - ATTRIBUTES.keys()):
        raise ValueError(f"no template has a place for {unknown[0]!r}; there are {', '.join(ATTRIBUTES)}")
    if "type" not in known:
        raise ValueError("a phrase needs at least the type of the product")
    fitting = [
        (template, slots)
        for template, slots in templates(language)
        if all(_DERIVED.get(slot, slot) in known for slot in slots)
    ]
    if not fitting:  # only mixed: one word alone cannot be in two languages
        return phrase_and_said(known, _either(rng), rng)
    template, slots = fitting[int(rng.integers(len(fitting)))]
    spoken = _languages(slots, known, language, rng)
    words = ""
    for literal, slot, _, _ in Formatter().parse(template):
        words = _join(words, literal)
        words = _join(words, _words(slot, known, spoken[slot], rng)) if slot else words
    return words, frozenset(_DERIVED.get(slot, slot) for slot in slots)


@cache
def templates(language: Language) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The templates of a language, each with the slots it fills.

    Raises:
        ValueError: the language is not en, zh or mixed.
        BadFile: the shipped list names an unknown slot.

    >>> templates("zh")[0]
    ('{color}{type}', ('color', 'type'))
    """
    if language not in get_args(Language):
        raise ValueError(f"no templates in {language!r}; there are {', '.join(get_args(Language))}")
    found = []
    for number, row in read_words(word_list("templates.tsv"), ("language", "template"), "templates.tsv"):
        slots = tuple(slot for _, slot, _, _ in Formatter().parse(row["template"]) if slot)
        if unknown := set(slots) - ATTRIBUTES.keys() - _DERIVED.keys():
            problem = f"templates.tsv line {number}: no attribute fills '{min(unknown)}'"
            raise BadFile(problem, remedy=f"Known: {', '.join([*ATTRIBUTES, *_DERIVED])}.")
        if row["language"] == language:
            found.append((row["template"], slots))
    return tuple(found)


def measure_word(chinese_type: str) -> str:
    """What a Chinese shopper counts this type in; 款 (kind) fits whatever has no counter here.

    >>> measure_word("牛仔裤"), measure_word("运动鞋"), measure_word("充电器")
    ('条', '双', '款')
    """
    return next((measure for measure, endings in _MEASURES if chinese_type.endswith(endings)), "款")


def _languages(
    slots: tuple[str, ...], known: Mapping[str, str], language: Language, rng: Generator
) -> dict[str, Spoken]:
    if language != "mixed":
        return dict.fromkeys(slots, language)
    spoken: dict[str, Spoken] = {slot: _either(rng) for slot in slots}
    both = [slot for slot in slots if _names(slot, known[slot], "en") != _names(slot, known[slot], "zh")]
    if len(both) > 1 and len({spoken[slot] for slot in both}) == 1:
        turned = both[int(rng.integers(len(both)))]
        spoken[turned] = "zh" if spoken[turned] == "en" else "en"
    return spoken


def _either(rng: Generator) -> Spoken:
    return "en" if rng.random() < 0.5 else "zh"


def _join(left: str, right: str) -> str:
    # Chinese templates have no spaces, but a Latin brand before "T恤" needs one
    latin = left[-1:].isascii() and left[-1:].isalnum() and right[:1].isascii() and right[:1].isalnum()
    return f"{left} {right}" if latin else left + right


def _words(slot: str, known: Mapping[str, str], language: Spoken, rng: Generator) -> str:
    attribute = _DERIVED.get(slot, slot)
    names = _names(attribute, known[attribute], language)
    if slot == "measure":
        return measure_word(names[0])
    if slot == "owner":
        return _owner(names[0])
    if slot == "gender" and language == "en":  # its other names, "men's" and "male", do not go after "for"
        return "men and women" if names[0] == "unisex" else names[0]
    return names[0] if rng.random() < 0.5 else names[int(rng.integers(len(names)))]


def _owner(people: str) -> str:
    if people == "unisex":
        return people
    return f"{people}'" if people.endswith("s") else f"{people}'s"


def _names(attribute: str, value: str, language: Spoken) -> tuple[str, ...]:
    kind = ATTRIBUTES[attribute]
    concept = concept_of(kind, value) if kind else None
    return (value,) if concept is None else concept.en if language == "en" else concept.zh
