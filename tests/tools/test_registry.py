"""The registry: every tool by its name, arguments checked before anything is read."""

from typing import Any

import pytest

from gateway.errors import UsageError
from gateway.tools import registry
from tests.conftest import Demo

NAMES = [
    "list_experiments", "list_metrics", "describe_marts", "experiment_health", "experiment_results",
    "experiment_segments", "rank_experiments", "experiment_trend", "experiment_decision", "plan_experiment",
    "compare_arms", "query_marts", "run_sql",
]  # fmt: skip
COMPLETE: dict[str, dict[str, Any]] = {
    "list_experiments": {},
    "list_metrics": {},
    "describe_marts": {},
    "experiment_health": {"experiment_id": "price_badges"},
    "experiment_results": {"experiment_id": "price_badges", "population": "itt"},
    "experiment_segments": {
        "experiment_id": "price_badges",
        "population": "itt",
        "metric_id": "conversion_7d",
        "dimension": "platform",
    },
    "rank_experiments": {"population": "itt"},
    "experiment_trend": {"experiment_id": "price_badges", "population": "itt", "metric_id": "conversion_7d"},
    "experiment_decision": {"experiment_id": "price_badges", "population": "itt"},
    "plan_experiment": {"experiment_id": "price_badges", "population": "itt", "effect": 0.05},
    "compare_arms": {
        "arms": [{"name": "a", "n": 900, "conversions": 90}, {"name": "b", "n": 900, "conversions": 120}],
        "population": "itt",
        "running": False,
    },
    "query_marts": {"asset": "dim_metrics", "columns": ["metric_id"]},
    "run_sql": {"statement": "select metric_id from dim_metrics"},
}


NEEDED = [
    (name, argument)
    for name in NAMES
    for argument in COMPLETE[name]
    if registry.TOOLS[name].arguments.model_fields[argument].is_required()
]
READS_NOTHING = ("describe_marts", "compare_arms")
"""One reads the contract alone, the other what it was handed."""


def test_every_tool_is_in_the_registry_under_its_own_name() -> None:
    assert list(registry.TOOLS) == NAMES
    assert [tool.name for tool in registry.TOOLS.values()] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_tool_says_what_it_is_for(name: str) -> None:
    tool = registry.TOOLS[name]
    assert tool.title
    assert tool.run.__doc__


@pytest.mark.parametrize("name", NAMES)
def test_every_tool_answers_and_reads_only_through_its_context(demo: Demo, name: str) -> None:
    ctx = demo.context()
    result = registry.call(name, COMPLETE[name], ctx)
    assert result.evidence or result.table.rows
    assert {record.info.verdict for record in ctx.queries} <= {"approved"}
    assert bool(ctx.queries) is (name not in READS_NOTHING)


@pytest.mark.parametrize("name", NAMES)
def test_an_argument_that_is_not_known_is_refused_before_anything_is_read(demo: Demo, name: str) -> None:
    ctx = demo.context()
    with pytest.raises(UsageError) as refused:
        registry.call(name, COMPLETE[name] | {"window": "28d"}, ctx)
    taken = ", ".join(registry.TOOLS[name].arguments.model_fields)
    assert refused.value.message == f"{name} can't take these arguments: window: Extra inputs are not permitted"
    assert refused.value.hint == f"it takes {taken}"
    assert ctx.queries == []


@pytest.mark.parametrize(("name", "argument"), NEEDED)
def test_an_argument_that_is_needed_is_asked_for(demo: Demo, name: str, argument: str) -> None:
    arguments = {key: value for key, value in COMPLETE[name].items() if key != argument}
    with pytest.raises(UsageError, match=f"{name} can't take these arguments: {argument}: Field required"):
        registry.call(name, arguments, demo.context())


@pytest.mark.parametrize("name", [name for name in NAMES if "population" in COMPLETE[name]])
def test_nothing_but_the_two_populations_is_one(demo: Demo, name: str) -> None:
    with pytest.raises(UsageError, match="population: Input should be 'itt' or 'exposed'"):
        registry.call(name, COMPLETE[name] | {"population": "both"}, demo.context())


def test_a_tool_that_is_not_there_is_said_with_those_that_are(demo: Demo) -> None:
    with pytest.raises(UsageError) as refused:
        registry.call("drop_table", {}, demo.context())
    assert refused.value.message == "no tool named 'drop_table'"
    assert refused.value.hint == f"there is: {', '.join(sorted(NAMES))}"
