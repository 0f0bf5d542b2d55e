"""What /v1/search and /v1/columns answer."""

import base64
import time
from base64 import b64encode
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from duomo.hits import Facet, FacetValue
from duomo.web.offered import choose

Draw = Callable[[str, int, str], bytes]

FIELDS = {
    "product_id", "variant_id", "title", "score", "why", "brand", "category", "price", "list_price",
    "availability", "images", "variants", "attributes", "options", "widened",
}  # fmt: skip


def found(client: TestClient, **asked: Any) -> dict[str, Any]:
    answer = client.get("/v1/search", params=asked)
    assert answer.status_code == 200, answer.text
    parsed: dict[str, Any] = answer.json()
    return parsed


def test_a_search_by_words_gives_hits_totals_facets_and_reasons(client: TestClient) -> None:
    answer = found(client, q="red shirt", k=3, facet=["color", "brand"])
    assert answer.keys() == {"hits", "total", "facets", "understood", "took_ms"}
    first = answer["hits"][0]
    assert first.keys() == FIELDS
    assert first["title"] == "Red Shirt"
    assert first["price"] == {"amount": 25.0, "currency": "USD", "text": "25.00 USD"}
    assert first["category"] == ["Apparel", "Tops"]
    assert first["options"] == {"size": ["S", "M", "L"]}
    assert first["variants"] == 3
    assert set(first["why"]["words"]) >= {"red", "shirt"}
    assert first["score"] == pytest.approx(sum(part["share"] for part in first["why"]["parts"]), abs=1e-5)
    assert {"value", "count"} == answer["facets"]["color"][0].keys()


def test_chinese_words_find_what_they_name(client: TestClient) -> None:
    answer = found(client, q="马克杯", k=5, mode="keywords")
    assert {hit["title"].split()[1] for hit in answer["hits"]} == {"Mug"}


def test_pages_follow_one_another_without_a_gap(client: TestClient) -> None:
    whole = [hit["product_id"] for hit in found(client, q="shirt", k=12)["hits"]]
    parts = [found(client, q="shirt", k=4, skip=skip)["hits"] for skip in (0, 4, 8)]
    assert [hit["product_id"] for part in parts for hit in part] == whole


@given(
    words=st.sampled_from(["", "red", "shirt", "mug red", "衬衫", "blue jacket lamp"]),
    mode=st.sampled_from(["hybrid", "keywords", "vector"]),
    column=st.sampled_from(["color", "brand", "category", "size", "price"]),
    where=st.sampled_from(["", "price < 50", "color in ('Red', 'Blue')"]),
)
def test_the_number_beside_a_facet_value_is_the_total_after_choosing_it(
    client: TestClient, words: str, mode: str, column: str, where: str
) -> None:
    before = found(client, q=words, mode=mode, where=where, facet=column, k=1)
    for value in before["facets"][column]:
        quoted = value["value"].replace("'", "''")
        chosen = f"{where} and {column} = '{quoted}'" if where else f"{column} = '{quoted}'"
        assert found(client, q=words, mode=mode, where=chosen, k=1)["total"] == value["count"]


def test_json_and_a_form_and_a_query_string_give_the_same_answer(client: TestClient) -> None:
    by_query = found(client, q="red", where="price < 50", k=2, facet=["color", "size"])
    asked = {"text": "red", "where": "price < 50", "k": 2, "facets": ["color", "size"]}
    for answer in (client.post("/v1/search", json=asked), client.post("/v1/search", data=asked)):
        assert answer.status_code == 200
        assert {**answer.json(), "took_ms": 0} == {**by_query, "took_ms": 0}


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_a_picture_in_a_form_finds_the_product_it_shows(client: TestClient, draw: Draw, format: str) -> None:
    body = draw("Red", 0, format)
    answer = client.post("/v1/search", files={"image": ("mine", body)}, data={"k": "3"})
    assert answer.status_code == 200
    assert answer.json()["hits"][0]["product_id"] == "Mug-Red"
    assert "picture" in {part["name"] for part in answer.json()["hits"][0]["why"]["parts"]}


def test_a_hit_says_which_of_its_pictures_it_was_found_by(client: TestClient, draw: Draw) -> None:
    for kind, place in {3: 0, 4: 1}.items():
        answer = client.post("/v1/search", files={"image": ("mine", draw("Blue", kind, "PNG"))})
        first = answer.json()["hits"][0]
        assert first["product_id"] == "Lamp-Blue"
        assert first["images"][place] == f"/v1/pictures/{first['why']['picture']}"
        assert client.get(first["images"][place]).status_code == 200
    assert found(client, q="lamp")["hits"][0]["why"]["picture"] == ""


def test_a_picture_as_a_data_uri_finds_the_same_as_in_a_form(client: TestClient, draw: Draw) -> None:
    body = draw("Blue", 3, "PNG")
    uri = "data:image/png;base64," + base64.b64encode(body).decode()
    by_uri = client.post("/v1/search", json={"image": uri, "k": 4}).json()
    by_form = client.post("/v1/search", files={"image": ("a.png", body)}, data={"k": "4"}).json()
    assert by_uri["hits"] == by_form["hits"]
    assert by_uri["hits"][0]["product_id"] == "Lamp-Blue"


def test_an_example_finds_others_and_not_itself(client: TestClient) -> None:
    hits = found(client, like="Shirt-Red-M", k=5)["hits"]
    assert hits
    assert "Shirt-Red" not in {hit["product_id"] for hit in hits}


def test_hits_from_outside_the_result_set_are_marked_and_not_counted(client: TestClient) -> None:
    answer = found(client, q="red mug", mode="keywords", where="color = 'Blue' or color = 'Red'", k=20)
    assert answer["total"] == sum(not hit["widened"] for hit in answer["hits"])


def test_the_columns_are_listed_with_good_facets_first(client: TestClient) -> None:
    columns = client.get("/v1/columns").json()["columns"]
    assert [column["name"] for column in columns if column["facet"]] == ["category", "brand", "color", "size"]
    assert all(column["facet"] for column in columns[:4])
    kinds = {column["name"]: column["kind"] for column in columns}
    assert kinds["price"] == "number"
    assert kinds["category"] == "path"
    assert not any(kind in ("vector", "hidden") for kind in kinds.values())


def facet(column: str, *counts: int, values: tuple[str, ...] = ()) -> Facet:
    names = values or tuple(f"v{n}" for n in range(len(counts)))
    found = tuple(FacetValue(value=v, count=n) for v, n in zip(names, counts, strict=True))
    return Facet(column=column, values=found)


def test_flags_names_and_rare_columns_are_not_offered_as_facets() -> None:
    facets = [
        facet("size", 3, 2),
        facet("brand", 10),
        facet("material", 5, 4),
        facet("new", 6, 4, values=("Yes", "No")),
        facet("rare", 1, 1),
        facet("name", *([1] * 41)),
        *(facet(f"full{n}", 6, 4) for n in range(4)),
    ]
    offered = choose({each.column: each for each in facets}, 100 // 10)
    assert offered == ("size", "full0", "full1", "full2", "full3")


# What cannot be answered


@pytest.mark.parametrize(
    ("asked", "name", "detail", "remedy"),
    [
        ({"where": "colr = 'Red'"}, "bad-filter", "there is no column 'colr'", "Did you mean 'color'?"),
        ({"facet": "colr"}, "bad-query", "there is no column 'colr' to count", "Columns: "),
        ({"k": "0"}, "bad-query", "k is 0", "Ask for 1 to 1000 products a page"),
        ({"k": "many"}, "bad-request", "field 'k': input should be a valid integer", "Correct it"),
        ({"mode": "fast"}, "bad-request", "input should be 'hybrid', 'keywords' or 'vector'", "Correct it"),
        ({"were": "price < 5"}, "bad-request", "there is no field 'were'", "Did you mean 'where'?"),
        ({"q": "a" * 2001}, "bad-query", "the question has 2001 characters", "at most 2000"),
    ],
)  # fmt: skip
def test_a_search_that_cannot_be_answered_says_what_is_wrong_and_what_to_do(
    client: TestClient, asked: dict[str, str], name: str, detail: str, remedy: str
) -> None:
    answer = client.get("/v1/search", params=asked)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == f"urn:duomo:problem:{name}"
    assert detail in problem["detail"]
    assert remedy in problem["remedy"]


@pytest.mark.parametrize(
    ("image", "detail"),
    [
        ("photo.jpg", "the image is not a base64 data URI"),
        ("/etc/passwd", "the image is not a base64 data URI"),
        ("data:text/html;base64,AAAA", "the image is not a base64 data URI of a picture"),
        ("data:image/png,AAAA", "the image is not a base64 data URI of a picture"),
        ("data:image/" + "x" * 100 + ";base64,AAAA", "the image is not a base64 data URI of a picture"),
        ("data:image/png;base64,A", "the image is not valid base64"),
        ("data:image/png;base64,AA==AA==", "the image is not valid base64"),
        ("data:image/png;base64,AA AA", "the image is not valid base64"),
        ("data:image/png;base64,\u4e2d\u6587", "the image is not valid base64"),
        ("data:image/png;base64,AAAA", "not a picture"),
    ],
)
def test_an_image_in_json_is_a_data_uri_and_never_a_path(client: TestClient, image: str, detail: str) -> None:
    answer = client.post("/v1/search", json={"image": image})
    assert answer.status_code == 400
    assert answer.json()["title"] == "The picture cannot be opened"
    assert detail in answer.json()["detail"]


@pytest.mark.parametrize("unit", ["a", ";a", "data:image/", ";base64", ","])
def test_a_long_text_that_is_no_data_uri_is_refused_at_once(client: TestClient, unit: str) -> None:
    uri = "data:" + unit * (900_000 // len(unit))
    started = time.perf_counter()
    assert client.post("/v1/search", json={"image": uri}).status_code == 400
    assert time.perf_counter() - started < 1  # the square of its length would be minutes


def test_the_head_of_a_data_uri_is_read_whatever_its_case(client: TestClient, draw: Draw) -> None:
    uri = "Data:Image/PNG;BASE64," + base64.b64encode(draw("Blue", 3, "PNG")).decode()
    assert client.post("/v1/search", json={"image": uri, "k": 1}).status_code == 200


def test_a_column_named_often_is_counted_once_and_its_values_are_whole(client: TestClient) -> None:
    asked = {"facet": ["title", "color"] * 500}
    started = time.perf_counter()
    answer = client.get("/v1/search", params=asked)
    assert time.perf_counter() - started < 1
    assert {name: len(values) for name, values in answer.json()["facets"].items()} == {
        "title": 20,
        "color": 5,
    }
    assert client.post("/v1/search", json={"facets": ["color"] * 1000}).status_code == 200


def test_too_many_facets_are_refused_in_words(client: TestClient) -> None:
    many = [f"column{n}" for n in range(21)]
    for answer in (
        client.get("/v1/search", params={"facet": many}),
        client.post("/v1/search", json={"facets": many}),
        client.post("/v1/search", data={"facets": many}),
    ):
        assert answer.status_code == 400
        assert answer.json()["detail"] == "21 columns are to be counted"
        assert answer.json()["remedy"] == "Ask for at most 20 facets at once"


def test_a_file_that_is_no_picture_is_refused_in_words(client: TestClient) -> None:
    answer = client.post("/v1/search", files={"image": ("a.jpg", b"%PDF-1.7 not a picture")})
    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:duomo:problem:bad-picture"
    assert answer.json()["remedy"]


def test_a_picture_that_did_not_arrive_is_no_search_for_everything(client: TestClient) -> None:
    answer = client.post("/v1/search", files={"image": ("a.jpg", b"")})
    assert answer.status_code == 400
    assert answer.json()["detail"] == "the picture is empty"


def test_other_files_other_types_and_broken_json_are_refused_in_words(client: TestClient) -> None:
    other = client.post("/v1/search", files={"photo": ("a.jpg", b"x")})
    assert (other.status_code, other.json()["remedy"]) == (400, "Send one each of image, clip, audio")
    text = client.post("/v1/search", content=b"red", headers={"content-type": "text/plain"})
    assert (text.status_code, text.json()["remedy"]) == (415, "Send application/json or multipart/form-data")
    broken = client.post("/v1/search", content=b'{"text": ', headers={"content-type": "application/json"})
    assert broken.status_code == 400
    assert "the body is not JSON" in broken.json()["detail"]


def test_a_form_with_two_files_is_refused(client: TestClient) -> None:
    files = [("image", ("a.jpg", b"x")), ("image", ("b.jpg", b"y"))]
    assert client.post("/v1/search", files=files).status_code == 400


def test_a_clip_finds_what_its_pictures_find(
    client: TestClient, draw: Draw, write_clip: Callable[..., bytes]
) -> None:
    shown = Image.open(BytesIO(draw("Red", 0, "PNG"))).convert("RGB").resize((64, 64))
    body = write_clip([np.asarray(shown)] * 12)
    form = client.post("/v1/search", files={"clip": ("a.mp4", body)}, data={"k": "1"})
    uri = f"data:video/mp4;base64,{b64encode(body).decode()}"
    json = client.post("/v1/search", json={"clip": uri, "k": 1})
    assert form.status_code == json.status_code == 200
    assert form.json()["hits"] == json.json()["hits"]
    assert len(form.json()["hits"]) == 1
    both = client.post(
        "/v1/search", files={"clip": ("a.mp4", body), "image": ("a.png", draw("Red", 0, "PNG"))}
    )
    assert both.json()["detail"] == "a picture and a clip were both asked for"


def test_what_is_said_is_searched_and_told(client: TestClient, say: Callable[[str], bytes]) -> None:
    body = say("red lamp")
    form = client.post("/v1/search", files={"audio": ("a.wav", body)}, data={"k": "1"}).json()
    uri = f"data:audio/wav;base64,{b64encode(body).decode()}"
    json = client.post("/v1/search", json={"audio": uri, "k": 1}).json()
    assert form["hits"] == json["hits"]
    assert form["hits"][0]["product_id"] == "Lamp-Red"
    assert form["understood"]["heard"].keys() == {"text", "language", "confidence"}
    assert form["understood"]["heard"]["text"] == "red lamp"
    assert found(client, q="red lamp")["understood"]["heard"] is None


def test_a_clip_or_a_sound_that_is_none_is_refused_in_words(
    client: TestClient, no_questions: list[tuple[str, bytes, str]]
) -> None:
    names = {"clip": ("bad-clip", "视频无法打开"), "audio": ("bad-sound", "声音无法打开")}
    for part, body, problem in no_questions:
        name, title = names[part]
        for data in ({}, {"text": "mug"}):
            answer = client.post(
                "/v1/search", files={part: ("a", body)}, data=data, headers={"accept-language": "zh-CN"}
            )
            told = answer.json()
            assert (answer.status_code, told["type"]) == (400, f"urn:duomo:problem:{name}")
            assert (told["title"], told["detail"]) == (title, problem)
            assert told["remedy"]


@pytest.mark.parametrize(("part", "name"), [("clip", "clip"), ("audio", "sound")])
def test_a_clip_or_a_sound_in_json_is_a_data_uri_and_never_a_path(
    client: TestClient, part: str, name: str
) -> None:
    for text in ("data:image/png;base64,AAAA", "/etc/passwd", "data:video/mp4;base64,A"):
        answer = client.post("/v1/search", json={part: text})
        assert (answer.status_code, answer.json()["type"]) == (400, f"urn:duomo:problem:bad-{name}")
        assert f"the part '{part}' of a form" in answer.json()["remedy"]


def test_an_encoder_that_the_shop_was_not_built_with_is_not_found(client: TestClient) -> None:
    answer = client.get("/v1/search", params={"q": "red", "encoder": "clip"})
    assert answer.status_code == 404
    assert "It has: hashed" in answer.json()["remedy"]
