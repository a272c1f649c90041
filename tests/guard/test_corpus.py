"""The corpora: honest statements pass and give the engine's own rows; the others are refused by exact codes."""

from pathlib import Path

import duckdb
import pytest

from gateway.guard import Approved, Refused, Rule, check
from gateway.guard.decision import WARNINGS
from tests.guard import limits, world
from tests.guard.corpora import Case, read

ALLOWED, REFUSED = read("allowed"), read("refused")
ON_DUCKDB = [case for case in ALLOWED if case.dialect == "duckdb"]


def approved(case: Case) -> Approved:
    verdict = check(case.sql, world.POLICIES[case.role], dialect=case.dialect)
    assert isinstance(verdict, Approved), verdict
    return verdict


@pytest.mark.parametrize("case", ALLOWED, ids=str)
def test_honest_statement_is_approved_with_exact_warnings(case: Case) -> None:
    assert tuple(warning.rule.value for warning in approved(case).warnings) == case.warns


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_statement_is_refused_for_exactly_these_reasons(case: Case) -> None:
    verdict = check(case.sql, world.POLICIES[case.role], dialect=case.dialect)
    assert isinstance(verdict, Refused), verdict
    assert tuple(violation.rule.value for violation in verdict.violations) == case.rules


@pytest.mark.parametrize("case", ALLOWED, ids=str)
def test_checking_what_runs_approves_it_unchanged(case: Case) -> None:
    first = approved(case)
    again = check(first.sql, world.POLICIES[case.role], dialect=case.dialect)
    assert isinstance(again, Approved), again
    assert again.sql == first.sql
    assert (again.assets, again.columns, again.functions, again.pins) == (
        first.assets,
        first.columns,
        first.functions,
        first.pins,
    )


@pytest.mark.parametrize("case", ON_DUCKDB, ids=str)
def test_no_approved_statement_returns_a_canary_or_tells_one_secret_from_another(
    case: Case, guarded: duckdb.DuckDBPyConnection, other_secrets: duckdb.DuckDBPyConnection
) -> None:
    rows = guarded.execute(approved(case).sql).fetchall()
    assert sorted(map(str, rows)) == sorted(map(str, other_secrets.execute(approved(case).sql).fetchall()))
    assert world.CANARY not in str(rows)
    assert "9876543.25" not in str(rows)


@pytest.mark.parametrize("case", [c for c in ON_DUCKDB if c.role == "analyst" and c.family != "access"], ids=str)
def test_guarded_rows_are_the_engines_own(
    case: Case, guarded: duckdb.DuckDBPyConnection, visible: duckdb.DuckDBPyConnection
) -> None:
    """Rendering must not change the answer: the caller's text, run as it stands, gives the same rows."""
    ran = guarded.execute(approved(case).sql)
    names = [column[0].lower() for column in ran.description or ()]
    rows = sorted(map(str, ran.fetchall()))
    plain = visible.execute(case.sql)
    assert len(names) == len(plain.description or ())
    assert rows == sorted(map(str, plain.fetchall()))


ELSEWHERE = {Rule.REFEREE_DISAGREES.value, Rule.DIALECT_DIFFERS.value}
"""tests/test_referee_at_run_time.py: it takes a hole in the guard; test_translation.py: it takes a second dialect."""


def test_every_rule_has_a_case() -> None:
    refused = {rule for case in REFUSED for rule in case.rules} | {rule.value for _, rule in limits.cases()}
    warned = {rule for case in ALLOWED for rule in case.warns}
    assert {rule.value for rule in Rule} == refused | warned | ELSEWHERE
    assert warned == {rule.value for rule in WARNINGS}


def test_the_page_of_rules_documents_every_rule() -> None:
    page = (Path(__file__).parents[2] / "docs" / "guard-rules.md").read_text(encoding="utf-8")
    missing = [rule.value for rule in Rule if f"### `{rule.value}`" not in page]
    assert missing == []
    titles = [line[5:-1] for line in page.splitlines() if line.startswith("### `")]
    assert sorted(titles) == sorted(rule.value for rule in Rule)


FAMILIES = {"shape", "relations", "columns", "functions", "meaning", "cost", "drift"}


@pytest.mark.parametrize(("dialect", "allowed", "refused"), [("duckdb", 260, 400), ("clickhouse", 400, 600)])
def test_every_family_has_allowed_and_refused_cases_and_the_corpora_are_large(
    dialect: str, allowed: int, refused: int
) -> None:
    passed = [case for case in ALLOWED if case.dialect == dialect]
    stopped = [case for case in REFUSED if case.dialect == dialect]
    assert {case.family for case in passed} >= FAMILIES
    assert {case.family for case in stopped} == FAMILIES
    assert len(passed) >= allowed
    assert len(stopped) >= refused


@pytest.mark.parametrize("dialect", ["duckdb", "clickhouse"])
def test_every_rule_has_a_refused_case_in_each_dialect(dialect: str) -> None:
    refused = {rule for case in REFUSED if case.dialect == dialect for rule in case.rules}
    refused |= {rule.value for _, rule in limits.cases()} | {rule.value for rule in WARNINGS}
    refused |= ELSEWHERE
    assert sorted({rule.value for rule in Rule} - refused) == []


def test_case_names_are_unique_within_a_family() -> None:
    names = [(case.dialect, case.family, case.name) for case in (*ALLOWED, *REFUSED)]
    assert len(names) == len(set(names))
