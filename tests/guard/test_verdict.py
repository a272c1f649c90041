"""What a verdict says: places, hints, pins, caps, and that nobody else can make one."""

import copy
import dataclasses

import pytest

from gateway.guard import Approved, Policy, Refused, Rule, Violation, check
from tests.guard import world


def refused(sql: str, role: str = "analyst") -> tuple[Violation, ...]:
    verdict = check(sql, world.POLICIES[role])
    assert isinstance(verdict, Refused), verdict
    return verdict.violations


def approved(sql: str, role: str = "analyst") -> Approved:
    verdict = check(sql, world.POLICIES[role])
    assert isinstance(verdict, Approved), verdict
    return verdict


def test_only_the_guard_makes_an_approved() -> None:
    fields = {f.name: None for f in dataclasses.fields(Approved)}
    with pytest.raises(TypeError, match=r"made by gateway\.guard\.check"):
        Approved(**fields)  # type: ignore[arg-type]  # a forger would not mind the types either
    with pytest.raises(TypeError, match=r"made by gateway\.guard\.check"):
        dataclasses.replace(approved("select 1"), sql="select * from payroll", seal=object())
    with pytest.raises(TypeError, match="nowhere else"):
        dataclasses.replace(approved("select 1"), sql="select * from payroll")


def test_a_verdict_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        approved("select 1").sql = "drop table x"  # type: ignore[misc]  # the point of the test


def test_every_reason_comes_with_its_place() -> None:
    sql = "select owner,\n       getenv('X')\nfrom dim_experiments\nwhere nme = 'x'"
    assert [(v.rule, v.line, v.column) for v in refused(sql)] == [
        (Rule.COLUMN_NOT_FOUND, 1, 8),
        (Rule.FUNCTION_NOT_ALLOWED, 2, 8),
        (Rule.COLUMN_NOT_FOUND, 4, 7),
    ]


def test_a_misspelled_column_names_the_nearest() -> None:
    message, hint = "no column 'nme' in 'dim_experiments'", "did you mean 'name'?"
    assert refused("select nme from dim_experiments") == (
        Violation(Rule.COLUMN_NOT_FOUND, message, hint, 1, 8, "nme", ("name",)),
    )


def test_hidden_and_absent_columns_read_the_same() -> None:
    hidden, absent = refused("select owner from dim_experiments"), refused("select zzzzz from dim_experiments")
    assert hidden[0].message.replace("owner", "zzzzz") == absent[0].message
    assert hidden[0].hint == absent[0].hint


def test_assets_outside_the_role_and_absent_ones_read_the_same() -> None:
    outside, absent = refused("select * from fct_restricted"), refused("select * from zzzzzzzzzzzzzz")
    assert outside[0].message.replace("fct_restricted", "zzzzzzzzzzzzzz") == absent[0].message
    assert "fct_restricted" not in outside[0].hint


def test_a_cte_may_bear_the_name_of_what_the_role_cannot_see() -> None:
    assert approved("with fct_restricted as (select 1 as x) select x from fct_restricted").assets == frozenset()


def test_the_verdict_names_what_is_read() -> None:
    verdict = approved(
        "select d.name, max(r.uplift_abs) as m from fct_results r join dim_experiments d using (experiment_id) "
        "where r.analysis_population = 'itt' and r.dimension = 'all' group by d.name"
    )
    assert verdict.assets == {"fct_results", "dim_experiments"}
    assert verdict.columns == {
        ("dim_experiments", "experiment_id"),
        ("dim_experiments", "name"),
        ("fct_results", "experiment_id"),
        ("fct_results", "uplift_abs"),
        ("fct_results", "analysis_population"),
        ("fct_results", "dimension"),
    }
    assert verdict.functions == {"max"}
    assert verdict.pins == (("fct_results", "analysis_population", "= 'itt'"), ("fct_results", "dimension", "= 'all'"))
    assert (verdict.role, verdict.fingerprint) == ("analyst", world.ANALYST.fingerprint)


@pytest.mark.parametrize(
    ("limit", "rendered"),
    [
        ("", "LIMIT 6"),
        (" limit 3", "LIMIT 3"),
        (" limit 6", "LIMIT 6"),
        (" limit 100", "LIMIT 6"),
        (" limit 0", "LIMIT 0"),
    ],
)
def test_the_row_cap_is_in_the_text(limit: str, rendered: str) -> None:
    verdict = approved(f"select name from dim_experiments{limit}", "viewer")
    assert verdict.sql.endswith(rendered)
    assert verdict.max_rows == 5


def test_each_relation_is_a_projection_with_the_row_filter_inside() -> None:
    assert approved("select name from dim_experiments d -- all of them", "partner").sql == (
        "SELECT name FROM (SELECT name FROM dim_experiments WHERE experiment_id LIKE 'p_%') AS d LIMIT 1001"
    )


@pytest.mark.parametrize(
    ("sql", "rendered"),
    [
        ("select round(columns('_rate'), 2) from fct_daily", "ROUND(exposure_rate, 2) AS exposure_rate"),
        ("select columns('N_e|DAY') from fct_daily", None),
        ("select columns('n_e|day') from fct_daily", "date_day, n_events"),
        ("select * rename (n_events as n) from fct_daily", "experiment_id, date_day, n_events AS n, exposure_rate"),
        ("select * like '%\\_rate' from fct_daily", None),
        ("select columns('.*') from fct_cohort", "experiment_id, variation_id, platform"),
    ],
)
def test_columns_are_written_out_as_what_the_role_may_select(sql: str, rendered: str | None) -> None:
    if rendered is None:
        assert refused(sql)
    else:
        assert approved(sql).sql.startswith(f"SELECT {rendered} FROM (")


def test_a_lambda_in_its_old_form_runs_in_the_new_one() -> None:
    assert approved("select list_filter([1, 2], x -> x > 1) as l").sql == (
        "SELECT LIST_FILTER([1, 2], LAMBDA x : x > 1) AS l LIMIT 1001"
    )


def test_the_verdict_says_of_a_pin_that_only_keys_were_read() -> None:
    assert approved("select distinct experiment_id from fct_results").pins == (
        ("fct_results", "analysis_population", "keys only"),
        ("fct_results", "dimension", "keys only"),
    )


RATE = "select sum(uplift_abs) as s from fct_results where analysis_population = 'itt' and dimension = 'all'"


def test_sum_over_a_rate_names_the_tool_that_is_right_where_there_is_its_mart() -> None:
    contract = copy.deepcopy(world.CONTRACT)
    assets = contract["assets"]
    assets["fct_experiment_results"] = assets.pop("fct_results")
    contract["roles"] = {"analyst": {"assets": "*"}}
    for asset in assets.values():
        asset.pop("joins", None)
    verdict = check(RATE.replace("fct_results", "fct_experiment_results"), Policy.from_mapping(contract, "analyst"))
    assert isinstance(verdict, Refused)
    assert "use experiment_results" in verdict.violations[0].hint


def test_sum_over_a_rate_of_other_marts_is_sent_to_what_the_rate_is_made_of() -> None:
    assert refused(RATE)[0].hint == "compute it from the sums of what it is made of"


def test_an_undeclared_join_names_the_declared_one() -> None:
    found = refused("select d.name from dim_experiments d join fct_daily f on d.name = f.experiment_id")
    assert found[0].rule is Rule.JOIN_NOT_DECLARED
    assert found[0].hint == "declared: fct_daily to dim_experiments using (experiment_id)"


def test_groups_of_an_aggregate_only_column_have_a_minimum_size() -> None:
    assert approved("select platform, avg(spend) as a from fct_cohort group by platform").sql.endswith(
        "GROUP BY platform HAVING COUNT(fct_cohort.spend) >= 5 LIMIT 1001"
    )


def test_a_repeated_statement_is_the_same_verdict() -> None:
    assert check("select 1 as one", world.ANALYST) is check("select 1 as one", world.ANALYST)


def test_the_same_text_is_judged_anew_for_another_role() -> None:
    sql = "select * from fct_daily"
    assert isinstance(check(sql, world.ANALYST), Approved)
    assert isinstance(check(sql, world.POLICIES["viewer"]), Refused)


def test_an_unknown_dialect_is_the_programs_mistake() -> None:
    with pytest.raises(ValueError, match="no dialect 'mysql'"):
        check("select 1", world.ANALYST, dialect="mysql")
