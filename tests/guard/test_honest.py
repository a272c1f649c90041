"""Statements that people write over the gateway's own contract: approved, and answered as the marts would."""

import re
from dataclasses import dataclass
from typing import Any

import pytest

from gateway.adapters.duckdb_engine import DuckDBEngine
from gateway.guard import Approved, Policy, Refused, check
from gateway.wiring import policy_for
from tests.conftest import Demo
from tests.guard.corpora import CORPUS

_CASE = re.compile(
    r"^-- case: (?P<name>.*)\n(?:-- refused: (?P<rules>.*)\n)?(?P<sql>(?:(?!-- case: ).*\n?)*)", re.MULTILINE
)
_ONLY_HERE = {"list filter with an arrow lambda"}
"""Refused by the engine as it was written, and approved because the rendering says it in the new way."""


@dataclass(frozen=True, slots=True)
class Written:
    """One statement, and the codes of its refusal if it is refused."""

    name: str
    sql: str
    rules: tuple[str, ...]


def read() -> list[Written]:
    """Every statement of the file."""
    found = _CASE.finditer((CORPUS / "honest.sql").read_text(encoding="utf-8"))
    return [
        Written(case["name"], case["sql"].strip(), tuple(case["rules"].split(", ") if case["rules"] else ()))
        for case in found
    ]


WRITTEN = read()
APPROVED = [case for case in WRITTEN if not case.rules]


@pytest.fixture(scope="module")
def analyst(demo: Demo) -> Policy:
    """The analyst's view, as the service makes it."""
    return policy_for(demo.gateway.contract.mapping(), "analyst")


@pytest.mark.parametrize("case", WRITTEN, ids=lambda case: case.name)
def test_what_people_write_is_approved_or_refused_as_noted(case: Written, analyst: Policy) -> None:
    verdict = check(case.sql, analyst)
    found = tuple(v.rule.value for v in verdict.violations) if isinstance(verdict, Refused) else ()
    assert found == case.rules, verdict


@pytest.mark.parametrize("case", APPROVED, ids=lambda case: case.name)
def test_the_published_marts_give_the_same_rows_unguarded(case: Written, analyst: Policy, demo: Demo) -> None:
    """The published file holds no hidden column, so the caller's own text may be run on it for comparison."""
    verdict = check(case.sql, analyst)
    assert isinstance(verdict, Approved)
    engine = demo.gateway.engine
    assert isinstance(engine, DuckDBEngine)
    with engine.connection(10) as connection:
        rows = _told(connection.execute(verdict.sql).fetchall())
        if case.name not in _ONLY_HERE:
            assert rows == _told(connection.execute(case.sql).fetchmany(verdict.max_rows + 1))


def _told(rows: list[tuple[Any, ...]]) -> list[str]:
    """Rows in one order, and lists; figures to nine digits: several threads collect and sum in any order."""
    return sorted(str(tuple(map(_one, row))) for row in rows)


def _one(value: Any) -> Any:
    if isinstance(value, list):
        return sorted(map(_one, value), key=str)
    return float(f"{value:.9g}") if isinstance(value, float) else value


def test_few_of_them_are_refused() -> None:
    assert len(WRITTEN) >= 200
    assert len(WRITTEN) - len(APPROVED) <= 50
