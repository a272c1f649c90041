-- One row per exposure event, de-duplicated (the earliest of each id stays). Key: event_id.
-- Events without an event id or a unit id are left out: they can be neither de-duplicated nor attributed.
with exposures as (
    select event_id, event_ts, unit_id, experiment_id, coalesce(variation_id, '') as variation_id
    from {{ source('warehouse', 'fct_events') }}
    where event_name = 'exposure' and event_id <> '' and unit_id <> '' and event_ts is not null
),
repeated_ids as (
    select event_id
    from exposures
    group by event_id
    having count(*) > 1
),
ranked_copies as (
    select
        exposures.*,
        row_number() over (
            partition by exposures.event_id order by exposures.event_ts, exposures.unit_id, exposures.variation_id
        ) as copy_rank
    from exposures
    inner join repeated_ids on exposures.event_id = repeated_ids.event_id
),
deduplicated as (
    select exposures.event_id, exposures.event_ts, exposures.unit_id, exposures.experiment_id, exposures.variation_id
    from exposures
    left join repeated_ids on exposures.event_id = repeated_ids.event_id
    where repeated_ids.event_id is null
    union all
    select event_id, event_ts, unit_id, experiment_id, variation_id
    from ranked_copies
    where copy_rank = 1
)
select * from deduplicated
