"""A model that can't be asked, or stops in the middle: the offline planner answers, says so, and all is on record."""

from dataclasses import dataclass
from typing import Any

import pytest

from gateway.audit.event import AuditEvent
from gateway.errors import EngineError
from gateway.ports import Glimpse
from gateway.service import Gateway
from tests.conftest import Demo
from tests.model import QUESTION, RESULTS, asking, recorded
from tests.openai_server import Handler, Turn, breaks_off, call, calls, fails, say, serving

OFFLINE = "7-day conversion, One-page checkout vs Three-step checkout: higher with the treatment, which is better."


@pytest.mark.parametrize(
    ("turn", "said"),
    [
        pytest.param(fails(401), "it refused the key (401)", id="the key"),
        pytest.param(fails(404), "it has no such model", id="the model"),
        pytest.param(fails(429, Retry_After="3600"), "a rate limit, or a quota that is used up (429)", id="the quota"),
        pytest.param(fails(503), "it failed (503)", id="the server"),
        pytest.param(breaks_off("It is"), "the connection was cut", id="the connection"),
        pytest.param(say(""), "the model gave no text", id="nothing said"),
        pytest.param(say("", finish="content_filter"), "content filter", id="the content filter"),
        pytest.param(say("It rose by 73 %."), "no answer that can be shown", id="nothing that holds"),
        pytest.param(call("zap"), "the same calls again and again", id="an unknown tool"),
        pytest.param(calls(("experiment_results", "{")), "its calls made no sense", id="no JSON"),
    ],
)
def test_the_offline_planner_answers_in_its_place_and_says_so(demo: Demo, turn: Turn, said: str) -> None:
    with asking(demo, turn, retries=0) as (gateway, _):
        reply = gateway.ask(QUESTION, demo.caller("itt"))
        event = recorded(gateway, reply.answer.audit_id)
    assert (reply.answer.status, reply.exit_code) == ("answered", 0)
    assert reply.answer.text.startswith(OFFLINE)
    assert reply.answer.warnings[0].startswith("answered without the model: ")
    assert said in reply.answer.warnings[0]
    assert said in event.error
    assert event.model["ending"] in ("failed", "asked_nothing", "filtered", "said", "repeated", "faults")
    assert [each["tool"] for each in event.calls] == ["experiment_results"], "those of the offline planner"


def test_a_model_that_stops_after_its_calls_leaves_them_on_record(demo: Demo) -> None:
    with asking(demo, RESULTS, fails(500), retries=0) as (gateway, _):
        reply = gateway.ask(QUESTION, demo.caller("itt"))
        event = recorded(gateway, reply.answer.audit_id)
        (step,) = [recorded(gateway, audit_id) for audit_id in event.model["calls"]]
    assert reply.answer.text.startswith(OFFLINE)
    assert (step.channel, step.calls[0]["tool"]) == ("python.model", "experiment_results")


def test_what_was_said_before_it_broke_off_is_on_record(demo: Demo) -> None:
    def turn(handler: Handler) -> None:
        handler.begin_stream()
        handler.delta(content="one_page is better than control. And then")
        handler.cut()

    shown: list[Glimpse] = []
    with asking(demo, RESULTS, turn, retries=0) as (gateway, _):
        reply = gateway.ask(QUESTION, demo.caller("itt"), None, shown.append)
        event = recorded(gateway, reply.answer.audit_id)
    assert [item.text for item in shown if item.kind == "prose"] == ["\none_page is better than control."]
    assert event.model["said"] == "one_page is better than control."
    assert reply.answer.text.startswith(OFFLINE)


def test_a_conversation_goes_on_after_a_failure(demo: Demo) -> None:
    with asking(demo, fails(500), say("It did."), retries=0) as (gateway, server):
        first = gateway.ask(QUESTION, demo.caller("itt"))
        gateway.ask("Did it?", demo.caller("itt"), first.focus)
    roles = [message["role"] for message in server.requests[-1].messages]
    assert roles == ["system", "user", "assistant", "user"]
    assert server.requests[-1].messages[2]["content"].startswith(OFFLINE)


def test_a_follow_up_of_a_models_answer_makes_sense_offline_too(demo: Demo) -> None:
    with asking(demo, RESULTS, say("one_page is better."), fails(500), retries=0) as (gateway, _):
        first = gateway.ask(QUESTION, demo.caller("itt"))
        second = gateway.ask("and revenue?", demo.caller("itt"), first.focus)
    assert [(item.experiment_id, item.metric_id) for item in second.answer.evidence] == [
        ("one_page_checkout", "revenue_per_user")
    ]


def test_the_time_limit_is_the_questions(demo: Demo) -> None:
    def turn(handler: Handler) -> None:
        handler.at.release.wait(10)
        handler.cut()

    with asking(demo, RESULTS, turn, seconds=0.5) as (gateway, _):
        reply = gateway.ask(QUESTION, demo.caller("itt"))
    assert reply.answer.text.startswith(OFFLINE)
    assert "did not answer in time" in reply.answer.warnings[0]


def test_alerts_come_before_prose_and_calls_before_both(demo: Demo) -> None:
    results = call("experiment_results", experiment_id="pin_leaderboard_carousel", population="itt")
    shown: list[Glimpse] = []
    with asking(demo, results, say("The effect can't be trusted. That is all.")) as (gateway, _):
        reply = gateway.ask("Did the carousel work?", demo.caller("itt"), None, shown.append)
    assert [item.kind for item in shown] == ["call", "alert", "prose", "prose"]
    live = "".join(f"\n{item.text}" if item.kind == "alert" else item.text for item in shown if item.kind != "call")
    assert live.split() == reply.answer.text.split(), "what was shown is the answer"


def test_a_broken_split_leads_an_answer_from_memory_too(demo: Demo) -> None:
    results = call("experiment_results", experiment_id="pin_leaderboard_carousel", population="itt")
    with asking(demo, results, say("It can't be trusted."), say("As I said.")) as (gateway, _):
        first = gateway.ask("Did the carousel work?", demo.caller("itt"))
        second = gateway.ask("Say it again?", demo.caller("itt"), first.focus)
    assert second.answer.text.startswith("Sample ratio mismatch in pin_leaderboard_carousel")
    assert second.answer.text.endswith("As I said.")


@dataclass
class Breaking:
    """A log that takes no event any more; everything else is the log that it stands for."""

    log: Any

    def append(self, event: AuditEvent) -> str:
        raise EngineError(f"{event.channel} can't be recorded: disk full")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.log, name)


def test_what_cannot_be_recorded_does_not_reach_the_model(demo: Demo) -> None:
    with asking(demo, RESULTS, say("one_page is better.")) as (gateway, server):
        gateway.audit = Breaking(gateway.audit)
        with pytest.raises(EngineError, match="disk full"):
            gateway.ask(QUESTION, demo.caller("itt"))
    assert len(server.requests) == 1, "the result of the call was never sent"


def test_an_interrupt_is_on_record_and_is_passed_on(demo: Demo) -> None:
    def interrupted(_: Glimpse) -> None:
        raise KeyboardInterrupt

    with asking(demo, RESULTS, say("one_page is better.")) as (gateway, _):
        with pytest.raises(KeyboardInterrupt):
            gateway.ask(QUESTION, demo.caller("itt"), None, interrupted)
        (event,) = gateway.audit.recent(1)
    assert (event.status, event.error, event.question) == ("error", "interrupted", QUESTION)
    assert event.model["ending"] == "failed"


def test_closing_the_gateway_closes_the_client_and_may_be_done_twice(demo: Demo) -> None:
    with asking(demo, say("Hello.")) as (gateway, _):
        gateway.ask("hello", demo.caller())
        gateway.close()
        gateway.close()


def test_nothing_is_connected_before_a_question(demo: Demo) -> None:
    with serving(say("never")) as server:
        settings = demo.settings.model_copy(update={"planner": "openai", "model": server.settings()})
        from gateway.wiring import build

        with build(settings) as gateway:
            assert isinstance(gateway, Gateway)
            gateway.run_sql("select count(*) as k from dim_metrics", demo.caller())
    assert server.requests == []
