-- One row per experiment and assigned unit: was it exposed as it was assigned? Key: (experiment_id, unit_id).
-- One flag per failure mode, each judged on its own; `validation_status` is the first that holds, in the order
-- no_exposure, pre_assignment_exposure, variant_mismatch, multi_variation_exposure, exposure_outside_window.
-- The exposure judged is the unit's first. The experiment's window is [started_at, ended_at or as_of).
-- Imported units count as exposed, as assigned, when they were assigned: for them there is no window to be outside of.
with assignments as (
    select experiment_id, unit_id, variation_id, assigned_at, origin
    from {{ ref('stg_experiment_assignments') }}
),
experiments as (
    select experiment_id, started_at, coalesce(ended_at, as_of) as window_end
    from {{ ref('dim_experiments') }}
),
exposures as (
    select experiment_id, unit_id, event_ts, variation_id
    from {{ ref('stg_experiment_exposures') }}
),
imported_exposures as (
    select experiment_id, unit_id, assigned_at as event_ts, variation_id
    from assignments
    where origin = 'import'
),
all_exposures as (
    select * from exposures
    union all
    select * from imported_exposures
),
exposed_units as (
    select
        experiment_id,
        unit_id,
        count(*) as n_exposures,
        min(event_ts) as first_exposed_at,
        min(variation_id) as lowest_variation_id,
        min(variation_id) <> max(variation_id) as is_multi_variation_exposure
    from all_exposures
    group by experiment_id, unit_id
),
first_of_several as (
    select exposures.experiment_id, exposures.unit_id, min(exposures.variation_id) as variation_id
    from all_exposures as exposures
    inner join exposed_units
        on exposures.experiment_id = exposed_units.experiment_id
        and exposures.unit_id = exposed_units.unit_id
        and exposures.event_ts = exposed_units.first_exposed_at
    where exposed_units.is_multi_variation_exposure
    group by exposures.experiment_id, exposures.unit_id
),
first_exposures as (
    select
        exposed_units.experiment_id,
        exposed_units.unit_id,
        exposed_units.n_exposures,
        exposed_units.first_exposed_at,
        exposed_units.is_multi_variation_exposure,
        coalesce(first_of_several.variation_id, exposed_units.lowest_variation_id) as first_exposed_variation_id
    from exposed_units
    left join first_of_several
        on exposed_units.experiment_id = first_of_several.experiment_id
        and exposed_units.unit_id = first_of_several.unit_id
),
joined as (
    select
        assignments.experiment_id,
        assignments.unit_id,
        assignments.variation_id as assigned_variation_id,
        assignments.assigned_at,
        first_exposures.first_exposed_at,
        first_exposures.first_exposed_variation_id,
        coalesce(first_exposures.n_exposures, 0) as n_exposures,
        coalesce(first_exposures.is_multi_variation_exposure, false) as is_multi_variation_exposure,
        assignments.origin = 'import' as is_imported,
        experiments.started_at,
        experiments.window_end
    from assignments
    left join experiments on assignments.experiment_id = experiments.experiment_id
    left join first_exposures
        on assignments.experiment_id = first_exposures.experiment_id and assignments.unit_id = first_exposures.unit_id
),
flagged as (
    select
        *,
        n_exposures = 0 as is_no_exposure,
        coalesce(first_exposed_at < assigned_at, false) as is_pre_assignment_exposure,
        coalesce(first_exposed_variation_id <> assigned_variation_id, false) as is_variant_mismatch,
        not is_imported
            and coalesce(first_exposed_at < started_at or first_exposed_at >= window_end, false)
            as is_exposure_outside_window
    from joined
),
validated as (
    select
        experiment_id,
        unit_id,
        assigned_variation_id,
        assigned_at,
        first_exposed_at,
        first_exposed_variation_id,
        n_exposures,
        is_no_exposure,
        is_pre_assignment_exposure,
        is_variant_mismatch,
        is_multi_variation_exposure,
        is_exposure_outside_window,
        case
            when is_no_exposure then 'no_exposure'
            when is_pre_assignment_exposure then 'pre_assignment_exposure'
            when is_variant_mismatch then 'variant_mismatch'
            when is_multi_variation_exposure then 'multi_variation_exposure'
            when is_exposure_outside_window then 'exposure_outside_window'
            else 'valid'
        end as validation_status
    from flagged
)
select * from validated
