"""The whole verdict rule as the marts apply it: sufficient statistics go in, `fct_experiment_results` comes out.

Thousands of experiments are written to a warehouse as imported aggregates, one real build judges them all (floors,
corrected p-values, always-valid intervals for running experiments, the split), and the verdicts are counted.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from gateway.marts.build import build
from gateway.marts.sources import ensure_sources
from montecarlo.populations import Generator
from montecarlo.tables import Promise, Rate, Table

Counts = NDArray[np.int64]
MARTS_SQL = Path(__file__).parents[2] / "marts_sql"
DAYS = 28
START = date(2026, 2, 1)
CALLED = "verdict in ('better', 'worse')"
UNRELIABLE = "verdict = 'unreliable'"
QUESTIONS = (
    ("single", "called without effect", "ended, one treatment, n = 5,000", CALLED, 0.05, Promise.EXACTLY),
    ("tiny", "called without effect", "ended, one treatment, 15 %, n = 60", CALLED, 0.05, Promise.AT_MOST),
    ("arms", "called without effect, any arm", "ended, three treatments, Holm", CALLED, 0.05, Promise.AT_MOST),
    ("cells", "called without effect, any cell", "ended, six segment cells, Holm",
     f"dimension <> 'all' and {CALLED}", 0.05, Promise.AT_MOST),
    ("metrics", "called without effect, any metric", "ended, four metrics, a family each", CALLED, math.nan,
     Promise.EXACTLY),
    ("running", "called without effect, any day", "running, two treatments, 28 daily looks", CALLED, 0.05,
     Promise.AT_MOST),
    ("impatient", "called without effect, any day", "the same judged as if ended each day", CALLED, math.nan,
     Promise.EXACTLY),
    ("real", "called better", "ended, lift +10 % at its planned 80 %", "verdict = 'better'", 0.80, Promise.EXACTLY),
    ("single", "called unreliable", "sound split, n = 5,000", UNRELIABLE, 0.001, Promise.AT_MOST),
    ("lossy", "called unreliable", "a tenth of treatment lost, n = 5,000", UNRELIABLE, math.nan, Promise.EXACTLY),
    ("lossy", "called better or worse", "a tenth of treatment lost, n = 5,000", CALLED, math.nan, Promise.EXACTLY),
)  # fmt: skip
"""Group, what is counted, its case, when a row counts, and what is promised."""


@dataclass(frozen=True, slots=True)
class Group:
    """Experiments of one kind. Units and hits have the shape (runs, looks, metrics, cells, arms), control first.

    Several looks at one run are several experiments, each with what was known by then. With several cells the total is
    written beside them.
    """

    name: str
    units: Counts
    hits: Counts
    running: bool = False

    @property
    def ids(self) -> NDArray[np.object_]:
        """One id per run and look: group, run, look."""
        runs, looks = self.units.shape[:2]
        return np.array([[f"{self.name}.{run}.{look}" for look in range(looks)] for run in range(runs)], dtype=object)


def verdicts(rng: Generator, runs: int) -> list[Table]:
    """How often the marts call what isn't there, or find what is."""
    groups = tuple(_groups(rng, runs))
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Path(folder) / "warehouse.duckdb"
        with duckdb.connect(str(warehouse)) as con:
            ensure_sources(con)
            for group in groups:
                _write(con, group)
        build(warehouse, MARTS_SQL)
        with duckdb.connect(str(warehouse), read_only=True) as con:
            rows = tuple(_counted(con, runs))
    return [Table("verdicts", "rate", rows)]


def _groups(rng: Generator, runs: int) -> Iterator[Group]:
    yield _ended(rng, "single", runs, 5_000, 0.05, (1.0, 1.0))
    yield _ended(rng, "tiny", runs, 60, 0.15, (1.0, 1.0))
    yield _ended(rng, "arms", runs, 5_000, 0.05, (1.0, 1.0, 1.0, 1.0))
    yield _ended(rng, "cells", runs, 1_000, 0.05, (1.0, 1.0), cells=6)
    yield _ended(rng, "metrics", runs, 5_000, 0.05, (1.0, 1.0), metrics=4)
    yield _ended(rng, "real", runs, 31_234, 0.05, (1.0, 1.1))
    yield _lossy(rng, runs)
    for running in (True, False):
        yield _watched(rng, "running" if running else "impatient", _watched_runs(runs), 500, running=running)


def _ended(
    rng: Generator, name: str, runs: int, n: int, rate: float, effects: tuple[float, ...], *, cells: int = 1,
    metrics: int = 1,
) -> Group:  # fmt: skip
    """Experiments that have ended; `effects` multiplies the rate of each arm, control first."""
    shape = (runs, 1, metrics, cells, len(effects))
    units = np.full(shape, n, dtype=np.int64)
    return Group(name, units, rng.binomial(units, rate * np.array(effects)))


def _lossy(rng: Generator, runs: int) -> Group:
    """A treatment that loses a tenth of its units, mostly those that do not convert."""
    units = np.full((runs, 1, 1, 1, 2), 5_000, dtype=np.int64)
    hits = rng.binomial(units, 0.05)
    units[..., 1] -= rng.binomial(units[..., 1] - hits[..., 1], 0.1)
    return Group("lossy", units, hits)


def _watched(rng: Generator, name: str, runs: int, per_day: int, *, running: bool) -> Group:
    """Two treatments without effect, looked at on each of 28 days."""
    daily = rng.binomial(per_day, 0.05, (runs, DAYS, 1, 1, 3))
    units = np.broadcast_to(per_day * np.arange(1, DAYS + 1)[:, None, None, None], daily.shape)
    return Group(name, np.ascontiguousarray(units), daily.cumsum(axis=1), running)


def _write(con: duckdb.DuckDBPyConnection, group: Group) -> None:
    ids = group.ids.ravel()
    _, _, metrics, cells, arms = group.units.shape
    started, ended = datetime(START.year, 2, 1), datetime(START.year, 3, 1)
    status, end = ("running", None) if group.running else ("ended", ended)
    con.register("ids", {"id": ids})
    con.execute("create or replace temp table each_one as select id from ids")
    con.execute(
        """insert into raw_experiments
           select id, id, '', '', '', ?, 'unit', ?, ?, ?, 'm0', 'import' from each_one""",
        [status, started, end, ended],
    )
    con.execute(f"""insert into raw_experiment_variations
                    select id, 'a' || arm, 'a' || arm, arm = 0, 1.0 / {arms}, 'import'
                    from each_one, range({arms}) as arms(arm)""")
    con.execute(f"""insert into raw_experiment_metrics
                    select id, 'm' || m, 'm' || m, case m when 0 then 'primary' else 'secondary' end, 'occurrence',
                        'increase', null, null, null, null, null, null, 'aggregates', 'import', null, null, null
                    from each_one, range({metrics}) as metrics(m)""")
    con.execute(f"""insert into raw_metrics select 'm' || m, 'm' || m, '', 'occurrence', 'increase', '', 'import'
                    from range({metrics}) as metrics(m)
                    where not exists (select 1 from raw_metrics where metric_id = 'm' || m)""")
    _write_cells(con, ids, group.units, group.hits, "'all'" if cells == 1 else "'cell'")
    if cells > 1:
        units, hits = (part.sum(axis=3, keepdims=True) for part in (group.units, group.hits))
        _write_cells(con, ids, units, hits, "'all'")
    con.unregister("ids")


def _write_cells(
    con: duckdb.DuckDBPyConnection, ids: NDArray[np.object_], units: Counts, hits: Counts, kind: str
) -> None:
    """One row per experiment, metric, cell and arm."""
    _, _, metrics, cells, arms = units.shape
    metric, cell, arm = (part.ravel() for part in np.indices((metrics, cells, arms)))
    rows: dict[str, Any] = {
        "id": np.repeat(ids, len(arm)), "n": units.ravel(), "k": hits.ravel(),
        **{name: np.tile(part, len(ids)) for name, part in (("metric", metric), ("cell", cell), ("arm", arm))},
    }  # fmt: skip
    con.register("rows", rows)
    value = "'all'" if kind == "'all'" else "'c' || cell"
    con.execute(f"""insert into imp_aggregates
                    select id, 'm' || metric, 'a' || arm, 'itt', {kind}, {value}, date '2026-02-28', n, k / n,
                        k - k * k / n, k
                    from rows""")
    con.unregister("rows")


def _counted(con: duckdb.DuckDBPyConnection, runs: int) -> Iterator[Rate]:
    """One rate per question; a run counts when any of its rows does."""
    for group, method, case, condition, nominal, promise in QUESTIONS:
        found = con.execute(
            f"""select count(*) filter (called), count(*), avg(silent) from (
                    select split_part(experiment_id, '.', 2) as run, bool_or({condition}) as called,
                        avg((not_computable is not null)::int) as silent
                    from fct_experiment_results
                    where analysis_population = 'itt' and split_part(experiment_id, '.', 1) = ?
                    group by run)""",
            [group],
        ).fetchone()
        assert found is not None
        assert found[1] in (runs, _watched_runs(runs)), "every experiment came out of the build"
        yield Rate(method, case, int(found[0]), int(found[1]), nominal, promise, unanswered=float(found[2]))


def _watched_runs(runs: int) -> int:
    """Each watched run is 28 experiments."""
    return max(50, runs // 4)
