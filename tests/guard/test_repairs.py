"""A refusal says what to write instead: what its hints say is put in, and the statement is approved and runs."""

import re
from dataclasses import dataclass

import duckdb
import pytest

from gateway.guard import Approved, Refused, check
from gateway.guard.advice import FUNCTIONS
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
