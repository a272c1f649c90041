-- One row per experiment, unit and dimension, with ('all', 'all') for every unit. Key: (experiment_id, unit_id, dimension).
-- A unit whose attribute is missing has no row for that dimension. A view.
with cohort as (
    select experiment_id, unit_id, platform, country, customer_type
    from {{ ref('fct_experiment_cohort') }}
),
unpivoted as (
    select experiment_id, unit_id, 'all' as dimension, 'all' as dimension_value
    from cohort
    union all
    select experiment_id, unit_id, 'platform' as dimension, platform as dimension_value
    from cohort
    where platform <> ''
    union all
    select experiment_id, unit_id, 'country' as dimension, country as dimension_value
    from cohort
    where country <> ''
    union all
    select experiment_id, unit_id, 'customer_type' as dimension, customer_type as dimension_value
    from cohort
    where customer_type <> ''
),
imported as (
    select experiment_id, unit_id, dimension, min(dimension_value) as dimension_value
    from {{ source('warehouse', 'imp_unit_dimensions') }}
    where dimension_value <> '' and unit_id <> ''
    group by experiment_id, unit_id, dimension
),
dimensions as (
    select * from unpivoted
    union all
    select * from imported
)
select * from dimensions
