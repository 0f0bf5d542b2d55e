"""Every text of the report on search, in English and Chinese, in one table."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# Name -> English, Chinese. "kind.*" are kinds of questions, "left.*" why there are none of a kind,
# "metric.*" names of figures and "tells.*" what they tell; the rest is the page's.
WORDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "title": ("How well search finds", "搜索效果评测"),
        "lead": (
            "{questions} questions with known answers, asked of {products} products.",
            "用 {questions} 个已知答案的问题，查询 {products} 件商品。",
        ),
        "stopped": (
            "It was stopped: {unasked} questions were not asked.",
            "评测被中止：还有 {unasked} 个问题未提问。",
        ),
        "mean": ("mean of kinds", "各类平均"),
        "chance": ("by chance", "随机"),
        "against": ("against", "对比"),
        "better": ("{one} is better than {other}", "{one} 优于 {other}"),
        "worse": ("{one} is worse than {other}", "{one} 不如 {other}"),
        "unsure": ("{one} and {other}: no sure difference", "{one} 与 {other}：没有可靠的差别"),
        "counts": ("{wins} won, {losses} lost, {ties} equal", "胜 {wins}，负 {losses}，平 {ties}"),
        "won": ("won", "胜"),
        "lost": ("lost", "负"),
        "equal": ("equal", "平"),
        "same": ("All answered equally well", "全部不分胜负"),
        "plot": ("Every kind of question", "各类问题"),
        "plot.note": (
            "NDCG@{k}: 1 is perfect, 0 finds nothing. Lines are 95 % intervals (bootstrap over questions).",
            "NDCG@{k}：1 为满分，0 为一无所获。横线为对问题做自助抽样得到的 95% 区间。",
        ),
        "duels": ("Question by question", "逐题胜负"),
        "duels.note": (
            "How many questions the first system answers better, equally well, or worse.",
            "第一个系统在多少问题上更好、相同或更差。",
        ),
        "losses": ("Where {one} loses most to {other}", "{one} 输给 {other} 最多的问题"),
        "signs": ("✓ right   ! breaks what was asked", "✓ 正确   ! 违反要求"),
        "losses.none": ("It loses nowhere.", "没有输的问题。"),
        "misses": ("What {one} finds worst, kind by kind", "{one} 各类中效果最差的问题"),
        "asked": ("Asked", "问题"),
        "right": ("Right", "正确答案"),
        "right.more": ("and {n} more", "另有 {n} 件"),
        "nothing": ("nothing was found", "没有结果"),
        "figures": ("All figures", "全部指标"),
        "kind": ("Questions", "问题类型"),
        "system": ("System", "系统"),
        "n": ("n", "数量"),
        "how": ("How this was measured", "评测方法"),
        "how.made": (
            "The questions were made from the shop's catalog (seed {seed}); right is what the catalog says.",
            "问题由商店自己的商品目录生成（种子 {seed}），正确与否以目录为准。",
        ),
        "how.judged": (
            "People judged the questions; what nobody judged counts as wrong, except in “judged only”.",
            "问题由人工评判；未评判的商品按错误计，“仅计已评判”一项除外。",
        ),
        "how.sure": (
            "±: the 95 % interval of the paired difference holds 0; it may be chance.",
            "±：配对差值的 95% 区间包含 0，可能只是偶然。",
        ),
        "how.left": ("Left out for want of material", "因材料不足而未评测"),
        "how.empty": (
            "{n} questions have nothing right; they count for empty and broken answers alone",
            "{n} 个问题没有正确答案，只计入无结果率和违反限制率",
        ),
        "how.unknown": (
            "{n} judged ids belong to no product of the shop",
            "{n} 个评判中的编号不属于任何商品",
        ),
        "took": ("It took {took_s} s.", "用时 {took_s} 秒。"),
        "altered.": ("picture", "图片"),
        "altered.crop": ("picture, 60 % of it", "图片的 60%"),
        "altered.mirror": ("picture, mirrored", "镜像图片"),
        "altered.recolor": ("picture, in other colors", "换色图片"),
        "altered.dark": ("picture, in bad light", "光线不足的图片"),
        "kind.all": ("all questions", "全部问题"),
        "kind.judged": ("judged by people", "人工评判"),
        "kind.title": ("full title", "完整标题"),
        "kind.title-part": ("rare words of a title", "标题中的少见词"),
        "kind.title-typo": ("title with a typo", "标题有错字"),
        "kind.sku": ("SKU", "SKU"),
        "kind.gtin": ("GTIN", "GTIN 条码"),
        "kind.mpn": ("maker's number", "厂商型号"),
        "kind.code-respelled": ("code spelled another way", "型号换写法"),
        "kind.code-typo": ("code with one sign wrong", "型号错一个字符"),
        "kind.values": ("two values", "两个属性"),
        "kind.values-other": ("two values, other language", "两个属性（另一语言）"),
        "kind.values-typo": ("two values with a typo", "两个属性，有错字"),
        "kind.price": ("price limit", "价格限制"),
        "kind.price-other": ("price limit, other language", "价格限制（另一语言）"),
        "kind.negation": ("a color not wanted", "不要某颜色"),
        "kind.negation-other": ("not wanted, other language", "不要某颜色（另一语言）"),
        "kind.crop": ("cropped picture", "裁剪的图片"),
        "kind.mirror": ("mirrored picture", "镜像的图片"),
        "kind.recolor": ("recolored picture", "换色的图片"),
        "kind.dark": ("dark picture", "偏暗的图片"),
        "kind.composed": ("picture in another color", "图片换颜色"),
        "kind.composed-other": ("the same, other language", "图片换颜色（另一语言）"),
        "left.title": ("products have no titles", "商品没有标题"),
        "left.title-part": ("titles have no more than two words", "标题不超过两个词"),
        "left.title-typo": ("titles have no words of five Latin letters", "标题中没有五个字母以上的拉丁词"),
        "left.sku": ("products have no ids", "商品没有编号"),
        "left.gtin": ("products have no GTIN", "商品没有 GTIN"),
        "left.mpn": ("products have no number of their maker", "商品没有厂商型号"),
        "left.code-respelled": (
            "no codes have letters and digits and can be spelled in another way",
            "没有由字母和数字组成、可换写法的型号",
        ),
        "left.code-typo": (
            "no codes have letters and digits and lie two slips or more apart",
            "没有彼此相差足够大的型号",
        ),
        "left.values": (
            "no column says what type the goods are in words of the lexicon, and what describes them",
            "没有列用词表中的词说明商品类型及其特征",
        ),
        "left.values-other": (
            "the lexicon has no names in the other language for what the goods are",
            "词表没有这些商品在另一语言中的名称",
        ),
        "left.values-typo": (
            "no column says what type the goods are in words of the lexicon, and what describes them",
            "没有列用词表中的词说明商品类型及其特征",
        ),
        "left.price": (
            "no prices differ among goods of one type and color",
            "同类型同颜色的商品没有不同的价格",
        ),
        "left.price-other": (
            "no prices differ among goods whose type and color the lexicon names in the other language",
            "在另一语言中可命名的同类型同颜色商品没有不同的价格",
        ),
        "left.negation": (
            "no columns say type and color in words of the lexicon",
            "没有列用词表中的词说明类型和颜色",
        ),
        "left.negation-other": (
            "the lexicon has no names in the other language for types and colors",
            "词表没有类型和颜色在另一语言中的名称",
        ),
        "left.crop": ("products have no pictures", "商品没有图片"),
        "left.mirror": ("products have no pictures", "商品没有图片"),
        "left.recolor": ("products have no pictures", "商品没有图片"),
        "left.dark": ("products have no pictures", "商品没有图片"),
        "left.composed": (
            "no product with a picture is there in a second color",
            "没有带图片且有第二种颜色的商品",
        ),
        "left.composed-other": (
            "no product with a picture is there in a second color with a name in the other language",
            "没有带图片且有另一语言可命名的第二种颜色的商品",
        ),
        "metric.ndcg": ("NDCG@{k}", "NDCG@{k}"),
        "metric.ndcg_judged": ("NDCG@{k}, judged only", "NDCG@{k}（仅计已评判）"),
        "metric.judged": ("judged@{k}", "已评判@{k}"),
        "metric.mrr": ("MRR", "MRR"),
        "metric.recall": ("recall@{k}", "召回率@{k}"),
        "metric.precision": ("P@{k}", "准确率@{k}"),
        "metric.success": ("success@{k}", "成功率@{k}"),
        "metric.zero": ("empty", "无结果率"),
        "metric.broken": ("broken@{k}", "违反限制@{k}"),
        "tells.ndcg": (
            "the right products, the earlier the better, against the best order there is (gain 2^grade - 1)",
            "正确商品越靠前越好，与最佳顺序相比（增益 2^等级 - 1）",
        ),
        "tells.ndcg_judged": ("the same over the judged products alone", "只在已评判的商品中计算"),
        "tells.judged": ("share of the hits shown that somebody judged", "展示的结果中被评判过的比例"),
        "tells.mrr": ("one over the place of the first right product", "第一个正确商品名次的倒数"),
        "tells.recall": (
            "share of the right products among the first {k}",
            "前 {k} 个结果包含的正确商品比例",
        ),
        "tells.precision": ("share of the first {k} places that are right", "前 {k} 个位置中正确的比例"),
        "tells.success": (
            "share of questions with something right among the first {k}",
            "前 {k} 个结果中有正确商品的问题比例",
        ),
        "tells.zero": ("share of questions without any hit", "没有任何结果的问题比例"),
        "tells.broken": (
            "share of the hits that break what was asked: the price, the color not wanted, the color wanted",
            "违反要求（价格、不要的颜色、要的颜色）的结果比例",
        ),
    }
)


def say(name: str, language: str, **values: object) -> str:
    """A text in a language with its values filled in; a kind of the user's own is its own name.

    >>> say("counts", "zh", wins=3, losses=1, ties=0)
    '胜 3，负 1，平 0'
    """
    if name not in WORDS:
        return name.partition(".")[2]
    return WORDS[name][language == "zh"].format_map(values)
