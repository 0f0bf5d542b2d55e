"""Feedback as themes: what was planted is told, with its numbers, and nothing else."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from duomo.errors import BadFile
from duomo.product import Review
from duomo.understand.feedback import Feedback, Theme, feedback_of
from duomo.understand.feedback_file import Remark, Remarks, read_remarks, remarks_of, time_of
from duomo.understand.feedback_quotes import Mention, Polarity, phrases_of
from duomo.understand.feedback_report import CSV_COLUMNS, document_of, first_words, page_of, rows_of

START = datetime(2026, 1, 1, tzinfo=UTC)
SAID: dict[tuple[str, Polarity], tuple[str, str]] = {
    ("size", "negative"): ("runs small", "尺码偏小"),
    ("delivery", "negative"): ("late delivery", "物流太慢"),
    ("fabric", "positive"): ("soft fabric", "面料舒服"),
}
NAMES = {"size": ("Size", "尺码"), "delivery": ("Delivery", "物流"), "fabric": ("Fabric", "面料")}


def told(*, rated: bool = True, dated: bool = True, seed: int = 0) -> Feedback:
    """A shop where one shirt runs small, delivery is late from day 210 on, and Germans like the fabric."""
    rng = np.random.default_rng(seed)
    remarks: list[Remark] = []
    mentions: list[Mention] = []
    for number in range(900):
        day, shirt, country = rng.uniform(0, 300), int(rng.integers(10)), str(rng.choice(["CN", "DE"]))
        shares = {
            "size": 0.03 + 0.4 * (shirt == 3),
            "delivery": 0.03 + 0.2 * (day > 210),
            "fabric": 0.1 + 0.2 * (country == "DE"),
        }
        text, stars = f"Bought for my brother {number}. ", 4.4
        for (topic, polarity), phrases in SAID.items():
            if rng.uniform() < shares[topic]:
                phrase = str(rng.choice(phrases))
                mentions.append(Mention(number, topic, polarity, phrase, len(text), len(text) + len(phrase)))
                text += f"{phrase}. "
                stars -= 2.0 if polarity == "negative" else -0.3
        remarks.append(
            Remark(
                text=text,
                rating=float(np.clip(round(stars + rng.normal(0, 0.5)), 1, 5)) if rated else None,
                time=START + timedelta(days=float(day)) if dated else None,
                product=f"SHIRT-{shirt}",
                pictures=("a.jpg",) if number % 50 == 0 else (),
                segments={"country": country},
                line=number + 2,
            )
        )
    read = Remarks(
        remarks=tuple(remarks),
        columns={"text": "text"},
        segments=("country",),
        outcome={"rows": len(remarks)},
        problems=(),
    )
    return feedback_of(read, mentions, np.full(len(remarks), 0.8))


def theme_of(feedback: Feedback, topic: str) -> Theme:
    (found,) = [theme for theme in feedback.themes if theme.topic == topic]
    return found


def test_the_planted_causes_are_told_and_no_others() -> None:
    feedback = told()
    size, delivery, fabric = (theme_of(feedback, topic) for topic in NAMES)
    assert [driver.name for driver in size.drivers] == ["SHIRT-3"]
    assert size.changes == () == fabric.changes
    (change,) = delivery.changes
    assert abs((change.at - START - timedelta(days=210)).days) < 20
    assert delivery.rising
    assert {one.value for one in fabric.segments} == {"DE", "CN"}
    assert size.segments == () == delivery.segments
    assert fabric.polarity == "positive"
    assert json.dumps(document_of(feedback))


def test_what_costs_the_most_stars_comes_first_and_its_interval_holds_the_truth() -> None:
    feedback = told()
    costs = [theme.cost for theme in feedback.blamed]
    assert [cost.value for cost in costs] == sorted((cost.value for cost in costs), reverse=True)
    for theme in feedback.blamed:
        assert theme.cost.low < 2.0 * theme.share.value < theme.cost.high * 1.1


def test_without_ratings_the_tone_stands_in_and_without_times_there_are_no_trends() -> None:
    feedback = told(rated=False, dated=False)
    assert feedback.mean is None
    assert all(theme.trend is None and not theme.changes and not theme.series for theme in feedback.themes)


def test_the_page_tells_it_in_both_languages() -> None:
    feedback = told()
    for language, said in (("en", "What to do first"), ("zh", "先解决什么")):
        page = page_of(feedback, name="r.csv", names=NAMES, language=language, thumb=lambda name: "data:,x")
        assert said in page
        assert NAMES["size"][language == "zh"] in page
        assert "SHIRT-3" in page
        assert "<script" not in page
        assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


def test_what_stands_in_a_remark_cannot_become_a_part_of_the_page() -> None:
    remarks = tuple(Remark(text=f"<script>alert({n})</script> bad", rating=1.0) for n in range(9))
    read = Remarks(remarks=remarks, columns={}, segments=(), outcome={}, problems=())
    mentions = [Mention(n, "<b>zip</b>", "negative", "<i>bad</i>", 27, 30) for n in range(9)]
    page = page_of(feedback_of(read, mentions, np.zeros(9)), name="<u>", names={})
    assert not {"<script>", "<b>zip", "<i>bad", "<u>"} & set(re.findall(r"<script>|<b>zip|<i>bad|<u>", page))


def test_the_table_has_a_row_for_each_theme_with_all_columns() -> None:
    rows = rows_of(told())
    assert len(rows) == 3
    assert all(tuple(row) == CSV_COLUMNS for row in rows)


def test_what_to_do_first_is_said_in_a_line_each() -> None:
    lines = first_words(told(), NAMES, "zh")
    assert len(lines) == 2
    assert all("拉低" in line for line in lines)


@pytest.mark.parametrize("count", [0, 1, 4])
def test_few_remarks_have_no_themes(count: int) -> None:
    remarks = tuple(Remark(text="zip broke", rating=1.0) for _ in range(count))
    read = Remarks(remarks=remarks, columns={}, segments=(), outcome={}, problems=())
    mentions = [Mention(n, "zip", "negative", "broke", 4, 9) for n in range(count)]
    feedback = feedback_of(read, mentions, np.zeros(count))
    assert feedback.themes == ()
    assert "Nothing is praised or blamed" in page_of(feedback, name="r", names={})


def write(path: Path, lines: Sequence[str]) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_table_is_read_with_its_columns_in_either_language(tmp_path: Path) -> None:
    file = write(
        tmp_path / "r.csv",
        [
            "商品编号,评分,评论内容,评价时间,图片,渠道",
            "A1,5,很好看,2026-03-01,a.jpg;b.jpg,天猫",
            "A1,1,客服王小明让我打13800138000,2026/03/05 10:00,,京东",
            "A2,9,一般,昨天,,京东",
            "A2,3,,2026-03-07,,京东",
        ],
    )
    read = read_remarks(file)
    first, second, third = read.remarks
    assert first.pictures == ("a.jpg", "b.jpg")
    assert first.segments == {"渠道": "天猫"}
    assert second.text == "客服[NAME]让我打[PHONE]"
    assert second.time
    assert second.time.date().isoformat() == "2026-03-05"
    assert (third.rating, third.time) == (None, None)
    assert read.outcome == {"rows": 4, "blank": 1, "redacted": 1, "unrated": 1, "undated": 1}
    assert [problem.column for problem in read.problems] == ["评分", "评价时间"]


def test_a_column_that_is_not_there_is_told(tmp_path: Path) -> None:
    file = write(tmp_path / "r.csv", ["text,stars", "fine,4"])
    with pytest.raises(BadFile, match="has no column 'shop' to compare by"):
        read_remarks(file, segments=["shop"])
    with pytest.raises(BadFile, match="has no column 'when'"):
        read_remarks(file, mapping={"time": "when"})
    with pytest.raises(BadFile, match="feedback has no 'mood'"):
        read_remarks(file, mapping={"mood": "stars"})


def test_the_reviews_of_a_shop_are_feedback_too() -> None:
    read = remarks_of(
        [
            Review(product_id="A", text="Fine. Thanks to Jane Porter", rating=4.0, time="2026-03-01"),
            Review(product_id="A", text=" "),
        ]
    )
    (remark,) = read.remarks
    assert remark.text == "Fine. Thanks to [NAME]"
    assert read.outcome["blank"] == 1


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2025年3月4日", "2025-03-04T00:00:00+00:00"),
        ("2025-3-4 9:05", "2025-03-04T09:05:00+00:00"),
        ("2025.03.04 09:05:06", "2025-03-04T09:05:06+00:00"),
        ("2025-03-04T09:05:06+08:00", "2025-03-04T09:05:06+08:00"),
        ("1741046400000", "2025-03-04T00:00:00+00:00"),
        ("2025年13月4日", None),
        ("昨天", None),
        ("", None),
    ],
)
def test_dates_are_read_as_shops_write_them(written: str, moment: str | None) -> None:
    when = time_of(written)
    assert (when.isoformat() if when else None) == moment


def test_phrases_that_are_said_as_often_stand_in_the_same_order_everywhere() -> None:
    mentions = [
        Mention(n, "fit", "negative", phrase, 0, 1) for n, phrase in enumerate(["zu", "b", "a", "not"])
    ]
    assert phrases_of(mentions) == (("a", 1), ("b", 1), ("zu", 1))
