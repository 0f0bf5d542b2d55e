"""Every text of the page on health that belongs to no kind of finding, in English and Chinese."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from duomo.catalog.health.findings import Both

WORDS: Final[Mapping[str, Both]] = MappingProxyType(
    {
        "title": Both("Catalog health", "商品目录体检"),
        "lead": Both(
            "{products} products in {variants} variants: {findings} findings of {kinds} kinds.",
            "{products} 件商品、{variants} 个规格：发现 {findings} 处问题，共 {kinds} 类。",
        ),
        "sound": Both("Nothing to complain of.", "没有发现问题。"),
        "quick": Both("Pictures were not opened.", "本次未检查图片内容。"),
        "columns": Both("How much is filled in", "各列填写情况"),
        "ranking": Both("What to mend first", "先修哪些"),
        "ranking.note": Both(
            "Ranked by what it costs the shop: how bad it is (1 to 3) × share of products × what shoppers "
            "lose (1 trust, 2 found by pictures, 3 found by words, 4 bought). The most is 12.",
            "按对店铺的影响排序：严重程度（1 到 3）× 涉及商品占比 × 顾客的损失"
            "（1 信任，2 以图搜到，3 以词搜到，4 买到）。满分 12 表示全部商品都卖不出去。",
        ),
        "cost": Both("Cost", "影响"),
        "kind": Both("Finding", "问题"),
        "products": Both("Products", "商品"),
        "share": Both("Share", "占比"),
        "count": Both("{n} products · {share}", "{n} 件商品 · {share}"),
        "more": Both(
            "and {n} more findings of this kind, in the CSV and JSON files",
            "另有 {n} 处，见 CSV 或 JSON 文件",
        ),
        "line": Both("line {n}", "第 {n} 行"),
        "loss.bought": Both("cannot be bought", "买不到"),
        "loss.words": Both("not found by words", "搜词找不到"),
        "loss.pictures": Both("not found by pictures", "以图找不到"),
        "loss.trust": Both("looks untrustworthy", "影响信任"),
        "column.title": Both("Title", "标题"),
        "column.price": Both("Price", "价格"),
        "column.image": Both("Picture", "图片"),
        "column.description": Both("Description", "描述"),
        "column.category": Both("Category", "类目"),
        "column.brand": Both("Brand", "品牌"),
        "column.stock": Both("Stock", "库存"),
        "column.url": Both("Link", "链接"),
        "column.gtin": Both("Trade item number", "条码"),
        "column.currency": Both("Currency", "币种"),
        "column.availability": Both("Availability", "供货状态"),
        "nothing": Both("no picture", "无图"),
    }
)


def say(name: str, language: str, **values: object) -> str:
    """A text in "en" or "zh" with its values filled in; a column of the shop's own is its own name.

    >>> say("line", "zh", n=3), say("column.sleeve", "en")
    ('第 3 行', 'sleeve')
    """
    if name not in WORDS:
        return name.removeprefix("column.")
    return getattr(WORDS[name], language).format_map(values)  # type: ignore[no-any-return]  # one of two texts
