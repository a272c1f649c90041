-- case: which experiments have results
select distinct experiment_id from fct_results

-- case: which keys there are, ordered
select distinct metric_id, variation_id from fct_results where experiment_id = 'e_one' order by 1, 2

-- case: how many metrics each has
select experiment_id, count(distinct metric_id) as n from fct_results group by experiment_id

-- case: which segments there are
select distinct dimension, dimension_value from fct_results

-- case: which populations there are
select distinct analysis_population from fct_results

-- case: keys by group by all
select experiment_id, metric_id from fct_results group by all

-- case: metrics as a list
select experiment_id, list_sort(list(distinct metric_id)) as metrics from fct_results group by 1

-- case: names of experiments with results
select name from dim_experiments where experiment_id in (select experiment_id from fct_results)

-- case: names of experiments without results
select name from dim_experiments d where not exists (select 1 from fct_results r where r.experiment_id = d.experiment_id)

-- case: anti join over every population
select d.name from dim_experiments d anti join fct_results r using (experiment_id)

-- case: semi join over every population
select d.name from dim_experiments d semi join fct_results r on r.experiment_id = d.experiment_id and r.metric_id = 'refunds'

-- case: labels of the metrics that have results
select distinct m.label from fct_results r join dim_metrics m using (metric_id)

-- case: value at one end of a pin
select metric_id, arg_max(uplift_abs, analysis_population) as u from fct_results where experiment_id = 'e_one' and variation_id = 'treatment' and dimension = 'all' group by 1

-- case: value at one end of a pin beside the end
select metric_id, min(analysis_population) as p, arg_min(uplift_abs, analysis_population) as u from fct_results where experiment_id = 'e_one' and variation_id = 'treatment' and dimension = 'all' group by 1

-- case: the row before along a pin
select analysis_population, uplift_abs - lag(uplift_abs) over (partition by metric_id order by analysis_population) as change from fct_results where experiment_id = 'e_one' and variation_id = 'treatment' and dimension = 'all'

-- case: the row before along a pin by a named window
select analysis_population, first_value(uplift_abs) over w as u, row_number() over w as r from fct_results where experiment_id = 'e_one' and variation_id = 'treatment' and dimension = 'all' window w as (partition by metric_id order by analysis_population desc)

-- case: the last of each by qualify
select metric_id, analysis_population, uplift_abs from fct_results where experiment_id = 'e_one' and variation_id = 'treatment' and dimension = 'all' qualify row_number() over (partition by metric_id order by analysis_population desc) = 1

-- case: the last of each by distinct on
select distinct on (metric_id) metric_id, analysis_population, uplift_abs from fct_results where experiment_id = 'e_one' and variation_id = 'treatment' and dimension = 'all' order by metric_id, analysis_population desc

-- case: one row beside one row
with arms as (select variation_id, n_users, conversions from fct_results where experiment_id = 'e_one' and metric_id = 'conversion' and analysis_population = 'itt' and dimension = 'all') select t.conversions / t.n_users - c.conversions / c.n_users as diff from arms t, arms c where t.variation_id = 'treatment' and c.variation_id = 'control'

-- case: every row beside one row
with arms as (select variation_id, conversion_rate from fct_results where experiment_id = 'e_one' and metric_id = 'conversion' and analysis_population = 'itt' and dimension = 'all') select t.variation_id, t.conversion_rate - c.conversion_rate as diff from arms t join arms c on c.variation_id = 'control' where t.variation_id <> 'control'

-- case: a renamed star
select * rename (name as title, status as state) from dim_experiments

-- case: a renamed star of one relation
select d.* rename (name as title), f.date_day from dim_experiments d join fct_daily f using (experiment_id)

-- case: star without some, others renamed
select * exclude (started_at) rename (name as title) from dim_experiments

-- case: columns of star
select columns(*) from dim_experiments

-- case: columns by pattern
select experiment_id, columns('^n.*|_rate$') from fct_daily

-- case: columns by names
select columns(['DATE_day', 'n_events']) from fct_daily where experiment_id = 'e_one'

-- case: columns of one relation
select f.experiment_id, columns(m.*) from (select experiment_id, metric_id from fct_results where analysis_population = 'itt' and dimension = 'all') f join dim_metrics m using (metric_id)

-- case: an expression over columns
select round(columns('_rate'), 2) from fct_daily

-- case: an expression over columns twice
select columns('n_.*') + columns('n_.*') as twice from fct_daily

-- case: an aggregate over columns
select experiment_id, max(columns(* exclude (experiment_id))) from fct_daily group by experiment_id

-- case: columns like
select * like '%day' from fct_daily

-- case: a lambda over a list
select list_transform([1, 2, 3], lambda x: x * 10 + 1) as l

-- case: a lambda that reads a column
select list_transform([1, 2], lambda x: x + n_events) as l from fct_daily

-- case: a filter by a lambda
select name, list_filter(split(name, 'n'), lambda part: length(part) > 1) as parts from dim_experiments

-- case: a lambda with a position
select list_filter(['a', 'b', 'c'], lambda x, i: i <> 2) as l

-- case: a lambda in a lambda
select list_transform([[1, 2], [3]], lambda x: list_transform(x, lambda y: y + 1)) as l

-- case: a lambda over structs
select list_transform([{'a': 1}, {'a': 2}], lambda s: s['a']) as l

-- case: parts of a list in from
select d.name, p.part from dim_experiments d, unnest(split(d.name, 'n')) as p(part)

-- case: parts of a list by cross join
select name, part from dim_experiments cross join unnest(split(name, 'n')) as p(part)

-- case: parts of a list by lateral
select d.name, p.part from dim_experiments d join lateral unnest(split(d.name, 'n')) as p(part) on true

-- case: parts of a list, rows without any kept
select d.name, p.part from dim_experiments d left join unnest(list_filter(split(d.name, 'n'), lambda x: x <> '')) as p(part) on true

-- case: parts of a list counted
select p.part, count(*) as n from dim_experiments d, unnest(split(d.name, 'n')) as p(part) group by p.part

-- case: distinct parts of a list with a sum of their rows
select p.part, sum(f.n_events) as n from fct_daily f, unnest(list_distinct(split(f.experiment_id, '_'))) as p(part) group by p.part

-- case: a condition on parts of a list
select name from dim_experiments d where exists (select 1 from unnest(split(d.name, 'n')) as p(part) where p.part = 'O')

-- case: lateral before a written list
select d.name, l.x from dim_experiments d, lateral unnest([1, 2]) l(x)

-- case: a series in the select list
select unnest(generate_series(date '2026-02-01', date '2026-02-05', interval 1 day)) as day

-- case: slices of text and of lists
select experiment_id[1:3] as a, experiment_id[:2] as b, split(name, 'n')[-1:] as c, [1, 2, 3, 4][1:4:2] as d from dim_experiments

-- case: bits
select 5 & 3 as a, 5 | 3 as b, ~5 as c, 1 << 4 as d, 256 >> 2 as e, xor(5, 3) as f, (n_events & 1) = 1 as odd from fct_daily

-- case: bits beside sums
select 1 << 2 + 1 as a, 6 & 3 + 1 as b, 1 | 2 & 3 as c, -4 & 7 as d from fct_daily limit 1

-- case: a day in a time zone
select date_trunc('day', started_at at time zone 'UTC' at time zone 'Europe/Berlin') as d, count(*) as n from dim_experiments group by all

-- case: a sum in a time zone
select (started_at + interval '3' hour) at time zone 'UTC' at time zone 'America/New_York' as t from dim_experiments

-- case: text by pattern of a shell
select name from dim_experiments where experiment_id glob 'e_*' and name not glob '*z*'

-- case: formatted numbers
select format('{:,} of {:>8.1f}', n_events, exposure_rate) as a, printf('%5.1f%% and %d', 100 * exposure_rate, n_events) as b from fct_daily

-- case: the best three
select experiment_id, max_by(date_day, n_events, 3) as days, arg_min(n_events, date_day, 2) as first_two from fct_daily group by 1

-- case: a row and a tuple
select row(name, status) as r, (name, status) as t from dim_experiments

-- case: a tuple of a subquery
select name from dim_experiments where (experiment_id, status) in (select (experiment_id, status) from dim_experiments where status = 'ended')

-- case: a frame without its own row
select date_day, avg(n_events) over (order by date_day rows between 1 preceding and 1 following exclude current row) as around from fct_daily where experiment_id = 'e_one'

-- case: frames without peers
select sum(n_events) over (order by date_day groups between 1 preceding and 1 following exclude ties) as a, sum(n_events) over (order by date_day rows between unbounded preceding and current row exclude group) as b, sum(n_events) over (order by date_day rows between 1 preceding and current row exclude no others) as c from fct_daily where experiment_id = 'e_one'

-- case: json from text
select ('{"a": {"b": 7}}'::json) ->> '$.a.b' as b, cast('[1, 2]' as json) as l, try_cast('{' as json) as none

-- case: a dollar quote
select $$it's "n"$$ as t, $tag$ $$ ; -- $tag$ as u

-- case: a join in brackets first
select d.name, f.date_day from (dim_experiments d join fct_daily f using (experiment_id)) where f.n_events > 3

-- case: an outer join in brackets first, another behind
select d.name, f.date_day, m.label from (dim_experiments d left join fct_daily f on f.experiment_id = d.experiment_id and f.n_events > 3) left join fct_results r on r.experiment_id = d.experiment_id and r.analysis_population = 'itt' and r.dimension = 'all' left join dim_metrics m on m.metric_id = r.metric_id

-- case: a lambda that gives a text of its element
select list_transform(split(name, 'n'), lambda x: '<' || upper(x) || '>') as l, list_transform(split(name, 'n'), lambda x: coalesce(nullif(x, ''), '-')) as m from dim_experiments

-- case: a lambda that counts in another list
select list_transform([1, 2], lambda x: len(l) + x) as l from (select list(platform) as l from fct_cohort where experiment_id = 'e_one') t
