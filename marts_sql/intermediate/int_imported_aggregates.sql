-- One row per imported snapshot: experiment, metric, arm, population, segment and day; cumulative.
-- Key: (experiment_id, metric_id, variation_id, analysis_population, dimension, dimension_value, date_day).
-- An import that names one population holds for the other too: imported units count as assigned and exposed.
-- `is_final`: the last snapshot of its cell. A snapshot without units has no mean.
with snapshots as (
    select
        experiment_id,
        metric_id,
        variation_id,
        analysis_population,
        coalesce(dimension, 'all') as dimension,
        coalesce(dimension_value, 'all') as dimension_value,
        date_day,
        coalesce(n, 0) as n,
        mean,
        m2,
        conversions
    from {{ source('warehouse', 'imp_aggregates') }}
),
populations as (
    select 'itt' as analysis_population
    union all
    select 'exposed' as analysis_population
),
stated as (
    select distinct experiment_id, analysis_population
    from snapshots
    where analysis_population in ('itt', 'exposed')
),
in_both as (
    select snapshots.*, populations.analysis_population as population
    from snapshots
    cross join populations
    left join stated
        on snapshots.experiment_id = stated.experiment_id
        and populations.analysis_population = stated.analysis_population
    where snapshots.analysis_population = populations.analysis_population or stated.experiment_id is null
),
ranked as (
    select
        *,
        row_number() over (
            partition by experiment_id, metric_id, variation_id, population, dimension, dimension_value
            order by date_day desc
        ) as recency
    from in_both
),
imported as (
    select
        experiment_id,
        metric_id,
        variation_id,
        population as analysis_population,
        dimension,
        dimension_value,
        date_day,
        n,
        case when n > 0 then mean end as mean,
        case when n > 0 then m2 end as m2,
        case when n > 0 then conversions end as conversions,
        recency = 1 as is_final
    from ranked
)
select * from imported
