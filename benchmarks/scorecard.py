"""The scorecard over many events, beside the plainest queries that one would write for it by hand.

    make bench-scorecard        or            python benchmarks/scorecard.py [--events 11500000] [--growth] [--runs 5]

One experiment of four weeks with ten metrics and a unit for every eleven events, of which 0.4 % come twice. Two
yardsticks on the same engine, threads and rows, each one statement. `plain` joins exposures to events and aggregates by
unit, then by arm; it takes any text for a value and counts copies. `plain, each event once` does that to the first of
each event id, and so reads the same columns as the scorecard, whose sums must be the same. The scorecard also holds
exposures against assignments and values against what a number is, and gives centred moments.

Each runs in a process of its own, whose peak memory and bytes read from files are shown. `--growth` runs 1, 10 and 50
million events instead. The exit code is 1 where sums differ, or from ten million events on the scorecard takes more
than 1.5 times the processor time of the first yardstick.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from gateway.marts.scorecard_compute import compute
from gateway.marts.scorecard_definition import Source, read_definition
from gateway.marts.scorecard_query import Asked
from gateway.marts.scorecard_source import ClickHouseSource, DuckDBSource
from gateway.marts.sources import ensure_sources
from gateway.settings import resource as folder_of

BOUND: Final = 1.5
BOUND_FROM: Final = 10_000_000
"""Events below which a tenth of a second of preparation is no small part."""
ENGINES: Final = ("duckdb", "chdb")
WAYS: Final = ("scorecard", "plain", "plain, each event once")
DATABASE: Final = "bench_warehouse"
THREADS: Final = 2
NAMES: Final = (
    "page_view", "session", "purchase", "signup", "load", "search", "refund", "ticket", "click", "share",
)  # fmt: skip
METRICS: Final = (
    ("conversion", "occurrence", "purchase"), ("orders", "count", "purchase"), ("revenue", "sum", "purchase"),
    ("order_value", "ratio", "purchase"), ("sessions", "count", "session"), ("signup", "occurrence", "signup"),
    ("load", "mean", "load"), ("views", "count", "page_view"), ("refunds", "sum", "refund"),
    ("tickets", "count", "ticket"),
)  # fmt: skip
START, END = "2026-02-01", "2026-03-01"


@dataclass(frozen=True, slots=True)
class Measured:
    """One way of computing it, on one engine: medians over the runs, and the process's peak and reads."""

    seconds: float
    processor: float
    peak_mb: float
    read_mb: float | None
    sums: list[list[float]]
    """n, then the sum of each metric, of both arms."""


def make_world(warehouse: Path, events: int) -> None:
    """Sources for about that many events; assignments in the first half, everybody exposed a moment later."""
    units, names = events // 11, ", ".join(f"'{name}'" for name in NAMES)
    with duckdb.connect(str(warehouse), config={"preserve_insertion_order": False}) as con:
        ensure_sources(con)
        con.execute(
            f"""insert into fct_experiment_assignments
            select 'exp', 'user-' || lpad(i::varchar, 9, '0'),
                timestamp '{START}' + to_seconds((hash(i) % (14 * 86400))::bigint),
                case when hash(i * 7) % 2 = 0 then 'control' else 'treatment' end, 'web', 'US', 'new'
            from range({units}) as t(i)"""
        )
        con.execute(
            """insert into fct_events
            select 'x' || row_number() over (), assigned_at + interval 5 second, unit_id, 'exposure', experiment_id,
                variation_id, null, platform, country, customer_type
            from fct_experiment_assignments"""
        )
        con.execute(
            f"""insert into fct_events
            select 'e' || i, timestamp '{START}' + to_seconds((hash(i) % (28 * 86400))::bigint),
                'user-' || lpad((hash(i * 3) % {units})::varchar, 9, '0'), [{names}][1 + (hash(i * 5) % 10)::int],
                null, null, case when hash(i * 5) % 10 in (2, 4, 6) then ((hash(i * 11) % 100000) / 100)::varchar end,
                'web', 'US', 'new'
            from range({events - units}) as t(i)"""
        )
        con.execute("insert into fct_events select * from fct_events where hash(event_id) % 250 = 0")
        con.execute(
            f"""insert into raw_experiments values ('exp', 'exp', '', '', 'team', 'ended', 'user',
            timestamp '{START}', timestamp '{END}', timestamp '{END}', 'conversion', 'seed')"""
        )
        con.execute(
            """insert into raw_experiment_variations values
            ('exp', 'control', 'c', true, 0.5, 'seed'), ('exp', 'treatment', 't', false, 0.5, 'seed')"""
        )
        con.executemany(
            """insert into raw_experiment_metrics values
            ('exp', ?, '', 'secondary', ?, 'increase', null, null, ?, ?, ?, ?, 'events', 'seed', null, null, null)""",
            [
                [metric, kind, event, "sum" if kind == "ratio" else None,
                 *((event, "count") if kind == "ratio" else (None, None))]
                for metric, kind, event in METRICS
            ],
        )  # fmt: skip


def plain(*, once: bool, clickhouse: bool) -> str:
    """The query by hand, in each engine's own words: a row per arm with n, then sum and sum of squares per metric."""
    columns = []
    for place, (_, kind, event) in enumerate(METRICS):
        there = f"ev.event_name = '{event}' and ev.event_ts >= e.first_exposure"
        columns.append(f"{_plain_value(kind, there, clickhouse=clickhouse)} as m{place}")
        if kind == "ratio":
            columns.append(f"{_counted(there, clickhouse=clickhouse)} as d{place}")
    names = ", ".join(f"'{name}'" for name in sorted({event for _, _, event in METRICS}))
    inside = f"event_ts >= timestamp '{START}' and event_ts < timestamp '{END}'"
    events = f"{DATABASE}.fct_events" if clickhouse else "fct_events"
    if once and clickhouse:
        events = f"(select * from {events} order by event_ts limit 1 by event_id) as fct_events"
    elif once:
        events = f"(select distinct on (event_id) * from {events} order by event_id, event_ts)"
    several = "uniqExact(variation_id)" if clickhouse else "count(distinct variation_id)"
    shown = ", ".join(f"sum(m{i}), sum(m{i} * m{i})" for i in range(len(METRICS)))
    return f"""
with exposures as (
    select unit_id, any_value(variation_id) as arm, {several} as arms, min(event_ts) as first_exposure
    from {events} where event_name = 'exposure' and experiment_id = 'exp' and {inside} group by unit_id
),
metric_events as (
    select unit_id, event_name, event_ts, value from {events} where event_name in ({names}) and {inside}
),
units as (
    select e.unit_id, e.arm, {", ".join(columns)}
    from (select * from exposures where arms = 1) as e left join metric_events as ev on e.unit_id = ev.unit_id
    group by e.unit_id, e.arm
)
select arm, count(*), {shown} from units group by arm order by arm"""


def _plain_value(kind: str, there: str, *, clickhouse: bool) -> str:
    if kind == "occurrence":
        return f"max(case when {there} then 1 else 0 end)"
    if kind == "count":
        return _counted(there, clickhouse=clickhouse)
    function = "avg" if kind == "mean" else "sum"
    if clickhouse:
        return f"ifNull({function}OrNullIf(toFloat64OrNull(ifNull(ev.value, '')), {there}), 0)"
    return f"coalesce({function}(try_cast(ev.value as double)) filter (where {there}), 0)"


def _counted(there: str, *, clickhouse: bool) -> str:
    return f"countIf({there})" if clickhouse else f"count(*) filter (where {there})"


def scorecard_sums(source: Source) -> list[list[float]]:
    """The scorecard as `gateway results` computes it, but for writing it down."""
    definition = read_definition(source, "exp")
    card = compute(source, Asked(definition, "exposed", definition.as_of), folder_of("marts_sql"), method="fieller")
    by_id = {metric.metric_id: metric.variants for metric in card.summary.metrics}
    return [
        [card.units[arm], *(by_id[metric][arm].sum for metric, _, _ in METRICS)] for arm in ("control", "treatment")
    ]


@contextmanager
def on_duckdb(warehouse: Path) -> Iterator[tuple[Source, Callable[[str], list[Any]]]]:
    """The sources, and a way to run a statement of DuckDB's own."""
    with duckdb.connect(str(warehouse), read_only=True, config={"threads": THREADS}) as con:
        con.execute("set preserve_insertion_order = false")
        yield DuckDBSource(con), lambda sql: [list(row) for row in con.execute(sql).fetchall()]


@contextmanager
def on_chdb(folder: Path) -> Iterator[tuple[Source, Callable[[str], list[Any]]]]:
    """The same for ClickHouse in the process."""
    import clickhouse_connect

    settings = {"session_timezone": "UTC", "max_threads": str(THREADS)}
    client = clickhouse_connect.get_client(interface="chdb", path=str(folder), settings=settings)
    try:
        source = ClickHouseSource(client, DATABASE, keeps_steps=True)
        yield source, lambda sql: [list(row) for row in client.query(sql).result_rows]
    finally:
        client.close()


def load_chdb(warehouse: Path, folder: Path) -> None:
    """The sources into tables as `gateway marts load` makes them: events by day, ordered by name, unit and time."""
    with on_chdb(folder) as (_, run), duckdb.connect(str(warehouse), read_only=True) as con:
        run(f"CREATE DATABASE {DATABASE}")
        for table, order in ORDER.items():
            file, target = folder / f"{table}.parquet", f"{DATABASE}.{table}"
            con.execute(f"copy {table} to '{file}' (format parquet)")
            columns = con.execute(
                "select column_name, data_type from duckdb_columns() where table_name = ? order by column_index",
                [table],
            ).fetchall()
            defined = ", ".join(f"{name} {_TYPES.get(name) or _TYPES.get(kind, _TEXT)}" for name, kind in columns)
            parts = "PARTITION BY toYYYYMMDD(event_ts)" if table == "fct_events" else ""
            run(
                f"CREATE TABLE {target} ({defined}) ENGINE = MergeTree {parts} ORDER BY ({order})"
                " SETTINGS allow_nullable_key = 1"
            )
            run(f"INSERT INTO {target} SELECT * FROM file('{file}')")
            run(f"OPTIMIZE TABLE {target} FINAL")
            file.unlink()


ORDER: Final = {
    "fct_events": "event_name, unit_id, event_ts", "fct_experiment_assignments": "experiment_id, unit_id",
    "raw_experiments": "experiment_id", "raw_experiment_variations": "experiment_id",
    "raw_experiment_metrics": "experiment_id",
}  # fmt: skip
"""Source tables that the scorecard reads, and what they are sorted by."""
_TEXT: Final = "Nullable(String)"
_FEW: Final = "LowCardinality(Nullable(String))"
_TYPES: Final = {
    "event_id": "String", "unit_id": "String", "event_name": _FEW, "experiment_id": _FEW, "variation_id": _FEW,
    "platform": _FEW, "country": _FEW, "customer_type": _FEW,
    "TIMESTAMP": "DateTime64(6, 'UTC')", "DOUBLE": "Nullable(Float64)", "BOOLEAN": "Bool",
}  # fmt: skip


def measure(engine: str, way: str, place: Path, runs: int) -> Measured:
    """In this process: once to warm up, then the timed runs."""
    opened = on_duckdb if engine == "duckdb" else on_chdb
    with opened(place) as (source, run):
        sql = "" if way == WAYS[0] else plain(once=way == WAYS[2], clickhouse=engine == "chdb")

        def once() -> list[list[float]]:
            if not sql:
                return scorecard_sums(source)
            return [[row[1], *(float(value) for value in row[2::2])] for row in run(sql)]

        before = _bytes_read()
        sums = once()
        read = _bytes_read()
        walls, processor = [], []
        for _ in range(runs):
            wall, spent = time.perf_counter(), time.process_time()
            once()
            walls.append(time.perf_counter() - wall)
            processor.append(time.process_time() - spent)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
    megabytes = None if read is None or before is None else (read - before) / 1e6
    return Measured(statistics.median(walls), statistics.median(processor), peak, megabytes, sums)


def _bytes_read() -> int | None:
    """What this process has read from files so far, the system's cache included."""
    try:
        counted = Path("/proc/self/io").read_text("ascii")
    except OSError:
        return None
    return int(counted.split()[1])


def in_a_process(engine: str, way: str, place: Path, runs: int) -> Measured:
    """The same in a process of its own."""
    command = [sys.executable, __file__, "--measure", engine, way, str(place), "--runs", str(runs)]
    return Measured(**json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def compare(engine: str, events: int, folder: Path, runs: int) -> bool:
    """Print the table of one engine; False where the bound breaks or the sums differ."""
    place = folder / "warehouse.duckdb"
    if engine == "chdb":
        place = folder / "clickhouse"
        place.mkdir(exist_ok=True)
        subprocess.run([sys.executable, __file__, "--load", str(folder)], check=True)
    found = {way: in_a_process(engine, way, place, runs) for way in WAYS}
    ours = found[WAYS[0]]
    print(f"\n{engine}: {events:,} events, {THREADS} threads, median of {runs}")
    print(f"  {'':24} {'seconds':>8} {'ratio':>6} {'processor':>10} {'ratio':>6} {'peak MB':>8} {'read MB':>8}")
    for way, each in found.items():
        read = "" if each.read_mb is None else f"{each.read_mb:8.0f}"
        print(
            f"  {way:24} {each.seconds:8.2f} {ours.seconds / each.seconds:6.2f} {each.processor:10.2f}"
            f" {ours.processor / each.processor:6.2f} {each.peak_mb:8.0f} {read}"
        )
    same = all(
        abs(one - other) <= 1e-9 * abs(other)
        for mine, theirs in zip(ours.sums, found[WAYS[2]].sums, strict=True)
        for one, other in zip(mine, theirs, strict=True)
    )
    print(f"  its sums are those of the plain query that counts each event once: {'yes' if same else 'NO'}")
    within = ours.processor / found[WAYS[1]].processor <= BOUND
    print(f"  within {BOUND} times the processor time of the plain one: {'yes' if within else 'NO'}")
    return same and (within or events < BOUND_FROM)


def main() -> int:
    """Run what is asked for; 1 where something doesn't hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=11_500_000)
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--engine", choices=ENGINES, action="append")
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--load", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        engine, way, place = given.measure
        print(json.dumps(asdict(measure(engine, way, Path(place), given.runs))))
        return 0
    if given.load:
        load_chdb(given.load / "warehouse.duckdb", given.load / "clickhouse")
        return 0
    holds = True
    for events in (1_000_000, 10_000_000, 50_000_000) if given.growth else (given.events,):
        with tempfile.TemporaryDirectory() as folder:
            make_world(Path(folder) / "warehouse.duckdb", events)
            for engine in given.engine or ENGINES:
                holds &= compare(engine, events, Path(folder), given.runs)
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
