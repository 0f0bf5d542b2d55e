import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.understand.facets import FACETS
from duomo.understand.spotted import Spotter
from duomo.understand.spotted_names import fold
from duomo.understand.spotted_sizes import sizes_in
from duomo.understand.spotted_worn import place_of

SPOTTER = Spotter.of(["Nike", "ONLY", "晨光"])


def said(text: str) -> list[str]:
    """Facet=value of what counts, !facet=value of what is denied, (facet=value) of what stands aside."""
    found = []
    for spot in SPOTTER.spots(text):
        name = f"{spot.facet}={spot.value}"
        found.append(f"!{name}" if spot.denied else f"({name})" if spot.aside or spot.part else name)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Turtle Check Men Navy Blue Shirt", ["pattern=checked", "gender=men", "color=navy blue"]),
        ("无袖红色连衣裙", ["sleeve=sleeveless", "color=red"]),
        ("紅色連衣裙 長袖", ["color=red", "sleeve=long-sleeved"]),
        ("短袖V领纯棉T恤", ["sleeve=short-sleeved", "neckline=V-neck", "material=cotton"]),
        ("米白色 羊绒衫", ["color=off-white", "material=cashmere"]),
        ("深蓝牛仔裤", ["color=dark blue"]),
        ("红裙子 女鞋", ["color=red", "gender=women"]),
        ("休闲运动鞋", ["usage=casual", "usage=sports"]),
        ("Summer dress with puff sleeves", ["season=summer", "sleeve=puff sleeve"]),
        ("男女同款卫衣", ["gender=unisex"]),
        ("Women's & Men's running shoes", ["gender=unisex", "usage=running"]),
        ("玫瑰金手表", ["color=rose gold"]),
        ("gold-plated ring", ["material=gold-plated"]),
    ],
)
def test_values_are_found_in_both_languages_the_longest_name_first(text: str, expected: list[str]) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("not leather or suede boots", ["!material=leather", "!material=suede"]),
        ("非真皮腰带", ["!material=leather"]),
        ("coat without hood", ["!neckline=hooded"]),
        ("leather-free belt", ["!material=leather"]),
        ("不含棉", ["!material=cotton"]),
        ("faux leather jacket", ["material=PU leather"]),
        ("仿皮手提包", ["material=PU leather"]),
        ("White shirt with black collar", ["color=white", "(color=black)"]),
        ("Men Silver Dial Watch", ["gender=men", "(color=silver)"]),
        ("Jeans that pair well with a white tee", ["(color=white)"]),
    ],
)
def test_what_is_denied_imitated_or_of_something_else_is_marked(text: str, expected: list[str]) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Red Tape Men Black Shoes", ["brand=Red Tape", "gender=men", "color=black"]),
        ("White Stuff Women Navy Blue Dress", ["brand=White Stuff", "gender=women", "color=navy blue"]),
        ("蓝月亮洗衣液", ["brand=蓝月亮"]),
        ("Black Zorgo Men Grey Shirt", ["(color=black)", "gender=men", "color=grey"]),
        ("口红 红色", ["color=red"]),
        ("black tea", []),
        ("wine glass", []),
        ("Nivea Cream 50ml", []),
        ("Cream sweater", ["color=cream"]),
        ("Peach printed rolled sleeve sweater", ["color=peach", "pattern=printed", "sleeve=roll-up sleeve"]),
        ("Women Silver Heels", ["gender=women", "color=silver"]),
        ("EVA泡沫凉鞋", ["material=EVA foam"]),
        ("orange juice", []),
        ("Orange T-shirt", ["color=orange"]),
    ],
)
def test_colors_inside_names_and_other_things_are_no_colors(text: str, expected: list[str]) -> None:
    assert said(text) == expected


def test_a_brand_that_is_a_word_is_known_by_its_capitals() -> None:
    assert said("ONLY Women Top") == ["brand=ONLY", "gender=women"]
    assert said("Made for only Women") == ["gender=women"]


def test_the_brand_of_a_product_hides_the_values_in_its_name() -> None:
    found = SPOTTER.spots("Pink Cactus blue dress", "Pink Cactus")
    assert [(spot.facet, spot.value) for spot in found] == [("brand", "Pink Cactus"), ("color", "blue")]


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("Dress, Size: M", ["M"]),
        ("S-XXL 可选", ["S-XXL"]),
        ("男鞋 42码", ["42"]),
        ("均码 帽子", ["one size"]),
        ("Trainers EU 36-42", ["EU 36-42"]),
        ("UK 6.5 boots", ["UK 6.5"]),
        ("Tee 2XL", ["XXL"]),
        ("Kids dress 5-6 years", ["5-6 years"]),
        ("don't s and l words", []),
        ("800万像素 摄像头", []),
    ],
)
def test_sizes_and_their_ranges_are_read(text: str, sizes: list[str]) -> None:
    assert [size for _, _, size in sizes_in(text, fold(text))] == sizes


def test_where_goods_are_worn_is_told_by_their_words() -> None:
    words = ["red polo t-shirt", "男鞋 42码", "coffee mug", "casual xyz", "苹果手机壳"]
    assert [place_of(each) for each in words] == ["upper", "worn", "other", "", "other"]


@given(st.text(max_size=80))
def test_places_lie_in_the_text_as_it_was_given(text: str) -> None:
    for spot in SPOTTER.spots(text):
        assert 0 <= spot.start < spot.end <= len(text)
        assert spot.facet in FACETS


@given(st.sampled_from(["红色", "navy blue", "纯棉", "V领"]), st.text("春风吹 xyz,.", max_size=12))
def test_a_value_is_found_where_it_stands(name: str, before: str) -> None:
    text = f"{before} {name}"
    assert (len(text) - len(name), len(text)) in {(spot.start, spot.end) for spot in SPOTTER.spots(text)}


def test_fifty_kilobytes_are_read_to_their_end() -> None:
    line = "Soft red cotton shirt, not leather, 红色纯棉衬衫。"
    text = line * (50_000 // len(line.encode()) + 1)
    assert len(SPOTTER.spots(text)) == len(SPOTTER.spots(line)) * text.count(line)
