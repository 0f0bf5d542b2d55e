"""Words that change what a value beside them means: denials, imitations, what goes with it, names."""

import re
from typing import Final

# What denies the value behind it; nothing but such filling words may stand between.
DENIED: Final = re.compile(
    r"(?<![a-z])(?:not|no|non|without|never|isn['’]?t|aren['’]?t|instead of|rather than|other than"
    r"|except(?: for)?|free (?:of|from)|neither|nor|zero|lacks?|lacking|w/o)[\s-]*"
    r"(?:(?:a|an|any|the|real|genuine|made|of|from|in|with|actual|true|pure|100%?|attached)[\s-]+)*$"
)
DENIED_HAN: Final = re.compile(
    r"(?:不是|并非|绝非|而非|不含|不带|不要|没有|非|无|拒绝|去除|不用|杜绝)(?:真的?|任何|纯)?\s*$"
)
DENIED_AFTER: Final = re.compile(r"[\s-]?free\b|[\s-](?:look|effect|imitation|like|style)\b")
WITH: Final = re.compile(r"(?<![a-z])with\s+(?:an?\s+|contrast(?:ing)?\s+)?$")
JOINED: Final = re.compile(r"\s*(?:\bor\b|\bnor\b|/|、|和|或者?|,\s*or\b)\s*(?:any\s+|real\s+)?")
FAUX: Final = re.compile(
    r"(?<![a-z])(?:faux|fake|imitation|artificial|synthetic|vegan|mock|man-made|simulated)[\s-]+$"
)
FAUX_HAN: Final = re.compile(r"(?:仿|假|人造|合成|仿真)$")
ASIDE: Final = re.compile(
    r"(?<![a-z])(?:pair(?:s|ed)?|match(?:es)?|goes|go|wear|worn|team(?:ed)?|styled?|looks (?:good|great))"
    r"(?![a-z])[^.;!?]{0,24}\bwith\b[^.;!?]{0,24}$|(?:搭配|配上|可配|适合搭)[^。；，,!！]{0,8}$"
)
# What is worn and carried, as the last character of a word: 红裙, 女鞋, 男装.
WORN: Final = frozenset("衣裙裤鞋帽包袜衫靴袖表装款士式童裳袄衬伞巾")
# Names with values in them that shoppers know, where no catalog says so.
NAMES: Final = (
    *(
        "Red Tape",
        "Indigo Nation",
        "Red Bull",
        "Red Chief",
        "Redmi",
        "Red Wing",
        "Red Rose",
        "White Stuff",
        "White Rabbit",
        "Off-White",
    ),
    *(
        "White Company",
        "Whitening",
        "Black Coffee",
        "Black & Decker",
        "Black Diamond",
        "Black Rabbit",
        "BlackBerry",
    ),
    *(
        "Blue Giraffe",
        "Blue Moon",
        "Blue Diamond",
        "Blue Dart",
        "Blueair",
        "Green Giant",
        "Green Toys",
        "Greenies",
    ),
    *(
        "Old Navy",
        "Gold Toe",
        "Goldstar",
        "Silver Cross",
        "Silver Jeans",
        "Orange Theory",
        "Pink Floyd",
        "Pink Lady",
    ),
    *(
        "Victoria's Secret Pink",
        "Brown Shoe",
        "Brownie",
        "Golden Goose",
        "Cotton On",
        "Cotton County",
        "Silk Soy",
    ),
    *(
        "Wine Folly",
        "Rose Bowl",
        "Coral Gables",
        "Tan France",
        "Burnt Umber",
        "Summer Infant",
        "Winter Olympics",
    ),
    *(
        "蓝月亮",
        "红牛",
        "白猫",
        "黑人",
        "绿箭",
        "金龙鱼",
        "白象",
        "红蜻蜓",
        "红豆",
        "蓝天六必治",
        "白玉",
        "黑牛",
        "红星",
    ),
    *(
        "绿源",
        "黄鹤楼",
        "白加黑",
        "金典",
        "金纺",
        "红双喜",
        "紫光",
        "青岛",
        "蓝漂",
        "黑芝麻",
        "白云山",
    ),
)
