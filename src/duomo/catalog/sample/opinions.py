"""What buyers of the sample shop write: ratings and reviews in English and Chinese, for planted reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from duomo.catalog.sample.palette import MATERIALS
from duomo.catalog.sample.people import Event, expected_rating
from duomo.catalog.sample.plan import Plan

Said = tuple[str, str]  # English, Chinese


@dataclass(frozen=True, slots=True)
class Opinion:
    """One review."""

    sku: str
    rating: int
    title: str
    text: str
    user: str
    time: datetime
    language: str  # "en" or "zh"


_TITLES: Final[Mapping[str, tuple[Said, ...]]] = {
    "good": (
        ("Love it", "非常喜欢"),
        ("Exactly what I wanted", "正是我想要的"),
        ("Would buy again", "会回购"),
        ("Great value", "物超所值"),
    ),
    "fair": (
        ("It is fine", "还可以"),
        ("Okay for the price", "这个价位还行"),
        ("Mixed feelings", "有好有坏"),
    ),
    "poor": (
        ("Disappointed", "失望"),
        ("Not worth it", "不值这个价"),
        ("Sent it back", "已退货"),
        ("Expected better", "不如预期"),
    ),
}
_OPEN: Final[Mapping[str, tuple[Said, ...]]] = {
    "good": (
        ("I bought this {kind} a few weeks ago and use it all the time", "这款{zh}买了几周,天天都在用"),
        ("Beautiful {kind}, even nicer than in the picture", "{zh}很漂亮,比图片还好看"),
        ("The {kind} arrived quickly and well packed", "{zh}发货很快,包装也仔细"),
        ("My sister saw this {kind} and ordered one too", "姐姐看到这款{zh}也下单了"),
    ),
    "fair": (
        ("A decent {kind}, nothing special", "{zh}中规中矩,没什么特别"),
        ("The {kind} does its job", "{zh}够用"),
        ("Looks like the picture, but not quite what I hoped for", "和图片一样,但没有想象中好"),
    ),
    "poor": (
        ("I am not happy with this {kind}", "对这款{zh}不满意"),
        ("The {kind} looked better in the picture", "{zh}图片好看,实物一般"),
        ("After one week the {kind} already shows wear", "{zh}用了一周就有磨损"),
    ),
}
_COLOR: Final[Mapping[str, tuple[Said, ...]]] = {
    "good": (("The color is rich and true", "颜色很正"), ("The color goes with everything", "颜色百搭")),
    "fair": (("The color is a little different from the screen", "颜色和屏幕上略有色差"),),
    "poor": (
        ("The color faded quickly", "很快就褪色了"),
        ("The color is nothing like the picture", "色差太大"),
    ),
}
_MATERIAL: Final[Mapping[str, tuple[Said, ...]]] = {
    "good": (
        ("The {material} feels wonderful", "{mzh}手感很好"),
        ("You can tell that the {material} is good", "{mzh}质量看得出来很好"),
    ),
    "fair": (("The {material} is okay", "{mzh}一般"),),
    "poor": (
        ("The {material} feels cheap", "{mzh}很廉价"),
        ("The {material} is thin and rough", "{mzh}又薄又粗糙"),
    ),
}
_SMALL: Final[tuple[Said, ...]] = (
    ("It runs small, order one size up", "尺码偏小,建议买大一码"),
    ("Too tight for my usual size", "平时的码穿着太紧"),
)
_SERVICE: Final[tuple[Said, ...]] = (
    ("Delivery took two days", "两天就到货了"),
    ("Customer service answered at once", "客服回复很及时"),
    ("The box was dented but nothing broke", "盒子有点瘪,东西没坏"),
)
REVIEWED: Final = 0.5  # share of purchases that are reviewed
CHINESE: Final = 0.4  # share of reviews in Chinese


def opinions(plans: Sequence[Plan], events: Sequence[Event], seed: int) -> list[Opinion]:
    """The reviews that purchases led to, in order of time; a user reviews a product once."""
    plan_of = {plan.sku: plan for plan in plans}
    random = np.random.default_rng([seed, 24])
    out: list[Opinion] = []
    seen: set[tuple[str, str]] = set()
    for event in events:
        if event.type != "purchase" or random.random() >= REVIEWED or (event.user, event.product) in seen:
            continue
        seen.add((event.user, event.product))
        plan = plan_of[event.product]
        rating = int(np.clip(round(expected_rating(plan) + random.normal(0, 0.75)), 1, 5))
        chinese = int(random.random() < CHINESE)
        title, text = _write(plan, rating, chinese, random)
        later = event.time + timedelta(days=float(random.gamma(2.0, 4.0)) + 2)
        out.append(
            Opinion(
                plan.sku, rating, title, text, event.user, later.replace(microsecond=0), ("en", "zh")[chinese]
            )
        )
    return sorted(out, key=lambda opinion: (opinion.time, opinion.user, opinion.sku))


def _write(plan: Plan, rating: int, language: int, random: np.random.Generator) -> tuple[str, str]:
    """Title and text whose tone is that of the rating and whose reasons are those planted in the product."""
    tone = "good" if rating >= 4 else "fair" if rating == 3 else "poor"
    bias = MATERIALS[plan.material].rating
    said = [_one(_OPEN[tone], random)]
    if random.random() < 0.5:
        said.append(_one(_MATERIAL["good" if bias >= 0.3 else "poor" if bias <= -0.4 else tone], random))
    if random.random() < 0.4:
        said.append(_one(_COLOR[tone], random))
    if plan.family.small and random.random() < 0.7:
        said.append(_one(_SMALL, random))
    if random.random() < 0.25:
        said.append(_one(_SERVICE, random))
    words = {
        "kind": plan.family.en,
        "zh": plan.family.zh,
        "material": plan.material,
        "mzh": MATERIALS[plan.material].zh,
    }
    sentences = [pair[language].format(**words) for pair in said]
    title = _one(_TITLES[tone], random)[language]
    if language:
        return title, ("。".join(sentences) + "。").replace(",", "\uff0c")
    return title, ". ".join(sentences) + "."


def _one(options: Sequence[Said], random: np.random.Generator) -> Said:
    return options[int(random.integers(len(options)))]
