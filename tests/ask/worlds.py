"""The worlds of the question set: the demo, and experiments imported from files that the code knows nothing of.

Their rows are drawn with a seed; what is asked about them is names, so a few thousand units are enough.
"""

import csv
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

from gateway.ask.plan import OfflinePlanner
from gateway.ask.vocabulary import Vocabulary
from gateway.marts.build import build as build_marts
from gateway.marts.importing import MetricSpec, import_units
from gateway.marts.publish import publish
from gateway.marts.synthetic import seed
from gateway.semantic.load import load_contract
from gateway.service import Gateway
from gateway.settings import LimitSettings, Settings, resource
from gateway.tools.base import ToolContext
from gateway.wiring import build, policy_for

HILLSTROM = Path(__file__).resolve().parents[3] / "shared" / "data" / "hillstrom_email.csv"
"""A public data set that may lie beside the project; its questions are left out where it does not."""


@dataclass(frozen=True)
class World:
    """One published world, and what can be asked about it: read once, as nobody changes it."""

    gateway: Gateway

    def context(self) -> ToolContext:
        """A fresh context of an analyst's, as the service makes one for each request."""
        contract = self.gateway.contract
        policy = policy_for(contract.mapping(), "analyst", LimitSettings())
        return ToolContext(self.gateway.engine, contract, policy)

    def planner(self, population: str | None) -> OfflinePlanner:
        return OfflinePlanner(self._vocabulary, population)

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary.load(self.context().query_all, self.gateway.contract, "analyst")


@dataclass(frozen=True, slots=True)
class Import:
    """An experiment to draw and import: its arms (control first), metrics (primary first) and segments."""

    id: str
    name: str
    arms: tuple[str, ...]
    metrics: tuple[MetricSpec, ...]
    segments: Mapping[str, Sequence[str]] = field(default_factory=dict)
    started: date = date(2026, 3, 2)
    ended: date | None = date(2026, 3, 30)


def _metric(name: str, aggregation: str, *, falls: bool = False, margin: float | None = None) -> MetricSpec:
    role = None if margin is None else "guardrail"
    desired = "decrease" if falls else "increase"
    return MetricSpec(name, name, aggregation, role=role, desired=desired, noninferiority_margin=margin)  # type: ignore[arg-type]  # both are literals


BRANCH = ("North", "South", "Harbour")
LIBRARY = (
    Import(
        "library_card_email", "Library card e-mail", ("No e-mail", "Short e-mail", "Long e-mail"),
        (_metric("visit", "occurrence"), _metric("spend", "sum"), _metric("late_fees", "sum", falls=True, margin=0.1)),
        {"branch": BRANCH, "member_type": ("adult", "child", "student")},
    ),
    Import(
        "reading_club", "Reading club", ("Poster", "Invitation"),
        (_metric("loans", "count"), _metric("visit", "occurrence")),
        {"branch": BRANCH}, date(2026, 4, 6), None,
    ),
    Import(
        "opening_hours", "Opening hours", ("Nine to five", "Late evening"),
        (_metric("loans", "count"), _metric("satisfaction", "mean"), _metric("complaints", "count", falls=True)),
        {}, date(2026, 1, 5), date(2026, 2, 2),
    ),
)  # fmt: skip
EVERYDAY = (
    Import(
        "long", "long", ("old", "new"),
        (_metric("time", "mean", falls=True), _metric("users", "count")), {"week": ("first", "second")},
    ),
    Import(
        "test", "test", ("a", "b"), (_metric("win", "occurrence"), _metric("users", "count")), {"group": ("x", "y")},
    ),
    Import("how", "how", ("off", "on"), (_metric("win", "occurrence"), _metric("time", "mean", falls=True))),
    Import("days", "days", ("seven", "fourteen"), (_metric("users", "count"), _metric("sample", "sum"))),
)  # fmt: skip
IMPORTED = {"library": LIBRARY, "everyday_names": EVERYDAY}


@contextmanager
def imported_world(experiments: Sequence[Import], home: Path) -> Iterator[World]:
    """Draw, import, build and publish these experiments, and nothing else."""
    home.mkdir(parents=True, exist_ok=True)
    for place, experiment in enumerate(experiments):
        file = home / f"{experiment.id}.csv"
        _draw(experiment, file, random.Random(place))  # noqa: S311  # a draw that is the same every time, no secret
        import_units(
            home / "warehouse.duckdb", file, experiment=experiment.id, name=experiment.name, unit="member_id",
            variant="arm", control=experiment.arms[0], metrics=experiment.metrics, covariate="before",
            dimensions=tuple(experiment.segments), assigned_at="joined", started_at=experiment.started,
            ended_at=experiment.ended, running=experiment.ended is None,
        )  # fmt: skip
    with _published(home) as world:
        yield world


def _draw(experiment: Import, file: Path, dice: random.Random, rows: int = 3000) -> None:
    """A row for each unit: arm, day of joining, segments, metrics, and what was there before."""
    with file.open("w", newline="", encoding="utf-8") as out:
        names = [*experiment.segments, *(metric.name for metric in experiment.metrics)]
        written = csv.writer(out)
        written.writerow(["member_id", "arm", "joined", "before", *names])
        for unit in range(rows):
            joined = experiment.started + timedelta(days=dice.randrange(14))
            segments = [dice.choice(list(values)) for values in experiment.segments.values()]
            values = [_value(metric.aggregation, dice) for metric in experiment.metrics]
            before = round(dice.expovariate(0.2), 2)
            written.writerow([unit, dice.choice(experiment.arms), joined.isoformat(), before, *segments, *values])


def _value(aggregation: str | None, dice: random.Random) -> float:
    if aggregation == "occurrence":
        return int(dice.random() < 0.3)
    return dice.randrange(4) if aggregation == "count" else round(dice.expovariate(0.1), 2)


@contextmanager
def hillstrom_world(home: Path) -> Iterator[World]:
    """The public e-mail test, imported as its file is."""
    home.mkdir(parents=True, exist_ok=True)
    metrics = (_metric("visit", "occurrence"), _metric("conversion", "occurrence"), _metric("spend", "sum"))
    import_units(
        home / "warehouse.duckdb", HILLSTROM, experiment="hillstrom_email", variant="segment", control="No E-Mail",
        metrics=metrics, covariate="history", dimensions=("channel", "zip_code", "newbie"),
    )  # fmt: skip
    with _published(home) as world:
        yield world


@contextmanager
def demo_world(home: Path) -> Iterator[World]:
    """The demo world: a tenth of its users bear the same names."""
    home.mkdir(parents=True, exist_ok=True)
    seed(home / "warehouse.duckdb", seeds=resource("seeds"), users=6000)
    with _published(home) as world:
        yield world


@contextmanager
def _published(home: Path) -> Iterator[World]:
    settings = Settings(home=home, semantic=resource("marts_sql") / "semantic_layer.yaml", principal="ana")
    build_marts(home / "warehouse.duckdb", resource("marts_sql"))
    publish(home / "warehouse.duckdb", home / "gold.duckdb", load_contract(settings.semantic))
    with build(settings) as gateway:
        yield World(gateway)
