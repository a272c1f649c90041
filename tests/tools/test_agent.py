"""What an agent gets: the answer's wire shape as plain JSON, bounded, and never in doubt about why it is empty."""

import json
import math
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gateway.answer import Answer, Table
from gateway.tools import registry
from gateway.tools.agent import EXACT, MAX_CELL, MAX_CHARACTERS, MAX_ROWS, agent_payload, is_error, output_schema
from tests.conftest import Demo
from tests.tools.test_registry import COMPLETE

SCHEMA = Draft202012Validator(output_schema())


def told(demo: Demo, tool: str, role: str = "analyst", **arguments: Any) -> tuple[Answer, dict[str, Any]]:
    """A call through the main path: its answer, and what an agent gets of it."""
    answer = demo.gateway.call_tool(tool, arguments, demo.caller(role=role)).answer
    payload = agent_payload(answer)
    json.loads(json.dumps(payload, allow_nan=False))
    SCHEMA.validate(payload)
    return answer, payload


@pytest.mark.parametrize("name", list(registry.TOOLS))
def test_the_schema_holds_for_what_each_tool_answers(demo: Demo, name: str) -> None:
    answer, payload = told(demo, name, **COMPLETE[name])
    assert (answer.status, is_error(answer)) == ("answered", False)
    assert list(payload) == list(json.loads(answer.model_dump_json()))
    assert payload["evidence"] == json.loads(answer.model_dump_json())["evidence"]


def test_the_schema_is_a_schema_and_says_which_verdicts_there_are() -> None:
    Draft202012Validator.check_schema(output_schema())
    evidence = output_schema()["properties"]["evidence"]["items"]["properties"]
    assert evidence["verdict"]["enum"] == ["better", "worse", "inconclusive", "unreliable"]
    assert len(json.dumps(output_schema())) < 4_000


@pytest.mark.parametrize(
    "broken",
    [
        {"status": "fine"},
        {"evidence": [{"verdict": "great"}]},
        {"table": {"limit_source": "me"}},
        {"text": None},
    ],
)
def test_the_schema_refuses_what_is_no_payload(broken: dict[str, Any]) -> None:
    payload = agent_payload(Answer(status="answered"))
    assert SCHEMA.is_valid(payload)
    assert not SCHEMA.is_valid(payload | broken)
    assert not SCHEMA.is_valid({key: value for key, value in payload.items() if key != "status"})


def test_a_refusal_names_rule_token_place_hint_and_what_is_allowed(demo: Demo) -> None:
    answer, payload = told(demo, "run_sql", statement="select\n  nme from dim_experiments")
    assert is_error(answer)
    assert payload["status"] == "blocked"
    assert payload["queries"][0]["violations"] == [
        {
            "rule": "column_not_found",
            "message": "no column 'nme' in 'dim_experiments'",
            "hint": "did you mean 'name'?",
            "line": 2,
            "column": 3,
            "token": "nme",
            "allowed": ["name"],
        }
    ]


def test_an_approved_statement_is_told_once_as_it_ran(demo: Demo) -> None:
    answer, payload = told(demo, "run_sql", statement="select label from dim_metrics")
    (query,) = payload["queries"]
    assert (query["proposed"], query["approved"]) == ("", answer.queries[0].approved)
    _, refused = told(demo, "run_sql", statement="select owner from dim_experiments")
    assert refused["queries"][0]["proposed"] == "select owner from dim_experiments"


@pytest.mark.parametrize(
    ("tool", "arguments", "problem"),
    [
        pytest.param(
            "experiment_results",
            {"experiment_id": "price_badges", "population": "both"},
            {"rule": "bad_argument", "token": "population", "allowed": ["itt", "exposed"]},
            id="value",
        ),
        pytest.param(
            "run_sql",
            {"statement": "select 1", "limit": 3},
            {
                "rule": "bad_argument",
                "token": "limit",
                "hint": f"it takes {', '.join(registry.TOOLS['run_sql'].arguments.model_fields)}",
            },
            id="argument",
        ),
        pytest.param(
            "experiment_results",
            {"experiment_id": "price_badge", "population": "itt"},
            {"rule": "unknown_name", "token": "price_badge", "message": "no experiment named 'price_badge' here"},
            id="name",
        ),
        pytest.param("run_slq", {}, {"rule": "unknown_name", "token": "run_slq", "allowed": ["run_sql"]}, id="tool"),
    ],
)
def test_arguments_that_do_not_fit_are_a_result_that_says_what_does(
    demo: Demo, tool: str, arguments: dict[str, Any], problem: dict[str, Any]
) -> None:
    answer, payload = told(demo, tool, **arguments)
    assert (payload["status"], is_error(answer)) == ("error", True)
    found = payload["problems"][0]
    assert {key: found[key] for key in problem} == problem


def test_a_question_back_is_no_error(demo: Demo) -> None:
    answer = demo.ask("Did one-page checkout increase conversion?").answer
    assert (answer.status, is_error(answer)) == ("clarify", False)
    SCHEMA.validate(agent_payload(answer))


REFUSED = [
    pytest.param("query_marts", {"asset": "fct_experiment_cohort", "columns": ["variation_id"]}, id="mart of others"),
    pytest.param("run_sql", {"statement": "select variation_id from fct_experiment_cohort"}, id="table of others"),
    pytest.param("run_sql", {"statement": "select owner from dim_experiments"}, id="hidden column"),
    pytest.param("query_marts", {"asset": "dim_experiments", "columns": ["owner"]}, id="hidden column of a mart"),
    pytest.param("describe_marts", {"asset": "fct_experiment_cohort"}, id="description of others' mart"),
]


@pytest.mark.parametrize(("tool", "arguments"), REFUSED)
def test_not_allowed_never_looks_like_no_rows(demo: Demo, tool: str, arguments: dict[str, Any]) -> None:
    answer, payload = told(demo, tool, role="viewer", **arguments)
    assert is_error(answer)
    assert payload["problems"] or payload["queries"][-1]["violations"]
    nothing, empty = told(
        demo, "query_marts", asset="dim_experiments", columns=["name"], filters=[["experiment_id", "=", "nowhere"]]
    )
    assert (is_error(nothing), empty["table"]["row_count"], empty["problems"]) == (False, 0, [])


@pytest.mark.parametrize(("tool", "arguments"), REFUSED)
def test_hidden_and_absent_read_the_same_to_who_may_not_know(demo: Demo, tool: str, arguments: dict[str, Any]) -> None:
    """The name is changed into one that nothing has, and as near to nothing: only the name differs in what is told."""
    swapped = {"fct_experiment_cohort": "zzz_zzzzzzzzzz_zzzzzz", "owner": "zzzzz"}

    def renamed(value: Any) -> Any:
        text = json.dumps(value)
        for name, other in swapped.items():
            text = text.replace(name, other)
        return json.loads(text)

    _, hidden = told(demo, tool, role="viewer", **arguments)
    _, absent = told(demo, tool, role="viewer", **renamed(arguments))
    for payload in (hidden, absent):
        payload["audit_id"] = ""
    kept = {"hint", "allowed", "text"}  # nearest names depend on how a name is written

    def shape(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: shape(item) for key, item in value.items() if key not in kept}
        return [shape(item) for item in value] if isinstance(value, list) else value

    assert renamed(shape(hidden)) == shape(absent)
    named = [*hidden["problems"], *(reason for query in hidden["queries"] for reason in query["violations"])]
    assert named
    assert all(not {"owner", "fct_experiment_cohort"} & set(reason["allowed"]) for reason in named)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("select metric_id from dim_metrics limit 2", (2, False, 2, "caller")),
        ("select metric_id from dim_metrics", (10, False, 10_000, "role")),
        ("select metric_id from dim_metrics limit 20000", (10, False, 10_000, "role")),
    ],
)
def test_a_table_says_what_bounds_it_and_who_set_that(
    demo: Demo, statement: str, expected: tuple[int, bool, int, str]
) -> None:
    _, payload = told(demo, "run_sql", statement=statement)
    table = payload["table"]
    assert (table["row_count"], table["truncated"], table["limit"], table["limit_source"]) == expected


def test_a_table_that_is_no_querys_result_has_no_limit(demo: Demo) -> None:
    _, payload = told(demo, "describe_marts")
    assert payload["table"]["row_count"] == len(payload["table"]["rows"]) > 10
    assert (payload["table"]["limit"], payload["table"]["limit_source"]) == (None, None)


def table(rows: list[list[Any]], **bounds: Any) -> dict[str, Any]:
    payload: dict[str, Any] = agent_payload(Answer(status="answered", table=Table(columns=["x"], rows=rows, **bounds)))
    SCHEMA.validate(payload)
    return payload


def test_a_long_table_is_cut_and_says_so() -> None:
    payload = table([[i] for i in range(1_000)], limit=10_000, limit_source="role")
    shown = payload["table"]
    assert shown["rows"] == [[i] for i in range(MAX_ROWS)]
    assert (shown["row_count"], shown["truncated"]) == (1_000, True)
    assert (shown["limit"], shown["limit_source"]) == (MAX_ROWS, "agent")
    assert payload["warnings"] == [
        "the first 200 of 1,000 rows are shown here: filter, aggregate, or page",
    ]


def test_a_wide_table_is_cut_by_its_size_and_a_long_text_by_its_own() -> None:
    payload = table([["y" * 1_000] for _ in range(100)])
    size = len(json.dumps(payload["table"]["rows"]))
    assert MAX_CHARACTERS * 0.9 < size <= MAX_CHARACTERS
    assert payload["table"]["limit_source"] == "agent"
    single = table([["z" * 1_000_000]])
    assert single["table"]["rows"] == [["z" * MAX_CELL + "…"]]
    assert (single["table"]["truncated"], single["table"]["row_count"]) == (False, 1)
    assert single["warnings"] == ["texts longer than 2,000 characters are cut, and end in …"]


@pytest.mark.parametrize(
    ("cell", "told_as"),
    [
        (math.nan, None),
        (math.inf, None),
        (-math.inf, None),
        (EXACT, EXACT),
        (EXACT + 1, str(EXACT + 1)),
        (-EXACT - 1, str(-EXACT - 1)),
        (2**63, str(2**63)),
        (1e300, 1e300),
        (True, True),
        (None, None),
        ("2026-02-01", "2026-02-01"),
    ],
)
def test_cells_are_what_every_reader_of_json_takes_for_the_same(cell: Any, told_as: Any) -> None:
    found = table([[cell]])["table"]["rows"][0][0]
    assert (found, type(found)) == (told_as, type(told_as))
