-- case: count of rows
count(*)
-- case: named count
count(*) as n
-- case: average of an aggregate-only column
avg(spend) as spend_per_unit
-- case: ratio of aggregates
sum(spend) / count(*) as r
-- case: distinct
count(distinct variation_id)
-- case: beside what is grouped by
max(variation_id) || platform
-- case: hidden column
-- rules: column_not_found
count(distinct unit_id)
-- case: hidden column in a filter
-- rules: column_not_found
count(*) filter (where unit_id = 'x')
-- case: hidden column in a case
-- rules: column_not_found
sum(case when unit_id = 'x' then 1 else 0 end)
-- case: largest of an aggregate-only column
-- rules: column_aggregate_only
max(spend)
-- case: aggregate-only column under a filter
-- rules: column_aggregate_only
sum(spend) filter (where country = 'x')
-- case: column beside aggregates
-- rules: syntax_not_allowed
count(*) || variation_id
-- case: no aggregate
-- rules: syntax_not_allowed
platform
-- case: constant
-- rules: syntax_not_allowed
1
-- case: window
-- rules: syntax_not_allowed
sum(1) over ()
-- case: subquery inside
-- rules: syntax_not_allowed
sum((select salary from payroll))
-- case: subquery beside
-- rules: syntax_not_allowed
count(*) + (select max(salary) from payroll)
-- case: two measures
-- rules: syntax_not_allowed
count(*), count(*)
-- case: quoted name
-- rules: syntax_not_allowed
count(*) as "n, unit_id"
-- case: name that is a word of SQL
-- rules: syntax_not_allowed
count(*) as from
-- case: name with a comment
-- rules: syntax_not_allowed
count(*) as n -- x
-- case: from behind a name
-- rules: parse_error
count(*) as n from payroll
-- case: from behind a bracket
-- rules: syntax_not_allowed
count(*)) from payroll where (1 = 1
-- case: star
-- rules: syntax_not_allowed
*
-- case: list of everything
-- rules: column_not_found
list(unit_id)
-- case: list of an aggregate-only column
-- rules: column_aggregate_only
list(spend)
-- case: function that is not allowed inside
-- rules: function_not_allowed
sum(length(read_text('/etc/passwd')))
