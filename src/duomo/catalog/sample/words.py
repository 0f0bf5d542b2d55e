"""Titles and descriptions of the sample shop, in English and in Chinese."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from duomo.catalog.sample.palette import COLORS, MATERIALS, PATTERNS
from duomo.catalog.sample.plan import Plan

# Choices of cut as a title says them in Chinese; a choice that is not here is not said at all.
CUTS: Final[Mapping[str, str]] = {
    "short-sleeve": "短袖",
    "long-sleeve": "长袖",
    "sleeveless": "无袖",
    "V-neck": "V领",
    "crew neck": "圆领",
    "scoop neck": "大圆领",
    "turtleneck": "高领",
    "two-tone": "撞色",
    "dipped": "浸釉",
    "wide-mouth": "大口径",
    "tumbler": "随行",
    "pleated": "百褶",
    "brass": "黄铜",
    "copper": "铜色",
    "wooden": "木质",
    "slim-fit": "修身",
    "straight-leg": "直筒",
    "wide-leg": "阔腿",
    "tapered-leg": "锥形",
    "ripped": "破洞",
    "A-line": "A字",
    "pencil": "包臀",
    "mini": "迷你",
    "midi": "中长款",
    "maxi": "长款",
    "hooded": "连帽",
    "zip-up": "拉链",
    "high-top": "高帮",
    "low-top": "低帮",
    "chelsea": "切尔西",
    "lace-up": "系带",
    "knee-high": "高筒",
    "stiletto": "细跟",
    "block-heel": "粗跟",
    "kitten-heel": "猫跟",
    "top-handle": "手提",
    "shoulder": "单肩",
    "crossbody": "斜挎",
    "quilted": "菱格",
    "roll-top": "卷口",
    "round": "圆形",
    "square": "方形",
    "aviator": "飞行员款",
    "cat-eye": "猫眼",
    "tassel": "流苏",
    "pompom": "毛球",
    "fringed": "流苏",
    "chronograph": "计时",
    "tufted": "拉扣",
}

_CARE: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "Clothing": (
        ("Machine wash cold and hang to dry.", "冷水机洗,悬挂晾干。"),
        ("Cut for everyday wear, with room to move.", "日常百搭版型,活动自如。"),
        ("Pre-washed, so it keeps its shape.", "预先水洗,不易变形。"),
    ),
    "Shoes": (
        ("A cushioned insole carries you through the day.", "缓震鞋垫,全天舒适。"),
        ("The sole grips on wet ground.", "鞋底防滑,雨天也稳。"),
    ),
    "Bags": (
        ("An inner pocket keeps keys and phone in place.", "内有小袋,收纳钥匙手机。"),
        ("Sturdy stitching at every strain point.", "受力处加固车线。"),
    ),
    "Accessories": (
        ("Comes in a small gift box.", "附赠礼盒。"),
        ("A quiet detail that finishes an outfit.", "低调点睛,轻松搭配。"),
    ),
    "Home": (
        ("Each piece differs a little from the next.", "每一件都略有不同。"),
        ("At home in a kitchen, a study or a hallway.", "厨房、书房、玄关皆宜。"),
    ),
    "Outdoor": (
        ("Made to be carried, dropped and carried on.", "耐摔耐用,随行无忧。"),
        ("Light enough to forget that it is there.", "轻到忘记它的存在。"),
    ),
}


def title_en(plan: Plan) -> str:
    """The English title, as in a shop window: brand, color, pattern, cut, material, kind.

    It names the color where there is only one, and the material where the kind does not.
    """
    color = plan.colors[0] if len(plan.colors) == 1 else ""
    cut = [choice for choice in plan.cut.values() if choice in CUTS]
    material = "" if plan.material in plan.family.en else plan.material
    words = [color, PATTERNS[plan.pattern].en, *cut, material, plan.family.en]
    told = " ".join(word for word in words if word)
    return (
        f"{plan.brand} {' '.join(word if word[:1].isupper() else word.capitalize() for word in told.split())}"
    )


def title_zh(plan: Plan) -> str:
    """The Chinese title, as a shop in China would put it; the same parts, without the brand."""
    color = COLORS[plan.colors[0]].zh if len(plan.colors) == 1 else ""
    pattern = "" if plan.pattern == "solid" else PATTERNS[plan.pattern].zh
    cut = "".join(CUTS[choice] for choice in plan.cut.values() if choice in CUTS)
    return f"{color}{pattern}{cut}{_made_zh(plan)}"


def _made_zh(plan: Plan) -> str:
    """Material and kind in Chinese: 棉质衬衫; a kind that names its material is said alone: 牛仔裤."""
    material, kind = MATERIALS[plan.material].zh, plan.family.zh
    if kind.startswith(material[:2]):
        return kind
    return (material + "质" if len(material) == 1 else material) + kind


def describe(plan: Plan) -> tuple[str, str]:
    """A description in English and one in Chinese; both say material, pattern, colors and one thing more."""
    random = np.random.default_rng([plan.shape_seed, 8])
    care = _CARE[plan.family.category]
    more_en, more_zh = care[int(random.integers(0, len(care)))]
    pattern_en = (
        "in plain color" if plan.pattern == "solid" else f"with a {PATTERNS[plan.pattern].en} pattern"
    )
    colors_en = ", ".join(plan.colors[:-1]) + (" and " if plan.colors[1:] else "") + plan.colors[-1]
    colors_zh = "、".join(COLORS[color].zh for color in plan.colors)
    material = "" if plan.material in plan.family.en else f"{plan.material} "
    thing = f"{material}{plan.family.en}"
    start = f"{_article(plan)}{thing}"
    english = f"{start[0].upper()}{start[1:]} {pattern_en}. Available in {colors_en}. {more_en}"
    chinese = f"{_made_zh(plan)},{PATTERNS[plan.pattern].zh}款,{colors_zh}可选。{more_zh}"
    return english, chinese.replace(",", "\uff0c")  # the comma of Chinese type


def _article(plan: Plan) -> str:
    """What stands before a thing: nothing before what comes in pairs."""
    if plan.family.en.endswith("s") and plan.family.en != "dress":
        return ""
    return "An " if plan.material[0] in "aeiou" else "A "
