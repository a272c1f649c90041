-- One row per analysed unit, metric and day on which something counted. Key: (unit_key, metric_key, date_day).
-- What each day adds to the unit's metric in each population's window: [assignment, assignment + window) for itt,
-- [first exposure, first exposure + window) for exposed, neither past the data. A metric without a window counts until
-- the experiment's end. The pre-period [assignment - pre_period_days, assignment) is booked on the assignment's day.
with events as (
    select unit_id, event_name, event_ts, value
    from {{ ref('stg_conversion_events') }}
    where is_used
),
units as (
    select * from {{ ref('int_experiment_units') }}
),
terms as (
    select
        metric_key,
        experiment_id,
        event_name,
        needs_value,
        term = 'numerator' as is_numerator,
        cast(window_days * 86400 as bigint) as window_seconds
    from {{ ref('int_experiment_metric_terms') }}
    where source = 'events'
),
unit_terms as (
    -- What each unit is watched for, and when. A left join, so that planners without statistics keep to this order:
    -- few rows are made here, many where events meet every experiment of their unit.
    select
        units.unit_id,
        terms.event_name,
        units.unit_key,
        terms.metric_key,
        terms.is_numerator,
        terms.needs_value,
        units.assigned_at,
        units.exposed_at,
        least(coalesce(units.assigned_at + interval (terms.window_seconds) second, units.default_end), units.as_of)
            as itt_end,
        least(coalesce(units.exposed_at + interval (terms.window_seconds) second, units.default_end), units.as_of)
            as exposed_end
    from units
    left join terms on units.experiment_id = terms.experiment_id
),
attributed as (
    select
        unit_terms.unit_key,
        unit_terms.metric_key,
        unit_terms.is_numerator,
        case when unit_terms.needs_value then events.value else 1.0 end as amount,
        events.event_ts,
        unit_terms.assigned_at,
        unit_terms.exposed_at,
        unit_terms.itt_end,
        unit_terms.exposed_end
    from events
    inner join unit_terms on events.unit_id = unit_terms.unit_id and events.event_name = unit_terms.event_name
),
placed as (
    select
        unit_key,
        metric_key,
        is_numerator,
        amount,
        case when event_ts < assigned_at then cast(assigned_at as date) else cast(event_ts as date) end as date_day,
        event_ts >= assigned_at and event_ts < itt_end as in_itt_window,
        exposed_at is not null and event_ts >= exposed_at and event_ts < exposed_end as in_exposed_window,
        is_numerator
            and event_ts < assigned_at
            and event_ts >= assigned_at - interval '{{ var("pre_period_days") }}' day as in_pre_period
    from attributed
),
unit_days as (
    select
        unit_key,
        metric_key,
        date_day,
        sum(case when is_numerator and in_itt_window then amount else 0.0 end) as amount_itt,
        sum(case when is_numerator and in_itt_window then 1 else 0 end) as events_itt,
        sum(case when not is_numerator and in_itt_window then amount else 0.0 end) as denominator_itt,
        sum(case when is_numerator and in_exposed_window then amount else 0.0 end) as amount_exposed,
        sum(case when is_numerator and in_exposed_window then 1 else 0 end) as events_exposed,
        sum(case when not is_numerator and in_exposed_window then amount else 0.0 end) as denominator_exposed,
        sum(case when in_pre_period then amount else 0.0 end) as amount_pre,
        sum(case when in_pre_period then 1 else 0 end) as events_pre
    from placed
    where in_itt_window or in_exposed_window or in_pre_period
    group by unit_key, metric_key, date_day
)
select * from unit_days
