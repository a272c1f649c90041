-- case: an interval of a number and of a text
select date_day + interval 3 day as a, date_day + interval '3' day as b, date_day + toIntervalDay(3) as c from fct_daily
-- case: a number of exponent and of digits
select 1e3 - 1e2 as a, 1.0 as b, 100000000000000000000 as c, 0.1 + 0.2 as d
-- case: texts that look like escapes
select '%' as a, '\\' as b, '\t' as c, '"' as d, '`' as e, '--' as f, '/*' as g, '#' as h
-- case: negated tests
select name is not null as a, name not in ('x') as b, not (name like 'x') as c, not name = 'x' as d from dim_experiments
-- case: a median in both spellings
select median(n_events) as a, quantile(0.5)(n_events) as b, quantile(n_events) as c from fct_daily
-- case: functions with as many arguments as they take
select round(2.5) as a, round(2.55, 1) as b, log(2) as c, substring('abc', 2) as d, substring('abc', 2, 1) as e, locate('abc', 'b') as f
-- case: a case with and without an operand
select case status when 'ended' then 1 else 0 end as a, case when status = 'ended' then 1 end as b from dim_experiments
-- case: in with round brackets keeps nulls
select name from dim_experiments where name not in ('One', null)
-- case: a logarithm to two
select log2(n_events + 1) as l from fct_daily
-- case: texts joined
select 'a' || 'b' as t
-- case: a typed literal under CAST
select cast(timestamp '2026-01-01' as date)::varchar as t
-- case: two intervals
select started_at - interval '1' day - interval '2' hour as t from dim_experiments
-- case: a number apart from what follows
select 1e3 - 1e2 as x
-- case: nulls last where that is the engine's default
select name from dim_experiments order by name desc nulls last, started_at asc nulls last
-- case: a negated test of null in a condition
select name from dim_experiments where not (started_at is null) and not name like 'z%'
