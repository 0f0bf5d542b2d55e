"""Links from pictures to goods: near enough, before others, merged with what words say."""

from hypothesis import given
from hypothesis import strategies as st

from duomo.product import Product
from duomo.understand.mentions import Mentions
from duomo.understand.mentions_pictures import Near, Pictured, mentioned, pictured, probability

CUP = Product(id="C1", title="Acme Aurora Travel Mug", brand="Acme", variants=())
SHOWN = Pictured(product_id="C1", probability=0.9, cosine=0.85)


def test_nothing_like_it_is_no_link() -> None:
    assert pictured([]) is None
    assert pictured([Near("A", 0.2), Near("B", 0.19)]) is None


def test_a_product_that_is_near_and_before_all_others_is_linked() -> None:
    found = pictured([Near("A", 0.95), Near("A", 0.94), Near("B", 0.5)])
    assert found
    assert (found.product_id, found.cosine) == ("A", 0.95)
    assert pictured([Near("A", 0.75), Near("B", 0.749)]) is None


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 0.5))
def test_nearer_and_further_ahead_is_surer(nearest: float, ahead: float, more: float) -> None:
    assert probability(nearest, ahead) <= probability(nearest + more, ahead)
    assert probability(nearest, ahead) <= probability(nearest, ahead + more)


def test_a_product_is_told_once_with_both_its_reasons() -> None:
    found = Mentions.of([CUP]).find("My Aurora travel mug leaks")
    (both,) = mentioned(found, SHOWN, "Acme")
    assert (both["product_id"], both["via"], both["pictured"]) == ("C1", "words", 0.9)


def test_a_brand_that_is_named_alone_is_that_of_the_product_shown() -> None:
    found = Mentions.of([CUP]).find("My new #acme")
    (shown,) = mentioned(found, SHOWN, "Acme")
    assert (shown["product_id"], shown["brand"], shown["via"]) == ("C1", "Acme", "picture")


def test_another_product_is_told_beside_that_of_the_words() -> None:
    found = Mentions.of([CUP]).find("My Aurora travel mug leaks")
    told = mentioned(found, Pictured(product_id="X", probability=0.9, cosine=0.8), "Other")
    assert [(each["product_id"], each["via"]) for each in told] == [("C1", "words"), ("X", "picture")]
    assert [each["via"] for each in mentioned(found, None, "")] == ["words"]
