"""`gateway results`: an experiment's scorecard, from the raw events."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gateway.cli.diagnostics import ExitCode, report_error
from gateway.cli.figures import chance, count, number, p_value, percent
from gateway.cli.options import AsJson, Population
from gateway.cli.output import Cell, Format, emit, emit_json, show_table
from gateway.cli.plain import plain
from gateway.cli.session import Session, errors_as_json, session
from gateway.errors import UsageError

if TYPE_CHECKING:
    from gateway.experiments.scorecards import Shown

Experiment = Annotated[str, typer.Argument(help="Id of the experiment.", metavar="EXPERIMENT")]
AsOf = Annotated[
    str | None,
    typer.Option(help="As it was known then: ISO 8601, UTC unless it says otherwise.", metavar="TIMESTAMP"),
]
Timeseries = Annotated[bool, typer.Option("--timeseries", help="With who came in and who converted, by hour or day.")]
Method = Annotated[
    Literal["fieller", "delta"],
    typer.Option(help="Interval of the lift; delta is the original kernel's, its chance to win included."),
]
Refresh = Annotated[bool, typer.Option("--refresh", help="Fail, rather than show a scorecard that is frozen.")]
_COLUMNS = ("metric", "arm", "n", "value", "lift", "95 % interval", "chance to win", "note")


def results(
    ctx: typer.Context,
    experiment: Experiment,
    as_of: AsOf = None,
    population: Population = None,
    timeseries: Timeseries = False,
    method: Method = "fieller",
    refresh: Refresh = False,
    fmt: Annotated[
        Format | None, typer.Option("--format", help="How to write it; a table on a terminal, JSON elsewhere.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Compute an experiment's scorecard from the raw events.

    Without --population it is that of the settings, or else the exposed units. A refresh that fails shows the last
    scorecard, says so and exits with its code. Once an experiment and its windows are over, its scorecard is frozen.
    """
    current = session(ctx)
    written = Format.JSON if as_json else fmt or (Format.TABLE if sys.stdout.isatty() else Format.JSON)
    with errors_as_json(f"scorecard of {experiment}", wanted=as_json or fmt is Format.JSON):
        shown = _shown(current, experiment, as_of, population, timeseries=timeseries, method=method, refresh=refresh)
    if written is Format.JSON:
        emit_json(shown.document)
    else:
        emit(_text(shown.document, written))
    return _told(current, shown)


def _shown(
    current: Session, experiment: str, as_of: str | None, population: str | None, *, timeseries: bool,
    method: Literal["fieller", "delta"], refresh: bool,
) -> "Shown":  # fmt: skip
    from gateway.experiments.scorecards import Request
    from gateway.wiring import scorecards

    settings = current.settings(population=population)
    request = Request(
        experiment_id=experiment,
        population=settings.population or "exposed",
        as_of=None if as_of is None else moment(as_of),
        method=method,
        timeseries=timeseries,
        refresh=refresh,
        principal=settings.principal,
        role=settings.role,
        channel="cli.results",
    )
    with scorecards(settings) as cards:
        return cards.show(request)


def moment(text: str) -> datetime:
    """A time as typed, in UTC. Raises UsageError for one that is none."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError as error:
        example = "--as-of 2026-02-22, or 2026-02-22T10:30:00+01:00"
        raise UsageError(f"--as-of {text!r} is no time", hint=example) from error
    return found if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)


def _told(current: Session, shown: "Shown") -> int:
    """What a reader must know of the state of it, and the exit code."""
    document, state = shown.document, shown.document["state"]
    if shown.error is not None:
        report_error(shown.error)
        current.note(f"shown is the last scorecard: as of {document['as_of']}, computed {state['computed_at']}")
        return shown.error.exit_code
    if shown.is_kept:
        current.note(f"frozen: the experiment is over, and this was computed {state['computed_at']}")
    current.note(f"{document['analysis_population']} population, as of {document['as_of']} · audit: {shown.audit_id}")
    return ExitCode.ANSWERED


def _text(document: dict[str, Any], fmt: Format) -> str:
    rows = [row for metric in document["metrics"] for row in _rows(metric, document["control"])]
    table = show_table(_COLUMNS, rows, fmt)
    return "\n\n".join([_split(document), table]) if fmt is Format.TABLE else table


def _split(document: dict[str, Any]) -> str:
    """Which units there are, and whether they arrived as planned."""
    units = ", ".join(f"{plain(arm)} {count(n)}" for arm, n in document["units"]["variants"].items())
    srm = document["srm"]
    split = f"sample ratio {srm['status']} (p = {p_value(document['srm_p_value'])})"
    if srm["status"] == "mismatch":
        split = f"{split}: no effect below is to be trusted"
    left_out = ", ".join(f"{reason} {count(n)}" for reason, n in document["units"]["left_out"].items())
    return f"{plain(document['experiment_id'])}: {units}; {split}" + (f"\nleft out: {left_out}" if left_out else "")


def _rows(metric: dict[str, Any], control: str | None) -> Iterator[list[Cell]]:
    for arm, totals in metric["variants"].items():
        found = metric["inference"].get(arm) or {}
        bounds = [percent(found[name]) for name in ("ci_low", "ci_high") if name in found]
        yield [
            metric["metric_id"], arm, count(totals["n"]), _value(metric, totals),
            percent(found.get("lift")) if arm != control else "",
            " to ".join(bounds), chance(found["chance_to_win"]) if found else "",
            metric["not_computable"].get(arm, {}).get("reason", ""),
        ]  # fmt: skip


def _value(metric: dict[str, Any], totals: dict[str, Any]) -> str:
    """The arm's mean, rate or ratio."""
    below = totals["denominator_sum"] if metric["aggregation"] == "ratio" else totals["n"]
    if not below or totals["sum"] is None:
        return number(None)
    value = totals["sum"] / below
    return percent(value) if metric["aggregation"] == "occurrence" else number(value)
