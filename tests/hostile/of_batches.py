"""Everything hostile at once among good goods: each is one problem, and the good ones are sold."""

import csv
import io
from pathlib import Path
from typing import Any

import of_pictures
from drawn import jpeg
from duomo.settings import Settings
from duomo.shop import Shop
from served import PICTURE, Server, for_ever, head, leads, once
from table import Case

GOOD = 20
OF_BYTES = [*of_pictures.BOMBS, *of_pictures.CUT, *of_pictures.BROKEN, *of_pictures.MISLABELLED]
REFUSED = [case for case in OF_BYTES if case.says.startswith("BadPicture")]


def _rows(folder: Path, pictures: list[str]) -> Path:
    """A catalog of good products, and as many with these pictures, one behind the other."""
    for number in range(GOOD):
        (folder / f"good-{number}.jpg").write_bytes(jpeg(quality=50 + number))
    page = io.StringIO()
    writer = csv.writer(page)
    writer.writerow(["sku", "title", "price", "image"])
    good = [[f"GOOD-{number}", f"Mug {number}", "5", f"good-{number}.jpg"] for number in range(GOOD)]
    bad = [[f"BAD-{number}", f"Lamp {number}", "5", picture] for number, picture in enumerate(pictures)]
    for number in range(max(len(good), len(bad))):
        writer.writerows([*good[number : number + 1], *bad[number : number + 1]])
    (folder / "products.csv").write_text(page.getvalue(), encoding="utf-8")
    return folder


def _hostile(folder: Path) -> Path:
    names = []
    for number, case in enumerate(REFUSED):
        made = case.make(folder)
        if len(made) < 10_000_000:
            (folder / f"bad-{number}.jpg").write_bytes(made)
            names.append(f"bad-{number}.jpg")
    return _rows(folder, names)


def _served(folder: Path) -> Path:
    slow = head("Content-Type: image/jpeg", "Content-Length: 1000")
    servers = [
        for_ever(PICTURE, b"x" * 65536),
        for_ever(b"HTTP/1.1 200 OK\r\na: ", b"x" * 65536),
        once(slow, b"x"),
        leads("http://user:password@127.0.0.1/"),
        leads("file:///etc/passwd"),
        once(head("Content-Type: text/html", "Content-Length: 6"), b"<html>"),
        once(PICTURE, b"no picture"),
        once(b""),
    ]
    return _rows(folder, [Server(answer).url for answer in servers])


def built(folder: Path) -> str:
    """Build a shop of a catalog; say what is on its shelf, and how many problems each hostile product has."""
    settings = Settings(workers=0, fetch_private=True, fetch_timeout_s=3, picture_mb=12)
    shop = Shop.create(folder / "shop", encoder="hashed", settings=settings)
    report = shop.build(folder)
    wrong: dict[str, int] = {}
    for problem in report.problems:
        wrong[problem.product_id] = wrong.get(problem.product_id, 0) + 1
    bad = len(list(csv.reader((folder / "products.csv").open(encoding="utf-8")))) - 1 - GOOD
    pictured = [n for n in range(GOOD) if any(media.hash for media in shop.product(f"GOOD-{n}").media)]
    found = [hit for hit in shop.search("mug", k=200).page if hit.product.id.startswith("GOOD")]
    told = [id for id in wrong if id.startswith("BAD")]
    return (
        f"{report.products} products, {len(pictured)} good pictures, {len(found)} good found, "
        f"{len(told)} of {bad} told, {max(wrong.values())} at most, {len(wrong) - len(told)} good ones"
    )


def of(name: str, make: Any) -> Case:
    """A case of a whole build."""
    says = rf"\d+ products, {GOOD} good pictures, {GOOD} good found, (\d+) of \1 told, 1 at most, 0 good ones"
    return Case(name=name, make=make, meet=built, says=says, most_mb=400, slow=True)


CASES = [
    of("every hostile picture of the tables in one catalog", _hostile),
    of("every hostile server in one catalog", _served),
]
