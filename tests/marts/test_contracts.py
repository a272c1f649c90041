"""The checks of schema.yml: what they find, and how they say it."""

import shutil
from pathlib import Path

import duckdb
import pytest

from gateway.errors import ContractError
from gateway.marts.contracts import check, read_checks
from gateway.marts.project import load_project
from tests.marts.world import MARTS_SQL, World, at


@pytest.fixture
def built(world: World) -> World:
    """A built world with two units."""
    world.experiment()
    world.metric("conversion", "occurrence")
    world.enrol("a", "control")
    world.enrol("b", "treatment")
    world.event("a", "purchase", at(3), "5")
    world.build()
    return world


def _broken(world: World, statement: str) -> dict[str, str]:
    """What fails after a change to the built tables: the check, and what it says."""
    with duckdb.connect(str(world.path)) as con:
        con.execute(statement)
    return {result.check.describe(): result.describe() for result in check(world.path, MARTS_SQL) if not result.passed}


def test_a_sound_warehouse_passes_every_check(built: World) -> None:
    results = check(built.path, MARTS_SQL)
    assert [result.describe() for result in results if not result.passed] == []
    assert len(results) == len(read_checks(load_project(MARTS_SQL).schema)) > 150


@pytest.mark.parametrize(
    ("change", "failing"),
    [
        pytest.param(
            "insert into dim_metrics select * from dim_metrics",
            {"unique(metric_id) of dim_metrics": "1 found: metric_id='conversion', n_rows=2"},
            id="unique",
        ),
        pytest.param(
            "update dim_experiments set status = null",
            {"not_null(status) of dim_experiments": "1 found: experiment_id='exp', name='exp'"},
            id="not_null",
        ),
        pytest.param(
            "update dim_metrics set desired = 'up'",
            {"accepted_values(desired: increase, decrease) of dim_metrics": "1 found: metric_id='conversion'"},
            id="accepted_values",
        ),
        pytest.param(
            "update fct_experiment_srm set experiment_id = 'ghost' where analysis_population = 'itt'",
            {
                "relationships(experiment_id: dim_experiments.experiment_id) of fct_experiment_srm":
                    "1 found: experiment_id='ghost'"
            },
            id="relationships",
        ),
        pytest.param(
            "insert into fct_metric_event_quality_daily select * from fct_metric_event_quality_daily",
            {
                "unique_combination(event_name, date_day) of fct_metric_event_quality_daily":
                    "1 found: event_name='purchase', date_day=datetime.date(2026, 2, 3), n_rows=2"
            },
            id="unique_combination",
        ),
        pytest.param(
            "update fct_experiment_cohort set in_exposed = true, in_itt = false where unit_id = 'a'",
            {"holds(not in_exposed or in_itt) of fct_experiment_cohort": "1 found: experiment_id='exp', unit_id='a'"},
            id="holds",
        ),
    ],
)  # fmt: skip
def test_a_failing_check_names_itself_and_its_rows(built: World, change: str, failing: dict[str, str]) -> None:
    found = _broken(built, change)
    assert set(found) == set(failing)
    for name, what in failing.items():
        assert found[name].startswith(f"{name}: {what}")


def test_at_most_five_offending_rows_are_shown_and_all_are_counted(built: World) -> None:
    with duckdb.connect(str(built.path)) as con:
        con.execute("insert into dim_metrics select 'm' || i, '', '', 'median', 'increase', '' from range(8) as t(i)")
    (failed,) = [result for result in check(built.path, MARTS_SQL) if not result.passed]
    assert (failed.check.table, failed.check.column, failed.count) == ("dim_metrics", "aggregation", 8)
    assert [row["metric_id"] for row in failed.rows] == ["m0", "m1", "m2", "m3", "m4"]
    assert failed.describe().endswith("and 3 more")


def test_an_unbuilt_warehouse_says_what_is_missing(world: World) -> None:
    with pytest.raises(ContractError, match="not built yet") as caught:
        check(world.path, MARTS_SQL)
    assert "schema.yml: no table dim_experiments in the warehouse" in caught.value.problems
    assert "marts build" in caught.value.hint


def test_checks_that_are_not_understood_are_all_reported(built: World, tmp_path: Path) -> None:
    project = Path(shutil.copytree(MARTS_SQL, tmp_path / "marts_sql", ignore=shutil.ignore_patterns("target", "logs")))
    (project / "schema.yml").write_text(
        (project / "schema.yml").read_text()
        + """
      - name: another
        data_tests:
          - at_least_one
          - unique_combination:
              arguments: {fields: [a]}
"""
    )
    with pytest.raises(ContractError) as caught:
        check(built.path, project)
    known = "unique, not_null, accepted_values, relationships, unique_combination, holds"
    assert caught.value.problems == (
        f"schema.yml: another: check 'at_least_one': no such check; there is {known}",
        "schema.yml: another: check 'unique_combination': needs 'columns'",
    )


def test_a_check_of_a_column_that_is_not_there_names_the_table(built: World) -> None:
    with duckdb.connect(str(built.path)) as con:
        con.execute("alter table dim_metrics drop column desired")
    with pytest.raises(ContractError, match=r"the checks of dim_metrics do not fit it: .*desired"):
        check(built.path, MARTS_SQL)
