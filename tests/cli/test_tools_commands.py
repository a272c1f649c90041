"""`gateway tools`: what agents call, from the command line."""

import json

import pytest

from gateway.tools import registry
from tests.cli.conftest import Cli


def test_list_names_every_tool(empty: Cli) -> None:
    done = empty("tools", "list")
    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines()[2:]] == list(registry.TOOLS)


def test_list_as_json_has_the_same_names(empty: Cli) -> None:
    told = json.loads(empty("tools", "list", "--json").out)
    assert [item["name"] for item in told] == list(registry.TOOLS)


def test_schema_prints_what_a_chat_completion_takes(empty: Cli) -> None:
    told = json.loads(empty("tools", "schema").out)
    assert [item["function"]["name"] for item in told] == list(registry.TOOLS)
    assert json.loads(empty("tools", "schema", "run_sql").out)["function"]["name"] == "run_sql"


@pytest.mark.parametrize(
    "arguments",
    [
        ("experiment_id=price_badges", 'metric_ids=["conversion_7d"]', "population=itt"),
        ("experiment_id=price_badges", 'metric_ids=["conversion_7d"]', "--population", "itt"),
        ('{"experiment_id": "price_badges", "metric_ids": ["conversion_7d"], "population": "itt"}',),
    ],
)
def test_call_takes_pairs_or_one_object(world: Cli, arguments: tuple[str, ...]) -> None:
    done = world("tools", "call", "experiment_results", *arguments)
    assert done.code == 0, done.err
    evidence = json.loads(done.out)["evidence"]
    assert {item["metric_id"] for item in evidence} == {"conversion_7d"}
    assert {item["analysis_population"] for item in evidence} == {"itt"}
    assert len(evidence) == 3


def test_call_reads_an_object_from_stdin(world: Cli) -> None:
    done = world("tools", "call", "run_sql", "-", stdin='{"statement": "select count(*) as n from dim_metrics"}')
    assert done.code == 0, done.err
    assert json.loads(done.out)["table"]["columns"] == ["n"]


def test_a_text_that_looks_like_a_number_stays_the_text_that_the_tool_takes(world: Cli) -> None:
    done = world("tools", "call", "list_experiments", "search=2026")
    assert done.code == 0, done.err
    assert json.loads(done.out)["table"]["rows"] == []


def test_a_refused_statement_exits_3_with_its_reasons(world: Cli) -> None:
    done = world("tools", "call", "run_sql", "statement=select owner from dim_experiments")
    assert done.code == 3
    told = json.loads(done.out)
    assert told["status"] == "blocked"
    assert [reason["rule"] for reason in told["queries"][0]["violations"]] == ["column_not_found"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nope",), "no tool named 'nope'"),
        (("run_sql", "foo"), "'foo' is not an argument of a tool"),
        (("run_sql", "{"), "the arguments are not JSON"),
        (("run_sql", "-"), "the arguments are not JSON"),
        (("run_sql", "statement=select 1", "limit=3"), "limit: Extra inputs are not permitted"),
        (("experiment_results", "experiment_id=price_badges"), "population: Field required"),
    ],
)
def test_what_cannot_be_called_exits_2_in_the_wire_shape(world: Cli, arguments: tuple[str, ...], message: str) -> None:
    done = world("tools", "call", *arguments)
    assert done.code == 2
    told = json.loads(done.out)
    assert told["status"] == "error"
    assert message in told["text"]


def test_every_call_is_in_the_audit_log(world: Cli) -> None:
    done = world("tools", "call", "list_metrics")
    shown = world("audit", "show", json.loads(done.out)["audit_id"])
    assert shown.code == 0
    assert "cli.tools" in shown.out
