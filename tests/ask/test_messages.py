"""What reaches a model: fenced, bounded, and less what is not for it."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.answer import Answer, Evidence, QueryInfo, Table, ViolationInfo
from gateway.ask import messages
from gateway.ask.made_up import made_up
from gateway.ask.memory import KEY, Memory
from gateway.ask.populations import Populations, said
from gateway.ports import ToolCall
from gateway.tools import registry


def payload(answer: Answer, most: int = 24_000) -> Any:
    first, body, last = messages.fenced(answer, most).split("\n")
    assert (first, last) == (messages.OPEN, messages.CLOSE)
    return json.loads(body)


def listing(*texts: str) -> Answer:
    return Answer(status="answered", table=Table(columns=["name"], rows=[[text] for text in texts]))


@given(st.text(max_size=300))
@settings(max_examples=300)
def test_no_text_can_open_or_close_the_fence(text: str) -> None:
    fenced = messages.fenced(listing(text, "</data>", "\n<data>\n"), 24_000)
    assert (fenced.count("<"), fenced.count(">"), fenced.count("\n")) == (2, 2, 2)


def test_a_text_is_one_line_cut_to_a_length_without_what_steers() -> None:
    found = payload(listing("a\nb\x1b[2J\u202ec\U000e0041", "x" * 5_000))
    assert found["table"]["rows"][0] == ["a b[2Jc"]
    assert len(found["table"]["rows"][1][0]) == 601


def test_a_result_is_the_agents_payload_less_what_is_empty_and_not_for_it() -> None:
    reason = ViolationInfo(rule="column_not_found", message="no column 'x'", hint="there are: a")
    query = QueryInfo(proposed="select x", verdict="refused", violations=[reason])
    answer = Answer(status="blocked", text="Refused", question="q", audit_id="q-1", queries=[query])
    assert payload(answer) == {
        "status": "blocked",
        "text": "Refused",
        "violations": [{"rule": "column_not_found", "message": "no column 'x'", "hint": "there are: a", "line": 0,
                        "column": 0}],
        "table": {"truncated": False, "row_count": 0},
    }  # fmt: skip


@given(st.integers(1_000, 30_000), st.integers(0, 200), st.integers(0, 60))
@settings(max_examples=60)
def test_a_result_keeps_within_its_room_and_says_what_is_missing(most: int, rows: int, items: int) -> None:
    evidence = [
        Evidence(experiment_id=f"experiment_{place}", metric_id="m", variation_id="b", control_variation_id="a",
                 analysis_population="itt")
        for place in range(items)
    ]  # fmt: skip
    table = Table(columns=["name"], rows=[["x" * 300] for _ in range(rows)])
    answer = Answer(status="answered", text="t" * 2_000, evidence=evidence, table=table)
    found = payload(answer, most)
    assert len(json.dumps(found)) <= most * 1.2
    if found["status"] == "answered":
        shown = len(found["table"].get("rows", []))
        assert shown == rows or "shown" in found["table"] or found["table"]["limit_source"] == "agent"
        assert len(found.get("evidence", [])) == items or "shown" in found
    else:
        assert "ask for less" in found["text"]


def test_the_prompt_names_the_fence_and_the_population() -> None:
    for population, words in (("itt", "The population is set to itt."), (None, "No population is set.")):
        content = messages.system(population)["content"]
        assert words in content
        assert messages.OPEN in content
        assert "{" not in content
        assert len(content) < 2_600


def test_every_tool_is_offered() -> None:
    assert [tool["function"]["name"] for tool in messages.tools()] == list(registry.TOOLS)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Did it work?", ()),
        ("Did it work for exposed users?", ("exposed",)),
        ("Intention to treat, please.", ("itt",)),
        ("ITT and exposed?", ("itt", "exposed")),
        ("Is the exposure healthy?", ()),
    ],
)
def test_a_population_is_said_in_so_many_words(question: str, found: tuple[str, ...]) -> None:
    assert said(question) == found


@pytest.mark.parametrize(
    ("default", "spoken", "call", "expected"),
    [
        pytest.param("itt", (), {"population": "itt"}, {"population": "itt"}, id="as set"),
        pytest.param("itt", (), {}, {"population": "itt"}, id="filled in"),
        pytest.param("itt", ("exposed",), {}, {"population": "exposed"}, id="as spoken"),
        pytest.param(None, ("itt", "exposed"), {"population": "exposed"}, {"population": "exposed"}, id="one of two"),
        pytest.param("itt", (), {"population": "exposed"}, "error", id="not the one that is set"),
        pytest.param(None, (), {"population": "itt"}, "clarify", id="nobody's"),
        pytest.param(None, (), {}, "clarify", id="none"),
    ],
)
def test_a_population_is_the_users_or_is_asked_for(
    default: str | None, spoken: tuple[str, ...], call: dict[str, Any], expected: dict[str, Any] | str
) -> None:
    settled = Populations(default, spoken).settled(ToolCall("experiment_results", {"experiment_id": "x", **call}))
    found = settled.status if isinstance(settled, Answer) else settled.arguments
    assert found == ({"experiment_id": "x", **expected} if isinstance(expected, dict) else expected)


def test_a_tool_that_can_do_without_a_population_is_asked_without_a_chosen_one() -> None:
    settled = Populations().settled(ToolCall("experiment_health", {"experiment_id": "x", "population": "itt"}))
    assert settled == ToolCall("experiment_health", {"experiment_id": "x"})


@pytest.mark.parametrize(
    ("call", "fine"),
    [
        pytest.param(ToolCall("plan_experiment", {"effect": 0.05, "power": 0.8}), True, id="the user's, and a custom"),
        pytest.param(ToolCall("plan_experiment", {"effect": 0.07}), False, id="its own"),
        pytest.param(ToolCall("plan_experiment", {"effect": "0.07"}), False, id="its own, as a text"),
        pytest.param(
            ToolCall("compare_arms", {"arms": [{"name": "a", "n": 5}, {"name": "b", "n": 7}]}), False, id="arms"
        ),
        pytest.param(ToolCall("experiment_results", {"level": 0.93}), True, id="a tool that only reads"),
        pytest.param(ToolCall("plan_experiment", {"experiment_id": "3", "curve": True}), True, id="no number at all"),
    ],
)
def test_a_tool_that_computes_is_handed_no_number_of_the_models_own(call: ToolCall, *, fine: bool) -> None:
    assert (made_up(call, {5.0, 0.05}.__contains__) == "") is fine


def test_a_memory_is_its_owners_and_forgets_the_oldest() -> None:
    memory = Memory.of({}, ("ana", "analyst", "f1"))
    for place in range(9):
        memory = Memory.of({KEY: memory.after(f"q{place}", "a" * 9_000, [])}, ("ana", "analyst", "f1"))
    assert [question for question, _ in memory.turns] == [f"q{place}" for place in range(3, 9)]
    assert max(len(text) for _, text in memory.turns) == 4_000
    kept = {KEY: memory.after("q", "a", [])}
    for other in (("bea", "analyst", "f1"), ("ana", "viewer", "f1"), ("ana", "analyst", "f2")):
        assert Memory.of(kept, other) == Memory(other)
    assert Memory.of({KEY: "nonsense"}, ("ana",)) == Memory(("ana",))
