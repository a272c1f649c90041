-- case: recursion under another cte
-- rules: parse_error
with a as (select 1 as x), recursive as (select 1 as y) select * from a, b
-- case: recursion with using key
-- rules: recursion_not_allowed, syntax_not_allowed
with recursive t(a, b) using key (a) as (select 1, 2 union select a + 1, b from t) select * from t
-- case: a cross product of two ctes
-- rules: cross_join
with a as (select name from dim_experiments), b as (select label from dim_metrics) select * from a cross join b
-- case: a cross product by a constant comparison
-- rules: cross_join
select d.name from dim_experiments d join dim_metrics m on 1 = 1
-- case: a cross product in a subquery
-- rules: cross_join
select name from dim_experiments where exists (select 1 from fct_daily a, fct_cohort b)
-- case: a range of half a million
-- rules: range_too_large
select i from range(500000) t(i)
-- case: a series of minutes over a year
-- rules: range_too_large
select t from generate_series(timestamp '2025-01-01', timestamp '2026-01-01', interval 1 minute) s(t)
-- case: a list of a million
-- rules: function_not_allowed
select range(1000000) as l
-- case: a text of a billion
-- rules: function_not_allowed
select repeat('x', 1000000000) as t
-- case: a wide padding by a column
-- rules: syntax_not_allowed
select lpad(name, n_events) as t from dim_experiments join fct_daily using (experiment_id)
-- case: a limit by a parameter
-- rules: syntax_not_allowed, limit_not_literal
select name from dim_experiments limit $1
-- case: a limit by arithmetic
-- rules: limit_not_literal
select name from dim_experiments limit 10 * 10

-- case: a long series in the select list
-- rules: range_too_large
select unnest(generate_series(1, 10000000)) as i

-- case: a series of unknown length in the select list
-- rules: range_too_large
select unnest(range((select max(n_events) from fct_daily))) as i

-- case: a list for every element
-- rules: syntax_not_allowed
select list_transform(l, lambda x: l) as l from (select list(platform) as l from fct_cohort) t

-- case: a written list for every element
-- rules: syntax_not_allowed
select list_transform([1, 2, 3], lambda x: [x, x, x]) as l

-- case: a list for every element of the same list
-- rules: syntax_not_allowed
select list_transform([[1, 2], [3]], lambda x: list_transform(x, lambda y: x)) as l

-- case: a text for every element
-- rules: syntax_not_allowed
select list_transform(split(name, 'n'), lambda x: name || x) as l from dim_experiments

-- case: a list for some elements
-- rules: syntax_not_allowed
select list_transform(l, lambda x: case when x = 'ios' then l end) as l from (select list(platform) as l from fct_cohort) t
-- case: a text joined to itself through steps
-- rules: range_too_large
with a as (select name as x from dim_experiments), b as (select x||x||x||x||x||x||x||x||x||x||x||x||x||x||x||x||x as x from a), c as (select x||x||x||x||x||x||x||x||x||x||x||x||x||x||x||x||x as x from b) select max(length(x)) as n from c
-- case: a text doubled by its own alias, again and again
-- rules: range_too_large
select name || name as a, a || a as b, b || b as c, c || c as d, d || d as e, e || e as f, f || f as g, g || g as h, h || h as i from dim_experiments
-- case: replacements that double
-- rules: range_too_large
select replace(replace(replace(replace(replace(replace(replace(replace(replace(name, 'e', 'ee'), 'e', 'ee'), 'e', 'ee'), 'e', 'ee'), 'e', 'ee'), 'e', 'ee'), 'e', 'ee'), 'e', 'ee'), 'e', 'ee') as x from dim_experiments
-- case: a text put into itself
-- rules: range_too_large
select replace(replace(replace(replace(replace(name, 'e', name), 'e', name), 'e', name), 'e', name), 'e', name) as x from dim_experiments
-- case: a template that repeats, in steps
-- rules: range_too_large
with a as (select format('{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}', name) as x from dim_experiments) select format('{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}', x) as y from a
-- case: all rows as a text, again for each row
-- rules: range_too_large
select string_agg(name, ',') over (order by name) as n from dim_experiments
-- case: all rows as a list, again for each row
-- rules: range_too_large
select list(name) filter (where name > 'a') over () as n from dim_experiments
