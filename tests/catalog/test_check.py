from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from duomo.catalog.check import CHECKS, KINDS, check
from duomo.catalog.health.findings import LOSSES, Both, Finding, Kind, found
from duomo.catalog.health.goods import Goods
from duomo.catalog.health.missing import missing
from duomo.catalog.read import Catalog
from duomo.errors import Problem

CatalogOf = Callable[..., Catalog]

SOUND = "sku,title,description,category,price,image\n"


def photo(path: Path, seed: int = 7, side: int = 160) -> None:
    """A sharp picture that no other is like."""
    rows = np.random.default_rng(seed).integers(0, 255, (6, 6, 3), np.uint8)
    Image.fromarray(rows).resize((side, side), Image.Resampling.NEAREST).save(path)


def words(catalog: Catalog) -> list[str]:
    file = str(catalog.files[0])
    return [str(problem).removeprefix(file).strip() for problem in check(catalog).problems]


def test_a_sound_catalog_has_nothing_to_complain_of(catalog_of: CatalogOf, tmp_path: Path) -> None:
    photo(tmp_path / "a.jpg")
    health = check(
        catalog_of(
            f"{SOUND}A,Mug,Holds tea,Kitchen,5,a.jpg\nB,Cup,Holds coffee,Kitchen,6,https://x.cn/b.jpg\n"
        )
    )
    assert health.findings == ()
    assert (health.products, health.variants, health.filled["price"], health.filled["brand"]) == (2, 2, 2, 0)


def test_what_is_missing_is_named_with_its_line(catalog_of: CatalogOf, tmp_path: Path) -> None:
    catalog = catalog_of(
        f"{SOUND}A,Mug,Holds tea,Kitchen,5,https://x.cn/a.jpg\nB,,,,,\nC,Cup,Deep,Kitchen,,gone.jpg\n"
    )
    assert words(catalog) == [
        "line 3: price is missing from product 'B'. Fill it in, or name its column with --map price=COLUMN.",
        "line 3: title is missing from product 'B'. Shoppers find products by it: fill it in.",
        "line 3: category is missing from product 'B'. Put it into one: menus and filters leave it out else.",
        "line 3: image is missing from product 'B'. Name one: it is then found by pictures, too.",
        "line 3: description is missing from product 'B'. "
        "Say what it is made of and for whom: shoppers search by it.",
        "line 4: price is missing from product 'Cup'. "
        "Fill it in, or name its column with --map price=COLUMN.",
        f"line 4: image '{tmp_path}/gone.jpg' is not there. "
        "Put the file there, correct the name, or say where pictures lie with --images.",
    ]


def test_what_is_missing_is_said_of_its_product_in_both_languages(catalog_of: CatalogOf) -> None:
    found = check(
        catalog_of(f"{SOUND}A,杯子,盛茶,厨房,5,https://x.cn/a.jpg\nB,孤儿变体,深,厨房,,https://x.cn/b.jpg\n")
    )
    (missing,) = found.findings
    assert missing.said == ("is missing from product '孤儿变体'", "缺失（商品“孤儿变体”）")
    assert (missing.problem.column, missing.problem.value, missing.products) == ("price", "", ("B",))


def test_what_no_product_has_is_said_once_and_concerns_all(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        "sku,title,category,description\n" + "".join(f"P{n},Mug {n},A,{n}\n" for n in range(100))
    )
    assert words(catalog) == [
        ": price is missing for all 100 products. Fill it in, or name its column with --map price=COLUMN.",
        ": image is missing for all 100 products. Name one: it is then found by pictures, too.",
    ]
    assert [(group.products, group.share, group.cost) for group in check(catalog).groups] == [
        (100, 1.0, 12.0),
        (100, 1.0, 6.0),
    ]


def test_the_dearest_comes_first_by_weight_share_and_loss(catalog_of: CatalogOf) -> None:
    rows = "".join(
        f"P{n},Mug {n},for tea no {n},Mugs,{'' if n < 2 else 5},https://x.cn/{n}.jpg\n" for n in range(9)
    )
    health = check(catalog_of(f"{SOUND}{rows}P9,HELLO BUY THIS MUG NOW,Large,Mugs,5,https://x.cn/9.jpg\n"))
    assert [(group.kind.name, group.products, round(group.cost, 4)) for group in health.groups] == [
        ("missing-price", 2, round(3 * 2 / 10 * LOSSES["bought"], 4)),
        ("title-capitals", 1, round(1 * 1 / 10 * LOSSES["trust"], 4)),
    ]


def test_rows_that_cannot_be_read_are_findings_and_a_cell_is_complained_of_once(
    catalog_of: CatalogOf,
) -> None:
    catalog = catalog_of(f"{SOUND}A,Mug,Holds tea,Kitchen,twelve,https://x.cn/a.jpg\n,Cup,Deep,Kitchen,5,\n")
    health = check(catalog, told=catalog.problems)
    assert [(group.kind.name, group.products) for group in health.groups] == [
        ("row-left-out", 1),
        ("cell-doubtful", 1),
    ]
    assert [(p.severity, p.line, p.column) for p in health.problems] == [
        ("error", 3, "sku"),
        ("warning", 2, "price"),
    ]


def test_every_kind_has_its_own_name_and_says_everything_in_both_languages() -> None:
    names = [kind.name for kind in KINDS]
    assert len(set(names)) == len(names)
    for kind in KINDS:
        for text in (kind.title, kind.says, kind.remedy):
            assert text.en
            assert text.zh
            assert text.en != text.zh or text.en.startswith("{")


def test_the_caller_says_which_checks_are_made(catalog_of: CatalogOf) -> None:
    catalog = catalog_of("sku,title,price,category,description\nA,,5,C,D\nB,,5,C,E\n")
    assert check(catalog, ()).problems == ()
    assert [group.kind.name for group in check(catalog, [missing]).groups] == [
        "missing-title",
        "missing-picture",
    ]
    assert check(catalog, CHECKS).problems == check(catalog).problems


def test_an_empty_catalog_can_be_checked(catalog_of: CatalogOf) -> None:
    health = check(catalog_of("sku,title\n"))
    assert (health.groups, health.products) == ((), 0)


class ColorAgainstPicture:
    """A check from outside: whether a product that is called red has a picture that is."""

    KIND = Kind(
        name="color-against-picture",
        weight=2,
        loss="trust",
        title=Both("Color that the picture does not show", "颜色与图片不符"),
        says=Both("is {said}, the picture is {seen}", "写的是{said}，图片是{seen}"),
        remedy=Both("Correct one of the two", "请改正其中一个"),
    )
    COLORS = {"red": 0, "green": 1, "blue": 2}  # noqa: RUF012 (nobody writes to it)

    def __call__(self, goods: Goods) -> Iterator[Finding]:
        for product in goods.products:
            said = product.attributes.get("color", ("",))[0]
            for media in product.media:
                seen = max(self.COLORS, key=lambda name: goods.sights[media.source].color[self.COLORS[name]])  # type: ignore[union-attr]  # every picture of the test can be opened
                if said in self.COLORS and seen != said:
                    yield found(
                        self.KIND,
                        product,
                        column="color",
                        value=said,
                        media=[media],
                        values={"said": said, "seen": seen},
                    )


def test_a_check_of_somebody_else_is_made_like_ours(catalog_of: CatalogOf, tmp_path: Path) -> None:
    for name, color in (("red", (200, 30, 30)), ("blue", (20, 40, 220))):
        Image.new("RGB", (120, 120), color).save(tmp_path / f"{name}.png")
    catalog = catalog_of("sku,title,color,image\nA,Red mug,red,red.png\nB,Red cup,red,blue.png\n")
    (group,) = check(catalog, [ColorAgainstPicture()]).groups
    assert [str(finding.problem) for finding in group.findings] == [
        f"{catalog.files[0]} line 3: color 'red' is red, the picture is blue. Correct one of the two."
    ]
    assert group.findings[0].said.zh == "写的是red，图片是blue"
    assert (group.products, group.share, group.cost) == (1, 0.5, 1.0)


def test_no_picture_is_opened_where_it_is_to_be_quick(catalog_of: CatalogOf, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    catalog = catalog_of(f"{SOUND}A,Mug,Holds tea,Kitchen,5,a.jpg\n")
    assert [group.kind.name for group in check(catalog).groups] == ["picture-broken"]
    assert check(Goods.of(catalog, quick=True)).groups == ()


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_pictures_are_told_of_one_by_one_whoever_opens_them(
    catalog_of: CatalogOf, tmp_path: Path, workers: int
) -> None:
    told: list[tuple[str, int, int | None]] = []
    for number in range(20):
        photo(tmp_path / f"{number}.jpg", seed=number)
    catalog = catalog_of(SOUND + "".join(f"P{n},Mug {n},Tea {n},Mugs,5,{n}.jpg\n" for n in range(20)))
    goods = Goods.of(
        catalog, workers=workers, tick=lambda stage, done, total=None: told.append((stage, done, total))
    )
    assert check(goods).problems == ()
    assert told == [("pictures", n, 20) for n in range(1, 21)]
    assert list(goods.sights) == [str(tmp_path / f"{n}.jpg") for n in range(20)]


def test_problems_of_the_rest_stand_beside_a_problem_of_a_row() -> None:
    health = check(Goods([], body=None), told=[Problem(file="a.csv", problem="is cut short")])
    (group,) = health.groups
    assert (group.kind.name, group.products, group.share) == ("row-left-out", 1, 1.0)
