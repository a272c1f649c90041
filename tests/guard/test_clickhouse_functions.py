"""ClickHouse's allow-list against the engine's own inventory of functions, aliases, combinators and table functions."""

import re
from collections.abc import Mapping

import pytest
from sqlglot import exp
from sqlglot.dialects.clickhouse import ClickHouse

from gateway.guard import Approved, Refused, Rule, check
from gateway.guard.functions import functions_of
from gateway.guard.functions_clickhouse import ANY_CASE, COMBINATORS
from tests.clickhouse import Database, Failed
from tests.guard import world

Worlds = Mapping[str, Database]
LISTED = functions_of("clickhouse")
GRAMMAR = frozenset({"DATE_ADD", "DATE_SUB", "dateAdd", "dateSub", "EXTRACT", "grouping"})
"""Names that ClickHouse's grammar knows without listing them as functions."""
ARGUMENTS = ("", "n_events", "n_events, 2", "'day', date_day, date_day", "'x'", "'x', 'y'", "1, 1, 1", "[n_events]")
DANGER = re.compile(
    r"dict(?!ance)|joinget|^file|filesystem|url\(|^remote|getsetting|getserver|getmacro|getclient|globalvariable"
    r"|current|authenticated|hostname|fqdn|version|uptime|uuid|snowflake|serial|tcpport|serverport|queryid|connectionid"
    r"|shard|replica|transaction|zookeeper|hascolumn|mergetree|getmax|^now|nowin|timezone$|utctimestamp|localtime"
    r"|rand|fuzz|shuffle|sample|sleep|throw|formatquery|parsequery|obfuscate|normalizequery|tokenizequery|highlight"
    r"|arrayreduce|initializeagg|finalizeagg|runningacc|neighbor|running|rownumber|block|addressto|demangle|logtrace"
    r"|showcert|evalml|^ai[A-Z]|naivebayes|region|^in$|notin|globalin|nullin|decrypt|encrypt|generate|structureto"
    r"|repeat|space|replicate|arraywithconstant|arrayresize|^range$|tofixedstring|materialize|ignore|indexhint|identity"
    r"|_|State$|Merge$|map[A-Z].*Like|mapApply|mapFilter|arrayMap|arrayFilter|arrayFold|arrayFill|chdb|partition",
)
"""Files, network, other tables, settings, identity, catalogs, the clock, chance, SQL or names in texts, sleep."""


def inventory(database: Database) -> dict[str, tuple[bool, bool, str]]:
    """name -> (folds rows, is known in any case, the name that it is another name of)."""
    rows = database.run("select name, is_aggregate, case_insensitive, alias_to from system.functions").rows
    return {name: (bool(folds), bool(any_case), alias) for name, folds, any_case, alias in rows}


def test_every_listed_function_is_still_the_engines(clickhouse: Worlds) -> None:
    live = inventory(clickhouse["full"])
    any_case = {name.lower() for name, (_, insensitive, _) in live.items() if insensitive}
    gone = [name for name in LISTED.names - GRAMMAR if name not in live and name.lower() not in any_case]
    assert sorted(gone) == []


def test_names_that_count_in_any_case_are_the_engines(clickhouse: Worlds) -> None:
    """A name that the engine knows in one case only must not be taken in another, for it could be another's."""
    live = inventory(clickhouse["full"])
    any_case = {name.lower() for name, (_, insensitive, _) in live.items() if insensitive}
    grammar = {name.lower() for name in GRAMMAR} | {"quantile", "median", "trim", "tuple"}
    assert sorted(ANY_CASE - any_case - grammar) == []
    assert sorted(name for name in LISTED.names if name.lower() in any_case and name.lower() not in ANY_CASE) == []


def test_no_two_names_of_the_engine_differ_only_in_case_unless_they_are_one_function(clickhouse: Worlds) -> None:
    live = inventory(clickhouse["full"])
    first: dict[str, str] = {}
    for name, (_, _, alias) in sorted(live.items()):
        meant = alias or name
        assert first.setdefault(name.lower(), meant) == meant or name.lower() not in {n.lower() for n in LISTED.names}


def test_the_kinds_are_the_engines(clickhouse: Worlds) -> None:
    live = inventory(clickhouse["full"])
    windows = {"cume_dist", "lag", "lead", "lagInFrame", "leadInFrame", "nth_value", "ntile"}
    windows |= {"denseRank", "dense_rank", "percentRank", "percent_rank", "rank", "row_number"}
    folding = {name for name in LISTED.names if name in live and live[name][0]}
    assert folding - windows == {name for name in LISTED.aggregates if name in live}
    assert folding >= windows


@pytest.mark.parametrize("name", sorted(LISTED.names))
def test_a_listed_function_reads_nothing_but_its_arguments(name: str) -> None:
    allowed = {"DATE_ADD", "DATE_DIFF", "DATE_FORMAT", "DATE_SUB", "DATE_TRUNC", "LAST_DAY", "REGEXP_MATCHES"}
    allowed |= {"REGEXP_REPLACE", "SUBSTRING_INDEX", "CHAR_LENGTH", "CHARACTER_LENGTH", "any_value", "array_agg"}
    allowed |= {"concat_ws", "cume_dist", "date_bin", "date_diff", "dense_rank", "first_value", "last_value", "max_by"}
    allowed |= {
        "min_by",
        "nth_value",
        "percent_rank",
        "row_number",
        "time_bucket",
        "murmurHash3_64",
        "splitByWhitespace",
    }
    if name not in allowed:
        assert DANGER.search(name) is None


def test_the_list_is_wide() -> None:
    assert len(LISTED.names) > 380


def test_nothing_unlisted_is_accepted_by_name(clickhouse: Worlds) -> None:
    """No function of the engine that is not listed is approved: by its plain name, or read as a class of sqlglot's."""
    unlisted = [name for name in inventory(clickhouse["full"]) if name not in LISTED.names and name.isidentifier()]
    unlisted = [name for name in unlisted if name.lower() not in ANY_CASE]
    assert len(unlisted) > 1000
    accepted = {name for name in unlisted if LISTED.of(exp.Anonymous(this=name)) is not None}
    known = ClickHouse.Parser.FUNCTIONS.keys() | ClickHouse.Parser.FUNCTION_PARSERS.keys()
    for name in (name for name in unlisted if name.upper() in known):
        for arguments in ARGUMENTS:
            sql = f"select {name}({arguments}) as x from fct_daily"
            if isinstance(check(sql, world.ANALYST, dialect="clickhouse"), Approved):
                accepted.add(name)
    assert sorted(accepted) == []


def test_no_combinator_but_those_listed_is_accepted_on_any_aggregate(clickhouse: Worlds) -> None:
    """The engine tells its combinators; each that is not listed is tried behind each listed aggregate."""
    rows = clickhouse["full"].run("select name from system.aggregate_function_combinators").rows
    live = {name for (name,) in rows}
    assert set(COMBINATORS) <= live
    accepted = []
    for combinator in sorted(live - set(COMBINATORS)):
        for name in sorted(LISTED.aggregates):
            combined = f"{name}{combinator}"
            if combined not in LISTED.names and LISTED.of(exp.CombinedAggFunc(this=combined)) is not None:
                accepted.append(combined)
    assert accepted == []


def test_listed_combinators_mean_what_the_engine_makes_of_them(clickhouse: Worlds) -> None:
    for sql, plain in (
        ("select sumIf(n_events, n_events > 3) as x", "select sum(n_events) as x from fct_daily where n_events > 3"),
        ("select countDistinct(n_events) as x", "select count(distinct n_events) as x from fct_daily"),
        ("select maxOrNullIf(n_events, n_events > 99) as x", "select null as x"),
        ("select sumOrDefault(n_events) as x", "select sum(n_events) as x from fct_daily"),
    ):
        verdict = check(f"{sql} from fct_daily", world.ANALYST, dialect="clickhouse")
        assert isinstance(verdict, Approved)
        assert clickhouse["full"].run(verdict.sql).rows == clickhouse["full"].run(plain).rows


def test_no_table_function_of_the_engine_but_a_series_is_accepted(clickhouse: Worlds) -> None:
    names = [name for (name,) in clickhouse["full"].run("select name from system.table_functions").rows]
    assert len(names) > 60
    accepted = set()
    for name in names:
        for arguments in ("", "1", "1, 2", "'payroll'", "'guard_full', 'payroll'", "select person from payroll"):
            sql = f"select * from {name}({arguments})"
            if isinstance(check(sql, world.ANALYST, dialect="clickhouse"), Approved):
                accepted.add(name)
    assert sorted(accepted) == ["generate_series"]


def test_no_table_of_the_engine_outside_the_contract_is_accepted(clickhouse: Worlds) -> None:
    rows = clickhouse["full"].run("select database, name from system.tables").rows
    assert len(rows) > 100
    known = set(world.CONTRACT["roles"]["analyst"]["assets"])
    for database, name in rows:
        for sql in (f"select * from {database}.`{name}`", f"select 1 where 1 in {database}.`{name}`"):
            assert isinstance(check(sql, world.ANALYST, dialect="clickhouse"), Refused)
        if name not in known:
            assert isinstance(check(f"select * from `{name}`", world.ANALYST, dialect="clickhouse"), Refused)


@pytest.mark.parametrize("name", ["TOSTARTOFMONTH", "ToStartOfMonth", "UNIQEXACT", "COUNTIF", "ARGMAX", "Uniq"])
def test_a_name_in_another_case_than_the_engines_is_refused_with_the_right_one(name: str, clickhouse: Worlds) -> None:
    verdict = check(f"select {name}(date_day, 1) as x from fct_daily", world.ANALYST, dialect="clickhouse")
    if name == "ARGMAX":  # the parser's own spelling, and rendered as the engine's
        assert isinstance(verdict, Approved)
        return
    assert isinstance(verdict, Refused)
    assert [violation.rule for violation in verdict.violations] == [Rule.FUNCTION_NOT_ALLOWED]
    with pytest.raises(Failed, match="does not exist"):
        clickhouse["full"].run(f"select {name}(date_day, 1) as x from fct_daily")
