-- One row per metric id: its catalogue entry. Key: metric_id.
-- An experiment may use an id its own way: dim_experiment_metrics holds the definition that was used. Where several
-- writers describe one id, the seeds' entry is the catalogue's.
with metrics as (
    select
        *,
        row_number() over (
            partition by metric_id order by case when origin = 'seed' then 0 else 1 end, label, description
        ) as entry_rank
    from {{ source('warehouse', 'raw_metrics') }}
),
canonical as (
    select metric_id, label, description, aggregation, desired, unit
    from metrics
    where entry_rank = 1
)
select * from canonical
