"""What /v1/read/attributes answers."""

import base64
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

ROUTE = "/v1/read/attributes"


def test_words_and_a_picture_are_read_with_what_speaks_for_each(
    client: TestClient, draw: Callable[[str, int, str], bytes]
) -> None:
    image = "data:image/jpeg;base64," + base64.b64encode(draw("Red", 0, "JPEG")).decode()
    goods = [{"title": "男士纯棉T恤 2件装"}, {"title": "Red mug", "image": image}, {}]
    answer = client.post(ROUTE, json={"goods": goods})
    assert answer.status_code == 200, answer.text
    words, both, empty = answer.json()["goods"]
    assert words["attributes"]["material"]["label"] == "cotton"
    assert words["attributes"]["quantity"]["amount"] == {"count": 2, "each": 1, "unit": "piece", "total": 2}
    assert both["attributes"]["color"]["label"] == "red"
    assert {piece["part"] for piece in both["attributes"]["color"]["evidence"]} == {"words", "picture"}
    assert empty == {"attributes": {}, "doubt": "empty"}


def test_only_the_facets_asked_for_are_read(client: TestClient) -> None:
    asked = {"goods": [{"title": "Red cotton shirt"}], "facets": ["material"], "sure": 0.95}
    said = client.post(ROUTE, json=asked).json()["goods"][0]["attributes"]
    assert list(said) == ["material"]
    assert (said["material"]["label"], said["material"]["doubt"]) == (None, "unsure")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"goods": []}, "goods"),
        ({"goods": [{"title": "x"}] * 33}, "goods"),
        ({"goods": [{"title": "x"}], "facets": ["flavour"]}, "facets"),
        ({"goods": [{"image": "data:image/png;base64,AAAA"}]}, "picture"),
        ({"goods": [{"image": "no uri"}]}, "data URI"),
    ],
)
def test_what_cannot_be_meant_is_a_problem_document(
    client: TestClient, body: dict[str, object], said: str
) -> None:
    answer = client.post(ROUTE, json=body)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.text
