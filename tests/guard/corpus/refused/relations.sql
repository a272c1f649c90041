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
-- rules: duplicate_name, cross_join
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
