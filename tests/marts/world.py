"""Tiny hand-written worlds: a real DuckDB warehouse with a few units whose every number can be worked out on paper."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from gateway.marts.build import BuildReport, build
from gateway.marts.sources import ensure_sources

MARTS_SQL = Path(__file__).parents[2] / "marts_sql"
START = datetime(2026, 2, 1)
END = datetime(2026, 2, 15)


def at(day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """A moment of February 2026."""
    return datetime(2026, 2, day, hour, minute, second)


class World:
    """A warehouse to fill with rows, build and read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._events = 0
        self._writer: duckdb.DuckDBPyConnection | None = None
        ensure_sources(self._writing())

    @property
    def path(self) -> Path:
        """The warehouse file, with nothing of it held open here."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        return self._path

    def _writing(self) -> duckdb.DuckDBPyConnection:
        if self._writer is None:
            self._writer = duckdb.connect(str(self._path))
        return self._writer

    def insert(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Rows into a source table, columns in its order."""
        listed = list(rows)
        for first in range(0, len(listed), 200):
            some = listed[first : first + 200]
            marks = ", ".join([f"({', '.join('?' * len(some[0]))})"] * len(some))
            self._writing().execute(f"insert into {table} values {marks}", [value for row in some for value in row])

    def experiment(
        self,
        experiment_id: str = "exp",
        *,
        arms: dict[str, float | None] | None = None,
        status: str = "ended",
        ended_at: datetime | None = END,
        as_of: datetime = END,
        primary: str = "conversion",
    ) -> None:
        """An experiment; its first arm is the control."""
        shares = arms or {"control": 0.5, "treatment": 0.5}
        self.insert(
            "raw_experiments",
            [(experiment_id, experiment_id, "", "", "team", status, "user", START, ended_at, as_of, primary, "seed")],
        )
        self.insert(
            "raw_experiment_variations",
            [(experiment_id, arm, arm, i == 0, share, "seed") for i, (arm, share) in enumerate(shares.items())],
        )

    def metric(
        self,
        metric_id: str,
        aggregation: str,
        event: str | None = "purchase",
        *,
        experiment_id: str = "exp",
        window_days: float | None = 7.0,
        desired: str = "increase",
        numerator_agg: str | None = None,
        denominator: tuple[str, str] | None = None,
        source: str = "events",
        role: str = "primary",
        margin: float | None = None,
        winsorise: float | None = None,
        cap: float | None = None,
        estimator: str | None = None,
    ) -> None:
        """A metric of an experiment, and its catalogue entry."""
        self.insert("raw_metrics", [(metric_id, metric_id, "", aggregation, desired, "", "seed")])
        below = denominator or (None, None)
        self.insert(
            "raw_experiment_metrics",
            [(experiment_id, metric_id, metric_id, role, aggregation, desired, window_days, margin, event,
              numerator_agg, *below, source, "seed", winsorise, cap, estimator)],
        )  # fmt: skip

    def assign(
        self, unit: str, variation: str, when: datetime = START, *, experiment_id: str = "exp", platform: str = "web"
    ) -> None:
        """One assignment row."""
        self.insert("fct_experiment_assignments", [(experiment_id, unit, when, variation, platform, "US", "new")])

    def expose(self, unit: str, variation: str, when: datetime = START, *, experiment_id: str = "exp") -> None:
        """One exposure event."""
        self._event(unit, "exposure", when, None, experiment_id, variation, None)

    def enrol(self, unit: str, variation: str, when: datetime = START, *, platform: str = "web") -> None:
        """Assigned, and exposed at that very moment."""
        self.assign(unit, variation, when, platform=platform)
        self.expose(unit, variation, when)

    def event(
        self, unit: str, name: str, when: datetime, value: str | None = None, *, event_id: str | None = None
    ) -> None:
        """One organic event."""
        self._event(unit, name, when, value, None, None, event_id)

    def _event(
        self,
        unit: str,
        name: str,
        when: datetime,
        value: str | None,
        experiment_id: str | None,
        variation: str | None,
        event_id: str | None,
    ) -> None:
        self._events += 1
        row = (event_id or f"e{self._events}", when, unit, name, experiment_id, variation, value, "web", "US", "new")
        self.insert("fct_events", [row])

    def build(self, marts_sql: Path = MARTS_SQL) -> BuildReport:
        """Build all marts."""
        return build(self.path, marts_sql, memory_limit="1GB")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query returns."""
        with duckdb.connect(str(self.path), read_only=True) as con:
            return con.execute(query).fetchall()

    def row(self, query: str) -> dict[str, Any]:
        """The only row of a query, by column name."""
        with duckdb.connect(str(self.path), read_only=True) as con:
            cursor = con.execute(query)
            names = [column[0] for column in cursor.description or ()]
            found = cursor.fetchall()
        assert len(found) == 1, found
        return dict(zip(names, found[0], strict=True))

    def many_units(self, arms: dict[str, list[float]], *, event: str = "purchase", platform: str = "web") -> None:
        """Units in bulk: one per value, enrolled at the start, with one event of that value; 0 is no event."""
        units = [
            (f"{platform}-{arm}-{i}", arm, value) for arm, values in arms.items() for i, value in enumerate(values)
        ]
        self.insert(
            "fct_experiment_assignments", [("exp", u, START, arm, platform, "US", "new") for u, arm, _ in units]
        )
        self.insert(
            "fct_events",
            [(f"x-{u}", START, u, "exposure", "exp", arm, None, platform, "US", "new") for u, arm, _ in units],
        )
        events = [(f"m-{u}", at(2), u, event, None, None, repr(v), platform, "US", "new") for u, _, v in units if v]
        if events:
            self.insert("fct_events", events)
