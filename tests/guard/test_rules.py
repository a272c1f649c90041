"""RULES is what `check` does: the codes that each rule names are the ones that it reports, and all codes are there."""

from contextlib import suppress

import pytest

from gateway.guard import Rule
from gateway.guard.report import Enough
from gateway.guard.rules import RULES, Statement
from tests.guard import limits, world
from tests.guard.corpora import Case, read

AFTERWARDS = {Rule.RENDERING_CHANGED, Rule.DIALECT_DIFFERS, Rule.REFEREE_DISAGREES}
"""Of what runs, not of what was written."""


def codes_by_rule(statement: Statement) -> list[set[Rule]]:
    """What each rule adds to the report, in order."""
    found = []
    for rule in RULES:
        before = len(statement.report.violations)
        goes_on = False
        with suppress(Enough):
            goes_on = rule.holds(statement)
        found.append({violation.rule for violation in statement.report.violations[before:]})
        if not goes_on:
            break
    return found


@pytest.mark.parametrize("case", read("refused"), ids=str)
def test_each_rule_reports_under_its_own_codes_only(case: Case) -> None:
    statement = Statement(case.sql, world.POLICIES[case.role], case.dialect)
    for rule, codes in zip(RULES, codes_by_rule(statement), strict=False):
        assert codes <= rule.codes, rule.holds.__name__


def test_every_code_belongs_to_a_rule() -> None:
    assert frozenset().union(*(rule.codes for rule in RULES)) | AFTERWARDS == set(Rule)


def test_every_code_that_a_rule_names_is_one_that_it_reports() -> None:
    seen: list[set[Rule]] = [set() for _ in RULES]
    texts = [(case.sql, case.role, case.dialect) for case in (*read("refused"), *read("allowed"))]
    texts += [(sql, "analyst", "duckdb") for sql, _ in limits.cases()]
    for sql, role, dialect in texts:
        statement = Statement(sql, world.POLICIES[role], dialect)
        for codes, found in zip(seen, codes_by_rule(statement), strict=False):
            codes |= found
        seen[-1] |= {warning.rule for warning in statement.report.warnings}
    assert [set(rule.codes) for rule in RULES] == seen
