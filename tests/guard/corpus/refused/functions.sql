-- case: read_text as a scalar
-- rules: function_not_allowed
select read_text('/etc/passwd') as t
-- case: getenv
-- rules: function_not_allowed
select getenv('HOME') as h
-- case: current_setting
-- rules: function_not_allowed
select current_setting('memory_limit') as s
-- case: version
-- rules: function_not_allowed
select version() as v
-- case: current user
-- rules: function_not_allowed
select current_user as u
-- case: session user
-- rules: function_not_allowed
select session_user as u
-- case: current database and schema
-- rules: function_not_allowed, function_not_allowed
select current_database() as d, current_schema() as s
-- case: now
-- rules: function_not_allowed
select now() as n
-- case: current timestamp
-- rules: function_not_allowed
select current_timestamp as n
-- case: random
-- rules: function_not_allowed
select random() as r
-- case: uuid
-- rules: function_not_allowed
select uuid() as u
-- case: sequence
-- rules: function_not_allowed
select nextval('s') as n
-- case: variable
-- rules: function_not_allowed
select getvariable('x') as v
-- case: stats
-- rules: function_not_allowed
select stats(name) as s from dim_experiments
-- case: json_serialize_sql
-- rules: function_not_allowed
select json_serialize_sql('select 1') as j
-- case: list aggregate by name
-- rules: function_not_allowed
select list_aggregate([1, 2], 'sum') as s
-- case: repeat
-- rules: function_not_allowed
select repeat('x', 1000000000) as r
-- case: wide padding
-- rules: syntax_not_allowed
select lpad('x', 1000000000, 'y') as r
-- case: range as a scalar
-- rules: function_not_allowed
select range(1000000000) as r
-- case: format
-- rules: syntax_not_allowed
select printf('%1000000000d', 1) as p
-- case: error
-- rules: function_not_allowed
select error('x') as e
-- case: sleep
-- rules: function_not_allowed
select sleep_ms(1000) as s
-- case: unknown function
-- rules: function_not_allowed
select uppr(name) as u from dim_experiments
-- case: quoted function
-- rules: function_not_allowed
select "read_text"('/etc/passwd') as t
-- case: function with a schema
-- rules: syntax_not_allowed
select main.read_text('/etc/passwd') as t
-- case: in a filter
-- rules: function_not_allowed
select count(*) filter (where getenv('X') = 'y') as n from dim_experiments
-- case: in a window frame
-- rules: function_not_allowed
select sum(n_events) over (order by date_day rows between getvariable('x') preceding and current row) as s from fct_daily
-- case: in limit
-- rules: function_not_allowed, limit_not_literal
select name from dim_experiments limit getvariable('x')
-- case: in values
-- rules: function_not_allowed
select * from (values (getenv('X'))) v(x)
-- case: in order by of an aggregate
-- rules: function_not_allowed
select string_agg(name, ',' order by getenv('X')) as s from dim_experiments
-- case: in group by
-- rules: function_not_allowed
select count(*) as n from dim_experiments group by getenv('X')
-- case: hash of a whole row
-- rules: column_not_found
select hash(d) as h from dim_experiments d
-- case: operator form of a function
-- rules: syntax_not_allowed
select 1 operator(pg_catalog.+) 2 as x
-- case: every reason at once
-- rules: column_not_found, function_not_allowed, column_not_found, table_not_allowed
select owner, getenv('X'), x.y from dim_experiments where name in (select person from payroll)
-- case: a call that sqlglot would write without its IGNORE NULLS
-- rules: rendering_changed
select last(name ignore nulls) over (order by experiment_id) as l from dim_experiments
