"""Everything that is known of a shop's ads, together: which is better, what drives it, what is worn out."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from duomo.arrays import Pixels
from duomo.understand.ads import Ads, Creative
from duomo.understand.ads_compare import MATTERS, METRICS, Compared, Metric, compare
from duomo.understand.ads_drivers import Driver, drivers
from duomo.understand.ads_fatigue import Fatigue, fatigue
from duomo.understand.ads_features import features_of
from duomo.understand.ads_predict import AdsHead, Predicted

_DRIVEN: Final[tuple[Metric, ...]] = ("clicks", "conversions")
By = Literal["", "audience", "week", "month"]
CSV_COLUMNS: Final = (
    *("test", "part", "metric", "verdict", "place", "creative", "copy", "events", "exposure", "rate", "low"),
    *("high", "best", "loss", "p_always", "p_once", "more"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdsReport:
    """What is known."""

    ads: Ads
    compared: Mapping[Metric, tuple[Compared, ...]]  # of metrics for which there are numbers
    drivers: Mapping[Metric, tuple[Driver, ...]]
    fatigue: tuple[Fatigue, ...]
    predicted: tuple[Predicted, ...] = ()
    chances: tuple[float, ...] = ()  # of each predicted one to beat the first, which is the best

    @property
    def totals(self) -> dict[str, float]:
        """Sums over all rows; of spend and conversions where they are told."""
        ads = self.ads
        sums = {name: float(np.nansum(getattr(ads, name))) for name in ("impressions", "clicks")}
        for name in ("spend", "conversions"):
            if np.isfinite(getattr(ads, name)).any():
                sums[name] = float(np.nansum(getattr(ads, name)))
        return sums

    def verdicts(self, metric: Metric = "clicks") -> dict[str, int]:
        """Verdict -> tests."""
        return dict(Counter(one.verdict for one in self.compared.get(metric, ())).most_common())

    def as_dict(self) -> dict[str, object]:
        """With the field names of the machine contract."""
        ads = self.ads
        return {
            "rows": ads.rows,
            "skipped": ads.skipped,
            "tests": len(ads.tests),
            "creatives": len(ads.creatives),
            "columns": dict(ads.columns),
            "totals": {name: round(value, 2) for name, value in self.totals.items()},
            "verdicts": self.verdicts(),
            "compared": [_compared(one) for some in self.compared.values() for one in some],
            "drivers": [_driver(metric, one) for metric, some in self.drivers.items() for one in some],
            "fatigue": [_fatigue(one) for one in self.fatigue],
            "predicted": [
                _predicted(one, chance) for one, chance in zip(self.predicted, self.chances, strict=True)
            ],
            "problems": [problem.as_dict() for problem in ads.problems],
        }

    def csv_rows(self) -> Iterator[tuple[object, ...]]:
        """A row for each creative of each test, with the columns of CSV_COLUMNS."""
        for some in self.compared.values():
            for one in some:
                pairs = {pair.other: pair for pair in one.pairs}
                for place, standing in enumerate(one.standings):
                    pair = pairs.get(place)
                    creative = standing.creative
                    yield (
                        *(one.test, one.part, one.metric, one.verdict, place + 1, creative.id, creative.copy),
                        *(standing.events, standing.exposure, _short(standing.rate), _short(standing.low)),
                        *(_short(standing.high), round(standing.best, 4), _short(standing.loss)),
                        *((_short(pair.p_always), _short(pair.p_once), pair.more) if pair else ("", "", "")),
                    )


def read_report(
    ads: Ads,
    *,
    by: By = "",
    matters: float = MATTERS,
    picture: Callable[[Creative], Pixels | None] | None = None,
    head: AdsHead | None = None,
    new: Sequence[Creative] = (),
) -> AdsReport:
    """Compare, find drivers, fit curves of fatigue, and predict what is new.

    Args:
        ads: what was counted.
        by: tell each audience or period apart in the comparison.
        matters: the smallest difference that matters, as a share of the rate.
        picture: opens that of a creative; None: pictures are not looked at.
        head: what predicts; needed where there is something new.
        new: creatives to predict.
    """
    compared = {metric: tuple(compare(ads, metric=metric, by=by, matters=matters)) for metric in METRICS}
    features = features_of(ads.creatives, picture=picture)
    found = {metric: tuple(drivers(ads, features, metric=metric)) for metric in _DRIVEN}
    predicted = sorted(head.predict(new, picture=picture), key=lambda one: -one.score) if head and new else []
    return AdsReport(
        ads=ads,
        compared={metric: some for metric, some in compared.items() if some},
        drivers={metric: some for metric, some in found.items() if some},
        fatigue=tuple(fatigue(ads)),
        predicted=tuple(predicted),
        chances=tuple(head.better(one.score, predicted[0].score) for one in predicted) if head else (),
    )


def _short(value: float) -> float:
    """Four digits that count."""
    return float(f"{value:.4g}")


def _creative(creative: Creative) -> dict[str, str]:
    return {"creative": creative.id, "test": creative.test, "copy": creative.copy}


def _compared(one: Compared) -> dict[str, object]:
    return {
        "test": one.test,
        "part": one.part,
        "metric": one.metric,
        "verdict": one.verdict,
        "leader": one.standings[0].creative.id,
        "more": one.more,
        "q": _short(one.q),
        "creatives": [
            {
                "creative": each.creative.id,
                "copy": each.creative.copy,
                "events": each.events,
                "exposure": round(each.exposure, 2),
                "rate": _short(each.rate),
                "low": _short(each.low),
                "high": _short(each.high),
                "best": round(each.best, 4),
                "loss": _short(each.loss),
            }
            for each in one.standings
        ],
        "pairs": [
            {
                "other": one.standings[pair.other].creative.id,
                "lift": [_short(value) for value in pair.lift] if pair.lift else None,
                "p_always": _short(pair.p_always),
                "p_once": _short(pair.p_once),
                "more": pair.more,
            }
            for pair in one.pairs
        ],
    }


def _driver(metric: Metric, one: Driver) -> dict[str, object]:
    return {
        "metric": metric,
        **one.feature._asdict(),
        "ratio": _short(one.ratio),
        "low": _short(one.low),
        "high": _short(one.high),
        "p": _short(one.p),
        "sure": one.sure,
        "tests": one.tests,
    }


def _fatigue(one: Fatigue) -> dict[str, object]:
    three = {
        name: [round(value) for value in values] if (values := getattr(one, name)) else None
        for name in ("falls_from", "half_life", "replace_at")
    }
    return {
        **_creative(one.creative),
        "tired": one.tired,
        "p": _short(one.p),
        "first": _short(one.first),
        "now": _short(one.now),
        **three,
        "replace_by": list(one.replace_by) if one.replace_by else None,
        "points": [[_short(value) for value in (each.shown, each.rate, each.curve)] for each in one.points],
    }


def _predicted(one: Predicted, chance: float) -> dict[str, object]:
    return {
        **_creative(one.creative),
        "ratio": _short(float(np.exp(one.score))),
        "rate": _short(one.rate),
        "low": _short(one.low),
        "high": _short(one.high),
        "beats_first": round(chance, 4),
        "doubt": one.doubt or None,
        "evidence": [piece.as_dict() for piece in one.evidence],
        "reasons": [
            {**feature._asdict(), "ratio": _short(float(np.exp(added)))} for feature, added in one.reasons
        ],
    }
