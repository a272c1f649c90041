"""The scorecard as one statement: scorecard.sql rendered for an experiment, its metrics and a moment.

Values go in as literals that sqlglot writes, never as text of the statement; names are those of the template.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from gateway.errors import ContractError
from gateway.marts.scorecard import EventTerm, MetricSpec
from gateway.marts.scorecard_definition import Definition, text
from gateway.stats import Aggregation

if TYPE_CHECKING:
    from jinja2 import Template

FILE: Final = "scorecard.sql"
Population = Literal["itt", "exposed"]
Part = Literal["scorecard", "caps", "timeseries"]
_SUMS: Final = ("sum", "sum_squares", "m2")
RATIO_SUMS: Final = ("denominator_sum", "denominator_sum_squares", "denominator_m2", "cross_m2")
_HOURLY: Final = timedelta(hours=72)
"""A window up to this long has its series by the hour."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One scorecard: of what, of whom, as of when."""

    definition: Definition
    population: Population
    as_of: datetime

    @property
    def window_end(self) -> datetime:
        """End of the half-open window in which units come in."""
        return self.definition.ended_at or self.as_of

    @property
    def assigned_by(self) -> Literal["assignments", "exposures"]:
        """Where a unit's arm is from. Without any assignment, its first exposure assigns it."""
        return "assignments" if self.definition.has_assignments else "exposures"

    @property
    def granularity(self) -> Literal["hour", "day"]:
        """Of the time series."""
        return "hour" if min(self.window_end, self.as_of) - self.definition.started_at <= _HOURLY else "day"

    @property
    def windows(self) -> tuple[timedelta | None, ...]:
        """The lengths of window that the metrics have; None is to the experiment's end."""
        return tuple(dict.fromkeys(metric.window for metric in self.definition.metrics))


@dataclass(frozen=True, slots=True)
class _Stream:
    """An event in a window, as several metrics may read it."""

    event: str
    window: int
    is_counted: bool
    is_summed: bool


@dataclass(frozen=True, slots=True)
class _Term:
    stream: int
    is_summed: bool


@dataclass(frozen=True, slots=True)
class _Metric:
    """A metric as the template sees it; everything in it is SQL or a number of ours."""

    position: int
    aggregation: str
    numerator: _Term
    denominator: _Term | None
    cap: str
    quantile: str
    columns: tuple[str, ...]


def statement(asked: Asked, marts_sql: Path, part: Part = "scorecard", *, engine: str = "duckdb") -> str:
    """The statement of one part, in DuckDB's dialect; `engine` is what will run it."""
    definition = asked.definition
    metrics, windows = definition.metrics, asked.windows
    if part == "caps":
        metrics = tuple(metric for metric in metrics if metric.winsorise_quantile is not None)
        asked = replace(asked, population="itt")
    streams = _streams(metrics, windows)
    names = sorted({stream.event for stream in streams} - {"exposure"})
    return _template(marts_sql).render(
        part=part,
        rows_have_numbers=engine == "duckdb",
        source=lambda _, table: table,
        experiment_id=text(definition.experiment_id),
        population=asked.population,
        assigned_by=asked.assigned_by,
        arms=_texts(definition.shares),
        started_at=_moment(definition.started_at),
        window_end=_moment(asked.window_end),
        as_of=_moment(asked.as_of),
        known_before=_moment(asked.as_of) if asked.as_of < definition.as_of else "",
        granularity=asked.granularity,
        windows=[_seconds(window) for window in windows],
        event_names=_texts(names) or ["null"],
        valued_names=_texts(name for name in names if name in definition.valued_events),
        streams=[replace(stream, event=text(stream.event)) for stream in streams],
        metrics=[_metric(i, metric, streams, windows) for i, metric in enumerate(metrics)],
    )


def _streams(metrics: Sequence[MetricSpec], windows: Sequence[timedelta | None]) -> list[_Stream]:
    """What the metrics read, each event and window once, with what is needed of it."""
    read: dict[tuple[str, int], set[str]] = {}
    for metric in metrics:
        for term in metric.terms:
            needs = read.setdefault((term.event, windows.index(metric.window)), set())
            needs |= {"sum"} if term.is_summed else {"count"}
            needs |= {"count"} if metric.aggregation == Aggregation.MEAN else set()
    return [_Stream(*key, is_counted="count" in needs, is_summed="sum" in needs) for key, needs in read.items()]


def _metric(
    position: int, metric: MetricSpec, streams: Sequence[_Stream], windows: Sequence[timedelta | None]
) -> _Metric:
    places = {(stream.event, stream.window): place for place, stream in enumerate(streams)}
    window = windows.index(metric.window)

    def term(of: EventTerm) -> _Term:
        return _Term(places[of.event, window], of.is_summed)

    numerator, *denominator = map(term, metric.terms)
    return _Metric(
        position,
        metric.aggregation,
        numerator,
        denominator[0] if denominator else None,
        "" if metric.winsorise_cap is None else _double(metric.winsorise_cap),
        "" if metric.winsorise_quantile is None else _double(metric.winsorise_quantile),
        _SUMS + (RATIO_SUMS if denominator else ()),
    )


def _texts(values: Iterable[str]) -> list[str]:
    return [text(value) for value in values]


def _moment(value: datetime) -> str:
    return f"cast({text(value.isoformat(sep=' '))} as timestamp)"


def _double(value: float) -> str:
    """Exactly this number: a plain literal would be read as a decimal."""
    return f"cast({text(repr(float(value)))} as double)"


def _seconds(window: timedelta | None) -> int | None:
    return None if window is None else round(window.total_seconds())


@lru_cache(maxsize=4)
def _template(marts_sql: Path) -> "Template":
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import SandboxedEnvironment

    file = marts_sql / FILE
    try:
        # SQL is not HTML: escaping would corrupt it.
        return SandboxedEnvironment(undefined=StrictUndefined, autoescape=False).from_string(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, TemplateError) as error:
        raise ContractError(f"{file} can't be used: {error}", hint="Install the gateway again.") from error
