-- One row per experiment, population, segment, arm and day on which units came in: how many the arm had by its end.
-- Key: (experiment_id, analysis_population, dimension, dimension_value, variation_id, date_day).
-- The sample-ratio checks read it: the last day is the final split, the days before are the looks of the sequential
-- test. Units enter on the day of their assignment (itt) or first exposure (exposed); imported aggregates count by one
-- metric, the primary one where it has units. A breakdown shows no segment with fewer than `min_cell_size` units.
with units as (
    select segment_key, experiment_id, variation_id, assigned_at, exposed_at
    from {{ ref('int_experiment_units') }}
),
entries as (
    select
        'itt' as analysis_population,
        experiment_id,
        segment_key,
        variation_id,
        cast(assigned_at as date) as date_day,
        count(*) as n
    from units
    group by experiment_id, segment_key, variation_id, cast(assigned_at as date)
    union all
    select
        'exposed' as analysis_population,
        experiment_id,
        segment_key,
        variation_id,
        cast(exposed_at as date) as date_day,
        count(*) as n
    from units
    where exposed_at is not null
    group by experiment_id, segment_key, variation_id, cast(exposed_at as date)
),
entry_days as (
    select
        entries.experiment_id,
        entries.analysis_population,
        dimensions.dimension,
        dimensions.dimension_value,
        entries.variation_id,
        entries.date_day,
        sum(entries.n) as n
    from entries
    inner join {{ ref('int_experiment_segment_dimensions') }} as dimensions
        on entries.segment_key = dimensions.segment_key
    group by
        entries.experiment_id,
        entries.analysis_population,
        dimensions.dimension,
        dimensions.dimension_value,
        entries.variation_id,
        entries.date_day
),
cumulative as (
    select
        experiment_id,
        analysis_population,
        dimension,
        dimension_value,
        variation_id,
        date_day,
        cast(
            sum(n) over (
                partition by experiment_id, analysis_population, dimension, dimension_value, variation_id
                order by date_day
                rows between unbounded preceding and current row
            ) as bigint
        ) as n,
        row_number() over (
            partition by experiment_id, analysis_population, dimension, dimension_value, variation_id
            order by date_day desc
        ) = 1 as is_final
    from entry_days
),
imported_metrics as (
    select
        imported.experiment_id,
        imported.analysis_population,
        imported.metric_id,
        row_number() over (
            partition by imported.experiment_id, imported.analysis_population
            order by
                case when imported.metric_id = experiments.primary_metric_id then 0 else 1 end,
                sum(imported.n) desc,
                imported.metric_id
        ) as preference
    from {{ ref('int_imported_aggregates') }} as imported
    inner join {{ ref('dim_experiments') }} as experiments on imported.experiment_id = experiments.experiment_id
    where imported.is_final and imported.dimension = 'all' and imported.n > 0
    group by
        imported.experiment_id, imported.analysis_population, imported.metric_id, experiments.primary_metric_id
),
imported_days as (
    select
        imported.experiment_id,
        imported.analysis_population,
        imported.dimension,
        imported.dimension_value,
        imported.variation_id,
        imported.date_day,
        imported.n,
        imported.is_final
    from {{ ref('int_imported_aggregates') }} as imported
    inner join imported_metrics as metrics
        on imported.experiment_id = metrics.experiment_id
        and imported.analysis_population = metrics.analysis_population
        and imported.metric_id = metrics.metric_id
    where metrics.preference = 1
),
all_days as (
    select * from cumulative
    union all
    select * from imported_days
),
cells as (
    select
        *,
        sum(case when is_final then n else 0 end) over (
            partition by experiment_id, analysis_population, dimension, dimension_value
        ) as n_cell
    from all_days
),
arm_days as (
    select
        experiment_id,
        analysis_population,
        dimension,
        dimension_value,
        variation_id,
        date_day,
        n,
        is_final
    from cells
    where dimension = 'all' or n_cell >= {{ var('min_cell_size') }}
)
select * from arm_days
