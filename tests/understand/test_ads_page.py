"""The page on ads: whole, in both languages, and safe whatever a creative is called."""

from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from duomo.understand.ads import Ads, Creative
from duomo.understand.ads_fitting import fit_ads
from duomo.understand.ads_page import page_of
from duomo.understand.ads_report import CSV_COLUMNS, AdsReport, read_report
from duomo.understand.ads_words import WORDS

AdsTable = Callable[..., Ads]
VOID = {"meta", "img", "br", "line", "circle", "polygon", "polyline"}


class Tags(HTMLParser):
    """Checks that every element is closed, and collects the texts."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture(scope="module")
def report(drawn_ads: AdsTable) -> AdsReport:
    ads = drawn_ads(2)
    new = [
        Creative(id="n1", test="", copy="<script>alert(1)</script> Only this week"),
        Creative(id="n2", test=""),
    ]
    return read_report(ads, head=fit_ads(ads), new=new)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_is_whole_and_loads_nothing(report: AdsReport, language: str) -> None:
    page = page_of(report, name="<ads>.csv", language=language)
    tags = Tags()
    tags.feed(page)
    assert not tags.open
    assert "<script" not in page
    assert "src=" not in page.replace('src="data:', "")
    assert "href" not in page
    text = " ".join(tags.texts)
    place = language == "zh"
    for name in ("title", "drivers", "fatigue", "tests", "others", "predicted", "how"):
        assert WORDS[name][place] in text
    assert "None" not in text
    assert "False" not in text


def test_few_numbers_make_a_page_that_says_so(ads_table: AdsTable) -> None:
    rows = [{"test": "t", "creative": name, "impressions": 50, "clicks": 1} for name in "ab"]
    report = read_report(ads_table(rows, ("test", "creative", "impressions", "clicks")))
    page = page_of(report, name="few.csv")
    assert "too few to say what drives it" in page
    assert "Not enough yet" in page


def test_the_document_and_the_table_name_the_same_creatives(report: AdsReport) -> None:
    document, rows = report.as_dict(), list(report.csv_rows())
    assert all(len(row) == len(CSV_COLUMNS) for row in rows)
    compared = document["compared"]
    assert isinstance(compared, list)
    named = [each["creative"] for one in compared for each in one["creatives"]]
    assert [row[CSV_COLUMNS.index("creative")] for row in rows] == named


def test_every_text_has_both_languages_with_the_same_values() -> None:
    from string import Formatter

    for english, chinese in WORDS.values():
        assert english
        assert chinese
        fields = [
            {field for _, field, _, _ in Formatter().parse(text) if field} for text in (english, chinese)
        ]
        assert fields[0] == fields[1]
