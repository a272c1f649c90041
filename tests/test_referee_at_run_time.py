"""`guard: {referee: true}`: what the engine's own parser does not confirm is refused, on record, by every way in."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.duckdb_engine import DuckDBEngine
from gateway.guard import Approved, Refused, Rule
from gateway.guard.decision import _mint
from gateway.guard.referee import Named
from gateway.ports import RefusedError
from gateway.semantic.model import Contract
from gateway.service import Gateway
from gateway.settings import GuardSettings
from gateway.tools import base, registry
from gateway.tools.base import ToolContext
from gateway.wiring import build, policy_for
from tests.conftest import Demo
from tests.guard import world

STATEMENT = "select metric_id from dim_metrics order by metric_id"
QUESTION = "Did one-page checkout increase conversion?"


@dataclass
class Suspicious:
    """Reads one table more than the guard approved, whatever it is asked about."""

    asked: list[Approved] = field(default_factory=list)

    def named(self, approved: Approved) -> Named:
        self.asked.append(approved)
        assets = {name.lower() for name in approved.assets}
        return Named(frozenset(assets | {"payroll"}), approved.columns)


@pytest.fixture
def watched(demo: Demo) -> tuple[Gateway, Suspicious]:
    """The demo world's gateway with a referee that disagrees."""
    referee = Suspicious()
    mapping = demo.gateway.contract.mapping()
    gateway = Gateway(
        engine=demo.gateway.engine,
        audit=demo.gateway.audit,
        contract=demo.gateway.contract,
        policy=lambda role: policy_for(mapping, role),
        planner=demo.gateway._planner,
        referee=referee,
    )
    return gateway, referee


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda g, c: g.run_sql(STATEMENT, c), id="statement"),
        pytest.param(lambda g, c: g.run_sql(STATEMENT, c, explain=True), id="explained statement"),
        pytest.param(lambda g, c: g.call_tool("list_experiments", {}, c), id="tool"),
        pytest.param(
            lambda g, c: g.call_tool("query_marts", {"asset": "dim_metrics", "columns": ["metric_id"]}, c),
            id="semantic query",
        ),
        pytest.param(lambda g, c: g.ask(QUESTION, c), id="question"),
    ],
)
def test_disagreement_refuses_by_every_way_in_and_is_on_record(
    demo: Demo, watched: tuple[Gateway, Suspicious], ask: Callable[..., Any]
) -> None:
    gateway, referee = watched
    reply = ask(gateway, demo.caller("itt"))
    assert (reply.answer.status, reply.exit_code, reply.answer.table.rows) == ("blocked", 3, [])
    assert len(referee.asked) == 1
    (query,) = reply.answer.queries
    assert (query.verdict, query.approved) == ("refused", "")
    assert [violation.rule for violation in query.violations] == [Rule.REFEREE_DISAGREES]
    assert "payroll" in query.violations[0].message
    event = demo.gateway.audit.get(reply.answer.audit_id)
    assert event is not None
    assert (event.status, event.rows) == ("blocked", 0)
    assert [violation["rule"] for violation in event.queries[0]["violations"]] == ["referee_disagrees"]


def test_a_tool_refused_by_the_referee_raises_what_every_refusal_raises(
    demo: Demo, watched: tuple[Gateway, Suspicious]
) -> None:
    ctx = replace(demo.context(), referee=watched[1])
    with pytest.raises(RefusedError) as raised:
        registry.call("list_experiments", {}, ctx)
    assert [violation.rule for violation in raised.value.refused.violations] == [Rule.REFEREE_DISAGREES]


def test_with_the_engines_own_parser_as_referee_everything_is_answered_as_before(demo: Demo) -> None:
    with build(demo.settings.model_copy(update={"guard": GuardSettings(referee=True)})) as gateway:
        caller = demo.caller("itt")
        pairs = [(g.ask(QUESTION, caller), g.run_sql(STATEMENT, caller)) for g in (gateway, demo.gateway)]
    for told, plain in zip(*pairs, strict=True):
        assert told.answer.status == "answered"
        assert (told.answer.text, told.answer.evidence) == (plain.answer.text, plain.answer.evidence)
        assert told.answer.table == plain.answer.table


# A guard with a hole in it, in front of a real engine.


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDBEngine]:
    """The guard's tests' own world, canaries included, as if it had been published whole."""
    world.build(tmp_path / "gold.duckdb")
    engine = DuckDBEngine(tmp_path / "gold.duckdb")
    yield engine
    engine.close()


def contract() -> Contract:
    """Stands in the context; nothing here is compiled from it."""
    return Contract.model_construct()


def approved_by_mistake(sql: str) -> Approved:
    """What a guard with a hole would mint: it believes that it saw a read of dim_experiments.name."""
    return _mint(
        sql=sql,
        proposed=sql,
        dialect="duckdb",
        role="analyst",
        fingerprint="",
        assets=frozenset({"dim_experiments"}),
        columns=frozenset({("dim_experiments", "name")}),
        functions=frozenset(),
        pins=(),
        max_rows=100,
        max_seconds=10.0,
    )


HOLES: Mapping[str, str] = {
    "a hidden table": "SELECT person FROM payroll LIMIT 101",
    "a hidden table behind a cte of its name": "WITH payroll AS (SELECT * FROM payroll) SELECT person FROM payroll",
    "a hidden column": (
        "SELECT name FROM (SELECT name FROM dim_experiments) AS d WHERE EXISTS (SELECT owner FROM dim_experiments)"
    ),
    "another schema": "SELECT name FROM (SELECT name FROM hr.dim_experiments) AS d",
    "a hidden table in a subquery": (
        "SELECT (SELECT max(salary) FROM payroll) AS name FROM (SELECT name FROM dim_experiments) AS d"
    ),
    "a whole row": "SELECT d FROM dim_experiments AS d",
    "a file": "SELECT name FROM (SELECT name FROM dim_experiments) AS d, read_text('/etc/hostname')",
    "a write in a cte": "WITH d AS (DELETE FROM dim_experiments RETURNING name) SELECT name FROM d",
    "a second statement": "SELECT name FROM (SELECT name FROM dim_experiments) AS d; SELECT person FROM payroll",
    "a summary": "SELECT * FROM (SUMMARIZE dim_experiments)",
}


@pytest.mark.parametrize("sql", HOLES.values(), ids=HOLES.keys())
def test_a_hole_in_the_guard_is_caught_before_anything_runs(
    engine: DuckDBEngine, monkeypatch: pytest.MonkeyPatch, sql: str
) -> None:
    monkeypatch.setattr(base, "check", lambda statement, *_, **__: approved_by_mistake(statement))
    ctx = ToolContext(engine, contract(), world.ANALYST, referee=engine)
    with pytest.raises(RefusedError) as raised:
        ctx.run(sql)
    assert [violation.rule for violation in raised.value.refused.violations] == [Rule.REFEREE_DISAGREES]
    assert [record.info.verdict for record in ctx.queries] == ["refused"]


def test_without_the_referee_the_same_hole_would_leak(engine: DuckDBEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above would be worth nothing if the engine refused these by itself."""
    monkeypatch.setattr(base, "check", lambda statement, *_, **__: approved_by_mistake(statement))
    rows = ToolContext(engine, contract(), world.ANALYST).run(HOLES["a hidden table"])
    assert world.CANARY in str(rows.rows)


def test_the_engine_names_what_a_rendering_reads_and_runs_nothing_of_it(engine: DuckDBEngine) -> None:
    statement = "SELECT name, sleep_ms(100000) FROM (SELECT name, error('ran') FROM dim_experiments) AS d"
    found = engine.named(approved_by_mistake(statement))
    assert found == Named(frozenset({"dim_experiments"}), frozenset({("dim_experiments", "name")}))


def test_a_text_that_the_engine_cannot_read_names_nothing_and_is_refused(engine: DuckDBEngine) -> None:
    found = engine.named(approved_by_mistake("SELECT name FROM (SELECT"))
    assert (found.relations, found.columns) == (frozenset(), frozenset())
    assert found.refused


def test_only_an_approved_statement_is_read(engine: DuckDBEngine) -> None:
    refused = Refused((), "select 1", "analyst", "")
    with pytest.raises(TypeError, match=r"approved, not Refused"):
        engine.named(refused)  # type: ignore[arg-type]  # what a caller without types might do
