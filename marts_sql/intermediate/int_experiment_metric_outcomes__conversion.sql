-- One row per experiment, occurrence metric and analysed unit: did it convert? Key: (experiment_id, metric_id, unit_id).
-- `converted_exposed` is null for a unit outside the exposed population. A view.
with outcomes as (
    select experiment_id, metric_id, unit_id, value_itt, value_exposed
    from {{ ref('int_experiment_metric_outcomes') }}
),
occurrence_metrics as (
    select experiment_id, metric_id
    from {{ ref('dim_experiment_metrics') }}
    where aggregation = 'occurrence'
),
conversions as (
    select
        outcomes.experiment_id,
        outcomes.metric_id,
        outcomes.unit_id,
        outcomes.value_itt > 0 as converted_itt,
        outcomes.value_exposed > 0 as converted_exposed
    from outcomes
    inner join occurrence_metrics
        on outcomes.experiment_id = occurrence_metrics.experiment_id
        and outcomes.metric_id = occurrence_metrics.metric_id
)
select * from conversions
