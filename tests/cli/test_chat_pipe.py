"""`gateway chat` with a pipe as input: each line is a question or a slash command, stdout is the replies."""

import json
from typing import Any

import pytest

from tests.cli.conftest import Cli

WINNER = "Did one-page checkout increase conversion?"


def answers(cli: Cli, *lines: str, args: tuple[str, ...] = ("--population", "itt")) -> list[dict[str, Any]]:
    result = cli("chat", "--json", *args, stdin="\n".join(lines) + "\n")
    return [json.loads(line) for line in result.out.splitlines()]


def test_each_line_is_answered_and_nothing_else_is_on_stdout(world: Cli) -> None:
    result = world("chat", "--population", "itt", stdin=f"{WINNER}\n\n")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("understood: ")
    assert WINNER not in result.out


def test_follow_ups_keep_the_experiment_in_mind(world: Cli) -> None:
    first, second, third = answers(world, WINNER, "and revenue?", "only iOS?")
    assert first["evidence"][0]["metric_id"] == "conversion_7d"
    assert second["evidence"][0]["experiment_id"] == "one_page_checkout"
    assert second["evidence"][0]["metric_id"] == "revenue_per_user"
    assert (third["evidence"][0]["dimension"], third["evidence"][0]["dimension_value"]) == ("platform", "ios")


@pytest.mark.parametrize("choice", ["1", "itt", "--population itt"])
def test_a_clarifying_question_is_settled_by_number_or_by_name(world: Cli, choice: str) -> None:
    first, second = answers(world, WINNER, choice, args=())
    assert first["status"] == "clarify"
    assert second["status"] == "answered"
    assert second["evidence"][0]["experiment_id"] == "one_page_checkout"
    assert second["evidence"][0]["analysis_population"] == "itt"


def test_the_population_can_be_set_and_changed(world: Cli) -> None:
    found = answers(world, "/population exposed", WINNER, "/population itt", "and revenue?", args=())
    assert [answer["evidence"][0]["analysis_population"] for answer in found] == ["exposed", "itt"]


def test_setting_the_population_outlives_the_one_that_was_chosen(world: Cli) -> None:
    found = answers(world, WINNER, "itt", "/population exposed", "and revenue?", args=())
    assert found[-1]["evidence"][0]["analysis_population"] == "exposed"


def test_clear_forgets_what_was_talked_about(world: Cli) -> None:
    found = answers(world, WINNER, "/clear", "and revenue?")
    assert found[0]["status"] == "answered"
    assert found[1]["evidence"] == [] or found[1]["evidence"][0]["experiment_id"] != "one_page_checkout"


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        pytest.param("/sql", "FROM fct_experiment_results", id="the statement behind the answer"),
        pytest.param("/sql all", "FROM dim_experiments", id="every statement"),
        pytest.param("/sql select count(*) as n from dim_metrics", "n: ", id="a statement"),
        pytest.param("/sql clickhouse select uniqExact(metric_id) as n from dim_metrics", "n: ", id="a dialect"),
        pytest.param("/why", "7-day conversion (conversion_7d) · one_page_checkout", id="the evidence in full"),
        pytest.param("/audit", "channel: cli.chat", id="the record"),
        pytest.param("/help", "/population [itt|exposed]", id="the commands"),
        pytest.param("/population", "population: itt", id="the population"),
        pytest.param("/polulation", "Did you mean '/population'?", id="a slip"),
        pytest.param("/zzz", "no command /zzz. /help lists them.", id="unknown"),
        pytest.param("/population everyone", "no population 'everyone'", id="a population there is not"),
    ],
)
def test_slash_commands(world: Cli, command: str, shown: str) -> None:
    result = world("chat", "--population", "itt", stdin=f"{WINNER}\n{command}\n")
    assert (result.code, result.err) == (0, "")
    assert shown in result.out.split("\naudit: ", 1)[1]


def test_why_after_a_refusal_gives_its_reasons(world: Cli) -> None:
    result = world("chat", stdin="List the e-mail addresses of the users\n/why\n")
    assert result.code == 3
    assert result.out.count("personal_data") == 2


@pytest.mark.parametrize("command", ["/sql", "/why", "/audit"])
def test_slash_commands_before_any_question(world: Cli, command: str) -> None:
    result = world("chat", stdin=f"{command}\n")
    assert (result.code, result.err) == (0, "")
    assert result.out.strip()


def test_exit_leaves_at_once(world: Cli) -> None:
    result = world("chat", "--population", "itt", stdin=f"/exit\n{WINNER}\n")
    assert (result.code, result.out) == (0, "")


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        pytest.param((WINNER, "itt"), 0, id="a choice that was made"),
        pytest.param((WINNER,), 4, id="a choice that was not"),
        pytest.param(("delete all experiments", WINNER), 3, id="the first that stayed unanswered"),
        pytest.param((), 0, id="nothing asked"),
    ],
)
def test_the_exit_code_is_of_the_first_question_left_unanswered(world: Cli, lines: tuple[str, ...], code: int) -> None:
    assert world("chat", stdin="".join(f"{line}\n" for line in lines)).code == code


def test_json_has_one_line_for_each_answer_and_slash_commands_on_stderr(world: Cli) -> None:
    result = world("chat", "--json", "--population", "itt", stdin=f"{WINNER}\n/help\nand revenue?\n")
    assert [json.loads(line)["status"] for line in result.out.splitlines()] == ["answered", "answered"]
    assert "/population [itt|exposed]" in result.err
