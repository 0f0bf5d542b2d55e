import re
from html.parser import HTMLParser
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from duomo.errors import MissingProduct
from duomo.measure.compare import Duel, Interval
from duomo.measure.outcome import Outcome
from duomo.measure.plots import balance, dots
from duomo.measure.questions import Limit, Question, Shown
from duomo.measure.report import page_of
from duomo.product import Media, Price, Product, Variant

ABOUT = {"shop": "my <shop>", "seed": 7, "took_s": 1.5}


class Structure(HTMLParser):
    """Checks that every tag is closed, and collects what the page would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "poster")]
        if tag not in ("meta", "img", "link", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Closed already: shapes of SVG."""


def picture(hash: str) -> bytes:
    if hash == "gone":
        raise MissingProduct("the shop has no picture 'gone'")
    body = BytesIO()
    Image.new("RGB", (300, 200), (200, 30, 30)).save(body, "JPEG")
    return body.getvalue()


def outcome() -> Outcome:
    goods = {
        id: Product(
            id=id,
            title=f"Mug <{id}>",
            variants=(Variant(id=id, price=Price.of(9)),),
            media=(Media(source="/x.jpg", hash="gone" if id == "B" else id),),
        )
        for id in "ABC"
    }
    questions = [
        Question(qid="1", kind="title", text="<script>alert(1)</script>", right={"A": 1}),
        Question(qid="2", kind="crop", picture="A", altered="crop", seed=1, right={"A": 1}),
        Question(qid="3", kind="price", text="mug", right={"C": 1}, limits=(Limit(column="price", most=5),)),
        Question(qid="4", kind="my own", text="mug", right={"C": 0, "A": 0}, complete=False),
    ]
    hits = {id: Shown(id, id) for id in "ABC"}
    first = [(hits["B"],), (hits["B"],), (hits["A"],), ()]
    second = [(hits["A"],), None, (), (Shown("stranger"),)]
    return Outcome(
        questions,
        {"hybrid": first, "keywords": second},
        goods,
        left_out={"gtin": "x"},
        unknown=("Z",),
        unasked=3,
    )


def page(language: str) -> str:
    pixels = np.full((60, 40, 3), 90, np.uint8)
    return page_of(outcome(), ABOUT, picture=picture, asked=lambda _: pixels, language=language)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_report_is_one_whole_page_that_fetches_nothing(language: str) -> None:
    html = page(language)
    found = Structure()
    found.feed(html)
    assert found.open == []
    assert found.fetched
    assert all(address.startswith("data:image/jpeg;base64,") for address in found.fetched)
    assert not re.search(r"https?://|url\(|@import|<script", html)
    assert "my &lt;shop&gt;" in html
    assert "&lt;script&gt;alert(1)" in html
    assert "Mug &lt;A&gt;" in html
    assert "prefers-color-scheme: dark" in html
    assert 'name="viewport"' in html


def test_the_report_speaks_both_languages() -> None:
    english, chinese = page("en"), page("zh")
    assert "How well search finds" in english
    assert "hybrid and keywords: no sure difference" in english
    assert "3 questions were not asked" in english
    assert "products have no GTIN" in english
    assert 'lang="zh-CN"' in chinese
    assert "搜索效果评测" in chinese
    assert "商品没有 GTIN" in chinese
    assert "How well" not in chinese
    assert "my own" in chinese  # a kind of the user's own keeps its name


def test_a_plot_shows_a_mark_and_an_interval_for_every_system_that_was_asked() -> None:
    svg = dots([Interval(0.5, 0.4, 0.6), None, Interval(1, 1, 1)], 0.1, ["a", "b", '"c"'])
    assert 'x1="40.00%" x2="60.00%"' in svg
    assert 'class="chance" x1="10.00%"' in svg
    assert [f'class="s{n}"' in svg for n in range(3)] == [True, False, True]
    assert "&quot;c&quot; 1.00" in svg
    bar = balance(Duel(50, 45, 5, Interval(0, 0, 0)), ("won", "equal", "lost"))
    assert re.findall(r'width="([\d.]+)%"', bar) == ["50.00", "5.00", "45.00"]
    assert bar.count("<text") == 2  # the narrow one has no room for its number
    assert 'aria-label="won 50, equal 5, lost 45"' in bar
