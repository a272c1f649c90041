-- One row per experiment, metric, arm, population and segment: sufficient statistics of the final state.
-- Key: (experiment_id, metric_id, variation_id, analysis_population, dimension, dimension_value).
-- `m2` is the centred sum of squares; for a ratio, mean and m2 are the numerator's, and `cross_m2` is the sum of
-- (numerator - mean) * (denominator - mean). Covariate moments are given where every unit has a covariate.
-- ('all', 'all') has a row for every arm, even one without units; other cells need `min_cell_size` units.
-- A spread within rounding of zero is zero: a constant is not an ever so slightly varying number,
-- and varies with nothing. (`not … <=`: what has outgrown a double compares in other ways from engine to engine.)
with units as (
    select unit_key, segment_key, variation_id
    from {{ ref('int_experiment_units') }}
),
metrics as (
    select metric_key, experiment_id, metric_id, aggregation, source
    from {{ ref('int_experiment_metric_terms') }}
    where term = 'numerator'
),
unit_values as (
    select * from {{ ref('int_experiment_metric_unit_values') }}
),
values_by_population as (
    select
        'itt' as analysis_population,
        metric_key,
        unit_key,
        value_itt as unit_value,
        denominator_itt as denominator,
        covariate,
        is_mature_itt as is_mature
    from unit_values
    union all
    select
        'exposed' as analysis_population,
        metric_key,
        unit_key,
        value_exposed as unit_value,
        denominator_exposed as denominator,
        covariate,
        is_mature_exposed as is_mature
    from unit_values
    where value_exposed is not null
),
centred as (
    select
        outcomes.analysis_population,
        outcomes.metric_key,
        units.variation_id,
        units.segment_key,
        outcomes.unit_value,
        outcomes.denominator,
        outcomes.covariate,
        outcomes.is_mature,
        outcomes.unit_value - centres.value_centre as v,
        outcomes.denominator - centres.denominator_centre as d,
        outcomes.covariate - centres.covariate_centre as x
    from values_by_population as outcomes
    inner join units on outcomes.unit_key = units.unit_key
    inner join {{ ref('int_experiment_metric_centres') }} as centres on outcomes.metric_key = centres.metric_key
),
segment_sums as (
    select
        analysis_population,
        metric_key,
        variation_id,
        segment_key,
        count(*) as n,
        sum(case when unit_value > 0 then 1 else 0 end) as n_positive,
        sum(case when is_mature then 1 else 0 end) as n_mature,
        sum(unit_value) as sum_raw,
        sum(unit_value * unit_value) as sum_raw_squares,
        sum(denominator) as sum_denominator,
        sum(covariate) as sum_covariate,
        sum(v) as v1,
        sum(v * v) as v2,
        sum(d) as d1,
        sum(d * d) as d2,
        sum(v * d) as vd,
        count(x) as n_covariate,
        sum(x) as x1,
        sum(x * x) as x2,
        sum(v * x) as vx,
        sum(d * x) as dx
    from centred
    group by analysis_population, metric_key, variation_id, segment_key
),
cells as (
    select
        sums.analysis_population,
        sums.metric_key,
        sums.variation_id,
        dimensions.dimension,
        dimensions.dimension_value,
        sum(sums.n) as n,
        sum(sums.n_positive) as n_positive,
        sum(sums.n_mature) as n_mature,
        sum(sums.sum_raw) as sum_raw,
        sum(sums.sum_raw_squares) as sum_raw_squares,
        sum(sums.sum_denominator) as sum_denominator,
        sum(sums.sum_covariate) as sum_covariate,
        sum(sums.v1) as v1,
        sum(sums.v2) as v2,
        sum(sums.d1) as d1,
        sum(sums.d2) as d2,
        sum(sums.vd) as vd,
        sum(sums.n_covariate) as n_covariate,
        sum(sums.x1) as x1,
        sum(sums.x2) as x2,
        sum(sums.vx) as vx,
        sum(sums.dx) as dx
    from segment_sums as sums
    inner join {{ ref('int_experiment_segment_dimensions') }} as dimensions
        on sums.segment_key = dimensions.segment_key
    group by sums.analysis_population, sums.metric_key, sums.variation_id, dimensions.dimension, dimensions.dimension_value
),
populations as (
    select 'itt' as analysis_population
    union all
    select 'exposed' as analysis_population
),
arms as (
    select
        metrics.metric_key,
        variations.variation_id,
        populations.analysis_population,
        'all' as dimension,
        'all' as dimension_value
    from metrics
    inner join {{ ref('dim_experiment_variations') }} as variations
        on metrics.experiment_id = variations.experiment_id
    cross join populations
    where metrics.source <> 'aggregates'
),
shown_cells as (
    select
        arms.metric_key,
        arms.variation_id,
        arms.analysis_population,
        arms.dimension,
        arms.dimension_value,
        cells.n,
        cells.n_positive,
        cells.n_mature,
        cells.sum_raw,
        cells.sum_raw_squares,
        cells.sum_denominator,
        cells.sum_covariate,
        cells.v1,
        cells.v2,
        cells.d1,
        cells.d2,
        cells.vd,
        cells.n_covariate,
        cells.x1,
        cells.x2,
        cells.vx,
        cells.dx
    from arms
    left join cells
        on arms.metric_key = cells.metric_key
        and arms.variation_id = cells.variation_id
        and arms.analysis_population = cells.analysis_population
        and arms.dimension = cells.dimension
    union all
    select
        metric_key,
        variation_id,
        analysis_population,
        dimension,
        dimension_value,
        n,
        n_positive,
        n_mature,
        sum_raw,
        sum_raw_squares,
        sum_denominator,
        sum_covariate,
        v1,
        v2,
        d1,
        d2,
        vd,
        n_covariate,
        x1,
        x2,
        vx,
        dx
    from cells
    where dimension <> 'all' and n >= {{ var('min_cell_size') }}
),
from_units as (
    select
        metrics.experiment_id,
        metrics.metric_id,
        cells.variation_id,
        cells.analysis_population,
        cells.dimension,
        cells.dimension_value,
        coalesce(cells.n, 0) as n,
        cells.sum_raw / cells.n as mean,
        case
            when not (cells.v2 - cells.v1 * cells.v1 / cells.n <= 1e-12 * cells.v2)
                then cells.v2 - cells.v1 * cells.v1 / cells.n
            when cells.n > 0 then 0.0
        end as m2,
        coalesce(cells.sum_raw, 0.0) as sum,
        coalesce(cells.sum_raw_squares, 0.0) as sum_squares,
        case when metrics.aggregation = 'occurrence' then coalesce(cells.n_positive, 0) end as conversions,
        case when metrics.aggregation = 'ratio' then cells.sum_denominator / cells.n end as denominator_mean,
        case
            when metrics.aggregation <> 'ratio' then null
            when not (cells.d2 - cells.d1 * cells.d1 / cells.n <= 1e-12 * cells.d2)
                then cells.d2 - cells.d1 * cells.d1 / cells.n
            when cells.n > 0 then 0.0
        end as denominator_m2,
        case when metrics.aggregation = 'ratio' then cells.vd - cells.v1 * cells.d1 / cells.n end as cross_m2,
        case when cells.n_covariate = cells.n then cells.sum_covariate / cells.n end as covariate_mean,
        case
            when cells.n_covariate <> cells.n then null
            when not (cells.x2 - cells.x1 * cells.x1 / cells.n <= 1e-12 * cells.x2)
                then cells.x2 - cells.x1 * cells.x1 / cells.n
            when cells.n > 0 then 0.0
        end as covariate_m2,
        case when cells.n_covariate = cells.n then cells.vx - cells.v1 * cells.x1 / cells.n end as covariate_cross_m2,
        coalesce(cells.n_mature, 0) as n_mature,
        case when metrics.aggregation = 'ratio' and cells.n_covariate = cells.n then cells.dx - cells.d1 * cells.x1 / cells.n end
            as covariate_denominator_cross_m2
    from shown_cells as cells
    inner join metrics on cells.metric_key = metrics.metric_key
),
from_aggregates as (
    select
        experiment_id,
        metric_id,
        variation_id,
        analysis_population,
        dimension,
        dimension_value,
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
    where is_final and (dimension = 'all' or n >= {{ var('min_cell_size') }})
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
