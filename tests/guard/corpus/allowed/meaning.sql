-- case: users summed over arms
select experiment_id, metric_id, sum(n_users) as n from fct_results where analysis_population = 'itt' and dimension = 'all' group by 1, 2
-- case: users of one experiment and metric
select sum(n_users) as n from fct_results where analysis_population = 'itt' and dimension = 'all' and experiment_id = 'e_one' and metric_id = 'conversion'
-- case: conversions over a breakdown
select experiment_id, metric_id, sum(conversions) as n from fct_results where analysis_population = 'itt' and dimension = 'platform' group by all
-- case: weighted rate
select experiment_id, metric_id, sum(conversion_rate * n_users) / sum(n_users) as rate from fct_results where analysis_population = 'itt' and dimension = 'all' group by all
-- case: average of rates is told
-- warns: average_of_rates
select avg(uplift_abs) as a from fct_results where analysis_population = 'itt' and dimension = 'all'
-- case: extremes of a rate
select max(uplift_abs) as best, min(uplift_abs) as worst from fct_results where analysis_population = 'itt' and dimension = 'all'
-- case: counting by a rate
select sum(case when uplift_abs > 0 then 1 else 0 end) as up, count(*) as n from fct_results where analysis_population = 'itt' and dimension = 'all'
-- case: running total of an additive measure
select experiment_id, date_day, sum(n_events) over (partition by experiment_id order by date_day rows between unbounded preceding and current row) as so_far from fct_daily
-- case: share of the total
select experiment_id, sum(n_events) as n, sum(n_events) * 1.0 / sum(sum(n_events)) over () as share from fct_daily group by experiment_id
-- case: measures in arithmetic
select experiment_id, conversions * 1.0 / n_users as rate, uplift_abs * 100 as points from fct_results where analysis_population = 'itt' and dimension = 'all'
-- case: difference to the day before
select experiment_id, date_day, exposure_rate - lag(exposure_rate) over (partition by experiment_id order by date_day) as moved from fct_daily
-- case: sums per day from sums per experiment and day
with d as (select experiment_id, date_day, sum(n_events) as n from fct_daily group by all) select date_day, sum(n) as n from d group by date_day
