"""A refusal says what to write instead: what its hints say is put in, and the statement is approved and runs."""

import re
from dataclasses import dataclass

import duckdb
import pytest

from gateway.guard import Approved, Refused, check
from gateway.guard.advice import FUNCTIONS, FUNCTIONS_CLICKHOUSE
from gateway.guard.functions import functions_of
from tests.guard import world
from tests.guard.corpora import CORPUS

_CASE = re.compile(
    r"^-- refused: (?P<rules>.*)\n-- told: (?P<told>.*)\n(?P<sql>[^\n]+)\n-- mended\n(?P<mended>[^\n]+)$", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Repair:
    """One refused statement, what its hints must say, and the statement that follows from them."""

    rules: tuple[str, ...]
    told: tuple[str, ...]
    sql: str
    mended: str


def read() -> list[Repair]:
    """Every case of the file."""
    found = _CASE.finditer((CORPUS / "repairs.sql").read_text(encoding="utf-8"))
    return [
        Repair(tuple(case["rules"].split(", ")), tuple(case["told"].split(" | ")), case["sql"], case["mended"])
        for case in found
    ]


REPAIRS = read()


def refused(sql: str) -> Refused:
    verdict = check(sql, world.ANALYST)
    assert isinstance(verdict, Refused), verdict
    return verdict


@pytest.mark.parametrize("repair", REPAIRS, ids=lambda repair: repair.sql[:70])
def test_the_hints_are_enough_to_mend_the_statement(repair: Repair, guarded: duckdb.DuckDBPyConnection) -> None:
    verdict = refused(repair.sql)
    assert tuple(violation.rule.value for violation in verdict.violations) == repair.rules
    hints = " / ".join(violation.hint for violation in verdict.violations)
    assert [told for told in repair.told if told not in hints] == [], hints
    mended = check(repair.mended, world.ANALYST)
    assert isinstance(mended, Approved), mended
    guarded.execute(mended.sql).fetchmany(5)


def test_there_are_many_repairs_and_every_reason_has_a_hint() -> None:
    assert len(REPAIRS) >= 70
    assert [v for repair in REPAIRS for v in refused(repair.sql).violations if not v.hint] == []


def test_every_reason_has_a_place_unless_only_the_result_shows_it() -> None:
    lost = {v.rule.value for repair in REPAIRS for v in refused(repair.sql).violations if v.line == 0}
    assert lost <= {"column_filter_only", "column_aggregate_only"}


def test_advice_is_for_functions_that_are_not_allowed() -> None:
    assert sorted(FUNCTIONS.keys() & functions_of("duckdb").names) == []
    known = {name.lower() for name in functions_of("clickhouse").names}
    assert sorted(FUNCTIONS_CLICKHOUSE.keys() & known) == []


@pytest.mark.parametrize(
    "expression",
    [
        "today()", "leftPad('', 10, 'x')", "stddevSamp(n_events)", "varSamp(n_events)", "countIf(n_events > 1)",
        "formatDateTime(date_day, '%Y-%m-%d')", "has([1, 2], n_events)", "position(experiment_id, 'e')",
        "EXTRACT(year FROM date_day)", "toYear(date_day)", "quantileExactInclusive(0.5)(n_events)",
        "quantileExact(0.5)(n_events)", "arrayStringConcat(groupArray(experiment_id), ', ')",
        "argMax(n_events, date_day)", "argMin(n_events, date_day)", "lagInFrame(n_events) OVER (ORDER BY date_day)",
    ],
)  # fmt: skip
def test_what_is_advised_in_clickhouses_dialect_is_allowed_there(expression: str) -> None:
    sql = f"select {expression} as x from fct_daily where experiment_id = 'e_one'"
    verdict = check(sql, world.ANALYST, dialect="clickhouse")
    rules = {violation.rule for violation in getattr(verdict, "violations", ())}
    assert rules <= {"pin_not_fixed", "not_additive"}
