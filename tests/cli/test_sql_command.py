"""`gateway sql`: a statement through the guard, in each format, and every reason when it is refused."""

import csv
import io
import json
import re

import pytest

from gateway.settings import resource
from tests.cli.conftest import Cli

GOOD = "select experiment_id, status from fct_experiment_srm where analysis_population = 'itt' order by 1"
BAD = "select unit_id, avg(conversion_rate) from fct_experiment_results, fct_events group by unit_id"


def test_a_table_on_stdout_and_its_record_on_stderr(world: Cli) -> None:
    result = world("sql", GOOD)
    assert result.code == 0
    assert result.out.splitlines()[0].split() == ["experiment_id", "status"]
    assert len(result.out.splitlines()) == 15
    assert result.err.startswith("13 rows · audit: ")


def test_quiet_leaves_the_data_alone_on_its_stream(world: Cli) -> None:
    assert world("sql", GOOD, "--quiet").err == ""
    assert world("--quiet", "sql", GOOD).out == world("sql", GOOD).out


def test_csv_is_read_back_as_it_was(world: Cli) -> None:
    rows = list(csv.reader(io.StringIO(world("sql", GOOD, "--format", "csv").out)))
    assert rows[0] == ["experiment_id", "status"]
    assert ["pin_leaderboard_carousel", "mismatch"] in rows
    assert len(rows) == 14


def test_markdown_is_a_markdown_table(world: Cli) -> None:
    lines = world("sql", GOOD, "--format", "markdown").out.splitlines()
    assert lines[:2] == ["| experiment_id | status |", "| --- | --- |"]


def test_json_is_the_answer(world: Cli) -> None:
    answer = json.loads(world("sql", GOOD, "--format", "json").out)
    assert answer["status"] == "answered"
    assert answer["table"]["columns"] == ["experiment_id", "status"]
    assert answer["queries"][0]["verdict"] == "approved"


def test_explain_prints_what_would_run_and_runs_nothing(world: Cli) -> None:
    result = world("sql", "--explain", GOOD)
    assert (result.code, result.out.split()[0]) == (0, "SELECT")
    assert "fct_experiment_srm" in result.out
    assert "mismatch" not in result.out


def test_what_explain_prints_is_what_runs(world: Cli) -> None:
    explained = world("sql", "--explain", GOOD).out.strip()
    assert json.loads(world("sql", GOOD, "--format", "json").out)["queries"][-1]["approved"] == explained


@pytest.mark.parametrize("flags", [(), ("--explain",)])
def test_a_refusal_gives_every_reason_its_place_and_a_hint(world: Cli, flags: tuple[str, ...]) -> None:
    result = world("sql", BAD, *flags)
    assert (result.code, result.out) == (3, "")
    assert result.err.count("pin_not_fixed at 1:") == 2
    assert "table_not_allowed at 1:67" in result.err
    assert "hint: " in result.err


def test_a_refusal_as_json_is_on_stdout(world: Cli) -> None:
    result = world("sql", BAD, "--format", "json")
    answer = json.loads(result.out)
    assert (result.code, answer["status"]) == (3, "blocked")
    assert [item["rule"] for item in answer["queries"][0]["violations"]].count("pin_not_fixed") == 2


def test_a_dash_reads_the_statement_from_stdin(world: Cli) -> None:
    assert world("sql", "-", stdin=GOOD).out == world("sql", GOOD).out


def test_a_role_sees_only_its_assets(world: Cli) -> None:
    assert world("sql", "select country from fct_experiment_cohort limit 1").code == 0
    assert world("sql", "select country from fct_experiment_cohort limit 1", "--role", "viewer").code == 3


def test_a_cut_result_says_so_and_how_to_get_the_rest(world: Cli) -> None:
    result = world("sql", "select country from fct_experiment_cohort", "--format", "csv")
    assert len(result.out.splitlines()) == 10_001
    assert "cut at 10,000 rows" in result.err
    assert "LIMIT" in result.err


LONG = """
select metric_id, date_day, variation_id,
    row_number() over (partition by metric_id, date_day order by mean, m2) as by_mean,
    row_number() over (partition by variation_id, date_day order by m2, mean) as by_spread,
    median(mean) over (partition by metric_id, date_day order by variation_id, mean) as middle
from agg_experiment_metric_daily where analysis_population = 'itt' and dimension = 'all'
order by middle, by_mean, by_spread limit 10"""


def test_a_statement_over_its_time_limit_is_5(copy_of_world: Cli) -> None:
    contract = (resource("marts_sql") / "semantic_layer.yaml").read_text("utf-8")
    hurried = re.sub(r"seconds: *[0-9.]+", "seconds: 0.000001", contract)
    assert hurried != contract
    (copy_of_world.folder / "hurried.yaml").write_text(hurried, "utf-8")
    assert copy_of_world("sql", LONG).code == 0
    result = copy_of_world("sql", LONG, GATEWAY_SEMANTIC="hurried.yaml")
    assert (result.code, result.out) == (5, "")
    assert "error: " in result.err
    assert "Traceback" not in result.err


def test_one_row_is_one_row(world: Cli) -> None:
    assert world("sql", "select 1 as one").err.startswith("1 row · audit: ")


def test_a_statement_may_be_in_the_other_dialect(world: Cli) -> None:
    text = "select status, countIf(n_variations > 2) as n from dim_experiments group by status order by status"
    same = text.replace("countIf(n_variations > 2)", "count(*) filter (where n_variations > 2)")
    assert world("sql", "--dialect", "clickhouse", text).out == world("sql", same).out
    refused = world("sql", "--dialect", "clickhouse", "select n_variations / n_variations as q from dim_experiments")
    assert refused.code == 3
    assert "dialect_differs at 1:8" in refused.err
