-- case: a table outside
-- rules: table_not_allowed
select person from payroll
-- case: a table outside in a cte of its name
-- rules: table_not_allowed
with payroll as (select * from payroll) select * from payroll
-- case: a table outside in a scalar of with
-- rules: table_not_allowed
with (select max(salary) from payroll) as m select m
-- case: a table outside in a scalar of with that is not used
-- rules: syntax_not_allowed, table_not_allowed
with (select max(salary) from payroll) as m select 1 as one
-- case: a table outside in a scalar inside a union
-- rules: syntax_not_allowed, table_not_allowed, column_not_found, column_not_found
with (select max(salary) from payroll) as m select m union all select m
-- case: a table outside in prewhere
-- rules: table_not_allowed
select name from dim_experiments prewhere name in (select person from payroll)
-- case: a table outside in limit by
-- rules: table_not_allowed
select name from dim_experiments limit 1 by (select max(salary) from payroll)
-- case: a table outside in a combinator
-- rules: table_not_allowed
select sumIf(n_events, (select max(salary) from payroll) > 1) as s from fct_daily
-- case: a table outside in a parameter of an aggregate
-- rules: table_not_allowed
select quantile((select 0.5 from payroll))(n_events) as q from fct_daily
-- case: a table outside in group by
-- rules: table_not_allowed
select count() as n from dim_experiments group by (select max(salary) from payroll)
-- case: a table outside in having
-- rules: table_not_allowed
select status from dim_experiments group by status having (select max(salary) from payroll) > 1
-- case: a table outside in qualify
-- rules: table_not_allowed
select name from dim_experiments qualify (select max(salary) from payroll) > 1
-- case: a table outside in a window
-- rules: table_not_allowed
select sum(n_events) over (order by (select max(salary) from payroll)) as s from fct_daily
-- case: a table outside in distinct on
-- rules: table_not_allowed
select distinct on ((select max(salary) from payroll)) name from dim_experiments
-- case: a table outside in a tuple
-- rules: table_not_allowed
select (1, (select max(salary) from payroll)) as t
-- case: a table outside in a list
-- rules: table_not_allowed
select [1, (select max(salary) from payroll)] as l
-- case: a table outside in a ternary
-- rules: table_not_allowed
select 1 = 1 ? (select max(salary) from payroll) : 0 as x
-- case: a table outside in exists
-- rules: table_not_allowed
select name from dim_experiments where exists (select 1 from payroll)
-- case: a table outside in global in
-- rules: table_not_allowed
select name from dim_experiments where name global in (select person from payroll)
-- case: a table outside on a join
-- rules: table_not_allowed
select d.name from dim_experiments as d join payroll as p on p.person = d.name
-- case: a table outside in a global join
-- rules: table_not_allowed
select d.name from dim_experiments as d global join payroll as p on p.person = d.name
-- case: a table outside in a semi join
-- rules: table_not_allowed
select d.name from dim_experiments as d left semi join payroll as p on p.person = d.name
-- case: a table outside behind a comma
-- rules: table_not_allowed
select d.name from dim_experiments as d, payroll
-- case: a table outside in a union
-- rules: table_not_allowed
select name from dim_experiments union all select person from payroll
-- case: a table outside in intersect
-- rules: table_not_allowed
select name from dim_experiments intersect select person from payroll
-- case: a table outside in except
-- rules: table_not_allowed
select name from dim_experiments except select person from payroll
-- case: a table outside with final
-- rules: syntax_not_allowed
select person from payroll final
-- case: a table outside with sample
-- rules: table_not_allowed, syntax_not_allowed
select person from payroll sample 1
-- case: an asset of another role
-- rules: table_not_allowed
select note from fct_restricted
-- case: the same name in another database
-- rules: schema_not_allowed
select experiment_id from hr.dim_experiments
-- case: the same name in another database, quoted
-- rules: schema_not_allowed
select experiment_id from `hr`.`dim_experiments`
-- case: a database and a table in one pair of quotes
-- rules: table_not_allowed
select experiment_id from `hr.dim_experiments`
-- case: the database of the contract by its name
-- rules: schema_not_allowed
select name from default.dim_experiments
-- case: a database named main
-- rules: schema_not_allowed
select name from main.dim_experiments
-- case: three parts
-- rules: schema_not_allowed
select name from a.b.dim_experiments
-- case: system tables
-- rules: schema_not_allowed
select name from system.tables
-- case: system one
-- rules: schema_not_allowed
select dummy from system.one
-- case: system query log
-- rules: schema_not_allowed
select query from system.query_log
-- case: system settings
-- rules: schema_not_allowed
select value from system.settings
-- case: the information schema
-- rules: schema_not_allowed
select table_name from information_schema.tables
-- case: a name in another case
-- rules: table_not_allowed
select name from DIM_EXPERIMENTS
-- case: in a table
-- rules: syntax_not_allowed
select name from dim_experiments where name in payroll
-- case: in a table of another database
-- rules: syntax_not_allowed
select name from dim_experiments where name in hr.payroll
-- case: not in a table
-- rules: syntax_not_allowed
select name from dim_experiments where name not in payroll
-- case: global in a table
-- rules: syntax_not_allowed
select name from dim_experiments where name global in payroll
-- case: in a set that a cte gives by name
-- rules: syntax_not_allowed
with p as (select name from dim_experiments) select name from dim_experiments where name in p
-- case: in by function
-- rules: parse_error
select name from dim_experiments where in(name, payroll)
-- case: not in by function
-- rules: function_not_allowed, column_not_found
select name from dim_experiments where notIn(name, payroll)
-- case: in a tuple around a table
-- rules: syntax_not_allowed
select name from dim_experiments where tuple(name) in payroll
-- case: a join table
-- rules: table_not_allowed
select person from people_join
-- case: a dictionary as a table
-- rules: table_not_allowed
select person from people
-- case: a cte of an asset's name
-- rules: name_shadows_asset
with dim_metrics as (select 1 as x) select x from dim_metrics
-- case: a cte that is defined twice
-- rules: duplicate_name
with a as (select 1 as x), a as (select 2 as x) select x from a
-- case: a cte that is defined again inside
-- rules: duplicate_name
with b as (select 1 as x), a as (select x from b) select t.x from (with b as (select 2 as x) select x from a) as t
-- case: a cte of a name outside in a subquery
-- rules: duplicate_name
with a as (select 1 as x) select x from a where x in (with a as (select 2 as y) select y from a)
-- case: a cte out of its scope
-- rules: table_not_allowed
select x from (with p as (select 1 as x) select x from p) as t, p
-- case: a recursive cte
-- rules: recursion_not_allowed
with recursive r as (select 1 as n union all select n + 1 from r where n < 10) select n from r
-- case: a cte that reads the row outside
-- rules: column_not_found
select d.name from dim_experiments as d where exists (with q as (select 1 as x from fct_daily as f where f.experiment_id = d.experiment_id) select x from q)
-- case: two relations of one name
-- rules: duplicate_name
select 1 as x from dim_experiments as d join fct_daily as d on d.experiment_id = d.experiment_id
-- case: a file
-- rules: table_function_not_allowed
select * from file('canary.txt', 'CSV', 'a String')
-- case: a file by an absolute path
-- rules: table_function_not_allowed
select * from file('/etc/passwd', 'LineAsString')
-- case: a file cluster
-- rules: table_function_not_allowed
select * from fileCluster('c', 'x.csv')
-- case: a url
-- rules: table_function_not_allowed
select * from url('http://127.0.0.1/x', 'CSV', 'a String')
-- case: s3
-- rules: table_function_not_allowed
select * from s3('https://b.s3.amazonaws.com/x', 'CSV')
-- case: gcs
-- rules: table_function_not_allowed
select * from gcs('https://x/y', 'CSV')
-- case: hdfs
-- rules: table_function_not_allowed
select * from hdfs('hdfs://h/x', 'CSV', 'a String')
-- case: azure
-- rules: table_function_not_allowed
select * from azureBlobStorage('c', 'x')
-- case: iceberg
-- rules: table_function_not_allowed
select * from iceberg('https://x/y')
-- case: delta
-- rules: table_function_not_allowed
select * from deltaLake('https://x/y')
-- case: another server
-- rules: table_function_not_allowed
select * from remote('127.0.0.1', system.one)
-- case: another server, secured
-- rules: table_function_not_allowed
select * from remoteSecure('127.0.0.1', 'system', 'one')
-- case: a cluster
-- rules: table_function_not_allowed
select * from cluster('default', system.one)
-- case: every replica
-- rules: table_function_not_allowed
select * from clusterAllReplicas('default', system.one)
-- case: mysql
-- rules: table_function_not_allowed
select * from mysql('h:3306', 'd', 't', 'u', 'p')
-- case: postgres
-- rules: table_function_not_allowed
select * from postgresql('h:5432', 'd', 't', 'u', 'p')
-- case: sqlite
-- rules: table_function_not_allowed
select * from sqlite('x.db', 't')
-- case: mongodb
-- rules: table_function_not_allowed
select * from mongodb('h', 'd', 'c', 'u', 'p', 'a String')
-- case: redis
-- rules: table_function_not_allowed
select * from redis('h', 'k', 'k String')
-- case: odbc
-- rules: table_function_not_allowed
select * from odbc('DSN=x', 't')
-- case: jdbc
-- rules: table_function_not_allowed
select * from jdbc('x', 't')
-- case: a program
-- rules: table_function_not_allowed
select * from executable('x.sh', 'TSV', 'a String')
-- case: python
-- rules: table_function_not_allowed
select * from python('x')
-- case: a pattern of tables
-- rules: table_function_not_allowed
select * from merge('default', '.*')
-- case: a pattern of tables in all databases
-- rules: table_function_not_allowed
select * from merge(REGEXP('.*'), 'payroll')
-- case: a view
-- rules: table_function_not_allowed
select * from view(select person from payroll)
-- case: a view if permitted
-- rules: parse_error
select * from viewIfPermitted(select person from payroll else null('a String'))
-- case: a loop
-- rules: table_function_not_allowed
select * from loop(payroll)
-- case: a dictionary as a function
-- rules: table_not_allowed
select * from dictionary('people')
-- case: the index of a table
-- rules: table_function_not_allowed
select * from mergeTreeIndex('default', 'payroll')
-- case: the projection of a table
-- rules: table_function_not_allowed
select * from mergeTreeProjection('default', 'payroll', 'p')
-- case: a null table
-- rules: table_function_not_allowed
select * from null('a String')
-- case: input
-- rules: table_function_not_allowed
select * from input('a String')
-- case: format as a table
-- rules: table_function_not_allowed
select * from format('CSV', '1,2')
-- case: random rows
-- rules: table_function_not_allowed
select * from generateRandom('a String') limit 1
-- case: numbers
-- rules: table_function_not_allowed
select number from numbers(1000000000)
-- case: numbers in threads
-- rules: table_function_not_allowed
select number from numbers_mt(1000000000)
-- case: zeros
-- rules: table_function_not_allowed
select zero from zeros(10)
-- case: a series without end
-- rules: range_too_large
select generate_series from generate_series(1, 1000000000000)
-- case: a series of unknown length
-- rules: syntax_not_allowed, range_too_large
select generate_series from generate_series(1, (select max(n_events) from fct_daily))
-- case: fuzzed
-- rules: table_function_not_allowed
select * from fuzzJSON('x', random_seed = 1)
-- case: a table function's name in back quotes
-- rules: table_function_not_allowed, table_function_not_allowed
select * from `file`('/etc/passwd')
-- case: a path as a table
-- rules: table_not_allowed
select * from '/etc/passwd'
-- case: a path in back quotes as a table
-- rules: table_not_allowed
select * from `/etc/passwd`
-- case: a file table by a text
-- rules: table_not_allowed
select * from 'canary.txt'
-- case: a lateral
-- rules: syntax_not_allowed
select d.name, l.n from dim_experiments as d, lateral (select 1 as n) as l
-- case: a pivot
-- rules: syntax_not_allowed
select * from dim_experiments pivot (count(name) for status in ('ended'))
-- case: a name of with given again in a subquery
-- rules: syntax_not_allowed, syntax_not_allowed, duplicate_name, column_not_found
with 1 as a select t.x from (with 2 as a select a as x) as t
-- case: a name of with that is an output inside
-- rules: syntax_not_allowed
with 1 as a select t.x from (select 2 as a, a + 1 as x) as t
-- case: a name of with that is a cte's name too
-- rules: syntax_not_allowed, duplicate_name
with 1 as a, a as (select 2 as x) select x from a
-- case: file()
-- rules: table_function_not_allowed
select * from file('/etc/passwd')
-- case: url()
-- rules: table_function_not_allowed
select * from url('http://x', CSV)
-- case: remote()
-- rules: table_function_not_allowed
select * from remote('h', db.t)
-- case: merge()
-- rules: table_function_not_allowed
select * from merge('db', '.*')
-- case: numbers()
-- rules: table_function_not_allowed
select * from numbers(1000000000)
-- case: system table
-- rules: schema_not_allowed
select * from system.tables
-- case: names are case-sensitive
-- rules: table_not_allowed
select * from DIM_EXPERIMENTS
-- case: system one, again
-- rules: schema_not_allowed
select * from system.one
-- case: mergeTreeIndex
-- rules: table_function_not_allowed
select * from mergeTreeIndex('db', 't')
-- case: view
-- rules: table_function_not_allowed
select * from view(select * from payroll)
-- case: s3, again
-- rules: table_function_not_allowed
select * from s3('http://x', 'CSV')
-- case: executable
-- rules: table_function_not_allowed
select * from executable('x.sh', TSV, 'a String')
-- case: loop
-- rules: table_function_not_allowed
select * from loop(db, t)
-- case: a table outside the contract
-- rules: table_not_allowed
select * from payroll
-- case: an asset outside the role
-- rules: table_not_allowed
select * from fct_restricted
-- case: misspelled asset
-- rules: table_not_allowed
select name from dim_experiment
-- case: cte named like an asset
-- rules: name_shadows_asset
with dim_experiments as (select 1 as x) select x from dim_experiments
-- case: cte visible in an inner scope only
-- rules: table_not_allowed
select * from (with payroll as (select 1 as x) select x from payroll) a, payroll
-- case: a later cte is not visible to an earlier one
-- rules: table_not_allowed
with a as (select * from payroll), payroll as (select 1 as x) select x from a
-- case: two relations of one name, again
-- rules: duplicate_name
select 1 from dim_experiments x join fct_daily x on x.experiment_id = x.experiment_id
-- case: another schema
-- rules: schema_not_allowed
select * from hr.dim_experiments
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
-- case: pragma function
-- rules: table_function_not_allowed
select * from pragma_table_info('payroll')
-- case: settings
-- rules: table_function_not_allowed
select * from duckdb_settings()
-- case: secrets
-- rules: table_function_not_allowed
select * from duckdb_secrets()
-- case: in a scalar subquery
-- rules: table_not_allowed
select (select max(salary) from payroll) as x
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
-- case: in grouping sets
-- rules: table_not_allowed
select count(*) from dim_experiments group by grouping sets (((select max(salary) from payroll)), ())
-- case: in a tuple in a list
-- rules: table_not_allowed
select name from dim_experiments where (name, 1) in (((select max(person) from payroll), 1))
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
-- case: in an anti join
-- rules: table_not_allowed
select name from dim_experiments d anti join payroll p on p.person = d.name
-- case: in a semi join
-- rules: table_not_allowed
select name from dim_experiments d semi join payroll p on p.person = d.name
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
-- case: in a row comparison
-- rules: table_not_allowed
select name from dim_experiments where (name, status) in (select person, person from payroll)
-- case: in the middle of a function
-- rules: table_not_allowed
select upper(coalesce((select max(person) from payroll), name)) as x from dim_experiments
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
-- case: in limit
-- rules: limit_not_literal
select name from dim_experiments limit (select max(salary) from payroll)
-- case: in offset
-- rules: limit_not_literal
select name from dim_experiments limit 1 offset (select max(salary) from payroll)
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
-- case: temp schema
-- rules: schema_not_allowed
select * from temp.dim_experiments
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
-- rules: table_not_allowed
-- role: viewer
select * from fct_daily
-- case: an asset outside the partner's role
-- rules: table_not_allowed
-- role: partner
select count(*) from fct_cohort
