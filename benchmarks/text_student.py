"""What the small text tower knows and costs, beside the two large ones it learned from.

    python benchmarks/text_student.py --student build/pocket/student

Exams are those of `duomo.train.examine`: English synonyms and Chinese translations that no training saw
together, asked in both directions, the mean of each side taken off. Sizes and CPU milliseconds a query
(one thread, one text at a time, tokenizer included) are those of the exported tower with weights of 8 bits.
"""

import argparse
import gzip
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from statistics import median
from time import process_time
from typing import Final

import numpy as np
from tokenizers import Tokenizer

from duomo.arrays import Vectors, unit
from duomo.encode.onnx import OnnxSession
from duomo.train.examine import examine
from duomo.train.lexicon import Exam
from provenance import ROOT, data_dir, record

EXAMS: Final[tuple[Exam, ...]] = ("synonym", "translation")


def small_and_quick(folder: Path, texts: Sequence[str]) -> tuple[dict[str, float], Vectors]:
    """The exported tower's size, milliseconds a query, and its pooled vectors of the texts."""
    from duomo.train.export import export_text  # here and below, as PyTorch may not be there
    from duomo.train.towers.text import load_tower

    tower, tokenizer = load_tower(folder)
    with tempfile.TemporaryDirectory() as place:
        export_text(tower, tokenizer, Path(place))
        sizes = {path.name: path.stat().st_size for path in Path(place).iterdir()}
        session = OnnxSession(Path(place) / "text.onnx")
        words = Tokenizer.from_file(str(Path(place) / "tokenizer.json"))
        words.enable_truncation(tower.shape.tokens)
        took_ms, rows = [], []
        for text in texts:
            started = process_time()
            ids = np.array([words.encode(text).ids], dtype=np.int64)
            (row,) = session.run({"input_ids": ids, "attention_mask": np.ones_like(ids)})
            took_ms.append(1000 * (process_time() - started))
            rows.append(row[0])
    figures = {
        "onnx_mb": round(sizes["text.onnx"] / 1e6, 2),
        "tokenizer_mb": round(sizes["tokenizer.json"] / 1e6, 2),
        "cpu_ms": round(median(took_ms), 3),
    }
    return figures, np.stack(rows)


def main() -> None:
    """Measure and record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    student = ROOT / "build" / "pocket" / "text" / "student"
    parser.add_argument("--student", type=Path, default=student, help="the tower's folder")
    parser.add_argument("--queries", type=int, default=300, help="real Chinese queries that are timed")
    options = parser.parse_args()
    file = data_dir() / "zh_ecom_tasks" / "search_queries.csv.gz"
    for needed, remedy in (
        (file, "set TEST_DATA_DIR to the folder of data packs"),
        (options.student, "name the folder of a trained tower with --student"),
    ):
        if not needed.exists():
            print(f"There is no {needed}: {remedy}.", file=sys.stderr)
            return
    import torch

    from duomo.train.starts.e5 import load_e5
    from duomo.train.starts.minilm import load_minilm
    from duomo.train.towers.text import encode_texts

    torch.set_num_threads(1)
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        queries = [line.strip() for line in islice(lines, 1, options.queries + 1)]
    figures, quick = small_and_quick(options.student, queries)
    plain = encode_texts(options.student, queries).hidden
    encoders: Mapping[str, Callable[[Sequence[str]], Vectors]] = {
        "student_e5": lambda texts: encode_texts(options.student, texts).e5,
        "student_minilm": lambda texts: encode_texts(options.student, texts).minilm,
        "student_hidden": lambda texts: encode_texts(options.student, texts).hidden,
        "e5": load_e5().encode,
        "minilm": load_minilm().encode,
    }
    grades = {
        f"{name}_{exam}": [round(grade.share, 3), round(grade.error, 3)]
        for name, encode in encoders.items()
        for exam in EXAMS
        for grade in [examine(exam, encode, centre=True)]
    }
    agree = (unit(quick) * unit(plain)).sum(axis=1)
    record(
        "text_student",
        {
            **figures,
            "queries": len(queries),
            "int8_to_float_cosine": [round(float(np.median(agree)), 4), round(float(agree.min()), 4)],
            **grades,
        },
    )


if __name__ == "__main__":
    main()
