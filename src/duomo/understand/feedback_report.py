"""Feedback as a document, as a table, and as a page of HTML: no script, nothing from outside."""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.resources import files
from io import BytesIO
from typing import Final

from jinja2 import Environment
from PIL import Image

from duomo.guard.pictures import open_picture
from duomo.guard.pixels import shrunk
from duomo.understand.feedback import LEAST, Feedback, Theme
from duomo.understand.feedback_drawn import chart, date_of, marked, percent, range_of
from duomo.understand.feedback_quotes import Quote
from duomo.understand.feedback_statistics import Share
from duomo.understand.feedback_words import say

CSV_COLUMNS: Final = (
    *("topic", "polarity", "remarks", "share", "share_low", "share_high", "stars_lost", "stars_lost_low"),
    *("stars_lost_high", "trend_a_month", "trend_low", "trend_high", "changed", "phrases", "products"),
    *("segments", "quote"),
)
_THUMB: Final = 192  # pixels of the longest side: sharp at half the size
_FIRST: Final = 3  # themes that are told what to do about

Names = Mapping[str, tuple[str, str]]  # topic -> its English and its Chinese name
Thumb = Callable[[str], str]  # a picture's name -> a data URI, "" where it cannot be shown


def document_of(feedback: Feedback) -> dict[str, object]:
    """Feedback with the field names of the machine contract."""
    return {
        "remarks": feedback.remarks,
        "rated": feedback.rated,
        "mean_rating": feedback.mean and _share(feedback.mean),
        "positive": round(feedback.positive, 4),
        "first": date_of(feedback.first),
        "last": date_of(feedback.last),
        "contradicting": feedback.contradicting,
        "columns": dict(feedback.columns),
        "outcome": dict(feedback.outcome),
        "themes": [_theme(theme) for theme in feedback.themes],
    }


def rows_of(feedback: Feedback) -> list[dict[str, object]]:
    """A row of a table for each theme; see CSV_COLUMNS."""
    return [
        {
            "topic": theme.topic,
            "polarity": theme.polarity,
            "remarks": theme.remarks,
            **_named("share", theme.share),
            **_named("stars_lost", theme.cost),
            "trend_a_month": theme.trend and round(theme.trend.value, 3),
            "trend_low": theme.trend and round(theme.trend.low, 3),
            "trend_high": theme.trend and round(theme.trend.high, 3),
            "changed": "; ".join(date_of(change.at) for change in theme.changes),
            "phrases": "; ".join(f"{phrase} ({count})" for phrase, count in theme.phrases),
            "products": "; ".join(f"{d.name} ({d.mentions}/{d.remarks})" for d in theme.drivers),
            "segments": "; ".join(f"{d.column}={d.value} ({d.share.value:.3f})" for d in theme.segments),
            "quote": theme.quotes[0].text if theme.quotes else "",
        }
        for theme in feedback.themes
    ]


def page_of(
    feedback: Feedback, *, name: str, names: Names, language: str = "en", thumb: Thumb = lambda picture: ""
) -> str:
    """The page.

    Args:
        feedback: what was found.
        name: of the file or shop.
        names: of topics; one that has none is called as it is.
        language: "en" or "zh".
        thumb: shows the pictures of remarks.
    """
    page = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
        files("duomo.understand").joinpath("templates", "feedback.html").read_text(encoding="utf-8")
    )
    place = 1 if language == "zh" else 0

    def called(topic: str) -> str:
        return names[topic][place] if topic in names else topic

    return page.render(
        word=partial(say, language=language),
        language=language,
        name=name,
        feedback=feedback,
        called=called,
        first=[(theme, _reasons(theme, language)) for theme in feedback.blamed[:_FIRST]],
        percent=percent,
        date=date_of,
        chart=partial(chart, language=language),
        marked=marked,
        range_of=range_of,
        thumbs=lambda theme: [t for picture, _ in theme.pictures[:8] if (t := thumb(picture))],
        least=LEAST,
        number="{:,}".format,
    )


def small_jpeg(body: bytes, *, megapixels: float = 100.0) -> str:
    """A picture, small, as a data URI that may stand in a page; raises BadPicture."""
    picture = open_picture(body, side=_THUMB, megapixels=megapixels)
    small = BytesIO()
    Image.fromarray(shrunk(picture.pixels, _THUMB)).save(small, "JPEG", quality=80)
    return f"data:image/jpeg;base64,{b64encode(small.getvalue()).decode()}"


def _reasons(theme: Theme, language: str) -> list[str]:
    """Why something is to be done about a theme, in sentences."""
    word = partial(say, language=language)
    reasons = [word("share", n=f"{theme.remarks:,}", share=percent(theme.share.value))]
    if theme.cost.low > 0:
        stars, low, high = (f"{each:.2f}" for each in theme.cost)
        reasons.insert(0, word("cost", stars=stars, low=low, high=high))
    if theme.rising and theme.trend:
        reasons.append(word("rising", factor=f"{theme.trend.value:.2f}"))
    if theme.falling and theme.trend:
        reasons.append(word("falling", factor=f"{theme.trend.value:.2f}"))
    for change in theme.changes[-1:]:
        before, after = percent(change.before), percent(change.after)
        reasons.append(word("change", before=before, after=after, date=date_of(change.at)))
    if theme.drivers:
        products = ("、" if language == "zh" else ", ").join(driver.name for driver in theme.drivers[:3])
        reasons.append(word("mostly", products=products))
    return reasons


def _theme(theme: Theme) -> dict[str, object]:
    return {
        "topic": theme.topic,
        "polarity": theme.polarity,
        "remarks": theme.remarks,
        "share": _share(theme.share),
        "stars_lost": _share(theme.cost),
        "trend_a_month": theme.trend and _share(theme.trend),
        "rising": theme.rising,
        "falling": theme.falling,
        "changes": [
            {
                "at": date_of(c.at),
                "before": round(c.before, 4),
                "after": round(c.after, 4),
                "p": round(c.p, 4),
            }
            for c in theme.changes
        ],
        "series": [{"from": date_of(at), "mentions": hits, "remarks": of} for at, hits, of in theme.series],
        "phrases": [{"phrase": phrase, "remarks": count} for phrase, count in theme.phrases],
        "products": [
            {
                "id": driver.name,
                "mentions": driver.mentions,
                "remarks": driver.remarks,
                "share": round(driver.share, 4),
                "sure": round(driver.sure, 4),
            }
            for driver in theme.drivers
        ],
        "segments": [
            {
                "column": one.column,
                "value": one.value,
                "share": _share(one.share),
                "others": _share(one.others),
                "p": round(one.p, 6),
            }
            for one in theme.segments
        ],
        "quotes": [_quote(quote) for quote in theme.quotes],
        "pictures": [{"picture": picture, "product": product} for picture, product in theme.pictures],
    }


def _quote(quote: Quote) -> dict[str, object]:
    return {**quote._asdict(), "time": date_of(quote.time), "pictures": list(quote.pictures)}


def _share(share: Share) -> dict[str, float]:
    return {"value": round(share.value, 4), "low": round(share.low, 4), "high": round(share.high, 4)}


def _named(name: str, share: Share) -> dict[str, object]:
    low, high = round(share.low, 4), round(share.high, 4)
    return {name: round(share.value, 4), f"{name}_low": low, f"{name}_high": high}


def first_words(feedback: Feedback, names: Names, language: str = "en") -> Sequence[str]:
    """What to do first, a line for each theme, as a terminal shows it."""
    place = 1 if language == "zh" else 0
    lines = []
    for theme in feedback.blamed[:_FIRST]:
        called = names[theme.topic][place] if theme.topic in names else theme.topic
        lines.append(f"{called}: " + ("；" if language == "zh" else "; ").join(_reasons(theme, language)))
    return lines
