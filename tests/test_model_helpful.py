"""A helpful model, end to end over the demo world: the real client, a server on the loopback, the one path."""

from tests.conftest import Demo
from tests.model import QUESTION, RESULTS, asking, recorded
from tests.openai_server import MODEL, call, calls, say, whole

PROSE = "Yes: on conversion_7d, one_page is better than control. It rose by 18.9 % (95 % interval 12.3 % to 25.8 %)."


def test_the_evidence_is_the_tools_and_the_prose_is_the_models(demo: Demo) -> None:
    with asking(demo, RESULTS, say(PROSE)) as (gateway, server):
        reply = gateway.ask(QUESTION, demo.caller("itt"))
    offline = demo.ask(QUESTION, "itt")
    assert (reply.answer.status, reply.exit_code, reply.answer.text) == ("answered", 0, PROSE)
    assert reply.answer.evidence == offline.answer.evidence
    assert reply.answer.warnings == []
    assert reply.answer.interpretation == "experiment_results one_page_checkout itt conversion_7d"
    assert reply.focus["wording"] == offline.focus["wording"], "the card reads as it does offline"
    assert [request.path for request in server.requests] == ["/v1/chat/completions"] * 2


def test_the_model_reads_what_the_tool_returned_and_nothing_else(demo: Demo) -> None:
    with asking(demo, RESULTS, say(PROSE)) as (gateway, server):
        reply = gateway.ask(QUESTION, demo.caller("itt"))
    first, second = server.requests
    assert [message["role"] for message in first.messages] == ["system", "user"]
    assert first.messages[1]["content"] == QUESTION
    assert [message["role"] for message in second.messages] == ["system", "user", "assistant", "tool"]
    (result,) = second.results()
    (evidence,) = result["evidence"]
    assert evidence["lift"]["value"] == reply.answer.evidence[0].lift.value
    assert "queries" not in result
    assert {item["function"]["name"] for item in first.body["tools"]} >= {"experiment_results", "run_sql"}


def test_each_call_and_the_answer_are_on_record(demo: Demo) -> None:
    with asking(demo, RESULTS, say(PROSE, tokens=250)) as (gateway, _):
        reply = gateway.ask(QUESTION, demo.caller("itt"))
        event = recorded(gateway, reply.answer.audit_id)
        step = recorded(gateway, event.model["calls"][0])
    assert event.model == {
        "name": MODEL,
        "ending": "said",
        "steps": 2,
        "tokens": 350,
        "calls": [step.id],
        "turned_back": [],
        "said": PROSE,
        "withheld": [],
    }
    assert (event.channel, event.status, event.text) == ("python", "answered", PROSE)
    assert event.evidence == [item.model_dump() for item in reply.answer.evidence]
    assert (step.channel, step.status, step.question) == ("python.model", "answered", QUESTION)
    assert [query["verdict"] for query in step.queries] == ["approved"]
    assert step.queries[0]["approved"] == reply.answer.queries[0].approved


def test_several_calls_at_once_are_made_in_order(demo: Demo) -> None:
    both = calls(
        ("experiment_health", {"experiment_id": "one_page_checkout"}),
        ("experiment_results", {"experiment_id": "one_page_checkout", "population": "itt"}),
    )
    with asking(demo, both, say(PROSE)) as (gateway, server):
        reply = gateway.ask(QUESTION, demo.caller("itt"))
        event = recorded(gateway, reply.answer.audit_id)
    assert [called["tool"] for called in event.calls] == ["experiment_health", "experiment_results"]
    health, results = server.requests[-1].results()
    assert (health["table"]["columns"][0], len(results["evidence"])) == ("check", len(reply.answer.evidence))


def test_a_server_that_does_not_stream_will_do(demo: Demo) -> None:
    wanted = [("experiment_results", {"experiment_id": "one_page_checkout", "population": "itt"})]
    with asking(demo, whole(wanted=wanted), whole(PROSE)) as (gateway, _):
        reply = gateway.ask(QUESTION, demo.caller("itt"))
    assert reply.answer.text == PROSE


def test_a_follow_up_knows_what_was_said_and_may_quote_it(demo: Demo) -> None:
    with asking(demo, RESULTS, say(PROSE), say("As said, conversion_7d rose by 18.9 %.")) as (gateway, server):
        first = gateway.ask(QUESTION, demo.caller("itt"))
        second = gateway.ask("Once more?", demo.caller("itt"), first.focus)
    assert second.answer.text == "As said, conversion_7d rose by 18.9 %."
    told = [(message["role"], message["content"]) for message in server.requests[-1].messages[1:]]
    assert told == [("user", QUESTION), ("assistant", PROSE), ("user", "Once more?")]


def test_another_role_inherits_nothing_of_a_conversation(demo: Demo) -> None:
    with asking(demo, RESULTS, say(PROSE), say("It rose by 18.9 %.")) as (gateway, server):
        first = gateway.ask(QUESTION, demo.caller("itt"))
        second = gateway.ask("Once more?", demo.caller("itt", role="viewer"), first.focus)
    assert [message["role"] for message in server.requests[-1].messages] == ["system", "user"]
    assert "18.9" not in second.answer.text


def test_the_population_is_asked_for_and_never_chosen(demo: Demo) -> None:
    with asking(demo, RESULTS, say("Which population do you mean?")) as (gateway, server):
        reply = gateway.ask(QUESTION, demo.caller())
    assert (reply.answer.status, reply.exit_code) == ("clarify", 4)
    assert reply.answer.choices == ["--population itt", "--population exposed"]
    assert server.requests[-1].results()[0]["status"] == "clarify"


def test_a_population_in_the_question_wins_over_the_one_that_is_set(demo: Demo) -> None:
    exposed = call("experiment_results", experiment_id="one_page_checkout", population="exposed")
    with asking(demo, RESULTS, exposed, say("Done.")) as (gateway, server):
        reply = gateway.ask(f"{QUESTION} Only exposed users.", demo.caller("itt"))
    assert {item.analysis_population for item in reply.answer.evidence} == {"exposed"}
    assert server.requests[1].results()[0]["status"] == "error"


def test_a_population_that_is_set_is_filled_in(demo: Demo) -> None:
    with asking(demo, call("experiment_results", experiment_id="one_page_checkout"), say("Done.")) as (gateway, _):
        reply = gateway.ask(QUESTION, demo.caller("itt"))
    assert {item.analysis_population for item in reply.answer.evidence} == {"itt"}


def test_a_refused_statement_is_mended_by_its_hints(demo: Demo) -> None:
    refused = call("run_sql", statement="select owner from dim_experiments")
    mended = call("run_sql", statement="select count(*) as k from dim_experiments")
    with asking(demo, refused, mended, say("There are 13 experiments.")) as (gateway, server):
        reply = gateway.ask("How many experiments are there?", demo.caller())
    (told,) = server.requests[1].results()
    assert (told["status"], told["violations"][0]["rule"]) == ("blocked", "column_not_found")
    assert "experiment_id" in told["violations"][0]["hint"]
    assert (reply.answer.status, reply.answer.text) == ("answered", "There are 13 experiments.")
    assert [query.verdict for query in reply.answer.queries][:2] == ["refused", "approved"]


def test_a_question_back_is_a_question_back(demo: Demo) -> None:
    with asking(demo, say("Which experiment do you mean?")) as (gateway, _):
        reply = gateway.ask("Did it work?", demo.caller())
    assert (reply.answer.status, reply.exit_code, reply.answer.text) == ("clarify", 4, "Which experiment do you mean?")
