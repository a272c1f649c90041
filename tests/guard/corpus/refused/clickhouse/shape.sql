-- case: settings
-- rules: syntax_not_allowed
select name from dim_experiments settings max_threads = 1
-- case: settings that carry sql in a text
-- rules: syntax_not_allowed
select name from dim_experiments settings additional_table_filters = {'dim_experiments': '1 = 1'}
-- case: settings in a subquery
-- rules: syntax_not_allowed
select name from (select name from dim_experiments settings max_threads = 1) as t
-- case: settings in a side of a union
-- rules: syntax_not_allowed
select name from dim_experiments settings max_threads = 1 union all select label from dim_metrics
-- case: settings that lift read-only
-- rules: syntax_not_allowed
select name from dim_experiments settings readonly = 0
-- case: settings that turn functions on
-- rules: syntax_not_allowed
select name from dim_experiments settings allow_introspection_functions = 1
-- case: format
-- rules: syntax_not_allowed
select name from dim_experiments format JSONEachRow
-- case: format null
-- rules: syntax_not_allowed
select name from dim_experiments format Null
-- case: into outfile
-- rules: parse_error
select name from dim_experiments into outfile '/tmp/x.csv'
-- case: into outfile with a format
-- rules: parse_error
select name from dim_experiments into outfile '/tmp/x.csv' format CSV
-- case: into outfile append
-- rules: parse_error
select name from dim_experiments into outfile '/tmp/x.csv' append
-- case: final
-- rules: syntax_not_allowed
select name from dim_experiments final
-- case: final behind an alias
-- rules: syntax_not_allowed
select d.name from dim_experiments as d final
-- case: sample
-- rules: syntax_not_allowed
select name from dim_experiments sample 0.1
-- case: sample with an offset
-- rules: syntax_not_allowed, limit_not_literal
select name from dim_experiments sample 1/10 offset 1/2
-- case: with totals
-- rules: syntax_not_allowed
select experiment_id, sum(n_events) as n from fct_daily group by experiment_id with totals
-- case: with totals under having
-- rules: syntax_not_allowed
select experiment_id, sum(n_events) as n from fct_daily group by experiment_id with totals having n > 3
-- case: with rollup and totals
-- rules: syntax_not_allowed, syntax_not_allowed, syntax_not_allowed
select experiment_id, sum(n_events) as n from fct_daily group by experiment_id with rollup with totals
-- case: with fill
-- rules: syntax_not_allowed
select date_day from fct_daily order by date_day with fill
-- case: with fill from a subquery
-- rules: syntax_not_allowed
select date_day from fct_daily order by date_day with fill from (select min(date_day) from fct_daily)
-- case: with fill step
-- rules: syntax_not_allowed
select date_day from fct_daily order by date_day with fill step 1
-- case: with fill and interpolate
-- rules: syntax_not_allowed, syntax_not_allowed
select date_day, n_events from fct_daily order by date_day with fill interpolate (n_events as n_events + 1)
-- case: limit with ties
-- rules: syntax_not_allowed
select name from dim_experiments order by name limit 1 with ties
-- case: limit by with an offset
-- rules: syntax_not_allowed
select name from dim_experiments limit 1 offset 1 by status
-- case: limit by and limit
-- rules: parse_error
select name from dim_experiments limit 1 by status limit 2
-- case: limit by a hidden column
-- rules: column_not_found
select name from dim_experiments limit 1 by owner
-- case: a query parameter
-- rules: syntax_not_allowed
select name from dim_experiments where name = {x:String}
-- case: an identifier as a parameter
-- rules: syntax_not_allowed
select name from {t:Identifier}
-- case: a parameter as a limit
-- rules: syntax_not_allowed, limit_not_literal
select name from dim_experiments limit {n:UInt64}
-- case: a placeholder
-- rules: syntax_not_allowed
select name from dim_experiments where name = ?
-- case: a server variable
-- rules: syntax_not_allowed
select @@max_threads
-- case: a heredoc
-- rules: syntax_not_allowed
select $$a$$ as x
-- case: a heredoc with a tag
-- rules: syntax_not_allowed
select $sql$select person from payroll$sql$ as x
-- case: apply
-- rules: syntax_not_allowed
select * apply(sum) from fct_daily
-- case: apply of a lambda
-- rules: parse_error
select * apply(x -> x + 1) from fct_daily
-- case: apply of a quoted name
-- rules: syntax_not_allowed
select * apply(`sum`) from fct_daily
-- case: columns by pattern
-- rules: syntax_not_allowed
select columns('own.*') from dim_experiments
-- case: columns by pattern of a relation
-- rules: syntax_not_allowed
select d.columns('own.*') from dim_experiments as d
-- case: columns by list
-- rules: parse_error
select columns(name, owner) from dim_experiments
-- case: a lambda
-- rules: function_not_allowed
select arrayMap(x -> x + 1, [1, 2]) as a
-- case: a lambda that bears a table's name
-- rules: function_not_allowed, duplicate_name
select arrayMap(dim_experiments -> dim_experiments.owner, [1]) as a from dim_experiments
-- case: a lambda over an array of columns
-- rules: function_not_allowed
select arrayFilter(x -> x != '', [name]) as a from dim_experiments
-- case: a lambda in an aggregate's combinator
-- rules: function_not_allowed
select sumArray(arrayMap(x -> x, [n_events])) as a from fct_daily
-- case: an alias inside an expression
-- rules: syntax_not_allowed
select (n_events + 1 as x) * 2 as y from fct_daily
-- case: an alias inside a condition
-- rules: syntax_not_allowed
select name from dim_experiments where (status as s) = 'ended'
-- case: an alias inside an aggregate
-- rules: parse_error
select sum(n_events as n) as s from fct_daily
-- case: an alias inside an in list
-- rules: parse_error
select name from dim_experiments where status in ('ended' as e, e)
-- case: an alias inside a join condition
-- rules: cross_join, syntax_not_allowed
select d.name from dim_experiments as d join fct_daily as f on f.experiment_id = (d.experiment_id as e)
-- case: a tuple of one in brackets
-- rules: syntax_not_allowed
select (1,) as t
-- case: an element of a tuple by its number
-- rules: syntax_not_allowed
select (1, 2).1 as x
-- case: a map in braces
-- rules: syntax_not_allowed
select {'a': 1} as m
-- case: in with square brackets
-- rules: syntax_not_allowed
select name from dim_experiments where name in ['a', 'b']
-- case: in with one name in brackets
-- rules: syntax_not_allowed
select name from dim_experiments where 'One' in (name)
-- case: in with one name in more brackets
-- rules: syntax_not_allowed
select name from dim_experiments where 'One' in ((name))
-- case: not in with one name in brackets
-- rules: syntax_not_allowed
select name from dim_experiments where 'One' not in (name)
-- case: global in with one name in brackets
-- rules: syntax_not_allowed
select name from dim_experiments where 'One' global in (name)
-- case: any of a subquery
-- rules: syntax_not_allowed
select name from dim_experiments where experiment_id = any (select experiment_id from fct_daily)
-- case: all of a subquery
-- rules: syntax_not_allowed
select date_day from fct_daily where n_events >= all (select n_events from fct_daily)
-- case: a hexadecimal number
-- rules: syntax_not_allowed
select 0x1F as a
-- case: a binary number
-- rules: syntax_not_allowed
select 0b11 as a
-- case: a cast with its type in a text
-- rules: syntax_not_allowed
select cast(n_events, 'String') as a from fct_daily
-- case: a cast to an array
-- rules: type_not_allowed
select cast('[1]' as Array(UInt8)) as a
-- case: a cast to a tuple with names
-- rules: type_not_allowed
select cast((1, 2) as Tuple(a UInt8, b UInt8)) as t
-- case: a cast to an enum
-- rules: type_not_allowed
select cast('a' as Enum8('a' = 1)) as e
-- case: a cast to an aggregate state
-- rules: type_not_allowed
select cast('x' as AggregateFunction(sum, UInt64)) as s
-- case: a decimal of too many digits
-- rules: type_not_allowed
select cast(1 as Decimal(1000, 2)) as a
-- case: try_cast
-- rules: syntax_not_allowed
select try_cast('x' as Int32) as a
-- case: similar to
-- rules: syntax_not_allowed
select name from dim_experiments where name similar to 'O.*'
-- case: collate
-- rules: syntax_not_allowed
select name from dim_experiments order by name collate 'en'
-- case: values
-- rules: syntax_not_allowed, syntax_not_allowed, syntax_not_allowed, syntax_not_allowed
select * from values('a UInt8', 1, 2)
-- case: values in brackets
-- rules: syntax_not_allowed, syntax_not_allowed, syntax_not_allowed
select * from (values (1, 'a')) as v(a, b)
-- case: unnest
-- rules: function_not_allowed
select unnest([1, 2]) as x
-- case: unnest in from
-- rules: syntax_not_allowed
select x from unnest([1, 2]) as t(x)
-- case: arrayJoin beside another output
-- rules: syntax_not_allowed
select arrayJoin([1, 2]) as x, 1 as y
-- case: arrayJoin over a relation
-- rules: syntax_not_allowed
select arrayJoin([1, 2]) as x from fct_daily
-- case: arrayJoin of a column
-- rules: syntax_not_allowed
select arrayJoin(splitByChar('_', experiment_id)) as x from dim_experiments
-- case: arrayJoin inside an expression
-- rules: syntax_not_allowed
select arrayJoin([1, 2]) + 1 as x
-- case: arrayJoin in where
-- rules: syntax_not_allowed
select n_events from fct_daily where n_events = arrayJoin([1, 4])
-- case: array join of a literal
-- rules: syntax_not_allowed, syntax_not_allowed
select name, x from dim_experiments array join [1, 2] as x
-- case: left array join
-- rules: syntax_not_allowed, syntax_not_allowed
select name, x from dim_experiments left array join [1, 2] as x
-- case: array join of a column
-- rules: syntax_not_allowed, syntax_not_allowed
select name, x from dim_experiments array join splitByChar('_', name) as x
-- case: array join of a subquery on another table
-- rules: syntax_not_allowed
select d.name, y from dim_experiments as d array join (select groupArray(person) from payroll) as y
-- case: array join of a name that is a table
-- rules: syntax_not_allowed
select name from dim_experiments array join payroll
-- case: any join
-- rules: syntax_not_allowed
select d.name from dim_experiments as d any left join fct_daily as f on d.experiment_id = f.experiment_id
-- case: any join, any behind
-- rules: syntax_not_allowed
select d.name from dim_experiments as d left any join fct_daily as f on d.experiment_id = f.experiment_id
-- case: all join
-- rules: syntax_not_allowed, syntax_not_allowed
select d.name from dim_experiments as d all inner join fct_daily as f on d.experiment_id = f.experiment_id
-- case: asof join
-- rules: syntax_not_allowed
select d.name from dim_experiments as d asof join fct_daily as f on d.experiment_id = f.experiment_id and d.started_at >= f.date_day
-- case: asof left join
-- rules: syntax_not_allowed
select d.name from dim_experiments as d asof left join fct_daily as f on d.experiment_id = f.experiment_id and d.started_at >= f.date_day
-- case: paste join
-- rules: syntax_not_allowed, table_not_allowed
select * from (select name from dim_experiments) as a paste join (select person from payroll) as b
-- case: natural join
-- rules: syntax_not_allowed
select d.name from dim_experiments as d natural join fct_daily as f
-- case: right semi join
-- rules: syntax_not_allowed
select f.n_events from dim_experiments as d right semi join fct_daily as f on d.experiment_id = f.experiment_id
-- case: right anti join
-- rules: syntax_not_allowed
select f.n_events from dim_experiments as d right anti join fct_daily as f on d.experiment_id = f.experiment_id
-- case: order after a union
-- rules: column_not_found
select name from dim_experiments union all select label from dim_metrics order by name
-- case: a union without a word of all or distinct
-- rules: parse_error
select name from dim_experiments union select label from dim_metrics
-- case: a grouping beside rollup
-- rules: syntax_not_allowed
select status, name, count() as n from dim_experiments group by status, rollup(name)
-- case: order by with a subquery
-- rules: table_not_allowed
select name from dim_experiments order by (select max(salary) from payroll)
-- case: over behind a plain function
-- rules: syntax_not_allowed
select upper(name) over (order by name) as u from dim_experiments
-- case: a window function without over
-- rules: syntax_not_allowed
select row_number() as r from dim_experiments
-- case: a window frame in intervals
-- rules: syntax_not_allowed
select sum(n_events) over (order by date_day range between interval 1 day preceding and current row) as s from fct_daily
-- case: ignore nulls inside the brackets
-- rules: syntax_not_allowed
select first_value(n_events ignore nulls) over (order by date_day) as a from fct_daily
-- case: a series with renamed columns
-- rules: syntax_not_allowed
select i from generate_series(1, 3) as t(i)
-- case: a series of dates
-- rules: syntax_not_allowed, range_too_large
select generate_series from generate_series(toDate('2026-01-01'), toDate('2026-01-03'))
-- case: two statements
-- rules: many_statements
select 1; select 2
-- case: a write behind a read
-- rules: many_statements
select name from dim_experiments; drop table payroll
-- case: insert
-- rules: not_a_query
insert into payroll values ('x', 1)
-- case: insert into a function
-- rules: not_a_query
insert into function file('x.csv') select name from dim_experiments
-- case: create
-- rules: not_a_query
create table x (a Int8) engine = Memory
-- case: create as select
-- rules: not_a_query
create table x engine = Memory as select * from payroll
-- case: alter
-- rules: not_a_query
alter table payroll delete where 1
-- case: optimize
-- rules: not_a_query
optimize table payroll final
-- case: truncate
-- rules: not_a_query
truncate table payroll
-- case: drop dictionary
-- rules: not_a_query
drop dictionary people
-- case: attach
-- rules: not_a_query
attach table x
-- case: detach
-- rules: not_a_query
detach table payroll
-- case: rename
-- rules: not_a_query
rename table payroll to x
-- case: exchange
-- rules: not_a_query
exchange tables payroll and name
-- case: kill
-- rules: not_a_query
kill query where 1
-- case: system
-- rules: not_a_query
system reload dictionaries
-- case: set
-- rules: not_a_query
set max_threads = 1
-- case: use
-- rules: not_a_query
use hr
-- case: show
-- rules: not_a_query
show tables
-- case: describe
-- rules: not_a_query
describe table payroll
-- case: explain
-- rules: not_a_query
explain select name from dim_experiments
-- case: explain query tree
-- rules: not_a_query
explain query tree select name from dim_experiments
-- case: explain ast
-- rules: not_a_query
explain ast select name from dim_experiments
-- case: exists table
-- rules: not_a_query
exists table payroll
-- case: check table
-- rules: not_a_query
check table payroll
-- case: grant
-- rules: not_a_query
grant select on payroll to x
-- case: backup
-- rules: not_a_query
backup table payroll to disk('x', 'y')
-- case: watch
-- rules: not_a_query
watch x
-- case: a backslash before the closing quote
-- rules: parse_error
select name from dim_experiments where name = 'x\' union all select person from payroll
-- case: a comment that is not closed
-- rules: parse_error
select name from dim_experiments /* x
-- case: a nested comment that is not closed
-- rules: parse_error
select name from dim_experiments /* a /* b */
-- case: a text that is not closed
-- rules: parse_error
select 'name from dim_experiments
-- case: a name that is not closed
-- rules: parse_error
select `name from dim_experiments
-- case: nothing but a comment
-- rules: empty_statement
# select person from payroll
-- case: not in a qualified table
-- rules: syntax_not_allowed
select name from dim_experiments where name not in hr.payroll
-- case: settings, again
-- rules: syntax_not_allowed
select name from dim_experiments settings additional_table_filters = {'x': 'y'}
-- case: format, again
-- rules: syntax_not_allowed
select name from dim_experiments format JSON
-- case: into outfile, again
-- rules: parse_error
select name from dim_experiments into outfile '/tmp/x'
-- case: apply, again
-- rules: syntax_not_allowed
select * apply(sum) from dim_experiments
-- case: any join, again
-- rules: syntax_not_allowed
select d.name from dim_experiments d any left join fct_daily f on d.experiment_id = f.experiment_id
-- case: with fill, again
-- rules: syntax_not_allowed
select name from dim_experiments order by name with fill
-- case: a struct by names
-- rules: syntax_not_allowed
select {'a': 1} as s
-- case: outputs of a union without names
-- rules: rendering_changed
select name, 1 from dim_experiments union all select label, 2 from dim_metrics

-- case: a column of texts beside a number
-- rules: type_not_allowed
select name from dim_experiments where name = 1

-- case: a column of texts among numbers
-- rules: type_not_allowed
select count() as n from dim_experiments where status in (1, 2)

-- case: a column of texts below a number
-- rules: type_not_allowed
select name from dim_experiments where -1 < name

-- case: a bound on groups before another bound
-- rules: parse_error
select experiment_id, date_day from fct_daily limit 1 by experiment_id limit 5

-- case: a lambda over a list
-- rules: function_not_allowed
select arrayMap(x -> x + 1, [1, 2]) as a
