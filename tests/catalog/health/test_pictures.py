from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from duomo.catalog.check import check
from duomo.catalog.health.goods import Goods
from duomo.catalog.health.pictures import pictures, same_pictures
from duomo.guard.pictures import picture_bytes
from duomo.product import Media, Product, Variant

Make = Callable[..., Product]


def pattern(seed: int, size: tuple[int, int] = (160, 200)) -> Image.Image:
    rows = np.random.default_rng(seed).integers(0, 255, (5, 5, 3), np.uint8)
    return Image.fromarray(rows).resize(size, Image.Resampling.BICUBIC)


def body(image: Image.Image, format: str = "JPEG", **options: Any) -> bytes:
    made = BytesIO()
    image.save(made, format, **options)
    return made.getvalue()


def goods_of(products: list[Product]) -> Goods:
    return Goods(products, body=lambda media: picture_bytes(Path(media.source)))


FILES = {
    "sound.jpg": (body(pattern(1)), ""),
    "sound.png": (body(pattern(2), "PNG"), ""),
    "cut.jpg": (body(pattern(3))[:900], "picture-broken"),
    "page.jpg": (b"<!doctype html><title>404</title>", "picture-broken"),
    "empty.jpg": (b"", "picture-broken"),
    "white.jpg": (body(Image.new("RGB", (200, 200), "white")), "picture-blank"),
    "faint.jpg": (body(Image.new("RGB", (200, 200), (250, 250, 246))), "picture-blank"),
    "small.jpg": (body(pattern(4, (60, 80))), "picture-tiny"),
    "moving.gif": (
        body(pattern(5).convert("P"), "GIF", save_all=True, append_images=[pattern(6).convert("P")]),
        "picture-animated",
    ),
    "still.gif": (body(pattern(7).convert("P"), "GIF"), ""),
    "moving.webp": (body(pattern(8), "WEBP", save_all=True, append_images=[pattern(9)]), "picture-animated"),
    "moving.png": (body(pattern(10), "PNG", save_all=True, append_images=[pattern(11)]), "picture-animated"),
    "really-png.jpg": (body(pattern(12), "PNG"), "picture-misnamed"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_picture_that_is_no_good_is_told_by_what_is_wrong_with_it(
    product: Make, tmp_path: Path, name: str
) -> None:
    content, kind = FILES[name]
    (tmp_path / name).write_bytes(content)
    goods = goods_of([product("A", media=(Media(source=str(tmp_path / name)),))])
    assert [finding.kind.name for finding in pictures(goods)] == ([kind] if kind else [])


def test_files_that_are_not_there_are_told_one_by_one_unless_none_is(product: Make, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(body(pattern(1)))
    names = ["a.jpg", "gone.jpg", "lost.jpg"]
    goods = [product(f"P{n}", media=(Media(source=str(tmp_path / name)),)) for n, name in enumerate(names)]
    assert [finding.products for finding in pictures(goods_of(goods))] == [("P1",), ("P2",)]
    (finding,) = pictures(goods_of(goods[1:]))
    assert finding.products == ("P1", "P2")
    assert "/gone.jpg' and the other 1 picture files are not there, none of them" in str(finding.problem)


def test_a_picture_of_several_products_is_told_and_one_of_several_variants_is_not(
    product: Make, tmp_path: Path
) -> None:
    for name, seed in (("a.jpg", 1), ("copy.jpg", 1), ("b.jpg", 2)):
        (tmp_path / name).write_bytes(body(pattern(seed)))

    def shown(*names: str) -> tuple[Media, ...]:
        return tuple(Media(source=str(tmp_path / name)) for name in names)

    one = product("A", media=shown("a.jpg"))
    shirt = Product(
        id="S", title="Shirt", variants=tuple(Variant(id=f"S{n}", media=shown("b.jpg")) for n in range(2))
    )
    assert [
        finding.products
        for finding in same_pictures(goods_of([one, shirt, product("C", media=shown("copy.jpg"))]))
    ] == [("A", "C")]
    chart = [product(f"D{n}", media=shown("a.jpg", "b.jpg")[n::-1] + shown("b.jpg")) for n in range(1)]
    assert list(same_pictures(goods_of([*chart, product("E", media=shown("copy.jpg", "b.jpg"))]))) != []


def test_a_chart_that_nobody_shows_first_may_be_shared(product: Make, tmp_path: Path) -> None:
    for name, seed in (("a.jpg", 1), ("b.jpg", 2), ("sizes.jpg", 3)):
        (tmp_path / name).write_bytes(body(pattern(seed)))
    goods = [
        product(
            id, media=tuple(Media(source=str(tmp_path / name)) for name in (f"{id.lower()}.jpg", "sizes.jpg"))
        )
        for id in ("A", "B")
    ]
    assert list(same_pictures(goods_of(goods))) == []


def test_copies_on_several_products_are_one_finding_with_all_their_pictures(
    product: Make, tmp_path: Path
) -> None:
    photo = pattern(1, (300, 400))
    for name, content in (
        ("a.jpg", body(photo)),
        ("b.jpg", body(photo, quality=30)),
        ("c.png", body(photo.resize((150, 200)), "PNG")),
    ):
        (tmp_path / name).write_bytes(content)
    goods = [
        product(name[0], f"Mug {name}", media=(Media(source=str(tmp_path / name)),))
        for name in ("a.jpg", "b.jpg", "c.png")
    ]
    (finding,) = same_pictures(goods_of(goods))
    assert (finding.kind.name, finding.products, len(finding.media)) == ("near-picture", ("a", "b", "c"), 3)


def test_pictures_on_the_web_are_not_opened_and_still_told_apart(product: Make) -> None:
    goods = [product(id, media=(Media(source="https://x.cn/a.jpg"),)) for id in "AB"]
    opened = Goods(goods, body=lambda media: pytest.fail("opened"), opens=lambda media: False)
    assert [finding.products for finding in same_pictures(opened)] == [("A", "B")]
    assert opened.sights == {}


def test_hostile_pictures_are_findings_and_stop_nothing(product: Make, tmp_path: Path) -> None:
    chance = np.random.default_rng(7)
    whole = [
        body(pattern(1)),
        body(pattern(2), "PNG"),
        body(pattern(3).convert("P"), "GIF"),
        body(pattern(4), "WEBP"),
    ]
    goods = []
    for number in range(60):
        damaged = bytearray(whole[number % len(whole)])
        for place in chance.integers(12, len(damaged), 20):
            damaged[place] = int(chance.integers(0, 256))
        path = tmp_path / f"{number}.jpg"
        path.write_bytes(damaged)
        goods.append(product(f"P{number}", f"Mug {number}", media=(Media(source=str(path)),)))
    health = check(goods_of(goods))
    assert len(health.groups) > 0
