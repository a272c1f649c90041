"""Conditions, orders and measures that callers write: a second entrance for SQL, tried as hard as the first."""

import re
from collections.abc import Mapping

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.guard import Approved, Refused, Rule, check
from gateway.guard.expression import MAX_EXPRESSION, Expression, Use, check_expression
from tests.clickhouse import Database
from tests.guard import world
from tests.guard.bypasses import Engines, holds
from tests.guard.corpora import Case, read
from tests.guard.test_clickhouse_properties import FRAGMENTS as FRAGMENTS_CLICKHOUSE
from tests.guard.test_properties import FRAGMENTS, SETTINGS

CASES = read("expressions")
HONEST, HOSTILE = [case for case in CASES if not case.rules], [case for case in CASES if case.rules]
USES = {"conditions": Use.CONDITION, "orders": Use.ORDER, "measures": Use.MEASURE}
COHORT = world.ANALYST.assets["fct_cohort"]
"""It has a hidden column, one for conditions alone, one for aggregates alone, and three plain ones."""


def read_as(text: str, use: Use, dialect: str = "duckdb") -> Expression | Refused:
    grouped = ("platform",) if use is Use.MEASURE else None
    return check_expression(text, COHORT, world.ANALYST, use, dialect=dialect, grouped=grouped)


def statement(found: Expression, use: Use) -> str:
    """The statement that the expression becomes a part of, put together as text."""
    if use is Use.CONDITION:
        return f"select platform from fct_cohort where variation_id <> 'nobody' and ({found.sql})"
    if use is Use.ORDER:
        return f"select platform from fct_cohort order by {found.sql}{' desc' if found.descending else ''}"
    return f"select platform as p, {found.sql} as {found.alias or 'm'} from fct_cohort group by platform"


def verdict_on(text: str, use: Use, dialect: str) -> Approved | Refused:
    """Of the expression by itself, and then of the whole statement."""
    found = read_as(text, use, dialect)
    return found if isinstance(found, Refused) else check(statement(found, use), world.ANALYST, dialect=dialect)


@pytest.mark.parametrize("case", HOSTILE, ids=str)
def test_a_hostile_expression_is_refused_for_exactly_these_reasons(case: Case) -> None:
    verdict = verdict_on(case.sql, USES[case.family], case.dialect)
    assert isinstance(verdict, Refused), verdict
    assert tuple(violation.rule.value for violation in verdict.violations) == case.rules


@pytest.mark.parametrize("case", HONEST, ids=str)
def test_an_honest_expression_is_approved_with_its_statement(case: Case) -> None:
    verdict = verdict_on(case.sql, USES[case.family], case.dialect)
    assert isinstance(verdict, Approved), verdict
    assert verdict.assets == {"fct_cohort"}


@pytest.mark.parametrize("case", [case for case in HONEST if case.dialect == "duckdb"], ids=str)
def test_what_is_rendered_gives_the_rows_of_what_was_written(case: Case, visible: duckdb.DuckDBPyConnection) -> None:
    use = USES[case.family]
    found = read_as(case.sql, use)
    assert isinstance(found, Expression)
    written = Expression(re.sub(r"(?i) (as \w+|desc|asc nulls last)$", "", case.sql), frozenset())
    plain = statement(found, use)
    own = statement(Expression(written.sql, frozenset(), found.alias, found.descending), use)
    given, wanted = (list(map(str, visible.execute(sql).fetchall())) for sql in (plain, own))
    assert given == wanted if use is Use.ORDER else sorted(given) == sorted(wanted)


@pytest.fixture(scope="session")
def engines(
    guarded: duckdb.DuckDBPyConnection, other_secrets: duckdb.DuckDBPyConnection, request: pytest.FixtureRequest
) -> Engines:
    def clickhouse() -> Mapping[str, Database]:
        opened: Mapping[str, Database] = request.getfixturevalue("clickhouse")
        return opened

    return Engines((guarded, other_secrets), clickhouse)


@pytest.mark.parametrize("case", HONEST, ids=str)
def test_no_approved_expression_tells_one_secret_from_another(case: Case, engines: Engines) -> None:
    found = read_as(case.sql, USES[case.family], case.dialect)
    assert isinstance(found, Expression)
    holds((case.dialect, statement(found, USES[case.family])), engines)


@pytest.mark.parametrize(
    ("text", "line", "column", "token"),
    [
        ("nme = 'x'", 1, 1, "nme"),
        ("platform = 'x'\n  and  nme = 'y'", 2, 8, "nme"),
        ("platform = 'x' and max(platform) = 'y'", 1, 24, "max"),
        ("platform = 'x' and getenv('y') = 'y'", 1, 20, "getenv"),
        ("platform = 'x') or (true", 1, 15, ")"),
    ],
)
def test_places_are_those_of_the_callers_text(text: str, line: int, column: int, token: str) -> None:
    refused = read_as(text, Use.CONDITION)
    assert isinstance(refused, Refused)
    (reason,) = refused.violations
    assert (reason.token, reason.line) == (token, line)
    assert reason.column == column or reason.token == "max"  # noqa: S105 - an aggregate's place is its first column's
    assert refused.proposed == text


def test_hidden_and_absent_columns_read_the_same() -> None:
    hidden, absent = (read_as(f"{name} = 'x'", Use.CONDITION) for name in ("unit_id", "zzzzzzz"))
    assert isinstance(hidden, Refused)
    assert isinstance(absent, Refused)
    assert hidden.violations[0].message.replace("unit_id", "zzzzzzz") == absent.violations[0].message
    assert hidden.violations[0].allowed == absent.violations[0].allowed
    assert "unit_id" not in hidden.violations[0].hint


def test_an_expression_that_is_too_long_is_not_read() -> None:
    refused = read_as("platform = '" + "x" * MAX_EXPRESSION + "'", Use.CONDITION)
    assert isinstance(refused, Refused)
    assert [reason.rule for reason in refused.violations] == [Rule.STATEMENT_TOO_LONG]


@pytest.mark.parametrize("opening", ["(", "not (", "lower(", "case when true then ", "- "])
def test_deep_nesting_is_refused_and_never_raises(opening: str) -> None:
    text = (opening * 400 + "platform" + ")" * (400 * opening.count("(")))[:MAX_EXPRESSION]
    assert isinstance(read_as(text, Use.CONDITION), Refused)


HOSTILE_FRAGMENTS = [
    *FRAGMENTS,
    ") union select person from payroll where (true",
    ") or (1 = 1",
    "or 1 = 1",
    ")",
    "(",
    ";",
    "-- ",
    "desc",
    "as x",
    "limit 1",
    ", unit_id",
    "'",
    "''",
    "e'",
    "\\",
    "unit_id",
    "country",
    "spend",
    "t.unit_id",
    "fct_cohort.unit_id",
]


@st.composite
def mutated(draw: st.DrawFn, dialect: str) -> tuple[str, Use]:
    """An expression of the corpora, honest or hostile, with fragments in it; re-spaced, or joined to another."""
    cases = [case for case in CASES if case.dialect == dialect]
    case = draw(st.sampled_from(cases))
    fragments = HOSTILE_FRAGMENTS if dialect == "duckdb" else [*HOSTILE_FRAGMENTS, *FRAGMENTS_CLICKHOUSE]
    parts = re.split(r"(\s+|,|\(|\))", case.sql)
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(parts) - 1))
        parts[at : at + draw(st.integers(0, 1))] = [" ", draw(st.sampled_from(fragments)), " "]
    text = "".join(parts)
    other = draw(st.sampled_from(cases)).sql
    changes = [
        text,
        text.upper(),
        text.replace(" ", "/**/"),
        text.replace(" ", "\n"),
        f"({text})",
        f"{text} or {other}",
        f"not ({text})",
        f"{text} and {other}",
    ]
    return changes[draw(st.integers(0, len(changes) - 1))], draw(st.sampled_from([USES[case.family], *Use]))


def stays_in_its_place(text: str, use: Use, dialect: str, engines: Engines) -> None:
    """Refused; or the statement around it is the same statement, over the same mart, and tells no secret."""
    found = read_as(text, use, dialect)
    if isinstance(found, Refused):
        assert found.violations
        assert found.proposed == text
        return
    assert found.columns <= {column.name for column in COHORT.columns.values()}
    whole = statement(found, use)
    verdict = check(whole, world.ANALYST, dialect=dialect)
    if isinstance(verdict, Approved):
        assert verdict.assets == {"fct_cohort"}
        code = re.sub(r"'(?:[^'\\]|\\.|'')*'", "", verdict.sql.upper())
        assert code.count("SELECT") == 2  # the statement, and the mart's projection in it
        assert "UNION" not in code
        holds((dialect, whole), engines)


@settings(SETTINGS, max_examples=600)
@given(mutated("duckdb"))
def test_mutated_expressions_stay_in_their_place(engines: Engines, tried: tuple[str, Use]) -> None:
    stays_in_its_place(*tried, "duckdb", engines)


@settings(SETTINGS, max_examples=200)
@given(mutated("clickhouse"))
def test_mutated_expressions_stay_in_their_place_on_clickhouse(engines: Engines, tried: tuple[str, Use]) -> None:
    stays_in_its_place(*tried, "clickhouse", engines)


@SETTINGS
@given(st.text(max_size=200), st.sampled_from(list(Use)), st.sampled_from(["duckdb", "clickhouse"]))
def test_raw_text_never_raises(text: str, use: Use, dialect: str) -> None:
    assert isinstance(read_as(text, use, dialect), Expression | Refused)
