"""What it costs in relevance, and brings in variety, that brands and near twins do not crowd a page.

    python benchmarks/spreading.py                     # icecat, the dev questions; recorded
    python benchmarks/spreading.py --shops build/judged

For every strength of `spread_brands` and `spread_twins`: NDCG@10 as benchmarks/search_judged.py has it, the
paired difference to none, and of the first ten products how many brands there are and how many have a twin
before them.
"""

import argparse
import sys
from pathlib import Path
from typing import Final

import numpy as np

from duomo import Settings, Shop
from duomo.hits import Hit
from duomo.measure.compare import difference, interval
from duomo.measure.ranking import ndcg
from duomo.search.twins import without
from duomo.shelf.filters import fold
from provenance import ROOT, data_dir, record
from search_judged import icecat, shop_of

STRENGTHS: Final = (0.0, 0.02, 0.05, 0.1, 0.2)


def twin(hit: Hit) -> tuple[str, str]:
    """What two products have alike when one is the other's twin but for its color."""
    colors = hit.product.attributes_of(hit.variant).get("color", ())
    return without(hit.product.title, colors), fold(hit.product.brand)


def main() -> None:
    """Ask under every setting, and record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--encoder", default="pocket")
    parser.add_argument("--shops", type=Path, default=ROOT / "build" / "judged")
    given = parser.parse_args()
    if not (data_dir() / "search_icecat").is_dir():
        missing = (
            f"There is no {data_dir() / 'search_icecat'}: set TEST_DATA_DIR to the folder of data packs."
        )
        print(missing, file=sys.stderr)
        return
    judged = icecat(data_dir())
    folder = shop_of(judged, given.shops, given.encoder).folder
    asked = [query for query, grades in judged.grades.items() if max(grades.values()) > 0]
    plain: np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None = None
    for name in ("spread_brands", "spread_twins"):
        for strength in STRENGTHS:
            if plain is not None and not strength:
                continue
            shop = Shop.open(folder, settings=Settings().changed({name: strength}))
            values, brands, twins = [], [], []
            for query in asked:
                hits = shop.search(query, k=10)
                grades = judged.grades[query]
                found = [grades.get(hit.product.id, 0.0) for hit in hits]
                values.append(ndcg(found, list(grades.values()), 10))
                brands.append(len({hit.product.brand for hit in hits}))
                twins.append(len(hits) - len({twin(hit) for hit in hits}))
            plain = np.array(values) if plain is None else plain
            record(
                "spreading",
                {
                    "what": judged.name,
                    "encoder": given.encoder,
                    "setting": name,
                    "strength": strength,
                    "questions": len(asked),
                    "ndcg": str(interval(np.array(values))),
                    "less none": str(difference(plain, np.array(values))),
                    "brands_at_10": round(float(np.mean(brands)), 2),
                    "twins_at_10": round(float(np.mean(twins)), 2),
                },
            )


if __name__ == "__main__":
    main()
