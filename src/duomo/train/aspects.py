"""Makes the shipped reader of aspects from sentences that people marked (make aspects).

Nine tenths of the train splits teach; the tenth by hash calibrates, and choices were made on it. Test and dev
splits are not read. The table of words comes from reviews (`aspects_words`).
"""

import argparse
import json
import logging
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save

from duomo.encode.base import Encoder
from duomo.encode.models import SHIPPED, load_encoder
from duomo.errors import BadSetting
from duomo.files import hash_file, write_atomic
from duomo.train.aspects_corpora import QUADS, TRIPLETS, MarkedText, corpora, held_out, silver_opinions
from duomo.train.aspects_words import make_kinds
from duomo.train.opinion_texts import read_opinions
from duomo.understand.aspects import AspectReader, asked_of
from duomo.understand.aspects_fitting import choose_features, fit_pairs, fit_polarity, fit_tagger, rows_for
from duomo.understand.aspects_groups import Groups, shipped_lists
from duomo.understand.aspects_pairs import NUMBERS, Pairs, numbers_of
from duomo.understand.aspects_polarity import POLARITIES, Focus, features
from duomo.understand.aspects_shipped import CARD, WEIGHTS
from duomo.understand.aspects_tagger import (
    LAYERS,
    TAGS,
    Ints,
    Layer,
    SpanTagger,
    best_tags,
    spans_in,
    tags_of,
)
from duomo.understand.aspects_tokens import FEATURES, PLAIN_FEATURES, tokens_of, words_of
from duomo.understand.aspects_tokens import features as token_features
from duomo.understand.aspects_words import WordKinds
from duomo.understand.fitting import temperature

log = logging.getLogger(__name__)

FEATURES_KEPT: Final = 28_000  # of each layer
POLARITY_KEPT: Final = 30_000
MOST_TRIPLETS: Final = 8_000  # sentences of the largest corpus
COST: Final = 1.0  # of the taggers
POLARITY_COST: Final = 0.2
PLAIN_SHARE: Final = 3  # one text in so many is judged without its corpus, as texts of a shop are
LEANS: Final = (0.0, 0.3, 0.6, 0.9, 1.2, 1.6, 2.0)  # log odds that are tried
KINDS: Final = "kinds.safetensors"
TAGGER: Final = "tagger.safetensors"
LICENCE: Final = "Apache-2.0; the licences of SemEval-2014 and of most packs of reviews are not verified"

Floats = NDArray[np.float32]


def ship(data: Path, work: Path, out: Path, *, without: Collection[str] = ()) -> Path:
    """Make the reader, and write its folder.

    Args:
        data: the folder of packs.
        work: keeps the table of words, which is made once.
        out: gets `card.json` and the weights.
        without: corpora that are left out.

    Raises:
        BadSetting: there are no marked sentences to learn from.
    """
    found = [each for each in corpora(data, "train") if each.text.strip() and each.corpus not in without]
    learned = _fewer([each for each in found if not held_out(each.text)])
    held = [each for each in found if held_out(each.text)]
    if not learned:
        raise BadSetting(f"{data} has no marked sentences", remedy="Name the folder of data packs")
    kinds = kinds_of(data, work)
    even = _tagger(learned, kinds, work)
    leans = [_lean(even, held, kinds, layer) for layer in LAYERS]
    log.info("taggers: %d features, leaning by %s", len(even.ids), leans)
    tagger = even.leaning(leans)
    pairs = _pairs(learned)
    arrays: dict[str, NDArray[np.generic]] = {
        **kinds.as_arrays("kinds/"),
        **tagger.as_arrays("tagger/"),
        "pairs/weights": pairs.weights,
        "pairs/bias": np.array([pairs.bias], np.float32),
    }
    focuses, right = asked(learned, kinds, tagger, pairs)
    polarity = fit_polarity(features(focuses, kinds), right, most=POLARITY_KEPT, cost=POLARITY_COST)
    log.info("polarity: %d rows, %d features", len(right), len(polarity.ids))
    held_focuses, held_right = asked(held, kinds, tagger, pairs)
    factor = temperature(polarity.scores(features(held_focuses, kinds)), held_right)
    arrays |= {**polarity.as_arrays("polarity/"), "polarity/factor": np.array([factor], np.float32)}
    write_atomic(out / WEIGHTS, save(dict(arrays)))
    card = {
        "name": "aspects",
        "what": "Aspects, opinions on them and polarity in reviews, Chinese and English",
        "made_by": "duomo.train.aspects (make aspects)",
        "licence": LICENCE,
        "lineage": "all weights were trained here; words that mean alike are told by encode/weights/pocket",
        "learned": dict(Counter(each.corpus for each in learned)),
        "calibrated": dict(Counter(each.corpus for each in held)),
        "figures": "benchmarks/results/aspects.jsonl, by: python benchmarks/aspects.py",
        "leaning": dict(zip(LAYERS, leans, strict=True)),
        "hashes": {WEIGHTS: hash_file(out / WEIGHTS)},
    }
    write_atomic(out / CARD, json.dumps(card, ensure_ascii=False, indent=1) + "\n")
    return out


def kinds_of(data: Path, work: Path) -> WordKinds:
    """The table of words; the one in `work`, if it was made before."""
    file = work / KINDS
    if not file.is_file():
        opinions = [each for each in read_opinions(data) if each.role != "report"]
        pieces = json.loads((SHIPPED / "towers" / "tokenizer.json").read_text(encoding="utf-8"))
        whole = [piece[1:] for piece, _ in pieces["model"]["vocab"] if piece.startswith("▁")]
        more = [word for word in whole if len(word) > 2 and word.isascii() and word.isalpha()]
        encoder = cast("Encoder[str]", load_encoder("pocket").text)  # it has a tower for words
        kinds = make_kinds(opinions, more, shipped_lists(), encoder)
        write_atomic(file, save(kinds.as_arrays()))
    return WordKinds.from_arrays(load_file(file), prefix="", file=str(file))


def asked(
    marked: Sequence[MarkedText], kinds: WordKinds, tagger: SpanTagger, pairs: Pairs
) -> tuple[list[Focus], Ints]:
    """Each aspect that was marked with one of the polarities, as a question, and what is right."""
    reader = AspectReader(
        kinds=kinds, tagger=tagger, pairs=pairs, polarity=None, factor=1.0, groups=Groups(())
    )
    focuses, right = [], []
    for number, each in enumerate(marked):
        kept = [one for one in each.marked if one.polarity in POLARITIES and (one.aspect or one.opinion)]
        style = "" if number % PLAIN_SHARE == 0 else each.corpus
        spans = [one.aspect for one in kept if one.aspect]
        paired = iter(asked_of(reader, each.text, spans, style) if not each.has_opinions else ())
        for one in kept:
            if each.has_opinions:
                opinions = (one.opinion,) if one.opinion else ()
                focuses.append(Focus(words_of(each.text), one.aspect, opinions, (), style))
            else:
                focuses.append(next(paired))
            right.append(POLARITIES.index(one.polarity))
    return focuses, np.array(right, np.int64)


def _fewer(marked: Sequence[MarkedText]) -> list[MarkedText]:
    few = [each for each in marked if each.corpus == TRIPLETS][:MOST_TRIPLETS]
    return [*(each for each in marked if each.corpus != TRIPLETS), *few]


def _tagger(learned: Sequence[MarkedText], kinds: WordKinds, work: Path) -> SpanTagger:
    """The tagger as it was learned; the one in `work`, if it was made before."""
    file = work / TAGGER
    if not file.is_file():
        made = _joined([_tagged(learned, kinds, layer) for layer in LAYERS])
        write_atomic(file, save(made.as_arrays()))
    return SpanTagger.from_arrays(load_file(file), prefix="", file=str(file))


def _lean(tagger: SpanTagger, held: Sequence[MarkedText], kinds: WordKinds, layer: Layer) -> float:
    """How far a layer must lean for the best F1 of exact spans, the mean over corpora."""
    number = LAYERS.index(layer)
    asked: defaultdict[str, list[MarkedText]] = defaultdict(list)
    for each in held:
        if each.has_aspects if layer == "aspect" else each.has_opinions:
            asked[each.corpus].append(each)
    reached = dict.fromkeys(LEANS, 0.0)
    for texts in asked.values():
        some = [each.text for each in texts]
        tokens = tokens_of(some)
        scores = tagger.scores(token_features(tokens, some, kinds, texts[0].style))[layer]
        spans = [{one.aspect if layer == "aspect" else one.opinion for one in each.marked} for each in texts]
        wanted = {(n, span) for n, several in enumerate(spans) for span in several if span}
        for lean in LEANS:
            tags = best_tags(scores, tagger.leaning([lean] * len(LAYERS)).steps[number], tokens.ptr)
            found = {
                (n, (int(tokens.starts[start + begin]), int(tokens.ends[begin + end - 1])))
                for n, begin in enumerate(tokens.ptr[:-1].tolist())
                for start, end in spans_in(tags[begin : tokens.ptr[n + 1]])
            }
            reached[lean] += 2 * len(wanted & found) / max(len(wanted) + len(found), 1) / len(asked)
    log.info("%s: F1 by lean %s", layer, {lean: round(score, 4) for lean, score in reached.items()})
    return max(LEANS, key=lambda lean: reached[lean])


def _tagged(
    marked: Sequence[MarkedText], kinds: WordKinds, layer: Layer
) -> tuple[NDArray[np.uint32], Floats, Floats]:
    """Kept features, weights and steps of a layer."""
    spans: list[list[tuple[int, int]]] = []
    texts: list[MarkedText] = []
    for each in marked:
        if layer == "aspect" and each.has_aspects:
            found = [one.aspect for one in each.marked if one.aspect]
        elif layer == "opinion" and each.has_opinions:
            found = [one.opinion for one in each.marked if one.opinion]
        elif layer == "opinion" and (silver := silver_opinions(each)):
            found = silver
        else:
            continue
        texts.append(each)
        spans.append(found)
    rows, tags, lengths = [], [], []
    for style in sorted({each.style for each in texts}):
        chosen = [n for n, each in enumerate(texts) if each.style == style]
        some = [texts[n].text for n in chosen]
        tokens = tokens_of(some)
        width = FEATURES if layer == "aspect" else PLAIN_FEATURES
        rows.append(token_features(tokens, some, kinds, style)[:, :width])
        for place, n in enumerate(chosen):
            part = slice(tokens.ptr[place], tokens.ptr[place + 1])
            tags.append(tags_of(spans[n], tokens.starts[part], tokens.ends[part]))
            lengths.append(len(tags[-1]))
    whole, right, ptr = np.concatenate(rows), np.concatenate(tags), np.cumsum([0, *lengths])
    log.info("%s: %d sentences, %d tokens", layer, len(texts), len(right))
    kept = choose_features(whole, right, ptr, most=FEATURES_KEPT, cost=COST)
    weights, steps = fit_tagger(rows_for(whole, kept), right, ptr, cost=COST)
    return kept, weights, steps


def _joined(parts: Sequence[tuple[NDArray[np.uint32], Floats, Floats]]) -> SpanTagger:
    ids = np.unique(np.concatenate([kept for kept, _, _ in parts]))
    weights = []
    for kept, own, _ in parts:
        wide = np.zeros((len(ids), TAGS), np.float32)
        wide[np.searchsorted(ids, kept)] = own
        weights.append(wide)
    return SpanTagger.of(ids, weights, [steps for _, _, steps in parts])


def _pairs(marked: Sequence[MarkedText]) -> Pairs:
    """A judge of pairs from the corpora where both are marked."""
    numbers, belong = [], []
    for each in marked:
        if each.corpus not in (QUADS, TRIPLETS):
            continue
        aspects = sorted({one.aspect for one in each.marked if one.aspect})
        opinions = sorted({one.opinion for one in each.marked if one.opinion})
        if not aspects or not opinions:
            continue
        right = {(one.aspect, one.opinion) for one in each.marked}
        found = numbers_of(words_of(each.text), aspects, opinions)
        numbers.append(found.reshape(-1, NUMBERS))
        belong += [(aspect, opinion) in right for opinion in opinions for aspect in aspects]
    return fit_pairs(np.concatenate(numbers), np.array(belong, bool))


def main() -> None:
    """Make the shipped reader."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="the folder of packs")
    parser.add_argument("--work", type=Path, required=True, help="keeps the table of words")
    parser.add_argument("--out", type=Path, required=True, help="gets the reader")
    parser.add_argument(
        "--without", action="append", default=[], help="leave a corpus out; several: repeat it"
    )
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    ship(given.data, given.work, given.out, without=given.without)


if __name__ == "__main__":
    main()
