from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.catalog.health.damage import damaged, mended
from duomo.catalog.health.languages import language_of, languages, script_of
from duomo.catalog.health.texts import texts, titles
from duomo.product import Product

Make = Callable[..., Product]
Told = Callable[..., list[tuple[str, str]]]

EVERYDAY = "红色毛衣男士女裤长袖连衣裙夏季新款棉质运动鞋大小高白黑家用电器水杯茶具床上用品"
CHINESE = st.text(st.sampled_from(EVERYDAY), min_size=4, max_size=30)


@pytest.mark.parametrize(
    "text",
    [
        "CafÃ© table",
        "Itâ€™s warm",
        "Ã¼ber",
        "红色锟斤拷连衣裙",
        "烫烫烫",
        "mug \ufffd red",
        "绾㈣壊姣涜。",
        "ºìÉ«Ã«ÒÂ",
        "size ??? red",
        "ï¿½",
    ],
)
def test_damage_is_found(text: str) -> None:
    assert damaged(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Café Müller",
            "naïve façade – “must”",
            "Ærø øl",
            "Ça va?",
            "It's warm???",
            "50 % off!",
            "½ £5 °C ±2",
        ),
        *(
            "红色连衣裙（大码）",
            "毛衣·男士",
            "第①代",
            "アウター 赤",
            "Größe XL",
            "Ã la carte",
            "¿Qué? ¡Sí!",
            "日本製 500㎖",
        ),
    ],
)
def test_what_is_only_foreign_is_not_damaged(text: str) -> None:
    assert damaged(text) == ""


@given(CHINESE)
def test_chinese_read_wrongly_is_found_and_undone_and_right_chinese_is_left(text: str) -> None:
    assert damaged(text) == ""
    assert mended(damaged(text.encode().decode("latin-1"))) in text
    assert damaged(text.encode("gbk").decode("latin-1"))
    assert damaged(text.encode().decode("gb18030", "replace"))


@given(st.text(max_size=200))
def test_any_text_at_all_can_be_looked_at(text: str) -> None:
    assert damaged(text) in text
    assert script_of(text) is not None
    assert language_of(text) is not None


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"title": "Mug &amp; lid"}, "html-left"),
        ({"description": "Red <br> mug"}, "html-left"),
        ({"description": "for sizes <XL>, a < b & c;"}, ""),
        ({"title": "TBD"}, "placeholder"),
        ({"title": "Test product 2"}, "placeholder"),
        ({"title": "待补充"}, "placeholder"),
        ({"description": "Lorem ipsum dolor sit amet"}, "placeholder"),
        ({"brand": "N/A"}, "placeholder"),
        ({"title": "{{ product.title }}"}, "placeholder"),
        ({"title": "Test tube rack"}, ""),
        ({"attributes": {"size": ("n/a",)}}, ""),
        ({"attributes": {"material": ("CafÃ©", "cotton")}}, "text-damaged"),
    ],
)
def test_texts_that_nobody_meant_are_told(
    told: Told, product: Make, fields: dict[str, object], kind: str
) -> None:
    assert [name for name, _ in told(texts, [product("A", **fields)])] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("BUY THE BEST RED MUG", "title-capitals"),
        ("USB-C to HDMI", ""),
        ("mug mug cheap mug", "title-stuffed"),
        ("Mug!!!", "title-stuffed"),
        ("Mug " * 1 + "x" * 160, "title-long"),
        ("红" * 61, "title-long"),
        ("New York New Jersey mug", ""),
    ],
)
def test_titles_that_shout_are_told(told: Told, product: Make, title: str, kind: str) -> None:
    quiet = [product(f"Q{n}", "Blue mug") for n in range(3)]
    assert [name for name, _ in told(titles, [product("A", title), *quiet])] == ([kind] if kind else [])


def test_a_shop_that_writes_all_titles_in_capitals_is_left_alone(told: Told, product: Make) -> None:
    assert told(titles, [product(f"A{n}", f"THE VERY BEST MUG NO {n}") for n in range(5)]) == []


def test_a_text_in_another_language_than_the_rest_is_told(told: Told, product: Make) -> None:
    english = "The mug is made of clay and holds half a liter of tea for you."
    german = "Der Becher ist aus Ton und fasst einen halben Liter Tee für Sie."
    shop = [product(f"E{n}", "Red mug", description=english) for n in range(30)]
    assert told(languages, [*shop, product("G", "Becher", description=german)]) == [("language-foreign", "G")]
    assert told(languages, [*shop, product("Z", "红色马克杯", description=english)]) == [
        ("language-foreign", "Z")
    ]
    assert told(languages, [*shop, product("M", "Nike 男鞋", description=english)]) == []
    both = [product(f"D{n}", "Becher", description=german) for n in range(30)]
    assert told(languages, [*shop, *both]) == []  # a shop in two languages


def test_a_column_of_a_language_with_another_in_it_is_told(told: Told, product: Make) -> None:
    columns = {
        "title_zh": ("Red mug",),
        "title_en": ("红色马克杯",),
        "size_zh": ("XL",),
        "name_ja": ("マグ",),
    }
    assert told(languages, [product("A", attributes=columns)]) == [("language-column", "A")] * 2
