from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.catalog.columns import FIELDS, RESERVED, attribute_name, normal, plan
from duomo.errors import BadFile

FILE = Path("a.csv")


def test_no_name_stands_for_two_fields() -> None:
    names = [name for aliases in FIELDS.values() for name in aliases]
    assert len(names) == len(set(names))
    assert all(normal(name) == name for name in names)


def test_english_and_chinese_headers_are_recognized() -> None:
    found = plan(["货号", "商品名称", "价格", "颜色", "图片"], path=FILE)
    assert found.fields == {"id": "货号", "title": "商品名称", "price": "价格", "image": "图片"}
    assert found.attributes == {"颜色": "color"}


def test_headers_in_traditional_characters_are_those_in_simplified_ones() -> None:
    columns = (
        "商品編號",
        "名稱",
        "價格",
        "類別",
        "庫存",
        "圖片",
        "品牌",
        "描述",
        "條碼",
        "特價",
        "幣別",
        "商品連結",
    )
    found = plan((*columns, "顏色", "尺寸", "產地"), path=FILE)
    names = ("id", "title", "price", "category", "stock", "image", "brand", "description", "gtin")
    assert found.fields == dict(zip((*names, "sale_price", "currency", "url"), columns, strict=True))
    assert found.attributes == {"顏色": "color", "尺寸": "size", "產地": "產地"}


def test_the_merchants_word_goes_before_every_guess() -> None:
    found = plan(["id", "title", "name", "Farbe"], path=FILE, mapping={"title": "Name", "colour": "farbe"})
    assert found.fields == {"id": "id", "title": "name"}
    assert found.attributes == {"title": "other_title", "Farbe": "color"}


def test_of_two_names_for_a_field_the_first_in_the_list_is_meant() -> None:
    found = plan(["id", "sku"], path=FILE)
    assert found.fields == {"id": "sku"}
    assert found.attributes == {"id": "other_id"}


def test_a_mapped_column_that_is_not_there_lists_those_that_are() -> None:
    with pytest.raises(BadFile, match=r"no column 'nom' to take 'title' from\. Its columns are: id, titre\."):
        plan(["id", "titre"], path=FILE, mapping={"title": "nom"})


@given(st.text())
def test_attribute_names_stay_as_they_are_and_never_hide_a_field(text: str) -> None:
    name = attribute_name(text)
    assert name not in RESERVED
    assert attribute_name(name) == name
    assert not any(char.isspace() for char in name)
