-- One row per experiment: exposure quality over its whole life. Key: experiment_id.
-- Rates as in fct_experiment_exposure_quality_daily. Units imported as aggregates count as assigned and exposed.
-- `flags`, comma-separated, '' when none: exposure_integrity_failed (the exposed population can't be trusted: logging
-- broke on some day, or too many of the exposed were exposed wrongly) comes first, then its causes one by one. A day's
-- exposure rate counts as broken when it lies under `min_exposure_ratio` of the best day's by more than four standard errors.
with experiments as (
    select experiment_id from {{ ref('dim_experiments') }}
),
validation_counts as (
    select
        experiment_id,
        count(*) as n_assigned,
        sum(case when is_no_exposure then 0 else 1 end) as n_exposed,
        sum(case when validation_status = 'valid' then 1 else 0 end) as n_valid,
        sum(case when is_variant_mismatch then 1 else 0 end) as n_mismatch,
        sum(case when is_pre_assignment_exposure then 1 else 0 end) as n_pre_assignment,
        sum(case when is_multi_variation_exposure then 1 else 0 end) as n_multi_variation,
        sum(case when is_exposure_outside_window then 1 else 0 end) as n_outside_window,
        sum(case when is_no_exposure then 1 else 0 end) as n_no_exposure
    from {{ ref('int_experiment_exposure_validation') }}
    group by experiment_id
),
cohort_counts as (
    select
        experiment_id,
        sum(case when is_quarantined then 1 else 0 end) as n_quarantined,
        sum(case when not in_itt and not is_quarantined then 1 else 0 end) as n_unknown_variation
    from {{ ref('fct_experiment_cohort') }}
    group by experiment_id
),
units_without_id as (
    select experiment_id, count(*) as n_empty_unit_ids
    from (
        select experiment_id, unit_id from {{ source('warehouse', 'fct_experiment_assignments') }}
        union all
        select experiment_id, unit_id from {{ source('warehouse', 'imp_units') }}
    ) as assigned
    where coalesce(unit_id, '') = ''
    group by experiment_id
),
imported_arms as (
    select experiment_id, metric_id, sum(n) as n_units
    from {{ ref('int_imported_aggregates') }}
    where is_final and dimension = 'all' and analysis_population = 'itt'
    group by experiment_id, metric_id
),
imported_counts as (
    select experiment_id, max(n_units) as n_units
    from imported_arms
    group by experiment_id
),
daily_rates as (
    select experiment_id, n_assigned, n_exposed, exposure_rate
    from {{ ref('fct_experiment_exposure_quality_daily') }}
    where n_assigned >= {{ var('min_daily_assigned') }}
),
usual_rates as (
    select
        experiment_id,
        max(exposure_rate) as highest_rate,
        1.0 * sum(n_exposed) / sum(n_assigned) as overall_rate
    from daily_rates
    group by experiment_id
),
drops as (
    select
        daily.experiment_id,
        max(
            case
                when daily.exposure_rate
                    + 4.0 * sqrt(usual.overall_rate * (1.0 - usual.overall_rate) / daily.n_assigned)
                    < {{ var('min_exposure_ratio') }} * usual.highest_rate
                    then 1
                else 0
            end
        ) as has_drop
    from daily_rates as daily
    inner join usual_rates as usual on daily.experiment_id = usual.experiment_id
    group by daily.experiment_id
),
joined as (
    select
        experiments.experiment_id,
        coalesce(units.n_assigned, imported.n_units, 0) as n_assigned,
        coalesce(units.n_exposed, imported.n_units, 0) as n_exposed,
        coalesce(units.n_valid, imported.n_units, 0) as n_valid,
        coalesce(cohort.n_quarantined, 0) as n_quarantined,
        coalesce(cohort.n_unknown_variation, 0) as n_unknown_variation,
        coalesce(empty_ids.n_empty_unit_ids, 0) as n_empty_unit_ids,
        coalesce(units.n_mismatch, 0) as n_mismatch,
        coalesce(units.n_pre_assignment, 0) as n_pre_assignment,
        coalesce(units.n_multi_variation, 0) as n_multi_variation,
        coalesce(units.n_outside_window, 0) as n_outside_window,
        coalesce(units.n_no_exposure, 0) as n_no_exposure,
        coalesce(drops.has_drop, 0) = 1 as has_exposure_drop
    from experiments
    left join validation_counts as units on experiments.experiment_id = units.experiment_id
    left join cohort_counts as cohort on experiments.experiment_id = cohort.experiment_id
    left join units_without_id as empty_ids on experiments.experiment_id = empty_ids.experiment_id
    left join imported_counts as imported on experiments.experiment_id = imported.experiment_id
    left join drops on experiments.experiment_id = drops.experiment_id
),
rates as (
    select
        *,
        case when n_assigned > 0 then 1.0 * n_exposed / n_assigned end as exposure_rate,
        case when n_assigned > 0 then 1.0 * n_valid / n_assigned end as valid_exposure_rate,
        case when n_assigned > 0 then 1.0 * n_mismatch / n_assigned end as mismatch_rate,
        case when n_assigned > 0 then 1.0 * n_pre_assignment / n_assigned end as pre_assignment_rate,
        case when n_assigned > 0 then 1.0 * n_multi_variation / n_assigned end as multi_variation_rate,
        case when n_assigned > 0 then 1.0 * n_outside_window / n_assigned end as outside_window_rate,
        case when n_assigned > 0 then 1.0 * n_no_exposure / n_assigned end as no_exposure_rate,
        n_exposed - n_valid > {{ var('max_invalid_exposed') }} * n_exposed as has_invalid_exposures
    from joined
),
flagged as (
    select
        experiment_id,
        cast(n_assigned as bigint) as n_assigned,
        cast(n_exposed as bigint) as n_exposed,
        cast(n_valid as bigint) as n_valid,
        cast(n_quarantined as bigint) as n_quarantined,
        cast(n_unknown_variation as bigint) as n_unknown_variation,
        exposure_rate,
        valid_exposure_rate,
        mismatch_rate,
        pre_assignment_rate,
        multi_variation_rate,
        outside_window_rate,
        no_exposure_rate,
        substr(
            case when has_exposure_drop or has_invalid_exposures then ',exposure_integrity_failed' else '' end
            || case when has_exposure_drop then ',exposure_drop' else '' end
            || case when mismatch_rate > {{ var('max_failure_rate') }} then ',variant_mismatch' else '' end
            || case when multi_variation_rate > {{ var('max_failure_rate') }} then ',multi_variation' else '' end
            || case when pre_assignment_rate > {{ var('max_failure_rate') }} then ',pre_assignment' else '' end
            || case when outside_window_rate > {{ var('max_failure_rate') }} then ',outside_window' else '' end
            || case when n_unknown_variation > 0 then ',unknown_variation' else '' end
            || case when n_empty_unit_ids > 0 then ',empty_unit_ids' else '' end,
            2
        ) as flags,
        cast(n_empty_unit_ids as bigint) as n_empty_unit_ids
    from rates
)
select * from flagged
