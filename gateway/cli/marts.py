"""`gateway marts`: from sources to the published file, step by step."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.diagnostics import ExitCode
from gateway.cli.options import AsJson
from gateway.cli.output import emit, emit_json, show_table
from gateway.cli.session import Session, session
from gateway.errors import UsageError

if TYPE_CHECKING:
    from gateway.cli.pipeline import Pipeline
    from gateway.marts.clickhouse.stamp import ClickHouseStatus
    from gateway.marts.publish import Status

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Seed, build, check and publish the marts.")


@app.command("seed")
def seed(
    ctx: typer.Context,
    users: Annotated[int, typer.Option(help="Users of the demo world.")] = 60_000,
    days: Annotated[int, typer.Option(help="Days it runs.")] = 30,
    seed: Annotated[int, typer.Option(help="Equal seeds make equal worlds.")] = 20_260_201,
) -> int:
    """Write the demo world's sources; imports are kept."""
    from gateway.cli.pipeline import World

    current, pipeline = _pipeline(ctx)
    report = pipeline.seed(World(users, days, seed))
    emit(
        f"seeded {report.experiments} experiments: {report.users:,} users, {report.days} days, "
        f"{report.assignments:,} assignments, {report.exposures:,} exposures, {report.events:,} events, "
        f"in {report.seconds:.1f} s"
    )
    _tell_loaded(pipeline)
    current.note("next: gateway marts build")
    return ExitCode.ANSWERED


@app.command("load")
def load(ctx: typer.Context) -> int:
    """Load the local warehouse's sources into ClickHouse.

    Seeding and importing do so by themselves. Events go day by day, and what is there already is not sent again.
    """
    current, pipeline = _pipeline(ctx)
    if not _tell_loaded(pipeline):
        raise UsageError("nothing is to be loaded: on DuckDB the marts are built from the local warehouse itself")
    current.note("next: gateway marts build")
    return ExitCode.ANSWERED


def _tell_loaded(pipeline: "Pipeline") -> bool:
    report = pipeline.load()
    if report is not None:
        emit(f"loaded {report.rows:,} rows in {report.seconds:.1f} s; {report.unchanged:,} were there already")
    return report is not None


@app.command("build")
def build(
    ctx: typer.Context,
    incremental: Annotated[
        bool, typer.Option("--incremental", help="On ClickHouse: standardise events only of days that have changed.")
    ] = False,
) -> int:
    """Build every mart from the sources."""
    current, pipeline = _pipeline(ctx)
    report = pipeline.build(incremental=incremental)
    emit(f"built {len(report.models)} tables in {report.seconds:.1f} s")
    if report.note:
        current.note(report.note)
    current.note("next: gateway marts publish, which runs the checks first")
    return ExitCode.ANSWERED


@app.command("check")
def check(ctx: typer.Context) -> int:
    """Run every check of schema.yml.

    A failed one names its rows and exits with 6.
    """
    current, pipeline = _pipeline(ctx)
    emit(f"{len(pipeline.check())} checks passed")
    current.note("next: gateway marts publish")
    return ExitCode.ANSWERED


@app.command("publish")
def publish(
    ctx: typer.Context,
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="A DuckDB file with marts of your own, instead of the warehouse."),
    ] = None,
) -> int:
    """Check, then publish what the contract allows.

    On a failed check nothing is published, and the last good marts stay. Marts of your own are held against the
    contract: missing columns, other types, and a grain that isn't unique stop the publish.
    """
    current, pipeline = _pipeline(ctx)
    report = pipeline.publish_from(source) if source else pipeline.publish()
    emit(f"published {len(report.tables)} tables to {pipeline.place} in {report.seconds:.1f} s")
    current.note("next: gateway semantic show" if source else 'next: gateway ask "What can I ask?"')
    return ExitCode.ANSWERED


@app.command("status")
def status(ctx: typer.Context, as_json: AsJson = False) -> int:
    """Say what is built, what is published, and what is next."""
    current, pipeline = _pipeline(ctx)
    found = pipeline.status()
    if as_json:
        emit_json({**asdict(found), "is_stale": found.is_stale})
        return ExitCode.ANSWERED
    emit(_status_text(found))
    current.note(f"next: {_next_step(found)}")
    return ExitCode.ANSWERED


def _status_text(found: "Status | ClickHouseStatus") -> str:
    published = f"{found.gold}, {_time(found.published_at)}" if found.published_at else f"none at {found.gold}"
    facts: list[list[str | None]] = [
        ["warehouse", str(found.warehouse) if found.has_sources else f"none at {found.warehouse}"],
        ["built", _time(found.built_at)],
        ["published", found.damage or published],
        ["published marts built", _time(found.gold_built_at)],
    ]
    text = show_table(["step", "state"], facts)
    return f"{text}\n\n{show_table(['table', 'rows'], found.tables)}" if found.tables else text


def _time(moment: datetime | None) -> str | None:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else None


def _next_step(found: "Status | ClickHouseStatus") -> str:
    if not found.has_sources:
        return "gateway demo, or gateway marts seed, or gateway import FILE"
    if found.built_at is None:
        return "gateway marts build"
    return "gateway marts publish" if found.is_stale else 'gateway ask "What can I ask?"'


def _pipeline(ctx: typer.Context) -> "tuple[Session, Pipeline]":
    from gateway.cli.pipeline import pipeline_for

    current = session(ctx)
    return current, pipeline_for(current, current.settings())
