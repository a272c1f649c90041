"""The main path: what comes of a request is on record before it is returned; what can't be recorded isn't returned."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from gateway.answer import Answer
from gateway.audit.event import AuditEvent
from gateway.errors import ChoiceNeeded, ContractError, EngineError, EngineTimeout, GatewayError
from gateway.guard import Approved, check
from gateway.ports import AuditLog, Engine, Plan, Planner, Rows, ToolCall
from gateway.service import Caller, Gateway
from gateway.tools.base import ToolContext
from gateway.wiring import policy_for
from tests.conftest import CHANNEL, PRINCIPAL, Demo

QUESTION = "Did one-page checkout increase conversion?"


def recorded(demo: Demo, answer: Answer) -> AuditEvent:
    """What the log holds of an answer, read back from its file."""
    event = demo.gateway.audit.get(answer.audit_id)
    assert event is not None
    return event


@dataclass
class MemoryAudit:
    """A log that forgets with the process."""

    events: list[AuditEvent] = field(default_factory=list)

    def append(self, event: AuditEvent) -> str:
        self.events.append(event)
        return f"event-{len(self.events)}"

    def get(self, event_id: str) -> AuditEvent | None:
        return next((event for event in self.events if event.id == event_id), None)

    def recent(
        self, limit: int = 50, *, status: str = "", principal: str = "", channel: str = ""
    ) -> Sequence[AuditEvent]:
        wanted = {"status": status, "principal": principal, "channel": channel}
        found = [e for e in self.events if all(getattr(e, name) == value for name, value in wanted.items() if value)]
        return found[::-1][:limit]

    def close(self) -> None:
        """Nothing is held."""


@dataclass
class FullDiskAudit(MemoryAudit):
    """A log that can't be written."""

    def append(self, event: AuditEvent) -> str:
        raise EngineError(f"{event.status} can't be recorded: disk full", hint="free some space")


@dataclass
class RaisingEngine:
    """An engine on which every approved statement comes to the same end."""

    error: BaseException
    asked: list[Approved] = field(default_factory=list)
    name: str = "duckdb"

    def run(self, approved: Approved) -> Rows:
        self.asked.append(approved)
        raise self.error

    def close(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True)
class FixedPlanner:
    """Plans the same whatever is asked, or fails to."""

    made: Plan | GatewayError
    name: str = "fixed"

    def plan(self, question: str, focus: dict[str, Any]) -> Plan:
        if isinstance(self.made, GatewayError):
            raise self.made
        return replace(self.made, interpretation=self.made.interpretation or question, focus=focus | self.made.focus)


Make = Callable[..., Gateway]


@pytest.fixture
def audit() -> MemoryAudit:
    return MemoryAudit()


@pytest.fixture
def make(demo: Demo, audit: MemoryAudit) -> Make:
    """A gateway over the demo world with some parts replaced by ones that fail."""

    def make(
        engine: Engine | None = None, log: AuditLog | None = None, planned: Plan | GatewayError | None = None
    ) -> Gateway:
        def planner(ctx: ToolContext, population: str | None) -> Planner:
            return demo.gateway._planner(ctx, population) if planned is None else FixedPlanner(planned)

        return Gateway(
            engine=engine or demo.gateway.engine,
            audit=log or audit,
            contract=demo.gateway.contract,
            policy=lambda role: policy_for(demo.gateway.contract.mapping(), role),
            planner=planner,
        )

    return make


RESULTS = Plan(
    interpretation="Effect of one-page checkout.",
    calls=(ToolCall("experiment_results", {"experiment_id": "one_page_checkout", "population": "itt"}),),
    focus={"experiment_id": "one_page_checkout"},
)


def test_an_answered_question_is_on_record_with_all_that_it_rests_on(demo: Demo) -> None:
    answer = demo.ask(QUESTION, "itt").answer
    event = recorded(demo, answer)
    assert (event.principal, event.role, event.channel) == (PRINCIPAL, "analyst", CHANNEL)
    assert (event.status, event.question, event.engine, event.error) == ("answered", QUESTION, "duckdb", "")
    assert (event.interpretation, event.text) == (answer.interpretation, answer.text)
    assert event.calls == [
        {
            "tool": "experiment_results",
            "arguments": {
                "experiment_id": "one_page_checkout",
                "population": "itt",
                "metric_ids": ["conversion_7d"],
            },
        }
    ]
    assert event.evidence == [item.model_dump() for item in answer.evidence]
    shown = [{key: query[key] for key in ("proposed", "approved", "verdict")} for query in event.queries]
    assert shown == [query.model_dump(include={"proposed", "approved", "verdict"}) for query in answer.queries]
    assert all(query["rows"] > 0 for query in event.queries)
    assert event.rows == sum(query["rows"] for query in event.queries)
    assert event.seconds >= sum(query["seconds"] for query in event.queries) > 0
    assert event.fingerprint == demo.context().policy.fingerprint


def test_every_statement_of_an_answer_went_through_the_guard(demo: Demo) -> None:
    queries = demo.ask("Should we launch express refunds?", "itt").answer.queries
    assert len(queries) > 4
    for query in queries:
        verdict = check(query.proposed, demo.context().policy)
        assert isinstance(verdict, Approved)
        assert (query.verdict, query.approved) == ("approved", verdict.sql)


def test_a_refused_statement_is_on_record_with_every_reason(demo: Demo) -> None:
    statement = "select owner from dim_experiments; drop table payroll"
    reply = demo.gateway.run_sql(statement, demo.caller())
    event = recorded(demo, reply.answer)
    assert (reply.exit_code, reply.answer.status, event.status) == (3, "blocked", "blocked")
    (query,) = event.queries
    assert (query["proposed"], query["approved"], query["verdict"]) == (statement, "", "refused")
    assert {reason["rule"] for reason in query["violations"]} == {"column_not_found", "many_statements"}
    assert query["violations"] == [reason.model_dump() for reason in reply.answer.queries[0].violations]
    assert (event.rows, query["rows"], query["query_id"]) == (0, 0, "")
    assert event.calls == [{"tool": "run_sql", "arguments": {"statement": statement}}]


def test_the_text_of_a_refusal_gives_every_reason_with_its_way_out(demo: Demo) -> None:
    reply = demo.gateway.run_sql("select owner, n from fct_experiment_srm", demo.caller())
    (query,) = reply.answer.queries
    assert len(query.violations) == 3
    assert reply.answer.text.startswith("Refused, for 3 reasons: ")
    for reason in query.violations:
        assert reason.message in reply.answer.text
        assert reason.hint in reply.answer.text


@pytest.mark.parametrize(
    ("question", "rule"),
    [
        pytest.param("List the emails of users in one-page checkout", "personal_data", id="personal data"),
        pytest.param("Delete the experiment one-page checkout", "write_request", id="write"),
    ],
)
def test_a_question_that_is_not_answered_at_all_is_refused_and_on_record(demo: Demo, question: str, rule: str) -> None:
    reply = demo.ask(question, "itt")
    event = recorded(demo, reply.answer)
    assert (reply.exit_code, reply.answer.status, event.status) == (3, "blocked", "blocked")
    assert (event.question, event.text, event.evidence, event.calls) == (question, reply.answer.text, [], [])
    declined = event.queries[-1]
    assert (declined["verdict"], declined["proposed"], declined["approved"]) == ("refused", "", "")
    assert [reason["rule"] for reason in declined["violations"]] == [rule]


def test_a_question_back_is_on_record(demo: Demo) -> None:
    reply = demo.ask(QUESTION)
    event = recorded(demo, reply.answer)
    assert (reply.exit_code, reply.answer.status, event.status) == (4, "clarify", "clarify")
    assert reply.answer.text == event.text == "Which population: itt or exposed?"
    assert reply.answer.choices == ["--population itt", "--population exposed"]
    assert (reply.answer.evidence, event.calls) == ([], [])


@pytest.mark.parametrize(
    ("tool", "arguments", "text"),
    [
        pytest.param("drop_table", {}, "no tool named 'drop_table' (there is: ", id="tool"),
        pytest.param(
            "experiment_results",
            {"experiment_id": "one_page_chekout", "population": "itt"},
            "no experiment named 'one_page_chekout' here (did you mean 'one_page_checkout'?)",
            id="name",
        ),
        pytest.param(
            "rank_experiments",
            {"population": "all", "limit": 0},
            "rank_experiments can't take these arguments: population: Input should be 'itt' or 'exposed'; limit: ",
            id="arguments",
        ),
    ],
)
def test_a_request_that_does_not_fit_is_an_error_on_record(
    demo: Demo, tool: str, arguments: dict[str, Any], text: str
) -> None:
    reply = demo.gateway.call_tool(tool, arguments, demo.caller())
    event = recorded(demo, reply.answer)
    assert (reply.exit_code, reply.answer.status, event.status) == (2, "error", "error")
    assert reply.answer.text.startswith(text)
    assert (event.error, event.text) == (reply.answer.text, reply.answer.text)
    assert event.calls == [{"tool": tool, "arguments": arguments}]


def test_arguments_that_are_not_json_are_refused_and_still_on_record(demo: Demo) -> None:
    arguments = {"experiment_id": "price_badges", "population": "itt", "level": math.nan, "metric_ids": {"visits"}}
    reply = demo.gateway.call_tool("experiment_results", arguments, demo.caller())
    assert (reply.exit_code, reply.answer.status) == (2, "error")
    (call,) = recorded(demo, reply.answer).calls
    assert (call["arguments"]["level"], call["arguments"]["metric_ids"]) == ("NaN", ["visits"])


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        pytest.param(EngineError("out of memory", hint="raise limits.memory"), 5, id="engine"),
        pytest.param(EngineTimeout("longer than 30 seconds"), 5, id="timeout"),
        pytest.param(ContractError("no published marts", problems=("gold.duckdb: not there",)), 6, id="marts missing"),
    ],
)
def test_a_failing_engine_is_an_error_with_its_own_exit_code(
    make: Make, audit: MemoryAudit, demo: Demo, error: GatewayError, exit_code: int
) -> None:
    engine = RaisingEngine(error)
    reply = make(engine, planned=RESULTS).ask(QUESTION, demo.caller("itt"))
    (event,) = audit.events
    assert (reply.answer.status, reply.exit_code, reply.answer.audit_id) == ("error", exit_code, "event-1")
    assert error.message in reply.answer.text
    assert error.hint in reply.answer.text
    assert (event.status, event.error, event.rows) == ("error", reply.answer.text, 0)
    assert [query["approved"] for query in event.queries] == [approved.sql for approved in engine.asked]
    assert [call["tool"] for call in event.calls] == ["experiment_results"]


def test_every_problem_of_a_contract_error_is_told(make: Make, demo: Demo) -> None:
    error = ContractError("the contract is wrong", problems=("a: missing", "b: unknown"), hint="mend it")
    text = make(RaisingEngine(error)).run_sql("select 1 as one", demo.caller()).answer.text
    assert text == "the contract is wrong\n  a: missing\n  b: unknown (mend it)"


def test_a_choice_that_is_needed_is_a_question_back(make: Make, audit: MemoryAudit, demo: Demo) -> None:
    error = ChoiceNeeded("which of the two?", choices=("the first", "the second"))
    reply = make(planned=error).ask(QUESTION, demo.caller("itt"))
    assert (reply.answer.status, reply.exit_code, reply.answer.choices) == ("clarify", 4, ["the first", "the second"])
    assert [event.status for event in audit.events] == ["clarify"]


def test_asking_in_a_role_that_there_is_not_is_on_record(demo: Demo) -> None:
    reply = demo.ask(QUESTION, "itt", role="admin")
    event = recorded(demo, reply.answer)
    assert (reply.answer.status, reply.exit_code) == ("error", 6)
    assert "no role 'admin'; there are: analyst, viewer" in reply.answer.text
    assert (event.role, event.status, event.queries, event.fingerprint) == ("admin", "error", [], "")


def test_an_interruption_is_on_record_and_goes_on(make: Make, audit: MemoryAudit, demo: Demo) -> None:
    with pytest.raises(KeyboardInterrupt):
        make(RaisingEngine(KeyboardInterrupt()), planned=RESULTS).ask(QUESTION, demo.caller("itt"))
    (event,) = audit.events
    assert (event.status, event.error, event.text) == ("error", "interrupted", "interrupted")
    assert (event.question, event.interpretation) == (QUESTION, RESULTS.interpretation)
    assert [query["verdict"] for query in event.queries] == ["approved"]


def test_a_bug_is_left_to_crash_and_is_no_answer(make: Make, audit: MemoryAudit, demo: Demo) -> None:
    with pytest.raises(ZeroDivisionError):
        make(RaisingEngine(ZeroDivisionError())).ask(QUESTION, demo.caller("itt"))
    assert audit.events == []


@pytest.mark.parametrize(
    "request_of",
    [
        pytest.param(lambda gateway, caller: gateway.ask(QUESTION, caller), id="answered"),
        pytest.param(lambda gateway, caller: gateway.ask(QUESTION, replace(caller, population=None)), id="clarify"),
        pytest.param(lambda gateway, caller: gateway.ask("delete all experiments", caller), id="declined"),
        pytest.param(lambda gateway, caller: gateway.run_sql("select 1 as one", caller), id="statement"),
        pytest.param(lambda gateway, caller: gateway.run_sql("drop table dim_metrics", caller), id="refused"),
        pytest.param(lambda gateway, caller: gateway.run_sql("select 1 as one", caller, explain=True), id="explain"),
        pytest.param(lambda gateway, caller: gateway.call_tool("nothing", {}, caller), id="error"),
        pytest.param(lambda gateway, caller: gateway.ask(QUESTION, replace(caller, role="admin")), id="no such role"),
    ],
)
def test_nothing_is_returned_that_can_not_be_recorded(
    make: Make, demo: Demo, request_of: Callable[[Gateway, Caller], object]
) -> None:
    with pytest.raises(EngineError, match="can't be recorded: disk full"):
        request_of(make(log=FullDiskAudit()), demo.caller("itt"))


def test_follow_ups_keep_the_conversation_in_mind(demo: Demo) -> None:
    first = demo.ask(QUESTION, "itt")
    revenue = demo.ask("and revenue?", "itt", focus=first.focus)
    ios = demo.ask("only iOS?", "itt", focus=revenue.focus)
    decision = demo.ask("should we launch it?", "itt", focus=ios.focus)
    assert [(e.experiment_id, e.metric_id, e.dimension_value) for e in revenue.answer.evidence] == [
        ("one_page_checkout", "revenue_per_user", None)
    ]
    assert [(e.experiment_id, e.metric_id, e.dimension_value) for e in ios.answer.evidence] == [
        ("one_page_checkout", "revenue_per_user", "ios")
    ]
    assert {e.experiment_id for e in decision.answer.evidence} == {"one_page_checkout"}


def test_the_population_that_was_asked_back_for_settles_the_question(demo: Demo) -> None:
    asked_back = demo.ask(QUESTION)
    reply = demo.ask("itt", focus=asked_back.focus)
    assert [(e.experiment_id, e.metric_id, e.analysis_population) for e in reply.answer.evidence] == [
        ("one_page_checkout", "conversion_7d", "itt")
    ]


def test_a_refusal_does_not_change_what_the_conversation_is_about(demo: Demo) -> None:
    first = demo.ask(QUESTION, "itt")
    refused = demo.ask("who bought it?", "itt", focus=first.focus)
    assert refused.answer.status == "blocked"
    assert refused.focus == first.focus


def test_a_failure_leaves_the_conversation_where_the_question_had_brought_it(make: Make, demo: Demo) -> None:
    failing = make(RaisingEngine(EngineError("out of memory")), planned=RESULTS)
    assert failing.ask(QUESTION, demo.caller("itt"), {"experiment_id": "price_badges"}).focus == RESULTS.focus
    unplanned = make(RaisingEngine(EngineError("out of memory")))
    before = {"experiment_id": "price_badges"}
    assert unplanned.ask(QUESTION, demo.caller("itt"), before).focus == before


def test_no_rows_and_not_allowed_read_differently(demo: Demo) -> None:
    empty = demo.gateway.run_sql("select name from dim_experiments where experiment_id = 'x'", demo.caller())
    refused = demo.gateway.run_sql("select owner from dim_experiments", demo.caller())
    absent = demo.gateway.run_sql("select name from fct_experiment_cohort", demo.caller(role="viewer"))
    assert (empty.answer.status, empty.exit_code) == ("answered", 0)
    assert empty.answer.text == "No rows match. That says what is stored, not what happened."
    assert (empty.answer.table.columns, empty.answer.table.rows) == (["name"], [])
    assert (refused.answer.status, refused.exit_code, refused.answer.table.columns) == ("blocked", 3, [])
    assert refused.answer.text.startswith("Refused, for 1 reason: ")
    assert [reason.rule for reason in absent.answer.queries[0].violations] == ["table_not_allowed"]


def test_what_a_tool_may_not_read_for_a_role_is_refused_on_record(demo: Demo) -> None:
    arguments = {"experiment_id": "one_page_checkout", "population": "itt", "level": 0.9}
    reply = demo.gateway.call_tool("experiment_results", arguments, demo.caller(role="viewer"))
    event = recorded(demo, reply.answer)
    assert (reply.answer.status, reply.exit_code, reply.answer.evidence) == ("blocked", 3, [])
    assert [query["verdict"] for query in event.queries] == ["approved", "refused"]
    assert event.calls == [{"tool": "experiment_results", "arguments": arguments}]


def test_explaining_runs_nothing(make: Make, audit: MemoryAudit, demo: Demo) -> None:
    engine = RaisingEngine(AssertionError("this must not run"))
    reply = make(engine).run_sql("select name from dim_experiments", demo.caller(), explain=True)
    (query,) = reply.answer.queries
    assert (reply.answer.status, query.verdict, engine.asked) == ("answered", "approved", [])
    assert reply.answer.table.rows == [[query.approved]]
    assert (audit.events[0].rows, audit.events[0].calls[0]["tool"]) == (0, "run_sql")


def test_populations_asked_for_side_by_side_are_told_apart_in_one_table(demo: Demo) -> None:
    reply = demo.ask("Should we launch search ranker v2 for itt and exposed?")
    table = reply.answer.table
    assert table.columns[0] == "population"
    assert [row[0] for row in table.rows] == ["itt", "itt", "exposed", "exposed"]
    assert {item.analysis_population for item in reply.answer.evidence} == {"itt", "exposed"}


def test_an_answer_has_every_part_of_the_wire_shape(demo: Demo) -> None:
    answer = json.loads(demo.ask(QUESTION, "itt").answer.model_dump_json())
    assert list(answer) == [
        "status", "question", "interpretation", "text", "evidence", "table", "queries", "choices", "warnings",
        "audit_id", "looks", "problems",
    ]  # fmt: skip
    assert list(answer["evidence"][0]) == [
        "experiment_id", "metric_id", "variation_id", "control_variation_id", "analysis_population", "dimension",
        "dimension_value", "control", "treatment", "difference", "lift", "p_value", "p_value_adjusted",
        "chance_to_win", "statsig", "decision", "verdict", "basis", "srm", "quality", "not_computable", "cuped",
        "chance_to_be_best", "expected_loss", "p_value_looks",
    ]  # fmt: skip
    assert answer["table"] == {
        "columns": [], "rows": [], "truncated": False, "row_count": 0, "limit": None, "limit_source": None,
    }  # fmt: skip


def test_the_log_of_all_this_is_intact(demo: Demo) -> None:
    demo.ask(QUESTION, "itt")
    newest = demo.gateway.audit.recent(2, principal=PRINCIPAL)
    assert newest[0].previous_hash == newest[1].hash != ""
