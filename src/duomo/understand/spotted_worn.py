"""Whether goods are worn, and above the waist, by the words for them: only such have seasons and sleeves."""

import re
from functools import cache
from typing import Final, Literal

from duomo.lexicon import concepts
from duomo.shelf.han import HAN

Place = Literal["upper", "worn", "other", ""]  # above the waist, elsewhere on the body, not worn, not said

_UPPER: Final = frozenset(
    re.findall(
        r"\S+",
        "shirt tee tshirt top blouse tunic kurta kurti dress gown sweater sweatshirt pullover "
        "cardigan jumper hoodie jacket coat blazer vest waistcoat parka poncho shrug suit jumpsuit "
        "romper nightdress nightgown pajama pyjama robe topwear shirtdress onesie bodysuit camisole "
        "tank polo jersey rashguard anorak windbreaker outerwear",
    )
)
_WORN: Final = frozenset(
    re.findall(
        r"\S+",
        "jean trouser pant short skirt legging jegging tight stocking sock brief boxer trunk bra "
        "lingerie underwear saree sari dupatta scarf stole shawl tie belt glove hat cap beanie shoe "
        "sneaker trainer boot sandal heel flat slipper flop loafer wedge brogue muffler bermuda "
        "satchel pouch scarves kidswear mule clog espadrille footwear apparel clothing clothes wear "
        "innerwear loungewear sleepwear swimwear bikini swimsuit handbag bag backpack clutch wallet "
        "purse watch ring earring necklace pendant bracelet bangle brooch jewellery jewelry sunglass "
        "sunglasses eyewear cufflink capri patiala salwar churidar lehenga bottomwear headband mitten",
    )
)
_UPPER_HAN: Final = re.compile(
    "[T恤衬衫卫毛上外大风棉罩]?[恤衫]|卫衣|毛衣|上衣|外套|大衣|风衣|夹克|西装|连衣裙|长裙|马甲|背心|旗袍|睡衣|睡裙|棉服|羽绒服|连体"
)
_WORN_HAN: Final = re.compile(
    "[裙裤鞋靴袜帽]|内衣|文胸|围巾|披肩|领带|皮带|腰带|手套|手提包|背包|钱包|手表|戒指|耳环|项链|手链|墨镜|太阳镜|服装|女装|男装|童装|服饰|鞋|泳"
)
_WORD: Final = re.compile(rf"[^\W_{HAN}]+")


def place_of(words: str) -> Place:
    """Where on the body goods are worn, as far as title and category say; "": there is no word for it.

    Args:
        words: folded, as by `spotted.fold`.

    >>> [place_of(words) for words in ("red polo t-shirt", "男鞋 42码", "coffee mug", "casual xyz")]
    ['upper', 'worn', 'other', '']
    """
    said = {
        form
        for word in _WORD.findall(words)
        for form in (word, word.removesuffix("s"), word.removesuffix("es"))
    }
    if said & _UPPER or _UPPER_HAN.search(words):
        return "upper"
    if said & _WORN or _WORN_HAN.search(words):
        return "worn"
    latin, han = _others()
    return "other" if said & latin or any(name in words for name in han) else ""


@cache
def _others() -> tuple[frozenset[str], tuple[str, ...]]:
    """What the lexicon's things that are not worn are called: last words, and Chinese names."""
    things = [concept for concept in concepts() if concept.kind == "type"]
    latin = {name.split()[-1].casefold() for thing in things for name in thing.en}
    han = {name.casefold() for thing in things for name in thing.zh if len(name) > 1}
    worn = (name for name in han if _UPPER_HAN.search(name) or _WORN_HAN.search(name))
    return frozenset(latin - _UPPER - _WORN), tuple(sorted(han - set(worn)))
