-- One row per segment and dimension: the value that all units of the segment share. Key: (segment_key, dimension).
with units as (
    select segment_key, experiment_id, unit_id
    from {{ ref('int_experiment_units') }}
),
representatives as (
    select segment_key, experiment_id, min(unit_id) as unit_id
    from units
    group by segment_key, experiment_id
),
segment_dimensions as (
    select representatives.segment_key, dimensions.dimension, dimensions.dimension_value
    from {{ ref('int_experiment_unit_dimensions') }} as dimensions
    inner join representatives
        on dimensions.experiment_id = representatives.experiment_id
        and dimensions.unit_id = representatives.unit_id
)
select * from segment_dimensions
