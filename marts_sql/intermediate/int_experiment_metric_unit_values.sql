-- One row per analysed unit and metric: its value in each population's window. Key: (unit_key, metric_key).
-- A unit without events has 0 (occurrence, count, sum, mean, and both sides of a ratio). `value_exposed` is null for a
-- unit outside the exposed population. An imported unit without a value for a metric has no row for it.
-- A winsorised metric's values above its cap count as the cap.
-- `is_mature`: the unit's window has closed within the data.
with units as (
    select * from {{ ref('int_experiment_units') }}
),
metrics as (
    select
        metric_key,
        experiment_id,
        metric_id,
        aggregation,
        source,
        cast(window_days * 86400 as bigint) as window_seconds
    from {{ ref('int_experiment_metric_terms') }}
    where term = 'numerator'
),
totals as (
    select
        unit_key,
        metric_key,
        sum(amount_itt) as amount_itt,
        sum(events_itt) as events_itt,
        sum(denominator_itt) as denominator_itt,
        sum(amount_exposed) as amount_exposed,
        sum(events_exposed) as events_exposed,
        sum(denominator_exposed) as denominator_exposed,
        sum(amount_pre) as amount_pre,
        sum(events_pre) as events_pre
    from {{ ref('int_experiment_metric_unit_days') }}
    group by unit_key, metric_key
),
from_events as (
    select
        units.unit_key,
        metrics.metric_key,
        case
            when coalesce(totals.events_itt, 0) = 0 then 0.0
            when metrics.aggregation = 'occurrence' then 1.0
            when metrics.aggregation = 'mean' then totals.amount_itt / totals.events_itt
            else totals.amount_itt
        end as value_itt,
        case when metrics.aggregation = 'ratio' then coalesce(totals.denominator_itt, 0.0) end as denominator_itt,
        case
            when units.exposed_at is null then null
            when coalesce(totals.events_exposed, 0) = 0 then 0.0
            when metrics.aggregation = 'occurrence' then 1.0
            when metrics.aggregation = 'mean' then totals.amount_exposed / totals.events_exposed
            else totals.amount_exposed
        end as value_exposed,
        case
            when metrics.aggregation = 'ratio' and units.exposed_at is not null
                then coalesce(totals.denominator_exposed, 0.0)
        end as denominator_exposed,
        case
            when coalesce(totals.events_pre, 0) = 0 then 0.0
            when metrics.aggregation = 'occurrence' then 1.0
            when metrics.aggregation = 'mean' then totals.amount_pre / totals.events_pre
            else totals.amount_pre
        end as covariate,
        units.assigned_at + interval (metrics.window_seconds) second as itt_closes_at,
        units.exposed_at + interval (metrics.window_seconds) second as exposed_closes_at,
        units.exposed_at is not null as is_exposed,
        units.as_of
    from units
    inner join metrics on units.experiment_id = metrics.experiment_id
    left join totals on units.unit_key = totals.unit_key and metrics.metric_key = totals.metric_key
    where metrics.source = 'events'
),
from_imports as (
    select
        units.unit_key,
        metrics.metric_key,
        outcomes.value as value_itt,
        outcomes.denominator as denominator_itt,
        case when units.exposed_at is not null then outcomes.value end as value_exposed,
        case when units.exposed_at is not null then outcomes.denominator end as denominator_exposed,
        outcomes.covariate,
        units.assigned_at + interval (metrics.window_seconds) second as itt_closes_at,
        units.exposed_at + interval (metrics.window_seconds) second as exposed_closes_at,
        units.exposed_at is not null as is_exposed,
        units.as_of
    from {{ source('warehouse', 'imp_outcomes') }} as outcomes
    inner join units on outcomes.experiment_id = units.experiment_id and outcomes.unit_id = units.unit_id
    inner join metrics on outcomes.experiment_id = metrics.experiment_id and outcomes.metric_id = metrics.metric_id
    where metrics.source = 'outcomes' and outcomes.value is not null
        and (metrics.aggregation <> 'ratio' or outcomes.denominator is not null)
),
all_values as (
    select * from from_events
    union all
    select * from from_imports
),
unit_values as (
    select
        all_values.unit_key,
        all_values.metric_key,
        case when all_values.value_itt > caps.value_cap then caps.value_cap else all_values.value_itt end as value_itt,
        all_values.denominator_itt,
        case when all_values.value_exposed > caps.value_cap then caps.value_cap else all_values.value_exposed end
            as value_exposed,
        all_values.denominator_exposed,
        case when all_values.covariate > caps.covariate_cap then caps.covariate_cap else all_values.covariate end
            as covariate,
        coalesce(itt_closes_at <= as_of, true) as is_mature_itt,
        is_exposed and coalesce(exposed_closes_at <= as_of, true) as is_mature_exposed
    from all_values
    left join {{ ref('int_experiment_metric_caps') }} as caps on all_values.metric_key = caps.metric_key
)
select * from unit_values
