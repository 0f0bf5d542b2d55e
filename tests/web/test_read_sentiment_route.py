"""POST /v1/read/sentiment."""

import base64
from collections.abc import Iterator
from io import BytesIO

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image
from tests.understand.test_match import drawn, goods

from duomo.settings import Settings
from duomo.shop import Shop
from duomo.understand.classify import HEADS
from duomo.understand.match import NAME
from duomo.understand.match_fitting import fit_matcher
from duomo.understand.sight import Sight
from duomo.web.app import create_app

ROUTE = "/v1/read/sentiment"
SOLD = [("R1", "red", "mug"), ("B1", "blue", "mug"), ("G1", "green", "shirt")]


@pytest.fixture(scope="module")
def seeing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A server of a shop of three goods, built to see; it was not taught to match yet."""
    folder = tmp_path_factory.mktemp("seeing")
    rows = ["sku,title,brand,color,image"]
    for sku, color, kind in SOLD:
        Image.fromarray(drawn(color, kind, np.random.default_rng(1))).save(folder / f"{sku}.png")
        rows.append(f"{sku},Velo {color} {kind} 7,Velo,{color},{sku}.png")
    (folder / "products.csv").write_text("\n".join(rows), "utf-8")
    shop = Shop.create(folder / "shop", encoder="pocket", settings=Settings(workers=0))
    shop.build(folder / "products.csv")
    with TestClient(create_app(shop)) as client:
        yield client


def photo(color: str, kind: str) -> str:
    """What a shopper took, as a data URI."""
    body = BytesIO()
    Image.fromarray(drawn(color, kind, np.random.default_rng(1))).save(body, "PNG")
    return "data:image/png;base64," + base64.b64encode(body.getvalue()).decode()


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


def test_goods_are_named_where_asked_for(client: TestClient) -> None:
    texts = ["The Ostra blue shirt is lovely", "nice"]
    plain = client.post(ROUTE, json={"texts": texts}).json()["readings"]
    assert [each["mentions"] for each in plain] == [None, None]
    named, nothing = client.post(ROUTE, json={"texts": texts, "mentions": True}).json()["readings"]
    assert [(each["product_id"], each["via"]) for each in named["mentions"]] == [("Shirt-Blue", "words")]
    piece = named["mentions"][0]
    assert texts[0][piece["start"] : piece["end"]] == piece["text"]
    assert (nothing["mentions"], nothing["picture"]) == ([], None)


def test_pictures_are_linked_and_held_against_what_was_sold(seeing: TestClient) -> None:
    posts = [
        {"text": "so nice", "image": photo("red", "mug")},
        {"text": "wrong one!", "image": photo("red", "mug"), "product_id": "B1"},
        {"text": "好看", "image": photo("red", "mug"), "product_id": "R1"},
        {"text": "fine", "image": photo("red", "mug"), "product_id": "no such"},
        "plain text",
    ]
    before = seeing.post(ROUTE, json={"texts": posts})
    assert before.status_code == 200, before.text
    linked = [each["mentions"] for each in before.json()["readings"]]
    assert [[(each["product_id"], each["via"]) for each in one] for one in linked] == [
        *([[("R1", "picture")]] * 4),
        [],
    ]
    assert {each["picture"] for each in before.json()["readings"]} == {None}  # it was not taught
    shop: Shop = seeing.app.state.shop  # type: ignore[attr-defined]  # the client's type hides the app's
    texts, pictures, labels = goods(160)
    sight = Sight.shipped()
    fitted = fit_matcher(texts, sight.see(pictures), np.ones(160, bool), labels, tower=sight.version)
    fitted.matcher.save(shop.folder / HEADS / NAME)
    after = seeing.post(ROUTE, json={"texts": posts}).json()["readings"]
    unsold, wrong, right, unknown, plain = (each["picture"] for each in after)
    assert (unsold, plain) == (None, None)
    assert (wrong["label"], wrong["part"], wrong["says"], wrong["shows"]) == (
        *("contradiction", "color"),
        *("blue", "red"),
    )
    assert right["label"] == "match"
    assert (unknown["product_id"], unknown["label"], unknown["doubt"]) == ("no such", None, "unknown")


def test_pictures_that_cannot_be_meant_are_refused_with_their_place(
    client: TestClient, seeing: TestClient
) -> None:
    broken = seeing.post(ROUTE, json={"texts": ["fine", {"image": "data:image/png;base64,AAAA"}]})
    assert broken.status_code == 400
    assert "texts.1.image" in broken.json()["detail"]
    blind = client.post(ROUTE, json={"texts": [{"text": "fine", "image": photo("red", "mug")}]})
    assert blind.status_code == 400
    assert "built without 'pocket'" in blind.json()["detail"]
    odd = client.post(ROUTE, json={"texts": [{"words": "fine"}]}).json()
    assert (odd["detail"], odd["remedy"]) == ("there is no field 'words'", "Known: image, product_id, text")
    long = client.post(ROUTE, json={"texts": ["fine", {"text": "好" * 50_001}]}).json()
    assert long["detail"] == "field 'texts.1.text': string should have at most 50000 characters"
    number = client.post(ROUTE, json={"texts": [5]}).json()
    assert number["detail"] == "field 'texts.0': input should be a valid string"
    many = seeing.post(ROUTE, json={"texts": [{"image": photo("red", "mug")}] * 33}).json()
    assert many["detail"] == "more than 32 texts come with a picture"
