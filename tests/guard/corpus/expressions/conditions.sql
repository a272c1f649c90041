-- case: equality
platform = 'ios'
-- case: and, or, in, between
platform in ('ios', 'web') and variation_id = 'control' or experiment_id between 'a' and 'z'
-- case: or at the top, which must not loosen what stands beside it
platform = 'ios' or 1 = 1
-- case: functions of the list
lower(platform) like 'i%' and length(variation_id) > 3
-- case: a filter-only column in a condition
country = 'x'
-- case: case and cast
case when platform = 'ios' then true else cast(variation_id as varchar) is null end
-- case: quoted names and doubled quotes
"platform" = 'it''s'
-- case: text that looks like an attack is text
platform = ') union select * from payroll --'
-- case: brackets of its own
((platform = 'ios') and (not (variation_id = 'x')))
-- case: of several lines
platform = 'ios'
  and variation_id is not null
-- case: null-safe comparison
platform is not distinct from 'ios'

-- case: nothing
-- rules: empty_statement

-- case: hidden column
-- rules: column_not_found
unit_id = 'CANARY-unit-1'
-- case: hidden column as an oracle in a case
-- rules: column_not_found
case when unit_id like 'CANARY%' then platform = 'ios' else false end
-- case: hidden column as an oracle behind a division
-- rules: column_not_found
1 / (case when unit_id = 'x' then 0 else 1 end) = 1
-- case: hidden column in capitals and quotes
-- rules: column_not_found
"UNIT_ID" = 'x'
-- case: hidden column in a function
-- rules: column_not_found
length(unit_id) > 0 and platform = 'ios'
-- case: hidden column of another mart
-- rules: column_not_found
owner = 'x'
-- case: aggregate-only column
-- rules: column_aggregate_only
spend > 100
-- case: aggregate-only column behind arithmetic
-- rules: column_aggregate_only
spend + 0 > 100 or platform = 'ios'
-- case: absent column
-- rules: column_not_found
n_users > 100
-- case: qualified column
-- rules: syntax_not_allowed
fct_cohort.platform = 'ios'
-- case: qualified with the bracket's own relation
-- rules: syntax_not_allowed
t.platform = 'ios'
-- case: qualified with a schema
-- rules: syntax_not_allowed
hr.dim_experiments.name = 'x'
-- case: the relation as a value
-- rules: column_not_found
fct_cohort is not null
-- case: the bracket's own relation as a value
-- rules: column_not_found
t is not null
-- case: union behind a bracket
-- rules: syntax_not_allowed
1 = 1) union select person from payroll where (1 = 1
-- case: union without brackets
-- rules: parse_error
1 = 1 union select person from payroll
-- case: union of an allowed mart
-- rules: syntax_not_allowed
1 = 1) union all select name from dim_experiments where (1 = 1
-- case: a bracket closed at once
-- rules: syntax_not_allowed
) or (1 = 1
-- case: a bracket left open
-- rules: parse_error
(platform = 'ios'
-- case: a square bracket closed too early
-- rules: syntax_not_allowed
1 = 1] or [1 = 1
-- case: brackets that only balance across a text
-- rules: syntax_not_allowed
platform = '(' ) or (platform = ')'
-- case: stacked statement
-- rules: many_statements
platform = 'ios'; drop table dim_experiments
-- case: stacked statement behind a bracket
-- rules: syntax_not_allowed
platform = 'ios'); select * from payroll; --
-- case: a lone semicolon
-- rules: many_statements
platform = 'ios';
-- case: line comment
-- rules: syntax_not_allowed
platform = 'ios' -- and more
-- case: line comment in front
-- rules: syntax_not_allowed
-- all of them
platform = 'ios'
-- case: comment that swallows the closing bracket
-- rules: syntax_not_allowed
platform = 'ios' --
-- case: block comment
-- rules: syntax_not_allowed
platform /* x */ = 'ios'
-- case: block comment left open
-- rules: parse_error
platform = 'ios' /*
-- case: comment that closes one that was never opened
-- rules: parse_error
platform = 'ios' */
-- case: quote left open
-- rules: parse_error
platform = 'ios
-- case: double quote left open
-- rules: parse_error
"platform = 'ios'
-- case: nothing but a comment
-- rules: empty_statement
/* nothing */
-- case: subquery
-- rules: syntax_not_allowed
platform = (select max(person) from payroll)
-- case: subquery of an allowed mart
-- rules: syntax_not_allowed
experiment_id in (select experiment_id from dim_experiments)
-- case: subquery of nothing
-- rules: syntax_not_allowed
(select true)
-- case: exists
-- rules: syntax_not_allowed
exists (select 1 from payroll)
-- case: quantified subquery
-- rules: syntax_not_allowed
platform = any (select person from payroll)
-- case: in a relation
-- rules: syntax_not_allowed
platform in payroll
-- case: values
-- rules: syntax_not_allowed
platform in (values ('ios'))
-- case: with
-- rules: syntax_not_allowed
with p as (select 1) select true
-- case: a statement
-- rules: syntax_not_allowed
select platform from fct_cohort
-- case: from first
-- rules: syntax_not_allowed
from payroll
-- case: a clause behind
-- rules: parse_error
platform = 'ios' group by platform
-- case: a limit behind
-- rules: parse_error
platform = 'ios' limit 1
-- case: an order behind
-- rules: parse_error
platform = 'ios' order by unit_id
-- case: a having behind
-- rules: parse_error
platform = 'ios' having max(unit_id) > ''
-- case: a qualify behind
-- rules: parse_error
platform = 'ios' qualify row_number() over () = 1
-- case: a clause behind a bracket
-- rules: syntax_not_allowed
platform = 'ios') group by (platform
-- case: two expressions
-- rules: syntax_not_allowed
platform = 'ios', variation_id = 'x'
-- case: an alias
-- rules: syntax_not_allowed
platform = 'ios' as x
-- case: aggregate
-- rules: function_not_allowed
max(platform) = 'ios'
-- case: aggregate of everything
-- rules: function_not_allowed
count(*) > 1
-- case: aggregate of an aggregate-only column
-- rules: function_not_allowed
avg(spend) > 1
-- case: window
-- rules: syntax_not_allowed
row_number() over (order by platform) = 1
-- case: star
-- rules: syntax_not_allowed
* = 'ios'
-- case: columns
-- rules: syntax_not_allowed
columns('.*') = 'ios'
-- case: file reader
-- rules: function_not_allowed
read_text('/etc/passwd') = ''
-- case: environment
-- rules: function_not_allowed
getenv('HOME') = ''
-- case: setting
-- rules: function_not_allowed
current_setting('threads') = '1'
-- case: catalogue function
-- rules: function_not_allowed
has_column_privilege('payroll', 'person', 'select')
-- case: clock
-- rules: function_not_allowed
now() > date '2026-01-01'
-- case: sleep by growth
-- rules: function_not_allowed
repeat('x', 1000000000) = ''
-- case: list comprehension
-- rules: syntax_not_allowed
[x for x in [1]] = [1]
-- case: lambda
-- rules: syntax_not_allowed, syntax_not_allowed, syntax_not_allowed
list_transform([1], x -> x) = [1]
-- case: unnest
-- rules: syntax_not_allowed
unnest([true])
-- case: placeholder
-- rules: syntax_not_allowed
platform = ?
-- case: named placeholder
-- rules: syntax_not_allowed
platform = $secret
-- case: dollar quotes
-- rules: column_not_found
$$x$$ = unit_id
-- case: escape string
-- rules: syntax_not_allowed
platform = e'\x27'
-- case: prefix alias
-- rules: syntax_not_allowed
x: platform = 'ios'
-- case: struct field
-- rules: syntax_not_allowed
(fct_cohort).platform = 'ios'
-- case: cast to a type that reads
-- rules: type_not_allowed
platform::regclass = 'payroll'
-- case: interval with a subquery
-- rules: syntax_not_allowed
date '2026-01-01' + interval (select 1) day > date '2026-01-01'
-- case: at time zone
-- rules: syntax_not_allowed
timestamp '2026-01-01' at time zone platform is null
-- case: collation
-- rules: syntax_not_allowed
platform collate nocase = 'ios'
-- case: a write
-- rules: parse_error
platform = 'ios') ; copy payroll to '/tmp/x
