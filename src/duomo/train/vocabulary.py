"""The student's own vocabulary: those pieces of a large multilingual one that shops use.

The tokenizer that comes out reads in lower case (a shopper does not type capitals), folds widths and
ligatures (NFKC), and knows every character of `alphabet`, so that hardly a word of Chinese or English is
unknown to it.
"""

import math
import string
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

PADDING: Final = "<pad>"  # id 0: what `encode.onnx_towers` fills up with
BEGIN: Final = "<s>"
END: Final = "</s>"
UNKNOWN: Final = "<unk>"
SPECIAL: Final = (PADDING, BEGIN, END, UNKNOWN)
_BLANK: Final = "▁"  # how a Unigram model writes the blank before a word
_ADDED_PENALTY: Final = 2.0  # below the least likely piece: an added character stands alone only if it must


def alphabet() -> frozenset[str]:
    """Characters that are always kept: ASCII, Latin letters of Europe, the 6,763 Han characters of GB 2312.

    >>> {"a", "7", "é", "裙"} <= alphabet()
    True
    """
    latin = {unicodedata.normalize("NFKC", chr(code)).lower() for code in (*range(0xA1, 0x180), 0x20AC)}
    plain = {character.lower() for character in string.printable if not character.isspace()}
    han = {
        bytes((0xA0 + row, 0xA0 + cell)).decode("gb2312", "ignore")
        for row in range(16, 88)
        for cell in range(1, 95)
    }
    return frozenset(character for character in latin | plain | han if len(character) == 1)


def normalizer() -> normalizers.Normalizer:
    """Width and ligatures folded, lower case, one blank between words."""
    return normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex(r"[\s\p{Cc}\p{Cf}]+"), " "),
            normalizers.Strip(),
        ]
    )


def build_tokenizer(
    pieces: Sequence[str],
    scores: Sequence[float],
    texts: Sequence[str],
    *,
    words: Mapping[str, int] | None = None,
    size: int = 36_000,
) -> tuple[Tokenizer, list[list[int]]]:
    """A Unigram tokenizer (Kudo 2018) of those pieces that the texts use most, and of whole words of theirs.

    Args:
        pieces: of the large vocabulary.
        scores: log probability of each piece.
        texts: what the vocabulary is for; the pieces of their likeliest segmentations are counted.
        words: how often a word occurs in the texts, in lower case; each becomes a piece of its own, with the
            logarithm of its share as score, so that "连衣裙" is one token and not three.
        size: at most this many pieces; the special ones and the alphabet are kept whatever the size.

    Returns:
        The tokenizer, which gives `<s> ... </s>`; and for every id of it the positions in `pieces` of what it
        is made of: one for a piece kept, several for a word, none for what is new.

    Raises:
        ValueError: two pieces are alike, or the counts of pieces and scores differ.
    """
    place = {piece: number for number, piece in enumerate(pieces)}
    if len(place) != len(pieces):
        raise ValueError("two pieces of the vocabulary are alike")
    scored = zip(pieces, map(float, scores), strict=True)
    full = {piece: score for piece, score in scored if piece == piece.lower() and "<" not in piece}
    lowest = min(full.values(), default=0.0) - _ADDED_PENALTY
    full |= dict.fromkeys(sorted({*alphabet(), _BLANK} - full.keys()), lowest)
    before = _unigram(full)
    made_of = {_as_piece(word): before.encode(word, add_special_tokens=False).tokens for word in words or ()}
    made_of = {piece: parts for piece, parts in made_of.items() if piece not in full}
    total = sum((words or {}).values())
    full |= {_as_piece(w): math.log(n / total) for w, n in (words or {}).items() if _as_piece(w) in made_of}
    kept = _most_used(full, texts, size)
    origins = [
        [
            place[part]
            for part in made_of.get(piece, [piece])
            if part in place and (part != _BLANK or piece == _BLANK)
        ]
        for piece in kept
    ]
    return _unigram({piece: full[piece] for piece in kept}), [*([] for _ in SPECIAL), *origins]


def _as_piece(word: str) -> str:
    """A word as a piece: one of Latin letters begins with the blank before it; a Chinese one has none."""
    return f"{_BLANK}{word}" if word[0].isascii() else word


def _most_used(scores: Mapping[str, float], texts: Sequence[str], size: int) -> list[str]:
    """The alphabet and the pieces that the likeliest segmentations of the texts use most, by score."""
    tokenizer = _unigram(scores)
    counts = Counter(
        number for found in tokenizer.encode_batch(texts, add_special_tokens=False) for number in found.ids
    )
    needed = {*alphabet(), _BLANK}
    pieces = [*SPECIAL, *scores]
    used = [pieces[number] for number, _ in sorted(counts.items(), key=lambda c: (-c[1], c[0]))]
    room = max(0, size - len(SPECIAL) - len(needed))
    kept = [piece for piece in used if piece not in needed and piece not in SPECIAL][:room]
    return sorted({*kept, *needed}, key=lambda piece: (-scores[piece], piece))


def _unigram(scores: Mapping[str, float]) -> Tokenizer:
    pairs = [*((mark, 0.0) for mark in SPECIAL), *scores.items()]
    tokenizer = Tokenizer(models.Unigram(pairs, unk_id=SPECIAL.index(UNKNOWN), byte_fallback=False))
    tokenizer.normalizer = normalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(
        replacement=_BLANK, prepend_scheme="always", split=True
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BEGIN} $A {END}",
        pair=None,
        special_tokens=[(mark, SPECIAL.index(mark)) for mark in (BEGIN, END)],
    )
    return tokenizer
