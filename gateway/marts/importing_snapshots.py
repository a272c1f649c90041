"""From the rows of a file of sufficient statistics to one row for each arm, metric and day: n, mean, m2."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

import duckdb

from gateway.marts.importing_files import missing, moment, number
from gateway.marts.importing_spec import SHOWN
from gateway.problems import did_you_mean

Layout = Literal["paired", "long"]

KEYS: Final = ("experiment", "variation", "metric", "time")
MOMENTS: Final = ("n", "mean", "variance")
SUMS: Final = ("n", "sum", "sum_squares")
PAIRED: Final = tuple(f"{part}_{arm}" for arm in ("control", "treatment") for part in MOMENTS)
EVERY_KEY: Final = (*KEYS, *dict.fromkeys((*MOMENTS, *SUMS)), *PAIRED)


def layout_of(mapping: Mapping[str, str]) -> tuple[Layout, list[str]]:
    """Which layout a mapping describes, and what it lacks."""
    problems = [f"no part named {key!r}.{did_you_mean(key, EVERY_KEY)}" for key in mapping if key not in EVERY_KEY]
    if any(key in mapping for key in PAIRED):
        lacking = [key for key in PAIRED if key not in mapping]
        mixed = [key for key in (*MOMENTS, *SUMS) if key in mapping]
        problems += [f"{key!r} is a part of the long layout" for key in dict.fromkeys(mixed)]
        return "paired", problems + [f"no column given for {key!r}" for key in lacking]
    parts = SUMS if "sum" in mapping or "sum_squares" in mapping else MOMENTS
    return "long", problems + [f"no column given for {key!r}" for key in ("variation", *parts) if key not in mapping]


def check_snapshots(con: duckdb.DuckDBPyConnection, mapping: Mapping[str, str], layout: Layout) -> list[str]:
    """Problems of the staged cells: a key that is empty, text for a number, counts and variances that can't be."""
    problems: list[str] = []
    for part, column in mapping.items():
        if part in KEYS:
            problems += _problem(con, f"{part} is null", "row", f"column {column!r} ({part}) is empty")
            continue
        given = f"not {missing(part)}"
        bad = f"{given} and {number(part)} is null"
        problems += _problem(con, bad, part, f"column {column!r} ({part}) must hold numbers, and holds")
        if part.startswith("n"):
            wrong = f"{number(part)} < 0 or {number(part)} <> floor({number(part)}) or {number(part)} > 1e15"
            problems += _problem(con, wrong, part, f"column {column!r} ({part}) must hold whole counts, and holds")
        elif part.startswith("variance") or part == "sum_squares":
            problems += _problem(con, f"{number(part)} < 0", part, f"column {column!r} ({part}) can't be negative")
    if "time" in mapping and not problems:
        problems += _time_problems(con, mapping["time"])
    if layout == "paired" and "variation" in mapping:
        said = f"column {mapping['variation']!r} names a treatment 'control', which the layout keeps for the other side"
        problems += _problem(con, "lower(variation) = 'control'", "row", said)
    return problems


def _time_problems(con: duckdb.DuckDBPyConnection, column: str) -> Iterator[str]:
    days, dates = number("time"), moment("time")
    some = con.execute(f"select count({days}), count({dates}), count(*) from staged").fetchone()
    if some and some[0] < some[2] and some[1] < some[2]:
        bad = f"{days} is null" if some[0] >= some[1] else f"{dates} is null"
        yield from _problem(con, bad, "time", f"column {column!r} (time) must hold days or dates, and holds")
    out = f"{days} < 0 or {days} > 36500"
    yield from _problem(con, out, "time", f"column {column!r} (time) must hold days since the start, and holds")


def _problem(con: duckdb.DuckDBPyConnection, where: str, column: str, said: str) -> Iterator[str]:
    rows = con.execute(f"select row, {column} from staged where {where} order by row limit {SHOWN + 1}").fetchall()
    if rows:
        shown = [f"row {row:,}" if column == "row" else f"{value!r} in row {row:,}" for row, value in rows[:SHOWN]]
        yield f"{said} {', '.join(shown)}" + (" …" if len(rows) > SHOWN else "")


def fill_arms(con: duckdb.DuckDBPyConnection, mapping: Mapping[str, str], layout: Layout, control: str) -> None:
    """The temporary table `arms`: experiment, metric, variation, when (`day` or `dated`), n, mean, m2, and its row."""
    experiment, metric = (part if part in mapping else "''" for part in ("experiment", "metric"))
    when = number("time") if "time" in mapping else "0.0"
    dated = moment("time") if "time" in mapping else "null::timestamp"
    shared = f"row, {experiment} as experiment, {metric} as metric, {when} as day, {dated} as dated"
    if layout == "paired":
        treatment = "variation" if "variation" in mapping else "'treatment'"
        sides = [("'control'", _moments("_control")), (treatment, _moments("_treatment"))]
    else:
        sides = [("variation", _sums() if "sum" in mapping else _moments(""))]
    selects = [
        f"select {shared}, {arm} as variation, {arm} = $1 as is_control, {moments} from staged"
        for arm, moments in sides
    ]
    con.execute(f"create or replace temp table arms as {' union all '.join(selects)}", [control])


def _moments(side: str) -> str:
    n = _count(f"n{side}")
    return (
        f"{n} as n, case when {n} > 0 then {number(f'mean{side}')} end as mean, "
        f"case when {n} > 1 then {number(f'variance{side}')} * ({n} - 1) end as m2"
    )


def _sums() -> str:
    n = _count("n")
    squares = f"{number('sum_squares')} - {number('sum')} * {number('sum')} / {n}"
    return (
        f"{n} as n, case when {n} > 0 then {number('sum')} / {n} end as mean, "
        f"case when {n} > 1 then greatest({squares}, case when {squares} is not null then 0.0 end) end as m2"
    )


def _count(part: str) -> str:
    """An empty count is no units."""
    return f"coalesce({number(part)}, 0)::bigint"


def check_arms(con: duckdb.DuckDBPyConnection, layout: Layout, occurrences: Sequence[str]) -> list[str]:
    """Problems that show only once arms stand by themselves: means that are no rates, one snapshot given twice."""
    problems = []
    rows = con.execute(
        """select row, metric, mean from arms
           where list_contains(?, metric) and not mean between 0 and 1 order by row limit 5""",
        [list(occurrences)],
    ).fetchall()
    if rows:
        shown = ", ".join(f"{mean:g} in row {row:,}" for row, _, mean in rows)
        problems.append(f"metric {rows[0][1]!r}: the mean of an occurrence lies between 0 and 1, but there is {shown}")
    repeats = "not is_control" if layout == "paired" else "true"  # paired rows repeat the control beside each treatment
    rows = con.execute(
        f"""select min(row), max(row), variation, metric from arms
           where {repeats}
           group by experiment, metric, variation, day, dated having count(*) > 1 order by 1 limit 5"""
    ).fetchall()
    if rows:
        shown = ", ".join(f"rows {first:,} and {last:,}" for first, last, _, _ in rows)
        problems.append(f"the same arm, metric and time is given more than once: {shown}")
    return problems


def fold_days(con: duckdb.DuckDBPyConnection, start: datetime, metric_ids: Mapping[str, str]) -> list[str]:
    """The temporary table `snapshots`: the latest of each day, and one control where rows repeat it. Returns notes.

    Copies of one control should agree; where they differ, the one with most units is taken, and that is noted.
    """
    con.execute("create or replace temp table metric_names as select unnest(?) as metric, unnest(?) as metric_id",
                [list(metric_ids), list(metric_ids.values())])  # fmt: skip
    differing = con.execute(
        """select count(*) from (
               select 1 from arms where is_control group by experiment, metric, day, dated
               having count(distinct (n, mean, m2)) > 1)"""
    ).fetchone()
    con.execute(
        """create or replace temp table snapshots as
           select experiment, metric, metric_id, variation, n, mean, m2,
               coalesce(dated::date, ($1::timestamp + to_days(floor(day)::integer))::date) as date_day
           from arms inner join metric_names using (metric)
           qualify row_number() over (
               partition by experiment, metric, variation, date_day
               order by coalesce(day, epoch(dated)) desc, n desc, row
           ) = 1""",
        [start],
    )
    if differing and differing[0]:
        return [f"{differing[0]:,} snapshots give different controls for one experiment: the largest is taken."]
    return []
