-- case: a pin left open
-- rules: pin_not_fixed, pin_not_fixed
select uplift_abs from fct_results
-- case: a pin left open in an aggregate
-- rules: pin_not_fixed
select max(uplift_abs) as m from fct_results where dimension = 'all'
-- case: a pin fixed in one of two aggregates
-- rules: not_additive, pin_not_fixed
select sumIf(n_users, analysis_population = 'itt') as a, sum(n_users) as b from fct_results where dimension = 'all' and metric_id = 'conversion' and experiment_id = 'e_one'
-- case: a pin fixed in prewhere by or
-- rules: pin_not_fixed
select uplift_abs from fct_results prewhere analysis_population = 'itt' or analysis_population = 'exposed' where dimension = 'all'
-- case: a pin fixed to one of two
-- rules: pin_not_fixed
select uplift_abs from fct_results where analysis_population in ('itt', 'exposed') and dimension = 'all'
-- case: a pin under limit by
-- rules: pin_not_fixed, pin_not_fixed
select uplift_abs from fct_results order by n_users limit 1 by experiment_id
-- case: a pin grouped by with rollup
-- rules: pin_not_fixed
select analysis_population, max(uplift_abs) as m from fct_results where dimension = 'all' group by analysis_population with rollup
-- case: rates summed
-- rules: not_additive
select sum(conversion_rate) as s from fct_results where analysis_population = 'itt' and dimension = 'all'
-- case: rates summed under -If
-- rules: not_additive
select sumIf(conversion_rate, n_users > 1) as s from fct_results where analysis_population = 'itt' and dimension = 'all'
-- case: rates summed under -OrNull
-- rules: not_additive
select sumOrNull(conversion_rate) as s from fct_results where analysis_population = 'itt' and dimension = 'all'
-- case: rates summed distinct
-- rules: not_additive
select sumDistinct(conversion_rate) as s from fct_results where analysis_population = 'itt' and dimension = 'all'
-- case: rates summed with care
-- rules: not_additive
select sumKahan(conversion_rate) as s from fct_results where analysis_population = 'itt' and dimension = 'all'
-- case: rates summed as a window
-- rules: not_additive
select sum(conversion_rate) over (partition by experiment_id) as s from fct_results where analysis_population = 'itt' and dimension = 'all'
-- case: users summed over metrics
-- rules: not_additive
select experiment_id, sum(n_users) as n from fct_results where analysis_population = 'itt' and dimension = 'all' group by experiment_id
-- case: users summed over metrics under -If
-- rules: not_additive
select experiment_id, sumIf(n_users, variation_id = 'control') as n from fct_results where analysis_population = 'itt' and dimension = 'all' group by experiment_id
-- case: totals summed with their parts
-- rules: not_additive, pin_not_fixed
select experiment_id, metric_id, sum(conversions) as n from fct_results where analysis_population = 'itt' group by experiment_id, metric_id
-- case: users summed by rollup
-- rules: not_additive
select experiment_id, metric_id, sum(n_users) as n from fct_results where analysis_population = 'itt' and dimension = 'all' group by experiment_id, metric_id with rollup
-- case: a fan-out
-- rules: fan_out
select d.status, sum(a.n_events) as n from dim_experiments as d join fct_daily as a using (experiment_id) join fct_results as r on r.experiment_id = d.experiment_id and r.analysis_population = 'itt' and r.dimension = 'all' group by d.status
-- case: a fan-out under -If
-- rules: fan_out
select sumIf(f.n_events, f.n_events > 1) as n from fct_daily as f join fct_results as r on f.experiment_id = r.experiment_id where r.analysis_population = 'itt' and r.dimension = 'all'
-- case: a count in a fan-out
-- rules: fan_out
select countIf(f.n_events > 1) as n from fct_daily as f join fct_results as r on f.experiment_id = r.experiment_id where r.analysis_population = 'itt' and r.dimension = 'all'
-- case: an undeclared join
-- rules: join_not_declared
select d.name from dim_experiments as d join fct_daily as f on d.name = f.experiment_id
-- case: an undeclared join in global form
-- rules: join_not_declared
select d.name from dim_experiments as d global join dim_metrics as m on d.name = m.label
-- case: a cross join
-- rules: cross_join
select d.name from dim_experiments as d cross join dim_metrics as m
-- case: a comma without a key
-- rules: cross_join
select d.name from dim_experiments as d, dim_metrics as m
-- case: a join on an expression
-- rules: cross_join
select d.name from dim_experiments as d join fct_daily as f on lower(d.experiment_id) = lower(f.experiment_id)
-- case: a join on a constant
-- rules: cross_join
select d.name from dim_experiments as d join dim_metrics as m on 1 = 1
-- case: no pin fixed
-- rules: pin_not_fixed, pin_not_fixed
select experiment_id, uplift_abs from fct_results
-- case: one pin fixed
-- rules: pin_not_fixed
select experiment_id, uplift_abs from fct_results where analysis_population = 'itt'
-- case: count over both populations
-- rules: pin_not_fixed
select count(*) as n from fct_results where dimension = 'all'
-- case: two values
-- rules: pin_not_fixed
select max(uplift_abs) as m from fct_results where analysis_population in ('itt', 'exposed') and dimension = 'all'
-- case: or is not fixing
-- rules: pin_not_fixed
select max(uplift_abs) as m from fct_results where (analysis_population = 'itt' or true) and dimension = 'all'
-- case: not equal is not fixing
-- rules: pin_not_fixed
select max(uplift_abs) as m from fct_results where analysis_population <> 'exposed' and dimension = 'all'
-- case: equal to itself is not fixing
-- rules: pin_not_fixed
select max(uplift_abs) as m from fct_results where analysis_population = analysis_population and dimension = 'all'
-- case: a function of the pin is not the pin
-- rules: pin_not_fixed
select upper(analysis_population) as p, count(*) as n from fct_results where dimension = 'all' group by 1
-- case: rollup adds the populations up
-- rules: pin_not_fixed
select analysis_population, count(*) as n from fct_results where dimension = 'all' group by rollup (analysis_population)
-- case: pin listed in a cte, mixed outside
-- rules: pin_not_fixed
with r as (select * from fct_results where dimension = 'all') select max(uplift_abs) as m from r
-- case: grouped in a cte, mixed outside
-- rules: pin_not_fixed
with r as (select analysis_population, max(uplift_abs) as m from fct_results where dimension = 'all' group by 1) select max(m) as m from r
-- case: pin dropped in a derived table
-- rules: pin_not_fixed
select * from (select experiment_id, uplift_abs from fct_results where dimension = 'all') t
-- case: populations mixed by a union
-- rules: pin_not_fixed
select max(u) as m from (select uplift_abs as u from fct_results where analysis_population = 'itt' and dimension = 'all' union all select uplift_abs from fct_results where analysis_population = 'exposed' and dimension = 'all') t
-- case: window over both populations
-- rules: pin_not_fixed
select analysis_population, rank() over (order by uplift_abs) as r from fct_results where dimension = 'all'
-- case: fixed on the kept side of a left join
-- rules: pin_not_fixed
select r.uplift_abs from fct_results r left join dim_experiments d on r.experiment_id = d.experiment_id and r.analysis_population = 'itt' where r.dimension = 'all'
-- case: one aggregate fixed, one not
-- rules: pin_not_fixed
select count(*) filter (where analysis_population = 'itt') as a, count(*) as b from fct_results where dimension = 'all'
-- case: pin fixed in a scalar subquery only
-- rules: pin_not_fixed
select (select max(uplift_abs) from fct_results where dimension = 'all') as m
-- case: sum of a rate
-- rules: not_additive
select sum(uplift_abs) as s from fct_results where analysis_population = 'itt' and dimension = 'all'
-- case: sum of a rate through a cte
-- rules: not_additive
with r as (select uplift_abs as u from fct_results where analysis_population = 'itt' and dimension = 'all') select sum(u) as s from r
-- case: sum of a rate through arithmetic and a cast
-- rules: not_additive
select sum(cast(uplift_abs * 100 as double) + 1) as s from fct_results where analysis_population = 'itt' and dimension = 'all'
-- case: sum of a rate through coalesce and case
-- rules: not_additive
select sum(case when metric_id = 'x' then 0 else coalesce(uplift_abs, 0) end) as s from fct_results where analysis_population = 'itt' and dimension = 'all'
-- case: running sum of a rate
-- rules: not_additive
select experiment_id, sum(exposure_rate) over (partition by experiment_id order by date_day) as s from fct_daily
-- case: sum of averages of a rate
-- rules: not_additive
select sum(a) as s from (select experiment_id, max(exposure_rate) as a from fct_daily group by 1) t
-- case: users summed over metrics, again
-- rules: not_additive
select experiment_id, sum(n_users) as n from fct_results where analysis_population = 'itt' and dimension = 'all' group by 1
-- case: users summed over segments
-- rules: not_additive
select experiment_id, metric_id, sum(n_users) as n from fct_results where analysis_population = 'itt' and dimension = 'platform' group by 1, 2
-- case: totals summed with their breakdown
-- rules: not_additive, pin_not_fixed
select experiment_id, metric_id, sum(conversions) as n from fct_results where analysis_population = 'itt' group by 1, 2
-- case: users summed again outside
-- rules: not_additive
with t as (select experiment_id, metric_id, sum(n_users) as n from fct_results where analysis_population = 'itt' and dimension = 'all' group by 1, 2) select sum(n) as n from t
-- case: sum of a measure per another
-- rules: not_additive
select sum(conversions / n_users) as s from fct_results where analysis_population = 'itt' and dimension = 'all'
-- case: cross join of assets
-- rules: cross_join
select d.name, m.label from dim_experiments d cross join dim_metrics m
-- case: comma without a key
-- rules: cross_join
select d.name, m.label from dim_experiments d, dim_metrics m
-- case: on true
-- rules: cross_join
select d.name from dim_experiments d join dim_metrics m on true
-- case: on an inequality
-- rules: cross_join
select d.name from dim_experiments d join fct_daily f on d.experiment_id <> f.experiment_id
-- case: on a tautology
-- rules: cross_join
select d.name from dim_experiments d join fct_daily f on 1 = 1
-- case: on columns nobody declared
-- rules: join_not_declared
select d.name from dim_experiments d join dim_metrics m on d.name = m.label
-- case: on part of nothing declared
-- rules: join_not_declared
select a.platform from fct_cohort a join fct_daily b on a.experiment_id = b.experiment_id
-- case: on a function of the key
-- rules: cross_join
select d.name from dim_experiments d join fct_daily f on upper(d.experiment_id) = upper(f.experiment_id)
-- case: key on one side of an or
-- rules: cross_join
select d.name from dim_experiments d join fct_daily f on d.experiment_id = f.experiment_id or true
-- case: cross join of a cte with itself
-- rules: cross_join
with t as (select experiment_id from dim_experiments) select a.experiment_id from t a, t b
-- case: sum over a fan-out
-- rules: fan_out
select sum(f.n_events) as n from fct_daily f join fct_results r using (experiment_id) where r.analysis_population = 'itt' and r.dimension = 'all'
-- case: count of the one side over a fan-out
-- rules: fan_out
select count(d.name) as n from dim_experiments d join fct_daily f using (experiment_id)
-- case: average over a fan-out through a cte
-- rules: fan_out
with d as (select experiment_id, date_day, n_events from fct_daily) select sum(d.n_events) as n from dim_experiments e join d on d.experiment_id = e.experiment_id join fct_daily f on f.experiment_id = e.experiment_id
-- case: count of everything over many to many
-- rules: fan_out
select count(*) as n from fct_daily a join fct_daily b on a.experiment_id = b.experiment_id
-- case: named window over both populations
-- rules: pin_not_fixed
select analysis_population, rank() over w as r from fct_results where dimension = 'all' window w as (order by uplift_abs)
-- case: not null is not fixing
-- rules: pin_not_fixed
select max(uplift_abs) as m from fct_results where analysis_population is not null and dimension = 'all'
-- case: joined on a trimmed key
-- rules: cross_join
select d.name from dim_experiments d join fct_daily f on d.experiment_id = trim(f.experiment_id)
-- case: joined on a lower-cased key
-- rules: cross_join
select d.name from dim_experiments d join fct_daily f on lower(d.experiment_id) = lower(f.experiment_id)
-- case: joined on a cast key
-- rules: cross_join
select d.name from dim_experiments d join fct_daily f on d.experiment_id = f.experiment_id::varchar
-- case: a pin inside a star that is folded
-- rules: pin_not_fixed, pin_not_fixed
select count(*) from (select * from fct_results) t
-- case: a pin fixed in the parameters of an aggregate
-- rules: pin_not_fixed
select quantileExactIf(analysis_population = 'itt')(n_users, n_users > 1) as m from fct_results where dimension = 'all'
-- case: a pin fixed by -If in a condition with or
-- rules: pin_not_fixed
select maxIf(uplift_abs, analysis_population = 'itt' or n_users > 1) as m from fct_results where dimension = 'all'
