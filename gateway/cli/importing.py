"""`gateway import`: a real experiment from a CSV or Parquet file, ready to be asked about."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gateway.cli.diagnostics import ExitCode
from gateway.cli.output import emit, show_table
from gateway.cli.pairs import aggregations_of, covariates_of, day_of, metrics_of, pairs_of, shares_of
from gateway.cli.session import Session, session
from gateway.errors import UsageError

if TYPE_CHECKING:
    from gateway.cli.pipeline import Pipeline
    from gateway.marts.importing import ImportReport

Column = "COLUMN"

File = Annotated[Path, typer.Argument(help="CSV or Parquet.", metavar="FILE")]
Experiment = Annotated[str | None, typer.Option(help="Id to give the experiment.", metavar="ID")]
Variant = Annotated[str | None, typer.Option(help="Column of the arm.", metavar=Column)]
Control = Annotated[str | None, typer.Option(help="Value of the arm that is control.", metavar="VALUE")]
Metric = Annotated[
    list[str] | None,
    typer.Option(
        help="NAME=COLUMN[:occurrence|count|sum|mean] or NAME=COLUMN/COLUMN:ratio; the first is primary. "
        "With --aggregate NAME:aggregation, NAME as the file has it. Repeatable.",
        metavar="METRIC",
    ),
]
Unit = Annotated[str | None, typer.Option(help="Column of the unit; without it each row is one.", metavar=Column)]
Dimension = Annotated[list[str] | None, typer.Option(help="Column to break down by. Repeatable.", metavar=Column)]
Covariate = Annotated[
    list[str] | None,
    typer.Option(help="Pre-period column, for all metrics, or METRIC=COLUMN. Repeatable.", metavar=Column),
]
Cuped = Annotated[
    list[str] | None,
    typer.Option(help="Metric judged by its CUPED-adjusted numbers; needs --covariate. Repeatable.", metavar="NAME"),
]
Winsorise = Annotated[
    list[str] | None,
    typer.Option(
        help="Adds the metric winsorised: at a quantile of all units (0.99), or at a value above 1. Repeatable.",
        metavar="NAME=CAP",
    ),
]
LowerIsBetter = Annotated[list[str] | None, typer.Option(help="Metric that should fall. Repeatable.", metavar="NAME")]
Guardrail = Annotated[
    list[str] | None,
    typer.Option(help="Metric that must not get worse by more than a share. Repeatable.", metavar="NAME=SHARE"),
]
Share = Annotated[
    list[str] | None, typer.Option(help="Planned share of an arm, for all arms or none.", metavar="VARIANT=SHARE")
]
Day = Annotated[str | None, typer.Option(metavar="YYYY-MM-DD")]
OnNull = Annotated[
    Literal["error", "drop", "zero"], typer.Option(help="What an empty cell does: refuse, drop the unit, count as 0.")
]
Mapping = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        help="With --aggregate, the column of each part: n_control, n_treatment, mean_…, variance_… (both arms in a "
        "row), or variation, n, mean, variance, sum, sum_squares (an arm each row); and experiment, variation, metric, "
        "time. Repeatable.",
        metavar="PART=COLUMN",
    ),
]


def import_file(
    ctx: typer.Context,
    file: File,
    experiment: Experiment = None,
    variant: Variant = None,
    control: Control = None,
    metric: Metric = None,
    unit: Unit = None,
    dimension: Dimension = None,
    covariate: Covariate = None,
    cuped: Cuped = None,
    winsorise: Winsorise = None,
    lower_is_better: LowerIsBetter = None,
    guardrail: Guardrail = None,
    share: Share = None,
    name: Annotated[str | None, typer.Option(help="Name of the experiment.", metavar="TEXT")] = None,
    assigned_at: Annotated[str | None, typer.Option(help="Column of the time of assignment.", metavar=Column)] = None,
    started_at: Day = None,
    ended_at: Day = None,
    running: Annotated[bool, typer.Option("--running", help="It is still running.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Replace an earlier import of this id.")] = False,
    on_null: OnNull = "error",
    aggregate: Annotated[bool, typer.Option("--aggregate", help="Rows are sufficient statistics, not units.")] = False,
    mapping: Mapping = None,
    prefix: Annotated[str, typer.Option(help="With --aggregate, put before each experiment's name.")] = "",
) -> int:
    """Import a real experiment, build and publish.

    The rest of the warehouse is kept. Imported units count as assigned and exposed, the experiment as ended unless
    --running.
    """
    from gateway.cli.pipeline import pipeline_for
    from gateway.marts.importing import import_aggregates, import_units

    current = session(ctx)
    pipeline = pipeline_for(current, current.settings())
    shares, started, ended = shares_of(share), day_of(started_at, "--started-at"), day_of(ended_at, "--ended-at")
    if aggregate:
        _refuse(
            "does not go with --aggregate, whose rows are not units",
            variant=variant, unit=unit, dimension=dimension, covariate=covariate, lower_is_better=lower_is_better,
            guardrail=guardrail, assigned_at=assigned_at, ended_at=ended_at, cuped=cuped, winsorise=winsorise,
            on_null=on_null != "error",
        )  # fmt: skip
        report = import_aggregates(
            pipeline.warehouse, file, mapping=pairs_of(mapping, "--map"), experiment=experiment, control=control,
            metric_aggregations=aggregations_of(metric), prefix=prefix, name=name, running=running, replace=replace,
            shares=shares, started_at=started,
        )  # fmt: skip
    else:
        _refuse("goes with --aggregate", map=mapping, prefix=prefix)
        experiment, variant, control = _required(experiment, variant, control, metric)
        report = import_units(
            pipeline.warehouse, file, experiment=experiment, variant=variant, control=control,
            metrics=metrics_of(metric, lower_is_better, guardrail, cuped, winsorise), unit=unit,
            covariate=covariates_of(covariate), dimensions=dimension or (), assigned_at=assigned_at, on_null=on_null,
            name=name, running=running, replace=replace, shares=shares, started_at=started, ended_at=ended,
        )  # fmt: skip
    _finish(current, pipeline, report)
    return ExitCode.ANSWERED


def _refuse(why: str, **given: object) -> None:
    """Options that don't belong here are said, not ignored."""
    wrong = [f"--{option.replace('_', '-')}" for option, value in given.items() if value]
    if wrong:
        raise UsageError(f"{', '.join(wrong)} {why}")


def _required(
    experiment: str | None, variant: str | None, control: str | None, metric: list[str] | None
) -> tuple[str, str, str]:
    wanted = {"--experiment": experiment, "--variant": variant, "--control": control, "--metric": metric}
    missing = [option for option, value in wanted.items() if not value]
    if missing or not (experiment and variant and control):
        raise UsageError(f"{', '.join(missing)} missing", hint="gateway import --help")
    return experiment, variant, control


def _finish(current: Session, pipeline: "Pipeline", report: "ImportReport") -> None:
    """Say what came in, make it answerable, and say what to ask."""
    for note in report.notes:
        current.note(note)
    what = ", ".join(report.experiments[:5]) + (
        f" and {len(report.experiments) - 5} more" if report.experiments[5:] else ""
    )
    unit = "unit" if report.variations else "snapshot of an arm" if report.rows == 1 else "snapshots of arms"
    rows = f"{report.rows:,} {unit}{'s' if report.variations and report.rows != 1 else ''}"
    emit(f"imported {rows} from {report.file} as {what} in {report.seconds:.1f} s\n\n")
    if report.variations:
        emit(f"{show_table(['arm', 'value', 'units'], report.variations)}\n\n")
    emit(f"{show_table(['metric', 'aggregation'], report.metrics)}\n\n")
    pipeline.load()
    pipeline.build()
    pipeline.publish()
    emit(f"published {pipeline.place}")
    current.note(f"next: {example(report)}")


def example(report: "ImportReport") -> str:
    """A complete command that asks about the import."""
    experiment = report.experiments[0].replace("_", " ")
    metric = report.metrics[0][0].replace("_", " ")
    return f'gateway ask "Did {experiment} change {metric}?" --population itt'
