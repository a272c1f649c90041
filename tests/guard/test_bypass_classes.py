"""Each known way round a guard, as a class of its own, on both engines; whatever is approved is executed for real."""

import duckdb
import pytest

from gateway.guard import Approved, check
from gateway.guard.bounds import MAX_NESTING
from tests.guard import world
from tests.guard.bypasses import Engines, Tried, both, holds, on, refused

Tries = list[Tried]


@pytest.fixture(scope="session")
def engines(
    guarded: duckdb.DuckDBPyConnection, other_secrets: duckdb.DuckDBPyConnection, request: pytest.FixtureRequest
) -> Engines:
    return Engines((guarded, other_secrets), lambda: request.getfixturevalue("clickhouse"))


def tried(statements: Tries) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "tried", statements, ids=lambda t: f"{t[0]}: {t[1][:60]}".encode("unicode_escape").decode()
    )


class TestS1InWithATableBesideIt:
    @tried(
        both(
            "select name from dim_experiments where name in payroll",
            "select name from dim_experiments where name not in hr.payroll",
            "select name from dim_experiments where (name, status) in payroll",
            "select (name in payroll) as x from dim_experiments",
            "select count(*) as n from dim_experiments having 'x' in payroll",
            "with p as (select 1 as x) select 1 where 1 in p",
        )
        + on(
            "clickhouse",
            "select name from dim_experiments where name global not in payroll",
            "select name from dim_experiments where 'One' in (name)",
            "select 1 as x where 'One' in (name)",
            "select name from dim_experiments where notIn(name, payroll)",
            "select sumIf(n_events, 'One' in (name)) as x from fct_daily",
        )
    )
    def test_is_refused(self, tried: Tried, engines: Engines) -> None:
        refused(tried, engines)


class TestS2ArrayJoinOfASubquery:
    @tried(
        on(
            "clickhouse",
            "select name, y from dim_experiments array join (select groupArray(person) from payroll) as y",
            "select name from dim_experiments left array join (select groupArray(person) from payroll) as y",
            "select name, y from dim_experiments array join [1] as a, (select groupArray(person) from payroll) as y",
            "select arrayJoin((select groupArray(person) from payroll)) as y",
            "select arrayJoin([(select max(person) from payroll)]) as y",
        )
        + on(
            "duckdb",
            "select unnest((select list(person) from payroll)) as y",
            "select unnest(d) as y from dim_experiments d",
        )
    )
    def test_is_refused(self, tried: Tried, engines: Engines) -> None:
        refused(tried, engines)


class TestS3TableNamesInTexts:
    @tried(
        on(
            "duckdb",
            "select * from query('select person from payroll')",
            "select * from query_table('payroll')",
            "select * from json_execute_serialized_sql('x')",
            "select * from histogram(payroll, person)",
            "select * from histogram_values(payroll, person)",
        )
        + on(
            "clickhouse",
            "select * from merge(currentDatabase(), 'payr.*')",
            "select * from remote('127.0.0.1', currentDatabase(), 'payroll')",
            "select * from cluster('default', currentDatabase(), 'payroll')",
            "select * from loop(payroll)",
            "select * from view(select person from payroll)",
            "select * from dictionary('people')",
            "select * from mergeTreeIndex(currentDatabase(), 'payroll')",
            "select joinGet('people_join', 'person', toUInt64(1)) as p",
            "select dictGet('people', 'person', 1) as p",
            "select dictGetOrDefault('people', 'person', 1, '') as p",
            "select hasColumnInTable(currentDatabase(), 'payroll', 'person') as p",
        )
    )
    def test_is_refused(self, tried: Tried, engines: Engines) -> None:
        refused(tried, engines)


class TestS4RelationsOutsideTheWalkersPath:
    @tried(
        both(
            "select * from payroll pivot (count(person) for salary in (1))",
            "pivot payroll on person",
            "summarize payroll",
            "describe payroll",
            "values ((select person from payroll))",
            "select * from (values ((select person from payroll))) as v(x)",
            "table payroll",
            "show payroll",
        )
    )
    def test_is_refused(self, tried: Tried, engines: Engines) -> None:
        refused(tried, engines)


class TestS5OtherRoots:
    @tried(
        both(
            "drop table payroll",
            "create table x as select * from payroll",
            "insert into payroll values ('x', 1)",
            "delete from payroll",
            "update payroll set salary = 1",
            "truncate table payroll",
            "alter table payroll drop column salary",
            "set threads = 1",
            "show tables",
            "explain select 1",
            "call x()",
            "attach 'x'",
            "begin",
            "execute immediate 'select 1'",
            "do $$ begin end $$",
        )
        + on("duckdb", "pragma table_info('payroll')", "copy payroll to 'x'", "export database 'x'", "load x")
        + on(
            "clickhouse",
            "system reload config",
            "kill query where 1",
            "optimize table payroll",
            "watch x",
            "detach table payroll",
        )
    )
    def test_is_refused(self, tried: Tried, engines: Engines) -> None:
        refused(tried, engines)


class TestS6SettingsInASelect:
    @tried(
        on(
            "clickhouse",
            "select name from dim_experiments settings max_threads = 1",
            "select name from dim_experiments settings additional_table_filters = {'dim_experiments': 'owner = 1'}",
            "select name from (select name from dim_experiments settings readonly = 0) as t",
            "with t as (select name from dim_experiments settings max_threads = 1) select name from t",
            "select 1 where 1 in (select 1 from dim_experiments settings max_threads = 1)",
        )
        + on("duckdb", "select * from dim_experiments using sample 10%", "set variable x = 1")
    )
    def test_is_refused(self, tried: Tried, engines: Engines) -> None:
        refused(tried, engines)


class TestB1SeveralStatements:
    @tried(
        both(
            "select 1; select person from payroll",
            "select 1;;select person from payroll",
            "commit; drop table payroll",
            "select 1 /* ; */ ; drop table payroll",
            "select 1;\n-- x\ndrop table payroll",
            "explain select 1; drop table payroll",
            "select ';' as a; select 2",
        )
    )
    def test_is_refused(self, tried: Tried, engines: Engines) -> None:
        refused(tried, engines)

    @pytest.mark.parametrize("dialect", ["duckdb", "clickhouse"])
    def test_a_semicolon_in_a_text_is_a_text(self, dialect: str) -> None:
        assert isinstance(check("select '; drop table payroll' as x;", world.ANALYST, dialect=dialect), Approved)


class TestB2WritesInsideReads:
    @tried(
        both(
            "with d as (delete from payroll returning *) select * from d",
            "with d as (insert into payroll values ('x', 1) returning *) select * from d",
            "with d as (update payroll set salary = 1 returning *) select * from d",
            "select * into x from payroll",
            "explain analyze delete from payroll",
            "prepare p as select * from payroll",
            "execute p",
        )
        + on(
            "clickhouse", "select name from dim_experiments into outfile 'x'", "insert into function file('x') select 1"
        )
    )
    def test_is_refused(self, tried: Tried, engines: Engines) -> None:
        refused(tried, engines)


class TestB3CommentsQuotesAndCase:
    @tried(
        both(
            "select person from/**/payroll",
            'select person FROM/* x */"payroll"',
            "select person fRoM payroll",
            "select $$a$$ as x, person from payroll",
            "select 'a' /* ' */ as x, person from payroll -- '",
            "select 1 as x -- \n, person from payroll",
            "select person\u00a0from payroll",
            "select /* /* */ name */ person from payroll",
            'select "OWNER" from dim_experiments',
            "select E'\\'' as x, person from payroll",
        )
        + on(
            "clickhouse",
            "select name from dim_experiments where name = 'x\\' union all select person from payroll",
            "select 'a\\'' as x, person from payroll",
            "select name from dim_experiments where name = '\\\\' union all select person from payroll -- '",
            "select name # from dim_experiments\n, person from payroll",
            "select `person` from `payroll`",
            "select name from dim_experiments where name = $x$'$x$ union all select person from payroll",
        )
        + on("duckdb", "select name from dim_experiments where name = '\\' union all select person from payroll --'")
    )
    def test_is_refused(self, tried: Tried, engines: Engines) -> None:
        refused(tried, engines)

    @tried(
        on(
            "duckdb",
            "select '\\' as x",
            "select 'a' as \"#\", name from dim_experiments",
            "select /* /* */ */ name from dim_experiments",
        )
        + on(
            "clickhouse",
            "select '\\'--' as x",
            "select name from dim_experiments # payroll",
            "select /* /* */ */ name from dim_experiments",
        )
    )
    def test_what_each_engine_reads_otherwise_is_read_its_way(self, tried: Tried, engines: Engines) -> None:
        assert isinstance(check(tried[1], world.ANALYST, dialect=tried[0]), Approved)
        holds(tried, engines)


class TestB4NameGames:
    @tried(
        both(
            "select experiment_id from hr.dim_experiments",
            "with dim_experiments as (select person as name from payroll) select name from dim_experiments",
            "with dim_metrics as (select 1 as x) select x from dim_metrics",
            "select x from (with p as (select 1 as x) select x from p) as t, p",
            "use hr",
            "set schema = 'hr'",
            "with payroll as (select * from payroll) select * from payroll",
            "select * from system.tables",
        )
        + on(
            "clickhouse",
            "with b as (select 1 x), a as (select x from b) select x from (with b as (select 2 x) select x from a) t",
            "select 'exposed' as analysis_population, uplift_abs from fct_results where analysis_population = 'itt' "
            "and dimension = 'all'",
            "select (1, 2) as d, d.name as n from dim_experiments as d",
            "with 'x' as name select name from dim_experiments",
            "select uplift_abs from fct_results where dimension = 'all' and ('itt' as analysis_population) = 'itt'",
        )
        + on(
            "duckdb", "create temp view dim_experiments as select * from payroll", "create macro upper(x) as (select 1)"
        )
    )
    def test_is_refused(self, tried: Tried, engines: Engines) -> None:
        refused(tried, engines)

    @tried(both("with payroll as (select name from dim_experiments) select name from payroll"))
    def test_a_cte_of_a_name_outside_is_the_cte(self, tried: Tried, engines: Engines) -> None:
        assert isinstance(check(tried[1], world.ANALYST, dialect=tried[0]), Approved)
        holds(tried, engines)


class TestB5ColumnsOutOfReach:
    @tried(
        both(
            "select owner from dim_experiments",
            "select d from dim_experiments as d",
            "select dim_experiments from dim_experiments",
            "select columns('own.*') from dim_experiments",
            "select * exclude (name) from dim_experiments where owner != ''",
            "select x from dim_experiments as d (a, b, c, d, x)",
            "select a.name from dim_experiments as a join dim_experiments as b using (owner)",
            "select a.name from dim_experiments as a natural join dim_experiments as b",
            "select name from dim_experiments where owner like 'C%'",
            "select name from dim_experiments order by owner",
            "select status from dim_experiments group by status having max(owner) > 'C'",
            "select max(owner) as m from dim_experiments",
            "select name from dim_experiments as d where exists (select 1 from fct_daily as f where d.owner > 'C')",
            "select country from fct_cohort",
            "select max(spend) as m from fct_cohort",
        )
        + on(
            "duckdb",
            "select * like 'o%' from dim_experiments",
            "select unnest(d) from dim_experiments d",
            "select to_json(d) from dim_experiments d",
            "unpivot dim_experiments on owner into name x value y",
            "select owner.upper() from dim_experiments",
        )
        + on(
            "clickhouse",
            "select tuple(*) as t from dim_experiments",
            "select * apply(max) from dim_experiments",
            "select toJSONString(tuple(*)) as t from dim_experiments",
            "select name from dim_experiments prewhere owner != ''",
            "select name from dim_experiments order by name limit 1 by owner",
            "select countIf(owner != '') as n from dim_experiments",
            "with owner as o select o from dim_experiments",
            "select arrayFilter(d -> d.owner, [1]) as x from dim_experiments as d",
            "select avgIf(spend, platform = 'ios') as a from fct_cohort",
            "select quantile(0.5)(spend) as a from fct_cohort",
        )
    )
    def test_is_refused(self, tried: Tried, engines: Engines) -> None:
        refused(tried, engines)

    @tried(
        both(
            "select * from dim_experiments",
            "select 'x' as owner from dim_experiments",
            "select 'x' as owner, max(owner) as m from dim_experiments",
            "select count(*) as n from dim_experiments",
            "select t.* from (select * from dim_experiments) as t",
            "select platform, avg(spend) as a from fct_cohort group by platform",
            "select platform, count(*) as n from fct_cohort where country = 'x' group by platform",
        )
    )
    def test_what_is_in_reach_tells_nothing_of_the_rest(self, tried: Tried, engines: Engines) -> None:
        assert isinstance(check(tried[1], world.ANALYST, dialect=tried[0]), Approved)
        holds(tried, engines)


class TestB6FilesAndNetwork:
    @tried(
        on(
            "duckdb",
            "select * from read_text('/etc/passwd')",
            "select * from read_csv('x.csv')",
            "select * from glob('/*')",
            "select * from '/etc/passwd'",
            'select * from "x.parquet"',
            "copy (select 1) to 'x'",
            "attach 'x.db'",
            "install httpfs",
            "select getenv('HOME') as x",
        )
        + on(
            "clickhouse",
            "select * from file('/etc/passwd', 'LineAsString')",
            "select file('/etc/passwd') as x",
            "select * from url('http://127.0.0.1/x')",
            "select * from s3('http://127.0.0.1/x')",
            "select * from executable('x', 'TSV', 'a String')",
            "select * from `/etc/passwd`",
            "select 1 as x into outfile 'x'",
            "insert into function url('http://127.0.0.1/x') select 1",
            "select * from remote('127.0.0.1', system.one)",
        )
    )
    def test_is_refused(self, tried: Tried, engines: Engines) -> None:
        refused(tried, engines)


class TestB7Catalogues:
    @tried(
        both(
            "select * from information_schema.tables",
            "select version() as v",
            "select current_user as u",
            "select user() as u",
        )
        + on(
            "duckdb",
            "select * from duckdb_tables()",
            "select * from pragma_table_info('payroll')",
            "select * from sqlite_master",
            "select * from pg_catalog.pg_class",
            "select current_setting('threads') as s",
            "select stats(name) as s from dim_experiments",
        )
        + on(
            "clickhouse",
            "select * from system.columns",
            "select * from system.query_log",
            "select getSetting('max_threads') as s",
            "select hostName() as h",
            "select currentUser() as u",
            "select _table from dim_experiments",
            "select * from INFORMATION_SCHEMA.columns",
        )
    )
    def test_is_refused(self, tried: Tried, engines: Engines) -> None:
        refused(tried, engines)


class TestB8TheEnginesTells:
    @tried(
        both(
            "explain select (select max(salary) from payroll)",
            "explain analyze select 1",
            "describe select (select max(salary) from payroll)",
            "select error('x') as e",
        )
        + on(
            "clickhouse",
            "explain query tree select (select max(salary) from payroll)",
            "explain plan select 1",
            "kill query where 1",
            "select throwIf(1, 'x') as t",
            "select sleep(1) as s",
            "select dumpColumnStructure(name) as d from dim_experiments",
        )
    )
    def test_is_refused(self, tried: Tried, engines: Engines) -> None:
        refused(tried, engines)


class TestB9State:
    @tried(
        on(
            "duckdb",
            "set variable x = (select max(salary) from payroll)",
            "select getvariable('x') as x",
            "select nextval('s') as x",
            "select currval('s') as x",
            "reset all",
        )
        + on(
            "clickhouse",
            "set x = 1",
            "set param_x = 1",
            "select {x:UInt8} as x",
            "select generateSerialID('x') as x",
            "select @@x as x",
        )
    )
    def test_is_refused(self, tried: Tried, engines: Engines) -> None:
        refused(tried, engines)


class TestB10Resources:
    @tried(
        both(
            "with recursive r as (select 1 as n union all select n + 1 from r) select n from r",
            "select a.name from dim_experiments as a, dim_experiments as b, dim_experiments as c",
            "select " + "(" * (MAX_NESTING + 1) + "1" + ")" * (MAX_NESTING + 1) + " as x",
            "select " + " + ".join(["1"] * 900) + " as x",
            "select * from generate_series(1, 1000000000000)",
        )
        + on("duckdb", "select * from range(1000000000000)", "select repeat('x', 1000000000) as x")
        + on(
            "clickhouse",
            "select * from numbers(1000000000000)",
            "select * from numbers_mt(1000000000000)",
            "select repeat('x', 1000000000) as x",
            "select range(1000000000) as x",
            "select leftPad('x', 1000000000) as x",
            "select arrayWithConstant(1000000000, 1) as x",
            "with concat(name, name) as a, concat(a, a, a, a, a, a, a, a) as b, concat(b, b, b, b, b, b, b, b) as c, "
            "concat(c, c, c, c, c, c, c, c) as d select concat(d, d, d, d, d, d, d, d) as e from dim_experiments",
        )
    )
    def test_is_refused(self, tried: Tried, engines: Engines) -> None:
        refused(tried, engines)

    @pytest.mark.parametrize("dialect", ["duckdb", "clickhouse"])
    def test_every_approved_statement_is_capped(self, dialect: str) -> None:
        for sql in ("select name from dim_experiments", "select name from dim_experiments limit 999999999"):
            verdict = check(sql, world.POLICIES["viewer"], dialect=dialect)
            assert isinstance(verdict, Approved)
            assert verdict.sql.endswith("LIMIT 6")


class TestB11SecondFrontDoors:
    """The compiler's `where`, `order_by` and the tools' filters are values, tested with them; here their SQL forms."""

    @tried(
        both(
            "select name from dim_experiments where 1 = 1 or owner != '' --",
            "select name from dim_experiments where name = '' or exists (select 1 from payroll)",
            "select name from dim_experiments order by (case when (select max(salary) from payroll) > 1 then name end)",
            "select name from dim_experiments order by 1, (select 1 from payroll)",
            "select name from dim_experiments limit (select max(salary) from payroll)",
            "select name from dim_experiments group by name having 1 in (select salary from payroll)",
        )
    )
    def test_is_refused(self, tried: Tried, engines: Engines) -> None:
        refused(tried, engines)


class TestB12TextFromTheData:
    @tried(
        both(
            "select name from dim_experiments where name = 'ignore the rules; drop table payroll'",
            "select name from dim_experiments where name = '''; select person from payroll; --'",
            "select 'select person from payroll' as advice",
            'select name as "payroll; drop" from dim_experiments',
        )
    )
    def test_text_that_looks_like_sql_stays_a_text(self, tried: Tried, engines: Engines) -> None:
        assert isinstance(check(tried[1], world.ANALYST, dialect=tried[0]), Approved)
        holds(tried, engines)


class TestB13GapsOfWalkers:
    @tried(
        both(
            "select (1, (2, (select max(salary) from payroll))) as t",
            "select [1, (select max(salary) from payroll)] as t",
            "select d.name from dim_experiments as d join (select person from payroll) as p on p.person = d.name",
            "select sum(n_events) over (partition by (select max(salary) from payroll)) as s from fct_daily",
            "select sum(n_events) over (order by (select max(salary) from payroll)) as s from fct_daily",
            "select sum(1) over w as s from fct_daily window w as (order by (select max(salary) from payroll))",
            "select name from dim_experiments qualify rank() over (order by (select max(salary) from payroll)) = 1",
            "select name from dim_experiments limit (select max(salary) from payroll)",
            "select name from dim_experiments limit 1 offset (select max(salary) from payroll)",
            "select distinct on ((select max(salary) from payroll)) name from dim_experiments",
            "select count(*) as n from dim_experiments group by grouping sets ((select max(salary) from payroll), ())",
            "select count(*) as n from dim_experiments group by rollup ((select max(salary) from payroll))",
            "select case when (select max(salary) from payroll) > 1 then 1 end as x",
            "select 1 between 0 and (select max(salary) from payroll) as x",
            "select coalesce(null, (select max(salary) from payroll)) as x",
            "select count(*) filter (where (select max(salary) from payroll) > 1) as n from dim_experiments",
            "select cast((select max(salary) from payroll) as bigint) as x",
            "select name like (select max(person) from payroll) as x from dim_experiments",
            "select name from dim_experiments where (name, 1) in (select person, 1 from payroll)",
            "select date_day + interval (select max(salary) from payroll) day as x from fct_daily",
        )
        + on(
            "clickhouse",
            "select quantile((select max(salary) from payroll))(n_events) as q from fct_daily",
            "select sumIf(n_events, (select max(salary) from payroll) > 1) as q from fct_daily",
            "select map('a', (select max(salary) from payroll)) as m",
            "select name from dim_experiments limit 1 by (select max(salary) from payroll)",
            "select name from dim_experiments prewhere (select max(salary) from payroll) > 1",
            "select date_day from fct_daily order by date_day with fill from (select max(salary) from payroll)",
            "select 1 = 1 ? (select max(salary) from payroll) : 0 as x",
            "with (select max(salary) from payroll) as m select 1 as x",
        )
        + on("duckdb", "select d.name from dim_experiments d, lateral (select person from payroll) p")
    )
    def test_is_refused(self, tried: Tried, engines: Engines) -> None:
        refused(tried, engines)


class TestB14OneTextCheckedAnotherRun:
    @tried(
        both(
            "select name from dim_experiments -- payroll",
            "select name /* x */ from /* y */ dim_experiments /* z */",
            "  select name from dim_experiments  \n\n;  ",
            "select name from dim_experiments limit 3 -- ",
            "select name from dim_experiments /* limit",
        )
    )
    def test_what_runs_is_the_rendering_and_checks_out_unchanged(self, tried: Tried, engines: Engines) -> None:
        dialect, sql = tried
        verdict = check(sql, world.ANALYST, dialect=dialect)
        if isinstance(verdict, Approved):
            assert "--" not in verdict.sql
            assert "/*" not in verdict.sql
            again = check(verdict.sql, world.ANALYST, dialect=dialect)
            assert isinstance(again, Approved)
            assert again.sql == verdict.sql
        holds(tried, engines)


class TestR1TheRendererInjected:
    @tried(
        both(
            'select extract("year from date_day) from payroll --" from date_day) as x from fct_daily',
            'select date_trunc("day\') from payroll --", date_day) as x from fct_daily',
            "select interval '1' \"day from payroll --\" as x",
            'select cast(1 as "int) from payroll --") as x',
            'select cast(1 as "x y z") as x',
            'select name collate "x from payroll --" as n from dim_experiments',
            "select interval '1; drop table payroll' day as x",
        )
        + on(
            "clickhouse",
            "select dateAdd(`day, 1, date_day) from payroll --`, 1, date_day) as x from fct_daily",
            "select dateDiff(`day`, date_day, date_day) as x from fct_daily",
            "select * apply(`max) from payroll --`) from dim_experiments",
            "select name from dim_experiments order by name with fill interpolate (`x from payroll --`)",
            "select {`x:String} from payroll --`:String} as x",
            "select name from dim_experiments settings `a = 1 union all select` = 1",
            "select arrayReduce('max(1) from payroll --', [1]) as x",
            "select `quantile(0.5)(salary) from payroll --`(1) as x",
            "select `sumIf`(n_events, 1) as x, `x)(1) from payroll --`(2) as y from fct_daily",
            "select {'x': (select max(salary) from payroll)} as m",
        )
        + on(
            "duckdb",
            'select date_part("year\', date_day) from payroll --", date_day) as x from fct_daily',
            'select 1 operator("+ (select max(salary) from payroll)") 1 as x',
            'select struct_pack("a := 1) from payroll --" := 1) as x',
        )
    )
    def test_holds(self, tried: Tried, engines: Engines) -> None:
        holds(tried, engines)
        verdict = check(tried[1], world.ANALYST, dialect=tried[0])
        assert not isinstance(verdict, Approved) or "payroll" not in verdict.sql


class TestR2ColumnsThatAreNoColumnNode:
    @tried(
        on(
            "duckdb",
            "select owner.upper() as x from dim_experiments",
            "select text[1] as x from (select owner as text from dim_experiments) t",
            "select date_trunc(owner, started_at) as x from dim_experiments",
            "select dim_experiments.owner.upper() as x from dim_experiments",
        )
        + on(
            "clickhouse",
            "select name from dim_experiments where name in owner",
            "select name, owner from dim_experiments array join owner",
            "select dateDiff(owner, started_at, started_at) as x from dim_experiments",
            "select owner.1 as x from dim_experiments",
            "select dateTrunc(owner, started_at) as x from dim_experiments",
            "select name.size0 as x from dim_experiments",
            "select quantile(owner)(1) as x from dim_experiments",
            "select * except owner from dim_experiments",
            "select * replace (owner as name) from dim_experiments",
        )
    )
    def test_is_refused(self, tried: Tried, engines: Engines) -> None:
        refused(tried, engines)


class TestR3LambdaParameters:
    @tried(
        on(
            "duckdb",
            "select list_transform([1], lambda d: d.owner) as x from dim_experiments d",
            "select list_transform([1], d -> d.owner) as x from dim_experiments d",
            "select [d.owner for d in [1]] as x from dim_experiments d",
            "select list_filter([1], lambda dim_experiments: dim_experiments.owner > '') as x from dim_experiments",
        )
        + on(
            "clickhouse",
            "select arrayMap(d -> d.owner, [1]) as x from dim_experiments as d",
            "select arrayMap((d, e) -> d.owner, [1], [2]) as x from dim_experiments as d",
            "select arrayExists(dim_experiments -> dim_experiments.owner > '', [1]) as x from dim_experiments",
            "select arraySort(d -> d.owner, [1]) as x from dim_experiments as d",
            "select arrayCount(d -> d.owner > '', [1]) as x from dim_experiments as d",
            "select has(arrayMap(x -> x, [1]), 1) as x",
        )
    )
    def test_is_refused(self, tried: Tried, engines: Engines) -> None:
        refused(tried, engines)


class TestR4Drift:
    """Nothing would leak; the answer would be another. The corpora's `drift` family holds the rest."""

    @tried(
        both("select interval '3 days ago' as x", "select 'a' 'b' as x", "select log(2, n_events) as x from fct_daily")
        + on("duckdb", "select 1e3-1e2 as x", "select name in ['One', null] as x from dim_experiments")
        + on(
            "clickhouse",
            "select (1,) as t",
            "select 0.1::Decimal(38, 20) as x",
            "select (1)::Float64 as x",
            "select 0x1F as x",
            "select xor(n_events) as x from fct_daily",
            "select dateDiff(date_day, date_day) as x from fct_daily",
            "select first_value(n_events ignore nulls) over (order by date_day) as x from fct_daily",
            "select try_cast('x' as Int32) as x",
        )
    )
    def test_is_refused(self, tried: Tried, engines: Engines) -> None:
        refused(tried, engines)


class TestR5TimeBombsInTheParser:
    @tried(
        both(
            "select " + "[" * 500 + "1" + "]" * 500,
            "select " + "not " * 1000 + "true",
            "select " + "case when 1 then " * 60 + "1" + " end" * 60,
            "select " + "- " * 1000 + "1",
            "select '" + "x" * 60_000 + "'",
            "select " + ", ".join(["1"] * 3000),
            "select 1 " + "/*" * 3000 + "*/" * 2999,
            "select " + "x -> " * 500 + "1",
            "with " + ", ".join(f"c{i} as (select 1 as x)" for i in range(700)) + " select 1",
        )
    )
    def test_is_refused_without_an_exception(self, tried: Tried, engines: Engines) -> None:
        refused(tried, engines)
