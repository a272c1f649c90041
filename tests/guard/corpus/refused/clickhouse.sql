-- case: in a table
-- dialect: clickhouse
-- rules: syntax_not_allowed
select name from dim_experiments where name in payroll
-- case: not in a qualified table
-- dialect: clickhouse
-- rules: syntax_not_allowed
select name from dim_experiments where name not in hr.payroll
-- case: array join of a subquery
-- dialect: clickhouse
-- rules: syntax_not_allowed
select d.name, y from dim_experiments as d array join (select groupArray(person) from payroll) as y
-- case: settings
-- dialect: clickhouse
-- rules: syntax_not_allowed
select name from dim_experiments settings additional_table_filters = {'x': 'y'}
-- case: format
-- dialect: clickhouse
-- rules: syntax_not_allowed
select name from dim_experiments format JSON
-- case: into outfile
-- dialect: clickhouse
-- rules: parse_error
select name from dim_experiments into outfile '/tmp/x'
-- case: final
-- dialect: clickhouse
-- rules: syntax_not_allowed
select name from dim_experiments final
-- case: prewhere
-- dialect: clickhouse
-- rules: syntax_not_allowed
select name from dim_experiments prewhere name = 'x'
-- case: file()
-- dialect: clickhouse
-- rules: table_function_not_allowed
select * from file('/etc/passwd')
-- case: url()
-- dialect: clickhouse
-- rules: table_function_not_allowed
select * from url('http://x', CSV)
-- case: remote()
-- dialect: clickhouse
-- rules: table_function_not_allowed
select * from remote('h', db.t)
-- case: merge()
-- dialect: clickhouse
-- rules: table_function_not_allowed
select * from merge('db', '.*')
-- case: numbers()
-- dialect: clickhouse
-- rules: table_function_not_allowed
select * from numbers(1000000000)
-- case: scalar file()
-- dialect: clickhouse
-- rules: function_not_allowed
select file('x') as f
-- case: dictGet
-- dialect: clickhouse
-- rules: function_not_allowed
select dictGet('d', 'a', 1) as x
-- case: joinGet
-- dialect: clickhouse
-- rules: function_not_allowed
select joinGet('j', 'a', 1) as x
-- case: sleep
-- dialect: clickhouse
-- rules: function_not_allowed
select sleep(3) as x
-- case: current user
-- dialect: clickhouse
-- rules: function_not_allowed
select currentUser() as u
-- case: system table
-- dialect: clickhouse
-- rules: schema_not_allowed
select * from system.tables
-- case: names are case-sensitive
-- dialect: clickhouse
-- rules: table_not_allowed
select * from DIM_EXPERIMENTS
-- case: a column in another case
-- dialect: clickhouse
-- rules: column_not_found
select NAME from dim_experiments
-- case: scalar with
-- dialect: clickhouse
-- rules: syntax_not_allowed
with 0.05 as alpha select name from dim_experiments
-- case: backslash does not end the text
-- dialect: clickhouse
-- rules: parse_error
select name from dim_experiments where name = 'x\' union all select person from payroll
-- case: global in
-- dialect: clickhouse
-- rules: syntax_not_allowed
select name from dim_experiments where name global in (select name from dim_experiments)
-- case: limit by
-- dialect: clickhouse
-- rules: syntax_not_allowed
select name, status from dim_experiments limit 1 by status
-- case: apply
-- dialect: clickhouse
-- rules: function_not_allowed
select * apply(sum) from dim_experiments
-- case: columns by pattern
-- dialect: clickhouse
-- rules: syntax_not_allowed
select columns('own.*') from dim_experiments
-- case: query parameter
-- dialect: clickhouse
-- rules: syntax_not_allowed
select name from dim_experiments where name = {x:String}
-- case: kill
-- dialect: clickhouse
-- rules: not_a_query
kill query where 1
-- case: array join function
-- dialect: clickhouse
-- rules: syntax_not_allowed
select arrayJoin([1, 2]) as x
-- case: any join
-- dialect: clickhouse
-- rules: syntax_not_allowed
select d.name from dim_experiments d any left join fct_daily f on d.experiment_id = f.experiment_id
-- case: with fill
-- dialect: clickhouse
-- rules: syntax_not_allowed
select name from dim_experiments order by name with fill
-- case: lateral
-- dialect: clickhouse
-- rules: syntax_not_allowed
select d.name, l.n from dim_experiments as d, lateral (select 1 as n) as l
-- case: a struct by names
-- dialect: clickhouse
-- rules: function_not_allowed
select {'a': 1} as s
-- case: with totals
-- dialect: clickhouse
-- rules: syntax_not_allowed
select experiment_id, sum(n_events) as n from fct_daily group by experiment_id with totals
-- case: sample
-- dialect: clickhouse
-- rules: syntax_not_allowed
select name from dim_experiments sample 0.1
-- case: left array join
-- dialect: clickhouse
-- rules: syntax_not_allowed
select name, x from dim_experiments left array join [1, 2] as x
-- case: asof join
-- dialect: clickhouse
-- rules: syntax_not_allowed
select d.name from dim_experiments as d asof join fct_daily as f on d.experiment_id = f.experiment_id and d.started_at >= f.date_day
-- case: system one
-- dialect: clickhouse
-- rules: schema_not_allowed
select * from system.one
-- case: a hidden column
-- dialect: clickhouse
-- rules: column_not_found
select owner from dim_experiments
-- case: a hidden column in order by
-- dialect: clickhouse
-- rules: column_not_found
select name from dim_experiments order by owner
-- case: whole row as a tuple
-- dialect: clickhouse
-- rules: syntax_not_allowed
select tuple(*) from dim_experiments
-- case: a table outside in a cte of its name
-- dialect: clickhouse
-- rules: table_not_allowed
with payroll as (select * from payroll) select * from payroll
-- case: mergeTreeIndex
-- dialect: clickhouse
-- rules: table_function_not_allowed
select * from mergeTreeIndex('db', 't')
-- case: view
-- dialect: clickhouse
-- rules: table_function_not_allowed
select * from view(select * from payroll)
-- case: s3
-- dialect: clickhouse
-- rules: table_function_not_allowed
select * from s3('http://x', 'CSV')
-- case: executable
-- dialect: clickhouse
-- rules: table_function_not_allowed
select * from executable('x.sh', TSV, 'a String')
-- case: input
-- dialect: clickhouse
-- rules: table_function_not_allowed
select * from input('a String')
-- case: loop
-- dialect: clickhouse
-- rules: table_function_not_allowed
select * from loop(db, t)
-- case: getSetting
-- dialect: clickhouse
-- rules: function_not_allowed
select getSetting('max_threads') as s
-- case: hostName
-- dialect: clickhouse
-- rules: function_not_allowed
select hostName() as h
-- case: now
-- dialect: clickhouse
-- rules: function_not_allowed
select now() as n
-- case: rand
-- dialect: clickhouse
-- rules: function_not_allowed
select rand() as r
-- case: hasColumnInTable
-- dialect: clickhouse
-- rules: function_not_allowed
select hasColumnInTable('db', 'payroll', 'person') as h
-- case: intersect of a table
-- dialect: clickhouse
-- rules: table_not_allowed
select name from dim_experiments intersect select person from payroll
