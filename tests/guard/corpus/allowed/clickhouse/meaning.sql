-- case: pins fixed in two aggregates with -If
select sumIf(n_users, analysis_population = 'itt') as itt, sumIf(n_users, analysis_population = 'exposed') as exposed, experiment_id, metric_id from fct_results where dimension = 'all' group by experiment_id, metric_id
-- case: pins fixed by a constant named in with
with 'itt' as population select experiment_id, uplift_abs from fct_results where analysis_population = population and dimension = 'all'
-- case: pins grouped by
select analysis_population, dimension, max(uplift_abs) as m from fct_results group by analysis_population, dimension
-- case: pins listed
select analysis_population, dimension, uplift_abs from fct_results limit 5
-- case: pins fixed in prewhere
select max(uplift_abs) as m from fct_results prewhere analysis_population = 'itt' and dimension = 'all'
-- case: pins in a list of one
select uplift_abs from fct_results where analysis_population in ('itt') and dimension in ('all')
-- case: a measure summed over what it adds up over
select experiment_id, metric_id, sum(n_users) as n from fct_results where analysis_population = 'itt' and dimension = 'all' group by experiment_id, metric_id
-- case: a measure summed under -If
select experiment_id, sumIf(n_events, n_events > 3) as n from fct_daily group by experiment_id
-- case: a maximum of rates
select experiment_id, max(conversion_rate) as m from fct_results where analysis_population = 'itt' and dimension = 'all' group by experiment_id
-- case: sums before a join
with n as (select experiment_id, sum(n_events) as events from fct_daily group by experiment_id) select r.metric_id, max(r.uplift_abs) as u, any(n.events) > 0 as some from fct_results as r join n using (experiment_id) where r.analysis_population = 'itt' and r.dimension = 'all' group by r.metric_id
-- case: sums over a many to one join
select d.status, sum(f.n_events) as n from fct_daily as f join dim_experiments as d using (experiment_id) group by d.status
-- case: a weighted rate
select experiment_id, sum(conversions) / sum(n_users) as rate from fct_results where analysis_population = 'itt' and dimension = 'all' and metric_id = 'conversion' group by experiment_id
-- case: pins fixed
select experiment_id, uplift_abs from fct_results where analysis_population = 'itt' and dimension = 'all'
-- case: grouped by a pin
select analysis_population, count() as n from fct_results where dimension = 'all' group by analysis_population
-- case: combinator over a pin that is fixed
select countIf(analysis_population = 'itt') as n from fct_results where dimension = 'all' and analysis_population = 'itt'
-- case: star over a pinned asset
select * from fct_results where analysis_population = 'itt' and dimension = 'all'
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
-- case: one fixed, one listed
select experiment_id, dimension, dimension_value, uplift_abs from fct_results where analysis_population = 'itt'
-- case: a plain listing shows them
select * from fct_results
-- case: in with one literal
select experiment_id, uplift_abs from fct_results where analysis_population in ('itt') and dimension = 'all'
-- case: literal on the left
select experiment_id, uplift_abs from fct_results where 'itt' = analysis_population and ('all' = dimension)
-- case: grouped by
select analysis_population, count(*) as n from fct_results where dimension = 'all' group by analysis_population
-- case: grouped by ordinal
select analysis_population, dimension, count(*) as n from fct_results group by 1, 2
-- case: grouped by all
select analysis_population, dimension, count(*) as n from fct_results group by all
-- case: grouped and fixed in having
select analysis_population, count(*) as n from fct_results where dimension = 'all' group by 1 having analysis_population = 'itt'
-- case: fixed in the filter of each aggregate
select count(*) filter (where analysis_population = 'itt') as itt, count(*) filter (where analysis_population = 'exposed') as exposed from fct_results where dimension = 'all'
-- case: fixed in the case of each aggregate
select experiment_id, sum(case when analysis_population = 'itt' then conversions end) as itt, sum(case when analysis_population = 'exposed' then conversions else 0 end) as exposed from fct_results where dimension = 'all' and metric_id = 'conversion' group by experiment_id
-- case: fixed inside a cte
with r as (select * from fct_results where analysis_population = 'itt' and dimension = 'all') select count(*) as n from r
-- case: fixed outside a cte that lists it
with r as (select * from fct_results) select count(*) as n from r where analysis_population = 'itt' and dimension = 'all'
-- case: grouped in a cte, fixed outside
with r as (select analysis_population, dimension, max(uplift_abs) as best from fct_results group by all) select best from r where analysis_population = 'exposed' and dimension = 'platform'
-- case: fixed in the on of a join
select e.name, r.uplift_abs from dim_experiments e join fct_results r on r.experiment_id = e.experiment_id and r.analysis_population = 'itt' and r.dimension = 'all'
-- case: fixed in the on of a left join
select e.name, r.uplift_abs from dim_experiments e left join fct_results r on r.experiment_id = e.experiment_id and r.analysis_population = 'itt' and r.dimension = 'all' and r.metric_id = 'conversion'
-- case: two populations side by side
select i.experiment_id, i.uplift_abs as itt, x.uplift_abs as exposed from fct_results i join fct_results x on i.experiment_id = x.experiment_id and i.metric_id = x.metric_id and i.variation_id = x.variation_id and i.dimension_value = x.dimension_value where i.analysis_population = 'itt' and x.analysis_population = 'exposed' and i.dimension = 'all' and x.dimension = 'all'
-- case: pins equal across a self join
select count(*) as n from fct_results a join fct_results b using (experiment_id, metric_id, variation_id, analysis_population, dimension, dimension_value) where analysis_population = 'itt' and dimension = 'all'
-- case: window partitioned by the pins
select experiment_id, analysis_population, dimension, row_number() over (partition by analysis_population, dimension order by uplift_abs) as place from fct_results
-- case: distinct with the pins
select distinct experiment_id, analysis_population, dimension from fct_results
-- case: exists with pins fixed
select name from dim_experiments e where exists (select 1 from fct_results r where r.experiment_id = e.experiment_id and r.analysis_population = 'itt' and r.dimension = 'all' and r.uplift_abs > -1)
-- case: in a subquery with pins fixed
select name from dim_experiments where experiment_id in (select experiment_id from fct_results where analysis_population = 'itt' and dimension = 'all' and statsig = 'flat')
-- case: correlated to the outer row's pins
select a.experiment_id, a.uplift_abs from fct_results a where a.analysis_population = 'itt' and a.dimension = 'all' and a.uplift_abs >= (select max(b.uplift_abs) from fct_results b where b.experiment_id = a.experiment_id and b.analysis_population = a.analysis_population and b.dimension = a.dimension)
-- case: several values, listed
select analysis_population, dimension_value, uplift_abs from fct_results where analysis_population in ('itt', 'exposed') and dimension = 'platform'
-- case: the pin fixed by the role's row filter
-- role: partner
select experiment_id, uplift_abs from fct_results where dimension = 'all'
-- case: union of both populations with the pin shown
select experiment_id, analysis_population, uplift_abs from fct_results where analysis_population = 'itt' and dimension = 'all' union all select experiment_id, analysis_population, uplift_abs from fct_results where analysis_population = 'exposed' and dimension = 'all'
-- case: pins fixed as a row
select experiment_id, uplift_abs from fct_results where (analysis_population, dimension) = ('itt', 'all')
-- case: named window partitioned by the pins
select experiment_id, analysis_population, dimension, rank() over (w order by uplift_abs) as r, count(*) over w as n from fct_results window w as (partition by analysis_population, dimension)
-- case: a pin fixed in a parametric aggregate with -If
select quantileExactIf(0.5)(n_users, analysis_population = 'itt') as m from fct_results where dimension = 'all'
-- case: a pin fixed by -If in every aggregate, and grouped by what is left
select experiment_id, metric_id, variation_id, maxIf(uplift_abs, analysis_population = 'itt') - maxIf(uplift_abs, analysis_population = 'exposed') as gap from fct_results where dimension = 'all' group by experiment_id, metric_id, variation_id
-- case: distinct keys without the pin
select distinct experiment_id from fct_results
-- case: exists over both populations
select name from dim_experiments d where exists (select 1 from fct_results r where r.experiment_id = d.experiment_id)
