"""Open-ended input: raw text never raises, honest statements change nothing, mutated attacks stay in the contract."""

import re
import time

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.guard import Approved, Refused, check
from tests.guard import world
from tests.guard.corpora import read
from tests.guard.grammar import honest, joined
from tests.guard.referee import relations

ATTACKS = [case.sql for case in read("refused") if case.family in ("relations", "columns", "functions", "shape")]
HONEST = [case.sql for case in read("allowed") if case.role == "analyst" and case.dialect == "duckdb"]
FRAGMENTS = [
    "owner",
    "unit_id",
    "payroll",
    "(select max(salary) from payroll)",
    "hr.dim_experiments",
    "read_text('/etc/passwd')",
    "d.*",
    "*",
    "; drop table x",
    "--",
    "/*",
    "*/",
    "'",
    '"',
    "union all select person, 1 from payroll",
    "t.owner",
    "columns('.*')",
    "$$",
    "::",
    "exists (select 1 from payroll)",
    "in (select person from payroll)",
    "values ((select person from payroll))",
    "dim_experiments",
    "with payroll as (select * from payroll)",
    "order by owner",
    "group by owner",
    "having max(owner) > ''",
    "unnest(t)",
    "lambda x: x",
    "lambda x: owner",
    "list_transform([1], lambda t: t.owner)",
    "unnest(split(owner, '-'))",
    "cross join unnest([owner]) as u(x)",
    "columns(['owner', 'name'])",
    "columns(lambda c: c like 'own%')",
    "* rename (owner as o)",
    "at time zone owner",
    "glob owner",
    "[1:length(owner)]",
    "& (select max(salary) from payroll)",
    "exclude ties",
    "format(owner, 1)",
    "row(owner, 1)",
    "$x$",
    "filter (where (select true from payroll))",
    "country",
    "spend",
    "max(spend)",
    "over (order by owner)",
    "limit (select 1)",
]
SETTINGS = settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def inside_the_contract(verdict: Approved, guarded: duckdb.DuckDBPyConnection) -> None:
    """Nothing that an approved statement reads, or returns, is outside what the role may see."""
    seen = {(asset.name, key) for asset in world.ANALYST.assets.values() for key in asset.columns}
    assert verdict.columns <= seen
    tables, functions = relations(guarded, verdict.sql)
    assert tables == {asset.lower() for asset in verdict.assets}
    assert functions <= {"range", "generate_series", "unnest"}
    try:
        rows = guarded.execute(verdict.sql).fetchall()
    except duckdb.Error:
        return  # the engine may find a type error; it read nothing
    told = str(rows).replace("CANARY'", "")
    for canary in ("CANARY-", "1234567", "9876543.25"):
        assert canary not in told or canary in verdict.proposed


@SETTINGS
@given(st.text(max_size=300))
def test_raw_text_never_raises_and_is_quick(text: str) -> None:
    started = time.perf_counter()
    assert isinstance(check(text, world.ANALYST), Approved | Refused)
    assert time.perf_counter() - started < 1.0


WORDS = sorted({word for sql in (*ATTACKS, *HONEST) for word in re.findall(r"\w+|[^\w\s]|\s+", sql)})


@SETTINGS
@given(st.lists(st.sampled_from(WORDS), max_size=60))
def test_words_of_sql_in_any_order_never_raise(words: list[str]) -> None:
    assert isinstance(check(" ".join(words), world.ANALYST), Approved | Refused)


def rows_of(con: duckdb.DuckDBPyConnection, sql: str) -> list[str] | None:
    """The rows of an approved statement, in an order of their own; None where the engine finds a type error."""
    try:
        return sorted(map(str, con.execute(sql).fetchall()))
    except duckdb.Error:
        return None


@SETTINGS
@given(st.one_of(honest(), joined()))
def test_honest_statements_are_approved_and_give_the_same_rows(
    guarded: duckdb.DuckDBPyConnection, visible: duckdb.DuckDBPyConnection, sql: str
) -> None:
    verdict = check(sql, world.ANALYST)
    assert isinstance(verdict, Approved), verdict.violations
    again = check(verdict.sql, world.ANALYST)
    assert isinstance(again, Approved)
    assert again.sql == verdict.sql
    try:
        plain = sorted(map(str, visible.execute(sql).fetchall()))
    except duckdb.Error:
        return  # the grammar made a type error: nothing to compare
    assert sorted(map(str, guarded.execute(verdict.sql).fetchall())) == plain


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """An attack wrapped, commented, re-cased; or an honest statement with a hostile fragment in some place."""
    if draw(st.booleans()):
        sql = draw(st.sampled_from(ATTACKS))
    else:
        sql = draw(st.sampled_from(HONEST))
        parts = re.split(r"(\s+|,|\(|\))", sql)
        at = draw(st.integers(0, len(parts) - 1))
        fragment = draw(st.sampled_from(FRAGMENTS))
        parts[at : at + draw(st.integers(0, 1))] = [" ", fragment, " "]
        sql = "".join(parts)
    change = draw(st.integers(0, 8))
    changes = [
        sql,
        sql.upper(),
        sql.replace(" ", "/**/"),
        sql.replace(" ", "\n"),
        f"select * from ({sql}) z",
        f"with z as ({sql}) select * from z",
        f"{sql} union all {sql}",
        f"select exists ({sql})",
        f"select count(*) from ({sql}) z",
    ]
    return changes[change]


@settings(SETTINGS, max_examples=400)
@given(mutated())
def test_mutated_attacks_stay_inside_the_contract(guarded: duckdb.DuckDBPyConnection, sql: str) -> None:
    verdict = check(sql, world.ANALYST)
    if isinstance(verdict, Approved):
        inside_the_contract(verdict, guarded)


@settings(SETTINGS, max_examples=400)
@given(mutated())
def test_no_approved_statement_tells_one_secret_from_another(
    guarded: duckdb.DuckDBPyConnection, other_secrets: duckdb.DuckDBPyConnection, sql: str
) -> None:
    """Approved statements give the same rows when hidden columns and tables outside the contract hold other values."""
    for role in ("analyst", "partner"):
        verdict = check(sql, world.POLICIES[role])
        if isinstance(verdict, Approved):
            assert rows_of(guarded, verdict.sql) == rows_of(other_secrets, verdict.sql)


def of_a_partner(sql: str) -> str:
    """A statement of the grammar over the assets that the role `partner` has."""
    for old, new in (("dim_metrics", "dim_experiments"), ("label", "name"), ("desired", "status")):
        sql = sql.replace(old, new)
    return sql if "fct_results" in sql else sql.replace("metric_id", "experiment_id")


@settings(SETTINGS, max_examples=300)
@given(st.one_of(honest().map(of_a_partner), joined(), mutated()))
def test_rows_outside_a_roles_filter_might_as_well_not_exist(
    guarded: duckdb.DuckDBPyConnection, partner_part: duckdb.DuckDBPyConnection, sql: str
) -> None:
    """Not only are they not returned: with them deleted, every statement of the role gives the same rows."""
    verdict = check(sql, world.POLICIES["partner"])
    if isinstance(verdict, Approved):
        assert rows_of(guarded, verdict.sql) == rows_of(partner_part, verdict.sql)


@SETTINGS
@given(joined())
def test_honest_statements_of_a_role_with_row_filters_are_approved(sql: str) -> None:
    assert isinstance(check(sql, world.POLICIES["partner"]), Approved)
