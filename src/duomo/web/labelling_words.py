"""What the page for labellers says, in English and Chinese."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from duomo.web.words import WORDS, Language

_TEXTS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "title": ("Labelling", "标注"),
        "ask": ("Which {label}?", "请选择{label}"),
        "name": ("Who labels?", "谁来标注？"),
        "name.hint": ("Your name", "你的名字"),
        "name.go": ("Begin", "开始"),
        "name.change": ("Another name", "换个名字"),
        "find": ("Type to find or add a label", "输入文字查找或新增标签"),
        "add": ("Add “{label}”", "新增“{label}”"),
        "labels": ("Labels", "标签"),
        "skip": ("Cannot tell", "无法判断"),
        "back": ("Back", "上一个"),
        "own": ("You said: {label}", "你的回答：{label}"),
        "own.none": ("You could not tell", "你的回答：无法判断"),
        "expected": ("expected", "预测"),
        "shared": ("Everybody is asked this one", "此项由每个人标注"),
        "done": ("Nothing is left to label.", "全部标注完成。"),
        "done.next": ("Write the labels: duomo label export", "导出标签：duomo label export"),
        "progress": (
            "{n} of {all} labelled, {mine} answers of yours",
            "已标注 {n} / {all}，其中你回答了 {mine} 个",
        ),
        "keys.pick": ("choose", "选择"),
        "keys.enter": ("take the marked one", "选中高亮项"),
        "keys.type": ("find or add", "查找或新增"),
        "keys.letters": ("letters", "文字"),
        "picture": ("Picture of {title}", "{title}的图片"),
        "picture.gone": ("The picture cannot be shown", "图片无法显示"),
        "saved.not": ("This answer is not saved: {why}", "该回答未保存：{why}"),
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
    return {name: texts[place] for name, texts in _TEXTS.items()} | columns
