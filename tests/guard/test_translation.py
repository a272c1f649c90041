"""A statement of one dialect, for an engine of the other: the same rows there, or a reason in the caller's own text."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.guard import Approved, Refused, check
from tests.guard.world_both import POLICIES, ROWS, Both, alike, both

OTHER = {"duckdb": "clickhouse", "clickhouse": "duckdb"}
SHARED = (
    "select k, n, d, s, b, day, ts from t order by k",
    "select * from t order by 1",
    "select n, count(*) as c from t group by n order by n",
    "select n, count(*) as c from t group by n order by n desc",
    "select b, count(n) as c, count(distinct s) as u from t group by b order by b desc nulls first",
    "select s from t order by s",
    "select k from t where n not in (5, 1) order by k",
    "select k from t where not (n in (5, 1)) order by k",
    "select k from t where n in (select k from u where v >= 0.5) order by k",
    "select k from t where s like 'a%' order by k",
    "select k from t where s not like '_bc%' order by k",
    "select k from t where s > 'a' and s <> 'abc' order by k",
    "select k from t where b or n > 1 order by k",
    "select k from t where not b order by k",
    "select k from t where d between -1 and 0.5 order by k",
    "select sum(n) as x, avg(d) as a, min(s) as m, max(day) as y from t where k < 5",
    "select sum(n) as x, avg(d) as a, min(s) as m, count(*) as c, count(n) as e from t where k > 100",
    "select b, sum(n) filter (where k > 4) as s, count(*) filter (where n > 1) as c from t group by b order by b",
    "select k, n + 1 as a, n - k as b, n * 2 as c, -n as e from t order by k",
    "select k, d / 4 as q, n / nullif(k - 3, 0) as r from t order by k",
    "select sum(n) / nullif(sum(k), 0) as r from t having count(*) > 3",
    "select k, case when n > 1 then 'big' when n is null then 'none' else 'small' end as c from t order by k",
    "select k, coalesce(n, 3) as c, nullif(n, 5) as m, abs(d) as a, floor(d) as f, ceil(d) as e from t order by k",
    "select k from t where day >= date '2026-01-01' order by k",
    "select k from t where day >= '2026-01-01' order by k",
    "select extract(year from day) as y, extract(month from ts) as m, count(*) as c from t group by 1, 2 order by 1, 2",
    "select t.k, v from t left join u on t.k = u.k order by t.k",
    "select k, v from t join u using (k) order by k",
    """select k, row_number() over (partition by b order by n desc, k) as r, rank() over (order by n) as q
    from t order by k""",
    "select k, sum(n) over (order by k) as s from t order by k",
    "with c as (select b, sum(n) as s from t group by b) select max(s) as m from c",
    "select k from t where n = (select max(n) from t) order by k",
    "select distinct n from t order by n limit 3 offset 1",
    "select k from t union all select k from u",
    "select q.x from (select n as x from t where k < 4) as q where q.x is not null",
    "select d * 2e0 as x from t where k = 1 and d > 0.1",
    "select k, s || '-' || s as x from t where s || 'x' <> 'abcx' order by k",
    "select max(b) as m, min(b) as x from t",
)
DUCKDB_ALONE = (
    "select k from t where day >= date '2026-01-01' and ts < timestamp '2026-02-01 00:00:00' order by k",
    "select K, N from T where S = 'a\\b''c'",
    "select k from t where s = 'a\\\\' or s = ''",
    "select k from t where s in ('abc', 'a\\b''c', 'äbc_%') order by k",
    "select if(n > 1, 'a', 'b') as c, count_if(k > 3) as x from t group by 1 order by 1",
    "select k, year(day) as y, month(day) as m from t order by k",
    "SELECT t.k, U.V FROM t LEFT JOIN u AS U ON T.K = u.k ORDER BY T.k",
    "from t select k where n > 1 order by k",
)
CLICKHOUSE_ALONE = (
    "select k from t where s = 'a\\\\b\\'c'",
    "select k from t where s in ('a\\\\\\\\', 'abc') order by k",
    """select b, sumIf(n, k > 4) as x, avgIf(d, k > 100) as a, countIf(n > 1) as c, uniqExact(s) as e
    from t group by b order by b""",
    "select countIf(n > 1) as c, sumIf(n, n > 1) as x, uniqExact(n) as e from t where k > 100",
    "select k from t prewhere n > 1 where k < 6 order by k",
    "select k, toYear(day) as y, toMonth(ts) as m, toQuarter(day) as q from t order by k",
    "select k from t where day >= toDate('2026-01-01') and ts < toDateTime('2026-02-01 00:00:00') order by k",
    "select k, if(n > 1, 'a', 'b') as c, ifNull(n, 0) as z, count() over (order by k) as r from t order by k",
)


@pytest.fixture(scope="module")
def world() -> Iterator[Both]:
    with both() as made:
        yield made


def in_both(sql: str, written: str, role: str = "analyst") -> tuple[Approved, Approved]:
    own = check(sql, POLICIES[role], dialect=written)
    there = check(sql, POLICIES[role], dialect=OTHER[written], written=written)
    assert isinstance(own, Approved), own.violations
    assert isinstance(there, Approved), list(there.violations)
    return own, there


def corpus() -> list[tuple[str, str]]:
    both_ways = [
        (sql, written) for sql in SHARED for written in OTHER if not (written == "clickhouse" and "union all" in sql)
    ]
    return [*both_ways, *((sql, "duckdb") for sql in DUCKDB_ALONE), *((sql, "clickhouse") for sql in CLICKHOUSE_ALONE)]


@pytest.mark.parametrize(("sql", "written"), corpus())
def test_it_returns_there_what_it_returns_at_home(world: Both, sql: str, written: str) -> None:
    own, there = in_both(sql, written)
    assert (there.dialect, there.proposed, there.assets) == (OTHER[written], sql, own.assets)
    assert alike(world.rows(own), world.rows(there), ordered="order by" in sql.lower()), (own.sql, there.sql)


@pytest.mark.parametrize("written", OTHER)
def test_the_roles_rows_are_held_back_there_too(world: Both, written: str) -> None:
    own, there = in_both("select k from t order by k", written, "few")
    assert world.rows(own) == world.rows(there) == [(1,), (5,)]
    assert "a%" in there.sql


DIFFERENT = (
    ("select round(d) as r from t", "halves are rounded", (1, 8)),
    ("select k, lower(s) as x from t", "ASCII only", (1, 11)),
    ("select length(s) as x from t", "bytes in ClickHouse", (1, 8)),
    ("select n / k as q from t", "zero by zero", (1, 8)),
    ("select n > 1 as big from t", "a condition as a value", (1, 8)),
    ("select count(*) as c from t group by n > 1", "a condition as a value", (1, 38)),
    ("select n * 0.1 as x from t", "an exact decimal in DuckDB", (1, 12)),
    ("select k from t where n not in (select k from u)", "nulls in IN (SELECT", (1, 23)),
    ("select k from t where n in (select k from u) or k = 1", "nulls in IN (SELECT", (1, 23)),
    ("select k from t where n in (1, null)", "none of them NULL", (1, 23)),
    ("select k from t where s like 'a\\\\%'", "escapes in ClickHouse alone", (1, 23)),
    ("select k from t where s ilike 'a%'", "but for their case", (1, 23)),
    ("select ts - day as x from t", "dates and times in arithmetic", (1, 8)),
    ("select x + 1 as y from (select ts as x from t) as q", "dates and times in arithmetic", (1, 8)),
    ("select * from t join u using (k)", "a star over a join", (1, 8)),
    ("select t.k from t right join u using (k)", "only inner and left joins", (1, 30)),
    ("select k from t where cast(s as integer) = 1", "what can't be cast", (1, 28)),
    ("select s || k as x from t", "what is not a text", (1, 8)),
    ("select greatest(n, k) as g from t", "older ClickHouse gives null", (1, 8)),
    ("select extract(dow from day) as w from t", "counted differently", (1, 25)),
)


@pytest.mark.parametrize(("sql", "said", "where"), DIFFERENT, ids=[sql for sql, _, _ in DIFFERENT])
def test_what_would_mean_something_else_is_refused_where_it_stands(sql: str, said: str, where: tuple[int, int]) -> None:
    verdict = check(sql, POLICIES["analyst"], dialect="clickhouse", written="duckdb")
    assert isinstance(verdict, Refused)
    assert {violation.rule for violation in verdict.violations} == {"dialect_differs"}
    first = verdict.violations[0]
    assert said in first.message
    assert (first.line, first.column) == where
    assert "in ClickHouse's dialect (dialect: clickhouse)" in first.hint


def test_every_difference_is_told_at_once() -> None:
    verdict = check(
        "select round(d) as r,\n n / k as q from t", POLICIES["analyst"], dialect="clickhouse", written="duckdb"
    )
    assert isinstance(verdict, Refused)
    assert [(violation.line, violation.column) for violation in verdict.violations] == [(1, 8), (2, 2)]


def test_what_the_contract_refuses_is_told_of_the_callers_text() -> None:
    verdict = check("select k,\n  foo from t", POLICIES["analyst"], dialect="clickhouse", written="duckdb")
    assert isinstance(verdict, Refused)
    assert [(v.rule, v.line, v.column) for v in verdict.violations] == [("column_not_found", 2, 3)]


def test_a_text_that_the_engine_reads_otherwise_is_refused_after_its_translation() -> None:
    """There, an output of a column's name is the column's in every clause."""
    verdict = check("select -n as k from t where k > 1", POLICIES["analyst"], dialect="clickhouse", written="duckdb")
    assert isinstance(verdict, Refused)
    assert verdict.proposed == "select -n as k from t where k > 1"
    assert all("in ClickHouse's dialect:" in violation.message for violation in verdict.violations)


@pytest.mark.parametrize("name", ["dialect", "written"])
def test_an_unknown_dialect_is_an_error_of_the_program(name: str) -> None:
    with pytest.raises(ValueError, match="no dialect 'mysql'"):
        check("select 1", POLICIES["analyst"], **{name: "mysql"})


COLUMNS = {"number": ("k", "n", "d"), "text": ("s",), "truth": ("b",), "date": ("day", "ts")}
ODD_TEXTS = st.sampled_from(["", "a", "abc", "ABC", "ä", "a\\b", "a'b", "%", "_", "\\", "a%b", "zz", "\\'"])


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@st.composite
def conditions(draw: st.DrawFn, depth: int = 2) -> str:
    kind = draw(
        st.sampled_from(["number", "text", "truth", "null", "in", "like", "date"] + ["and", "or", "not"] * (depth > 0))
    )
    if kind in ("and", "or"):
        return f"({draw(conditions(depth - 1))} {kind} {draw(conditions(depth - 1))})"
    if kind == "not":
        return f"not ({draw(conditions(depth - 1))})"
    if kind == "number":
        return f"{draw(numbers(1))} {draw(comparisons())} {draw(numbers(1))}"
    if kind == "text":
        return f"s {draw(comparisons())} {quoted(draw(ODD_TEXTS))}"
    if kind == "null":
        return f"{draw(st.sampled_from(['n', 'd', 's', 'b', 'day']))} is {draw(st.sampled_from(['null', 'not null']))}"
    if kind == "in":
        return f"n {draw(st.sampled_from(['in', 'not in']))} (1, {draw(st.integers(-7, 7))}, 5)"
    if kind == "like":
        pattern = draw(st.sampled_from(["a%", "%b", "_", "", "a_c", "ä%"]))
        return f"s {draw(st.sampled_from(['like', 'not like']))} {quoted(pattern)}"
    if kind == "date":
        return f"day {draw(comparisons())} date '2026-0{draw(st.integers(1, 4))}-01'"
    return "b"


def comparisons() -> st.SearchStrategy[str]:
    return st.sampled_from(["=", "<>", "<", "<=", ">", ">="])


@st.composite
def numbers(draw: st.DrawFn, depth: int = 2) -> str:
    kind = draw(st.sampled_from(["column", "literal"] + ["sum", "part", "case", "coalesce", "abs"] * (depth > 0)))
    if kind == "column":
        return draw(st.sampled_from(COLUMNS["number"]))
    if kind == "literal":
        return str(draw(st.integers(-9, 9)))
    if kind == "sum":
        return f"({draw(numbers(depth - 1))} {draw(st.sampled_from(['+', '-', '*']))} {draw(numbers(depth - 1))})"
    if kind == "part":
        return f"({draw(numbers(depth - 1))} / nullif({draw(numbers(depth - 1))}, 0))"
    if kind == "case":
        return f"case when {draw(conditions(0))} then {draw(numbers(0))} else {draw(numbers(0))} end"
    if kind == "coalesce":
        return f"coalesce({draw(numbers(depth - 1))}, 7)"
    return f"abs({draw(numbers(depth - 1))})"


@st.composite
def statements(draw: st.DrawFn) -> str:
    """A listing or an aggregate, with an order that leaves nothing open."""
    where = f" where {draw(conditions())}" if draw(st.booleans()) else ""
    if draw(st.booleans()):
        return f"select k, {draw(numbers())} as x, s as y from t{where} order by k"
    key = draw(st.sampled_from(["n", "s", "b", "day"]))
    value = draw(st.sampled_from(["sum", "avg", "min", "max", "count"]))
    narrowed = f" filter (where {draw(conditions(1))})" if draw(st.booleans()) else ""
    having = f" having count(*) {draw(comparisons())} {draw(st.integers(0, 3))}" if draw(st.booleans()) else ""
    order = draw(st.sampled_from(["", " desc", " nulls first", " desc nulls first"]))
    return (
        f"select {key}, {value}({draw(numbers())}){narrowed} as x, count(*) as c from t{where} "
        f"group by {key}{having} order by {key}{order}"
    )


def rows() -> st.SearchStrategy[tuple[tuple[object, ...], ...]]:
    one = st.tuples(
        st.none() | st.integers(-9, 9),
        st.none() | st.sampled_from([0.0, -0.5, 2.5, 1e-9, 1e9]),
        st.none() | ODD_TEXTS,
        st.none() | st.booleans(),
        st.none() | st.sampled_from(["1999-12-31", "2026-01-01", "2026-02-28"]),
        st.none() | st.sampled_from(["2026-01-01 00:00:00", "1999-12-31 23:59:59"]),
    )
    return st.lists(one, min_size=1, max_size=6).map(lambda found: tuple((k, *row) for k, row in enumerate(found)))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(sql=statements(), data=rows(), written=st.sampled_from(sorted(OTHER)))
def test_whatever_is_made_of_these_parts_is_the_same_over_any_rows(
    world: Both, sql: str, data: tuple[tuple[object, ...], ...], written: str
) -> None:
    world.fill(data)
    text = sql.replace("\\", "\\\\") if written == "clickhouse" else sql
    there = check(text, POLICIES["analyst"], dialect=OTHER[written], written=written)
    if isinstance(there, Refused):
        assert {violation.message.partition(" made one")[0] for violation in there.violations} == {
            "values of several types are"
        }
        return
    own, _ = in_both(text, written)
    try:
        assert alike(world.rows(own), world.rows(there), ordered=True), (own.sql, there.sql, data)
    finally:
        world.fill(ROWS)
