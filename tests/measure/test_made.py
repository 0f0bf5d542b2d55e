from collections import Counter
from pathlib import Path

import pytest

from duomo.catalog.read import read_catalog
from duomo.catalog.sample.write import draw_shop
from duomo.measure.facts import facts_of
from duomo.measure.made import KINDS, LEAST, make
from duomo.measure.made_names import squeezed
from duomo.measure.questions import Question, Shown, breaks
from duomo.measure.words import WORDS, say
from duomo.product import Media, Price, Product, Variant


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Product, ...]:
    """The sample shop, its pictures named by their files as if a shop had opened them."""
    folder = tmp_path_factory.mktemp("drawn")
    draw_shop(folder, products=30)
    return tuple(hashed(product) for product in read_catalog(folder).products)


def hashed(product: Product) -> Product:
    from dataclasses import replace

    def media(every: tuple[Media, ...]) -> tuple[Media, ...]:
        return tuple(replace(one, hash=Path(one.source).name) for one in every)

    variants = tuple(replace(variant, media=media(variant.media)) for variant in product.variants)
    return replace(product, media=media(product.media), variants=variants)


def of(made: tuple[Question, ...], kind: str) -> list[Question]:
    return [question for question in made if question.kind == kind]


def test_the_same_goods_and_seed_give_the_same_questions_in_any_order(drawn: tuple[Product, ...]) -> None:
    made = make(drawn, count=20)
    assert make(tuple(reversed(drawn)), count=20) == made
    assert make(drawn, count=20, seed=8).questions != made.questions
    alone = make(drawn, count=20, kinds=["price", "crop"]).questions
    assert list(alone) == [*of(made.questions, "price"), *of(made.questions, "crop")]
    assert len({question.qid for question in made.questions}) == len(made.questions)
    assert max(Counter(question.kind for question in made.questions).values()) == 20


def test_every_question_has_a_right_answer_that_keeps_to_its_limits(drawn: tuple[Product, ...]) -> None:
    goods = {product.id: product for product in drawn}
    made = make(drawn, count=40)
    assert {"gtin", "mpn"} <= set(made.left_out) <= {"gtin", "mpn", "price", "price-other"}
    for question in made.questions:
        assert question.text or question.picture
        assert question.positives
        assert question.positives <= goods.keys()
        for id in question.positives:
            assert not breaks(question, Shown(id), goods), question


def test_what_is_right_is_what_the_catalog_says(drawn: tuple[Product, ...]) -> None:
    made = make(drawn, count=40).questions
    goods = {product.id: product for product in drawn}
    for question in of(made, "title"):
        assert question.positives == {p.id for p in drawn if p.title == question.text}
    for question in of(made, "title-part"):
        words = question.text.split()
        assert 2 <= len(words) <= 3
        assert goods[question.source].title.casefold() != question.text
        for id in question.positives:
            assert all(word in goods[id].title.casefold() for word in words)
    for question in of(made, "negation"):
        kind, _, color = question.text.partition(" not ")
        for product in drawn:
            colors = [v.attributes.get("color", product.attributes["color"]) for v in product.variants]
            others = any(color not in (value.casefold() for value in each) for each in colors)
            same = kind == product.attributes["kind"][0].casefold()
            assert (product.id in question.positives) == (same and others)
    for question in of(made, "composed"):
        picture = [
            v for v in goods[question.source].variants if question.picture in {m.hash for m in v.media}
        ]
        wanted = question.limits[0].any[0]
        assert picture
        assert all(wanted not in variant.attributes["color"] for variant in picture)
    for question in of(made, "code-respelled"):
        assert squeezed(question.text) in {squeezed(v.id) for v in goods[question.source].variants}
    for question in of(made, "code-typo"):
        assert squeezed(question.text) not in {squeezed(v.id) for p in drawn for v in p.variants}
    for question in of(made, "values-other"):
        assert any("\u4e00" <= char <= "\u9fff" for char in question.text)


def test_a_chinese_shop_is_asked_in_chinese_and_in_english() -> None:
    goods = [
        Product(
            id=f"{number:02}",
            title=f"{brand}{color}纯棉{kind}",
            brand=brand,
            category=("服装", kind),
            attributes={"color": (color,), "kind": (kind,)},
            variants=(Variant(id=f"{number:02}", price=Price.of(20 + 7 * number, "CNY")),),
        )
        for number, (brand, color, kind) in enumerate(
            (brand, color, kind)
            for brand in ("山野", "海风")
            for color in ("红色", "黑色", "白色")
            for kind in ("衬衫", "连衣裙", "T恤")
        )
    ]
    assert facts_of(goods).language == "zh"
    made = make(goods, count=60).questions
    assert {"红色衬衫", "黑色连衣裙"} & {question.text for question in of(made, "values")}
    assert {"red shirt", "black dress"} & {question.text for question in of(made, "values-other")}
    assert any("不要" in question.text for question in of(made, "negation"))
    assert any(" not " in question.text for question in of(made, "negation-other"))
    few = make([*goods, *(dearer(product) for product in goods)], count=60).questions
    assert any("元以下" in question.text for question in of(few, "price"))
    assert any("under" in question.text for question in of(few, "price-other"))


def dearer(product: Product) -> Product:
    """The same product again, dearer."""
    from dataclasses import replace

    variant = replace(product.variants[0], id=f"{product.id}-x", price=Price.of(500, "CNY"))
    return replace(product, id=f"{product.id}-x", variants=(variant,))


def test_a_kind_without_enough_material_is_left_out_and_named() -> None:
    goods = [Product(id=f"A{n}", title=f"Mug {n}", variants=(Variant(id=f"A{n}"),)) for n in range(3)]
    made = make(goods, kinds=["title", "price", "crop"])
    assert made.questions == ()
    assert made.left_out["title"].endswith(": only 3 could be made")
    assert made.left_out["crop"] == "products have no pictures"
    assert make(goods, kinds=["title"], count=LEAST - 2).questions
    with pytest.raises(ValueError, match="no kind of question is called 'titel'"):
        make(goods, kinds=["titel"])
    with pytest.raises(ValueError, match="count must be at least 1"):
        make(goods, count=0)


def test_numbers_that_run_on_are_not_asked_with_a_typo() -> None:
    goods = [
        Product(id=f"RUN-{n}", title="Mug", variants=(Variant(id=f"RUN-{n}"),)) for n in range(1000, 1400)
    ]
    held = {squeezed(product.id) for product in goods}
    for question in make(goods, kinds=["code-typo"], count=30).questions:
        text = squeezed(question.text)
        near = {key for key in held if one_slip(text, key)}
        assert near == {squeezed(question.source)}


def one_slip(one: str, other: str) -> bool:
    """Whether a text is another with one sign more, less or other: said slowly."""
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other, strict=True)) <= 1
    short, long = sorted((one, other), key=len)
    return len(long) == len(short) + 1 and any(long[:n] + long[n + 1 :] == short for n in range(len(long)))


def test_every_kind_has_its_words_in_both_languages() -> None:
    for kind in KINDS:
        for name in (f"kind.{kind}", f"left.{kind}"):
            assert name in WORDS
    for english, chinese in WORDS.values():
        assert english
        assert chinese
    assert say("kind.my own", "en") == "my own"
