"""Steps that are read more than once are made once; those that cost nothing, or are filtered, stay where they are."""

import pytest
import sqlglot
from sqlglot import exp

from gateway.marts.clickhouse.steps import separate

GROUPED = "select k, count(*) as n from db.t group by k"
JOINED = "select a.k as k, b.n as n from db.t as a inner join db.u as b on a.k = b.k"
PLAIN = "select k, n from db.t"


def separated(sql: str) -> tuple[list[str], str]:
    query = sqlglot.parse_one(sql, dialect="clickhouse")
    assert isinstance(query, exp.Query)
    steps, left = separate(query, "beside", "m")
    return [step.called for step in steps], left.sql(dialect="clickhouse")


@pytest.mark.parametrize(
    ("step", "reader", "made"),
    [
        pytest.param(GROUPED, "select k from s union all select n from s", True, id="grouped, read twice"),
        pytest.param(GROUPED, "select k from s where n > 1 union all select n from s", True, id="grouped, filtered"),
        pytest.param(GROUPED, "select k from s", False, id="grouped, read once"),
        pytest.param(JOINED, "select k from s union all select n from s", True, id="joined, read twice"),
        pytest.param(JOINED, "select k from s where n > 1 union all select n from s", False, id="joined, filtered"),
        pytest.param(PLAIN, "select k from s union all select n from s", False, id="only named"),
    ],
)
def test_what_is_made_once(step: str, reader: str, made: bool) -> None:
    steps, left = separated(f"with s as ({step}) {reader}")
    assert steps == (["m__s"] if made else [])
    assert ("WITH" not in left and left.count("beside") == 2) if made else left.startswith("WITH s AS")


def test_a_step_takes_the_steps_before_it_along() -> None:
    query = sqlglot.parse_one(
        f"with a as ({PLAIN}), b as (select k, count(*) as n from a group by k), c as (select distinct k from b)"
        " select b.k from b inner join c on b.k = c.k inner join c as d on b.k = d.k inner join a on a.k = b.k",
        dialect="clickhouse",
    )
    assert isinstance(query, exp.Query)
    (b, c), left = separate(query, "beside", "m")
    assert b.select.startswith("WITH a AS (")
    assert c.select.endswith('SELECT DISTINCT k FROM "beside"."m__b" AS b')
    assert left.sql(dialect="clickhouse").startswith('WITH a AS (SELECT k, n FROM db.t) SELECT b.k FROM "beside"')
