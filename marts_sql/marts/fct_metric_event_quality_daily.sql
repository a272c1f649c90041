-- One row per metric event name and day: what was dropped before counting. Key: (event_name, date_day).
-- n_events = n_used + n_duplicates + n_not_finite + n_missing_ids. Missing: no event id or no unit id.
with events as (
    select
        event_name,
        cast(event_ts as date) as date_day,
        coalesce(event_id, '') = '' or coalesce(unit_id, '') = '' as is_missing_id
    from {{ source('warehouse', 'fct_events') }}
    where event_name <> 'exposure' and event_ts is not null
),
raw_counts as (
    select
        event_name,
        date_day,
        count(*) as n_events,
        sum(case when is_missing_id then 1 else 0 end) as n_missing_ids
    from events
    group by event_name, date_day
),
kept_counts as (
    select
        event_name,
        cast(event_ts as date) as date_day,
        count(*) as n_distinct,
        sum(case when is_used then 1 else 0 end) as n_used
    from {{ ref('stg_conversion_events') }}
    group by event_name, cast(event_ts as date)
),
counted as (
    select
        raw_counts.event_name,
        raw_counts.date_day,
        raw_counts.n_events,
        cast(raw_counts.n_events - raw_counts.n_missing_ids - coalesce(kept_counts.n_distinct, 0) as bigint)
            as n_duplicates,
        cast(coalesce(kept_counts.n_distinct, 0) - coalesce(kept_counts.n_used, 0) as bigint) as n_not_finite,
        cast(coalesce(kept_counts.n_used, 0) as bigint) as n_used,
        cast(raw_counts.n_missing_ids as bigint) as n_missing_ids
    from raw_counts
    left join kept_counts
        on raw_counts.event_name = kept_counts.event_name and raw_counts.date_day = kept_counts.date_day
)
select * from counted
