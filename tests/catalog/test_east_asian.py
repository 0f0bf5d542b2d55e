"""Files in encodings from before UTF-8 come back as they were written, and none is taken for another."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.catalog.read import Catalog, read_catalog
from duomo.errors import BadFile

SIMPLIFIED = (
    *(
        "改良旗袍连衣裙 真丝",
        "保温杯 500毫升",
        "男士纯棉短袖T恤",
        "无线蓝牙耳机，降噪",
        "儿童防滑拖鞋",
        "红木餐桌",
    ),
    *("折叠雨伞", "羊毛围巾", "不锈钢炒锅", "运动鞋 透气", "双肩背包", "护手霜套装"),
)
TRADITIONAL = (
    *(
        "改良旗袍連衣裙 真絲",
        "保溫杯 500毫升",
        "男士純棉短袖上衣",
        "無線藍牙耳機，降噪",
        "兒童防滑拖鞋",
        "紅木餐桌",
    ),
    *("摺疊雨傘", "羊毛圍巾", "不鏽鋼炒鍋", "運動鞋 透氣", "雙肩背包", "護手霜禮盒"),
)
JAPANESE = (
    *(
        "急須セット 常滑焼",
        "マグカップ（白）",
        "綿100%のTシャツ",
        "ワイヤレスイヤホン",
        "子供用スリッパ",
        "木製テーブル",
    ),
    *(
        "折りたたみ傘",
        "ウールのマフラー",
        "ステンレス製フライパン",
        "軽いスニーカー",
        "リュックサック",
        "お茶の詰め合わせ",
    ),
)
WESTERN = (
    "Café crème",
    "Ärmel, grün",
    "Calção de praia",
    "Año nuevo – edición",
    "Don’t panic, 20 °C",
    "Blåbær",
)
WRITTEN = (
    *(
        (SIMPLIFIED, "gb18030", "GB18030"),
        (TRADITIONAL, "gb18030", "GB18030"),
        (JAPANESE, "gb18030", "GB18030"),
    ),
    *((TRADITIONAL, "big5", "Big5"), (JAPANESE, "shift_jis", "Shift JIS"), (JAPANESE, "cp932", "Shift JIS")),
    (WESTERN, "cp1252", "Windows-1252"),
    *((words, "utf-8", "") for words in (SIMPLIFIED, TRADITIONAL, JAPANESE, WESTERN)),
)


def read(folder: Path, titles: list[str], encoding: str) -> Catalog:
    rows = "".join(f'{number},"{title}",12.50\n' for number, title in enumerate(titles))
    (folder / "goods.csv").write_bytes(f"sku,title,price\n{rows}".encode(encoding))
    return read_catalog(folder / "goods.csv")


@given(st.sampled_from(WRITTEN), st.data())
def test_a_file_reads_back_in_every_encoding_of_its_language(
    tmp_path_factory: pytest.TempPathFactory, written: tuple[tuple[str, ...], str, str], data: st.DataObject
) -> None:
    words, encoding, called = written
    titles = data.draw(st.lists(st.sampled_from(words), min_size=3, unique=True))
    found = read(tmp_path_factory.mktemp("goods"), titles, encoding)
    assert [product.title for product in found.products] == titles
    told = [f"is not UTF-8 and was read as {called}"] if called else []
    assert [problem.problem for problem in found.problems] == told


def test_words_of_hong_kong_are_read(tmp_path: Path) -> None:
    titles = ["女裝皮褸，好靚嘅外套", "舒適運動鞋，行街啱着", "廚房用品套裝，送埋禮盒"]
    assert [p.title for p in read(tmp_path, titles, "big5hkscs").products] == titles


@pytest.mark.parametrize(
    ("words", "encoding", "called"),
    [(SIMPLIFIED, "gbk", "GB18030"), (TRADITIONAL, "big5", "Big5"), (JAPANESE, "shift_jis", "Shift JIS")],
)
@pytest.mark.parametrize("broken", [b"\xff", b"\x81", b"\xd0"])
def test_one_bad_byte_costs_one_character(
    tmp_path: Path, words: tuple[str, ...], encoding: str, called: str, broken: bytes
) -> None:
    path = tmp_path / "goods.csv"
    rows = [f"{number},{title},9".encode(encoding) for number, title in enumerate(words)]
    path.write_bytes(b"\n".join((b"sku,title,price", *rows, b"z," + broken + b",9")) + b"\n")
    found = read_catalog(path)
    assert [product.title for product in found.products[:-1]] == list(words)
    if found.products[-1].title == "\ufffd":  # in Big5 and Shift JIS, some of these bytes are characters
        told = found.problems[1]
        assert told.problem == f"holds 1 characters that are not {called} and were replaced"
        assert (told.line, told.severity) == (len(words) + 2, "warning")


@pytest.mark.parametrize(("words", "encoding"), [(SIMPLIFIED, "gbk"), (TRADITIONAL, "big5")])
def test_a_character_cut_at_the_end_of_the_file_costs_no_other(
    tmp_path: Path, words: tuple[str, ...], encoding: str
) -> None:
    rows = "".join(f"{number},{title}\n" for number, title in enumerate(words))
    (tmp_path / "goods.csv").write_bytes(f"sku,title\n{rows}z,杯".encode(encoding)[:-1])
    titles = [product.title for product in read_catalog(tmp_path / "goods.csv").products]
    assert titles == [*words, "\ufffd"]


@pytest.mark.parametrize("first", ["", "茶"])
def test_a_line_that_is_longer_than_the_sample_is_read(tmp_path: Path, first: str) -> None:
    text = f"sku,title,description\nA,{first}杯,{'x' if first else ''}{'精緻陶瓷馬克杯禮盒組合' * 60_000}\n"
    (tmp_path / "goods.csv").write_bytes(text.encode("big5"))
    (product,) = read_catalog(tmp_path / "goods.csv").products
    assert product.description.endswith("精緻陶瓷馬克杯禮盒組合")


@pytest.mark.parametrize(
    "title", ["日本製 南部鉄器 急須", "木製食卓", "有田焼 湯呑", "京都宇治抹茶", "伊万里焼 花瓶"]
)
def test_japanese_without_kana_is_read(tmp_path: Path, title: str) -> None:
    assert read(tmp_path, [title], "shift_jis").products[0].title == title


@pytest.mark.parametrize(
    "titles",
    [
        ["Loção hidratante proteção 50", "Calção de banho", "Coleção verão – vestido"],
        ["Hääpuku ääni"],
        ["Loção", "Proteção"],
    ],
)
def test_accents_in_a_row_are_no_chinese(tmp_path: Path, titles: list[str]) -> None:
    assert [product.title for product in read(tmp_path, titles, "cp1252").products] == titles


def test_what_is_in_no_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "goods.csv").write_bytes(b"sku,title\nA," + b"\x8e\xff\xfe\xff" * 20 + b"\n")
    with pytest.raises(BadFile, match="neither UTF-8 nor"):
        read_catalog(tmp_path / "goods.csv")


def test_signs_alone_are_no_language(tmp_path: Path) -> None:
    assert read(tmp_path, ["「★」", "《茶》"], "gb18030").products[0].title == "「★」"
