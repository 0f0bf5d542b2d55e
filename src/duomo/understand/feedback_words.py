"""Every text of the page on feedback, in English and Chinese."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from duomo.catalog.health.findings import Both

WORDS: Final[Mapping[str, Both]] = MappingProxyType(
    {
        "title": Both("What shoppers say", "顾客反馈"),
        "lead": Both("{remarks} remarks", "{remarks} 条反馈"),
        "span": Both("{first} to {last}", "{first} 至 {last}"),
        "mean": Both("{mean} of 5 stars on average", "平均 {mean} 星（满分 5 星）"),
        "positive": Both("{share} meant well", "{share} 为好评"),
        "contradicting": Both("{n} ratings say the opposite of their text", "{n} 条评分与文字意思相反"),
        "first": Both("What to do first", "先解决什么"),
        "first.note": Both(
            "By the stars that the mean rating loses: how many remarks blame it × how much lower they rate, "
            "beside everything else they say.",
            "按拉低平均评分的程度排序：提到它的反馈占比 × 这些反馈评分低多少（扣除其他问题的影响）。",
        ),
        "first.unrated": Both(
            "There are no ratings: the tone of the text stands in for them.", "没有评分，以文字的语气代替。"
        ),
        "cost": Both("costs {stars} stars [{low}, {high}]", "拉低 {stars} 星 [{low}, {high}]"),
        "costs.unsure": Both("no sure loss of stars", "对评分没有确定的影响"),
        "earns": Both("earns {stars} stars [{low}, {high}]", "提升 {stars} 星 [{low}, {high}]"),
        "share": Both("{n} remarks, {share}", "{n} 条，占 {share}"),
        "rising": Both("rising: ×{factor} a month", "上升：每月 ×{factor}"),
        "falling": Both("falling: ×{factor} a month", "下降：每月 ×{factor}"),
        "change": Both("from {before} to {after} since {date}", "自 {date} 起由 {before} 变为 {after}"),
        "mostly": Both("mostly {products}", "主要来自 {products}"),
        "blamed": Both("Blamed", "被批评的方面"),
        "praised": Both("Praised", "被称赞的方面"),
        "topic": Both("Theme", "主题"),
        "remarks": Both("Remarks", "条数"),
        "of": Both("Share", "占比"),
        "stars": Both("Stars", "星"),
        "trend": Both("Trend", "趋势"),
        "said": Both("Said as", "原话"),
        "drivers": Both("Products that have more of it", "问题集中的商品"),
        "drivers.good": Both("Products that are praised for it", "因此受称赞的商品"),
        "driver": Both("{mentions} of {remarks}", "{remarks} 条中的 {mentions} 条"),
        "segments": Both("Who says it more or less", "不同人群的差异"),
        "segment": Both("{share} against {others} elsewhere", "{share}，其余为 {others}"),
        "quotes": Both("In their words", "顾客原话"),
        "pictures": Both("Their pictures", "买家晒图"),
        "chart": Both("Share of remarks by time, at most {most}", "各时段占比，最高 {most}"),
        "chart.bar": Both("{date}: {hits} of {remarks}", "{date}：{remarks} 条中的 {hits} 条"),
        "counted": Both("What was counted", "统计说明"),
        "rows": Both("{n} rows", "{n} 行"),
        "blank": Both("{n} without a text", "{n} 行没有文字"),
        "broken": Both("{n} that cannot be read", "{n} 行无法读取"),
        "unrated": Both("{n} without a rating that can be read", "{n} 条没有可读的评分"),
        "undated": Both("{n} without a date that can be read", "{n} 条没有可读的日期"),
        "redacted": Both("{n} from which personal data was taken out", "{n} 条已去除个人信息"),
        "none": Both(
            "Nothing is praised or blamed by enough remarks ({least}).",
            "没有哪个方面被足够多（{least} 条）的反馈提到。",
        ),
        "note": Both(
            "Shares and stars have intervals of 95 %. A trend, a change or a segment is told only where "
            "chance would seldom make it.",
            "占比与星数均附 95% 区间；趋势、变化和人群差异只在偶然性很小时才列出。",
        ),
    }
)


def say(name: str, language: str, **values: object) -> str:
    """A text in a language ("en", "zh"), with its {names} filled in.

    >>> say("rows", "zh", n=3)
    '3 行'
    """
    return str(getattr(WORDS[name].filled(values), language))
