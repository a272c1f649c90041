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
