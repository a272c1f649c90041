-- One row per experiment and metric: the overall mean of each part. Key: metric_key.
-- Sums of squares below are taken about these, because sums of raw squares lose the variance once the mean is large
-- beside the spread, and sums about a fixed point still add up across segments and days.
with outcomes as (
    select metric_key, value_itt, denominator_itt, covariate
    from {{ ref('int_experiment_metric_unit_values') }}
),
centres as (
    select
        metric_key,
        avg(value_itt) as value_centre,
        coalesce(avg(denominator_itt), 0.0) as denominator_centre,
        coalesce(avg(covariate), 0.0) as covariate_centre
    from outcomes
    group by metric_key
)
select * from centres
