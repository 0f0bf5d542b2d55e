"""What /v1/read/feedback answers."""

import pytest
from fastapi.testclient import TestClient

ROUTE = "/v1/read/feedback"
ROWS = [
    {
        "text": "The size runs small. Call Jane Porter at 415-555-2671" if number % 2 else "面料很舒服",
        "rating": 2 if number % 2 else 5,
        "time": f"2026-03-{number + 1:02}",
        "product": "A1",
        "segments": {"country": "US" if number % 2 else "CN"},
    }
    for number in range(20)
]


def test_rows_become_themes_without_personal_data(client: TestClient) -> None:
    answer = client.post(ROUTE, json={"rows": ROWS})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert {(theme["topic"], theme["polarity"]) for theme in told["themes"]} >= {
        ("size", "negative"),
        ("fabric", "positive"),
    }
    assert told["outcome"] == {"rows": 20, "redacted": 10}
    assert (told["mean_rating"]["value"], told["first"], told["last"]) == (3.5, "2026-03-01", "2026-03-20")
    assert "Porter" not in answer.text
    assert "555" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"rows": []},
        {"rows": [{"rating": 3}]},
        {"rows": [{"text": "x", "mood": 1}]},
        {"rows": [{"text": "x"}] * 5001},
    ],
)
def test_what_is_no_feedback_is_refused(client: TestClient, body: dict[str, object]) -> None:
    answer = client.post(ROUTE, json=body)
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("application/problem+json")
