"""`gateway audit`, `gateway semantic` and `gateway doctor`: what a reviewer and a platform engineer look at."""

import json
import sqlite3

import pytest

from tests.cli.conftest import Cli

WINNER = "Did one-page checkout increase conversion?"


def test_the_log_lists_newest_first_and_filters(copy_of_world: Cli) -> None:
    copy_of_world("ask", WINNER, "--population", "itt")
    copy_of_world("ask", WINNER)
    copy_of_world("sql", "select 1 from fct_events")
    events = json.loads(copy_of_world("audit", "list", "--json", "--limit", "3").out)
    assert [(event["channel"], event["status"]) for event in events] == [
        ("cli.sql", "blocked"), ("cli.ask", "clarify"), ("cli.ask", "answered"),
    ]  # fmt: skip
    blocked = json.loads(copy_of_world("audit", "list", "--json", "--status", "blocked").out)
    assert {event["status"] for event in blocked} == {"blocked"}
    table = copy_of_world("audit", "list", "--channel", "cli.ask", "--limit", "2").out
    assert table.splitlines()[0].split()[:3] == ["id", "at", "channel"]
    assert len(table.splitlines()) == 4


def test_an_event_is_shown_in_full(copy_of_world: Cli) -> None:
    copy_of_world("sql", "select 1 from fct_events")
    (event,) = json.loads(copy_of_world("audit", "list", "--json", "--limit", "1").out)
    text = copy_of_world("audit", "show", event["id"][:12]).out
    assert "question: select 1 from fct_events" in text
    assert "table_not_allowed" in text


def test_an_event_that_is_not_there_is_2(world: Cli) -> None:
    assert world("audit", "show", "q-zzzzzzzzzzzzzzzz").code == 2


def test_a_log_that_was_changed_is_6(copy_of_world: Cli) -> None:
    copy_of_world("ask", WINNER, "--population", "itt")
    assert copy_of_world("audit", "verify").code == 0
    with sqlite3.connect(copy_of_world.home / "audit.sqlite") as log:
        for (name,) in log.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            log.execute(f"drop trigger {name}")
        log.execute("update events set question = 'something else'")
    result = copy_of_world("audit", "verify")
    assert (result.code, result.out) == (6, "")
    assert "not what was written" in result.err


def test_an_empty_log_is_said_not_made(empty: Cli) -> None:
    result = empty("audit", "list")
    assert result.code == 0
    assert "nothing has been asked" in result.err
    assert not empty.home.exists()


def test_semantic_show_lists_marts_and_columns_of_a_role(world: Cli) -> None:
    assert "fct_experiment_cohort" in world("semantic", "show").out
    assert "fct_experiment_cohort" not in world("semantic", "show", "--role", "viewer").out
    columns = world("semantic", "show", "fct_experiment_cohort").out
    assert "variation_id" in columns
    assert "unit_id" not in columns
    assert world("semantic", "show", "fct_experiment_cohort", "--role", "viewer").code == 2
    assert world("semantic", "show", "--role", "nobody").code == 2


def test_semantic_context_and_schema_are_data(world: Cli) -> None:
    assert world("semantic", "context").out.startswith("# Marts")
    assert json.loads(world("semantic", "schema").out)["$schema"].startswith("https://json-schema.org/")


def test_semantic_lint_holds_the_contract_against_the_marts(copy_of_world: Cli) -> None:
    assert copy_of_world("semantic", "lint").code == 0
    assert json.loads(copy_of_world("semantic", "lint", "--json").out)["problems"] == []
    (copy_of_world.folder / "own.yaml").write_text(
        "version: 1\n"
        "assets:\n"
        "  dim_metrics:\n"
        "    description: Metrics.\n"
        "    grain: [metric_id]\n"
        "    columns:\n"
        "      metric_id: {type: integer, role: key}\n"
        "      nothing: {type: string}\n"
        "roles:\n"
        "  analyst: {assets: '*'}\n",
        "utf-8",
    )
    result = copy_of_world("semantic", "lint", GATEWAY_SEMANTIC="own.yaml")
    assert (result.code, result.out) == (6, "")
    assert "dim_metrics.metric_id" in result.err
    assert "dim_metrics.nothing" in result.err
    problems = json.loads(copy_of_world("semantic", "lint", "--json", GATEWAY_SEMANTIC="own.yaml").out)["problems"]
    assert len(problems) >= 2


def test_doctor_proves_both_walls(copy_of_world: Cli) -> None:
    result = copy_of_world("doctor", "--json")
    found = json.loads(result.out)
    assert (result.code, found["well"]) == (0, True)
    assert {check["status"] for check in found["checks"]} == {"ok"}
    for wall in ("guard", "engine"):
        tried = {probe["what"] for probe in found["probes"] if probe["wall"] == wall and probe["refused"]}
        assert {
            "read a file",
            "attach the warehouse",
            "read a hidden column",
            "read a table outside the contract",
        } <= tried
    assert "refused" in copy_of_world("doctor").out


@pytest.mark.parametrize(
    ("variables", "told"),
    [({}, "not asked (guard.referee is off); "), ({"GATEWAY_GUARD_REFEREE": "true"}, "asked before every statement; ")],
)
def test_doctor_tries_the_referee_whether_it_is_on_or_off(
    copy_of_world: Cli, variables: dict[str, str], told: str
) -> None:
    checks = json.loads(copy_of_world("doctor", "--json", **variables).out)["checks"]
    (found,) = [check for check in checks if check["name"] == "referee"]
    detail = f"{told}the engine's parser agrees with the guard on 14 marts"
    assert found == {"name": "referee", "status": "ok", "detail": detail}


@pytest.mark.parametrize(
    ("variables", "failed"),
    [
        pytest.param({"GATEWAY_HOME": "elsewhere"}, "published marts", id="nothing is published"),
        pytest.param({"GATEWAY_SEMANTIC": "nowhere.yaml"}, "contract", id="no contract"),
        pytest.param({"GATEWAY_ROLE": "nobody"}, "contract", id="no such role"),
        pytest.param({"GATEWAY_POPULATION": "everyone"}, "settings", id="wrong settings"),
    ],
)
def test_doctor_says_what_does_not_hold_and_is_6(copy_of_world: Cli, variables: dict[str, str], failed: str) -> None:
    result = copy_of_world("doctor", "--json", **variables)
    found = json.loads(result.out)
    assert (result.code, found["well"]) == (6, False)
    assert failed in {check["name"] for check in found["checks"] if check["status"] == "failed"}
