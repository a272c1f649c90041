-- One row per experiment and assigned unit: its canonical (first) assignment, and what else was seen of it.
-- Key: (experiment_id, unit_id). Imported units are assigned when they were imported as assigned.
-- Units without an id can't be told apart: they are left out here and counted in fct_experiment_exposure_quality.
with assignments as (
    select
        experiment_id,
        unit_id,
        assigned_at,
        coalesce(variation_id, '') as variation_id,
        platform,
        country,
        customer_type,
        'seed' as origin
    from {{ source('warehouse', 'fct_experiment_assignments') }}
    where unit_id <> ''
),
imported as (
    select
        units.experiment_id,
        units.unit_id,
        coalesce(units.assigned_at, experiments.started_at) as assigned_at,
        coalesce(units.variation_id, '') as variation_id,
        cast(null as varchar) as platform,
        cast(null as varchar) as country,
        cast(null as varchar) as customer_type,
        'import' as origin
    from {{ source('warehouse', 'imp_units') }} as units
    inner join {{ ref('dim_experiments') }} as experiments on units.experiment_id = experiments.experiment_id
    where units.unit_id <> ''
),
all_assignments as (
    select * from assignments
    union all
    select * from imported
),
ranked as (
    select
        *,
        row_number() over (partition by experiment_id, unit_id order by assigned_at, variation_id) as assignment_rank,
        count(*) over (partition by experiment_id, unit_id) as n_assignments,
        min(variation_id) over (partition by experiment_id, unit_id) as lowest_variation_id,
        max(variation_id) over (partition by experiment_id, unit_id) as highest_variation_id
    from all_assignments
),
canonical as (
    select
        experiment_id,
        unit_id,
        variation_id,
        assigned_at,
        n_assignments,
        lowest_variation_id <> highest_variation_id as is_multi_variation_assignment,
        platform,
        country,
        customer_type,
        origin
    from ranked
    where assignment_rank = 1
)
select * from canonical
