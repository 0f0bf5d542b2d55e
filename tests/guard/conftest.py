"""Pictures drawn for the tests, and a web server of their own."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

Answer = Callable[[BaseHTTPRequestHandler], None]


def drawn(width: int = 48, height: int = 36) -> Image.Image:
    """A smooth picture that no turning or mirroring leaves the same."""
    across = np.linspace(20, 230, width)[None, :] + np.zeros((height, 1))
    down = np.linspace(240, 10, height)[:, None] + np.zeros((1, width))
    return Image.fromarray(np.stack([across, down, (across + down) / 2], axis=2).astype(np.uint8))


def saved(image: Image.Image, format: str, **options: object) -> bytes:
    """The picture as a file."""
    file = BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


@pytest.fixture
def picture() -> Image.Image:
    return drawn()


@pytest.fixture
def save() -> Callable[..., bytes]:
    return saved


@pytest.fixture(scope="session")
def files() -> dict[str, bytes]:
    """One small file of each kind and coding that matters, by name."""
    image = drawn()
    frames = [drawn(), drawn().rotate(180)]
    more = {"save_all": True, "append_images": frames[1:], "duration": 50}
    clear = image.copy()
    clear.putalpha(Image.linear_gradient("L").resize(image.size))
    exif = Image.Exif()
    exif[0x0112] = 6
    return {
        "jpeg": saved(image, "JPEG", quality=90),
        "jpeg progressive": saved(image, "JPEG", progressive=True),
        "jpeg grey": saved(image.convert("L"), "JPEG"),
        "jpeg cmyk": saved(image.convert("CMYK"), "JPEG"),
        "jpeg turned": saved(image, "JPEG", exif=exif),
        "png": saved(image, "PNG"),
        "png clear": saved(clear, "PNG", exif=exif),
        "png palette": saved(image.quantize(16), "PNG", transparency=3),
        "png 16 bit": saved(Image.fromarray(np.arange(48 * 36, dtype=np.uint16).reshape(36, 48) * 37), "PNG"),
        "png black and white": saved(image.convert("1"), "PNG"),
        "webp": saved(image, "WEBP", lossless=True),
        "webp clear": saved(clear, "WEBP", exif=exif),
        "webp animated": saved(frames[0], "WEBP", lossless=True, **more),
        "gif": saved(image.quantize(32), "GIF"),
        "gif animated": saved(frames[0].quantize(32), "GIF", **more),
        "bmp": saved(image, "BMP"),
        "tiff": saved(image, "TIFF"),
        "tiff packed": saved(image, "TIFF", compression="tiff_lzw"),
    }


@dataclass
class Site:
    """A web server on this machine; what it answers at a path is put into `answers`."""

    url: str
    port: int
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)  # the headers of each request, lower case

    def gives(self, path: str, body: bytes, type: str = "image/jpeg", **headers: str) -> str:
        """Answer a path with a body; return its address."""

        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(200)
            request.send_header("Content-Type", type)
            request.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                request.send_header(name.replace("_", "-"), value)
            request.end_headers()
            request.wfile.write(body)

        self.answers[path] = answer
        return self.url + path

    def leads(self, path: str, to: str, status: int = 302) -> str:
        """Answer a path with a redirect; return its address."""

        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            request.send_header("Location", to)
            request.end_headers()

        self.answers[path] = answer
        return self.url + path


@pytest.fixture
def site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append({name.lower(): value for name, value in self.headers.items()})
            try:
                if answer := served.answers.get(self.path):
                    answer(self)
                else:
                    self.send_error(404)
            except OSError:  # the other side has hung up, as it should
                pass

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing: what was asked stands in `asked`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    port = server.server_address[1]
    served = Site(url=f"http://localhost:{port}", port=port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield served
    server.shutdown()
    server.server_close()
    thread.join()
