-- What an analyst, a product manager or a model writes over the contract that comes with the gateway. Written before anyone
-- looked at what the guard makes of it: what it refuses stands here too, under its codes.

-- case: scorecard of one experiment
select metric_id, variation_id, uplift_rel, lift_ci_low, lift_ci_high, p_value_two_sided, verdict
from fct_experiment_results
where experiment_id = 'one_page_checkout' and analysis_population = 'itt' and dimension = 'all'
order by metric_role, metric_id, variation_id

-- case: markdown-ready labels
select d.name || ' (' || d.experiment_id || ')' as experiment, m.label as metric, format('{:.2f}', r.uplift_rel) as lift
from fct_experiment_results r
join dim_experiments d using (experiment_id)
join dim_metrics m using (metric_id)
where r.analysis_population = 'itt' and r.dimension = 'all'

-- case: percent with printf
select experiment_id, printf('%.1f%%', 100 * exposure_rate) as exposed from fct_experiment_exposure_quality

-- case: rounded percent by cast
select experiment_id, round(100 * exposure_rate, 1)::varchar || '%' as exposed from fct_experiment_exposure_quality

-- case: distinct on latest day
select distinct on (experiment_id) experiment_id, date_day, n_assigned
from fct_experiment_exposure_quality_daily
order by experiment_id, date_day desc

-- case: qualify latest day per metric
select metric_id, variation_id, date_day, mean
from agg_experiment_metric_daily
where experiment_id = 'search_ranker_v2' and analysis_population = 'exposed' and dimension = 'all'
qualify row_number() over (partition by metric_id, variation_id order by date_day desc) = 1

-- case: running total of assignments
select experiment_id, date_day, n_assigned,
       sum(n_assigned) over (partition by experiment_id order by date_day rows between unbounded preceding and current row) as running
from fct_experiment_exposure_quality_daily

-- case: seven-day moving average of assignments
select date_day, avg(n_assigned) over (order by date_day rows between 6 preceding and current row) as smooth
from fct_experiment_exposure_quality_daily
where experiment_id = 'new_onboarding'

-- case: moving range window by interval
select date_day, sum(n_assigned) over (order by date_day range between interval 6 days preceding and current row) as last_week
from fct_experiment_exposure_quality_daily
where experiment_id = 'new_onboarding'

-- case: day over day change with lag
select experiment_id, date_day, exposure_rate - lag(exposure_rate) over (partition by experiment_id order by date_day) as change
from fct_experiment_exposure_quality_daily

-- case: cohort by weekday in a time zone
select date_trunc('day', assigned_at at time zone 'UTC' at time zone 'Europe/Berlin') as local_day, count(*) as n
from fct_experiment_cohort
where experiment_id = 'push_cadence'
group by all

-- case: cohort shares by platform
select variation_id, platform, count(*) as n, count(*) / sum(count(*)) over (partition by variation_id) as share
from fct_experiment_cohort
where experiment_id = 'mobile_paywall' and in_itt
group by variation_id, platform

-- case: cohort counts as a pivot statement
-- refused: not_a_query
pivot (select variation_id, platform from fct_experiment_cohort where experiment_id = 'mobile_paywall')
on platform using count(*) group by variation_id

-- case: pivot in from
-- refused: syntax_not_allowed
select * from (select variation_id, platform from fct_experiment_cohort where experiment_id = 'mobile_paywall')
pivot (count(*) for platform in ('ios', 'android', 'web'))

-- case: platform columns by filter
select variation_id,
       count(*) filter (where platform = 'ios') as ios,
       count(*) filter (where platform = 'android') as android,
       count(*) filter (platform = 'web') as web
from fct_experiment_cohort
where experiment_id = 'mobile_paywall'
group by variation_id

-- case: unpivot quality rates
-- refused: not_a_query
unpivot (select experiment_id, mismatch_rate, pre_assignment_rate from fct_experiment_exposure_quality)
on mismatch_rate, pre_assignment_rate into name failure value rate

-- case: rates as rows by union
select experiment_id, 'mismatch' as failure, mismatch_rate as rate from fct_experiment_exposure_quality
union all by name
select experiment_id, 'pre_assignment' as failure, pre_assignment_rate as rate from fct_experiment_exposure_quality
order by rate desc, experiment_id, failure limit 10

-- case: rates as rows by unnest of structs
-- refused: column_not_found, column_not_found
select q.experiment_id, u.r.name, u.r.rate
from fct_experiment_exposure_quality q,
     lateral (select unnest([{'name': 'mismatch', 'rate': q.mismatch_rate}, {'name': 'multi', 'rate': q.multi_variation_rate}]) as r) u

-- case: greatest failure mode
select experiment_id, greatest(mismatch_rate, pre_assignment_rate, multi_variation_rate, outside_window_rate) as worst
from fct_experiment_exposure_quality
where greatest(mismatch_rate, pre_assignment_rate, multi_variation_rate, outside_window_rate) > 0.01

-- case: alias in where
select experiment_id, 1 - exposure_rate as lost from fct_experiment_exposure_quality where lost > 0.2 order by lost desc

-- case: from first
from dim_experiments select experiment_id, name, status where status = 'running' order by all

-- case: from first alone
from dim_metrics

-- case: star without long texts
select * exclude (description, hypothesis) from dim_experiments

-- case: star with a replaced column
select * replace (upper(status) as status) from dim_experiments

-- case: star with a renamed column
select * rename (name as experiment_name) from dim_experiments

-- case: columns by pattern
select experiment_id, columns('.*_rate') from fct_experiment_exposure_quality

-- case: columns by lambda
-- refused: syntax_not_allowed
select columns(c -> c like '%rate') from fct_experiment_exposure_quality

-- case: rounded columns by list
-- refused: syntax_not_allowed
select experiment_id, round(columns([exposure_rate, mismatch_rate]), 3) from fct_experiment_exposure_quality

-- case: max of every column
select max(columns(*)) from fct_experiment_exposure_quality

-- case: star like
select * like '%rate' from fct_experiment_exposure_quality

-- case: summarize
-- refused: not_a_query
summarize fct_experiment_exposure_quality

-- case: describe
-- refused: not_a_query
describe fct_experiment_results

-- case: show tables
-- refused: not_a_query
show tables

-- case: what is there to ask
select asset_name, grain, description from dim_ai_allowed_assets where is_allowed_for_ai order by 1

-- case: grouping sets
select variation_id, platform, count(*) as n
from fct_experiment_cohort where experiment_id = 'mobile_paywall'
group by grouping sets ((variation_id), (platform), (variation_id, platform), ())

-- case: rollup with grouping
select grouping(platform) as is_total, coalesce(platform, 'all') as platform, count(*) as n
from fct_experiment_cohort where experiment_id = 'mobile_paywall' and is_quarantined = false
group by rollup (platform) order by is_total desc, n desc

-- case: cube
select platform, customer_type, count(*) n from fct_experiment_cohort where experiment_id = 'mobile_paywall' group by cube (platform, customer_type)

-- case: median delay to exposure
select variation_id, median(date_diff('minute', assigned_at, first_exposed_at)) as minutes,
       quantile_cont(epoch(first_exposed_at - assigned_at), 0.9) as p90_seconds
from fct_experiment_cohort where experiment_id = 'one_page_checkout' and in_exposed group by variation_id

-- case: quantiles as a list
select quantile_cont(date_diff('minute', assigned_at, first_exposed_at), [0.25, 0.5, 0.75]) as quartiles
from fct_experiment_cohort where experiment_id = 'one_page_checkout'

-- case: percentile within group
select variation_id, percentile_cont(0.5) within group (order by date_diff('second', assigned_at, first_exposed_at)) as med
from fct_experiment_cohort where experiment_id = 'one_page_checkout' group by 1

-- case: histogram of delay
-- refused: function_not_allowed
select width_bucket(date_diff('hour', assigned_at, first_exposed_at), 0, 48, 12) as bucket, count(*) as n
from fct_experiment_cohort where experiment_id = 'one_page_checkout' group by 1 order by 1

-- case: histogram by floor
-- refused: function_not_allowed
select floor(date_diff('hour', assigned_at, first_exposed_at) / 4) * 4 as hours, count(*) as n, bar(count(*), 0, 5000, 20) as picture
from fct_experiment_cohort where experiment_id = 'one_page_checkout' group by 1 order by 1

-- case: histogram aggregate
select histogram(platform) as platforms from fct_experiment_cohort where experiment_id = 'one_page_checkout'

-- case: top metric per experiment by arg_max
select experiment_id, arg_max(metric_id, chance_to_win) as best, max(chance_to_win) as chance
from fct_experiment_results where analysis_population = 'itt' and dimension = 'all' group by experiment_id

-- case: top three by max_by with count
select experiment_id, max_by(metric_id, chance_to_win, 3) as best_three
from fct_experiment_results where analysis_population = 'itt' and dimension = 'all' group by experiment_id

-- case: ordered list of winners
select experiment_id, string_agg(metric_id, ', ' order by uplift_rel desc) filter (where verdict = 'better') as winners
from fct_experiment_results where analysis_population = 'itt' and dimension = 'all' group by experiment_id

-- case: list_agg distinct
select experiment_id, list(distinct metric_id order by metric_id) as metrics
from fct_experiment_results where analysis_population = 'itt' and dimension = 'all' group by experiment_id

-- case: array_agg of structs
select experiment_id, array_agg({'metric': metric_id, 'lift': uplift_rel} order by metric_id) as scorecard
from fct_experiment_results where analysis_population = 'itt' and dimension = 'all' group by experiment_id

-- case: struct_pack
select experiment_id, struct_pack(lo := lift_ci_low, hi := lift_ci_high) as ci
from fct_experiment_results where analysis_population = 'itt' and dimension = 'all' and metric_id = 'conversion_7d'

-- case: named row
select experiment_id, row(lift_ci_low, lift_ci_high) as ci
from fct_experiment_results where analysis_population = 'itt' and dimension = 'all' and metric_id = 'conversion_7d'

-- case: list transform with a lambda
select list_transform([exposure_rate, valid_exposure_rate], lambda x: round(x, 2)) as rates from fct_experiment_exposure_quality

-- case: list filter with an arrow lambda
select list_filter(split(flags, ','), x -> x <> '') as flags from fct_experiment_exposure_quality

-- case: list comprehension
-- refused: syntax_not_allowed
select [upper(x) for x in split(flags, ',') if x <> ''] as flags from fct_experiment_exposure_quality

-- case: split flags in from
select q.experiment_id, f.flag from fct_experiment_exposure_quality q, unnest(split(q.flags, ',')) as f(flag)

-- case: split flags in select
-- refused: syntax_not_allowed
select experiment_id, unnest(string_split(flags, ',')) as flag from fct_experiment_exposure_quality

-- case: slices
select experiment_id, experiment_id[1:3] as prefix, split(flags, ',')[1] as first_flag, split(flags, ',')[-1:] as rest from fct_experiment_exposure_quality

-- case: left and right
select left(experiment_id, 3) as p, right(experiment_id, 2) as s, substring(experiment_id from 2 for 3) as m from dim_experiments

-- case: trim, pad and replace
select trim(both ' ' from name) as n, lpad(name, 10, '.') as l, replace(name, ' ', '_') as slug, regexp_replace(lower(name), '[^a-z0-9]+', '-', 'g') as web from dim_experiments

-- case: regexp family
select name, regexp_matches(name, '^One') as a, name similar to 'One.*' as b, name ~ 'One.*' as c, regexp_extract(name, '(\w+)', 1) as first_word from dim_experiments

-- case: not similar
select name from dim_experiments where name not similar to 'One.*' and name !~ 'Two.*'

-- case: ilike and not like
select experiment_id from dim_experiments where name ilike '%checkout%' and experiment_id not like 'exp\_%' escape '\'

-- case: like any
-- refused: syntax_not_allowed
select experiment_id from dim_experiments where name like any (array['%checkout%', '%cart%'])

-- case: starts_with operator
select experiment_id from dim_experiments where experiment_id ^@ 'exp_'

-- case: glob
select experiment_id from dim_experiments where experiment_id glob 'exp_*'

-- case: in a list of values
select experiment_id from dim_experiments where status in ('running', 'ended') and primary_metric_id not in ('page_load_ms')

-- case: tuple in a subquery
select experiment_id, metric_id, role from dim_experiment_metrics
where (experiment_id, metric_id) in (select (experiment_id, primary_metric_id) from dim_experiments)

-- case: tuple in a two-column subquery
select experiment_id, metric_id, role from dim_experiment_metrics
where (experiment_id, metric_id) in (select experiment_id, primary_metric_id from dim_experiments)

-- case: primary metric results by join on two keys
select d.name, r.variation_id, r.uplift_rel, r.verdict
from dim_experiments d
join fct_experiment_results r on r.experiment_id = d.experiment_id and r.metric_id = d.primary_metric_id
where r.analysis_population = 'itt' and r.dimension = 'all'

-- case: primary metric by bracketed join
-- refused: syntax_not_allowed
select d.name, m.label, r.verdict
from fct_experiment_results r
left join (dim_experiments d join dim_experiment_metrics m on m.experiment_id = d.experiment_id) on r.experiment_id = d.experiment_id and r.metric_id = m.metric_id
where r.analysis_population = 'itt' and r.dimension = 'all'

-- case: bracketed join first
select d.name, v.name as arm from (dim_experiments d join dim_experiment_variations v using (experiment_id)) where v.is_control

-- case: natural join
-- refused: syntax_not_allowed
select status, variation_id from dim_experiments natural join dim_experiment_variations

-- case: asof join
-- refused: syntax_not_allowed
select e.experiment_id, q.date_day from dim_experiments e asof join fct_experiment_exposure_quality_daily q on e.experiment_id = q.experiment_id and e.started_at >= q.date_day

-- case: positional join
-- refused: syntax_not_allowed
select * from dim_experiments positional join dim_metrics

-- case: semi join
select name from dim_experiments semi join fct_experiment_srm on dim_experiments.experiment_id = fct_experiment_srm.experiment_id and fct_experiment_srm.status = 'mismatch' and fct_experiment_srm.analysis_population = 'itt'

-- case: anti join
select name from dim_experiments d anti join fct_experiment_results r using (experiment_id)

-- case: exists
select name from dim_experiments d where exists (select 1 from fct_experiment_srm s where s.experiment_id = d.experiment_id and s.status = 'mismatch' and s.analysis_population = 'itt')

-- case: exists without pins
select name from dim_experiments d where exists (from fct_experiment_srm s where s.experiment_id = d.experiment_id and s.status = 'mismatch')

-- case: correlated scalar
select d.name, (select count(*) from fct_experiment_cohort c where c.experiment_id = d.experiment_id and c.in_itt) as n from dim_experiments d

-- case: scalar subquery of the whole
select experiment_id, n_assigned, n_assigned / (select sum(n_assigned) from fct_experiment_exposure_quality) as share from fct_experiment_exposure_quality

-- case: above average with all
select experiment_id from fct_experiment_exposure_quality where exposure_rate >= all (select exposure_rate from fct_experiment_exposure_quality)

-- case: days without assignments
with days as (select generate_series::date as day from generate_series(date '2026-02-01', date '2026-02-28', interval 1 day))
select d.day, coalesce(q.n_assigned, 0) as n
from days d left join fct_experiment_exposure_quality_daily q on q.date_day = d.day and q.experiment_id = 'new_onboarding'
order by d.day

-- case: days by unnest of generate_series
select unnest(generate_series(date '2026-02-01', date '2026-02-07', interval '1 day')) as day

-- case: days by range in from
select d::date as day from range(timestamp '2026-02-01', timestamp '2026-03-01', interval 1 day) t(d)

-- case: recursive days
-- refused: recursion_not_allowed
with recursive days as (select date '2026-02-01' as day union all select day + 1 from days where day < date '2026-02-28')
select day from days

-- case: targets by values
with targets(metric_id, goal) as (values ('conversion_7d', 0.02), ('refund_rate', 0.0))
select r.experiment_id, r.metric_id, r.uplift_rel, t.goal, r.uplift_rel >= t.goal as reached
from fct_experiment_results r join targets t using (metric_id)
where r.analysis_population = 'itt' and r.dimension = 'all'

-- case: dates in many spellings
select experiment_id, started_at::date as d, cast(started_at as date) as d2, date_trunc('week', started_at) as w,
       extract(dow from started_at) as dow, year(started_at) as y, strftime(started_at, '%Y-%m') as ym, dayname(started_at) as dn
from dim_experiments where started_at between date '2026-01-01' and '2026-12-31'

-- case: recent with current_date
select experiment_id from dim_experiments where started_at >= current_date - interval '90 days'

-- case: recent with now
-- refused: function_not_allowed
select experiment_id from dim_experiments where started_at >= now() - interval 90 day

-- case: recent with current_timestamp
-- refused: function_not_allowed
select experiment_id from dim_experiments where started_at > current_timestamp - interval 30 days

-- case: recent relative to the data
select experiment_id, date_day from fct_experiment_exposure_quality_daily
where date_day > (select max(date_day) from fct_experiment_exposure_quality_daily) - interval 7 day

-- case: recent with days from a column
select experiment_id, started_at + to_days(14) as two_weeks, started_at + interval (n_variations) day as odd, age(ended_at, started_at) as ran from dim_experiments

-- case: date functions
select date_add(started_at, interval 1 month) as a, date_sub('day', started_at, ended_at) as b, datediff('day', started_at, ended_at) as c, last_day(started_at) as d, make_date(2026, 2, 1) as e, epoch_ms(started_at) as f from dim_experiments

-- case: running experiments by duration
select experiment_id, name, coalesce(ended_at, as_of)::date - started_at::date as days from dim_experiments order by days desc nulls last

-- case: try_cast of json
select experiment_id, try_cast(json_extract(observed, '$.control') as bigint) as control_n, observed ->> '$.treatment' as treat
from fct_experiment_srm where analysis_population = 'itt'

-- case: json keys by arrow
select experiment_id, observed -> 'control' as c, observed ->> 'treatment' as t, json_keys(observed) as arms from fct_experiment_srm where analysis_population = 'itt'

-- case: json by cast
select experiment_id, (observed::json)->>'control' as c from fct_experiment_srm where analysis_population = 'itt'

-- case: conditional label
-- refused: function_not_allowed
select experiment_id, case when srm_status = 'mismatch' then 'do not trust' when verdict = 'better' then 'ship' else 'wait' end as advice, if(p_value_two_sided < 0.05, 'yes', 'no') as significant, iff(mature_share < 1, 'early', 'final') as phase
from fct_experiment_results where analysis_population = 'itt' and dimension = 'all'

-- case: simple case with otherwise
-- refused: function_not_allowed
select metric_id, case desired when 'increase' then 1 when 'decrease' then -1 else 0 end as direction, decode(1, 1, 'a') from dim_metrics

-- case: nullif and ifnull
select experiment_id, ifnull(flags, '') as flags, nullif(n_exposed, 0) as n, n_valid / nullif(n_exposed, 0)::double as share from fct_experiment_exposure_quality

-- case: weighted mean of a rate
select sum(exposure_rate * n_assigned) / sum(n_assigned) as overall from fct_experiment_exposure_quality

-- case: weighted conversion over arms
select experiment_id, sum(conversions) / sum(n)::double as rate from agg_experiment_metric_by_variant
where metric_id = 'conversion_7d' and analysis_population = 'itt' and dimension = 'all' group by experiment_id

-- case: conversion per segment
select dimension_value, variation_id, sum(conversions) as c, sum(n) as n, 1.0 * sum(conversions) / sum(n) as rate
from agg_experiment_metric_by_variant
where experiment_id = 'mobile_paywall' and metric_id = 'conversion_7d' and analysis_population = 'itt' and dimension = 'platform'
group by dimension_value, variation_id order by 1, 2

-- case: treatment against control by self join
select t.metric_id, t.variation_id, t.mean - c.mean as diff, t.mean / c.mean - 1 as lift
from agg_experiment_metric_by_variant t
join agg_experiment_metric_by_variant c
  on c.experiment_id = t.experiment_id and c.metric_id = t.metric_id and c.analysis_population = t.analysis_population
 and c.dimension = t.dimension and c.dimension_value = t.dimension_value and c.variation_id = 'control'
where t.experiment_id = 'price_badges' and t.variation_id <> 'control' and t.analysis_population = 'itt' and t.dimension = 'all'

-- case: treatment against control by conditional aggregate
select metric_id,
       max(mean) filter (where variation_id = 'treatment') - max(mean) filter (where variation_id = 'control') as diff
from agg_experiment_metric_by_variant
where experiment_id = 'one_page_checkout' and analysis_population = 'itt' and dimension = 'all'
group by metric_id

-- case: itt beside exposed
select metric_id, variation_id,
       max(case when analysis_population = 'itt' then uplift_rel end) as itt,
       max(case when analysis_population = 'exposed' then uplift_rel end) as exposed
from fct_experiment_results where experiment_id = 'one_page_checkout' and dimension = 'all'
group by metric_id, variation_id

-- case: both populations listed
select analysis_population, metric_id, uplift_rel from fct_experiment_results where experiment_id = 'one_page_checkout' and dimension = 'all' and analysis_population in ('itt', 'exposed')

-- case: z test by hand
with arms as (
  select variation_id, n, mean, m2 / (n - 1) as var
  from agg_experiment_metric_by_variant
  where experiment_id = 'one_page_checkout' and metric_id = 'revenue_per_user' and analysis_population = 'itt' and dimension = 'all'
)
select t.mean - c.mean as diff, sqrt(t.var / t.n + c.var / c.n) as se, (t.mean - c.mean) / sqrt(t.var / t.n + c.var / c.n) as z
from arms t, arms c where t.variation_id = 'treatment' and c.variation_id = 'control'

-- case: cumulative lift by day
with d as (
  select date_day, variation_id, mean from agg_experiment_metric_daily
  where experiment_id = 'one_page_checkout' and metric_id = 'conversion_7d' and analysis_population = 'itt' and dimension = 'all'
)
select date_day, max(mean) filter (variation_id = 'treatment') / max(mean) filter (variation_id = 'control') - 1 as lift
from d group by date_day order by date_day

-- case: rank of experiments
select experiment_id, uplift_rel, rank() over w as place, ntile(4) over w as quartile, percent_rank() over w as pr
from fct_experiment_results
where metric_id = 'conversion_7d' and analysis_population = 'itt' and dimension = 'all'
window w as (order by uplift_rel desc nulls last)

-- case: first and last value
-- refused: pin_not_fixed
select distinct metric_id, first_value(mean) over w as first_mean, last_value(mean) over w as last_mean
from agg_experiment_metric_daily
where experiment_id = 'one_page_checkout' and variation_id = 'control' and analysis_population = 'itt' and dimension = 'all'
window w as (partition by metric_id order by date_day rows between unbounded preceding and unbounded following)

-- case: any_value and first in group
select experiment_id, any_value(name) as name, first(status) as status, count(*) as n from dim_experiments group by experiment_id

-- case: win rate
select count_if(verdict = 'better') / count(*) as win_rate, bool_or(srm_status = 'mismatch') as any_srm, avg((verdict = 'worse')::int) as loss_rate
from fct_experiment_results where analysis_population = 'itt' and dimension = 'all' and metric_role = 'primary'

-- case: correlation of early and late
select corr(uplift_rel, chance_to_win) as r, regr_slope(uplift_rel, chance_to_win) as slope, stddev(uplift_rel) as sd, var_pop(uplift_rel) as v, covar_samp(uplift_rel, chance_to_win) as cov
from fct_experiment_results where analysis_population = 'itt' and dimension = 'all' and metric_id = 'conversion_7d'

-- case: approximate distinct
select approx_count_distinct(country) as countries, approx_quantile(date_diff('minute', assigned_at, first_exposed_at), 0.5) as med from fct_experiment_cohort where experiment_id = 'one_page_checkout'

-- case: mode and entropy
select mode(platform) as usual, entropy(country) as spread, mad(date_diff('minute', assigned_at, first_exposed_at)) as mad from fct_experiment_cohort where experiment_id = 'one_page_checkout'

-- case: having
select experiment_id, count(*) as n from fct_experiment_cohort where is_quarantined group by experiment_id having n > 100

-- case: having over an aggregate
select country, count(*) as n from fct_experiment_cohort where experiment_id = 'one_page_checkout' group by country having count(*) >= 20 order by count(*) desc

-- case: order by all
select status, origin, n_variations from dim_experiments order by all desc

-- case: limit per cent
-- refused: syntax_not_allowed
select experiment_id from fct_experiment_exposure_quality order by exposure_rate limit 10%

-- case: underscores and exponents
select experiment_id from fct_experiment_exposure_quality where n_assigned > 10_000 and exposure_rate < 9.5e-1

-- case: comments
/* which are running? */ select experiment_id -- the id
from dim_experiments where status = 'running' -- only these
;

-- case: quoted and mixed case
SELECT "d"."Experiment_ID" AS "Experiment", D.NAME FROM "DIM_EXPERIMENTS" AS d WHERE "d".Status = 'running'

-- case: main schema
select name from main.dim_experiments

-- case: placeholder
-- refused: syntax_not_allowed
select name from dim_experiments where experiment_id = ?

-- case: named parameter
-- refused: syntax_not_allowed
select name from dim_experiments where experiment_id = $experiment

-- case: jinja-like template
select name from dim_experiments where experiment_id = '{{ experiment }}'

-- case: bitwise flags
select experiment_id, (in_itt::int << 2) | (in_exposed::int << 1) | is_quarantined::int as state, count(*) as n, bit_count(3) as b, xor(1, 2) as x, 5 & 3 as y from fct_experiment_cohort group by 1, 2

-- case: integer division and modulo
-- refused: parse_error
select experiment_id, n_assigned // 1000 as thousands, n_assigned % 7 as rest, n_assigned ** 2 as sq, -n_assigned as neg, @(-3) as abs3, 4! as fact from fct_experiment_exposure_quality

-- case: is distinct from
select experiment_id from dim_experiments where ended_at is not distinct from null or origin is distinct from 'demo'

-- case: boolean tests
select experiment_id, count(*) as n from fct_experiment_cohort where in_itt is true and is_quarantined is not true and not in_exposed group by 1

-- case: isnull operator
select experiment_id from dim_experiments where ended_at isnull or hypothesis notnull

-- case: dollar-quoted text
select experiment_id from dim_experiments where name = $$it's$$

-- case: escape string
-- refused: syntax_not_allowed
select experiment_id from dim_experiments where description like E'%\n%'

-- case: method chain
-- refused: syntax_not_allowed
select name.lower().replace(' ', '_') as slug from dim_experiments

-- case: prefix alias
select n: name, s: status from dim_experiments

-- case: lateral alias reuse
select n_valid / n_assigned as rate, 1 - rate as lost from fct_experiment_exposure_quality

-- case: group by alias
select date_trunc('month', started_at) as month, count(*) as n from dim_experiments group by month order by month

-- case: count distinct pairs
select count(distinct (experiment_id, metric_id)) as pairs, count(distinct experiment_id) as n from dim_experiment_metrics

-- case: union of two questions
(select 'running' as what, count(*) as n from dim_experiments where status = 'running')
union all
(select 'ended', count(*) from dim_experiments where status = 'ended')

-- case: except and intersect
select experiment_id from dim_experiments except select experiment_id from fct_experiment_srm where analysis_population = 'itt' and status = 'ok'

-- case: full join of results and quality
select coalesce(r.experiment_id, q.experiment_id) as id, q.exposure_rate, r.verdict
from (select experiment_id, verdict from fct_experiment_results where metric_role = 'primary' and analysis_population = 'itt' and dimension = 'all') r
full outer join fct_experiment_exposure_quality q on q.experiment_id = r.experiment_id

-- case: table sample
-- refused: syntax_not_allowed
select * from fct_experiment_cohort using sample 100 rows

-- case: random sample by order
-- refused: function_not_allowed
select experiment_id, platform from fct_experiment_cohort order by random() limit 10

-- case: hash sample
select experiment_id, platform from fct_experiment_cohort where hash(assigned_at) % 100 = 0

-- case: hashed unit count
-- refused: column_not_found
select count(distinct unit_id) from fct_experiment_cohort where experiment_id = 'one_page_checkout'

-- case: explain
-- refused: not_a_query
explain select name from dim_experiments

-- case: create temp table
-- refused: not_a_query
create temp table t as select * from dim_experiments

-- case: row number as id
select row_number() over () as id, experiment_id from dim_experiments order by id

-- case: exclude in window frame
select date_day, avg(n_assigned) over (order by date_day rows between 3 preceding and 3 following exclude current row) as around
from fct_experiment_exposure_quality_daily where experiment_id = 'new_onboarding'

-- case: ignore nulls
select date_day, last_value(exposure_rate ignore nulls) over (order by date_day) as filled from fct_experiment_exposure_quality_daily where experiment_id = 'new_onboarding'

-- case: nth and lead with default
select date_day, lead(n_assigned, 1, 0) over (order by date_day) as next_n, nth_value(n_assigned, 2) over (order by date_day) as second from fct_experiment_exposure_quality_daily where experiment_id = 'new_onboarding'

-- case: cte chain
with base as (select * from fct_experiment_results where analysis_population = 'itt' and dimension = 'all'),
     primary_only as (select * from base where metric_role = 'primary'),
     ranked as (select *, row_number() over (partition by experiment_id order by chance_to_win desc) as rn from primary_only)
select experiment_id, variation_id, chance_to_win from ranked where rn = 1

-- case: materialized cte
with e as materialized (select experiment_id from dim_experiments where status = 'running') select count(*) from e

-- case: type checks
-- refused: type_not_allowed
select typeof(n_assigned) as t, n_assigned::hugeint as h, exposure_rate::decimal(10,4) as d, exposure_rate::float as f, n_assigned::text as s, experiment_id::uuid as u from fct_experiment_exposure_quality

-- case: cast to a list and timestamptz
-- refused: type_not_allowed, type_not_allowed, cross_join
select ['a', 'b']::varchar[] as l, started_at::timestamptz as tz, assigned_at::timestamp_s as s from dim_experiments, fct_experiment_cohort

-- case: map literal
-- refused: syntax_not_allowed, function_not_allowed
select map {'a': 1, 'b': 2} as m, map_from_entries([('x', 1)]) as e

-- case: list functions
-- refused: function_not_allowed, function_not_allowed
select list_sort(list_distinct(split(flags, ','))) as f, len(split(flags, ',')) as n, list_contains(split(flags, ','), 'srm') as has, list_aggregate([1,2,3], 'sum') as s, list_sum([1, 2]) as ls from fct_experiment_exposure_quality

-- case: any of a list
select experiment_id from fct_experiment_exposure_quality where 'exposure_break' = any(split(flags, ','))

-- case: in a list expression
-- refused: syntax_not_allowed
select experiment_id from fct_experiment_exposure_quality where 'exposure_break' in split(flags, ',')

-- case: contains
-- refused: syntax_not_allowed
select experiment_id from fct_experiment_exposure_quality where contains(flags, 'exposure') or flags.contains('x') or position('x' in flags) > 0 or strpos(flags, 'y') > 0

-- case: date parts by unit name
select date_part('hour', assigned_at) as h, extract('hour' from assigned_at) as h2, hour(assigned_at) as h3, count(*) as n from fct_experiment_cohort where experiment_id = 'push_cadence' group by all order by all

-- case: day of week
select dayofweek(assigned_at) as d, strftime('%a', assigned_at) as name, count(*) as n from fct_experiment_cohort where experiment_id = 'push_cadence' group by all

-- case: time bucket
select time_bucket(interval '7 days', assigned_at) as week, count(*) as n from fct_experiment_cohort where experiment_id = 'push_cadence' group by 1 order by 1

-- case: format numbers
-- refused: function_not_allowed
select experiment_id, format('{:,}', n_assigned) as n, concat_ws(' ', 'n =', n_assigned) as t, chr(10) as nl, repeat('=', 10) as bar from fct_experiment_exposure_quality

-- case: pretty interval
select metric_id, '[' || round(lift_ci_low * 100, 1) || ' %, ' || round(lift_ci_high * 100, 1) || ' %]' as ci
from fct_experiment_results where experiment_id = 'one_page_checkout' and analysis_population = 'itt' and dimension = 'all'

-- case: normal quantiles by hand
select exp(-0.5 * 2) / sqrt(2 * pi()) as density, ln(2), log(10), log10(10), power(2, 3), 2 ^ 3, abs(-1), sign(-2), ceil(1.2), floor(1.8), trunc(1.5), round(2.345, 2), greatest(1, 2), least(1, 2), mod(5, 3), isnan(1.0::double), cbrt(8)

-- case: order with nulls and collate
-- refused: syntax_not_allowed
select name from dim_experiments order by name collate nocase asc nulls first

-- case: limit with offset
select name from dim_experiments order by 1 limit 5 offset 5

-- case: fetch first
select name from dim_experiments order by name fetch first 5 rows only

-- case: top
-- refused: parse_error
select top 5 name from dim_experiments

-- case: select without from
select 1 + 1 as two, current_date as today, 'x' as text, true as yes, null as nothing

-- case: many to one chain
select e.name, v.name as arm, m.label, q.exposure_rate, s.status as srm, r.uplift_rel
from fct_experiment_results r
join dim_experiments e using (experiment_id)
join dim_experiment_variations v using (experiment_id, variation_id)
join dim_metrics m using (metric_id)
left join fct_experiment_exposure_quality q using (experiment_id)
left join fct_experiment_srm s using (experiment_id, analysis_population)
where r.analysis_population = 'itt' and r.dimension = 'all' and e.status = 'ended'

-- case: comma join with where
select e.name, v.variation_id from dim_experiments e, dim_experiment_variations v where e.experiment_id = v.experiment_id

-- case: cohort with arm names
select v.name as arm, c.platform, count(*) as n from fct_experiment_cohort c join dim_experiment_variations v on v.experiment_id = c.experiment_id and v.variation_id = c.variation_id where c.experiment_id = 'mobile_paywall' group by 1, 2

-- case: expected against observed
select c.variation_id, count(*) as observed, max(v.expected_share) * sum(count(*)) over () as expected
from fct_experiment_cohort c join dim_experiment_variations v using (experiment_id, variation_id)
where experiment_id = 'pin_leaderboard_carousel' and not is_quarantined group by c.variation_id

-- case: dropped events share
select event_name, sum(n_duplicates) / sum(n_events)::double as dup_share, sum(n_not_finite) as bad from fct_metric_event_quality_daily group by event_name having sum(n_events) > 0 order by dup_share desc

-- case: weekly events
select event_name, date_trunc('week', date_day)::date as week, sum(n_used) as used from fct_metric_event_quality_daily where date_day >= '2026-02-01' group by all order by all

-- case: max date
select max(date_day) from agg_experiment_metric_daily

-- case: distinct experiments in results
select distinct experiment_id from fct_experiment_results

-- case: distinct metric list with order
select distinct metric_id, variation_id from fct_experiment_results where experiment_id = 'one_page_checkout' order by 1

-- case: count distinct metrics
select experiment_id, count(distinct metric_id) from fct_experiment_results group by 1

-- case: which dims
select distinct dimension, dimension_value from fct_experiment_results

-- case: which populations
select distinct analysis_population from fct_experiment_results

-- case: group by dims
select dimension, dimension_value from fct_experiment_results group by all

-- case: first day
select experiment_id, min(date_day), max(date_day), count(distinct date_day) from agg_experiment_metric_daily group by experiment_id

-- case: experiments with results
select name from dim_experiments where experiment_id in (select experiment_id from fct_experiment_results)

-- case: experiments with results distinct
select name from dim_experiments where experiment_id in (select distinct experiment_id from fct_experiment_results)

-- case: latest by arg_max
select metric_id, arg_max(mean, date_day) as latest from agg_experiment_metric_daily where experiment_id='x' and variation_id='treatment' and analysis_population='itt' and dimension='all' group by 1

-- case: lag of daily mean
select date_day, mean - lag(mean) over (order by date_day) as change from agg_experiment_metric_daily where experiment_id='x' and metric_id='m' and variation_id='treatment' and analysis_population='itt' and dimension='all'

-- case: listed by list
select experiment_id, list(distinct metric_id) from fct_experiment_results group by 1

-- case: pop in two
select analysis_population, count(*) from fct_experiment_results where dimension = 'all' group by 1

-- case: last day by subquery
select metric_id, mean from agg_experiment_metric_daily where experiment_id='x' and variation_id='treatment' and analysis_population='itt' and dimension='all' and date_day = (select max(date_day) from agg_experiment_metric_daily where experiment_id='x')

-- case: last day by any
-- refused: pin_not_fixed
select metric_id, mean from agg_experiment_metric_daily where experiment_id='x' and variation_id='treatment' and analysis_population='itt' and dimension='all' order by date_day desc limit 1

-- case: two cte of one row
with t as (select mean from agg_experiment_metric_by_variant where experiment_id='x' and metric_id='m' and variation_id='treatment' and analysis_population='itt' and dimension='all'), c as (select mean from agg_experiment_metric_by_variant where experiment_id='x' and metric_id='m' and variation_id='control' and analysis_population='itt' and dimension='all') select t.mean - c.mean from t, c

-- case: cross join single arm
with t as (select metric_id, mean from agg_experiment_metric_by_variant where experiment_id='x' and variation_id='treatment' and analysis_population='itt' and dimension='all'), c as (select metric_id, mean from agg_experiment_metric_by_variant where experiment_id='x' and variation_id='control' and analysis_population='itt' and dimension='all') select metric_id, t.mean - c.mean from t join c using (metric_id)

-- case: joined arms with experiment free
with t as (select * from agg_experiment_metric_by_variant where variation_id='treatment' and analysis_population='itt' and dimension='all'), c as (select * from agg_experiment_metric_by_variant where variation_id='control' and analysis_population='itt' and dimension='all') select t.experiment_id, metric_id, t.mean - c.mean as d from t join c using (experiment_id, metric_id)

-- case: count results per verdict
select verdict, count(*) from fct_experiment_results where analysis_population='itt' and dimension='all' group by verdict

-- case: any significant
select experiment_id, max(case when verdict = 'better' then 1 else 0 end) as won from fct_experiment_results where analysis_population='itt' and dimension='all' group by 1

-- case: last value per metric by distinct on
select distinct on (metric_id) metric_id, date_day, mean from agg_experiment_metric_daily where experiment_id='x' and variation_id='treatment' and analysis_population='itt' and dimension='all' order by metric_id, date_day desc

-- case: cte latest then join
-- refused: pin_not_fixed
with latest as (select experiment_id, max(date_day) as date_day from agg_experiment_metric_daily group by 1) select d.metric_id, d.mean from agg_experiment_metric_daily d join latest using (experiment_id, date_day) where analysis_population='itt' and dimension='all'

-- case: window max date
select * from (select metric_id, date_day, mean, max(date_day) over (partition by experiment_id) as last_day from agg_experiment_metric_daily where analysis_population='itt' and dimension='all') where date_day = last_day

-- case: is there any
-- refused: pin_not_fixed, pin_not_fixed
select count(*) > 0 from fct_experiment_results where experiment_id = 'x'

-- case: count rows
-- refused: pin_not_fixed, pin_not_fixed
select count(*) from fct_experiment_results
