"""The guard's ClickHouse half on a real engine: attacks run, rows unchanged, no drift, a referee that agrees."""

import copy
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from sqlglot import parse_one

from gateway.guard import Approved, Policy, check
from gateway.guard.referee import disagreement
from gateway.guard.referee_clickhouse import named_in_clickhouse
from tests import clickhouse as engine
from tests.clickhouse import Database, Failed, folder
from tests.guard import world, world_clickhouse
from tests.guard.corpora import Case, read
from tests.guard.drift import differences
from tests.guard.drift_clickhouse import meaning, parsed, round_trip, with_names

CASES = [case for case in read("allowed") if case.dialect == "clickhouse"]
ANALYSTS = [case for case in CASES if case.role == "analyst" and case.family != "access"]
Worlds = Mapping[str, Database]
SECRETS = ("CANARY", "9876543.25", "1234567")

REACHABLE = [
    "select owner from dim_experiments",
    "select unit_id from fct_cohort",
    "select max(spend) from fct_cohort",
    "select country from fct_cohort",
    "select note from fct_restricted",
    "select person, salary from payroll",
    "select person from hr.payroll",
    "select experiment_id from hr.dim_experiments",
    "select person from people",
    "select dictGet('people', 'person', 1)",
    "select person from people_join",
    "select joinGet('people_join', 'person', toUInt64(1))",
    "select * from view(select person from payroll)",
    "select person from merge(currentDatabase(), 'payr.*')",
    "select columns('own.*') from dim_experiments",
    "select tuple(*) from dim_experiments",
    "select arrayFilter(x -> 1, groupArray(owner)) from dim_experiments",
    "select x from dim_experiments array join (select groupArray(person) from payroll) as x",
    "select person from payroll where 'One' in (name)",
]


@pytest.mark.parametrize("sql", REACHABLE)
def test_a_canary_is_within_reach_of_whoever_has_no_guard(sql: str, clickhouse: Worlds) -> None:
    """Or the tests below could not fail. The guard refuses each."""
    assert any(secret in str(clickhouse["full"].run(sql).rows) for secret in SECRETS)
    verdict = check(sql, world.ANALYST, dialect="clickhouse")
    assert not isinstance(verdict, Approved)


def test_a_file_on_disk_is_within_reach_of_whoever_has_no_guard(clickhouse: Worlds) -> None:
    sql = f"select file('{folder() / world_clickhouse.CANARY_FILE}') as f"
    assert "CANARY-file" in str(clickhouse["full"].run(sql).rows)
    assert not isinstance(check(sql, world.ANALYST, dialect="clickhouse"), Approved)


def test_a_read_only_session_still_refuses_table_functions_of_files_and_settings(clickhouse: Worlds) -> None:
    with pytest.raises(Failed, match="READONLY"):
        clickhouse["full"].run(f"select * from file('{folder() / world_clickhouse.CANARY_FILE}', 'CSV', 'a String')")
    with pytest.raises(Failed, match="READONLY"):
        clickhouse["full"].run("select 1 settings max_threads = 1")


def approved(case: Case) -> Approved:
    verdict = check(case.sql, world.POLICIES[case.role], dialect="clickhouse")
    assert isinstance(verdict, Approved), verdict
    return verdict


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_approved_statement_returns_a_canary_or_tells_one_secret_from_another(
    case: Case, clickhouse: Worlds
) -> None:
    ran = clickhouse["full"].run(approved(case).sql)
    other = clickhouse["other"].run(approved(case).sql)
    assert sorted(map(str, ran.rows)) == sorted(map(str, other.rows))
    told = str((ran.names, ran.rows, ran.totals))
    assert [secret for secret in SECRETS if secret in told and secret not in case.sql] == []


@pytest.mark.parametrize("case", ANALYSTS, ids=str)
def test_guarded_rows_are_the_engines_own(case: Case, clickhouse: Worlds) -> None:
    """The caller's text, run as it stands, gives the same columns of the same types, and the same rows."""
    ran, plain = clickhouse["full"].run(approved(case).sql), clickhouse["visible"].run(case.sql)
    assert (len(ran.names), ran.types) == (len(plain.names), plain.types)
    assert sorted(map(str, ran.rows)) == sorted(map(str, plain.rows))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_allowed_statement_does_not_drift(case: Case, clickhouse: Worlds) -> None:
    """The engine's own tree of the caller's text is its tree of sqlglot's plain round trip."""
    full = clickhouse["full"]
    assert differences(meaning(full, case.sql), meaning(full, round_trip(case.sql))) == []


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_engines_parser_names_the_same_relations_and_columns(case: Case, clickhouse: Worlds) -> None:
    """By both of its readings: the whole tree as JSON, and EXPLAIN AST as any server has it."""
    verdict = approved(case)
    tree = parsed(clickhouse["full"], verdict.sql)
    assert disagreement(verdict, named_in_clickhouse(tree)) is None
    lines = clickhouse["full"].text(f"EXPLAIN AST {verdict.sql}")
    assert disagreement(verdict, named_in_clickhouse(lines, with_names(tree))) is None


@pytest.mark.parametrize("case", ANALYSTS, ids=str)
def test_rows_outside_a_roles_filter_might_as_well_not_exist(case: Case, clickhouse: Worlds) -> None:
    verdict = check(case.sql, world.POLICIES["partner"], dialect="clickhouse")
    if isinstance(verdict, Approved):
        full, part = (clickhouse[name].run(verdict.sql).rows for name in ("full", "partner"))
        assert sorted(map(str, full)) == sorted(map(str, part))


def test_an_order_asked_for_is_kept(clickhouse: Worlds) -> None:
    for sql in (
        "select name from dim_experiments order by name desc",
        "select experiment_id, date_day from fct_daily order by date_day desc, experiment_id limit 2 by experiment_id",
        "select n from (select name as n from dim_experiments union all select label from dim_metrics) as t order by n",
        "select date_day, n_events from fct_daily order by n_events desc, date_day, experiment_id limit 5 offset 2",
    ):
        verdict = check(sql, world.ANALYST, dialect="clickhouse")
        assert isinstance(verdict, Approved)
        assert clickhouse["full"].run(verdict.sql).rows == clickhouse["visible"].run(sql).rows


@pytest.mark.parametrize("asset", sorted(world.CONTRACT["assets"]))
def test_both_engines_hold_the_same_world(asset: str, clickhouse: Worlds, guarded: duckdb.DuckDBPyConnection) -> None:
    theirs = guarded.execute(f"select * from {asset}").fetchall()
    assert sorted(map(same, clickhouse["full"].run(f"select * from {asset}").rows)) == sorted(map(same, theirs))


def same(row: Iterable[Any]) -> list[str]:
    """A row without the engines' ways of writing numbers and times."""
    return [str(float(value)) if isinstance(value, int | float | Decimal) else str(value) for value in row]


def test_without_the_engine_a_run_skips_and_one_that_requires_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "installed", lambda: False)
    for name in (engine.REQUIRED, "CI"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(pytest.skip.Exception, match="chdb"):
        Database("default")
    monkeypatch.setenv(engine.REQUIRED, "1")
    with pytest.raises(pytest.fail.Exception, match="must not skip ClickHouse"):
        Database("default")


def test_unset_orders_and_modes_are_what_the_comparison_takes_them_for(clickhouse: Worlds) -> None:
    """Drift counts EXCEPT and EXCEPT ALL as one; a release that changes the default must fail here."""
    rows = (
        clickhouse["full"]
        .run(
            "select name, value from system.settings where name in ('except_default_mode', 'intersect_default_mode', "
            "'union_default_mode', 'prefer_column_name_to_alias', 'enable_positional_arguments') order by name"
        )
        .rows
    )
    assert dict(rows) == {
        "enable_positional_arguments": "1",
        "except_default_mode": "ALL",
        "intersect_default_mode": "ALL",
        "prefer_column_name_to_alias": "0",
        "union_default_mode": "",
    }


@pytest.mark.parametrize(
    "sql",
    [
        "select (1,) as t",
        "select 1.10::Decimal(10, 2) as x",
        "select (1)::Float64 as x",
        "select log10() as x",
        "select hex(name, 2) as x from dim_experiments",
        "select toStartOfMonth(started_at) as x from dim_experiments",
    ],
)
def test_the_comparison_sees_what_sqlglot_alone_would_change(sql: str, clickhouse: Worlds) -> None:
    """A comparison that made these equal would be worth nothing. The guard refuses them or reads them otherwise."""
    full = clickhouse["full"]
    changed = parse_one(sql, dialect="clickhouse").sql(dialect="clickhouse")
    assert differences(meaning(full, sql), meaning(full, changed)) != []


@pytest.mark.parametrize(
    ("sql", "other"),
    [
        ("select distinct name from dim_experiments", "select name from dim_experiments"),
        ("select name from dim_experiments order by name desc", "select name from dim_experiments order by name"),
        ("select name from dim_experiments limit 1 by status", "select name from dim_experiments limit 1"),
        ("select a from x left join y using (k)", "select a from x join y using (k)"),
        ("select a from x union all select b from y", "select a from x union distinct select b from y"),
    ],
)
def test_the_comparison_sees_what_explain_ast_leaves_out(sql: str, other: str, clickhouse: Worlds) -> None:
    assert differences(meaning(clickhouse["full"], sql), meaning(clickhouse["full"], other)) != []


@pytest.mark.parametrize(
    "condition",
    [
        "lower(experiment_id) like 'p_%'",
        "coalesce(status, '') <> 'running' and length(name) > 3",
        "started_at >= timestamp '2026-02-15 00:00:00'",
        "date_trunc('month', started_at) = date '2026-03-01'",
        "experiment_id in ('p_one', 'p_two') and not (name is null)",
        "case when status = 'ended' then name = 'Partner' else false end",
        "starts_with(experiment_id, 'p') or regexp_matches(name, '^P.*r$')",
    ],
)
def test_a_row_filter_written_for_duckdb_holds_on_clickhouse(condition: str, clickhouse: Worlds) -> None:
    """Contracts have one text for both engines."""
    contract = copy.deepcopy(world.CONTRACT)
    contract["roles"]["partner"]["row_filter"] = {"dim_experiments": condition}
    policy = Policy.from_mapping(contract, "partner")
    verdict = check("select name from dim_experiments", policy, dialect="clickhouse")
    assert isinstance(verdict, Approved), verdict
    again = check(verdict.sql, policy, dialect="clickhouse")
    assert isinstance(again, Approved)
    assert again.sql == verdict.sql
    assert clickhouse["full"].run(verdict.sql).rows == [["Partner"]]


MIXED = Policy.from_mapping(
    {
        "version": 1,
        "assets": {
            "Visits": {
                "grain": ["UserId", "Kind"],
                "pins": ["Kind"],
                "columns": {
                    "UserId": {"role": "key"},
                    "Kind": {"role": "dimension"},
                    "Revenue": {"role": "measure", "additive": ["UserId"]},
                    "Secret": {"access": "hidden"},
                },
            }
        },
        "roles": {"analyst": {"assets": ["Visits"], "row_filter": {"Visits": "Revenue >= 0"}}},
    },
    "analyst",
)


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("select UserId, Revenue from Visits where Kind = 'x' order by UserId", [["a", 1], ["b", 2]]),
        ("select * from Visits order by UserId, Kind", [["a", "x", 1], ["b", "x", 2], ["b", "y", 4]]),
        ("select Kind, sum(Revenue) as s from Visits group by Kind order by Kind", [["x", 3], ["y", 4]]),
        (
            "select v.UserId from Visits as v join Visits as w using (UserId, Kind) where v.Kind = 'x' order by 1",
            [["a"], ["b"]],
        ),
        ("select sumIf(Revenue, Kind = 'y') as s from Visits", [[4]]),
    ],
)
def test_names_in_capitals_are_names_as_they_are_written(
    sql: str, rows: list[list[object]], clickhouse: Worlds
) -> None:
    """Other people's tables on ClickHouse are often written so."""
    verdict = check(sql, MIXED, dialect="clickhouse")
    assert isinstance(verdict, Approved), verdict
    again = check(verdict.sql, MIXED, dialect="clickhouse")
    assert isinstance(again, Approved)
    assert again.sql == verdict.sql
    table = (
        "select c1 as UserId, c2 as Kind, c3 as Revenue, 'CANARY' as Secret from values(('a', 'x', 1), ('b', 'x', 2), "
    )
    inside = f"({table}('b', 'y', 4), ('c', 'x', -1)))"
    assert clickhouse["full"].run(f"with Visits as {inside} {verdict.sql}").rows == rows


@pytest.mark.parametrize(
    "sql", ["select userid from Visits where Kind = 'x'", "select Secret from Visits where Kind = 'x'"]
)
def test_a_name_in_another_case_and_a_hidden_one_are_not_found(sql: str) -> None:
    verdict = check(sql, MIXED, dialect="clickhouse")
    assert not isinstance(verdict, Approved)
    assert [violation.rule.value for violation in verdict.violations] == ["column_not_found"]


@pytest.mark.parametrize(
    "sql",
    [
        "select name from dim_experiments into outfile '/tmp/x'",
        "select name FROM dim_experiments INTO OUTFILE 'x' APPEND",
    ],
)
def test_where_a_result_goes_is_not_for_a_statement_to_say(sql: str) -> None:
    verdict = check(sql, world.ANALYST, dialect="clickhouse")
    assert not isinstance(verdict, Approved)
    (violation,) = verdict.violations
    assert violation.hint == "leave INTO OUTFILE out: the result comes back to whoever asks"
