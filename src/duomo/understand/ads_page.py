"""What is known of a shop's ads as one page of HTML: no script, nothing from outside."""

from base64 import b64encode
from collections.abc import Callable
from functools import partial
from importlib.resources import files
from io import BytesIO
from math import exp, log
from typing import Final, NamedTuple

from jinja2 import Environment
from markupsafe import Markup
from PIL import Image

from duomo.arrays import Pixels
from duomo.understand.ads import Creative
from duomo.understand.ads_compare import ALPHA, MATTERS, Compared
from duomo.understand.ads_drivers import LEAST_TESTS, Driver
from duomo.understand.ads_fatigue import FLOOR, LEAST_DAYS, LEAST_EVENTS, Fatigue
from duomo.understand.ads_plots import Scale, curve, whisker
from duomo.understand.ads_predict import Predicted
from duomo.understand.ads_report import AdsReport
from duomo.understand.ads_words import feature_words, say

TESTS: Final = 12  # shown as plots
CURVES: Final = 6
DRIVERS: Final = 16
PROBLEMS: Final = 8
_LETTERS: Final = 90  # of a copy
Word = Callable[..., str]


class _Row(NamedTuple):
    """One line of a plot."""

    label: str
    small: str
    plot: Markup
    value: str
    note: str = ""
    thumb: str = ""


class _Test(NamedTuple):
    """One test."""

    name: str
    verdict: str
    word: str
    says: str
    rows: list[_Row]
    axis: list[str]


def page_of(
    report: AdsReport,
    *,
    name: str,
    language: str = "en",
    matters: float = MATTERS,
    picture: Callable[[Creative], Pixels | None] | None = None,
) -> str:
    """The page.

    Args:
        report: what is known.
        name: of the file.
        language: "en" or "zh".
        matters: as it was compared with.
        picture: opens that of a creative, to be shown small; None: without pictures.
    """
    word = partial(say, language=language)
    page = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
        files("duomo.understand").joinpath("templates", "ads.html").read_text(encoding="utf-8")
    )
    ads, totals = report.ads, report.totals
    clicks = report.compared.get("clicks", ())
    tired = [one for one in report.fatigue if one.tired]
    test = partial(_test, language=language, matters=matters, picture=picture)
    return page.render(
        word=word,
        language=language,
        name=name,
        report=report,
        lead=word(
            "lead",
            tests=f"{len(ads.tests):,}",
            creatives=f"{len(ads.creatives):,}",
            impressions=f"{totals['impressions']:,.0f}",
            clicks=f"{totals['clicks']:,.0f}",
        ),
        money=word("money", spend=f"{totals['spend']:,.2f}", conversions=f"{totals['conversions']:,.0f}")
        if {"spend", "conversions"} <= set(totals)
        else "",
        tiles=[(verdict, word(f"verdict.{verdict}"), count) for verdict, count in report.verdicts().items()],
        driven=[
            (word("drivers" if metric == "clicks" else f"drivers.{metric}"), *_driven(some, language))
            for metric, some in report.drivers.items()
        ],
        least_tests=LEAST_TESTS,
        tests=[test(one) for one in clicks[:TESTS]],
        more=max(0, len(clicks) - TESTS),
        others=[
            (word(f"rate.{metric}"), [_other(one, language, matters) for one in some[:TESTS]])
            for metric, some in report.compared.items()
            if metric != "clicks"
        ],
        tired=[
            (_name(one.creative), one.creative.copy[:_LETTERS], *_tired(one, word)) for one in tired[:CURVES]
        ],
        fatigue_says=_fatigue_says(report, len(tired), word),
        floor=f"{FLOOR:.0%}",
        predicted=[
            _predicted(one, chance, report, word, language, picture)
            for one, chance in zip(report.predicted, report.chances, strict=True)
        ],
        problems=[str(problem) for problem in ads.problems[:PROBLEMS]],
        more_problems=max(0, len(ads.problems) - PROBLEMS),
        expected=f"{ALPHA * len(clicks):.1f}",
        count=len(clicks),
    )


def says(one: Compared, matters: float, language: str = "en") -> str:
    """What is known of a test, as a sentence that says what to do.

    Args:
        one: the test.
        matters: as it was compared with.
        language: "en" or "zh".
    """
    return say(
        f"says.{one.verdict}",
        language,
        leader=_name(one.standings[0].creative),
        more=_about(one.more),
        unit=say(f"unit.{one.metric}", language),
        matters=f"{matters:.0%}",
    )


def _about(count: int) -> str:
    """A number with two digits that count."""
    return f"{int(float(f'{count:.2g}')):,}"


def percent(rate: float) -> str:
    """A rate as a person reads it.

    >>> percent(0.01234), percent(0.1234), percent(0.00056)
    ('1.23 %', '12.3 %', '0.056 %')
    """
    digits = 1 if rate >= 0.1 else 2 if rate >= 0.001 else 3
    return f"{100 * rate:.{digits}f} %"


def change(ratio: float) -> str:
    """A factor as a change.

    >>> change(1.25), change(0.85)
    ('+25 %', '−15 %')
    """
    shown = round(100 * (ratio - 1))
    return f"{'−' if shown < 0 else '+'}{abs(shown)} %"


def _driven(some: tuple[Driver, ...], language: str) -> tuple[list[_Row], list[str]]:
    """A line for each driver, on a scale of factors, and the ends of the scale."""
    shown = some[:DRIVERS]
    reach = max(
        [0.1, *(abs(log(max(end, 1e-3))) for one in shown if one.sure for end in (one.low, one.high))]
    )
    reach = min(max(reach, *(abs(log(one.ratio)) for one in shown)) * 1.15, log(4))
    scale = Scale(-reach, reach)
    rows = []
    for one in shown:
        name, part = feature_words(one.feature, language)
        told = f"{part}: {name} {change(one.ratio)} ({change(one.low)} … {change(one.high)})"
        ends = log(one.low), log(one.high)
        plot = Markup(whisker(log(one.ratio), *ends, scale, label=told, sure=one.sure, line=0.0))  # noqa: S704  # escaped there
        note = f"{change(one.low)} … {change(one.high)}"
        small = f"{part} · {say('drivers.tests', language, tests=one.tests)}"
        rows.append(_Row(name, small, plot, change(one.ratio), note))
    return rows, [change(exp(-reach)), "0", change(exp(reach))]


def _test(
    one: Compared, *, language: str, matters: float, picture: Callable[[Creative], Pixels | None] | None
) -> _Test:
    low, high = min(each.low for each in one.standings), max(each.high for each in one.standings)
    room = (high - low) * 0.06
    scale = Scale(max(low - room, 0), high + room)
    pairs = {pair.other: pair for pair in one.pairs}
    rows = []
    for place, each in enumerate(one.standings):
        told = f"{_name(each.creative)} {percent(each.rate)} ({percent(each.low)} … {percent(each.high)})"
        pair = pairs.get(place)
        lift = f"{say('lift', language)} {change(pair.lift.ratio)}" if pair and pair.lift else ""
        best = f"{say('best', language)} {each.best:.0%}"
        plot = Markup(whisker(each.rate, each.low, each.high, scale, label=told, sure=place == 0))  # noqa: S704  # escaped there
        seen = [_name(each.creative)] if each.creative.copy else []
        extra = [part for part in (each.creative.color, each.creative.style, each.creative.offer) if part]
        rows.append(
            _Row(
                each.creative.copy[:_LETTERS] or _name(each.creative),
                " · ".join([*seen, *extra]),
                plot,
                percent(each.rate),
                " · ".join(part for part in (best, lift) if part),
                _thumb(each.creative, picture),
            )
        )
    name = " · ".join(part for part in (one.test, one.part) if part)
    return _Test(
        name, one.verdict, say(f"verdict.{one.verdict}", language), says(one, matters, language), rows,
        [percent(scale.low), percent(scale.high)],
    )  # fmt: skip


def _other(one: Compared, language: str, matters: float) -> tuple[str, str, str, str, str, str]:
    """A row of the table: test, verdict, its words, leader, rate or cost with interval, sentence."""
    first = one.standings[0]
    ends = (first.rate, first.low, first.high)
    if one.metric == "conversions_per_money":
        cost, high, low = (1 / max(value, 1e-12) for value in ends)
        shown = f"{cost:,.2f} ({low:,.2f} … {high:,.2f})"
    else:
        shown = f"{percent(ends[0])} ({percent(ends[1])} … {percent(ends[2])})"
    name = " · ".join(part for part in (one.test, one.part) if part)
    verdict = say(f"verdict.{one.verdict}", language)
    return name, one.verdict, verdict, _name(first.creative), shown, says(one, matters, language)


def _tired(one: Fatigue, word: Word) -> tuple[Markup, str, str, str]:
    """Plot, advice, and the ends of the axis of impressions."""
    share = one.now / one.first
    if share <= FLOOR or not one.replace_by or not one.falls_from:
        advice = word("replace.now", share=f"{share:.0%}")
    else:
        day, low, high = one.replace_by
        advice = word("replace.by", day=day, low=low, high=high, from_=f"{one.falls_from[0]:,.0f}")
    told = f"{_name(one.creative)}: {percent(one.first)} → {percent(one.now)}. {advice}"
    return (
        Markup(curve(one, label=told)),  # noqa: S704  # escaped there
        advice,
        f"{percent(one.first)} → {percent(one.now)}",
        f"{one.points[-1].shown:,.0f}",
    )


def _fatigue_says(report: AdsReport, tired: int, word: Word) -> str:
    if not report.fatigue:
        return word("fatigue.short", days=LEAST_DAYS, events=LEAST_EVENTS)
    if not tired:
        return word("fatigue.none", n=len(report.fatigue))
    return word("fatigue.count", tired=tired, n=len(report.fatigue))


def _predicted(
    one: Predicted,
    chance: float,
    report: AdsReport,
    word: Word,
    language: str,
    picture: Callable[[Creative], Pixels | None] | None,
) -> _Row:
    ends = [log(value) for each in report.predicted for value in (each.low, each.high)]
    scale = Scale(min(ends), max(ends))
    told = f"{_name(one.creative)} {percent(one.rate)} ({percent(one.low)} … {percent(one.high)})"
    plot = Markup(whisker(log(one.rate), log(one.low), log(one.high), scale, label=told, sure=not one.doubt))  # noqa: S704  # escaped there
    why = [f"{feature_words(feature, language)[0]} {change(exp(added))}" for feature, added in one.reasons]
    why += [
        f"“{piece.text}” {change(exp(piece.weight))}"
        for piece in one.evidence[:2]
        if abs(piece.weight) > 0.01
    ]
    note = f"{percent(one.low)} … {percent(one.high)}"
    if one is not report.predicted[0]:
        note += f" · {word('beats')} {chance:.0%}"
    small = word(f"doubt.{one.doubt}") if one.doubt else "; ".join(why)
    label = one.creative.copy[:_LETTERS] or _name(one.creative)
    return _Row(label, small, plot, percent(one.rate), note, _thumb(one.creative, picture))


def _name(creative: Creative) -> str:
    return creative.id if len(creative.id) <= _LETTERS else f"{creative.id[: _LETTERS - 1]}…"


def _thumb(creative: Creative, picture: Callable[[Creative], Pixels | None] | None) -> str:
    """The picture, small, as a data URI; "": there is none."""
    pixels = picture(creative) if picture else None
    if pixels is None:
        return ""
    body = BytesIO()
    Image.fromarray(pixels).save(body, "JPEG", quality=80)
    return f"data:image/jpeg;base64,{b64encode(body.getvalue()).decode()}"
