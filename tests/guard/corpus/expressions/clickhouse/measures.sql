-- case: named count
count() as n
-- case: average of an aggregate-only column
avg(spend) as s
-- case: combinator
countIf(platform = 'ios') as n
-- case: hidden column
-- rules: column_not_found
uniqExact(unit_id)
-- case: hidden column in a combinator
-- rules: column_not_found
countIf(unit_id = 'x')
-- case: largest of an aggregate-only column
-- rules: column_aggregate_only
max(spend)
-- case: group array of an aggregate-only column
-- rules: column_aggregate_only
groupArray(spend)
-- case: window
-- rules: syntax_not_allowed
sum(1) over ()
-- case: name that shadows a column
-- rules: column_ambiguous
count() as platform
