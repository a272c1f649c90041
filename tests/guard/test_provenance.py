"""Of an approved statement only what it reads from a mart, and counts, pass for measured; on both dialects."""

import pytest

from gateway.guard import Approved, Policy, check
from gateway.guard.provenance import ROWS, measured
from gateway.semantic.load import load_contract
from gateway.settings import resource

POLICY = Policy.from_mapping(load_contract(resource("marts_sql") / "semantic_layer.yaml").mapping(), "analyst")
TOTALS = "where analysis_population = 'itt' and dimension = 'all'"


@pytest.mark.parametrize("dialect", ["duckdb", "clickhouse"])
@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        pytest.param("select status, started_at from dim_experiments", ("status", "started_at"), id="columns"),
        pytest.param("select name as x from dim_experiments limit 3", ("name",), id="under another name"),
        pytest.param("select distinct status from dim_experiments order by 1", ("status",), id="distinct, ordered"),
        pytest.param(f"select * from fct_experiment_srm {TOTALS[:34]}", None, id="a star"),
        pytest.param("select status, count(*) as k from dim_experiments group by 1", ("status", ROWS), id="a count"),
        pytest.param(f"select max(uplift_rel) as m from fct_experiment_results {TOTALS}", ("uplift_rel",), id="a max"),
        pytest.param(f"select uplift_rel * 2 as y, n_users from fct_experiment_results {TOTALS}", ("", "n_users"),
                     id="arithmetic"),
        pytest.param("select 0.4 as lift, status from dim_experiments", ("", "status"), id="a constant"),
        pytest.param("select case when status = 'ended' then 0.4 end as lift from dim_experiments", ("",), id="a case"),
        pytest.param("select cast('0.4' as double) as lift from dim_experiments", ("",), id="a cast"),
        pytest.param("with x as (select 0.4 as n from dim_experiments) select n from x", (), id="behind a name"),
        pytest.param("select n from (select 0.4 as n from dim_experiments) as x", (), id="behind a table"),
        pytest.param("select status from dim_experiments union all select name from dim_experiments", (), id="a union"),
        pytest.param("select e.status, v.name from dim_experiments e join dim_experiment_variations v "
                     "using (experiment_id)", ("status", "name"), id="a join"),
    ],
)  # fmt: skip
def test_outputs_are_traced_to_their_columns(sql: str, expected: tuple[str, ...] | None, dialect: str) -> None:
    verdict = check(sql, POLICY, dialect=dialect)
    assert isinstance(verdict, Approved), verdict
    found = measured(verdict.sql, dialect)
    if expected is None:
        assert len(found) > 5
        assert "" not in found
    else:
        assert found == expected


def test_a_row_filter_of_the_role_changes_nothing() -> None:
    mapping = load_contract(resource("marts_sql") / "semantic_layer.yaml").mapping()
    mapping["roles"]["partner"] = {
        **mapping["roles"]["viewer"],
        "row_filter": {"dim_experiments": "experiment_id like 'partner_%'"},
    }
    verdict = check("select status from dim_experiments", Policy.from_mapping(mapping, "partner"), dialect="duckdb")
    assert isinstance(verdict, Approved)
    assert "partner_%" in verdict.sql
    assert measured(verdict.sql, "duckdb") == ("status",)


def test_what_is_no_statement_shows_nothing() -> None:
    assert measured("select from where (", "duckdb") == ()
