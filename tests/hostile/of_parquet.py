"""Parquet that lies, or that holds what no product has."""

import struct
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from files import of
from table import Case

KEPT = r"A B Z; 0 left out"
BROKEN = r"BadFile: FOLDER/products\.parquet is a broken Parquet file .*Export it again\."


def parquet(columns: dict[str, Any], **options: Any) -> bytes:
    """A file of these columns."""
    page = BytesIO()
    pq.write_table(pa.table(columns), page, **options)
    return page.getvalue()


def goods(**more: Any) -> bytes:
    """Three products, with further columns."""
    return parquet({"sku": ["A", "B", "Z"], "title": ["Mug", "Lamp", "杯子"], **more})


def _of(
    name: str, content: bytes | Callable[[], bytes], says: str, most_mb: float = 100.0, *, slow: bool = False
) -> Case:
    return of(name, content, says, file="products.parquet", most_mb=most_mb, slow=slow)


def _nested(depth: int) -> bytes:
    kind: Any = pa.string()
    value: Any = "x"
    for _ in range(depth):
        kind, value = pa.list_(kind), [value]
    return goods(deep=pa.array([None, value, None], kind))


def _structs(depth: int) -> bytes:
    kind: Any = pa.string()
    value: Any = "x"
    for _ in range(depth):
        kind, value = pa.struct([("a", kind)]), {"a": value}
    return goods(deep=pa.array([None, value, None], kind))


def _footer(length: int) -> bytes:
    return goods()[:-8] + struct.pack("<I", length) + b"PAR1"


def _damaged(share: float, new: bytes) -> bytes:
    body = goods()
    at = int(len(body) * share)
    return body[:at] + new + body[at + len(new) :]


CASES = [
    _of("the beginning alone", b"PAR1", BROKEN),
    _of("beginning and end alone", b"PAR1PAR1", BROKEN),
    _of("a footer that was cut off", goods()[:-20], BROKEN),
    _of("a footer of 4 GB", _footer(2**32 - 1), BROKEN),
    _of("a footer of 2 GB", _footer(2**31 - 1), BROKEN),
    _of("a footer of no bytes", _footer(0), BROKEN),
    _of("another end", goods()[:-4] + b"PARE", BROKEN),
    _of(
        "zeros where the footer should be",
        lambda: b"PAR1" + b"\0" * 100_000 + struct.pack("<I", 100_000) + b"PAR1",
        BROKEN,
    ),
    _of(
        "noise where the footer should be",
        lambda: b"PAR1" + bytes((n * 7919) % 256 for n in range(5_000)) + struct.pack("<I", 5_000) + b"PAR1",
        BROKEN,
    ),
    _of("pages that are noise", lambda: goods()[:4] + b"\xff" * 60 + goods()[64:], BROKEN),
    _of("a page header that claims 2 billion bytes", lambda: _damaged(0.02, b"\xfe\xff\xff\xff\x0f"), BROKEN),
    _of("lists 50 deep", lambda: _nested(50), BROKEN),
    _of("lists 400 deep", lambda: _nested(400), BROKEN),
    _of("structures 50 deep", lambda: _structs(50), KEPT),
    _of("structures 400 deep", lambda: _structs(400), BROKEN),
    _of(
        "200,000 equal rows in 10 kB",
        lambda: parquet(
            {
                "sku": pa.array(["A"] * 200_000).dictionary_encode(),
                "title": pa.array(["Mug"] * 200_000).dictionary_encode(),
            }
        ),
        r"A; 199999 left out .*",
        most_mb=500,
        slow=True,
    ),
    _of(
        "a text of 100 MB that packs to nothing",
        lambda: parquet(
            {"sku": ["A", "B", "Z"], "title": ["Mug", "x" * 100_000_000, "杯子"]}, compression="zstd"
        ),
        r"A Z; 1 left out / .* has a cell of more than 1,000,000 characters\. .*",
        most_mb=500,
        slow=True,
    ),
    _of(
        "2,000 long texts that pack to nothing",
        lambda: parquet(
            {
                "sku": [f"A{n}" for n in range(2_000)],
                "title": pa.array(["x" * 900_000]).dictionary_encode().take(pa.array([0] * 2_000)),
            },
            compression="zstd",
        ),
        r"BadFile: .* unpacks to more than 200 times its size\. .*",
        most_mb=500,
        slow=True,
    ),
    _of(
        "a dictionary of 100,000 values that nothing uses",
        lambda: goods(
            color=pa.DictionaryArray.from_arrays(
                pa.array([0, 1, 2], pa.int32()), pa.array([f"c{n}" for n in range(100_000)])
            )
        ),
        KEPT,
    ),
    _of(
        "10,001 columns",
        lambda: goods(**{f"c{n}": [1, 2, 3] for n in range(10_001)}),
        r"BadFile: .* has 10,003 columns, more than 10,000\. .*",
        most_mb=300,
    ),
    _of("a column without a name", lambda: goods(**{"": [1, 2, 3]}), KEPT),
    _of(
        "a column named by a NUL",
        lambda: goods(**{"\0": [1, 2, 3]}),
        r"A B Z; 0 left out / .* has no letter or digit in its name.*",
    ),
    _of("two columns of one name", lambda: _twice(), r".*stands there 2 times; the last counts.*"),
    _of(
        "dates beyond all calendars",
        lambda: goods(made=pa.array([0, 2**50, -(2**50)], pa.timestamp("s"))),
        KEPT,
    ),
    _of("nanoseconds", lambda: goods(made=pa.array([0, 2**62, -(2**62)], pa.timestamp("ns"))), KEPT),
    _of(
        "a time zone that does not exist",
        lambda: goods(made=pa.array([0, 1, 2], pa.timestamp("s", tz="Mars/Olympus"))),
        r"BadFile: .*Mars/Olympus.*",
    ),
    _of("a duration", lambda: goods(lasts=pa.array([0, 2**50, 1], pa.duration("s"))), KEPT),
    _of(
        "decimals of 76 digits",
        lambda: goods(price=pa.array([None, 10**75, 1], pa.decimal256(76))),
        r"A B Z; 0 left out / .* is too large for a price\. .*",
    ),
    _of(
        "not a number, and infinity",
        lambda: goods(price=[float("nan"), float("inf"), float("-inf")]),
        r"A B Z; 0 left out / .*",
    ),
    _of("half-precision numbers", lambda: goods(weight=pa.array([1.5, 2.5, 3.5], pa.float16())), KEPT),
    _of(
        "pictures as bytes",
        lambda: goods(image=[b"\xff\xd8\xff", b"\0" * 1000, None]),
        r"A B Z; 0 left out.*",
    ),
    _of("bytes that are no UTF-8, as text", lambda: goods(note=[b"\xff\xfe", b"\x81", None]), KEPT),
    _of(
        "a map", lambda: goods(extra=pa.array([[("a", 1)], [], None], pa.map_(pa.string(), pa.int64()))), KEPT
    ),
    _of(
        "no rows",
        lambda: parquet({"sku": pa.array([], pa.string()), "title": pa.array([], pa.string())}),
        r"nothing; 0 left out",
    ),
    _of("no columns", lambda: parquet({}), r"BadFile: .* no column holds ids or titles.*"),
]


def _twice() -> bytes:
    page = BytesIO()
    names = ["sku", "title", "color", "color"]
    pq.write_table(
        pa.Table.from_arrays(
            [pa.array(["A"]), pa.array(["Mug"]), pa.array(["red"]), pa.array(["blue"])], names
        ),
        page,
    )
    return page.getvalue()
