"""What /v1/products and /v1/pictures answer, and who may put products."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from duomo.product import Media, Product, Review, Variant
from duomo.settings import Settings
from duomo.shop import Shop
from duomo.web.app import create_app
from duomo.web.schemas.answered import ProductOut

KEY = "open sesame"
ROWS = [{"sku": "New-1", "title": "Golden teapot", "price": "30 USD", "color": "Gold", "category": "Kitchen"}]


def test_a_product_comes_with_its_variants_attributes_pictures_and_reviews(client: TestClient) -> None:
    product = client.get("/v1/products/Shirt-Red").json()
    assert product["title"] == "Red Shirt"
    assert product["category"] == ["Apparel", "Tops"]
    assert [variant["id"] for variant in product["variants"]] == [f"Shirt-Red-{size}" for size in "SML"]
    assert product["variants"][1]["attributes"]["size"] == ["M"]
    assert product["attributes"]["color"] == ["Red"]
    assert product["images"][0].startswith("/v1/pictures/")


def test_the_id_of_a_variant_leads_to_its_product(client: TestClient) -> None:
    assert client.get("/v1/products/Shirt-Red-M").json()["product_id"] == "Shirt-Red"


def test_reviews_are_told_without_who_wrote_them(client: TestClient) -> None:
    answer = client.get("/v1/products/Mug-Red")
    assert [review["text"] for review in answer.json()["reviews"]] == ["Keeps tea warm.", "杯口有瑕疵。"]
    assert answer.json()["reviews"][0]["rating"] == 5
    assert "ann@example.com" not in answer.text
    assert "李雷" not in answer.text


def test_where_a_file_of_the_merchant_lies_is_not_told() -> None:
    media = (Media(source="/srv/merchant/a.jpg", hash="aa"), Media(source="https://cdn.test/b.jpg"))
    product = Product(id="A/1", title="Mug", variants=(Variant(id="A/1"),), media=media)
    shown = ProductOut.of(product, [Review(product_id="A/1", text="Good", user="ann")])
    assert shown.images == ["/v1/pictures/aa"]
    assert "merchant" not in shown.model_dump_json()


def test_similar_products_leave_out_the_product_itself(client: TestClient) -> None:
    answer = client.get("/v1/products/Mug-Red/similar", params={"k": 3})
    assert answer.status_code == 200
    ids = [hit["product_id"] for hit in answer.json()["hits"]]
    assert ids
    assert "Mug-Red" not in ids
    filtered = client.get("/v1/products/Mug-Red/similar", params={"where": "color = 'Blue'", "k": 4}).json()
    assert {hit["title"].split()[0] for hit in filtered["hits"]} == {"Blue"}


@pytest.mark.parametrize("path", ["/v1/products/nope", "/v1/products/a/b/similar", "/v1/pictures/nope"])
def test_what_the_shop_does_not_have_is_a_problem_in_words(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == "The shop does not have this"
    assert answer.json()["instance"] == path


def test_a_picture_is_a_jpeg_that_may_be_kept_for_ever(client: TestClient) -> None:
    address = client.get("/v1/products/Mug-Red").json()["images"][0]
    answer = client.get(address)
    assert answer.headers["content-type"] == "image/jpeg"
    assert "immutable" in answer.headers["cache-control"]
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert picture.format == "JPEG"
        assert max(picture.size) <= 320
    again = client.get(address, headers={"if-none-match": f'W/{answer.headers["etag"]}, "other"'})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(address, headers={"if-none-match": "*"}).status_code == 304


@pytest.mark.parametrize("sent", ['"nope"', "*"])
def test_a_picture_that_is_not_there_is_missing_whatever_the_client_kept(
    client: TestClient, sent: str
) -> None:
    assert client.get("/v1/pictures/nope", headers={"if-none-match": sent}).status_code == 404


# Who may write


def test_writing_is_off_where_no_key_is_set(new_shop: Callable[[Settings], Shop]) -> None:
    with TestClient(create_app(new_shop(Settings(workers=0)))) as client:
        for headers in ({}, {"Authorization": "Bearer "}, {"X-Duomo-Key": ""}):
            answer = client.put("/v1/products", json=ROWS, headers=headers)
            assert (answer.status_code, answer.json()["title"]) == (403, "Writing is switched off")


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {KEY}"}, {"X-Duomo-Key": "wrong"}],
)
def test_without_the_right_key_nothing_is_written(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.put("/v1/products", json=ROWS, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["remedy"] == "Send the server's write_key as 'Authorization: Bearer KEY'"
    assert client.get("/v1/products/New-1").status_code == 404


def test_the_key_is_asked_for_before_the_body_is_read(client: TestClient) -> None:
    assert client.put("/v1/products", content=b"x" * 3_000_000).status_code == 401


def test_products_that_are_put_can_be_found_at_once(new_shop: Callable[[Settings], Shop]) -> None:
    app = create_app(new_shop(Settings(workers=0, write_key=KEY)))
    with TestClient(app, headers={"Authorization": f"Bearer {KEY}"}) as client:
        before = client.get("/v1/search").json()["total"]
        report = client.put("/v1/products", json=ROWS)
        assert report.status_code == 200, report.text
        assert (report.json()["added"], report.json()["vanished"]) == (1, 0)
        hit = client.get("/v1/search", params={"q": "golden teapot"}).json()["hits"][0]
        assert hit["product_id"] == "New-1"
        assert client.get("/v1/search").json()["total"] == before + 1

        cheaper = [{**ROWS[0], "price": "20 USD"}]
        again = client.put("/v1/products", json={"products": cheaper}, headers={"X-Duomo-Key": KEY}).json()
        assert (again["added"], again["updated"]) == (0, 1)
        assert client.get("/v1/products/New-1").json()["variants"][0]["price"]["amount"] == 20

        bad = client.put(
            "/v1/products", json=[{"title": "Without a number"}, {**ROWS[0], "sku": "New-2"}]
        ).json()
        assert (bad["added"], bad["skipped"]) == (1, 1)
        assert bad["problems"][0]["file"] == "products"
        assert bad["problems"][0]["line"] == 1


def test_one_variant_that_is_put_leaves_the_others_and_a_replacement_does_not(
    new_shop: Callable[[Settings], Shop],
) -> None:
    app = create_app(new_shop(Settings(workers=0, write_key=KEY)))
    row = {"sku": "Shirt-Red-M", "product_id": "Shirt-Red", "price": "19 USD"}
    with TestClient(app, headers={"X-Duomo-Key": KEY}) as client:
        before = client.get("/v1/products/Shirt-Red").json()
        report = client.put("/v1/products", json=[row]).json()
        assert (report["updated"], report["variants"], report["kept"]) == (1, 3, 2)
        after = client.get("/v1/products/Shirt-Red").json()
        assert [variant["price"]["amount"] for variant in after["variants"]] == [25, 19, 25]
        for same in ("title", "description", "category", "brand", "attributes", "images"):
            assert after[same] == before[same]
        assert [v["attributes"] for v in after["variants"]] == [v["attributes"] for v in before["variants"]]

        whole = {"products": [{**row, "title": "Last red shirt"}], "replace": True}
        report = client.put("/v1/products", json=whole).json()
        assert (report["variants"], report["kept"]) == (1, 0)
        after = client.get("/v1/products/Shirt-Red").json()
        assert (after["title"], after["brand"], after["images"]) == ("Last red shirt", "", [])
        assert [variant["id"] for variant in after["variants"]] == ["Shirt-Red-M"]


def test_a_null_that_is_put_clears_and_what_cannot_be_cleared_is_told(
    new_shop: Callable[[Settings], Shop],
) -> None:
    app = create_app(new_shop(Settings(workers=0, write_key=KEY)))
    with TestClient(app, headers={"X-Duomo-Key": KEY}) as client:
        row = {"sku": "Mug-Red", "stock": None, "brand": None, "color": "", "price": None, "image": None}
        report = client.put("/v1/products", json=[row]).json()
        assert (report["updated"], report["skipped"]) == (1, 0)
        assert [each["column"] for each in report["problems"]] == ["price"]
        after = client.get("/v1/products/Mug-Red").json()
        assert (after["brand"], after["images"], after["attributes"]) == ("", [], {"color": ["Red"]})
        assert (after["variants"][0]["stock"], after["variants"][0]["price"]["amount"]) == (None, 9.5)
        assert client.get("/v1/search", params={"where": "brand is null"}).json()["total"] == 1


def test_rows_in_the_shape_of_another_format_read_no_picture_of_this_machine(
    new_shop: Callable[[Settings], Shop],
) -> None:
    shop = new_shop(Settings(workers=0, write_key=KEY))
    local = str(shop.folder.parent / "catalog" / "images" / "Mug-Red.jpg")
    shopify = {
        "Handle": "mug", "Title": "Mug", "Body (HTML)": "", "Vendor": "V",
        "Variant SKU": "S1", "Variant Price": "1", "Option1 Name": "Size", "Option1 Value": "M",
        "Image Src": local, "Variant Image": local,
    }  # fmt: skip
    google = {
        "g:id": "G1", "g:title": "Mug", "g:link": "https://127.0.0.1:1/", "g:price": "1 USD",
        "g:availability": "in_stock", "g:image_link": "https://127.0.0.1:1/a.jpg",
        "g:additional_image_link": f"https://127.0.0.1:1/b.jpg,{local}", "g:lifestyle_image_link": local,
    }  # fmt: skip
    with TestClient(create_app(shop), headers={"X-Duomo-Key": KEY}) as client:
        for row in (shopify, google):
            report = client.put("/v1/products", json=[row])
            assert report.status_code == 200, report.text
        added = [hit for hit in client.get("/v1/search?k=100").json()["hits"] if hit["title"] == "Mug"]
        assert len(added) == 2
        assert not any(hit["images"] for hit in added)


def test_rows_without_ids_and_titles_are_refused_without_naming_a_file(
    new_shop: Callable[[Settings], Shop],
) -> None:
    with TestClient(create_app(new_shop(Settings(workers=0, write_key=KEY)))) as client:
        answer = client.put("/v1/products", json=[{"color": "red"}], headers={"X-Duomo-Key": KEY})
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("the rows: no column holds ids or titles")
    assert answer.json()["remedy"] == "Give every row a 'sku' and a 'title'"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"{", "the body is not JSON"),
        (b"[]", "the body holds no rows"),
        (b'{"rows": []}', "the body holds no rows"),
        (b'{"products": [{"sku": "1"}], "replcae": true}', "there is no field 'replcae'"),
        (b'{"products": [{"sku": "1"}], "replace": "yes"}', "field 'replace' is neither true nor false"),
        (b'[{"sku": "1"}, 5]', "row 2 is not an object"),
        (b'[{"sku": "1", "price": NaN}]', "the body is not JSON"),
        (b'[{"sku": "\\ud800"}]', "the body is not JSON"),
        (b'[{"sku": "0"}, {"sku": "1", "price": 1e400}]', "row 2: price has a number that is too large"),
        ('[{"sku": "1", "重量": -1e999}]'.encode(), "row 1: 重量 has a number that is too large"),
        (b'[{"sku": "1", "attributes": {"w": [1, 1e999]}}]', "row 1: attributes has a number that is too"),
        (b'[{"sku": "1", "image": "/etc/passwd"}]', "row 1: image is not an http address"),
        (b'[{"sku": "1", "image_link": "file:///etc/passwd"}]', "row 1: image_link is not an http address"),
        ('[{"sku": "1", "主图": ["https://a.test/1.jpg", "b.jpg"]}]'.encode(), "主图 is not an http address"),
        (b'[{"sku": "1", "Images": "https://a.test/1.jpg|../b.jpg"}]', "Images is not an http address"),
        (b'[{"sku": "1", "image": "HTTP://a.test/1.jpg|FILE:///b.jpg"}]', "image is not an http address"),
        (b'[{"sku": "1", "image": {"path": "b.jpg"}}]', "image is not an http address"),
        (
            b'[{"sku": "1", "list_price": "90 EUR"}]',
            "row 1 names a price before or after a reduction without",
        ),
        (b'[{"sku": "1", "Sale price": 5}]', "row 1 names a price before or after a reduction without"),
    ],
)
def test_rows_that_cannot_be_taken_are_refused_before_anything_is_written(
    client: TestClient, body: bytes, detail: str
) -> None:
    headers = {"X-Duomo-Key": KEY, "content-type": "application/json"}
    answer = client.put("/v1/products", content=body, headers=headers)
    assert answer.status_code == 400
    assert detail in answer.json()["detail"]


def test_a_form_is_no_way_to_put_products(client: TestClient) -> None:
    answer = client.put("/v1/products", data={"sku": "1"}, headers={"X-Duomo-Key": KEY})
    assert answer.status_code == 400


READERS = ("ads", "aspects", "attributes", "category", "feedback", "match", "sentiment")


def test_the_api_describes_itself(client: TestClient) -> None:
    described: dict[str, Any] = client.get("/openapi.json").json()
    routes = {
        "/v1/search", "/v1/columns", "/v1/products", "/v1/products/{id}", "/v1/products/{id}/similar",
        "/v1/products/{id}/heat", "/v1/pictures/{hash}", "/v1/suggest", "/healthz", "/readyz", "/metrics",
        *(f"/v1/read/{what}" for what in READERS),
    }  # fmt: skip
    assert described["paths"].keys() == routes
    operations = [operation for path in described["paths"].values() for operation in path.values()]
    assert all("application/problem+json" in o["responses"]["default"]["content"] for o in operations)
    assert all(operation["summary"] and operation["description"] for operation in operations)
    body = described["paths"]["/v1/search"]["post"]["requestBody"]["content"]
    assert body.keys() == {"application/json", "multipart/form-data"}
    assert described["components"]["securitySchemes"]["writeKey"]["scheme"] == "bearer"
