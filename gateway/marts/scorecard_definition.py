"""What a scorecard is of: the experiment, its arms and its metrics, as the warehouse's sources define them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from sqlglot import exp

from gateway.errors import ContractError, UsageError
from gateway.marts.scorecard import EventTerm, MetricSpec
from gateway.problems import did_you_mean
from gateway.stats import Aggregation

_ROLES: Final = ("primary", "secondary", "guardrail")


class Source(Protocol):
    """The warehouse's source tables, wherever they are."""

    @property
    def engine(self) -> str:
        """`duckdb` or `clickhouse`."""

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """What a SELECT in DuckDB's dialect gives; times are UTC, without an offset. Raises EngineError."""


@dataclass(frozen=True, slots=True)
class Definition:
    """One experiment."""

    experiment_id: str
    started_at: datetime
    ended_at: datetime | None
    as_of: datetime
    """Up to which its data are known, exclusive."""
    control: str | None
    shares: Mapping[str, float | None]
    """Planned share of every arm, as given; None where it is not known. Control first."""
    metrics: tuple[MetricSpec, ...]
    """Those that are made from events; primary first."""
    valued_events: frozenset[str]
    """Events that some metric of some experiment sums: without a number they are dropped, wherever they are counted."""
    has_assignments: bool

    def closes_at(self) -> datetime | None:
        """When the last window has closed, and nothing can change any more; None while it runs on."""
        windows = [metric.window for metric in self.metrics if metric.window is not None]
        return self.ended_at and max((self.ended_at + window for window in windows), default=self.ended_at)


def read_definition(source: Source, experiment_id: str) -> Definition:
    """The experiment of that id. Raises UsageError where there is none, or none that is made from events."""
    wanted = text(experiment_id)
    found = source.rows(f"select * from raw_experiments where experiment_id = {wanted}")
    if not found:
        others = source.rows("select experiment_id from raw_experiments order by experiment_id")
        hint = did_you_mean(experiment_id, [str(row["experiment_id"]) for row in others], otherwise="There are")
        raise UsageError(f"no experiment {experiment_id!r}.{hint}")
    row = found[0]
    arms = source.rows(f"select * from raw_experiment_variations where experiment_id = {wanted}")
    arms.sort(key=lambda arm: (not arm["is_control"], str(arm["variation_id"])))
    used = source.rows("select * from raw_experiment_metrics")
    if not arms or row["started_at"] is None or row["as_of"] is None:
        raise ContractError(f"experiment {experiment_id!r} has no arms, or no times", hint="Correct its definition.")
    return Definition(
        experiment_id,
        moment(row["started_at"]),
        None if row["ended_at"] is None else moment(row["ended_at"]),
        moment(row["as_of"]),
        next((str(arm["variation_id"]) for arm in arms if arm["is_control"]), None),
        {str(arm["variation_id"]): arm["expected_share"] for arm in arms},
        _metrics(experiment_id, [each for each in used if each["experiment_id"] == experiment_id]),
        frozenset(term.event for each in used for term in _terms(each) if term.is_summed),
        bool(source.rows(f"select 1 as found from fct_experiment_assignments where experiment_id = {wanted} limit 1")),
    )


def _metrics(experiment_id: str, rows: Sequence[Mapping[str, Any]]) -> tuple[MetricSpec, ...]:
    """Raises UsageError for an experiment that was imported: it has results of units, and no events."""
    of_events = [row for row in rows if row["source"] == "events"]
    if not of_events:
        raise UsageError(
            f"experiment {experiment_id!r} has no metric that is made from events"
            + (": it was imported as what its units came to" if rows else ""),
            hint=f"Ask for its results: gateway ask {f'How did {experiment_id} do?'!r}",
        )
    order = {role: place for place, role in enumerate(_ROLES)}
    ranked = sorted(of_events, key=lambda row: (order.get(str(row["role"]), len(order)), str(row["metric_id"])))
    return tuple(_metric(row) for row in ranked)


def _metric(row: Mapping[str, Any]) -> MetricSpec:
    numerator, *denominator = _terms(row)
    return MetricSpec(
        metric_id=str(row["metric_id"]),
        aggregation=str(row["aggregation"]),
        desired=str(row["desired"]),
        window_days=row["window_days"],
        numerator=numerator,
        denominator=denominator[0] if denominator else None,
        winsorise_quantile=row.get("winsorise_quantile"),
        winsorise_cap=row.get("winsorise_cap"),
    )


def _terms(row: Mapping[str, Any]) -> Iterator[EventTerm]:
    """The events that a metric reads: numerator first. As in int_experiment_metric_terms."""
    is_ratio = row["aggregation"] == Aggregation.RATIO
    summed = row["aggregation"] in (Aggregation.SUM, Aggregation.MEAN) or (is_ratio and row["numerator_agg"] == "sum")
    yield EventTerm(str(row["numerator_event"] or ""), summed)
    if is_ratio:
        yield EventTerm(str(row["denominator_event"] or ""), row["denominator_agg"] == "sum")


def moment(value: Any) -> datetime:
    """A time of the sources: UTC, without an offset."""
    if not isinstance(value, datetime):
        raise ContractError(f"the sources hold {value!r} where a time should be", hint="Correct it and try again.")
    return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)


def text(value: str) -> str:
    """A text literal in DuckDB's dialect."""
    return exp.Literal.string(value).sql(dialect="duckdb")
