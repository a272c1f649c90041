-- case: column
platform
-- case: descending
platform desc
-- case: ascending, nulls last
platform asc nulls last
-- case: function
lower(platform) desc
-- case: case
case when platform = 'ios' then 0 else 1 end
-- case: text that looks like a direction
platform || ' desc'
-- case: hidden column
-- rules: column_not_found
unit_id
-- case: hidden column, descending
-- rules: column_not_found
unit_id desc
-- case: hidden column as an oracle
-- rules: column_not_found
case when unit_id = 'CANARY-unit-1' then 0 else 1 end
-- case: filter-only column
-- rules: column_filter_only
country
-- case: filter-only column as an oracle
-- rules: column_filter_only
case when country = 'CANARY-land-a' then 0 else 1 end desc
-- case: aggregate-only column
-- rules: column_aggregate_only
spend desc
-- case: two terms
-- rules: syntax_not_allowed
platform, unit_id
-- case: subquery
-- rules: syntax_not_allowed
(select max(salary) from payroll)
-- case: aggregate
-- rules: function_not_allowed
max(spend) desc
-- case: window
-- rules: syntax_not_allowed
rank() over (order by unit_id)
-- case: limit behind
-- rules: parse_error
platform limit 1
-- case: limit behind a direction
-- rules: parse_error
platform desc limit 1
-- case: offset behind a bracket
-- rules: syntax_not_allowed
platform) limit (1
-- case: comment behind a direction
-- rules: syntax_not_allowed
platform desc -- x
-- case: stacked behind a direction
-- rules: many_statements
platform desc; drop table x
-- case: a direction alone
-- rules: column_not_found
desc
-- case: directions twice
-- rules: syntax_not_allowed
platform desc asc
-- case: a direction in the middle
-- rules: parse_error
platform desc || 'x'
-- case: nulls first
-- rules: parse_error
platform nulls first
-- case: everything
-- rules: column_not_found
all
-- case: with fill
-- rules: parse_error
platform with fill
-- case: union behind
-- rules: syntax_not_allowed
platform) union (select person from payroll
