-- case: equality
platform = 'ios'
-- case: functions of the list
startsWith(platform, 'i') and lower(variation_id) != ''
-- case: a filter-only column in a condition
country = 'x'
-- case: ternary
platform = 'ios' ? variation_id = 'control' : true
-- case: hidden column
-- rules: column_not_found
unit_id = 'CANARY-unit-1'
-- case: another case is another column
-- rules: column_not_found
Platform = 'ios'
-- case: aggregate-only column
-- rules: column_aggregate_only
spend > 100
-- case: union behind a bracket
-- rules: syntax_not_allowed
1 = 1) union all select person from payroll where (1 = 1
-- case: subquery
-- rules: syntax_not_allowed
platform in (select person from payroll)
-- case: in a relation
-- rules: syntax_not_allowed
platform in payroll
-- case: global in
-- rules: syntax_not_allowed
platform global in payroll
-- case: in a column
-- rules: syntax_not_allowed
'ios' in (platform)
-- case: an alias inside
-- rules: syntax_not_allowed
(platform as p) = 'ios'
-- case: an alias that shadows
-- rules: syntax_not_allowed
('x' as platform) = 'x'
-- case: settings
-- rules: parse_error
platform = 'ios' settings max_threads = 1
-- case: settings behind a bracket
-- rules: syntax_not_allowed
platform = 'ios') settings readonly = (0
-- case: format
-- rules: parse_error
platform = 'ios' format JSON
-- case: into outfile
-- rules: parse_error
platform = 'ios' into outfile '/tmp/x'
-- case: with
-- rules: syntax_not_allowed
with 1 as x select x
-- case: dictionary
-- rules: function_not_allowed
dictGet('people', 'person', 1) = ''
-- case: join table
-- rules: function_not_allowed
joinGet('people_join', 'person', toUInt64(1)) = ''
-- case: file
-- rules: function_not_allowed
file('/etc/passwd') = ''
-- case: array join
-- rules: syntax_not_allowed
arrayJoin([1, 2]) = 1
-- case: higher-order function
-- rules: function_not_allowed
arrayExists(x -> x = unit_id, [platform])
-- case: aggregate
-- rules: function_not_allowed
max(platform) = 'ios'
-- case: aggregate with a combinator
-- rules: function_not_allowed
countIf(platform = 'ios') > 1
-- case: parameter
-- rules: syntax_not_allowed
platform = {x:String}
-- case: identifier parameter
-- rules: syntax_not_allowed
{x:Identifier} = 'ios'
-- case: hash comment
-- rules: syntax_not_allowed
platform = 'ios' # x
-- case: line comment
-- rules: syntax_not_allowed
platform = 'ios' -- x
-- case: the parser's own comment
-- rules: syntax_not_allowed
lower /* sqlglot.anonymous */ (platform) = 'x'
-- case: backslash that keeps a quote open
-- rules: parse_error
platform = 'ios\'
-- case: backslash quote that would close the bracket
-- rules: syntax_not_allowed
platform = '\') or 1 = 1 or unit_id = (\'') or (1 = 1
-- case: backticks
`platform` = 'ios'
-- case: hidden column in backticks
-- rules: column_not_found
`unit_id` = 'x'
-- case: prewhere
-- rules: parse_error
platform = 'ios' prewhere unit_id = 'x'
-- case: query function
-- rules: function_not_allowed
currentUser() = 'x'
-- case: sleep
-- rules: function_not_allowed
sleepEachRow(1) = 0
-- case: stacked statement
-- rules: many_statements
platform = 'ios'; drop table dim_experiments
-- case: column by pattern
-- rules: syntax_not_allowed
columns('.*') = 'x'
-- case: tuple element
-- rules: syntax_not_allowed
(platform, unit_id).1 = 'ios'
