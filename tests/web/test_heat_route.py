"""What /v1/products/{id}/heat answers."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from duomo.settings import Settings
from duomo.shop import Shop
from duomo.web.app import create_app

Draw = Callable[[str, int, str], bytes]


def opened(body: bytes) -> Image.Image:
    return Image.open(BytesIO(body))


def test_a_photo_is_told_which_part_of_which_picture_matched(client: TestClient, draw: Draw) -> None:
    for kind, place in {3: 0, 4: 1}.items():  # a lamp, and the detail that is its second picture
        photo = draw("Blue", kind, "PNG")
        answer = client.post("/v1/products/Lamp-Blue/heat", files={"image": ("mine", photo)})
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert told.keys() == {"picture", "box", "fall", "similarity", "cells", "overlay"}
        assert told["picture"] == client.get("/v1/products/Lamp-Blue").json()["images"][place]
        cells = np.array(told["cells"])
        assert cells.shape == (7, 7)
        assert told["fall"] > 0
        box = told["box"]
        assert 0 <= box["x"] < box["x"] + box["w"] <= 1.001
        assert 0 <= box["y"] < box["y"] + box["h"] <= 1.001
        shown, comma, drawn = told["overlay"].partition(",")
        assert (shown, comma) == ("data:image/jpeg;base64", ",")
        assert opened(b64decode(drawn)).size == opened(client.get(told["picture"]).content).size


def test_the_answer_is_the_shop_s_own_and_the_same_however_it_is_asked(
    client: TestClient, shop: Shop, draw: Draw
) -> None:
    photo = draw("Red", 0, "PNG")
    uri = f"data:image/png;base64,{b64encode(photo).decode()}"
    box = "0.1,0.1,0.8,0.8"
    path = "/v1/products/Mug-Red/heat"
    form = client.post(path, files={"image": ("mine", photo)}, data={"box": box, "k": "1000"}).json()
    assert client.post(path, json={"image": uri, "box": box, "facets": ["color"]}).json() == form
    expected = shop.heat(shop.search(image=photo, box=box, k=1).query, "Mug-Red")
    assert np.allclose(form["cells"], expected.cells, atol=1e-4)
    assert form["picture"].endswith(f"/{expected.picture}")


def test_who_takes_pictures_and_no_json_gets_the_overlay_alone(client: TestClient, draw: Draw) -> None:
    path, files = "/v1/products/Mug-Red/heat", {"image": ("mine", draw("Red", 0, "PNG"))}
    picture = client.post(path, files=files, headers={"accept": "image/webp,image/*,*/*;q=0.8"})
    assert (picture.headers["content-type"], picture.headers["vary"]) == ("image/jpeg", "Accept")
    assert opened(picture.content).format == "JPEG"
    told = client.post(path, files=files, headers={"accept": "application/json, image/*"})
    assert told.headers["content-type"] == "application/json"
    assert b64decode(told.json()["overlay"].partition(",")[2]) == picture.content


def test_words_that_the_encoder_cannot_hold_against_pictures_are_refused_in_words(client: TestClient) -> None:
    answer = client.get("/v1/products/Mug-Red/heat", params={"q": "red mug"})
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:duomo:problem:missing-product")
    assert "cannot be found by a picture with this question" in answer.json()["detail"]
    assert answer.json()["remedy"].startswith("Ask with a picture, or with words and an encoder")


@pytest.mark.slow
def test_words_are_told_which_part_of_the_picture_they_name(shop: Shop, tmp_path: Path) -> None:
    knows = Shop.create(tmp_path / "shop", encoder="pocket", settings=Settings(workers=0))
    knows.build(shop.folder.parent / "catalog")
    path, asked = "/v1/products/Mug-Red/heat", {"q": "red mug"}
    with TestClient(create_app(knows)) as client:
        told = client.get(path, params=asked).json()
        drawn = client.get(path, params=asked, headers={"accept": "image/*"})
    assert told["picture"] == f"/v1/pictures/{knows.product('Mug-Red').media[0].hash}"
    assert drawn.headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("path", "asked", "status", "said"),
    [
        ("Mug-Red", {"q": ""}, 404, "cannot be found by a picture"),
        ("nope", {"q": "red"}, 404, "nope"),
        ("Mug-Red", {"q": "a" * 2001}, 400, "2001 characters"),
        ("Mug-Red", {"k": "3"}, 400, "there is no field 'k'"),
        ("Mug-Red", {"q": "red", "encoder": "clip"}, 404, "clip"),
    ],
)
def test_what_has_no_map_is_told_in_words(
    client: TestClient, path: str, asked: dict[str, str], status: int, said: str
) -> None:
    answer = client.get(f"/v1/products/{path}/heat", params=asked)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]


def test_a_file_that_is_no_picture_is_refused_as_in_a_search(client: TestClient) -> None:
    for body, said in ((b"", "the picture is empty"), (b"no picture", "not a picture")):
        answer = client.post("/v1/products/Mug-Red/heat", files={"image": ("a.jpg", body)})
        assert (answer.status_code, answer.json()["type"]) == (400, "urn:duomo:problem:bad-picture")
        assert said in answer.json()["detail"]
