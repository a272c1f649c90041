"""What the guard costs, and what it stops: against sqlglot itself, and against the two simple guards people write.

    make bench            or            python benchmarks/guard.py [--statements 400] [--rounds 7]

Times are of one thread, in one process, taken in turn with the yardstick. The texts of a round differ from each other,
so no cache answers them. The table below holds the guards against the statements of tests/guard/corpus.
"""

import argparse
import gc
import re
import statistics
import sys
import time
from collections.abc import Callable
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


GUARDS: dict[str, Callable[[Case], bool]] = {
    "keyword filter": keyword_filter,
    "table-name allow-list": table_allow_list,
    "this guard": this_guard,
}


def texts(count: int, start: int) -> list[str]:
    """Distinct statements of the same shape."""
    return [QUERY.format(number=start + i) for i in range(count)]


def parse_and_render(sql: str) -> None:
    """What any guard on this parser pays at least."""
    sqlglot.parse_one(sql, dialect="duckdb").sql(dialect="duckdb")


def must_approve(sql: str) -> None:
    """The whole check. A refusal would be quicker, and would measure something else."""
    verdict = check(sql, world.ANALYST)
    assert isinstance(verdict, Approved), verdict.violations


def seconds(work: Callable[[str], None], statements: list[str]) -> float:
    """Mean time of one statement."""
    gc.collect()
    started = time.perf_counter()
    for sql in statements:
        work(sql)
    return (time.perf_counter() - started) / len(statements)


def timings(statements: int, rounds: int) -> None:
    """Check against parse and render in turn, then the cache."""
    ours, theirs = [], []
    for count in range(rounds + 1):  # the first round warms up
        distinct = texts(statements, count * statements)
        yardstick, whole = seconds(parse_and_render, distinct), seconds(must_approve, distinct)
        if count:
            ours.append(whole)
            theirs.append(yardstick)
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    repeated = [QUERY.format(number="0")] * 20_000
    must_approve(repeated[0])
    cached = min(seconds(must_approve, repeated) for _ in range(3))
    whole, yardstick = statistics.median(ours), statistics.median(theirs)
    print(f"whole check, {QUERY.count(chr(10)) + 1}-line query   {whole * 1e3:8.3f} ms")
    print(f"sqlglot parse + render         {yardstick * 1e3:8.3f} ms")
    print(
        f"ratio, median (min to max)     {statistics.median(ratios):8.2f}    ({min(ratios):.2f} to {max(ratios):.2f})"
    )
    print(f"repeated statement             {cached * 1e6:8.2f} µs")
    print(f"distinct statements a second   {1 / whole:8.0f}    of this shape")
    corpus = [case for case in read("allowed") if case.dialect == "duckdb" and case.role == "analyst"]
    mixed = [f"{case.sql} -- {i}" for i in range(3) for case in corpus]
    spent = seconds(lambda sql: void(check(sql, world.ANALYST)), mixed)
    print(f"distinct statements a second   {1 / spent:8.0f}    of the allowed corpus, {len(mixed)} texts")


def void(_: object) -> None:
    """Drops a result."""


def table() -> None:
    """How many statements of each corpus family every guard lets through."""
    allowed, refused = read("allowed"), read("refused")
    print(f"\n{'lets through':24}{'honest':>12}{'hostile or wrong':>20}")
    for name, guard in GUARDS.items():
        through, passed = sum(map(guard, allowed)), sum(map(guard, refused))
        print(f"{name:24}{through:5} of {len(allowed):3}{passed:13} of {len(refused):3}")
    families = sorted({case.family for case in refused})
    print(f"\n{'of the refused corpus':24}" + "".join(f"{family:>12}" for family in families))
    for name, guard in GUARDS.items():
        counts = [[guard(case) for case in refused if case.family == family] for family in families]
        print(f"{name:24}" + "".join(f"{f'{sum(c)} of {len(c)}':>12}" for c in counts))


def main() -> None:
    """Print timings, then what each guard lets through."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statements", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    timings(given.statements, given.rounds)
    table()


if __name__ == "__main__":
    main()
