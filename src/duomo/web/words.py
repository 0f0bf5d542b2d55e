"""Every text that a shopper may read, in English and Chinese, in one table."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

Language = Literal["en", "zh"]

# Name -> English, Chinese. "problem.*" are titles of problem documents, "advice.*" what a shopper can do
# about them (in English a document says it itself), "column.*" labels of columns,
# "value.*" labels of values that Duomo itself gives, "part.*" ways of looking; the rest is the page's.
WORDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "title": ("Search", "商品搜索"),
        "skip": ("Skip to results", "跳到搜索结果"),
        "search": ("Search", "搜索"),
        "search.words": ("Search in words", "输入文字搜索"),
        "search.hint": ("Search, or drop a photo here", "输入文字，或拖入照片"),
        "search.add": ("Add words", "补充文字"),
        "suggest": ("Suggestions", "搜索建议"),
        "suggest.read": ("Read as “{text}”", "已按“{text}”理解"),
        "suggest.told": ("{n} suggestions", "{n} 条建议"),
        "suggest.told.one": ("1 suggestion", "1 条建议"),
        "suggest.brand": ("Brand", "品牌"),
        "suggest.category": ("Category", "分类"),
        "suggest.attribute": ("Feature", "属性"),
        "suggest.product": ("Product", "商品"),
        "suggest.search": ("Search", "搜索"),
        "mode": ("Search by", "搜索方式"),
        "mode.hybrid": ("Everything", "综合"),
        "mode.keywords": ("Exact words", "关键词"),
        "mode.vector": ("Likeness", "相似度"),
        "picture": ("Picture", "图片"),
        "picture.add": ("Search by picture", "以图搜索"),
        "picture.drop": ("Drop the picture to search with it", "松开即可以图搜索"),
        "picture.yours": ("Your picture", "你的图片"),
        "picture.remove": ("Remove the picture", "移除图片"),
        "picture.wrong": (
            "This is not a picture. Choose a JPEG, PNG, WebP or GIF file.",
            "这不是图片。请选择 JPEG、PNG、WebP 或 GIF 文件。",
        ),
        "like": ("Similar to {title}", "与“{title}”相似"),
        "like.remove": ("Stop looking for similar products", "取消相似搜索"),
        "asked": ("What you search with", "搜索依据"),
        "region": ("Part of the picture", "图片区域"),
        "region.whole": ("All of it", "整张图片"),
        "region.main": ("Main object", "主体"),
        "region.part": ("A part", "选定区域"),
        "region.photo": ("The picture that is searched with", "用于搜索的图片"),
        "region.hint": ("Draw a box around what you mean.", "在图片上拖动，框出想找的部分。"),
        "region.box": (
            "The part you mean: arrow keys move it, with Shift they change its size",
            "所选区域：方向键移动，按住 Shift 调整大小",
        ),
        "weights": ("What counts more", "侧重"),
        "weights.words": ("Words", "文字"),
        "weights.picture": ("Picture", "图片"),
        "weights.like": ("Example", "示例商品"),
        "weights.value": ("× {n}", "{n} 倍"),
        "unlike": ("Not this", "不要这个"),
        "unlike.of": ("Not this: {title}", "不要这个：{title}"),
        "unlike.chip": ("Not: {title}", "排除：{title}"),
        "unlike.remove": ("Let {title} be found again", "不再排除：{title}"),
        "unwanted": ("Without", "不含"),
        "unwanted.hint": ("hood, red, …", "帽子、红色……"),
        "unwanted.chip": ("Without: {text}", "不含：{text}"),
        "unwanted.remove": ("Let “{text}” be found again", "不再排除“{text}”"),
        "understood.read": ("Searched for “{text}”", "已按“{text}”搜索"),
        "understood.limit": ("Only: {text}", "限定：{text}"),
        "understood.relaxed": ("“{text}” would leave nothing: not applied", "“{text}”会使结果为空，未采用"),
        "understood.remove": ("{value}. Search for the words as they are", "{value}。改为按原文搜索"),
        "understood.words": ("{value}. Search for this as words", "{value}。改为按文字搜索"),
        "as.words": ("“{text}” as words", "“{text}”按文字搜索"),
        "as.words.remove": ("Let “{text}” be understood again", "恢复对“{text}”的理解"),
        "literal": ("The words as they are", "按原文搜索"),
        "literal.remove": ("Let the words be understood again", "恢复对文字的理解"),
        "filters": ("Filters", "筛选"),
        "filters.clear": ("Clear all", "全部清除"),
        "filters.remove": ("Remove filter {value}", "移除筛选：{value}"),
        "filters.more": ("Show all {n}", "显示全部 {n} 项"),
        "filters.less": ("Show fewer", "收起"),
        "filters.show": ("Show results", "查看结果"),
        "price.from": ("From", "最低"),
        "price.to": ("To", "最高"),
        "price.apply": ("Apply price", "应用价格"),
        "results": ("Results", "搜索结果"),
        "total": ("{n} products", "共 {n} 件商品"),
        "total.one": ("1 product", "共 1 件商品"),
        "took": ("{ms} ms", "{ms} 毫秒"),
        "loading": ("Searching…", "搜索中…"),
        "more": ("Show more", "加载更多"),
        "widened": (
            "Nothing more matches. These come closest:",
            "没有更多匹配的商品。以下商品最为接近：",
        ),
        "empty": ("Nothing found", "没有找到商品"),
        "empty.hint": (
            "Try fewer or other words, take a filter away, or search by likeness.",
            "请减少或更换关键词、去掉筛选条件，或改用相似度搜索。",
        ),
        "error": ("That did not work", "出错了"),
        "error.offline": (
            "The shop cannot be reached. Check the connection and try again.",
            "无法连接到商店。请检查网络后重试。",
        ),
        "error.retry": ("Try again", "重试"),
        "similar": ("Similar", "找相似"),
        "similar.to": ("Similar to {title}", "查找与“{title}”相似的商品"),
        "similar.more": ("Similar products", "相似商品"),
        "why": ("Why this?", "推荐理由"),
        "why.of": ("Why this? {title}", "推荐理由：{title}"),
        "heat": ("Which part matched", "哪一部分匹配"),
        "heat.of": ("Which part of the picture matched? {title}", "图片的哪一部分匹配？{title}"),
        "heat.shown": ("What matched, the rest in grey", "匹配的部分，其余为灰色"),
        "heat.none": ("No part matters more than the others", "没有哪一部分更重要"),
        "why.words": ("Matched words", "匹配的词"),
        "why.exact": ("Exactly what you asked for ({name})", "与你的搜索完全一致（{name}）"),
        "why.rank": ("no. {n} in the shop", "全店第 {n}"),
        "why.share": ("Share of the score", "得分占比"),
        "why.model": ("Compared by {name}", "比对模型：{name}"),
        "part.exact": ("Exact match", "完全一致"),
        "part.keywords": ("Words", "关键词"),
        "part.meant": ("What the words mean", "文字所指的属性"),
        "part.text": ("Meaning of the words", "文字相似"),
        "part.picture": ("Look of the picture", "图片相似"),
        "part.text to picture": ("Words in the picture", "文字对图片"),
        "part.picture to text": ("Picture in the words", "图片对文字"),
        "part.product": ("Like the example", "与示例商品相似"),
        "part.learned text": ("Learned: the words", "学得：文字"),
        "part.learned vision": ("Learned: the pictures", "学得：图片"),
        "part.learned attributes": ("Learned: price and values", "学得：价格与属性"),
        "part.learned behaviour": ("Learned: what shoppers click", "学得：顾客点击"),
        "part.stock": ("In stock", "有货"),
        "part.margin": ("The shop's own preference", "店铺优先"),
        "part.novelty": ("New", "新品"),
        "part.unlike": ("Like what you do not want", "与您不想要的相似"),
        "part.repeated": ("Others like it stand before it", "前面已有类似商品"),
        "exact.id": ("number", "编号"),
        "exact.gtin": ("barcode", "条码"),
        "exact.mpn": ("maker's number", "厂商编号"),
        "exact.title": ("title", "标题"),
        "options": ("{n} {name}", "{n} 种{name}"),
        "price.none": ("Price on request", "价格待询"),
        "price.was": ("Before: {price}", "原价：{price}"),
        "picture.none": ("No picture", "暂无图片"),
        "picture.nth": ("Picture {n} of {title}", "{title}，图片 {n}"),
        "product.open": ("Show {title}", "查看 {title}"),
        "product.close": ("Close", "关闭"),
        "product.number": ("No. {id}", "编号 {id}"),
        "product.visit": ("Go to the product page", "前往商品页面"),
        "product.details": ("Details", "商品详情"),
        "product.description": ("Description", "商品描述"),
        "product.unavailable": ("This combination is not sold", "该组合暂不销售"),
        "reviews": ("Reviews", "评价"),
        "reviews.count": ("{n} reviews", "{n} 条评价"),
        "reviews.count.one": ("1 review", "1 条评价"),
        "reviews.rating": ("{rating} out of 5", "{rating} 分（满分 5 分）"),
        "reviews.more": ("Show all {n} reviews", "显示全部 {n} 条评价"),
        "stock.left": ("{n} in stock", "库存 {n} 件"),
        "language": ("Language", "语言"),
        "noscript": (
            "This page needs JavaScript. Programs can ask /v1/search directly.",
            "此页面需要 JavaScript。程序可以直接访问 /v1/search。",
        ),
        "column.category": ("Category", "分类"),
        "column.brand": ("Brand", "品牌"),
        "column.color": ("Color", "颜色"),
        "column.size": ("Size", "尺码"),
        "column.price": ("Price", "价格"),
        "column.material": ("Material", "材质"),
        "column.pattern": ("Pattern", "图案"),
        "column.gender": ("Gender", "性别"),
        "column.season": ("Season", "季节"),
        "column.style": ("Style", "风格"),
        "column.usage": ("Usage", "用途"),
        "column.year": ("Year", "年份"),
        "column.climate": ("Climate", "气候"),
        "column.activity": ("Activity", "运动"),
        "column.availability": ("Availability", "库存状态"),
        "options.color": ("colors", "颜色"),
        "options.size": ("sizes", "尺码"),
        "value.in_stock": ("In stock", "有货"),
        "value.out_of_stock": ("Out of stock", "缺货"),
        "value.preorder": ("Pre-order", "预订"),
        "value.backorder": ("On back-order", "延期供货"),
        "problem.bad-file": ("A file cannot be read", "文件无法读取"),
        "problem.bad-row": ("A row cannot become a product", "该行无法成为商品"),
        "problem.bad-filter": ("The filter cannot be used", "筛选条件无法使用"),
        "problem.bad-query": ("The search cannot be answered", "无法执行该搜索"),
        "problem.bad-picture": ("The picture cannot be opened", "图片无法打开"),
        "problem.bad-clip": ("The clip cannot be opened", "视频无法打开"),
        "problem.bad-sound": ("The sound cannot be opened", "声音无法打开"),
        "problem.bad-setting": ("A setting is wrong", "设置有误"),
        "problem.blocked-url": ("An address may not be fetched", "该地址不允许访问"),
        "problem.missing-file": ("A file is not there", "文件不存在"),
        "problem.missing-shop": ("The shop is not ready", "商店尚未就绪"),
        "problem.missing-product": ("The shop does not have this", "商店没有此商品"),
        "problem.unknown-encoder": ("The shop does not know this encoder", "商店没有此编码器"),
        "problem.shop-busy": ("The shop is being written to", "商店正在更新"),
        "problem.shop-exists": ("There is a shop already", "商店已存在"),
        "problem.missing-extra": ("A package is missing on the server", "服务器缺少所需组件"),
        "problem.bad-setup": ("The server cannot do this now", "服务器暂时无法处理"),
        "problem.busy": ("The shop is busy", "商店繁忙"),
        "problem.bad-request": ("The request is not as it should be", "请求格式有误"),
        "problem.misdirected": ("The address names another machine", "访问地址不正确"),
        "problem.not-found": ("There is nothing here", "页面不存在"),
        "problem.method-not-allowed": ("This cannot be done here", "不支持此操作"),
        "problem.unsupported-media-type": ("The body is of a type not known here", "不支持的内容类型"),
        "problem.too-large": ("The request is too large", "请求内容过大"),
        "problem.too-long": ("The address is too long", "请求地址过长"),
        "problem.key-needed": ("Writing needs the key", "写入需要密钥"),
        "problem.writing-off": ("Writing is switched off", "写入功能已关闭"),
        "advice.bad-filter": ("Take a filter away, or choose it anew", "请去掉或重新选择筛选条件"),
        "advice.bad-query": (
            "Ask with fewer words, or with one picture at a time",
            "请缩短关键词，或一次只用一张图片",
        ),
        "advice.bad-picture": ("Send a JPEG, PNG or WebP", "请上传 JPEG、PNG 或 WebP 图片"),
        "advice.bad-clip": ("Send another clip", "请换一段视频"),
        "advice.bad-sound": ("Send another recording", "请换一段录音"),
        "advice.missing-product": ("Search for it by its title", "请按名称搜索"),
        "advice.missing-shop": ("Try again in a few minutes", "请过几分钟再试"),
        "advice.bad-setup": ("Try again in a few minutes", "请过几分钟再试"),
        "advice.busy": ("Try again in a few seconds", "请过几秒再试"),
        "advice.bad-request": ("Search again from the start", "请重新搜索"),
        "advice.too-large": ("Send a smaller file", "请上传更小的文件"),
        "advice.too-long": ("Ask with fewer words", "请缩短关键词"),
        "advice.unexpected": ("Try again later", "请稍后再试"),
        "problem.unexpected": ("Something went wrong on the server", "服务器内部错误"),
    }
)


def words_of(language: Language) -> dict[str, str]:
    """The whole table in one language."""
    place = 0 if language == "en" else 1
    return {name: texts[place] for name, texts in WORDS.items()}


def word(name: str, language: Language) -> str:
    """One text in one language; KeyError where the table lacks it."""
    return WORDS[name][0 if language == "en" else 1]


def preferred(accept: str, chosen: str = "") -> Language:
    """The language to answer in.

    Args:
        accept: the header Accept-Language (RFC 9110, 12.5.4).
        chosen: what the shopper picked; goes first if it is a language we speak.

    >>> preferred("en;q=0.5, zh-CN"), preferred("de, en-GB;q=0.8, zh;q=0.4"), preferred("", "zh")
    ('zh', 'en', 'zh')
    """
    if chosen in ("en", "zh"):
        return "zh" if chosen == "zh" else "en"
    best: dict[str, float] = {"en": 0.0, "zh": 0.0}
    for part in accept.lower().split(","):
        tag, _, rest = part.partition(";")
        language = tag.strip().partition("-")[0]
        if language in best:
            best[language] = max(best[language], _quality(rest))
    return "zh" if best["zh"] > best["en"] else "en"


def _quality(parameters: str) -> float:
    """The weight of a language range; 1 where none is given, 0 where it cannot be read."""
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        quality = float(value)
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0
