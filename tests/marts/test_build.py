"""The builder: order from ref(), all or nothing, and clear words for what goes wrong."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from gateway.errors import ContractError, EngineError
from gateway.marts.build import build
from gateway.marts.project import load_project
from gateway.marts.results import RESULT_TABLES
from gateway.marts.sources import SOURCE_TABLES, ensure_sources
from tests.marts.world import MARTS_SQL, World, at


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the model folder to break."""
    return Path(shutil.copytree(MARTS_SQL, tmp_path / "marts_sql", ignore=shutil.ignore_patterns("target", "logs")))


def test_every_model_comes_after_all_that_it_reads() -> None:
    seen: set[str] = set()
    for model in load_project(MARTS_SQL).models:
        assert set(model.refs) <= seen, model.file
        seen.add(model.name)


def test_every_model_states_its_grain_and_ends_with_its_last_step() -> None:
    for model in load_project(MARTS_SQL).models:
        head = "\n".join(line for line in model.sql.splitlines() if line.startswith("--"))
        assert head.startswith("-- One row per "), model.file
        assert "Key: " in head, model.file
        steps = re.findall(r"^(?:with )?(\w+) as \($", model.sql, re.MULTILINE)
        assert model.sql.splitlines()[-1] == f"select * from {steps[-1]}", model.file


def test_every_model_and_result_table_is_in_the_schema() -> None:
    project = load_project(MARTS_SQL)
    described = {table["name"] for table in project.schema["models"]}
    assert described == {model.name for model in project.models}
    declared = {table["name"] for group in project.schema["sources"] for table in group["tables"]}
    assert declared == {*SOURCE_TABLES, *RESULT_TABLES}


def test_models_parse_for_clickhouse_too() -> None:
    import sqlglot

    for model in load_project(MARTS_SQL).models:
        assert sqlglot.transpile(model.sql, read="duckdb", write="clickhouse", error_level=sqlglot.ErrorLevel.RAISE)


def test_progress_names_every_step_once_in_order(world: World) -> None:
    steps: list[tuple[str, int, int]] = []
    report = build(world.path, MARTS_SQL, progress=lambda *step: steps.append(step))
    assert [name for name, _, _ in steps] == [built.model for built in report.models]
    assert [position for _, position, _ in steps] == list(range(1, len(steps) + 1))
    assert {total for _, _, total in steps} == {len(steps)}
    assert report.rows("fct_experiment_results") == 0


def test_building_again_replaces_the_tables(world: World) -> None:
    world.experiment()
    world.assign("u", "control")
    assert world.build().rows("fct_experiment_cohort") == 1
    world.assign("v", "control")
    assert world.build().rows("fct_experiment_cohort") == 2


def test_a_view_that_became_a_table_is_replaced(world: World) -> None:
    world.build()
    with duckdb.connect(str(world.path)) as con:
        con.execute("drop view int_experiment_unit_dimensions")
        con.execute("create table int_experiment_unit_dimensions as select 1 as one")
    world.build()
    assert world.rows("from int_experiment_unit_dimensions") == []


def test_a_model_that_fails_names_its_file_and_keeps_the_last_good_tables(world: World, project: Path) -> None:
    world.experiment()
    world.assign("u", "control")
    world.build()
    world.assign("v", "control")
    (project / "marts" / "fct_experiment_cohort.sql").write_text("select no_such from {{ ref('dim_experiments') }}")
    with pytest.raises(ContractError, match=r"marts/fct_experiment_cohort\.sql.*no_such"):
        build(world.path, project)
    assert world.rows("select unit_id from stg_experiment_assignments") == [("u",)]


def test_every_problem_of_the_model_files_is_reported_at_once(world: World, project: Path) -> None:
    (project / "marts" / "one.sql").write_text("select * from {{ ref('dim_experiment') }}")
    (project / "marts" / "two.sql").write_text("select * from {{ source('warehouse', 'nothing') }}")
    (project / "marts" / "three.sql").write_text("select {{ var('min_cell_sise') }}")
    (project / "marts" / "four.sql").write_text("select {{ env_var('HOME') }}")
    (project / "marts" / "dim_copy.sql").write_text("select 1")
    (project / "staging" / "dim_copy.sql").write_text("select 1")
    with pytest.raises(ContractError) as caught:
        build(world.path, project)
    assert sorted(caught.value.problems) == [
        "marts/four.sql: 'env_var' is undefined",
        "marts/one.sql: ref('dim_experiment') names no model. Did you mean 'dim_experiments'?",
        "marts/three.sql: no variable 'min_cell_sise' in dbt_project.yml. Did you mean 'min_cell_size'?",
        "marts/two.sql: no source warehouse.nothing in schema.yml",
        "staging/dim_copy.sql: marts/dim_copy.sql already makes a table named dim_copy",
    ]


def test_models_that_read_each_other_are_reported_as_the_circle_they_make(project: Path) -> None:
    (project / "marts" / "chicken.sql").write_text("select * from {{ ref('egg') }}")
    (project / "marts" / "egg.sql").write_text("select * from {{ ref('chicken') }}")
    with pytest.raises(ContractError, match=r"in a circle: (chicken → egg → chicken|egg → chicken → egg)"):
        load_project(project)


def test_a_model_cannot_reach_beyond_its_three_functions(project: Path) -> None:
    (project / "marts" / "sly.sql").write_text("select {{ ref.__globals__ }}")
    with pytest.raises(ContractError, match="do not fit together") as caught:
        load_project(project)
    assert "marts/sly.sql" in caught.value.problems[0]


def test_a_missing_warehouse_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="no warehouse at") as caught:
        build(tmp_path / "none.duckdb", MARTS_SQL)
    assert "marts seed" in caught.value.hint


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    path.write_text("not a database" * 1000)
    with pytest.raises(ContractError, match="is not a DuckDB database"):
        build(path, MARTS_SQL)


def test_a_warehouse_that_another_process_holds_is_said_to_be_in_use(world: World) -> None:
    hold = f"import duckdb, sys; c = duckdb.connect({str(world.path)!r}); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(EngineError, match="in use by another"):
            build(world.path, MARTS_SQL)
        holder.communicate("")


def test_too_little_memory_is_an_engine_error_that_names_the_model(world: World) -> None:
    world.insert("fct_events", [(f"e{i}", at(2), f"u{i}", "purchase", None, None, "1", "", "", "") for i in range(500)])
    with pytest.raises(EngineError, match="needs more memory") as caught:
        build(world.path, MARTS_SQL, memory_limit="1MB")
    assert "last good tables" in caught.value.hint


def test_a_warehouse_of_an_earlier_version_gets_the_columns_it_lacks() -> None:
    with duckdb.connect() as con:
        ensure_sources(con)
        columns = con.execute("select * from raw_experiment_metrics").description or ()
        for name in ("winsorise_quantile", "winsorise_cap", "estimator"):
            con.execute(f"alter table raw_experiment_metrics drop column {name}")
        con.execute("insert into raw_experiment_metrics (experiment_id, metric_id) values ('e', 'm')")
        ensure_sources(con)
        found = con.execute("select * from raw_experiment_metrics")
        assert [column[0] for column in found.description or ()] == [column[0] for column in columns]
        assert found.fetchall() == [("e", "m", *[None] * (len(columns) - 2))]


def test_sources_are_made_once_and_never_emptied() -> None:
    with duckdb.connect() as con:
        ensure_sources(con)
        con.execute("insert into imp_units values ('e', 'u', 'control', null)")
        ensure_sources(con)
        assert con.execute("select count(*) from imp_units").fetchone() == (1,)
        made = {name for (name,) in con.execute("show tables").fetchall()}
    assert made == set(SOURCE_TABLES)
