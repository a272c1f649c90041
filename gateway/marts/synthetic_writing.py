"""Puts what the generator drew into the source tables: arrays go in as they are, text is made inside DuckDB."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from gateway.documents import broken
from gateway.marts.importing_warehouse import sql_text
from gateway.marts.sources import ensure_sources
from gateway.marts.synthetic_definitions import Definitions, Experiment, Metric, UsedMetric, World
from gateway.marts.synthetic_enrolment import Assigned
from gateway.marts.synthetic_events import Organic
from gateway.marts.synthetic_units import ATTRIBUTES, Block, Clock, Integers, Lookup

Column = npt.NDArray[Any]

DIRTY = ("nan", "inf", "-inf", "abc", "")
"""What a broken client sends instead of a number."""
SEEDED = ("raw_experiments", "raw_experiment_variations", "raw_metrics", "raw_experiment_metrics")


class WorldWriter:
    """Writes block after block, numbering events as they come."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, definitions: Definitions, clock: Clock, lookups: Mapping[str, Lookup]
    ) -> None:
        self.con = con
        self.definitions = definitions
        self.clock = clock
        self.lookups = lookups
        self.world: World = definitions.world
        self.names = list(definitions.experiments)
        self.arms = [[variation.id for variation in each.variations] for each in definitions.experiments.values()]
        self.attributes = ", ".join(f"{_pick(lookups[name].values, name)} as {name}" for name in ATTRIBUTES)
        self.events = 0

    def assignments(self, block: Block, parts: Sequence[tuple[int, Assigned]]) -> int:
        """One row per assignment; `parts` pairs an experiment's position with its rows."""
        return self._insert(
            block,
            _stack(parts, self.clock),
            f"""insert into fct_experiment_assignments
                select {_pick(self.names, "experiment")}, {_unit(block)}, ts, {self._arm()}, {self.attributes}
                from drawn""",
        )

    def exposures(self, block: Block, parts: Sequence[tuple[int, Assigned]]) -> int:
        """One event per exposure, some of them delivered twice."""
        unit, columns = _stack(parts, self.clock)
        return self._insert(
            block,
            self._with_duplicates(block, "exposures", unit, columns),
            f"""insert into fct_events
                select 'e' || number, ts, {_unit(block)}, 'exposure', {_pick(self.names, "experiment")}, {self._arm()},
                    null, {self.attributes}
                from drawn""",
        )

    def organic(self, block: Block, events: Sequence[Organic]) -> int:
        """One event per thing a unit did; some twice, some with a value that is no number."""
        rng = block.rng("dirty values")
        unit = np.concatenate([each.unit for each in events])
        carried = np.concatenate([each.value for each in events])
        dirty = np.where(rng.random(len(unit)) < self.world.dirty_share, rng.integers(0, len(DIRTY), len(unit)), -1)
        columns = {
            "ts": self.clock.timestamps(np.concatenate([each.at for each in events])),
            "name": np.repeat(np.arange(len(events)), [len(each.unit) for each in events]),
            "carried": np.nan_to_num(np.round(carried * 100)).astype(np.int64),
            "carries": ~np.isnan(carried),
            "dirty": np.where(np.isnan(carried), -1, dirty),
        }
        return self._insert(
            block,
            self._with_duplicates(block, "organic", unit, columns),
            f"""insert into fct_events
                select 'e' || number, ts, {_unit(block)}, {_pick([each.name for each in events], "name")}, null, null,
                    case when dirty >= 0 then {_pick(DIRTY, "dirty")}
                         when carries then (carried // 100) || '.' || lpad((carried % 100)::varchar, 2, '0') end,
                    {self.attributes}
                from drawn""",
        )

    def _with_duplicates(
        self, block: Block, purpose: str, unit: Integers, columns: Mapping[str, Column]
    ) -> tuple[Integers, dict[str, Column]]:
        """The rows numbered as events, then again those that are delivered twice under the same number."""
        twice = np.flatnonzero(block.rng(f"{purpose} twice").random(len(unit)) < self.world.duplicate_share)
        number = self.events + 1 + np.arange(len(unit))
        self.events += len(unit)
        rows = {**columns, "number": number}
        return np.append(unit, unit[twice]), {name: np.append(column, column[twice]) for name, column in rows.items()}

    def _arm(self) -> str:
        widest = max(len(arms) for arms in self.arms)
        flat = [arm for arms in self.arms for arm in [*arms, *[""] * (widest - len(arms))]]
        return _pick(flat, f"experiment * {widest} + arm")

    def _insert(self, block: Block, rows: tuple[Integers, Mapping[str, Column]], statement: str) -> int:
        """Run an insert over `drawn`: the rows as columns, with their units' numbers and attributes.

        DuckDB finds the local by its name. A registered view would be kept, arrays and all, until the transaction ends.
        """
        unit, columns = rows
        drawn = {"unit": block.first + unit, **columns, **{name: block.codes[name][unit] for name in ATTRIBUTES}}
        row = self.con.execute(statement).fetchone()
        del drawn
        return int(row[0]) if row else 0


def write_definitions(con: duckdb.DuckDBPyConnection, definitions: Definitions, clock: Clock) -> None:
    """The catalogue: experiments, variations, metrics, and each metric as an experiment uses it."""
    con.executemany(
        "insert into raw_metrics values (?, ?, ?, ?, ?, ?, 'seed')",
        [(key, m.label, m.description, m.aggregation, m.desired, m.unit) for key, m in definitions.metrics.items()],
    )
    for experiment_id, each in definitions.experiments.items():
        own_dates = Clock(definitions.world, definitions.world.days) if each.files else clock
        con.execute(
            "insert into raw_experiments values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'seed')",
            [experiment_id, each.name, each.description, each.hypothesis, each.owner, each.status, each.unit,
             own_dates.moment(each.started_at), own_dates.moment(each.ended_at),
             own_dates.moment(each.files.as_of) if each.files else clock.end, each.primary],
        )  # fmt: skip
        con.executemany(
            "insert into raw_experiment_variations values (?, ?, ?, ?, ?, 'seed')",
            [(experiment_id, arm.id, arm.name, arm.control, arm.share) for arm in each.variations],
        )
        for used in each.metrics:
            metric = definitions.metrics[used.metric]
            con.execute(
                """insert into raw_experiment_metrics
                   values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'events', 'seed', ?, ?, ?)""",
                [experiment_id, used.metric, metric.label, used.role, metric.aggregation, metric.desired,
                 used.window_days, used.noninferiority_margin, *metric.counted, metric.winsorise, metric.cap,
                 "cuped" if _by_cuped(metric, used) else "unadjusted"],
            )  # fmt: skip


def _by_cuped(metric: Metric, used: UsedMetric) -> bool:
    """A guardrail is tested unadjusted, whatever its metric is elsewhere."""
    return used.role != "guardrail" and (metric.cuped if used.cuped is None else used.cuped)


def write_files(con: duckdb.DuckDBPyConnection, seeds: Path, experiment: Experiment) -> None:
    """The rows of an experiment that was written by hand, from the CSV files beside the definitions."""
    if experiment.files is None:
        return
    files = {"fct_experiment_assignments": experiment.files.assignments, "fct_events": experiment.files.events}
    for table, name in files.items():
        path = seeds / name
        columns = ", ".join(f"{row[0]}: 'varchar'" for row in con.execute(f"describe {table}").fetchall())
        reader = f"read_csv(?, columns = {{{columns}}}, auto_detect = false, header = true, delim = ',')"
        try:
            con.execute(f"insert into {table} select * from {reader}", [str(path)])
        except (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.IOException) as error:
            raise broken(str(path), [f"{path.name}: {str(error).splitlines()[0]}"]) from error


def clear_seeded(con: duckdb.DuckDBPyConnection, definitions: Definitions) -> None:
    """Make room: everything an earlier seed wrote goes, what was imported stays."""
    for table in ("fct_events", "fct_experiment_assignments"):
        con.execute(f"drop table {table}")
    ensure_sources(con)
    for table in SEEDED:
        con.execute(f"delete from {table} where origin = 'seed'")
    con.execute("delete from raw_metrics where list_contains(?, metric_id)", [list(definitions.metrics)])


def _stack(parts: Sequence[tuple[int, Assigned]], clock: Clock) -> tuple[Integers, dict[str, Column]]:
    """The rows of several experiments as one set of columns."""
    rows = [each for _, each in parts]
    return np.concatenate([each.unit for each in rows]), {
        "experiment": np.repeat([position for position, _ in parts], [len(each.unit) for each in rows]),
        "arm": np.concatenate([each.arm for each in rows]),
        "ts": clock.timestamps(np.concatenate([each.at for each in rows])),
    }


def _pick(values: Sequence[str], position: str) -> str:
    """The text at a position (from 0) of a fixed list."""
    return f"[{', '.join(sql_text(value) for value in values)}][({position}) + 1]"


def _unit(block: Block) -> str:
    return f"'{block.kind}_' || lpad(unit::varchar, 7, '0')"
