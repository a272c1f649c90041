"""What can be asked about here: read once from the published marts, and tied to no particular experiment."""

from collections.abc import Callable, Container, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Protocol, TypeVar, cast

from gateway.ask.text import plain
from gateway.ports import Rows
from gateway.semantic.request import SemanticRequest

T = TypeVar("T")
Query = Callable[[SemanticRequest], Rows]
EXPERIMENT_MARTS = ("dim_experiments", "dim_experiment_variations", "dim_experiment_metrics")
"""From these it is known which experiments there are."""


def knows_experiments(marts: Container[str]) -> bool:
    """Whether these marts, a role's, hold any of those from which experiments are known."""
    return any(name in marts for name in EXPERIMENT_MARTS)


class Named(Protocol):
    """The contract, as far as the vocabulary reads it."""

    def mapping(self) -> dict[str, Any]: ...

    def visible_to(self, role: str) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Arm:
    id: str
    name: str
    is_control: bool


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric as one experiment uses it."""

    id: str
    label: str
    role: str = "secondary"
    aggregation: str = "occurrence"
    desired: str = "increase"
    window_days: float | None = None


@dataclass(frozen=True, slots=True)
class CatalogueMetric:
    """A metric as the contract defines it, with the words people use for it."""

    id: str
    label: str
    synonyms: tuple[str, ...] = ()
    aggregation: str = ""
    desired: str = "increase"
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Dimension:
    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Experiment:
    id: str
    name: str
    description: str = ""
    status: str = "ended"
    primary_metric: str = ""
    arms: tuple[Arm, ...] = ()
    metrics: tuple[Metric, ...] = ()
    """Primary first, then secondary, then guardrails."""
    started: date | None = None
    ended: date | None = None
    """None where it is not known, or not over."""

    @property
    def treatments(self) -> tuple[Arm, ...]:
        return tuple(arm for arm in self.arms if not arm.is_control)

    @property
    def control(self) -> Arm | None:
        return next((arm for arm in self.arms if arm.is_control), None)

    @property
    def guardrails(self) -> tuple[str, ...]:
        return tuple(metric.id for metric in self.metrics if metric.role == "guardrail")

    def metric(self, metric_id: str) -> Metric | None:
        return next((metric for metric in self.metrics if metric.id == metric_id), None)

    def default_metric(self) -> str:
        """The metric that the experiment was run for: the primary one, or the only one there is."""
        if self.metric(self.primary_metric):
            return self.primary_metric
        return self.metrics[0].id if self.metrics else ""


@dataclass(frozen=True, slots=True)
class Mart:
    """A mart that the asker may know of."""

    columns: tuple[str, ...]
    """Those that may be shown."""
    is_list: bool
    """Its rows may be listed as they are: nothing in it has to be fixed first, and no row is a unit's."""


class Vocabulary:
    """Every name a question may use. Segments and marts are read only when a question needs them: most do not."""

    def __init__(
        self,
        experiments: Iterable[Experiment],
        catalogue: Iterable[CatalogueMetric] = (),
        segments: Callable[[], Mapping[str, tuple[Dimension, ...]]] = dict,
        marts: Callable[[], Mapping[str, Mart]] = dict,
    ) -> None:
        self.experiments = tuple(experiments)
        self.catalogue = {metric.id: metric for metric in catalogue}
        self._segments = segments
        self._marts = marts
        self._made: dict[Hashable, Any] = {}

    @classmethod
    def load(cls, query: Query, contract: Named, role: str) -> "Vocabulary":
        """Read the vocabulary through the tool context, guarded and audited as any other query."""
        return cls(_experiments(query), _catalogue(contract), lambda: _segments(query), lambda: _marts(contract, role))

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is made from these names, made once: a question looks in the same index several times."""
        if key not in self._made:
            self._made[key] = make()
        return cast("T", self._made[key])

    @classmethod
    def without_experiments(cls, contract: Named) -> "Vocabulary":
        """The contract's metrics, and nothing from the database."""
        return cls((), _catalogue(contract))

    @cached_property
    def _by_id(self) -> dict[str, Experiment]:
        return {experiment.id: experiment for experiment in self.experiments}

    @cached_property
    def _dimensions(self) -> Mapping[str, tuple[Dimension, ...]]:
        return self._segments()

    @cached_property
    def _titles(self) -> dict[str, int]:
        titles: dict[str, int] = {}
        for experiment in self.experiments:
            titles[experiment.name.casefold()] = titles.get(experiment.name.casefold(), 0) + 1
        return titles

    @cached_property
    def marts(self) -> Mapping[str, Mart]:
        """The marts of the asker's role."""
        return self._marts()

    def experiment(self, experiment_id: str) -> Experiment | None:
        return self._by_id.get(experiment_id)

    def dimensions(self, experiment_id: str) -> tuple[Dimension, ...]:
        """The breakdowns for which this experiment has results."""
        return self._dimensions.get(experiment_id, ())

    def title(self, experiment: Experiment) -> str:
        """Its name, or its id where another experiment bears the same name."""
        return experiment.name if experiment.name and self._titles[experiment.name.casefold()] == 1 else experiment.id

    def metrics(self) -> dict[str, Metric]:
        """Every metric of any experiment, the first definition of each id."""
        found: dict[str, Metric] = {}
        for experiment in self.experiments:
            for metric in experiment.metrics:
                found.setdefault(metric.id, metric)
        return found

    def label(self, metric_id: str, experiment: Experiment | None = None) -> str:
        """How a metric is called in this experiment, else in the contract, else by its id."""
        own = experiment.metric(metric_id) if experiment else None
        if own and own.label:
            return own.label
        known = self.catalogue.get(metric_id)
        return known.label if known and known.label else metric_id


_ROLES = {"primary": 0, "secondary": 1, "guardrail": 2}


def _experiments(query: Query) -> list[Experiment]:
    arms: dict[str, list[Arm]] = {}
    columns: tuple[str, ...] = ("experiment_id", "variation_id", "name", "is_control")
    for row in query(SemanticRequest(asset="dim_experiment_variations", columns=columns)).dicts():
        arm = Arm(row["variation_id"], plain(row["name"] or row["variation_id"]), bool(row["is_control"]))
        arms.setdefault(row["experiment_id"], []).append(arm)
    metrics: dict[str, list[Metric]] = {}
    columns = ("experiment_id", "metric_id", "label", "role", "aggregation", "desired", "window_days")
    for row in query(SemanticRequest(asset="dim_experiment_metrics", columns=columns)).dicts():
        metrics.setdefault(row["experiment_id"], []).append(_metric(row))
    columns = ("experiment_id", "name", "description", "status", "primary_metric_id", "started_at", "ended_at")
    request = SemanticRequest(asset="dim_experiments", columns=columns, order_by=(("experiment_id", "asc"),))
    return [
        Experiment(
            id=row["experiment_id"],
            name=plain(row["name"] or row["experiment_id"]),
            description=plain(row["description"] or ""),
            status=row["status"] or "",
            primary_metric=row["primary_metric_id"] or "",
            arms=tuple(sorted(arms.get(row["experiment_id"], ()), key=lambda arm: (not arm.is_control, arm.id))),
            metrics=tuple(
                sorted(metrics.get(row["experiment_id"], ()), key=lambda item: (_ROLES.get(item.role, 3), item.id))
            ),
            started=row["started_at"].date() if row["started_at"] else None,
            ended=row["ended_at"].date() if row["ended_at"] else None,
        )
        for row in query(request).dicts()
    ]


def _metric(row: Mapping[str, Any]) -> Metric:
    return Metric(
        id=row["metric_id"],
        label=plain(row["label"] or row["metric_id"]),
        role=row["role"] or "secondary",
        aggregation=row["aggregation"] or "",
        desired=row["desired"] or "increase",
        window_days=row["window_days"],
    )


def _segments(query: Query) -> dict[str, tuple[Dimension, ...]]:
    """Breakdowns that have results: the one table with them that every role may read."""
    columns = ("experiment_id", "dimension", "dimension_value")
    request = SemanticRequest(
        asset="fct_experiment_results",
        columns=columns,
        filters=(("analysis_population", "=", "itt"), ("dimension", "!=", "all")),
        group_by=columns,
    )
    values: dict[str, dict[str, set[str]]] = {}
    for row in query(request).dicts():
        values.setdefault(row["experiment_id"], {}).setdefault(row["dimension"], set()).add(str(row["dimension_value"]))
    return {
        experiment: tuple(Dimension(name, tuple(sorted(found))) for name, found in sorted(dimensions.items()))
        for experiment, dimensions in values.items()
    }


def _marts(contract: Named, role: str) -> dict[str, Mart]:
    found = {}
    for name, asset in contract.visible_to(role).items():
        shown = tuple(column for column, spec in asset.columns.items() if spec.access == "select")
        found[name] = Mart(shown, is_list=not asset.pins and set(asset.grain) <= set(shown))
    return found


def _catalogue(contract: Named) -> list[CatalogueMetric]:
    return [
        CatalogueMetric(
            id=metric_id,
            label=spec.get("label") or metric_id,
            synonyms=tuple(spec.get("synonyms") or ()),
            aggregation=spec.get("aggregation") or "",
            desired=spec.get("desired") or "increase",
            unit=spec.get("unit") or "",
        )
        for metric_id, spec in (contract.mapping().get("metrics") or {}).items()
    ]
