"""`gateway power`: what is typed, what comes out of it, and what it refuses to work out."""

import csv
import io
import json
from typing import Any

import pytest
from statsmodels.stats.power import NormalIndPower

from gateway.cli import power_flags as read
from gateway.errors import UsageError
from tests.cli.conftest import Cli


def planned(cli: Cli, *args: str) -> dict[str, Any]:
    """The row that was asked for, from `--json`."""
    result = cli("power", *args, "--json")
    answer = json.loads(result.out)
    assert (result.code, answer["status"]) == (0, "answered"), answer["text"]
    return dict(zip(answer["table"]["columns"], answer["table"]["rows"][0], strict=True))


def test_a_size_needs_no_marts_and_leaves_nothing_behind(empty: Cli) -> None:
    result = empty("power", "--mean", "10", "--sd", "3", "--mde", "2%")
    due = 2 * (int(NormalIndPower().solve_power(0.2 / 3, alpha=0.05, power=0.8)) + 1)
    assert (result.code, result.err) == (0, "")
    assert f"with 80 % power takes {due:,} units ({due // 2:,} per arm)" in result.out
    assert not empty.home.exists()


def test_the_table_crosses_effects_with_powers_and_marks_what_was_asked(empty: Cli) -> None:
    out = empty("power", "--rate", "5%", "--mde", "5%", "--power", "85%").out
    lines = [line.split() for line in out.splitlines()]
    assert ["effect", "80", "%", "85", "%", "90", "%"] in lines
    marked = next(line for line in lines if "←" in line)
    assert marked[:2] == ["+5", "%"]
    assert marked[3] == f"{planned(empty, '--rate', '5%', '--mde', '5%', '--power', '85%')['units']:,}"


def test_the_curve_rises_through_the_plans_own_point(empty: Cli) -> None:
    out = empty("power", "--rate", "5%", "--mde", "5%").out
    drawn = [line for line in out.splitlines() if "┤" in line]
    assert [line[:5].strip() for line in drawn] == ["100 %", "", "80 %", "", "60 %", "", "40 %", "", "20 %", "", "0 %"]
    (point,) = [line for line in drawn if "◆" in line]
    assert point.startswith(" 80 % ┤")
    ends = [line.rstrip()[-1:] == "•" or "•" in line for line in drawn]
    assert any(ends)


def test_traffic_turns_units_into_days_and_whole_weeks(empty: Cli) -> None:
    row = planned(empty, "--rate", "5%", "--mde", "5%", "--daily-traffic", "3,000", "--window", "7")
    assert (row["units"], row["days"], row["whole_weeks_days"]) == (244_248, 82 + 7, 91)
    out = empty("power", "--rate", "5%", "--mde", "5%", "--daily-traffic", "3k", "--window", "7").out
    assert "That is 89 days; run it for 91 days, in whole weeks, so that each weekday counts the same." in out


@pytest.mark.parametrize(
    ("args", "same"),
    [
        (("--mde", "0.05"), ("--mde", "5%")),
        (("--mde", "0.25pp"), ("--mde", "5%")),
        (("--mde", "0.0025", "--absolute"), ("--mde", "5%")),
        (("--mde", "5%", "--arms", "3"), ("--mde", "5%", "--split", "1:1:1")),
        (("--mde", "5%", "--split", "80/20"), ("--mde", "5%", "--split", "4,1")),
        (("--mde", "5%", "--cuped", "r=0.5"), ("--mde", "5%", "--cuped", "25%")),
        (("--mde", "5%", "--alpha", "0.1"), ("--mde", "5%", "--alpha", "10%")),
        (("--units", "30k"), ("--units", "30,000")),
    ],
)
def test_ways_to_write_the_same_plan(empty: Cli, args: tuple[str, ...], same: tuple[str, ...]) -> None:
    assert planned(empty, "--rate", "5%", *args) == pytest.approx(planned(empty, "--rate", "5%", *same))


def test_a_ratio_by_its_parts_is_the_ratio_with_its_linearised_spread(empty: Cli) -> None:
    """R = 8, and its variance per unit is (vM - 2 R cov + R^2 vD) / mean(D)^2."""
    sd = ((30.0**2 - 2 * 8 * 0.8 * 30 * 3 + 64 * 3**2) / 1.5**2) ** 0.5
    parts = planned(
        empty, "--numerator", "12/30", "--denominator", "1.5/3", "--correlation", "0.8", "--mde", "3%"
    )  # fmt: skip
    whole = planned(empty, "--ratio", "8", "--sd", str(sd), "--mde", "3%")
    assert parts == pytest.approx(whole)
    assert (parts["aggregation"], parts["baseline"]) == ("ratio", pytest.approx(8.0))


def test_non_inferiority_one_sided_and_sequential_reach_the_design(empty: Cli) -> None:
    out = empty("power", "--rate", "5%", "--non-inferiority", "2%").out
    assert out.startswith("To rule out harm beyond the margin with 80 % power takes")
    assert "Non-inferiority with a margin of 2 %, one-sided at 2.5 %" in out
    assert "One-sided at 5 %" in empty("power", "--rate", "5%", "--mde", "5%", "--one-sided").out
    assert "the rest is the price of looking early" in empty("power", "--rate", "5%", "--mde", "5%", "--sequential").out


def test_an_experiments_baseline_comes_through_the_gateway_and_is_recorded(world: Cli) -> None:
    result = world("power", "--experiment", "one_page_checkout", "--population", "itt", "--mde", "5%")
    assert result.code == 0
    assert "Baseline: conversion_7d of the control of one_page_checkout, everyone assigned (itt)." in result.out
    audit_id = result.out.strip().splitlines()[-1].removeprefix("audit: ")
    record = world("audit", "show", audit_id).out
    assert "plan_experiment" in record
    assert "agg_experiment_metric_by_variant" in record


def test_without_a_population_it_asks_which(world: Cli) -> None:
    result = world("power", "--experiment", "one_page_checkout", "--mde", "5%")
    assert (result.code, result.out) == (4, "")
    assert "Which population: itt or exposed?" in result.err


def test_the_power_of_a_measured_effect_is_refused(world: Cli) -> None:
    named = ("power", "--experiment", "one_page_checkout", "--population", "itt", "--units", "actual")
    answer = json.loads(world("ask", "Did one-page checkout increase conversion?", "--population", "itt", "--json").out)
    lift = answer["evidence"][0]["lift"]["value"]
    result = world(*named, "--mde", f"{100 * lift:.3g}%")
    assert result.code == 2
    assert "only repeats its p-value" in result.err
    word = world(*named, "--mde", "observed")
    assert (word.code, word.out) == (2, "")
    assert "only repeats its p-value" in word.err


def test_csv_is_every_row_in_full_and_markdown_the_crossed_table(empty: Cli) -> None:
    rows = list(csv.DictReader(io.StringIO(empty("power", "--rate", "5%", "--mde", "5%", "--format", "csv").out)))
    assert [row["row"] for row in rows] == ["asked", *["scenario"] * 10]
    assert float(rows[0]["power"]) == pytest.approx(0.8, abs=1e-4)
    out = empty("power", "--rate", "5%", "--mde", "5%", "--format", "markdown").out
    assert out.splitlines()[0] == "| effect | 80 % | 90 % |"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "a plan needs a baseline"),
        (("--rate", "5%"), "a plan needs an effect to find, a size, or daily traffic"),
        (("--rate", "5", "--mde", "5%"), "--rate 5 is 500 %"),
        (("--rate", "0", "--mde", "5%"), "--rate is above 0 and below 100 %"),
        (("--rate", "nan", "--mde", "5%"), "--rate takes a number, not 'nan'"),
        (("--rate", "5%", "--mde", "5"), "--mde 5 is 500 %"),
        (("--rate", "5%", "--mde", "x"), "--mde takes a number, not 'x'"),
        (("--rate", "5%", "--mde", "0"), "no size finds an effect of zero"),
        (("--rate", "90%", "--mde", "20%"), "there is no such plan: a rate of 0.9 would become 1.08"),
        (("--rate", "5%", "--units", "10"), "there is no such plan: needs 50 units per arm"),
        (("--rate", "5%", "--units", "1.5"), "--units takes whole units"),
        (("--rate", "5%", "--mde", "5%", "--power", "100%"), "--power"),
        (("--rate", "5%", "--mde", "5%", "--alpha", "5"), "--alpha 5 is 500 %"),
        (("--rate", "5%", "--mde", "5%", "--split", "50"), "--split takes the share of each arm"),
        (("--rate", "5%", "--mde", "5%", "--split", "50/50", "--arms", "3"), "--arms shares equally"),
        (("--rate", "5%", "--mde", "5%", "--arms", "1"), "--arms counts them"),
        (("--rate", "5%", "--mde", "5%", "--cuped", "r=1.5"), "--cuped r is a correlation"),
        (("--rate", "5%", "--mde", "5%", "--cuped", "measured"), "needs an experiment to read it from"),
        (("--rate", "5%", "--mde", "-5%", "--one-sided"), "cannot find such an effect"),
        (("--rate", "5%", "--mean", "3"), "--rate and --mean are baselines of different kinds"),
        (("--rate", "5%", "--sd", "3", "--mde", "5%"), "--sd belongs to --mean or --ratio"),
        (("--mean", "3", "--mde", "5%"), "--mean needs --sd"),
        (("--mean", "3", "--sd", "0", "--mde", "5%"), "--sd is above zero"),
        (("--numerator", "3/1", "--mde", "5%"), "--numerator needs --denominator"),
        (("--rate", "5%", "--metric", "x", "--mde", "5%"), "--metric names a metric of --experiment"),
        (("--rate", "5%", "--mde", "5%", "--chart", "a.gif"), "no chart is written as '.gif'"),
        (("--rate", "5%", "--mde", "5%", "--chart", "no/such/a.png"), "there is no such folder"),
    ],
    ids=" ".join,
)
def test_bad_input_is_2_says_what_was_found_and_what_to_do(empty: Cli, args: tuple[str, ...], message: str) -> None:
    result = empty("power", *args)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
    assert "\nhint: " in result.err


def test_an_error_has_the_wire_shape_under_json(empty: Cli) -> None:
    result = empty("power", "--rate", "90%", "--mde", "20%", "--json")
    assert result.code == 2
    assert json.loads(result.out)["status"] == "error"


@pytest.mark.parametrize(
    ("text", "value"), [("30000", 30_000), ("30,000", 30_000), ("30_000", 30_000), ("1.5k", 1_500), ("2M", 2_000_000)]
)
def test_numbers_are_read_with_their_thousands(text: str, value: float) -> None:
    assert read.number(text, "--units") == value


@pytest.mark.parametrize("text", ["", "5%%", "inf", "1e999", "five", "--"])
def test_what_is_no_number_is_refused_by_its_flag(text: str) -> None:
    with pytest.raises(UsageError, match="--units takes a number"):
        read.number(text, "--units")
