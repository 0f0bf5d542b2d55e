"""Questions that mean harm, or nothing: each is answered, or refused in one sentence."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

Draw = Callable[[str, int, str], bytes]

NASTY = [
    "", " ", "\x00", "\x1b[2J\x07", "\u202e\u200b\ufeff", "👩‍👩‍👧‍👦" * 5, "<script>", "../../etc/passwd",
    "'; DROP TABLE variants; --", "%' OR 1=1 --", "color = 'red' or 1 = 1", "${jndi:ldap://x}", "{{7*7}}",
    "NaN", "Infinity", "-0", "红色 under 50 ＲＥＤ שלום", "不要", "without", "under", "9" * 400, "a" * 10_000,
]  # fmt: skip
NUMBERS = [
    0,
    -1,
    1,
    1000,
    1001,
    10**9,
    10**18,
    -(10**18),
    10**30,
    0.5,
    float("nan"),
    float("inf"),
    "7",
    "",
    None,
    True,
    [3],
]


def is_a_sentence(answer: Any) -> bool:
    """Whether a refusal is a problem document that says what is wrong and what to do."""
    told = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert told.keys() == {"type", "title", "status", "detail", "remedy", "instance"}
    assert told["status"] == answer.status_code
    assert told["remedy"]
    return bool(told["detail"]) and "Traceback" not in told["detail"] and len(told["detail"]) < 600


def as_json(asked: dict[str, Any]) -> dict[str, Any]:
    """As Python writes it: with NaN and Infinity, which are no JSON but arrive all the same."""
    return {"content": json.dumps(asked), "headers": {"content-type": "application/json"}}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"weights": {"words": float("nan")}}, "the weight of words is nan"),
        ({"weights": {"words": float("inf")}}, "the weight of words is inf"),
        ({"weights": {"words": -1}}, "the weight of words is -1"),
        ({"weights": {"words": 1000}}, "the weight of words is 1000"),
        ({"weights": {"words": 0}}, "everything that is asked weighs 0"),
        ({"weights": {"size": 2}}, "field 'weights.size': input should be 'words', 'picture' or 'like'"),
        ({"weights": {"words": "much"}}, "field 'weights.words': input should be a valid number"),
        ({"weights": [1, 2]}, "field 'weights': input should be an object"),
        ({"weights": "{words: 2}"}, "field 'weights': input should be an object"),
        ({"k": 0}, "k is 0"),
        ({"k": 10**9}, "k is 1000000000"),
        ({"k": -1}, "k is -1"),
        ({"skip": -1}, "skip is -1"),
        ({"text": "a" * 10_000}, "the question has 10000 characters"),
        ({"unwanted": "b" * 10_000}, "the question has 10000 characters"),
        ({"like": ["Mug-Red"] * 51}, "51 products are examples"),
        ({"like": ["Mug-Red"] * 30, "unlike": ["Mug-Blue"] * 30}, "60 products are examples"),
        ({"like": ["nope"]}, "nope"),
        ({"unlike": ["nope"]}, "nope"),
        ({"box": "main"}, "a box was given without a picture"),
        ({"mode": "keywords", "text": "", "unlike": ["Mug-Red"]}, "keywords cannot find by a picture"),
        ({"where": "colr = 'red'"}, "there is no column 'colr'"),
        ({"where": "'; DROP TABLE variants; --"}, ""),
        ({"where": "color = 'red' or 1 = 1"}, ""),
        ({"where": "color = 'red"}, ""),
        ({"where": "price < 'a'"}, ""),
        ({"where": "(" * 3000}, ""),
        ({"chosen": {"colr": ["Red"]}}, "there is no column 'colr'"),
        ({"chosen": {"color": [1]}}, "field 'chosen.color.0': input should be a valid string"),
        ({"chosen": "{color: Red}"}, "field 'chosen': input should be an object"),
        ({"facets": ["colr"]}, "there is no column 'colr'"),
        ({"facets": ["vector"]}, "there is no column"),
        ({"encoder": "../../etc"}, "this shop was not built with the encoder"),
        ({"colour": "red"}, "there is no field 'colour'"),
    ],
)  # fmt: skip
def test_what_has_no_answer_is_refused_in_a_sentence(
    client: TestClient, asked: dict[str, Any], said: str
) -> None:
    asked = {"text": "red mug", **asked}
    answer = client.post("/v1/search", **as_json(asked))
    assert answer.status_code in (400, 404), answer.text
    assert said in answer.json()["detail"]
    assert is_a_sentence(answer)


@pytest.mark.parametrize(
    ("box", "said"),
    [
        ("0,0,0,0", "has no area"),
        ("nan,0,1,1", "has a number that is not finite"),
        ("0,0,2000,2000", "reaches beyond the picture"),
        ("-0.1,0,1,1", "reaches beyond the picture"),
        ("1,2,3", "is not four numbers"),
        ("the left one", "is not four numbers"),
        ("9" * 5000, "is not four numbers"),
    ],
)
def test_a_box_that_is_none_is_refused_in_a_sentence(
    client: TestClient, draw: Draw, box: str, said: str
) -> None:
    picture = {"image": ("mine", draw("Red", 0, "PNG"))}
    for path in ("/v1/search", "/v1/products/Mug-Red/heat"):
        answer = client.post(path, files=picture, data={"box": box})
        assert answer.status_code == 400
        assert said in answer.json()["detail"]
        assert is_a_sentence(answer)


def test_examples_weights_boxes_and_what_is_not_wanted_say_the_same_in_a_form_and_in_json(
    client: TestClient, draw: Draw
) -> None:
    from base64 import b64encode

    body = draw("Blue", 1, "PNG")
    asked = {"text": "shirt", "box": "0.1,0.1,0.8,0.8", "unwanted": "红色", "k": 20}
    asked |= {"like": ["Shirt-Green", "Jacket-Green"], "unlike": ["Mug-Red", "Lamp-Red"]}
    weights = {"words": 0.25, "picture": 3, "like": 0.5}
    uri = f"data:image/png;base64,{b64encode(body).decode()}"
    by_json = client.post("/v1/search", json={**asked, "weights": weights, "image": uri})
    form = {**asked, "weights": json.dumps(weights)}
    by_form = client.post("/v1/search", data=form, files={"image": ("mine", body)})
    assert by_json.status_code == by_form.status_code == 200, (by_json.text, by_form.text)
    assert {**by_json.json(), "took_ms": 0} == {**by_form.json(), "took_ms": 0}
    found = {hit["product_id"] for hit in by_form.json()["hits"]}
    assert not found & {"Shirt-Green", "Jacket-Green", "Mug-Red", "Lamp-Red"}
    plain = client.post("/v1/search", data={**form, "weights": ""}, files={"image": ("mine", body)})
    scores = [[hit["score"] for hit in answer.json()["hits"]] for answer in (by_form, plain)]
    assert scores[0] != scores[1]


def test_weights_move_what_is_found_between_words_and_picture(client: TestClient, draw: Draw) -> None:
    first = {}
    for name, weights in {"words": {"picture": 0.01}, "picture": {"words": 0.01}}.items():
        asked = {"text": "lamps that are green", "weights": json.dumps(weights), "k": "1"}
        answer = client.post("/v1/search", data=asked, files={"image": ("mine", draw("Red", 0, "PNG"))})
        first[name] = answer.json()["hits"][0]["product_id"]
    assert first == {"words": "Lamp-Green", "picture": "Mug-Red"}


@given(
    fields=st.fixed_dictionaries(
        {},
        optional={
            "text": st.sampled_from(NASTY) | st.text(max_size=40),
            "where": st.sampled_from(NASTY) | st.text(max_size=20),
            "unwanted": st.sampled_from(NASTY),
            "k": st.sampled_from(NUMBERS),
            "skip": st.sampled_from(NUMBERS),
            "mode": st.sampled_from([*NASTY, "hybrid", "keywords", "vector"]),
            "like": st.lists(st.sampled_from([*NASTY, "Mug-Red", "Shirt-Blue-M"]), max_size=3),
            "unlike": st.lists(st.sampled_from([*NASTY, "Mug-Red", "Shirt-Blue-M"]), max_size=3),
            "facets": st.lists(st.sampled_from([*NASTY, "color", "price", "category"]), max_size=3),
            "chosen": st.dictionaries(
                st.sampled_from([*NASTY, "color", "category", "price", "id"]),
                st.sampled_from([*NASTY, "Red", *NUMBERS]) | st.lists(st.sampled_from(NASTY), max_size=2),
                max_size=2,
            ),
            "weights": st.dictionaries(
                st.sampled_from(["words", "picture", "like", "size"]), st.sampled_from(NUMBERS)
            ),
            "literal": st.sampled_from([True, False, *NUMBERS]),
            "encoder": st.sampled_from([*NASTY, "hashed"]),
            "box": st.sampled_from([*NASTY, "main", "0,0,1,1"]),
        },
    )
)
def test_whatever_is_sent_gets_an_answer_or_a_sentence(client: TestClient, fields: dict[str, Any]) -> None:
    several = {name: value for name, value in fields.items() if isinstance(value, list)}
    form = {
        name: json.dumps(value) if isinstance(value, dict) else str(value) for name, value in fields.items()
    }
    for answer in (
        client.post("/v1/search", **as_json(fields)),
        client.post("/v1/search", data={**form, **several}),
    ):
        assert answer.status_code in (200, 400, 404), (fields, answer.text)
        assert answer.status_code == 200 or is_a_sentence(answer)


@pytest.mark.parametrize("text", NASTY)
def test_whatever_is_typed_gets_an_answer_or_a_sentence(client: TestClient, text: str) -> None:
    asked = {"/v1/search": {"q": text}, "/v1/suggest": {"q": text}, "/v1/products/Mug-Red/heat": {"q": text}}
    for path, params in asked.items():
        answer = client.get(path, params=params)
        assert answer.status_code in (200, 400, 404), answer.text
        assert answer.status_code == 200 or is_a_sentence(answer)


def test_ticked_values_say_the_same_in_a_query_string_a_form_and_json(client: TestClient) -> None:
    chosen = {"color": ["red", "green"]}
    by_query = client.get("/v1/search", params={"facet": "color", "chosen": json.dumps(chosen)})
    by_form = client.post("/v1/search", data={"facet": "color", "chosen": json.dumps(chosen)})
    by_json = client.post("/v1/search", json={"facets": ["color"], "chosen": chosen})
    answers = [each.json() for each in (by_query, by_form, by_json)]
    assert len({json.dumps({**each, "took_ms": 0}) for each in answers}) == 1
    counts = {each["value"]: each["count"] for each in answers[0]["facets"]["color"]}
    assert answers[0]["total"] < sum(counts.values())
    for wrong in ("{color: red}", "[1]", '{"color": 3}', '{"color": [[1]]}'):
        told = client.get("/v1/search", params={"chosen": wrong})
        assert told.status_code == 400
        assert "chosen" in told.json()["detail"]
    told = client.get("/v1/search", params={"chosen": '{"colour": ["red"]}'})
    assert told.status_code == 400
    assert "there is no column 'colour' to count" in told.json()["detail"]


def test_who_reads_chinese_is_told_in_chinese_what_to_do(client: TestClient) -> None:
    for sent, advice in (({"k": "0"}, "请缩短关键词"), ({"where": "price <"}, "筛选条件")):
        told = client.get("/v1/search", params=sent, headers={"Accept-Language": "zh-CN"}).json()
        assert advice in told["remedy"]
        assert client.get("/v1/search", params=sent).json()["remedy"].isascii()


def test_a_field_of_another_route_is_no_misspelling(client: TestClient) -> None:
    told = client.get("/v1/products/A1/heat", params={"q": "mug", "k": "3"}).json()
    assert told["detail"] == "there is no field 'k' here"
