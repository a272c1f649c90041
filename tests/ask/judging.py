"""Judges a plan against the readings that are right: by what would run, and not by how it is written down."""

import math
from enum import StrEnum
from typing import Any

from gateway.ports import Plan, ToolCall
from gateway.tools import registry
from tests.ask.question_set import Case, Reading


class Verdict(StrEnum):
    RIGHT = "right"
    ASKED = "asked back though clear"
    REFUSED = "refused though clear"
    BESIDE = "asked or refused, but not for what it is"
    MISREAD = "confident misreading"


_PRESENTATION = {
    "plan_experiment": {"curve"},
    "compare_arms": {"metric", "control", "population"},
    "query_marts": {"order_by", "columns"},
}
"""Arguments that change how an answer is shown, not what it says. `columns` is compared apart: more are welcome."""


def judge(case: Case, plan: Plan) -> Verdict:
    """The verdict on the plan that the last question of a case became."""
    if any(_fits(reading, plan, case.population) for reading in case.readings):
        return Verdict.RIGHT
    if plan.calls:
        return Verdict.MISREAD
    if not case.is_clear:
        return Verdict.BESIDE
    return Verdict.ASKED if plan.question_back else Verdict.REFUSED


def fold(text: str) -> str:
    """A text in which names are found however they are spelled: one-page checkout, one_page_checkout."""
    return text.casefold().replace("_", " ").replace("-", " ")


def _fits(reading: Reading, plan: Plan, population: str | None) -> bool:
    if reading.refuses:
        return plan.refusal_rule == reading.refuses
    if reading.asks_back is not None:
        told = fold(" ".join((plan.question_back, *plan.choices)))
        return bool(plan.question_back) and all(fold(name) in told for name in reading.asks_back)
    return _same_calls(list(reading.calls), list(plan.calls), population)


def _same_calls(wanted: list[ToolCall], made: list[ToolCall], population: str | None) -> bool:
    """The same calls in any order: none is missing, and none is over."""
    if len(wanted) != len(made):
        return False
    left = list(made)
    for call in wanted:
        match = next((other for other in left if _same(call, other, population)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def _same(wanted: ToolCall, made: ToolCall, population: str | None) -> bool:
    if wanted.tool != made.tool:
        return False
    if wanted.tool == "query_marts" and not _shows(wanted, made, "columns"):
        return False
    if wanted.tool == "compare_arms":
        return _same_arms(wanted.arguments, made.arguments, population)
    return _alike(_complete(wanted, population), _complete(made, population))


def _shows(wanted: ToolCall, made: ToolCall, name: str) -> bool:
    """Whether what is made shows at least what is wanted."""
    return set(wanted.arguments.get(name, ())) <= set(made.arguments.get(name, ()))


def _complete(call: ToolCall, population: str | None) -> dict[str, Any]:
    """The arguments as the tool takes them, defaults filled in."""
    model = registry.tool(call.tool).arguments
    given = dict(call.arguments)
    if "population" in model.model_fields and population:
        given.setdefault("population", population)
    if call.tool == "experiment_health":
        given["population"] = None if given.get("daily") else given.get("population") or population
    dumped = model.model_validate(given).model_dump()
    return {name: value for name, value in dumped.items() if name not in _PRESENTATION.get(call.tool, ())}


def _same_arms(wanted: dict[str, Any], made: dict[str, Any], population: str | None) -> bool:
    """Arms by their figures, in the order of the question; by their names only where the question names them."""
    names = [[arm.get("name") for arm in arguments["arms"]] for arguments in (wanted, made)]
    named = all(want is None or str(want).casefold() == str(got).casefold() for want, got in zip(*names, strict=False))
    completed = [
        _complete(ToolCall("compare_arms", arguments | {"arms": _numbered(arguments["arms"])}), population)
        for arguments in (wanted, made)
    ]
    first = made.get("control") in (None, names[1][0])
    return named and first and _alike(*completed)


def _numbered(arms: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [arm | {"name": f"arm {place}"} for place, arm in enumerate(arms)]


def _alike(wanted: Any, made: Any) -> bool:
    if isinstance(wanted, dict) and isinstance(made, dict):
        return wanted.keys() == made.keys() and all(
            _alike_unordered(wanted[name], made[name]) if name in ("filters", "metric_ids", "variation_ids") else
            _alike(wanted[name], made[name])
            for name in wanted
        )  # fmt: skip
    if isinstance(wanted, list | tuple) and isinstance(made, list | tuple):
        return len(wanted) == len(made) and all(map(_alike, wanted, made))
    if isinstance(wanted, float) and isinstance(made, int | float):
        return math.isclose(wanted, made, rel_tol=1e-9)
    return bool(wanted == made)


def _alike_unordered(wanted: Any, made: Any) -> bool:
    return _alike(sorted(map(str, wanted)), sorted(map(str, made)))
