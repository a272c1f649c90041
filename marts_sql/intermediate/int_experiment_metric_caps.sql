-- One row per winsorised metric of an experiment: the values above which a unit counts as the cap. Key: metric_key.
-- A quantile is that of all analysed units together, whatever their arm (intention to treat, silent units as 0), so the
-- same cap holds in every arm, population, segment and day. The covariate has a cap of its own, from the pre-period.
with metrics as (
    select metric_key, experiment_id, metric_id, aggregation, source, winsorise_quantile, winsorise_cap
    from {{ ref('int_experiment_metric_terms') }}
    where term = 'numerator' and (winsorise_quantile is not null or winsorise_cap is not null)
),
units as (
    select unit_key, experiment_id, unit_id
    from {{ ref('int_experiment_units') }}
),
totals as (
    select
        days.unit_key,
        days.metric_key,
        sum(days.amount_itt) as amount,
        sum(days.events_itt) as events,
        sum(days.amount_pre) as amount_pre,
        sum(days.events_pre) as events_pre
    from {{ ref('int_experiment_metric_unit_days') }} as days
    inner join metrics on days.metric_key = metrics.metric_key
    group by days.unit_key, days.metric_key
),
unit_amounts as (
    select
        metrics.metric_key,
        case
            when coalesce(totals.events, 0) = 0 then 0.0
            when metrics.aggregation = 'mean' then totals.amount / totals.events
            else totals.amount
        end as unit_value,
        case
            when coalesce(totals.events_pre, 0) = 0 then 0.0
            when metrics.aggregation = 'mean' then totals.amount_pre / totals.events_pre
            else totals.amount_pre
        end as covariate
    from units
    inner join metrics on units.experiment_id = metrics.experiment_id
    left join totals on units.unit_key = totals.unit_key and metrics.metric_key = totals.metric_key
    where metrics.source = 'events'
    union all
    select metrics.metric_key, outcomes.value as unit_value, outcomes.covariate
    from {{ source('warehouse', 'imp_outcomes') }} as outcomes
    inner join units on outcomes.experiment_id = units.experiment_id and outcomes.unit_id = units.unit_id
    inner join metrics on outcomes.experiment_id = metrics.experiment_id and outcomes.metric_id = metrics.metric_id
    where metrics.source = 'outcomes' and outcomes.value is not null
),
amounts as (
    select metric_key, 'value' as part, unit_value as amount, count(*) as n
    from unit_amounts
    group by metric_key, unit_value
    union all
    select metric_key, 'covariate' as part, covariate as amount, count(*) as n
    from unit_amounts
    where covariate is not null
    group by metric_key, covariate
),
ranked as (
    select
        metric_key,
        part,
        amount,
        sum(n) over (
            partition by metric_key, part order by amount rows between unbounded preceding and current row
        ) as n_up_to,
        sum(n) over (partition by metric_key, part) as n_units
    from amounts
),
quantiles as (
    select
        ranked.metric_key,
        min(case when ranked.part = 'value' then ranked.amount end) as value_cap,
        min(case when ranked.part = 'covariate' then ranked.amount end) as covariate_cap
    from ranked
    inner join metrics on ranked.metric_key = metrics.metric_key
    where ranked.n_up_to >= metrics.winsorise_quantile * ranked.n_units - 0.000001
    group by ranked.metric_key
),
caps as (
    select
        metrics.metric_key,
        coalesce(metrics.winsorise_cap, quantiles.value_cap) as value_cap,
        coalesce(metrics.winsorise_cap, quantiles.covariate_cap) as covariate_cap
    from metrics
    left join quantiles on metrics.metric_key = quantiles.metric_key
)
select * from caps
