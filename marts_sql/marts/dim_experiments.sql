-- One row per experiment. Key: experiment_id. Times are UTC; data is known up to `as_of` (exclusive).
with experiments as (
    select * from {{ source('warehouse', 'raw_experiments') }}
),
variation_counts as (
    select experiment_id, count(*) as n_variations
    from {{ source('warehouse', 'raw_experiment_variations') }}
    group by experiment_id
),
described as (
    select
        experiments.experiment_id,
        experiments.name,
        experiments.description,
        experiments.hypothesis,
        experiments.owner,
        experiments.status,
        experiments.unit_type,
        experiments.started_at,
        experiments.ended_at,
        experiments.as_of,
        experiments.primary_metric_id,
        experiments.origin,
        coalesce(variation_counts.n_variations, 0) as n_variations
    from experiments
    left join variation_counts on experiments.experiment_id = variation_counts.experiment_id
)
select * from described
