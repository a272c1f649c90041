-- One row per metric event, de-duplicated (the earliest of each id stays). Key: event_id.
-- `value` is null where the text is not a finite decimal number; ' 12 ' is 12, 'nan', 'inf', '1e400' and 'abc' are not numbers.
-- `is_used`: an event that some metric sums or averages needs a finite value, otherwise the whole event is dropped,
-- so that a ratio's numerator and denominator drop the same events. An event that is only counted may have no value,
-- but not a broken one.
with events as (
    select event_id, event_ts, unit_id, event_name, trim(value) as value_text
    from {{ source('warehouse', 'fct_events') }}
    where event_name <> 'exposure' and event_id <> '' and unit_id <> '' and event_ts is not null
),
repeated_ids as (
    select event_id
    from events
    group by event_id
    having count(*) > 1
),
ranked_copies as (
    select
        events.*,
        row_number() over (
            partition by events.event_id order by events.event_ts, events.unit_id, events.value_text
        ) as copy_rank
    from events
    inner join repeated_ids on events.event_id = repeated_ids.event_id
),
deduplicated as (
    select events.event_id, events.event_ts, events.unit_id, events.event_name, events.value_text
    from events
    left join repeated_ids on events.event_id = repeated_ids.event_id
    where repeated_ids.event_id is null
    union all
    select event_id, event_ts, unit_id, event_name, value_text
    from ranked_copies
    where copy_rank = 1
),
valued_events as (
    select distinct event_name
    from {{ ref('int_experiment_metric_terms') }}
    where needs_value
),
parsed as (
    select
        deduplicated.*,
        valued_events.event_name is not null as needs_value,
        case
            when regexp_matches(value_text, '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$')
                then try_cast(value_text as double)
        end as number
    from deduplicated
    left join valued_events on deduplicated.event_name = valued_events.event_name
),
judged as (
    select *, number is not null and abs(number) <= 1.7976931348623157e308 as is_finite
    from parsed
),
standardised as (
    select
        event_id,
        event_ts,
        unit_id,
        event_name,
        case when is_finite then number end as value,
        is_finite,
        is_finite or (not needs_value and coalesce(value_text, '') = '') as is_used
    from judged
)
select * from standardised
