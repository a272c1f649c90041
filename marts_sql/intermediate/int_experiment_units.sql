-- One row per analysed (itt) unit of an experiment. Key: unit_key; also (experiment_id, unit_id).
-- Carries what attribution needs, and two small integers that the unit-level tables below are keyed by:
-- `unit_key`, and `segment_key`, the unit's combination of dimension values. Aggregates are made per segment first and
-- then rolled up to dimensions, so that no unit-level row is ever multiplied by the number of dimensions.
with cohort as (
    select *
    from {{ ref('fct_experiment_cohort') }}
    where in_itt
),
experiments as (
    select experiment_id, as_of, coalesce(ended_at, as_of) as default_end
    from {{ ref('dim_experiments') }}
),
imported_dimensions as (
    select
        experiment_id,
        unit_id,
        string_agg(dimension || '=' || dimension_value, '|' order by dimension, dimension_value) as combination
    from {{ source('warehouse', 'imp_unit_dimensions') }}
    where dimension_value <> ''
    group by experiment_id, unit_id
),
combined as (
    select
        cohort.experiment_id,
        cohort.unit_id,
        cohort.variation_id,
        cohort.assigned_at,
        case when cohort.in_exposed then cohort.first_exposed_at end as exposed_at,
        experiments.as_of,
        experiments.default_end,
        coalesce(cohort.platform, '') || '|' || coalesce(cohort.country, '') || '|'
            || coalesce(cohort.customer_type, '') || '|' || coalesce(imported_dimensions.combination, '') as combination
    from cohort
    inner join experiments on cohort.experiment_id = experiments.experiment_id
    left join imported_dimensions
        on cohort.experiment_id = imported_dimensions.experiment_id and cohort.unit_id = imported_dimensions.unit_id
),
combinations as (
    select distinct experiment_id, combination
    from combined
),
segments as (
    select *, row_number() over (order by experiment_id, combination) as segment_key
    from combinations
),
units as (
    select
        row_number() over (order by combined.experiment_id, combined.unit_id) as unit_key,
        segments.segment_key,
        combined.experiment_id,
        combined.unit_id,
        combined.variation_id,
        combined.assigned_at,
        combined.exposed_at,
        combined.as_of,
        combined.default_end
    from combined
    inner join segments
        on combined.experiment_id = segments.experiment_id and combined.combination = segments.combination
)
select * from units
