-- case: a limit that is no number
-- rules: limit_not_literal
select name from dim_experiments limit 1 + 1
-- case: a limit from a subquery
-- rules: limit_not_literal
select name from dim_experiments limit (select 1)
-- case: an offset that is no number
-- rules: limit_not_literal
select name from dim_experiments limit 1 offset 1 + 1
-- case: a limit by that is no number
-- rules: limit_not_literal
select name from dim_experiments limit 1 + 1 by status
-- case: a series over the bound
-- rules: range_too_large
select generate_series from generate_series(0, 100001)
-- case: a negative limit
-- rules: limit_not_literal
select name from dim_experiments limit -1
-- case: a share as a limit
-- rules: limit_not_literal
select name from dim_experiments limit 0.5
-- case: an expression of with written out too often
-- rules: too_deep, syntax_not_allowed, syntax_not_allowed, syntax_not_allowed, syntax_not_allowed, syntax_not_allowed, syntax_not_allowed, syntax_not_allowed, syntax_not_allowed, syntax_not_allowed, syntax_not_allowed, syntax_not_allowed, syntax_not_allowed, column_not_found, column_not_found, column_not_found, column_not_found, column_not_found, column_not_found, column_not_found, column_not_found
with concat(name, name) as a, concat(a, a, a, a, a, a, a, a) as b, concat(b, b, b, b, b, b, b, b) as c, concat(c, c, c, c, c, c, c, c) as d select concat(d, d, d, d, d, d, d, d) as e from dim_experiments
-- case: a cross product of two ctes
-- rules: cross_join
with a as (select name from dim_experiments), b as (select label from dim_metrics) select * from a cross join b
-- case: a cross product by a constant comparison
-- rules: cross_join
select d.name from dim_experiments d join dim_metrics m on 1 = 1
-- case: a cross product in a subquery
-- rules: cross_join
select name from dim_experiments where exists (select 1 from fct_daily a, fct_cohort b)
-- case: a list of a million
-- rules: function_not_allowed
select range(1000000) as l
-- case: a text of a billion
-- rules: function_not_allowed
select repeat('x', 1000000000) as t
-- case: a wide padding by a column
-- rules: syntax_not_allowed
select lpad(name, n_events) as t from dim_experiments join fct_daily using (experiment_id)
-- case: a limit by arithmetic
-- rules: limit_not_literal
select name from dim_experiments limit 10 * 10
-- case: a text joined to itself through steps
-- rules: range_too_large
with a as (select name as x from dim_experiments), b as (select x||x||x||x||x||x||x||x||x||x||x||x||x||x||x||x||x as y from a), c as (select y||y||y||y||y||y||y||y||y||y||y||y||y||y||y||y||y as z from b) select max(length(z)) as n from c
-- case: replacements that double
-- rules: range_too_large
select replaceAll(replaceAll(replaceAll(replaceAll(replaceAll(replaceAll(replaceAll(replaceAll(replaceAll(name, 'e', 'ee'), 'e', 'ee'), 'e', 'ee'), 'e', 'ee'), 'e', 'ee'), 'e', 'ee'), 'e', 'ee'), 'e', 'ee'), 'e', 'ee') as x from dim_experiments
-- case: all rows as an array, again for each row
-- rules: range_too_large
select groupArray(name) over (order by name) as n from dim_experiments
