-- case: a number and a name
-- rules: column_not_found
select 1e3x as a
-- case: two texts side by side
-- rules: syntax_not_allowed
select 'a' 'b' as x
-- case: an interval in words
-- rules: syntax_not_allowed
select interval '3 days ago' as i
-- case: log of two with its base
-- rules: syntax_not_allowed
select log(2, n_events) as x from fct_daily
-- case: a typed text before a cast
-- rules: syntax_not_allowed
select date '2026-01-01'::String as x
-- case: a unit that is none
-- rules: syntax_not_allowed
select dateDiff('fortnight', date_day, date_day) as x from fct_daily
-- case: a unit from a column
-- rules: syntax_not_allowed
select dateDiff(experiment_id, date_day, date_day) as x from fct_daily
-- case: a difference without a unit
-- rules: syntax_not_allowed
select dateDiff(date_day, date_day) as x from fct_daily
-- case: a unit with sql in it
-- rules: syntax_not_allowed
select dateAdd(`day) from payroll --`, 1, date_day) as x from fct_daily
-- case: an interval's unit with sql in it
-- rules: parse_error
select interval 1 `day from payroll --` as x
-- case: extract of a unit with sql in it
-- rules: syntax_not_allowed
select extract(`year from x) from payroll --` from date_day) as x from fct_daily
-- case: union by name
-- rules: syntax_not_allowed
select name from dim_experiments union all by name select label as name from dim_metrics
-- case: not materialized
-- rules: syntax_not_allowed
with a as not materialized (select 1 as x) select x from a
-- case: a number before a cast by operator
-- rules: syntax_not_allowed
select 0.1::Decimal(38, 20) as x
-- case: a number in brackets before a cast by operator
-- rules: syntax_not_allowed
select (1)::Float64 as x from dim_experiments
-- case: a negative number before a cast by operator
-- rules: syntax_not_allowed
select -1::Int8 as x
-- case: a list of literals before a cast by operator
-- rules: syntax_not_allowed
select [1, 2]::String as x
-- case: a tuple of literals before a cast by operator
-- rules: syntax_not_allowed
select (1, 'a')::String as x
-- case: as without an expression
-- rules: syntax_not_allowed
select as name, count() as n from dim_experiments group by 1
-- case: exclusive or
-- rules: syntax_not_allowed
select n_events > 1 xor n_events < 5 as x from fct_daily
