"""What the page for labellers says, in English and Chinese."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from duomo.web.words import WORDS, Language

LABELLING: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "title": ("Labelling", "标注"),
        "ask": ("Which {label}?", "请选择{label}"),
        "name": ("Who labels?", "请填写你的名字"),
        "name.hint": ("Your name", "名字"),
        "name.go": ("Begin", "开始标注"),
        "name.change": ("Another name", "切换标注人"),
        "find": ("Type to find or add a label", "输入文字查找或新增标签"),
        "add": ("Add “{label}”", "新增“{label}”"),
        "labels": ("Labels", "标签"),
        "skip": ("Cannot tell", "无法判断"),
        "back": ("Back", "上一条"),
        "own": ("You said: {label}", "你的标注：{label}"),
        "own.none": ("You could not tell", "你的标注：无法判断"),
        "expected": ("expected", "模型预测"),
        "shared": ("Everybody is asked this one", "此条由所有人标注"),
        "done": ("Nothing is left to label.", "全部标注完成。"),
        "done.next": ("Write the labels: duomo label export", "导出标签：duomo label export"),
        "progress": (
            "{n} of {all} labelled, {mine} answers of yours",
            "已标注 {n} / {all}，你处理了 {mine} 条",
        ),
        "keys.pick": ("choose", "选择"),
        "keys.enter": ("take the marked one", "确认高亮项"),
        "keys.type": ("find or add", "查找或新增"),
        "keys.letters": ("letters", "直接打字"),
        "picture": ("Picture of {title}", "{title}的图片"),
        "picture.plain": ("Picture", "图片"),
        "loading": ("Loading…", "加载中…"),
        "picture.gone": ("The picture cannot be shown", "图片无法显示"),
        "saved.not": ("This answer is not saved: {why}", "这条标注未保存：{why}"),
        "language": ("Language", "语言"),
        "error": ("Something went wrong", "出错了"),
        "error.offline": (
            "The server does not answer. Is it still running?",
            "服务器没有响应，它还在运行吗？",
        ),
    }
)


def labelling_words(language: Language) -> dict[str, str]:
    """The texts of the page in one language, with the names of columns that the shopper's page knows."""
    place = 0 if language == "en" else 1
    columns = {name: texts[place] for name, texts in WORDS.items() if name.startswith("column.")}
    return {name: texts[place] for name, texts in LABELLING.items()} | columns
