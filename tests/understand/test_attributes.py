"""Words and picture to one value a facet, with what speaks for it, and contradictions told."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.understand.test_seen import SHADES, drawn

from duomo.encode.regions import Box
from duomo.understand.attributes import AttributeReader, Attributes, Goods
from duomo.understand.attributes_merged import Said, Shown, Trust, log_odds, merged, of_family, shipped_trust
from duomo.understand.facets import FACETS, Facet
from duomo.understand.reading import Reading
from duomo.understand.spotted import Spotter, of_goods

READER = AttributeReader.shipped(["晨光", "Ostra"])
BOX = Box(x=0.1, y=0.1, w=0.8, h=0.8)


def read(title: str, *, description: str = "", brand: str = "", category: str = "") -> Attributes:
    return READER.read([Goods(title=title, description=description, brand=brand, category=category)])[0]


def labels(
    title: str, *, description: str = "", brand: str = "", category: str = ""
) -> dict[str, str | None]:
    found = read(title, description=description, brand=brand, category=category)
    return {facet: reading.label for facet, reading in found.readings.items()}


def merge(facet: Facet, text: str, shares: dict[str, float] | None, sure: float = 0.6) -> Reading | None:
    said = Said(spots=of_goods(Spotter.of().spots(text), facet), text=text, title=len(text))
    shown = None if shares is None else Shown(shares=shares, usual={}, box=BOX)
    return merged(facet, said, shown, Trust(alone=0.9, bias=3.0, slope=0.5), sure)


def test_a_title_in_chinese_and_one_in_english_say_the_same() -> None:
    chinese = labels("男士夏季短袖T恤 藏青色 纯棉 圆领 L码 3件装")
    english = labels("Men's summer short-sleeved T-shirt, navy blue cotton, crew neck, Size L, 3-pack")
    assert chinese == english
    assert chinese["quantity"] == "3 piece"
    assert list(chinese) == [facet for facet in FACETS if facet in chinese]


def test_evidence_of_words_stands_where_it_says() -> None:
    goods = Goods(title="Ostra dress 红色", description="Made of silk, with pockets.")
    for facet, reading in READER.read([goods])[0].readings.items():
        for piece in reading.evidence:
            assert goods.text[piece.start : piece.end] == piece.text, facet


def test_a_title_counts_before_its_description() -> None:
    found = read("Red shirt", description="Also comes in blue. Pure silk.").readings
    assert found["color"].label == "red"
    assert found["material"].label == "silk"
    assert found["material"].probability < read("Red silk shirt").readings["material"].probability


def test_words_and_picture_that_agree_are_surer_than_either() -> None:
    shares = {"red": 0.7, "blue": 0.3}
    alone, both = merge("color", "red shirt", None), merge("color", "red shirt", shares)
    assert alone is not None
    assert both is not None
    assert both.label == "red"
    assert both.probability > alone.probability > 0.7
    assert {piece.part for piece in both.evidence} == {"words", "picture"}


def test_a_contradiction_is_told_with_what_says_which() -> None:
    found = merge("color", "red shirt", {"red": 0.01, "navy blue": 0.9, "black": 0.09})
    assert found is not None
    assert (found.label, found.doubt) == (None, "conflict")
    assert [choice.label for choice in found.alternatives] == ["red", "navy blue"]
    assert {(piece.part, piece.text) for piece in found.evidence} >= {("words", "red"), ("picture", "")}


@pytest.mark.parametrize(
    ("facet", "text", "shares"),
    [
        ("color", "blue shirt", {"navy blue": 0.97, "red": 0.03}),
        ("color", "multicolour shirt", {"red": 0.99, "blue": 0.01}),
        ("gender", "unisex shirt", {"men": 0.99, "women": 0.01}),
    ],
)
def test_shades_of_one_color_and_unisex_contradict_nothing(
    facet: Facet, text: str, shares: dict[str, float]
) -> None:
    found = merge(facet, text, shares)
    assert found is not None
    assert found.doubt != "conflict"


def test_what_the_words_deny_is_not_seen_on_the_picture() -> None:
    found = merge("color", "shirt, not red", {"red": 0.6, "blue": 0.4})
    assert found is not None
    assert found.label == "blue"
    assert found.probability == pytest.approx(1.0)
    assert any(piece.text == "red" for piece in found.evidence)


def test_of_several_named_values_the_picture_picks_one() -> None:
    found = merge("color", "shirt red/blue", {"blue": 0.9, "red": 0.1}, sure=0.0)
    assert found is not None
    assert found.label == "blue"
    assert merge("color", "shirt", None) is None


def test_below_the_threshold_the_answer_is_that_it_is_not_known() -> None:
    found = merge("color", "shirt", {"blue": 0.5, "red": 0.4, "green": 0.1})
    assert found is not None
    assert (found.label, found.doubt, found.probability) == (None, "unsure", 0.5)
    assert found.alternatives[0].label == "blue"


@given(
    st.sampled_from(["", "red shirt", "red blue shirt", "not red"]),
    st.lists(st.floats(0.001, 1), min_size=3, max_size=3),
    st.floats(0, 1),
)
def test_probabilities_lie_between_nothing_and_certainty(text: str, raw: list[float], sure: float) -> None:
    shares = {name: value / sum(raw) for name, value in zip(("red", "blue", "green"), raw, strict=True)}
    found = merge("color", text, shares, sure)
    assert found is not None
    every = [found.probability, *(choice.probability for choice in found.alternatives)]
    assert all(0 <= each <= 1 + 1e-6 for each in every)
    assert found.doubt == "conflict" or (found.label is None) == (found.probability < sure)


@given(st.floats(0.001, 0.999), st.floats(0.001, 0.999))
def test_trust_grows_with_what_the_picture_gives(one: float, other: float) -> None:
    for trust in shipped_trust().values():
        low, high = sorted((one, other))
        assert trust.beside(trust.alone, low) <= trust.beside(trust.alone, high) + 1e-9
    assert log_odds(0) < log_odds(one) < log_odds(1)
    assert of_family("color", "red", {"red": one, "blue": other}) == one


def test_a_picture_alone_has_its_region_as_evidence() -> None:
    reader = AttributeReader.shipped(sure=0.5)
    found = reader.read([Goods(title="", picture=drawn(SHADES["red"]))])[0].readings["color"]
    assert found.label == "red"
    (piece,) = found.evidence
    assert piece.box is not None
    assert piece.box.overlap(Box(x=0.11, y=0.25, w=0.78, h=0.625)) > 0.8
    assert piece.weight > 0


def test_without_its_evidence_a_decision_falls_more_than_without_as_much_elsewhere() -> None:
    pixels = drawn(SHADES["red"])
    goods = Goods(title="Red soft shirt", picture=pixels)
    without_word = Goods(title="    soft shirt", picture=pixels)
    without_other = Goods(title="Red      shirt", picture=pixels)
    blank = np.full_like(pixels, 250)

    def red(each: Goods) -> float:
        reading = READER.read([each])[0].readings.get("color")
        known = (
            {} if reading is None else {choice.label: choice.probability for choice in reading.alternatives}
        )
        return reading.probability if reading and reading.label == "red" else known.get("red", 0.0)

    assert red(goods) - red(without_word) > red(goods) - red(without_other) >= -1e-6
    picture = Goods(title="", picture=pixels)
    corner = pixels.copy()
    corner[:20, :20] = 250
    gone = red(picture) - red(Goods(title="", picture=blank))
    assert gone > abs(red(picture) - red(Goods(title="", picture=corner)))


def test_a_mug_has_a_color_and_no_season_on_its_picture() -> None:
    found = READER.read([Goods(title="Coffee mug", picture=drawn(SHADES["blue"]))])[0].readings
    assert "color" in found
    assert not {"season", "gender", "usage", "sleeve"} & found.keys()


@pytest.mark.parametrize(
    ("title", "doubt"),
    [("", "empty"), ("   ", "empty"), ("Красное платье", "language"), ("🎉", "unknown"), ("xyz", "unknown")],
)
def test_goods_of_which_nothing_is_found_say_why(title: str, doubt: str) -> None:
    found = read(title)
    assert (found.readings, found.doubt) == ({}, doubt)
    assert found.as_dict() == {"attributes": {}, "doubt": doubt}


def test_markup_is_not_read_and_moves_no_place() -> None:
    goods = Goods(title='<p style="color:red">Blue&nbsp;shirt</p>')
    found = READER.read([goods])[0].readings["color"]
    assert found.label == "blue"
    assert goods.text[found.evidence[0].start : found.evidence[0].end] == "Blue"


def test_fifty_kilobytes_are_read() -> None:
    found = read("Red shirt", description="Soft and durable 舒适耐穿。" * 2000 + " Pure silk.").readings
    assert (found["color"].label, found["material"].label) == ("red", "silk")


def test_a_text_that_names_a_value_a_thousand_times_tells_a_few_places() -> None:
    (said,) = AttributeReader.shipped(facets=("color",)).read([Goods(title="red " * 1000 + "blue")])
    places = said.readings["color"].evidence
    assert 1 < len(places) < 10
    assert {piece.text for piece in places} == {"red"}


def test_the_record_has_the_names_of_the_machine_contract() -> None:
    record = read("洗发水 500毫升*2瓶").as_dict()
    assert record["attributes"] == {
        "quantity": {
            "label": "1000 ml",
            "probability": 0.9,
            "alternatives": [],
            "evidence": [
                {
                    "part": "words",
                    "weight": pytest.approx(11.4, abs=0.1),
                    "text": "500毫升*2瓶",
                    "start": 4,
                    "end": 12,
                }
            ],
            "amount": {"count": 2.0, "each": 500.0, "unit": "ml", "total": 1000.0},
        }
    }
