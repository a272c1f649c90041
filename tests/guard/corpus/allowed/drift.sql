-- case: in with round brackets keeps nulls
select name from dim_experiments where name not in ('One', null)
-- case: a key with a point, as a path
select '{"a": {"b": 1}}' ->> '$.a.b' as v
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
