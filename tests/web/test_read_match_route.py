"""What /v1/read/match answers."""

import base64
import shutil
from collections.abc import Iterator
from io import BytesIO

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image
from tests.understand.test_match import drawn, goods

from duomo.shop import Shop
from duomo.understand.classify import HEADS
from duomo.understand.match import NAME
from duomo.understand.match_fitting import fit_matcher
from duomo.understand.sight import Sight

ROUTE = "/v1/read/match"


@pytest.fixture
def taught(shop: Shop) -> Iterator[None]:
    """The shop has learned from drawn goods, for as long as a test runs."""
    texts, pictures, labels = goods(160)
    sight = Sight.shipped()
    fitted = fit_matcher(texts, sight.see(pictures), np.ones(160, bool), labels, tower=sight.version)
    fitted.matcher.save(shop.folder / HEADS / NAME)
    yield
    shutil.rmtree(shop.folder / HEADS / NAME)


def test_a_shop_that_was_not_taught_answers_by_names(client: TestClient) -> None:
    answer = client.post(ROUTE, json={"goods": [{"title": "Red mug"}]})
    assert answer.status_code == 200, answer.text
    (found,) = answer.json()["goods"]
    assert (found["zero_shot"], found["label"], found["doubt"]) == (True, None, "empty")


@pytest.mark.usefixtures("taught")
def test_the_part_that_contradicts_is_told(client: TestClient) -> None:
    body = BytesIO()
    Image.fromarray(drawn("red", "mug", np.random.default_rng(1))).save(body, "PNG")
    image = "data:image/png;base64," + base64.b64encode(body.getvalue()).decode()
    sent = [{"title": "Velo red mug 7", "image": image}, {"title": "Velo blue mug 7", "image": image}, {}]
    answer = client.post(ROUTE, json={"goods": sent, "evidence": True})
    assert answer.status_code == 200, answer.text
    match, wrong, empty = answer.json()["goods"]
    assert (match["label"], match["zero_shot"]) == ("match", False)
    assert (wrong["part"], wrong["says"], wrong["shows"]) == ("color", "blue", "red")
    assert any(piece["text"] == "blue" for piece in wrong["evidence"])
    assert (empty["label"], empty["doubt"]) == (None, "empty")
