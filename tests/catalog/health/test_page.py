"""The page as a merchandiser sees it in a browser, and on paper."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from duomo.catalog.check import KINDS, check
from duomo.catalog.health.goods import Goods
from duomo.catalog.health.page import EXAMPLES, page_of
from duomo.product import Price, Product

Make = Callable[..., Product]


def shelf(product: Make) -> Goods:
    mugs = [
        product(f"M{n}", f"马克杯 Mug no {n}", category=("Mugs",), price=Price(900 + 10 * n, "USD"))
        for n in range(20)
    ]
    odd = [
        product("X", "TBD", category=("Mugs",), price=Price(98_000, "USD")),
        product("Y", "", category=("Mugs",)),
    ]
    return Goods([*mugs, *odd], body=None)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Decimal point in the wrong place"), ("zh", "小数点可能错位")]
)
def test_every_kind_has_a_line_a_section_and_a_remedy(product: Make, language: str, words: str) -> None:
    goods = shelf(product)
    health = check(goods)
    page = page_of(health, goods, name="spring.csv", language=language)
    assert words in page
    for group in health.groups:
        assert page.count(f'"#{group.kind.name}"') == page.count(f'id="{group.kind.name}"') == 1
        assert getattr(group.kind.remedy, language) in page
    assert page.count("<li") <= EXAMPLES * len(health.groups)


def test_a_sound_catalog_has_a_page_as_well(product: Make) -> None:
    goods = Goods([], body=None)
    assert "Nothing to complain of." in page_of(check(goods), goods, name="empty.csv")
    assert "没有发现问题。" in page_of(check(goods), goods, name="empty.csv", language="zh")


def test_the_guide_tells_of_every_kind() -> None:
    guide = Path(__file__).resolve().parents[3] / "docs" / "guide" / "catalog-health.md"
    text = guide.read_text(encoding="utf-8")
    assert [kind.name for kind in KINDS if f"`{kind.name}`" not in text] == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1200])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_runs_over_the_edge_of_a_phone_or_a_desk(
    product: Make, tmp_path: Path, width: int, language: str
) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="the browser extra is not installed")
    if not (chromium := shutil.which("chromium") or shutil.which("chromium-browser")):
        pytest.skip("chromium is not here: apt-get install chromium")
    goods = shelf(product)
    (tmp_path / "page.html").write_text(
        page_of(check(goods), goods, name="a" * 60, language=language), "utf-8"
    )
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": 800})
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto((tmp_path / "page.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("article").count() == len(check(goods).groups)
        page.locator("a.rank").first.click()
        assert page.locator("article").first.is_visible()
        assert len(asked) == 1  # nothing from outside
        browser.close()
