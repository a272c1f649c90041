-- case: a table outside the contract
-- rules: table_not_allowed
select * from payroll
-- case: an asset outside the role
-- rules: table_not_allowed
select * from fct_restricted
-- case: misspelled asset
-- rules: table_not_allowed
select name from dim_experiment
-- case: cte hiding a table behind its own name
-- rules: table_not_allowed
with payroll as (select * from payroll) select * from payroll
-- case: cte named like an asset
-- rules: name_shadows_asset
with dim_experiments as (select 1 as x) select x from dim_experiments
-- case: cte visible in an inner scope only
-- rules: table_not_allowed
select * from (with payroll as (select 1 as x) select x from payroll) a, payroll
-- case: a later cte is not visible to an earlier one
-- rules: table_not_allowed
with a as (select * from payroll), payroll as (select 1 as x) select x from a
-- case: two ctes of one name
-- rules: duplicate_name
with a as (select 1 as x), a as (select 2 as x) select x from a
-- case: two relations of one name
-- rules: duplicate_name
select 1 from dim_experiments x join fct_daily x on x.experiment_id = x.experiment_id
-- case: another schema
-- rules: schema_not_allowed
select * from hr.dim_experiments
-- case: another catalog
-- rules: schema_not_allowed
select * from other.main.dim_experiments
-- case: information schema
-- rules: schema_not_allowed
select * from information_schema.tables
-- case: pg_catalog
-- rules: schema_not_allowed
select * from pg_catalog.pg_class
-- case: sqlite_master
-- rules: table_not_allowed
select * from sqlite_master
-- case: duckdb_tables view
-- rules: table_not_allowed
select * from duckdb_tables
-- case: duckdb_tables function
-- rules: table_function_not_allowed
select * from duckdb_tables()
-- case: file as a table
-- rules: table_not_allowed
select * from '/tmp/canary.csv'
-- case: file as a quoted table
-- rules: table_not_allowed
select * from "/tmp/canary.csv"
-- case: url as a table
-- rules: table_not_allowed
select * from 'https://example.com/x.parquet'
-- case: read_csv
-- rules: table_function_not_allowed
select * from read_csv('/tmp/canary.csv')
-- case: read_csv in odd case with comments
-- rules: table_function_not_allowed
select * from/**/ReAd_CsV_aUtO /* x */ ('/tmp/canary.csv')
-- case: quoted function name
-- rules: table_function_not_allowed
select * from "read_csv"('/tmp/canary.csv')
-- case: read_parquet
-- rules: table_function_not_allowed
select * from read_parquet('/tmp/x.parquet')
-- case: read_text
-- rules: table_function_not_allowed
select * from read_text('/etc/passwd')
-- case: read_blob
-- rules: table_function_not_allowed
select * from read_blob('/etc/passwd')
-- case: glob
-- rules: table_function_not_allowed
select * from glob('/*')
-- case: query()
-- rules: table_function_not_allowed
select * from query('select * from payroll')
-- case: query_table()
-- rules: table_function_not_allowed
select * from query_table('payroll')
-- case: json_execute_serialized_sql
-- rules: table_function_not_allowed
select * from json_execute_serialized_sql('{}')
-- case: histogram table macro
-- rules: table_function_not_allowed
select * from histogram('payroll', 'salary')
-- case: pragma function
-- rules: table_function_not_allowed
select * from pragma_table_info('payroll')
-- case: settings
-- rules: table_function_not_allowed
select * from duckdb_settings()
-- case: secrets
-- rules: table_function_not_allowed
select * from duckdb_secrets()
-- case: in a subquery of where
-- rules: table_not_allowed
select name from dim_experiments where exists (select 1 from payroll)
-- case: in a scalar subquery
-- rules: table_not_allowed
select (select max(salary) from payroll) as x
-- case: in a union
-- rules: table_not_allowed
select name from dim_experiments union all select person from payroll
-- case: in order by
-- rules: table_not_allowed
select name from dim_experiments order by (select max(salary) from payroll)
-- case: in having
-- rules: table_not_allowed
select status from dim_experiments group by 1 having count(*) > (select count(*) from payroll)
-- case: in a join condition
-- rules: table_not_allowed
select d.name from dim_experiments d join fct_daily f on d.experiment_id = f.experiment_id and (select true from payroll)
-- case: in a window frame's order
-- rules: table_not_allowed
select row_number() over (order by (select max(salary) from payroll)) as r from dim_experiments
-- case: in qualify
-- rules: table_not_allowed
select name from dim_experiments qualify row_number() over (order by name) < (select max(salary) from payroll)
-- case: in an aggregate filter
-- rules: table_not_allowed
select count(*) filter (where (select true from payroll)) as n from dim_experiments
-- case: in case
-- rules: table_not_allowed
select case when (select count(*) from payroll) > 1 then 1 end as c from dim_experiments
-- case: in group by
-- rules: table_not_allowed
select count(*) from dim_experiments group by (select max(salary) from payroll)
-- case: in distinct on
-- rules: table_not_allowed
select distinct on ((select max(salary) from payroll)) name from dim_experiments
-- case: in grouping sets
-- rules: table_not_allowed
select count(*) from dim_experiments group by grouping sets (((select max(salary) from payroll)), ())
-- case: in a tuple in a list
-- rules: table_not_allowed
select name from dim_experiments where (name, 1) in (((select max(person) from payroll), 1))
-- case: in values
-- rules: table_not_allowed
select * from (values ((select max(salary) from payroll))) v(x)
-- case: in unnest
-- rules: table_not_allowed
select u.x from unnest((select list(person) from payroll)) u(x)
-- case: in a list literal
-- rules: table_not_allowed
select [(select max(salary) from payroll)] as l
-- case: in between
-- rules: table_not_allowed
select n_events from fct_daily where n_events between 0 and (select max(salary) from payroll)
-- case: in a named window
-- rules: table_not_allowed
select sum(n_events) over w from fct_daily window w as (order by (select max(salary) from payroll))
-- case: in a replace of star
-- rules: table_not_allowed
select * replace ((select max(person) from payroll) as name) from dim_experiments
-- case: alias list on an asset
-- rules: column_not_found, syntax_not_allowed
select a from dim_experiments t(a)
-- case: range without end
-- rules: range_too_large
select count(*) from range(1000000000000) r(i)
-- case: series with a tiny step
-- rules: range_too_large
select count(*) from generate_series(0, 1, 0.0000001) s(i)
-- case: series of a computed length
-- rules: range_too_large
select count(*) from range(1000 * 1000 * 1000) r(i)
-- case: series of seconds over years
-- rules: range_too_large
select count(*) from generate_series(timestamp '1990-01-01', timestamp '2026-01-01', interval 1 second) s(t)
-- case: series that reads a column
-- rules: range_too_large, column_not_found
select * from fct_daily f, range(f.n_events) r(i)
-- case: lateral over a table outside
-- rules: table_not_allowed
select d.name, l.x from dim_experiments d, lateral (select p.person as x from payroll p) l
-- case: lateral without a key
-- rules: cross_join
select d.name, l.n_events from dim_experiments d, lateral (select f.n_events from fct_daily f) l
-- case: lateral along an undeclared key
-- rules: join_not_declared
select d.name, l.n_events from dim_experiments d, lateral (select f.n_events from fct_daily f where f.experiment_id = d.name) l
-- case: lateral by a range only
-- rules: cross_join
select d.name, l.n_events from dim_experiments d, lateral (select f.n_events from fct_daily f where f.date_day > d.started_at) l
-- case: lateral on the right
-- rules: syntax_not_allowed
select d.name, l.n from dim_experiments d right join lateral (select 1 as n) l on true
-- case: lateral with a later neighbour
-- rules: column_not_found
select d.name, l.x from lateral (select d.name as x) l, dim_experiments d
-- case: lateral over a table function
-- rules: syntax_not_allowed, function_not_allowed
select d.name, l.x from dim_experiments d, lateral read_csv(d.name) l(x)
-- case: a cte that hides behind lateral
-- rules: table_not_allowed
select l.x from dim_experiments d, lateral (with payroll as (select * from payroll) select person as x from payroll) l
-- case: in an anti join
-- rules: table_not_allowed
select name from dim_experiments d anti join payroll p on p.person = d.name
-- case: in a semi join
-- rules: table_not_allowed
select name from dim_experiments d semi join payroll p on p.person = d.name
-- case: in an except
-- rules: table_not_allowed
select name from dim_experiments except select person from payroll
-- case: in a union by name
-- rules: table_not_allowed
select name from dim_experiments union all by name select person as name from payroll
-- case: in a bracketed side
-- rules: table_not_allowed
(select name from dim_experiments) union all (select person from payroll)
-- case: in a cte of a subquery
-- rules: table_not_allowed
select * from (with p as (select person from payroll) select person from p) t
-- case: in a cte of a cte
-- rules: table_not_allowed
with a as (with b as (select person from payroll) select person from b) select * from a
-- case: in a cte nobody reads
-- rules: table_not_allowed
with p as (select * from payroll) select name from dim_experiments
-- case: in a materialized cte
-- rules: table_not_allowed
with p as materialized (select * from payroll) select person from p
-- case: in any
-- rules: table_not_allowed
select name from dim_experiments where name = any (select person from payroll)
-- case: in all
-- rules: table_not_allowed
select name from dim_experiments where name <> all (select person from payroll)
-- case: in a row comparison
-- rules: table_not_allowed
select name from dim_experiments where (name, status) in (select person, person from payroll)
-- case: in the middle of a function
-- rules: table_not_allowed
select upper(coalesce((select max(person) from payroll), name)) as x from dim_experiments
-- case: in a struct
-- rules: table_not_allowed
select {'a': (select max(person) from payroll)} as s
-- case: in a list unnested alone
-- rules: table_not_allowed
select unnest([(select max(person) from payroll)]) as x
-- case: in a cast
-- rules: table_not_allowed
select cast((select max(salary) from payroll) as varchar) as x
-- case: in a like pattern
-- rules: table_not_allowed
select name from dim_experiments where name like (select max(person) from payroll)
-- case: in an interval
-- rules: table_not_allowed
select started_at + interval (select max(salary) from payroll) day from dim_experiments
-- case: in a case branch of order by
-- rules: table_not_allowed
select name from dim_experiments order by case when exists (select 1 from payroll) then 1 else 2 end
-- case: in rollup
-- rules: table_not_allowed
select count(*) from dim_experiments group by rollup ((select max(salary) from payroll))
-- case: in a partition
-- rules: table_not_allowed
select row_number() over (partition by (select max(salary) from payroll)) as r from dim_experiments
-- case: in a quantile
-- rules: table_not_allowed
select quantile_cont(n_events, (select 0.5 from payroll)) as q from fct_daily
-- case: in limit
-- rules: limit_not_literal
select name from dim_experiments limit (select max(salary) from payroll)
-- case: in offset
-- rules: limit_not_literal
select name from dim_experiments limit 1 offset (select max(salary) from payroll)
-- case: in fetch
-- rules: limit_not_literal
select name from dim_experiments fetch first (select 1 from payroll) rows only
-- case: in distinct of an aggregate
-- rules: table_not_allowed
select count(distinct (select max(person) from payroll)) as n from dim_experiments
-- case: in using of a derived table
-- rules: table_not_allowed
select 1 from dim_experiments d join (select person as experiment_id from payroll) p using (experiment_id)
-- case: from first
-- rules: table_not_allowed
from payroll
-- case: from first in a derived table
-- rules: table_not_allowed
select * from (from payroll) t
-- case: from first in a cte
-- rules: table_not_allowed
with p as (from payroll) select * from p
-- case: in upper case with blanks and comments
-- rules: table_not_allowed
SELECT * FROM/**/"PAYROLL"/* x */AS p
-- case: with an alias of an asset
-- rules: table_not_allowed
select * from payroll as dim_experiments
-- case: two names in one from
-- rules: table_not_allowed
select * from dim_experiments d join payroll d2 on d2.person = d.name
-- case: the schema's own name as an asset
-- rules: table_not_allowed
select * from main
-- case: main before a table outside
-- rules: table_not_allowed
select * from main.payroll
-- case: the catalog before main
-- rules: schema_not_allowed
select * from full.main.dim_experiments
-- case: temp schema
-- rules: schema_not_allowed
select * from temp.dim_experiments
-- case: system schema
-- rules: schema_not_allowed
select * from system.main.duckdb_tables
-- case: pg_catalog in upper case
-- rules: schema_not_allowed
select * from PG_CATALOG.PG_TABLES
-- case: a schema in quotes
-- rules: schema_not_allowed
select * from "hr"."dim_experiments"
-- case: a schema and name in one pair of quotes
-- rules: table_not_allowed
select * from "hr.dim_experiments"
-- case: information schema columns
-- rules: schema_not_allowed
select column_name from information_schema.columns
-- case: duckdb_columns
-- rules: table_function_not_allowed
select * from duckdb_columns()
-- case: duckdb_functions
-- rules: table_function_not_allowed
select * from duckdb_functions()
-- case: duckdb_databases
-- rules: table_function_not_allowed
select * from duckdb_databases()
-- case: pragma_database_list
-- rules: table_function_not_allowed
select * from pragma_database_list()
-- case: pragma_storage_info
-- rules: table_function_not_allowed
select * from pragma_storage_info('payroll')
-- case: pragma_show
-- rules: table_function_not_allowed
select * from pragma_show('payroll')
-- case: sniff_csv
-- rules: table_function_not_allowed
select * from sniff_csv('/tmp/x.csv')
-- case: read_json
-- rules: table_function_not_allowed
select * from read_json('/tmp/x.json')
-- case: read_ndjson_objects
-- rules: table_function_not_allowed
select * from read_ndjson_objects('/tmp/x.json')
-- case: parquet_metadata
-- rules: table_function_not_allowed
select * from parquet_metadata('/tmp/x.parquet')
-- case: sqlite_scan
-- rules: table_function_not_allowed
select * from sqlite_scan('/tmp/x.db', 't')
-- case: postgres_query
-- rules: table_function_not_allowed
select * from postgres_query('p', 'select 1')
-- case: iceberg_scan
-- rules: table_function_not_allowed
select * from iceberg_scan('/tmp/x')
-- case: seq_scan
-- rules: table_function_not_allowed
select * from seq_scan('payroll')
-- case: arrow_scan
-- rules: table_function_not_allowed
select * from arrow_scan(1, 2, 3)
-- case: repeat as a relation
-- rules: table_function_not_allowed
select * from repeat('x', 10)
-- case: summary
-- rules: table_function_not_allowed
select * from summary(payroll)
-- case: checkpoint as a function
-- rules: table_function_not_allowed
select * from checkpoint()
-- case: force_checkpoint
-- rules: table_function_not_allowed
select * from force_checkpoint()
-- case: which_secret
-- rules: table_function_not_allowed
select * from which_secret('x', 's3')
-- case: duckdb_logs
-- rules: table_function_not_allowed
select * from duckdb_logs()
-- case: enable_logging
-- rules: table_function_not_allowed
select * from enable_logging()
-- case: test_all_types
-- rules: table_function_not_allowed
select * from test_all_types()
-- case: query_table in a join
-- rules: table_function_not_allowed
select 1 from dim_experiments d join query_table('payroll') p on p.person = d.name
-- case: query in a subquery
-- rules: table_function_not_allowed
select name from dim_experiments where name in (select person from query('from payroll'))
-- case: a glob path
-- rules: table_not_allowed
select * from '/tmp/*.csv'
-- case: a path with a fragment
-- rules: table_not_allowed
select * from 's3://bucket/x.parquet'
-- case: a path beside an asset
-- rules: table_not_allowed
select d.name from dim_experiments d join '/tmp/x.csv' c on c.x = d.name
-- case: a pivot of a table outside
-- rules: table_not_allowed, syntax_not_allowed
select * from payroll pivot (sum(salary) for person in ('x'))
-- case: an unpivot of a table outside
-- rules: table_not_allowed, syntax_not_allowed
select * from payroll unpivot (v for k in (salary))
-- case: a pivot in a cte
-- rules: syntax_not_allowed
with p as (pivot payroll on person using sum(salary)) select * from p
-- case: describe in from
-- rules: syntax_not_allowed
select * from (describe payroll)
-- case: summarize in from
-- rules: syntax_not_allowed
select * from (summarize payroll)
-- case: show in from
-- rules: syntax_not_allowed
select * from (show tables)
-- case: values that read a table in a cte
-- rules: table_not_allowed
with v as (values ((select max(person) from payroll))) select * from v
-- case: cte with the name of an asset in another case
-- rules: name_shadows_asset
with DIM_Experiments as (select 1 as x) select x from dim_experiments
-- case: cte with the quoted name of an asset
-- rules: name_shadows_asset
with "dim_experiments" as (select 1 as x) select x from "dim_experiments"
-- case: cte in an inner query named like an asset
-- rules: name_shadows_asset
select * from (with fct_daily as (select 1 as x) select x from fct_daily) t
-- case: three relations, two of one name
-- rules: duplicate_name
select 1 from dim_experiments a join fct_daily b using (experiment_id) join fct_daily b using (experiment_id)
-- case: the same asset twice without aliases
-- rules: duplicate_name
select 1 from fct_daily join fct_daily using (experiment_id)
-- case: an asset outside a narrower role
-- role: viewer
-- rules: table_not_allowed
select * from fct_daily
-- case: an asset outside the partner's role
-- role: partner
-- rules: table_not_allowed
select count(*) from fct_cohort
-- case: at version
-- rules: syntax_not_allowed
select * from dim_experiments at (version => 1)
-- case: series beyond the bound by one
-- rules: range_too_large
select count(*) from range(100001) r(i)
-- case: series backwards
-- rules: range_too_large
select count(*) from generate_series(1000000, 1, -1) r(i)
-- case: series of a subquery
-- rules: range_too_large
select count(*) from range((select max(n_events) from fct_daily)) r(i)
-- case: series without a number
-- rules: range_too_large
select count(*) from generate_series('a', 'z') r(i)
-- case: series with a step of nothing
-- rules: range_too_large
select count(*) from range(1, 10, 0) r(i)
-- case: unnest with ordinality
-- rules: syntax_not_allowed
select * from unnest(['a', 'b']) with ordinality as t(x, i)

-- case: a table outside in a join in brackets
-- rules: table_not_allowed
select d.name from (dim_experiments d join payroll p on d.name = p.person)

-- case: a table outside in brackets alone
-- rules: syntax_not_allowed
select * from (payroll)

-- case: a table outside in a list that is unnested
-- rules: table_not_allowed
select u.x from dim_experiments d, unnest([d.name, (select max(person) from payroll)]) as u(x)

-- case: a table outside in a lambda
-- rules: syntax_not_allowed, table_not_allowed
select list_transform([1], lambda x: (select max(salary) from payroll)) as l

-- case: a table's name as a parameter
-- rules: syntax_not_allowed
select list_transform([1], lambda payroll: payroll.salary) as l
