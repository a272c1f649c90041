"""`gateway power`: how many units, how small an effect, how much power, how many days. Planned, never post hoc."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli import power_flags as read
from gateway.cli import power_options as given
from gateway.cli.charting import draw, rows_of
from gateway.cli.options import AsJson, ChartFile, Population, Role, refuse_undrawable
from gateway.cli.output import Format, emit
from gateway.cli.plain import plain_lines
from gateway.cli.session import Session, caller, errors_as_json, opened, session
from gateway.errors import UsageError

if TYPE_CHECKING:
    from gateway.service import Reply


def power(
    ctx: typer.Context,
    rate: given.Rate = None,
    mean: given.Mean = None,
    ratio: given.Ratio = None,
    sd: given.Sd = None,
    numerator: given.Numerator = None,
    denominator: given.Denominator = None,
    correlation: given.Correlation = None,
    experiment: given.FromExperiment = None,
    metric: given.Metric = None,
    population: Population = None,
    mde: given.Mde = None,
    absolute: given.Absolute = False,
    units: given.Units = None,
    days: given.Days = None,
    daily_traffic: given.DailyTraffic = None,
    window: given.Window = None,
    arms: given.Arms = None,
    split: given.Split = None,
    uncorrected: given.Uncorrected = False,
    wanted: given.Wanted = "80%",
    alpha: given.Alpha = "5%",
    one_sided: given.OneSided = False,
    lower_is_better: given.LowerIsBetter = False,
    non_inferiority: given.NonInferiority = None,
    cuped: given.Cuped = None,
    sequential: given.Sequential = None,
    fmt: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TABLE,
    as_json: AsJson = False,
    chart: ChartFile = None,
    role: Role = None,
) -> int:
    """Plan an experiment: sample size, smallest effect, or power.

    With --mde it works out the size, with --units or --days the smallest effect, with both the power; with traffic
    alone, what four weeks find. Effects are relative and tests two-sided at 5 % unless you say otherwise. A plan is
    made before the data: the power to find an effect that was measured is refused.
    """
    current, written = session(ctx), Format.JSON if as_json else fmt
    parts = {
        "rate": rate, "mean": mean, "ratio": ratio, "sd": sd, "numerator": numerator, "denominator": denominator,
        "correlation": correlation, "experiment": experiment,
    }  # fmt: skip
    with errors_as_json("", wanted=written is Format.JSON):
        refuse_undrawable(chart)
        arguments = {
            **read.baseline(parts),
            **_planned(mde, units, days, daily_traffic, window, absolute=absolute),
            **_design(arms, split, wanted, alpha, non_inferiority, cuped),
            "one_sided": one_sided, "corrected": not uncorrected, "sequential": sequential,
            "desired": "decrease" if lower_is_better else None,
            "curve": chart is not None or written is Format.TABLE,
        }  # fmt: skip
        reply = _worked_out(current, arguments, experiment, metric, population, role)
    if chart is not None and reply.answer.status == "answered":
        source = f"baseline: {metric or 'the primary metric'} of {experiment}'s control" if experiment else ""
        drawn = draw(reply.answer, reply.focus, chart, under=source)
        current.note(f"chart: {chart}" if drawn else "no chart: there is no plan to draw")
    return _show(current, reply, written)


def _worked_out(
    current: Session, arguments: dict[str, Any], experiment: str | None, metric: str | None, population: str | None,
    role: str | None,
) -> "Reply":  # fmt: skip
    """The plan, from an experiment's marts or on its own. Raises UsageError where there is none to be had."""
    if experiment is None and metric is not None:
        raise UsageError("--metric names a metric of --experiment, and there is none", hint="--experiment ID")
    reply = (
        _on_its_own(arguments)
        if experiment is None
        else _from_marts(current, experiment, metric, population, role, arguments)
    )
    rows = rows_of(reply.answer.table)
    if rows and rows[0]["not_computable"]:  # a tool says so in its table; typed by a person, it is a mistake
        raise UsageError(f"there is no such plan: {rows[0]['not_computable']}", hint="gateway power --help")
    return reply


def _planned(
    mde: str | None, units: str | None, days: str | None, traffic: str | None, window: str | None, *, absolute: bool
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if mde is not None:
        found["effect"], found["scale"] = read.effect(mde, absolute=absolute)
    if units is not None:
        found["units"] = read.units(units)
    if days is not None:
        found["days"] = read.number(days, "--days")
    if traffic is not None:
        found["daily_units"] = read.pattern(traffic)
    if window is not None:
        found["window_days"] = read.number(window, "--window")
    return found


def _design(
    arms: str | None, split: str | None, wanted: str, alpha: str, margin: str | None, cuped: str | None
) -> dict[str, Any]:
    if arms is not None and split is not None:
        raise UsageError("--arms shares equally, and --split says the shares", hint="give one of them")
    error = read.between(alpha, "--alpha", 0.5)
    found: dict[str, Any] = {"power": read.between(wanted, "--power", 1.0), "level": 1.0 - error}
    if arms is not None:
        count = read.number(arms, "--arms")
        if count not in range(2, 51):
            raise UsageError(f"--arms counts them, control included: 2 to 50, not {arms!r}", hint="--arms 3")
        found["shares"] = (1.0,) * int(count)
    if split is not None:
        found["shares"] = read.split(split)
    if margin is not None:
        found["margin"] = read.share(margin, "--non-inferiority")
    if cuped is not None:
        found["variance_reduction"] = read.cuped(cuped)
    return found


def _from_marts(
    current: Session, experiment: str, metric: str | None, population: str | None, role: str | None,
    arguments: dict[str, Any],
) -> "Reply":  # fmt: skip
    """Through the gateway's one path: guarded, audited, in a role and a population."""
    settings = current.settings(population=population, role=role)
    named = {"experiment_id": experiment, "population": settings.population}
    if metric is not None:
        named["metric_id"] = metric
    with opened(settings) as gateway:
        return gateway.call_tool("plan_experiment", arguments | named, caller(settings, "cli.power"))


def _on_its_own(arguments: dict[str, Any]) -> "Reply":
    """Arithmetic on what was typed: it reads no mart, so it needs none, and leaves no record."""
    from pydantic import ValidationError

    from gateway.answer import Answer
    from gateway.ask.compose import compose
    from gateway.ports import Plan, ToolCall
    from gateway.service import Reply
    from gateway.tools.planning import PlanArguments, plan

    try:
        parsed = PlanArguments.model_validate(arguments)
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, item['loc'][:1]))}: {item['msg']}" for item in error.errors())
        raise UsageError(f"this can't be planned: {told}", hint="gateway power --help") from error
    result = plan(parsed)
    text = compose(Plan(), [(ToolCall("plan_experiment", arguments), result)])
    return Reply(Answer(status="answered", text=text, table=result.table, warnings=list(result.warnings)))


def _show(current: Session, reply: "Reply", fmt: Format) -> int:
    from gateway.cli.show import narrate_reply, print_json

    if fmt is Format.JSON:
        print_json(reply.answer)
    elif reply.answer.status != "answered":
        narrate_reply(reply)
    else:
        emit(_text_of(reply, fmt))
        for warning in reply.answer.warnings:
            current.note(f"warning: {warning}")
    return reply.exit_code


def _text_of(reply: "Reply", fmt: Format) -> str:
    from gateway.cli import plan_view

    rows, answer = rows_of(reply.answer.table), reply.answer
    if fmt is Format.CSV:
        return plan_view.tidy(rows, answer.table.columns, fmt)
    if fmt is Format.MARKDOWN:
        return plan_view.scenarios(rows, fmt)
    recorded = f"audit: {answer.audit_id}" if answer.audit_id else ""
    blocks = [plain_lines(answer.text), plan_view.scenarios(rows, fmt), plan_view.curve(rows), recorded]
    return "\n\n".join(block for block in blocks if block)
