"""Statements made to exhaust the parser are answered in time, and never end the process that checks them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.guard import Approved, Refused, Rule, check
from gateway.guard.bounds import MAX_BARE_JOINS, MAX_JOINS, MAX_PENDING, MAX_RETRIED
from gateway.guard.report import MAX_REASONS
from tests.guard import hostile, world


def test_no_hostile_statement_crashes_the_process_or_takes_a_second() -> None:
    """In a process of its own: with a compiled sqlglot, what goes too deep is no exception but a crash."""
    root = Path(__file__).parents[2]
    ran = subprocess.run([sys.executable, "-m", "tests.guard.hostile"], capture_output=True, text=True, cwd=root)
    assert ran.returncode == 0, ran.stderr
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [answer["name"] for answer in answers[::2]] == list(hostile.statements())
    assert [answer for answer in answers if answer["seconds"] >= 1.0] == []


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        pytest.param("select " + "not " * MAX_PENDING + "true", Rule.TOO_DEEP, id="signs in a row"),
        pytest.param("select " + "not (1 = " * 45 + "1", Rule.TOO_DEEP, id="signs over brackets"),
        pytest.param("select " + "int2 (" * (MAX_RETRIED + 1) + "1", Rule.TOO_DEEP, id="types in types"),
        pytest.param("select " + "f(1 limit (" * (MAX_RETRIED + 1) + "1", Rule.TOO_DEEP, id="limits in limits"),
        pytest.param("select 1 from a" + " join b" * (MAX_BARE_JOINS + 1), Rule.TOO_MANY_JOINS, id="bare joins"),
        pytest.param(
            "select 1 from a" + " join b as on" * (MAX_BARE_JOINS + 1), Rule.TOO_MANY_JOINS, id="ON as a name"
        ),
        pytest.param(
            "select 1 from a join (select 1 from a join b join c) join (select 1 from a join b join c) x",
            Rule.TOO_MANY_JOINS,
            id="bare joins over brackets",
        ),
        pytest.param("select 1 from a" + " cross join b" * (MAX_JOINS + 1), Rule.TOO_MANY_JOINS, id="joins"),
    ],
)
def test_what_the_parser_recurses_on_is_bounded_before_it(sql: str, rule: Rule) -> None:
    verdict = check(sql, world.ANALYST)
    assert isinstance(verdict, Refused)
    assert [violation.rule for violation in verdict.violations] == [rule]


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) as n from fct_daily f join dim_experiments d on f.experiment_id = d.experiment_id",
        "select " + "(" * 35 + "not not not true" + ")" * 35 + " as deep",
        "select - - - 1 as x, not not true as y",
        "select cast(cast(cast(1 as decimal(9, 2)) as double) as decimal(4)) as x, date(date(date '2026-01-01')) as d",
    ],
)
def test_honest_nesting_is_within_the_bounds(sql: str) -> None:
    assert isinstance(check(sql, world.ANALYST), Approved)


def test_reasons_are_told_up_to_a_bound() -> None:
    columns = ", ".join(f"zz{i}" for i in range(MAX_REASONS * 2))
    verdict = check(f"select {columns} from dim_experiments", world.ANALYST)
    assert isinstance(verdict, Refused)
    assert [v.rule for v in verdict.violations] == [Rule.COLUMN_NOT_FOUND] * MAX_REASONS


def test_a_rendering_that_outgrows_a_bound_is_refused_by_that_bound() -> None:
    """Each relation is written out as a projection, so that a text just inside a bound can be rendered beyond it."""
    counts = ", ".join(f"(select count(*) from dim_experiments) as c{i}" for i in range(300))
    verdict = check(f"select {counts}", world.ANALYST)
    assert isinstance(verdict, Refused)
    assert [violation.rule for violation in verdict.violations] == [Rule.TOO_MANY_TOKENS]
