"""The page in a real browser: what a shopper does and then sees."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from tests.web.conftest import Open, served

from duomo.files import write_json_lines
from duomo.settings import Settings
from duomo.shop import Shop

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Route

playwright = pytest.importorskip("playwright.sync_api", reason="the browser extra is not installed")
expect = playwright.expect
expect.set_options(timeout=30_000)  # a busy machine takes its time; what never comes fails all the same

pytestmark = pytest.mark.browser


def cards(page: "Page") -> "Locator":
    return page.locator("#grid .card")


def total(page: "Page") -> "Locator":
    return page.get_by_role("status").first


def value(page: "Page", column: str, name: str) -> "Locator":
    return page.locator(f"[data-column='{column}'] .value", has_text=re.compile(f"^{name}"))


def test_the_whole_shop_is_shown_before_anything_is_asked(open_page: Open) -> None:
    page = open_page()
    expect(total(page)).to_have_text("20 products")
    expect(cards(page)).to_have_count(20)
    picture = cards(page).first.locator("img")
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 0


def test_words_find_and_the_back_button_goes_back(open_page: Open) -> None:
    page = open_page()
    expect(total(page)).to_have_text("20 products")
    box = page.get_by_label("Search in words")
    box.fill("red mug")
    box.press("Enter")
    expect(cards(page).first).to_contain_text("Red Mug")
    expect(page).to_have_url(re.compile(r"q=red\+mug"))
    cards(page).first.get_by_text("Why this?").click()
    expect(cards(page).first.locator("mark").first).to_have_text("red")
    page.go_back()
    expect(total(page)).to_have_text("20 products")
    expect(box).to_have_value("")
    page.go_forward()
    expect(box).to_have_value("red mug")
    expect(cards(page).first).to_contain_text("Red Mug")


def test_choosing_a_facet_gives_as_many_products_as_it_says(
    open_page: Open,
) -> None:
    page = open_page("/?q=shirt")
    red = value(page, "color", "Red")
    count = int(red.locator(".n").inner_text())
    red.click()
    expect(page.get_by_role("button", name="Remove filter Color: Red")).to_be_visible()
    expect(total(page)).to_have_text(f"{count} product" + ("" if count == 1 else "s"))
    # Within a column values are alternatives, across columns all must hold.
    value(page, "color", "Blue").click()
    expect(page).to_have_url(re.compile(r"f\.color=Red&f\.color=Blue"))
    expect(page.locator("#facets :focus")).to_have_attribute("value", "Blue")
    expect(value(page, "color", "Green")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Remove filter Color: Blue")).to_be_visible()
    page.get_by_role("button", name="Clear all").click()
    expect(page.locator(".chip")).to_have_count(0)


def test_a_value_with_a_quote_and_a_category_can_be_chosen(open_page: Open) -> None:
    page = open_page()
    value(page, "brand", "Levi's").click()
    expect(total(page)).to_have_text("5 products")
    page.go_back()
    value(page, "category", "Apparel").click()
    expect(total(page)).to_have_text("10 products")
    value(page, "category", "Tops").click()
    expect(page).to_have_url(re.compile(r"f\.category=Apparel\+%3E\+Tops$"))
    expect(total(page)).to_have_text("10 products")


def test_prices_can_be_bounded(open_page: Open) -> None:
    page = open_page()
    page.get_by_label("Price: To").fill("30")
    page.get_by_label("Price: To").press("Tab")
    expect(total(page)).to_have_text("10 products")
    expect(page.locator(".chip")).to_contain_text("$30.00")


def test_a_picture_is_searched_with_shown_and_taken_away(
    open_page: Open, draw: Callable[[str, int, str], bytes]
) -> None:
    page = open_page()
    expect(total(page)).to_have_text("20 products")
    page.get_by_label("Search by picture").set_input_files(
        {"name": "mine.png", "mimeType": "image/png", "buffer": draw("Blue", 0, "PNG")}
    )
    expect(page.get_by_alt_text("Your picture")).to_be_visible()
    expect(cards(page).first).to_contain_text("Blue Mug")
    page.reload()
    expect(page.get_by_alt_text("Your picture")).to_be_visible()
    page.get_by_role("button", name="Remove the picture").click()
    expect(page.get_by_alt_text("Your picture")).to_be_hidden()
    expect(total(page)).to_have_text("20 products")


def test_a_hit_shows_the_picture_that_it_was_found_by(
    open_page: Open, draw: Callable[[str, int, str], bytes]
) -> None:
    page = open_page()
    lamp = cards(page).filter(has_text="Blue Lamp").locator("img")
    usual = lamp.get_attribute("src")
    page.get_by_label("Search by picture").set_input_files(
        {"name": "mine.png", "mimeType": "image/png", "buffer": draw("Blue", 4, "PNG")}
    )
    expect(cards(page).first).to_contain_text("Blue Lamp")
    shown = cards(page).first.locator("img").get_attribute("src")
    assert shown
    assert shown != usual


def test_a_picture_can_be_dropped_on_the_page(
    open_page: Open, draw: Callable[[str, int, str], bytes]
) -> None:
    page = open_page()
    carried = page.evaluate_handle(
        """bytes => {
            const carried = new DataTransfer();
            carried.items.add(new File([new Uint8Array(bytes)], "mine.png", { type: "image/png" }));
            return carried;
        }""",
        list(draw("Green", 3, "PNG")),
    )
    page.dispatch_event("body", "dragenter", {"dataTransfer": carried})
    expect(page.get_by_text("Drop the picture to search with it")).to_be_visible()
    page.dispatch_event("body", "drop", {"dataTransfer": carried})
    expect(page.get_by_text("Drop the picture to search with it")).to_be_hidden()
    expect(cards(page).first).to_contain_text("Green Lamp")


def test_a_file_that_is_no_picture_is_refused_in_words(open_page: Open) -> None:
    page = open_page()
    page.get_by_label("Search by picture").set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": b"no picture"}
    )
    expect(page.get_by_role("alert")).to_contain_text("This is not a picture")


def test_a_product_opens_with_pictures_variants_and_reviews(
    open_page: Open,
) -> None:
    page = open_page("/?q=red+mug")
    page.get_by_role("link", name="Red Mug").click()
    dialog = page.get_by_role("dialog", name="Red Mug")
    expect(dialog).to_contain_text("$9.50")
    expect(dialog).to_contain_text("Keeps tea warm.")
    expect(dialog.get_by_role("img", name="5 out of 5", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page).not_to_have_url(re.compile("product="))
    expect(page.get_by_role("link", name="Red Mug")).to_be_focused()


def test_a_variant_is_chosen_in_the_dialog(open_page: Open) -> None:
    page = open_page("/?product=Shirt-Blue-L")
    dialog = page.get_by_role("dialog", name="Blue Shirt")
    expect(dialog.get_by_label("L", exact=True)).to_be_checked()
    dialog.get_by_label("M", exact=True).check()
    expect(dialog.get_by_role("status")).to_contain_text("Shirt-Blue-M")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


def test_similar_products_are_one_click_away(open_page: Open) -> None:
    page = open_page("/?q=red+shirt")
    page.get_by_role("button", name="Similar to Red Shirt").click()
    expect(page.locator(".chip")).to_contain_text("Similar to Red Shirt")
    expect(cards(page).first).to_be_visible()
    expect(page.locator("#grid").get_by_role("link", name="Red Shirt", exact=True)).to_have_count(0)


def test_nothing_found_and_a_wrong_filter_are_told_in_words(
    open_page: Open,
) -> None:
    page = open_page("/?q=zzzzqqq&mode=keywords")
    expect(page.get_by_role("alert")).to_contain_text("Nothing found")
    expect(total(page)).to_have_text("0 products")


def test_the_page_speaks_chinese_and_switches(open_page: Open) -> None:
    page = open_page("/?q=马克杯", locale="zh-CN")
    expect(total(page)).to_have_text(re.compile(r"共 \d+ 件商品"))
    expect(page.locator("legend", has_text="颜色")).to_be_visible()
    page.get_by_role("link", name="English").click()
    expect(total(page)).to_have_text(re.compile(r"\d+ products"))
    expect(page.get_by_label("Search in words")).to_have_value("马克杯")


def test_nothing_sticks_out_of_a_narrow_screen(open_page: Open) -> None:
    page = open_page("/?q=shirt", width=360)
    expect(cards(page).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    expect(page.locator("#facets")).to_be_hidden()
    page.get_by_role("button", name="Filters").click()
    expect(page.locator("#facets")).to_be_visible()


def test_the_page_can_be_used_by_keyboard_alone(open_page: Open) -> None:
    page = open_page()
    expect(cards(page).first).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to results")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # past the mode
    expect(cards(page).first.get_by_role("link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()


# A catalog that means harm


def hostile_shop(folder: Path) -> Shop:
    """Markup, quotes, endless words, emoji and names that scripts know, wherever a catalog can say them."""
    script, image = "<script>window.hacked = 1</script>", '<img src="x" onerror="window.hacked = 1">'
    quotes, endless, emoji = "\"'`>\\ ${window.hacked = 1} {{7*7}}", "W" * 400, "👩‍👩‍👧‍👦" * 60
    names = [script, image, quotes, endless, emoji, f"\u202eturned</script>{script}"]
    rows = [
        {
            "sku": f"{name[:40]}-{size}",
            "product_id": name[:40],
            "title": name,
            "description": name * 3,
            "brand": name,
            "category": f"{names[n - 1].replace('>', '')} > {name.replace('>', '')}",
            "color": "constructor" if n % 2 else name,
            "size": size,
            "mode": "hybrid" if size == "S" else name,
            "constructor": names[n % 3],
            image: names[n % 2],
            endless: names[n % 2],
            "url": "javascript:window.hacked=1",
            "price": "9.50",
            "currency": "<b>",
        }
        for n, name in enumerate(names)
        for size in ("S", endless)
    ]
    write_json_lines(folder / "products.jsonl", rows)
    shop = Shop.create(folder / "<b>'shop'", encoder="hashed", settings=Settings(workers=0))
    assert shop.build(folder / "products.jsonl", format="own").products == len(names)
    return shop


# True where nothing of an element stands out of it to the side.
FITS = "box => box.scrollWidth <= box.clientWidth + 1"


@pytest.mark.parametrize("width", [1280, 360])
def test_what_a_catalog_says_is_never_run_and_never_breaks_the_page(
    open_page: Open, tmp_path: Path, width: int
) -> None:
    with served(hostile_shop(tmp_path)) as address:
        page = open_page(address, width=width)
        expect(total(page)).to_have_text("6 products")
        if width < 860:
            page.get_by_role("button", name="Filters").click()
        for column in ("category", "brand", "color", "constructor", "mode"):
            box = page.locator(f"[data-column='{column}'] .value").first
            count = box.locator(".n").inner_text()
            box.click()
            expect(page.locator(".chip")).to_have_count(1)
            expect(total(page)).to_have_text(re.compile(f"^{count} product"))
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            page.locator(".chip").click()
            expect(total(page)).to_have_text("6 products")
        for place in (*cards(page).all(), *page.locator(".facet").all()):
            assert place.evaluate(FITS), place.inner_text()[:80]
        for n in range(6):
            cards(page).nth(n).get_by_role("heading").get_by_role("link").click()
            dialog = page.get_by_role("dialog")
            expect(dialog.locator(".alike")).to_be_visible()
            dialog.locator("[data-option='mode']").last.check(force=True)
            assert dialog.evaluate(FITS)
            assert dialog.locator("a").count() == 0  # javascript: is no address
            dialog.get_by_role("button", name="Close").click()
        expect(page.locator("#modes input:checked")).to_have_value("hybrid")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate("window.hacked") is None
        assert page.locator("main script, main b img, dialog script").count() == 0


def test_an_address_may_name_columns_like_members_of_every_object(open_page: Open) -> None:
    asked = """import('/static/state.js').then(({ read }) =>
        JSON.stringify(read('?f.__proto__=a&f.toString=b').facets))"""
    assert open_page().evaluate(asked) == '{"__proto__":["a"],"toString":["b"]}'


def test_what_was_understood_is_shown_and_can_be_switched_off(open_page: Open) -> None:
    page = open_page("/?q=shrit+under+20")
    chips = page.locator("#chips .chip")
    expect(chips.filter(has_text="Only: under 20")).to_have_count(1)
    expect(chips.filter(has_text="Searched for “shirt”")).to_have_count(1)
    chips.filter(has_text="Searched for “shirt”").click()
    expect(page).to_have_url(re.compile(r"literal=1"))
    expect(chips).to_have_text(["The words as they are"])
    page.locator("#q").fill("mug")
    page.locator("#q").press("Enter")
    expect(page).not_to_have_url(re.compile(r"literal"))
    expect(chips).to_have_count(0)


def with_picture(page: "Page", body: bytes) -> None:
    page.get_by_label("Search by picture").set_input_files(
        {"name": "mine.png", "mimeType": "image/png", "buffer": body}
    )
    expect(page.locator("#photo-picture")).to_be_visible()


def side_by_side(draw: Callable[[str, int, str], bytes]) -> bytes:
    """A red mug to the left of a blue jacket."""
    whole, body = Image.new("RGB", (192, 96), "white"), BytesIO()
    for place, (color, kind) in enumerate((("Red", 0), ("Blue", 2))):
        whole.paste(Image.open(BytesIO(draw(color, kind, "PNG"))), (96 * place, 0))
    whole.save(body, "PNG")
    return body.getvalue()


def test_a_box_is_drawn_on_the_photo_and_moved_by_keys(
    open_page: Open, draw: Callable[[str, int, str], bytes]
) -> None:
    page = open_page()
    expect(total(page)).to_have_text("20 products")
    expect(page.locator("#asked")).to_be_hidden()
    with_picture(page, side_by_side(draw))
    expect(total(page)).to_have_text("0 products")  # what comes with the answer moves nothing any more
    place = page.locator("#photo").bounding_box()
    assert place
    x, y, width, height = (place[name] for name in ("x", "y", "width", "height"))
    page.mouse.move(x + 0.5 * width, y + 0.01 * height)
    page.mouse.down()
    page.mouse.move(x + 0.99 * width, y + 0.99 * height, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"box=0\.5"))
    expect(page.get_by_label("A part")).to_be_checked()
    expect(page.locator(".card").first).to_contain_text("Blue Jacket")
    page.reload()
    frame = page.get_by_role("group", name="The part you mean")
    expect(frame).to_be_visible()
    frame.focus()
    for _ in range(30):
        page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile(r"box=0%2C"))
    expect(frame).to_be_focused()
    expect(page.locator(".card").first).to_contain_text("Red Mug")
    page.keyboard.press("Shift+ArrowUp")
    expect(page).to_have_url(re.compile(r"box=0%2C[\d.]+%2C0\.4[89]\d*%2C0\.9[56]"))
    page.get_by_label("All of it").check()
    expect(page).not_to_have_url(re.compile("box="))
    expect(frame).to_be_hidden()


def test_an_answer_that_comes_while_a_box_is_drawn_leaves_it(
    open_page: Open, draw: Callable[[str, int, str], bytes]
) -> None:
    page = open_page()
    expect(total(page)).to_have_text("20 products")
    held: list[Route] = []
    page.route("**/v1/search", lambda route: held.append(route))
    with_picture(page, side_by_side(draw))
    place = page.locator("#photo").bounding_box()
    assert place
    x, y, width, height = (place[name] for name in ("x", "y", "width", "height"))
    page.mouse.move(x + 0.5 * width, y + 0.1 * height)
    page.mouse.down()
    page.mouse.move(x + 0.9 * width, y + 0.9 * height, steps=4)
    with page.expect_response("**/v1/search"):
        held[0].continue_()
    expect(page.locator("#results")).not_to_have_attribute("aria-busy", "true")
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"box=0\."))


def test_a_finger_draws_a_box_too(browser: "Browser", address: str, draw: Callable[..., bytes]) -> None:
    context = browser.new_context(has_touch=True, viewport={"width": 390, "height": 844}, locale="zh-CN")
    page = context.new_page()
    page.goto(address)
    page.locator("#file").set_input_files(
        {"name": "mine.png", "mimeType": "image/png", "buffer": side_by_side(draw)}
    )
    place = page.locator("#photo")
    expect(place).to_be_visible()
    place.scroll_into_view_if_needed()
    spot = place.bounding_box()
    assert spot
    touch = context.new_cdp_session(page)
    for kind, share in (("touchStart", 0.05), ("touchMove", 0.3), ("touchMove", 0.48), ("touchEnd", None)):
        points = [] if share is None else [
            {"x": spot["x"] + share * spot["width"], "y": spot["y"] + (0.02 + 2 * share) * spot["height"]}
        ]  # fmt: skip
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(page).to_have_url(re.compile(r"box=0\.0[45]"))
    expect(page.locator(".card").first).to_contain_text("Red Mug")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_the_main_object_is_found_shown_and_asked_for(
    open_page: Open, draw: Callable[[str, int, str], bytes]
) -> None:
    page = open_page()
    corner, body = Image.new("RGB", (200, 200), "white"), BytesIO()
    corner.paste(Image.open(BytesIO(draw("Blue", 3, "PNG"))).resize((60, 60)), (130, 130))
    corner.save(body, "PNG")
    with_picture(page, body.getvalue())
    page.get_by_label("Main object").check()
    expect(page).to_have_url(re.compile("box=main"))
    expect(page.locator(".card").first).to_contain_text("Blue Lamp")
    frame = page.locator("#frame.found")
    expect(frame).to_be_visible()
    assert float(frame.evaluate("frame => parseFloat(frame.style.left)")) > 50


def test_words_and_a_picture_are_weighed_against_each_other(
    open_page: Open, draw: Callable[[str, int, str], bytes]
) -> None:
    page = open_page("/?q=lamps+that+are+green")
    expect(cards(page).first).to_contain_text("Green Lamp")
    expect(page.locator("#weights")).to_be_hidden()
    with_picture(page, draw("Red", 0, "PNG"))
    words = page.get_by_role("slider", name="Words")
    expect(words).to_have_attribute("aria-valuetext", "× 1")
    words.focus()
    page.keyboard.press("Home")
    expect(page).to_have_url(re.compile(r"w\.words=0\.1"))
    expect(words).to_have_attribute("aria-valuetext", "× 0.1")
    expect(words).to_be_focused()
    expect(cards(page).first).to_contain_text("Red Mug")
    page.get_by_role("button", name="Remove the picture").click()
    expect(page.locator("#asked")).to_be_hidden()
    expect(cards(page).first).to_contain_text("Green Lamp")


def test_what_is_not_wanted_goes_and_can_come_back(open_page: Open) -> None:
    page = open_page("/?q=mug")
    page.get_by_role("button", name="Not this: Red Mug").click()
    chip = page.get_by_role("button", name="Let Red Mug be found again")
    expect(chip).to_have_text("Not: Red Mug")
    expect(page.locator("#grid").get_by_role("link", name="Red Mug", exact=True)).to_have_count(0)
    without = page.get_by_label("Without")
    without.fill("blue")
    without.press("Enter")
    expect(page.locator(".chip")).to_have_text(["Not: Red Mug", "Without: blue"])
    expect(page.locator(".grid").get_by_role("link", name="Blue Mug", exact=True)).to_have_count(0)
    page.reload()
    expect(page.get_by_label("Without")).to_have_value("blue")
    chip.click()
    expect(page.locator("#grid").get_by_role("link", name="Red Mug", exact=True)).to_have_count(1)
    page.locator(".chip", has_text="Without").click()
    expect(page.locator("#grid").get_by_role("link", name="Blue Mug", exact=True)).to_have_count(1)


def test_not_this_works_where_only_words_are_looked_for_and_none_are_given(open_page: Open) -> None:
    page = open_page("/?mode=keywords")
    page.get_by_role("button", name="Not this: Red Mug").click()
    expect(total(page)).to_have_text("19 products")


def test_the_part_that_matched_is_shown(open_page: Open, draw: Callable[[str, int, str], bytes]) -> None:
    page = open_page()
    with_picture(page, draw("Blue", 4, "PNG"))
    first = cards(page).first
    expect(first).to_contain_text("Blue Lamp")
    first.get_by_text("Why this?").click()
    first.get_by_role("button", name="Which part of the picture matched? Blue Lamp").click()
    shown = first.get_by_alt_text("What matched, the rest in grey")
    expect(shown).to_be_visible()
    expect(shown).to_have_attribute("src", re.compile("^data:image/jpeg"))
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def test_a_card_opens_the_product_at_the_picture_that_matched(
    open_page: Open, draw: Callable[[str, int, str], bytes]
) -> None:
    page = open_page()
    with_picture(page, draw("Blue", 4, "PNG"))
    expect(cards(page).first).to_contain_text("Blue Lamp")
    matched = cards(page).first.locator("img").first.get_attribute("src")
    cards(page).first.get_by_role("heading").get_by_role("link").click()
    dialog = page.get_by_role("dialog", name="Blue Lamp")
    expect(dialog.locator(".main img")).to_have_attribute("src", str(matched))
    expect(dialog.locator(".small [aria-current]")).to_have_attribute("aria-label", re.compile("^Picture 2 "))
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("shot="))


def test_an_example_and_words_are_asked_together(open_page: Open) -> None:
    page = open_page("/?q=red+shirt")
    page.get_by_role("button", name="Similar to Red Shirt").click()
    expect(page.locator(".chip")).to_contain_text("Similar to Red Shirt")
    box = page.get_by_label("Search in words")
    box.fill("green")
    box.press("Enter")
    expect(page.get_by_role("slider", name="Example")).to_be_visible()
    expect(cards(page).first).to_contain_text("Green Shirt")
