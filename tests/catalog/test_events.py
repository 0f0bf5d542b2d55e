"""UBI queries and events as shops log them, and as nobody should."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.catalog.events import Search, read_events
from duomo.errors import BadFile, MissingFile


def query(
    id: str, text: object = "red mug", hits: object = ("A", "B", "C"), **more: object
) -> dict[str, object]:
    return {"query_id": id, "user_query": text, "query_response_hit_ids": hits, "client_id": "jo", **more}


def event(
    id: str, action: object, object_id: object, ordinal: object = 1, **more: object
) -> dict[str, object]:
    attributes = {"object": {"object_id": object_id}, "position": {"ordinal": ordinal}}
    return {"query_id": id, "action_name": action, "event_attributes": attributes, "user_id": "jo", **more}


def write(path: Path, *records: object) -> Path:
    lines = [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in records]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def search(text: str, shown: str, **actions: str) -> Search:
    done = {id: frozenset(names.split()) for id, names in actions.items()}
    return Search(text=text, shown=tuple(shown), actions=done)  # type: ignore[arg-type]  # names are Actions


def test_queries_and_events_become_searches_in_one_file_or_two(tmp_path: Path) -> None:
    queries = [query("q1"), query("q2", "马克杯", ["B"]), query("q3", hits=[])]
    events = [
        event("q1", "click", "B", 2),
        event("q1", "add_to_cart", "B", 2),
        event("q1", "click", "B", 2),
        event("q2", "Click-Through", "B"),
        event("q2", "购买", "B"),
    ]
    wanted = (search("red mug", "ABC", B="click cart"), search("马克杯", "B", B="click purchase"))
    both = write(tmp_path / "both.jsonl", *events, *queries)
    assert read_events(both).searches == wanted
    two = write(tmp_path / "q.jsonl", *queries), write(tmp_path / "e.jsonl", *events)
    found = read_events(*two)
    assert (found.searches, found.rows, found.skipped) == (wanted, 8, 0)
    assert "searches that do not say what was shown were not counted: 1" in str(found.problems[-1])


def test_who_searched_is_not_kept(tmp_path: Path) -> None:
    found = read_events(write(tmp_path / "u.jsonl", query("q1"), event("q1", "click", "A"), "{broken jo"))
    assert "jo" not in repr(found)


def test_what_was_on_the_screen_comes_before_what_was_answered(tmp_path: Path) -> None:
    records = [
        query("q1", hits=list("ABCDEFG")),
        event("q1", "impression", "B", 10),
        event("q1", "impression", "A", 2),
    ]
    records += [event("q1", "click", "B"), event("q1", "click", "G")]
    found = read_events(write(tmp_path / "u.jsonl", *records))
    assert found.searches == (search("red mug", "AB", B="click"),)
    assert "clicks on what their search had not shown were not counted: 1" in str(found.problems[-1])


def test_a_second_page_of_a_query_follows_the_first(tmp_path: Path) -> None:
    path = write(tmp_path / "u.jsonl", query("q1", hits=["A", "B"]), query("q1", hits=["B", "C"]))
    assert read_events(path).searches == (search("red mug", "ABC"),)


def test_exports_of_opensearch_and_numbers_as_ids_are_read(tmp_path: Path) -> None:
    records = [
        {"_index": "ubi_queries", "_id": "x", "_source": query("q1", hits=[17, "18"])},
        {"_index": "ubi_events", "_id": "y", "_source": event("q1", "click", 17)},
        {"query_id": "q1", "action_name": "purchase", "event_attributes.object.object_id": "18"},
    ]
    done = {"17": frozenset({"click"}), "18": frozenset({"purchase"})}
    found = read_events(write(tmp_path / "u.jsonl", *records)).searches
    assert found == (Search(text="red mug", shown=("17", "18"), actions=done),)  # type: ignore[arg-type]  # names of Actions


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ("not json", "line 2: is not a JSON object"),
        ("[1, 2]", "line 2: is not a JSON object"),
        ("[" * 100_000, "line 2: is not a JSON object"),
        ({"a": 1}, "line 2: is neither a query nor an event of UBI"),
        (query(""), "line 2: query_id is a query without an id"),
        (query("q9", {"no": "text"}), "line 2: user_query is no text of 1 to 2000 characters"),
        (query("q9", "x" * 2001), "line 2: user_query is no text of 1 to 2000 characters"),
        (query("q9", "\x00 \u200b"), "line 2: user_query is no text of 1 to 2000 characters"),
        (query("q1", "blue jug"), "line 2: user_query belongs to a query_id that had other words before"),
        (query("q9", hits="A"), "line 2: query_response_hit_ids is no list of ids"),
        (event("q1", [7], "A"), "line 2: action_name is no text"),
        (event("q1", "click", None), "line 2: object_id names no product"),
        (event("q1", "click", {"a": ["b"]}), "line 2: object_id names no product"),
        (
            {"action_name": "click", "query_id": "q1", "event_attributes": 3},
            "line 2: object_id names no product",
        ),
    ],
)
def test_a_row_that_cannot_be_used_is_counted_and_named(tmp_path: Path, record: object, said: str) -> None:
    found = read_events(write(tmp_path / "u.jsonl", query("q1"), record, event("q1", "click", "A")))
    assert found.searches == (search("red mug", "ABC", A="click"),)
    assert (found.rows, found.skipped) == (3, 1)
    assert said in str(found.problems[0])


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (event("q1", "page_exit", "A"), "action_name 'page_exit' was not counted: 1"),
        (event("q1", "view", "A"), "action_name 'view' was not counted: 1"),
        (event("", "click", "A"), "action_name 'click without a query_id' was not counted"),
        (event("q1", "impression", "A", "NaN"), ""),
        (event("q7", "click", "A"), "searches with events but without a query were not counted: 1"),
    ],
)
def test_what_is_not_counted_is_told(tmp_path: Path, record: object, said: str) -> None:
    found = read_events(write(tmp_path / "u.jsonl", query("q1"), record))
    assert len(found.searches) == 1
    assert found.skipped == 0
    assert said in " ".join(map(str, found.problems))


def test_a_file_that_is_not_what_it_claims_stops_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match="there is no file"):
        read_events(tmp_path / "none.jsonl")
    with pytest.raises(BadFile, match="holds no UBI query and no UBI event"):
        read_events(write(tmp_path / "csv", "sku,title", "A,mug"))
    with pytest.raises(BadFile, match=r"holds no query\. Name the file of ubi_queries"):
        read_events(write(tmp_path / "e.jsonl", event("q1", "click", "A")))
    with pytest.raises(BadFile, match="no query says what was shown"):
        read_events(write(tmp_path / "q.jsonl", query("q1", hits=None)))
    with pytest.raises(BadFile, match="more than the limit"):
        read_events(write(tmp_path / "q.jsonl", query("q1")), limit_mb=0.00001)


def test_gb18030_is_read_and_told(tmp_path: Path) -> None:
    path = tmp_path / "u.jsonl"
    path.write_bytes(json.dumps(query("q1", "马克杯"), ensure_ascii=False).encode("gb18030"))
    found = read_events(path)
    assert found.searches[0].text == "马克杯"
    assert "GB18030" in str(found.problems[0])


NAMES = st.sampled_from(
    [
        "query_id",
        "user_query",
        "query_response_hit_ids",
        "action_name",
        "event_attributes",
        "object",
        "_source",
    ]
) | st.text(max_size=3)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(NAMES, JSON, max_size=5), max_size=5))
def test_any_json_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, records: list[object]) -> None:
    path = write(tmp_path_factory.mktemp("any") / "u.jsonl", query("q1"), *records)
    found = read_events(path)
    assert found.rows == 1 + len(records)
    assert all(set(one.actions) <= set(one.shown) for one in found.searches)
