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
-- case: users summed over metrics
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
-- case: every row repeated by values
-- rules: fan_out
select sum(n_events) as n from fct_daily cross join (values (1), (2)) v(x)
-- case: named window over both populations
-- rules: pin_not_fixed
select analysis_population, rank() over w as r from fct_results where dimension = 'all' window w as (order by uplift_abs)
-- case: not null is not fixing
-- rules: pin_not_fixed
select max(uplift_abs) as m from fct_results where analysis_population is not null and dimension = 'all'
-- case: a lateral sum repeated by the outer rows
-- rules: fan_out
select sum(l.n) as n from fct_daily d, lateral (select sum(f.n_events) as n from fct_daily f where f.experiment_id = d.experiment_id) l
-- case: a rate summed out of lateral
-- rules: not_additive
select sum(l.r) as s from dim_experiments d, lateral (select max(f.exposure_rate) as r from fct_daily f where f.experiment_id = d.experiment_id) l
-- case: lateral with an open pin
-- rules: pin_not_fixed
select d.name, l.s from dim_experiments d, lateral (select r.uplift_abs as s from fct_results r where r.experiment_id = d.experiment_id and r.dimension = 'all') l
-- case: outer rows that mix the populations of a lateral
-- rules: pin_not_fixed
select max(l.u) as m from (values ('itt'), ('exposed')) v(p), lateral (select max(r.uplift_abs) as u from fct_results r where r.analysis_population = v.p and r.dimension = 'all') l
-- case: a rate summed out of a struct
-- rules: not_additive
select sum(s['u']) as x from (select {'u': uplift_abs} as s from fct_results where analysis_population = 'itt' and dimension = 'all') t
-- case: joined on a trimmed key
-- rules: cross_join
select d.name from dim_experiments d join fct_daily f on d.experiment_id = trim(f.experiment_id)
-- case: joined on a lower-cased key
-- rules: cross_join
select d.name from dim_experiments d join fct_daily f on lower(d.experiment_id) = lower(f.experiment_id)
-- case: joined on a cast key
-- rules: cross_join
select d.name from dim_experiments d join fct_daily f on d.experiment_id = f.experiment_id::varchar
-- case: rows repeated by an unnested list
-- rules: fan_out
select sum(f.n_events) as n from fct_daily f, (select unnest([1, 2]) as x) u
-- case: a pin inside a star that is folded
-- rules: pin_not_fixed, pin_not_fixed
select count(*) from (select * from fct_results) t
-- case: outer rows that mix the populations of a one-row lateral
-- rules: pin_not_fixed
select max(l.u) as m from (values ('itt'), ('exposed')) v(p), lateral (select r.analysis_population as q, r.uplift_abs as u from fct_results r where r.analysis_population <= v.p and r.dimension = 'all' order by 1 limit 1) l
-- case: a sum over rows counted anew for each row
-- rules: fan_out
select sum(l.n) as n from dim_experiments d, lateral (select count(*) as n from dim_experiments e where e.started_at > d.started_at) l
-- case: a key tied only inside a cte of lateral
-- rules: cross_join
select d.name, l.x from dim_experiments d, lateral (with q as (select date_day from fct_daily f where f.experiment_id = d.experiment_id) select date_day as x from q) l

-- case: keys of rows chosen by a measure
-- rules: pin_not_fixed, pin_not_fixed
select distinct experiment_id from fct_results where uplift_abs > 0

-- case: keys of rows chosen by a verdict in having
-- rules: pin_not_fixed, pin_not_fixed
select experiment_id from fct_results group by 1 having bool_or(statsig = 'flat')

-- case: keys listed as often as they occur
-- rules: pin_not_fixed, pin_not_fixed
select experiment_id from fct_results

-- case: keys counted as often as they occur
-- rules: pin_not_fixed, pin_not_fixed
select experiment_id, count(*) as n from fct_results group by 1

-- case: keys counted, not only once each
-- rules: pin_not_fixed, pin_not_fixed
select count(metric_id) as n from fct_results

-- case: segments counted with their total
-- rules: pin_not_fixed
select count(distinct dimension_value) as n from fct_results where analysis_population = 'itt'

-- case: keys through a cte that chose by a measure
-- rules: pin_not_fixed, pin_not_fixed
with won as (select * from fct_results where uplift_abs > 0) select distinct experiment_id from won

-- case: keys numbered by a window
-- rules: pin_not_fixed, pin_not_fixed
select distinct experiment_id, row_number() over (order by experiment_id) as r from fct_results

-- case: exists by a measure over both populations
-- rules: pin_not_fixed, pin_not_fixed
select name from dim_experiments d where exists (select 1 from fct_results r where r.experiment_id = d.experiment_id and r.uplift_abs > 0)

-- case: semi join by a measure over both populations
-- rules: pin_not_fixed, pin_not_fixed
select d.name from dim_experiments d semi join fct_results r on r.experiment_id = d.experiment_id and r.uplift_abs > 0

-- case: value at the end of something else than the pin
-- rules: pin_not_fixed
select metric_id, arg_max(uplift_abs, n_users) as u from fct_results where dimension = 'all' group by 1

-- case: three values by the pin
-- rules: pin_not_fixed
select metric_id, arg_max(uplift_abs, analysis_population, 3) as u from fct_results where dimension = 'all' group by 1

-- case: a value beside the end of the pin
-- rules: pin_not_fixed
select metric_id, max(analysis_population) as p, max(uplift_abs) as u from fct_results where dimension = 'all' group by 1

-- case: the row before, by the pin only second
-- rules: pin_not_fixed
select analysis_population, lag(uplift_abs) over (order by metric_id, analysis_population) as b from fct_results where dimension = 'all'

-- case: running maximum along the pin
-- rules: pin_not_fixed
select analysis_population, max(uplift_abs) over (partition by metric_id order by analysis_population) as m from fct_results where dimension = 'all'

-- case: values of the pin counted as often as they occur
-- rules: pin_not_fixed
select count(analysis_population) as n from fct_results where dimension = 'all'

-- case: many rows beside many rows
-- rules: cross_join
with arms as (select metric_id, variation_id, conversion_rate from fct_results where experiment_id = 'e_one' and analysis_population = 'itt' and dimension = 'all') select t.conversion_rate - c.conversion_rate as diff from arms t, arms c where t.variation_id = 'treatment' and c.variation_id = 'control'

-- case: one row each by having only
-- rules: cross_join
select a.name, m.label from dim_experiments a, dim_metrics m group by a.experiment_id, m.metric_id, a.name, m.label having a.experiment_id = 'e_one' and m.metric_id = 'refunds'

-- case: sum over parts of a list
-- rules: fan_out
select p.part, sum(f.n_events) as n from fct_daily f, unnest(split(f.experiment_id, '_')) as p(part) group by p.part

-- case: sum over all parts of a list
-- rules: fan_out
select sum(f.n_events) as n from fct_daily f, unnest(list_distinct(split(f.experiment_id, '_'))) as p(part)

-- case: sum of rates made elements
-- rules: not_additive
select sum(u.v) as s from fct_results r, unnest([r.uplift_abs, r.conversion_rate]) as u(v) where r.analysis_population = 'itt' and r.dimension = 'all'

-- case: parts of a list are no key
-- rules: cross_join
select d.name, m.label from dim_experiments d, unnest(split(d.name, 'n')) as p(part), dim_metrics m
