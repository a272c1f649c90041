-- One row per experiment, metric, arm, population, segment and day: sufficient statistics, cumulative to the day's end.
-- Key: (experiment_id, metric_id, variation_id, analysis_population, dimension, dimension_value, date_day).
-- Columns as in agg_experiment_metric_by_variant, whose rows equal the last day's here. A cell has a row for every day
-- on which its experiment and population changed at all, once it has units (`min_cell_size` of them in a breakdown).
with metrics as (
    select metric_key, experiment_id, metric_id, aggregation
    from {{ ref('int_experiment_metric_terms') }}
    where term = 'numerator'
),
cell_days as (
    select
        days.metric_key,
        days.variation_id,
        days.analysis_population,
        dimensions.dimension,
        dimensions.dimension_value,
        days.date_day,
        sum(days.n) as n,
        sum(days.n_active) as n_active,
        sum(days.n_mature) as n_mature,
        sum(days.n_positive) as n_positive,
        sum(days.sum_raw) as sum_raw,
        sum(days.sum_raw_squares) as sum_raw_squares,
        sum(days.sum_denominator) as sum_denominator,
        sum(days.v1) as v1,
        sum(days.v2) as v2,
        sum(days.d1) as d1,
        sum(days.d2) as d2,
        sum(days.vd) as vd,
        sum(days.n_covariate) as n_covariate,
        sum(days.sum_covariate) as sum_covariate,
        sum(days.x1) as x1,
        sum(days.x2) as x2,
        sum(days.x1_active) as x1_active,
        sum(days.vx) as vx,
        sum(days.dx) as dx
    from {{ ref('int_experiment_metric_segment_days') }} as days
    inner join {{ ref('int_experiment_segment_dimensions') }} as dimensions
        on days.segment_key = dimensions.segment_key
    where days.date_day is not null
    group by
        days.metric_key,
        days.variation_id,
        days.analysis_population,
        dimensions.dimension,
        dimensions.dimension_value,
        days.date_day
),
cells as (
    select distinct metric_key, variation_id, analysis_population, dimension, dimension_value
    from cell_days
),
calendar as (
    select distinct metrics.experiment_id, cell_days.analysis_population, cell_days.date_day
    from cell_days
    inner join metrics on cell_days.metric_key = metrics.metric_key
),
spine as (
    select
        metrics.experiment_id,
        metrics.metric_id,
        metrics.aggregation,
        cells.metric_key,
        cells.variation_id,
        cells.analysis_population,
        cells.dimension,
        cells.dimension_value,
        calendar.date_day
    from cells
    inner join metrics on cells.metric_key = metrics.metric_key
    inner join calendar
        on metrics.experiment_id = calendar.experiment_id
        and cells.analysis_population = calendar.analysis_population
),
cumulative as (
    select
        spine.*,
        sum(days.n) over so_far as n,
        sum(days.n_active) over so_far as n_active,
        sum(days.n_mature) over so_far as n_mature,
        sum(days.n_positive) over so_far as n_positive,
        sum(days.sum_raw) over so_far as sum_raw,
        sum(days.sum_raw_squares) over so_far as sum_raw_squares,
        sum(days.sum_denominator) over so_far as sum_denominator,
        sum(days.v1) over so_far as v1,
        sum(days.v2) over so_far as v2,
        sum(days.d1) over so_far as d1,
        sum(days.d2) over so_far as d2,
        sum(days.vd) over so_far as vd,
        sum(days.n_covariate) over so_far as n_covariate,
        sum(days.sum_covariate) over so_far as sum_covariate,
        sum(days.x1) over so_far as x1,
        sum(days.x2) over so_far as x2,
        sum(days.x1_active) over so_far as x1_active,
        sum(days.vx) over so_far as vx,
        sum(days.dx) over so_far as dx
    from spine
    left join cell_days as days
        on spine.metric_key = days.metric_key
        and spine.variation_id = days.variation_id
        and spine.analysis_population = days.analysis_population
        and spine.dimension = days.dimension
        and spine.dimension_value = days.dimension_value
        and spine.date_day = days.date_day
    window so_far as (
        partition by
            spine.metric_key, spine.variation_id, spine.analysis_population, spine.dimension, spine.dimension_value
        order by spine.date_day
        rows between unbounded preceding and current row
    )
),
shown as (
    select
        days.*,
        days.n - days.n_active as n_silent,
        centres.value_centre,
        centres.denominator_centre
    from cumulative as days
    inner join {{ ref('int_experiment_metric_centres') }} as centres on days.metric_key = centres.metric_key
    where days.n > 0 and (days.dimension = 'all' or days.n >= {{ var('min_cell_size') }})
),
with_silent_units as (
    select
        experiment_id,
        metric_id,
        aggregation,
        variation_id,
        analysis_population,
        dimension,
        dimension_value,
        date_day,
        n,
        n_mature,
        n_positive,
        sum_raw,
        sum_raw_squares,
        coalesce(sum_denominator, 0.0) as sum_denominator,
        v1 - n_silent * value_centre as v1,
        v2 + n_silent * value_centre * value_centre as v2,
        coalesce(d1, 0.0) - n_silent * denominator_centre as d1,
        coalesce(d2, 0.0) + n_silent * denominator_centre * denominator_centre as d2,
        coalesce(vd, 0.0) + n_silent * value_centre * denominator_centre as vd,
        n_covariate,
        sum_covariate,
        x1,
        x2,
        coalesce(vx, 0.0) - value_centre * (x1 - coalesce(x1_active, 0.0)) as vx,
        coalesce(dx, 0.0) - denominator_centre * (x1 - coalesce(x1_active, 0.0)) as dx
    from shown
),
from_units as (
    select
        days.experiment_id,
        days.metric_id,
        days.variation_id,
        days.analysis_population,
        days.dimension,
        days.dimension_value,
        days.date_day,
        days.n,
        days.sum_raw / days.n as mean,
        case
            when not (days.v2 - days.v1 * days.v1 / days.n <= 1e-12 * days.v2)
                then days.v2 - days.v1 * days.v1 / days.n
            when days.n > 0 then 0.0
        end as m2,
        days.sum_raw as sum,
        days.sum_raw_squares as sum_squares,
        case when days.aggregation = 'occurrence' then days.n_positive end as conversions,
        case when days.aggregation = 'ratio' then days.sum_denominator / days.n end as denominator_mean,
        case
            when days.aggregation <> 'ratio' then null
            when not (days.d2 - days.d1 * days.d1 / days.n <= 1e-12 * days.d2)
                then days.d2 - days.d1 * days.d1 / days.n
            when days.n > 0 then 0.0
        end as denominator_m2,
        case when days.aggregation = 'ratio' then days.vd - days.v1 * days.d1 / days.n end as cross_m2,
        case when days.n_covariate = days.n then days.sum_covariate / days.n end as covariate_mean,
        case
            when days.n_covariate <> days.n then null
            when not (days.x2 - days.x1 * days.x1 / days.n <= 1e-12 * days.x2)
                then days.x2 - days.x1 * days.x1 / days.n
            when days.n > 0 then 0.0
        end as covariate_m2,
        case when days.n_covariate = days.n then days.vx - days.v1 * days.x1 / days.n end as covariate_cross_m2,
        days.n_mature,
        case when days.aggregation = 'ratio' and days.n_covariate = days.n then days.dx - days.d1 * days.x1 / days.n end
            as covariate_denominator_cross_m2
    from with_silent_units as days
),
from_aggregates as (
    select
        experiment_id,
        metric_id,
        variation_id,
        analysis_population,
        dimension,
        dimension_value,
        date_day,
        n,
        mean,
        m2,
        n * mean as sum,
        m2 + n * mean * mean as sum_squares,
        conversions,
        cast(null as double) as denominator_mean,
        cast(null as double) as denominator_m2,
        cast(null as double) as cross_m2,
        cast(null as double) as covariate_mean,
        cast(null as double) as covariate_m2,
        cast(null as double) as covariate_cross_m2,
        n as n_mature,
        cast(null as double) as covariate_denominator_cross_m2
    from {{ ref('int_imported_aggregates') }}
    where n > 0 and date_day is not null and (dimension = 'all' or n >= {{ var('min_cell_size') }})
),
aggregates as (
    select * from from_units
    union all
    select * from from_aggregates
),
typed as (
    select
        experiment_id,
        metric_id,
        variation_id,
        analysis_population,
        dimension,
        dimension_value,
        date_day,
        cast(n as bigint) as n,
        mean,
        m2,
        sum,
        sum_squares,
        cast(conversions as bigint) as conversions,
        denominator_mean,
        denominator_m2,
        case when cross_m2 is not null and (m2 = 0 or denominator_m2 = 0) then 0.0 else cross_m2 end as cross_m2,
        covariate_mean,
        covariate_m2,
        case when covariate_cross_m2 is not null and (m2 = 0 or covariate_m2 = 0) then 0.0 else covariate_cross_m2 end
            as covariate_cross_m2,
        cast(n_mature as bigint) as n_mature,
        case
            when covariate_denominator_cross_m2 is not null and (denominator_m2 = 0 or covariate_m2 = 0) then 0.0
            else covariate_denominator_cross_m2
        end as covariate_denominator_cross_m2
    from aggregates
)
select * from typed
