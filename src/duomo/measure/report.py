"""The report on search as one page of HTML: no script, nothing from outside; for desks and phones."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib.resources import files
from io import BytesIO
from typing import Final, NamedTuple

from jinja2 import Environment
from markupsafe import Markup
from PIL import Image

from duomo.arrays import Pixels
from duomo.errors import DuomoError
from duomo.guard.pictures import open_picture
from duomo.guard.pixels import shrunk
from duomo.measure.figures import METRICS
from duomo.measure.outcome import HEAD, OVERALL, Loss, Outcome, some
from duomo.measure.plots import balance, dots, mark
from duomo.measure.questions import JUDGED, Question, Shown, breaks
from duomo.measure.words import say
from duomo.product import Product

THUMB: Final = 112  # pixels of the longest side
HITS: Final = 8  # shown of an answer; a phone has room for five
RIGHT: Final = 3  # right products shown
_CELLS: Final = 64  # letters of a title in a card


class _Card(NamedTuple):
    """One product as the page shows it."""

    title: str
    thumb: str  # a data URI; "": it has no picture
    good: bool  # right for the question
    broken: bool  # breaks a limit of it


class _Case(NamedTuple):
    """One question with what was found."""

    kind: str
    words: str
    thumb: str
    note: str  # what was done to the picture
    right: list[_Card]
    more: int  # right products that are not shown
    answers: list[tuple[int, str, str, list[_Card]]]  # number of the system, name, NDCG, hits


def page_of(
    outcome: Outcome,
    about: Mapping[str, object],
    *,
    picture: Callable[[str], bytes],
    asked: Callable[[Question], Pixels | None],
    language: str = "en",
) -> str:
    """The report.

    Args:
        outcome: what came of asking.
        about: "shop" (its name), "seed" of the questions, "took_s" in seconds.
        picture: content hash -> the bytes of a picture of the shop.
        asked: what picture a question asked with; None: none.
        language: "en" or "zh".
    """
    word = partial(say, language=language)
    thumb_of = _thumbs(outcome.goods, picture)
    case = partial(_case, outcome=outcome, thumb_of=thumb_of, asked=asked, word=word)
    first, *rivals = outcome.systems
    page = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
        files("duomo.measure").joinpath("templates", "search.html").read_text(encoding="utf-8")
    )
    losses = [(rival, [case(loss, rival=rival) for loss in outcome.losses(rival)]) for rival in rivals[:1]]
    return page.render(
        word=partial(word, k=outcome.k),
        language=language,
        about=about,
        outcome=outcome,
        first=first,
        tiles=[
            (number, name, outcome.overall(name, HEAD), _key(number))
            for number, name in enumerate(outcome.systems)
        ],
        verdicts=[_verdict(outcome, rival, word) for rival in rivals],
        rows=[_row(outcome, kind, word) for kind in outcome.kinds],
        duels=[
            (number, rival, *_balances(outcome, rival, word)) for number, rival in enumerate(rivals, start=1)
        ],
        losses=losses,
        misses=[case(loss, rival="") for loss in outcome.misses()],
        table=_table(outcome, word),
        metrics=[metric for metric in METRICS if _used(outcome, metric)],
        made=any(kind != JUDGED for kind in outcome.kinds),
        judged=any(not question.complete for question in outcome.questions),
        left=[(word(f"kind.{kind}"), word(f"left.{kind}")) for kind in outcome.left_out],
        some=some,
    )


def _key(number: int) -> Markup:
    """The mark of a system, for a legend."""
    shape = mark(number, "7", 7)
    svg = f'<svg class="key s{number}" width="14" height="14" aria-hidden="true">{shape}</svg>'
    return Markup(svg)  # noqa: S704  # made of numbers alone


def _verdict(outcome: Outcome, rival: str, word: Callable[..., str]) -> tuple[str, str, str, str]:
    """Which is better, by how much, counts, and a class for the color."""
    found = outcome.duel(rival, OVERALL)
    if found is None:
        return ("", "", "", "")
    which = "unsure" if not found.sure else "better" if found.gain.mean > 0 else "worse"
    gain = f"{found.gain.mean:+.3f} [{found.gain.low:+.3f}, {found.gain.high:+.3f}]"
    counts = word("counts", wins=found.wins, losses=found.losses, ties=found.ties)
    return (word(which, one=outcome.systems[0], other=rival), gain, counts, which)


def _row(outcome: Outcome, kind: str, word: Callable[..., str]) -> tuple[str, int, Markup, str]:
    means = [outcome.mean(name, HEAD, kind) for name in outcome.systems]
    value = f"{means[0].mean:.2f}" if means[0] else "–"
    plot = Markup(dots(means, outcome.chance(kind), outcome.systems))  # noqa: S704  # names are escaped there
    return (word(f"kind.{kind}"), int(outcome.kinds[kind].size), plot, value)


def _balances(
    outcome: Outcome, rival: str, word: Callable[..., str]
) -> tuple[list[tuple[str, Markup, str]], list[str]]:
    """Label, bar and gain of every kind in which something was won or lost; the labels of the others."""
    words = (word("won"), word("equal"), word("lost"))
    bars: list[tuple[str, Markup, str]] = []
    same: list[str] = []
    for kind in [OVERALL, *outcome.kinds] if len(outcome.kinds) > 1 else outcome.kinds:
        result = outcome.duel(rival, kind)
        if result is None:
            continue
        label = word(f"kind.{kind}")
        if not result.wins and not result.losses and kind != OVERALL:
            same.append(label)
            continue
        plot = Markup(balance(result, words))  # noqa: S704  # words are escaped there
        bars.append((label, plot, f"{result.gain.mean:+.2f}" if result.sure else "±"))
    return bars, same


def _used(outcome: Outcome, metric: str) -> bool:
    return any(outcome.mean(name, metric, kind) for name in outcome.systems for kind in outcome.kinds)


def _table(outcome: Outcome, word: Callable[..., str]) -> list[tuple[str, str, list[str]]]:
    """Kind, system, and a cell for each metric that is used."""
    used = [metric for metric in METRICS if _used(outcome, metric)]
    rows = []
    for kind in outcome.kinds:
        for name in outcome.systems:
            means = [outcome.mean(name, metric, kind) for metric in used]
            cells = [f"{m.mean:.3f} [{m.low:.2f}, {m.high:.2f}]" if m else "–" for m in means]
            if any(means):
                rows.append((word(f"kind.{kind}"), name, cells))
    return rows


def _case(
    loss: Loss,
    *,
    rival: str,
    outcome: Outcome,
    thumb_of: Callable[[str], str],
    asked: Callable[[Question], Pixels | None],
    word: Callable[..., str],
) -> _Case:
    question = loss.question
    pixels = asked(question) if question.looks else None
    card = partial(_card, question=question, goods=outcome.goods, thumb_of=thumb_of)
    right = sorted(question.positives, key=lambda id: (-question.right[id], id))
    hits = (*loss.other_shown, *loss.shown)
    fronts = {hit.product_id: hit for hit in hits if not breaks(question, hit, outcome.goods)}
    answers = [(0, outcome.systems[0], f"{loss.value:.2f}", [card(hit) for hit in loss.shown[:HITS]])]
    if rival and loss.other is not None:
        cards = [card(hit) for hit in loss.other_shown[:HITS]]
        answers.append((outcome.systems.index(rival), rival, f"{loss.other:.2f}", cards))
    return _Case(
        kind=word(f"kind.{question.kind}"),
        words=question.text,
        thumb=_uri(pixels) if pixels is not None else "",
        note=word(f"altered.{question.altered}") if pixels is not None else "",
        right=[card(fronts.get(id) or _fitting(id, question, outcome.goods)) for id in right[:RIGHT]],
        more=max(0, len(right) - RIGHT),
        answers=answers,
    )


def _fitting(id: str, question: Question, goods: Mapping[str, Product]) -> Shown:
    """A right product with the first of its variants that keeps to the question's limits in front."""
    variants = goods[id].variants if id in goods else ()
    shown = (Shown(id, variant.id) for variant in variants)
    return next((one for one in shown if not breaks(question, one, goods)), Shown(id))


def _card(
    hit: Shown, *, question: Question, goods: Mapping[str, Product], thumb_of: Callable[[str], str]
) -> _Card:
    product = goods.get(hit.product_id)
    title = product.title if product else hit.product_id
    broken = breaks(question, hit, goods)
    return _Card(
        title=title if len(title) <= _CELLS else f"{title[: _CELLS - 1]}…",
        thumb=thumb_of(f"{hit.product_id}\0{hit.variant_id}"),
        good=hit.product_id in question.positives and not broken,
        broken=broken,
    )


def _thumbs(goods: Mapping[str, Product], picture: Callable[[str], bytes]) -> Callable[[str], str]:
    """Product id, NUL, variant id -> its first picture, small, as a data URI; "": there is none."""

    @cache
    def thumb_of(key: str) -> str:
        product_id, _, variant_id = key.partition("\0")
        product = goods.get(product_id)
        if product is None:
            return ""
        front = next((one for one in product.variants if one.id == variant_id), product.variants[0])
        hash = next((m.hash for m in product.media_of(front) if m.kind == "picture" and m.hash), "")
        try:
            return _uri(open_picture(picture(hash), side=THUMB).pixels) if hash else ""
        except DuomoError:  # a page without one of its pictures is better than no page
            return ""

    return thumb_of


def _uri(pixels: Pixels) -> str:
    body = BytesIO()
    Image.fromarray(shrunk(pixels, THUMB)).save(body, "JPEG", quality=82)
    return f"data:image/jpeg;base64,{b64encode(body.getvalue()).decode()}"
