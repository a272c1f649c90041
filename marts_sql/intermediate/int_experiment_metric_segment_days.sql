-- One row per metric, arm, population, segment and day: what the day adds to the cumulative sums.
-- Key: (metric_key, variation_id, analysis_population, segment_key, date_day).
-- A unit enters on the day of its assignment (itt) or first exposure (exposed) and is silent, at 0, until its first event;
-- an imported unit enters with its whole value. From then on it is active: every event changes its running value, and so
-- the sums, by the difference it makes. Only days on which something changed exist: never units times days.
-- v, d and x sums are about the metric's overall means, over active units only (x1, x2: over all). Silent units are all
-- alike, so their part follows from their number, and never has to be subtracted back out of a large sum.
with units as (
    select unit_key, segment_key, variation_id, assigned_at, exposed_at
    from {{ ref('int_experiment_units') }}
),
metrics as (
    select metric_key, aggregation, source, cast(window_days * 86400 as bigint) as window_seconds
    from {{ ref('int_experiment_metric_terms') }}
    where term = 'numerator'
),
centres as (
    select * from {{ ref('int_experiment_metric_centres') }}
),
caps as (
    select * from {{ ref('int_experiment_metric_caps') }}
),
unit_values as (
    select * from {{ ref('int_experiment_metric_unit_values') }}
),
entries as (
    select
        'itt' as analysis_population,
        outcomes.metric_key,
        outcomes.unit_key,
        units.segment_key,
        units.variation_id,
        units.assigned_at as entered_at,
        outcomes.value_itt as unit_value,
        outcomes.denominator_itt as denominator,
        outcomes.covariate,
        outcomes.is_mature_itt as is_mature
    from unit_values as outcomes
    inner join units on outcomes.unit_key = units.unit_key
    union all
    select
        'exposed' as analysis_population,
        outcomes.metric_key,
        outcomes.unit_key,
        units.segment_key,
        units.variation_id,
        units.exposed_at as entered_at,
        outcomes.value_exposed as unit_value,
        outcomes.denominator_exposed as denominator,
        outcomes.covariate,
        outcomes.is_mature_exposed as is_mature
    from unit_values as outcomes
    inner join units on outcomes.unit_key = units.unit_key
    where outcomes.value_exposed is not null
),
entry_values as (
    select
        entries.analysis_population,
        entries.metric_key,
        entries.segment_key,
        entries.variation_id,
        cast(entries.entered_at as date) as date_day,
        case
            when entries.is_mature and metrics.window_seconds is not null
                then cast(
                    entries.entered_at + interval (metrics.window_seconds) second - interval '1' microsecond as date
                )
            when entries.is_mature then cast(entries.entered_at as date)
        end as matured_on,
        metrics.source,
        entries.unit_value,
        entries.denominator,
        entries.covariate,
        entries.unit_value - centres.value_centre as v,
        entries.denominator - centres.denominator_centre as d,
        entries.covariate - centres.covariate_centre as x
    from entries
    inner join metrics on entries.metric_key = metrics.metric_key
    inner join centres on entries.metric_key = centres.metric_key
),
entry_and_maturity_days as (
    select
        analysis_population,
        metric_key,
        segment_key,
        variation_id,
        date_day,
        matured_on,
        cast(count(*) as bigint) as n,
        cast(count(x) as bigint) as n_covariate,
        sum(covariate) as sum_covariate,
        sum(x) as x1,
        sum(x * x) as x2
    from entry_values
    group by analysis_population, metric_key, segment_key, variation_id, date_day, matured_on
),
imported_days as (
    select
        analysis_population,
        metric_key,
        segment_key,
        variation_id,
        date_day,
        cast(count(*) as bigint) as n_active,
        cast(sum(case when unit_value > 0 then 1 else 0 end) as bigint) as n_positive,
        sum(unit_value) as sum_raw,
        sum(unit_value * unit_value) as sum_raw_squares,
        sum(denominator) as sum_denominator,
        sum(v) as v1,
        sum(v * v) as v2,
        sum(d) as d1,
        sum(d * d) as d2,
        sum(v * d) as vd,
        sum(x) as x1_active,
        sum(v * x) as vx,
        sum(d * x) as dx
    from entry_values
    where source = 'outcomes'
    group by analysis_population, metric_key, segment_key, variation_id, date_day
),
running as (
    select
        unit_key,
        metric_key,
        date_day,
        amount_itt,
        events_itt,
        denominator_itt,
        amount_exposed,
        events_exposed,
        denominator_exposed,
        sum(amount_itt) over so_far as running_amount_itt,
        sum(events_itt) over so_far as running_events_itt,
        sum(denominator_itt) over so_far as running_denominator_itt,
        sum(amount_exposed) over so_far as running_amount_exposed,
        sum(events_exposed) over so_far as running_events_exposed,
        sum(denominator_exposed) over so_far as running_denominator_exposed,
        sum(amount_pre) over so_far as running_amount_pre,
        sum(events_pre) over so_far as running_events_pre,
        sum(case when events_itt > 0 or denominator_itt <> 0 then 1 else 0 end) over so_far as active_days_itt,
        sum(case when events_exposed > 0 or denominator_exposed <> 0 then 1 else 0 end) over so_far
            as active_days_exposed
    from {{ ref('int_experiment_metric_unit_days') }}
    window so_far as (
        partition by unit_key, metric_key order by date_day rows between unbounded preceding and current row
    )
),
running_by_population as (
    select
        'itt' as analysis_population,
        unit_key,
        metric_key,
        date_day,
        running_amount_itt - amount_itt as amount_before,
        running_amount_itt as amount_after,
        running_events_itt - events_itt as events_before,
        running_events_itt as events_after,
        running_denominator_itt - denominator_itt as denominator_before,
        running_denominator_itt as denominator_after,
        denominator_itt as denominator_on_day,
        running_amount_pre as amount_pre,
        running_events_pre as events_pre,
        active_days_itt = 1 as is_first
    from running
    where events_itt > 0 or denominator_itt <> 0
    union all
    select
        'exposed' as analysis_population,
        unit_key,
        metric_key,
        date_day,
        running_amount_exposed - amount_exposed as amount_before,
        running_amount_exposed as amount_after,
        running_events_exposed - events_exposed as events_before,
        running_events_exposed as events_after,
        running_denominator_exposed - denominator_exposed as denominator_before,
        running_denominator_exposed as denominator_after,
        denominator_exposed as denominator_on_day,
        running_amount_pre as amount_pre,
        running_events_pre as events_pre,
        active_days_exposed = 1 as is_first
    from running
    where events_exposed > 0 or denominator_exposed <> 0
),
uncapped_changes as (
    select
        running.analysis_population,
        running.metric_key,
        units.segment_key,
        units.variation_id,
        running.date_day,
        case
            when running.events_before = 0 then 0.0
            when metrics.aggregation = 'occurrence' then 1.0
            when metrics.aggregation = 'mean' then running.amount_before / running.events_before
            else running.amount_before
        end as value_before,
        case
            when running.events_after = 0 then 0.0
            when metrics.aggregation = 'occurrence' then 1.0
            when metrics.aggregation = 'mean' then running.amount_after / running.events_after
            else running.amount_after
        end as value_after,
        case
            when running.events_pre = 0 then 0.0
            when metrics.aggregation = 'occurrence' then 1.0
            when metrics.aggregation = 'mean' then running.amount_pre / running.events_pre
            else running.amount_pre
        end as covariate,
        case when metrics.aggregation = 'ratio' then running.denominator_before - centres.denominator_centre end
            as d_before,
        case when metrics.aggregation = 'ratio' then running.denominator_after - centres.denominator_centre end
            as d_after,
        running.denominator_on_day,
        centres.value_centre,
        centres.covariate_centre,
        caps.value_cap,
        caps.covariate_cap,
        running.is_first
    from running_by_population as running
    inner join units on running.unit_key = units.unit_key
    inner join metrics on running.metric_key = metrics.metric_key
    inner join centres on running.metric_key = centres.metric_key
    left join caps on running.metric_key = caps.metric_key
),
changes as (
    select
        analysis_population,
        metric_key,
        segment_key,
        variation_id,
        date_day,
        case when value_before > value_cap then value_cap else value_before end as value_before,
        case when value_after > value_cap then value_cap else value_after end as value_after,
        case when covariate > covariate_cap then covariate_cap else covariate end - covariate_centre as x,
        d_before,
        d_after,
        denominator_on_day,
        value_centre,
        is_first
    from uncapped_changes
),
change_days as (
    select
        analysis_population,
        metric_key,
        segment_key,
        variation_id,
        date_day,
        cast(
            sum(case when value_after > 0 then 1 else 0 end - case when value_before > 0 then 1 else 0 end) as bigint
        ) as n_positive,
        sum(value_after - value_before) as sum_raw,
        sum(value_after * value_after - value_before * value_before) as sum_raw_squares,
        sum(denominator_on_day) as sum_denominator,
        cast(sum(case when is_first then 1 else 0 end) as bigint) as n_active,
        sum(case when is_first then value_after - value_centre else value_after - value_before end) as v1,
        sum(
            case
                when is_first then (value_after - value_centre) * (value_after - value_centre)
                else (value_after - value_before) * (value_after + value_before - 2.0 * value_centre)
            end
        ) as v2,
        sum(case when is_first then d_after else d_after - d_before end) as d1,
        sum(case when is_first then d_after * d_after else (d_after - d_before) * (d_after + d_before) end) as d2,
        sum(
            (value_after - value_centre) * d_after
            - case when is_first then 0.0 else (value_before - value_centre) * d_before end
        ) as vd,
        sum(case when is_first then x else 0.0 end) as x1_active,
        sum(case when is_first then value_after - value_centre else value_after - value_before end * x) as vx,
        sum(case when is_first then d_after else d_after - d_before end * x) as dx
    from changes
    group by analysis_population, metric_key, segment_key, variation_id, date_day
),
all_days as (
    select
        analysis_population,
        metric_key,
        segment_key,
        variation_id,
        date_day,
        n,
        0 as n_active,
        0 as n_mature,
        0 as n_positive,
        0.0 as sum_raw,
        0.0 as sum_raw_squares,
        null as sum_denominator,
        0.0 as v1,
        0.0 as v2,
        null as d1,
        null as d2,
        null as vd,
        n_covariate,
        sum_covariate,
        x1,
        x2,
        null as x1_active,
        null as vx,
        null as dx
    from entry_and_maturity_days
    union all
    select
        analysis_population,
        metric_key,
        segment_key,
        variation_id,
        matured_on as date_day,
        0 as n,
        0 as n_active,
        n as n_mature,
        0 as n_positive,
        0.0 as sum_raw,
        0.0 as sum_raw_squares,
        null as sum_denominator,
        0.0 as v1,
        0.0 as v2,
        null as d1,
        null as d2,
        null as vd,
        0 as n_covariate,
        null as sum_covariate,
        null as x1,
        null as x2,
        null as x1_active,
        null as vx,
        null as dx
    from entry_and_maturity_days
    where matured_on is not null
    union all
    select
        analysis_population,
        metric_key,
        segment_key,
        variation_id,
        date_day,
        0 as n,
        n_active,
        0 as n_mature,
        n_positive,
        sum_raw,
        sum_raw_squares,
        sum_denominator,
        v1,
        v2,
        d1,
        d2,
        vd,
        0 as n_covariate,
        null as sum_covariate,
        null as x1,
        null as x2,
        x1_active,
        vx,
        dx
    from imported_days
    union all
    select
        analysis_population,
        metric_key,
        segment_key,
        variation_id,
        date_day,
        0 as n,
        n_active,
        0 as n_mature,
        n_positive,
        sum_raw,
        sum_raw_squares,
        sum_denominator,
        v1,
        v2,
        d1,
        d2,
        vd,
        0 as n_covariate,
        null as sum_covariate,
        null as x1,
        null as x2,
        x1_active,
        vx,
        dx
    from change_days
),
segment_days as (
    select
        metric_key,
        variation_id,
        analysis_population,
        segment_key,
        date_day,
        cast(sum(n) as bigint) as n,
        cast(sum(n_active) as bigint) as n_active,
        cast(sum(n_mature) as bigint) as n_mature,
        cast(sum(n_positive) as bigint) as n_positive,
        sum(sum_raw) as sum_raw,
        sum(sum_raw_squares) as sum_raw_squares,
        sum(sum_denominator) as sum_denominator,
        sum(v1) as v1,
        sum(v2) as v2,
        sum(d1) as d1,
        sum(d2) as d2,
        sum(vd) as vd,
        cast(sum(n_covariate) as bigint) as n_covariate,
        sum(sum_covariate) as sum_covariate,
        sum(x1) as x1,
        sum(x2) as x2,
        sum(x1_active) as x1_active,
        sum(vx) as vx,
        sum(dx) as dx
    from all_days
    group by metric_key, variation_id, analysis_population, segment_key, date_day
)
select * from segment_days
