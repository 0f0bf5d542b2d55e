"""What a laptop holds: a shop of so many rows built, updated and asked; time, memory, disk, recall.

    python benchmarks/scale.py --rows 37774                       # hashed, one column of 256 numbers
    python benchmarks/scale.py --rows 1000000 --encoder pocket    # two columns of 384; from the vector cache
    python benchmarks/scale.py --rows 200000 --exact-rows 0       # by LanceDB's indexes, nothing in memory

Rows are made of a real catalog (`scaled/goods.py`). `hashed` encodes them, which costs next to nothing; the
vectors of any other encoder are made beforehand and put into the shop's vector cache, where a build looks
before it encodes. The steps are commands of their own (`duomo build`), their memory that of all their
processes together, looked at every 50 ms (pages that processes share count twice):

* build: of an empty shop;
* floor: vectors of the texts (encoded, or from the cache) in as many processes, and one plain write of ids,
  texts and vectors;
* unchanged: the same file once more;
* prices: one row in a hundred costs something else;
* new: one row in a hundred is new;
* search: `scaled/asking.py`, in a process of its own with one thread.
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
import pyarrow as pa

from build_speed import Ran, run
from duomo import Shop
from duomo.arrays import Vectors
from duomo.encode.base import Encoder
from duomo.encode.cache import VectorCache
from duomo.encode.models import load_encoder
from duomo.files import hash_bytes, hash_file
from duomo.settings import Settings
from duomo.shelf.columns import vector_array
from duomo.shelf.manifest import Manifest
from provenance import pack_or_end, record
from scaled.goods import SEED, fill_cache, goods_of, texts_of, write

_BATCH = 1000

_encoder: Encoder[str]
_cache: VectorCache | None


def _start(encoder: str, cache: Path | None) -> None:
    global _encoder, _cache
    towers = load_encoder(encoder)
    assert towers.kept
    _encoder = towers.kept
    _cache = VectorCache(cache) if cache else None


def _encoded(texts: Sequence[str]) -> Vectors:
    if not _cache:
        return _encoder.encode(texts)
    keys = [hash_bytes(text.encode()) for text in texts]
    known = _cache.get(_encoder.card, keys)
    return np.stack([known[key] for key in keys])


def floor_s(texts: Sequence[str], encoder: str, cache: Path | None, into: Path) -> float:
    """Seconds from texts to one plain table of ids, texts and vectors; processes are started before."""
    import lancedb

    workers = os.cpu_count() or 1
    parts = [texts[at : at + _BATCH] for at in range(0, len(texts), _BATCH)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _start, (encoder, cache)) as pool:
        list(pool.map(_encoded, [texts[:8]] * workers))
        started = perf_counter()
        waiting = [pool.submit(_encoded, part) for part in parts[: workers + 2]]

        def tables() -> Iterator[pa.RecordBatch]:
            for number, part in enumerate(parts):
                vectors = waiting.pop(0).result()
                if number + workers + 2 < len(parts):
                    waiting.append(pool.submit(_encoded, parts[number + workers + 2]))
                ids = [f"{number}-{place}" for place in range(len(part))]
                there = vector_array(vectors, np.ones(len(vectors), np.bool_))
                yield pa.record_batch([pa.array(ids), pa.array(part), there], ["id", "text", "vector"])

        stream = tables()
        first = next(stream)

        def every() -> Iterator[pa.RecordBatch]:
            yield first
            yield from stream

        lancedb.connect(into).create_table("floor", pa.RecordBatchReader.from_batches(first.schema, every()))
        return perf_counter() - started


def step(ran: Ran, rows: int) -> dict[str, object]:
    """What a build took and did."""
    told = {name: ran.report[name] for name in ("added", "updated", "unchanged", "encoded")}
    return {
        "s": round(ran.wall_s, 2),
        "cpu_s": round(ran.cpu_s, 2),
        "rows_per_s": round(rows / ran.wall_s),
        "peak_mb": round(ran.peak_mb, 1),
        **told,
    }


def disk_mb(folder: Path) -> dict[str, float]:
    """What a shop takes, and of that its tables, their indexes and the caches."""

    def of(pattern: str) -> float:
        return round(sum(path.stat().st_size for path in folder.glob(pattern) if path.is_file()) / 1e6, 1)

    return {"shop": of("**/*"), "indexes": of("*.lance/_indices/**/*"), "cache": of("cache/**/*")}


def main() -> None:
    """Make the goods, build, update, ask; record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, help="a pack with products.csv; default: fashion_products")
    parser.add_argument("--rows", type=int, default=37_774)
    parser.add_argument("--encoder", default="hashed")
    parser.add_argument("--exact-rows", type=int, default=Settings().exact_rows, help="as the setting")
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--only-build", action="store_true", help="no updates and no search")
    parser.add_argument("--place", type=Path, help="where the shop is left; default: nowhere for long")
    given = parser.parse_args()
    pack = pack_or_end(given.folder, "fashion_products")
    os.environ["DUOMO_EXACT_ROWS"] = str(given.exact_rows)
    line: dict[str, object] = {
        "catalog": pack.name,
        "data": hash_file(pack / "products.csv"),
        "seed": SEED,
        "rows": given.rows,
        "encoder": given.encoder,
        "exact_rows": given.exact_rows,
        "workers": os.cpu_count(),
    }
    with TemporaryDirectory(prefix="duomo-scale-") as temporary:
        place = given.place or Path(temporary)
        shop, catalog = place / "shop", write(goods_of(pack, given.rows), place / "goods.csv")
        Shop.create(shop, encoder=given.encoder)
        cache = None
        if given.encoder != "hashed":
            cache = shop / "cache" / "vectors.sqlite"
            extra = given.rows + given.rows // 100
            fill_cache(VectorCache(cache), load_encoder(given.encoder), pack, extra)
        command = ["build", str(catalog), "--shop", str(shop), "--json"]
        line["build"] = step(run(command), given.rows)
        line["disk_mb"] = disk_mb(shop)
        line["probes"] = dict(Manifest.load(shop).probes)
        texts = [text for some in texts_of(goods_of(pack, given.rows)) for text in some]
        floor = floor_s(texts, given.encoder, cache, Path(temporary) / "floor")
        del texts
        line["floor_s"] = round(floor, 2)
        if not given.only_build:
            line["unchanged"] = step(run(command), given.rows)
            few = max(given.rows // 100, 1)
            write(goods_of(pack, given.rows, repriced_each=100), catalog)
            line["prices"] = step(run(command), few)
            write(goods_of(pack, given.rows + few, repriced_each=100), catalog)
            line["new"] = step(run(command), few)
            line["disk_after_mb"] = disk_mb(shop)
            line["search"] = asked(shop, given.exact_rows, given.questions)
    record("scale", line)


def asked(shop: Path, exact_rows: int, questions: int) -> object:
    """What `scaled/asking.py` prints, in a process of its own with one thread."""
    script = [sys.executable, "-m", "scaled.asking", "--shop", str(shop)]
    script += ["--exact-rows", str(exact_rows), "--questions", str(questions)]
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    where = Path(__file__).parent
    done = subprocess.run(script, capture_output=True, text=True, check=False, env=env, cwd=where)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
