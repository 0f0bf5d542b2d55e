"""What the page suggests to somebody who types, and what of it is understood, in a real browser."""

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.web.conftest import Open, served

from duomo.files import write_json_lines
from duomo.settings import Settings
from duomo.shop import Shop

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Route

playwright = pytest.importorskip("playwright.sync_api", reason="the browser extra is not installed")
expect = playwright.expect
expect.set_options(timeout=30_000)

pytestmark = pytest.mark.browser


def asked(page: "Page") -> list[str]:
    """What the page has asked suggestions for since, a list that grows."""
    texts: list[str] = []

    def noted(url: str) -> None:
        if urlsplit(url).path == "/v1/suggest":
            texts.append(parse_qs(urlsplit(url).query)["q"][0])

    page.on("request", lambda request: noted(request.url))
    return texts


def field(page: "Page") -> "Locator":
    return page.get_by_role("combobox")


def options(page: "Page") -> "Locator":
    return page.get_by_role("listbox").get_by_role("option")


def test_who_types_sees_what_may_be_meant_with_kind_count_and_what_was_typed(open_page: Open) -> None:
    page = open_page()
    texts = asked(page)
    expect(field(page)).to_have_attribute("aria-expanded", "false")
    field(page).press_sequentially("ostr", delay=10)
    first = options(page).first
    expect(first).to_have_accessible_name("Ostra Brand 10 products")
    expect(first.locator("b")).to_have_text("Ostr")
    expect(field(page)).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("listbox", name="Suggestions")).to_be_visible()
    assert field(page).get_attribute("aria-controls") == page.get_by_role("listbox").get_attribute("id")
    assert texts[-1] == "ostr"
    assert len(texts) < 4  # keys that follow each other make one question
    field(page).fill("")
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_arrow_keys_go_round_and_enter_searches_for_what_they_are_at(open_page: Open) -> None:
    page = open_page()
    field(page).press_sequentially("shi")
    expect(options(page).first).to_be_visible()
    size = options(page).count()
    assert size > 1
    for key, place in [
        ("ArrowDown", 0),
        ("ArrowDown", 1),
        ("ArrowUp", 0),
        ("ArrowUp", -1),
        ("ArrowUp", size - 1),
    ]:
        page.keyboard.press(key)
        chosen = page.locator("[role='option'][aria-selected='true']")
        expect(chosen).to_have_count(0 if place < 0 else 1)
        if place < 0:
            expect(field(page)).not_to_have_attribute("aria-activedescendant", re.compile("."))
        else:
            expect(field(page)).to_have_attribute("aria-activedescendant", str(chosen.get_attribute("id")))
            assert chosen.get_attribute("id") == options(page).nth(place).get_attribute("id")
    expect(field(page)).to_have_value("shi")  # nothing is taken before it is chosen
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    wanted = str(options(page).first.get_attribute("data-text"))
    page.keyboard.press("Enter")
    expect(field(page)).to_have_value(wanted)
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(page.locator("#grid .card").first).to_contain_text("Shirt")
    assert parse_qs(urlsplit(page.url).query)["q"] == [wanted]


def test_enter_without_a_choice_searches_for_what_was_typed_and_no_list_comes_after(open_page: Open) -> None:
    page = open_page()
    field(page).press_sequentially("red mug")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"q=red\+mug$"))
    expect(page.locator("#grid .card").first).to_contain_text("Red Mug")
    page.wait_for_timeout(400)  # longer than the pause after which the shop would be asked
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_escape_shuts_the_list_and_keeps_the_words_and_an_arrow_brings_it_back(open_page: Open) -> None:
    page = open_page()
    field(page).press_sequentially("lamp")
    expect(options(page).first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(field(page)).to_have_value("lamp")
    page.keyboard.press("ArrowDown")
    expect(options(page).first).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(field(page)).to_have_attribute("aria-expanded", "false")


def test_a_suggestion_is_clicked(open_page: Open) -> None:
    page = open_page()
    field(page).press_sequentially("jack")
    one = options(page).filter(has_text="Blue Jacket")
    one.click()
    expect(field(page)).to_have_value("Blue Jacket")
    expect(page.locator("#grid .card").first).to_contain_text("Blue Jacket")
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_a_slip_is_read_as_what_was_meant_and_says_so(open_page: Open) -> None:
    page = open_page()
    field(page).press_sequentially("jackte")
    expect(page.get_by_text("Read as “jacket”", exact=True)).to_be_visible()
    expect(page.locator("#suggested-told")).to_have_text(re.compile(r"^Read as “jacket” \d suggestions$"))
    expect(options(page).first).to_contain_text("jacket")


def test_an_answer_to_words_that_are_no_longer_there_is_dropped(open_page: Open) -> None:
    page = open_page()
    held: list[Route] = []
    page.route(re.compile(r"/v1/suggest\?q=mu&"), lambda route: held.append(route))  # answered below
    texts = asked(page)
    with page.expect_request(re.compile(r"/v1/suggest\?q=mu&")):
        field(page).press_sequentially("mu")
    field(page).press_sequentially("g")
    expect(options(page).first).to_contain_text("mug")
    shown = options(page).all_inner_texts()
    one = {"text": "stale", "kind": "brand", "count": 1, "matched": []}
    held[0].fulfill(json={"suggestions": [one], "read_as": ""})
    page.wait_for_timeout(200)
    assert options(page).all_inner_texts() == shown
    assert texts == ["mu", "mug"]


def test_the_page_works_where_nothing_can_be_suggested(browser: "Browser", address: str) -> None:
    page, complaints = browser.new_page(locale="en-US"), list[str]()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    page.route("**/v1/suggest?*", lambda route: route.abort())
    with page.expect_event("requestfailed"):
        field(page).press_sequentially("red mug")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(page.get_by_role("alert")).to_be_empty()
    page.keyboard.press("Enter")
    expect(page.locator("#grid .card").first).to_contain_text("Red Mug")
    assert complaints == []
    page.close()


def test_pinyin_is_left_to_the_input_method_until_it_has_become_characters(
    open_page: Open, tmp_path: Path
) -> None:
    titles = ("红色连衣裙", "白色衬衫", "蓝色衬衫")
    rows = [{"sku": f"{n}", "title": title} for n, title in enumerate(titles)]
    write_json_lines(tmp_path / "products.jsonl", rows)
    shop = Shop.create(tmp_path / "shop", encoder="hashed", settings=Settings(workers=0))
    shop.build(tmp_path / "products.jsonl", format="own")
    with served(shop) as address:
        page = open_page(address, locale="zh-CN")
        expect(page.locator("#grid .card")).to_have_count(3)
        texts = asked(page)
        method = page.context.new_cdp_session(page)
        field(page).focus()
        for typed in ("c", "ch", "chen", "chen'shan"):
            end = {"selectionStart": len(typed), "selectionEnd": len(typed)}
            method.send("Input.imeSetComposition", {"text": typed, **end})
        page.keyboard.press("Enter")  # is for the input method, which takes what it offers
        page.wait_for_timeout(400)  # longer than the pause after which the shop would be asked
        assert texts == []
        expect(page).not_to_have_url(re.compile("q="))
        method.send("Input.insertText", {"text": "衬衫"})
        first = page.get_by_role("listbox", name="搜索建议").get_by_role("option").first
        expect(first).to_have_accessible_name(re.compile("衬衫.* 共 \\d 件商品"))
        expect(first.locator("b")).to_have_text("衬衫")
        assert texts == ["衬衫"]
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("q=%E8%A1%AC%E8%A1%AB"))
        field(page).fill("chenshan")  # pinyin that was meant as such is a question, too
        expect(first).to_contain_text("衬衫")


def test_a_finger_takes_a_suggestion_and_nothing_is_in_the_way_afterwards(
    browser: "Browser", address: str
) -> None:
    context = browser.new_context(
        has_touch=True, is_mobile=True, viewport={"width": 360, "height": 740}, locale="en-US"
    )
    page = context.new_page()
    page.goto(address)
    expect(page.locator("#grid .card")).to_have_count(20)
    field(page).tap()
    method = context.new_cdp_session(page)
    method.send("Input.imeSetComposition", {"text": "shi", "selectionStart": 3, "selectionEnd": 3})
    expect(options(page).first).to_be_visible()  # the keyboards of phones compose every word
    assert options(page).count() <= 5
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    box = page.locator("#suggested").bounding_box()
    assert box
    assert box["y"] + box["height"] < 740 / 2 + 60  # the keyboard has the rest
    for option in options(page).all():
        place = option.bounding_box()
        assert place
        assert place["height"] >= 44
    wanted = str(options(page).first.get_attribute("data-text"))
    options(page).first.tap()
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(field(page)).to_have_value(wanted)
    expect(field(page)).not_to_be_focused()  # the keyboard goes
    expect(page.locator("#grid .card").first).to_contain_text("Shirt")
    context.close()


# One thing that was understood, switched off


def test_one_thing_that_was_understood_is_switched_off_and_comes_back(open_page: Open, shop: Shop) -> None:
    page = open_page("/?q=shirt+under+30+not+red")
    chips = page.locator("#chips .chip")
    expect(chips).to_have_text(["Only: under 30", "Only: not red"])
    total = page.get_by_role("status").first
    expect(total).to_have_text(re.compile(r"^\d"))
    before = total.inner_text()
    page.get_by_role("button", name="Only: not red. Search for this as words").click()
    expect(page).to_have_url(re.compile(r"as_words=not\+red"))
    expect(chips).to_have_text(["Only: under 30", "“not red” as words"])
    found = shop.search("shirt under 30 not red", as_words=["not red"])
    expect(total).to_have_text(re.compile(rf"^{found.total} product"))
    assert total.inner_text() != before
    expect(page.locator("#grid").get_by_role("link", name="Red Shirt", exact=True)).to_have_count(1)
    page.reload()
    expect(chips).to_have_text(["Only: under 30", "“not red” as words"])
    page.get_by_role("button", name="Let “not red” be understood again").click()
    expect(chips).to_have_text(["Only: under 30", "Only: not red"])
    expect(total).to_have_text(before)
    page.go_back()
    expect(chips).to_have_text(["Only: under 30", "“not red” as words"])
    field(page).fill("mug under 30")
    field(page).press("Enter")
    expect(page).not_to_have_url(re.compile("as_words"))
    expect(chips).to_have_text(["Only: under 30"])
