"""duomo search --batch: a file of questions to a TREC run, in one process."""

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from urllib.parse import quote

from duomo.errors import BadFile, MissingFile
from duomo.files import read_json_lines, write_atomic
from duomo.hits import Hit, Mode
from duomo.shop import Shop

BILLION = 10**9
FILES = ("image", "clip", "audio")
TEXTS = ("where", "unwanted", "box")
LISTS = ("like", "unlike", "as_words")
KNOWN = ("qid", "text", *FILES, *LISTS, *TEXTS)


def run_batch(
    shop: Shop, questions: Path, run: Path, *, k: int, mode: Mode, encoder: str
) -> dict[str, float | int | str]:
    """Ask each question of a JSON-lines file; write `qid Q0 product rank score tag`; return the timings.

    A run parts its columns by blanks: product ids are written as `in_one_word` makes them.

    Args:
        shop: to ask.
        questions: lines with "qid" and any of "text", "image", "clip", "audio" (paths from the file),
            "where", "unwanted", "box", and, each a text or a list of texts, "like", "unlike", "as_words".
        run: the file of answers, written in one step when all questions are answered.
        k: products a question.
        mode: for all questions.
        encoder: for all questions.

    Raises:
        BadFile: a line is not a question; nothing is written.
    """
    if not questions.is_file():
        raise MissingFile(f"there is no file {questions}", remedy="Name a JSON-lines file of questions")
    try:
        read = list(read_json_lines(questions))
    except UnicodeDecodeError as error:
        raise BadFile(f"{questions} is not UTF-8 ({error.reason})", remedy="Save it as UTF-8") from error
    asked = []
    for number, line in read:
        unknown = sorted(line.keys() - set(KNOWN))
        if unknown or "qid" not in line:
            what = f"has an unknown part '{unknown[0]}'" if unknown else "has no 'qid'"
            raise BadFile(f"{questions} line {number} {what}", remedy=f"Known parts: {', '.join(KNOWN)}")
        qid = str(line.pop("qid"))
        if qid.split() != [qid]:
            problem = f"{questions} line {number}: the qid '{qid}' is empty or has a blank in it"
            raise BadFile(problem, remedy="A TREC run separates its columns by blanks; use an id without any")
        lists = {name: _several(line.pop(name)) for name in LISTS if name in line}
        if None in lists.values() or not all(isinstance(value, str) for value in line.values()):
            raise BadFile(f"{questions} line {number}: every part must be a text", remedy="Put it in quotes")
        asked.append((qid, {name: str(value) for name, value in line.items()}, lists))
    lines: list[str] = []
    took_ms: list[float] = []
    started = perf_counter()
    for qid, parts, lists in asked:
        files = {name: questions.parent / parts[name] if parts.get(name) else None for name in FILES}
        hits = shop.search(
            parts.get("text", ""),
            image=files["image"],
            clip=files["clip"],
            audio=files["audio"],
            **{name: parts.get(name, "") for name in TEXTS},  # type: ignore[arg-type]  # each is a text
            **{name: several or () for name, several in lists.items()},  # type: ignore[arg-type]  # of texts
            k=k,
            mode=mode,
            encoder=encoder,
        )
        took_ms.append(hits.took_ms)
        for rank, (hit, score) in enumerate(zip(hits, falling(hits), strict=True), start=1):
            lines.append(f"{qid} Q0 {in_one_word(hit.product.id)} {rank} {score} duomo-{mode}\n")
    write_atomic(run, "".join(lines))
    cuts = quantiles(took_ms, n=20) if len(took_ms) > 1 else [*took_ms * 19] or [0.0] * 19
    return {
        "queries": len(asked),
        "seconds": round(perf_counter() - started, 3),
        "p50_ms": round(cuts[9], 3),
        "p95_ms": round(cuts[18], 3),
        "run": str(run),
    }


def _several(given: object) -> tuple[str, ...] | None:
    """A text or a list of texts as several; None: it is neither."""
    given = [given] if isinstance(given, str) else given
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        return None
    return tuple(each for each in given if each)


def in_one_word(id: str) -> str:
    """An id as one column of a run: blanks and the percent sign as %XX of their UTF-8, all else as it is.

    `urllib.parse.unquote` gives the id back.

    >>> in_one_word("Mug 50% off"), in_one_word("马克杯-1")
    ('Mug%2050%25%20off', '马克杯-1')
    """
    return "".join(quote(char) if char.isspace() or char == "%" else char for char in id)


def falling(hits: Iterable[Hit]) -> list[str]:
    """The scores of a page with 9 decimals, each below the one before: TREC tools sort by them alone.

    A hit that ties with the one before gets a hair less; widened hits are negative, behind the result set.
    """
    printed: list[str] = []
    least = None  # billionths
    for rank, hit in enumerate(hits, start=1):
        billionths = -rank * BILLION if hit.widened else round(hit.score * BILLION)
        least = billionths if least is None else min(billionths, least - 1)
        printed.append(f"{Decimal(least).scaleb(-9):.9f}")
    return printed
