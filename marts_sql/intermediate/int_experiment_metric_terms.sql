-- One row per event that a metric of an experiment reads. Key: (metric_key, term).
-- A ratio has two terms, every other event metric one. `metric_key` is a small integer, because the unit-level
-- tables below carry it on every row.
with metrics as (
    select *
    from {{ ref('dim_experiment_metrics') }}
),
keyed as (
    select *, row_number() over (order by experiment_id, metric_id) as metric_key
    from metrics
),
numerators as (
    select
        metric_key,
        experiment_id,
        metric_id,
        aggregation,
        source,
        window_days,
        winsorise_quantile,
        winsorise_cap,
        'numerator' as term,
        numerator_event as event_name,
        aggregation in ('sum', 'mean') or (aggregation = 'ratio' and numerator_agg = 'sum') as needs_value
    from keyed
),
denominators as (
    select
        metric_key,
        experiment_id,
        metric_id,
        aggregation,
        source,
        window_days,
        winsorise_quantile,
        winsorise_cap,
        'denominator' as term,
        denominator_event as event_name,
        coalesce(denominator_agg, 'count') = 'sum' as needs_value
    from keyed
    where aggregation = 'ratio'
),
terms as (
    select * from numerators
    union all
    select * from denominators
)
select * from terms
