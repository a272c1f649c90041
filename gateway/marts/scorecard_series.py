"""Who came in when, and who converted when: counts by hour or day, from which running totals are made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from gateway.marts.scorecard_definition import moment
from gateway.marts.scorecard_query import Asked

_STEPS: Final = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
_UNITS: Final = -1
"""Stands for the units themselves where the position of a metric would."""
_Counts = Mapping[datetime, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Series:
    """Counts by the bucket in which they began, every arm in every bucket."""

    granularity: str
    arms: tuple[str, ...]
    new_units: _Counts
    new_conversions: Mapping[str, _Counts]
    """Of each occurrence metric: a unit converts once, at its first event."""

    def payload(self) -> dict[str, Any]:
        """Ready for JSON; only running totals of conversions and of units divide."""
        return {
            "exposures_timeseries": self._points(self.new_units, "new_units"),
            "conversions_timeseries": {
                metric: self._points(counts, "new_conversions") for metric, counts in self.new_conversions.items()
            },
        }

    def _points(self, counts: _Counts, name: str) -> dict[str, Any]:
        """Without gaps, from the first bucket in which something was counted to the last."""
        step, points, bucket = _STEPS[self.granularity], [], min(counts, default=datetime.max)
        while counts and bucket <= max(counts):
            found = counts.get(bucket, {})
            points.append({"bucket": f"{bucket.isoformat()}Z", name: {arm: found.get(arm, 0) for arm in self.arms}})
            bucket += step
        return {"granularity": self.granularity, "points": points}


def series_of(rows: Sequence[Mapping[str, Any]], asked: Asked) -> Series:
    """The series from the statement's rows: metric by position, arm, bucket and count."""
    metrics = asked.definition.metrics
    occurrences = [i for i, metric in enumerate(metrics) if metric.aggregation == "occurrence"]
    arms = tuple(asked.definition.shares)
    counts: dict[int, dict[datetime, dict[str, int]]] = {i: {} for i in (_UNITS, *occurrences)}
    for row in rows:
        by_arm = counts[int(row["metric"])].setdefault(_start(row["bucket"]), {})
        by_arm[arms[int(row["arm"])]] = int(row["n"])
    return Series(
        asked.granularity,
        arms,
        counts[_UNITS],
        {metrics[i].metric_id: counts[i] for i in occurrences},
    )


def _start(bucket: Any) -> datetime:
    """Engines truncate to a day as a date, or as a time."""
    if isinstance(bucket, date) and not isinstance(bucket, datetime):
        return datetime(bucket.year, bucket.month, bucket.day)
    return moment(bucket)
