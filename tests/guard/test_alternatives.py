"""What a refusal names: the token it is about and what could stand there instead, of what the role may use alone."""

import copy
import re
from typing import Any

import pytest

from gateway.guard import Approved, Policy, Refused, Violation, check
from gateway.guard.functions import functions_of
from gateway.guard.report import MAX_ALLOWED
from tests.guard import corpora, world

REFUSED = corpora.read("refused")


def refused(sql: str, role: str = "analyst", dialect: str = "duckdb") -> tuple[Violation, ...]:
    verdict = check(sql, world.POLICIES[role], dialect=dialect)
    assert isinstance(verdict, Refused), verdict
    return verdict.violations


@pytest.mark.parametrize(
    ("sql", "token", "allowed"),
    [
        pytest.param("select nme from dim_experiments", "nme", ("name",), id="column"),
        pytest.param('select "Nme" from dim_experiments', "Nme", ("name",), id="quoted column"),
        pytest.param("select e.nme from dim_experiments e", "nme", ("name",), id="column of a relation"),
        pytest.param("select 1 as x from dim_metric", "dim_metric", ("dim_metrics",), id="table"),
        pytest.param(
            "select zzzzz from dim_metrics", "zzzzz", ("desired", "label", "metric_id"), id="nothing is near: all"
        ),
        pytest.param("select * from read_csv('/etc/passwd')", "read_csv", (), id="table function"),
        pytest.param("select * from '/etc/passwd'", "", ("dim_experiments", "dim_metrics"), id="a file is no token"),
        pytest.param("select getenv('SECRET')", "getenv", ("geomean", "even"), id="function"),
        pytest.param("select medain(n_events) from fct_daily", "medain", ("median",), id="function nearly"),
        pytest.param(
            "select 1 as one from fct_cohort where spend > 1",
            "spend",
            ("avg(spend)", "count(spend)", "sum(spend)"),
            id="access mode",
        ),
        pytest.param(
            "select experiment_id from dim_experiments e join fct_daily d on e.experiment_id = d.experiment_id",
            "experiment_id",
            ("e.experiment_id", "d.experiment_id"),
            id="ambiguous",
        ),
        pytest.param("drop table dim_metrics", "drop", (), id="a word for want of a name"),
    ],
)
def test_a_reason_names_its_token_and_what_could_stand_there(sql: str, token: str, allowed: tuple[str, ...]) -> None:
    reason = refused(sql)[0]
    assert reason.token == token
    assert reason.allowed[: len(allowed)] == allowed
    assert bool(reason.allowed) is bool(allowed)


@pytest.mark.parametrize("dialect", ["duckdb", "clickhouse"])
@pytest.mark.parametrize(
    "sql",
    [
        "select * from 's3://key:SECRET@bucket/x.parquet'",
        'select * from "/home/SECRET/x.csv"',
        "select * from read_csv('/home/SECRET/x.csv')",
        "select * from s3('https://bucket/SECRET', 'CSV')",
        "select * from file('/home/SECRET')",
        "select name from dim_experiments where name in (select * from '/home/SECRET.csv')",
    ],
)
def test_what_a_file_reader_was_given_is_not_told(sql: str, dialect: str) -> None:
    for reason in refused(sql, dialect=dialect):
        assert "SECRET" not in f"{reason.message} {reason.hint} {reason.token} {reason.allowed}"


def test_an_aggregate_only_column_in_the_result_names_the_aggregates() -> None:
    (reason,) = refused("select spend as money from fct_cohort")
    assert (reason.token, reason.allowed) == ("money", ("avg(spend)", "count(spend)", "sum(spend)"))


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_no_refusal_names_what_the_role_may_not_use_or_what_a_quoted_text_holds(case: corpora.Case) -> None:
    """Alternatives are columns, assets and functions of the role; other names in them are the caller's own."""
    policy = world.POLICIES[case.role]
    columns = {column.name for asset in policy.assets.values() for column in asset.columns.values()}
    usable = columns | {asset.name for asset in policy.assets.values()} | functions_of(case.dialect).names
    texts = {part for quoted in re.findall(r"'([^']*)'", case.sql) for part in (quoted, quoted.strip())}
    written = set(re.findall(r"\w+", re.sub(r"'[^']*'", " ", case.sql)))
    for reason in refused(case.sql, case.role, case.dialect):
        assert len(reason.allowed) <= MAX_ALLOWED
        assert reason.token not in texts - written - {""}
        for choice in reason.allowed:
            assert set(re.findall(r"\w+", choice)) <= usable | written


def without_hidden(contract: dict[str, Any]) -> dict[str, Any]:
    """The same contract, in a world in which the hidden columns do not exist."""
    bare = copy.deepcopy(contract)
    for asset in bare["assets"].values():
        asset["columns"] = {n: c for n, c in asset["columns"].items() if c.get("access") != "hidden"}
    return bare


@pytest.mark.parametrize("case", [case for case in REFUSED if "owner" in case.sql or "unit_id" in case.sql], ids=str)
def test_hidden_and_absent_columns_read_the_same_to_the_letter(case: corpora.Case) -> None:
    contract = without_hidden(world.CONTRACT)
    contract["assets"]["fct_cohort"]["grain"] = ["experiment_id"]
    absent = check(case.sql, Policy.from_mapping(contract, case.role), dialect=case.dialect)
    named = {"owner", "unit_id"}
    told = [reason for reason in refused(case.sql, case.role, case.dialect) if reason.token in named]
    assert isinstance(absent, Refused)
    assert told == [reason for reason in absent.violations if reason.token in named]


@pytest.mark.parametrize("dialect", ["duckdb", "clickhouse"])
@pytest.mark.parametrize(
    ("limit", "own"), [("", None), (" limit 3", 3), (" limit 5", 5), (" limit 6", None), (" limit 0", 0)]
)
def test_a_verdict_says_whose_limit_bounds_the_rows(limit: str, own: int | None, dialect: str) -> None:
    verdict = check(f"select name from dim_experiments{limit}", world.POLICIES["viewer"], dialect=dialect)
    assert isinstance(verdict, Approved)
    assert (verdict.own_limit, verdict.max_rows) == (own, 5)
