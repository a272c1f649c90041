"""How far an agent may go is counted here, whatever it does."""

from dataclasses import dataclass

import pytest

from gateway.answer import Answer
from gateway.ask.bounds import REPAIRS, Tally, size
from gateway.ports import ToolCall
from gateway.settings import ModelSettings

FINE, WRONG, REFUSED = Answer(status="answered"), Answer(status="error"), Answer(status="blocked")


@dataclass
class Clock:
    """Time that passes when it is told to."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def tally(**bounds: float) -> Tally:
    return Tally(ModelSettings.model_validate(bounds), Clock())


def test_nothing_is_reached_at_the_start() -> None:
    assert (tally().before(0), tally().enough) == (None, None)


def test_steps_are_counted_and_the_last_is_known_as_such() -> None:
    counted = tally(steps=2)
    before = counted.is_last_step
    counted.used(10, 0, 0)
    assert (before, counted.is_last_step, counted.before(0)) == (False, True, None)
    counted.used(10, 0, 0)
    assert counted.before(0) == "steps"


def test_time_is_the_questions_as_a_whole() -> None:
    clock = Clock()
    counted = Tally(ModelSettings(seconds=60), clock)
    clock.now += 59
    assert (counted.before(0), counted.seconds_left) == (None, 1.0)
    clock.now += 2
    assert (counted.before(0), counted.enough, counted.seconds_left) == ("seconds", "seconds", 0.0)


def test_tokens_are_the_servers_count_or_an_estimate() -> None:
    counted = tally(tokens=1_000)
    counted.used(900, 40, 40)
    assert counted.before(0) is None
    assert counted.before(800) == "tokens", "what would be sent counts too"
    counted.used(0, 800, 0)
    assert (counted.tokens, counted.before(0)) == (1_100, "tokens")


def test_a_refusal_may_be_mended_twice() -> None:
    counted = tally()
    for _ in range(REPAIRS):
        counted.came_to(REFUSED)
        assert counted.enough is None
    counted.came_to(REFUSED)
    assert counted.enough == "refused"


def test_faults_in_a_row_are_enough_and_an_answer_between_starts_afresh() -> None:
    counted = tally()
    for answer in (WRONG, WRONG, WRONG, FINE, WRONG, WRONG, WRONG):
        counted.came_to(answer)
        assert counted.enough is None
    counted.came_to(WRONG)
    assert counted.enough == "faults"


@pytest.mark.parametrize("arguments", [{"a": 1, "b": [2]}, {"b": [2], "a": 1}], ids=["same order", "another order"])
def test_the_same_call_is_known_again(arguments: dict[str, object]) -> None:
    counted = tally()
    assert not counted.is_repeat(ToolCall("x", {"a": 1, "b": [2]}))
    assert counted.is_repeat(ToolCall("x", arguments))
    assert not counted.is_repeat(ToolCall("y", arguments))
    for _ in range(2):
        assert counted.is_repeat(ToolCall("x", arguments))
    assert counted.enough == "repeated"


def test_the_size_of_a_chat_is_that_of_its_texts_and_calls() -> None:
    assert size([{"role": "user", "content": "abcd"}, {"role": "assistant", "content": None}]) == 4
    assert size([{"role": "assistant", "tool_calls": [{"id": "1"}]}]) > 5
