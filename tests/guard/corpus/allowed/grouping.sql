-- case: count per status
select status, count(*) as n from dim_experiments group by status order by n desc
-- case: group by ordinal
select status, count(*) from dim_experiments group by 1 order by 2 desc, 1
-- case: group by alias
select upper(status) as s, count(*) as n from dim_experiments group by s having n > 0 order by s
-- case: group by all
select status, date_trunc('year', started_at) as y, count(*) as n from dim_experiments group by all order by all
-- case: rollup
select status, name, count(*) as n from dim_experiments group by rollup (status, name)
-- case: cube and grouping sets
select status, name, count(*) as n from dim_experiments group by grouping sets ((status), (name), ())
-- case: count distinct
select count(distinct status) as n, count(*) filter (where status = 'ended') as ended from dim_experiments
-- case: min max and text aggregates
select min(started_at), max(started_at), string_agg(name, ', ' order by name) as names, any_value(status) is not null as some from dim_experiments
-- case: quantiles
select median(n_events) as m, quantile_cont(n_events, 0.9) as p90, quantile_disc(n_events, 0.5) as d, stddev_samp(n_events) as s, var_pop(n_events) as v, mode(n_events) is not null as has from fct_daily
-- case: within group
select percentile_cont(0.5) within group (order by n_events) as p from fct_daily
-- case: arg max
select arg_max(date_day, n_events) as best, max_by(experiment_id, n_events) is not null as who from fct_daily
-- case: sum of an additive measure
select experiment_id, sum(n_events) as n from fct_daily group by experiment_id
-- case: sum of an additive measure over everything
select sum(n_events) as n from fct_daily
-- case: having with an aggregate
select experiment_id, sum(n_events) as n from fct_daily group by experiment_id having sum(n_events) > 10 and max(n_events) > 2
-- case: bool aggregates and list
select bool_or(status = 'ended') as b, bool_and(name is not null) as a, list(name order by name) as l from dim_experiments
-- case: corr and regression
select corr(n_events, exposure_rate) as r, regr_slope(n_events, exposure_rate) as s, count_if(n_events > 3) as n from fct_daily
-- case: order by aggregate
select status from dim_experiments group by status order by count(*) desc, status
-- case: first ordered
select first(name order by started_at) as f, last(name order by started_at) as l from dim_experiments
-- case: count of a column and avg of an additive measure
select count(name) as n from dim_experiments
-- case: group by nothing but having
select count(*) as n from dim_experiments having count(*) > 0
-- case: group by expression
select year(started_at) as y, count(*) from dim_experiments group by year(started_at)
