"""The catalogue rows of imported experiments: which ids are free, what an import replaces, what it describes."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import duckdb

from gateway.errors import UsageError
from gateway.marts.importing_spec import Dates, MetricSpec, labelled

IMPORTED = (
    "raw_experiments",
    "raw_experiment_variations",
    "raw_experiment_metrics",
    "imp_units",
    "imp_unit_dimensions",
    "imp_outcomes",
    "imp_aggregates",
)


def claim(con: duckdb.DuckDBPyConnection, experiments: Sequence[str], *, replace: bool) -> bool:
    """Make the ids free. True when an earlier import was taken out for it. Raises UsageError for ids that are taken."""
    rows = con.execute(
        "select experiment_id, origin from raw_experiments where list_contains(?, experiment_id) order by 1",
        [list(experiments)],
    ).fetchall()
    seeded = [name for name, origin in rows if origin == "seed"]
    taken = [name for name, origin in rows if origin != "seed"]
    if seeded:
        raise UsageError(
            f"{_listed(seeded)} belongs to the demo world, and can't be imported over",
            hint="Choose another --experiment name.",
        )
    if taken and not replace:
        raise UsageError(
            f"{_listed(taken)} is already imported", hint="Use --replace to replace it, or choose another name."
        )
    for table in IMPORTED if taken else ():
        con.execute(f"delete from {table} where list_contains(?, experiment_id)", [taken])
    if taken:
        con.execute(
            """delete from raw_metrics where origin = 'import'
               and metric_id not in (select metric_id from raw_experiment_metrics)"""
        )
    return bool(taken)


def describe(
    con: duckdb.DuckDBPyConnection,
    experiment: str,
    *,
    name: str,
    source: str,
    unit_type: str,
    dates: Dates,
    primary: str,
) -> None:
    """The experiment's own row."""
    con.execute(
        "insert into raw_experiments values (?, ?, ?, '', '', ?, ?, ?, ?, ?, ?, 'import')",
        [experiment, name or labelled(experiment), f"Imported from {source}.",
         "running" if dates.ended_at is None else "ended", unit_type,
         dates.started_at, dates.ended_at, dates.as_of, primary],
    )  # fmt: skip


def describe_arms(
    con: duckdb.DuckDBPyConnection,
    experiment: str,
    names: Mapping[str, str],
    control: str,
    shares: Mapping[str, float] | None,
) -> None:
    """Its arms, id to name. Shares are equal unless given."""
    for arm, name in names.items():
        share = shares[arm] if shares is not None else 1 / len(names)
        con.execute(
            "insert into raw_experiment_variations values (?, ?, ?, ?, ?, 'import')",
            [experiment, arm, name, arm == control, share],
        )


def describe_metrics(
    con: duckdb.DuckDBPyConnection,
    experiment: str,
    metrics: Iterable[MetricSpec],
    kind: Literal["outcomes", "aggregates"],
    source: str,
) -> None:
    """Its metrics as it uses them; the catalogue gets an entry only for an id that has none."""
    for metric in metrics:
        con.execute(
            """insert into raw_experiment_metrics
               values (?, ?, ?, ?, ?, ?, null, ?, null, null, null, null, ?, 'import', ?, ?, ?)""",
            [experiment, metric.name, metric.label, metric.role, metric.aggregation, metric.desired,
             metric.noninferiority_margin, kind, metric.winsorise, metric.cap,
             "cuped" if metric.cuped else "unadjusted"],
        )  # fmt: skip
        con.execute(
            """insert into raw_metrics select ?, ?, ?, ?, ?, ?, 'import'
               where not exists (select 1 from raw_metrics where metric_id = ?)""",
            [metric.name, metric.label, f"Imported from {source}: {metric.column or metric.name}.",
             metric.aggregation, metric.desired, metric.unit, metric.name],
        )  # fmt: skip


def with_roles(metrics: Sequence[MetricSpec]) -> list[MetricSpec]:
    """Metrics with a role each, the primary one first. Raises UsageError when two are primary, or none can be."""
    primaries = [metric.name for metric in metrics if metric.role == "primary"]
    if len(primaries) > 1:
        raise UsageError(f"two primary metrics: {', '.join(primaries)}", hint="An experiment has one.")
    if metrics and all(metric.role == "guardrail" for metric in metrics):
        raise UsageError("every metric is a guardrail, so none is left to judge", hint="Import a primary metric too.")
    first = primaries[0] if primaries else next((each.name for each in metrics if each.role is None), metrics[0].name)
    roles = [
        dataclasses.replace(each, role="primary" if each.name == first else each.role or "secondary")
        for each in metrics
    ]
    return sorted(roles, key=lambda each: each.role != "primary")


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:5])
    return shown if len(names) <= 5 else f"{shown} (and {len(names) - 5} more)"
