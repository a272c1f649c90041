"""One scorecard: the statement runs where the sources are, and what comes back is judged by the kernel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from gateway.marts.scorecard import ArmTotals, MetricResult, MetricSpec, ResultsSummary, build_results_summary
from gateway.marts.scorecard_definition import Source
from gateway.marts.scorecard_query import RATIO_SUMS, Asked, statement
from gateway.marts.scorecard_series import Series, series_of

_QUARANTINED: Final = "quarantined"
_Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scorecard:
    """What was found of an experiment, and what follows from it."""

    asked: Asked
    summary: ResultsSummary
    units: Mapping[str, int]
    """Units of the population by arm, with those of no arm that the experiment has."""
    left_out: Mapping[str, int]
    """Assigned units outside the population, by why they are; of all populations for exposure failures."""
    mature: Mapping[str, float | None]
    """Share of units whose window has closed, by metric; None without units."""
    dropped_events: int
    """Events in some unit's window that had no finite number where one was needed, or a broken one."""
    copies: int
    """Events in some unit's window that were delivered before: not counted."""
    series: Series | None = None

    @property
    def running(self) -> bool:
        """Whether the experiment had not ended at that moment."""
        ended_at = self.asked.definition.ended_at
        return ended_at is None or self.asked.as_of < ended_at

    def payload(self) -> dict[str, Any]:
        """Ready for JSON."""
        asked, definition = self.asked, self.asked.definition
        found = {
            "experiment_id": definition.experiment_id,
            "analysis_population": asked.population,
            "as_of": stamp(asked.as_of),
            "status": "running" if self.running else "ended",
            "window": {
                "started_at": stamp(definition.started_at),
                "ended_at": None if definition.ended_at is None else stamp(definition.ended_at),
            },
        } | self.summary.payload()  # fmt: skip
        for metric, spec in zip(found["metrics"], definition.metrics, strict=True):
            metric |= {
                "aggregation": spec.aggregation,
                "desired": spec.desired,
                "window_days": spec.window_days,
                "mature_share": self.mature[spec.metric_id],
            }
        found["units"] = {
            "assigned_by": asked.assigned_by, "variants": dict(self.units), "left_out": dict(self.left_out),
        }  # fmt: skip
        found["events"] = {"dropped_values": self.dropped_events, "copies": self.copies}
        return found if self.series is None else found | self.series.payload()


def compute(source: Source, asked: Asked, marts_sql: Path, *, method: str, timeseries: bool = False) -> Scorecard:
    """Run the statement and judge what it gives. Raises EngineError where the engine fails."""
    asked = _capped(source, asked, marts_sql)
    rows = source.rows(statement(asked, marts_sql, engine=source.engine))
    units = [row for row in rows if row["part"] == "units"]
    arms = list(asked.definition.shares)
    active = {arms[int(row["arm"])]: row for row in rows if row["part"] == "metrics"}
    counts = _counts(units, asked)
    metrics = asked.definition.metrics
    results = [
        MetricResult(
            metric.metric_id,
            {arm: _totals(i, metric, active.get(arm)).with_silent(counts[arm]) for arm in asked.definition.shares},
        )
        for i, metric in enumerate(metrics)
    ]
    left_out = _left_out(units, asked)
    ended_at = asked.definition.ended_at
    summary = build_results_summary(
        metrics,
        results,
        control=asked.definition.control,
        unit_counts=counts,
        expected_shares=asked.definition.shares,
        excluded_units=left_out.get(_QUARANTINED, 0),
        running=ended_at is None or asked.as_of < ended_at,
        method=method,
    )
    return Scorecard(
        asked=asked,
        summary=summary,
        units=counts,
        left_out=left_out,
        mature=_mature(metrics, units, asked),
        dropped_events=sum(int(row["dropped"]) for row in active.values()),
        copies=sum(int(row["copies"]) for row in active.values()),
        series=_series(source, asked, marts_sql) if timeseries else None,
    )


def _capped(source: Source, asked: Asked, marts_sql: Path) -> Asked:
    """With the caps of metrics that are winsorised at a quantile: known before the values can be summed."""
    definition = asked.definition
    winsorised = [metric for metric in definition.metrics if metric.winsorise_quantile is not None]
    if not winsorised:
        return asked
    rows = source.rows(statement(asked, marts_sql, "caps", engine=source.engine))
    found = {winsorised[int(row["metric"])].metric_id: float(row["cap"]) for row in rows}
    metrics = tuple(
        replace(metric, winsorise_cap=metric.winsorise_cap or found.get(metric.metric_id))
        for metric in definition.metrics
    )
    return replace(asked, definition=replace(definition, metrics=metrics))


def _counts(units: Sequence[_Row], asked: Asked) -> dict[str, int]:
    """Units of the population in every arm, and in every variation that is none of its arms."""
    counts = dict.fromkeys(asked.definition.shares, 0)
    for row in units:
        if _is_member(row, asked):
            arm = str(row["variation_id"])
            counts[arm] = counts.get(arm, 0) + int(row["n"])
    return counts


def _is_member(row: _Row, asked: Asked) -> bool:
    return bool(row["status"] != _QUARANTINED if asked.population == "itt" else row["status"] == "valid")


def _left_out(units: Sequence[_Row], asked: Asked) -> dict[str, int]:
    """Assigned units by what is wrong with them; in the population of all assigned, only the first kind is left out."""
    counts: dict[str, int] = {}
    for row in units:
        if not _is_member(row, asked):
            counts[str(row["status"])] = counts.get(str(row["status"]), 0) + int(row["n"])
    return dict(sorted(counts.items()))


def _mature(metrics: Sequence[MetricSpec], units: Sequence[_Row], asked: Asked) -> dict[str, float | None]:
    total = sum(int(row["n_counted"]) for row in units)
    windows = asked.windows

    def closed(metric: MetricSpec) -> int:
        if metric.window is None:
            return total
        return sum(int(row[f"n_closed_{windows.index(metric.window)}"] or 0) for row in units)

    return {metric.metric_id: closed(metric) / total if total else None for metric in metrics}


def _totals(position: int, metric: MetricSpec, row: _Row | None) -> ArmTotals:
    """An arm's units that did something. An arm where none did has no row."""

    def found(name: str) -> float:
        return 0.0 if row is None else float(row[f"m{position}_{name}"])

    below = {name: found(name) for name in RATIO_SUMS} if metric.denominator else {}
    return ArmTotals(0 if row is None else int(row["n"]), found("sum"), found("sum_squares"), found("m2"), **below)


def _series(source: Source, asked: Asked, marts_sql: Path) -> Series:
    rows = source.rows(statement(asked, marts_sql, "timeseries", engine=source.engine))
    return series_of(rows, asked)


def stamp(moment: datetime) -> str:
    """A time as the payload writes it: UTC, ISO 8601."""
    return moment.isoformat() + "Z"
