"""A statement in either dialect, through the tool and the service; where it does not say, the contract does."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.ports import RefusedError
from gateway.tools import registry
from gateway.tools.base import ToolContext
from tests.conftest import Demo

CLICKHOUSE = """select status, countIf(n_variations > 2) as n, uniqExact(unit_type) as u from dim_experiments
group by status order by status"""
DUCKDB = """select status, count(*) filter (where n_variations > 2) as n, count(distinct unit_type) as u
from dim_experiments group by status order by status"""


@pytest.fixture
def ctx(demo: Demo) -> ToolContext:
    return demo.context()


def rows(ctx: ToolContext, **arguments: Any) -> list[list[Any]]:
    return registry.call("run_sql", arguments, ctx).table.rows


def test_the_tool_takes_a_statement_of_the_other_dialect(ctx: ToolContext) -> None:
    theirs = rows(ctx, statement=CLICKHOUSE, dialect="clickhouse")
    assert theirs == rows(ctx, statement=DUCKDB) == rows(ctx, statement=DUCKDB, dialect="duckdb")
    assert ctx.queries[0].info.proposed == CLICKHOUSE
    assert "countIf" not in ctx.queries[0].info.approved


def test_where_nothing_is_said_the_contract_says_it(ctx: ToolContext) -> None:
    with pytest.raises(RefusedError):
        rows(ctx, statement=CLICKHOUSE)
    told = replace(ctx, contract=ctx.contract.model_copy(update={"dialect": "clickhouse"}))
    assert rows(told, statement=CLICKHOUSE) == rows(told, statement=DUCKDB, dialect="duckdb")


def test_a_tools_own_query_is_in_the_engines_dialect_whatever_the_contract_says(ctx: ToolContext) -> None:
    told = replace(ctx, contract=ctx.contract.model_copy(update={"dialect": "clickhouse"}))
    assert registry.call("list_metrics", {}, told).table.rows == registry.call("list_metrics", {}, ctx).table.rows


def test_explain_shows_the_translation_and_what_differs_is_on_record(ctx: ToolContext) -> None:
    shown = registry.call("run_sql", {"statement": CLICKHOUSE, "dialect": "clickhouse", "explain": True}, ctx)
    assert "FILTER(WHERE n_variations > 2)" in str(shown.table.rows[0][0])
    with pytest.raises(RefusedError) as refused:
        rows(ctx, statement="select median(n_variations) as m from dim_experiments", dialect="clickhouse")
    assert [violation.rule for violation in refused.value.refused.violations] == ["dialect_differs"]
    assert ctx.queries[-1].info.verdict == "refused"


def test_the_service_records_the_dialect_that_was_named(demo: Demo) -> None:
    reply = demo.gateway.run_sql(CLICKHOUSE, demo.caller(), dialect="clickhouse")
    assert reply.exit_code == 0
    event = demo.gateway.audit.get(reply.answer.audit_id)
    assert event is not None
    assert event.calls == [{"tool": "run_sql", "arguments": {"statement": CLICKHOUSE, "dialect": "clickhouse"}}]
