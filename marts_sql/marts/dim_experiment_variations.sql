-- One row per experiment and arm. Key: (experiment_id, variation_id).
-- Expected shares are normalised to sum to 1; null throughout an experiment where any share is missing.
with variations as (
    select * from {{ source('warehouse', 'raw_experiment_variations') }}
),
totals as (
    select
        experiment_id,
        case when count(expected_share) = count(*) then sum(expected_share) end as total_share
    from variations
    group by experiment_id
),
normalised as (
    select
        variations.experiment_id,
        variations.variation_id,
        variations.name,
        variations.is_control,
        case when totals.total_share > 0 then variations.expected_share / totals.total_share end as expected_share
    from variations
    inner join totals on variations.experiment_id = totals.experiment_id
)
select * from normalised
