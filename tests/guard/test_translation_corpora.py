"""Of the corpora, each statement that goes through to the other dialect gives the same rows there, on the same data."""

from collections.abc import Iterator, Mapping

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.adapters.clickhouse_limits import MEANING
from gateway.guard import Approved, check
from tests.clickhouse import Database
from tests.guard import world
from tests.guard.corpora import Case, read
from tests.guard.test_clickhouse_properties import mutated as mutated_clickhouse
from tests.guard.test_properties import SETTINGS, mutated
from tests.guard.world_both import Both, alike

OTHER = {"duckdb": "clickhouse", "clickhouse": "duckdb"}
ALLOWED = read("allowed")
REFUSED = read("refused")


def over(case: Case) -> Approved | None:
    verdict = check(case.sql, world.POLICIES[case.role], dialect=OTHER[case.dialect], written=case.dialect)
    return verdict if isinstance(verdict, Approved) else None


THROUGH = [case for case in ALLOWED if over(case)]
UNTIED = [case for case in THROUGH if "row_number" not in case.sql.lower()]
"""A number among equals is any engine's to choose."""


@pytest.fixture(scope="module")
def both(guarded: duckdb.DuckDBPyConnection, clickhouse: Mapping[str, Database]) -> Iterator[Both]:
    house = Database("guard_full")
    for name, value in MEANING.items():
        house.execute(f"SET {name} = '{value}'")
    yield Both(guarded, house)
    house.close()


@pytest.mark.parametrize("dialect", OTHER)
def test_a_good_part_of_what_is_allowed_goes_through(dialect: str) -> None:
    there = [case for case in ALLOWED if case.dialect == dialect]
    assert len([case for case in THROUGH if case.dialect == dialect]) > len(there) // 5


@pytest.mark.parametrize("case", UNTIED, ids=str)
def test_what_goes_through_gives_the_same_rows(case: Case, both: Both) -> None:
    own = check(case.sql, world.POLICIES[case.role], dialect=case.dialect)
    there = over(case)
    assert isinstance(own, Approved)
    assert there is not None
    assert alike(both.rows(own), both.rows(there), ordered=False), (own.sql, there.sql)


def test_nothing_that_is_refused_at_home_goes_through() -> None:
    assert [str(case) for case in REFUSED if over(case)] == []


@settings(SETTINGS, max_examples=150)
@given(st.one_of(mutated(), mutated_clickhouse()), st.sampled_from(sorted(OTHER)))
def test_whatever_is_typed_gets_a_verdict_and_what_passes_is_approved_as_it_stands(sql: str, written: str) -> None:
    verdict = check(sql, world.ANALYST, dialect=OTHER[written], written=written)
    if isinstance(verdict, Approved):
        assert (verdict.proposed, verdict.dialect) == (sql, OTHER[written])
        assert isinstance(check(verdict.sql, world.ANALYST, dialect=verdict.dialect), Approved)
    else:
        assert all(0 <= reason.line <= sql.count("\n") + 1 for reason in verdict.violations)
