"""What /v1/read/ads answers."""

import numpy as np
import pytest
from fastapi.testclient import TestClient

ROUTE = "/v1/read/ads"


def rows(days: int = 14) -> list[dict[str, object]]:
    rng = np.random.default_rng(1)
    return [
        {"test": "春季", "creative": name, "copy": copy, "date": f"2026-03-{day:02d}", "impressions": 2000}
        | {"clicks": int(rng.binomial(2000, rate)), "spend": 30.5}
        for day in range(1, days + 1)
        for name, copy, rate in (("A", "新款连衣裙", 0.03), ("B", "百搭连衣裙", 0.045))
    ]


def test_creatives_are_compared_within_their_tests(client: TestClient) -> None:
    answer = client.post(ROUTE, json={"rows": rows()})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    (one,) = told["compared"]
    assert (one["verdict"], one["leader"], one["test"]) == ("sure", "B", "春季")
    assert one["creatives"][0]["copy"] == "百搭连衣裙"
    assert (told["rows"], told["skipped"], told["totals"]["impressions"]) == (28, 0, 56_000)
    assert told["drivers"] == []
    assert {each["creative"] for each in told["fatigue"]} == {"A", "B"}


def test_a_row_that_cannot_be_true_is_told_by_its_number(client: TestClient) -> None:
    answer = client.post(ROUTE, json={"rows": [*rows(), {"creative": "C", "impressions": 5, "clicks": 9}]})
    told = answer.json()
    assert told["skipped"] == 1
    assert told["problems"][0]["line"] == 29
    assert "more than the impressions" in told["problems"][0]["problem"]


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"rows": []}, 400, "rows"),
        ({"rows": [{"creative": "A", "impressions": 5}]}, 400, "there is no column 'clicks'"),
        ({"rows": [{"creative": "A", "impressions": 5, "clicks": 9}]}, 400, "no row that can be used"),
        ({"rows": rows(), "matters": 0}, 400, "matters"),
        ({"rows": rows(), "predict": [{"copy": "新品"}]}, 404, "duomo train ads"),
    ],
)
def test_what_cannot_be_answered_says_why(
    client: TestClient, body: dict[str, object], status: int, said: str
) -> None:
    answer = client.post(ROUTE, json=body)
    assert answer.status_code == status, answer.text
    assert said in answer.text
