-- Statements as people and models write them at first. Each is refused for its rules; its hints hold what `told` says, parts
-- separated by |; and what stands under `mended` is approved.

-- refused: column_not_found
-- told: name
select nme from dim_experiments
-- mended
select name from dim_experiments

-- refused: column_not_found
-- told: experiment_id
select d.experimentid from dim_experiments d
-- mended
select d.experiment_id from dim_experiments d

-- refused: column_not_found
-- told: status
select name from dim_experiments where owner = 'ann'
-- mended
select name from dim_experiments where status = 'x'

-- refused: column_not_found
-- told: d.name
select f.name from fct_daily f join dim_experiments d using (experiment_id)
-- mended
select d.name from fct_daily f join dim_experiments d using (experiment_id)

-- refused: table_not_allowed
-- told: dim_experiments
select name from dim_experiment
-- mended
select name from dim_experiments

-- refused: schema_not_allowed
-- told: name the asset alone
select name from analytics.dim_experiments
-- mended
select name from dim_experiments

-- refused: column_ambiguous
-- told: d.experiment_id
select experiment_id from dim_experiments d join fct_daily f on d.experiment_id = f.experiment_id
-- mended
select d.experiment_id from dim_experiments d join fct_daily f on d.experiment_id = f.experiment_id

-- refused: name_shadows_asset
-- told: another name
with dim_metrics as (select 1 as a) select a from dim_metrics
-- mended
with m as (select 1 as a) select a from m

-- refused: duplicate_name
-- told: alias
select f.name from dim_experiments f, fct_daily f where f.experiment_id = f.experiment_id
-- mended
select f.name from dim_experiments f, fct_daily g where f.experiment_id = g.experiment_id

-- refused: column_not_found
-- told: name a column of it | name
select 1 as a from dim_experiments d where d
-- mended
select 1 as a from dim_experiments d where d.name = 'x'

-- refused: column_not_found
-- told: u.s['a']
select u.s.a from dim_experiments d cross join lateral (select {'a': d.name} as s) as u
-- mended
select u.s['a'] from dim_experiments d cross join lateral (select {'a': d.name} as s) as u

-- refused: pin_not_fixed
-- told: fix it in WHERE | analysis_population = '…'
select metric_id, uplift_abs from fct_results where dimension = 'all'
-- mended
select metric_id, uplift_abs from fct_results where analysis_population = 'itt' and dimension = 'all'

-- refused: pin_not_fixed
-- told: group by it and select it | analysis_population
select metric_id, max(uplift_abs) as u from fct_results where dimension = 'all' group by metric_id
-- mended
select metric_id, analysis_population, max(uplift_abs) as u from fct_results where dimension = 'all' group by all

-- refused: pin_not_fixed
-- told: PARTITION BY | analysis_population
select analysis_population, rank() over (order by uplift_abs) as r from fct_results where dimension = 'all'
-- mended
select analysis_population, rank() over (partition by analysis_population order by uplift_abs) as r from fct_results where dimension = 'all'

-- refused: not_additive
-- told: group by experiment_id
select metric_id, sum(n_users) as n from fct_results where analysis_population = 'itt' and dimension = 'all' group by metric_id
-- mended
select metric_id, experiment_id, sum(n_users) as n from fct_results where analysis_population = 'itt' and dimension = 'all' group by metric_id, experiment_id

-- refused: not_additive
-- told: sums of what it is made of
select sum(conversion_rate) as s from fct_results where analysis_population = 'itt' and dimension = 'all'
-- mended
select experiment_id, conversion_rate from fct_results where analysis_population = 'itt' and dimension = 'all'

-- refused: cross_join
-- told: using (experiment_id)
select d.name, f.n_events from dim_experiments d, fct_daily f
-- mended
select d.name, f.n_events from dim_experiments d join fct_daily f using (experiment_id)

-- refused: cross_join
-- told: using (experiment_id)
select d.name, f.n_events from dim_experiments d join fct_daily f on lower(d.experiment_id) = lower(f.experiment_id)
-- mended
select d.name, f.n_events from dim_experiments d join fct_daily f using (experiment_id)

-- refused: join_not_declared
-- told: using (experiment_id)
select d.name, f.n_events from dim_experiments d join fct_daily f on d.name = f.experiment_id
-- mended
select d.name, f.n_events from dim_experiments d join fct_daily f using (experiment_id)

-- refused: fan_out
-- told: aggregate before joining
select sum(f.n_events) as n from fct_daily f join fct_results r using (experiment_id) where analysis_population = 'itt' and dimension = 'all'
-- mended
select sum(f.n_events) as n from (select experiment_id, sum(n_events) as n_events from fct_daily group by 1) f semi join fct_results r using (experiment_id)

-- refused: fan_out
-- told: list_distinct(
select p.part, sum(f.n_events) as n from fct_daily f, unnest(split(f.experiment_id, '_')) as p(part) group by 1
-- mended
select p.part, sum(f.n_events) as n from fct_daily f, unnest(list_distinct(split(f.experiment_id, '_'))) as p(part) group by 1

-- refused: syntax_not_allowed
-- told: JOIN … USING | using (experiment_id)
select d.name from dim_experiments d natural join fct_daily f
-- mended
select d.name from dim_experiments d join fct_daily f using (experiment_id)

-- refused: syntax_not_allowed
-- told: LEFT JOIN LATERAL (SELECT … | ORDER BY day DESC LIMIT 1) AS x ON true
select d.name, q.date_day from dim_experiments d asof join fct_daily q on d.experiment_id = q.experiment_id and d.started_at >= q.date_day
-- mended
select d.name, q.date_day from dim_experiments d left join lateral (select date_day from fct_daily q where q.experiment_id = d.experiment_id and q.date_day <= d.started_at order by q.date_day desc limit 1) as q on true

-- refused: syntax_not_allowed
-- told: (SELECT … FROM a JOIN b USING (k)) AS x
select x.status from dim_experiments x left join (dim_experiments d join fct_daily f using (experiment_id)) on x.experiment_id = d.experiment_id
-- mended
select x.status from dim_experiments x left join (select d.experiment_id from dim_experiments d join fct_daily f using (experiment_id)) as d on x.experiment_id = d.experiment_id

-- refused: column_filter_only
-- told: use it in WHERE
select country from fct_cohort
-- mended
select platform from fct_cohort where country = 'x'

-- refused: column_aggregate_only
-- told: avg(…)
select spend from fct_cohort
-- mended
select avg(spend) from fct_cohort

-- refused: column_aggregate_only
-- told: avg(spend)
select max(spend) from fct_cohort
-- mended
select avg(spend) from fct_cohort

-- refused: function_not_allowed
-- told: current_date
select name from dim_experiments where started_at > now() - interval 30 day
-- mended
select name from dim_experiments where started_at > current_date - interval 30 day

-- refused: function_not_allowed
-- told: current_date
select name from dim_experiments where started_at > current_timestamp - interval 30 day
-- mended
select name from dim_experiments where started_at > current_date - interval 30 day

-- refused: function_not_allowed
-- told: hash(column) % 100 = 0
select name from dim_experiments order by random() limit 2
-- mended
select name from dim_experiments where hash(name) % 100 = 0 limit 2

-- refused: function_not_allowed
-- told: if(
select iff(status = 'ended', 1, 0) as e from dim_experiments
-- mended
select if(status = 'ended', 1, 0) as e from dim_experiments

-- refused: function_not_allowed
-- told: strftime(
select to_char(started_at, '%Y-%m') as m from dim_experiments
-- mended
select strftime(started_at, '%Y-%m') as m from dim_experiments

-- refused: function_not_allowed
-- told: a / nullif(b, 0)
select safe_divide(n_events, 7) as r from fct_daily
-- mended
select n_events / nullif(7, 0) as r from fct_daily

-- refused: function_not_allowed
-- told: floor(x / 10) * 10
select width_bucket(n_events, 0, 100, 10) as b from fct_daily
-- mended
select floor(n_events / 10) * 10 as b from fct_daily

-- refused: function_not_allowed
-- told: unnest(list) AS u(x)
select list_sum([1, 2]) as s
-- mended
select sum(u.x) as s from unnest([1, 2]) as u(x)

-- refused: function_not_allowed
-- told: lpad('', 10, 
select repeat('=', 10) as b
-- mended
select lpad('', 10, '=') as b

-- refused: function_not_allowed
-- told: did you mean
select avrage(n_events) as a from fct_daily
-- mended
select avg(n_events) as a from fct_daily

-- refused: function_not_allowed
-- told: length
select lenght(name) as n from dim_experiments
-- mended
select length(name) as n from dim_experiments

-- refused: syntax_not_allowed
-- told: OVER (ORDER BY …)
select rank() as r from fct_daily
-- mended
select rank() over (order by n_events) as r from fct_daily

-- refused: syntax_not_allowed
-- told: lower(name)
select name.lower() as n from dim_experiments
-- mended
select lower(name) as n from dim_experiments

-- refused: syntax_not_allowed
-- told: replace(lower(name), ' ', '_')
select name.lower().replace(' ', '_') as n from dim_experiments
-- mended
select replace(lower(name), ' ', '_') as n from dim_experiments

-- refused: syntax_not_allowed
-- told: list_transform( | lambda x: …
select [x || '!' for x in split(name, 'n')] as l from dim_experiments
-- mended
select list_transform(split(name, 'n'), lambda x: x || '!') as l from dim_experiments

-- refused: syntax_not_allowed
-- told: {'a': 1}
select map {'a': 1} as m
-- mended
select {'a': 1} as m

-- refused: syntax_not_allowed
-- told: FROM …, unnest(list) AS u(x)
select unnest(split(name, 'n')) as p from dim_experiments
-- mended
select u.x as p from dim_experiments d, unnest(split(d.name, 'n')) as u(x)

-- refused: syntax_not_allowed
-- told: list_contains(list, x)
select name from dim_experiments where 'n' in split(name, 'x')
-- mended
select name from dim_experiments where list_contains(split(name, 'x'), 'n')

-- refused: syntax_not_allowed
-- told: x LIKE 'a%' OR x LIKE 'b%'
select name from dim_experiments where name like any (['a%', 'b%'])
-- mended
select name from dim_experiments where name like 'a%' or name like 'b%'

-- refused: syntax_not_allowed
-- told: lower(column)
select name from dim_experiments order by name collate nocase
-- mended
select name from dim_experiments order by lower(name)

-- refused: syntax_not_allowed
-- told: LIMIT 100
select name from dim_experiments limit 10%
-- mended
select name from dim_experiments limit 100

-- refused: parse_error
-- told: LIMIT 5 at the end
select top 5 name from dim_experiments
-- mended
select name from dim_experiments LIMIT 5

-- refused: limit_not_literal
-- told: LIMIT 100
select name from dim_experiments limit (select 3)
-- mended
select name from dim_experiments limit 100

-- refused: syntax_not_allowed
-- told: write the value itself
select name from dim_experiments where status = ?
-- mended
select name from dim_experiments where status = 'ended'

-- refused: syntax_not_allowed
-- told: a < b AND b < c
select name from dim_experiments where '2026-01-01' < started_at < '2026-02-01'
-- mended
select name from dim_experiments where '2026-01-01' < started_at AND started_at < '2026-02-01'

-- refused: column_not_found, syntax_not_allowed
-- told: in single quotes | name
select name from dim_experiments where description = E'a'
-- mended
select name from dim_experiments where name = 'a'

-- refused: syntax_not_allowed
-- told: CAST(… AS …)
select name from dim_experiments where started_at > date '2026-01-01'::timestamp
-- mended
select name from dim_experiments where started_at > CAST('2026-01-01' AS timestamp)

-- refused: type_not_allowed
-- told: varchar
select cast(name as blob) as b from dim_experiments
-- mended
select cast(name as varchar) as b from dim_experiments

-- refused: syntax_not_allowed
-- told: count(DISTINCT (a, b))
select count(distinct name, status) as n from dim_experiments
-- mended
select count(distinct (name, status)) as n from dim_experiments

-- refused: syntax_not_allowed
-- told: hash(column) % 100 = 0
select * from dim_experiments using sample 10 rows
-- mended
select * from dim_experiments where hash(name) % 100 = 0

-- refused: syntax_not_allowed
-- told: count(*) FILTER (WHERE b = 'x') AS x
select * from (select platform, variation_id from fct_cohort) pivot (count(*) for platform in ('ios', 'web'))
-- mended
select variation_id, count(*) FILTER (WHERE platform = 'ios') AS ios, count(*) FILTER (WHERE platform = 'web') AS web from fct_cohort group by 1

-- refused: not_a_query
-- told: SELECT a, count(*) FILTER (WHERE b = 'x') AS x FROM t GROUP BY a
pivot fct_cohort on platform using count(*) group by variation_id
-- mended
SELECT variation_id, count(*) FILTER (WHERE platform = 'ios') AS ios FROM fct_cohort GROUP BY variation_id

-- refused: not_a_query
-- told: one SELECT for each column | UNION ALL
unpivot fct_daily on n_events, exposure_rate into name n value v
-- mended
select 'n_events' as n, n_events as v from fct_daily union all select 'exposure_rate', exposure_rate from fct_daily

-- refused: not_a_query
-- told: SELECT count(x), min(x), median(x), max(x) FROM t
summarize fct_daily
-- mended
SELECT count(n_events), min(n_events), median(n_events), max(n_events) FROM fct_daily

-- refused: not_a_query
-- told: SELECT * FROM t LIMIT 1
describe fct_daily
-- mended
SELECT * FROM fct_daily LIMIT 1

-- refused: not_a_query
-- told: send the SELECT itself
explain select name from dim_experiments
-- mended
select name from dim_experiments

-- refused: not_a_query
-- told: WITH t AS (SELECT …) SELECT … FROM t
create temp table t as select name from dim_experiments
-- mended
WITH t AS (select name from dim_experiments) SELECT * FROM t

-- refused: many_statements
-- told: one SELECT
select name from dim_experiments; select label from dim_metrics
-- mended
select name from dim_experiments

-- refused: not_a_query
-- told: SELECT * FROM (VALUES …) AS v(a, b)
values (1, 2)
-- mended
SELECT * FROM (VALUES (1, 2)) AS v(a, b)

-- refused: recursion_not_allowed
-- told: FROM generate_series(date '2026-02-01', date '2026-02-28', interval 1 day) AS t(day)
with recursive d as (select date '2026-02-01' as day union all select day + 1 from d where day < date '2026-02-28') select day from d
-- mended
select day FROM generate_series(date '2026-02-01', date '2026-02-28', interval 1 day) AS t(day)

-- refused: range_too_large
-- told: shorter
select i from range(10000000) as r(i)
-- mended
select i from range(1000) as r(i)

-- refused: function_not_allowed
-- told: FROM range(10) AS r(i)
select range(5) as l
-- mended
select r.i as l FROM range(5) AS r(i)

-- refused: syntax_not_allowed
-- told: COLUMNS('.*_rate')
select columns(c -> c like 'n%') from dim_experiments
-- mended
select COLUMNS('^n.*') from dim_experiments

-- refused: table_function_not_allowed
-- told: an asset of the contract by its name
select * from read_csv('x.csv')
-- mended
select * from dim_experiments

-- refused: column_not_found
-- told: dim_experiments.name
select main.dim_experiments.name from main.dim_experiments
-- mended
select dim_experiments.name from main.dim_experiments
