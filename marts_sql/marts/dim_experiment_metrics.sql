-- One row per experiment and metric: the definition as used there. Key: (experiment_id, metric_id).
-- `estimator`: which of the stored estimates the verdict rests on, decided before the data: 'unadjusted' or 'cuped'.
-- A winsorised metric names its cap, as a quantile of its units or as a value.
with experiment_metrics as (
    select
        experiment_id,
        metric_id,
        label,
        role,
        aggregation,
        desired,
        window_days,
        noninferiority_margin,
        numerator_event,
        numerator_agg,
        denominator_event,
        denominator_agg,
        source,
        winsorise_quantile,
        winsorise_cap,
        coalesce(estimator, 'unadjusted') as estimator
    from {{ source('warehouse', 'raw_experiment_metrics') }}
)
select * from experiment_metrics
