-- case: settings-free select with a trailing semicolon
select name from dim_experiments;
-- case: a comment behind a number sign
select name from dim_experiments # the names
-- case: a comment behind a number sign and an exclamation mark
#! names
select name from dim_experiments
-- case: a nested comment
select /* a /* b */ c */ name from dim_experiments
-- case: a comment of two dashes
select name -- the name
from dim_experiments
-- case: the double equals sign
select name from dim_experiments where status == 'running'
-- case: not equal in both spellings
select name from dim_experiments where status <> 'running' and name != 'x'
-- case: from first
from dim_experiments select name, status
-- case: backslash escapes in a text
select name from dim_experiments where name != 'a\'b\\c\n'
-- case: a doubled quote in a text
select name from dim_experiments where name != 'it''s'
-- case: hexadecimal and unicode escapes in a text
select '\x41\0' as x, 'ü' as y
-- case: numbers in their forms
select 1_000 as a, .5 as b, 2. as c, 1e3 as d, -1.5e-2 as e
-- case: back quotes around every name
select `d`.`name` from `dim_experiments` as `d`
-- case: double quotes around a name
select "d"."name" from dim_experiments as "d"
-- case: an alias with a blank
select name as `the name`, status as "the status" from dim_experiments
-- case: an alias without as
select name n, status s from dim_experiments d
-- case: words in capitals
SELECT name FROM dim_experiments WHERE status IN ('ended') ORDER BY name DESC LIMIT 2
-- case: limit with the offset first
select name from dim_experiments order by name limit 1, 2
-- case: limit and offset
select name from dim_experiments order by name limit 2 offset 1
-- case: fetch next rows
select name from dim_experiments order by name offset 1 rows fetch next 1 rows only
-- case: distinct on one column
select distinct on (status) status from dim_experiments
-- case: select distinct of two
select distinct status, toYear(started_at) as y from dim_experiments
-- case: a cast by its operator
select n_events::Float64 / 3 as a, '2026-01-01'::Date as d, name::String as s from fct_daily join dim_experiments using (experiment_id)
-- case: a cast to nullable
select cast('1' as Nullable(Int32)) as a, '2'::Nullable(Float64) as b
-- case: a cast to low cardinality
select cast(name as LowCardinality(String)) as a from dim_experiments
-- case: casts to decimals
select cast('1.25' as Decimal(10, 2)) as a, toDecimal64('1.25', 4) as b
-- case: the ternary operator
select name, status = 'running' ? 'live' : 'done' as s from dim_experiments
-- case: ternary inside ternary
select n_events > 10 ? 'c' : (n_events > 5 ? 'b' : 'a') as s from fct_daily
-- case: boolean literals and logic
select true as a, not false as b, true and false as c, (1 = 1) or (1 = 2) as d
-- case: null-safe comparisons
select name from dim_experiments where status <=> 'ended' or name is not distinct from 'One'
-- case: between and not between
select date_day from fct_daily where n_events between 2 and 8 and n_events not between 4 and 5
-- case: like in its forms
select name from dim_experiments where name like 'O_e' or name not like '%t%' or name ilike 'PART%' or name not ilike 'x%'
-- case: precedence of not, and, or
select name from dim_experiments where not status = 'ended' or status = 'ended' and name = 'Two'
-- case: precedence of arithmetic
select 1 + 2 * 3 as a, (1 + 2) * 3 as b, 10 - 4 - 3 as c, 2 * 3 % 4 as d, -2 + 1 as e
-- case: concatenation by operator
select name || '-' || status as s from dim_experiments
-- case: union all of three
select name from dim_experiments union all select label from dim_metrics union all select 'x'
-- case: union distinct
select status from dim_experiments union distinct select desired from dim_metrics
-- case: intersect
select experiment_id from dim_experiments intersect select experiment_id from fct_daily
-- case: except
select experiment_id from dim_experiments except select experiment_id from fct_daily where n_events > 12
-- case: order and limit around a union
select n from (select name as n from dim_experiments union all select label from dim_metrics) as t order by n limit 3
-- case: sides in brackets with their own limits
(select name from dim_experiments order by name limit 1) union all (select label from dim_metrics order by label desc limit 1)
-- case: order by with nulls and direction
select name, nullIf(status, 'ended') as s from dim_experiments order by s desc nulls first, name
-- case: positions in group by and order by
select status, count() as n from dim_experiments group by 1 order by 2 desc, 1
-- case: a limit after a union belongs to its last side
select name from dim_experiments union all select label from dim_metrics limit 1
-- case: qualified star
select d.* from dim_experiments d
-- case: from first, again
from dim_experiments
-- case: from first with select
from dim_experiments select name where status = 'ended'
-- case: trailing semicolon and comments
/* one */ select name -- two
from dim_experiments; -- three
-- case: no table at all
select 1 + 1 as two, 'a' || 'b' as ab
-- case: brackets around everything
(select name from dim_experiments)
-- case: alias with blanks
select name as "the name" from dim_experiments order by "the name"
-- case: string with quote and semicolon
select name from dim_experiments where name <> 'it''s; drop table x -- no'
-- case: distinct
select distinct status from dim_experiments
-- case: distinct on
select distinct on (status) status, name from dim_experiments order by status, name
-- case: not in and between
select name from dim_experiments where status not in ('x', 'y') and started_at between date '2026-01-01' and date '2026-12-31'
-- case: is null
select name from dim_experiments where started_at is not null and (status is null) = false
-- case: is distinct from
select name from dim_experiments where status is distinct from 'ended'
-- case: row comparison in a list
select name from dim_experiments where (experiment_id, status) in (('e_one', 'running'), ('e_two', 'ended'))
-- case: nulls last
select name from dim_experiments order by status desc nulls last, 1 asc nulls first
-- case: words of sql as text
select 'select * from payroll; drop table x' as advice
-- case: a column called like a keyword in an alias
select name as "select", status as "from" from dim_experiments
-- case: offset and fetch next
select name from dim_experiments order by name offset 1 rows fetch next 2 rows only
-- case: numbers in every plain form
select 1e10, 1.0e-5, 1., .1, 12345678901234567890, 0.1e1, 1_000_000
-- case: texts in every plain form
select 'it''s', '', 'a--b', 'a/*b*/', 'ünïcode', '日本'
-- case: nested comments
select /* a /* nested */ b */ 1 + 1 as two -- the end
-- case: precedence of logic
select not true = false, not 1 is null, 1 < 2 and 2 < 3 or 4 < 3, not 1 in (1, 2), not 'a' like 'b', not 1 between 0 and 2
-- case: precedence of text
select 'a' || 'b' like 'a%', 'a' = 'b' || 'c', (1 + 2)::varchar || 'x'
-- case: is distinct from and its opposite
select 1 is distinct from 2 as a, 1 is not distinct from 2 as b, true is not false as c
-- case: escape
select name from dim_experiments where name like 'O!_%' escape '!' or name not like 'a%' escape '!'
-- case: grouping over a rollup
select status, grouping(status) as g, count(*) as n from dim_experiments group by rollup (status)
-- case: frames by value and by group
select sum(n_events) over (order by n_events range between 3 preceding and current row) as a, sum(n_events) over (order by date_day groups 1 preceding) as b, count(*) over (rows between 1 preceding and 1 following) as c from fct_daily
