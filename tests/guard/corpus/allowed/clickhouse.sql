-- case: columns and a condition
-- dialect: clickhouse
select experiment_id, status from dim_experiments where status = 'running'
-- case: star
-- dialect: clickhouse
select * from dim_experiments
-- case: aggregates with a combinator
-- dialect: clickhouse
select experiment_id, sum(n_events) as n, countIf(n_events > 3) as big, uniqExact(date_day) as days from fct_daily group by experiment_id
-- case: dates
-- dialect: clickhouse
select toStartOfWeek(date_day) as w, sum(n_events) as n from fct_daily group by w order by w
-- case: multiIf and casts
-- dialect: clickhouse
select multiIf(status = 'running', 1, status = 'ended', 2, 0) as s, toString(started_at) as t, toInt64(1) as i from dim_experiments
-- case: cte and join
-- dialect: clickhouse
with n as (select experiment_id, sum(n_events) as n from fct_daily group by experiment_id) select d.name, n.n from dim_experiments as d inner join n on d.experiment_id = n.experiment_id
-- case: pins fixed
-- dialect: clickhouse
select experiment_id, uplift_abs from fct_results where analysis_population = 'itt' and dimension = 'all'
-- case: window
-- dialect: clickhouse
select experiment_id, date_day, row_number() over (partition by experiment_id order by n_events desc) as r from fct_daily
-- case: text functions
-- dialect: clickhouse
select upper(name) as u, concat(name, '-', status) as c, replaceAll(name, 'O', '0') as r, match(name, 'n') as m, splitByChar('_', experiment_id) as s from dim_experiments
-- case: union all
-- dialect: clickhouse
select name from dim_experiments union all select label from dim_metrics
-- case: in subquery
-- dialect: clickhouse
select name from dim_experiments where experiment_id in (select experiment_id from fct_daily where n_events > 1)
-- case: quantile with a parameter
-- dialect: clickhouse
select quantile(0.9)(n_events) as p from fct_daily
-- case: escaped quote
-- dialect: clickhouse
select name from dim_experiments where name = 'it\'s'
-- case: limit and offset
-- dialect: clickhouse
select name from dim_experiments order by name limit 5 offset 1
-- case: row filter
-- dialect: clickhouse
-- role: partner
select name from dim_experiments
-- case: in and not equal
-- dialect: clickhouse
select name, status from dim_experiments where status in ('running', 'ended') and name != 'x'
-- case: distinct ordered
-- dialect: clickhouse
select distinct status from dim_experiments order by status desc
-- case: count of nothing named
-- dialect: clickhouse
select count() as n from dim_experiments
-- case: counts in three forms
-- dialect: clickhouse
select count(*) as n, count(name) as m, count(distinct status) as k from dim_experiments
-- case: distinct counts and any
-- dialect: clickhouse
select uniq(status) as u, uniqExact(status) as e, any(name) as a from dim_experiments
-- case: having with count
-- dialect: clickhouse
select experiment_id, avg(n_events) as a, min(n_events) as b, max(n_events) as c from fct_daily group by experiment_id having count() > 1
-- case: combinators with a condition
-- dialect: clickhouse
select experiment_id, sumIf(n_events, n_events > 3) as s, avgIf(n_events, n_events > 3) as a from fct_daily group by experiment_id
-- case: quantiles with parameters
-- dialect: clickhouse
select quantile(0.5)(n_events) as m, quantileExact(0.9)(n_events) as p from fct_daily
-- case: median and moments
-- dialect: clickhouse
select median(n_events) as m, stddevPop(n_events) as s, varSamp(n_events) as v from fct_daily
-- case: best and worst day
-- dialect: clickhouse
select argMax(date_day, n_events) as best, argMin(date_day, n_events) as worst from fct_daily
-- case: groups as arrays
-- dialect: clickhouse
select groupArray(name) as names, groupUniqArray(status) as states from dim_experiments
-- case: most frequent
-- dialect: clickhouse
select topK(2)(status) as t from dim_experiments
-- case: correlation
-- dialect: clickhouse
select corr(n_events, exposure_rate) as r from fct_daily
-- case: if
-- dialect: clickhouse
select if(status = 'running', 1, 0) as live from dim_experiments
-- case: case
-- dialect: clickhouse
select case when status = 'running' then 'live' else 'done' end as s from dim_experiments
-- case: null handling
-- dialect: clickhouse
select coalesce(status, 'none') as a, ifNull(name, '-') as b, nullIf(status, 'ended') as c from dim_experiments
-- case: date parts by function
-- dialect: clickhouse
select toDate(started_at) as d, toStartOfMonth(started_at) as m, toYear(started_at) as y, toDayOfWeek(started_at) as w from dim_experiments
-- case: difference of dates
-- dialect: clickhouse
select dateDiff('day', started_at, toDateTime('2026-06-01 00:00:00')) as d from dim_experiments
-- case: intervals and date functions
-- dialect: clickhouse
select started_at + interval 1 day as a, addDays(started_at, 3) as b, subtractMonths(started_at, 1) as c from dim_experiments
-- case: dates as text
-- dialect: clickhouse
select formatDateTime(started_at, '%Y-%m') as t from dim_experiments
-- case: today minus a day
-- dialect: clickhouse
select date_day, today() - date_day as age from fct_daily where date_day <= today()
-- case: casts by name and by function
-- dialect: clickhouse
select cast(n_events as Float64) as f, toFloat64(n_events) as g, toInt32('3') as i from fct_daily
-- case: division in four forms
-- dialect: clickhouse
select n_events / 2 as h, intDiv(n_events, 2) as i, n_events % 2 as m, modulo(n_events, 2) as n from fct_daily
-- case: rounding
-- dialect: clickhouse
select round(exposure_rate, 2) as r, floor(exposure_rate) as f, ceil(exposure_rate) as c, abs(-1) as a, sqrt(4) as s from fct_daily
-- case: logarithms and powers
-- dialect: clickhouse
select log10(n_events + 1) as a, ln(n_events + 1) as b, exp(1) as e, pow(2, 3) as p from fct_daily
-- case: logarithm to two
-- dialect: clickhouse
select log2(8) as l
-- case: greatest and least
-- dialect: clickhouse
select greatest(n_events, 1) as g, least(n_events, 1) as l from fct_daily
-- case: text by function
-- dialect: clickhouse
select lower(name) as l, length(name) as n, substring(name, 1, 2) as s, reverse(name) as r, trim(name) as t from dim_experiments
-- case: text starts and ends
-- dialect: clickhouse
select startsWith(name, 'O') as a, endsWith(name, 'e') as b, position(name, 'n') as p from dim_experiments
-- case: like and ilike
-- dialect: clickhouse
select name from dim_experiments where name like 'O%' or name ilike 't%' or name not like '%z%'
-- case: regular expression replaced
-- dialect: clickhouse
select replaceRegexpAll(name, '[aeiou]', '*') as r from dim_experiments
-- case: texts split and joined
-- dialect: clickhouse
select splitByString('_', experiment_id) as s, arrayStringConcat(splitByChar('_', experiment_id), '-') as t from dim_experiments
-- case: arrays
-- dialect: clickhouse
select [1, 2, 3] as l, has([1, 2], 1) as h, length([1, 2]) as n, arraySort([2, 1]) as s, arrayDistinct([1, 1]) as d, indexOf([1, 2], 2) as i
-- case: tuples
-- dialect: clickhouse
select tuple(1, 'a') as t, (1, 'a') as u
-- case: json by function
-- dialect: clickhouse
select JSONExtractString('{"a": "b"}', 'a') as v, JSONExtractInt('{"a": 1}', 'a') as i
-- case: inner join using
-- dialect: clickhouse
select d.name, f.n_events from fct_daily as f inner join dim_experiments as d using (experiment_id)
-- case: left join on
-- dialect: clickhouse
select d.name, f.n_events from dim_experiments as d left join fct_daily as f on d.experiment_id = f.experiment_id
-- case: sums over a join
-- dialect: clickhouse
select d.name, sum(f.n_events) as n from fct_daily as f join dim_experiments as d on f.experiment_id = d.experiment_id group by d.name order by n desc limit 3
-- case: derived table
-- dialect: clickhouse
select name from (select name, status from dim_experiments) as t where t.status = 'ended'
-- case: exists
-- dialect: clickhouse
select name from dim_experiments where exists (select 1 from fct_daily where n_events > 1)
-- case: scalar subquery
-- dialect: clickhouse
select (select max(n_events) from fct_daily) as m
-- case: union distinct
-- dialect: clickhouse
select name from dim_experiments union distinct select label from dim_metrics
-- case: except
-- dialect: clickhouse
select name from dim_experiments except select label from dim_metrics
-- case: bracketed sides
-- dialect: clickhouse
(select name from dim_experiments limit 1) union all (select label from dim_metrics limit 1)
-- case: ctes beside each other
-- dialect: clickhouse
with a as (select experiment_id, sum(n_events) as n from fct_daily group by experiment_id), b as (select max(n) as m from a) select a.experiment_id from a cross join b where a.n = b.m
-- case: running total
-- dialect: clickhouse
select experiment_id, date_day, sum(n_events) over (partition by experiment_id order by date_day rows between unbounded preceding and current row) as s from fct_daily
-- case: ranks
-- dialect: clickhouse
select experiment_id, rank() over (partition by experiment_id order by n_events desc) as r, dense_rank() over (order by n_events) as d from fct_daily
-- case: row before
-- dialect: clickhouse
select experiment_id, lagInFrame(n_events) over (partition by experiment_id order by date_day) as p from fct_daily
-- case: grouped by a pin
-- dialect: clickhouse
select analysis_population, count() as n from fct_results where dimension = 'all' group by analysis_population
-- case: users over arms
-- dialect: clickhouse
select experiment_id, metric_id, sum(n_users) as n from fct_results where analysis_population = 'itt' and dimension = 'all' group by experiment_id, metric_id
-- case: combinator over a pin that is fixed
-- dialect: clickhouse
select countIf(analysis_population = 'itt') as n from fct_results where dimension = 'all' and analysis_population = 'itt'
-- case: star over a pinned asset
-- dialect: clickhouse
select * from fct_results where analysis_population = 'itt' and dimension = 'all'
-- case: star except
-- dialect: clickhouse
select * except (started_at) from dim_experiments
-- case: aggregate-only column averaged
-- dialect: clickhouse
select platform, avg(spend) as a from fct_cohort group by platform
-- case: filter-only column in where
-- dialect: clickhouse
select platform, count() as n from fct_cohort where country = 'x' group by platform
-- case: nulls last, limit, offset
-- dialect: clickhouse
select name from dim_experiments order by name desc nulls last limit 2 offset 1
-- case: fetch first
-- dialect: clickhouse
select name from dim_experiments order by name fetch first 2 rows only
-- case: rollup
-- dialect: clickhouse
select status, count() as n from dim_experiments group by rollup(status)
-- case: grouping sets
-- dialect: clickhouse
select status, name, count() as n from dim_experiments group by grouping sets ((status), (name))
-- case: alias in back quotes
-- dialect: clickhouse
select name as `the name` from dim_experiments
-- case: quoted column
-- dialect: clickhouse
select "name" from dim_experiments
-- case: not in a subquery
-- dialect: clickhouse
select name from dim_experiments as d where d.experiment_id not in (select experiment_id from fct_daily where n_events > 12)
-- case: literals
-- dialect: clickhouse
select 1 as one, 'a' as b, null as c, true as d, 1.5e3 as e
-- case: ternary
-- dialect: clickhouse
select n_events, n_events = 1 ? 'one' : 'many' as q from fct_daily
-- case: group by an alias
-- dialect: clickhouse
select multiIf(n_events > 3, 'big', 'small') as size, count() as n from fct_daily group by size
-- case: start of an interval
-- dialect: clickhouse
select toStartOfInterval(started_at, interval 1 week) as w from dim_experiments
-- case: month truncated
-- dialect: clickhouse
select date_trunc('month', started_at) as m from dim_experiments
