"""Planning: how many units, how small an effect, how much power, how many days. Never the power of a measured one."""

import math
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from gateway.errors import UsageError
from gateway.tools.base import Arguments, Population, Tool, ToolContext, ToolResult
from gateway.tools.planning_grid import Task, arrivals, rows_of_plan, table_of_plan
from gateway.tools.planning_source import Source, source_of
from gateway.tools.planning_words import design_words

if TYPE_CHECKING:
    from gateway.stats import Baseline, Design

Finite = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_SAME = 5e-3
"""Effects this close, relative to the measured one, are the measured one as it is shown, rounded."""


class PlanArguments(Arguments):
    """A baseline (an experiment's, or one of your own), and an effect, a size, both or neither."""

    experiment_id: str | None = Field(default=None, description="gives baseline, split, window, traffic")
    metric_id: str | None = Field(default=None, description="default: its primary")
    population: Population | None = None
    aggregation: Literal["occurrence", "mean", "ratio"] | None = Field(
        default=None, description="occurrence: baseline is a rate; else give sd"
    )
    baseline: Finite | None = None
    sd: Positive | None = Field(default=None, description="per unit")
    effect: Finite | None = Field(default=None, description="signed; 0.05 is +5 %")
    scale: Literal["relative", "absolute"] = "relative"
    units: Annotated[
        Annotated[int, Field(ge=1, le=10**15)] | Literal["actual"] | None,
        WithJsonSchema({"type": ["integer", "string"]}),
    ] = Field(default=None, description="over all arms; 'actual': what it has")
    days: Annotated[float, Field(gt=0, le=36_500)] | None = None
    daily_units: Annotated[
        Positive | Annotated[tuple[NotNegative, ...], Field(min_length=1, max_length=31)] | None,
        WithJsonSchema({"type": ["number", "array"]}),
    ] = None
    window_days: NotNegative | None = Field(default=None, description="days a unit's metric needs")
    shares: Annotated[tuple[Positive, ...], Field(min_length=2)] | None = Field(
        default=None, description="control first"
    )
    power: Annotated[float, Field(gt=0, lt=1)] = 0.8
    level: Annotated[float, Field(ge=0.5, lt=1)] = 0.95
    one_sided: bool = False
    sequential: bool | None = Field(default=None, description="looked at while it runs")
    corrected: bool = Field(default=True, description="for several treatments")
    variance_reduction: Annotated[
        Annotated[float, Field(ge=0, lt=1)] | Literal["measured"], WithJsonSchema({"type": ["number", "string"]})
    ] = Field(default=0.0, description="by CUPED; 'measured': its own")
    margin: Positive | None = Field(default=None, description="of non-inferiority, relative")
    desired: Literal["increase", "decrease"] | None = None
    curve: bool = False


def plan_experiment(ctx: ToolContext, arguments: PlanArguments) -> ToolResult:
    """Sample size from an effect, smallest effect from a size, power from both, with days where traffic is known.

    For planning. With only an experiment: what its size could find. The power of a measured effect is refused.
    """
    source = None
    if arguments.experiment_id is not None:
        source = source_of(ctx, arguments.experiment_id, arguments.metric_id or "", arguments.population)
    return plan(arguments, source)


def plan(arguments: PlanArguments, source: Source | None = None) -> ToolResult:
    """The plan itself: reads nothing. Raises UsageError where the arguments do not make one."""
    given = _completed(arguments, source)
    _refuse_what_was_measured(given, source)
    try:
        baseline, design = _baseline(given, source), _design(given, source)
    except ValueError as error:
        raise UsageError(str(error)) from error
    task = _task(given, baseline, design)
    rows = rows_of_plan(task, curve=given.curve)
    return ToolResult(
        table=table_of_plan(rows),
        text=" ".join(design_words(design, task, source)),
        warnings=(*(source.warnings if source else ()), *_cautions(given, source)),
    )


def _completed(arguments: PlanArguments, source: Source | None) -> PlanArguments:
    """What was left out, from the experiment; and what does not go together, as an error."""
    if source is None:
        _refuse_without_source(arguments)
        return arguments
    own = [name for name in ("aggregation", "baseline", "sd") if getattr(arguments, name) is not None]
    if own:
        raise UsageError(
            f"the baseline comes from {source.experiment_id}, or from {' and '.join(own)}: not from both",
            hint="leave one of them out",
        )
    changes: dict[str, Any] = {}
    if arguments.daily_units is None and source.daily_units is not None:
        changes["daily_units"] = source.daily_units
    if arguments.window_days is None:
        changes["window_days"] = source.window_days
    open_ended = all(getattr(arguments, name) is None for name in ("units", "effect", "days", "margin"))
    if arguments.units == "actual" or open_ended:
        changes |= {"units": source.units, "shares": arguments.shares or source.observed_shares}
        changes["sequential"] = source.running if arguments.sequential is None else arguments.sequential
    if arguments.variance_reduction == "measured":
        if source.explained is None:
            raise UsageError(
                f"{source.experiment_id} has no pre-period covariate for {source.metric_id} to measure CUPED's saving",
                hint="give the saving as a share of the variance, such as 0.3",
            )
        changes["variance_reduction"] = min(source.explained, 0.999)
    return arguments.model_copy(update=changes)


def _refuse_without_source(arguments: PlanArguments) -> None:
    for name in ("metric_id", "population"):
        if getattr(arguments, name) is not None:
            problem = f"{name} says where to look in an experiment, and none was named"
            raise UsageError(problem, hint="name the experiment")
    if arguments.units == "actual" or arguments.variance_reduction == "measured":
        raise UsageError("what was actually there needs an experiment to read it from", hint="name the experiment")


def _refuse_what_was_measured(given: PlanArguments, source: Source | None) -> None:
    """Power at the measured effect is the p-value in other words: it is not worked out, whoever asks."""
    if source is None or given.effect is None or (given.units is None and given.days is None):
        return
    if _measured(given, source):
        raise UsageError(
            f"{given.effect:+.4g} is the effect that {source.experiment_id} measured: the power to find a measured "
            "effect only repeats its p-value, and says nothing of the design",
            hint="leave the effect out for the smallest one that this size finds, or name the smallest that matters",
        )


def _measured(given: PlanArguments, source: Source) -> bool:
    base = abs(source.baseline.value)
    effect = (given.effect or 0.0) / (base if given.scale == "absolute" and base else 1.0)
    return any(lift and abs(effect - lift) <= _SAME * abs(lift) for lift in source.lifts)


def _baseline(given: PlanArguments, source: Source | None) -> "Baseline":
    from gateway.stats import Aggregation, Baseline

    if source is not None:
        return source.baseline
    if given.baseline is None:
        raise UsageError(
            "a plan needs a baseline: what the metric is without treatment",
            hint="a rate, a mean with its standard deviation, or an experiment to take it from",
        )
    kind = given.aggregation or ("occurrence" if given.sd is None else "mean")
    if kind == "occurrence":
        if given.sd is not None:
            raise UsageError("a rate has no standard deviation of its own", hint="leave sd out, or plan for a mean")
        return Baseline.proportion(given.baseline)
    if given.sd is None:
        raise UsageError(f"a {kind} needs its standard deviation per unit beside it", hint="a standard deviation")
    return Baseline(given.baseline, given.sd**2, Aggregation(kind))


def _design(given: PlanArguments, source: Source | None) -> "Design":
    from gateway.stats import Design, Desired

    shares = given.shares or (source.planned_shares if source else (1.0, 1.0))
    return Design(
        power=given.power,
        level=given.level,
        shares=shares,
        desired=Desired(given.desired or (source.desired if source else "increase")),
        one_sided=given.one_sided,
        corrected=given.corrected and len(shares) > 2,
        sequential=bool(given.sequential),
        variance_reduction=float(given.variance_reduction),
        margin=given.margin,
    )


def _task(given: PlanArguments, baseline: "Baseline", design: "Design") -> Task:
    daily = given.daily_units if isinstance(given.daily_units, tuple) else (given.daily_units,)
    known = tuple(float(units) for units in daily if units is not None)
    window = given.window_days or 0.0
    units = float(given.units) if isinstance(given.units, int) else None
    if given.days is not None:
        if units is not None:
            raise UsageError("a size is given in units or in days, not both", hint="leave one of them out")
        units = _units_of_days(given.days, known, window)
    difference = _difference(given, baseline)
    if difference is None and design.margin is not None and units is None:
        difference = 0.0
    if difference is None and units is None:
        if not known:
            raise UsageError(
                "a plan needs an effect to find, a size, or daily traffic",
                hint="the smallest effect that would matter gives the units; the units give the smallest effect",
            )
        units = _units_of_days(28.0 if window < 21 else 28.0 + 7 * math.ceil(window / 7), known, window)
    return Task(baseline, design, difference, units, known, window)


def _units_of_days(days: float, daily: tuple[float, ...], window: float) -> float:
    if not daily or not sum(daily):
        problem = f"{days:g} days hold no units while the daily traffic is unknown"
        raise UsageError(problem, hint="say how many new units come in a day")
    units = arrivals(daily, days, window)
    if not units >= 1:
        raise UsageError(
            f"{days:g} days leave none to enrol in: the metric's window takes {window:g} of them",
            hint=f"more than {window:g} days, or a metric with a shorter window",
        )
    return units


def _difference(given: PlanArguments, baseline: "Baseline") -> float | None:
    if given.effect is None:
        return None
    if given.effect == 0 and given.margin is None:
        raise UsageError("no size finds an effect of zero", hint="the smallest effect that would matter to you")
    if given.scale == "absolute":
        return given.effect
    if not baseline.value:
        raise UsageError("the baseline is zero, so no effect is relative to it", hint="give the effect as absolute")
    return given.effect * abs(baseline.value)


def _cautions(given: PlanArguments, source: Source | None) -> tuple[str, ...]:
    if source is None or given.effect is None or not _measured(given, source):
        return ()
    caution = (
        f"{given.effect:+.4g} is what {source.experiment_id} measured, and measured winners are too large on average: "
        "plan for the smallest effect that would matter"
    )
    return (caution,)


TOOLS = (Tool("plan_experiment", "Plan an experiment", PlanArguments, plan_experiment),)
