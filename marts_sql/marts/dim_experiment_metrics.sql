-- One row per experiment and metric: the definition as used there. Key: (experiment_id, metric_id).
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
        source
    from {{ source('warehouse', 'raw_experiment_metrics') }}
)
select * from experiment_metrics
