"""What `seeds/experiments.yaml` may say, and what must hold between its parts. Nothing here reads a file."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gateway.documents import Place

Aggregation = Literal["occurrence", "count", "sum", "mean", "ratio"]
EventName = Literal["purchase", "refund", "support_ticket", "unsubscribe", "session", "page_load"]
FailureKind = Literal[
    "lost_assignments",  # units of an arm that are never recorded, mostly inactive ones: a sample-ratio mismatch
    "lost_exposures",  # the unit saw the experiment and no exposure was logged
    "mixed_variations",  # exposed to its own variation and later to another one
    "mismatches",  # exposed only to a variation that is not the assigned one
    "reassignments",  # assigned a second time, to another variation
    "early_exposures",  # an exposure from before the assignment
    "late_exposures",  # exposed only after the experiment had ended
]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Wanted = dict[Literal["platform", "country", "customer_type"], list[str]]
"""Attribute to the values that qualify; a unit must qualify in each."""
Problem = tuple[Place, str]
"""Where in the file (keys and positions from the top) and what is wrong there."""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Spread(Strict):
    """A log-normal value: its mean, and the sigma of its logarithm."""

    mean: Positive
    sigma: Positive


class World(Strict):
    start: date
    days: Annotated[int, Field(ge=10)]
    lead_days: Annotated[int, Field(ge=0)]
    devices_per_user: Share
    propensity_sigma: Positive
    duplicate_share: Share
    dirty_share: Share
    rates: dict[EventName, Positive]
    device_rates: dict[EventName, Positive]
    page_load_per_session: Share
    refund_per_purchase: Share
    order_value: Spread
    page_load_ms: Spread


class EventSum(Strict):
    event: EventName
    agg: Literal["count", "sum"]


class Metric(Strict):
    label: str
    description: str
    aggregation: Aggregation
    desired: Literal["increase", "decrease"]
    unit: str
    event: EventName | None = None
    numerator: EventSum | None = None
    denominator: EventSum | None = None
    winsorise: Annotated[float, Field(gt=0.5, lt=1)] | None = None
    """Values above this quantile of all units together count as the quantile."""
    cap: Positive | None = None
    """Values above this one count as it."""
    cuped: bool = False
    """Judged by CUPED-adjusted numbers, unless an experiment says otherwise."""

    @model_validator(mode="after")
    def _either_event_or_ratio(self) -> Self:
        ratio = self.aggregation == "ratio"
        if ratio != (self.numerator is not None and self.denominator is not None) or ratio == (self.event is not None):
            raise ValueError("a ratio has `numerator` and `denominator`; every other aggregation has `event`")
        if self.winsorise is not None and self.cap is not None:
            raise ValueError("either `winsorise`, a quantile, or `cap`, a value")
        if (self.winsorise or self.cap) and self.aggregation not in ("count", "sum", "mean"):
            raise ValueError("only a count, a sum or a mean can be winsorised")
        return self

    @property
    def counted(self) -> tuple[str, str, str | None, str | None]:
        """Numerator event and how it is added up, then the same for the denominator (null unless a ratio)."""
        if self.numerator and self.denominator:
            return self.numerator.event, self.numerator.agg, self.denominator.event, self.denominator.agg
        return self.event or "", "sum" if self.aggregation in ("sum", "mean") else "count", None, None


class Variation(Strict):
    id: Identifier
    name: str
    share: Annotated[float, Field(gt=0, le=1)]
    control: bool = False


class UsedMetric(Strict):
    metric: str
    role: Literal["primary", "secondary", "guardrail"]
    window_days: Positive
    noninferiority_margin: Positive | None = None
    cuped: bool | None = None
    """Judged by CUPED-adjusted numbers here; the metric's own word when null."""


class Effect(Strict):
    """From a unit's first real exposure on, `event` happens `rate` times as often and carries `value` times as much."""

    variation: str
    event: EventName
    rate: Positive = 1.0
    value: Positive = 1.0
    where: Wanted = {}


class Failure(Strict):
    kind: FailureKind
    share: Share
    variation: str | None = None
    """The one arm that fails; every arm when null."""
    from_: date | None = Field(default=None, alias="from")
    """The assignment day it starts on; the experiment's first when null."""


class Planted(Strict):
    traffic: Share
    eligible: Wanted = {}
    exposure_rate: Share = 0.95
    effects: list[Effect] = []
    failures: list[Failure] = []


class Files(Strict):
    """An experiment written by hand: its rows come from CSV files in the same folder, at any size of the world."""

    assignments: str
    events: str
    as_of: date


class Experiment(Strict):
    name: str
    description: str
    hypothesis: str
    owner: str
    unit: Literal["user", "device"] = "user"
    status: Literal["running", "ended"]
    started_at: date
    ended_at: date | None = None
    variations: Annotated[list[Variation], Field(min_length=2)]
    metrics: Annotated[list[UsedMetric], Field(min_length=1)]
    planted: Planted | None = None
    files: Files | None = None

    @property
    def primary(self) -> str:
        return next(used.metric for used in self.metrics if used.role == "primary")


class Definitions(Strict):
    version: Literal[1]
    world: World
    metrics: dict[Identifier, Metric]
    experiments: dict[Identifier, Experiment]


def problems_between(definitions: Definitions) -> Iterator[Problem]:
    """What no single value shows: names that point nowhere, shares that do not add up, dates in the wrong order."""
    for experiment_id, experiment in definitions.experiments.items():
        at = ("experiments", experiment_id)
        for where, message in (
            *_variation_problems(experiment),
            *_metric_problems(experiment, definitions.metrics),
            *_date_problems(experiment, definitions.world),
            *_planted_problems(experiment, definitions.world),
        ):
            yield (*at, *where), message


def _variation_problems(experiment: Experiment) -> Iterator[Problem]:
    ids = [variation.id for variation in experiment.variations]
    if len(set(ids)) != len(ids):
        yield ("variations",), "two variations have the same id"
    if sum(variation.control for variation in experiment.variations) != 1:
        yield ("variations",), "exactly one variation must have `control: true`"
    total = sum(variation.share for variation in experiment.variations)
    if abs(total - 1) > 1e-9:
        yield ("variations",), f"shares add up to {total:g}, not to 1"


def _metric_problems(experiment: Experiment, catalogue: dict[str, Metric]) -> Iterator[Problem]:
    for position, used in enumerate(experiment.metrics):
        if used.metric not in catalogue:
            yield ("metrics", position, "metric"), f"no metric named {used.metric!r} under `metrics`"
        if used.role == "guardrail" and used.noninferiority_margin is None:
            yield ("metrics", position), "a guardrail needs a `noninferiority_margin`"
        if used.role == "guardrail" and used.cuped:
            yield ("metrics", position, "cuped"), "a guardrail is tested on unadjusted numbers"
    names = [used.metric for used in experiment.metrics]
    if len(set(names)) != len(names):
        yield ("metrics",), "a metric is listed twice"
    if sum(used.role == "primary" for used in experiment.metrics) != 1:
        yield ("metrics",), "exactly one metric must have `role: primary`"


def _date_problems(experiment: Experiment, world: World) -> Iterator[Problem]:
    if (experiment.status == "running") != (experiment.ended_at is None):
        yield ("status",), "an ended experiment has `ended_at`, a running one has none"
    if experiment.ended_at is not None and experiment.ended_at <= experiment.started_at:
        yield ("ended_at",), "`ended_at` must come after `started_at`"
    if experiment.planted and not 0 <= (experiment.started_at - world.start).days < world.days:
        yield ("started_at",), f"must lie in the world's {world.days} days from {world.start}"


def _planted_problems(experiment: Experiment, world: World) -> Iterator[Problem]:
    if (experiment.planted is None) == (experiment.files is None):
        yield (), "needs either `planted` or `files`"
    if experiment.planted is None:
        return
    known = {variation.id for variation in experiment.variations}
    named: list[tuple[str, int, str | None]] = [
        *(("effects", position, effect.variation) for position, effect in enumerate(experiment.planted.effects)),
        *(("failures", position, failure.variation) for position, failure in enumerate(experiment.planted.failures)),
    ]
    for section, position, variation in named:
        if variation is not None and variation not in known:
            yield ("planted", section, position, "variation"), f"no variation named {variation!r}"
    for position, failure in enumerate(experiment.planted.failures):
        if failure.from_ is not None and not experiment.started_at <= failure.from_ < (experiment.ended_at or date.max):
            yield ("planted", "failures", position, "from"), "must lie within the experiment"
        if failure.kind == "late_exposures" and experiment.ended_at is None:
            yield ("planted", "failures", position, "kind"), "a running experiment has no late exposures"
    rates = world.device_rates if experiment.unit == "device" else world.rates
    derived = {"refund": "purchase", "page_load": "session"}
    for position, effect in enumerate(experiment.planted.effects):
        if derived.get(effect.event, effect.event) not in rates:
            yield ("planted", "effects", position, "event"), f"{experiment.unit}s have no {effect.event} events"
