-- One row per experiment and assignment day. Key: (experiment_id, date_day).
-- Every rate is a share of the units assigned on that day, quarantined ones and unknown arms included; a unit may show
-- several failure modes, so the rates need not add up to one.
with validations as (
    select * from {{ ref('int_experiment_exposure_validation') }}
),
counted as (
    select
        experiment_id,
        cast(assigned_at as date) as date_day,
        count(*) as n_assigned,
        sum(case when is_no_exposure then 0 else 1 end) as n_exposed,
        sum(case when validation_status = 'valid' then 1 else 0 end) as n_valid,
        sum(case when is_variant_mismatch then 1 else 0 end) as n_mismatch,
        sum(case when is_pre_assignment_exposure then 1 else 0 end) as n_pre_assignment,
        sum(case when is_multi_variation_exposure then 1 else 0 end) as n_multi_variation,
        sum(case when is_exposure_outside_window then 1 else 0 end) as n_outside_window,
        sum(case when is_no_exposure then 1 else 0 end) as n_no_exposure
    from validations
    where assigned_at is not null
    group by experiment_id, cast(assigned_at as date)
),
rates as (
    select
        experiment_id,
        date_day,
        n_assigned,
        cast(n_exposed as bigint) as n_exposed,
        cast(n_valid as bigint) as n_valid,
        1.0 * n_exposed / n_assigned as exposure_rate,
        1.0 * n_valid / n_assigned as valid_exposure_rate,
        1.0 * n_mismatch / n_assigned as mismatch_rate,
        1.0 * n_pre_assignment / n_assigned as pre_assignment_rate,
        1.0 * n_multi_variation / n_assigned as multi_variation_rate,
        1.0 * n_outside_window / n_assigned as outside_window_rate,
        1.0 * n_no_exposure / n_assigned as no_exposure_rate
    from counted
)
select * from rates
