-- case: fetch first
select name from dim_experiments order by name fetch first 2 rows only
-- case: fetch first row
select name from dim_experiments order by name fetch first row only
-- case: offset and fetch next
select name from dim_experiments order by name offset 1 rows fetch next 2 rows only
-- case: offset before limit
select name from dim_experiments order by name offset 1 limit 1
-- case: numbers in every plain form
select 1e10, 1.0e-5, 1., .1, 12345678901234567890, 0.1e1, 1_000_000
-- case: texts in every plain form
select 'it''s', '', 'a--b', 'a/*b*/', 'ünïcode', '日本'
-- case: nested comments
select /* a /* nested */ b */ 1 + 1 as two -- the end
-- case: precedence of arithmetic
select 10 / 4 / 2, 10 // 4 // 2, 10 - 4 - 3, 2 * 3 % 4, -2 ** 2, 2 ^ 3 ^ 2, -(1)::integer
-- case: precedence of logic
select not true = false, not 1 is null, 1 < 2 and 2 < 3 or 4 < 3, not 1 in (1, 2), not 'a' like 'b', not 1 between 0 and 2
-- case: precedence of text
select 'a' || 'b' like 'a%', 'a' = 'b' || 'c', (1 + 2)::varchar || 'x'
-- case: is distinct from and its opposite
select 1 is distinct from 2 as a, 1 is not distinct from 2 as b, true is not false as c
-- case: like in its operator forms
select name from dim_experiments where name ~~ 'O%' or name !~~ 'T%' or name ~~* 'p%'
-- case: regular expression operators
select name ~ 'O.*' as m, name !~ 'O.*' as n from dim_experiments
-- case: isnull and notnull
select name isnull as x, status notnull as y from dim_experiments
-- case: escape
select name from dim_experiments where name like 'O!_%' escape '!' or name not like 'a%' escape '!'
-- case: all of a subquery
select name from dim_experiments where name <> all (select label from dim_metrics)
-- case: set operations that keep duplicates
select name from dim_experiments except all select label from dim_metrics intersect all select 'x'
-- case: set operations of three
select name from dim_experiments union select label from dim_metrics union all select 'x'
-- case: union distinct and by name
select name from dim_experiments union by name select label as name from dim_metrics
-- case: grouping over a rollup
select status, grouping(status) as g, count(*) as n from dim_experiments group by rollup (status)
-- case: a group beside a rollup
select status, name, count(*) as n from dim_experiments group by status, rollup (name)
-- case: frames by value and by group
select sum(n_events) over (order by n_events range between 3 preceding and current row) as a, sum(n_events) over (order by date_day groups 1 preceding) as b, count(*) over (rows between 1 preceding and 1 following) as c from fct_daily
-- case: nulls ignored in windows
select lag(n_events ignore nulls) over w as a, first_value(n_events ignore nulls) over w as b, nth_value(n_events, 2 ignore nulls) over w as c from fct_daily window w as (partition by experiment_id order by date_day)
