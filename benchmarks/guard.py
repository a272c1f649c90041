"""What the guard costs, and what it stops: against sqlglot itself, and against the two simple guards people write.

    make bench-guard            or            python benchmarks/guard.py [--statements 200] [--rounds 9]

Times are processor time of one thread, taken in turn with the yardstick in one process, on the build of sqlglot that is
installed. The texts of a round differ from all before, so no cache answers them. The tables below hold the three guards
against the statements of tests/guard/corpus.
"""

import argparse
import gc
import logging
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

sys.path.insert(0, str(Path(__file__).parents[1]))  # the corpora and their contract live in tests/

from gateway.guard import Approved, check
from tests.guard import world
from tests.guard.corpora import Case, read

QUERY = """
with arms as (
    select r.experiment_id, r.metric_id, r.variation_id, r.n_users, r.conversions, r.uplift_abs
    from fct_results r
    where r.analysis_population = 'itt' and r.dimension = 'all' and r.metric_id <> 'm{number}'
)
select d.name, m.label, a.variation_id,
       sum(a.conversions) * 1.0 / nullif(sum(a.n_users), 0) as rate,
       max(a.uplift_abs) as best,
       rank() over (partition by m.label order by max(a.uplift_abs) desc) as place
from arms a
join dim_experiments d on d.experiment_id = a.experiment_id
join dim_metrics m on m.metric_id = a.metric_id
where d.status in ('running', 'ended') and lower(d.name) like '%o%'
group by d.name, m.label, a.variation_id, d.experiment_id, m.metric_id
having sum(a.n_users) > {number} order by place, rate desc limit 50
""".strip()
"""Fifteen lines with a CTE, two joins, aggregates and a window."""

_KEYWORDS = re.compile(
    r"\b(insert|update|delete|drop|alter|create|attach|copy|install|load|pragma|call|grant|truncate|export|set)\b", re.I
)


def keyword_filter(case: Case) -> bool:
    """Lets through what starts like a query and holds no word that writes."""
    text = case.sql.strip().lower()
    return text.startswith(("select", "with", "from", "(")) and not _KEYWORDS.search(text)


def table_allow_list(case: Case) -> bool:
    """Lets through one parsed query whose table names, less the names of its CTEs, are all in the contract."""
    try:
        trees = sqlglot.parse(case.sql, dialect=case.dialect)
    except SqlglotError:
        return False
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        return False
    ctes = {cte.alias.lower() for cte in trees[0].find_all(exp.CTE)}
    names = {table.name.lower() for table in trees[0].find_all(exp.Table)} - ctes
    return names - {""} <= set(world.POLICIES[case.role].assets)


def this_guard(case: Case) -> bool:
    """Lets through what `check` approves."""
    return isinstance(check(case.sql, world.POLICIES[case.role], dialect=case.dialect), Approved)


DIALECTS = {"duckdb": "DuckDB", "clickhouse": "ClickHouse"}
GUARDS: dict[str, Callable[[Case], bool]] = {
    "keyword filter": keyword_filter,
    "table-name allow-list": table_allow_list,
    "this guard": this_guard,
}


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of one statement: medians over rounds, and the median, least and largest ratio of the rounds."""

    yardstick: float
    check: float
    ratio: float
    low: float
    high: float


def parse_and_render(sql: str, dialect: str) -> None:
    """What any guard on this parser pays at least."""
    sqlglot.parse_one(sql, dialect=dialect).sql(dialect=dialect)


def must_approve(sql: str, dialect: str) -> None:
    """The whole check. A refusal would be quicker, and would measure something else."""
    verdict = check(sql, world.ANALYST, dialect=dialect)
    assert isinstance(verdict, Approved), verdict.violations


def seconds(work: Callable[[str, str], None], statements: list[str], dialect: str) -> float:
    """Mean processor time of one statement."""
    gc.collect()
    started = time.process_time()
    for sql in statements:
        work(sql, dialect)
    return (time.process_time() - started) / len(statements)


def cost(rounds: Iterable[list[str]], dialect: str) -> Cost:
    """Parse and render, then the check, in turn over the same texts; the first round warms up."""
    theirs, ours = [], []
    for texts in rounds:
        theirs.append(seconds(parse_and_render, texts, dialect))
        ours.append(seconds(must_approve, texts, dialect))
    del theirs[0], ours[0]
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    medians = statistics.median(theirs), statistics.median(ours)
    return Cost(*medians, statistics.median(ratios), min(ratios), max(ratios))


def timings(statements: int, rounds: int) -> None:
    """The typical query, the allowed corpora, and a repeated statement."""
    typical = ([QUERY.format(number=n * statements + i) for i in range(statements)] for n in range(rounds + 1))
    rows = {f"{QUERY.count(chr(10)) + 1}-line query": cost(typical, "duckdb")}
    for dialect, label in DIALECTS.items():
        corpus = [case.sql for case in read("allowed") if case.dialect == dialect and case.role == "analyst"]
        padded = ([sql + " " * n for sql in corpus] for n in range(1, rounds + 2))
        rows[f"{len(corpus)} honest statements, {label}"] = cost(padded, dialect)
    build = "pure Python" if str(sqlglot.parser.__file__).endswith(".py") else "compiled"
    print(f"sqlglot {version('sqlglot')}, {build}")
    print(f"{'one statement':34}{'parse + render':>15}{'whole check':>13}{'ratio (min to max)':>22}{'a second':>10}")
    for label, row in rows.items():
        spread = f"{row.ratio:.2f} ({row.low:.2f} to {row.high:.2f})"
        times = f"{row.yardstick * 1e3:12.3f} ms{row.check * 1e3:10.3f} ms"
        print(f"{label:34}{times}{spread:>22}{1 / row.check:10.0f}")
    repeated = [QUERY.format(number="0")] * 20_000
    must_approve(repeated[0], "duckdb")
    cached = min(seconds(must_approve, repeated, "duckdb") for _ in range(3))
    print(f"{'a repeated statement':34}{'':15}{cached * 1e6:10.2f} µs")


def table() -> None:
    """How many statements of each corpus every guard lets through."""
    allowed, refused = read("allowed"), read("refused")
    print(
        "\nlet through             "
        + "".join(f"{label + ': honest':>20}{'hostile':>12}" for label in DIALECTS.values())
    )
    for name, guard in GUARDS.items():
        line = f"{name:24}"
        for dialect in DIALECTS:
            honest = [guard(case) for case in allowed if case.dialect == dialect]
            hostile = [guard(case) for case in refused if case.dialect == dialect]
            line += f"{f'{sum(honest)} of {len(honest)}':>20}{f'{sum(hostile)} of {len(hostile)}':>12}"
        print(line)
    families = sorted({case.family for case in refused})
    print("\nof the hostile          " + "".join(f"{family:>12}" for family in families))
    for name, guard in GUARDS.items():
        counts = [[guard(case) for case in refused if case.family == family] for family in families]
        print(f"{name:24}" + "".join(f"{f'{sum(c)} of {len(c)}':>12}" for c in counts))


def main() -> None:
    """Print timings, then what each guard lets through."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--statements", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--costs", action="store_true", help="timings only")
    given = parser.parse_args()
    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # the table-name allow-list would have it tell of each command
    timings(given.statements, given.rounds)
    if not given.costs:
        table()


if __name__ == "__main__":
    main()
