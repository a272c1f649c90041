"""`gateway ask`: what comes out, where, and with which exit code."""

import json
from typing import Any

import pytest

from tests.cli.conftest import Cli

WINNER = "Did one-page checkout increase conversion?"
ANSWER_KEYS = [
    "status", "question", "interpretation", "text", "evidence", "table", "queries", "choices", "warnings", "audit_id",
    "looks", "problems",
]  # fmt: skip
EVIDENCE_KEYS = [
    "experiment_id", "metric_id", "variation_id", "control_variation_id", "analysis_population", "dimension",
    "dimension_value", "control", "treatment", "difference", "lift", "p_value", "p_value_adjusted", "chance_to_win",
    "statsig", "decision", "verdict", "basis", "srm", "quality", "not_computable", "cuped",
    "chance_to_be_best", "expected_loss", "p_value_looks",
]  # fmt: skip


def asked(cli: Cli, *args: str, **variables: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(cli("ask", *args, "--json", **variables).out)
    return answer


def test_json_is_the_wire_shape_and_leaves_nothing_out(world: Cli) -> None:
    result = world("ask", WINNER, "--population", "itt", "--json")
    answer = json.loads(result.out)
    assert (result.code, result.err) == (0, "")
    assert list(answer) == ANSWER_KEYS
    assert answer["status"] == "answered"
    assert answer["question"] == WINNER
    assert answer["audit_id"]
    (evidence,) = answer["evidence"]
    assert list(evidence) == EVIDENCE_KEYS
    assert list(evidence["control"]) == list(evidence["treatment"]) == ["n", "value"]
    assert list(evidence["difference"]) == list(evidence["lift"]) == ["value", "ci_low", "ci_high"]
    assert list(evidence["srm"]) == ["status", "p_value"]
    assert list(evidence["quality"]) == ["exposure_rate", "valid_exposure_rate", "mature_share", "flags"]
    assert list(answer["queries"][0]) == ["proposed", "approved", "verdict", "warnings", "violations"]
    assert answer["table"] == {
        "columns": [], "rows": [], "truncated": False, "row_count": 0, "limit": None, "limit_source": None,
    }  # fmt: skip


def test_the_card_carries_the_numbers_of_the_wire_shape(world: Cli) -> None:
    (evidence,) = asked(world, WINNER, "--population", "itt")["evidence"]
    text = world("ask", WINNER, "--population", "itt").out
    for arm in (evidence["control"], evidence["treatment"]):
        assert f"{arm['n']:,}  {100 * arm['value']:.2f} %" in text
    assert f"difference     {100 * evidence['difference']['value']:+.2f} points   95 % interval" in text
    assert f"relative lift  {100 * evidence['lift']['value']:+.2f} %   95 % interval" in text
    assert "understood: " in text
    assert "\naudit: " in text


def test_the_approved_sql_is_shown_on_request_only(world: Cli) -> None:
    assert "SELECT" not in world("ask", WINNER, "--population", "itt").out
    assert "SELECT" in world("ask", WINNER, "--population", "itt", "--show-sql").out


def test_without_a_population_it_asks_which(world: Cli) -> None:
    result = world("ask", WINNER)
    assert (result.code, result.out) == (4, "")
    assert "Which population: itt or exposed?" in result.err
    assert "1. --population itt" in result.err
    answer = asked(world, WINNER)
    assert (answer["status"], answer["evidence"]) == ("clarify", [])
    assert len(answer["choices"]) == 2


@pytest.mark.parametrize("population", ["itt", "exposed"])
def test_the_population_asked_for_is_the_one_answered(world: Cli, population: str) -> None:
    (evidence,) = asked(world, WINNER, "--population", population)["evidence"]
    assert evidence["analysis_population"] == population
    (evidence,) = asked(world, WINNER, GATEWAY_POPULATION=population)["evidence"]
    assert evidence["analysis_population"] == population


def test_a_flag_wins_over_the_environment_and_the_environment_over_the_file(copy_of_world: Cli) -> None:
    (copy_of_world.folder / "gateway.yaml").write_text("population: exposed\n", "utf-8")
    populations = [
        asked(copy_of_world, WINNER)["evidence"][0]["analysis_population"],
        asked(copy_of_world, WINNER, GATEWAY_POPULATION="itt")["evidence"][0]["analysis_population"],
        asked(copy_of_world, WINNER, "--population", "exposed", GATEWAY_POPULATION="itt")["evidence"][0][
            "analysis_population"
        ],
    ]
    assert populations == ["exposed", "itt", "exposed"]


def test_a_sample_ratio_mismatch_leads(world: Cli) -> None:
    result = world("ask", "Did the pin leaderboard carousel increase conversion?", "--population", "itt")
    assert result.code == 0
    assert result.out.startswith("SAMPLE RATIO MISMATCH in pin_leaderboard_carousel (itt)")
    assert "unreliable" in result.out


def test_several_treatments_share_a_table(world: Cli) -> None:
    text = world("ask", "Did price badges increase conversion?", "--population", "itt").out
    assert "arm " in text
    for arm in ("control", "discount_badge", "scarcity_badge", "social_proof_badge"):
        assert any(line.split()[:1] == [arm] for line in text.splitlines())


def test_a_question_for_personal_data_is_refused_with_3(world: Cli) -> None:
    result = world("ask", "List the e-mail addresses of the users", "--population", "itt")
    assert (result.code, result.out) == (3, "")
    assert "personal_data" in result.err
    assert asked(world, "List the e-mail addresses of the users")["status"] == "blocked"


def test_a_dash_reads_the_question_from_stdin(world: Cli) -> None:
    result = world("ask", "-", "--population", "itt", "--json", stdin=WINNER + "\n")
    assert json.loads(result.out)["question"] == WINNER


def test_words_need_no_quotes(world: Cli) -> None:
    result = world("ask", *WINNER.split(), "--population", "itt", "--json")
    assert json.loads(result.out)["question"] == WINNER


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("", id="empty"),
        pytest.param("why " * 2500, id="ten thousand characters"),
        pytest.param("Hat der neue Checkout die Konversion erhöht?", id="another language"),
        pytest.param("実験は成功しましたか", id="another script"),
        pytest.param("\x00\x1b[2J" * 3, id="control characters"),
    ],
)
def test_what_is_no_question_gets_a_plain_answer(world: Cli, question: str) -> None:
    result = world("ask", "-", "--population", "itt", stdin=question)
    assert result.code in (2, 4)
    assert "Traceback" not in result.err
    assert "\x1b" not in result.err


def test_output_to_a_pipe_has_no_colour(world: Cli) -> None:
    assert "\x1b" not in world("ask", WINNER, "--population", "itt").out


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(("ask",), id="no question"),
        pytest.param(("ask", WINNER, "--population", "everyone"), id="unknown population"),
        pytest.param(("ask", WINNER, "--planner", "oracle"), id="a planner that does not exist"),
        pytest.param(("ask", WINNER, "--nonsense"), id="unknown option"),
        pytest.param(("nonsense",), id="unknown command"),
        pytest.param(("--config",), id="an option without its value"),
    ],
)
def test_a_mistake_in_the_arguments_is_2_and_says_where_help_is(empty: Cli, args: tuple[str, ...]) -> None:
    result = empty(*args)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: ")
    assert "\nhint: " in result.err


@pytest.mark.parametrize(
    ("variables", "file", "found"),
    [
        pytest.param({}, "popluation: itt\n", "popluation", id="unknown key"),
        pytest.param({}, "population: everyone\n", "gateway.yaml:1", id="bad value"),
        pytest.param({}, "a: [\n", "gateway.yaml", id="not yaml"),
        pytest.param({"GATEWAY_POPLUATION": "itt"}, "", "GATEWAY_POPLUATION", id="unknown variable"),
        pytest.param({"GATEWAY_SEMANTIC": "nowhere.yaml"}, "", "nowhere.yaml", id="no contract"),
        pytest.param({"GATEWAY_ROLE": "nobody"}, "", "nobody", id="unknown role"),
    ],
)
def test_a_wrong_configuration_is_6_with_what_was_found(
    copy_of_world: Cli, variables: dict[str, str], file: str, found: str
) -> None:
    if file:
        (copy_of_world.folder / "gateway.yaml").write_text(file, "utf-8")
    result = copy_of_world("ask", WINNER, **variables)
    assert (result.code, result.out) == (6, "")
    assert found in result.err
    assert "Traceback" not in result.err


def test_a_missing_warehouse_is_6_and_says_how_to_make_one(empty: Cli) -> None:
    result = empty("ask", WINNER, "--population", "itt")
    assert result.code == 6
    assert "gold.duckdb" in result.err
    assert "gateway" in result.err.split("hint", 1)[-1] or "(" in result.err


def test_a_missing_config_file_is_6(empty: Cli) -> None:
    result = empty("ask", WINNER, "--config", "nowhere.yaml")
    assert result.code == 6
    assert "nowhere.yaml" in result.err


def test_what_cannot_be_recorded_is_not_answered(copy_of_world: Cli) -> None:
    (copy_of_world.home / "audit.sqlite").unlink(missing_ok=True)
    (copy_of_world.home / "audit.sqlite-wal").unlink(missing_ok=True)
    (copy_of_world.home / "audit.sqlite").mkdir()
    result = copy_of_world("ask", WINNER, "--population", "itt")
    assert (result.code, result.out) == (5, "")
    assert "audit.sqlite" in result.err
    assert "Traceback" not in result.err


def test_a_json_reader_gets_json_for_an_error_too(empty: Cli) -> None:
    result = empty("ask", WINNER, "--json", GATEWAY_SEMANTIC="nowhere.yaml")
    assert result.code == 6
    answer = json.loads(result.out)
    assert list(answer) == ANSWER_KEYS
    assert answer["status"] == "error"
    assert "nowhere.yaml" in answer["text"]


def test_every_question_is_in_the_audit_log(copy_of_world: Cli) -> None:
    answer = asked(copy_of_world, WINNER, "--population", "itt")
    shown = copy_of_world("audit", "show", answer["audit_id"], "--json")
    event = json.loads(shown.out)
    assert (event["question"], event["channel"], event["status"]) == (WINNER, "cli.ask", "answered")
