"""A small real shop with drawn pictures, variants and reviews; a client and a browser for its server."""

import csv
import io
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import numpy as np
import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from duomo.settings import Settings
from duomo.shop import Shop
from duomo.web.app import create_app

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Open = Callable[..., "Page"]  # opens the page; see open_page

KEY = "open sesame"
COLORS = {
    "Red": (190, 30, 40),
    "Blue": (30, 70, 180),
    "Green": (40, 140, 70),
    "Black": (25, 25, 28),
    "White": (240, 240, 240),
}
KINDS = [  # title, Chinese title, category, price, brand
    ("Mug", "马克杯", "Kitchen > Cups", 9.5, "Levi's"),
    ("Shirt", "衬衫", "Apparel > Tops", 25.0, "Ostra"),
    ("Jacket", "夹克", "Apparel > Tops", 80.0, "Ostra"),
    ("Lamp", "台灯", "Home", 45.0, "Lumen"),
]
SIZES = ("S", "M", "L")
DETAIL = 4  # a kind of picture beside those of KINDS: the second one of every lamp


def picture(color: tuple[int, int, int], kind: int, format: str = "JPEG") -> bytes:
    """A plain drawing: a shape of the color on white, another shape for every kind of thing."""
    pixels = np.full((96, 96, 3), 255, np.uint8)
    rows, columns = np.mgrid[0:96, 0:96] - 48
    shapes = (
        np.hypot(rows, columns) < 34,
        (np.abs(rows) < 38) & (np.abs(columns) < 22),
        (np.abs(rows) < 20) & (np.abs(columns) < 42),
        np.abs(rows) + np.abs(columns) < 40,
        (rows // 8 + columns // 8) % 2 == 0,
    )
    pixels[shapes[kind]] = color
    body = io.BytesIO()
    Image.fromarray(pixels).save(body, format)
    return body.getvalue()


def write_catalog(folder: Path) -> None:
    """20 products: every kind in every color; shirts and jackets in three sizes, lamps with two pictures."""
    (folder / "images").mkdir(parents=True)
    products = [
        ["sku", "title", "description", "category", "brand", "color", "price", "currency", "image", "stock"]
    ]
    variants = [["variant_sku", "sku", "size", "price", "currency"]]
    for kind, (title, chinese, category, price, brand) in enumerate(KINDS):
        for color, rgb in COLORS.items():
            sku, image = f"{title}-{color}", f"images/{title}-{color}.jpg"
            (folder / image).write_bytes(picture(rgb, kind))
            if title == "Lamp":
                (folder / "images" / f"{sku}-2.jpg").write_bytes(picture(rgb, DETAIL))
                image += f"|images/{sku}-2.jpg"
            said = f"A {color.lower()} {title.lower()}. {chinese}"
            products.append(
                [sku, f"{color} {title}", said, category, brand, color, f"{price}", "USD", image, "3"]
            )
            if title in ("Shirt", "Jacket"):
                variants += [[f"{sku}-{size}", sku, size, f"{price}", "USD"] for size in SIZES]
    reviews = [
        ["sku", "rating", "title", "review", "user", "time"],
        ["Mug-Red", "5", "Lovely", "Keeps tea warm.", "ann@example.com", "2026-01-02"],
        ["Mug-Red", "2", "", "杯口有瑕疵。", "李雷", "2026-02-03"],
    ]
    for name, rows in (("products", products), ("variants", variants), ("reviews", reviews)):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)


def build_shop(folder: Path, settings: Settings) -> Shop:
    write_catalog(folder / "catalog")
    shop = Shop.create(folder / "shop", encoder="hashed", settings=settings)
    shop.build(folder / "catalog")
    return shop


def until(true: Callable[[], bool]) -> None:
    """Wait for something that must come; a busy machine takes its time."""
    for _ in range(600):
        if true():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come to pass within a minute")


@pytest.fixture(scope="session")
def draw() -> Callable[[str, int, str], bytes]:
    """Draws the picture of a color and a kind (its place in KINDS; 4: a detail of a lamp) in a format."""
    return lambda color, kind, format: picture(COLORS[color], kind, format)


@pytest.fixture
def new_shop(tmp_path: Path) -> Callable[[Settings], Shop]:
    """Builds a shop of a test's own."""
    return lambda settings: build_shop(tmp_path, settings)


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop that no test changes; its server takes up to 1 MB and knows a write key."""
    settings = Settings(workers=0, write_key=KEY, body_mb=1.0)
    return build_shop(tmp_path_factory.mktemp("web"), settings)


@pytest.fixture(scope="session")
def client(shop: Shop) -> Iterator[TestClient]:
    with TestClient(create_app(shop)) as client:
        yield client


# Without these Chromium asks for addresses of its maker at every start.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@contextmanager
def served(shop: Shop) -> Iterator[str]:
    """Where the shop is served."""
    with served_app(create_app(shop)) as address:
        yield address


@contextmanager
def served_app(app: FastAPI) -> Iterator[str]:
    """Where an app is served."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def address(shop: Shop) -> Iterator[str]:
    with served(shop) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        pytest.skip("chromium is not here: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="the browser extra is not installed")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: "Browser", address: str) -> Iterator[Open]:
    """Opens the page at a path; whatever the console complains of fails the test."""
    contexts, complaints = [], []

    def open(path: str = "/", locale: str = "en-US", width: int = 1280) -> "Page":
        context = browser.new_context(locale=locale, viewport={"width": width, "height": 800})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(urljoin(address, path))
        return page

    yield open
    for context in contexts:
        context.close()
    assert not complaints
