"""POST /v1/read/sentiment."""

from fastapi.testclient import TestClient


def test_texts_are_read_in_their_order(client: TestClient) -> None:
    texts = ["质量很好，非常满意", "Terrible, it broke after two days", ""]
    answer = client.post("/v1/read/sentiment", json={"texts": texts, "evidence": True})
    assert answer.status_code == 200, answer.text
    good, bad, none = answer.json()["readings"]
    assert [good["label"], bad["label"], none["label"]] == ["positive", "negative", None]
    assert none["doubt"] == "empty"
    assert good["positive"] > 0.5 > bad["positive"]
    piece = bad["evidence"][0]
    assert texts[1][piece["start"] : piece["end"]] == piece["text"]


def test_more_than_a_hundred_texts_are_refused(client: TestClient) -> None:
    answer = client.post("/v1/read/sentiment", json={"texts": ["good"] * 101})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_a_name_that_is_not_known_is_refused(client: TestClient) -> None:
    assert client.post("/v1/read/sentiment", json={"texts": [], "quick": True}).status_code in (400, 422)
