"""How long shoppers wait for a served shop: an open load, counted from when each question was due.

    python benchmarks/http_load.py                          # fashion_products: 37,774 rows, 50 a second, 60 s
    python benchmarks/http_load.py --shop DIR --workers 2   # a shop built from it, two processes

The server runs in processes of its own (`duomo serve`), and so does what asks it. When each question is sent
is drawn beforehand (Poisson, or even gaps), whatever came of those before, and its time counts from then to
the last byte: a server that falls behind cannot slow down who asks it. What is asked is a mix of English
words (cut from the shop's own titles), Chinese words, questions with the facets that the page shows, and some
with a filter as well. *suggest* sends the beginnings of such questions, as somebody types them; *both* sends
both, each at the full rate. The floors of the same run: `/healthz` at the same rate, and `Shop.search` and
`Shop.suggest` in one process, one question after the other, nothing around them.
"""

import argparse
import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context
from os import getloadavg
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter
from typing import Final
from urllib.parse import urlencode, urlsplit

import numpy as np
import psutil

from duomo import Shop
from duomo.files import hash_file
from duomo.shelf.lance import LanceShelf
from duomo.shelf.manifest import VARIANTS
from provenance import pack_or_end, record
from search_speed import cut_titles

SEED: Final = 7
PATIENCE_S: Final = 30.0  # a question that takes longer has failed
MIX: Final[Mapping[str, float]] = {"english": 0.4, "chinese": 0.25, "facets": 0.25, "filtered": 0.1}
FACETS: Final = ("category", "color", "gender", "usage", "season", "article_type")
FILTERS: Final = (
    "category = 'Footwear'",
    "color in ('Red', 'Blue')",
    "gender = 'Women'",
    "season = 'Summer'",
)
# Words of goods such as these, written down by hand; put together they are some 2,000 questions.
PERSONS: Final = ("", "男士", "女士", "儿童")
COLORS_ZH: Final = ("红色", "蓝色", "黑色", "白色", "绿色", "灰色", "粉色", "棕色", "黄色", "紫色", "藏青色")
STYLES: Final = ("", "休闲", "运动", "夏季")
KINDS_ZH: Final = ("连衣裙", "牛仔裤", "衬衫", "T恤", "运动鞋", "凉鞋", "手表", "手提包", "太阳镜", "夹克")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: when it is due, in seconds from the start, its kind, and its path."""

    due: float
    kind: str
    path: str


@dataclass(slots=True)
class Answered:
    """What came of the requests of one kind."""

    waited_ms: list[float] = field(default_factory=list)  # from when it was due to the last byte
    late_ms: list[float] = field(default_factory=list)  # from when it was due to when it was sent
    failed: int = 0

    def told(self) -> dict[str, object]:
        """As a result line has it."""
        cuts = np.percentile(self.waited_ms or [float("nan")], (50, 95, 99, 100))
        names = ("p50_ms", "p95_ms", "p99_ms", "max_ms")
        told: dict[str, object] = {"n": len(self.waited_ms), "failed": self.failed}
        return told | {name: round(float(cut), 2) for name, cut in zip(names, cuts, strict=True)}


def due_times(rate: float, seconds: float, rng: np.random.Generator, *, even: bool) -> list[float]:
    """When requests are due: a Poisson process of so many a second, or even gaps."""
    count = int(rate * seconds) if even else int(rng.poisson(rate * seconds))
    return sorted(n / rate if even else float(rng.uniform(0, seconds)) for n in range(count))


def questions_of(titles: Sequence[str], count: int, rng: np.random.Generator) -> list[tuple[str, str, str]]:
    """So many questions as (kind, words, query string), drawn from the mix."""
    chinese = [f"{p}{c}{s}{k}" for p in PERSONS for c in COLORS_ZH for s in STYLES for k in KINDS_ZH]
    english = cut_titles([*titles], count)
    asked = []
    for number, kind in enumerate(rng.choice(list(MIX), count, p=list(MIX.values())).tolist()):
        is_chinese = kind == "chinese" or (kind != "english" and rng.random() < 0.3)
        words = str(rng.choice(chinese)) if is_chinese else english[number % len(english)]
        fields = [("q", words), ("k", "24")]
        if kind in ("facets", "filtered"):
            fields += [("facet", name) for name in FACETS]
        if kind == "filtered":
            fields.append(("where", str(rng.choice(FILTERS))))
        asked.append((kind, words, urlencode(fields)))
    return asked


def typed_of(words: Sequence[str], count: int, rng: np.random.Generator) -> list[str]:
    """So many beginnings of questions, one letter longer each time until a question is typed."""
    typed = [word[:length] for word in words for length in range(1, len(word) + 1)]
    start = int(rng.integers(0, max(len(typed) - count, 1)))
    return [typed[(start + n) % len(typed)] for n in range(count)]


class Line:
    """A kept connection; HTTP/1.1 by hand: a client that costs more than the server would measure itself."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @property
    def closed(self) -> bool:
        """Whether the server has closed it, as it does when nothing came for some seconds."""
        return self._reader.at_eof()

    async def get(self, path: str, host: str) -> int:
        """The status of the answer, when its last byte is there."""
        self._writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.partition("content-length:")[2].partition("\r\n")[0])
        await self._reader.readexactly(length)
        return int(head.split(" ", 2)[1])


async def ask_all(url: str, schedule: Sequence[Asked]) -> dict[str, Answered]:
    """Send each request when it is due, on a free connection or a new one; kind -> what came of it."""
    place = urlsplit(url)
    host, port = str(place.hostname), int(place.port or 80)
    answered = {asked.kind: Answered() for asked in schedule}
    free: list[Line] = []
    started = perf_counter() + 0.5

    async def one(asked: Asked) -> None:
        sent, of_kind = perf_counter(), answered[asked.kind]
        try:
            async with asyncio.timeout(PATIENCE_S):
                free[:] = [line for line in free if not line.closed]
                line = free.pop() if free else Line(*await asyncio.open_connection(host, port))
                status = await line.get(asked.path, host)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            of_kind.failed += 1
            return
        of_kind.waited_ms.append((perf_counter() - started - asked.due) * 1000)
        of_kind.late_ms.append((sent - started - asked.due) * 1000)
        of_kind.failed += status != 200
        free.append(line)

    async with asyncio.TaskGroup() as group:
        for asked in schedule:
            if (wait := started + asked.due - perf_counter()) > 0:
                await asyncio.sleep(wait)
            group.create_task(one(asked))
    return answered


def run_load(url: str, schedule: Sequence[Asked]) -> dict[str, Answered]:
    """The load of one phase, in this process."""
    return asyncio.run(ask_all(url, schedule))


def cpu_s(server: psutil.Process) -> float:
    """Processor seconds that the server and its workers have used."""
    every = [server, *server.children(recursive=True)]
    return sum(sum(process.cpu_times()[:2]) for process in every)


def memory_mb(server: psutil.Process) -> list[float]:
    """What each process of the server holds for itself alone (USS)."""
    every = [server, *server.children(recursive=True)]
    return sorted((round(process.memory_full_info().uss / 1e6, 1) for process in every), reverse=True)


def alone(ask: Callable[[str], object], asked: Sequence[str]) -> dict[str, object]:
    """One question after the other, in this process."""
    for each in asked[:20]:
        ask(each)
    answered = Answered()
    for each in asked:
        started = perf_counter()
        ask(each)
        answered.waited_ms.append((perf_counter() - started) * 1000)
    return answered.told()


def wait_until_ready(url: str) -> float:
    """Seconds until /readyz says so."""
    started = monotonic()
    schedule = [Asked(0.0, "ready", "/readyz")]
    while run_load(url, schedule)["ready"].failed:
        if monotonic() - started > 300:
            raise SystemExit("the server did not get ready within five minutes")
    return monotonic() - started


def measure(catalog: Path, folder: Path, given: argparse.Namespace) -> None:
    """Serve the shop, ask it, and record."""
    snapshot = LanceShelf(folder / VARIANTS).snapshot()
    titles = snapshot.take(snapshot.search().rows, ["title"])["title"].to_pylist()
    rng = np.random.default_rng(SEED)
    count = int(given.rate * given.seconds * 1.5) + 100
    asked = questions_of(titles, count, rng)
    typed = typed_of([words for _, words, _ in asked], count, rng)

    def schedule(kinds: Sequence[str]) -> list[Asked]:
        every: list[Asked] = []
        for kind in kinds:
            times = due_times(given.rate, given.seconds, rng, even=given.even)
            for n, due in enumerate(times):
                if kind == "search":
                    every.append(Asked(due, asked[n][0], f"/v1/search?{asked[n][2]}"))
                elif kind == "suggest":
                    every.append(Asked(due, kind, f"/v1/suggest?{urlencode({'q': typed[n]})}"))
                else:
                    every.append(Asked(due, kind, f"/{kind}"))
        return sorted(every, key=lambda each: each.due)

    command = [sys.executable, "-m", "duomo", "serve", "--shop", str(folder), "--port", "0", "--json"]
    command += ["--workers", str(given.workers)]
    phases: dict[str, dict[str, object]] = {}
    started, load_before = monotonic(), round(getloadavg()[0], 2)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            url = str(json.loads(process.stdout.readline())["url"]).rstrip("/")
            wait_until_ready(url)
            ready_s = monotonic() - started
            server = psutil.Process(process.pid)
            with get_context("spawn").Pool(1) as pool:
                first = [Asked(n / 50, asked[-n][0], f"/v1/search?{asked[-n][2]}") for n in range(1, 101)]
                pool.apply(run_load, (url, first))
                for name, kinds in {
                    "healthz": ["healthz"],
                    "search": ["search"],
                    "suggest": ["suggest"],
                    "both": ["search", "suggest"],
                }.items():
                    used = cpu_s(server)
                    answered = pool.apply(run_load, (url, schedule(kinds)))
                    used = cpu_s(server) - used
                    phases[name] = summed(answered) | {"cpu_cores": round(used / given.seconds, 3)}
            memory = memory_mb(server)
        finally:
            process.terminate()
            process.wait(60)

    shop = Shop.open(folder)
    words = [each for _, each, _ in asked[: min(given.alone, len(asked))]]
    floors = {
        "Shop.search": alone(lambda each: shop.search(each, k=24), words),
        "Shop.suggest": alone(lambda each: shop.suggest(each), typed[: len(words)]),
    }
    record(
        "http_load",
        {
            "catalog": catalog.parent.name,
            "data": hash_file(catalog),
            "seed": SEED,
            "rows": len(shop),
            "encoder": shop.manifest.encoders[0],
            "workers": given.workers,
            "rate": given.rate,
            "seconds": given.seconds,
            "arrivals": "even" if given.even else "poisson",
            "distinct_questions": round(len({words for _, words, _ in asked}) / len(asked), 3),
            "ready_s": round(ready_s, 1),
            "load_average_before": load_before,  # of a minute: what else the machine had to do
            "uss_mb": memory,
            "phases": phases,
            "in_process": floors,
        },
    )


def summed(answered: Mapping[str, Answered]) -> dict[str, object]:
    """One phase: searches together and by kind, and everything else by itself."""
    searches = Answered()
    for kind in MIX:
        if kind in answered:
            searches.waited_ms += answered[kind].waited_ms
            searches.failed += answered[kind].failed
    late = [each for of_kind in answered.values() for each in of_kind.late_ms]
    told: dict[str, object] = {"search": searches.told()} if searches.waited_ms else {}
    told |= {kind: of_kind.told() for kind, of_kind in answered.items()}
    return told | {"sent_late_p99_ms": round(float(np.percentile(late, 99)), 2)}


def main() -> None:
    """Build the shop, or take the one given, and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, help="a pack with products.csv; default: fashion_products")
    parser.add_argument("--shop", type=Path, help="a shop built from it; default: build one with hashed")
    parser.add_argument("--workers", type=int, default=1, help="processes of the server")
    parser.add_argument("--rate", type=float, default=50.0, help="questions a second")
    parser.add_argument("--seconds", type=float, default=60.0, help="of each phase")
    parser.add_argument("--even", action="store_true", help="even gaps; default: a Poisson process")
    parser.add_argument("--alone", type=int, default=1000, help="questions of the floors in one process")
    given = parser.parse_args()
    catalog = pack_or_end(given.folder, "fashion_products") / "products.csv"
    if given.shop:
        measure(catalog, given.shop, given)
        return
    with TemporaryDirectory(prefix="duomo-http-load-") as place:
        Shop.create(Path(place) / "shop", encoder="hashed").build(catalog)
        measure(catalog, Path(place) / "shop", given)


if __name__ == "__main__":
    main()
