"""Tables of creatives: columns in two languages, numbers as people write them, impossible rows."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from duomo.errors import BadFile, MissingFile
from duomo.files import json_line
from duomo.guard.archives import Limits
from duomo.understand.ads import Ads
from duomo.understand.ads_file import read_ads

AdsTable = Callable[..., Ads]

CHINESE = """推广计划,创意名称,文案,图片,优惠,人群,日期,展现量,点击量,消耗,转化数
春季,A,新款连衣裙,a.jpg,包邮,新客,2026年3月1日,"1.2万",240,￥96.50,8
春季,B,百搭连衣裙,b.jpg,,新客,2026/3/1,"12,000",180,72.00元,5
"""


def write(folder: Path, text: str, name: str = "ads.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_chinese_export_is_read_as_it_comes(tmp_path: Path, encoding: str) -> None:
    ads = read_ads(write(tmp_path, CHINESE, encoding=encoding))
    assert [creative.id for creative in ads.creatives] == ["A", "B"]
    assert ads.creatives[0].copy == "新款连衣裙"
    assert (ads.creatives[0].offer, ads.creatives[0].test) == ("包邮", "春季")
    assert ads.impressions.tolist() == [12000, 12000]
    assert ads.spend.tolist() == [96.5, 72.0]
    assert ads.conversions.tolist() == [8, 5]
    assert len(set(ads.day.tolist())) == 1
    assert not [problem for problem in ads.problems if problem.line]


def test_the_same_numbers_come_out_of_csv_json_lines_and_parquet(tmp_path: Path) -> None:
    columns = ("test", "headline", "impressions", "clicks")
    rows = [dict(zip(columns, row, strict=True)) for row in (("t", "Warm", 100, 5), ("t", "Cold", 90, 3))]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "ads.parquet")
    lines = "".join(json_line(row) for row in rows)
    write(tmp_path, lines, "ads.jsonl")
    write(tmp_path, "test,headline,impressions,clicks\nt,Warm,100,5\nt,Cold,90,3\n")
    read = [read_ads(tmp_path / f"ads.{kind}") for kind in ("csv", "jsonl", "parquet")]
    for ads in read:
        assert ads.clicks.tolist() == [5, 3]
        assert [creative.copy for creative in ads.creatives] == ["Warm", "Cold"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("t,A,100,120", "clicks '120' is more than the impressions, 100; the row is left out"),
        ("t,A,-5,1", "impressions '-5' is below zero"),
        ("t,A,many,1", "impressions 'many' is not a number that can be counted"),
        ("t,A,,1", "impressions is missing"),
        ("t,A,0,3", "clicks '3' is more than the impressions, 0"),
    ],
)
def test_a_row_that_cannot_be_true_is_left_out_and_told(tmp_path: Path, row: str, said: str) -> None:
    ads = read_ads(write(tmp_path, f"test,creative,impressions,clicks\n{row}\nt,B,100,4\n"))
    assert (ads.rows, ads.skipped, ads.clicks.tolist()) == (2, 1, [4])
    assert said in str(ads.problems[0])
    assert "line 2" in str(ads.problems[0])


def test_more_conversions_than_clicks_cost_the_conversions_and_not_the_row(ads_table: AdsTable) -> None:
    columns = ("test", "creative", "impressions", "clicks", "conversions")
    rows = [dict(zip(columns, ("t", "A", 100, 4, orders), strict=True)) for orders in (9, 1)]
    ads = ads_table(rows, columns)
    assert np.isnan(ads.conversions).tolist() == [True, False]
    assert ads.skipped == 0
    assert ads.problems[0].severity == "warning"


def test_a_row_that_was_exported_twice_is_counted_once(ads_table: AdsTable) -> None:
    columns = ("creative", "date", "impressions", "clicks")
    row = dict(zip(columns, ("A", "2026-01-01", 100, 4), strict=True))
    ads = ads_table([row, row, {**row, "date": "2026-01-02"}], columns)
    assert (ads.skipped, ads.clicks.sum()) == (1, 8)
    assert "no column that names tests" in str(ads.problems[0])
    assert "stands there twice" in str(ads.problems[1])


def test_without_names_and_dates_each_row_is_a_creative_of_its_own(ads_table: AdsTable) -> None:
    columns = ("test", "headline", "impressions", "clicks")
    rows = [dict(zip(columns, ("t", "Same words", 100, clicks), strict=True)) for clicks in (3, 4)]
    assert len(ads_table(rows, columns).creatives) == 2
    with_days = [{**row, "date": f"2026-01-0{day}"} for day, row in enumerate(rows, start=1)]
    assert len(ads_table(with_days, (*columns, "date")).creatives) == 1


def test_what_is_missing_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match="there is no file"):
        read_ads(tmp_path / "none.csv")
    with pytest.raises(BadFile, match="there is no column 'clicks'"):
        read_ads(write(tmp_path, "creative,impressions\nA,3\n"))
    with pytest.raises(BadFile, match="no row that can be used"):
        read_ads(write(tmp_path, "creative,impressions,clicks\nA,3,9\n"))
    with pytest.raises(BadFile, match="nothing called 'klicks'"):
        read_ads(write(tmp_path, "creative,impressions,clicks\nA,3,1\n"), mapping={"klicks": "clicks"})


def test_a_column_of_another_name_is_mapped(tmp_path: Path) -> None:
    path = write(tmp_path, "creative,seen,pressed\nA,30,1\n")
    ads = read_ads(path, mapping={"impressions": "seen", "clicks": "pressed"})
    assert (ads.impressions.sum(), ads.clicks.sum()) == (30, 1)


@pytest.mark.parametrize(
    ("days", "read", "told"),
    [
        (("03/04/2026", "13/04/2026"), ("2026-04-03", "2026-04-13"), ""),
        (("03/04/2026", "03/14/2026 00:00"), ("2026-03-04", "2026-03-14"), ""),
        (("03-04-2026", "05-04-2026"), ("2026-03-04", "2026-05-04"), "month is read first"),
        (("03.04.2026", "05.04.2026"), ("2026-04-03", "2026-04-05"), ""),  # with points the day comes first
        (("13/04/2026", "03/14/2026"), ("2026-04-13",), "days first"),
        (("2026-04-13", "2026年4月3日"), ("2026-04-13", "2026-04-03"), ""),
    ],
)
def test_a_column_of_dates_says_whether_they_begin_with_the_day(
    tmp_path: Path, days: tuple[str, ...], read: tuple[str, ...], told: str
) -> None:
    rows = "".join(f"t,A,{day},100,{clicks}\n" for clicks, day in enumerate(days))
    ads = read_ads(write(tmp_path, f"test,creative,date,impressions,clicks\n{rows}"))
    assert tuple(str(day) for day in ads.day.astype("datetime64[D]")) == read
    assert told in " ".join(map(str, ads.problems))
    assert bool(told) == bool(ads.problems)


def test_a_packed_table_is_read_within_the_limit_and_named_as_it_is(tmp_path: Path) -> None:
    table = "test,creative,impressions,clicks\nt,A,100,4\nt,B,100,40,1,2,3\n" + "t,C,5,9\n" * 50
    packed = tmp_path / "ads.csv.gz"
    packed.write_bytes(gzip.compress(table.encode()))
    ads = read_ads(packed)
    assert ads.creatives[0].id == "A"
    assert {problem.file for problem in ads.problems} == {str(packed)}
    assert read_ads(write(tmp_path, table)).problems[-1].line == ads.problems[-1].line
    for file in (packed, tmp_path / "ads.csv"):
        with pytest.raises(BadFile, match="limit"):
            read_ads(file, limits=Limits(member_mb=0.0003))
    packed.write_bytes(packed.read_bytes()[:40])
    with pytest.raises(BadFile, match=r"ads\.csv\.gz"):
        read_ads(packed)
