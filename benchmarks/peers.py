"""Duomo beside open engines on the same goods, the same questions and the same vectors, in one run.

    pip install txtai chromadb faiss-cpu bm25s      # in an environment of its own, beside Duomo
    OMP_NUM_THREADS=1 python benchmarks/peers.py    # icecat dev and Chinese titles; recorded

Every system gets the words of a product as one text (title, brand, number, description, attributes), the
vectors that Duomo made of it, and encodes a question with the same encoder inside the time that is measured:

* by hand: bm25s (English stems and stop words; Chinese characters and pairs) and exact faiss, by rank fusion;
* LanceDB: its full-text index and its vectors, fused by its own hybrid search;
* txtai: its hybrid index (faiss and its own BM25, half and half);
* Chroma: vectors alone, as its local engine ranks by nothing else.

Quality: NDCG@10 over the whole catalog and over the judged products alone (benchmarks/search_judged.py), MRR
where one title is right; intervals are paired bootstraps over questions. Latency: ten products for one
question at a time, each question asked of all systems in an order that turns.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from duomo import Shop
from duomo.arrays import unit
from duomo.encode.models import load_encoder
from duomo.measure.compare import difference, interval
from duomo.measure.ranking import ndcg, reciprocal_rank
from duomo.shelf.columns import matrix_of
from duomo.shelf.keywords import tokens
from duomo.shelf.lance import LanceShelf
from duomo.shelf.layout import vector_column
from duomo.shelf.manifest import VARIANTS
from provenance import ROOT, data_dir, record
from search_judged import CATALOGS, Judged, fuse_by_rank, shop_of

DEEP = 200  # products of a ranking that is judged
Vectors = NDArray[np.float32]
Ask = Callable[[str, int], list[str]]  # question, how many -> ids, best first
Encode = Callable[[str], Vectors]


def texts_of(judged: Judged) -> list[str]:
    """All that is said of each product."""
    said = []
    for good in judged.goods:
        attributes = good.get("attributes") or {}
        assert isinstance(attributes, Mapping)
        parts = [good.get(name) or "" for name in ("title", "brand", "mpn", "description")]
        said.append(" ".join(map(str, [*parts, *(f"{name} {value}" for name, value in attributes.items())])))
    return said


def vectors_of(folder: Path, encoder: str, ids: Sequence[str]) -> Vectors:
    """(n, dim) the vectors of words that the shop keeps of these products, of length 1."""
    snapshot = LanceShelf(folder / VARIANTS).snapshot()
    table = snapshot.take(snapshot.search().rows, ["id", vector_column(encoder, "text")])
    place = {name: at for at, name in enumerate(table["id"].to_pylist())}
    matrix = matrix_of(table[vector_column(encoder, "text")].combine_chunks())[0]
    return unit(matrix[[place[name] for name in ids]])


def by_hand(ids: Sequence[str], texts: Sequence[str], vectors: Vectors, encode: Encode) -> Ask:
    """bm25s and faiss, the hundred best of each, fused by rank."""
    import bm25s
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    chinese = any("一" <= letter <= "鿿" for letter in "".join(texts[:20]))
    cut = _characters if chinese else _stems
    words = bm25s.BM25()
    words.index([cut(text) for text in texts], show_progress=False)

    def ask(question: str, k: int) -> list[str]:
        deep = min(max(k, 100), len(ids))
        near = index.search(encode(question)[None], deep)[1][0]
        there = [word for word in cut(question) if word in words.vocab_dict]
        found, scores = words.retrieve([there], k=deep, show_progress=False) if there else ([[]], [[]])
        matched = [at for at, score in zip(found[0], scores[0], strict=True) if score > 0]
        return fuse_by_rank([[ids[at] for at in matched], [ids[at] for at in near]])[:k]

    return ask


def _stems(text: str) -> list[str]:
    import bm25s
    import snowballstemmer

    stem = snowballstemmer.stemmer("english").stemWords
    cut = bm25s.tokenize(text, stopwords="en", stemmer=stem, return_ids=False, show_progress=False)
    return list(cut[0])


def _characters(text: str) -> list[str]:
    """Characters and their pairs, Latin words whole: what Duomo cuts, since bm25s has nothing for Chinese."""
    return list(tokens(text))


def lance(ids: Sequence[str], texts: Sequence[str], vectors: Vectors, encode: Encode, place: Path) -> Ask:
    """LanceDB's own hybrid search; its vectors are compared exactly, as there is no index over them."""
    import lancedb

    rows = [{"id": i, "text": t, "vector": v} for i, t, v in zip(ids, texts, vectors, strict=True)]
    table = lancedb.connect(place / "lance").create_table("goods", rows)
    table.create_fts_index("text", base_tokenizer="icu")

    def ask(question: str, k: int) -> list[str]:
        search = table.search(query_type="hybrid").vector(encode(question)).text(question)
        found = search.distance_type("cosine").limit(k).select(["id"]).to_list()  # type: ignore[attr-defined]  # a hybrid query has it
        return [row["id"] for row in found]

    return ask


def txtai(ids: Sequence[str], texts: Sequence[str], vectors: Vectors, encode: Encode) -> Ask:
    """The hybrid index of txtai, with vectors from outside."""
    from txtai.embeddings import Embeddings

    known = dict(zip(texts, vectors, strict=True))

    def transform(asked: Sequence[str]) -> Vectors:
        return np.stack([known[text] if text in known else encode(text) for text in asked])

    engine = Embeddings({"method": "external", "transform": transform, "hybrid": True})
    engine.index(zip(ids, texts, [None] * len(ids), strict=True))
    return lambda question, k: [str(name) for name, _ in engine.search(question, k)]


def chroma(ids: Sequence[str], texts: Sequence[str], vectors: Vectors, encode: Encode, place: Path) -> Ask:
    """Chroma's neighbours by cosine."""
    import chromadb

    settings = chromadb.Settings(anonymized_telemetry=False)
    client = chromadb.PersistentClient(str(place / "chroma"), settings=settings)
    goods = client.create_collection("goods", configuration={"hnsw": {"space": "cosine"}})
    for start in range(0, len(ids), 5000):
        some = slice(start, start + 5000)
        goods.add(ids=list(ids[some]), embeddings=vectors[some], documents=list(texts[some]))

    def ask(question: str, k: int) -> list[str]:
        found = goods.query(query_embeddings=encode(question)[None], n_results=k, include=[])
        return list(found["ids"][0])

    return ask


def asked_in_turn(
    systems: Mapping[str, Ask], questions: Sequence[str]
) -> tuple[dict[str, list[list[str]]], dict[str, list[float]]]:
    """For every system the ten products of each question, and how many milliseconds each took."""
    names = list(systems)
    found: dict[str, list[list[str]]] = {name: [] for name in names}
    took: dict[str, list[float]] = {name: [] for name in names}
    for ask in systems.values():
        for warm in ("red mug", "红色杯子", "usb"):
            ask(warm, 10)
    for number, question in enumerate(questions):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            started = perf_counter()
            ids = systems[name](question, 10)
            took[name].append((perf_counter() - started) * 1000)
            found[name].append(ids)
    return found, took


def _judged(ranked: Sequence[str], grades: Mapping[str, float]) -> float:
    """NDCG@10 of the judged products alone; those not found come last, by id."""
    found = [name for name in ranked if name in grades]
    rest = sorted(grades.keys() - set(found))
    return ndcg([grades[name] for name in [*found, *rest]], list(grades.values()), 10)


def compare(judged: Judged, shops: Path, encoder: str, place: Path) -> None:
    """All systems on one catalog; one line for each."""
    folder = shop_of(judged, shops, encoder).folder
    shop, towers = Shop.open(folder), load_encoder(encoder)
    tower = towers.asks_goods or towers.text
    assert tower

    def encode(question: str) -> Vectors:
        return unit(tower.encode([question])[0])

    ids = [str(good["sku"]) for good in judged.goods]
    given = (ids, texts_of(judged), vectors_of(folder, encoder, ids), encode)
    systems: dict[str, Ask] = {
        "duomo": lambda question, k: [hit.product.id for hit in shop.search(question, k=k)],
        "bm25s + faiss": by_hand(*given),
        "lancedb": lance(*given, place),
        "txtai": txtai(*given),
        "chroma": chroma(*given, place),
    }
    questions = [q for q, grades in judged.grades.items() if max(grades.values()) > 0]
    found, took = asked_in_turn(systems, questions)
    one_right = all(len(judged.grades[q]) == 1 for q in questions)
    quality: dict[str, dict[str, NDArray[np.float64]]] = {}
    for name, ask in systems.items():
        if one_right:
            deep = [reciprocal_rank(ask(q, DEEP), judged.grades[q]) for q in questions]
            quality[name] = {"mrr": np.array(deep)}
            continue
        full = [
            ndcg([judged.grades[q].get(i, 0.0) for i in ten], list(judged.grades[q].values()), 10)
            for q, ten in zip(questions, found[name], strict=True)
        ]
        alone = [_judged(ask(q, DEEP), judged.grades[q]) for q in questions]
        quality[name] = {"ndcg_full": np.array(full), "ndcg_judged": np.array(alone)}
    for name, measures in quality.items():
        line: dict[str, object] = {"what": judged.name, "encoder": encoder, "system": name}
        line |= {
            "products": len(ids),
            "questions": len(questions),
            "threads": os.environ.get("OMP_NUM_THREADS"),
        }
        for measure, values in measures.items():
            line[measure] = str(interval(values))
            if name != "duomo":
                line[f"{measure}: duomo less it"] = str(difference(values, quality["duomo"][measure]))
        line["p50_ms"] = round(median(took[name]), 2)
        line["p95_ms"] = round(float(np.quantile(took[name], 0.95)), 2)
        line["times duomo's"] = round(median(np.array(took[name]) / np.array(took["duomo"])), 2)
        record("peers", line)


def main() -> None:
    """Compare on every catalog."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("only", nargs="*", choices=["icecat", "chinese", []], help="default: both")
    parser.add_argument("--encoder", default="pocket")
    parser.add_argument("--shops", type=Path, default=ROOT / "build" / "judged")
    given = parser.parse_args()
    for name, pack in (("icecat", "search_icecat"), ("chinese", "zh_ecom_tasks")):
        if given.only and name not in given.only:
            continue
        if not (data_dir() / pack).is_dir():
            missing = f"There is no {data_dir() / pack}: set TEST_DATA_DIR to the folder of data packs."
            print(missing, file=sys.stderr)
            return
        with TemporaryDirectory(prefix="duomo-peers-") as place:
            compare(CATALOGS[name](data_dir()), given.shops, given.encoder, Path(place))


if __name__ == "__main__":
    main()
