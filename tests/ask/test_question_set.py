"""The question set as a whole: nothing is misread with confidence, and what is planned can be carried out."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from gateway.tools import registry
from tests.ask.evaluate import Outcome, evaluate, table, worlds_in
from tests.ask.judging import Verdict
from tests.ask.question_set import HALVES, load
from tests.ask.worlds import HILLSTROM, World

CASES = load()


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, World]]:
    with ExitStack() as stack:
        yield worlds_in(tmp_path_factory.mktemp("worlds"), stack)


@pytest.fixture(scope="module")
def outcomes(worlds: dict[str, World]) -> list[Outcome]:
    return evaluate(CASES, worlds)


def test_nothing_is_misread_with_confidence(outcomes: list[Outcome]) -> None:
    assert [outcome.describe() for outcome in outcomes if outcome.verdict is Verdict.MISREAD] == []


@pytest.mark.parametrize(("half", "least"), [("tuned", 0.98), ("held_out", 0.92)])
def test_clear_questions_are_answered(outcomes: list[Outcome], half: str, least: float) -> None:
    clear = [outcome for outcome in outcomes if outcome.case.half == half and outcome.case.is_clear]
    right = sum(outcome.verdict is Verdict.RIGHT for outcome in clear)
    assert right / len(clear) >= least, table(outcomes)


def test_what_is_planned_can_be_carried_out(outcomes: list[Outcome], worlds: dict[str, World]) -> None:
    planned = {
        (outcome.case.world, str(call)): call
        for outcome in outcomes
        for call in outcome.plan.calls
        if call.tool != "run_sql"  # what was typed is the guard's to judge
    }
    for (world, _), call in planned.items():
        registry.call(call.tool, call.arguments, worlds[world].context())


def test_the_set_covers_more_than_the_demo_world() -> None:
    by_world = Counter(case.world for case in CASES)
    assert len(CASES) >= 300
    assert by_world["library"] >= 80
    assert by_world["everyday_names"] >= 40
    assert min(Counter(case.half for case in CASES)[half] for half in HALVES) >= 200
    assert {case.group for case in CASES if case.half == "tuned"} == {
        case.group for case in CASES if case.half == "held_out"
    }


def test_no_question_is_asked_twice() -> None:
    asked = Counter((case.world, case.name.casefold(), case.population) for case in CASES)
    assert [name for name, times in asked.items() if times > 1] == []


@pytest.mark.skipif(not HILLSTROM.exists(), reason="the public e-mail test is not beside this repository")
def test_the_public_data_set_is_asked_about_where_it_is(outcomes: list[Outcome]) -> None:
    assert any(outcome.case.world == "hillstrom" for outcome in outcomes)
