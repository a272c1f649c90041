"""The loop around a model: which calls are made, what the model is told of the others, and where it ends."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from gateway.adapters.openai_planner import OpenAIPlanner
from gateway.answer import Answer, Table
from gateway.ports import Brief, Outcome, ToolCall
from tests.openai_server import Server, Turn, call, calls, say, serving, whole

BRIEF = Brief(({"role": "system", "content": "s"}, {"role": "user", "content": "q"}), ())


@dataclass
class World:
    """Answers every call the same way, and remembers the calls and the prose."""

    answer: Answer = field(default_factory=lambda: Answer(status="answered", text="fine"))
    made: list[ToolCall] = field(default_factory=list)
    said: str = ""

    def call(self, wanted: ToolCall) -> Answer:
        self.made.append(wanted)
        return self.answer

    def say(self, text: str) -> None:
        self.said += text


def run(server: Server, world: World, **model: Any) -> Outcome:
    planner = OpenAIPlanner(server.settings(**model))
    try:
        return planner.answer(BRIEF, world.call, world.say)
    finally:
        planner.close()


def told(server: Server) -> list[str]:
    """What the tools came to, as the model was told last."""
    return [result.get("text", "") for result in server.requests[-1].results()]


def test_calls_go_out_and_their_results_come_back_under_their_ids() -> None:
    world = World()
    with serving(calls(("a", {"x": 1}), ("b", {})), call("c"), say("Done.")) as server:
        outcome = run(server, world)
    assert world.made == [ToolCall("a", {"x": 1}), ToolCall("b"), ToolCall("c")]
    assert (outcome.ending, outcome.steps, outcome.tokens, world.said.strip()) == ("said", 3, 300, "Done.")
    chat = server.requests[-1].messages
    assert [call["id"] for message in chat for call in message.get("tool_calls", ())] == ["call_1", "call_2", "call_3"]
    assert [message["tool_call_id"] for message in chat if message["role"] == "tool"] == ["call_1", "call_2", "call_3"]


@pytest.mark.parametrize("arguments", ["{not json", "[1]", '"text"', "null", "{" * 3_000])
def test_arguments_that_are_no_json_object_are_told_to_the_model_and_called_by_nobody(arguments: str) -> None:
    world = World()
    with serving(calls(("a", arguments)), say("Sorry.")) as server:
        run(server, world)
    assert world.made == []
    assert "JSON" in told(server)[0]
    sent = server.requests[-1].messages[2]["tool_calls"][0]["function"]["arguments"]
    assert json.loads(sent) == {}, "some servers read them again, and fail"


def test_calls_beyond_the_bound_are_left_out_and_the_model_is_told_how_many() -> None:
    world = World()
    with serving(calls(*[("a", {"x": place}) for place in range(9)]), say("Done.")) as server:
        run(server, world, calls=2)
    assert len(world.made) == 2
    assert server.requests[-1].messages[-1]["content"].endswith("7 more calls were left out: 2 at once at most.")


def test_the_last_step_has_to_be_an_answer() -> None:
    world = World()
    with serving(call("a", x=1), call("a", x=2), call("a", x=3)) as server:
        outcome = run(server, world, steps=3)
    assert (outcome.ending, len(world.made)) == ("steps", 2)
    assert ["tool_choice" in request.body for request in server.requests] == [False, False, True]


def test_the_same_call_over_and_over_is_made_once() -> None:
    world = World()
    with serving(call("a", x=1)) as server:
        outcome = run(server, world)
    assert (outcome.ending, len(world.made)) == ("repeated", 1)
    assert len(server.requests) == 4


def test_calls_that_make_no_sense_come_to_an_end() -> None:
    world = World(Answer(status="error", text="no tool named 'zap'"))
    with serving(*[call("zap", x=place) for place in range(9)]) as server:
        outcome = run(server, world)
    assert (outcome.ending, len(world.made)) == ("faults", 4)


def test_a_refusal_is_mended_twice_at_most() -> None:
    world = World(Answer(status="blocked", text="Refused"))
    with serving(*[call("run_sql", statement=str(place)) for place in range(9)]) as server:
        outcome = run(server, world)
    assert (outcome.ending, len(world.made)) == ("refused", 3)


def test_refused_all_at_once_is_refused_too() -> None:
    world = World(Answer(status="blocked", text="Refused"))
    with serving(calls(*[("run_sql", {"statement": str(place)}) for place in range(6)])) as server:
        outcome = run(server, world)
    assert (outcome.ending, len(world.made)) == ("refused", 3)


def test_tokens_are_bounded() -> None:
    with serving(*[calls(("a", {"x": place}), tokens=4_000) for place in range(9)]) as server:
        outcome = run(server, World(), tokens=10_000)
    assert (outcome.ending, outcome.tokens) == ("tokens", 12_000)


def test_a_result_is_cut_to_what_a_message_may_hold() -> None:
    rows: list[list[Any]] = [[f"name {place}", "x" * 400] for place in range(190)]
    world = World(Answer(status="answered", table=Table(columns=["name", "text"], rows=rows)))
    with serving(call("a"), say("Done.")) as server:
        run(server, world, characters=5_000)
    content = server.requests[-1].messages[-1]["content"]
    (result,) = server.requests[-1].results()
    assert len(content) <= 5_050
    assert result["table"]["shown"].startswith("the first ")
    assert len(result["table"]["rows"]) < 20


@pytest.mark.parametrize(
    ("turn", "ending"),
    [
        pytest.param(say(""), "asked_nothing", id="empty"),
        pytest.param(say("  \n "), "asked_nothing", id="blank"),
        pytest.param(say("It is long", finish="length"), "length", id="cut by the server"),
        pytest.param(say("", finish="content_filter"), "filtered", id="filtered"),
        pytest.param(whole(""), "asked_nothing", id="empty, not streamed"),
        pytest.param(say("x" * 3_000), "length", id="cut here"),
    ],
)
def test_an_end_that_is_none_is_told_apart(turn: Turn, ending: str) -> None:
    with serving(turn) as server:
        assert run(server, World(), characters=1_000).ending == ending


def test_a_refusal_of_the_makers_is_told_apart() -> None:
    def turn(handler: Any) -> None:
        handler.begin_stream()
        handler.delta(refusal="I can't help with that.")
        handler.delta("stop")
        handler.end_stream()

    world = World()
    with serving(turn) as server:
        assert run(server, world).ending == "declined"
    assert world.said == ""
