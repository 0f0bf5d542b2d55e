"""POST /v1/read/aspects."""

from fastapi.testclient import TestClient


def test_texts_are_read_in_their_order(client: TestClient) -> None:
    texts = ["The battery life is terrible.", "屏幕非常清晰。", ""]
    answer = client.post("/v1/read/aspects", json={"texts": texts})
    assert answer.status_code == 200, answer.text
    bad, good, none = answer.json()["readings"]
    assert [each["group"] for each in bad["opinions"]] == ["battery"]
    assert bad["opinions"][0]["polarity"] == "negative"
    start, end = good["opinions"][0]["aspect_span"]
    assert texts[1][start:end] == good["opinions"][0]["aspect"]
    assert none == {"opinions": [], "doubt": "empty"}


def test_a_client_names_its_own_aspects(client: TestClient) -> None:
    asked = {"texts": ["The battery life is terrible."], "aspects": {"power pack": ["battery", "电池"]}}
    (said,) = client.post("/v1/read/aspects", json=asked).json()["readings"]
    assert [each["group"] for each in said["opinions"]] == ["power pack"]


def test_more_than_a_hundred_texts_are_refused(client: TestClient) -> None:
    answer = client.post("/v1/read/aspects", json={"texts": ["good"] * 101})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"].startswith("application/problem+json")
