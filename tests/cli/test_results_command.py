"""`gateway results`: the payload on stdout, its state on stderr, and an exit code that says whether it is fresh."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from gateway.adapters.clickhouse_address import Address
from gateway.adapters.clickhouse_connection import writing
from gateway.adapters.sqlite_audit import SqliteAudit
from gateway.cli.results import moment
from gateway.marts.clickhouse.loading import load_sources
from gateway.marts.clickhouse.server import Server
from gateway.marts.scorecard_source import WAREHOUSE
from tests.cli.conftest import Cli, Result, succeed

WINNER = "one_page_checkout"


def payload(result: Result) -> dict[str, Any]:
    assert result.code == 0, result.err
    return dict(json.loads(result.out))


def test_the_payload_has_the_arms_the_inference_and_the_split(world: Cli) -> None:
    found = payload(world("results", WINNER, "--json"))
    assert list(found)[:8] == ["experiment_id", "analysis_population", "as_of", "status", "window", "srm_p_value",
                               "excluded_units", "metrics"]  # fmt: skip
    assert found["metrics"][0]["metric_id"] == "conversion_7d"
    first = found["metrics"][0]
    assert set(first["variants"]) == {"control", "one_page"}
    assert all({"n", "sum", "sum_squares"} <= set(arm) for arm in first["variants"].values())
    assert set(first["inference"]["one_page"]) == {"lift", "ci_low", "ci_high", "chance_to_win"}
    with duckdb.connect(str(world.home / "gold.duckdb"), read_only=True) as con:
        stored = con.execute(
            "select control_n_users, n_users, uplift_rel, lift_ci_low, lift_ci_high, chance_to_win"
            " from fct_experiment_results where experiment_id = ? and metric_id = 'conversion_7d'"
            " and analysis_population = 'exposed' and dimension = 'all'",
            [WINNER],
        ).fetchone()
    assert stored is not None
    units = [first["variants"][arm]["n"] for arm in ("control", "one_page")]
    assert (*units, *first["inference"]["one_page"].values()) == pytest.approx(stored, rel=1e-12)


def test_on_a_pipe_it_is_json_and_a_table_where_asked(world: Cli) -> None:
    result = succeed(world("results", WINNER, "--format", "table"))
    lines = result.out.splitlines()
    assert lines[0].startswith("one_page_checkout: control ")
    assert "sample ratio ok" in lines[0]
    assert lines[3].split()[0] == "metric"
    assert any(line.startswith("conversion_7d") and " to " in line for line in lines)
    assert succeed(world("results", WINNER)).out == succeed(world("results", WINNER, "--format", "json")).out
    csv = succeed(world("results", WINNER, "--format", "csv")).out.splitlines()
    assert csv[0] == "metric,arm,n,value,lift,95 % interval,chance to win,note"


def test_a_broken_split_is_said_above_the_effects(world: Cli) -> None:
    table = succeed(world("results", "pin_leaderboard_carousel", "--format", "table")).out
    assert "sample ratio mismatch" in table.splitlines()[0]
    assert "no effect below is to be trusted" in table.splitlines()[0]


def test_why_there_is_no_number(world: Cli) -> None:
    table = succeed(world("results", "exp_demo_001", "--format", "table")).out
    assert "needs 50 units per arm: control has 1, treatment 1" in table


def test_the_second_time_it_is_the_same_to_the_letter_and_said_to_be_frozen(world: Cli) -> None:
    first, second = (succeed(world("results", "price_badges", "--as-of", "2026-04-01")) for _ in range(2))
    assert first.out == second.out
    assert "frozen" not in first.err
    assert "frozen: the experiment is over, and this was computed " in second.err
    again = world("results", "price_badges", "--refresh")
    assert (again.code, again.out) == (2, "")
    assert "its scorecard is frozen" in again.err


def test_the_population_is_the_flags_the_settings_or_the_exposed(copy_of_world: Cli) -> None:
    units = {}
    for args in ((), ("--population", "itt"), ("--population", "exposed")):
        found = payload(copy_of_world("results", WINNER, *args))
        units[args] = (found["analysis_population"], sum(found["units"]["variants"].values()))
    assert units[()] == units["--population", "exposed"]
    assert units[()][0] == "exposed"
    assert units["--population", "itt"][1] > units[()][1]
    copy_of_world.folder.joinpath("gateway.yaml").write_text("population: itt\n")
    assert payload(copy_of_world("results", WINNER))["analysis_population"] == "itt"


def test_a_time_series_as_of_a_moment_with_an_offset(world: Cli) -> None:
    found = payload(world("results", WINNER, "--timeseries", "--as-of", "2026-02-03T01:00:00+01:00"))
    assert (found["as_of"], found["status"], found["basis"]) == ("2026-02-03T00:00:00Z", "running", "always_valid")
    series = found["exposures_timeseries"]
    assert series["granularity"] == "hour"
    counted = {arm: sum(point["new_units"][arm] for point in series["points"]) for arm in ("control", "one_page")}
    assert counted == found["units"]["variants"]
    conversions = found["conversions_timeseries"]["conversion_7d"]["points"]
    assert (
        sum(point["new_conversions"]["one_page"] for point in conversions)
        == (found["metrics"][0]["variants"]["one_page"]["sum"])
    )


@pytest.mark.parametrize(
    ("text", "utc"),
    [("2026-02-22", "2026-02-22T00:00:00"), ("2026-02-22T10:30", "2026-02-22T10:30:00"),
     ("2026-02-22 10:30:00Z", "2026-02-22T10:30:00"), ("2026-02-22T01:00:00+02:00", "2026-02-21T23:00:00")],
)  # fmt: skip
def test_times_are_utc_unless_they_say_otherwise(text: str, utc: str) -> None:
    assert moment(text).isoformat() == utc


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param(["one_page"], "no experiment 'one_page'. Did you mean 'one_page_checkout'?", id="experiment"),
        pytest.param([WINNER, "--as-of", "yesterday"], "--as-of 'yesterday' is no time", id="time"),
        pytest.param(
            [WINNER, "--as-of", "2020-01-01"], "one_page_checkout started at 2026-02-01", id="before it began"
        ),
        pytest.param([WINNER, "--method", "bayes"], "'bayes' is not one of", id="method"),
        pytest.param([WINNER, "--population", "all"], "'all' is not one of", id="population"),
        pytest.param([], "EXPERIMENT", id="nothing"),
    ],
)
def test_what_is_asked_wrongly_is_a_usage_error(world: Cli, args: list[str], said: str) -> None:
    result = world("results", *args)
    assert result.code == 2
    assert said in result.err


def test_an_error_as_json_has_the_wire_shape(world: Cli) -> None:
    result = world("results", "one_page", "--json")
    answer = json.loads(result.out)
    assert (result.code, answer["status"]) == (2, "error")
    assert "Did you mean 'one_page_checkout'?" in answer["text"]


def test_without_a_warehouse_there_is_a_sentence(empty: Cli) -> None:
    result = empty("results", WINNER)
    assert result.code == 6
    assert "no warehouse at" in result.err


def test_a_refresh_that_fails_shows_the_last_one_says_so_and_exits_with_the_failures_code(copy_of_world: Cli) -> None:
    args = ("results", "recs_carousel", "--json")
    before = payload(copy_of_world(*args))
    warehouse = copy_of_world.home / "warehouse.duckdb"
    warehouse.write_bytes(b"not a database" * 1000)
    result = copy_of_world(*args)
    shown = json.loads(result.out)
    assert result.code == 6
    assert "is not a DuckDB database" in result.err
    assert "shown is the last scorecard: as of 2026-03-03T00:00:00Z, computed " in result.err
    assert {**shown, "state": None} == {**before, "state": None}
    assert "is not a DuckDB database" in shown["state"]["last_error"]


def test_seeding_another_world_drops_the_scorecards_of_this_one(copy_of_world: Cli) -> None:
    before = payload(copy_of_world("results", WINNER))
    succeed(copy_of_world("marts", "seed", "--users", "3000", "--seed", "7"))
    after = payload(copy_of_world("results", WINNER))
    assert sum(after["units"]["variants"].values()) < sum(before["units"]["variants"].values())


def test_every_request_is_in_the_audit_log(world: Cli) -> None:
    result = succeed(world("results", "loyalty_tiers"))
    told = result.err.strip().splitlines()[-1]
    log = SqliteAudit(world.home / "audit.sqlite")
    event = log.get(told.split("audit: ")[1])
    log.close()
    assert event is not None
    assert (event.channel, event.status, event.question) == ("cli.results", "answered", "scorecard of loyalty_tiers")
    assert event.calls[0]["arguments"]["population"] == "exposed"


def test_on_clickhouse_it_is_read_where_the_sources_are(world: Cli, tmp_path: Path, chdb_folder: Path) -> None:
    url = f"chdb://{chdb_folder}?database=asked"
    address = Address.parse(url)
    with writing(address) as client:
        load_sources(Server.of(client, "asked"), world.home / "warehouse.duckdb")
    there = Cli(tmp_path)
    settings = {"GATEWAY_ENGINE": "clickhouse", "GATEWAY_CLICKHOUSE_URL": url}
    found = payload(there("results", WINNER, "--population", "itt", **settings))
    here = payload(world("results", WINNER, "--population", "itt"))
    assert found["srm_p_value"] == pytest.approx(here["srm_p_value"], rel=1e-12)
    for metric, other in zip(found["metrics"], here["metrics"], strict=True):
        for arm, totals in metric["variants"].items():
            assert totals == pytest.approx(other["variants"][arm], rel=1e-12)
        assert metric["inference"]["one_page"] == pytest.approx(other["inference"]["one_page"], rel=1e-9)
    with writing(address) as client:
        client.command(f"DROP DATABASE asked{WAREHOUSE}")
    gone = there("results", "price_badges", **settings)
    assert (gone.code, gone.out) == (6, "")
    assert "database 'asked_warehouse' does not hold the source tables" in gone.err
