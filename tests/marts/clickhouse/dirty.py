"""Generated worlds with everything in them that a warehouse can hold and should not: one seed, one world."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from tests.marts.world import END, MARTS_SQL, START, World

VALUES: Sequence[str | None] = (
    None, "", " ", "12", " 12 ", "nan", "NaN", "inf", "-inf", "Infinity", "1e400", "-1e400", "-0", "0.1", "0.2",
    "0.30000000000000004", "1,5", "abc", "1e-400", "4.9e-324", "+5", ".5", "5.", ".", "1_000", "0x10", "\u0661\u0662",
    "12\n", "\t12", "12\u00a0", "\u3000-3 \u2003", "9" * 400, "1" * 9 + "." + "3" * 30, "1E+2", "1e5", "e5", "--1",
    "12;", "'", "\\", "\\N", "-17.25", "3.14159", "1000000.01",
)  # fmt: skip
HUGE = "-1e150"
"""Finite, and so is its square; beside it the digits of all else are gone, so only some worlds have it."""
ODD_IDS: Sequence[str | None] = (
    None, "", " ", "ü-1", "it's", "back\\slash", "tab\there", "x" * 300, "NULL", "\\N", "0",
)  # fmt: skip
ATTRIBUTES: Sequence[str | None] = ("ios", "web", "ios", "web", "", None, "a|b", "b=c", "größer")
INSTANT = timedelta(microseconds=1)
METRICS: Sequence[dict[str, Any]] = (
    {"aggregation": "occurrence"},
    {"aggregation": "count", "window_days": None, "cap": 2.0},
    {"aggregation": "sum", "winsorise": 0.9, "window_days": 3.0},
    {"aggregation": "sum", "window_days": 1 / 3, "estimator": "cuped"},
    {"aggregation": "mean", "event": "visit", "window_days": 2.5},
    {"aggregation": "ratio", "numerator_agg": "sum", "denominator": ("visit", "count")},
    {"aggregation": "ratio", "event": "visit", "numerator_agg": "count", "denominator": ("purchase", "sum")},
    {"aggregation": "sum", "event": "nothing"},
)


def small_cells(folder: Path) -> Path:
    """The model folder with breakdowns of cells of two units, so that small worlds have some."""
    for file in MARTS_SQL.rglob("*"):
        if file.is_file():
            copy = folder / file.relative_to(MARTS_SQL)
            copy.parent.mkdir(parents=True, exist_ok=True)
            text = file.read_text("utf-8")
            copy.write_text(text.replace("min_cell_size: 20", "min_cell_size: 2"), "utf-8")
    return folder


class Dirt:
    """Fills a world by chance."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.random = Random(seed)  # noqa: S311  no secret
        self.values = [*VALUES, HUGE] if self.random.random() < 0.2 else VALUES
        self.windows = [7.0, 3.0, 1 / 3, 2.5]
        self.moments: list[datetime] = [START, END, START - INSTANT, END - INSTANT, END + INSTANT]
        """On edges, mostly: of windows, assignments and days."""
        self.event_ids: list[str | None] = []
        self.rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        """What goes into the world at the end, all at once."""

    def fill(self, units: int = 60, events: int = 400) -> None:
        """Two experiments of units, one imported as units and one as aggregates."""
        experiments = self.experiments()
        ids = [f"u{i}" for i in range(units)] + list(ODD_IDS)
        for experiment_id, arms in experiments.items():
            for unit in ids:
                self.assign(experiment_id, unit, arms)
        self.events(ids, events)
        self.imported()
        self.aggregates()
        self.write()

    def write(self) -> None:
        """Put what was made into the world."""
        for source, rows in self.rows.items():
            self.world.insert(source, rows)
        self.rows.clear()

    def experiments(self) -> dict[str, list[str | None]]:
        found: dict[str, list[str | None]] = {}
        for number in range(2):
            running = self.random.random() < 0.5
            experiment_id, arms = f"exp{number}", ["control", "treatment", "third"][: 2 + number]
            self.world.experiment(
                experiment_id,
                arms={arm: self.pick(0.5, 0.25, 0.0, None) for arm in arms},
                status="running" if running else "ended",
                ended_at=None if running else END,
                as_of=END + self.pick(timedelta(0), timedelta(days=2), INSTANT),
                primary="m0",
            )
            for position, metric in enumerate(METRICS):
                self.world.metric(f"m{position}", experiment_id=experiment_id, **metric)
            found[experiment_id] = [*arms, *arms, *arms, "unknown", None, ""]
        return found

    def assign(self, experiment_id: str, unit: str | None, arms: list[str | None]) -> None:
        chosen = self.random.choice(arms)
        when = self.moment()
        rows: list[tuple[Any, ...]] = [self.assignment(experiment_id, unit, when, chosen)]
        if self.random.random() < 0.15:
            rows.append(self.assignment(experiment_id, unit, self.moment(), self.random.choice(arms)))
        if self.random.random() < 0.1:
            rows.append(rows[0])
        self.rows["fct_experiment_assignments"] += rows
        self.moments += [when + timedelta(days=self.random.choice(self.windows)), when - timedelta(days=14), when]
        if self.random.random() < 0.85:
            shown = chosen if self.random.random() < 0.9 else self.random.choice(arms)
            for _ in range(self.pick(1, 1, 1, 2, 3)):
                at = when if self.random.random() < 0.4 else self.moment()
                self.event(unit, "exposure", at, None, experiment_id, shown)
                shown = shown if self.random.random() < 0.9 else self.random.choice(arms)

    def assignment(self, experiment_id: str, unit: str | None, when: datetime, arm: str | None) -> tuple[Any, ...]:
        return (experiment_id, unit, when, arm, *(self.random.choice(ATTRIBUTES) for _ in range(3)))

    def events(self, ids: Sequence[str | None], count: int) -> None:
        for _ in range(count):
            name = self.pick("purchase", "purchase", "visit", "visit", "other")
            number = repr(self.random.lognormvariate(2, 2))
            value = self.random.choice(self.values) if self.random.random() < 0.4 else number
            self.event(self.random.choice(ids), name, self.moment(), value)

    def event(
        self,
        unit: str | None,
        name: str,
        when: datetime | None,
        value: str | None,
        experiment_id: str | None = None,
        arm: str | None = None,
    ) -> None:
        event_id: str | None = f"e{len(self.event_ids)}"
        if self.event_ids and self.random.random() < 0.12:
            event_id = self.random.choice(self.event_ids)  # delivered again, perhaps changed, perhaps on another day
        elif self.random.random() < 0.03:
            event_id = self.random.choice(ODD_IDS)
        self.event_ids.append(event_id)
        attributes = (self.random.choice(ATTRIBUTES) for _ in range(3))
        at = None if self.random.random() < 0.02 else when
        self.rows["fct_events"].append((event_id, at, unit, name, experiment_id, arm, value, *attributes))

    def moment(self) -> datetime:
        if self.random.random() < 0.4:
            near: timedelta = self.pick(timedelta(0), INSTANT, -INSTANT)
            return self.random.choice(self.moments[-60:]) + near
        return START + timedelta(seconds=self.random.randrange(-15 * 86_400, 17 * 86_400))

    def pick(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def imported(self) -> None:
        self.world.experiment("imp", primary="amount")
        self.world.metric("amount", "mean", None, experiment_id="imp", source="outcomes", winsorise=0.95)
        self.world.metric("share", "ratio", None, experiment_id="imp", source="outcomes", estimator="cuped")
        units = [f"i{i}" for i in range(60)] + [""]
        self.world.insert(
            "imp_units",
            [("imp", unit, self.pick("control", "treatment"), self.pick(None, self.moment())) for unit in units],
        )
        self.world.insert(
            "imp_unit_dimensions",
            [("imp", unit, name, self.random.choice(ATTRIBUTES)) for unit in units for name in ("plan", "age")],
        )
        self.world.insert(
            "imp_outcomes",
            [
                ("imp", metric, unit, self.number(), below, self.pick(1.5, self.number()))
                for unit in units
                for metric, below in (("amount", None), ("share", self.number()))
            ],
        )

    def number(self) -> float | None:
        return self.random.choice([None, 0.0, 1.0, -2.5, self.random.gauss(10, 5), self.random.gauss(10, 5)])

    def aggregates(self) -> None:
        self.world.experiment("agg", primary="rate", status="running", ended_at=None)
        self.world.metric("rate", "occurrence", None, experiment_id="agg", source="aggregates")
        rows = []
        for arm in ("control", "treatment"):
            for day in range(3):
                n = self.pick(0, 50 * (day + 1), 1000)
                conversions = n // self.pick(3, 10)
                mean = conversions / n if n else None
                m2 = n * mean * (1 - mean) if mean is not None else None
                population, date = self.pick("itt", "exposed", None), (START + timedelta(days=day)).date()
                segment = (self.pick(None, "all"), None)
                rows.append(("agg", "rate", arm, population, *segment, date, n, mean, m2, conversions))
        self.world.insert("imp_aggregates", rows)
