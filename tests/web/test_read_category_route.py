"""What /v1/read/category answers."""

import base64
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

ROUTE = "/v1/read/category"


def test_goods_are_sorted_into_labels_in_either_language(client: TestClient) -> None:
    goods = [{"title": "Floral summer dress"}, {"title": "黑色跑鞋"}, {}]
    answer = client.post(ROUTE, json={"goods": goods, "labels": ["连衣裙", "Shoes > Running shoes"]})
    assert answer.status_code == 200, answer.text
    first, second, empty = answer.json()["goods"]
    assert (first["label"], second["label"]) == ("连衣裙", "Shoes > Running shoes")
    assert first["alternatives"][0]["label"] == "Shoes > Running shoes"
    assert (empty["label"], empty["doubt"]) == (None, "empty")


def test_without_labels_the_categories_of_the_shop_are_chosen_from(
    client: TestClient, draw: Callable[[str, int, str], bytes]
) -> None:
    image = "data:image/jpeg;base64," + base64.b64encode(draw("Red", 0, "JPEG")).decode()
    goods = [{"title": "Red mug, cup 马克杯", "image": image}]
    answer = client.post(ROUTE, json={"goods": goods, "evidence": True})
    assert answer.status_code == 200, answer.text
    (said,) = answer.json()["goods"]
    assert said["label"] == "Kitchen > Cups"
    assert {piece["part"] for piece in said["evidence"]} <= {"words", "picture"}


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"goods": []}, 400, "goods"),
        ({"goods": [{"title": "x"}], "labels": ["one"]}, 400, "there is 1 label to choose from"),
        ({"goods": [{"title": "x"}], "label": "../"}, 400, "no label can be called"),
        (
            {"goods": [{"title": "x", "image": "data:image/png;base64,AAAA"}], "labels": ["a", "b"]},
            400,
            "picture",
        ),
        (
            {"goods": [{"titel": "x"}]},
            400,
            "Did you mean 'title'? Known: brand, category, description, image, title",
        ),
        (
            {"goods": [{"title": "x"}], "lables": ["a"]},
            400,
            "Did you mean 'labels'? Known: evidence, goods, label, labels, sure",
        ),
    ],
)
def test_what_cannot_be_answered_is_a_problem_document(
    client: TestClient, body: dict[str, object], status: int, said: str
) -> None:
    answer = client.post(ROUTE, json=body)
    assert answer.status_code == status, answer.text
    assert said in answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
