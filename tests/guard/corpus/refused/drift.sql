-- case: a number glued to a minus
-- rules: syntax_not_allowed
select 1e3-1e2 as x
-- case: a hexadecimal number
-- rules: syntax_not_allowed
select 0x1F as n
-- case: a hexadecimal float
-- rules: syntax_not_allowed
select 0x1p4 as n
-- case: in with square brackets keeps nulls apart
-- rules: syntax_not_allowed
select name from dim_experiments where name not in ['One', null]
-- case: a key with a point after an arrow
-- rules: syntax_not_allowed
select '{"a": {"b": 1}}' ->> 'a.b' as v
-- case: a key with a point in json_extract
-- rules: syntax_not_allowed
select json_extract('{"a": {"b": 1}}', 'a.b') as v
-- case: a key with a bracket in json_extract_string
-- rules: syntax_not_allowed
select json_extract_string('{"a": [1]}', 'a[0]') as v
-- case: a logarithm to two in another last digit
-- rules: syntax_not_allowed
select log(2, n_events) as l from fct_daily
-- case: two texts side by side
-- rules: syntax_not_allowed
select 'a' 'b' as t
-- case: two texts on two lines
-- rules: syntax_not_allowed
select 'a' /* and */ 'b' as t
-- case: an interval with two units
-- rules: syntax_not_allowed
select started_at - interval '1 day 2 hours' from dim_experiments
-- case: an interval ago
-- rules: syntax_not_allowed
select started_at + interval '3 days ago' from dim_experiments
-- case: an interval with a fraction
-- rules: syntax_not_allowed
select interval '1.5 hours' as i
-- case: an interval range
-- rules: syntax_not_allowed
select interval '1-2' year to month as i
-- case: last with nulls ignored over a window
-- rules: rendering_changed
select last(n_events ignore nulls) over (order by date_day) as l from fct_daily
-- case: like any of a list
-- rules: syntax_not_allowed
select name from dim_experiments where name like any (['a%', 'b%'])
-- case: like all of a list
-- rules: syntax_not_allowed
select name from dim_experiments where name not like all (['a%', 'b%'])
-- case: ilike any of a list
-- rules: syntax_not_allowed
select name from dim_experiments where name ilike any (['a%'])
-- case: count of two distinct columns
-- rules: syntax_not_allowed
select count(distinct experiment_id, date_day) from fct_daily
-- case: with rollup behind a group
-- rules: syntax_not_allowed
select status, count(*) from dim_experiments group by status with rollup
-- case: some instead of any
-- rules: syntax_not_allowed
select name from dim_experiments where name = some (select label from dim_metrics)
-- case: fetch with ties
-- rules: syntax_not_allowed
select name from dim_experiments order by name fetch first 2 rows with ties
-- case: a lambda that hides a table
-- rules: duplicate_name, syntax_not_allowed
select list_transform([1], lambda d: d.owner) as l from dim_experiments d
-- case: a method chain that no column node shows
-- rules: syntax_not_allowed
select name.upper() as u from dim_experiments
-- case: a subscript on the name of a type
-- rules: type_not_allowed, syntax_not_allowed
select text[1] as t from dim_experiments
-- case: a comprehension
-- rules: syntax_not_allowed
select [x + 1 for x in [1, 2]] as l
-- case: an escape string
-- rules: syntax_not_allowed
select e'a\'b' as t
-- case: an escape string that hides an end
-- rules: syntax_not_allowed
select e'\' union all select person from payroll -- ' as t
-- case: a look-alike letter
-- rules: column_not_found
select nаme from dim_experiments
-- case: a prefix alias with a hidden column
-- rules: column_not_found
select x: owner from dim_experiments
-- case: from first with a hidden column
-- rules: column_not_found
from dim_experiments select owner
-- case: a unit as a quoted name with sql
-- rules: syntax_not_allowed
select date_trunc("month', started_at) from payroll --", started_at) from dim_experiments
-- case: an interval's unit as a quoted name
-- rules: parse_error
select interval 1 "day) from payroll --" as i
-- case: a named argument with sql in its name
-- rules: syntax_not_allowed
select struct_pack("a: 1} from payroll --" := 1) as s
-- case: an alias that ends a comment
-- rules: column_not_found
select name as "*/" from dim_experiments where owner = 'x'
-- case: a hash as a comment
-- rules: parse_error
select name # owner from dim_experiments
-- case: a percent of rows
-- rules: syntax_not_allowed
select name from dim_experiments limit 50%
-- case: a typed literal under two casts
-- rules: syntax_not_allowed
select timestamp '2026-01-01'::date::varchar as t
-- case: a time under a cast
-- rules: syntax_not_allowed
select time '10:00'::varchar as t
-- case: a typed literal of any type under a cast
-- rules: syntax_not_allowed
select decimal '1.5'::integer as t
