"""Every text of the page on ads, in English and Chinese, in one table."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from duomo.understand.ads_features import Feature

# Name -> English, Chinese. "verdict.*" are verdicts, "copy.*" and "picture.*" features of a creative; the
# rest is the page's.
WORDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "title": ("What your ads tell", "广告效果分析"),
        "lead": (
            "{tests} tests, {creatives} creatives, {impressions} impressions, {clicks} clicks",
            "{tests} 组测试，{creatives} 个创意，{impressions} 次展现，{clicks} 次点击",
        ),
        "money": ("{spend} spent, {conversions} conversions", "消耗 {spend}，转化 {conversions}"),
        "skipped": (
            "{skipped} of {rows} rows could not be true and were left out; see below.",
            "{rows} 行中有 {skipped} 行数据不可能成立，已剔除，详见文末。",
        ),
        "verdict.sure": ("a sure winner", "胜负已定"),
        "verdict.sure_at_end": ("sure if planned to end now", "若按计划到此为止则已定"),
        "verdict.alike": ("no difference that matters", "差别可以忽略"),
        "verdict.wait": ("too early to say", "尚无定论"),
        "verdict.apart": ("never ran side by side", "从未同时投放"),
        "verdict.alone": ("only one creative", "只有一个创意"),
        "says.sure": (
            "{leader} is the best, and that is sure even if somebody looked every day.",
            "{leader} 最好；即使每天都查看数据，这一结论依然可靠。",
        ),
        "says.sure_at_end": (
            "{leader} is the best if the test was planned to end now; if it is ended because it looks good, "
            "about {more} more {unit} are needed.",
            "若测试本就计划到此结束，则 {leader} 最好；若因数据好看才想结束，还需约 {more} {unit}。",
        ),
        "says.alike": (
            "No difference of {matters} or more is left: take any, {leader} if in doubt.",
            "不存在 {matters} 以上的差别：任选其一，拿不准就用 {leader}。",
        ),
        "says.wait": (
            "Not enough yet: {leader} leads; about {more} more {unit} show a difference of {matters}.",
            "数据还不够：暂时 {leader} 领先；约再有 {more} {unit}才能看出 {matters} 的差别。",
        ),
        "says.apart": (
            "They never ran on the same day before the same audience; nothing can be told.",
            "它们从未在同一天、对同一人群投放，无法比较。",
        ),
        "says.unclicked": ("Nothing was clicked, so nothing can be compared.", "没有任何点击，无从比较。"),
        "says.alone": ("There is nothing to compare {leader} with.", "没有可与 {leader} 比较的创意。"),
        "unit.clicks": ("impressions", "次展现"),
        "unit.conversions": ("clicks", "次点击"),
        "unit.conversions_per_money": ("of spend", "消耗"),
        "drivers": ("What drives clicks", "什么在影响点击"),
        "drivers.conversions": ("What drives conversions", "什么在影响转化"),
        "drivers.note": (
            "How the rate changes with each thing, all others being equal, compared within the same "
            "test, day "
            "and audience. Lines are 95 % intervals over tests; filled marks are sure although so "
            "many things "
            "were looked at.",
            "在同一测试、同一天、同一人群内比较，其他条件相同时每个因素使比率变化多少。"
            "横线为按测试抽样的 95% 区间；"
            "实心点表示即使同时考察了这么多因素，结论依然可靠。",
        ),
        "drivers.none": (
            "Fewer than {least} tests in which creatives differ: too few to say what drives it.",
            "创意有差异的测试不足 {least} 组，无法判断影响因素。",
        ),
        "drivers.tests": ("{tests} tests", "{tests} 组测试"),
        "tests": ("Test by test", "逐组比较"),
        "tests.note": (
            "Marks are {rate} with 95 % intervals, as if all had run on the same days before the "
            "same people.",
            "圆点为{rate}及 95% 区间，已按相同日期与人群折算。",
        ),
        "rate.clicks": ("click rates", "点击率"),
        "rate.conversions": ("conversion rates", "转化率"),
        "rate.conversions_per_money": ("conversions for money", "单位消耗转化数"),
        "more.tests": (
            "{n} more tests are in the CSV and JSON output.",
            "另有 {n} 组测试，见 CSV 与 JSON 输出。",
        ),
        "creative": ("creative", "创意"),
        "best": ("chance to be best", "最优概率"),
        "loss": ("expected loss", "预期损失"),
        "lift": ("leader's lift", "领先幅度"),
        "counted": ("counted", "计数"),
        "others": ("Conversions, and what they cost", "转化与转化成本"),
        "others.note": (
            "The same comparison for conversions of clicks, and for conversions at equal spend.",
            "对点击转化率，以及相同消耗下的转化数，做同样的比较。",
        ),
        "cost": ("cost of a conversion", "单次转化成本"),
        "test": ("test", "测试"),
        "verdict": ("verdict", "结论"),
        "leader": ("leader", "领先者"),
        "fatigue": ("Worn out", "创意疲劳"),
        "fatigue.note": (
            "The rate of a creative against how often it was shown. The band is the model's 95 % "
            "interval; the "
            "dashed line is where {floor} of the first rate is left. A season looks the same: check whether "
            "fresh creatives fell, too.",
            "点击率随累计展现的变化。色带为模型 95% 区间；虚线处只剩最初点击率的 {floor}。"
            "季节变化看起来也是如此："
            "请核对新创意是否同样下滑。",
        ),
        "fatigue.none": (
            "Of {n} creatives that were seen long enough, none shows that it wears out.",
            "在投放时间足够长的 {n} 个创意中，没有发现疲劳迹象。",
        ),
        "fatigue.short": (
            "No creative has been seen on {days} days with {events} clicks: too little to tell.",
            "没有创意投放满 {days} 天且达到 {events} 次点击，数据不足以判断。",
        ),
        "fatigue.count": (
            "{tired} of {n} creatives that were seen long enough wear out.",
            "投放时间足够长的 {n} 个创意中，有 {tired} 个出现疲劳。",
        ),
        "replace.now": (
            "Replace now: {share} of its first rate is left.",
            "建议立即更换：只剩最初点击率的 {share}。",
        ),
        "replace.by": (
            "Replace by {day} ({low} to {high}): falls from {from_} impressions on.",
            "建议在 {day} 前更换（{low} 至 {high}）：从 {from_} 次展现起下滑。",
        ),
        "impressions": ("impressions", "展现量"),
        "predicted": ("New creatives", "新创意预测"),
        "predicted.note": (
            "Rate with 95 % interval in a test of which nothing is known yet; the chance to beat the "
            "first if "
            "a test tells both apart.",
            "在情况未知的新测试中的点击率及 95% 区间；以及若测试能分出高下，胜过首位的概率。",
        ),
        "beats": ("beats the first", "胜过首位"),
        "why": ("why", "原因"),
        "doubt.empty": ("no copy", "没有文案"),
        "doubt.unknown": ("unlike anything learned from", "与学过的文案都不像"),
        "problems": ("Rows that could not be true", "不可能成立的数据"),
        "how": ("How it was counted", "统计方法"),
        "how.pairs": (
            "Creatives are compared within a test, on the same day and before the same audience "
            "(Cochran-Mantel-Haenszel). Chances of a false winner are corrected for all pairs of a "
            "test (Holm).",
            "创意只在同一测试、同一天、同一人群内比较（Cochran-Mantel-Haenszel 检验），"
            "并按组内全部配对做 Holm 校正。",
        ),
        "how.always": (
            "A winner is sure if that holds whenever one looks (mixture sequential probability ratio test, "
            "Johari et al. 2017): looking every day and stopping early makes no false winners.",
            "“胜负已定”在任何时刻查看都成立（混合序贯概率比检验，Johari 等，2017）：每天查看、"
            "提前停止也不会造成误判。",
        ),
        "how.bayes": (
            "Chances to be best and expected losses come from beta distributions with Jeffreys's prior.",
            "最优概率与预期损失来自 Jeffreys 先验下的 Beta 分布。",
        ),
        "how.many": (
            "With {n} tests at 5 %, up to {false} false winners are expected if no creative is ever better.",
            "若所有创意其实没有差别，{n} 组测试在 5% 水平上预计至多出现 {false} 个误判。",
        ),
        "part.copy": ("Copy", "文案"),
        "part.picture": ("Picture", "图片"),
        "part.color": ("Color", "颜色"),
        "part.style": ("Style", "画面"),
        "part.offer": ("Offer", "优惠"),
        "nothing": ("nothing", "无"),
        "against": ("against {value}", "对比 {value}"),
        "copy.length": ("five words more", "多五个词"),
        "copy.number": ("names a number", "含数字"),
        "copy.question": ("asks a question", "提问句"),
        "copy.exclamation": ("exclamation mark", "感叹号"),
        "copy.quotes": ("quotes somebody", "含引语"),
        "copy.ellipsis": ("leaves something open", "留悬念"),
        "copy.you": ("speaks to \u201cyou\u201d", "称呼“你”"),
        "copy.we": ("speaks of \u201cus\u201d", "用“我/我们”"),
        "copy.he_she": ("speaks of him or her", "讲他/她的故事"),
        "copy.this": ("points at \u201cthis\u201d", "用“这个”"),
        "copy.not": ("says what is not", "含否定词"),
        "copy.how": ("how, why, what, who", "如何/为什么/什么"),
        "copy.urgency": ("urges to hurry", "限时紧迫"),
        "copy.discount": ("names a discount", "提到折扣"),
        "copy.free": ("free, free shipping", "免费/包邮"),
        "copy.gift": ("a gift", "赠品"),
        "copy.new": ("new", "新品"),
        "copy.proof": ("others love it", "口碑/热卖"),
        "copy.price": ("names a price", "标明价格"),
        "copy.capitals": ("WORDS IN CAPITALS", "全大写单词"),
        "copy.emoji": ("emoji", "表情符号"),
        "picture.bright": ("a fifth brighter", "亮度高五分之一"),
        "picture.colorful": ("more colorful", "色彩更丰富"),
        "picture.busy": ("busier", "画面更繁复"),
        "picture.plain": ("plain background", "纯色背景"),
    }
)


def say(name: str, language: str = "en", **values: object) -> str:
    """A text of the page, with its values filled in.

    >>> say("drivers.tests", "zh", tests=7)
    '7 组测试'
    """
    return WORDS[name][language == "zh"].format_map(values)


def feature_words(feature: Feature, language: str = "en") -> tuple[str, str]:
    """What a feature is called, and what part of a creative it is of.

    >>> feature_words(Feature("offer", "free shipping", ""))
    ('free shipping (against nothing)', 'Offer')
    """
    part = say(f"part.{feature.part}", language)
    if feature.part in ("copy", "picture"):
        return say(f"{feature.part}.{feature.name}", language), part
    against = say("against", language, value=feature.against or say("nothing", language))
    return f"{feature.name or say('nothing', language)} ({against})", part
