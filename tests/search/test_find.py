"""The laws of search: membership, filters, facets, order, pages; on every shelf."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from duomo.errors import BadFilter, BadQuery, MissingProduct
from duomo.hits import Hit, Hits

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.search.conftest import Asked

# The fixture is a shop that nobody writes to.
shared = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])

TEXTS = st.sampled_from(
    [
        "",
        "red shirt",
        "navy blue",
        "红色连衣裙",
        "mug",
        "Alba",
        "alba navy blue dress",
        "衬衫",
        "xyzzy",
        "chair 2021",
        "P07",
    ]
)
FILTERS = st.sampled_from(
    [
        "",
        "price < 30",
        "color = 'red'",
        "color in ('navyblue', 'Green') and price >= 20",
        "category = 'Home'",
        "category = 'Clothing > Dresss'",
        "not brand = 'Alba'",
        "year > 2021 and stock > 0",
        "size = 'M' or category = 'Mugs'",
        "size is null",
        "price < 0",
    ]
)
FACETS = ("category", "color", "brand", "size", "year", "stock")
Mode = Literal["hybrid", "keywords", "vector"]


def quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def ids(hits: Hits) -> list[str]:
    return [hit.product.id for hit in hits if not hit.widened]


@shared
@given(
    TEXTS,
    FILTERS,
    st.sampled_from(["hybrid", "keywords", "vector"]),
    st.sampled_from(["", "P05", "P30", "P40-3"]),
)
def test_every_facet_count_is_the_total_after_choosing_the_value(
    ask: "Asked", text: str, where: str, mode: Mode, photo: str
) -> None:
    picture = ask.picture(photo) if photo and mode != "keywords" else None
    hits = ask(text, where=where, mode=mode, picture=picture, facets=FACETS)
    for column, facet in hits.facets.items():
        for value in facet.values:
            chosen = f"{column} = {quoted(value.value)}"
            narrowed = f"({where}) and {chosen}" if where else chosen
            after = ask(text, where=narrowed, mode=mode, picture=picture)
            assert after.total == value.count, (column, value)


@shared
@given(TEXTS, FILTERS.filter(lambda where: "size" not in where), st.sampled_from(["", "P05"]))
def test_a_filter_on_products_never_changes_the_order_of_what_remains(
    ask: "Asked", text: str, where: str, photo: str
) -> None:
    # A filter on variants may: it can take away the variant that put a product where it stood.
    picture = ask.picture(photo) if photo else None
    everything = ids(ask(text, picture=picture, k=100))
    filtered = ids(ask(text, picture=picture, where=where, k=100))
    assert filtered == [name for name in everything if name in set(filtered)]


@shared
@given(TEXTS, FILTERS, st.integers(1, 9), st.sampled_from(["", "P05"]))
def test_pages_put_together_are_the_whole_result(
    ask: "Asked", text: str, where: str, k: int, photo: str
) -> None:
    picture = ask.picture(photo) if photo else None
    whole = ask(text, picture=picture, where=where, k=100)
    pages = [ask(text, picture=picture, where=where, k=k, skip=skip) for skip in range(0, whole.total, k)]
    assert [name for page in pages for name in ids(page)] == ids(whole)
    assert len(ids(whole)) == whole.total
    assert len(set(ids(whole))) == whole.total


@shared
@given(TEXTS, st.sampled_from(["", "P05", "P30"]))
def test_the_shares_of_a_hit_add_up_to_its_score(ask: "Asked", text: str, photo: str) -> None:
    for hit in ask(text, picture=ask.picture(photo) if photo else None, where="price < 40"):
        assert sum(part.share for part in hit.why.parts) == pytest.approx(hit.score, abs=1e-9)


def test_a_filter_must_hold_on_one_variant(ask: "Asked") -> None:
    shirt = ask("Alba Red Shirt", where="size = 'M' and color = 'red'", k=1)[0]
    assert shirt.variant.id == "P00-M"
    assert ask("", where="size = 'M' and size = 'L'").total == 0


def test_an_exact_title_stands_first_whatever_the_vectors_say(ask: "Asked") -> None:
    hits = ask("borea green MUG", picture=ask.picture("P00"))
    assert hits[0].product.title == "Borea Green Mug"
    assert hits[0].why.exact == "title"


def test_an_id_is_found_as_it_stands(ask: "Asked") -> None:
    assert ask("p17")[0].product.id == "P17"
    assert ask("P05-m")[0].variant.id == "P05-M"
    assert ask("p05 m")[0].why.exact == "id"  # however it is spelt
    assert ask("P05 M")[0].variant.id == "P05-M"
    assert ask("boreagreenmug", mode="keywords")[0].why.exact == "title"  # blanks do not count


def test_chinese_words_find_chinese_goods(ask: "Asked") -> None:
    hits = ask("红色连衣裙", k=3)
    assert {(hit.product.attributes["color"], hit.product.category[1]) for hit in hits} == {
        (("Red",), "Dresss")
    }


def test_a_picture_finds_what_looks_like_it(ask: "Asked") -> None:
    hits = ask(picture=ask.picture("P14"), k=3)  # Alba green dress; the same drawing serves every maker
    assert {hit.product.title.partition(" ")[2] for hit in hits} == {"Green Dress"}


def test_each_picture_of_a_product_finds_it_first_and_is_named(ask: "Asked") -> None:
    several = [hit.product for hit in ask("", where="category = 'Home'", k=48)]
    assert len(several) == 24
    for product in several:
        for place, media in enumerate(product.media, start=1):
            hit = ask(picture=ask.picture(Path(media.source).stem), k=1)[0]
            assert hit.why.picture == media.hash
            assert hit.product.id == product.id or place == 1  # every maker has the same first picture


def test_only_a_hit_that_was_looked_at_names_a_picture(ask: "Asked") -> None:
    assert {hit.why.picture for hit in ask("navy blue chair")} == {""}
    both = ask("navy blue chair", picture=ask.picture("P36-2"), k=48)
    looked = [any(part.name == "picture" for part in hit.why.parts) for hit in both]
    assert [bool(hit.why.picture) for hit in both] == looked
    assert True in looked


def test_an_example_finds_its_like_and_not_itself(ask: "Asked") -> None:
    hits = ask(like=("P14",), mode="vector", k=2)
    assert {hit.product.id for hit in hits} == {"P18", "P22"}


def test_a_short_page_is_widened_and_says_so(ask: "Asked") -> None:
    hits = ask("alba navy blue dress", where="category = 'Chairs'", k=3, facets=("category",))
    assert len(hits) == 3
    assert [hit.widened for hit in hits] == [False] * hits.total + [True] * (3 - hits.total)
    assert (
        sum(value.count for value in hits.facets["category"].values if ">" not in value.value) == hits.total
    )
    assert all(hit.product.category[1] == "Chairs" for hit in hits)


@shared
@given(TEXTS.filter(bool), FILTERS, st.integers(1, 9), st.sampled_from(["", "P05"]))
def test_pages_after_a_widened_one_go_on_where_it_ended(
    ask: "Asked", text: str, where: str, k: int, photo: str
) -> None:
    picture = ask.picture(photo) if photo else None
    whole = ask(text, picture=picture, where=where, k=100)
    pages = [ask(text, picture=picture, where=where, k=k, skip=skip) for skip in range(0, len(whole) + k, k)]
    shown = [(hit.product.id, hit.widened) for page in pages for hit in page]
    assert shown == [(hit.product.id, hit.widened) for hit in whole]
    assert len(dict(shown)) == len(shown)
    assert not pages[-1]


def test_variants_are_grouped_and_counted_as_one_product(ask: "Asked") -> None:
    hits = ask("dress", k=50)
    assert hits.total == len({hit.product.id for hit in hits if not hit.widened})
    assert all(len(hit.product.variants) == 3 for hit in hits if hit.product.category[1] == "Dresss")


def test_the_variants_of_a_hit_stand_as_in_the_catalog(ask: "Asked") -> None:
    assert [variant.id for variant in ask("P05")[0].product.variants] == ["P05-S", "P05-M", "P05-L"]


def test_keywords_say_which_words_matched(ask: "Asked") -> None:
    why = ask("navy shirts", mode="keywords")[0].why
    assert set(why.words) == {"navy", "shirts"}
    assert [part.name for part in why.parts] == ["keywords", "meant"]
    assert why.encoder == ""


def test_no_question_lists_the_shop_by_id(ask: "Asked") -> None:
    hits = ask(k=5)
    assert hits.total == 48
    assert ids(hits) == ["P00", "P01", "P02", "P03", "P04"]


def test_bad_questions_say_what_to_do(ask: "Asked") -> None:
    with pytest.raises(BadFilter, match=r"there is no column 'colour'\. Did you mean 'color'\?"):
        ask("x", where="colour = 'red'")
    with pytest.raises(BadQuery, match=r"k is 0. Ask for 1 to 1000"):
        ask("x", k=0)
    with pytest.raises(BadQuery, match="no column 'colour' to count"):
        ask("x", facets=("colour",))
    with pytest.raises(BadQuery, match="keywords cannot find by a picture"):
        ask(picture=ask.picture("P00"), mode="keywords")
    with pytest.raises(MissingProduct, match="no product or variant with the id 'nope'"):
        ask(like=("nope",))


def test_a_word_that_the_shop_does_not_know_does_not_hide_the_others(ask: "Asked") -> None:
    assert ask("玻璃 chair", mode="keywords").total == ask("chair", mode="keywords").total > 0
    assert ask("xyzzy", mode="keywords").total == 0


# --- what is read out of the words -----------------------------------------------------------------


def meanings(hits: Hits) -> list[dict[str, object]]:
    found = hits.understood["meanings"]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize(
    "text",
    ["mug under 45", "45以下的马克杯", "shirt between 15 and 20", "不要红色的连衣裙", "dress not red, green"],
)
def test_no_hit_breaks_what_the_words_limit(ask: "Asked", text: str) -> None:
    hits = ask(text, k=48)
    assert hits.total
    limits = [str(each["where"]) for each in meanings(hits) if each["limits"]]
    assert limits
    kept = {hit.product.id for hit in ask("", where=" and ".join(f"({each})" for each in limits), k=100)}
    assert {hit.product.id for hit in hits} <= kept


@pytest.mark.parametrize("text", ["mug under 2", "2元以下的马克杯"])
def test_a_limit_that_would_leave_nothing_is_dropped_and_told(ask: "Asked", text: str) -> None:
    hits = ask(text, k=5)
    assert hits.total
    assert [each["relaxed"] for each in meanings(hits) if each["kind"] == "price"] == [True]
    beyond = ask(text, k=5, skip=hits.total + 1000)
    assert beyond.total == hits.total


def test_words_can_be_taken_as_they_are(ask: "Asked") -> None:
    read, literal = ask("mug under 45"), ask("mug under 45", literal=True)
    assert [each["kind"] for each in meanings(read)][:1] != []
    assert meanings(literal) == []
    assert literal.understood["words"] == ["mug", "under", "45"]


def test_a_typo_finds_what_was_meant_and_says_so(ask: "Asked") -> None:
    hits = ask("borea gren chiar")
    assert hits[0].product.title == "Borea Green Chair"
    assert {each["said"]: each["read"] for each in hits.understood["repaired"]} == {  # type: ignore[attr-defined]  # as answers show it
        "gren": "green",
        "chiar": "chair",
    }


def test_a_word_of_the_other_language_finds_the_same_goods(ask: "Asked") -> None:
    titles = [hit.product.title for hit in ask("red mug", mode="keywords", k=3)]
    assert sorted(titles) == ["Alba Red Mug", "Borea Red Mug", "Cima Red Mug"]
    assert sorted(hit.product.title for hit in ask("紅色馬克杯", mode="keywords", k=3)) == titles


def test_what_a_product_must_not_have_is_left_out_of_everything(ask: "Asked") -> None:
    everything, without = ask("mug", k=48), ask("mug", unwanted="red", k=48, facets=("color",))
    assert any("Red" in hit.product.title for hit in everything)
    assert not any("Red" in hit.product.title for hit in without)
    assert {value.value for value in without.facets["color"].values} == {"Navy Blue", "Green", "Black"}
    assert without.total == sum(value.count for value in without.facets["color"].values)
    nothing_has_it = ask("shirt", unwanted="zipper", k=48)
    assert nothing_has_it.total == ask("shirt", k=48).total


def test_several_examples_and_what_is_not_wanted_turn_the_question(ask: "Asked") -> None:
    both = ask(like=("P00", "P01"), mode="vector", k=10)
    assert not {"P00", "P01"} & {hit.product.id for hit in both}
    away = ask(like=("P00",), unlike=("P01",), mode="vector", k=10)
    assert not {"P00", "P01"} & {hit.product.id for hit in away}
    with pytest.raises(MissingProduct, match="'nope'"):
        ask(like=("P00",), unlike=("nope",))


def test_one_thing_that_was_understood_is_switched_off(ask: "Asked") -> None:
    both = ask("shirt under 14 not red", k=48)
    assert {m["said"] for m in both.understood["meanings"] if m["limits"]} == {"under 14", "not red"}  # type: ignore[attr-defined]  # as answers show it
    cheap = ask("shirt under 14 not red", as_words=("NOT red",), k=48)
    assert {m["said"] for m in cheap.understood["meanings"] if m["limits"]} == {"under 14"}  # type: ignore[attr-defined]  # as answers show it
    assert {"not", "red"} <= set(cheap.understood["words"])  # type: ignore[call-overload]  # as answers show it
    assert any("Red" in hit.product.title for hit in cheap)
    assert ask("red shirt", as_words=("blue",)).total == ask("red shirt").total
    assert ask("not red", literal=True).understood["words"] == ["not", "red"]
    assert ask("shrit", literal=True).total == 0


def test_what_looks_like_what_is_not_wanted_sinks_beside_words_as_well(ask: "Asked") -> None:
    plain, away = ask("shirt", k=48), ask("shirt", unlike=("P00",), k=48)  # a red one by Alba
    assert "P00" not in {hit.product.id for hit in away}
    assert away.total == plain.total - 1

    def places(hits: Hits, color: str) -> float:
        shirts = [hit for hit in hits if "Shirt" in hit.product.title and hit.product.id != "P00"]
        found = [at for at, hit in enumerate(shirts) if color in hit.product.title]
        return sum(found) / len(found)

    assert places(away, "Red") > places(plain, "Red")
    for hit in away:
        assert sum(part.share for part in hit.why.parts) == pytest.approx(hit.score, abs=1e-9)
    lost = {h.product.id: p.share for h in away for p in h.why.parts if p.name == "unlike"}
    assert lost["P04"] < lost.get("P05", 0.0) <= 0  # red by Borea, blue by Borea
    assert ask("shirt", unlike=("P00",), mode="keywords").total == away.total


def test_a_part_that_weighs_nothing_is_not_asked(ask: "Asked") -> None:
    photo = ask.picture("P30")
    both = ask("alba red shirt", picture=photo, weights={"picture": 0.0}, k=5)
    words = ask("alba red shirt", k=5)
    assert [hit.product.id for hit in both][:3] == [hit.product.id for hit in words][:3]
    assert not any(part.name == "picture" for hit in both for part in hit.why.parts)
    for weights, said in (
        ({"picture": float("nan")}, "the weight of picture is nan. Weigh with a number from 0 to 100"),
        ({"sound": 1.0}, "there is no part 'sound' to weigh. Parts: words, picture, like"),
        ({"words": 0, "picture": 0, "like": 0}, "everything that is asked weighs 0"),
    ):
        with pytest.raises(BadQuery, match=said):
            ask("x", weights=weights)


def test_an_example_beside_words_or_a_photo_has_a_say(ask: "Asked") -> None:
    # The encoder has no one vector for an example: it goes the ways of words and pictures.
    def scores(text: str = "", **parts: object) -> list[float]:
        return [hit.score for hit in ask(text, k=10, mode="vector", **parts)]

    both: tuple[dict[str, Any], ...] = ({"text": "red shirt"}, {"picture": ask.picture("P05")})
    for asked in both:
        alone, beside = scores(**asked), scores(**asked, like=("P30",))
        assert alone != beside
        assert beside != scores(**asked, like=("P14",))
        kind = "words" if "text" in asked else "picture"
        assert scores(like=("P30",)) == scores(like=("P30",), weights={kind: 0.0})
    with pytest.raises(BadQuery, match="everything that is asked weighs 0"):
        ask("red", weights={"words": 0.0})
    with pytest.raises(BadQuery, match="there is no mode 'foo'"):
        ask("red", mode="foo")


@shared
@given(st.text(max_size=40), FILTERS)
def test_any_text_has_an_answer_whose_counts_hold(ask: "Asked", text: str, where: str) -> None:
    hits = ask(text, where=where, facets=("color",), k=100)
    inside = [hit for hit in hits if not hit.widened]
    assert len(inside) == hits.total
    for value in hits.facets["color"].values:
        assert (
            ask(text, where=f"({where or 'price >= 0'}) and color = {quoted(value.value)}").total
            == value.count
        )


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("不要红色", lambda hit: "Red" not in hit.product.title),
        ("not red", lambda hit: "Red" not in hit.product.title),
        ("under 14", lambda hit: hit.variant.price.minor < 1400),
        ("-red", lambda hit: "Red" not in hit.product.title),
        ("size M", lambda hit: hit.variant.id.endswith("-M")),
    ],
)
def test_limits_alone_list_all_that_keeps_to_them(
    ask: "Asked", text: str, holds: "Callable[[Hit], bool]"
) -> None:
    hits = ask(text, k=48, facets=("brand",))
    assert hits.total == len(hits) == sum(value.count for value in hits.facets["brand"].values) > 0
    assert all(holds(hit) for hit in hits)
    assert [hit.variant.id for hit in hits] == sorted(hit.variant.id for hit in hits)
    everything = ask(k=48)
    assert hits.total == sum(
        any(holds(replace(hit, variant=v)) for v in hit.product.variants) for hit in everything
    )
