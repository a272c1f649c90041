-- One row per experiment and assigned unit: which population it belongs to. Key: (experiment_id, unit_id).
-- Quarantined: seen in more than one variation, among its assignments or among its exposures; such a unit leaves
-- every arm. itt: assigned to a known variation and not quarantined. exposed: itt, and its exposure is valid.
with assignments as (
    select * from {{ ref('stg_experiment_assignments') }}
),
validations as (
    select experiment_id, unit_id, first_exposed_at, is_multi_variation_exposure, validation_status
    from {{ ref('int_experiment_exposure_validation') }}
),
known_variations as (
    select experiment_id, variation_id
    from {{ ref('dim_experiment_variations') }}
),
joined as (
    select
        assignments.experiment_id,
        assignments.unit_id,
        assignments.variation_id,
        assignments.assigned_at,
        validations.first_exposed_at,
        validations.validation_status,
        known_variations.variation_id is not null as is_known_variation,
        assignments.is_multi_variation_assignment or validations.is_multi_variation_exposure as is_quarantined,
        assignments.platform,
        assignments.country,
        assignments.customer_type
    from assignments
    inner join validations
        on assignments.experiment_id = validations.experiment_id and assignments.unit_id = validations.unit_id
    left join known_variations
        on assignments.experiment_id = known_variations.experiment_id
        and assignments.variation_id = known_variations.variation_id
),
cohort as (
    select
        experiment_id,
        unit_id,
        variation_id,
        assigned_at,
        first_exposed_at,
        is_known_variation and not is_quarantined as in_itt,
        is_known_variation and not is_quarantined and validation_status = 'valid' as in_exposed,
        is_quarantined,
        validation_status,
        platform,
        country,
        customer_type
    from joined
)
select * from cohort
