"""What seeding promises: the same rows from the same seed, imports kept, all or nothing, problems in words."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from gateway.errors import ContractError, EngineError, UsageError
from gateway.marts.importing import MetricSpec, import_units
from gateway.marts.sources import SOURCE_TABLES
from gateway.marts.synthetic import SeedReport, seed
from gateway.marts.synthetic_units import BLOCK

SEEDS = Path(__file__).parents[2] / "seeds"
SMALL = 400


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return tmp_path / "warehouse.duckdb"


@pytest.fixture
def broken_seeds(tmp_path: Path) -> Path:
    """A copy of the seeds to break."""
    return Path(shutil.copytree(SEEDS, tmp_path / "seeds"))


def contents(warehouse: Path) -> dict[str, str]:
    """A hash over each source table's rows, in their order."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        hashes = {}
        for table in SOURCE_TABLES:
            row = con.execute(f"select md5(string_agg({table}::varchar, '|' order by rowid)) from {table}").fetchone()
            hashes[table] = str(row[0]) if row else ""
        return hashes


def rows(warehouse: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as con:
        return con.execute(query).fetchall()


def import_tiny(warehouse: Path, folder: Path, experiment: str = "tiny") -> None:
    file = folder / "tiny.csv"
    file.write_text("arm,bought\n" + "a,1\nb,0\n" * 20)
    import_units(warehouse, file, experiment=experiment, variant="arm", control="a",
                 metrics=[MetricSpec("bought", "bought", "occurrence")])  # fmt: skip


def test_same_seed_gives_the_same_rows_in_the_same_order(tmp_path: Path) -> None:
    first, second = tmp_path / "first.duckdb", tmp_path / "second.duckdb"
    for warehouse in (first, second):
        seed(warehouse, seeds=SEEDS, users=SMALL, seed=7)
    assert contents(first) == contents(second)


def test_seeding_again_gives_the_same_rows(warehouse: Path) -> None:
    seed(warehouse, seeds=SEEDS, users=SMALL)
    before = contents(warehouse)
    seed(warehouse, seeds=SEEDS, users=SMALL)
    assert contents(warehouse) == before


def test_another_seed_gives_other_events_and_the_same_catalogue(tmp_path: Path) -> None:
    first, second = tmp_path / "first.duckdb", tmp_path / "second.duckdb"
    seed(first, seeds=SEEDS, users=SMALL, seed=1)
    seed(second, seeds=SEEDS, users=SMALL, seed=2)
    one, other = contents(first), contents(second)
    assert one["fct_events"] != other["fct_events"]
    assert one["fct_experiment_assignments"] != other["fct_experiment_assignments"]
    assert one["raw_experiments"] == other["raw_experiments"]


def test_a_larger_world_holds_the_first_block_of_a_smaller_one(tmp_path: Path) -> None:
    one, two = tmp_path / "one.duckdb", tmp_path / "two.duckdb"
    seed(one, seeds=SEEDS, users=BLOCK)
    seed(two, seeds=SEEDS, users=BLOCK + 1)
    query = f"""select md5(string_agg((experiment_id, unit_id, assigned_at, variation_id)::varchar, '|' order by all))
                from fct_experiment_assignments where unit_id like 'user_%' and unit_id <= 'user_{BLOCK:07}'"""
    query = query.replace("order by all", "order by experiment_id, unit_id, assigned_at")
    assert rows(one, query) == rows(two, query)


def test_blocks_are_written_one_at_a_time_and_announced(warehouse: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    seed(warehouse, seeds=SEEDS, users=BLOCK + 1, progress=lambda *step: steps.append(step))
    assert steps == [("seeding", 1, 3), ("seeding", 2, 3), ("seeding", 3, 3)]


def test_report_counts_what_the_tables_hold(warehouse: Path) -> None:
    report = seed(warehouse, seeds=SEEDS, users=SMALL)
    counted = rows(
        warehouse,
        """select (select count(*) from raw_experiments), (select count(*) from fct_experiment_assignments),
                  count(*) filter (where event_name = 'exposure'), count(*) filter (where event_name <> 'exposure')
           from fct_events""",
    )
    by_hand = (3, 2, 1)  # exp_demo_001: assignments, exposures, purchases
    expected = (report.experiments, report.assignments + by_hand[0], report.exposures + by_hand[1],
                report.events + by_hand[2])  # fmt: skip
    assert counted == [expected]


def test_three_user_experiment_is_exactly_the_scenario_at_any_size(warehouse: Path) -> None:
    seed(warehouse, seeds=SEEDS, users=1, days=10)
    assert rows(
        warehouse,
        """select unit_id, a.variation_id, strftime(e.event_ts, '%Y-%m-%d %H:%M'), e.variation_id
           from fct_experiment_assignments a left join fct_events e using (experiment_id, unit_id)
           where experiment_id = 'exp_demo_001' order by unit_id""",
    ) == [
        ("u1", "control", "2026-02-01 10:02", "control"),
        ("u2", "treatment", "2026-02-01 10:01", "treatment"),
        ("u3", "control", None, None),
    ]
    dates = "select started_at, ended_at, as_of from raw_experiments where experiment_id = 'exp_demo_001'"
    found = rows(warehouse, dates)
    assert [str(moment) for moment in found[0]] == ["2026-02-01 00:00:00", "2026-02-08 00:00:00", "2026-03-03 00:00:00"]


def test_dates_stretch_with_the_world(warehouse: Path) -> None:
    seed(warehouse, seeds=SEEDS, users=SMALL, days=60)
    found = rows(warehouse, "select ended_at, as_of from raw_experiments where experiment_id = 'one_page_checkout'")
    assert [str(moment) for moment in found[0]] == ["2026-03-15 00:00:00", "2026-04-02 00:00:00"]
    assert rows(warehouse, "select max(event_ts) < timestamp '2026-04-02' from fct_events") == [(True,)]


def test_imports_are_kept(warehouse: Path, tmp_path: Path) -> None:
    import_tiny(warehouse, tmp_path)
    imported = ("imp_units", "imp_outcomes")
    before = {table: contents(warehouse)[table] for table in imported}
    seed(warehouse, seeds=SEEDS, users=SMALL)
    seed(warehouse, seeds=SEEDS, users=SMALL)
    assert {table: contents(warehouse)[table] for table in imported} == before
    assert rows(warehouse, "select experiment_id from raw_experiments where origin = 'import'") == [("tiny",)]
    assert rows(warehouse, "select count(*) from raw_metrics where metric_id = 'bought'") == [(1,)]


def test_an_import_under_a_demo_name_stops_the_seed_and_stays(warehouse: Path, tmp_path: Path) -> None:
    import_tiny(warehouse, tmp_path, "one_page_checkout")
    before = contents(warehouse)
    with pytest.raises(UsageError, match="one_page_checkout"):
        seed(warehouse, seeds=SEEDS, users=SMALL)
    assert contents(warehouse) == before


@pytest.mark.parametrize(
    ("users", "days", "number", "said"), [(0, 30, 1, "--users"), (10, 9, 1, "--days"), (10, 30, -1, "--seed")]
)
def test_sizes_that_make_no_world_are_refused(warehouse: Path, users: int, days: int, number: int, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        seed(warehouse, seeds=SEEDS, users=users, days=days, seed=number)
    assert not warehouse.exists()


def test_every_problem_of_the_definitions_is_reported_with_its_line(warehouse: Path, broken_seeds: Path) -> None:
    file = broken_seeds / "experiments.yaml"
    text = file.read_text()
    text = text.replace("name: One-page checkout, share: 0.5}", "name: One-page checkout, share: 0.6}")
    text = text.replace("{metric: orders_per_user, role: primary", "{metric: orders_per_usr, role: primary")
    text = text.replace("{variation: tour, event: session", "{variation: tuor, event: session")
    file.write_text(text)
    with pytest.raises(ContractError) as raised:
        seed(warehouse, seeds=broken_seeds, users=SMALL)
    lines = text.splitlines()
    expected = {
        "experiments.one_page_checkout.variations": "shares add up to 1.1, not to 1",
        "experiments.free_shipping_threshold.metrics[0].metric": "no metric named 'orders_per_usr' under `metrics`",
        "experiments.new_onboarding.planted.effects[0].variation": "no variation named 'tuor'",
    }
    found = {problem.split(": ")[1]: problem for problem in raised.value.problems}
    assert found.keys() == expected.keys()
    for place, message in expected.items():
        name, line = found[place].split(": ")[0].split(":")
        assert (name, found[place].split(": ", 2)[2]) == ("experiments.yaml", message)
        assert any(mark in lines[int(line) - 1] for mark in ("variations:", "orders_per_usr", "tuor"))
    assert not warehouse.exists()


def test_unknown_keys_and_wrong_types_are_reported_together(warehouse: Path, broken_seeds: Path) -> None:
    file = broken_seeds / "experiments.yaml"
    file.write_text(file.read_text().replace("  days: 30\n", "  days: many\n").replace("  lead_days:", "  led_days:"))
    with pytest.raises(ContractError) as raised:
        seed(warehouse, seeds=broken_seeds, users=SMALL)
    assert sorted(problem.split(": ")[1] for problem in raised.value.problems) == [
        "world.days", "world.lead_days", "world.led_days"]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param("    winsorise: 0.99\n", "    winsorise: 0.99\n    cap: 5\n", "either `winsorise`", id="two caps"),
        pytest.param("    winsorise: 0.99\n", "    winsorise: 1.99\n", "a number below 1", id="no quantile"),
        pytest.param("aggregation: occurrence\n", "aggregation: occurrence\n    cap: 1\n", "only a count", id="rate"),
        pytest.param(
            "noninferiority_margin: 0.08}", "noninferiority_margin: 0.08, cuped: true}", "unadjusted", id="guardrail"
        ),
    ],
)
def test_caps_and_adjustments_that_cannot_be_are_reported(
    warehouse: Path, broken_seeds: Path, old: str, new: str, message: str
) -> None:
    file = broken_seeds / "experiments.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(ContractError) as raised:
        seed(warehouse, seeds=broken_seeds, users=SMALL)
    assert [problem for problem in raised.value.problems if message in problem] == list(raised.value.problems)


@pytest.mark.parametrize("text", ["", "- a list\n", "experiments: [\n", "\x00"])
def test_a_file_that_is_no_definitions_is_a_contract_error(warehouse: Path, broken_seeds: Path, text: str) -> None:
    (broken_seeds / "experiments.yaml").write_text(text)
    with pytest.raises(ContractError) as raised:
        seed(warehouse, seeds=broken_seeds, users=SMALL)
    assert raised.value.problems


@pytest.mark.parametrize("name", ["experiments.yaml", "unit_attributes.csv", "exp_demo_001_events.csv"])
def test_a_missing_seed_file_is_a_contract_error_and_keeps_the_last_world(
    warehouse: Path, broken_seeds: Path, name: str
) -> None:
    seed(warehouse, seeds=SEEDS, users=SMALL)
    before = contents(warehouse)
    (broken_seeds / name).unlink()
    with pytest.raises(ContractError, match=name):
        seed(warehouse, seeds=broken_seeds, users=SMALL)
    assert contents(warehouse) == before


def test_attribute_values_that_no_unit_has_are_reported(warehouse: Path, broken_seeds: Path) -> None:
    file = broken_seeds / "experiments.yaml"
    file.write_text(file.read_text().replace("{platform: [ios, android]}", "{platform: [ios, andriod]}"))
    with pytest.raises(ContractError) as raised:
        seed(warehouse, seeds=broken_seeds, users=SMALL)
    assert raised.value.problems == ("experiments.yaml: experiments.mobile_paywall.planted: no platform is 'andriod'",)


def test_a_file_that_is_no_warehouse_is_left_alone(warehouse: Path) -> None:
    warehouse.write_text("notes, not a database" * 500)
    before = warehouse.read_bytes()
    with pytest.raises(ContractError, match="not a DuckDB database"):
        seed(warehouse, seeds=SEEDS, users=SMALL)
    assert warehouse.read_bytes() == before


@pytest.fixture
def locked(warehouse: Path) -> Iterator[Path]:
    """A warehouse that someone has open."""
    with duckdb.connect(str(warehouse)):
        yield warehouse


def test_a_locked_warehouse_is_an_engine_error(locked: Path) -> None:
    with pytest.raises(EngineError, match="in use"):
        seed(locked, seeds=SEEDS, users=SMALL)


def test_a_home_that_cannot_be_made_is_an_engine_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError):
        seed(tmp_path / "file" / "warehouse.duckdb", seeds=SEEDS, users=SMALL)


def test_report_says_what_was_asked_for(warehouse: Path) -> None:
    report = seed(warehouse, seeds=SEEDS, users=SMALL, days=20, seed=3)
    assert isinstance(report, SeedReport)
    assert (report.users, report.days, report.seed, report.experiments) == (SMALL, 20, 3, 13)
